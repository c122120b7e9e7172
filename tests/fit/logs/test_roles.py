"""Columns of logs by their roles: the user's word first, then usual names, each column once."""

from __future__ import annotations

from typing import Any

import pytest

from omnilab.errors import DataError, OptionError
from omnilab.fit.logs.roles import check_asked, check_words, find_roles, looks_like

ROLES = {"person": ("userid", "person"), "time": ("timestamp", "date"), "event": ("event", "type")}
NEEDED = [("time",), ("person", "event")]


def found(names: list[str], **asked: str) -> dict[str, str]:
    return find_roles(names, asked, ROLES, NEEDED, "log.csv")


def test_usual_names_are_found_the_likeliest_first() -> None:
    assert found(["Date", "Timestamp", "user_id"]) == {"person": "user_id", "time": "Timestamp"}


def test_a_column_that_was_named_is_no_other_roles() -> None:
    """The column that is asked for as the event has a usual name of a role before it."""
    names = ["userId", "person", "timestamp"]
    assert found(names, event="userId") == {
        "person": "person", "time": "timestamp", "event": "userId"
    }  # fmt: skip
    assert found(["USER", "timestamp"], person=" user ")["person"] == "USER"


@pytest.mark.parametrize(
    ("names", "asked", "says"),
    [
        (["userid"], {}, "no column of the role time .such as timestamp, date"),
        (["timestmp", "userid"], {}, "did you mean 'timestmp'"),
        (["date", "x"], {}, "no column of the role person or event"),
        (["date", "x"], {"person": "y"}, "no column 'y' for the person"),
        (["date", "x", "x"], {"person": "x"}, "person column 'x' is there 2 times"),
        (["date", "x"], {"person": "x", "event": "x"}, "column 'x' can't be both person and event"),
    ],
)
def test_what_is_missing_or_double_is_one_error(
    names: list[str], asked: dict[str, Any], says: str
) -> None:
    with pytest.raises(DataError, match=says) as error:
        found(names, **asked)
    assert "log.csv" in str(error.value)


def test_roles_and_channels_that_there_are_none_of() -> None:
    with pytest.raises(OptionError, match=r"--column persn=...: no such role .did you mean 'pers"):
        check_asked({"persn": "x"}, tuple(ROLES))
    check_words({"News": "email", "Fax": "ignore"}, ("email",), "nobody writes on", "one does on")
    with pytest.raises(OptionError, match=r"--channel News=emial: nobody writes on 'emial' .did"):
        check_words({"News": "emial"}, ("email",), "nobody writes on", "one does on")


def test_a_line_of_names_is_told_from_others() -> None:
    assert looks_like(["User ID", "Date"], ROLES.values())
    assert not looks_like(["Report of", "Date"], ROLES.values())
    assert looks_like(["Wer", "Date"], ROLES.values(), ["Wer"])
