"""The course of a fit of visits: read, count, write a scenario, adjust idle visits by simulation.

Most visits come to nothing. How many are for a need follows from the base's needs; what is left
over of the log's visits for each order are visits without a need (`idle`). So idle visits are
adjusted by simulation, and not read off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from omnilab.errors import DataError
from omnilab.fit.header import header_of
from omnilab.fit.logs.written import written_out
from omnilab.fit.scenario import validated
from omnilab.fit.visits.read import VisitLog, read_visits
from omnilab.fit.visits.tally import VisitTally
from omnilab.log import rows as log_rows
from omnilab.scenario.model import Scenario
from omnilab.world.device import PHONE, TABLET

__all__ = ["FittedVisits", "fit_visits"]

_LEAST = 1000  # visits
_LEAST_DAYS = 14  # two of each weekday
_LEAST_ORDERS = 50  # of a channel, for a ratio to visits
_SIMULATED = 4000  # customers
_FIRST_IDLE = 0.25  # a week, where the base has none to scale
_CLOSE = 0.03  # of visits an order, beyond which visits without a need are set anew
_MOST_ROUNDS = 2
Say = Callable[[str], None]
Show = Callable[[str, float], None]


@dataclass
class FittedVisits:
    """What was fitted of a log of visits.

    Attributes
    ----------
    log, tally
        What was read, and counted.
    data, scenario
        The fitted scenario.
    fitted
        Dotted key -> (value, standard error or None).
    rows
        (channel, what, the log's number, the simulated one or None).
    notes
        What a user should know.
    """

    log: VisitLog
    tally: VisitTally
    data: dict[str, Any]
    scenario: Scenario
    fitted: dict[str, tuple[float, float | None]] = field(default_factory=dict)
    rows: list[tuple[str, str, float, float | None]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def size(self) -> str:
        """The log's, in words."""
        return f"{self.tally.visits.sum():,} visits, {self.tally.orders.sum():,} orders"

    def header(self, base: str) -> str:
        """Return the comment above the scenario's file."""
        return header_of(self.size, base, self.fitted)


def fit_visits(
    path: str | Path,
    base: Mapping[str, Any],
    *,
    scenario_id: str,
    columns: Mapping[str, str] | None = None,
    words: Mapping[str, str] | None = None,
    say: Say = lambda _line: None,
    show: Show = lambda _what, _share: None,
) -> FittedVisits:
    """Fit a log of visits on a base.

    Parameters
    ----------
    path
        The log; see docs/reference/visit-logs.md.
    base
        Of `omnilab.fit.scenario.read_base`.
    scenario_id
        Of the scenario to make.
    columns, words
        See `omnilab.fit.visits.read.read_visits`.
    say, show
        Told what goes on, and how much of it is done.

    Raises
    ------
    DataError
        For a log that can't be read, or is too short or too small.
    """
    origin = validated({**base, "id": scenario_id, "title": f"Fitted on {Path(path).name}"})
    channels = tuple(c.name for c in origin.channels if c.visit)

    def tell(done: int, total: int | None) -> None:
        if total:
            show("reading", done / total)

    log = read_visits(path, channels, columns=columns, words=words, show=tell)
    tally = VisitTally(len(channels), origin.time.zone)
    with log.spool:
        for rows in log.spool.parts():
            tally.add(rows)
    days = (log.last - log.first) / 86400
    if days < _LEAST_DAYS or tally.visits.sum() < _LEAST:
        raise DataError(
            f"the log has {tally.visits.sum():,} visits in {days:.0f} days: a fit needs at least "
            f"{_LEAST:,} in {_LEAST_DAYS}",
            file=path,
        )
    data = written_out(origin)
    fitted = _read_off(data, tally, channels, origin)
    say("simulating, for visits without a need")
    counts, said_of_idle = _set_idle(data, tally, channels, fitted)
    notes = [*log.notes, *said_of_idle]
    data["assumed"] = [key for key in data.get("assumed") or () if key not in fitted]
    said = {key: (value, None) for key, value in fitted.items()}
    found = FittedVisits(log, tally, data, validated(data), dict(said))
    found.notes = notes
    found.rows = _beside(tally, channels, counts)
    return found


def _read_off(
    data: dict[str, Any], tally: VisitTally, channels: tuple[str, ...], origin: Scenario
) -> dict[str, float]:
    """Put what a log says by itself into a scenario's data; return it by dotted key."""
    fitted: dict[str, float] = {}
    for c, name in enumerate(channels):
        visit = next(x for x in data["channels"] if x["name"] == name)["visit"]
        where = f"channels.{name}.visit"
        n = int(tally.visits[c])
        if n >= _LEAST and tally.known[c] < n:
            for k, shown in enumerate(visit.get("identifiers") or ()):
                if shown["type"] == "login" and shown.get("when", "visit") == "visit":
                    shown["share"] = round(float(tally.known[c] / n), 4)
                    fitted[f"{where}.identifiers[{k}].share"] = shown["share"]
        if tally.bought[c] >= _LEAST_ORDERS and tally.with_cart[c] > tally.bought[c]:
            visit["completes"] = round(float(tally.bought[c] / tally.with_cart[c]), 4)
            fitted[f"{where}.completes"] = visit["completes"]
    with_devices = [c for c, n in enumerate(channels) if _visit(origin, n).devices]
    devices = tally.devices[with_devices].sum(axis=0)
    if devices.sum() >= _LEAST:
        for k, persona in enumerate(data["population"]["personas"]):
            for key, number in (("phone", PHONE), ("tablet", TABLET)):
                share = round(float(devices[number] / devices.sum()), 4)
                if share or key == "phone":
                    persona[key] = share
                    fitted[f"population.personas[{k}].{key}"] = share
    world = data.setdefault("world", {})
    for key, counts in (("hour_index", tally.hours), ("day_index", tally.days)):
        world[key] = [round(float(x), 1) for x in 100.0 * counts / counts.mean()]
        fitted[f"world.{key}"] = float("nan")
    return fitted


def _visit(scenario: Scenario, name: str) -> Any:
    return next(c for c in scenario.channels if c.name == name).visit


def _set_idle(
    data: dict[str, Any], tally: VisitTally, channels: tuple[str, ...], fitted: dict[str, float]
) -> tuple[Any, list[str]]:
    """Set visits without a need so that each order has as many visits as in the log.

    Each simulation but the first also checks what was set after the one before: there is another
    only where that is not close, because what was set has changed the orders.

    Returns
    -------
    counts, notes
        Of the last simulation, as `_counts` returns them, and what is to be said.
    """
    chosen = [c for c in range(len(channels)) if tally.orders[c] >= _LEAST_ORDERS]
    if not chosen:
        note = "too few orders are in the log: visits without a need stay the base's"
        return _counts(validated(data), channels), [note]
    sides = {
        c: next(x for x in data["channels"] if x["name"] == channels[c])["visit"] for c in chosen
    }
    for side in sides.values():
        side["idle"] = side.get("idle") or _FIRST_IDLE
    notes: dict[int, str] = {}
    counts = _counts(validated(data), channels)
    for _ in range(_MOST_ROUNDS):
        visits, without, orders = counts
        moved = False
        for c, side in sides.items():
            if not orders[c] or not without[c]:
                continue
            wanted = orders[c] * tally.visits[c] / tally.orders[c]
            need = visits[c] - without[c]
            key = f"channels.{channels[c]}.visit.idle"
            fitted.setdefault(key, side["idle"])
            if abs(visits[c] / wanted - 1) <= _CLOSE:
                continue
            factor = max((wanted - need) / without[c], 0.0)
            if factor == 0.0:
                notes[c] = (
                    f"{channels[c]}: needs alone make {need / orders[c]:.1f} visits an order, the "
                    f"log has {tally.visits[c] / tally.orders[c]:.1f}: the base's needs are lost "
                    "too often"
                )
            side["idle"] = float(f"{side['idle'] * factor:.4g}")
            fitted[key] = side["idle"]
            moved = True
        if not moved:
            break
        counts = _counts(validated(data), channels)
    return counts, list(notes.values())


def _counts(scenario: Scenario, channels: tuple[str, ...]) -> Any:
    """Return simulated visits, those without a need, and orders, by channel, shape (3, n)."""
    log = _log(scenario)
    at = {c.name: i for i, c in enumerate(scenario.channels)}
    places = [at[name] for name in channels]
    size = len(scenario.channels)
    visit = log_rows.of_kind(log, log_rows.VISIT)
    order = log_rows.of_kind(log, log_rows.ORDER)
    every = [
        np.bincount(x["channel"], minlength=size)[places]
        for x in (visit, visit[visit["need"] < 0], order)
    ]
    return np.array(every)


def _log(scenario: Scenario) -> Any:
    from omnilab.experiment.compare import compare
    from omnilab.strategy.loading import load_strategy

    few = scenario.with_customers(min(scenario.population.customers, _SIMULATED))
    status_quo = load_strategy(few.brand.status_quo, few)
    events = compare(few, [status_quo], keep_events=True).events
    return np.concatenate(list(events[status_quo.name]))


def _beside(
    tally: VisitTally, channels: tuple[str, ...], counts: Any
) -> list[tuple[str, str, float, float | None]]:
    """Return rows of the log beside the simulated counts of `_counts`."""
    visits, _, orders = counts
    found: list[tuple[str, str, float, float | None]] = []
    for c, name in enumerate(channels):
        if not tally.visits[c]:
            continue
        if tally.orders[c]:
            other = float(visits[c] / orders[c]) if orders[c] else None
            found.append((name, "visits an order", float(tally.visits[c] / tally.orders[c]), other))
        share = tally.visits[c] / tally.visits.sum()
        seen = [k for k in range(len(channels)) if tally.visits[k]]
        other = float(visits[c] / visits[seen].sum()) if visits[seen].sum() else None
        found.append((name, "share of the log's visits", float(share), other))
        found.append((name, "visits with a login", float(tally.known[c] / tally.visits[c]), None))
        told = tally.devices[c].sum()
        for number, what in ((PHONE, "on a phone"), (TABLET, "on a tablet")):
            if told and tally.devices[c, number]:
                found.append((name, f"visits {what}", float(tally.devices[c, number] / told), None))
    return found
