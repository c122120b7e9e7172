"""The course of ``compare`` and ``run``: from what was asked for to results that are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from omnilab._arguments import cores
from omnilab.cli.console import progress_bar, say, say_error, say_warning
from omnilab.cli.effects import warn_no_effects
from omnilab.cli.opening import open_scenario
from omnilab.cli.places import check_room, is_replacing
from omnilab.cli.workers import on_workers

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from omnilab.experiment.checkpoint import Checkpoint
    from omnilab.experiment.comparison import Comparison
    from omnilab.experiment.condition import Condition
    from omnilab.experiment.customers import CustomerTable
    from omnilab.experiment.equal_volume import Equal
    from omnilab.experiment.plausible.standing import Standing
    from omnilab.experiment.until import Until
    from omnilab.export.recorder import RunRecorder
    from omnilab.runs.directories import RunOptions
    from omnilab.runs.event_parts import EventParts
    from omnilab.scenario.assumptions import Assumption
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["Request", "carry_out", "load_strategies"]

CHECK_FAILED = 1
BAD_INPUT = 2


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
    parts: bool = False  # the log as a data set
    against: str | None = None
    fail_if: tuple[str, ...] = ()
    customers_table: bool = False
    until: tuple[str, ...] | None = None
    most_customers: int | None = None
    equal_volume: str | None = None
    wiring: tuple[str, ...] = ()
    quick: bool = False


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
    conditions: tuple[Condition, ...]
    assumptions: tuple[Assumption, ...]
    until: Until | None
    equal: Equal | None  # whose volumes are to be equal
    standing: Standing | None  # the small worlds beside it


def carry_out(context: click.Context, request: Request) -> None:
    """Simulate, keep the run directory, show the results; exit with 2 where a strategy failed.

    A strategy that fails while it runs is left out and said in one line; the others' results are
    kept and written. With no strategy left nothing is written.
    """
    from datetime import UTC, datetime

    from omnilab.cli.page import about_run, run_page
    from omnilab.errors import OmnilabError
    from omnilab.experiment.checkpoint import Checkpoint
    from omnilab.experiment.result import result_of
    from omnilab.runs.directories import new_run
    from omnilab.runs.files import write_run

    started = datetime.now(UTC)
    ready = _prepare(request, replace=is_replacing(context))
    unwritten: OmnilabError | None = None
    comparison = result = None
    try:
        with on_workers(context), new_run(ready.target, ready.run_digest) as folder:
            checkpoint = Checkpoint(folder, ready.run_digest, started=started)
            recorder = _recorder(ready, request, folder)
            with _customers(ready, folder) as customers:
                parts = _parts(ready, request, folder)
                comparison = _simulate(ready, request, checkpoint, recorder, parts, customers)
            checkpoint.remove()
            result = result_of(comparison, digest=ready.digest, against=ready.options.against)
            if recorder is not None:
                recorder.finish()
            about = about_run(
                comparison, request, ready.strategies, checkpoint.started, digest=ready.run_digest,
                against=ready.options.against, assumptions=ready.assumptions,
            )  # fmt: skip
            ran = [s for s in ready.strategies.values() if s.name not in comparison.failures]
            write_run(
                folder, comparison, result, command=request.command, scenario=ready.scenario,
                options=ready.options, strategies=ready.strategies,
                status_quo=ready.status_quo, started=started, about=about.plain(),
                report=lambda folder: run_page(folder, ready.sized, about, ran, request.seed),
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
    _warn_of_chance(ready, request, comparison)
    _show(comparison, result, request, ready)
    if unwritten is not None:
        raise unwritten
    say(f"kept in {ready.target}", quiet=request.quiet)
    code = _judge(ready.conditions, comparison, quiet=request.quiet)
    if comparison.until is not None and not comparison.until["met"]:
        say_error(f"--until was not met: {comparison.until['why']}")
        code = BAD_INPUT
    if comparison.failures or code:
        context.exit(BAD_INPUT if comparison.failures else code)


def load_strategies(names: tuple[str, ...], scenario: Scenario) -> dict[str, LoadedStrategy]:
    """Return strategies by how the user named them, in that order.

    Raises
    ------
    OptionError
        If two of them have the same name.
    StrategyError
        If one can't be loaded.
    """
    from omnilab.errors import OptionError
    from omnilab.strategy.loading import load_strategy

    loaded: dict[str, LoadedStrategy] = {}
    for given in names:
        strategy = load_strategy(given, scenario)
        if alike := [n for n, other in loaded.items() if other.name == strategy.name]:
            raise OptionError(
                f"two strategies are named {strategy.name!r}: {alike[0]} and {given}: name one "
                "differently, or hold them against each other by omnilab check --against"
            )
        loaded[given] = strategy
    return loaded


def _prepare(request: Request, *, replace: bool) -> _Prepared:
    """Read and check all that was named, so that bad input is said before anything is written."""
    from pathlib import Path

    from omnilab.errors import OptionError
    from omnilab.experiment.condition_text import parse_condition
    from omnilab.experiment.differences import check_reference
    from omnilab.experiment.equal_volume import equal_of
    from omnilab.experiment.plausible.standing import standing_of
    from omnilab.runs.directories import RunOptions, check_target, default_target, run_digest
    from omnilab.scenario import scenario_digest
    from omnilab.strategy.loading import load_strategy
    from omnilab.strategy.maps import maps_named, under_other_maps

    conditions = [parse_condition(text) for text in request.fail_if]
    if request.events and request.replications > 1:
        raise OptionError("--events keeps the log of one replication: use --replications 1")
    if request.parts and not request.events:
        raise OptionError("--parts: goes with --events")
    read, sized = open_scenario(
        request.scenario, request.customers, compared=not request.strategies, warned=False
    )
    scenario, customers = read.scenario, sized.population.customers
    strategies = load_strategies(request.strategies or scenario.strategies, sized)
    if request.wiring:
        strategies |= under_other_maps(strategies, maps_named(request.wiring), sized)
    warn_no_effects(read, strategies.values())
    status_quo = load_strategy(scenario.brand.status_quo, sized)
    called = {s.name: s.name for s in strategies.values()}
    called |= {given: s.name for given, s in strategies.items() if given not in called}
    against = request.against
    if against is not None:
        names = [s.name for s in strategies.values()]
        against = check_reference(called.get(against, against), names)
    options = RunOptions(
        request.seed, customers, request.replications, request.engine,
        request.events and not request.parts, against,
        request.customers_table, request.until, request.most_customers, request.equal_volume,
        request.quick,
    )  # fmt: skip
    names = [s.name for s in strategies.values()]
    equal = equal_of(request.equal_volume, names, sized, against, quick=request.quick)
    until = _until(options, len(strategies))
    assumptions, standing = read.assumptions(), None
    if request.command == "compare" and not request.quick:
        standing = standing_of(
            sized, assumptions, list(strategies), list(strategies.values()),
            replications=request.replications,
        )  # fmt: skip
    digest = scenario_digest(scenario)
    run = run_digest(digest, options, [*strategies.values(), status_quo])
    target = Path(request.out) if request.out else default_target(scenario, run)
    check_target(target, digest=run, replace=replace)
    if not request.out:  # else the options' check has looked at it
        check_room(target)
    return _Prepared(
        scenario, digest, sized, options, strategies, status_quo, target, run,
        tuple(condition.checked(called) for condition in conditions),
        tuple(assumptions), until, equal, standing,
    )  # fmt: skip


def _until(options: RunOptions, strategies: int) -> Until | None:
    """Return the rule that says when to stop, None where it was not asked for."""
    from omnilab.errors import OptionError
    from omnilab.experiment.until import Until

    if options.until is None and options.most_customers is not None:
        raise OptionError("--most-customers goes with --until")
    if options.until is not None and strategies < 2:
        raise OptionError("--until waits for differences: name two strategies or more")
    return Until.of(options.until, options.customers, options.most_customers, options.replications)


def _judge(conditions: Sequence[Condition], comparison: Comparison, *, quiet: bool) -> int:
    """Say of each condition whether it holds, with its numbers; return the exit code."""
    from omnilab.errors import OptionError

    codes = [0]
    for condition in conditions:
        try:
            verdict = condition.decide(comparison.moments)
        except OptionError as error:
            say_error(str(error))
            codes.append(BAD_INPUT)
            continue
        if verdict.holds:
            say_error(f"--fail-if {verdict.condition!r} holds: {verdict.numbers}")
            codes.append(CHECK_FAILED)
        else:
            text = f"--fail-if {verdict.condition!r} does not hold: {verdict.numbers}"
            say(text, quiet=quiet)
    return max(codes)


def _recorder(ready: _Prepared, request: Request, folder: Path) -> RunRecorder | None:
    from omnilab.export.recorder import RunRecorder

    if not request.events or request.parts:
        return None
    (strategy,) = ready.strategies.values()
    return RunRecorder(folder, ready.sized, strategy)


def _parts(ready: _Prepared, request: Request, folder: Path) -> EventParts | None:
    from omnilab.runs.event_parts import EventParts

    if not request.parts:
        return None
    (strategy,) = ready.strategies.values()
    return EventParts(folder, ready.sized, strategy.name)


def _customers(ready: _Prepared, folder: Path) -> AbstractContextManager[CustomerTable | None]:
    """Return what writes the customers' table, where it was asked for."""
    from contextlib import nullcontext

    from omnilab.experiment.customers import CustomerTable

    if not ready.options.customers_table:
        return nullcontext()
    return CustomerTable(folder, ready.sized, list(ready.strategies.values()))


