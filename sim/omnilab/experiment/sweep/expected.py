"""What a sweep will take, said before it begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event
from typing import Final

from omnilab.errors import OptionError
from omnilab.experiment.compare import CHUNK
from omnilab.experiment.estimate import check_memory, estimate, say_time
from omnilab.experiment.sweep.course import Planned, Settings
from omnilab.experiment.sweep.points import Maker, Point
from omnilab.experiment.sweep.running import runner_of
from omnilab.experiment.sweep.sharing import Models, groups_of
from omnilab.experiment.sweep.vary import Vary

__all__ = ["MOST_UNASKED", "expected_seconds", "refuse_many"]

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
    one, strategies = _pilot(group.points[0], planned.settings)
    shares = sum(1 + sum(len(p.strategies) for p in g.points) for g in planned.groups)
    return one * shares / (1 + strategies) * len(planned.settings.seeds)


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
            seconds, _ = _pilot(first, settings)
            time = f", about {say_time(seconds * runs)}"
        if not yes:
            raise OptionError(
                f"the sweep has {runs:,} runs{time}: give --yes to start it, or take fewer values,"
                " or spread points with --design lhs --points 200"
            )
        say(f"the sweep has {runs:,} runs{time}")

    return check


def _pilot(point: Point, settings: Settings) -> tuple[float, int]:
    """Return the seconds of a point's run with all threads, and its number of strategies."""
    (group,) = groups_of([point])
    engine = "compiled" if settings.engine == "auto" else settings.engine
    runner = runner_of(group, Models(), settings.seeds[0], engine, Event())
    step = settings.chunk or CHUNK[engine]
    found = estimate(
        runner, engine=engine, step=step, threads=settings.threads,
        replications=settings.replications, keep=False,
    )  # fmt: skip
    check_memory(found)
    return found.seconds, len(point.strategies)
