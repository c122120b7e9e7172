"""Rows about media without an address as words: what is heard or seen, and who knows the brand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from omnilab.log import rows

__all__ = ["HEARING", "hearing"]

HEARING: Final = (rows.MEDIA_CONTACT, rows.KNOWS, rows.READ, rows.POST_SEEN)
_DOES: Final = ("likes it", "comments it", "shares it", "follows its link")
_BY: Final = (
    "", "by a visit", "by a friend", "by a medium", "by a post", "by an article", "by a paid click",
)  # fmt: skip


def hearing(fact: Mapping[str, int]) -> str:
    """Return the words of a row, "" where there is nothing to tell."""
    if fact["kind"] == rows.MEDIA_CONTACT:
        if not fact["noticed"]:
            return ""
        end = ", and will search the name" if fact["does"] == 2 else ""
        return f"notices flight {fact['flight'] + 1} of the media plan{end}"
    if fact["kind"] == rows.READ:
        end = ", and goes on to the goods" if fact["moves"] else ""
        return f"finds article {fact['article'] + 1} by a search and reads it{end}"
    if fact["kind"] == rows.POST_SEEN:
        how = ("", " that is paid for", " that a friend shares")[fact["how"]]
        done = [word for bit, word in enumerate(_DOES) if fact["does"] >> bit & 1]
        return f"sees a post{how}{': ' if done else ''}{', '.join(done)}"
    if fact["by"] == 0:
        return "knows the brand" if fact["until"] else "does not know the brand"
    return f"comes to know the brand {_BY[fact['by']]}" if fact["new"] else ""
