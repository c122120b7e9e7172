"""Rows about goods as words: what was shown, recommended and bought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from omnilab.log import rows

__all__ = ["OF_GOODS", "of_goods"]

OF_GOODS: Final = frozenset({rows.GOODS_SEEN, rows.LINE, rows.RECOMMENDED, rows.SITE_SEARCH})
_MOVED: Final = {-1: ", cheaper than the one liked first", 1: ", dearer than the one liked first"}


def of_goods(fact: Mapping[str, int], goods: Sequence[str], price: str) -> str:
    """Return the words for a row of `OF_GOODS`.

    Parameters
    ----------
    fact
        The row's fields by name.
    goods
        Names of the goods, in the scenario's order.
    price
        Of a line, as money is written.
    """
    kind = fact["kind"]
    if kind == rows.RECOMMENDED:
        named = [name for g, name in enumerate(goods) if fact["goods"] >> g & 1]
        return f"the message shows {', '.join(named)}"
    if kind == rows.SITE_SEARCH:
        typed = goods[fact["good"]] if 0 <= fact["good"] < len(goods) else "what is needed"
        return f"types {typed} into the search box"
    told = ", recommended" if fact["told"] else ""
    name = goods[fact["good"]] if 0 <= fact["good"] < len(goods) else "nothing"
    if kind == rows.LINE:
        return f"line {name} {price}{told}{_MOVED.get(fact['moved'], '')}"
    new = f", {fact['seen']} new" if fact["seen"] else ""
    return f"sees goods{new}{told}; likes {name} best"
