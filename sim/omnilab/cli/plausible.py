"""``omnilab compare SCENARIO --plausible FILE``: the comparison over a set of worlds."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from omnilab.cli import inputs
from omnilab.cli.places import Reads, Writes

if TYPE_CHECKING:
    from omnilab.experiment.sweep import Sweep

__all__ = ["WORLDS_IN", "WORLDS_OUT", "compare_plausible"]


def _files(name: str) -> Iterable[Path]:
    return () if os.fspath(name) == "auto" else inputs.plain_files(name)


def _is_worlds(path: Path) -> bool:
    from omnilab.experiment.plausible.file import is_worlds

    return is_worlds(path)


#: A set that is read, or ``auto``; a set that is written.
WORLDS_IN: Final = Reads(_files)
WORLDS_OUT: Final = Writes(_is_worlds, path=True)


def compare_plausible(
    context: click.Context, scenario: str, strategies: Sequence[str], *, plausible: str,
    worlds: int | None, customers: int | None, replications: int, seed: int, engine: str,
    threads: int | None, chunk: int | None, out: str | None, json_to: str | None, quiet: bool,
    against: str | None, alone: dict[str, object],
) -> None:  # fmt: skip
    """Compare the strategies in the worlds of a set, and say what they say together.

    ``alone`` has the options that are about one world, with what was given; none may be.
    """
    from omnilab._arguments import cores
    from omnilab.cli.effects import warn_no_effects
    from omnilab.cli.named import check_named
    from omnilab.cli.sweeping import carry_out
    from omnilab.errors import OptionError
    from omnilab.experiment.differences import COMPARED
    from omnilab.experiment.plausible.compared import (
        MOST_CUSTOMERS,
        MOST_WORLDS,
        PLAUSIBLE_TABLES,
        plan_compared,
        plausible_data,
    )
    from omnilab.experiment.plausible.file import find_worlds, read_worlds
    from omnilab.experiment.sweep import Settings
    from omnilab.report.worlds import worlds_document
    from omnilab.scenario.load import read_scenario

    for option, given in alone.items():
        if given:
            raise OptionError(f"{option} is about one world: without --plausible")
    read = read_scenario(scenario)
    check_named(read, compared=not strategies)
    warn_no_effects(read)
    whole = read_worlds(find_worlds(plausible, scenario), read.scenario)
    some = whole.fewer(worlds or MOST_WORLDS)
    size = customers or min(read.scenario.population.customers, MOST_CUSTOMERS)
    settings = Settings(
        seeds=(seed,), replications=replications, engine=engine, threads=threads or cores(),
        chunk=chunk, against=against,
    )  # fmt: skip
    planned = plan_compared(
        scenario, read.scenario.with_customers(size), some, list(strategies) or None, settings
    )
    measure = COMPARED[0]

    def extra(sweep: Sweep) -> tuple[dict[str, Any], dict[str, Any]]:
        data = plausible_data(planned, sweep, some, measure)
        rows = {name: (data[name] if data else [], columns)
                for name, columns in PLAUSIBLE_TABLES.items()}  # fmt: skip
        return {"plausible": data}, rows

    carry_out(
        context, planned, command="compare", measures=COMPARED, out=out, json_to=json_to,
        quiet=quiet, extra=extra,
        document=lambda sweep, _measures: worlds_document(
            planned, sweep, plausible_data(planned, sweep, some, measure)
        ),
    )  # fmt: skip
