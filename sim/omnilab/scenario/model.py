"""The scenario: a frozen, validated description of customers, channels and the brand's means.

Each default names where it comes from: a key of the table of sources in ``parameters.md``,
with its kind: V vendor, S survey, I independent, P peer-reviewed, D derived, A assumption.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeAlias

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)

from omnilab.errors import nearest
from omnilab.log.identifier_types import TYPES
from omnilab.parameters.quantity import (
    DAY,
    Amount,
    Clock,
    Duration,
    Index,
    Logit,
    Name,
    ScenarioId,
    Shape,
    Share,
)
from omnilab.world.mechanisms import World

__all__ = [
    "MAX_CATEGORIES",
    "MAX_CHANNELS",
    "MAX_JOURNEYS",
    "MAX_SILOS",
    "Brand",
    "Cap",
    "Category",
    "Channel",
    "Journey",
    "Message",
    "Population",
    "Scenario",
]

MAX_CHANNELS = 32
MAX_SILOS = 16
MAX_CATEGORIES = 50
MAX_JOURNEYS = 60
MOST_CAP = 30  # messages that a frequency cap counts
MAX_PERSONAS = 16
MAX_SHOWN = 8  # identifiers of a visit
MOST_NEEDS = 1 << 24  # numbers for the needs of a person, spread over the categories
MOST_SPENT = 1e10  # by the persons of one cell, currency units: sums are whole milli-cents
MOST_DAYS = 10950  # of burn-in, window and run-out: what the engine's queue can order

if TYPE_CHECKING:
    IdentifierType: TypeAlias = str
else:
    IdentifierType = Literal[TYPES]
Trigger = Literal["signup", "browse", "cart", "order", "weekly"]
Event = Literal["open", "click", "visit", "cart", "order"]


class Frozen(BaseModel):
    """A part of a scenario: immutable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Time(Frozen):
    """The simulated calendar: burn-in under the status quo, measured window, run-out."""

    start: date = Field(default=date(2025, 1, 6), description="first local day")
    zone: str = Field(default="Europe/Amsterdam", description="IANA time zone of the customers")
    burn_in: Duration = 90 * 86400
    window: Annotated[Duration, Field(gt=0)] = 365 * 86400
    run_out: Duration = 30 * 86400
    tick: Annotated[Duration, Field(ge=60)] = 900

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        from zoneinfo import ZoneInfo, available_timezones

        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            hint = nearest(zone, available_timezones())
            raise ValueError(f"no such time zone {zone!r}{hint}") from None
        return zone

    @model_validator(mode="after")
    def _whole_ticks(self) -> Self:
        if 86400 % self.tick:
            raise ValueError("tick must divide a day")
        if self.window < 2 * 86400:
            raise ValueError("window must be at least 2d")
        if self.burn_in + self.window + self.run_out > MOST_DAYS * 86400:
            raise ValueError(
                f"burn_in, window and run_out must be at most {MOST_DAYS}d together (30 years)"
            )
        return self


class Entry(Frozen):
    """A cohort that arrives with its first order, as in a log cut by first purchase."""

    over: Annotated[Duration, Field(gt=0)]
    by_week: Annotated[
        tuple[Annotated[float, Field(ge=0, le=1e12)], ...], Field(max_length=5_300)
    ] = ()

    @field_validator("by_week")
    @classmethod
    def _somebody_enters(cls, by_week: tuple[float, ...]) -> tuple[float, ...]:
        if by_week and not sum(by_week) > 0:
            raise ValueError("nobody enters in any week: one number at least must be above 0")
        return by_week


class Dropout(Frozen):
    """Leaving after an order by itself: one chance a person, Beta(a, b) over persons."""

    a: Annotated[float, Field(gt=0, le=1e9)] = 0.793  # CDNOW, Fader, Hardie & Lee 2005 (P)
    b: Annotated[float, Field(gt=0, le=1e9)] = 2.426  # CDNOW (P)


