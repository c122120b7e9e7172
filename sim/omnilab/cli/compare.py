"""``omnilab compare``: strategies on the same customers."""

from __future__ import annotations

import click

from omnilab.cli.course import Request, carry_out
from omnilab.cli.options import experiment_options
from omnilab.cli.places import SCENARIO, STRATEGY, PlacesCommand
from omnilab.cli.plausible import WORLDS_IN
from omnilab.cli.workers import workers_options

__all__ = ["compare"]


@click.command(cls=PlacesCommand)
@click.argument("scenario", type=SCENARIO, nargs=-1, required=True, metavar="SCENARIO...")
@click.option(
    "-s", "--strategy", "strategies", type=STRATEGY, multiple=True, metavar="S",
    help="A name, file.py:Class or a YAML file; several times. The scenario's by default.",
)  # fmt: skip
@click.option(
    "--against", metavar="S",
    help="The strategy that differences are taken against, by its name; the scenario's status "
    "quo, multichannel or the first if not given.",
)  # fmt: skip
@click.option(
    "--fail-if", multiple=True, metavar="CONDITION",
    help="Exit with 1 if this holds, such as 'ltv(mine) - ltv(multichannel) < 0' or, of the "
    "interval's bound, 'high(ltv(mine) - ltv(multichannel)) < 0'; several times.",
)  # fmt: skip
@click.option(
    "--customers-table", is_flag=True,
    help="Also keep customers.parquet: a row for each customer under each strategy.",
)  # fmt: skip
@click.option(
    "--equal-volume", metavar="A,B",
    help="Compare A and B when both send as many messages, by a longer cap and type by type, on "
    "all customers. main is omnichannel, or the first other, and the reference; these two are "
    "compared so on 10,000 customers at most if it is not given.",
)  # fmt: skip
@click.option(
    "--quick", is_flag=True,
    help="Leave out what nobody asked for: equal volume, worlds over what is assumed, and the "
    "reading of split tests.",
)  # fmt: skip
@click.option(
    "--wiring", multiple=True, metavar="MAP",
    help="Also run the strategies under this silo map: tools_apart, typical, one_suite, or all; "
    "several times. Those of which it changes nothing have no further row.",
)  # fmt: skip
@click.option(
    "--until", multiple=True, metavar="WIDTH",
    help="Go on, a replication after the other, until half the interval of each difference is at "
    "most WIDTH: 1% of the reference's LTV, purchase rate and orders, or ltv=0.5%, or ltv=0.05 in "
    "its unit; several times.",
)  # fmt: skip
@click.option(
    "--most-customers", type=click.IntRange(1, 10**12), metavar="N",
    help="With --until: customers in all replications, at most; 1,000,000 by default.",
)  # fmt: skip
@click.option(
    "--plausible", "--draws", "plausible", type=WORLDS_IN, metavar="FILE|auto",
    help="Compare in a set of worlds that the data do not rule out: one that fit or patterns made "
    "by --worlds, or any table of keys and weights; auto is the one beside SCENARIO.",
)  # fmt: skip
@click.option(
    "--worlds", type=click.IntRange(2, 10_000), metavar="N",
    help="With --plausible: how many of its worlds are run; 100 by default.",
)  # fmt: skip
@workers_options
@experiment_options
@click.pass_context
def compare(
    context: click.Context,
    scenario: tuple[str, ...],
    strategies: tuple[str, ...],
    against: str | None,
    fail_if: tuple[str, ...],
    customers_table: bool,
    equal_volume: str | None,
    wiring: tuple[str, ...],
    quick: bool,
    until: tuple[str, ...],
    most_customers: int | None,
    plausible: str | None,
    worlds: int | None,
    customers: int | None,
    replications: int,
    seed: int,
    engine: str,
    threads: int | None,
    chunk: int | None,
    out: str | None,
    json_to: str | None,
    quiet: bool,
) -> None:
    """Run all strategies on the same customers of SCENARIO, and say which does better.

    SCENARIO is a file or the id of a shipped scenario. The differences are paired: each customer
    is their own twin under the other strategies. Where the two main ones differ in volume, they
    are also compared at equal volume, unless --quick. From 2,000 customers on, 20 worlds of at most
    500 customers each, in which the assumptions move, say in what share of such worlds the winner
    wins; --quick leaves them out. A split test in the plans of the two main ones is read as by
    arms, on 10,000 customers at most, unless --quick. The run directory can be checked with verify
    and looked into with twin. Several scenarios are shown side by side, with whether the same
    strategy wins in each; their directory is that of a sweep, and the options --fail-if,
    --customers-table, --equal-volume, --quick, --wiring, --until and --plausible are not for
    them.

    With --plausible the worlds of a set are run, of 2,000 customers each unless --customers says
    otherwise. The report has the interval of chance and that of the worlds, in what share of them
    each strategy wins, and what would have to be known better to settle it.

    A silo map says which teams share a data store, and what their tools are told of each other. A
    row under another map is named after both, such as multichannel@one_suite, which -s takes too.

    With --until the run says after its first look how many customers it takes, and stops at
    --most-customers. Its intervals hold what they promise after the stop too.

    Exit codes: 0 done, 1 a condition of --fail-if holds, 2 bad input, a strategy that failed (it is
    left out), a condition that can't be decided, or intervals that did not get as narrow as --until
    asked (the results are kept).
    """
    alone: dict[str, object] = {
        "--fail-if": fail_if, "--customers-table": customers_table,
        "--equal-volume": equal_volume is not None, "--quick": quick, "--wiring": wiring,
        "--until": until,
        "--most-customers": most_customers,
    }  # fmt: skip
    if worlds is not None and plausible is None:
        from omnilab.errors import OptionError

        raise OptionError("--worlds: only with --plausible FILE")
    if plausible is not None and len(scenario) == 1:
        from omnilab.cli.plausible import compare_plausible

        compare_plausible(
            context, scenario[0], strategies, plausible=plausible, worlds=worlds,
            customers=customers, replications=replications, seed=seed, engine=engine,
            threads=threads, chunk=chunk, out=out, json_to=json_to, quiet=quiet, against=against,
            alone=alone,
        )  # fmt: skip
        return
    if len(scenario) > 1:
        from omnilab.cli.side_by_side import side_by_side

        side_by_side(
            context, scenario, strategies, customers=customers, replications=replications,
            seed=seed, engine=engine, threads=threads, chunk=chunk, out=out, json_to=json_to,
            quiet=quiet, against=against, alone={**alone, "--plausible": plausible},
        )  # fmt: skip
        return
    request = Request(
        command="compare", scenario=scenario[0], strategies=strategies, customers=customers,
        replications=replications, seed=seed, engine=engine, threads=threads, chunk=chunk,
        out=out, json_to=json_to, quiet=quiet, against=against, fail_if=fail_if,
        customers_table=customers_table,
        until=until or None, most_customers=most_customers,
        equal_volume=equal_volume,
        wiring=wiring,
        quick=quick,
    )  # fmt: skip
    carry_out(context, request)
