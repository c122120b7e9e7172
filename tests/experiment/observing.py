"""What is observed, taken again from the log's rows with pandas: one slow way for each table."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pandas as pd

from omnilab.experiment.comparison import Comparison
from omnilab.lowering.cells import lay_out
from omnilab.lowering.model import build_model
from tests.verification.worlds import DAY, WEEK, frame, having

KEYS = ("segment", "cohort", "first_channel", "device", "channels_used", "channel_mix")


def clock(comparison: Comparison) -> tuple[int, int, int]:
    """Return the window's start and end and the run's end."""
    t = comparison.scenario.time
    return t.burn_in, t.burn_in + t.window, t.burn_in + t.window + t.run_out


def cells(comparison: Comparison) -> np.ndarray:
    """Return each customer's cell."""
    s = comparison.scenario
    population = lay_out(
        build_model(s, comparison.seed), s.population.customers, s.population.households_per_cell
    )
    return np.repeat(np.arange(population.n_cells), np.diff(population.first))


def customers(comparison: Comparison, name: str) -> pd.DataFrame:
    """Return a row for each customer under a strategy: groups in words, and sums in the window."""
    log, (start, end, _) = frame(comparison, name), clock(comparison)
    channels = [c.name for c in comparison.scenario.channels]
    people = having(log, "person").set_index("person")
    out = pd.DataFrame(index=people.index)
    out["persona"] = [comparison.scenario.population.personas[p].name for p in people["persona"]]
    orders, visits = having(log, "order"), having(log, "visit")
    before = orders[orders["time"] < start].groupby("person")["time"].agg(["size", "min"])
    count = before["size"].reindex(out.index, fill_value=0)
    prior = people["prior"] == 1
    out["segment"] = np.select(
        [(count == 0) & ~prior, count == 0, count == 1],
        ["never bought", "lapsed", "bought once"], "bought twice or more",
    )  # fmt: skip
    out["new_in_burn_in"] = (count > 0) & ~prior
    early = visits[visits["time"] < start]
    out["first_channel"] = [
        channels[c] if c >= 0 else "none"
        for c in early.groupby("person")["channel"].first().reindex(out.index, fill_value=-1)
    ]
    with_devices = [i for i, c in enumerate(comparison.scenario.channels)
                    if c.visit is not None and c.visit.devices]  # fmt: skip
    phone = early[early["on_device"] == 1].groupby("person").size()
    pc = early[(early["on_device"] == 0) & early["channel"].isin(with_devices)]
    a = phone.reindex(out.index, fill_value=0)
    b = pc.groupby("person").size().reindex(out.index, fill_value=0)
    out["device"] = np.select(
        [a + b == 0, a >= 3 * b, b >= 3 * a], ["none", "phone", "computer"], "both"
    )
    inside = log[(log["time"] >= start) & (log["time"] < end)]
    used = visits[(visits["time"] >= start) & (visits["time"] < end) & (visits["need"] >= 0)]
    sets = used.groupby("person")["channel"].agg(lambda c: tuple(sorted(set(c))))
    sets = sets.reindex(out.index)
    n = [len(x) if isinstance(x, tuple) else 0 for x in sets]
    out["channels_used"] = ["3 or more" if k > 2 else str(k) if k else "none" for k in n]
    out["channels"] = [{channels[c] for c in x} if isinstance(x, tuple) else set() for x in sets]
    for kind, column in (("order", "orders"), ("sent", "sent"), ("delivered", "delivered"),
                         ("left", "left"), ("visit", "visits")):  # fmt: skip
        out[column] = inside[inside["kind"] == kind].groupby("person").size()
    sent = having(inside, "sent") if (inside["kind"] == "sent").any() else None
    journeys: dict[int, set[int]] = defaultdict(set)
    if sent is not None:
        for person, journey in zip(sent["person"], sent["journey"], strict=True):
            journeys[person].add(journey)
    out["journeys"] = [journeys[p] for p in out.index]
    return out.fillna(dict.fromkeys(("orders", "sent", "delivered", "left", "visits"), 0))


