"""The two ways to compile: omnilab's own pipeline, or Numba's plain ``njit`` in its place.

The pipeline stands on private names of Numba, which may move in any release. Where one is missing,
kernels are compiled by what Numba promises to keep: the results are the same, compiling takes far
longer. docs/developers/kernels.md tells what to do when Numba moves.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from omnilab.errors import OmnilabWarning
from omnilab.kernels.modes import is_checked, is_njit_asked_for
from omnilab.kernels.refusing import refuse_python

__all__ = ["TESTED", "Way", "chosen_way", "compile_by"]

#: Of Numba: these releases are known to have all private names. Others are tried out at each start.
TESTED: Final = ("0.68.",)


@dataclass(frozen=True)
class Way:
    """How functions are compiled, beside the options that all have.

    Attributes
    ----------
    name
        ``pipeline`` or ``njit``.
    kernel_options, inner_options
        More options of ``njit``, of kernels and of inner functions.
    counting
        The option that says whether references to arrays are counted; empty where there is none.
    make_cache
        From a function and `KernelFiles` to its cache on disk; None where none can be kept.
    """

    name: str
    kernel_options: Mapping[str, Any] = field(default_factory=dict)
    inner_options: Mapping[str, Any] = field(default_factory=dict)
    counting: str = ""
    make_cache: Callable[[Any, Any], Any] | None = None


@lru_cache(maxsize=1)
def chosen_way() -> Way:
    """Return how this process compiles; a warning says so where that is not the pipeline."""
    import numba  # one that is missing is an error, whichever way

    from omnilab.kernels import numba_bundle  # noqa: F401  (it teaches Numba the bundle's type)

    # SVML would change the last bit of exp and log; both engines must agree to that bit.
    numba.config.DISABLE_INTEL_SVML = 1
    if is_njit_asked_for():
        why = "OMNILAB_NJIT asks for it"
    else:
        try:
            return _tried(_pipeline())
        except Exception as error:  # whatever a private name's new meaning leads to
            why = f"Numba {numba.__version__} has other inner parts ({_one_line(error)})"
    try:
        way, kept = _tried(_njit()), ""
    except Exception as error:
        way = Way("njit")
        kept = f", and are compiled anew at each start: they can't be kept ({_one_line(error)})"
    warnings.warn(
        f"kernels are compiled by Numba's plain njit{kept}: {why}. Results are the same, compiling"
        " takes several times as long",
        OmnilabWarning,
        stacklevel=2,
    )
    return way


def _pipeline() -> Way:
    from omnilab.kernels.numba_cache import KernelCache
    from omnilab.kernels.numba_pipeline import KernelCompiler, PartCompiler, codegen_of

    return Way(
        "pipeline",
        kernel_options={"no_cfunc_wrapper": True, "pipeline_class": KernelCompiler},
        inner_options={
            "no_cpython_wrapper": True,
            "no_cfunc_wrapper": True,
            "pipeline_class": PartCompiler,
        },
        counting="_nrt",
        make_cache=lambda function, files: KernelCache(function, files, codegen_of),
    )


def _njit() -> Way:
    from omnilab.kernels.numba_cache import KernelCache

    return Way("njit", make_cache=lambda function, files: KernelCache(function, files, None))


def _tried(way: Way) -> Way:
    """Return a way that works: known to, or tried out on two small functions."""
    import numba

    if numba.__version__.startswith(TESTED):
        return way
    below = compile_by(way, _add_one, entry=False)
    files: Any = _Files()
    for hits in range(2):
        above = compile_by(way, _make_above(below), entry=True, files=files)
        if above(20) != 42 or sum(above.stats.cache_hits.values()) != hits:
            raise RuntimeError("a small kernel, tried out, was wrong or not kept")
    return way


def _add_one(x: int) -> int:
    return x + 1


def _make_above(below: Any) -> Any:
    def above(x: int) -> int:
        return below(x) * 2

    return above


class _Files:
    """Stand in for `KernelFiles`: in memory."""

    folder = ""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def load(self, name: str) -> Any:
        return self._kept.get(name)

    def save(self, name: str, value: Any) -> None:
        self._kept[name] = value


def compile_by(
    way: Way,
    function: Any,
    *,
    entry: bool,
    inline: bool = False,
    counted: bool = True,
    files: Any = None,
) -> Any:
    """Return Numba's dispatcher of a function.

    Parameters
    ----------
    way
        How it is compiled.
    function
        The Python function.
    entry
        Whether Python calls it.
    inline
        Whether compiled code takes it in, however long it is.
    counted
        Whether it may make arrays, if Python calls it; inner functions make none.
    files
        Where it is kept; None for nowhere.
    """
    import numba

    njit: Any = numba.njit
    options: Any = {"nogil": True, "error_model": "numpy", "boundscheck": is_checked()}
    # Inner functions make no arrays: without reference counts there is less code.
    counts = {way.counting: entry} if way.counting else {}
    part = njit(forceinline=inline, **options, **way.inner_options, **counts)(function)
    _widen(part)
    _close_to_python(part)
    if not entry:
        return part
    counts = {way.counting: False} if way.counting and not counted else {}
    whole = njit(**options, **way.kernel_options, **counts)(function)
    if way.make_cache is not None and files is not None:
        whole._cache = way.make_cache(function, files)
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


def _close_to_python(dispatcher: Any) -> None:
    """Make a call from Python an error: there is no code for it to jump to."""
    overloads = dispatcher.overloads

    def add_overload(result: Any) -> None:
        overloads[tuple(result.signature.args)] = result  # Numba would offer it to Python too

    dispatcher.add_overload = add_overload
    dispatcher._compile_for_args = refuse_python(dispatcher.py_func.__qualname__)


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:160]}"
