"""Differences against one strategy, the reference, as the screen, the page and the files have them.

The direction is always a strategy less the reference. Several differences are looked at together,
so their p-values are adjusted by Holm's method within a *family*: the measures that the report
shows side by side (`COMPARED`) are one, all other measures are the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from omnilab.errors import OptionError, nearest
from omnilab.experiment.statistics import Estimate, holm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnilab.experiment.comparison import Comparison
    from omnilab.measure.ratio import Measure

__all__ = [
    "ALPHA",
    "COMPARED",
    "FURTHER",
    "REPORTED",
    "Difference",
    "check_reference",
    "differences",
    "reference_among",
    "reference_of",
]

ALPHA: Final = 0.05
COMPARED: Final = (
    *("ltv", "purchase_rate", "messages_per_customer", "orders_per_customer", "revenue", "margin"),
    *("contact_cost", "retention", "cart_recovery_rate", "continuity"),
)
REPORTED: Final = "reported"  # the family of `COMPARED`
FURTHER: Final = "further"  # and that of the rest


@dataclass(frozen=True)
class Difference:
    """One measure under a strategy less the same under the reference, on the same customers.

    Attributes
    ----------
    strategy, reference
        Names; the estimate is ``strategy - reference``.
    measure
        What is compared.
    estimate
        With its 95% interval and two-sided p-value, as far as they are known.
    family
        `REPORTED` or `FURTHER`.
    looks
        How many differences with a p-value the family has.
    p_adjusted
        Holm's, within the family; None where there is no p-value.
    """

    strategy: str
    reference: str
    measure: Measure
    estimate: Estimate
    family: str
    looks: int
    p_adjusted: float | None

    @property
    def hardly_chance(self) -> bool | None:
        """Whether it has a star in the report: adjusted p below 0.05; None without a p-value."""
        return None if self.p_adjusted is None else self.p_adjusted < ALPHA


def check_reference(against: str, names: Sequence[str]) -> str:
    """Return the name of the strategy that differences are to be taken against.

    Parameters
    ----------
    against
        As the user named it.
    names
        Of the strategies that are compared.

    Raises
    ------
    OptionError
        If it is none of them; names the nearest.
    """
    if against not in names:
        hint = nearest(against, names) or f"; there are {', '.join(names)}"
        raise OptionError(f"--against {against!r}: no such strategy in this comparison{hint}")
    return against


def reference_of(comparison: Comparison, against: str | None = None) -> str | None:
    """Return the strategy that the others are held against, None where there is one only.

    That is the one asked for; else the scenario's status quo, multichannel, or the first that was
    named. A strategy that failed is no reference.
    """
    names = [run.name for run in comparison.strategies]
    return reference_among(names, comparison.scenario.brand.status_quo, against)


def reference_among(
    names: Sequence[str], status_quo: str, against: str | None = None
) -> str | None:
    """Return the strategy, of those with these names, that `reference_of` takes."""
    if len(names) < 2:
        return None
    wished = (against, status_quo, "multichannel")
    return next((name for name in wished if name in names), names[0])


def differences(comparison: Comparison, against: str | None = None) -> list[Difference]:
    """Return each other strategy less the reference, in the order of names and of the measures.

    Parameters
    ----------
    comparison
        What was found.
    against
        As `reference_of` takes it.
    """
    reference, moments = reference_of(comparison, against), comparison.moments
    if reference is None:
        return []
    others = sorted(run.name for run in comparison.strategies if run.name != reference)
    found: dict[tuple[str, str], Difference] = {}
    for family in (REPORTED, FURTHER):
        keys = [(s, m) for s in others for m in moments.measures if _family(m) == family]
        estimates = [moments.difference(m, s, reference) for s, m in keys]
        looks = sum(e.p_value is not None for e in estimates)
        adjusted = holm([e.p_value for e in estimates])
        for (s, m), estimate, p in zip(keys, estimates, adjusted, strict=True):
            measure = moments.measures[m]
            found[s, m] = Difference(s, reference, measure, estimate, family, looks, p)
    return [found[s, m] for s in others for m in moments.measures]


def _family(measure: str) -> str:
    return REPORTED if measure in COMPARED else FURTHER
