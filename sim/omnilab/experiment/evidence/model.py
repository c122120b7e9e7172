"""A published experiment as a file has it: who took part, under which arms, and what was found.

One file holds one study with all its claims. What is declared here is checked by itself; that its
names fit together is checked in `omnilab.experiment.evidence.names`, that they fit the scenario in
`omnilab.experiment.evidence.fits`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from omnilab.experiment.evidence.fields import (
    Changes,
    Figure,
    Id,
    Names,
    Part,
    Words,
    exactly_one,
)
from omnilab.experiment.evidence.findings import As, Claim, Compared, Effect, Found, Side
from omnilab.experiment.evidence.people import (
    WITH_AMOUNTS,
    Condition,
    Did,
    Group,
    Only,
    Who,
)
from omnilab.parameters.quantity import Duration, Line, Name, Prose, Share
from omnilab.scenario.schema import plain_schema

__all__ = [
    "WITH_AMOUNTS",
    "Arm",
    "As",
    "Base",
    "BaseRate",
    "Claim",
    "Compared",
    "Condition",
    "Effect",
    "Found",
    "Group",
    "Only",
    "Outcome",
    "Part",
    "Side",
    "Source",
    "StudyFile",
    "Who",
    "WorldChange",
    "evidence_schema",
]


class Source(Part):
    """Where it was published and how it was read."""

    citation: Line = Field(description="Authors, year, outlet.")
    where: Line = Field("", description="Address, DOI or file.")
    how_read: Line = Field(description="What the figures rest on: full text, abstract, secondary.")
    design: Line = Field(description="RCT, natural experiment ...")
    setting: Line = Field("", description="Firm, country, channel.")
    n: Line = Field("", description="How many took part, as published.")


class Base(Part):
    """The world in which it is tried."""

    scenario: str = Field(description="Id of a shipped scenario, or a path beside this file.")
    changes: Changes = Field(
        {}, description="Values by dotted key of the scenario, such as world.intent.threshold."
    )
    overlay: dict[str, Any] = Field(
        {},
        description="Nested keys over the scenario, as in a file that extends it: named items of "
        "lists are merged by name, presets can be named.",
    )


class Arm(Part):
    """A strategy, or one changed, or a changed world."""

    name: Name
    control: bool = Field(False, description="What the others are held against; exactly one arm.")
    title: Line = ""
    strategy: str | None = Field(
        None,
        description="Name, file or plug-in, as for compare; the scenario's status quo by default. "
        "A path is beside this file.",
    )
    without: Names = Field(
        (), description="Journeys of the strategy that do not run, or `all` of them."
    )
    keep: Names = Field((), description="Journeys of the strategy that run; no others do.")
    journeys: tuple[Any, ...] = Field(
        (),
        description="Journeys that are added, or that change the one of their name key by key, "
        "or presets, as in a strategy file.",
    )
    plan: Changes = Field(
        {}, description="Values by dotted key of the plan, such as journeys.cart.steps[0].delay."
    )
    world: Changes = Field(
        {},
        description="Values by dotted key of the scenario; they hold from the warm-up's beginning.",
    )
    share: Share | None = Field(
        None,
        description="Of who takes part, at random. All arms have one, or none: then the same "
        "persons live under each arm, as twins.",
    )
    meets: BaseRate | None = Field(
        None,
        description="A published figure of this arm that is an input and no claim, such as the "
        "opens of a better subject line, and the one key of its `world` that is moved to meet it.",
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.keep and self.without:
            raise ValueError("keep: give keep or without, not both")
        return self


class WorldChange(Part):
    """A variant of the base world in which the arms are tried too, such as another population."""

    name: Name
    changes: Changes = Field({}, description="As those of `base`.")
    overlay: dict[str, Any] = Field({}, description="As that of `base`.")
    who: Who | None = Field(None, description="In place of the study's.")
    base_rate: BaseRate | None = Field(None, description="In place of the study's.")


class Outcome(Part):
    """A number of each arm: exactly one of measure, count, any, sum."""

    name: Name
    measure: Name | None = Field(None, description="A measure of the catalogue.")
    count: Did | None = Field(None, description="Rows of a kind for each participant.")
    any: Did | None = Field(None, description="Share of participants with one such row or more.")
    sum: Words | None = Field(None, description="Other outcomes, added up.")
    less: Words = Field((), description="With `sum`: outcomes that are subtracted.")
    over: Name | None = Field(None, description="With `sum`: the outcome that it is divided by.")
    only: Only = Only()
    period: Literal["window", "run_out", "test"] | tuple[Duration, Duration] = Field(
        "window",
        description="What is counted: of the window, the run-out, both, or from and to, since the "
        "start, such as [7d, 14d].",
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = ("measure", "count", "any", "sum")
        exactly_one(self, kinds, "an outcome", self.name)
        if self.sum is None and (self.less or self.over):
            raise ValueError("sum: `less` and `over` only go with it")
        if isinstance(self.period, tuple) and self.period[0] >= self.period[1]:
            raise ValueError("period: ends before it begins")
        return self


class BaseRate(Part):
    """What was published of an arm, and the one parameter that is moved to meet it."""

    outcome: Name
    group: Name | None = None
    published: Figure = Field(description="The control arm's figure, in the outcome's unit.")
    move: str = Field(description="Dotted key of a number of the scenario; nothing else moves.")
    range: tuple[Any, Any] = Field(description="Between which values, as a scenario writes them.")
    within: Annotated[Share, Field(gt=0)] = Field(
        0.01, description="How near is near enough, as a share of the published figure."
    )
    because: Line = Field("", description="Why this parameter, and the range's source.")

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        if self.published <= 0:
            raise ValueError(
                f"published: a base rate is above 0, {self.published:g} is not; leave base_rate out"
                " where none is known"
            )
        return self


class StudyFile(Part):
    """A file of `scenarios/evidence`."""

    id: Id
    title: Line
    family: Line = Field(description="As in the list of experiments: A display and social ads.")
    source: Source
    mapping: Prose = Field("", description="How the setting was mapped, and what is assumed.")
    base: Base | None = None
    customers: Annotated[int, Field(ge=10, le=10**7)] = Field(
        4000, description="Simulated, of whom `who` takes part."
    )
    replications: Annotated[int, Field(ge=1, le=1000)] = Field(
        1, description="Independent populations; 10 or more where cells are coupled."
    )
    warm_up: Duration | None = Field(None, description="Before the test; the scenario's burn-in.")
    window: Duration | None = Field(None, description="Of the test; the scenario's window.")
    run_out: Duration | None = Field(
        None, description="After it, so that orders only brought forward show; the scenario's."
    )
    before: Literal["control", "status_quo"] = Field(
        "control", description="Under what the warm-up runs: the control arm or the status quo."
    )
    who: Who = Who()
    arms: tuple[Arm, ...] = ()
    worlds: tuple[WorldChange, ...] = Field(
        (), description="Variants of the base; without any there is the base alone."
    )
    groups: tuple[Group, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    base_rate: BaseRate | None = None
    claims: Annotated[tuple[Claim, ...], Field(min_length=1)]


Arm.model_rebuild()
WorldChange.model_rebuild()


def evidence_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of files of evidence."""
    schema = plain_schema(StudyFile)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "omnilab evidence file",
    }
