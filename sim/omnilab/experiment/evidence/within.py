"""Studies in worlds within what their scenarios assume: what of a claim hangs on the assumptions.

A published effect is held against the interval over the plausible worlds, not against that of
chance in one of them. So a study runs in some worlds in which each assumption that has a range
moves in it, all together, evenly and independently of each other (a Latin hypercube). What the
study's file itself declares does not move: its base, its arms, and what meets its base rates,
which are met in each world anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import sqrt
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy import stats

from omnilab.errors import OmnilabError, OptionError
from omnilab.experiment.evidence.running import StudyResult, run_study
from omnilab.experiment.evidence.study import Study, World
from omnilab.experiment.evidence.worlds import base_tree, overlaid
from omnilab.experiment.paths import changed_at
from omnilab.experiment.sweep.design import spread
from omnilab.experiment.sweep.hangs import moved_of
from omnilab.experiment.sweep.points import Maker
from omnilab.scenario.assumptions import assumptions_of

if TYPE_CHECKING:
    from omnilab.experiment.evidence.result import ClaimResult
    from omnilab.experiment.sweep.vary import Vary
    from omnilab.scenario.tree import Node

__all__ = ["FEWEST", "MovedStudy", "moving", "run_within", "together"]

#: Worlds at least, of which at least half must come out.
FEWEST: Final = 4
_DESIGN_SEED: Final = 1
_TWO_SIDED: Final = 0.975  # of intervals at 95%


class MovedStudy(Study):
    """A study in another world.

    Parameters
    ----------
    study
        As its file has it.
    changes
        Dotted key -> value, as a scenario file takes it.
    """

    def __init__(self, study: Study, changes: Mapping[str, Any]) -> None:
        super().__init__(study.file, study.root)
        self.changes = dict(changes)

    def worlds(self, customers: int | None = None) -> list[World]:
        """Return the study's worlds, moved."""
        return [
            replace(
                world,
                scenario=changed_at(
                    world.scenario, self.changes, currency=world.scenario.currency, seconds=False
                ),
            )
            for world in super().worlds(customers)
        ]


def moving(study: Study) -> list[Vary]:
    """Return the assumptions of a study's world that may move, each a range."""
    base = study.root.get("base")
    assert base is not None
    _, tree = overlaid(base_tree(study.root), base.get("overlay"))
    scenario = study.worlds()[0].scenario
    maker = Maker({scenario.id: scenario}, [scenario.brand.status_quo])
    moved, _ = moved_of(maker, scenario, assumptions_of(scenario, tree))
    own = set(_declared(study))
    return [
        one.vary
        for one in moved
        if one.vary.is_range
        and one.vary.low < one.vary.high
        and not any(_is_of(one.vary.path, key) for key in own)
    ]


def run_within(
    study: Study, worlds: int, *, seed: int = 1, customers: int | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> StudyResult:  # fmt: skip
    """Run a study in worlds within its assumptions; its intervals hold chance and the worlds.

    Parameters
    ----------
    study
        Read and checked.
    worlds
        How many, >= `FEWEST`.
    seed, customers, progress
        As `omnilab.experiment.evidence.running.run_study` takes them; customers of each world.

    Raises
    ------
    OptionError
        If more than half of the worlds can't be run, with why the last one can't.
    """
    varies = moving(study) if study.runs else []
    if not varies:
        alone = run_study(study, seed=seed, customers=customers, progress=progress)
        return replace(alone, asked=worlds)
    places = spread("lhs", len(varies), worlds, _DESIGN_SEED)
    found: list[StudyResult] = []
    why = ""
    for number, place in enumerate(places.tolist()):
        changes = {v.path: v.at(u).value for v, u in zip(varies, place, strict=True)}

        def say(what: str, share: float, number: int = number) -> None:
            if progress is not None:
                progress(what, (number + share) / worlds)

        try:
            moved = MovedStudy(study, changes)
            found.append(run_study(moved, seed=seed, customers=customers, progress=say))
        except OmnilabError as error:
            why = str(error)
    if 2 * len(found) < worlds:
        raise OptionError(f"{worlds - len(found)} of {worlds} worlds can't be run: {why}")
    whole = zip(*(one.claims for one in found), strict=True)
    return replace(
        found[0], claims=tuple(together(list(claims)) for claims in whole), worlds=len(found),
        asked=worlds,
        elapsed_s=sum(one.elapsed_s for one in found),
    )  # fmt: skip


def together(claims: Sequence[ClaimResult]) -> ClaimResult:
    """Return a claim over worlds: the mean, and the interval in which a world's effect is.

    Its variance is what the worlds' effects differ by beyond chance, and that of chance in their
    mean. With Student's quantiles, as worlds are few.
    """
    first = claims[0]
    if first.status == "lacks":
        return first
    known = [c for c in claims if c.simulated is not None]
    if not known:
        return first
    values = np.array([c.simulated for c in known], float)
    mean = float(values.mean())
    errors = [
        (c.high - c.low) / 2.0 / stats.norm.ppf(_TWO_SIDED)
        for c in known
        if c.low is not None and c.high is not None
    ]
    if len(errors) < max(2, len(claims) / 2):
        return replace(known[0], simulated=mean, low=None, high=None)
    chance = float(np.mean(np.square(errors)))
    between = max(float(values.var(ddof=1)) - chance, 0.0)
    half = float(stats.t.ppf(_TWO_SIDED, len(known) - 1)) * sqrt(between + chance / len(known))
    return replace(known[0], simulated=mean, low=mean - half, high=mean + half)


def _declared(study: Study) -> Iterator[str]:
    """Yield the dotted keys that a study's file declares."""
    base, worlds = study.root.get("base"), study.file.worlds
    assert base is not None
    overlays = [base.get("overlay"), *(study.node("worlds", w.name).get("overlay") for w in worlds)]
    for overlay in overlays:
        yield from _keys(overlay, "")
    changed = [base.get("changes"), *(study.node("worlds", w.name).get("changes") for w in worlds)]
    changed += [study.node("arms", arm.name).get("world") for arm in study.file.arms]
    for node in changed:
        if node is not None and isinstance(node.value, dict):
            yield from node.value
    rates = [study.file.base_rate, *(w.base_rate for w in worlds)]
    for rate in (*rates, *(arm.meets for arm in study.file.arms)):
        if rate is not None:
            yield rate.move


def _keys(node: Node | None, above: str) -> Iterator[str]:
    """Yield the dotted keys of what a nested node sets; of a list's items by their names."""
    if node is None:
        return
    if isinstance(node.value, dict):
        for key, below in node.value.items():
            yield from _keys(below, f"{above}.{key}" if above else key)
    elif isinstance(node.value, list) and node.value:
        for item in node.value:
            name = item.get("name")
            yield f"{above}.{item.value if name is None else name.value}"
    else:
        yield above


def _is_of(path: str, key: str) -> bool:
    """Tell whether a key is this one, or above or below it."""
    return path == key or path.startswith(f"{key}.") or key.startswith(f"{path}.")
