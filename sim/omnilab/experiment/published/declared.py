"""Claims of the trade as the package's file has them: what was published, and its two readings."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from omnilab._files.yaml_lines import read_yaml
from omnilab.experiment.evidence.fields import Figure, Id, Part, Words, exactly_one
from omnilab.experiment.evidence.findings import Effect
from omnilab.experiment.evidence.model import Arm, Outcome
from omnilab.experiment.evidence.people import Group
from omnilab.parameters.quantity import Line, Name
from omnilab.scenario.load import validate_tree

if TYPE_CHECKING:
    from omnilab._files.yaml_tree import Node

__all__ = ["KINDS", "READINGS", "Published", "PublishedClaim", "Reading", "read_published"]

FILE: Final = Path(__file__).parent / "claims.yaml"
#: The readings of a claim, in the order in which they are shown.
READINGS: Final = ("causal", "as_measured", "unwritten")
KINDS: Final = {"V": "vendor", "S": "survey", "I": "measurement", "P": "peer-reviewed"}


class ShareOf(Part):
    """A group's part of another, both by an outcome that each of them has."""

    outcome: Name
    arm: Name
    group: Name
    of: Name


class Reading(Part):
    """What is compared: an effect as in files of evidence, or a share."""

    effect: Effect | None = None
    share: ShareOf | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        exactly_one(self, ("effect", "share"), "a reading", "it")
        return self


class Needs(Part):
    """What a scenario must have, so that the claim can be asked in it."""

    channels: Words | None = None
    scenario: str | None = None


class PublishedClaim(Part):
    """One claim.

    ``value``, ``interval`` or ``at_least`` is the published figure in the unit of its readings;
    ``lacks`` says why none can be simulated.
    """

    id: Id
    title: Line
    published: Line
    value: Figure | None = None
    interval: tuple[Figure, Figure] | None = None
    at_least: Figure | None = None
    kind: Literal["V", "S", "I", "P"]
    source: Line
    who: Line
    needs: Needs = Needs()
    causal: Reading | None = None
    as_measured: Reading | None = None
    unwritten: Reading | None = Field(
        None, description="As measured, where nobody is written to: selection by itself."
    )
    no_causal: Line | None = None
    lacks: Line | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        exactly_one(self, ("as_measured", "lacks"), "a claim", self.id)
        if self.lacks is None:
            exactly_one(self, ("causal", "no_causal"), "a claim", self.id)
            exactly_one(self, ("value", "interval", "at_least"), "a claim", self.id)
        return self

    @property
    def range(self) -> tuple[float, float] | None:
        """The published figure from where to where; None without a number."""
        if self.interval is not None:
            return self.interval
        if self.at_least is not None:
            return self.at_least, float("inf")
        return None if self.value is None else (self.value, self.value)

    @property
    def readings(self) -> dict[str, Reading]:
        """The readings that it has, by name."""
        found = {name: getattr(self, name) for name in READINGS}
        return {name: reading for name, reading in found.items() if reading is not None}


class Published(Part):
    """All claims, and what they are asked with."""

    arms: tuple[Arm, ...]
    groups: tuple[Group, ...]
    outcomes: tuple[Outcome, ...]
    claims: Annotated[tuple[PublishedClaim, ...], Field(min_length=1)]


def read_published(path: Path = FILE) -> tuple[Published, Node]:
    """Return the claims, and the tree that knows the lines.

    Raises
    ------
    ScenarioError
        If anything in the file is wrong, with its line.
    """
    return _read(path)


@cache
def _read(path: Path) -> tuple[Published, Node]:
    root = read_yaml(path)
    return validate_tree(Published, root), root
