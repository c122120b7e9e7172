"""The claims that a scenario can be asked, as a study of the kind that evidence runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final

from omnilab.experiment.evidence.effects import Contrast, Pairing, Value, contrasts_of
from omnilab.experiment.evidence.fits import check_world
from omnilab.experiment.evidence.model import Base, Claim, Found, Source, StudyFile, Who
from omnilab.experiment.evidence.names import check_names
from omnilab.experiment.evidence.study import BASE, Study, World
from omnilab.experiment.published.declared import Reading, read_published

if TYPE_CHECKING:
    from omnilab._files.yaml_tree import Node
    from omnilab.experiment.evidence.model import Condition
    from omnilab.experiment.published.declared import Published, PublishedClaim
    from omnilab.scenario.model import Scenario

__all__ = ["GAP", "ReadingsStudy", "missing_in", "name_of", "study_of"]

#: The reading that is `as_measured` less `causal`.
GAP: Final = "gap"
_SOURCE: Final = Source(
    citation="claims of the trade", how_read="secondary", design="simulated twins"
)


def missing_in(claim: PublishedClaim, scenario: Scenario) -> str | None:
    """Return why a claim can't be asked in a scenario; None if it can."""
    if claim.lacks is not None:
        return f"the model lacks {claim.lacks}"
    needed = claim.needs.scenario
    if needed is not None and needed != scenario.id:
        return f"is about another scenario: omnilab claims {needed}"
    channels = {c.name for c in scenario.channels if c.visit is not None}
    for name in claim.needs.channels or ():
        if name not in channels:
            return f"{scenario.id} has no channel {name} that is visited"
    return None


def name_of(claim: str, reading: str) -> str:
    """Return the name of a claim's reading within the study."""
    return f"{claim}-{reading}"


class ReadingsStudy(Study):
    """A study of the readings of claims in one scenario, which is given and not read.

    Parameters
    ----------
    file, root
        What is asked, and the tree that knows the lines.
    scenario
        With the customers of each replication.
    readings
        Name -> what is compared.
    """

    def __init__(
        self, file: StudyFile, root: Node, scenario: Scenario, readings: Mapping[str, Contrast]
    ) -> None:
        super().__init__(file, root)
        self._scenario, self._readings = scenario, readings

    @cached_property
    def contrasts(self) -> Mapping[str, tuple[Contrast, ...]]:
        """Reading -> its contrast."""
        return {name: (contrast,) for name, contrast in self._readings.items()}

    def worlds(self, customers: int | None = None) -> list[World]:
        """Return the one world; its customers are the scenario's."""
        del customers
        return [World(BASE, self._scenario, Who(), None)]


def study_of(scenario: Scenario, *, replications: int) -> ReadingsStudy | None:
    """Return the study of all claims that a scenario can be asked; None without any.

    Parameters
    ----------
    scenario
        With the customers of each replication.
    replications
        Populations, at least 1.

    Raises
    ------
    ScenarioError
        If an arm does not fit the scenario, with the line of the claims' file.
    """
    published, root = read_published()
    claims = [c for c in published.claims if missing_in(c, scenario) is None]
    readings: dict[str, Contrast] = {}
    for claim in claims:
        own = {name: _contrast(claim, r, published) for name, r in claim.readings.items()}
        if "causal" in own and "as_measured" in own:
            own[GAP] = Contrast(own["as_measured"].effect, less=own["causal"].effect)
        readings |= {name_of(claim.id, name): contrast for name, contrast in own.items()}
    if not readings:
        return None
    study = ReadingsStudy(
        _file(published, readings, scenario, replications), root, scenario, readings
    )
    check_names(study)
    check_world(study, study.worlds()[0])
    return study


def _file(
    published: Published, readings: Mapping[str, Contrast], scenario: Scenario, replications: int
) -> StudyFile:
    """Return the file of a study that asks for these readings and for nothing else."""
    values = {v for contrast in readings.values() for v in contrast.values}
    groups = _needed({v.group for v in values}, published)
    arms = {v.arm for v in values} | {
        under for g in published.groups if g.name in groups for under in _under(g.where)
    }
    return StudyFile(
        id="PUBLISHED", title="Claims of the trade", family="claims", source=_SOURCE,
        base=Base(scenario=scenario.id), replications=replications, before="status_quo",
        arms=tuple(a for a in published.arms if a.name in arms or a.control),
        groups=tuple(g for g in published.groups if g.name in groups),
        outcomes=tuple(o for o in published.outcomes if o.name in {v.outcome for v in values}),
        claims=tuple(
            Claim(id=name, title=name, kind="sign", found=Found(sign="+"),
                  lacks=None, effect={"outcome": c.effect.first.outcome, "arm": c.effect.first.arm})
            for name, c in readings.items()
        ),
    )  # fmt: skip


def _contrast(claim: PublishedClaim, reading: Reading, published: Published) -> Contrast:
    control = next(a.name for a in published.arms if a.control)
    if reading.effect is not None:
        asked = Claim(
            id=claim.id,
            title=claim.title,
            kind="sign",
            found=Found(sign="+"),
            effect=reading.effect,
        )
        return contrasts_of(asked, control, BASE)[0]
    assert reading.share is not None
    share = reading.share
    part = Value(share.outcome, share.arm, share.group, BASE, total=True)
    whole = Value(share.outcome, share.arm, share.of, BASE, total=True)
    return Contrast(Pairing(part, part, "value"), over=Pairing(whole, whole, "value"))


def _needed(groups: set[str], published: Published) -> set[str]:
    """Return groups with those that they are made of."""
    by_name = {g.name: g for g in published.groups}
    found: set[str] = set()
    left = [name for name in groups if name in by_name]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += [c.group for c in by_name[name].where if c.group is not None]
    return found


def _under(conditions: Iterable[Condition]) -> set[str]:
    return {c.under for c in conditions if c.under is not None}
