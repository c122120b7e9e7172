"""What a fit has found, in words: warnings, notes, and the comments above its scenarios' files."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from omnilab.fit.adjust import Adjusted
from omnilab.fit.bgnbd import BgNbdFit
from omnilab.fit.closed import in_words
from omnilab.fit.forecast import Forecast
from omnilab.fit.gamma_gamma import GammaGammaFit
from omnilab.fit.holdout import HoldOut
from omnilab.fit.laws import stand
from omnilab.fit.likely import LikelyLaws, past_of
from omnilab.fit.needs import Needs
from omnilab.fit.report import FitReport
from omnilab.fit.scenario import HABIT, Setting, published_rates
from omnilab.fit.season import calendar_of, stopped_months
from omnilab.scenario.model import Scenario

__all__ = ["Fitted", "written"]

_FAR = (
    "simulated customers are still more than 3% of repeats or spend, or 1.5 points of a share, "
    "from the log: look at the misfits before you rely on the scenario"
)
_WIDTH = 94  # of a comment's line
_SPREAD = "sd_repeat_spend"
_WIDE = 0.5  # relative misfit of the spread beyond which it says nothing; a rule of thumb of ours


@dataclass(frozen=True)
class Fitted:
    """All that a fit has found.

    Parameters
    ----------
    setting
        What was declared, and the log's purchases.
    data, scenario
        The fitted scenario as its file's plain data, and validated.
    report
        Data, models and simulation side by side.
    adjusted, start
        The needs after the adjustment by simulation, and before it.
    bgnbd, spend
        The models of repeat purchase and of spend.
    ahead
        The days after the log's end; None where none were asked for.
    likely
        The laws of purchase, with their doubt.
    left
        Share of the simulated customers who left within the log's days, by cause.
    heldout
        The hold-out inside the log; None where there is none.
    season_from
        ``fit``, ``told`` or ``off``.
    has_amounts
        Whether the log has money.
    who
        Shape (n_customers,): positions of the fitted customers among the log's.
    """

    setting: Setting
    data: Mapping[str, Any]
    scenario: Scenario
    report: FitReport
    adjusted: Adjusted
    start: Needs
    bgnbd: BgNbdFit
    spend: GammaGammaFit
    ahead: Forecast | None
    likely: LikelyLaws
    left: Mapping[str, float]
    heldout: HoldOut | None
    season_from: str
    has_amounts: bool
    who: npt.NDArray[np.int64]

    @property
    def warnings(self) -> list[str]:
        """What a reader must know before relying on the scenario."""
        found = [_FAR] if self.adjusted.misfit.far else []
        found += [*_of_spread(self.report), *_of_categories(self.setting)]
        if not self.likely.dropout_identified:
            found.append(
                "dropout is not identified, and was accepted: that nobody leaves fits as well"
            )
        if self.season_from != "fit":
            return found
        if stopped := stopped_months(self.adjusted.needs.season, self.start.season):
            found.append(
                f"the season ran away and was stopped ({', '.join(stopped)}): these months have "
                "too few orders, or the log ends in one; set the factors in the scenario yourself"
            )
        return found

    @property
    def cautions(self) -> list[str]:
        """The warnings as sentences."""
        return [f"{w[:1].upper()}{w[1:]}." for w in self.warnings]

    @property
    def notes(self) -> list[str]:
        """What the fit takes as given: the status quo and the messages' effects."""
        published, own = published_rates(self.scenario)
        declared = f"orders are taken as made under {self.setting.status_quo}."
        notes = [f"The status quo was declared, not found in the log: {declared}"]
        if published:
            notes.append(
                f"Effects of messages ({', '.join(published)}) are published defaults, not "
                "fitted; give your own rates with --base."
            )
        if own:
            notes.append(f"Effects of messages ({', '.join(own)}) are the base's own rates.")
        notes += self.cautions
        notes += [self._season, *self._closed, self._leaving]
        if self.setting.habit:
            notes.append(
                "The world's bad experiences alone would make more customers leave than the log "
                f"lets: customers get used to them (world.habit.fades: {HABIT}, an assumption)."
            )
        notes.append(f"Adjusted in {self.adjusted.rounds} rounds; left: {self.adjusted.misfit}.")
        return notes

    @property
    def _season(self) -> str:
        if self.season_from == "told":
            return "The months' factors were told, not fitted."
        if self.season_from == "fit":
            return (
                "The months' factors were fitted, drawn towards 1; months that the log does not "
                "cover are taken as average. Growth and the age of customers can hide in them."
            )
        return (
            "No season was fitted: in a log of less than two years the months of the year, growth "
            "and the age of its customers go together, and a busy start may be any of them. "
            "--season says otherwise."
        )

    @property
    def _closed(self) -> list[str]:
        occasions = self.setting.occasions
        start, closed = occasions.start, calendar_of(occasions).closed
        names = [f"day {day + 1}" if start is None else str(start + timedelta(days=day))
                 for day in range(len(closed))]  # fmt: skip
        return [words] if (words := in_words(closed, names)) else []

    @property
    def _leaving(self) -> str:
        whole = 1 - float(self.setting_alive)
        by_order, annoyed = self.left["order"], self.left["annoyed"]
        return (
            f"Customers who left within the log's days: {whole:.1%} by the laws; simulated, "
            f"{by_order:.1%} after an order and {annoyed:.1%} after bad experiences."
        )

    @property
    def setting_alive(self) -> float:
        """Mean chance, by the laws, to be a customer still at the log's end."""
        past = past_of(self.setting.occasions, self.start.season)
        return float(stand(self.likely.laws, past, past.repeats).alive.mean())

    @property
    def laws_in_words(self) -> str:
        """What the laws of purchase are, and what else was tried."""
        laws = self.likely.laws
        gaps = f"gaps of {laws.stages} stage{'s' * (laws.stages > 1)}"
        burst = (
            f", and right after the first order {1 + laws.burst:.1f} times the later rate, which "
            f"fades with a mean of {laws.burst_days:.0f} days"
            if laws.burst
            else ""
        )
        tried = "; ".join(f"{words} {value:,.1f}" for words, value, _ in self.likely.tried)
        return (
            f"Laws of purchase, by Schwarz's criterion: {gaps}{burst} (log-likelihoods: {tried}); "
            f"leaving after an order {laws.a / (laws.a + laws.b):.1%} on average."
        )

    @property
    def size(self) -> str:
        """How many customers, orders and days the log has, in words."""
        report = self.report
        return (
            f"{report.n_customers:,} customers, {report.n_occasions:,} orders, "
            f"{report.n_days} days from {self.setting.occasions.start}"
        )

    @property
    def files(self) -> list[tuple[Mapping[str, Any], str]]:
        """The scenarios' plain data, each with the comment above it: the log's days, then ahead."""
        found = [(self.data, _header(self))]
        if self.ahead is not None:
            found.append((self.ahead.data, _next_header(self, self.ahead)))
        return found


