"""Write a team's first files: all of them or none, and over nothing that is there."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from omnilab._files.writing import check_writable, write_whole
from omnilab.errors import OmnilabError, OptionError
from omnilab.starter.answers import Answers
from omnilab.starter.files import GATE, HARM, IGNORED, SHOP, plan_name

__all__ = ["check_place", "write_files"]


def check_place(folder: Path, files: Mapping[str, str]) -> None:
    """Refuse a folder that has one of the files already, or that can't be written to.

    Raises
    ------
    OptionError
        With the first file that is there; nothing is replaced.
    """
    for name in files:
        for above in (folder / name).parents:
            if above.exists() and not above.is_dir():
                raise OptionError(f"{above} is a file, where a folder is needed")
        if (folder / name).exists():
            raise OptionError(
                f"{folder / name} is there already, and nothing is replaced: remove it, or name "
                "another folder"
            )
    above = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    check_writable(above / SHOP)


def write_files(folder: Path, files: Mapping[str, str], answers: Answers) -> None:
    """Read the files as their commands will, then write them and what ``.gitignore`` lacks.

    Raises
    ------
    OptionError
        If one can't be read; then nothing is written.
    DataError
        If one can't be written; then none stays.
    """
    check_readable(files, answers)
    made = [p for p in (folder, *folder.absolute().parents) if not p.exists()]
    written: list[Path] = []
    try:
        for name, text in files.items():
            place = folder / name
            made += [p for p in place.parents if not p.exists() and p not in made]
            place.parent.mkdir(parents=True, exist_ok=True)
            write_whole(place, text)
            written.append(place)
        _ignore(folder / ".gitignore")
    except BaseException:
        for place in written:
            place.unlink(missing_ok=True)
        for place in sorted(made, key=lambda p: -len(p.absolute().parts)):
            shutil.rmtree(place, ignore_errors=True)
        raise


def check_readable(files: Mapping[str, str], answers: Answers) -> None:
    """Read the shop, the plan, the harm and the gate.

    Raises
    ------
    OptionError
        With what is wrong, in the file that would have been written.
    """
    from omnilab.experiment.gate.declared import read_gate
    from omnilab.scenario.load import load_scenario
    from omnilab.strategy.declared import read_strategy

    with tempfile.TemporaryDirectory() as scratch:
        for name in (SHOP, plan_name(answers), HARM, GATE):
            (Path(scratch) / name).write_text(files[name], encoding="utf-8")
        try:
            shop = load_scenario(Path(scratch) / SHOP)
            for name in (plan_name(answers), HARM):
                read_strategy(Path(scratch) / name, shop)
            read_gate(Path(scratch) / GATE, currency=shop.currency)
        except OmnilabError as error:
            # What an answer leads to; the path is that of no file that stays.
            raise OptionError(str(error).replace(f"{scratch}{os.sep}", "")) from None


def _ignore(place: Path) -> None:
    """Add the lines that a repository's list of what is not committed lacks."""
    before = place.read_bytes() if place.exists() else b""
    has = before.split()
    lacks = [line.encode() for line in IGNORED if line.encode() not in has]
    if lacks:
        end = b"" if not before or before.endswith(b"\n") else b"\n"
        write_whole(place, before + end + b"\n".join(lacks) + b"\n")