def _simulate(
    ready: _Prepared, request: Request, checkpoint: Checkpoint, recorder: RunRecorder | None,
    parts: EventParts | None, customers: CustomerTable | None,
) -> Comparison:  # fmt: skip
    from omnilab.experiment.compare import compare

    with progress_bar(quiet=request.quiet) as show:
        return compare(
            ready.sized,
            list(ready.strategies.values()),
            replications=request.replications,
            seed=request.seed,
            engine=request.engine,
            recorder=recorder,
            parts=parts,
            threads=request.threads or cores(),
            chunk=request.chunk,
            progress=show,
            checkpoint=checkpoint,
            until=ready.until,
            against=ready.options.against,
            customers=customers,
            equal=ready.equal,
            quick=request.quick,
            standing=ready.standing,
            tests=len(ready.strategies) > 1 and not request.quick,
        )


def _warn_of_chance(ready: _Prepared, request: Request, comparison: Comparison) -> None:
    """Say which strategies give other results when they are run again."""
    from omnilab.experiment.repeat import not_repeatable

    ran = {run.name for run in comparison.strategies}
    asked = [s for s in ready.strategies.values() if s.name in ran]
    found = not_repeatable(ready.sized, asked, seed=request.seed, engine=request.engine)
    for name, why in found.items():
        say_warning(f"strategy {name!r}: results can't be repeated: {why}")


def _show(
    comparison: Comparison, result: Mapping[str, Any], request: Request, ready: _Prepared
) -> None:
    """Write the JSON where it was asked for, else or also the report."""
    from omnilab.experiment.result import result_text

    if request.json_to == "-":
        click.echo(result_text(result), nl=False)
        return
    if request.json_to is not None:
        from omnilab._files.writing import write_whole

        write_whole(request.json_to, result_text(result))
    if not request.quiet:
        from omnilab.report import build_document, print_document

        print_document(
            build_document(comparison, against=ready.options.against, assumptions=ready.assumptions)
        )
