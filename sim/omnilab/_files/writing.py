"""Write a command's files atomically: each is whole, and either all are written or none."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from omnilab._ending import undone_at_once
from omnilab.errors import DataError, OptionError

__all__ = ["check_writable", "drafts", "names_file", "write_whole"]

#: Bytes of a name that a draft keeps: a file system takes 255, and the draft's own mark some.
_KEPT = 180


def check_writable(path: str | Path, *, option: str = "") -> None:
    """Find out before the work whether a file can be written at a path.

    Nothing is left there, and what is there stays as it is.

    Parameters
    ----------
    path
        Where a file will be written; a pipe or a device is one too.
    option
        The command's option or argument that named it, for the error.

    Raises
    ------
    OptionError
        If it is a directory, if its directory is not there, if the file is protected against
        writing, or if no file can be made there (no permission, a read-only disk, a full disk, a
        name too long).
    """
    place = Path(path)
    named = f"{option} {place}" if option else str(place)
    try:
        if place.is_dir():
            raise OptionError(f"{named} is a directory")
        real = Path(os.path.realpath(place))
        if not real.parent.is_dir():
            raise OptionError(f"{named}: there is no directory {place.absolute().parent}")
        if real.exists():
            # As root every file can be written, but its owner protected it all the same.
            protected = real.is_file() and not real.stat().st_mode & stat.S_IWUSR
            if protected or not os.access(real, os.W_OK):
                raise OptionError(f"{named}: can't be written: it is protected against writing")
        if not real.exists() or real.is_file():
            _try_draft(real)
    except (OSError, ValueError) as error:
        raise OptionError(f"{named}: can't be written: {_reason(error)}") from None


def write_whole(path: str | Path, content: str | bytes) -> None:
    """Write a text as UTF-8, or bytes, so that the file's name never has a part of it.

    A pipe or a device, such as ``/dev/stdout``, is written as it is.

    Raises
    ------
    DataError
        If it can't be written; what was there before stays.
    BrokenPipeError
        If it is a pipe that nobody reads any more.
    """
    data = content.encode() if isinstance(content, str) else content
    place = Path(path)
    with names_file(place), drafts([place]) as (draft,):
        draft.write_bytes(data)


@contextmanager
def drafts(outputs: Sequence[str | Path]) -> Iterator[list[Path]]:
    """Give other names to write files or folders under; at the end all get their own.

    A pipe or a device is written as it is. On an error nothing stays, and what was there before is
    as it was. A file that is replaced hands its permissions on.

    Parameters
    ----------
    outputs
        The files or folders to write.

    Yields
    ------
    list of Path
        Where to write each of them.

    Raises
    ------
    DataError
        If one of them can't be given its name.
    """
    places = [Path(output) for output in outputs]
    own = [not p.exists() or p.is_file() or p.is_dir() for p in places]
    finals = [Path(os.path.realpath(p)) if o else p for p, o in zip(places, own, strict=True)]
    written = [_draft(p) if o else p for p, o in zip(finals, own, strict=True)]
    moves = [(d, f, p) for d, f, p in zip(written, finals, places, strict=True) if d != f]

    def drop() -> None:
        for draft, final, _ in moves:
            _put_back(draft, final)
            _remove(draft)

    try:
        with undone_at_once(drop):
            yield written
            _put_all(moves)
    finally:
        drop()


@contextmanager
def names_file(path: str | Path) -> Iterator[None]:
    """Name the file in an error of writing it: a full disk doesn't say where it is full.

    Raises
    ------
    DataError
        In place of an error of the system or of Arrow.
    BrokenPipeError
        As it is: a closed pipe is nobody's fault.
    """
    try:
        yield
    except (BrokenPipeError, DataError, OptionError):
        raise
    except Exception as error:
        arrow = sys.modules.get("pyarrow")  # an error of Arrow's can only come if it is loaded
        of_arrow = arrow is not None and isinstance(error, arrow.ArrowException)
        if not of_arrow and not isinstance(error, OSError):
            raise
        raise DataError(f"can't be written: {_reason(error)}", file=path) from error


def _draft(final: Path) -> Path:
    """Return the hidden name beside a file under which it is written."""
    name = os.fsdecode(os.fsencode(final.name)[:_KEPT])
    return final.with_name(f".{name}.{os.getpid()}.partial")


def _try_draft(real: Path) -> None:
    """Make an empty draft of a file and remove it; a name too long is met here too."""
    _check_length(real)
    draft = _draft(real)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.write(handle, b"\n")  # a full disk makes files, but puts nothing in them
    finally:
        os.close(handle)
        draft.unlink(missing_ok=True)


def _check_length(real: Path) -> None:
    """Refuse a name that the file system would refuse at the end: a draft's is shorter."""
    with suppress(FileNotFoundError):
        os.lstat(real)


def _put_all(moves: Sequence[tuple[Path, Path, Path]]) -> None:
    """Give all drafts their names; if one can't be given, take the others' back."""
    done: list[tuple[Path, Path | None]] = []
    try:
        for draft, final, place in moves:
            with names_file(place):
                done.append((final, _put(draft, final)))
    except BaseException:
        for final, old in reversed(done):
            _remove(final)
            if old is not None:
                old.rename(final)
        raise
    for _, old in done:
        if old is not None:
            _remove(old)


def _put(draft: Path, final: Path) -> Path | None:
    """Give a draft its own name; return where what had that name before was put."""
    if not final.exists():
        draft.replace(final)
        return None
    old = draft.with_name(draft.name + ".old")
    _remove(old)
    if final.is_file():
        shutil.copymode(final, draft)
        try:
            os.link(final, old)  # so that the name is never without a file
        except OSError:  # a file system without links: this one can't be taken back
            draft.replace(final)
            return None
        draft.replace(final)
        return old
    # A folder can't be put in the place of another that has files.
    final.rename(old)
    try:
        draft.rename(final)
    except OSError:
        _put_back(draft, final)
        raise
    return old


def _put_back(draft: Path, final: Path) -> None:
    """Give a folder its name again that had to make room for one that did not come."""
    old = draft.with_name(draft.name + ".old")
    if old.exists() and not final.exists():
        old.rename(final)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _reason(error: BaseException) -> str:
    """Return what an error of the system or of Arrow says, in one line without our file names."""
    number = getattr(error, "errno", None)
    if number:
        return os.strerror(number)
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
