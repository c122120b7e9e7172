"""What a user asks a backtest for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date as Date
from pathlib import Path
from typing import Final

from omnilab.errors import DataError, OptionError
from omnilab.fit.backtest.verdict import Limits
from omnilab.fit.experiment.request import ExperimentRequest
from omnilab.fit.request import FitRequest
from omnilab.parameters.quantity import parse_share
from omnilab.scenario.model import Scenario

__all__ = ["BacktestRequest", "limits_of", "tests_file_in"]

_YAML: Final = ("*.yaml", "*.yml")


@dataclass(frozen=True, kw_only=True)
class BacktestRequest:
    """What a user asks for; each field is an argument or an option of ``omnilab backtest``.

    Parameters
    ----------
    scenario
        The base: channels, calendar of journeys and status quo. Its needs are fitted anew.
    log
        How the log is read; None where only tests are looked at.
    first_day
        Where the fit ends and the prediction begins.
    tests
        A file of past tests, or a folder that has one.
    plausible
        A set of worlds of the scenario, or ``auto``.
    worlds
        At most so many of them are run.
    replications
        Of each world.
    seed
        Of the first replication, and of the fit to tests.
    limits
        Where the verdicts part.
    """

    scenario: str | Scenario
    log: FitRequest | None = None
    first_day: Date | None = None
    tests: Path | None = None
    plausible: str | Path | None = None
    worlds: int = 10
    replications: int = 40
    seed: int = 1
    limits: Limits = field(default_factory=Limits)

    def check(self) -> None:
        """Check what can be checked before anything is read.

        Raises
        ------
        OptionError
            With the first option that can't be used.
        """
        if self.log is None and self.tests is None:
            raise OptionError("nothing to hold against: give a LOG and --from, or --tests")
        if self.log is not None and self.first_day is None:
            raise OptionError(
                "Missing option '--from': the day on which the prediction begins, such as "
                "2024-07-01"
            )
        if self.log is None and self.plausible is not None:
            raise OptionError("--plausible: only with a LOG; a fit to tests draws its own worlds")
        if self.log is not None:
            self.log.check()


def limits_of(bias: str, steady: str, worse: str) -> Limits:
    """Return limits of shares as they are typed.

    Raises
    ------
    OptionError
        If one is no share, or outside of its range.
    """
    found = {}
    for name, text, low, high in (
        ("max-bias", bias, 0.001, 1.0), ("steady", steady, 0.5, 1.0), ("worse", worse, 0.0, 1.0),
    ):  # fmt: skip
        try:
            share = parse_share(text)
        except ValueError as error:
            raise OptionError(f"--{name} {text!r}: {error}") from None
        if not low <= share <= high:
            raise OptionError(f"--{name} {text!r}: between {100 * low:g}% and {100 * high:g}%")
        found[name] = share
    return Limits(bias=found["max-bias"], steady=found["steady"], worse=found["worse"])


def tests_file_in(place: Path) -> Path:
    """Return the file of tests: the one that is named, or the only one of a folder.

    Raises
    ------
    DataError
        If there is none, or more than one.
    """
    if not place.is_dir():
        if not place.is_file():
            raise DataError("there is no such file or folder of past tests", file=place)
        if place.suffix.lower() not in (".yaml", ".yml"):
            raise DataError(
                "past tests are a YAML file with a list 'tests', each with a table, or a folder "
                "that has one: one table is one test, and needs others to be predicted from",
                file=place,
            )
        return place
    files = sorted(file for pattern in _YAML for file in place.glob(pattern))
    if not files:
        tables = sum(f.suffix.lower() in (".csv", ".parquet", ".json") for f in place.iterdir())
        raise DataError(
            f"no file of tests among its {tables} tables: a YAML file with a list 'tests', such as "
            "tests: [{table: march.csv, control: none, within: 14d}]",
            file=place,
        )
    if len(files) > 1:
        named = ", ".join(f.name for f in files[:3])
        raise DataError(f"several files of tests ({named}): name one of them", file=place)
    return files[0]


def experiment_request(request: BacktestRequest, file: Path) -> ExperimentRequest:
    """Return the request that all tests of a file share: nothing of a test is held out of it."""
    base = request.scenario
    return ExperimentRequest(table=file, base=base, holdout="0%", seed=request.seed)
