"""A published experiment as a file has it: who took part, under which arms, and what was found.

One file holds one study with all its claims. What is declared here is checked by itself; that its
names fit together, and fit the scenario, is checked in `omnilab.experiment.evidence.declared`.
"""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, Final, Literal, Self, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from omnilab._files.messages import shown
from omnilab.parameters.quantity import Duration, Line, Name, Prose, Share
from omnilab.scenario.problem import FieldError
from omnilab.scenario.schema import plain_schema

__all__ = [
    "WITH_AMOUNTS",
    "Arm",
    "As",
    "Base",
    "BaseRate",
    "Claim",
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

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_NUMBER = re.compile(r"([+-]?)\s*([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*(%?)")


def _read_id(value: object) -> str:
    if isinstance(value, str) and _ID.fullmatch(value):
        return value
    raise ValueError(
        f"{shown(value)} is no id: letters, digits, _ and -, a letter first, such as LEW14"
    )


def _read_figure(value: object) -> float:
    """Read ``5%``, ``-17%``, ``+0.05`` or ``1.3`` and return a plain number, shares 0..1."""
    if isinstance(value, bool):
        raise ValueError(f"{shown(value)} is no number, such as 5% or 1.3")
    if isinstance(value, int | float):
        number = float(value)
        if not math.isfinite(number):
            raise ValueError(f"{shown(value)} is no number that could have been found")
        return number
    match = _NUMBER.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{shown(value)} is no number, such as 5%, -17% or 1.3")
    number = float(match[2]) / (100.0 if match[3] else 1.0)
    return -number if match[1] == "-" else number


def _read_sign(value: object) -> object:
    return "0" if value == 0 and not isinstance(value, bool) else value


def _read_words(value: object) -> object:
    """Take one word where a list of them is meant."""
    return [value] if isinstance(value, str) else value


_FIGURE_SCHEMA = {
    "anyOf": [{"type": "number"}, {"type": "string", "pattern": "^[+-]?[0-9.]+%?$"}],
    "examples": ["5%", "-17%", 1.3],
}
Id = Annotated[
    str,
    BeforeValidator(_read_id),
    WithJsonSchema({"type": "string", "pattern": f"^{_ID.pattern}$", "examples": ["LEW14"]}),
]
Figure = Annotated[float, BeforeValidator(_read_figure), WithJsonSchema(_FIGURE_SCHEMA)]
Words: TypeAlias = Annotated[tuple[Name, ...], BeforeValidator(_read_words), Field(min_length=1)]
Count = Annotated[int, Field(ge=0, le=10**9)]
#: Values by dotted key, as a scenario file writes them.
Changes = dict[str, Any]

#: What a person does or has done to them, counted in the log by these names.
Did = Literal[
    "need", "visit", "view", "cart", "cart_left", "give_up", "order", "return", "need_lost",
    "service", "bad_experience", "left", "tip", "opt_in", "sent", "delivered", "bounce", "open",
    "click", "unsubscribe", "spamreport", "stop_all",
]  # fmt: skip
When = Literal["before", "window", "run_out", "test"]
#: What has an amount of money -> the field of its rows that holds it.
WITH_AMOUNTS: Final = {"order": "paid", "cart": "amount", "return": "refund", "need": "value"}
As = Literal["difference", "relative", "ratio", "odds", "value", "total"]


class Part(BaseModel):
    """A part of a file: an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


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


class Only(Part):
    """What of the log counts; rows that are of no channel, category or journey always do."""

    channel: Words | None = Field(None, description="Visits, orders, sends ... on these channels.")
    category: Words | None = Field(None, description="Of needs of these categories.")
    not_category: Words | None = Field(None, description="Of needs of all other categories.")
    journey: Words | None = Field(None, description="Messages of these journeys.")
    offer: Literal["used", "not_used"] | None = Field(
        None, description="Orders with a discount, or without."
    )
    led: bool | None = Field(
        None, description="Visits, and orders after one, to which a message led; false: all others."
    )
    paid: bool | None = Field(
        None, description="The same of visits to which a paid click led; false: all others."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.category and self.not_category:
            raise ValueError("not_category: give category or not_category, not both")
        return self


class Condition(Part):
    """One thing that must hold of a person; exactly one of did, persona, reachable, cart, any_of.

    ``did`` counts rows of the log, or adds up what was paid, over a time.
    """

    did: Did | None = Field(None, description="What is counted.")
    persona: Words | None = Field(None, description="One of these personas.")
    reachable: Words | None = Field(
        None, description="The brand has an address with permission on one of these at the start."
    )
    cart: Literal["open"] | None = Field(
        None, description="A cart was left and its need is neither bought nor lost at the start."
    )
    group: Name | None = Field(None, description="In that group.")
    any_of: tuple[Condition, ...] | None = Field(None, description="One of these at least holds.")
    within: Duration | None = Field(
        None, description="Of `did`, `cart`: at most so long before the start; else ever."
    )
    when: When = Field(
        "before",
        description="Of `did`: before the test, in its window, in its run-out, or in both.",
    )
    under: Name | None = Field(
        None, description="Arm under which it is counted after the start; the control by default."
    )
    only: Only = Only()
    at_least: Count | None = Field(None, description="Of `did`; 1 by default.")
    at_most: Count | None = Field(None, description="Of `did`; 0 is never.")
    channels: Count | None = Field(
        None, description="Of `did`: on so many different channels at least."
    )
    top: Share | None = Field(
        None,
        description="Of `did`: the share with the highest counts, of those for whom the conditions "
        "before this one hold.",
    )
    bottom: Share | None = Field(None, description="The same with the lowest counts.")
    amount: bool = Field(
        False,
        description="Of `did: order`, `cart`, `return` or `need`: rank or bound by the money, in "
        "the currency, not by how many there are.",
    )
    negate: bool = Field(False, description="It must not hold.")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = ("did", "persona", "reachable", "cart", "group", "any_of")
        given = [k for k in kinds if getattr(self, k) is not None]
        if len(given) != 1:
            raise ValueError(
                f"a condition has exactly one of {', '.join(kinds)}; this has"
                f" {' and '.join(given) or 'none'}"
            )
        counted = ("at_least", "at_most", "channels", "top", "bottom")
        used = [k for k in counted if getattr(self, k) is not None]
        if used and self.did is None:
            raise ValueError(f"{used[0]}: only goes with `did`")
        if self.top is not None and self.bottom is not None:
            raise ValueError("bottom: give top or bottom, not both")
        if self.amount and self.did not in WITH_AMOUNTS:
            raise ValueError(f"amount: only goes with `did` {', '.join(WITH_AMOUNTS)}")
        if self.within is not None and self.when != "before":
            raise ValueError("within: only goes with `when: before`")
        if self.under is not None and self.when == "before":
            raise ValueError("under: before the test nobody is under an arm; give `when` too")
        low, high = self.at_least, self.at_most
        if low is not None and high is not None and low > high:
            raise ValueError(f"at_most: {high} is below at_least, {low}")
        return self


class Who(Part):
    """Who takes part: those for whom all of ``where`` holds, of them a share at random."""

    share: Annotated[Share, Field(gt=0)] = Field(1.0, description="Of those, at random.")
    where: tuple[Condition, ...] = Field((), description="All of these hold when it starts.")


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
    without: Literal["all"] | Words = Field(
        (), description="Journeys of the strategy that do not run, or `all` of them."
    )
    keep: Words = Field((), description="Journeys of the strategy that run; no others do.")
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
    changes: Changes = {}
    overlay: dict[str, Any] = {}
    who: Who | None = Field(None, description="In place of the study's.")
    base_rate: BaseRate | None = Field(None, description="In place of the study's.")


class Group(Part):
    """Some of those who take part; all conditions hold."""

    name: Name
    where: Annotated[tuple[Condition, ...], Field(min_length=1)]


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
        given = [k for k in kinds if getattr(self, k) is not None]
        if len(given) != 1:
            raise ValueError(
                f"an outcome has exactly one of {', '.join(kinds)}; {self.name} has"
                f" {' and '.join(given) or 'none'}"
            )
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
    how_read: Line = Field("", description="Where it differs from that of the source.")
    note: Prose = Field("", description="How the claim was mapped, what is assumed.")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = ("effect", "all_of", "lacks")
        given = [k for k in kinds if getattr(self, k) is not None]
        if len(given) != 1:
            raise ValueError(
                f"a claim has exactly one of {', '.join(kinds)}; {self.id} has"
                f" {' and '.join(given) or 'none'}"
            )
        if self.effect is None and (self.less or self.over):
            raise ValueError("effect: `less` and `over` only go with it")
        if self.threshold and self.kind == "size":
            raise ValueError("threshold: a size has none: its sign is that of the effect")
        unsaid = self.found.value is None and self.found.interval is None
        if self.kind == "size" and unsaid and self.lacks is None:
            raise FieldError("a size needs a value or an interval", "found")
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


Condition.model_rebuild()
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
