"""What must not change a single number: the run again, in another order, under other names.

Each check runs the study's strategies on a few customers once more and holds every log's digest and
every sum against those of the first run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from omnilab.errors import OmnilabError
from omnilab.experiment.compare import compare
from omnilab.experiment.conclusion.declared import Study
from omnilab.experiment.conclusion.labels import relabelled
from omnilab.scenario.model import Scenario

__all__ = ["EXACT", "Changed", "check_exact"]

#: Check -> what is another thing in it.
EXACT: Final[Mapping[str, str]] = {
    "again": "the same run once more",
    "order": "strategies in reverse order",
    "alone": "each strategy without the others",
    "labels": "other names of what is only a label",
    "cells": "customers in chunks of three cells, on two threads",
    "engine": "the other engine",
    "neighbours": "more households, of which the others must take no notice",
}
#: What a run was: by strategy its log's digest and its sums.
_Record = dict[str, tuple[str, dict[str, int]]]


@dataclass(frozen=True)
class Changed:
    """What a check found.

    Attributes
    ----------
    check
        Of `EXACT`.
    strategies
        Those whose log or sums are others, or that failed: all of them where the run did.
    reason
        Why it failed, or why it could not be made; empty otherwise.
    skipped
        Whether there is nothing to check.
    """

    check: str
    strategies: tuple[str, ...] = ()
    reason: str = ""
    skipped: bool = False


def check_exact(
    study: Study, scenario: Scenario, checks: tuple[str, ...], say: Callable[[str], None]
) -> list[Changed]:
    """Make the checks in one scenario."""
    small = scenario.with_customers(min(study.exact, scenario.population.customers))
    names = tuple(study.strategies)
    say("first run")
    first = _record(study, small, names, engine="compiled")
    found = []
    for check in checks:
        say(check)
        try:
            if check == "neighbours":
                found.append(_neighbours(study, small))
                continue
            other = _other(check, study, small, names)
        except OmnilabError as error:
            found.append(Changed(check, names, str(error)))
            continue
        if isinstance(other, str):
            found.append(Changed(check, reason=other, skipped=True))
        else:
            changed = tuple(name for name in names if other.get(name) != first.get(name))
            found.append(Changed(check, changed))
    return found


class _People:
    """Keeps the rows of all customers by strategy."""

    def __init__(self) -> None:
        self.parts: dict[str, list[Any]] = {}

    def add(self, _replication: int, _first: int, rows: dict[str, Any]) -> None:
        for name, part in rows.items():
            self.parts.setdefault(name, []).append(part.copy())

    def of(self, name: str, until: int) -> Any:
        return np.concatenate(self.parts[name])[:until]


def _neighbours(study: Study, small: Scenario) -> Changed:
    """Hold each customer against themselves where there are more customers.

    The last cell is left out, in which new neighbours may show the others' identifiers. What
    learns from all customers is left out too: more of them teach it something else.
    """
    people, n = small.population, small.population.customers
    until = n - people.most_of_a_cell
    if until < 1:
        return Changed("neighbours", reason="all customers are in one cell", skipped=True)
    kept, more = _People(), _People()
    learns: set[str] = set()
    for rows, size in ((kept, n), (more, n + n // 2)):
        scenario = small.with_customers(size)
        strategies = [load(scenario) for load in study.strategies.values()]
        learns |= {s.name for s in strategies if s.learns}
        compare(scenario, strategies, seed=study.seed, customers=rows, quick=True)
    names = [name for name in study.strategies if name not in learns]
    if not names:
        return Changed("neighbours", reason="all strategies learn from everybody", skipped=True)
    changed = [s for s in names if not np.array_equal(kept.of(s, until), more.of(s, until))]
    return Changed("neighbours", tuple(changed))


def _other(check: str, study: Study, small: Scenario, names: tuple[str, ...]) -> _Record | str:
    """Return what a check's run was, or why there is nothing to run."""
    if check in ("order", "alone") and len(names) < 2:
        return "one strategy has no order"
    if check == "labels" and not study.labels:
        return "the file says that no name is only a label"
    if check == "order":
        return _record(study, small, names[::-1])
    if check == "alone":
        return {name: _record(study, small, (name,))[name] for name in names}
    if check == "labels":
        return _record(study, relabelled(small, study.labels), names)
    if check == "cells":
        return _record(study, small, names, chunk=3, threads=2)
    return _record(study, small, names, engine="simpy" if check == "engine" else "compiled")


def _record(
    study: Study, scenario: Scenario, names: tuple[str, ...], *, engine: str = "compiled",
    **options: Any,
) -> _Record:  # fmt: skip
    """Run strategies that are loaded anew, and return what must be the same in each such run."""
    strategies = [study.strategies[name](scenario) for name in names]
    result = compare(scenario, strategies, seed=study.seed, engine=engine, quick=True, **options)
    digests = {run.name: run.log_digest for run in result.strategies}
    return {name: (digest, result.moments.sums(name)) for name, digest in digests.items()}
