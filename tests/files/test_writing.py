"""Files are written whole or not at all, and what can't be written is found out before the work."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from omnilab._files import writing
from omnilab._files.writing import check_writable, drafts, names_file, write_whole
from omnilab.errors import DataError, OptionError


def left_in(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_what_was_there_is_replaced_whole_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text("old")
    path.chmod(0o640)
    write_whole(path, "né\n")
    assert path.read_bytes() == "né\n".encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert left_in(tmp_path) == ["r.json"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_whole(tmp_path / "link", b"x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"x"


def test_a_device_is_written_as_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    check_writable(pipe)
    write_whole(pipe, "abc")
    assert os.read(reader, 10) == b"abc"
    os.close(reader)
    write_whole("/dev/null", "abc")
    assert left_in(tmp_path) == ["pipe"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(143), ValueError("x")])
def test_an_error_leaves_what_was_there(tmp_path: Path, error: BaseException) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("old")

    def write() -> None:
        with drafts([old, new]) as written:
            for path in written:
                path.write_text("half")
            raise error

    with pytest.raises(type(error)):
        write()
    assert left_in(tmp_path) == ["old"]
    assert old.read_text() == "old"


def test_all_outputs_get_their_names_or_none(tmp_path: Path) -> None:
    """The last can't be put in its place: the first two are as they were."""
    there, fresh, last = tmp_path / "a", tmp_path / "b", tmp_path / "gone" / "c"
    there.write_text("old")
    last.parent.mkdir()

    def write() -> None:
        with drafts([there, fresh, last]) as written:
            for path in written:
                path.write_text("new")
            written[2].unlink()
            last.parent.rmdir()

    with pytest.raises(DataError, match="gone/c: can't be written"):
        write()
    assert left_in(tmp_path) == ["a"]
    assert there.read_text() == "old"


def test_a_folder_replaces_a_folder(tmp_path: Path) -> None:
    (tmp_path / "g").mkdir()
    (tmp_path / "g" / "old").touch()
    with drafts([tmp_path / "g"]) as (draft,):
        draft.mkdir()
        (draft / "new").touch()
    assert left_in(tmp_path) == ["g"]
    assert left_in(tmp_path / "g") == ["new"]


def test_a_closed_pipe_stays_one() -> None:
    with pytest.raises(BrokenPipeError), names_file("x"):
        raise BrokenPipeError(32, "Broken pipe")


def test_a_defect_stays_one() -> None:
    with pytest.raises(ZeroDivisionError), names_file("x"):
        raise ZeroDivisionError


def test_what_can_be_written_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "there"
    path.write_text("kept")
    check_writable(path)
    check_writable(tmp_path / "new")
    check_writable(tmp_path / ("long" * 60 + ".parquet"))
    check_writable("/dev/null")
    assert path.read_text() == "kept"
    assert left_in(tmp_path) == ["there"]


def test_a_long_name_is_written(tmp_path: Path) -> None:
    path = tmp_path / ("ü" * 120)
    check_writable(path)
    write_whole(path, "x")
    assert left_in(tmp_path) == [path.name]


def protected(folder: Path) -> Path:
    path = folder / "protected"
    path.touch()
    path.chmod(0o444)
    return path


UNWRITABLE = {
    "is a directory": lambda folder: folder,
    "there is no directory": lambda folder: folder / "gone" / "x",
    "File name too long": lambda folder: folder / ("x" * 300),
    "protected against writing": protected,
    "can't be written": lambda _: Path("/proc/omnilab"),
    "null": lambda folder: folder / "a\0b",
}


@pytest.mark.parametrize("says", UNWRITABLE)
def test_what_cannot_be_written_is_found_out(tmp_path: Path, says: str) -> None:
    path = UNWRITABLE[says](tmp_path)
    with pytest.raises(OptionError, match=f"^--out .*{says}"):
        check_writable(path, option="--out")
    assert set(left_in(tmp_path)) <= {"protected"}


def test_a_full_disk_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing.os, "write", full)
    with pytest.raises(OptionError, match="No space left"):
        check_writable(tmp_path / "x")
    assert left_in(tmp_path) == []
