"""Check what a caller from Python gave, with the words and errors of the command line."""

from __future__ import annotations

import functools
import inspect
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from omnilab.errors import OmnilabError, OptionError, nearest

__all__ = [
    "callers_level", "choice", "cores", "day", "flag", "in_python", "known_arguments", "path",
    "progress", "python_words", "shown", "text", "texts", "whole",
]  # fmt: skip

P = ParamSpec("P")
R = TypeVar("R")

_OPTION = re.compile(r"(?<![\w-])--([a-z]+(?:-[a-z]+)*)")
_LONGEST = 60  # characters of a value that an error shows


def known_arguments(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function say what is wrong with a call that its signature doesn't take.

    Raises
    ------
    OptionError
        With the unknown argument and the nearest right one, the one that is missing, the one
        that is given twice, or what is one too many.
    """
    signature = inspect.signature(function)
    named = [p.name for p in signature.parameters.values() if p.name != "self"]

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in kwargs:
            if name not in named:
                hint = nearest(name, named) or f"; it takes {', '.join(named) or 'none'}"
                raise OptionError(f"{function.__name__}() has no argument {name!r}{hint}")
        try:
            signature.bind(*args, **kwargs)
        except TypeError as error:
            raise OptionError(f"{function.__name__}(): {_misfit(signature, args, error)}") from None
        return function(*args, **kwargs)

    return checked


def _misfit(signature: inspect.Signature, args: tuple[Any, ...], error: TypeError) -> str:
    """Return in what a call and a signature differ, for names that are all known."""
    if "too many positional" not in str(error):
        return str(error)  # Python's own words name the argument: missing, or given twice
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    placed = [p.name for p in signature.parameters.values() if p.kind in kinds]
    rest = [name for name in signature.parameters if name not in placed]
    extra = shown(args[len(placed)])
    if rest:
        named = ", ".join(f"{name}=..." for name in rest)
        return f"{extra} needs its argument's name: {named}"
    takes = ", ".join(name for name in placed if name != "self")
    return f"{extra} is one argument too many; it takes {takes or 'none'}"


@contextmanager
def python_words() -> Iterator[None]:
    """Let errors call options as Python does: ``--not-sold`` is ``not_sold``."""
    try:
        yield
    except OmnilabError as error:
        if hasattr(error, "message"):
            error.message = in_python(error.message)
        error.args = tuple(in_python(a) if isinstance(a, str) else a for a in error.args)
        raise


def in_python(message: str) -> str:
    """Return a message of the command line with its options as Python calls them."""
    return _OPTION.sub(lambda found: found[1].replace("-", "_"), message)


def callers_level() -> int:
    """Return the ``stacklevel`` at which a warning points to the caller's own line."""
    level = 1
    while sys._getframe(level).f_globals.get("__name__", "").partition(".")[0] == "omnilab":
        level += 1
    return level


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
        raise OptionError(f"{name}: {shown(value)} is not a whole number{_nearest_whole(value)}")
    if not low <= number <= high:
        raise OptionError(f"{name}: {number} is not in the range {low} to {high}")
    return int(number)


def cores() -> int:
    """Return how many cores this process may use: the threads that nobody asked for."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def choice(name: str, value: Any, choices: tuple[str, ...]) -> str:
    """Return one of some words.

    Raises
    ------
    OptionError
        With the nearest of them.
    """
    if value not in choices:
        hint = nearest(str(value), choices)
        raise OptionError(f"{name}: {shown(value)} is not one of {', '.join(choices)}{hint}")
    return str(value)


def text(name: str, value: Any) -> str | None:
    """Return a text, or None.

    Raises
    ------
    OptionError
        If it is something else.
    """
    if value is not None and not isinstance(value, str):
        raise OptionError(f"{name}: {shown(value)} is not a text")
    return value


def texts(name: str, value: Any) -> tuple[str, ...]:
    """Return a list of texts.

    Raises
    ------
    OptionError
        If it is something else: one text alone too, which would be taken letter by letter.
    """
    if isinstance(value, str):
        raise OptionError(f"{name}: give a list, such as [{value!r}]")
    if not isinstance(value, Iterable) or not all(isinstance(item, str) for item in value):
        raise OptionError(f"{name}: {shown(value)} is not a list of texts")
    return tuple(value)


def flag(name: str, value: Any) -> bool:
    """Return whether something is wanted.

    Raises
    ------
    OptionError
        If it is neither True nor False.
    """
    if not isinstance(value, bool):
        raise OptionError(f"{name}: {shown(value)} is neither True nor False")
    return value


def day(name: str, value: Any) -> date | None:
    """Return a day that is given as a `date` or as ``"2024-12-31"``; None stays None.

    Raises
    ------
    OptionError
        If it is something else.
    """
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    if isinstance(value, datetime):  # pandas' Timestamp is one
        return value.date()
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise OptionError(f"{name}: {shown(value)} is not a day such as '2024-12-31'") from None


def path(name: str, value: Any) -> Path:
    """Return a path.

    Raises
    ------
    OptionError
        If it is none.
    """
    if not isinstance(value, str | os.PathLike) or not os.fspath(value):
        raise OptionError(f"{name}: {shown(value)} is not a path")
    return Path(os.fsdecode(value))


def progress(name: str, value: Any) -> Callable[[str, float], None] | None:
    """Return a function that can be told what is being done and how much of it is, or None.

    Raises
    ------
    OptionError
        If it can't be called with these two.
    """
    if value is None:
        return None
    wanted = "a function of two: what is being done, and how much of it is, 0 to 1"
    if not callable(value):
        raise OptionError(f"{name}: {shown(value)} is not {wanted}")
    try:
        inspect.signature(value).bind("what", 0.5)
    except TypeError:
        raise OptionError(f"{name}: {shown(value)} is not {wanted}") from None
    except ValueError:  # a function in C that does not say what it takes
        pass
    return value


def _nearest_whole(value: Any) -> str:
    """Return a hint with the whole number that a text or a plain number means, if it is one."""
    if isinstance(value, bool):
        return ""
    try:
        meant = float(value)
    except (TypeError, ValueError):
        return ""
    return f" (did you mean {int(meant)}?)" if meant.is_integer() else ""


def shown(value: Any) -> str:
    """Return a value in one line, as short as an error has room for, and without addresses."""
    if isinstance(value, type) or inspect.isroutine(value):
        kind = "class" if isinstance(value, type) else "function"
        return f"the {kind} {getattr(value, '__name__', '')}".rstrip()
    if getattr(type(value), "__repr__", None) is object.__repr__:
        return f"an object of class {type(value).__name__}"
    said = " ".join(repr(value).split())
    return said if len(said) <= _LONGEST else f"{type(value).__name__} {said[: _LONGEST - 20]}..."
