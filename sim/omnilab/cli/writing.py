"""Files that commands write: checked before the work, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["check_writable", "write_whole"]


def check_writable(option: str, path: Path) -> None:
    """Check before the time for it is spent that a file can be made where ``option`` says.

    Raises
    ------
    OptionError
        If it is a directory or its directory is not there.
    """
    from omnilab.errors import OptionError

    if path.is_dir():
        raise OptionError(f"{option} {path} is a directory")
    if not path.absolute().parent.is_dir():
        raise OptionError(f"{option} {path}: there is no directory {path.absolute().parent}")


def write_whole(file: str, text: str) -> None:
    """Write a text file so that its name never has a part of it."""
    path = Path(file)
    if path.exists() and not path.is_file():  # a pipe or a device, such as /dev/stdout
        path.write_text(text, encoding="utf-8")
        return
    real = Path(os.path.realpath(path))
    partial = real.with_name(f".{real.name}.{os.getpid()}.partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(real)
    except BaseException as error:
        partial.unlink(missing_ok=True)
        if isinstance(error, OSError):  # a full disk doesn't say where
            error.filename = str(file)
        raise
