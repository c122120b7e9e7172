"""The verdict of a gate: ship, discuss or do not, from one-sided tests on the same customers.

A verdict must be earned. *Ship* needs every guard to pass: the goal is better, each guardrail is
not worse by more than its margin. Each is tested by itself at half the gate's level, and since all
must pass, the chance of a wrong *ship* is no larger (an intersection-union test). *Do not* needs
one guard to fail: something is worse by more than its margin, or the goal's measure is worse at
all; Holm's correction over all guards keeps the chance of any false failure at the other half.
Everything else is to be discussed. Where the two strategies don't differ the goal passes with half
of the level and anything fails with half of it: a verdict by chance has at most the level.

References
----------
Berger, R. L. (1982). Multiparameter hypothesis testing and acceptance sampling. Technometrics 24,
295-300.
Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of
Statistics 6, 65-70.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Literal

from omnilab.errors import OptionError
from omnilab.experiment.gate.needed import times_needed
from omnilab.experiment.gate.power import one_sided, power_above
from omnilab.experiment.statistics import Estimate, Moments, holm

if TYPE_CHECKING:
    from omnilab.experiment.gate.declared import Gate, Guard
    from omnilab.experiment.gate.harmed import HarmCount, Share

__all__ = ["DISCUSS", "DO_NOT", "SHIP", "Judged", "Verdict", "chance_of_failing", "decide"]

SHIP: Final = "ship"
DISCUSS: Final = "discuss"
DO_NOT: Final = "do not"

State = Literal["passes", "undecided", "fails"]


@dataclass(frozen=True)
class Judged:
    """One guard, and what was found.

    Attributes
    ----------
    guard
        What was asked.
    estimate
        Of a measure its paired difference, strategy less reference, with its 95% interval; else
        the share.
    limit
        Where the estimate's allowed side ends, in its unit; for a margin that is a share of the
        reference's value, at the value that was simulated.
    excess, error
        How far the estimate is on the allowed side of its bound, and its standard error.
    clusters
        That the interval stands on.
    p_pass, p_fail
        One-sided, of "it is on the allowed side" and of "it is not"; None where there is no
        interval.
    p_adjusted
        `p_fail` after Holm's correction.
    state
        ``passes``, ``undecided`` or ``fails``.
    why
        Why it can't be decided, where that is not chance; also what never happened.
    never
        Whether what a share counts never happened under either.
    times
        Of an undecided guard: how many times the customers that were run would decide it, were the
        difference as it is; infinite where none would, None where that can't be said.
    kept
        Of a measure: its value under the reference.
    """

    guard: Guard
    estimate: Estimate
    limit: float | None
    excess: float | None = None
    error: float | None = None
    clusters: int = 0
    p_pass: float | None = None
    p_fail: float | None = None
    p_adjusted: float | None = None
    state: State = "undecided"
    why: str = ""
    never: bool = False
    times: float | None = None
    kept: float | None = None

    @property
    def is_loose(self) -> bool:
        """Whether a guardrail's margin is above the reference's own value, so nothing breaks it."""
        guard = self.guard
        plain = guard.kind == "measure" and not guard.is_goal and not guard.relative
        return plain and bool(self.kept) and guard.margin > abs(self.kept or 0.0)


@dataclass(frozen=True)
class Verdict:
    """What a gate says of a strategy.

    Attributes
    ----------
    gate
        What was asked.
    strategy, reference
        Names.
    verdict
        `SHIP`, `DISCUSS` or `DO_NOT`.
    judged
        The goal first, then the guardrails in their order.
    no_change
        Whether both did the very same with every customer: then it is `SHIP` and each guard
        passes, since no measure can differ, and the goal is not asked for.
    """

    gate: Gate
    strategy: str
    reference: str
    verdict: str
    judged: tuple[Judged, ...]
    no_change: bool = False

    @property
    def may_ship(self) -> bool:
        """Whether it is safe to ship."""
        return self.verdict == SHIP


def decide(
    gate: Gate, moments: Moments, strategy: str, reference: str, *,
    harmed: HarmCount | None = None, worlds: Mapping[str, Any] | None = None,
    no_change: bool = False,
) -> Verdict:  # fmt: skip
    """Return the verdict on a strategy.

    Parameters
    ----------
    gate
        From `read_gate`.
    moments
        Of a comparison with both strategies, and with the baseline of a measure that has one.
    strategy, reference
        Names.
    harmed
        Of the same customers, where the gate asks for it.
    worlds
        What plausible worlds say: ``shares``, rows with ``strategy``, ``share``, ``low``, ``high``.
    no_change
        Whether the logs of both are equal: the caller knows, since equal sums don't say so.
    """
    half = gate.level / 2.0
    judged = []
    for guard in gate.guards:
        if guard.kind == "measure":
            one = _measured(guard, moments, strategy, reference)
        elif guard.kind == "harmed":
            one = _harmed(guard, harmed)
        else:
            one = _worlds(guard, worlds, strategy)
        judged.append(one)
    adjusted = holm([j.p_fail for j in judged])
    if no_change:
        same = tuple(
            replace(j, p_adjusted=p, state="passes", why="nothing changes")
            for j, p in zip(judged, adjusted, strict=True)
        )
        return Verdict(gate, strategy, reference, SHIP, same, no_change=True)
    fallible = sum(j.p_fail is not None for j in judged)
    states = tuple(
        _stated(replace(j, p_adjusted=p), half, fallible)
        for j, p in zip(judged, adjusted, strict=True)
    )
    verdict = DISCUSS
    if any(j.state == "fails" for j in states):
        verdict = DO_NOT
    elif all(j.state == "passes" for j in states):
        verdict = SHIP
    return Verdict(gate, strategy, reference, verdict, states)


def chance_of_failing(
    effect: float, margin: float, error: float, clusters: int, level: float, guards: int = 1
) -> float:
    """Return the chance that a guardrail fails by itself where a harm is planted.

    Parameters
    ----------
    effect
        The true difference, in the good direction: a harm is negative.
    margin
        How much worse it may be.
    error
        Standard error of the paired difference.
    clusters
        That it stands on.
    level
        The gate's: half of it is for failing.
    guards
        How many guards the gate has: Holm's correction divides the half by that at most.
    """
    return power_above(-(effect + margin), error, clusters - 1, level / 2.0 / guards)


def _stated(judged: Judged, half: float, guards: int) -> Judged:
    """Return a guard with its state, and with what would decide it if nothing does."""
    if judged.p_adjusted is not None and judged.p_adjusted <= half:
        return replace(judged, state="fails")
    if judged.p_pass is not None and judged.p_pass <= half:
        return replace(judged, state="passes")
    return replace(judged, times=times_needed(judged, half, max(guards, 1)))


def _measured(guard: Guard, moments: Moments, strategy: str, reference: str) -> Judged:
    """Test a measure's paired difference against its margin."""
    sign = 1 if guard.higher else -1
    margin = Fraction(guard.margin) if guard.is_goal else -Fraction(guard.margin)
    plain: list[tuple[str, int | Fraction]] = [(strategy, 1), (reference, -1)]
    found, above, below = moments.beyond(guard.measure, plain, 0.0)
    kept = moments.estimate(guard.measure, reference).value
    clusters = moments.clusters_of(guard.measure)
    if found.value is None or kept is None:
        return Judged(guard, found, None, why="no value: nothing happened that it is a share of")
    limit = sign * guard.margin * (1 if guard.is_goal else -1)
    if guard.relative:
        # A share of the reference's own value, which has an error too.
        limit *= kept
        weights = [(strategy, Fraction(sign)), (reference, -sign * (1 + sign * margin))]
        tested, p_pass, p_fail = moments.beyond(guard.measure, weights, 0.0)
        excess = tested.value
    else:
        tested, higher, lower = moments.beyond(guard.measure, plain, limit)
        p_pass, p_fail = (higher, lower) if guard.higher else (lower, higher)
        excess = sign * found.value - float(margin)
    assert excess is not None
    if tested.error is None:
        why = "no interval: the customers are coupled, or too few; try --replications 10"
        return Judged(guard, found, limit, excess, clusters=clusters, why=why, kept=kept)
    if guard.is_goal:  # it fails where it is worse at all, not where it gains too little
        p_fail = below if guard.higher else above
    why, never = _never_seen(guard, moments, strategy, reference)
    if why and not never and kept == found.value == 0.0:  # of which no bound is known
        p_pass = 1.0
    return Judged(guard, found, limit, excess, tested.error, clusters, p_pass, p_fail, why=why,
                  never=never, kept=kept)  # fmt: skip


