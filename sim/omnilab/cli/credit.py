"""``omnilab credit``: what models of credit give to channels, beside what channels truly bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from omnilab.cli.console import progress_bar
from omnilab.cli.giving import write_json
from omnilab.cli.opening import open_scenario
from omnilab.cli.options import (
    CUSTOMERS,
    engine_options,
    hook_timeout_option,
    one_strategy,
    quiet_option,
    replications_option,
)
from omnilab.cli.places import JSON, MARKDOWN, PAGE, SCENARIO, PlacesCommand
from omnilab.cli.plausible import one_world_only

if TYPE_CHECKING:
    from omnilab.experiment.crediting import Crediting

__all__ = ["credit"]


@click.command(cls=PlacesCommand)
@click.argument("scenario", type=SCENARIO)
@one_strategy("omnichannel", verb="gets the credit")
@click.option("--lookback", default="30d", show_default=True, metavar="TIME",
              help="How long before an order a touch counts.")  # fmt: skip
@click.option("--half-life", default="7d", show_default=True, metavar="TIME",
              help="Of time decay.")  # fmt: skip
@click.option("--model", "models", multiple=True, metavar="M",
              help="Only this model of credit; several times. All by default.")  # fmt: skip
@click.option("--channel", "channels", multiple=True, metavar="C",
              help="Try the strategy without this channel alone; several times. All that it uses "
              "by default.")  # fmt: skip
@click.option(
    "--no-utm", is_flag=True, help="Links carry no tags: what led to a visit is not seen."
)
@click.option("--no-call-tracking", is_flag=True,
              help="An order by phone has no source.")  # fmt: skip
@click.option("--views", is_flag=True, help="Opens that come back are touches, too.")
@click.option("--consent", default="100%", show_default=True, metavar="SHARE",
              help="Share of persons who agree to be measured.")  # fmt: skip
@click.option("--match", multiple=True, default=("55%",), show_default="55%",
              metavar="[CHANNEL=]SHARE",
              help="Share of uploaded buyers whom ad platforms find, or that of one channel; "
              "several times. A channel's own `match` counts where none is named.")  # fmt: skip
@click.option("--quick", is_flag=True,
              help="Leave out the runs without a channel: there is no truth then.")  # fmt: skip
@click.option("--customers", type=CUSTOMERS, metavar="N",
              help="Customers; the scenario's by default.")  # fmt: skip
@replications_option
@engine_options
@click.option("--json", "json_to", type=JSON, metavar="FILE|-",
              help="Write the results as JSON; - for stdout, without the report.")  # fmt: skip
@click.option("--page", type=MARKDOWN, metavar="FILE", help="Write Markdown.")
@click.option("--html", type=PAGE, metavar="FILE", help="Write an HTML page.")
@one_world_only(
    "credit is handed out in the log of one world; what strategies and switches are "
    "worth over a set say compare --plausible and ablate --plausible"
)
@hook_timeout_option
@quiet_option
@click.pass_context
def credit(
    context: click.Context, scenario: str, strategy: str, lookback: str, half_life: str,
    models: tuple[str, ...], channels: tuple[str, ...], no_utm: bool, no_call_tracking: bool,
    views: bool, consent: str, match: tuple[str, ...], quick: bool, customers: int | None,
    replications: int, seed: int, engine: str, threads: int | None, json_to: str | None,
    page: str | None, html: str | None, quiet: bool,
) -> None:  # fmt: skip
    """Give the orders of STRATEGY in SCENARIO to channels, as a brand's own numbers do.

    SCENARIO is a file or the id of a shipped scenario; STRATEGY is omnichannel by default. Touches
    are clicks, visits with what led to them, and paid clicks, joined to orders by the profiles that
    the strategy's identity resolution has. Beside the credit of each model stands what the channel
    truly brings: the same customers live without it. And each model's next budget cut is made.

    Exit codes: 0 done, 2 bad input or a strategy that failed.
    """
    from omnilab._arguments import cores
    from omnilab.experiment.credit_options import read_asked
    from omnilab.experiment.crediting import credit_channels
    from omnilab.strategy.loading import load_strategy

    _, sized = open_scenario(scenario, customers)
    loaded = load_strategy(strategy, sized)
    asked = read_asked(
        loaded, sized, channels=channels, models=models, lookback=lookback, half_life=half_life,
        utm=not no_utm, call_tracking=not no_call_tracking, views=views, consent=consent,
        match=match, twins=not quick,
    )  # fmt: skip
    with progress_bar(quiet=quiet or json_to == "-") as show:
        found = credit_channels(
            sized, loaded, asked, replications=replications, seed=seed, engine=engine,
            threads=threads or cores(), progress=show,
        )  # fmt: skip
    _write(found, _command(context), json_to, page, html, quiet=quiet)


def _write(
    found: Crediting, command: str, json_to: str | None, page: str | None, html: str | None, *,
    quiet: bool,
) -> None:  # fmt: skip
    """Write and print what came out."""
    from omnilab._files.writing import write_whole
    from omnilab.report import print_document
    from omnilab.report.credit import credit_data, credit_document, credit_html, credit_page

    if json_to is not None:
        data = credit_data(found)
        write_json(data, json_to)
    if page is not None:
        write_whole(page, credit_page(found, command))
    if html is not None:
        write_whole(html, credit_html(found, command))
    if not quiet and json_to != "-":
        print_document(credit_document(found))


def _command(context: click.Context) -> str:
    """Return the command as it was typed, without where it writes and what changes no number."""
    parts = ["omnilab credit", context.params["scenario"], context.params["strategy"]]
    for param in context.command.params:
        value, name = context.params.get(param.name or ""), param.opts[0]
        silent = ("--json", "--page", "--html", "--quiet", "--threads", "--engine")
        if not isinstance(param, click.Option) or name in silent or value == param.default:
            continue
        if param.name == "strategy":  # stands after the scenario
            continue
        if value is True:
            parts.append(name)
        elif isinstance(value, tuple):
            parts += [f"{name} {one}" for one in value]
        elif value not in (None, False):
            parts.append(f"{name} {value}")
    return " ".join(parts)
