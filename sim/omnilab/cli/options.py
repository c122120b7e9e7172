"""What ``compare`` and ``run`` share: their options, and the way from a scenario to its results."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from pathlib import Path

    from omnilab.brand.loading import LoadedStrategy
    from omnilab.experiment.checkpoint import Checkpoint
    from omnilab.experiment.compare import Comparison
    from omnilab.experiment.recorder import RunRecorder
    from omnilab.experiment.runs import RunOptions
    from omnilab.scenario.model import Scenario

__all__ = [
    "CUSTOMERS",
    "ENGINES",
    "SEED",
    "Request",
    "carry_out",
    "check_writable",
    "experiment_options",
    "load_strategies",
    "progress_bar",
    "quiet_option",
    "say",
    "say_error",
    "write_whole",
]

F = TypeVar("F", bound=Callable[..., Any])

ENGINES = click.Choice(["auto", "simpy", "compiled"])
CUSTOMERS = click.IntRange(1, 10**9)
THREADS = click.IntRange(1, 1024)
CHUNK = click.IntRange(1, 10**6)
REPLICATIONS = click.IntRange(1, 100_000)
SEED = click.IntRange(0, 2**63 - 1)

BAD_INPUT = 2
TERMINATED = 128 + 15  # as a shell reports a process ended by SIGTERM


def quiet_option(function: F) -> F:
    """Add ``--quiet``."""
    return click.option("-q", "--quiet", is_flag=True, help="Print errors only.")(function)


def experiment_options(function: F) -> F:
    """Add the options that ``compare`` and ``run`` share."""
    options = [
        click.option(
            "--customers", type=CUSTOMERS, metavar="N", help="Customers; the scenario's by default."
        ),
        click.option(
            "--replications", type=REPLICATIONS, default=1, show_default=True, metavar="N",
            help="Populations, each with draws of its own.",
        ),
        click.option("--seed", type=SEED, default=1, show_default=True, metavar="N"),
        click.option(
            "--engine", type=ENGINES, default="auto", show_default=True,
            help="The results are the same under each.",
        ),
        click.option(
            "--threads", type=THREADS, metavar="N",
            help="Threads of the compiled engine; one a core by default.",
        ),
        click.option(
            "--chunk", type=CHUNK, metavar="N",
            help="Cells (a few households) that a thread takes at once; memory grows with it.",
        ),
        click.option(
            "--out", type=click.Path(), metavar="DIR",
            help="Run directory; runs/<scenario>-<digest> by default.",
        ),
        click.option(
            "--json", "json_to", metavar="FILE|-",
            help="Write the results as JSON; - for stdout, without the report.",
        ),
        quiet_option,
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


@dataclass(frozen=True)
class Request:
    """What a user asked ``compare`` or ``run`` for."""

    command: str
    scenario: str
    strategies: tuple[str, ...]
    customers: int | None
    replications: int
    seed: int
    engine: str
    out: str | None
    json_to: str | None
    quiet: bool
    threads: int | None = None
    chunk: int | None = None
    events: bool = False


@dataclass(frozen=True)
class _Prepared:
    """Everything that can be wrong before the simulation begins has been looked at."""

    scenario: Scenario  # as its file has it
    digest: str  # of that
    sized: Scenario  # with the customers that were asked for
    options: RunOptions
    strategies: Mapping[str, LoadedStrategy]
    status_quo: LoadedStrategy
    target: Path
    run_digest: str  # of everything that was asked for


def carry_out(context: click.Context, request: Request) -> None:
    """Simulate, keep the run directory, show the results; exit with 2 where a strategy failed.

    A strategy that fails while it runs is left out and said in one line; the others' results are
    kept and written. With no strategy left nothing is written.
    """
    from datetime import UTC, datetime

    from omnilab.errors import OmnilabError
    from omnilab.experiment.checkpoint import Checkpoint
    from omnilab.experiment.result import result_of
    from omnilab.experiment.run_files import write_run
    from omnilab.experiment.runs import new_run
    from omnilab.report import build_document, html_page

    started = datetime.now(UTC)
    ready = _prepare(request)
    unwritten: OmnilabError | None = None
    comparison = result = None
    with _ends_cleanly():
        try:
            with new_run(ready.target, ready.run_digest) as folder:
                checkpoint = Checkpoint(folder, ready.run_digest)
                recorder = _recorder(ready, request, folder)
                comparison = _simulate(ready, request, checkpoint, recorder)
                checkpoint.remove()
                result = result_of(comparison, digest=ready.digest)
                if recorder is not None:
                    recorder.finish()
                write_run(
                    folder, comparison, result, command=request.command, scenario=ready.scenario,
                    options=ready.options, strategies=ready.strategies,
                    status_quo=ready.status_quo, started=started,
                    report=html_page(build_document(comparison, timed=False)),
                )  # fmt: skip
        except OmnilabError as error:
            if result is None:
                raise
            unwritten = error  # hours of simulation are not thrown away for a full disk
    assert comparison is not None
    assert result is not None
    if comparison.compile_s >= 1.0:
        compiled = f"kernels compiled in {comparison.compile_s:.0f} s (once a version)"
        say(f"{compiled}, which elapsed_s includes", quiet=request.quiet)
    for failure in comparison.failures.values():
        say_error(str(failure))
    _show(comparison, result, request)
    if unwritten is not None:
        raise unwritten
    say(f"kept in {ready.target}", quiet=request.quiet)
    if comparison.failures:
        context.exit(BAD_INPUT)


def load_strategies(names: tuple[str, ...], scenario: Scenario) -> dict[str, LoadedStrategy]:
    """Return strategies by how the user named them, in that order.

    Raises
    ------
    OptionError
        If two of them have the same name.
    StrategyError
        If one can't be loaded.
    """
    from omnilab.brand.loading import load_strategy
    from omnilab.errors import OptionError

    loaded: dict[str, LoadedStrategy] = {}
    for given in names:
        strategy = load_strategy(given, scenario)
        if any(strategy.name == other.name for other in loaded.values()):
            raise OptionError(f"two strategies are named {strategy.name!r}")
        loaded[given] = strategy
    return loaded


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Callable[[str, float], None]]:
    """Give ``show(what, share done)``: a bar on stderr; where that is no terminal, a line each."""
    if quiet or not sys.stderr.isatty():
        said: set[str] = set()

        def note(what: str, _share: float) -> None:
            kind = what.partition(":")[0]  # what it will take is said once, with the name
            if kind not in said:
                said.add(kind)
                say(what, quiet=quiet)

        yield note
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.text import Text

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)

        def show(what: str, share: float) -> None:
            bar.update(task, description=Text(what).plain, completed=share)

        yield show


def say(line: str, *, quiet: bool) -> None:
    """Print a note on stderr."""
    if not quiet:
        click.echo(line, err=True)


def say_error(text: str) -> None:
    """Print one red line on stderr."""
    import os

    line = "".join(c if c.isprintable() else " " for c in text).strip()
    color = False if os.environ.get("NO_COLOR") else None
    click.secho(f"error: {line}", fg="red", err=True, color=color)


def _prepare(request: Request) -> _Prepared:
    """Read and check all that was named, so that bad input is said before anything is written."""
    from pathlib import Path

    from omnilab.brand.loading import load_strategy
    from omnilab.cli.named import check_named
    from omnilab.errors import OptionError
    from omnilab.experiment.runs import RunOptions, check_target, default_target, run_digest
    from omnilab.scenario import load_scenario, scenario_digest

    if request.events and request.replications > 1:
        raise OptionError("--events keeps the log of one replication: use --replications 1")
    scenario = load_scenario(request.scenario)
    check_named(request.scenario, scenario, compared=not request.strategies)
    customers = request.customers or scenario.population.customers
    sized = scenario.with_customers(customers)
    strategies = load_strategies(request.strategies or scenario.strategies, sized)
    status_quo = load_strategy(scenario.brand.status_quo, sized)
    options = RunOptions(
        request.seed, customers, request.replications, request.engine, request.events
    )
    digest = scenario_digest(scenario)
    run = run_digest(digest, options, [*strategies.values(), status_quo])
    target = Path(request.out) if request.out else default_target(scenario, run)
    check_target(target)
    if request.json_to not in (None, "-"):
        check_writable("--json", Path(str(request.json_to)))
    return _Prepared(scenario, digest, sized, options, strategies, status_quo, target, run)


def check_writable(option: str, path: Path) -> None:
    """Check before the time for it is spent that a file can be made where ``option`` says.

    Raises
    ------
    OptionError
        If it is a directory or its directory is not there.
    """
    from omnilab.errors import OptionError

    if path.is_dir():
        raise OptionError(f"{option} {path} is a directory")
    if not path.absolute().parent.is_dir():
        raise OptionError(f"{option} {path}: there is no directory {path.absolute().parent}")


def _recorder(ready: _Prepared, request: Request, folder: Path) -> RunRecorder | None:
    from omnilab.experiment.recorder import RunRecorder

    if not request.events:
        return None
    (strategy,) = ready.strategies.values()
    return RunRecorder(folder, ready.sized, strategy)


def _simulate(
    ready: _Prepared, request: Request, checkpoint: Checkpoint, recorder: RunRecorder | None
) -> Comparison:
    from omnilab.experiment.compare import compare

    with progress_bar(quiet=request.quiet) as show:
        return compare(
            ready.sized,
            list(ready.strategies.values()),
            replications=request.replications,
            seed=request.seed,
            engine=request.engine,
            recorder=recorder,
            threads=request.threads or _cores(),
            chunk=request.chunk,
            progress=show,
            checkpoint=checkpoint,
        )


def _cores() -> int:
    """Return how many cores this process may use."""
    import os

    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _show(comparison: Comparison, result: Mapping[str, Any], request: Request) -> None:
    """Write the JSON where it was asked for, else or also the report."""
    from omnilab.experiment.result import result_text

    if request.json_to == "-":
        click.echo(result_text(result), nl=False)
        return
    if request.json_to is not None:
        write_whole(request.json_to, result_text(result))
    if not request.quiet:
        from omnilab.report import build_document, print_document

        print_document(build_document(comparison))


def write_whole(file: str, text: str) -> None:
    """Write a text file so that its name never has a part of it."""
    from omnilab._files import writing

    writing.write_whole(file, text)


@contextmanager
def _ends_cleanly() -> Iterator[None]:
    """Let SIGTERM unwind the stack, so that what is half-written is removed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def stop(_number: int, _frame: object) -> None:
        raise SystemExit(TERMINATED)

    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
