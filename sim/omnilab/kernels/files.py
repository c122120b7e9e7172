"""Where compiled kernels are kept on disk: whole, unchanged, and written by nobody else.

A kernel is a pickle with machine code, so whoever can write one can run code as the user. Only
folders are trusted that the user (or root) owns and nobody else can write to. Each file begins
with the SHA-256 of the rest; one that is damaged is compiled anew.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
import stat
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from omnilab.errors import OmnilabWarning

__all__ = ["KernelFiles", "others_can_write"]

_DIGEST: Final = hashlib.sha256().digest_size
_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH


class KernelFiles:
    """The files of compiled kernels in one folder.

    Parameters
    ----------
    folder
        Made when the first kernel is kept.
    root
        The folder above from which on all must be trusted; ``folder`` itself or one above it.
    """

    def __init__(self, folder: Path, root: Path) -> None:
        self.folder, self.root = folder, root

    def load(self, name: str) -> Any:
        """Return what was kept under a name, None if that is nothing or nothing that is whole."""
        path = self.folder / name
        if not self._trusted():
            return None
        try:
            content = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            return self._mend(path, error.strerror or "can't be read")
        if hashlib.sha256(content[_DIGEST:]).digest() != content[:_DIGEST]:
            return self._mend(path, "is damaged")
        try:
            return pickle.loads(content[_DIGEST:])
        except Exception as error:  # such as a class of another version of a library
            return self._mend(path, f"can't be used: {type(error).__name__}")

    def save(self, name: str, value: Any) -> None:
        """Keep a value under a name, whole or not at all."""
        content = pickle.dumps(value, protocol=5)
        path = self.folder / name
        partial = path.with_name(f".{name}.{os.getpid()}.partial")
        try:
            self._make()
            if not self._trusted():
                return
            partial.write_bytes(hashlib.sha256(content).digest() + content)
            if path.is_dir():
                shutil.rmtree(path)
            partial.replace(path)
        except OSError as error:
            with suppress(OSError):
                partial.unlink()
            reason = error.strerror or str(error)
            _warn(f"compiled kernels can't be kept in {self.folder}: {reason};"
                  " they are compiled anew at each start")  # fmt: skip

    def _make(self) -> None:
        """Make the folder and those above it, for the user alone."""
        missing = [self.folder]
        while not missing[-1].parent.exists():
            missing.append(missing[-1].parent)
        for folder in reversed(missing):
            with suppress(FileExistsError):
                folder.mkdir(mode=0o700)

    def _trusted(self) -> bool:
        """Tell whether nobody else can write here; say so once if somebody can."""
        folder = self.folder
        while True:
            if others_can_write(folder):
                _warn(f"the kernel cache {folder} can be written by others and is not used: kernels"
                      f" are compiled anew at each start; mend it with chmod go-w {folder}, or name"
                      " another by OMNILAB_CACHE")  # fmt: skip
                return False
            if folder == self.root or folder == folder.parent:
                return True
            folder = folder.parent

    def _mend(self, path: Path, what: str) -> None:
        """Put a damaged file out of the way and say so, once for all of them."""
        _warn(f"the kernel cache {self.folder} was damaged: what was is compiled anew"
              f" (such as {path.name}: {what})")  # fmt: skip
        with suppress(OSError):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()


def others_can_write(folder: Path) -> bool:
    """Tell whether a folder is another user's or other users can write to it."""
    try:
        found = folder.stat()
    except OSError:
        return False  # nothing is there that could be loaded
    foreign = found.st_uid not in (os.geteuid(), 0)
    return foreign or bool(found.st_mode & _OTHERS)


_said: set[str] = set()


def _warn(text: str) -> None:
    """Warn, once for each kind of finding: there are dozens of kernels."""
    kind = text[:20]
    if kind not in _said:
        _said.add(kind)
        warnings.warn(text, OmnilabWarning, stacklevel=2)
