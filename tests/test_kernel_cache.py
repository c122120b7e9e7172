"""Compiled kernels are kept by a key of the sources, so that old code can't stand for new."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

from omnilab import _jit

SOURCES = sorted(p.relative_to(_jit._SOURCES) for p in _jit._SOURCES.rglob("*.py"))
APART = [p for p in SOURCES if p.parts[0] in _jit.WITHOUT_KERNELS]


def test_every_source_that_kernels_may_take_from_is_in_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Path(shutil.copytree(_jit._SOURCES, tmp_path / "omnilab"))
    monkeypatch.setattr(_jit, "_SOURCES", copy)
    before = _jit.cache_folder.__wrapped__()
    ignored = []
    for name in SOURCES:
        text = (copy / name).read_text()
        (copy / name).write_text(text + "# another version\n")
        if _jit.cache_folder.__wrapped__() == before:
            ignored.append(name)
        (copy / name).write_text(text)
    assert ignored == APART


def imported(path: Path) -> set[Path]:
    """Return the files that a file imports when it is loaded; a name's own module, if it is one."""
    found = set()
    for node in ast.parse((_jit._SOURCES / path).read_text()).body:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")[1:] if name.startswith("omnilab.") else []
            places = [Path(*parts[:n]) for n in range(len(parts), 0, -1)]
            files = (f for p in places for f in (p.with_suffix(".py"), p / "__init__.py"))
            found |= (
                {next((f for f in files if f in SOURCES), Path("__init__.py"))} if parts else set()
            )
    return found


def reached(path: Path) -> set[Path]:
    """Return the files that code or constants of a file can come from."""
    seen, left = set(), {path}
    while left:
        seen |= left
        left = set().union(*map(imported, left)) - seen
    return seen


def test_no_kernel_can_take_from_what_is_left_out() -> None:
    """There are none in it, and no file with kernels gets a name from there by any way."""
    with_kernels = [p for p in SOURCES if "omnilab._jit" in (_jit._SOURCES / p).read_text()]
    assert set(with_kernels).isdisjoint(APART)
    found = {str(p): sorted(map(str, reached(p) & set(APART))) for p in with_kernels}
    assert {name: others for name, others in found.items() if others} == {}
