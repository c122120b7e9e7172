"""The simulations of ``omnilab fit``: rounds that adjust the needs, and the days after the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnilab.cli.console import progress_bar, say

if TYPE_CHECKING:
    from omnilab.cli.fit_request import FitRequest
    from omnilab.fit.adjust import Adjusted, Misfit
    from omnilab.fit.forecast import Forecast
    from omnilab.fit.needs import Cohort, Needs
    from omnilab.fit.read import Transactions
    from omnilab.fit.scenario import Setting
    from omnilab.fit.summary import Occasions
    from omnilab.scenario.model import Scenario

__all__ = ["adjusted_needs", "forecast_of"]

# Customers of one simulation: enough to tell a share to half a point, few enough for memory.
_FEWEST, _MOST = 10_000, 50_000
_SEEDS = (1, 2, 3)


def adjusted_needs(setting: Setting, cohort: Cohort, start: Needs, *, quiet: bool) -> Adjusted:
    """Return needs adjusted by simulation, with a line for each round on stderr."""
    from omnilab.fit.adjust import ROUNDS, adjust
    from omnilab.fit.scenario import fitted_scenario, simulated_occasions

    occasions = setting.occasions
    customers = min(max(occasions.n_customers, _FEWEST), _MOST)
    say("simulating (kernels are compiled once a version, up to two minutes)", quiet=quiet)
    with progress_bar(quiet=quiet) as show:

        def simulate(needs: Needs) -> Occasions:
            _, scenario = fitted_scenario(setting, needs)
            return simulated_occasions(
                scenario.with_customers(customers), occasions.n_days,
                same_day=occasions.same_day, seeds=_SEEDS,
            )  # fmt: skip

        def tell(number: int, misfit: Misfit) -> None:
            show("adjusting", number / ROUNDS)
            say(f"round {number}: {misfit}", quiet=quiet)

        return adjust(cohort, start, simulate, rounds=ROUNDS, tell=tell)


def forecast_of(
    setting: Setting, log: Transactions, cohort: Cohort, start: Needs, needs: Needs, bgnbd: Any,
    days: int, request: FitRequest,
) -> Forecast:  # fmt: skip
    """Return the scenario of the log's customers after its end."""
    from datetime import timedelta

    from omnilab.fit.forecast import forecast
    from omnilab.fit.scenario import simulated_occasions
    from omnilab.fit.summary import later_occasions

    occasions = setting.occasions
    customers = min(max(occasions.n_customers, _FEWEST), _MOST)
    say(f"simulating the {days} days after the log's end", quiet=request.quiet)

    def simulate(scenario: Scenario, n_days: int) -> tuple[Occasions, int]:
        found = simulated_occasions(
            scenario.with_customers(customers), n_days, same_day=occasions.same_day, seeds=_SEEDS
        )
        return found, customers * len(_SEEDS)

    later, later_days = None, 0
    if request.until is not None and occasions.start is not None:
        end = occasions.start + timedelta(days=occasions.n_days - 1)
        later, later_days = later_occasions(
            log, end=end, days=days, first_from=request.first_day,
            first_until=request.last_first_day,
        )  # fmt: skip
    return forecast(
        setting, cohort, start, needs, bgnbd, days, simulate, later=later, later_days=later_days
    )
