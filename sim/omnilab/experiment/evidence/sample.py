"""Simulate a world under some arms, and keep of each person what outcomes and groups need."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.errors import ScenarioError
from omnilab.experiment.evidence.chunks import Chunk, chunks_of
from omnilab.experiment.evidence.effects import EVERYBODY, Linear, ratio_of
from omnilab.experiment.evidence.lives import Lives
from omnilab.experiment.evidence.outcome import Sums, hangs_on_mailshots, person_sums
from omnilab.experiment.evidence.who import Counts, leaves_of, random_shares
from omnilab.experiment.workers.executor import executor_of_worlds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omnilab.experiment.evidence.arms import ReadyArm
    from omnilab.experiment.evidence.effects import Value
    from omnilab.experiment.evidence.model import Condition
    from omnilab.experiment.evidence.study import Study, World
    from omnilab.scenario.model import Scenario

__all__ = ["Sample", "Say", "take_sample"]

Say = Callable[[float], None]
#: Cells of a chunk times arms: whole logs are held at once, and each arm's has the warm-up's rows.
_CELLS: Final = 256
_FEWEST_CELLS: Final = 32


@dataclass
class Sample:
    """Persons of a world under its arms.

    Attributes
    ----------
    study
        Whose.
    cell, replication
        Of each person, the cell counted over all replications; shape (n_persons,).
    takes_part
        Who does.
    in_arm
        Arm -> whose outcomes count there; all who take part, unless arms have shares.
    sums
        Arm -> outcome -> sums of each person.
    counts
        What groups need.
    is_coupled
        Cells have something in common, so that the clusters are replications.
    """

    study: Study
    cell: NDArray[np.int64]
    replication: NDArray[np.int64]
    takes_part: NDArray[np.bool_]
    in_arm: dict[str, NDArray[np.bool_]]
    sums: dict[str, dict[str, Sums]]
    counts: Counts
    is_coupled: bool
    has_mailshots: bool

    def members(self, group: str) -> NDArray[np.bool_]:
        """Return who of those who take part is in a group."""
        if group == EVERYBODY:
            return self.takes_part
        return self.takes_part & self.counts.holds(
            self.study.groups[group].where, self.takes_part, self.members
        )

    def is_shared(self, outcome: str) -> bool:
        """Tell whether an outcome hangs on something that all cells of a replication share."""
        one = self.study.outcomes[outcome]
        parts = [*(one.sum or ()), *one.less, *([one.over] if one.over else [])]
        asked = [self.study.outcomes[name] for name in parts] or [one]
        return self.is_coupled or (self.has_mailshots and any(map(hangs_on_mailshots, asked)))

    def clusters(self, *, whole: bool) -> int:
        """Return how many clusters there are: cells, or whole replications."""
        return int((self.replication if whole else self.cell).max()) + 1

    def value(self, value: Value, clusters: int, *, whole: bool = False) -> Linear:
        """Return an outcome of a group under an arm.

        Parameters
        ----------
        value
            Of this sample's world.
        clusters
            How many there are, at least those of this sample.
        whole
            Whether clusters are whole replications, not cells.

        Raises
        ------
        ZeroDivisionError
            If there is nobody to divide by.
        """
        keep = self.members(value.group) & self.in_arm[value.arm]
        where = self.replication if whole else self.cell
        top, bottom = self._sums(value.outcome, value.arm)
        below = self.in_arm[value.arm] if value.total else keep
        return ratio_of(
            _by_cluster(where[keep], top[keep], clusters),
            _by_cluster(where[below], bottom[below], clusters),
        )

    def _sums(self, outcome: str, arm: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return an outcome's two sums of each person."""
        sums, one = self.sums[arm], self.study.outcomes[outcome]
        if one.sum is None:
            return sums[outcome].top, sums[outcome].bottom
        # Each of them is for a participant, or all are over one sum: what they divide by is alike.
        top = sum(sums[name].top for name in one.sum)
        top = top - sum((sums[name].top for name in one.less), np.zeros(len(self.cell)))
        if one.over is None:
            return np.asarray(top), sums[one.sum[0]].bottom
        scale = sums[one.over]
        return np.asarray(top), scale.top


def take_sample(
    study: Study,
    world: World,
    arms: Sequence[ReadyArm],
    *,
    seed: int,
    say: Say | None = None,
) -> Sample:
    """Simulate a world under arms.

    Parameters
    ----------
    study, world
        The study, and which of its worlds.
    arms
        Of the world, the control first; the control alone for a base rate.
    seed
        Of the customers and of chance, the same under all arms.
    say
        Told what share is done.

    Raises
    ------
    ScenarioError
        If an arm's world has other customers than the control's, so that there are no twins.
    """
    names = [arm.name for arm in arms]
    conditions = [*world.who.where, *(c for g in study.file.groups for c in g.where)]
    leaves = [c for c in leaves_of(conditions) if c.under is None or c.under in names]
    common = _Common(study, tuple(arms), tuple(leaves), world.scenario, seed)
    taken = _Taken(study, arms, common.counts())
    replications = study.file.replications
    named = [a.scenario.brand.status_quo for a in arms] if common.has_status_quo else []
    for found in executor_of_worlds(named, 1).in_order(_replicated, range(replications), common):
        if isinstance(found, _Replication):
            taken.add(found)
        elif say is not None:
            say((len(taken.persons) + found) / replications)
    return taken.sample(world, seed)


def _by_cluster(
    where: NDArray[np.int64], numbers: NDArray[np.float64], clusters: int
) -> NDArray[np.float64]:
    return np.bincount(where, numbers, minlength=clusters).astype(np.float64)


