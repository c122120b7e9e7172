"""``omnilab evidence``: published experiments on twins, beside what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from omnilab.cli.console import progress_bar, say, say_error
from omnilab.cli.giving import write_json
from omnilab.cli.options import CUSTOMERS, SEED, THREADS, hook_timeout_option, quiet_option
from omnilab.cli.places import FILE, FOLDER, JSON, MARKDOWN, PAGE, PlacesCommand
from omnilab.cli.workers import on_workers, workers_options

if TYPE_CHECKING:
    from omnilab.experiment.evidence.kept import Kept
    from omnilab.experiment.evidence.many import Evidence, Plan
    from omnilab.experiment.evidence.running import StudyResult
    from omnilab.experiment.evidence.score import Scores

__all__ = ["evidence"]


@click.command(cls=PlacesCommand)
@click.argument("places", type=FILE, nargs=-1, metavar="[DIR|FILE]...")
@click.option("--quick", is_flag=True, help="A quarter of the customers of each file.")
@click.option("--only", multiple=True, metavar="ID",
              help="This study, or the study of this claim; several times.")  # fmt: skip
@click.option("--customers", type=CUSTOMERS, metavar="N",
              help="Customers of each world; each file's own by default.")  # fmt: skip
@click.option("--worlds", type=click.IntRange(4, 1000), metavar="N",
              help="Run each study in so many worlds within what its scenario assumes: intervals "
              "are then of chance and of the assumptions.")  # fmt: skip
@click.option("--seed", type=SEED, default=1, show_default=True, metavar="N")
@click.option("--threads", type=THREADS, metavar="N",
              help="Studies that run side by side; one a core by default.")  # fmt: skip
@workers_options
@click.option("--out", type=FOLDER, metavar="DIR",
              help="Where finished studies are kept; runs/evidence by default. A run that was "
              "stopped is taken up again.")  # fmt: skip
@click.option("--check", is_flag=True, help="Check the files and run none.")
@click.option("--fresh", is_flag=True, help="Run what is kept too.")
@click.option("--kept", "only_kept", is_flag=True,
              help="Run nothing: a study that is not kept counts as failed.")  # fmt: skip
@click.option("--arms", is_flag=True, help="Also show the numbers that the claims are made of.")
@click.option("--json", "json_to", type=JSON, metavar="FILE|-",
              help="Write the results as JSON; - for stdout, without the report.")  # fmt: skip
@click.option("--page", type=MARKDOWN, metavar="FILE", help="Write Markdown.")
@click.option("--before", type=FILE, metavar="FILE",
              help="What --json wrote of an earlier run: --page says what changed.")  # fmt: skip
@click.option("--html", type=PAGE, metavar="FILE", help="Write an HTML page.")
@hook_timeout_option
@quiet_option
@click.pass_context
def evidence(
    context: click.Context, places: tuple[str, ...], quick: bool, only: tuple[str, ...],
    customers: int | None, worlds: int | None, seed: int, threads: int | None, out: str | None,
    check: bool,
    fresh: bool, only_kept: bool, arms: bool, json_to: str | None, page: str | None,
    before: str | None, html: str | None, quiet: bool,
) -> None:  # fmt: skip
    """Run published experiments again and say which of their claims come out.

    DIR and FILE hold experiments as files (docs/reference/evidence-files.md); without any, those
    that come with omnilab are run. Base rates are met first, each by the one parameter that its
    file names; effects are then predicted, on the same customers under all arms.

    A file that is wrong or fails is said, and ends no other. A study that is kept is not run again
    unless its file, its scenario, omnilab's code or an option has changed. Exit codes: 0 done,
    whatever came out; 2 bad input, or a file that failed.
    """
    from pathlib import Path

    from omnilab._arguments import cores
    from omnilab.errors import OptionError
    from omnilab.experiment.evidence.declared import evidence_files
    from omnilab.experiment.evidence.kept import Kept
    from omnilab.experiment.evidence.many import plan_studies, run_studies
    from omnilab.report.evidence.changes import read_scores

    if quick and customers is not None:
        raise OptionError("--quick: give it or --customers, not both")
    if fresh and only_kept:
        raise OptionError("--fresh: give it or --kept, not both")
    if before is not None and page is None:
        raise OptionError("--before: what changed stands on the page, give --page FILE too")
    earlier = None if before is None else read_scores(before)
    plan = plan_studies(
        evidence_files(places),
        only=only,
        seed=seed,
        customers=customers,
        quick=quick,
        worlds=worlds or 0,
    )
    for why in plan.faults.values():
        say_error(f"left out: {why}")
    if check:
        claims = [c for s in plan.studies for c in s.file.claims]
        runs, n = sum(c.lacks is None for c in claims), len(plan.studies)
        click.echo(f"{n} file{' is' if n == 1 else 's are'} right: {len(claims)} claims, of which"
                   f" {runs} can be run.")  # fmt: skip
        context.exit(2 if plan.faults else 0)
    kept = Kept(Path(out) if out is not None else Path("runs") / "evidence", fresh=fresh)
    with on_workers(context), progress_bar(quiet=quiet or json_to == "-") as show:
        found = (
            kept_studies(plan, kept)
            if only_kept
            else run_studies(plan, threads=threads or cores(), kept=kept, progress=show)
        )
    if found.kept:
        say(f"{found.kept} of {len(plan.studies)} studies were kept in {kept.folder}", quiet=quiet)
    _write(found, _command(context), arms, json_to, page, html, earlier=earlier, quiet=quiet)
    for result in found.results:
        if result.error:
            say_error(f"failed: {result.study}: {result.error}")
    if found.failures:
        context.exit(2)


def kept_studies(plan: Plan, kept: Kept) -> Evidence:
    """Return what is kept of a plan's studies; those that are not are failed ones."""
    from omnilab.experiment.evidence.many import Evidence
    from omnilab.experiment.evidence.running import failed_study, run_study

    results: list[StudyResult] = []
    n_kept = 0
    for study in plan.studies:
        seed, customers = plan.seed, plan.customers_of(study)
        result = kept.load(study, seed=seed, customers=customers, worlds=plan.worlds)
        n_kept += result is not None
        if result is None and study.runs:
            result = failed_study(study, "it was not run yet", seed=seed, customers=customers)
        if result is None:
            result = run_study(study, seed=seed, customers=customers)
        results.append(result)
    return Evidence(plan, tuple(results), n_kept)


