"""``omnilab export``: tables for other tools, and bundles of tables with the truth apart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from omnilab.cli.console import progress_bar, say
from omnilab.cli.opening import open_scenario
from omnilab.cli.options import CUSTOMERS, ENGINES, SEED, THREADS, hook_timeout_option, quiet_option
from omnilab.cli.places import FOLDER, RUN, STRATEGY, PlacesCommand

if TYPE_CHECKING:
    from omnilab.interop.source import Source

__all__ = ["export"]


@click.command(cls=PlacesCommand)
@click.argument("run", type=RUN, metavar="SCENARIO|RUN")
@click.option("--to", "kinds", multiple=True, metavar="KIND[,KIND]",
              help="For which tools; several times, or with commas: channel-attribution, "
              "marketing-attribution-models, fractribution, meridian, robyn, causalml, "
              "scikit-uplift, tea-tasting, clv, splink, er-evaluation, bandit, segment, "
              "xlsx.")  # fmt: skip
@click.option("--out", type=FOLDER, metavar="DIR", help="Folder to write; it is not there yet.")
@click.option("--bundle", type=FOLDER, metavar="DIR",
              help="Write a bundle in place of --to and --out: what an analyst would have, and "
              "apart from it the truth, which `omnilab score` holds submissions "
              "against.")  # fmt: skip
@click.option("--clean", multiple=True, type=click.Choice(["receipts", "identifiers"]),
              help="Of a bundle: receipts as things truly were, or identifiers that are neither "
              "mistyped nor shared; several times.")  # fmt: skip
@click.option("-s", "--strategy", "strategies", type=STRATEGY, multiple=True, metavar="S",
              help="Whose tables; more of them are more arms of a bandit. omnichannel by default; "
              "of a run the one that it has beside the control.")  # fmt: skip
@click.option("--control", type=STRATEGY, default="no_contact", show_default=True, metavar="S",
              help="What a trial holds the strategy against.")  # fmt: skip
@click.option("--customers", type=CUSTOMERS, metavar="N",
              help="Of a scenario; a run has its own.")  # fmt: skip
@click.option("--seed", type=SEED, metavar="N",
              help="Of a scenario, 1 by default; a run has its own.")  # fmt: skip
@click.option("--engine", type=ENGINES, default="auto", show_default=True,
              help="The results are the same under each.")  # fmt: skip
@click.option("--threads", type=THREADS, metavar="N", help="One a core by default.")
@hook_timeout_option
@quiet_option
def export(
    run: str, kinds: tuple[str, ...], out: Path | None, bundle: Path | None,
    clean: tuple[str, ...], strategies: tuple[str, ...], control: str, customers: int | None,
    seed: int | None, engine: str, threads: int | None, quiet: bool,
) -> None:  # fmt: skip
    """Write what a simulated brand knows as other tools take it, and the truth beside it.

    The customers of SCENARIO, a file or the id of a shipped scenario, or of RUN, a run directory,
    are simulated again.

    Exit codes: 0 done, 2 bad input, a table that the scenario can't fill, or a strategy that
    failed; then nothing is written.
    """
    from omnilab.errors import OptionError
    from omnilab.interop.asked import check_fillable
    from omnilab.interop.bundle import write_bundle
    from omnilab.interop.exporting import check_folder
    from omnilab.interop.exporting import export as write_export
    from omnilab.interop.kinds import chosen_kinds

    if (bundle is None) == (not kinds):
        raise OptionError("give --to KIND and --out DIR, or --bundle DIR alone")
    if bundle is not None and out is not None:
        raise OptionError("--out belongs to --to: --bundle names its own folder")
    if bundle is None and out is None:
        raise OptionError("--to needs --out DIR")
    if clean and bundle is None:
        raise OptionError("--clean belongs to --bundle")
    chosen = chosen_kinds(kinds)
    folder = bundle if bundle is not None else out
    assert folder is not None
    check_folder(folder, "--out" if bundle is None else "--bundle")
    with progress_bar(quiet=quiet) as show:
        source = _source(run, strategies, control, customers, seed)
        check_fillable(source, chosen, whole=bundle is not None)
        source.engine, source.say = engine, show
        source.threads = threads or _cores()
        if bundle is None:
            names = write_export(source, chosen, folder)
        else:
            names = write_bundle(source, folder, clean=clean)
    say(f"{folder}: {', '.join(names)}", quiet=quiet)


def _cores() -> int:
    from omnilab._arguments import cores

    return cores()


def _source(
    run: str, strategies: tuple[str, ...], control: str, customers: int | None, seed: int | None
) -> Source:
    """Return what is exported: of a run directory its own scenario, customers and seed."""
    from omnilab.errors import OptionError
    from omnilab.interop.asked import check_names, source_of_run
    from omnilab.interop.source import Source
    from omnilab.strategy.loading import load_strategy

    if Path(run).is_dir():
        if seed is not None or customers is not None:
            raise OptionError("a run directory has its own --seed and --customers")
        source = source_of_run(Path(run), strategies, control)
    else:
        _check_there(run)
        _, scenario = open_scenario(run, customers)
        loaded = tuple(load_strategy(name, scenario) for name in strategies or ("omnichannel",))
        against = load_strategy(control, scenario)
        source = Source(scenario, loaded, against, seed=1 if seed is None else seed)
    check_names(source.strategies, source.control)
    return source


def _check_there(run: str) -> None:
    """Refuse a name of nothing, which may have been meant for a run directory too.

    Raises
    ------
    OptionError
        With the nearest run directory or shipped scenario, where one is near.
    """
    from omnilab.errors import OptionError, nearest
    from omnilab.scenario.catalogue import scenario_folder

    folder = scenario_folder()
    shipped = [] if folder is None else sorted(path.stem for path in folder.glob("*.yaml"))
    place = Path(run)
    if place.exists() or run in shipped:
        return
    # Where runs are kept if nobody says where, and beside what was named.
    folders = dict.fromkeys([Path("runs"), place.parent])
    beside = [str(p.parent) for folder in folders for p in sorted(folder.glob("*/manifest.json"))]
    hint = nearest(run, [*beside, *shipped]) or "; omnilab list has the scenarios"
    raise OptionError(f"{run}: there is no such run directory, file or shipped scenario{hint}")
