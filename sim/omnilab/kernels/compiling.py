"""Compile the model's scalar functions, and keep the compiled code where it can't go stale.

Numba's own cache notices an edited function but not an edited callee in another file, so the
cache folder is keyed by a hash of every source file that a kernel could depend on, and of the
versions that decide the machine code.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, update_wrapper
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

from omnilab.kernels.files import KernelFiles
from omnilab.kernels.modes import is_checked, is_plain
from omnilab.kernels.ways import chosen_way, compile_by

__all__ = [
    "Compiling",
    "Deferred",
    "cache_folder",
    "inlined",
    "inlined_kernel",
    "inner",
    "kernel",
    "uncounted_kernel",
    "watch_compiling",
]

F = TypeVar("F", bound=Callable[..., Any])

_SOURCES = Path(__file__).parents[1]
#: Folders that no kernel takes code or constants from; all others are in the cache's key.
WITHOUT_KERNELS = frozenset({"api", "cli", "experiment", "fit", "gym", "interop", "report", "runs"})
_CHECKED = "omnilab-checked"  # where the debug build is kept apart in a user's own folder


@lru_cache(maxsize=1)
def cache_folder() -> Path:
    """Return the folder of this version's compiled kernels, keyed by all sources and versions."""
    digest = hashlib.sha256()
    for path in sorted(_SOURCES.rglob("*.py")):
        name = path.relative_to(_SOURCES)
        if name.parts[0] not in WITHOUT_KERNELS:
            digest.update(str(name).encode())
            digest.update(path.read_bytes())
    for package in ("numba", "llvmlite", "numpy"):
        digest.update(f"{package}={metadata.version(package)}".encode())
    digest.update(sys.version.encode())
    digest.update(b"checked" if is_checked() else b"")
    return _base() / "kernels" / digest.hexdigest()[:20]


def _base() -> Path:
    """Return the folder of all that omnilab keeps between runs."""
    named = os.environ.get("OMNILAB_CACHE")
    if named:
        return Path(named)
    cache = os.environ.get("XDG_CACHE_HOME")
    if cache:
        return Path(cache) / "omnilab"
    try:
        return Path.home() / ".cache" / "omnilab"
    except RuntimeError:  # a user without a home, as in some containers
        return Path(tempfile.gettempdir()) / f"omnilab-{os.geteuid()}"


@lru_cache(maxsize=2)
def _kernel_files(way: str) -> KernelFiles:
    """Return where kernels that were compiled one way are kept; ``NUMBA_CACHE_DIR`` wins."""
    own = os.environ.get("NUMBA_CACHE_DIR")
    if own:
        folder, root = Path(own) / (_CHECKED if is_checked() else "omnilab"), Path(own)
    else:
        folder, root = cache_folder(), _base()
    return KernelFiles(folder if way == "pipeline" else folder / way, root)


def kernel(function: F) -> F:
    """Compile ``function`` on its first call: no fast-math, no lock held, cached on disk."""
    return _compile(function, entry=True)


def inlined_kernel(function: F) -> F:
    """Compile a kernel that compiled code takes in as it does an `inlined` function."""
    return _compile(function, entry=True, inline=True)


def uncounted_kernel(function: F) -> F:
    """Compile a kernel that makes no arrays, so that no references to arrays are counted.

    Counting those of a dozen tables costs a short kernel more than its work.
    """
    return _compile(function, entry=True, counted=False)


def inner(function: F) -> F:
    """Compile a function that only kernels call: no way in from Python, kept with its callers.

    Tests reach its plain Python by ``.py_func``.
    """
    return _compile(function, entry=False)


def inlined(function: F) -> F:
    """Compile an inner function into each place that calls it, however long it is.

    For long functions on the way of most items, where the optimiser would leave a call: those
    hand a dozen arguments over by memory, some of them read back in another width than they were
    written in, which a processor must wait for.
    """
    return _compile(function, entry=False, inline=True)


@dataclass
class Compiling:
    """How long kernels were compiled while they were watched."""

    seconds: float = 0.0


@contextmanager
def watch_compiling(started: Callable[[], None]) -> Iterator[Compiling]:
    """Call ``started`` when the first kernel is compiled, and add up the time that all take.

    Kernels that are taken from the cache don't count.
    """
    watched = Compiling()
    if is_plain():
        yield watched
        return
    from numba.core import event

    depth, since, told = 0, 0.0, False

    class Clock(event.Listener):  # type: ignore[misc]
        """One kernel's compilation includes those of the functions that it calls."""

        def on_start(self, _event: Any) -> None:
            nonlocal depth, since, told
            if depth == 0:
                since = time.perf_counter()
                if not told:
                    told = True
                    started()
            depth += 1

        def on_end(self, _event: Any) -> None:
            nonlocal depth
            depth -= 1
            if depth == 0:
                watched.seconds += time.perf_counter() - since

    with event.install_listener("numba:compile", Clock()):
        yield watched


class Deferred:
    """A function that is handed to Numba when it is first called, or compiled code calls it.

    So a file may hold a mechanism's parameters beside its rules: who reads the parameters, such
    as a check of a scenario file, imports no compiler.

    Parameters
    ----------
    function
        The Python function, kept as ``py_func``.
    make
        Returns Numba's dispatcher of it. All that a dispatcher has, this has too.
    """

    _lock = threading.RLock()

    def __init__(self, function: Callable[..., Any], make: Callable[[], Any]) -> None:
        update_wrapper(self, function)
        self.py_func = function
        self._make = make
        self._made: Any = None

    @property
    def dispatcher(self) -> Any:
        """Numba's dispatcher, made once."""
        if self._made is None:
            with self._lock:
                if self._made is None:
                    self._made = self._make()
        return self._made

    @property
    def _numba_type_(self) -> Any:
        """What Numba asks of a global name in compiled code."""
        return self.dispatcher._numba_type_

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call it compiled."""
        return self.dispatcher(*arguments, **named)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.dispatcher, name)


def _give_numpy(function: Any) -> None:
    """Give NumPy, as ``np``, to a function whose file imports it for type checkers only.

    So such a file can be imported without NumPy by who wants a mechanism's parameters.
    """
    if "np" in function.__code__.co_names and "np" not in function.__globals__:
        import numpy as np

        function.__globals__["np"] = np


def _compile(function: F, *, entry: bool, inline: bool = False, counted: bool = True) -> F:
    if is_plain():
        _give_numpy(function)
        return function

    def make() -> Any:
        _give_numpy(function)
        way = chosen_way()
        files = _kernel_files(way.name) if entry else None
        return compile_by(way, function, entry=entry, inline=inline, counted=counted, files=files)

    deferred: Any = Deferred(function, make)
    return deferred
