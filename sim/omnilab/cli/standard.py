"""The standard streams where they are closed, or nobody reads them."""

from __future__ import annotations

import errno
import io
import os
import sys
from pathlib import Path

__all__ = ["drop_output_that_fails", "open_closed_streams"]


class _Unread(io.TextIOBase):
    """Stands for a stdout that was closed before the command began: a pipe that nobody reads."""

    def write(self, _text: str) -> int:
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    def fileno(self) -> int:
        return 1


def open_closed_streams() -> None:
    """Have files on the numbers 0, 1 and 2.

    If one of them is closed, the next file that is opened gets its number, and what is printed
    goes into that file.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    if sys.stdout is None:
        sys.stdout = _Unread()
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115


def drop_output_that_fails() -> None:
    """Point stdout at nothing if it can't be written, so that Python's last flush does not fail."""
    try:
        sys.stdout.flush()
    except OSError:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)
