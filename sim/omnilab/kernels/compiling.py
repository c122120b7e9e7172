"""Compile the model's scalar functions, and keep the compiled code where it can't go stale.

Numba's own cache notices an edited function but not an edited callee in another file, so the
cache folder is keyed by a hash of every source file that a kernel could depend on, and of the
versions that decide the machine code. This module is a leaf: it imports only leaves of omnilab, so
that the identity and cascade cores can use it and still stand alone.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

__all__ = [
    "Compiling",
    "cache_folder",
    "inlined",
    "inlined_kernel",
    "inner",
    "is_checked",
    "is_plain",
    "kernel",
    "watch_compiling",
]

F = TypeVar("F", bound=Callable[..., Any])

_SOURCES = Path(__file__).parents[1]
#: Folders that no kernel takes code or constants from; all others are in the cache's key.
WITHOUT_KERNELS = frozenset({"api", "cli", "fit", "report"})
_CHECKED = "omnilab-checked"  # where the debug build is kept apart in a user's own folder


def is_plain() -> bool:
    """Tell whether kernels run as plain Python (the debug mode, ``OMNILAB_PLAIN=1``)."""
    return os.environ.get("OMNILAB_PLAIN", "") not in ("", "0")


def is_checked() -> bool:
    """Tell whether compiled code checks every index (the debug build, ``OMNILAB_BOUNDS=1``)."""
    return os.environ.get("OMNILAB_BOUNDS", "") not in ("", "0") and not is_plain()


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


@lru_cache(maxsize=1)
def _kernel_files() -> Any:
    """Return where kernels are kept; a user's own ``NUMBA_CACHE_DIR`` wins."""
    from omnilab.kernels.files import KernelFiles

    own = os.environ.get("NUMBA_CACHE_DIR")
    if own:
        return KernelFiles(Path(own) / (_CHECKED if is_checked() else "omnilab"), Path(own))
    return KernelFiles(cache_folder(), _base())


def kernel(function: F) -> F:
    """Compile ``function`` on its first call: no fast-math, no lock held, cached on disk."""
    return _compile(function, entry=True)


def inlined_kernel(function: F) -> F:
    """Compile a kernel that compiled code takes in as it does an `inlined` function."""
    return _compile(function, entry=True, inline=True)


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


def _compile(function: F, *, entry: bool, inline: bool = False) -> F:
    if is_plain():
        return function
    import numba

    from omnilab.kernels.numba_pipeline import KernelCache, KernelCompiler, PartCompiler

    # SVML would change the last bit of exp and log; both engines must agree to that bit.
    numba.config.DISABLE_INTEL_SVML = 1
    njit: Any = numba.njit
    options: Any = {"nogil": True, "error_model": "numpy", "boundscheck": is_checked()}
    part: Any = njit(
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
        pipeline_class=PartCompiler,
        forceinline=inline,
        _nrt=entry,  # inner functions make no arrays: without reference counts there is less code
        **options,
    )(function)
    _widen(part)
    if not entry:
        return part
    whole: Any = njit(no_cfunc_wrapper=True, pipeline_class=KernelCompiler, **options)(function)
    whole._cache = KernelCache(function, _kernel_files())
    # Compiled code that calls a kernel takes it in like an inner function.
    whole.get_call_template = part.get_call_template
    whole.get_overload = part.get_overload
    return whole


def _widen(dispatcher: Any) -> None:
    """Let calls from compiled code pass every integer as 64 bits.

    Left alone, Numba compiles a function anew for each width of each integer and for each literal
    that some caller passes: a dozen times the code, and the time to make it.
    """
    from numba.core import types

    resolve = dispatcher.get_call_template

    def wide(kind: Any) -> Any:
        kind = types.unliteral(kind)
        return types.int64 if isinstance(kind, types.Integer) else kind

    def get_call_template(args: Any, kws: Any) -> Any:
        return resolve(tuple(wide(a) for a in args), {k: wide(v) for k, v in kws.items()})

    dispatcher.get_call_template = get_call_template
