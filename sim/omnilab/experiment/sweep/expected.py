"""What a sweep will take, said before it begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event
from time import perf_counter
from typing import Final, NamedTuple

from omnilab.errors import OptionError
from omnilab.experiment.estimate import check_memory, estimate, say_time
from omnilab.experiment.job import CHUNK, step_of
from omnilab.experiment.sweep.planned import Planned, Settings
from omnilab.experiment.sweep.points import Maker, Point
from omnilab.experiment.sweep.running import runner_of
from omnilab.experiment.sweep.sharing import Models, groups_of
from omnilab.experiment.sweep.vary import Vary

__all__ = ["MOST_UNASKED", "expected_seconds", "refuse_many", "say_many"]

#: Runs that a sweep takes without being asked to.
MOST_UNASKED: Final = 1000


def expected_seconds(planned: Planned) -> float:
    """Return about how long a sweep takes, from a pilot of some cells of its first point.

    Raises
    ------
    CapacityError
        If runs side by side don't fit into the memory.
    """
    group = next((g for g in planned.groups), None)
    if group is None:
        return 0.0
    pilot = _Pilot.of(group.points[0], planned.settings)
    shares = sum(1 + sum(len(p.strategies) for p in g.points) for g in planned.groups)
    calibrations = len({g.census for g in planned.groups})
    simulated = pilot.run_s * shares / (1 + pilot.strategies) * len(planned.settings.seeds)
    return simulated + pilot.calibration_s * calibrations


def say_many(
    settings: Settings, say: Callable[[str], None]
) -> Callable[[Maker, Sequence[Vary], int], None]:
    """Return a check that says how long more runs take than anybody means by mistake."""
    return refuse_many(settings, yes=True, say=say)


def refuse_many(
    settings: Settings, *, yes: bool, say: Callable[[str], None]
) -> Callable[[Maker, Sequence[Vary], int], None]:
    """Return a check that refuses more runs than anybody means by mistake, with their time.

    Parameters
    ----------
    settings
        Of the sweep.
    yes
        Whether they were confirmed: then the number and time are only said.
    say
        Says it.
    """

    def check(maker: Maker, varies: Sequence[Vary], runs: int) -> None:
        if runs <= MOST_UNASKED:
            return
        first = maker.make(0, varies, [v.ends()[0] for v in varies])
        time = ""
        if not first.refused:
            pilot = _Pilot.of(first, settings)
            seconds = pilot.run_s + pilot.calibration_s / len(settings.seeds)
            time = f", about {say_time(seconds * runs)}"
        if not yes:
            raise OptionError(
                f"the sweep has {runs:,} runs{time}: give --yes to start it, or take fewer values,"
                " or spread points with --design lhs --points 200"
            )
        say(f"the sweep has {runs:,} runs{time}")

    return check


class _Pilot(NamedTuple):
    """Seconds of a point's run and of its calibration, with all threads; its strategies."""

    run_s: float
    calibration_s: float
    strategies: int

    @classmethod
    def of(cls, point: Point, settings: Settings) -> _Pilot:
        """Time some cells of a point, and check that they fit into the memory."""
        (group,) = groups_of([point])
        engine = "compiled" if settings.engine == "auto" else settings.engine
        runner = runner_of(group, Models(), settings.seeds[0], engine, Event())
        step = settings.chunk or step_of(runner.population, CHUNK[engine], settings.threads)
        found = estimate(
            runner, engine=engine, step=step, threads=settings.threads,
            replications=settings.replications, keep=False,
        )  # fmt: skip
        check_memory(found)
        started = perf_counter()
        Models().of(group)  # a second time, since the first may have compiled kernels
        calibration_s = (perf_counter() - started) / settings.threads
        return cls(found.seconds, calibration_s, len(point.strategies))
