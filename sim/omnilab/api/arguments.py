"""Check what a caller from Python gave, with the words and errors of the command line."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from omnilab.errors import OptionError, nearest

__all__ = ["choice", "known_arguments", "whole"]

P = ParamSpec("P")
R = TypeVar("R")


def known_arguments(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function say which argument was meant where it gets one that it does not have.

    Raises
    ------
    OptionError
        With the unknown name and the nearest right one.
    """
    names = list(inspect.signature(function).parameters)

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in kwargs:
            if name not in names:
                hint = nearest(name, names) or f"; it takes {', '.join(names)}"
                raise OptionError(f"{function.__name__}() has no argument {name!r}{hint}")
        return function(*args, **kwargs)

    return checked


def whole(name: str, value: Any, low: int, high: int) -> int:
    """Return a whole number within its range.

    Raises
    ------
    OptionError
        If it is no whole number, or outside of ``low`` to ``high``.
    """
    try:
        number = value.__index__()
    except (AttributeError, TypeError):
        number = None
    if number is None or isinstance(value, bool):
        raise OptionError(f"{name}: {value!r} is not a whole number")
    if not low <= number <= high:
        raise OptionError(f"{name}: {number} is not in the range {low} to {high}")
    return int(number)


def choice(name: str, value: Any, choices: tuple[str, ...]) -> str:
    """Return one of some words.

    Raises
    ------
    OptionError
        With the nearest of them.
    """
    if value not in choices:
        hint = nearest(str(value), choices)
        raise OptionError(f"{name}: {value!r} is not one of {', '.join(choices)}{hint}")
    return str(value)
