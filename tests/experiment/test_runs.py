"""Run directories: whole under their final name or not there, whatever ends the writing."""

from __future__ import annotations

import errno
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from omnilab.errors import CapacityError, OptionError
from omnilab.experiment.result import result_faults
from omnilab.runs import directories as runs
from omnilab.runs.directories import MANIFEST, RUN_FORMAT, is_run, new_run


def fill(folder: Path, text: str = "x") -> None:
    (folder / "data").write_text(text)
    (folder / MANIFEST).write_text(json.dumps({"format": RUN_FORMAT}))


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def broken(target: Path, error: BaseException, meanwhile: Callable[[], object] = list) -> None:
    """Fill a run directory, do something else, and fail."""
    with new_run(target) as folder:
        fill(folder, "new")
        meanwhile()
        raise error


def finished(target: Path, text: str = "old") -> Path:
    with new_run(target) as folder:
        fill(folder, text)
    return target


def test_nothing_has_the_final_name_until_the_end(tmp_path: Path) -> None:
    target = tmp_path / "runs" / "x"
    with new_run(target) as folder:
        fill(folder)
        assert not target.exists()
    assert is_run(target)
    assert names(tmp_path / "runs") == ["x"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), ValueError("x")])
def test_what_ends_the_block_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)):
        broken(tmp_path / "a" / "b" / "x", error)
    assert names(tmp_path) == []


def test_folders_that_others_use_meanwhile_stay(tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        broken(tmp_path / "a" / "x", ValueError(), (tmp_path / "a" / "other").touch)
    assert names(tmp_path / "a") == ["other"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "full")])
def test_the_run_before_stays_until_its_successor_is_whole(tmp_path: Path, error) -> None:
    target = finished(tmp_path / "x")
    seen: list[str] = []
    with pytest.raises((KeyboardInterrupt, CapacityError)):
        broken(target, error, lambda: seen.append((target / "data").read_text()))
    assert seen == ["old"]
    assert (target / "data").read_text() == "old"
    assert finished(target, "new") == target
    assert (target / "data").read_text() == "new"
    assert names(tmp_path) == ["x"]


def test_a_rename_that_fails_puts_the_old_one_back(tmp_path: Path, monkeypatch) -> None:
    target = finished(tmp_path / "x")
    rename = Path.rename

    def refuse(self: Path, to: Path) -> Path:
        if self.name.endswith(".partial"):
            raise OSError(errno.EACCES, "refused")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OptionError, match="refused"), new_run(target) as folder:
        fill(folder, "new")
    assert (target / "data").read_text() == "old"
    assert names(tmp_path) == ["x"]


def test_what_a_killed_run_left_is_cleared_and_put_back(tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as process:
        dead = process.pid
    target = finished(tmp_path / "x")
    target.rename(tmp_path / f".x.{dead}.old")  # killed between its two renames
    (tmp_path / f".x.{dead}.partial").mkdir()
    alive = tmp_path / f".x.{os.getppid()}.partial"
    alive.mkdir()
    (tmp_path / ".x.notes").touch()
    with pytest.raises(ValueError):
        broken(target, ValueError())
    assert (target / "data").read_text() == "old"
    assert names(tmp_path) == sorted([".x.notes", alive.name, "x"])


def test_a_name_with_marks_of_patterns(tmp_path: Path) -> None:
    (tmp_path / ".xy.1.partial").mkdir()
    finished(tmp_path / "x*[y]?")
    assert names(tmp_path) == [".xy.1.partial", "x*[y]?"]


def test_other_peoples_files_are_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "manifest.json").write_text('{"name": "a web app"}')
    (tmp_path / "b").write_text("a file")
    (tmp_path / "c").symlink_to(tmp_path / "nowhere")
    before = names(tmp_path)
    for name in before:
        with pytest.raises(OptionError, match="is there and is no"), new_run(tmp_path / name):
            raise AssertionError
    assert names(tmp_path) == before
    (tmp_path / "empty").mkdir()
    finished(tmp_path / "empty")


def test_a_link_to_a_run_stays_a_link(tmp_path: Path) -> None:
    finished(tmp_path / "x")
    (tmp_path / "link").symlink_to(tmp_path / "x")
    finished(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "x" / "data").read_text() == "new"


@pytest.mark.parametrize("number", sorted(runs._FULL))
def test_a_full_disk_is_said_so(tmp_path: Path, number: int) -> None:
    with pytest.raises(CapacityError, match=r"the disk is full: .*x was not written"):
        broken(tmp_path / "x", OSError(number, os.strerror(number)))
    assert names(tmp_path) == []


def test_results_are_compared_to_the_last_number() -> None:
    kept = {
        "elapsed_s": 1.0,
        "strategies": [{"name": "a", "measures": {"ltv": {"value": 1.0}, "roi": {"value": None}}}],
        "differences": [{"strategy": "a", "reference": "b", "measure": "ltv", "value": 0.1}],
    }
    again = json.loads(json.dumps(kept)) | {"elapsed_s": 2.0}
    assert result_faults(kept, again) == []
    again["strategies"][0]["measures"]["ltv"]["value"] = 1.0 + 2**-52
    again["strategies"][0]["measures"]["roi"]["value"] = 0.0
    again["differences"][0]["value"] = None
    assert [fault.partition(": ")[0] for fault in result_faults(kept, again)] == [
        "strategies.a.measures.ltv.value",
        "strategies.a.measures.roi.value",
        "differences.a - b",
    ]
    del again["strategies"][0]["measures"]["ltv"]
    assert "strategies.a.measures.ltv: not found again" in result_faults(kept, again)
