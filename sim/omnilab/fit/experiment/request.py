"""What a user asks a fit to a randomised test for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date
from pathlib import Path

from omnilab.errors import OptionError, nearest
from omnilab.parameters.quantity import parse_duration, parse_share
from omnilab.scenario.model import Scenario

__all__ = ["ExperimentRequest"]

_DAY_S = 86_400
_LONGEST = 90  # days over which outcomes may be counted
_UNITS = {"days": 1.0, "weeks": 7.0, "months": 365.25 / 12}


@dataclass(frozen=True, kw_only=True)
class ExperimentRequest:
    """What a user asks for; each field is an option of ``omnilab fit --experiment``.

    Parameters
    ----------
    table
        One row a customer.
    control
        The arm that got nothing.
    within
        How long after the send outcomes were counted, a duration such as ``14d``.
    base
        Also a scenario that is loaded, from Python.
    content
        ``ARM=CATEGORY``: what an arm's message shows, several with ``+`` between them;
        ``ARM=everything`` for all.
    bought
        Columns that say whether a category was bought.
    recency_unit
        ``days``, ``weeks`` or ``months``; told by the column's name if None.
    holdout
        Share of the customers that the fit does not see.
    splits
        How many such parts are drawn, each anew.
    """

    table: Path
    control: str | None = None
    within: str | None = None
    base: str | Scenario | None = None
    channel: str | None = None
    content: Sequence[str] = ()
    arm: str | None = None
    customer: str | None = None
    date: str | None = None
    visit: str | None = None
    conversion: str | None = None
    spend: str | None = None
    recency: str | None = None
    recency_unit: str | None = None
    history: str | None = None
    newbie: str | None = None
    bought: Sequence[str] = ()
    encoding: str | None = None
    date_format: str | None = None
    decimal: str | None = None
    currency: str | None = None
    until: Date | None = None
    holdout: str = "33%"
    splits: int = 1
    seed: int = 1

    @property
    def within_s(self) -> int:
        """The seconds over which outcomes were counted.

        Raises
        ------
        OptionError
            If none were named, or fewer than one day or more than 90.
        """
        if self.within is None:
            raise OptionError(
                "Missing option '--within': for how long after the send the outcomes were counted, "
                "such as 14d"
            )
        try:
            seconds = parse_duration(self.within)
        except ValueError as error:
            raise OptionError(f"--within {self.within!r}: {error}") from None
        if not _DAY_S <= seconds <= _LONGEST * _DAY_S:
            raise OptionError(f"--within {self.within!r}: between 1d and {_LONGEST}d")
        return seconds

    @property
    def held_out(self) -> float:
        """Share of the customers that the fit does not see, 0 to .8.

        Raises
        ------
        OptionError
            If it is no such share.
        """
        try:
            share = parse_share(self.holdout)
        except ValueError as error:
            raise OptionError(f"--holdout {self.holdout!r}: {error}") from None
        if not 0 <= share <= 0.8:
            raise OptionError(f"--holdout {self.holdout!r}: between 0% and 80%")
        return share

    @property
    def unit_days(self) -> float | None:
        """Days of a unit of the recency column, None where its name has to say it."""
        if self.recency_unit is None:
            return None
        if self.recency_unit not in _UNITS:
            raise OptionError(
                f"--recency-unit {self.recency_unit!r}: days, weeks or months"
                f"{nearest(self.recency_unit, _UNITS)}"
            )
        return _UNITS[self.recency_unit]

    def check(self) -> None:
        """Check what can be checked before the table is read.

        Raises
        ------
        OptionError
            With the first option that can't be used.
        """
        _ = self.within_s, self.held_out, self.unit_days
        if not 1 <= self.splits <= 20:
            raise OptionError(f"--splits {self.splits}: between 1 and 20")
        for pair in self.content:
            if "=" not in pair:
                raise OptionError(
                    f"--content {pair!r}: an arm and a category, such as 'Mens E-Mail=mens'"
                )