@dataclass(frozen=True)
class _Common:
    """What all replications of a world have in common."""

    study: Study
    arms: tuple[ReadyArm, ...]
    leaves: tuple[Condition, ...]
    scenario: Scenario
    seed: int

    @property
    def has_status_quo(self) -> bool:
        """Whether the warm-up is under the scenario's status quo, which is loaded by its name."""
        return self.study.file.before == "status_quo"

    def counts(self) -> Counts:
        """Return what counts for groups, of nobody yet."""
        return Counts(self.leaves, self.study.control.name, self.scenario)


@dataclass
class _Replication:
    """What was taken of one replication.

    Attributes
    ----------
    cell
        Of each person, chunk by chunk, counted from 0.
    parts
        Arm -> outcome -> sums of each person, chunk by chunk.
    counted
        Of `Counts.counted_here`.
    """

    parts: dict[str, dict[str, list[Sums]]]
    cell: list[NDArray[np.int64]] = field(default_factory=list)
    counted: list[list[NDArray[np.int64]]] = field(default_factory=list)
    persons: int = 0
    has_mailshots: bool = False


def _replicated(common: _Common, replication: int) -> Iterator[float | _Replication]:
    """Run one replication: yield what share of it is done, and at the end what was taken."""
    counts = common.counts()
    found = _Replication({arm.name: {} for arm in common.arms})
    for lives, chunk in _lives(common, replication):
        counts.add(lives)
        found.cell.append(chunk.cell)
        found.persons += chunk.persons
        found.has_mailshots |= chunk.has_mailshots
        for arm in common.arms:
            of_arm = found.parts[arm.name]
            sums = person_sums(common.study.outcomes, lives[arm.name], arm.scenario)
            for name, one in sums.items():
                of_arm.setdefault(name, []).append(one)
        yield chunk.share
    found.counted = counts.counted_here()
    yield found


def _lives(
    common: _Common, replication: int
) -> Generator[tuple[dict[str, Lives], Chunk], None, None]:
    """Run one replication under all arms, those of one scenario together, chunk by chunk."""
    groups: list[list[ReadyArm]] = []
    for arm in common.arms:
        mine = next((g for g in groups if g[0].scenario == arm.scenario), None)
        if mine is None:
            groups.append([arm])
        else:
            mine.append(arm)
    before = None if common.has_status_quo else common.arms[0].strategy
    cells = max(_FEWEST_CELLS, _CELLS // len(common.arms))
    runs = [chunks_of(g, before, common.seed, replication, cells) for g in groups]
    for parts in zip(*(run for run in runs), strict=True):
        lives: dict[str, Lives] = {}
        for group, chunk in zip(groups, parts, strict=True):
            if (chunk.first, chunk.persons) != (parts[0].first, parts[0].persons):
                raise common.study.node("arms", group[0].name).error(
                    f"has other customers than {common.arms[0].name!r}: `world` can't change how"
                    " many there are, nor their households", f"arms.{group[0].name}.world",
                )  # fmt: skip
            for arm, log in zip(group, chunk.logs, strict=True):
                journeys = [j.name for j in arm.strategy.plan.journeys]
                lives[arm.name] = Lives(
                    log, chunk.first, chunk.persons, arm.scenario, journeys, chunk.before
                )
        yield lives, parts[0]


class _Taken:
    """What was taken of a world so far."""

    def __init__(self, study: Study, arms: Sequence[ReadyArm], counts: Counts) -> None:
        self.study, self.arms, self.counts = study, list(arms), counts
        self.parts: dict[str, dict[str, list[Sums]]] = {a.name: {} for a in arms}
        self.cell: list[NDArray[np.int64]] = []
        self.persons: list[int] = []
        self.n_cells = 0
        self.is_coupled = any(a.strategy.learns for a in arms)
        self.has_mailshots = False

    def add(self, found: _Replication) -> None:
        """Add a replication."""
        self.counts.merge(found.counted)
        offset = self.n_cells
        self.cell += [offset + cell for cell in found.cell]
        self.n_cells = int(self.cell[-1][-1]) + 1
        self.persons.append(found.persons)
        self.has_mailshots |= found.has_mailshots
        for arm, of_arm in found.parts.items():
            for name, sums in of_arm.items():
                self.parts[arm].setdefault(name, []).extend(sums)

    def sample(self, world: World, seed: int) -> Sample:
        """Return all of it together, with who takes part."""
        n = sum(self.persons)
        everybody = np.ones(n, np.bool_)

        def nobody_yet(_group: str) -> Any:
            raise ScenarioError("who takes part can't be settled by a group of those who do")

        takes_part = self.counts.holds(world.who.where, everybody, nobody_yet)
        u = np.concatenate([random_shares(seed, r, k) for r, k in enumerate(self.persons)])
        takes_part &= u < world.who.share
        return Sample(
            self.study,
            np.concatenate(self.cell),
            np.repeat(np.arange(len(self.persons)), self.persons),
            takes_part,
            self._in_arms(takes_part, u / world.who.share),
            {
                arm: {
                    name: Sums(
                        np.concatenate([p.top for p in parts]),
                        np.concatenate([p.bottom for p in parts]),
                    )
                    for name, parts in of_arm.items()
                }
                for arm, of_arm in self.parts.items()
            },
            self.counts,
            self.is_coupled,
            self.has_mailshots,
        )

    def _in_arms(self, takes_part: Any, u: Any) -> dict[str, NDArray[np.bool_]]:
        """Return whose outcomes count in each arm."""
        shares = {a.name: a.share for a in self.study.file.arms}
        if all(share is None for share in shares.values()):
            return dict.fromkeys(shares, takes_part)
        found, at = {}, 0.0
        for name, share in shares.items():
            found[name] = takes_part & (u >= at) & (u < at + (share or 0.0))
            at += share or 0.0
        return found
