"""A few customers' days under each strategy, as the twin explorer of a page shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from omnilab.log import rows as log_rows
from omnilab.report.timeline import Teller, local_time, summary

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["Lives", "Moment", "chosen", "live"]

MOST: Final = 10  # customers on a page
EACH: Final = 4  # of a kind
#: What a row of the log is, in a mark's terms.
_CLASSES: Final = {
    log_rows.SENT: "message", log_rows.BOUNCE: "message", log_rows.FINAL: "message",
    log_rows.OPEN: "answer", log_rows.CLICK: "answer",
    log_rows.VISIT: "visit", log_rows.CART: "visit", log_rows.SERVICE: "visit",
    log_rows.COLLECTING: "visit",
    log_rows.ORDER: "order",
    log_rows.CART_LEFT: "loss", log_rows.GIVE_UP: "loss", log_rows.NEED_LOST: "loss",
    log_rows.BAD: "loss", log_rows.LEFT: "loss", log_rows.UNSUBSCRIBE: "loss",
    log_rows.SPAMREPORT: "loss", log_rows.STOP_ALL: "loss", log_rows.RETURN: "loss",
}  # fmt: skip
OTHER: Final = "need"  # needs, tips, permissions


@dataclass(frozen=True)
class Moment:
    """What happened in one second.

    Attributes
    ----------
    time_s
        Since the scenario's start.
    local
        The customer's date and time.
    lanes
        For each strategy (class, words) of what happened, empty where nothing did.
    """

    time_s: int
    local: str
    lanes: tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True)
class Life:
    """One customer: the row of ``notable``, the persona, and the days."""

    row: Mapping[str, Any]
    persona: str
    sums: tuple[str, ...]
    moments: tuple[Moment, ...]


@dataclass(frozen=True)
class Lives:
    """Customers under the strategies that are named, each in the same order."""

    strategies: tuple[str, ...]
    customers: tuple[Life, ...]


def chosen(rows: Sequence[Mapping[str, Any]], strategy: str) -> list[Mapping[str, Any]]:
    """Return a few rows of ``notable``: of one strategy, of every kind, each customer once."""
    found: list[Mapping[str, Any]] = []
    taken: set[tuple[int, int]] = set()
    each: dict[str, int] = {}
    for row in rows:
        who = (row["replication"], row["customer"])
        if row["strategy"] != strategy or who in taken or each.get(row["kind"], 0) >= EACH:
            continue
        if len(found) < MOST:
            found.append(row)
            taken.add(who)
            each[row["kind"]] = each.get(row["kind"], 0) + 1
    return found


def live(
    scenario: Scenario, strategies: Sequence[LoadedStrategy], rows: Sequence[Mapping[str, Any]], *,
    seed: int,
) -> Lives:  # fmt: skip
    """Simulate customers again, which gives the same days as in the run.

    Parameters
    ----------
    scenario
        With the customers that were simulated.
    strategies
        None that learns from the whole population.
    rows
        Of the table ``notable``.
    seed
        Of the run.
    """
    from omnilab.engine.calibrate import calibrated_model
    from omnilab.experiment.singles import twin_rows
    from omnilab.strategy.loading import load_strategy

    model = calibrated_model(scenario)
    before = [j.name for j in load_strategy(scenario.brand.status_quo, scenario).plan.journeys]
    customers = []
    for row in rows:
        logs = twin_rows(
            scenario, strategies, row["customer"], seed=seed, replication=row["replication"],
            calibrated=model,
        )  # fmt: skip
        tellers = [Teller(scenario, [j.name for j in s.plan.journeys], before) for s in strategies]
        told = [teller.tell_kinds(log) for teller, log in zip(tellers, logs, strict=True)]
        customers.append(_life(scenario, row, logs, told))
    return Lives(tuple(s.name for s in strategies), tuple(customers))


def _life(
    scenario: Scenario,
    row: Mapping[str, Any],
    logs: Sequence[NDArray[np.void]],
    told: Sequence[Sequence[tuple[int, int, str]]],
) -> Life:
    from_s = scenario.time.burn_in
    to_s = from_s + scenario.time.window + scenario.time.run_out
    by_time: dict[int, list[list[tuple[str, str]]]] = {}
    for lane, timeline in enumerate(told):
        for time_s, kind, words in timeline:
            if from_s <= time_s < to_s:
                place = by_time.setdefault(time_s, [[] for _ in told])
                place[lane].append((_CLASSES.get(kind, OTHER), words))
    moments = tuple(
        Moment(
            time_s,
            f"{local_time(scenario, time_s):%Y-%m-%d %H:%M}",
            tuple(tuple(lane) for lane in by_time[time_s]),
        )
        for time_s in sorted(by_time)
    )
    sums = tuple(summary(log, from_s, to_s, scenario.currency) for log in logs)
    return Life(row, _persona(scenario, logs[0]), sums, moments)


def _persona(scenario: Scenario, log: NDArray[np.void]) -> str:
    born = log_rows.of_kind(log, log_rows.PERSON)
    personas = scenario.population.personas
    number = int(born[0].persona) if len(born) else -1
    return personas[number].name if 0 <= number < len(personas) else ""