def _write(
    found: object, command: str, arms: bool, json_to: str | None, page: str | None,
    html: str | None, *, earlier: Scores | None, quiet: bool,
) -> None:  # fmt: skip
    """Write and print what came out."""
    from dataclasses import replace

    from omnilab._files.writing import write_whole
    from omnilab.experiment.evidence.many import Evidence
    from omnilab.experiment.evidence.score import score_claims
    from omnilab.report import print_document
    from omnilab.report.evidence import (
        evidence_data,
        evidence_document,
        evidence_html,
        evidence_page,
    )
    from omnilab.report.evidence.changes import change_tables
    from omnilab.report.evidence.studies import arm_tables, rate_tables, setting_of, studies_data

    assert isinstance(found, Evidence)
    scores = score_claims(claim for result in found.results for claim in result.claims)
    setting, rates = setting_of(found), rate_tables(found.results)
    if json_to is not None:
        data = {**evidence_data(scores), **studies_data(found)}
        write_json(data, json_to)
    if page is not None:
        mappings = {s.file.id: s.file.mapping for s in found.plan.studies}
        changes = [] if earlier is None else change_tables(earlier, scores)
        write_whole(
            page,
            evidence_page(
                scores, setting, command, more=rates, changes=changes, mappings=mappings
            ),
        )  # fmt: skip
    if html is not None:
        write_whole(html, evidence_html(scores, setting, command, more=rates))
    if not quiet and json_to != "-":
        document = evidence_document(scores, setting)
        more = (*rates, *(arm_tables(found.results) if arms else ()))
        print_document(replace(document, tables=(*document.tables, *more)))


def _command(context: click.Context) -> str:
    """Return the command as it was typed, without where it writes."""
    parts = ["omnilab evidence", *context.params["places"]]
    for name in ("quick", "only", "customers", "worlds", "seed"):
        value = context.params[name]
        default = next(p.default for p in context.command.params if p.name == name)
        if value is True:
            parts.append(f"--{name}")
        elif isinstance(value, tuple):
            parts += [f"--{name} {one}" for one in value]
        elif value is not None and value is not False and value != default:
            parts.append(f"--{name} {value}")
    return " ".join(parts)
