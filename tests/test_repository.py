"""The rules that no module keeps alone: who imports whom, what is public, what is not named."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from omnilab import __version__
from tests.public_names import packages, public_names

ROOT = Path(__file__).resolve().parents[1]
OMNILAB = ROOT / "sim" / "omnilab"
STRATEGIES = ROOT / "strategies" / "omnilab_strategies"

# A package may import those of a lower line, never its own line's neighbours.
LAYERS = (
    ("cli", "testing", "plot"),
    ("api", "gym"),
    ("interop", "starter"),
    ("report", "fit"),
    ("runs",),
    ("export",),
    ("experiment",),
    ("engine",),
    ("measure", "lowering", "attribution"),
    ("interaction", "strategy"),
    ("cell", "glossary"),
    ("scenario",),
    ("brand", "world"),
    ("identity", "cascade", "draws", "log"),
)
LEAVES = {"_arguments", "_ending", "_files", "_lazy", "errors", "kernels", "parameters"}
RANK = {package: rank for rank, layer in enumerate(LAYERS) for package in layer}


def sources(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def module_name(path: Path, source: Path) -> str:
    return ".".join(path.relative_to(source).with_suffix("").parts).removesuffix(".__init__")


def imports(tree: ast.AST, package: str) -> Iterator[tuple[int, str, str]]:
    """Yield (line, module, name) of each import, also those inside functions and type checks."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: -node.level + 1 or None] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, module, alias.name) for alias in node.names)


def part_of_omnilab(module: str, name: str) -> str:
    """Return which part of omnilab an import reaches: ``omnilab.world.needs`` -> ``world``."""
    parts = f"{module}.{name}".split(".")
    return parts[1] if parts[0] == "omnilab" and len(parts) > 1 else ""


def layer_faults(part: str, text: str) -> list[str]:
    """Return the imports by which a file of ``omnilab.<part>`` breaks the layers."""
    faults = []
    for line, module, name in imports(ast.parse(text), f"omnilab.{part}"):
        target = part_of_omnilab(module, name)
        if target in LEAVES or target == part or target not in RANK:
            continue
        if RANK[target] <= RANK[part]:
            faults.append(f"line {line}: {part} imports {target}")
    return faults


@pytest.mark.parametrize("part", sorted(RANK))
def test_imports_run_one_way(part: str) -> None:
    files = sources(OMNILAB / part) or [p for p in [OMNILAB / f"{part}.py"] if p.exists()]
    faults = [
        f"{p.relative_to(ROOT)} {f}" for p in files for f in layer_faults(part, p.read_text())
    ]
    assert faults == []


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("world", "from omnilab.brand.profile import Profile"),
        ("world", "from omnilab import brand"),
        ("world", "def f():\n    import omnilab.cell.memory"),
        ("brand", "from ..world import needs"),
        ("identity", "from omnilab.cascade import rules"),
        ("measure", "from omnilab.experiment.statistics import Moments"),
        ("measure", "from omnilab.engine import compiled"),
    ],
)
def test_a_wrong_import_is_noticed(part: str, text: str) -> None:
    assert layer_faults(part, text)


def numba_imports(text: str) -> list[str]:
    """Return the imports of Numba and llvmlite in a file, also those inside functions."""
    compilers = {"numba", "llvmlite"}
    found = imports(ast.parse(text), "omnilab")
    return [f"line {line}: {m}" for line, m, _ in found if m.split(".")[0] in compilers]


def test_only_kernels_imports_numba() -> None:
    """So that docs/developers/kernels.md can say all that breaks when Numba moves."""
    folders = (OMNILAB, STRATEGIES, ROOT / "bench", ROOT / "examples", ROOT / "docs")
    files = [p for folder in folders for p in sources(folder)]
    kernels_files = [p for p in files if p.is_relative_to(OMNILAB / "kernels")]
    faults = [
        f"{p.relative_to(ROOT)} {fault}"
        for p in files
        if p not in kernels_files
        for fault in numba_imports(p.read_text())
    ]
    assert faults == []
    assert sum(1 for p in kernels_files if numba_imports(p.read_text())) > 5


@pytest.mark.parametrize(
    "text",
    ["import numba", "def f():\n    from numba.core import types", "from llvmlite import ir"],
)
def test_an_import_of_numba_is_noticed(text: str) -> None:
    assert numba_imports(text)


