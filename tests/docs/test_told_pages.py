"""Pages that are made of what the code and the scenarios say of themselves are current."""

from __future__ import annotations

from omnilab_strategies import STRATEGIES
from tests.docs.made import maker


def test_the_page_of_strategies_is_current_and_has_them_all() -> None:
    made = maker("make_strategies")
    page = made.PAGE.read_text(encoding="utf-8")
    assert page == made.page(), "run: make pin"
    assert [name for name in STRATEGIES if f"\n## {name}\n" not in page] == []
