"""Sums of patterns of what was sent: of what kind, what it lost, and what volume does to a person.

Each returns the sums over some whole persons.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.experiment.patterns.lives import DAY_S

if TYPE_CHECKING:
    import pandas as pd

    from omnilab.experiment.patterns.lives import Lives

__all__ = [
    "bounced",
    "clicked_unopened",
    "hours_to_answer",
    "machine_opened",
    "open_ratio_within",
    "opted_out",
    "sent_share",
    "sent_with_volume",
]

Options = Mapping[str, Any]

#: Messages of so long up to one are its volume.
MONTH_S: Final = 30 * DAY_S
HOUR_S: Final = 3600


def sent_share(lives: Lives, of: Options) -> list[float]:
    """Messages of some journeys, and all, over some channels."""
    sends = _over(lives, of)
    mine = sends["journey"].isin(lives.journeys(of["journeys"]))
    return [int(mine.sum()), len(sends)]


def bounced(lives: Lives, of: Options) -> list[float]:
    """Messages that did not arrive, and all that were sent."""
    sends = _over(lives, of)
    return [int((~sends["delivered"]).sum()), len(sends)]


def opted_out(lives: Lives, of: Options) -> list[float]:
    """Permissions that a message ended, and all messages that arrived."""
    sends = _over(lives, of)
    return [int(sends["left"].sum()), int(sends["delivered"].sum())]


def clicked_unopened(lives: Lives, of: Options) -> list[float]:
    """Clicked messages of which no open is known, and all clicked ones."""
    clicked = _over(lives, of).dropna(subset="click")
    return [int(clicked["open"].isna().sum()), len(clicked)]


def machine_opened(lives: Lives, of: Options) -> list[float]:
    """Messages that a machine opened first, and all whose open came back."""
    sends = _over(lives, of)
    by_machine = sends["machine"].notna()
    return [int(by_machine.sum()), int((by_machine | sends["receipt"].notna()).sum())]


def hours_to_answer(lives: Lives, of: Options) -> list[float]:
    """Hours from sending to the first answer, all together, and the messages answered."""
    sends = _over(lives, of)
    took: Any = (sends[of["answer"]] - sends["time"]).dropna().to_numpy()
    return [float(took.sum()) / HOUR_S, len(took)]


def open_ratio_within(lives: Lives, of: Options) -> list[float]:
    """Each person at many messages a month beside the same person at few.

    Mantel and Haenszel's sums: over persons, opened at many times all at few, by the person's
    messages at either, and the other way round. Who never had both adds nothing to either, so that
    whom the brand chooses to write to more does not come in.
    """
    seen = sent_with_volume(lives, of)
    counts: list[pd.Series] = []
    for low, high in (of["many"], of["few"]):
        mine = seen[(seen["volume"] >= low) & (seen["volume"] <= high)]
        by = mine.assign(opened=mine["open"].notna()).groupby("person")["opened"]
        counts += [by.sum(), by.size()]
    opened, sent, opened_few, sent_few = (
        c.reindex(counts[1].index.intersection(counts[3].index)).to_numpy(np.float64)
        for c in counts
    )
    both = sent + sent_few
    return [float((opened * sent_few / both).sum()), float((opened_few * sent / both).sum())]


def sent_with_volume(lives: Lives, of: Options) -> pd.DataFrame:
    """Return the window's messages that arrived, each with those of the 30 days up to it."""
    sends = lives.sends[lives.sends["channel"].isin(lives.channels(of["channels"]))]
    sends = sends[sends["delivered"]].sort_values(["person", "time"], kind="stable")
    # Messages of one person up to each, less those that are older than a month.
    key = sends["person"].to_numpy() * (1 << 32) + sends["time"].to_numpy()
    before = np.searchsorted(key, np.maximum(key - MONTH_S, sends["person"] * (1 << 32)), "right")
    return lives.inside(sends.assign(volume=np.arange(1, len(key) + 1) - before))


def _over(lives: Lives, of: Options) -> pd.DataFrame:
    """Return the window's messages over some channels."""
    sends = lives.inside(lives.sends)
    return sends[sends["channel"].isin(lives.channels(of["channels"]))]
