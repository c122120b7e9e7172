"""The acts of a customer by which the brand gains a way to reach or to know the person.

An act's place in the list is its number, in the log and in the bits of an act's event, so a new one
stands at the end. `omnilab.world.acts` has their rules.
"""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["ACTS", "ACT_KINDS", "FOLLOW", "INSTALL", "JOIN", "LEAVE_ADDRESS", "LOG_IN", "REQUEST"]


class ActKind(NamedTuple):
    """One act: its name in files, what the person does, and what it needs in a scenario.

    ``gives`` is the type of identifier that the person has only since the act. ``starts`` tells
    whether journeys may start at it; a permission has the trigger signup.
    """

    name: str
    what: str
    words: str  # of a timeline
    needs: str = ""  # allows or opens: the key that says what the act changes
    gives: str = ""
    starts: bool = False


ACT_KINDS: Final = (
    ActKind("leave_address", "Leaves an address.", "leaves an address", "allows"),
    ActKind("follow", "Follows the brand.", "follows the brand", "allows", starts=True),
    ActKind("install", "Installs the app.", "installs the app", "opens", starts=True),
    ActKind("join", "Joins the loyalty programme.", "joins the programme", gives="loyalty",
            starts=True),
    ActKind("request", "Asks for a call or a quote, once a need: a lead.", "asks for a call",
            "allows", starts=True),
    ActKind("log_in", "Makes an account and stays logged in.", "logs in", gives="login"),
)  # fmt: skip
ACTS: Final = tuple(kind.name for kind in ACT_KINDS)
LEAVE_ADDRESS: Final = ACTS.index("leave_address")
FOLLOW: Final = ACTS.index("follow")
INSTALL: Final = ACTS.index("install")
JOIN: Final = ACTS.index("join")
REQUEST: Final = ACTS.index("request")
LOG_IN: Final = ACTS.index("log_in")
