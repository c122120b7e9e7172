"""The one tree of errors: what is wrong, where, and the nearest right thing, in one line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches
from pathlib import Path

__all__ = [
    "CapacityError",
    "DataError",
    "OmnilabError",
    "OmnilabWarning",
    "OptionError",
    "ScenarioError",
    "StrategyError",
    "closest",
    "meant_whole",
    "named",
    "nearest",
]


#: How alike two names are, by `difflib`'s ratio, of which one can be meant by the other. At a half
#: ``nope`` would be taken for ``compare``.
_NEAR = 0.6
# 10,000 and 10 000; 10k; 1e4.
_GROUPED = re.compile(r"(\d{1,3}(?:[ ,_.]\d{3})*)([kK])?")
_POWER = re.compile(r"[1-9](?:\.\d)?[eE]\d")


def nearest(name: str, valid: Iterable[str]) -> str:
    """Return `` (did you mean 'x'?)`` for the valid name closest to ``name``, else ``""``."""
    close = closest(name, valid)
    return f" (did you mean {close!r}?)" if close else ""


def closest(name: str, valid: Iterable[str]) -> str:
    """Return the valid name that can be meant by ``name``, ``""`` where none can."""
    names = [str(v) for v in valid]
    close = get_close_matches(str(name), names, n=max(1, len(names)), cutoff=_NEAR)
    # Of names that are as near the shorter one: `worse_by` before `worse_by_share`.
    alike = {found: SequenceMatcher(None, found, str(name)).ratio() for found in close}
    close = sorted(close, key=lambda found: (-alike[found], len(found)))
    if not close:  # of short names letters that changed places weigh much, and so does case
        letters = {"".join(sorted(v.lower())): v for v in names}
        mine = "".join(sorted(str(name).lower()))
        close = [letters[mine]] if mine in letters else []
    return close[0] if close else ""


def meant_whole(given: str) -> str:
    """Return `` (did you mean 10000?)`` for ``10k``, ``10,000`` or ``1e4``, else ``""``."""
    if number := _GROUPED.fullmatch(given.strip()):
        thousands = "000" if number[2] else ""
        return f" (did you mean {re.sub(r'[ ,_.]', '', number[1])}{thousands}?)"
    if _POWER.fullmatch(given.strip()):
        return f" (did you mean {float(given):.0f}?)"
    return ""


def named(names: Iterable[str], most: int = 12) -> str:
    """Return names for a message: quoted, long ones cut, the ``most`` first of many."""
    listed = [str(name) for name in names if name]
    shown = ", ".join(repr(name[:40]) for name in listed[:most])
    return f"{shown}, and {len(listed) - most} more" if len(listed) > most else shown


class OmnilabError(Exception):
    """Anything a user can mend: the command line prints its one line and exits with 2."""


class OmnilabWarning(UserWarning):
    """What a user must know although the work goes on: the command line prints its one line."""


class OptionError(OmnilabError):
    """A command's option or argument that can't be used."""


class ScenarioError(OmnilabError):
    """A scenario file that can't be used.

    Parameters
    ----------
    message
        What is wrong and the nearest right thing, without the place.
    file, line, key
        Where: the file, its 1-based line and the dotted key, as far as they are known.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | Path | None = None,
        line: int | None = None,
        key: str | None = None,
    ) -> None:
        self.message, self.file, self.line, self.key = message, file, line, key
        place = ""
        if file is not None:
            place = f"{file}:{line}: " if line is not None else f"{file}: "
        super().__init__(f"{place}{f'{key}: ' if key else ''}{message}")


class StrategyError(OmnilabError):
    """A strategy that failed; names the plug-in, the hook and the simulated time.

    Parameters
    ----------
    message
        What went wrong.
    strategy
        The plug-in as the user named it.
    hook
        ``import``, ``plan``, ``decide`` or ``learn``; "" where no code of it has run: its name is
        unknown, or its YAML file is wrong, and the message has the file.
    time_s
        Simulated seconds since the scenario's start, where the hook ran inside a simulation.
    """

    def __init__(
        self, message: str, *, strategy: str, hook: str = "import", time_s: int | None = None
    ) -> None:
        self.message, self.strategy, self.hook, self.time_s = message, strategy, hook, time_s
        when = "" if time_s is None else f" at day {time_s // 86400} {time_s % 86400 // 3600:02d}h"
        if not hook and message.startswith(strategy):
            super().__init__(message)
        else:
            super().__init__(f"strategy {strategy!r}{f', {hook}' if hook else ''}{when}: {message}")


class DataError(OmnilabError):
    """A user's own data file that can't be used, with the file and, where known, the line."""

    def __init__(
        self, message: str, *, file: str | Path | None = None, line: int | None = None
    ) -> None:
        self.message, self.file, self.line = message, file, line
        place = ""
        if file is not None:
            place = f"{file}:{line}: " if line is not None else f"{file}: "
        super().__init__(place + message)


class CapacityError(OmnilabError):
    """A run that can't fit the limits of the engine or of this machine."""
