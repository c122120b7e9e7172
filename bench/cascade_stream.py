"""Make a stream of starts, receipts and signals that a brand could have recorded.

Starts come in bursts (campaigns) and single (triggers) for customers of very different
activity. The receipts answer the sends that the engine makes, fed hour by hour: most come
within minutes, some late, twice, out of order or never.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from omnilab.cascade import Cap, CascadeEngine, CascadePlan, ContactPolicy, Step, Zone
from omnilab.cascade.codes import RECEIPTS, SIGNALS

__all__ = ["PLANS", "POLICY", "Stream", "make_stream"]

HOUR, DAY = 3600, 86400
START = 1_740_787_200  # 2025-03-01, four weeks before the clocks change in Berlin
SPAN = 35 * DAY

PLANS = (
    CascadePlan(
        "cart",
        (Step("push", 2 * HOUR, "opened"), Step("email", DAY, "opened"), Step("sms", DAY)),
        priority=200,
        expires_after_s=5 * DAY,
    ),
    CascadePlan("news", (Step("email", 2 * DAY), Step("push", DAY)), priority=50),
    CascadePlan(
        "service",
        (Step("sms", HOUR), Step("messenger", 4 * HOUR, "opened"), Step("call", DAY)),
        priority=250,
        until_converted=False,
    ),
)
POLICY = ContactPolicy(
    caps=(Cap(2), Cap(5, 7 * DAY), Cap(2, 7 * DAY, ("sms", "call"))),
    quiet_from_s=21 * HOUR,
    quiet_to_s=8 * HOUR,
    quiet_channels=("push", "sms", "messenger", "call"),
    zones=(Zone.named("Europe/Berlin", 2024, 2027), Zone.named("Europe/London", 2024, 2027)),
    tick_s=900,
)

Ints = npt.NDArray[np.int64]
Columns = dict[str, Ints]


class Stream(NamedTuple):
    """Three tables in order of time and the control group."""

    starts: Columns
    receipts: Columns
    signals: Columns
    control: list[int]

    @property
    def until(self) -> int:
        """A second after the last row."""
        tables = (self.starts, self.receipts, self.signals)
        return max(int(t["at"][-1]) for t in tables if t["at"].size) + 1


def make_stream(n_messages: int, seed: int = 1) -> Stream:
    """Return a stream of about `n_messages` starts with the receipts of their sends."""
    draw = np.random.default_rng(seed)
    starts = _starts(draw, n_messages)
    n_profiles = int(starts["profile"].max()) + 1
    n_signals = n_messages // 20
    signals = {
        "at": np.sort(draw.integers(START, START + SPAN, n_signals)),
        "profile": draw.integers(0, n_profiles, n_signals),
        "kind": draw.choice(len(SIGNALS), n_signals, p=[0.1, 0.1, 0.05, 0.75]),
        "channel": draw.choice([-1, 0, 1, 2], n_signals),
    }
    control = sorted(draw.choice(n_profiles, n_profiles // 20, replace=False).tolist())
    engine = CascadeEngine(PLANS, POLICY, control=control)
    waiting = [np.empty((4, 0), dtype=np.int64)]
    fed = []
    step = 6 * HOUR
    for clock in range(START, START + SPAN + 12 * DAY, step):
        pool = np.concatenate(waiting, axis=1)
        due = pool[0] < clock + step
        batch, rest = pool[:, due], pool[:, ~due]
        fed.append(batch)
        answer = engine.feed(
            _between(starts, clock, clock + step),
            dict(zip(("at", "message", "channel", "kind"), batch, strict=True)),
            _between(signals, clock, clock + step),
            until=clock + step,
        )
        new = _receipts(draw, answer.sends)
        # What came in within the window is told at its end: a recorded stream stays consistent.
        new[0] = np.maximum(new[0], clock + step)
        waiting = [rest, new]
    rows = np.concatenate(fed, axis=1)
    rows = rows[:, np.argsort(rows[0], kind="stable")]
    receipts = dict(zip(("at", "message", "channel", "kind"), rows, strict=True))
    return Stream(starts, receipts, signals, control)


def _starts(draw: np.random.Generator, n: int) -> Columns:
    """Return starts in order of time: newsletters to many at once, the rest one by one."""
    n_profiles = max(8, n // 4)
    weight = draw.gamma(0.5, size=n_profiles) + 0.02
    profile = draw.choice(n_profiles, n, p=weight / weight.sum())
    plan = draw.choice(3, n, p=[0.35, 0.5, 0.15])
    at = START + (SPAN * draw.random(n)).astype(np.int64)
    campaign = START + DAY * draw.integers(0, 35, n) + 9 * HOUR
    at = np.where(plan == 1, campaign, at)
    order = np.argsort(at, kind="stable")
    usable = draw.choice([0b11111, 0b01110, 0b00110, 0b00010, 0], n, p=[0.5, 0.2, 0.2, 0.08, 0.02])
    names = ("at", "message", "profile", "plan", "usable", "zone")
    values = (at[order], np.arange(n), profile[order], plan[order], usable, profile[order] % 2)
    return {k: np.ascontiguousarray(v, dtype=np.int64) for k, v in zip(names, values, strict=True)}


def _receipts(draw: np.random.Generator, sends: Any) -> Ints:
    """Return receipts for sends: processed, delivered or bounced, opens, clicks and the rest."""
    n = len(sends)
    code = {name: i for i, name in enumerate(RECEIPTS)}
    at, chance = sends.at, draw.random(n)
    parts = []

    def add(kind: str, when: Ints, rows: npt.NDArray[np.bool_]) -> None:
        shape = (when, sends.message.astype(np.int64), sends.channel.astype(np.int64))
        table = np.stack([*shape, np.full(n, code[kind])])
        parts.append(table[:, rows])

    def lag(mean: int) -> Ints:
        return (1 + draw.exponential(mean, n)).astype(np.int64)

    lost = draw.random(n) < 0.03
    sent = at + lag(5)
    arrived = sent + np.where(draw.random(n) < 0.05, lag(20000), lag(60))
    opened = arrived + lag(6 * HOUR)
    clicked = opened + lag(300)
    add("processed", sent, ~lost)
    add("dropped", sent, chance < 0.01)
    add("deferred", sent + lag(30), (chance > 0.9) & ~lost)
    add("bounce", arrived, (chance >= 0.01) & (chance < 0.06))
    good = (chance >= 0.06) & ~lost
    add("delivered", arrived, good)
    add("delivered", arrived + lag(600), good & (draw.random(n) < 0.02))
    looked = good & (chance < 0.5)
    add("open", opened, looked)
    add("open", opened + lag(DAY), looked & (draw.random(n) < 0.3))
    add("click", clicked, looked & (chance < 0.14))
    add("unsubscribe", clicked, looked & (chance < 0.065))
    add("spamreport", clicked, looked & (chance > 0.499))
    return np.concatenate(parts, axis=1)


def _between(table: Columns, low: int, high: int) -> Columns:
    """Return the rows with low <= at < high."""
    a, b = np.searchsorted(table["at"], [low, high])
    return {name: column[a:b] for name, column in table.items()}
