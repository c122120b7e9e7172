"""What a run is said to take, and when it is refused."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from unittest.mock import patch

import pytest

from omnilab.engine.chunk import Chunk
from omnilab.errors import CapacityError
from omnilab.experiment import estimate as estimating
from omnilab.experiment import job as comparing
from omnilab.experiment.compare import compare
from omnilab.experiment.estimate import Estimate, check_memory, free_memory, say_size, say_time
from omnilab.kernels.compiling import Compiling
from omnilab.strategy.loading import LoadedStrategy
from tests.property.random_worlds import Swayed
from tests.verification.worlds import load, world


def test_a_run_that_does_not_fit_is_refused_with_what_would():
    with pytest.raises(CapacityError, match=r"needs about 50000\.0 GB"):
        check_memory(Estimate(1.0, 50 * 10**12, 1))
    check_memory(Estimate(1.0, 10**6, 1))


def test_a_run_is_refused_before_it_simulates():
    scenario = world(population={"customers": 400})
    said: list[str] = []
    with (
        patch.dict(estimating.PILOT_CELLS, compiled=2),
        patch.object(estimating, "free_memory", return_value=0),
        patch.object(estimating, "held_memory", side_effect=[1, 0]),
        pytest.raises(CapacityError, match="of memory and"),
    ):
        compare(scenario, load(scenario, "omnichannel"), progress=lambda what, _: said.append(what))
    assert "simulating" not in said


@pytest.mark.parametrize("engine", ["compiled", "simpy"])
def test_the_rows_that_are_said_are_near_those_that_come(engine):
    scenario = world(population={"customers": 800})
    said: list[str] = []
    with patch.dict(estimating.PILOT_CELLS, {engine: 4}):
        result = compare(
            scenario, load(scenario, "no_contact", "omnichannel"), engine=engine,
            progress=lambda what, _: said.append(what),
        )  # fmt: skip
    (line,) = {s for s in said if s.startswith("simulating:")}
    millions = float(line.split(" for ")[1].split()[0])
    assert millions * 1e6 == pytest.approx(sum(s.events for s in result.strategies), rel=0.6)


def test_the_memory_that_is_said_of_a_learning_run_is_what_its_cells_grow_to():
    scenario = world(population={"customers": 1200})
    (loaded,) = load(scenario, "omnichannel")
    swayed = LoadedStrategy("swayed", loaded.plan, Swayed(), "", True, True)  # type: ignore[arg-type]
    said: list[Estimate] = []
    held: list[int] = []
    result = Chunk.result

    def weighed(chunk: Chunk) -> object:
        held.append(chunk.size() + sum(s.hooks.nbytes for s in chunk.runner.strategies if s.hooks))
        return result(chunk)

    with (
        patch.object(Chunk, "result", weighed),
        patch.object(comparing, "check_memory", said.append),
        patch.object(estimating, "held_memory", return_value=0),
        patch.dict(estimating.PILOT_CELLS, compiled=6),
    ):
        compare(
            scenario, [swayed], engine="compiled", chunk=10**6, progress=lambda what, share: None
        )
    assert said[-1].memory == pytest.approx(held[-1], rel=0.15)


def test_compiling_during_the_pilot_is_no_part_of_what_a_run_takes():
    """Kernels that wait for their first call are compiled in it: 5 s of these are not the run's."""

    class Runner:
        learns, strategies = False, ()
        population = SimpleNamespace(n_cells=1)
        warm_up = staticmethod(lambda: None)
        footprint = staticmethod(lambda: (0, 0))

        def run_cells(self, _ranges):
            watched.seconds += 5.0
            return [SimpleNamespace(events=[1])]

    watched = Compiling()
    with (
        patch.object(estimating, "watch_compiling", lambda _started: nullcontext(watched)),
        patch.object(estimating.time, "perf_counter", side_effect=[10.0, 15.25]),
        patch.object(estimating, "peak_memory", return_value=10**15),
    ):
        found = estimating.estimate(
            Runner(), engine="compiled", step=1, threads=1, replications=1, keep=False
        )
    assert found.seconds == pytest.approx(0.25)
    assert found.memory < 10**12  # what is held, not what compiling took at its peak


def test_sizes_and_times_are_said_for_people():
    assert [say_size(n) for n in (12, 3_400, 5.6e6, 7.89e9)] == ["12 B", "3 kB", "6 MB", "7.9 GB"]
    assert [say_time(s) for s in (0.1, 59, 600, 36_000)] == ["1 s", "59 s", "10 min", "10.0 h"]


def test_free_memory_is_some_of_the_machines():
    free = free_memory()
    assert free is None or 10**7 < free < 10**14
