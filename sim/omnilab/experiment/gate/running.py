"""Run what a gate asks for: the strategy and the reference on the same customers, and worlds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from omnilab.errors import OptionError
from omnilab.experiment.compare import compare
from omnilab.experiment.gate.decide import DISCUSS, DO_NOT, SHIP, Verdict, decide
from omnilab.experiment.gate.harmed import HarmCount
from omnilab.experiment.gate.idle import Idle, find_idle
from omnilab.experiment.plausible.compared import plan_compared, plausible_data
from omnilab.experiment.plausible.standing import standing_of
from omnilab.experiment.sweep import Settings, run_sweep
from omnilab.measure.catalogue import MEASURES
from omnilab.parameters.quantity import LONGEST_NAME
from omnilab.strategy.loading import load_strategy

if TYPE_CHECKING:
    from omnilab.experiment.comparison import Comparison
    from omnilab.experiment.gate.declared import Gate
    from omnilab.experiment.plausible.file import WorldSet
    from omnilab.experiment.request import Say
    from omnilab.scenario.assumptions import Assumption
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["FAIL_ON", "Checked", "FailOn", "check_gate", "labelled"]

FailOn = Literal["discuss", "do not"]
#: What tells two versions of one strategy apart.
NEW: Final = "new"
PRESENT: Final = "present"
#: From which verdict on a check fails.
FAIL_ON: Final[tuple[FailOn, ...]] = ("discuss", "do not")


@dataclass(frozen=True)
class Checked:
    """A verdict, and the comparison that it stands on.

    Attributes
    ----------
    verdict
        What the gate says.
    comparison
        Both strategies on the same customers.
    worlds
        What plausible worlds say, where the gate asked.
    fail_on
        From which verdict on the check fails: ``discuss``, so that only *ship* passes, or
        ``do not``, so that only what is certainly worse fails.
    idle
        What the strategy plans and hardly sends, which the reference has not or sends.
    """

    verdict: Verdict
    comparison: Comparison
    worlds: Mapping[str, Any] | None = None
    fail_on: FailOn = "discuss"
    idle: Idle = field(default_factory=Idle)

    @property
    def failed(self) -> bool:
        """Whether the check fails, by its verdict."""
        said = self.verdict.verdict
        return said == DO_NOT or (said != SHIP and self.fail_on == DISCUSS)


def check_gate(
    gate: Gate, scenario: Scenario, strategy: LoadedStrategy, reference: LoadedStrategy, *,
    replications: int = 1, seed: int = 1, engine: str = "auto", threads: int = 1,
    chunk: int | None = None, assumptions: Sequence[Assumption] = (),
    worlds: WorldSet | None = None, given: Sequence[Any] = (), progress: Say | None = None,
    fail_on: FailOn = "discuss",
) -> Checked:  # fmt: skip
    """Run a strategy beside the reference and decide.

    Parameters
    ----------
    gate
        From `read_gate`.
    scenario
        With the customers of the comparison.
    strategy, reference
        Loaded for it.
    replications, seed, engine, threads, chunk, progress
        As `omnilab.experiment.compare.compare` takes them.
    assumptions
        Of the scenario: what moves in worlds where no set is given.
    worlds
        A set of plausible worlds, as many as are to be run.
    given
        How the two strategies are loaded in other worlds, the reference first: names or objects.
    fail_on
        Of `Checked`.

    Raises
    ------
    OptionError, StrategyError
        If the strategy and the reference are named by the same word, or one fails.
    """
    if len(given) == 2 and (given[0] is given[1] or _is_one_word(*given)):
        raise OptionError(
            f"{strategy.name} is the strategy that it is held against: name another with "
            "--strategy, or with --against"
        )
    if strategy.name == reference.name:  # two versions of one: by content they may differ
        strategy, reference = labelled(strategy, NEW), labelled(reference, PRESENT)
        given = [reference.strategy, strategy.strategy]
    loaded = _with_baselines(gate, [reference, strategy], scenario)
    count = None
    if (harmed := gate.of_kind("harmed")) is not None:
        count = HarmCount(scenario, seed, strategy.name, reference.name, harmed.by)
    standing = None
    asks = gate.of_kind("worlds") is not None
    if asks and worlds is None:
        named = list(given) or [reference.name, strategy.name]
        standing = standing_of(
            scenario, assumptions, named, [reference, strategy], replications=replications
        )
    found = compare(
        scenario, loaded, replications=replications, seed=seed, engine=engine, threads=threads,
        chunk=chunk, progress=progress, against=reference.name, customers=count, quick=True,
        standing=standing if len(loaded) == 2 else None,
    )  # fmt: skip
    for name in (strategy.name, reference.name):
        if name in found.failures:
            raise found.failures[name]
    said: Mapping[str, Any] | None = found.worlds
    if asks and worlds is not None:
        settings = Settings(
            seeds=(seed,), replications=replications, engine=engine, threads=threads, chunk=chunk,
            against=reference.name,
        )  # fmt: skip
        said = _in_worlds(gate, scenario, worlds, given, settings, progress)
    logs = {run.name: run.log_digest for run in found.strategies}
    verdict = decide(
        gate, found.moments, strategy.name, reference.name, harmed=count, worlds=said,
        no_change=logs[strategy.name] == logs[reference.name],
    )  # fmt: skip
    idle = Idle()
    if not verdict.no_change:
        idle = find_idle(
            scenario, strategy, reference, seed=seed, engine=engine, threads=threads
        )  # fmt: skip
    return Checked(verdict, found, said, fail_on, idle)


def _is_one_word(a: Any, b: Any) -> bool:
    return isinstance(a, str) and a == b


def labelled(loaded: LoadedStrategy, label: str) -> LoadedStrategy:
    """Return a strategy under its name with a label, which its object has, too.

    It is a name as any other, so that worlds can load the object by it.
    """
    end = f"-{label}"
    name, strategy = loaded.name[: LONGEST_NAME - len(end)] + end, copy(loaded.strategy)
    again = None
    if (before := loaded.again) is not None:

        def again() -> LoadedStrategy:
            return labelled(before(), label)

    # A frozen object's copy is this function's own until it is returned.
    object.__setattr__(strategy, "name", name)
    return replace(loaded, name=name, strategy=strategy, again=again)


def _with_baselines(
    gate: Gate, loaded: Sequence[LoadedStrategy], scenario: Scenario
) -> list[LoadedStrategy]:
    """Add the strategies that measures of the gate are above."""
    found = list(loaded)
    for name in dict.fromkeys(MEASURES[m].baseline for m in gate.measures):
        if name and all(s.name != name for s in found):
            found.append(load_strategy(name, scenario))
    return found


def _in_worlds(
    gate: Gate, scenario: Scenario, worlds: WorldSet, given: Sequence[Any], settings: Settings,
    progress: Say | None,
) -> dict[str, Any] | None:  # fmt: skip
    """Return what the worlds of a set say of the goal's measure."""
    size = min(scenario.population.customers, 2000)
    planned = plan_compared(
        scenario.id, scenario.with_customers(size), worlds, list(given), settings
    )  # fmt: skip
    return plausible_data(planned, run_sweep(planned, None, progress), worlds, gate.goal.measure)
