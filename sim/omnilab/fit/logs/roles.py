"""Find what each column of a log is, by its usual names or by the user's: roles are data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from omnilab.cascade.words import IGNORE
from omnilab.errors import DataError, OptionError, nearest
from omnilab.fit.columns import asked_column
from omnilab.fit.presets import plain_name

__all__ = ["Roles", "check_asked", "check_words", "find_roles", "looks_like", "usual_in"]

#: Role -> the plain names that a column of it usually has, the likeliest first.
Roles: TypeAlias = Mapping[str, Sequence[str]]


def check_asked(asked: Mapping[str, str], roles: Sequence[str]) -> None:
    """Check the roles that a user has named columns for.

    Raises
    ------
    OptionError
        For a role that there is none of.
    """
    for role in asked:
        if role not in roles:
            raise OptionError(
                f"--column {role}=...: no such role{nearest(role, roles)}; "
                f"there are {', '.join(roles)}"
            )


def check_words(words: Mapping[str, str], channels: Sequence[str], none: str, some: str) -> None:
    """Check the channels that a user has named for words of a log.

    Parameters
    ----------
    words
        Word -> the scenario's channel, or `IGNORE`.
    none, some
        What is said of a channel that is no such one, and of those that are.

    Raises
    ------
    OptionError
        For a channel that is not among ``channels``.
    """
    for word, channel in words.items():
        if channel != IGNORE and channel not in channels:
            raise OptionError(
                f"--channel {word}={channel}: {none} {channel!r}"
                f"{nearest(channel, (*channels, IGNORE))}; {some} {', '.join(channels)}"
            )


def find_roles(
    names: Sequence[str], asked: Mapping[str, str], roles: Roles,
    needed: Iterable[Sequence[str]], file: str | Path,
) -> dict[str, str]:  # fmt: skip
    """Choose a log's columns.

    Parameters
    ----------
    names
        The file's.
    asked
        Role -> the name that the user gave.
    roles
        In their order: a column that two could have is the first one's.
    needed
        Of each group of roles one must be there.

    Returns
    -------
    dict
        Role -> the file's name of its column.

    Raises
    ------
    DataError
        Where a column is missing, comes twice, or is asked for in two roles.
    """
    told = {role: asked_column(role, asked[role], names, file) for role in roles if role in asked}
    for role, name in told.items():
        other = next(r for r, n in told.items() if n == name)
        if other != role:
            raise DataError(f"column {name!r} can't be both {other} and {role}", file=file)
    found: dict[str, str] = {}
    for role, usual in roles.items():
        taken = {*found.values(), *told.values()}
        chosen = told.get(role) or usual_in([n for n in names if n not in taken], usual)
        if chosen:
            found[role] = chosen
    for group in needed:
        if not any(role in found for role in group):
            first = group[0]
            raise DataError(
                f"no column of the role {' or '.join(group)} (such as "
                f"{', '.join(roles[first][:4])}): name it with --column {first}=NAME"
                f"{_near(roles[first], names)}",
                file=file,
            )
    return found


def looks_like(
    fields: Sequence[str], usual: Iterable[Sequence[str]], asked: Sequence[str] = ()
) -> bool:
    """Tell whether a row's fields are the names of columns, so that title lines end there."""
    plain = {plain_name(f) for f in fields}
    hits = sum(bool(plain & set(names)) for names in usual)
    return hits + len({f.strip() for f in fields} & set(asked)) >= 2


def usual_in(names: Sequence[str], usual: Sequence[str]) -> str | None:
    """Return the column with the first of the usual names that the file has."""
    plain = {plain_name(name): name for name in reversed(names) if name}
    return next((plain[n] for n in usual if n in plain), None)


def _near(usual: Sequence[str], names: Sequence[str]) -> str:
    """Return a hint with the file's column that looks most like one of the usual names."""
    plain = {plain_name(name): name for name in names if name}
    for name in usual:
        close = nearest(name, plain)
        if close:
            return f" (did you mean {plain[close.split(chr(39))[1]]!r}?)"
    return ""