class Persona(Frozen):
    """A latent class of customers: how often they need, where they like to go, what they allow."""

    name: Name
    share: Share
    needs: Annotated[float, Field(gt=0, le=100)] = 1.0
    phone: Share = 0.55  # share of web visits on the phone (A)
    prefers: dict[Name, Logit] = {}
    opt_in: dict[Name, Share] = {}
    reach: dict[Name, Share] = {}


class History(Frozen):
    """Customers with the same purchase history: where it leaves them, as `fit --forecast` says it.

    Rates and chances to leave are of those who are still customers; they stand in the place of
    the population's laws, and the categories' spread of spend.
    """

    share: Annotated[float, Field(gt=0, le=1e9)]  # of all customers, or any weight
    alive: Share  # chance to be a customer still when the scenario starts
    orders: Annotated[int, Field(ge=1, le=10**6)]  # so far
    every: Annotated[Duration, Field(gt=0)]  # between needs, at the mean rate
    shape: Shape  # gamma heterogeneity of rates in the group
    dropout: Dropout
    spend: Annotated[Amount, Field(gt=0)]  # mean of an order
    q: Annotated[Shape, Field(gt=1)]  # spread of the mean over the group, as of `Spend`


class Population(Frozen):
    """Who is simulated: households of persons, in cells that may share identifiers."""

    customers: Annotated[int, Field(ge=1, le=10**9)] = 10_000
    households_per_cell: Annotated[int, Field(ge=1, le=16)] = 2
    household_sizes: tuple[Share, ...] = (0.37, 0.33, 0.13, 0.11, 0.06)  # Eurostat-like (A)
    prior_buyers: Share = 0.5  # (A)
    dropout: Dropout = Dropout()
    entry: Entry | None = None
    histories: Annotated[tuple[History, ...], Field(max_length=1000)] = ()
    personas: Annotated[tuple[Persona, ...], Field(min_length=1, max_length=MAX_PERSONAS)]

    @model_validator(mode="after")
    def _shares_add_up(self) -> Self:
        _adds_up(self.household_sizes, "household_sizes")
        if not 1 <= len(self.household_sizes) <= 8:
            raise ValueError("household_sizes: 1 to 8 sizes")
        _adds_up([p.share for p in self.personas], "the shares of personas")
        _unique([p.name for p in self.personas], "persona")
        if self.histories and self.entry is not None:
            raise ValueError("histories are of customers who are there: without `entry`")
        return self

    @model_serializer(mode="wrap")
    def _without_no_histories(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what was not there before, so that other scenarios keep their digests."""
        data: dict[str, Any] = write(self)
        if not self.histories:
            data.pop("histories", None)
        return data


class Spend(Frozen):
    """Gamma-Gamma spend: an order is Gamma(p, nu), a person's nu is Gamma(q, gamma)."""

    mean: Annotated[Amount, Field(gt=0, le=1e8)]
    p: Shape = 6.25  # CDNOW, Fader & Hardie 2013 (P)
    q: Annotated[float, Field(gt=1, le=1e9)] = 3.74  # CDNOW (P)


class Category(Frozen):
    """What customers need: how often, for how much, and how long they wait for it."""

    name: Name
    every: Annotated[Duration, Field(gt=0)]
    shape: Shape = 1.0  # gamma heterogeneity of rates over persons
    regularity: Annotated[int, Field(ge=1, le=8)] = 1  # Erlang-k gaps; 2 is grocery (BTYDplus, I)
    spend: Spend
    margin: Share = 0.40  # (A)
    returns: Share = 0.05  # (A)
    latent: Duration = 3 * 86400  # mean time until the person notices the need (A)
    patience: Annotated[Duration, Field(gt=0)] = 21 * 86400  # mean time until it is gone (A)
    rival: Share = 0.5  # of needs gone, those bought elsewhere (A)
    season: tuple[Index, ...] = (1.0,) * 12

    @field_validator("season")
    @classmethod
    def _twelve(cls, season: tuple[float, ...]) -> tuple[float, ...]:
        if len(season) != 12:
            raise ValueError("season needs 12 monthly indices")
        return season


class Shown(Frozen):
    """An identifier that a visit shows, and how often; `carries` names the silo it comes from."""

    type: IdentifierType
    share: Share
    carries: Name | None = None
    when: Literal["visit", "order"] = "visit"  # on arrival, or only where one orders


class VisitSide(Frozen):
    """What going to a channel is like."""

    utility: Logit = 0.0
    completes: Share = 0.30  # of carts, bought in the same visit: 1 - .7019, BAYMARD (I)
    identifiers: Annotated[tuple[Shown, ...], Field(max_length=MAX_SHOWN)] = ()
    phone_logit: Logit = 0.0  # phone against PC in checkout
    opens: Clock = 0
    closes: Clock = 86400
    commission: Share = 0.0
    reach: Share = 1.0  # share of persons who can go there at all
    idle: Annotated[float, Field(ge=0, le=10_000)] = 0.0  # visits without a need, a week
    devices: bool = False  # by phone or computer, each with cookies of its own
    typed: bool = False  # identifiers are spoken or keyed at a till: typing errors
    service: bool = False  # takes service contacts


class MessageSide(Frozen):
    """What a message over a channel meets; rates are population means at one message a week."""

    address: IdentifierType
    delivered: Share
    open: Share
    click: Share  # of delivered, as published rates are
    opt_out: Share
    complaint: Share = 0.0
    cost: Annotated[Amount, Field(ge=0, le=1e6)]
    weight: Annotated[float, Field(ge=0, le=1_000)] = 1.0  # in contact pressure (A)
    open_delay: Duration = 20520  # median 5.7 h, GETR (V)
    open_sigma: Annotated[float, Field(ge=0, le=4)] = 2.42  # GETR (V/D)
    landing: Name
    opt_in: Share = 1.0  # share that has allowed it at the start
    signs_up: Share = 0.0  # chance to allow it at an order where not yet allowed
    ad: bool = False  # wears out with repetition instead of raising pressure

    @model_validator(mode="after")
    def _order(self) -> Self:
        if self.click > self.open + 1e-12:
            raise ValueError("click is a share of delivered and can't exceed open")
        return self


class SearchSide(Frozen):
    """A paid search result: shown when a person with a need searches."""

    searches: Share = 0.30  # share of attempts that begin with a search (A)
    click: Share = 0.0317  # WORDSTREAM (V)
    cost: Annotated[Amount, Field(ge=0, le=1e6)] = 2.69  # CPC, WORDSTREAM (V)
    landing: Name = "web"


class Channel(Frozen):
    """A place where brand and customer meet: its silo, and its visit, message or search side."""

    name: Name
    title: str = ""
    silo: Name
    visit: VisitSide | None = None
    message: MessageSide | None = None
    search: SearchSide | None = None

    @model_validator(mode="after")
    def _has_a_side(self) -> Self:
        if self.visit is None and self.message is None and self.search is None:
            raise ValueError("a channel needs `visit`, `message` or `search`")
        return self


class Message(Frozen):
    """One message step: what it shows and the cascade of channels that carries it."""

    shows: Literal["cart", "viewed", "bought", "generic"] = "generic"
    offer: Annotated[Share, Field(le=0.9)] = 0.0
    quality: Annotated[float, Field(ge=-3, le=3)] = 0.0  # creative's own logit, scenario-owned
    channels: Annotated[tuple[Name, ...], Field(min_length=1, max_length=8)]
    fallback_after: Annotated[Duration, Field(gt=0)] = 86400
    success: Literal["sent", "delivered", "opened", "clicked"] = "opened"


class Split(Frozen):
    """Go on only where the profile fits, else skip steps or leave."""

    has: Literal["cart", "viewed", "order", "no_order"]
    otherwise: Literal["exit", "skip"] = "exit"
    skip: Annotated[int, Field(ge=1, le=16)] = 1


class WaitFor(Frozen):
    """Hold the copy until an event is seen, at most `up_to`."""

    event: Event
    up_to: Annotated[Duration, Field(gt=0)]
    otherwise: Literal["continue", "exit"] = "continue"


class Step(Frozen):
    """One node of a journey; exactly one of the keys."""

    delay: Annotated[Duration, Field(gt=0)] | None = None
    message: Message | None = None
    wait_for: WaitFor | None = None
    split: Split | None = None
    cohort: Share | None = None
    exit: Literal[True] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [k for k in type(self).model_fields if getattr(self, k) is not None]
        if len(given) != 1:
            raise ValueError(
                "a step has exactly one of delay, message, wait_for, split, cohort, exit"
            )
        return self


class Journey(Frozen):
    """A flow that a trigger enters: steps, the events that end it, the silos it runs over."""

    name: Name
    trigger: Trigger
    sequence: Annotated[tuple[Name, ...], Field(min_length=1)]
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=32)]
    until: tuple[Event, ...] = ()
    cooldown: Duration = 0
    weekday: Annotated[int, Field(ge=0, le=6)] = 1  # of a weekly trigger, Monday is 0
    at: Clock = 36000