def due_messages(comparison: Comparison, name: str) -> pd.DataFrame:
    """Return every message that fell due in the window, and the stage where it ended."""
    log, (start, end, _) = frame(comparison, name), clock(comparison)
    ads = {i for i, c in enumerate(comparison.scenario.channels)
           if c.message is not None and c.message.ad}  # fmt: skip
    kinds = ("sent", "held", "skipped", "final", "delivered", "open", "click")
    rows = log[log["kind"].isin(kinds) & (log["time"] >= start)]
    messages: dict[int, list[Any]] = defaultdict(list)
    for row in rows.sort_values(["time", "priority", "person", "seq"]).itertuples():
        messages[row.message].append(row)
    found = []
    for message, part in messages.items():
        inside = [r for r in part if r.time < end]
        sent = [r for r in inside if r.kind == "sent"]
        final = [r for r in part if r.kind == "final"]
        if not any(r.kind in ("sent", "held", "skipped", "final") for r in inside):
            continue  # it fell due in the run-out, or was sent in the burn-in
        if not sent and any(r.sends > 0 for r in final):
            continue
        if sent:
            stage = "bounced"
            if any(r.kind == "delivered" for r in part):
                stage = "not_opened"
            if any(r.kind == "open" and r.channel not in ads for r in part):
                stage = "opened"
            if any(r.kind == "click" for r in part):
                stage = "clicked"
            held = any(r.kind == "held" and r.time < sent[0].time for r in inside)
        else:
            no_consent = any(r.kind == "skipped" and r.reason == 2 for r in part)
            stage = {
                3: "no_consent" if no_consent else "no_address", 4: "capped", 5: "suppressed",
                6: "converted", 7: "declined", 8: "held_to_the_end", 9: "control",
            }[int(final[0].status)]  # fmt: skip
            held = any(r.kind == "held" for r in part)
        found.append(
            {"message": message, "stage": stage, "journey": int(part[0].journey), "held": held}
        )
    return pd.DataFrame(found, columns=["message", "stage", "journey", "held"])


def paths(comparison: Comparison, name: str) -> tuple[Counter[Any], Counter[Any], Counter[Any]]:
    """Return needs that ended in the window, orders and cents, by their channels in order."""
    log, (start, end, _) = frame(comparison, name), clock(comparison)
    way: dict[tuple[int, int], list[int]] = defaultdict(list)
    needs: Counter[Any] = Counter()
    orders: Counter[Any] = Counter()
    cents: Counter[Any] = Counter()
    for row in log[log["kind"].isin(["visit", "order", "need_lost"])].itertuples():
        if row.need < 0:
            continue
        path = way[row.person, row.need]
        if row.kind == "visit":
            if not path or path[-1] != row.channel:
                path.append(row.channel)
        elif start <= row.time < end:
            needs[tuple(path)] += 1
            if row.kind == "order":
                orders[tuple(path)] += 1
                cents[tuple(path)] += row.paid
    return needs, orders, cents


def by_time(comparison: Comparison, name: str, kind: str, width: int) -> list[int]:
    """Return how many rows of a kind each day or week of the window has."""
    log, (start, end, run_end) = frame(comparison, name), clock(comparison)
    times = log[(log["kind"] == kind) & (log["time"] >= start) & (log["time"] < end)]["time"]
    n = -(-(run_end - start) // width)
    return np.bincount((times - start) // width, minlength=n).tolist()


def interval(top: np.ndarray, bottom: np.ndarray) -> tuple[float, float]:
    """Return a ratio's value and standard error over cells, those with nobody left out."""
    mine = bottom > 0
    y, n = top[mine].astype(float), bottom[mine].astype(float)
    value = y.sum() / n.sum()
    z = (y - value * n) / n.sum()
    k = int(mine.sum())
    return value, float(np.sqrt(k / (k - 1) * (z**2).sum()))


__all__ = [
    "DAY",
    "KEYS",
    "WEEK",
    "by_time",
    "cells",
    "clock",
    "customers",
    "due_messages",
    "interval",
    "paths",
]
