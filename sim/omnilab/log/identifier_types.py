"""The types of identifiers that persons show and brands see: the only list of them.

A type's place in the list is its number, in identifiers' codes and in the log, so a new one stands
at the end. There is room for 16 (`omnilab.world.identifiers.packed`).
"""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["IDENTIFIER_TYPES", "N_TYPES", "SPOKEN", "TYPES", "number_of"]


class IdentifierType(NamedTuple):
    """One type: its name in files, what it is, and whether it can be mistyped.

    ``spoken`` ones are read out or keyed by hand, where a channel's are (``typed: true``).
    """

    name: str
    what: str
    spoken: bool = False


IDENTIFIER_TYPES: Final = (
    IdentifierType("cookie", "A browser's cookie."),
    IdentifierType("device", "An installation of the app."),
    IdentifierType("login", "A user account."),
    IdentifierType("email", "An e-mail address.", spoken=True),
    IdentifierType("phone", "A telephone number.", spoken=True),
    IdentifierType("messenger", "A messenger account."),
    IdentifierType("social", "A handle on a social network."),
    IdentifierType("loyalty", "A loyalty card's number.", spoken=True),
    IdentifierType("address", "A postal address."),
    IdentifierType("oracle", "The person, whom nobody knows so: for measuring what errors cost."),
    IdentifierType("company", "The domain or network of an account, shared by all of its members."),
)
TYPES: Final = tuple(kind.name for kind in IDENTIFIER_TYPES)
N_TYPES: Final = len(TYPES)
SPOKEN: Final = sum(1 << n for n, kind in enumerate(IDENTIFIER_TYPES) if kind.spoken)  # bit by type


def number_of(name: str) -> int:
    """Return a type's number."""
    return TYPES.index(name)
