"""The wheel and the editable install, each in an empty environment, find their data and plug-ins.

Offline and quick: omnilab alone is installed, its dependencies are lent by the environment that
runs the tests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.install

ROOT = Path(__file__).resolve().parents[1]


def run(*command: str | Path, cwd: Path) -> str:
    """Run without anything of this process that could lead to the repository's sources."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYTEST", "COV_"))}
    result = subprocess.run(
        [str(c) for c in command], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


def empty_environment(folder: Path) -> Path:
    """Make an environment without pip that borrows the present one's packages; its bin folder."""
    venv.create(folder, with_pip=False, symlinks=True)
    site = next(folder.glob("lib/python*/site-packages"))
    # Only a line of a .pth: the .pth files in there, omnilab's editable one too, are not read.
    (site / "zz_lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin"


def install(target: Path, *what: str | Path, cwd: Path) -> None:
    options = ["--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
    pip = [sys.executable, "-m", "pip", "--python", target / "python"]
    run(*pip, "install", "--quiet", *options, *what, cwd=cwd)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--wheel", "--no-isolation", "--outdir", folder]
    run(sys.executable, "-m", "build", *options, ROOT, cwd=folder)
    return next(folder.glob("omnilab-*.whl"))


def shipped_scenarios() -> set[str]:
    return {p.stem for p in (ROOT / "scenarios").glob("*.yaml")}


def declared_strategies() -> dict[str, str]:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())
    strategies: dict[str, str] = table["project"]["entry-points"]["omnilab.strategies"]
    return strategies


def check(target: Path, home: Path, data: Path) -> None:
    """Run the installed command: its scenarios lie under ``data``, its strategies load."""
    scenarios = json.loads(run(target / "omnilab", "list", "scenarios", "--json", cwd=home))
    assert {s["id"] for s in scenarios} == shipped_scenarios() != set()
    assert all(Path(s["path"]).resolve().is_relative_to(data.resolve()) for s in scenarios)
    strategies = json.loads(run(target / "omnilab", "list", "strategies", "--json", cwd=home))
    assert {s["name"]: s["class"] for s in strategies} == declared_strategies()
    code = (
        "from importlib.metadata import entry_points as e;"
        "print(*(p.load().__module__ for p in e(group='omnilab.strategies')))"
    )
    loaded = run(target / "python", "-c", code, cwd=home).split()
    assert len(loaded) == len(declared_strategies())


def test_wheel_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    target = empty_environment(tmp_path / "env")
    install(target, wheel, cwd=tmp_path)
    check(target, tmp_path, tmp_path / "env")
    first = next(iter(sorted(shipped_scenarios())))
    run(target / "omnilab", "validate", first, cwd=tmp_path)


def test_editable_in_an_empty_environment(tmp_path: Path) -> None:
    target = empty_environment(tmp_path / "env")
    install(target, "--editable", ROOT, cwd=tmp_path)
    check(target, tmp_path, ROOT / "scenarios")


def test_wheel_holds_all_sources_and_data(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        str(p.relative_to(source))
        for source in (ROOT / "sim", ROOT / "strategies")
        for p in source.rglob("*")
        if p.suffix in {".py", ".yaml", ".typed"} or p.name == "py.typed"
    }
    wanted |= {f"omnilab/_scenarios/{p.name}" for p in (ROOT / "scenarios").glob("*.yaml")}
    assert wanted <= inside
    assert {n.split("/")[0] for n in inside} == {
        "omnilab",
        "omnilab_strategies",
        next(n for n in inside if n.endswith("/METADATA")).split("/")[0],
    }