def _never_seen(
    guard: Guard, moments: Moments, strategy: str, reference: str
) -> tuple[str, bool]:  # fmt: skip
    """Return what to say of a measure that is 0, and whether it is a share's events of both."""
    measure = moments.measures[guard.measure]
    sums = {name: moments.sums(name) for name in (strategy, reference)}
    seen = {
        name: sum(factor * sums[name][term] for term, factor in measure.denominator)
        for name in (strategy, reference)
        if moments.estimate(guard.measure, name).value == 0.0
    }
    if measure.unit != "share":
        both = len(seen) == 2
        return ("it is 0 under both: nothing can be said of a change" if both else ""), False
    among = " and ".join(f"{n:,} under {name}" for name, n in seen.items())
    return (f"it never happened among {among}" if seen else ""), len(seen) == 2


def _harmed(guard: Guard, count: HarmCount | None) -> Judged:
    """Test the share of customers harmed against the largest that may be.

    It fails only where more customers are harmed than gain, too: what chance alone does harms as
    many as it helps.
    """
    if count is None or count.clusters == 0:
        raise OptionError("the gate asks for the share harmed, and no customers were counted")
    harmed, net, n = count.harmed, count.net, count.clusters
    estimate = _interval(harmed, n)
    if harmed.error is None or net.error is None:
        return Judged(guard, estimate, guard.margin, guard.margin - harmed.value, clusters=n,
                      why="no interval: too few customers")  # fmt: skip
    excess = guard.margin - harmed.value
    p_pass, p_fail = one_sided(excess, harmed.error, n - 1)
    if harmed.value == 0.0:  # nobody at all among n clusters: exact, not normal
        p_pass = (1.0 - guard.margin) ** n
    p_net, _ = one_sided(net.value, net.error, n - 1)
    return Judged(
        guard, estimate, guard.margin, excess, harmed.error, n, p_pass, max(p_fail, p_net)
    )


