"""Show a user's values inside one-line messages."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["one_line", "shown"]

_LONGEST = 64


def shown(value: object) -> str:
    """Show a value of a file on one line, and no longer than a name may be."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    try:
        text = repr(value)
    except ValueError:  # a whole number with more digits than Python prints
        return "a huge number"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def one_line(message: object) -> str:
    """Return a message with its line breaks and runs of spaces turned into single spaces."""
    return " ".join(str(message).split())
