"""A simulated log in the form in which a user's log is counted, so that both are counted alike."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnilab.fit.messages.normal import BULK, COMPLAINT, HARD, HIDDEN, MESSAGE, OPT_OUT, TRIGGER
from omnilab.log import rows
from omnilab.scenario.model import Scenario

__all__ = ["as_messages", "simulate"]


def simulate(scenario: Scenario, *, seed: int = 1) -> tuple[NDArray[Any], int]:
    """Return the messages that a scenario's status quo sends, and the last second.

    Raises
    ------
    StrategyError
        If the status quo fails.
    """
    from omnilab.experiment.compare import compare
    from omnilab.strategy.loading import load_strategy

    status_quo = load_strategy(scenario.brand.status_quo, scenario)
    events = compare(scenario, [status_quo], seed=seed, keep_events=True).events
    log = np.concatenate(list(events[status_quo.name]))
    end = scenario.time.window + scenario.time.run_out
    return as_messages(log, scenario), end


def as_messages(log: NDArray[Any], scenario: Scenario) -> NDArray[Any]:
    """Return a log's messages, of dtype `MESSAGE`, with the receipts that the brand's tool has.

    Times are seconds from the scenario's start.
    """
    numbers = np.full(len(scenario.channels), -1)
    writing = [i for i, c in enumerate(scenario.channels) if c.message]
    numbers[writing] = np.arange(len(writing))
    sent = rows.of_kind(log, rows.SENT)
    out = np.zeros(len(sent), MESSAGE)
    out["person"], out["sent"] = sent["person"], sent["time"]
    out["channel"] = numbers[sent["channel"]]
    weekly = np.array([j.trigger == "weekly" for j in scenario.brand.journeys] or [True])
    out["kind"] = np.where(weekly[sent["journey"]], BULK, TRIGGER)
    out["journey"] = sent["journey"]
    out["opened"] = out["clicked"] = -1
    key = _keys(sent)
    order = np.argsort(key)
    sorted_key = key[order]

    def places(found: Any) -> Any:
        at = np.searchsorted(sorted_key, _keys(found))
        at = np.minimum(at, len(sorted_key) - 1)
        return np.where(sorted_key[at] == _keys(found), order[at], -1)

    for name, kinds in (("opened", (rows.OPEN, rows.MACHINE_OPEN)),
                        ("clicked", (rows.CLICK, rows.SCANNER_CLICK))):  # fmt: skip
        for kind in kinds:
            found = rows.of_kind(log, kind)
            found = found[found["receipt"] != 1]
            at = places(found)
            _earliest(out[name], at[at >= 0], found["time"][at >= 0])
    for kind, bit in (
        (rows.BOUNCE, HARD),
        (rows.UNSUBSCRIBE, OPT_OUT),
        (rows.SPAMREPORT, COMPLAINT),
    ):
        at = places(rows.of_kind(log, kind))
        out["flags"][at[at >= 0]] |= bit
    hidden = (out["clicked"] >= 0) & (out["opened"] < 0)
    out["flags"] |= np.where(hidden, HIDDEN, 0).astype(np.uint8)
    return out


def _keys(found: Any) -> NDArray[np.int64]:
    """Return numbers of messages: one message may be sent over several channels of its cascade."""
    return np.asarray(found["message"] * 64 + found["channel"], np.int64)


def _earliest(to: NDArray[np.int64], at: NDArray[np.int64], times: NDArray[np.int64]) -> None:
    order = np.argsort(-times, kind="stable")
    before = to[at[order]]
    to[at[order]] = np.where((before >= 0) & (before < times[order]), before, times[order])
