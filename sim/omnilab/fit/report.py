"""Put a fit beside its data: the same quantities from the log, the models and a simulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from omnilab.fit.bgnbd import BgNbd, BgNbdFit
from omnilab.fit.gamma_gamma import GammaGammaFit
from omnilab.fit.maximum import Estimate
from omnilab.fit.read import Transactions
from omnilab.fit.summary import (
    Occasions,
    Summary,
    acquisition,
    cumulative_repeats,
    regularity,
    repeat_distribution,
    summarise,
)

__all__ = ["FitReport", "FitRow", "data_notes", "expected_cumulative_repeats", "fit_report"]

_UNIT_S = {"week": 604_800, "day": 86_400}

# Where a note is due; rules of thumb of ours.
_MANY_DROPPED = 0.05
_STRONG_CORRELATION = 0.2
_OLD_CUSTOMERS = 1.5
_EARLY_WEEKS = 4


@dataclass(frozen=True, slots=True)
class FitRow:
    """One quantity, as the log has it and as the fit has it.

    Parameters
    ----------
    key
        A stable name, such as ``repeats_week_13``.
    quantity
        Words for a table.
    kind
        ``count``, ``share`` (0..1), ``money`` (in the log's currency) or ``ratio``.
    data, fitted
        From the log; from the models.
    simulated
        From a simulation, None where there was none.
    """

    key: str
    quantity: str
    kind: Literal["count", "share", "money", "ratio"]
    data: float
    fitted: float
    simulated: float | None = None

    @property
    def misfit(self) -> float:
        """Fitted against data: a difference of shares, else relative to the data."""
        return self._against_data(self.fitted)

    @property
    def simulated_misfit(self) -> float | None:
        """Simulated against data, as `misfit`; None where there was no simulation."""
        return None if self.simulated is None else self._against_data(self.simulated)

    def _against_data(self, value: float) -> float:
        if self.kind == "share":
            return value - self.data
        return value / self.data - 1 if self.data else float("nan")


@dataclass(frozen=True, slots=True)
class FitReport:
    """Fit and data side by side.

    Parameters
    ----------
    estimates
        Parameters of BG/NBD and Gamma-Gamma with standard errors.
    rows
        Quantities, data against fit.
    dropped
        A line for each reason that rows of the log were left out.
    notes
        What a reader must know before trusting the fit.
    n_customers, n_occasions, n_days
        Size of the data.
    unit
        Of time in the parameters: ``"week"`` or ``"day"``.
    weeks, top
        The weeks of the curve, and the count from which repeats are taken together.
    """

    estimates: tuple[Estimate, ...]
    rows: tuple[FitRow, ...]
    dropped: tuple[str, ...]
    notes: tuple[str, ...]
    n_customers: int
    n_occasions: int
    n_days: int
    unit: str
    weeks: tuple[int, ...]
    top: int

    def with_simulated(self, occasions: Occasions) -> FitReport:
        """Return the report with the same quantities of simulated customers beside.

        Parameters
        ----------
        occasions
            Of simulated buyers over a window as long as the log's; their number may differ,
            counts are brought to the log's number of customers.

        Raises
        ------
        ValueError
            Where the window has another length.
        """
        if occasions.n_days != self.n_days:
            raise ValueError(f"simulated {occasions.n_days} days, the log has {self.n_days}")
        scale = self.n_customers / occasions.n_customers
        measured = _measured(occasions, self.weeks, self.top)
        return replace(
            self,
            rows=tuple(
                replace(row, simulated=value * (scale if row.kind == "count" else 1.0))
                for row, value in zip(self.rows, measured, strict=True)
            ),
        )


def fit_report(
    occasions: Occasions,
    bgnbd: BgNbdFit,
    gamma_gamma: GammaGammaFit,
    *,
    transactions: Transactions | None = None,
    weeks: Sequence[int] | None = None,
    top: int = 3,
) -> FitReport:
    """Return fit and data side by side.

    Parameters
    ----------
    occasions
        What was fitted.
    bgnbd, gamma_gamma
        The fits.
    transactions
        The log, for what was left out of it.
    weeks
        Week ends at which repeats are compared; the thirds of the window if None.
    top
        Customers with this many repeats or more are taken together.
    """
    n_weeks = occasions.n_weeks
    at = tuple(weeks or sorted({max(1, n_weeks // 3), max(1, 2 * n_weeks // 3), n_weeks}))
    if not all(1 <= week <= n_weeks for week in at):
        raise ValueError(f"weeks {at} must lie in 1..{n_weeks}")
    measured = _measured(occasions, at, top)
    fitted = _fitted(occasions, bgnbd, gamma_gamma, at, top)
    rows = tuple(
        FitRow(key, words, kind, data, fit)
        for (key, words, kind), data, fit in zip(_labels(at, top), measured, fitted, strict=True)
    )
    return FitReport(
        estimates=(*bgnbd.estimates, *gamma_gamma.estimates),
        rows=rows,
        dropped=tuple(transactions.dropped.lines()) if transactions else (),
        notes=(*bgnbd.notes, *gamma_gamma.notes, *data_notes(occasions, transactions)),
        n_customers=occasions.n_customers,
        n_occasions=len(occasions.customer),
        n_days=occasions.n_days,
        unit=bgnbd.unit,
        weeks=at,
        top=top,
    )


def expected_cumulative_repeats(
    model: BgNbd, occasions: Occasions, *, unit: str = "week", weeks: Sequence[int] | None = None
) -> npt.NDArray[np.float64]:
    """Return the repeats expected of these customers up to the end of each week.

    Parameters
    ----------
    model
        With its times in ``unit``.
    occasions
        Whose first purchases are taken as they fell.
    weeks
        Week numbers from 1 on; all if None.

    Returns
    -------
    Shape (n_weeks,), beside `cumulative_repeats`.
    """
    at = range(1, occasions.n_weeks + 1) if weeks is None else weeks
    # Customers who began in one hour are taken as of one age, so that there are few ages.
    hours = (occasions.first_time_s + 1800) // 3600
    first_s, n_alike = np.unique(hours * 3600, return_counts=True)
    ages = np.array([[max(occasions.end_s(w) - int(f), 0) for f in first_s] for w in at])
    expected: npt.NDArray[np.float64] = model.expected_repeats(ages / _UNIT_S[unit]) @ n_alike
    return expected


def _labels(
    weeks: Sequence[int], top: int
) -> list[tuple[str, str, Literal["count", "share", "money", "ratio"]]]:
    """Return key, words and kind of each quantity; `_measured` and `_fitted` keep this order."""
    labels: list[tuple[str, str, Literal["count", "share", "money", "ratio"]]] = [
        (f"repeats_week_{week}", f"repeat purchases by week {week}", "count") for week in weeks
    ]
    for n in range(top + 1):
        more = "+" * (n == top)
        words = f"customers with {n}{more} repeat{'s' * (n != 1 or n == top)}"
        labels.append((f"share_repeats_{n}{more}", words, "share"))
    labels.append(("mean_spend", "mean spend per order", "money"))
    labels.append(("mean_repeat_spend", "mean spend per repeat order", "money"))
    labels.append(("sd_repeat_spend", "standard deviation of spend per repeat order", "money"))
    labels.append(("regularity", "regularity of orders, 1 at random", "ratio"))
    return labels


def _measured(occasions: Occasions, weeks: Sequence[int], top: int) -> list[float]:
    """Return the quantities as a log has them."""
    summary: Summary = summarise(occasions)
    curve = cumulative_repeats(occasions)
    shares = repeat_distribution(summary.frequency, top=top) / occasions.n_customers
    repeat = occasions.amount[~occasions.first]
    spread = [float(repeat.mean()), float(repeat.std())] if len(repeat) else [float("nan")] * 2
    return [
        *(float(curve[week - 1]) for week in weeks),
        *map(float, shares),
        float(occasions.amount.mean()),
        *spread,
        regularity(occasions),
    ]


def _fitted(
    occasions: Occasions,
    bgnbd: BgNbdFit,
    gamma_gamma: GammaGammaFit,
    weeks: Sequence[int],
    top: int,
) -> list[float]:
    """Return the quantities as the models have them, for customers of the log's ages."""
    age, n_alike = np.unique(occasions.end_s() - occasions.first_time_s, return_counts=True)
    shares = bgnbd.model.repeat_probabilities(age / _UNIT_S[bgnbd.unit], top=top)
    curve = expected_cumulative_repeats(bgnbd.model, occasions, unit=bgnbd.unit, weeks=weeks)
    mean = gamma_gamma.model.mean
    return [
        *map(float, curve),
        *map(float, np.average(shares, axis=0, weights=n_alike)),
        mean,
        mean,
        gamma_gamma.model.sd,
        1.0,
    ]


def data_notes(occasions: Occasions, transactions: Transactions | None) -> list[str]:
    """Return what in the data speaks against the models, a line each."""
    notes = []
    if transactions and transactions.dropped.lost > _MANY_DROPPED * transactions.rows_read:
        share = transactions.dropped.lost / transactions.rows_read
        notes.append(f"{share:.0%} of the log's rows were left out")
    new = acquisition(occasions)
    early, later = (new[i * _EARLY_WEEKS : (i + 1) * _EARLY_WEEKS].sum() for i in (0, 1))
    if occasions.n_weeks >= 3 * _EARLY_WEEKS and early > _OLD_CUSTOMERS * later:
        notes.append(
            f"{early:,} customers first appear in weeks 1 to {_EARLY_WEEKS} and {later:,} in the "
            f"next {_EARLY_WEEKS}: many were customers before the log begins; give --first-from"
        )
    summary = summarise(occasions)
    buys = (summary.frequency > 0) & (summary.monetary_value > 0)
    x, z = np.log(summary.frequency[buys]), np.log(summary.monetary_value[buys])
    if len(x) > 2 and np.ptp(x) > 0 and np.ptp(z) > 0:
        correlation = float(np.corrcoef(x, z)[0, 1])
        if abs(correlation) > _STRONG_CORRELATION:
            notes.append(
                f"spend and frequency are correlated ({correlation:+.2f}), "
                "which the models take as independent"
            )
    return notes
