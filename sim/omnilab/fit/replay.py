"""Replay a log: adjust needs in the simulated world until its customers buy as the log's do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from omnilab.errors import ScenarioError
from omnilab.fit.adjust import ROUNDS, Adjusted, adjust
from omnilab.fit.laws import stand
from omnilab.fit.likely import LikelyLaws, past_of
from omnilab.fit.misfit import Misfit
from omnilab.fit.needs import Cohort, Needs
from omnilab.fit.scenario import Setting, Simulated, fitted_scenario, simulate
from omnilab.scenario.model import Scenario

__all__ = ["Replay", "Say", "Show", "possible", "replay", "simulated"]

# Customers of one simulation: enough to tell a share to half a point, few enough for memory.
_FEWEST, _MOST = 10_000, 50_000
_SEEDS = (1, 2, 3)
# Of all who left by the laws, what bad experiences may make of it before habit has to tame them
# (ours).
_MOST_ANNOYED = 0.3
_LESS_REGULAR = 0.9  # where orders can't be as regular as asked, the next that is tried

Say = Callable[[str], None]
Show = Callable[[str, float], None]


@dataclass(frozen=True)
class Replay:
    """Needs that replay a log.

    Parameters
    ----------
    adjusted
        The needs, and how near they come.
    left
        Share of the simulated customers who left within the log's days, by cause.
    setting, start
        With what had to be changed: habit, and the regularity that the world can have.
    """

    adjusted: Adjusted
    left: Mapping[str, float]
    setting: Setting
    start: Needs


def replay(
    setting: Setting,
    cohort: Cohort,
    likely: LikelyLaws,
    start: Needs,
    say: Say,
    show: Show,
    *,
    seasonal: bool,
) -> Replay:
    """Return needs adjusted by simulation, and who left by cause.

    The chance to leave after an order is what is left of the laws' when the simulated world's
    own reasons to leave are taken off: else those would come on top. Where those reasons alone
    make up a large part of all leaving, customers get used to them (`Setting.habit`): the more
    often they order, the more would leave.

    Parameters
    ----------
    setting, cohort, likely
        The log and its laws.
    start
        From `first_guess`.
    say, show
        Told what is going on, and how much is done.
    seasonal
        Whether the months' factors move too.
    """
    say("simulating (kernels are compiled once a version, two to three minutes)")
    found: dict[Needs, Simulated] = {}

    def run(needs: Needs) -> Needs:
        def attempt(one: Needs) -> None:
            _, scenario = fitted_scenario(setting, one)
            found[one] = simulated(setting, scenario, setting.occasions.n_days)

        return needs if needs in found else possible(needs, attempt, say)

    def tell(number: int, misfit: Misfit) -> None:
        show("adjusting", number / ROUNDS)
        say(f"round {number}: {misfit}")

    def annoyed(needs: Needs) -> float:
        return found[needs].left["annoyed"] / len(found[needs].occasions.customer)

    past = past_of(setting.occasions, start.season)
    gone = 1 - float(stand(likely.laws, past, past.repeats).alive.mean())
    first = run(start.rounded())
    if found[first].left["annoyed"] / found[first].customers > _MOST_ANNOYED * gone:
        setting = replace(setting, habit=True)
        found.clear()
        first = run(first)
    start = replace(start, regularity=first.regularity)
    adjusted = adjust(
        cohort, start.with_other_leaving(annoyed(first)), lambda needs: found[needs].occasions,
        possible=run, rounds=ROUNDS, seasonal=seasonal,
        tailed=setting.spend is not None and len(setting.spend.classes) > 1,
        leaving=likely.dropout_identified, tell=tell,
    )  # fmt: skip
    show("adjusting", 1.0)  # it may be close enough before the last round
    last = found[adjusted.needs]
    left = {cause: number / last.customers for cause, number in last.left.items()}
    return Replay(adjusted, left, setting, start)


def possible(needs: Needs, attempt: Callable[[Needs], object], say: Say) -> Needs:
    """Return needs that the world can follow, with orders as regular as its losses let them be.

    Parameters
    ----------
    needs
        Wanted.
    attempt
        Simulates some.
    say
        Told what had to be changed.

    Raises
    ------
    ScenarioError
        If the world can't follow for another reason.
    """
    while True:
        try:
            attempt(needs)
        except ScenarioError as error:
            if needs.regularity == 1 or "order_regularity" not in str(error):
                raise
            less = needs.regularity * _LESS_REGULAR
            needs = replace(needs, regularity=less if less > 1 else 1.0).rounded()
            say(f"orders are made less regular, {needs.regularity:g}: {error}")
        else:
            return needs


def simulated(setting: Setting, scenario: Scenario, n_days: int) -> Simulated:
    """Return what about as many customers as the log's do in so many days, of three seeds."""
    occasions = setting.occasions
    customers = min(max(occasions.n_customers, _FEWEST), _MOST)
    return simulate(
        scenario.with_customers(customers), n_days, same_day=occasions.same_day, seeds=_SEEDS
    )
