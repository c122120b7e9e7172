"""What a strategy plans and hardly sends: no guard sees it, since it changes nothing.

A plan whose text goes to customers without a number is harmless, and so it may ship. What was meant
does not happen all the same, and who judges by guards alone never learns of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from omnilab.experiment.linting.fates import main_cause, sent_share
from omnilab.experiment.linting.seen import SMALL, lint

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["Idle", "find_idle", "idle_steps"]

#: A step that sends less of what fell due hardly sends. Permissions alone keep back much more than
#: half of it: the shipped messenger starts with one customer in seven, and its messages do go out.
_HARDLY: Final = 0.1
#: A step is worse off than the reference's if that one sends so many times the share, or more.
_TIMES: Final = 2
#: Of fewer messages that fell due nothing is said: chance alone may have kept most of them back.
_FEWEST: Final = 20
#: Not sent, but by the strategy's own word: whom it declines, and the group that is kept apart.
_MEANT: Final = ("declined", "control")


@dataclass(frozen=True)
class Idle:
    """The steps of a strategy that hardly send.

    Attributes
    ----------
    customers
        Of the small runs that showed it.
    steps
        As `omnilab.experiment.linting.seen.Linted` has them.
    """

    customers: int = 0
    steps: tuple[dict[str, Any], ...] = ()


def find_idle(
    scenario: Scenario, strategy: LoadedStrategy, reference: LoadedStrategy, *, seed: int = 1,
    engine: str = "auto", threads: int = 1,
) -> Idle:  # fmt: skip
    """Return the steps that hardly send under the strategy, in runs of a few customers.

    Parameters
    ----------
    scenario, strategy, reference
        Of the comparison.
    seed, engine, threads
        As `omnilab.experiment.compare.compare` takes them.
    """
    size = min(scenario.population.customers, SMALL)

    def steps(one: LoadedStrategy) -> tuple[dict[str, Any], ...]:
        return lint(scenario, one, customers=size, seed=seed, engine=engine, threads=threads).steps

    idle = tuple(idle_steps(steps(strategy), ()))
    if idle:  # mostly none is, and then the reference need not run again
        idle = tuple(idle_steps(idle, steps(reference)))
    return Idle(size, idle)


def idle_steps(
    steps: tuple[dict[str, Any], ...], before: tuple[dict[str, Any], ...]
) -> Iterator[dict[str, Any]]:
    """Yield the steps that send less than a tenth of what fell due, and do so only now.

    Nothing is said of a step of which fewer than 20 messages fell due.

    Parameters
    ----------
    steps, before
        Under the strategy and under the reference. A step of the reference is the same one if its
        journey's name and its number are; where it sends less than twice the share it is as idle.
    """
    shares = {_place(step): sent_share(step) for step in before if step["due"]}
    for step in steps:
        if step["due"] < _FEWEST or sent_share(step) >= _HARDLY or main_cause(step) in _MEANT:
            continue
        share = shares.get(_place(step), 1.0)
        if share > 0.0 and share >= _TIMES * sent_share(step):
            yield step


def _place(step: Mapping[str, Any]) -> tuple[str, int]:
    return step["journey"], step["step"]
