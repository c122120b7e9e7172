"""What files of evidence say of findings: what is compared, and what came of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from omnilab.experiment.evidence.fields import Figure, Id, Part, exactly_one
from omnilab.parameters.quantity import Line, Name, Prose
from omnilab.scenario.problem import FieldError

__all__ = ["As", "Claim", "Compared", "Effect", "Found", "Side"]

As = Literal["difference", "relative", "ratio", "odds", "value", "total"]


def _read_sign(value: object) -> object:
    return "0" if value == 0 and not isinstance(value, bool) else value


def _two_ratios(part: Any) -> Any:
    """Return a claim or a part of one, if its second ratio has all that it needs."""
    if part.less_over is not None and (part.less is None or part.over is None):
        raise ValueError("less_over: only goes with both `less` and `over`")
    return part


class Side(Part):
    """One side of a comparison; what is left out is as on the other side."""

    outcome: Name | None = None
    arm: Name | None = None
    group: Name | None = None
    world: Name | None = None


class Effect(Side):
    """An arm held against another: ``arm`` less ``against``, the control by default."""

    against: Name | Side | None = Field(
        None, description="An arm, or what is otherwise there: {arm, group, world, outcome}."
    )
    as_: As = Field(
        "difference",
        alias="as",
        description="difference: a - b; relative: a / b - 1; ratio: a / b; odds: the ratio of odds "
        "- 1; value: a alone; total: a - b, of the group's sums for each participant of the study, "
        "so that the parts of groups add up.",
    )


class Compared(Part):
    """An effect, one that is subtracted from it, and one that it is divided by."""

    effect: Effect
    less: Effect | None = Field(
        None, description="A second effect that is subtracted; what is left out is as in `effect`."
    )
    over: Effect | None = Field(
        None, description="A second effect that it is divided by; what is left out is as there."
    )
    less_over: Effect | None = Field(
        None,
        description="What `less` is divided by, so that `over` divides `effect` alone: a ratio "
        "less a ratio.",
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        return _two_ratios(self)


class Found(Part):
    """What was published of a claim, in the unit of its effect."""

    sign: Annotated[Literal["+", "-", "0"], BeforeValidator(_read_sign)] = Field(
        description="More, less or no difference; in quotes, since YAML takes a bare - for a list."
    )
    value: Figure | None = None
    interval: tuple[Figure, Figure] | None = None
    within: Figure | None = Field(
        None, description="Of sign 0: the largest difference that still counts as none."
    )
    note: Line = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.sign == "0" and (self.within is None or self.within <= 0):
            raise ValueError("within: sign 0 needs the largest difference that counts as none, > 0")
        if self.sign != "0" and self.within is not None:
            raise ValueError("within: only goes with sign 0")
        if self.interval is not None:
            low, high = self.interval
            if low > high:
                raise ValueError(f"interval: {low:g} is above {high:g}")
            if self.value is not None and not low <= self.value <= high:
                raise ValueError(f"interval: {self.value:g} is not between {low:g} and {high:g}")
        return self


class Claim(Part):
    """One thing that the study says; ``effect`` or ``all_of``, or the mechanism that it lacks."""

    id: Id
    title: Line
    kind: Literal["sign", "size", "ordering"]
    found: Found
    effect: Effect | None = None
    less: Effect | None = Field(None, description="As in `all_of`.")
    over: Effect | None = Field(None, description="As in `all_of`.")
    less_over: Effect | None = Field(None, description="As in `all_of`.")
    all_of: Annotated[tuple[Compared, ...], Field(min_length=2)] | None = Field(
        None, description="Each of these has the sign; the one nearest to failing is shown."
    )
    threshold: Figure = Field(
        0.0, description="What the sign is of: the effect less this, such as 1 for a ratio."
    )
    pair: Name | None = Field(None, description="Claims of a pair are right only together.")
    lacks: Line | None = Field(
        None, description="The mechanism without which the model can't express it."
    )
    informed: Line = Field(
        "",
        description="What the model took from this study, such as the sign of a parameter: a right "
        "answer is then no prediction.",
    )
    how_read: Line = Field("", description="Where it differs from that of the source.")
    note: Prose = Field("", description="How the claim was mapped, what is assumed.")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = ("effect", "all_of", "lacks")
        exactly_one(self, kinds, "a claim", self.id)
        if self.effect is None and (self.less or self.over or self.less_over):
            raise ValueError("effect: `less` and `over` only go with it")
        _two_ratios(self)
        if self.lacks is not None and self.informed:
            raise ValueError("informed: what is not simulated predicts nothing anyway")
        if self.threshold and self.kind == "size":
            raise ValueError("threshold: a size has none: its sign is that of the effect")
        unsaid = self.found.value is None and self.found.interval is None
        if self.kind == "size" and unsaid and self.lacks is None:
            raise FieldError("a size needs a value or an interval", "found")
        return self
