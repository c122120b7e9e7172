"""What is heard, read and seen, in words."""

from __future__ import annotations

import pytest

from omnilab.log import rows
from omnilab.report.hearing import hearing


@pytest.mark.parametrize(
    ("kind", "fact", "words"),
    [
        (rows.MEDIA_CONTACT, {"noticed": 0, "flight": 0, "does": 0}, ""),
        (rows.MEDIA_CONTACT, {"noticed": 1, "flight": 1, "does": 2},
         "notices flight 2 of the media plan, and will search the name"),
        (rows.KNOWS, {"by": 0, "until": 0, "new": 0}, "does not know the brand"),
        (rows.KNOWS, {"by": 0, "until": 9, "new": 0}, "knows the brand"),
        (rows.KNOWS, {"by": 3, "until": 9, "new": 1}, "comes to know the brand by a medium"),
        (rows.KNOWS, {"by": 6, "until": 9, "new": 1}, "comes to know the brand by a paid click"),
        (rows.KNOWS, {"by": 3, "until": 9, "new": 0}, ""),
        (rows.READ, {"article": 0, "moves": 1},
         "finds article 1 by a search and reads it, and goes on to the goods"),
        (rows.POST_SEEN, {"how": 2, "does": 5},
         "sees a post that a friend shares: likes it, shares it"),
        (rows.POST_SEEN, {"how": 0, "does": 0}, "sees a post"),
    ],
)  # fmt: skip
def test_words(kind: int, fact: dict[str, int], words: str) -> None:
    assert hearing({"kind": kind, **fact}) == words
