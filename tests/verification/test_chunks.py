"""However cells are cut into chunks, all sums and tables are those of one chunk."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from omnilab.experiment.comparison import Comparison
from omnilab.scenario.model import Scenario
from tests.verification.worlds import digests, either_way, load, run, sums, world

Mechanisms = Callable[[Scenario], Scenario]

TABLES = ("by_channel", "by_journey", "by_persona")


@cache
def cut(mechanisms: Mechanisms, chunk: int | None, threads: int) -> Comparison:
    scenario = mechanisms(world(population={"customers": 60}))
    return run(scenario, load(scenario), chunk=chunk, threads=threads)


def tables(comparison: Comparison) -> dict[str, Any]:
    own = {name: getattr(comparison, name) for name in TABLES} | comparison.observed
    return {name: [np.asarray(t) for t in found.values()] for name, found in own.items()}


@either_way
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("chunk", [1, 3, 7])
def test_chunks_add_up(chunk: int, threads: int, mechanisms: Mechanisms) -> None:
    whole, parts = cut(mechanisms, None, 1), cut(mechanisms, chunk, threads)
    assert digests(parts) == digests(whole)
    assert sums(parts) == sums(whole)
    assert parts.notable == whole.notable
    for name, found in tables(parts).items():
        expected = tables(whole)[name]
        assert any(table.any() for table in expected), name
        for one, two in zip(found, expected, strict=True):
            np.testing.assert_array_equal(one, two)
