"""All models of credit, by name, and how they share out the orders of paths."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from omnilab.attribution import rules
from omnilab.attribution.markov import removal_effects
from omnilab.attribution.paths import Path, Touch
from omnilab.attribution.shapley import shapley

__all__ = ["HALF_LIFE", "MODELS", "UNKNOWN", "Credit", "credit_of"]

#: Stands for the source of orders of which nothing is known.
UNKNOWN: Final = "unknown"
#: Of time decay, seconds.
HALF_LIFE: Final = 7 * 86400
MARKOV, DECAY = "markov", "time_decay"
_RULES: Final[dict[str, Callable[[Sequence[Touch]], list[float]]]] = {
    "last_click": rules.last_click,
    "last_non_direct": rules.last_non_direct,
    "first_click": rules.first_click,
    "linear": rules.linear,
    "position_based": rules.position_based,
    "shapley": shapley,
}
#: Name -> what it does, in the order of tables.
MODELS: Final = {
    "last_click": "all to the last touch before the order, a direct visit too",
    "last_non_direct": "all to the last touch that is no direct visit",
    "first_click": "all to the first touch",
    "linear": "to all touches the same",
    "position_based": "40% to the first, 40% to the last, 20% to those between",
    DECAY: "half as much for each half life that a touch lies further back",
    MARKOV: "by what a chain of touches would lose without the source",
    "shapley": "in equal parts to the different sources of the path, which is Shapley's value",
}


class Credit(NamedTuple):
    """What a source is credited with: orders, and in cents revenue and margin."""

    orders: float = 0.0
    revenue: float = 0.0
    margin: float = 0.0

    def plus(self, orders: float, revenue: float, margin: float) -> Credit:
        """Return it with more."""
        return Credit(self.orders + orders, self.revenue + revenue, self.margin + margin)


def credit_of(
    paths: Iterable[Path], model: str, *, half_life: float = HALF_LIFE
) -> dict[str, Credit]:
    """Return what each source is credited with; the sums are those of the paths' orders.

    Parameters
    ----------
    paths
        Those that led nowhere too.
    model
        Of `MODELS`.
    half_life
        Of time decay, seconds, > 0.

    Returns
    -------
    dict
        By source. What came of paths without touches stands under `UNKNOWN`.
    """
    paths = list(paths)
    known = [path for path in paths if path.touches]
    found = dict.fromkeys(sorted({s for path in known for s in path.sources}), Credit())
    for path in paths:
        if not path.touches:
            so_far = found.get(UNKNOWN, Credit())
            found[UNKNOWN] = so_far.plus(path.orders, path.revenue, path.margin)
    if model == MARKOV:
        return found | _by_removal(known)
    for path in known:
        if not path.orders:
            continue
        shares = (
            rules.time_decay(path.touches, half_life)
            if model == DECAY
            else _RULES[model](path.touches)
        )
        for touch, share in zip(path.touches, shares, strict=True):
            found[touch.source] = found[touch.source].plus(
                share * path.orders, share * path.revenue, share * path.margin
            )
    return found


def _by_removal(paths: Sequence[Path]) -> dict[str, Credit]:
    """Share all orders out in proportion to removal effects."""
    effects = removal_effects(paths)
    whole = sum(effects.values())
    if whole == 0.0:
        return {}
    totals = [sum(getattr(path, x) for path in paths) for x in Credit._fields]
    return {
        name: Credit(*(total * effect / whole for total in totals))
        for name, effect in effects.items()
    }
