"""``omnilab check-claims``: a study's claims under what must not matter."""

from __future__ import annotations

import click

from omnilab.cli.console import progress_bar
from omnilab.cli.giving import give
from omnilab.cli.options import ENGINES, THREADS, hook_timeout_option, quiet_option
from omnilab.cli.places import FILE, JSON, PlacesCommand
from omnilab.cli.workers import on_workers, workers_options

__all__ = ["check_claims"]

CHECK_FAILED = 1


@click.command("check-claims", cls=PlacesCommand)
@click.argument("file", type=FILE)
@click.option(
    "--only", "only", multiple=True, metavar="CHECK",
    help="Make this check alone beside the study's own run; several times.",
)  # fmt: skip
@click.option("--engine", type=ENGINES, default="auto", show_default=True,
              help="The results are the same under each.")  # fmt: skip
@click.option("--threads", type=THREADS, metavar="N", help="One a core by default.")
@click.option("--json", "json_to", type=JSON, metavar="FILE|-",
              help="Write the results as JSON; - for stdout, without the report.")  # fmt: skip
@workers_options
@hook_timeout_option
@quiet_option
@click.pass_context
def check_claims(
    context: click.Context, file: str, only: tuple[str, ...], engine: str, threads: int | None,
    json_to: str | None, quiet: bool,
) -> None:  # fmt: skip
    """Run the claims of FILE again under what must not matter.

    FILE names a scenario, strategies and claims such as ltv(omnichannel) > ltv(multichannel). Each
    claim must hold, and must go on to hold with the strategies in another order, under other
    names, in other chunks, with the other engine, beside more customers, with other seeds, with
    twice and half as many customers, and on a finer grid of time.

    Exit codes: 0 all claims are kept; 1 one does not hold, or turns with what must not matter; 2
    bad input.
    """
    from omnilab._arguments import cores
    from omnilab.errors import OptionError, nearest
    from omnilab.experiment.conclusion.declared import read_study
    from omnilab.experiment.conclusion.running import CHECKS, check_study
    from omnilab.report.conclusion import conclusion_data, conclusion_document

    for name in only:
        if name not in CHECKS:
            hint = nearest(name, CHECKS) or f"; there are {', '.join(CHECKS)}"
            raise OptionError(f"--only: there is no check {name!r}{hint}")
    study = read_study(file)
    with on_workers(context), progress_bar(quiet=quiet or json_to == "-") as show:
        found = check_study(
            study, checks=only or CHECKS, engine=engine, threads=threads or cores(), progress=show
        )
    give(conclusion_data(study, found), conclusion_document(study, found), json_to, quiet)
    if not all(c.is_kept for c in found):
        context.exit(CHECK_FAILED)
