"""Message logs of a known truth, made with NumPy alone: nothing of the product is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

DAY = 86400


@dataclass(frozen=True)
class Truth:
    """A team that writes on Mondays to most, on other days to who opened within 30 days."""

    persons: int = 1500
    weeks: int = 26
    logit: float = -2.4
    sd: float = 1.5
    click: float = -2.0
    exponent: float = 0.27
    median_s: float = 6 * 3600
    sigma: float = 1.8
    opt_out: float = 0.003
    shot_sd: float = 0.0
    machine: float = 0.0
    days: tuple[int, ...] = (0, 2, 4)
    seed: int = 5

    def log(self) -> pd.DataFrame:
        """Return a row a message, in the columns of a large mail tool's export."""
        rng = np.random.default_rng(self.seed)
        n = self.persons
        z = rng.normal(size=n)
        machine = rng.random(n) < self.machine
        last, pressure, at = np.full(n, -1e15), np.zeros(n), np.zeros(n)
        found = []
        for day in range(7 * self.weeks):
            if day % 7 not in self.days:
                continue
            t = 1_700_006_400 + DAY * day
            engaged = t - last < 30 * DAY
            to = (rng.random(n) < 0.8) if day % 7 == 0 else engaged & (rng.random(n) < 0.9)
            who = np.flatnonzero(to)
            now = pressure[who] * np.exp(-(t - at[who]) / (7 * DAY))
            with np.errstate(divide="ignore"):
                weekly = np.where(now > 1e-9, 1 / np.log1p(1 / np.maximum(now, 1e-9)), 0.0)
            chance = 1 / (
                1 + np.exp(-(self.logit + self.sd * z[who] + self.shot_sd * rng.normal()))
            )
            seen = rng.random(len(who)) < chance * np.maximum(1, weekly) ** -self.exponent
            click = seen & (
                rng.random(len(who)) < 1 / (1 + np.exp(-(self.click + self.sd * z[who])))
            )
            after = 1 + np.exp(rng.normal(np.log(self.median_s), self.sigma, len(who))).astype(int)
            opened = np.where(machine[who], t + rng.integers(1, 30, len(who)), t + after)
            is_open = seen | machine[who]
            found.append(pd.DataFrame({
                "client_id": who + 1, "campaign_id": day + 1, "message_type": "bulk",
                "channel": "email", "sent_at": t, "is_opened": is_open,
                "opened_first_time_at": np.where(is_open, opened, np.nan),
                "is_clicked": click,
                "clicked_first_time_at": np.where(click, t + after + 9, np.nan),
                "is_unsubscribed": rng.random(len(who)) < self.opt_out,
                "is_hard_bounced": rng.random(len(who)) < 0.01,
            }))  # fmt: skip
            pressure[who], at[who] = now + 1, t
            last[who] = np.where(is_open, opened, last[who])
        log = pd.concat(found, ignore_index=True)
        for name in ("sent_at", "opened_first_time_at", "clicked_first_time_at"):
            log[name] = pd.to_datetime(log[name], unit="s")
        return log

    def mean_open(self) -> float:
        """Return the mean over persons of the chance to open, at up to one message a week."""
        z = np.random.default_rng(0).normal(size=400_000)
        return float((1 / (1 + np.exp(-(self.logit + self.sd * z)))).mean())


def as_events(log: pd.DataFrame) -> pd.DataFrame:
    """Return a log's messages as a row an event, in the words of Segment's e-mail events."""
    log = log.assign(message_id=np.arange(len(log)) + 1)
    parts: list[Any] = []
    for event, time, use in (
        ("Email Delivered", "sent_at", ~log["is_hard_bounced"]),
        ("Email Bounced", "sent_at", log["is_hard_bounced"]),
        ("Email Opened", "opened_first_time_at", log["is_opened"]),
        ("Email Link Clicked", "clicked_first_time_at", log["is_clicked"]),
        ("Unsubscribed", "sent_at", log["is_unsubscribed"]),
    ):
        some = log[use]
        parts.append(pd.DataFrame({
            "userId": some["client_id"], "event": event, "timestamp": some[time],
            "messageId": some["message_id"], "campaign_id": some["campaign_id"],
        }))  # fmt: skip
    events = pd.concat(parts, ignore_index=True)
    return events.sample(frac=1.0, random_state=3)
