"""Fit response to a randomised test, from Python."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING

from omnilab._arguments import (
    callers_level,
    day,
    in_python,
    known_arguments,
    path,
    python_words,
    text,
    texts,
    whole,
)
from omnilab._arguments import progress as callback
from omnilab._files.writing import check_writable
from omnilab.api.observations import frame_of
from omnilab.errors import OmnilabWarning, OptionError
from omnilab.fit.experiment.course import carry_out_test
from omnilab.fit.experiment.request import ExperimentRequest
from omnilab.fit.experiment.tests_file import read_requests
from omnilab.fit.experiment.write import fitted_data, scenario_text, write_test
from omnilab.fit.request import id_of
from omnilab.fit.scenario import validated
from omnilab.scenario.model import Scenario

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd

    from omnilab.fit.experiment.found import FittedTest

__all__ = ["ExperimentFit", "fit_experiment"]


@known_arguments
def fit_experiment(
    table: str | PathLike[str],
    *,
    control: str | None = None,
    within: str | None = None,
    base: str | PathLike[str] | Scenario | None = None,
    scenario_id: str | None = None,
    channel: str | None = None,
    content: Mapping[str, str] | None = None,
    arm: str | None = None,
    customer: str | None = None,
    date: str | None = None,
    visit: str | None = None,
    conversion: str | None = None,
    spend: str | None = None,
    recency: str | None = None,
    recency_unit: str | None = None,
    history: str | None = None,
    newbie: str | None = None,
    bought: Sequence[str] = (),
    encoding: str | None = None,
    date_format: str | None = None,
    decimal: str | None = None,
    currency: str | None = None,
    until: Date | str | None = None,
    holdout: str = "33%",
    splits: int = 1,
    seed: int = 1,
    progress: Callable[[str, float], None] | None = None,
) -> ExperimentFit:
    """Fit how customers answer messages to a test, as ``omnilab fit --experiment`` does.

    Parameters
    ----------
    table
        One row a customer: CSV, JSON, Parquet; or a YAML file of past tests.
    control
        The arm that got nothing; a file of tests may say it.
    within
        How long after the send outcomes were counted, such as ``"14d"``; likewise.
    base
        A scenario with your channels: a file, a shipped id, or what `load_scenario` returned. A
        web shop with e-mail by default.
    scenario_id
        Of the new scenario; made of the table's name by default.
    channel
        What carried the messages; e-mail by default.
    content
        Arm -> the category that its message shows, several such as ``"men+women"``, or
        ``"everything"``.
    arm, customer, date, visit, conversion, spend, recency, history, newbie
        Names of columns; found by the usual names if None.
    recency_unit
        ``days``, ``weeks`` or ``months``.
    bought
        Columns that say whether a category was bought in the year before.
    encoding, date_format, decimal
        How texts, dates and amounts are written, where that is not found out right.
    currency
        Of the amounts.
    until
        The last day for which the outcomes are complete.
    holdout
        Share of the customers that the fit does not see; ``"0%"`` fits all.
    splits
        How many random parts are held out, each with a fit of its own, 1 to 20.
    seed
        Of the split and of the simulation.
    progress
        Called with what is being done and how much of it is, 0 to 1.

    Warns
    -----
    OmnilabWarning
        Where the test or the fit can't be relied on. They stand in `ExperimentFit.warnings` too.

    Raises
    ------
    OptionError, DataError, ScenarioError
        What is wrong with an argument, the table or the base, in one line.
    """
    file = path("table", table)
    request = ExperimentRequest(
        table=file,
        control=text("control", control),
        within=text("within", within),
        base=base if base is None or isinstance(base, Scenario) else str(path("base", base)),
        channel=text("channel", channel),
        content=tuple(f"{arm}={what}" for arm, what in (content or {}).items()),
        arm=text("arm", arm),
        customer=text("customer", customer),
        date=text("date", date),
        visit=text("visit", visit),
        conversion=text("conversion", conversion),
        spend=text("spend", spend),
        recency=text("recency", recency),
        recency_unit=text("recency_unit", recency_unit),
        history=text("history", history),
        newbie=text("newbie", newbie),
        bought=texts("bought", bought),
        encoding=text("encoding", encoding),
        date_format=text("date_format", date_format),
        decimal=text("decimal", decimal),
        currency=text("currency", currency),
        until=day("until", until),
        holdout=str(text("holdout", holdout)),
        splits=whole("splits", splits, 1, 20),
        seed=whole("seed", seed, 0, 2**31 - 1),
    )
    told = callback("progress", progress)
    with python_words():
        requests = read_requests(request)
        for one in requests:
            one.check()
        name = text("scenario_id", scenario_id)
        fitted = carry_out_test(
            requests, scenario_id=name or id_of(file.name.partition(".")[0]),
            threads=len(os.sched_getaffinity(0)), show=told or (lambda _what, _share: None),
        )  # fmt: skip
    result = ExperimentFit(fitted)
    for warning in result.warnings:
        warnings.warn(warning, OmnilabWarning, stacklevel=callers_level())
    return result


class ExperimentFit:
    """The result of `fit_experiment`.

    Parameters
    ----------
    fitted
        What was found.
    """

    def __init__(self, fitted: FittedTest) -> None:
        self._fitted = fitted
        self._scenario = validated(fitted_data(fitted)[0])

    def __repr__(self) -> str:
        """Return the scenario and the test's size in one line."""
        n = sum(part.test.n for part in self._fitted.parts)
        return f"<omnilab experiment fit: {self.scenario.id}, {n:,} customers>"

    @property
    def scenario(self) -> Scenario:
        """The scenario with fitted values, ready for `compare`."""
        return self._scenario

    @property
    def warnings(self) -> list[str]:
        """What a reader must know before relying on the scenario."""
        return [in_python(line) for line in self._fitted.warnings]

    @property
    def notes(self) -> list[str]:
        """How the table was read, what was taken as given, what the test leaves open."""
        return [in_python(line) for line in self._fitted.notes]

    def lifts(self) -> pd.DataFrame:
        """Return the lifts of the arms, a row each: fitted part, predicted, held out, z.

        ``split`` numbers the random parts that were held out, from 0.
        """
        return frame_of(
            {
                "split": split,
                "outcome": row.moment.outcome, "arm": row.moment.arm,
                "group": "all" if row.moment.stratum == "all" else row.moment.group_words,
                "fitted": row.fitted, "fitted_error": row.fitted_error,
                "predicted": row.predicted, "predicted_error": row.predicted_error,
                "held_out": row.held, "held_out_error": row.held_error, "z": row.z,
            } for split, rows in enumerate(self._fitted.all_lifts) for row in rows
        )  # fmt: skip

    def parameters(self) -> pd.DataFrame:
        """Return the fitted parameters in the scenario's units, a row each.

        ``pinned`` is the part of the prior's variance that the test takes away.
        """
        return frame_of(
            {
                "parameter": e.name, "value": e.value, "low": e.interval[0], "high": e.interval[1],
                "prior": e.prior, "prior_low": e.low, "prior_high": e.high, "pinned": e.pinned,
                "source": e.source,
            } for e in self._fitted.estimates
        ).set_index("parameter")  # fmt: skip

    def profile(self) -> pd.DataFrame:
        """Return how much worse the lifts are met at values of ``created`` and ``need``.

        Chi-square less its least: one test does not tell places below 4 apart.
        """
        import pandas as pd

        found = self._fitted.profile
        return pd.DataFrame(
            found.worse, pd.Index(found.created, name="created"), pd.Index(found.need, name="need")
        )

    def draws(self) -> pd.DataFrame:
        """Return all draws of what the test leaves open: a column a parameter, and ``weight``."""
        import pandas as pd

        return pd.DataFrame({**self._fitted.drawn(), "weight": self._fitted.searched.draws.weights})

    @known_arguments
    def save(self, path: str | PathLike[str], *, replace: bool = False) -> list[Path]:
        """Write the scenario as a file, and its draws beside it.

        Parameters
        ----------
        path
            The scenario's file, which ``omnilab compare`` runs.
        replace
            Replace a file that is there and was edited.

        Returns
        -------
        list of Path
            What was written.

        Raises
        ------
        OptionError
            If a file can't be written, or would cost you one.
        """
        from omnilab._files.seal import is_sealed

        place = _path("path", path)
        check_writable(place, option="path")
        if place.is_file() and place.stat().st_size and not replace and not is_sealed(place):
            raise OptionError(
                f"path {place} is there, and omnilab did not write it, or it was changed since: "
                "choose another file, or give replace=True"
            )
        return write_test(self._fitted, place)

    def to_yaml(self) -> str:
        """Return the scenario's file as text, each fitted value marked."""
        return scenario_text(self._fitted)


_path = path  # which `save` has an argument of that name for
