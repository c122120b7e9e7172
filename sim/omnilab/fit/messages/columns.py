"""Find what each column of a message log is, by its usual names or by the user's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from omnilab.errors import DataError
from omnilab.fit.logs.roles import check_asked, find_roles, looks_like, usual_in
from omnilab.fit.messages.words import LONG, WIDE

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
    check_asked(asked, ROLES)
    sent = [n for n in WIDE["sent"] if n not in ("timestamp", "date")]  # an event has them too
    wide = "event" not in asked and not (
        usual_in(names, LONG["event"]) and not usual_in(names, sent)
    )
    roles = WIDE if wide else LONG
    for role in asked:
        if role not in roles:
            kind = "message" if wide else "event"
            raise DataError(
                f"--column {role}={asked[role]}: a log with a row for each {kind} has no such role",
                file=file,
            )
    needed = ("person", "sent") if wide else ("person", "time", "event", "message")
    found = find_roles(names, asked, roles, [(role,) for role in needed], file)
    if wide and not {"opened", "is_opened"} & set(found):
        raise DataError(
            "no column says which messages were opened (such as opened_at, is_opened): "
            "name it with --column opened=NAME or --column is_opened=NAME",
            file=file,
        )
    return LogColumns(wide, found)


def looks_like_log(fields: Sequence[str], asked: Sequence[str] = ()) -> bool:
    """Tell whether a row's fields are the names of columns, so that title lines end there."""
    usual = [WIDE["person"], WIDE["sent"], LONG["event"], WIDE["is_opened"]]
    return looks_like(fields, usual, asked)
