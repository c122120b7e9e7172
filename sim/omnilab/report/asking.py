"""Questions, contacts and surveys in words, for a customer's timeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from omnilab.log import rows

__all__ = ["ASKING", "asking"]

#: Kinds of rows that are told here.
ASKING: Final = frozenset(
    {rows.QUESTION, rows.CONTACT, rows.ANSWER, rows.UNANSWERED, rows.CALL_BACK, rows.SURVEY}
)
_WHY: Final = {
    1: "nobody answers it",
    2: "gives up",
    3: "has left the brand",
    4: "needs it no more",
}


def asking(fact: Mapping[str, int], need: str, place: str) -> str:
    """Return what a row of `ASKING` says.

    Parameters
    ----------
    fact
        The row: its fields by name.
    need
        What the question is about; "" where that is not known.
    place
        Where, such as ``at call``; "" for nowhere.
    """
    kind = fact["kind"]
    if kind == rows.QUESTION:
        about = "the order" if fact["after"] else need
        hard = "a hard question" if fact["hard"] else "an easy question"
        return f"has {hard}{f' about {about}' if about else ''}"
    if kind == rows.CONTACT:
        again = " again" if fact["attempt"] else ""
        return f"asks{again} {place}, {'known' if fact['known'] else 'unknown'} there"
    if kind == rows.ANSWER:
        if fact["by"] == 0:
            return f"finds the answer {place}"
        words = "answered" if fact["solved"] else "talks, without an answer,"
        waited = f" after {fact['wait'] / 60:.1f} min" if fact["wait"] else ""
        return f"{words} {place}{waited} in {fact['length'] / 60:.1f} min"
    if kind == rows.UNANSWERED:
        return f"no answer: {_WHY.get(fact['why'], 'unknown')}"
    if kind == rows.CALL_BACK:
        return f"hangs up {place} after {fact['wait'] / 60:.1f} min, to be called back"
    how = "unhappy" if fact["unhappy"] else "content"
    return f"survey {place}, {how}, {'answers it' if fact['answered'] else 'does not answer'}"
