"""Go on until intervals are narrow: how many replications a comparison needs, and when it stops.

The rule looks at widths only, never at which side of zero a difference lies, and seldom: a look
computes how many customers the target takes, adds a tenth, and the next look is there. Two more
things keep the promise of the intervals after the stop. Where differences are rare and of one
sign, a variance that is too small by chance comes with an estimate that is off: so the width that
is looked at is larger by what the variance may be off (`Tail.worth`). And Student's t interval
itself holds less than it says of a sum with a long tail on one side: so there is no stop before
that loss is below a hundredth (`Tail.skew`). docs/explanation/chance.md shows that it works.

References
----------
Stein, C. (1945). A two-sample test for a linear hypothesis whose power is independent of the
variance. Annals of Mathematical Statistics 16, 243-258.
Chow, Y. S. and Robbins, H. (1965). On the asymptotic theory of fixed-width sequential confidence
intervals for the mean. Annals of Mathematical Statistics 36, 457-462.
Hall, P. (1992). The Bootstrap and Edgeworth Expansion, section 2.6: Student's t of a skewed mean
loses 0.25 times its squared skewness of coverage. Springer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, inf, isfinite, sqrt
from typing import TYPE_CHECKING, Any, Final

from omnilab.experiment.tails import (
    LEAST_WORTH,
    MOST_SKEW,
    PILOT_CLUSTERS,
    Tail,
    enough,
    next_size,
)
from omnilab.experiment.targets import MAIN, MOST_CUSTOMERS, Target, Until, parse_targets
from omnilab.measure.catalogue import MEASURES
from omnilab.measure.layout import SUMS, names_of

if TYPE_CHECKING:
    from omnilab.experiment.statistics import Moments

__all__ = [
    "LEAST_WORTH",
    "MAIN",
    "MOST_CUSTOMERS",
    "PILOT_CLUSTERS",
    "Sequential",
    "Tail",
    "Target",
    "Until",
    "Watch",
    "enough",
    "next_size",
    "parse_targets",
]

_AT: Final = {name: i for i, name in enumerate(names_of(SUMS))}


@dataclass(frozen=True)
class Watch:
    """A difference that is waited for, as a look found it.

    Attributes
    ----------
    strategy, measure
        Whose difference of what.
    half, wanted
        Half the interval's width, and how narrow it is to be; None where it has no value.
    factor
        How many times the clusters are needed; infinite where no number will do.
    known
        Whether the variance rests on enough clusters to plan with.
    times
        How many times as many customers independent groups would take; None where that is unknown.
    """

    strategy: str
    measure: str
    half: float | None
    wanted: float | None
    factor: float
    known: bool = False
    times: float | None = None

    @property
    def narrow(self) -> bool:
        """Whether the interval is as narrow as it is to be."""
        return self.half is not None and self.wanted is not None and self.half <= self.wanted


@dataclass
class Sequential:
    """The rule on its way through one comparison.

    Parameters
    ----------
    until
        What is asked for.
    strategies
        Names, in the order of the blocks' second axis.
    reference
        The strategy that is subtracted; None where there is only one.
    tails
        By strategy and measure.
    looks
        Replications after which it has looked, with the replications that it found to be needed;
        None where no number will do.
    why
        Why it stopped; "" while it goes on.
    """

    until: Until
    strategies: tuple[str, ...]
    reference: str | None
    tails: dict[tuple[str, str], Tail] = field(default_factory=dict)
    looks: list[tuple[int, int | None]] = field(default_factory=list)
    why: str = ""

    def __post_init__(self) -> None:
        """Make the tails of all differences that are waited for."""
        for target in self.until.targets:
            for name in self.strategies:
                if name != self.reference:
                    self.tails.setdefault((name, target.measure), Tail())

    def take(self, block: Any) -> None:
        """Take in clusters, as `Moments.add` does."""
        if self.reference is None:
            return
        r = self.strategies.index(self.reference)
        for (strategy, measure), tail in self.tails.items():
            i = self.strategies.index(strategy)
            terms = [(_AT[name], factor) for name, factor in MEASURES[measure].numerator]
            tail.add(sum(factor * (block[:, i, at] - block[:, r, at]) for at, factor in terms))

    def look(self, moments: Moments, done: int) -> int:
        """Return the replications that there are to be: ``done`` if that is enough."""
        most = self.until.most
        if self.reference is None:
            self.why = "one strategy has no differences"
            return done
        pilot = ceil(PILOT_CLUSTERS * done / max(1, moments.clusters))
        if done < min(pilot, most):
            return min(pilot, most)
        worst = max(self.watches(moments), key=lambda w: w.factor)
        needed = None if not isfinite(worst.factor) else max(1, ceil(done * worst.factor))
        self.looks.append((done, needed))
        if needed is None:
            self.why = self._never(worst)
        elif worst.factor <= 1.0:
            self.why = "all intervals are as narrow as asked for"
        elif done >= most:
            self.why = self._too_far(worst, needed)
        else:
            return next_size(done, worst.factor, most, known=worst.known)
        return done

    def watches(self, moments: Moments) -> list[Watch]:
        """Return all differences that are waited for, as far as they are."""
        found = []
        for target in self.until.targets:
            measure, reference = target.measure, str(self.reference)
            base = moments.estimate(measure, reference).value
            for strategy in self.strategies:
                if strategy == reference:
                    continue
                difference = moments.difference(measure, strategy, reference)
                if base is None or difference.low is None or difference.high is None:
                    found.append(Watch(strategy, measure, None, None, inf))
                    continue
                half, wanted = (difference.high - difference.low) / 2, target.half_for(base)
                tail = self.tails[strategy, measure]
                known = tail.worth >= LEAST_WORTH and tail.skew <= MOST_SKEW
                ratio = moments.paired_variance_ratio(measure, strategy, reference)
                factor = enough(half, wanted, tail, moments.clusters)
                times = 1 / ratio if ratio else None
                found.append(Watch(strategy, measure, half, wanted, factor, known, times))
        return found

    def says(self, going_to: int) -> str:
        """Return what a user is told after a look that goes on."""
        until = self.until
        _, needed = self.looks[-1] if self.looks else (0, None)
        if needed is None:
            return f"--until: looks first after {going_to * until.customers:,} customers"
        text = f"--until: takes about {needed * until.customers:,} customers"
        if needed > until.most:
            return (
                f"{text}, more than --most-customers {until.most_customers:,}: it will stop after "
                f"{until.most * until.customers:,}, with the widest interval about "
                f"{sqrt(needed / until.most):.2g} times as wide as asked for"
            )
        return f"{text}, goes on to {going_to * until.customers:,}"

    def result(self, moments: Moments, done: int) -> dict[str, Any]:
        """Return what ``result.json`` says of the rule."""
        customers = self.until.customers
        watched = [] if self.reference is None else self.watches(moments)
        return {
            "targets": [vars(target) for target in self.until.targets],
            "most_customers": self.until.most_customers,
            "met": bool(watched) and all(w.factor <= 1.0 for w in watched),
            "why": self.why,
            "customers": done * customers,
            "looks": [
                {
                    "customers": n * customers,
                    "needed_customers": None if needed is None else needed * customers,
                }
                for n, needed in self.looks
            ],
            "differences": [
                {
                    "strategy": w.strategy,
                    "reference": self.reference,
                    "measure": w.measure,
                    "half": w.half,
                    "wanted": w.wanted,
                    "narrow": w.narrow,
                    "unpaired_times": w.times,
                }
                for w in watched
            ],
        }

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint needs."""
        tails = [[tail.squares, tail.cubes, tail.fourths] for tail in self.tails.values()]
        return {"looks": [list(look) for look in self.looks], "tails": tails}

    def resume(self, state: dict[str, Any]) -> None:
        """Take in what `state` gave."""
        self.looks = [(int(n), needed) for n, needed in state["looks"]]
        self.tails = {
            key: Tail(*sums) for key, sums in zip(self.tails, state["tails"], strict=True)
        }

    def _never(self, worst: Watch) -> str:
        what = f"{worst.measure} of {worst.strategy} less {self.reference}"
        if worst.half is None:
            return f"{what} has no interval, and more customers give none"
        return f"{self.reference}'s {worst.measure} is 0, so a share of it is no width"

    def _too_far(self, worst: Watch, needed: int) -> str:
        what = f"{worst.measure} of {worst.strategy} less {self.reference}"
        customers = needed * self.until.customers
        bound = f"--most-customers is {self.until.most_customers:,}"
        if worst.narrow:
            return (
                f"{what} rests on the differences of few customers: {customers:,} customers would "
                f"tell its interval well enough, and {bound}"
            )
        return (
            f"{what} varies so much that it takes about {customers:,} customers, and {bound}; half "
            f"its interval is {worst.half:.3g} where {worst.wanted:.3g} was asked for"
        )
