"""Simulate a world under some arms, and keep of each person what outcomes and groups need."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.errors import ScenarioError
from omnilab.experiment.evidence.chunks import Chunk, chunks_of
from omnilab.experiment.evidence.effects import EVERYBODY, Linear, ratio_of
from omnilab.experiment.evidence.lives import Lives
from omnilab.experiment.evidence.outcome import Sums, hangs_on_mailshots, person_sums
from omnilab.experiment.evidence.who import Counts, leaves_of, random_shares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omnilab.experiment.evidence.arms import ReadyArm
    from omnilab.experiment.evidence.effects import Value
    from omnilab.experiment.evidence.study import Study, World

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
    counts = Counts(leaves, study.control.name, world.scenario)
    taken = _Taken(study, arms, counts)
    replications = study.file.replications
    for replication in range(replications):
        taken.begin(replication)
        for share in taken.run(seed, replication):
            if say is not None:
                say((replication + share) / replications)
    return taken.sample(world, seed)


def _by_cluster(
    where: NDArray[np.int64], numbers: NDArray[np.float64], clusters: int
) -> NDArray[np.float64]:
    return np.bincount(where, numbers, minlength=clusters).astype(np.float64)


class _Taken:
    """What was taken of a world so far."""

    def __init__(self, study: Study, arms: Sequence[ReadyArm], counts: Counts) -> None:
        self.study, self.arms, self.counts = study, list(arms), counts
        self.parts: dict[str, dict[str, list[Sums]]] = {a.name: {} for a in arms}
        self.cell: list[NDArray[np.int64]] = []
        self.persons: list[int] = []
        self.replication = 0
        self.n_cells = 0
        self.is_coupled = any(a.strategy.learns for a in arms)
        self.has_mailshots = False

    def begin(self, replication: int) -> None:
        """Begin a replication."""
        self.replication = replication
        self.persons.append(0)

    def run(self, seed: int, replication: int) -> Generator[float, None, None]:
        """Run one replication under all arms, those of one scenario together."""
        groups: list[list[ReadyArm]] = []
        for arm in self.arms:
            mine = next((g for g in groups if g[0].scenario == arm.scenario), None)
            if mine is None:
                groups.append([arm])
            else:
                mine.append(arm)
        before = self.arms[0].strategy
        if self.study.file.before == "status_quo":
            before = None  # type: ignore[assignment]
        cells = max(_FEWEST_CELLS, _CELLS // len(self.arms))
        runs = [chunks_of(g, before, seed, replication, cells) for g in groups]
        offset = self.n_cells
        for parts in zip(*(run for run in runs), strict=True):
            lives: dict[str, Lives] = {}
            for group, chunk in zip(groups, parts, strict=True):
                if (chunk.first, chunk.persons) != (parts[0].first, parts[0].persons):
                    raise self.study.node("arms", group[0].name).error(
                        f"has other customers than {self.arms[0].name!r}: `world` can't change how"
                        " many there are, nor their households", f"arms.{group[0].name}.world",
                    )  # fmt: skip
                for arm, log in zip(group, chunk.logs, strict=True):
                    journeys = [j.name for j in arm.strategy.plan.journeys]
                    lives[arm.name] = Lives(
                        log, chunk.first, chunk.persons, arm.scenario, journeys, chunk.before
                    )
            self._take(lives, parts[0], offset)
            self.has_mailshots |= parts[0].has_mailshots
            yield parts[0].share

    def _take(self, lives: Mapping[str, Lives], chunk: Chunk, offset: int) -> None:
        self.counts.add(lives)
        self.cell.append(offset + chunk.cell)
        self.n_cells = max(self.n_cells, offset + int(chunk.cell[-1]) + 1)
        self.persons[-1] += chunk.persons
        for arm in self.arms:
            of_arm = self.parts[arm.name]
            for name, sums in person_sums(
                self.study.outcomes, lives[arm.name], arm.scenario
            ).items():
                of_arm.setdefault(name, []).append(sums)

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
