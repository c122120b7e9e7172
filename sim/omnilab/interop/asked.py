"""What is asked of an export, checked before the work begins."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from omnilab.errors import OptionError, nearest
from omnilab.experiment.channel_twins import chosen_channels
from omnilab.interop.kinds import KINDS
from omnilab.interop.source import Source
from omnilab.interop.workbook import run_tables
from omnilab.runs.directories import read_run
from omnilab.strategy.loading import load_strategy

if TYPE_CHECKING:
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["check_fillable", "check_names", "source_of_run"]


def source_of_run(run: Path, strategies: Sequence[str], control: str) -> Source:
    """Return what is exported of a run directory: its own scenario, customers and seed.

    Parameters
    ----------
    run
        The directory.
    strategies
        Names of the run's; none for the one that it has beside the control.
    control
        As `load_strategy` takes it.

    Raises
    ------
    DataError, OptionError
        If it is no run directory, or has no such strategy.
    """
    kept = read_run(run)
    scenario = kept.scenario.with_customers(kept.options.customers)
    logs = {}
    if kept.replications == 1:
        logs = {s["name"]: s["log_digest"] for s in kept.manifest["strategies"]}
    chosen = tuple(strategies) or _of_run(kept.strategies, control)
    for name in chosen:
        if name not in kept.strategies:
            hint = nearest(name, kept.strategies) or f"; it has {', '.join(kept.strategies)}"
            raise OptionError(f"--strategy: the run has no strategy {name!r}{hint}")
    loaded = tuple(load_strategy(kept.strategies[name], scenario) for name in chosen)
    return Source(
        scenario, loaded, load_strategy(control, scenario), seed=kept.options.seed,
        tables=run_tables(run), logs=logs,
    )  # fmt: skip


def check_names(loaded: Sequence[LoadedStrategy], control: LoadedStrategy) -> None:
    """Refuse strategies of one name, the control's too."""
    names = [control.name, *(s.name for s in loaded)]
    for name in names:
        if names.count(name) > 1:
            raise OptionError(f"{name} is named twice: --strategy and --control are different ones")


def check_fillable(source: Source, chosen: Sequence[str], *, whole: bool) -> None:
    """Refuse what the strategy can't fill, and say to the source whether the control lives.

    Parameters
    ----------
    source
        What is exported.
    chosen
        Kinds.
    whole
        Whether it is a bundle.
    """
    named = ["--bundle"] if whole else [f"--to {n}" for n in chosen if KINDS[n].channels]
    for name in named:
        try:
            chosen_channels(source.strategies[0], source.scenario)
        except OptionError as error:
            raise OptionError(f"{name}: {error}") from None
    source.both = whole or any(KINDS[name].trial for name in chosen)


def _of_run(names: dict[str, str], control: str) -> tuple[str, ...]:
    """Return the strategy of a run that is exported if none is named."""
    others = [name for name in names if name != control]
    if len(others) != 1 and "omnichannel" not in others:
        raise OptionError(f"--strategy: which of {', '.join(names)}?")
    return (others[0] if len(others) == 1 else "omnichannel",)
