"""Compiled kernels are kept by a key of the sources, so that old code can't stand for new."""

from __future__ import annotations

import ast
import os
import pickle
import re
import shutil
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest

from omnilab.errors import OmnilabWarning
from omnilab.kernels import compiling
from omnilab.kernels import files as kernel_files
from omnilab.kernels.files import KernelFiles
from omnilab.kernels.modes import is_plain

SOURCES = sorted(p.relative_to(compiling._SOURCES) for p in compiling._SOURCES.rglob("*.py"))
#: A file with kernels; to watch them being compiled is another thing.
COMPILES = re.compile(
    r"omnilab\.kernels\.compiling import "
    r"(?!(Compiling|watch_compiling|cache_folder)(, watch_compiling)?$)",
    re.MULTILINE,
)
APART = [p for p in SOURCES if p.parts[0] in compiling.WITHOUT_KERNELS]


def test_every_source_that_kernels_may_take_from_is_in_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Path(shutil.copytree(compiling._SOURCES, tmp_path / "omnilab"))
    monkeypatch.setattr(compiling, "_SOURCES", copy)
    before = compiling.cache_folder.__wrapped__()

    def key_with_another(names: Sequence[Path]) -> object:
        texts = {name: (copy / name).read_text() for name in names}
        for name, text in texts.items():
            (copy / name).write_text(text + "# another version\n")
        try:
            return compiling.cache_folder.__wrapped__()
        finally:
            for name, text in texts.items():
                (copy / name).write_text(text)

    assert key_with_another(APART) == before
    # A key is of whole folders: the first and the last file of each stand for it.
    kept = [name for name in SOURCES if name not in set(APART)]
    first = {name.parent: name for name in reversed(kept)}
    last = {name.parent: name for name in kept}
    ends = sorted({*first.values(), *last.values()})
    assert len(ends) > 20
    assert [name for name in ends if key_with_another([name]) == before] == []


@cache
def imported(path: Path) -> set[Path]:
    """Return the files that a file imports when it is loaded; a name's own module, if it is one."""
    found = set()
    for node in ast.parse((compiling._SOURCES / path).read_text()).body:
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
    with_kernels = [p for p in SOURCES if COMPILES.search((compiling._SOURCES / p).read_text())]
    assert len(with_kernels) > 50
    assert set(with_kernels).isdisjoint(APART)
    found = {str(p): sorted(map(str, reached(p) & set(APART))) for p in with_kernels}
    assert {name: others for name, others in found.items() if others} == {}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KernelFiles:
    monkeypatch.setattr(kernel_files, "_said", set())
    return KernelFiles(tmp_path / "cache" / "kernels" / "key", tmp_path / "cache")