def test_kernels_does_without_numba_until_something_is_compiled() -> None:
    """Importing the package and its decorators asks for no Numba."""
    names = "omnilab.kernels, omnilab.kernels.compiling, omnilab.kernels.ways"
    code = f"import sys, {names}; sys.exit('numba' in sys.modules or 'llvmlite' in sys.modules)"
    assert run_python("-c", code).returncode == 0


def test_the_page_of_kernels_names_all_that_is_taken_from_numba() -> None:
    page = (ROOT / "docs/developers/kernels.md").read_text()
    taken = {
        (f"{module}.{name}" if name else module)
        for path in sources(OMNILAB / "kernels")
        for _, module, name in imports(ast.parse(path.read_text()), "omnilab.kernels")
        if module.split(".")[0] in {"numba", "llvmlite"} and module != "numba"
    }
    assert len(taken) > 20
    assert sorted(t for t in taken if f"`{t}`" not in page) == []


def test_every_part_has_its_layer() -> None:
    found = {p.name for p in OMNILAB.iterdir() if p.is_dir() and (p / "__init__.py").exists()}
    found |= {p.stem for p in OMNILAB.glob("*.py")} - {"__init__", "__main__"}
    assert found <= set(RANK) | LEAVES


def test_every_folder_of_sources_is_a_package() -> None:
    folders = {p.parent for p in [*sources(OMNILAB), *sources(STRATEGIES)]}
    assert [str(f.relative_to(ROOT)) for f in folders if not (f / "__init__.py").exists()] == []


@pytest.mark.parametrize("leaf", sorted(LEAVES))
def test_leaves_import_only_leaves(leaf: str) -> None:
    files = sources(OMNILAB / leaf) or [OMNILAB / f"{leaf}.py"]
    reached = {
        part_of_omnilab(module, name)
        for path in files
        for _, module, name in imports(ast.parse(path.read_text()), f"omnilab.{leaf}")
        if module.startswith("omnilab")
    }
    assert reached <= LEAVES


@pytest.mark.parametrize("part", ["identity", "cascade", "draws"])
def test_cores_stand_alone(part: str) -> None:
    reached = {
        target
        for path in sources(OMNILAB / part)
        for _, module, name in imports(ast.parse(path.read_text()), f"omnilab.{part}")
        if (target := part_of_omnilab(module, name))
    }
    assert reached <= LEAVES | {part}


#: What the brand knows is behind a wall. Beside the brand's own files these look behind it.
BEHIND_THE_WALL = {"observe", "context", "profiles"}
AT_THE_WALL = {"interaction/wall.py", "engine/changeover.py", "engine/ask.py"}


def wall_faults(name: str, text: str) -> list[str]:
    """Return the imports by which a file of omnilab gets past the wall."""
    if name in AT_THE_WALL or name.startswith("brand/"):
        return []
    package = ".".join(("omnilab", *Path(name).parts[:-1]))
    hidden = {f"omnilab.brand.{file}" for file in BEHIND_THE_WALL}
    return [
        f"{name} line {line}: {module} {imported}"
        for line, module, imported in imports(ast.parse(text), package)
        if module in hidden or f"{module}.{imported}" in hidden
    ]


def test_only_the_wall_tells_the_brand_anything() -> None:
    files = [(str(p.relative_to(OMNILAB)), p.read_text()) for p in sources(OMNILAB)]
    assert [fault for name, text in files for fault in wall_faults(name, text)] == []
    for name in AT_THE_WALL:  # one that no longer looks behind it leaves the list
        assert wall_faults(f"moved/{name}", (OMNILAB / name).read_text())


@pytest.mark.parametrize(
    "text",
    [
        "from omnilab.brand.observe import see_visit",
        "from omnilab.brand import context",
        "import omnilab.brand.profiles",
        "def f():\n    from ..brand.context import cart_at_hand",
    ],
)
def test_a_way_round_the_wall_is_noticed(text: str) -> None:
    assert wall_faults("interaction/visit.py", text)


def test_the_world_names_no_strategy() -> None:
    """No name of a strategy, and nothing called strategy, stands in the world's code."""
    entry_points = project()["project"]["entry-points"]["omnilab.strategies"]
    named = re.compile(r"\b(" + "|".join([*entry_points, "strategy", "strategies"]) + r")\b")
    faults = []
    for path in sources(OMNILAB / "world"):
        for node in ast.walk(ast.parse(path.read_text())):
            words = [getattr(node, field, None) for field in ("id", "attr", "arg", "name", "value")]
            # A text with spaces is prose, such as a docstring.
            short = [w for w in words if isinstance(w, str) and " " not in w]
            faults += [f"{path.name}: {w}" for w in short if named.search(w)]
    assert faults == []