def _worlds(guard: Guard, worlds: Mapping[str, Any] | None, strategy: str) -> Judged:
    """Hold the share of worlds that agree against the smallest that may be.

    The share's 95% interval decides. It never fails a gate: worlds that disagree are a reason to
    find out more, and no proof of harm in the one world that there is.
    """
    nothing = Estimate(None, None, None)
    if worlds is None:
        why = (
            "no worlds were run: give --plausible FILE, or more customers (from 2,000 on worlds "
            "within the scenario's assumptions are run; if they failed, a warning says why)"
        )
        return Judged(guard, nothing, guard.margin, why=why)
    row = next((r for r in worlds["shares"] if r["strategy"] == strategy), None)
    if row is None:
        return Judged(guard, nothing, guard.margin, why="it failed in the worlds")
    found = Estimate(row["share"], row["low"], row["high"])
    passes = row["low"] >= guard.margin
    return Judged(
        guard, found, guard.margin, row["share"] - guard.margin, clusters=int(worlds["worlds"]),
        p_pass=0.0 if passes else 1.0,
    )  # fmt: skip


def _interval(share: Share, clusters: int) -> Estimate:
    if share.error is None:
        return Estimate(share.value, None, None)
    from scipy.special import stdtrit

    half = float(stdtrit(clusters - 1, 0.975)) * share.error
    low, high = max(0.0, share.value - half), min(1.0, share.value + half)
    return Estimate(share.value, low, high, share.error)