def said(action: Callable[[], object]) -> tuple[object, list[str]]:
    """Return what an action returns, and its warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = action()
    assert all(w.category is OmnilabWarning for w in caught)
    return result, [str(w.message) for w in caught]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:40])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def scribble(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def folder_in_its_place(path: Path) -> None:
    path.unlink()
    (path / "inside").mkdir(parents=True)


@pytest.mark.parametrize("damage", [cut, empty, scribble, folder_in_its_place])
def test_a_damaged_kernel_is_made_anew_and_said_once(files: KernelFiles, damage) -> None:
    for name in ("a", "b"):
        files.save(name, {"code": name * 1000})
        damage(files.folder / name)
    found, lines = said(lambda: [files.load(name) for name in ("a", "b")])
    assert found == [None, None]
    assert len(lines) == 1
    assert "was damaged" in lines[0]
    files.save("a", "new")
    assert said(lambda: files.load("a")) == ("new", [])
    assert [p.name for p in files.folder.iterdir()] == ["a"]


class _Planted:
    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, ("planted",)


@pytest.mark.parametrize("which", ["key", "kernels", "cache"])
@pytest.mark.parametrize("mode", [0o770, 0o707])
def test_a_folder_that_others_can_write_is_not_trusted(
    files: KernelFiles, monkeypatch: pytest.MonkeyPatch, which: str, mode: int
) -> None:
    monkeypatch.chdir(files.root.parent)
    files.save("a", _Planted())
    content = (files.folder / "a").read_bytes()
    folder = next(p for p in (files.folder, *files.folder.parents) if p.name == which)
    folder.chmod(mode)
    result, lines = said(lambda: (files.load("a"), files.save("b", 1), files.load("b")))
    assert result == (None, None, None)
    assert len(lines) == 1
    assert "can be written by others and is not used" in lines[0]
    assert not Path("planted").exists()
    assert [p.name for p in files.folder.iterdir()] == ["a"]
    folder.chmod(0o700)
    assert content == (files.folder / "a").read_bytes()
    said(lambda: files.load("a"))
    assert Path("planted").exists()  # the test's own check: loading would have run it


def test_another_users_folder_is_not_trusted(files: KernelFiles, monkeypatch) -> None:
    files.save("a", 1)
    owner = files.folder.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    foreign = owner != 0  # root's folders are everybody's
    assert (said(lambda: files.load("a"))[0] is None) == foreign


def test_a_place_that_cannot_be_written_is_said_once(files: KernelFiles) -> None:
    files.root.write_text("a file")
    _, lines = said(lambda: (files.save("a", 1), files.save("b", 1), files.load("a")))
    assert len(lines) == 1
    assert "can't be kept" in lines[0]
    assert "they are compiled anew at each start" in lines[0]


def test_a_half_written_kernel_has_no_name(files: KernelFiles, monkeypatch) -> None:
    files.save("a", 1)

    def full(self: Path, content: bytes) -> int:
        with self.open("wb") as file:
            file.write(content[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    _, lines = said(lambda: (files.save("a", 2), files.save("b", 1)))
    assert len(lines) == 1
    assert [p.name for p in files.folder.iterdir()] == ["a"]
    assert files.load("a") == 1


@pytest.mark.slow
def test_a_kernel_is_taken_from_the_cache_and_heals(files: KernelFiles, monkeypatch) -> None:
    if is_plain():
        pytest.skip("nothing is compiled")
    monkeypatch.setattr(compiling, "_kernel_files", lambda _way: files)

    def value() -> tuple[int, int]:
        compiled = compiling.kernel(_double)
        result = compiled(21)
        return result, sum(compiled.stats.cache_hits.values())

    assert value() == (42, 0)
    assert value() == (42, 1)
    (path,) = files.folder.iterdir()
    scribble(path)
    (found, lines) = said(value)
    assert found == (42, 0)
    assert len(lines) == 1
    assert value() == (42, 1)
    content = path.read_bytes()
    assert pickle.loads(content[32:])[0][0] is not None


def _double(x: int) -> int:
    return 2 * x


class _Codegen:
    def magic_tuple(self) -> tuple[str, ...]:
        return ("a machine",)


def test_a_kernel_is_found_again_after_a_reinstallation(tmp_path: Path, files: KernelFiles) -> None:
    """The date of a source says nothing, its content does."""
    pytest.importorskip("numba")
    from omnilab.kernels import numba_cache

    def key_of(folder: str, text: str, date: int) -> object:
        path = tmp_path / folder / "source.py"
        path.parent.mkdir()
        path.write_text(text)
        os.utime(path, (date, date))
        names: dict[str, Callable[..., object]] = {}
        exec(compile(text, str(path), "exec"), names)
        return numba_cache.KernelCache(names["one"], files, None)._key((), _Codegen())

    text = "def one():\n    return two() + 1\ndef two():\n    return 2\n"
    assert key_of("a", text, 1_000) == key_of("b", text, 2_000)
    assert key_of("c", text, 1_000) != key_of("d", text.replace("return 2", "return 3"), 1_000)
