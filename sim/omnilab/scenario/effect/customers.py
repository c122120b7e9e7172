"""The customers: numbers of a law of amounts that the law does not read."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from omnilab.errors import ScenarioError
    from omnilab.scenario.effect.look import Look
    from omnilab.scenario.tree import Step

__all__ = ["customer_findings"]

#: What each law reads.
_READ: Final = {"gamma": ("p", "q"), "lognormal": ("order_sd", "customer_sd")}


def customer_findings(look: Look) -> Iterator[ScenarioError]:
    """Yield the shapes that the user wrote and that the law of amounts does not read."""
    categories, classes = look.scenario.categories, look.scenario.population.classes
    for n, category in enumerate(categories):
        laws = {k.spend.law or category.spend.law for k in classes} or {category.spend.law}
        yield from _unread(look, ("categories", n, "spend"), laws)
        if category.order_regularity > 0 and look.wrote(("categories", n, "regularity")):
            yield look.at(("categories", n, "regularity"), "`order_regularity` stands in its place")
    for n, one in enumerate(classes):
        laws = {one.spend.law or category.spend.law for category in categories}
        yield from _unread(look, ("population", "classes", n, "spend"), laws)
    entry = look.scenario.population.entry
    if entry is not None and entry.early.share == 0:
        for name in ("times", "half_life"):
            path = ("population", "entry", "early", name)
            if look.wrote(path):
                yield look.at(path, "`share` is 0, so nobody has early repeats")
    if entry is not None and entry.by and entry.share == 0:
        yield look.at(("population", "entry", "by"), "nobody enters: `share` is 0")


def _unread(look: Look, above: tuple[Step, ...], laws: AbstractSet[str]) -> Iterator[ScenarioError]:
    for law in sorted(set(_READ) - laws):
        for name in _READ[law]:
            if look.wrote((*above, name)):
                yield look.at((*above, name), f"only `law: {law}` reads it")
