"""Who takes part and who is in which group: what is counted of each person, then decided for all.

What is counted comes chunk by chunk; a rank needs everybody, so conditions are decided at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from omnilab.experiment.evidence.lives import KIND_OF
from omnilab.log import rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omnilab.experiment.evidence.lives import Lives
    from omnilab.experiment.evidence.model import Condition
    from omnilab.scenario.model import Scenario, Time

__all__ = ["Counts", "leaves_of", "random_shares"]

_CHANCE = 0x65766964  # a key that no other use of the seed has


def leaves_of(conditions: Iterable[Condition]) -> Iterator[Condition]:
    """Yield all conditions that look at a person, those inside others too."""
    for condition in conditions:
        if condition.any_of:
            yield from leaves_of(condition.any_of)
        elif condition.group is None:
            yield condition


class Counts:
    """What conditions count of each person, added chunk by chunk.

    Parameters
    ----------
    conditions
        All that will be asked for, without those that are made of others.
    control
        The arm whose log is looked at where a condition names none.
    scenario
        Of the world.
    """

    def __init__(self, conditions: Sequence[Condition], control: str, scenario: Scenario) -> None:
        self._conditions = list(dict.fromkeys(conditions))
        self._control, self._time = control, scenario.time
        self._personas = {p.name: i for i, p in enumerate(scenario.population.personas)}
        self._parts: dict[Condition, list[NDArray[np.int64]]] = {c: [] for c in self._conditions}

    def add(self, lives: Mapping[str, Lives]) -> None:
        """Take a chunk's persons: their logs by arm."""
        for condition in self._conditions:
            log = lives[condition.under or self._control]
            self._parts[condition].append(self._count(condition, log))

    def counted_here(self) -> list[list[NDArray[np.int64]]]:
        """Return what was counted so far, condition by condition, chunk by chunk."""
        return list(self._parts.values())

    def merge(self, counted: Sequence[Sequence[NDArray[np.int64]]]) -> None:
        """Add what counts of the same conditions have of further persons."""
        for mine, theirs in zip(self._parts.values(), counted, strict=True):
            mine.extend(theirs)

    def _count(self, condition: Condition, log: Lives) -> NDArray[np.int64]:
        switch = self._time.burn_in
        begin = 0 if condition.within is None else max(0, switch - condition.within)
        if condition.persona is not None:
            at = log.of(rows.PERSON)
            found = np.zeros(log.persons, np.int64)
            found[log.person[at]] = log.field(rows.PERSON, "persona")
            wanted = [self._personas[name] for name in condition.persona]
            return np.isin(found, wanted).astype(np.int64)
        if condition.reachable is not None:
            return log.reachable(condition.reachable, switch).astype(np.int64)
        if condition.cart is not None:
            return log.cart_open(begin, switch).astype(np.int64)
        assert condition.did is not None
        kind = KIND_OF[condition.did]
        begin, end = _times(condition.when, begin, self._time)
        if condition.channels is not None:
            return log.channels_used(kind, condition.only, begin, end)
        return log.counted(kind, condition.only, begin, end, amount=condition.amount)

    def holds(
        self, conditions: Sequence[Condition], among: Any, group: Callable[[str], Any]
    ) -> NDArray[np.bool_]:
        """Return for whom all conditions hold.

        Parameters
        ----------
        conditions
            As a file has them.
        among
            Those among whom a rank is taken, of them those for whom the conditions before it hold;
            shape (n_persons,).
        group
            Returns who is in a group, by its name.
        """
        found = np.ones(len(among), np.bool_)
        for condition in conditions:
            found &= self._one(condition, among & found, group)
        return found

    def _one(self, condition: Condition, among: Any, group: Callable[[str], Any]) -> Any:
        if condition.any_of is not None:
            found = np.zeros(len(among), np.bool_)
            for one in condition.any_of:
                found |= self._one(one, among, group)
        elif condition.group is not None:
            found = group(condition.group)
        else:
            found = _decided(condition, np.concatenate(self._parts[condition]), among)
        return ~found if condition.negate else found


def _times(when: str, begin: int, time: Time) -> tuple[int, int]:
    """Return from when to when a condition counts, in seconds since the scenario's start."""
    start, end = time.burn_in, time.burn_in + time.window
    return {
        "before": (begin, start),
        "window": (start, end),
        "run_out": (end, end + time.run_out),
        "test": (start, end + time.run_out),
    }[when]


def _decided(condition: Condition, counts: NDArray[np.int64], among: Any) -> NDArray[np.bool_]:
    if condition.did is None:
        return counts > 0
    if condition.channels is not None:
        return counts >= condition.channels
    if condition.top is not None or condition.bottom is not None:
        return _ranked(condition, counts, among)
    scale = 100 if condition.amount else 1  # bounds are in the currency, counts in cents
    low, high = condition.at_least, condition.at_most
    if low is None and high is None:
        low = 1
    found = np.ones(len(counts), np.bool_)
    if low is not None:
        found &= counts >= max(low * scale, 0)
    if high is not None:
        found &= counts <= high * scale
    return found


def _ranked(condition: Condition, counts: NDArray[np.int64], among: Any) -> NDArray[np.bool_]:
    """Return the share of ``among`` with the highest counts, or the lowest; ties go by chance."""
    at = np.flatnonzero(among)
    ties = np.random.Generator(np.random.Philox(key=_CHANCE)).random(len(counts))[at]
    order = at[np.lexsort((ties, counts[at]))]
    found = np.zeros(len(counts), np.bool_)
    if condition.top is not None:
        n = round(condition.top * len(order))
        found[order[len(order) - n :]] = True
    else:
        assert condition.bottom is not None
        found[order[: round(condition.bottom * len(order))]] = True
    return found


def random_shares(seed: int, replication: int, persons: int) -> NDArray[np.float64]:
    """Return a number in 0..1 for each person, which says whether a share has them.

    A person's number does not depend on how many there are, nor on anything that happens.
    """
    key = np.array([seed, _CHANCE + (replication << 32)], np.uint64)
    return np.random.Generator(np.random.Philox(key=key)).random(persons)