def written(kind: str, value: float | None) -> str:
    """Return a quantity of the report as people read it: of a kind of `FitRow`."""
    if value is None or value != value:
        return "-"
    if kind == "share":
        return f"{100 * value:.1f}%"
    return f"{value:,.0f}" if kind == "count" else f"{value:,.2f}"


def _of_spread(report: FitReport) -> Iterator[str]:
    """Yield a warning where simulated orders differ much less, or much more, than the log's."""
    (row,) = (row for row in report.rows if row.key == _SPREAD)
    off = row.misfit if row.simulated_misfit is None else row.simulated_misfit
    if abs(off) > _WIDE:
        yield (
            f"the spread of spend per repeat order is off by {off:+.0%}: don't use the scenario "
            "for what depends on large orders, such as thresholds of offers, the best customers' "
            "share of revenue, or how many customers a test needs; look at the log's largest "
            "orders first"
        )


def _of_categories(setting: Setting) -> Iterator[str]:
    """Yield a warning where the base has categories that a log, which names none, can't fit."""
    kept, *others = [c["name"] for c in setting.base.get("categories") or [{"name": "goods"}]]
    if others:
        left = f"{len(others)} other{'s' * (len(others) > 1)} ({', '.join(others)})"
        yield (
            f"the log names no categories: of the base's, {kept!r} alone is kept, for all "
            f"orders, and {left} left out"
        )


def _header(fitted: Fitted) -> str:
    """Return the comment above the file: the data's facts and what they were fitted to."""
    lines = [
        f"{fitted.size}; made by `omnilab fit`.",
        "In the data, and simulated under the status quo:",
    ]
    lines += [
        f"  {row.quantity}: {written(row.kind, row.data)}, {written(row.kind, row.simulated)}"
        for row in fitted.report.rows
    ]
    for note in fitted.notes:
        lines += textwrap.wrap(note, _WIDTH)
    return "\n".join(lines)


def _next_header(fitted: Fitted, ahead: Forecast) -> str:
    """Return the comment above the forecast's file."""
    lines = [
        (
            f"The {ahead.customers:,} customers of the log in the {ahead.days} days after its end; "
            "made by `omnilab fit`."
        ),
        "Each line of histories is a group of customers with a like history: how many, the chance",
        "that they are customers still, orders so far, and the laws of those who are.",
        f"Expected of all by the laws of purchase: {ahead.expected.orders:,.0f} orders; simulated",
        f"under the status quo: {ahead.simulated.orders:,.0f}. New customers are not in it.",
    ]
    for note in fitted.notes[:-1]:
        lines += textwrap.wrap(note, _WIDTH)
    return "\n".join(lines)
