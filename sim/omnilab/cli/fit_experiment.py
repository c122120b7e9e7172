"""``omnilab fit --experiment``: response from a randomised test of your own."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from omnilab.cli.console import progress_bar, say, say_warning
from omnilab.cli.places import Reads, Writes, check_beside

if TYPE_CHECKING:
    from omnilab.fit.experiment.found import FittedTest

__all__ = ["experiment_options", "fit_experiment", "is_draws", "split_off"]


#: Options of `fit` that a table of a test is read by too.
_SHARED: Final = (
    "output", "base", "customer", "date", "encoding", "date_format", "decimal", "currency",
    "until", "quiet", "check", "hook_timeout",
)  # fmt: skip
_OWN: Final = (
    "control", "within", "channel", "content", "arm", "visit", "conversion", "spend", "recency",
    "recency_unit", "history", "newbie", "bought", "test_holdout", "splits", "seed",
)  # fmt: skip


def _files(name: str) -> list[Path]:
    """Return the files of a test: the table, or a file of tests and the tables that it names."""
    from omnilab.fit.experiment.tests_file import tables_of

    return tables_of(Path(name))


TESTS: Final = Reads(_files, path=True)

_OPTIONS: Final = (
    click.option("--experiment", type=TESTS, metavar="TABLE", help="Fit response to a randomised "
                 "test: one row a customer, with the arm and what the customer did; or to several, "
                 "by a YAML file that names them."),
    click.option("--control", metavar="ARM", help="With --experiment: the arm that got nothing."),
    click.option("--within", metavar="DURATION", help="With --experiment: how long after the send "
                 "outcomes were counted, such as 14d."),
    click.option("--content", multiple=True, metavar="ARM=CATEGORY", help="With --experiment: what "
                 "an arm's message shows, such as men, men+women, or everything; repeatable."),
    click.option("--channel", metavar="NAME", help="With --experiment: what carried the messages; "
                 "email if not given."),
    click.option("--arm", metavar="COLUMN", help="With --experiment: column of arms."),
    click.option("--visit", metavar="COLUMN", help="With --experiment: column of visits."),
    click.option("--conversion", metavar="COLUMN", help="With --experiment: of conversions."),
    click.option("--spend", metavar="COLUMN", help="With --experiment: column of spend."),
    click.option("--recency", metavar="COLUMN", help="With --experiment: time since the last "
                 "order."),
    click.option("--recency-unit", metavar="UNIT", help="With --experiment: days, weeks, months."),
    click.option("--history", metavar="COLUMN", help="With --experiment: money spent in the year "
                 "before."),
    click.option("--newbie", metavar="COLUMN", help="With --experiment: whether the first order "
                 "was in the year before."),
    click.option("--bought", multiple=True, metavar="COLUMN", help="With --experiment: whether a "
                 "category was bought in the year before; repeatable."),
    click.option("--test-holdout", metavar="SHARE", help="With --experiment: share of customers "
                 "that the fit doesn't see; 33% if not given."),
    click.option("--splits", type=click.IntRange(1, 20), metavar="N", help="With --experiment: how "
                 "many random parts are held out, each with a fit of its own; 1 if not given."),
    click.option("--seed", type=click.IntRange(0, 2**31 - 1), metavar="N", help="With "
                 "--experiment: of the split and the simulation; 1 if not given."),
)  # fmt: skip


def experiment_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a fit to a test to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def split_off(given: dict[str, Any]) -> dict[str, Any] | None:
    """Take the options of a fit to a test out of ``given``; None where there is no test.

    Raises
    ------
    OptionError
        If options of both kinds of fit were given, or those of a test without one.
    """
    from omnilab.errors import OptionError

    own = {name: given.pop(name) for name in ("experiment", *_OWN)}
    if own["experiment"] is None:
        if named := [name for name in _OWN if own[name]]:
            raise OptionError(f"--{named[0].replace('_', '-')}: only with --experiment TABLE")
        return None
    if given.pop("transactions") is not None:
        raise OptionError(
            "--experiment: a purchase log and a test are two fits; fit the log first, and give its "
            "scenario as --base"
        )
    unread = [name for name, value in given.items() if value and name not in _SHARED]
    if unread:
        raise OptionError(f"--{unread[0].replace('_', '-')}: not with --experiment")
    return own | {name: given[name] for name in _SHARED if name in given}


def is_draws(path: Path) -> bool:
    """Tell whether it is a table of draws by `fit --experiment`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from omnilab.fit.experiment.write import DRAWS_FORMAT

    try:
        meta = pq.read_schema(path).metadata or {}
    except (pa.ArrowException, OSError):
        return False
    return bool(meta.get(b"omnilab") == DRAWS_FORMAT.encode())


DRAWS: Final = Writes(is_draws, path=True)


def fit_experiment(given: dict[str, Any]) -> None:
    """Fit a scenario's response to a test, show it, and write it."""
    from omnilab.cli.fit_experiment_report import show_test, show_test_check
    from omnilab.errors import OptionError
    from omnilab.fit.experiment.course import carry_out_test
    from omnilab.fit.experiment.request import ExperimentRequest
    from omnilab.fit.experiment.tests_file import read_requests, read_tests
    from omnilab.fit.experiment.write import draws_beside, write_test
    from omnilab.fit.request import id_of

    output, check, quiet = (given.pop(name) for name in ("output", "check", "quiet"))
    given.pop("hook_timeout", None)
    holdout, seed = given.pop("test_holdout"), given.pop("seed")
    splits = given.pop("splits") or 1
    request = ExperimentRequest(
        table=given.pop("experiment"), holdout=holdout or "33%", splits=splits,
        seed=1 if seed is None else seed, **given,
    )  # fmt: skip
    requests = read_requests(request)
    for one in requests:
        one.check()
    if check:
        for test in read_tests(requests)[1]:
            show_test_check(test)
        return
    if output is None:
        raise OptionError("Missing option '-o' / '--output': the scenario file to write")
    check_beside(click.get_current_context(), "--output", draws_beside(output), DRAWS)
    with progress_bar(quiet=quiet) as show:
        fitted: FittedTest = carry_out_test(
            requests, scenario_id=id_of(output.name), threads=len(os.sched_getaffinity(0)),
            say=partial(say, quiet=quiet), show=show,
        )  # fmt: skip
    places = write_test(fitted, output)
    if not quiet:
        show_test(fitted)
    for warning in fitted.warnings:
        say_warning(warning)
    for place in places:
        say(f"written to {place}", quiet=quiet)