class Cap(Frozen):
    """At most so many messages a profile in a period; rolling, or by local calendar days."""

    messages: Annotated[int, Field(ge=1, le=MOST_CAP)]
    per: Annotated[Duration, Field(gt=0)]


class QuietHours(Frozen):
    """The local-time window without sends."""

    start: Clock = 75600
    end: Clock = 28800

    @model_validator(mode="after")
    def _leave_time_to_send(self) -> Self:
        if abs(self.end - self.start) == DAY:  # equal ones are none, which a warning says
            raise ValueError(
                "end: quiet hours of the whole day leave no time to send; "
                "write quiet_hours: null for none"
            )
        return self


class Loyalty(Frozen):
    """Points: one for each unit of currency; a full card gives its worth off the next order."""

    card: Annotated[int, Field(ge=0, le=10**9)] = 0  # points on a full card; 0: no programme
    worth: Annotated[Amount, Field(ge=0)] = 0.0


class Brand(Frozen):
    """The brand's means, the same for every strategy."""

    status_quo: str = "multichannel"
    journeys: Annotated[tuple[Journey, ...], Field(max_length=MAX_JOURNEYS)] = ()
    cap: Cap | None = Cap(messages=4, per=7 * 86400)
    quiet_hours: QuietHours | None = QuietHours()
    cookie_ttl: Duration = 30 * 86400  # a cookie not seen for so long is forgotten (A)
    unique: tuple[IdentifierType, ...] = ("login", "loyalty")
    loyalty: Loyalty = Loyalty()
    control: Share = 0.0  # global control group


