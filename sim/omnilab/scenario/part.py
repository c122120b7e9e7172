"""What all parts of a scenario are, and checks that several of them share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from omnilab.errors import nearest
from omnilab.parameters.declared import Written

__all__ = [
    "SHOWN_WORDS",
    "Frozen",
    "adds_up",
    "known",
    "no_messages",
    "no_silos",
    "unique",
    "unknown_in",
    "unknown_shown",
]


#: What a message can show that the brand knows of the customer, and everything.
SHOWN_WORDS: Final = ("cart", "viewed", "bought", "generic")


class Frozen(Written):
    """A part of a scenario that is not a mechanism of the world."""


def adds_up(shares: Sequence[float], what: str) -> None:
    """Refuse shares that do not add up to 1."""
    total = sum(shares)
    if abs(total - 1) > 1e-6:
        raise ValueError(f"{what} must add up to 1, they add up to {total:.4g}")


def unique(names: Sequence[str], what: str) -> None:
    """Refuse two things of one name."""
    for name in names:
        if names.count(name) > 1:
            several = f"{what}es" if what.endswith("s") else f"{what}s"
            raise ValueError(f"two {several} are named {name!r}")


def known(name: str, valid: Sequence[str], where: str, more: str = "") -> None:
    """Refuse a name that is not among the valid ones, with the nearest of them."""
    if name not in valid:
        raise ValueError(f"{where}: unknown {name!r}{nearest(name, valid)}{more}")


def no_messages(names: Sequence[str], channels: Sequence[str], writing: Sequence[str]) -> str:
    """Say that nothing can be sent over some of the channels that a message names.

    Parameters
    ----------
    names
        Those over which nothing can be sent, at least one.
    channels
        All channels of the scenario.
    writing
        Those that have a ``message`` side.
    """
    there = f"messages go over {', '.join(writing) or 'no channel here'}"
    if silent := [name for name in names if name in channels]:
        return f"{silent[0]!r} has no `message` side: {there}"
    hint = nearest(names[0], writing) if len(names) == 1 else ""
    unknown, them = " and ".join(map(repr, names)), "it" if len(names) == 1 else "them"
    return (
        f"unknown {unknown}{hint}; {there}: give the journey `steps` of its own, or add {them} to "
        "channels"
    )


def no_silos(sequence: Sequence[str], silos: Sequence[str]) -> str:
    """Say that a journey's sequence names silos that no channel is in, "" if all are there."""
    names = [name for name in sequence if name not in silos]
    if not names:
        return ""
    hint = nearest(names[0], silos) if len(names) == 1 else ""
    unknown, them = " and ".join(map(repr, names)), "it" if len(names) == 1 else "them"
    rest = [name for name in sequence if name in silos]
    write = f"`sequence: [{', '.join(rest)}]`" if rest else "a `sequence` of these"
    return (
        f"unknown {unknown}{hint}; the channels' silos are {', '.join(silos)}: write {write}, or "
        f"add a channel of {them}"
    )


def unknown_in(shows: str | dict[str, float], categories: Sequence[str]) -> str:
    """Return the first name in what a message shows that is not there, "" if all are."""
    if isinstance(shows, str):
        return "" if shows in (*SHOWN_WORDS, *categories) else shows
    return next((name for name in shows if name not in categories), "")


def unknown_shown(shows: str, valid: Sequence[str]) -> str:
    """Say that a message shows what is not there, and what there is."""
    return f"unknown {shows!r}{nearest(shows, valid)}: a message shows {', '.join(valid)}"