def test_strategies_use_only_public_names() -> None:
    faults = []
    for path in sources(STRATEGIES):
        for line, module, name in imports(ast.parse(path.read_text()), "omnilab_strategies"):
            if module.split(".")[0] != "omnilab":
                continue
            public = getattr(import_module(module), "__all__", ())
            if not name or name not in public or "._" in module:
                faults.append(f"{path.name}:{line}: {module}.{name}")
    assert faults == []


def test_public_names_are_pinned() -> None:
    pinned = (ROOT / "tests" / "public_names.txt").read_text().split()
    assert public_names() == pinned, "if this change is meant: make pin"


@pytest.mark.parametrize("package", packages())
def test_every_package_says_what_is_public(package: str) -> None:
    module = import_module(package)
    names = module.__all__
    assert sorted(set(names)) == sorted(names)
    missing = [n for n in names if not hasattr(module, n) and not find_spec(f"{package}.{n}")]
    assert missing == []


LIGHT = """
import importlib, sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"numba", "pandas", "pyarrow", "scipy"}:
            raise ImportError(f"{name} was asked for")
sys.meta_path.insert(0, Refuse())
for name in sys.argv[1:]:
    importlib.import_module(name)
from omnilab.cli import main
raise SystemExit(main(["--help"]))
"""


def test_help_and_validation_import_nothing_heavy() -> None:
    """The command files too: they import what they need when they run."""
    commands = [module_name(p, ROOT / "sim") for p in sources(OMNILAB / "cli")]
    light = ["omnilab", "omnilab.errors", "omnilab.scenario", *commands]
    if (OMNILAB / "scenario" / "load.py").exists():
        light.append("omnilab.scenario.load")
    result = run_python("-c", LIGHT, *light)
    assert result.returncode == 0, result.stderr
    assert "Usage: omnilab" in result.stdout


def test_importing_prints_nothing() -> None:
    names = [n for n in packages() if not n.startswith("omnilab_strategies")]
    result = run_python("-W", "error", "-c", "import " + ", ".join(names))
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def run_python(*args: str) -> subprocess.CompletedProcess[str]:
    env = {"PYTHONPATH": f"{ROOT / 'sim'}:{ROOT / 'strategies'}", "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [sys.executable, *args], capture_output=True, text=True, env=env, check=False, timeout=120
    )


# The subset of Python in which compiled code gives the same bits compiled and plain.
SHARED_KERNELS = [
    *sources(OMNILAB / "world"),
    *sources(OMNILAB / "brand"),
    *sources(OMNILAB / "cell"),
    *sources(OMNILAB / "interaction"),
    *sources(OMNILAB / "log"),
    *sources(OMNILAB / "lowering"),
    *sources(OMNILAB / "draws"),
    *sources(OMNILAB / "engine"),
    OMNILAB / "identity" / "rules.py",
    OMNILAB / "cascade" / "rules.py",
]
#: Whole numbers without a sign, each held against plain Python by a test of its own.
UNSIGNED_FILES = {
    "draws/whole.py": "a quotient of numbers that are never negative",
}
#: What makes a function compiled code: all that kernels.compiling offers for it.
COMPILES = {"kernel", "inlined_kernel", "uncounted_kernel", "inner", "inlined"}
UNSIGNED = re.compile(r"[<>=|]?u(int)?\d+$")


def kernels(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(
            isinstance(d, ast.Name) and d.id in COMPILES for d in node.decorator_list
        ):
            yield node


def kernel_faults(text: str) -> list[str]:
    """Return where kernels leave the subset."""
    faults = []
    for function in kernels(ast.parse(text)):
        for node in ast.walk(function):
            fault = kernel_fault(node)
            if fault:
                faults.append(f"{function.name}, line {node.lineno}: {fault}")  # type: ignore[attr-defined]
    return faults


def kernel_fault(node: ast.AST) -> str:
    import numpy as np

    if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Pow):
        return "** rounds differently when compiled"
    name = getattr(node, "attr", None) or getattr(node, "id", "")
    if name in {"lgamma", "random"}:
        return name
    text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else name
    if UNSIGNED.match(text):
        return "unsigned integers wrap into floats"
    of_numpy = isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "np"
    if of_numpy and isinstance(getattr(np, name, None), np.ufunc):
        return f"np.{name}: a NumPy function differs in the last bit from math's"
    return ""


