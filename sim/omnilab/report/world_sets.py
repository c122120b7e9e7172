"""A set of plausible worlds in sentences and tables: what was ruled out, and what stays open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.report.document import Document, Table

if TYPE_CHECKING:
    from omnilab.experiment.plausible.file import WorldSet

__all__ = ["set_document"]

_SPREAD: Final = (
    "spread: the standard deviation that is left, over that of an even range; up to {} counts as"
    " identified. Of what is not, the data say little: it keeps about its range, which is assumed."
)


def set_document(worlds: WorldSet) -> Document:
    """Return the report of a set that was just made."""
    about = worlds.about
    waves = about["waves"]
    setting = (
        f"{worlds.n} worlds, {about['customers']:,} customers in each of"
        f" {sum(w['points'] for w in waves)} simulations, seed {about['seed']}"
    )
    known = [p["key"] for p in about["parameters"] if p["identified"]]
    left = waves[-1]["after"]
    lines = [f"The data leave {100 * left:.3g}% of the ranges."]
    lines.append(
        f"They narrow {', '.join(known)}." if known else "They narrow no parameter by much."
    )
    ruled = (
        f"A world is ruled out where a moment is more than {about['cutoff']:g} standard deviations"
        " away, those of the data and of the emulator together."
    )
    notes = (
        _SPREAD.format(f"{100 * about['identified_to']:.0f}%"),
        ruled,
        "omnilab compare SCENARIO --plausible auto compares strategies in these worlds.",
    )
    tables = (_parameters(worlds), _moments(about), _waves(waves))
    return Document(about["scenario"]["id"], setting, tuple(lines), tables, notes)


def _parameters(worlds: WorldSet) -> Table:
    rows = []
    for one in worlds.about["parameters"]:
        column = np.repeat(worlds.values[one["key"]], _counts(worlds))
        low, high = np.quantile(column, (0.05, 0.95))
        rows.append((
            one["key"],
            (f"{one['low']:.4g} .. {one['high']:.4g}", f"{column.mean():.4g}",
             f"{low:.4g} .. {high:.4g}", f"{100 * one['spread']:.0f}%",
             "yes" if one["identified"] else "no"),
        ))  # fmt: skip
    columns = ("range", "mean", "90% of the worlds", "spread", "identified")
    return Table("Parameters", "key", columns, tuple(rows))


def _counts(worlds: WorldSet) -> Any:
    return np.maximum(np.round(worlds.weights / worlds.weights.min()), 1).astype(int)


def _moments(about: Any) -> Table:
    rows = tuple(
        (m["name"], (f"{m['wanted']:.4g}", f"{m['sd']:.2g}", f"{m['emulated']:.4g}",
                     f"{(m['emulated'] - m['wanted']) / m['sd']:+.1f}"))
        for m in about["moments"]
    )  # fmt: skip
    columns = ("wanted", "may be off by", "in these worlds", "away, in that")
    return Table("Moments", "moment", columns, rows)


def _waves(waves: Any) -> Table:
    rows = tuple(
        (str(number + 1), (str(w["points"]), f"{100 * w['left']:.3g}%", f"{100 * w['after']:.3g}%"))
        for number, w in enumerate(waves)
    )
    return Table("Waves", "wave", ("simulations", "of the ranges left before", "after"), rows)
