"""Find what each column of a message log is, by its usual names or by the user's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from omnilab.errors import DataError, OptionError, nearest
from omnilab.fit.messages.words import LONG, WIDE
from omnilab.fit.presets import plain_name

__all__ = ["ROLES", "LogColumns", "find_log_columns", "looks_like_log"]

#: What a column can be named as by the user.
ROLES = tuple(dict.fromkeys((*WIDE, *LONG)))


@dataclass(frozen=True)
class LogColumns:
    """The columns of a message log by their roles.

    Attributes
    ----------
    wide
        Whether a row is a message; else it is an event.
    names
        Role -> the file's name of its column.
    """

    wide: bool
    names: Mapping[str, str]

    def lines(self) -> list[str]:
        """Return a line for each role that was found."""
        return [f"{role}: {name!r}" for role, name in self.names.items()]


def find_log_columns(
    names: Sequence[str], asked: Mapping[str, str], file: str | Path
) -> LogColumns:
    """Choose a log's columns.

    Parameters
    ----------
    names
        The file's.
    asked
        Role -> the name that the user gave.

    Raises
    ------
    OptionError
        For a role that there is none of.
    DataError
        Where a column is missing, comes twice, or is wanted in two roles.
    """
    for role in asked:
        if role not in ROLES:
            raise OptionError(
                f"--column {role}=...: no such role{nearest(role, ROLES)}; "
                f"there are {', '.join(ROLES)}"
            )
    wide = "event" not in asked and not (
        _found("event", LONG, names) and not _found("sent", WIDE, names, strict=True)
    )
    roles = WIDE if wide else LONG
    if wide and "event" in roles:
        raise AssertionError("a log with a row a message has no events")
    found: dict[str, str] = {}
    for role in roles:
        name = _asked(role, asked[role], names, file) if role in asked else None
        name = name or _found(role, roles, [n for n in names if n not in found.values()])
        if name:
            if name in found.values():
                raise DataError(f"column {name!r} can't be in two roles: {role}", file=file)
            found[role] = name
    needed = ("person", "sent") if wide else ("person", "time", "event", "message")
    for role in needed:
        if role not in found:
            usual = ", ".join(roles[role][:4])
            raise DataError(
                f"no column of the role {role} (such as {usual}): name it with "
                f"--column {role}=NAME{_near(roles[role], names)}",
                file=file,
            )
    for role in asked:
        if role not in roles:
            kind = "message" if wide else "event"
            raise DataError(
                f"--column {role}={asked[role]}: a log with a row for each {kind} has no such role",
                file=file,
            )
    if wide and not {"opened", "is_opened"} & set(found):
        raise DataError(
            "no column says which messages were opened (such as opened_at, is_opened): "
            "name it with --column opened=NAME or --column is_opened=NAME",
            file=file,
        )
    return LogColumns(wide, found)


def looks_like_log(fields: Sequence[str], asked: Sequence[str] = ()) -> bool:
    """Tell whether a row's fields are the names of columns, so that title lines end there."""
    plain = {plain_name(f) for f in fields}
    usual = [WIDE["person"], WIDE["sent"], LONG["event"], WIDE["is_opened"]]
    hits = sum(bool(plain & set(names)) for names in usual)
    return hits + len({f.strip() for f in fields} & set(asked)) >= 2


def _found(
    role: str, roles: Mapping[str, Sequence[str]], names: Sequence[str], *, strict: bool = False
) -> str | None:
    """Return the column with the first of a role's usual names that the file has."""
    plain = {plain_name(name): name for name in reversed(names) if name}
    usual = [n for n in roles[role] if n not in ("timestamp", "date")] if strict else roles[role]
    return next((plain[n] for n in usual if n in plain), None)


def _asked(role: str, asked: str, names: Sequence[str], file: str | Path) -> str:
    hits = [n for n in names if n == asked] or [
        n for n in names if n.strip().casefold() == asked.strip().casefold()
    ]
    if len(hits) == 1:
        return hits[0]
    what = f"is there {len(hits)} times" if hits else f"is not there{nearest(asked, names)}"
    raise DataError(f"column {asked!r}, asked for as {role}, {what}", file=file)


def _near(usual: Sequence[str], names: Sequence[str]) -> str:
    plain = {plain_name(name): name for name in names if name}
    for name in usual:
        close = nearest(name, plain)
        if close:
            return f" (did you mean {plain[close.split(chr(39))[1]]!r}?)"
    return ""
