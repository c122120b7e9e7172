"""Call a plug-in's code, and turn whatever it raises into one line that names its own place."""

from __future__ import annotations

import importlib
import os
import re
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from omnilab.errors import StrategyError, nearest

__all__ = ["HookFailedError", "call_hook", "told"]

P = ParamSpec("P")
R = TypeVar("R")

_LONGEST = 300
_ARGUMENT: Final = re.compile(r"(\w+)\.__init__\(\) got an unexpected keyword argument '(\w+)'")
_OWN = str(Path(__file__).resolve().parents[1]) + os.sep
_IMPORTING = str(Path(importlib.__file__).parent) + os.sep
_SHARED_FOLDERS: Final = ("site-packages", "dist-packages")


class HookFailedError(Exception):
    """What a hook did wrong in another process, in one line.

    Parameters
    ----------
    message
        The line.
    hook
        Which hook it was, where the one who asks does not know it; "" for none.
    """

    def __init__(self, message: str, hook: str | None = None) -> None:
        super().__init__(message)
        self.hook = hook


def call_hook(
    strategy: str,
    hook: str,
    time_s: int | None,
    fn: Callable[P, R],
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    """Return ``fn(*args)``; what it raises names the plug-in, the hook and the simulated time.

    Parameters
    ----------
    strategy
        The plug-in as the user named it.
    hook
        ``import``, ``plan``, ``copy``, ``decide`` or ``learn``.
    time_s
        Simulated seconds since the scenario's start; None outside a simulation.

    Raises
    ------
    StrategyError
        With the plug-in's own exception and its file and line, in one line.
    """
    try:
        return fn(*args, **kwargs)
    except StrategyError:
        raise
    except HookFailedError as error:
        raise StrategyError(str(error), strategy=strategy, hook=hook, time_s=time_s) from None
    except KeyboardInterrupt:  # the user's, who wants the command to end
        raise
    except BaseException as error:  # a plug-in that exits must not end the others
        raise StrategyError(told(error), strategy=strategy, hook=hook, time_s=time_s) from error


def told(error: BaseException) -> str:
    """Return what a plug-in raised in one line, with the plug-in's file and line."""
    if isinstance(error, SyntaxError) and error.filename:
        place: tuple[str, int | None] | None = (error.filename, error.lineno)
        text = error.msg
    else:
        place = _place(error)
        text = f"{_text(error)}{_nearest_name(error)}"
    text = " ".join(text.split())
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
    told = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return told if place is None else f"{told} ({Path(place[0]).name}, line {place[1]})"


def _is_own(thing: object) -> bool:
    """Tell whether an object is of a class of omnilab's: looking into others may run their code."""
    return type(thing).__module__.partition(".")[0] == "omnilab"


def _nearest_name(error: BaseException) -> str:
    """Return a hint where the plug-in misspelt an attribute, or an argument of omnilab's own."""
    if isinstance(error, AttributeError) and _is_own(error.obj) and error.name:
        return nearest(error.name, (name for name in dir(error.obj) if name[0] != "_"))
    if isinstance(error, TypeError) and (found := _ARGUMENT.match(_text(error))):
        import omnilab.strategy as own

        known = getattr(getattr(own, found[1], None), "__dataclass_fields__", ())
        return nearest(found[2], known)
    return ""


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # an exception whose own text fails
        return ""


def _place(error: BaseException) -> tuple[str, int | None] | None:
    """Return the deepest place in the plug-in's own files.

    The first frame that is neither omnilab's nor the importing machinery's is the plug-in's; its
    own files are those beside and below that one, but for installed packages.
    """
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not _is_machinery(f.filename)]
    if not frames:
        return None
    first = frames[0].filename
    own = [f for f in frames if _beside(f.filename, first)]
    return own[-1].filename, own[-1].lineno


def _is_machinery(file: str) -> bool:
    return file.startswith(("<frozen ", _IMPORTING)) or str(Path(file)).startswith(_OWN)


def _beside(file: str, first: str) -> bool:
    folder = Path(first).parent
    if file == first:
        return True
    if folder.name in _SHARED_FOLDERS or not Path(file).is_relative_to(folder):
        return False
    return not set(Path(file).relative_to(folder).parts) & set(_SHARED_FOLDERS)
