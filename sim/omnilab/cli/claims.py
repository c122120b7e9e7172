"""``omnilab claims``: what is claimed of omnichannel marketing, beside simulated figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from omnilab.cli.console import progress_bar
from omnilab.cli.giving import write_json
from omnilab.cli.options import CUSTOMERS, SEED, THREADS, hook_timeout_option, quiet_option
from omnilab.cli.places import JSON, MARKDOWN, SCENARIO, PlacesCommand
from omnilab.cli.plausible import WORLDS_IN
from omnilab.cli.workers import on_workers, workers_options

if TYPE_CHECKING:
    from omnilab.experiment.published.over import Asked

__all__ = ["claims"]


@click.command(cls=PlacesCommand)
@click.argument("scenario", type=SCENARIO, default="retailer-v1")
@click.option("--plausible", type=WORLDS_IN, metavar="FILE|auto",
              help="Ask in a set of worlds that the data do not rule out: one that fit or patterns "
              "made by --worlds; auto is the one beside SCENARIO.")  # fmt: skip
@click.option("--worlds", type=click.IntRange(2, 10_000), metavar="N",
              help="With --plausible: how many of its worlds are run; 100 by default.")  # fmt: skip
@click.option("--customers", type=CUSTOMERS, metavar="N",
              help="Customers of each population; 1,000 by default, or one town.")  # fmt: skip
@click.option("--replications", type=click.IntRange(1, 1000), default=10, show_default=True,
              metavar="N", help="Populations. With fewer than 10 a figure on which mailshots have "
              "a shared effect, such as engagement, has no interval.")  # fmt: skip
@click.option("--seed", type=SEED, default=1, show_default=True, metavar="N")
@click.option("--threads", type=THREADS, metavar="N",
              help="With --plausible: worlds run side by side; one a core by default.")  # fmt: skip
@click.option("--json", "json_to", type=JSON, metavar="FILE|-",
              help="Write the results as JSON; - for stdout, without the report.")  # fmt: skip
@click.option("--page", type=MARKDOWN, metavar="FILE", help="Write Markdown.")
@workers_options
@hook_timeout_option
@quiet_option
@click.pass_context
def claims(
    context: click.Context, scenario: str, plausible: str | None, worlds: int | None,
    customers: int | None,
    replications: int, seed: int, threads: int | None, json_to: str | None, page: str | None,
    quiet: bool,
) -> None:  # fmt: skip
    """Show what is claimed of omnichannel marketing beside what customers of SCENARIO do.

    SCENARIO is a file or the id of a shipped scenario; retailer-v1 by default. Claims such as
    "omnichannel customers spend 50 to 300% more" are read in two ways: causally, by the same
    customers under two strategies, and as their source measured it, by customers who ended up on
    several channels against those on one. What lies between is selection. A claim that can't be
    simulated is listed with what is missing. Conclusions of your own go to check-claims, published
    experiments to evidence.

    Exit codes: 0 done, whatever came out; 2 bad input.
    """
    from omnilab._arguments import cores
    from omnilab.cli.effects import warn_no_effects
    from omnilab.errors import OptionError
    from omnilab.experiment.plausible.file import find_worlds, read_worlds
    from omnilab.experiment.published.over import MOST_WORLDS, ask_claims, customers_of
    from omnilab.scenario.load import read_scenario

    if worlds is not None and plausible is None:
        raise OptionError("--worlds: how many of a set are run goes with --plausible")
    read = read_scenario(scenario)
    warn_no_effects(read)
    chosen = None
    if plausible is not None:
        whole = read_worlds(find_worlds(plausible, scenario), read.scenario)
        chosen = whole.fewer(worlds or MOST_WORLDS)
    sized = read.scenario.with_customers(customers or customers_of(read.scenario))
    with on_workers(context), progress_bar(quiet=quiet or json_to == "-") as show:
        asked = ask_claims(
            sized, chosen, replications=replications, seed=seed, threads=threads or cores(),
            progress=show,
        )  # fmt: skip
    _write(asked, json_to, page, quiet=quiet)


def _write(asked: Asked, json_to: str | None, page: str | None, *, quiet: bool) -> None:
    """Write and print what came out."""
    from omnilab._files.writing import write_whole
    from omnilab.report import print_document
    from omnilab.report.published import claims_data, claims_document, claims_markdown

    if json_to is not None:
        data = claims_data(asked)
        write_json(data, json_to)
    if page is not None:
        write_whole(page, claims_markdown(asked, _command(click.get_current_context())))
    if not quiet and json_to != "-":
        print_document(claims_document(asked))


def _command(context: click.Context) -> str:
    """Return the command as it was typed, without where it writes."""
    parts = ["omnilab claims", context.params["scenario"]]
    for param in context.command.params:
        value, name = context.params.get(param.name or ""), param.opts[0]
        shown = ("--plausible", "--worlds", "--customers", "--replications", "--seed")
        if name in shown and value not in (None, param.default):
            parts += [name, str(value)]
    return " ".join(parts)
