"""``omnilab check``: say whether a strategy is safe to ship."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from omnilab.cli.console import progress_bar, say, say_error, say_warning
from omnilab.cli.giving import write_json
from omnilab.cli.options import (
    CHUNK,
    CUSTOMERS,
    engine_options,
    hook_timeout_option,
    quiet_option,
    replications_option,
)
from omnilab.cli.own import is_junit
from omnilab.cli.places import FILE, JSON, SCENARIO, STRATEGY, Adds, PlacesCommand, Writes
from omnilab.cli.plausible import WORLDS_IN
from omnilab.cli.workers import on_workers, workers_options

if TYPE_CHECKING:
    from omnilab.experiment.gate.running import Checked

__all__ = ["check"]

CHECK_FAILED: Final = 1
JUNIT: Final = Writes(is_junit)


@click.command(cls=PlacesCommand)
@click.argument("scenario", type=SCENARIO)
@click.option("--gate", type=FILE, required=True, metavar="FILE",
              help="The goal, the guardrails and their margins.")  # fmt: skip
@click.option("-s", "--strategy", type=STRATEGY, required=True, metavar="S",
              help="What may be shipped: a name, file.py:Class or a YAML file.")  # fmt: skip
@click.option("--against", type=STRATEGY, metavar="S",
              help="The present strategy; the scenario's status quo by default.")  # fmt: skip
@click.option("--plausible", type=WORLDS_IN, metavar="FILE|auto",
              help="The set of plausible worlds of a guardrail on worlds; without it 20 small "
              "worlds are run in which the scenario's assumptions move.")  # fmt: skip
@click.option("--worlds", type=click.IntRange(2, 10_000), metavar="N",
              help="With --plausible: how many of its worlds are run; 100 by default.")  # fmt: skip
@click.option("--customers", type=CUSTOMERS, metavar="N",
              help="Customers; the scenario's by default.")  # fmt: skip
@replications_option
@engine_options
@click.option("--chunk", type=CHUNK, metavar="N",
              help="Cells (a few households) that a thread takes at once.")  # fmt: skip
@click.option("--fail-on", type=click.Choice(["discuss", "do-not"]), default="discuss",
              show_default=True,
              help="From which verdict on the exit code is 1: discuss, so that only ship passes, "
              "or do-not, so that only what is certainly worse fails.")  # fmt: skip
@click.option("--json", "json_to", type=JSON, metavar="FILE|-",
              help="Write the verdict as JSON; - for stdout, without the report.")  # fmt: skip
@click.option("--junit", type=JUNIT, metavar="FILE",
              help="Write it as JUnit XML too: a test case a guard.")  # fmt: skip
@click.option("--github-summary", "summary", type=Adds(), metavar="FILE",
              help="Add it as Markdown to this file, such as $GITHUB_STEP_SUMMARY.")  # fmt: skip
@workers_options
@hook_timeout_option
@quiet_option
@click.pass_context
def check(
    context: click.Context, scenario: str, gate: str, strategy: str, against: str | None,
    plausible: str | None, worlds: int | None, customers: int | None, replications: int,
    seed: int, engine: str, threads: int | None, chunk: int | None, fail_on: str,
    json_to: str | None, junit: str | None, summary: str | None,
    quiet: bool,
) -> None:  # fmt: skip
    """Say whether a strategy is safe to ship in SCENARIO: ship, discuss, or do not.

    Both strategies meet the same customers. The gate's file has a goal, which must be better, and
    guardrails, none of which may be worse by more than its margin; each is decided by a one-sided
    interval of the paired difference. Ship needs all of them to pass. Do not needs one that is
    certainly worse than its margin. All else is to be discussed. Where the strategies do not
    differ, ship or do not come out in at most 5% of runs, or in what the gate says as `level`.
    Where both do the very same with every customer it is ship: no change.

    Two files may name their strategy alike, such as yours and that of the main branch: reports
    add -new and -present to its name.

    Exit codes: 0 ship, and discuss with --fail-on do-not; 1 discuss or do not, with the reasons in
    the report, or on stderr where no report is printed; 2 bad input, or a strategy that failed.
    """
    from omnilab._arguments import cores
    from omnilab.cli.effects import warn_no_effects
    from omnilab.cli.named import check_named
    from omnilab.errors import OptionError
    from omnilab.experiment.gate.declared import read_gate
    from omnilab.experiment.gate.running import check_gate
    from omnilab.experiment.plausible.file import find_worlds, read_worlds
    from omnilab.report.gate import gate_reasons, gate_warnings, headline
    from omnilab.scenario.load import read_scenario
    from omnilab.strategy.loading import load_strategy

    if worlds is not None and plausible is None:
        raise OptionError("--worlds: only with --plausible FILE")
    read = read_scenario(scenario)
    asked = read_gate(gate, currency=read.scenario.currency)
    check_named(read, compared=False)
    sized = read.scenario.with_customers(customers or read.scenario.population.customers)
    present = against or sized.brand.status_quo
    some = None
    if plausible is not None:
        if asked.of_kind("worlds") is None:
            raise OptionError(f"--plausible: {gate} has no guardrail on worlds")
        some = read_worlds(find_worlds(plausible, scenario), read.scenario).fewer(worlds or 100)
    new, reference = load_strategy(strategy, sized), load_strategy(present, sized)
    warn_no_effects(read, (new, reference))
    with on_workers(context), progress_bar(quiet=quiet or json_to == "-") as show:
        checked = check_gate(
            asked, sized, new, reference,
            replications=replications, seed=seed, engine=engine, threads=threads or cores(),
            chunk=chunk, assumptions=read.assumptions(), worlds=some, given=[present, strategy],
            progress=show, fail_on="do not" if fail_on == "do-not" else "discuss",
        )  # fmt: skip
    _write(checked, json_to, junit, summary, quiet=quiet)
    printed = not quiet and json_to != "-"
    for line in () if printed else gate_warnings(checked):
        say_warning(line)
    if checked.failed:
        if printed:  # the report has the reasons: a CI's log shows both streams in one
            say(f"failed: the verdict is {checked.verdict.verdict}", quiet=quiet)
        else:
            for reason in gate_reasons(checked):
                say_error(reason)
        context.exit(CHECK_FAILED)
    if not printed:
        say(headline(checked.verdict), quiet=quiet)


def _write(
    checked: Checked, json_to: str | None, junit: str | None, summary: str | None, *, quiet: bool
) -> None:  # fmt: skip
    """Write the verdict wherever it was asked for."""
    from omnilab._files.writing import write_whole
    from omnilab.report import print_document
    from omnilab.report.gate import gate_data, gate_document, gate_junit, gate_markdown

    if json_to is not None:
        data: dict[str, Any] = gate_data(checked)
        write_json(data, json_to)
    if junit is not None:
        write_whole(junit, gate_junit(checked))
    if summary is not None:
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(gate_markdown(checked))
    if not quiet and json_to != "-":
        print_document(gate_document(checked))