@pytest.mark.parametrize("path", SHARED_KERNELS, ids=lambda p: str(p.relative_to(OMNILAB)))
def test_shared_kernels_stay_in_the_subset(path: Path) -> None:
    faults = kernel_faults(path.read_text())
    if path.relative_to(OMNILAB).as_posix() in UNSIGNED_FILES:
        assert faults
        faults = [fault for fault in faults if "unsigned" not in fault]
    assert faults == []


def test_there_are_shared_kernels_in_every_part() -> None:
    counted = {
        part: sum(
            1
            for p in SHARED_KERNELS
            if p.is_relative_to(OMNILAB / part)
            for _ in kernels(ast.parse(p.read_text()))
        )
        for part in ("world", "brand", "draws", "cell", "interaction", "engine")
    }
    assert counted["world"] > 50
    assert counted["brand"] > 60
    assert counted["draws"] > 5
    assert counted["cell"] > 30
    assert counted["interaction"] > 25
    assert counted["engine"] > 30


def test_every_way_to_compile_is_looked_at() -> None:
    """A decorator of `kernels.compiling` that this test didn't know would hide its functions."""
    tree = ast.parse((OMNILAB / "kernels" / "compiling.py").read_text())
    ways = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and "_compile(" in ast.unparse(node)
    }
    assert ways - {"_compile"} <= COMPILES


@pytest.mark.parametrize(
    "line",
    [
        "x = x ** 2",
        "x **= 0.5",
        "x = math.lgamma(x)",
        "x = lgamma(x)",
        "x = np.random.random()",
        "x = np.uint64(x)",
        "x = np.zeros(2, 'u8')",
        "x = np.exp(x)",
    ],
)
def test_a_kernel_outside_the_subset_is_noticed(line: str) -> None:
    for way in sorted(COMPILES):
        assert kernel_faults(f"@{way}\ndef f(x):\n    {line}\n    return x")
    assert kernel_faults(f"def f(x):\n    {line}\n    return x") == []


def committed_files() -> list[Path]:
    """Return the files that are, or would be, committed; all but made ones where git is absent."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "-co", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        return [ROOT / n for n in listed.split("\0") if n and (ROOT / n).is_file()]
    except (OSError, subprocess.CalledProcessError):
        made = {".venv", ".git", "build", "dist", "runs", "__pycache__"}
        return [p for p in ROOT.rglob("*") if p.is_file() and not made & set(p.parts)]


# In pieces, so that this file does not find itself.
FORBIDDEN = re.compile(
    "|".join(
        [
            r"https?://[^ \"']*/(sim" + "ple|pack" + "ages)/",
            "pypi" + r"\.org",
            "python" + r"hosted\.org",
            r"(ind" + "ex-url|regi" + r"stry) *= *.?https?:",
            "/" + "work/",
            "/" + "farm/",
            "/" + "root/",
            r"/home/[a-z]+/",
            "bash_" + "jobs",
        ]
    )
)


def test_no_registry_and_no_path_of_a_machine_is_named() -> None:
    faults = []
    for path in committed_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if FORBIDDEN.search(line):
                faults.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert faults == []


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def requirements(path: Path) -> dict[str, str]:
    lines = [n for n in path.read_text().splitlines() if n and not n.startswith("#")]
    return {name.lower(): version for name, _, version in (n.partition("==") for n in lines)}


def test_floors_are_those_that_are_tested() -> None:
    # An upper bound may follow the floor: numba's, since a module stands on its inner parts.
    wanted = [d.lower().partition(",")[0] for d in project()["project"]["dependencies"]]
    floors = dict(d.split(">=") for d in wanted)
    assert floors == requirements(ROOT / "constraints-lowest.txt")


def test_constraints_are_exact_and_without_addresses() -> None:
    pinned = requirements(ROOT / "constraints.txt")
    assert all(re.fullmatch(r"[0-9][0-9a-z.+]*", version) for version in pinned.values())
    wanted = {re.split(r"[>=<\[]", d)[0].lower() for d in project()["project"]["dependencies"]}
    assert wanted <= set(pinned)


def test_every_dependency_has_its_reason() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text().lower()
    table = project()["project"]
    listed = sum(table["optional-dependencies"].values(), [*table["dependencies"]])
    names = {re.split(r"[>=<\[]", d)[0].lower() for d in listed} - {"omnilab"}
    assert [n for n in sorted(names) if f"| {n} |" not in text] == []


def test_one_version_everywhere() -> None:
    citation = (ROOT / "CITATION.cff").read_text()
    assert f"\nversion: {__version__}\n" in citation
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()
