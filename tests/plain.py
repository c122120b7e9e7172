"""The plain Python of compiled functions, with that of all the functions that they call."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from omnilab.draws.philox import draw4, philox4x32

_spaces: dict[int, dict[str, Any]] = {}
_kept: list[Any] = []  # so that no id is used twice


def plain(function: Any) -> Callable[..., Any]:
    """Return a compiled function as plain Python, down to the last function that it calls."""
    python = getattr(function, "py_func", None)
    if python is None:
        return function
    closure, defaults = python.__closure__, python.__defaults__
    return FunctionType(
        python.__code__, _plain_space(python.__globals__), python.__name__, defaults, closure
    )


def _of_whole_numbers(function: Any) -> Callable[..., Any]:
    """Return a draw by compiled code, since in plain Python draws are half of a person's birth.

    That both ways draw the same is for `tests/draws` to say, which has a plain one of its own.
    """
    return lambda *address: function(*map(int, address))


def _plain_space(space: dict[str, Any]) -> dict[str, Any]:
    """Return the names that a module's functions see, all functions of them plain."""
    if id(space) not in _spaces:
        # Compiled code gets NumPy from omnilab.kernels.compiling where its file names it for types.
        made = _spaces[id(space)] = {"np": np, **space}
        _kept.append(space)
        for name, value in space.items():
            if value is draw4 or value is philox4x32:
                made[name] = _of_whole_numbers(value)
            elif hasattr(value, "py_func"):
                made[name] = plain(value)
            elif isinstance(value, ModuleType) and value.__name__.startswith("omnilab."):
                made[name] = SimpleNamespace(**_plain_space(vars(value)))
    return _spaces[id(space)]
