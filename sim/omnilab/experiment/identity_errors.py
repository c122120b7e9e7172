"""What errors of identity cost: the same run, with a brand that always knows who is there.

An *oracle* is an identifier of a person that each visit shows, which nobody mistypes, loses or
shares. A brand that has it, and takes no other identifier as unique, attributes every visit to the
right person. It still shares between its silos what the strategy's sharing choices let it share.
All else is as it was: customers, draws and plans. So the difference is what errors of linking cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from omnilab.errors import OptionError
from omnilab.experiment.together import World, run_together
from omnilab.measure.catalogue import MEASURES
from omnilab.scenario.channels import MAX_SHOWN

if TYPE_CHECKING:
    from omnilab.experiment.checkpoint import Checkpoint
    from omnilab.experiment.request import Say
    from omnilab.experiment.statistics import Estimate
    from omnilab.measure.ratio import Measure
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["MEASURED", "ORACLE", "IdentityError", "identity_errors", "with_oracle"]

ORACLE: Final = "oracle"
#: What is compared, unless other measures are asked for.
MEASURED: Final = ("revenue", "ltv", "purchase_rate", "orders_per_customer")
_WITH: Final = "{} with an oracle"


@dataclass(frozen=True)
class IdentityError:
    """What errors of identity cost under one strategy, by one measure.

    Attributes
    ----------
    strategy
        Its name.
    measure
        What is compared.
    estimate
        The measure with an oracle less the measure without, on the same customers, with its 95%
        interval.
    """

    strategy: str
    measure: Measure
    estimate: Estimate


def with_oracle(scenario: Scenario) -> Scenario:
    """Return the scenario with a brand that knows at each visit who is there.

    Raises
    ------
    OptionError
        If a channel's visits show so many identifiers that there is no place for one more.
    """
    for channel in scenario.channels:
        if channel.visit is not None and len(channel.visit.identifiers) >= MAX_SHOWN:
            raise OptionError(
                f"channel {channel.name!r} shows {MAX_SHOWN} identifiers already, which leaves no "
                "place for an oracle: leave one out"
            )
    return scenario.changed(
        {"world": {"identifiers": {"oracle": True}}, "brand": {"unique": [ORACLE]}}
    )


def identity_errors(
    scenario: Scenario,
    strategies: Sequence[LoadedStrategy],
    *,
    measures: Sequence[str] = MEASURED,
    replications: int = 1,
    seed: int = 1,
    engine: str = "auto",
    threads: int = 1,
    progress: Say | None = None,
    checkpoint: Checkpoint | None = None,
) -> list[IdentityError]:
    """Run each strategy with and without an oracle, and return the paired differences.

    Parameters
    ----------
    scenario, strategies
        As `omnilab.experiment.compare.compare` takes them.
    measures
        Names.
    replications, seed, engine, threads, progress, checkpoint
        As `omnilab.experiment.together.run_together` takes them.

    Raises
    ------
    OptionError
        See `with_oracle`.
    StrategyError
        If every strategy failed; one that fails is left out.
    """
    chosen: Mapping[str, Measure] = {name: MEASURES[name] for name in measures}
    knowing = tuple(replace(s, name=_WITH.format(s.name)) for s in strategies)
    worlds = [World(scenario, tuple(strategies)), World(with_oracle(scenario), knowing)]
    found = run_together(
        worlds, chosen, replications=replications, seed=seed, engine=engine, threads=threads,
        progress=progress, checkpoint=checkpoint,
    )  # fmt: skip
    ran = [s.name for s in strategies if {s.name, _WITH.format(s.name)} <= set(found.digests)]
    return [
        IdentityError(name, measure, found.moments.difference(m, _WITH.format(name), name))
        for name in ran
        for m, measure in chosen.items()
    ]
