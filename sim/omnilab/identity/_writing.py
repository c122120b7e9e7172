"""Write files so that their names never have a part of them: all of a run's, or none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from omnilab.errors import DataError

__all__ = ["drafts", "names_file"]


@contextmanager
def drafts(outputs: Sequence[Path]) -> Iterator[list[Path]]:
    """Give other names to write files or folders under; at the end all get their own.

    A pipe or a device is written as it is. On an error nothing stays, and what was there before is
    as it was.
    """
    plain = [not path.exists() or path.is_file() or path.is_dir() for path in outputs]
    finals = [
        Path(os.path.realpath(path)) if own else path
        for path, own in zip(outputs, plain, strict=True)
    ]
    written = [
        path.with_name(f".{path.name}.{os.getpid()}.partial") if own else path
        for path, own in zip(finals, plain, strict=True)
    ]
    try:
        yield written
        for draft, final, output in zip(written, finals, outputs, strict=True):
            if draft != final:
                with names_file(output):
                    _put(draft, final)
    finally:
        for draft, final in zip(written, finals, strict=True):
            if draft != final:
                _remove(draft)


def _put(draft: Path, final: Path) -> None:
    """Give a draft its own name, which another file or folder may have."""
    if not final.is_dir():
        draft.replace(final)
        return
    # A folder can't be put in the place of another that has files.
    old = final.with_name(draft.name + ".old")
    final.rename(old)
    try:
        draft.rename(final)
    except OSError:
        old.rename(final)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def names_file(path: Path) -> Iterator[None]:
    """Name the file in an error of writing it: a full disk doesn't say where it is full."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as error:
        number = getattr(error, "errno", None)
        reason = os.strerror(number) if number else str(error).splitlines()[0]
        raise DataError(f"can't be written: {reason}", file=path) from error