class Scenario(Frozen):
    """A frozen set of parameters: who, where, how they answer, and what the brand may do."""

    id: ScenarioId
    title: str = ""
    description: str = ""
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "EUR"
    discount_rate: Share = 0.10  # a year, package example
    time: Time = Time()
    population: Population
    categories: Annotated[tuple[Category, ...], Field(min_length=1, max_length=MAX_CATEGORIES)]
    channels: Annotated[tuple[Channel, ...], Field(min_length=1, max_length=MAX_CHANNELS)]
    world: World = World()
    brand: Brand = Brand()
    strategies: tuple[str, ...] = (
        "no_contact",
        "single_channel",
        "multichannel",
        "cross_channel",
        "omnichannel",
    )
    assumed: tuple[str, ...] = ()  # dotted keys of assumptions, shown beside the result

    @property
    def silos(self) -> tuple[str, ...]:
        """The silos in the order in which the channels first name them."""
        return tuple(dict.fromkeys(c.silo for c in self.channels))

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        names = [c.name for c in self.channels]
        _unique(names, "channel")
        _unique([c.name for c in self.categories], "category")
        _unique([j.name for j in self.brand.journeys], "journey")
        if len(self.silos) > MAX_SILOS:
            raise ValueError(f"at most {MAX_SILOS} silos, these channels name {len(self.silos)}")
        visits = [c.name for c in self.channels if c.visit]
        messages = [c.name for c in self.channels if c.message]
        if not visits:
            raise ValueError("no channel has a `visit` side: nobody could buy")
        for c in self.channels:
            for side in (c.message, c.search):
                if side is not None:
                    _known(side.landing, visits, f"channels.{c.name}: landing")
            for shown in c.visit.identifiers if c.visit else ():
                if shown.carries is not None:
                    _known(shown.carries, self.silos, f"channels.{c.name}: carries")
        for p in self.population.personas:
            for field in ("prefers", "reach", "opt_in"):
                for name in getattr(p, field):
                    _known(name, names, f"population.personas.{p.name}.{field}")
        for j in self.brand.journeys:
            for silo in j.sequence:
                _known(silo, self.silos, f"brand.journeys.{j.name}.sequence")
            for step in j.steps:
                for name in step.message.channels if step.message else ():
                    where = f"brand.journeys.{j.name}: message channel"
                    more = "; add it to channels, or give the journey `steps` of its own"
                    _known(name, messages, where, more)
        if self.population.histories and len(self.categories) != 1:
            raise ValueError("population.histories: needs a scenario with one category")
        if self.population.entry and self.population.entry.over > self.time.window:
            raise ValueError("population.entry.over is longer than the window")
        self._can_be_counted()
        return self

    def _can_be_counted(self) -> None:
        """Refuse more needs than can be numbered, and more money than sums can hold."""
        length = self.time.burn_in + self.time.window + self.time.run_out
        often = max(p.needs for p in self.population.personas)
        people = self.population
        persons = people.households_per_cell * len(people.household_sizes)
        for c in self.categories:
            needs = length / c.every * often
            if needs > MOST_NEEDS // self.need_stride:
                raise ValueError(
                    f"categories.{c.name}.every: a person would have {needs:,.0f} needs in the"
                    f" {length // 86400} days that are simulated, of which at most"
                    f" {MOST_NEEDS // self.need_stride:,} can be counted"
                )
            spent = persons * max(needs, 1.0) * c.spend.mean
            if spent > MOST_SPENT:
                raise ValueError(
                    f"categories.{c.name}.spend.mean: the persons of one cell would spend"
                    f" {spent:,.0f} {self.currency}, of which at most {MOST_SPENT:,.0f} can be"
                    " counted; amounts of so much are better given in thousands"
                )

    @property
    def need_stride(self) -> int:
        """What lies between the numbers of two needs of one category: at least one a category."""
        return max(4, 1 << (len(self.categories) - 1).bit_length())

    def with_customers(self, customers: int) -> Scenario:
        """Return the same scenario with another population size."""
        return self.changed({"population": {"customers": customers}})

    def changed(self, patch: dict[str, Any]) -> Scenario:
        """Return a validated copy in which the nested ``patch`` replaces values.

        Mappings are merged key by key; a list replaces the whole list.

        Raises
        ------
        ScenarioError
            Where the changed scenario is not valid, with the key.
        """
        from omnilab.scenario.problem import unwritten_problem

        data = _merge(self.model_dump(), patch)
        try:
            context = {"currency": data.get("currency"), "seconds": True}
            return Scenario.model_validate(data, context=context)
        except ValidationError as invalid:
            raise unwritten_problem(invalid, data, Scenario) from None


def _merge(base: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    out = dict(base)
    for key, value in patch.items():
        old = out.get(key)
        out[key] = (
            _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
        )
    return out


def _adds_up(shares: Any, what: str) -> None:
    total = sum(shares)
    if abs(total - 1) > 1e-6:
        raise ValueError(f"{what} must add up to 1, they add up to {total:.4g}")


def _unique(names: list[str], what: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two {what}s are named {name!r}")


def _known(name: str, valid: Any, where: str, more: str = "") -> None:
    if name not in valid:
        raise ValueError(f"{where}: unknown {name!r}{nearest(name, valid)}{more}")
