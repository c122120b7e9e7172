"""The scenario: a frozen, validated description of customers, channels and the brand's means.

Its parts stand in files of their own, and all of them can be imported from here.

Each default names where it comes from: a key of the table of sources in ``parameters.md``,
with its kind: V vendor, S survey, I independent, P peer-reviewed, D derived, A assumption.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from omnilab._arguments import known_arguments, shown
from omnilab.errors import OptionError, ScenarioError, nearest
from omnilab.parameters.declared import key as declared
from omnilab.parameters.quantity import Line, Prose, ScenarioId, Share
from omnilab.scenario.accounts import accounts_problem
from omnilab.scenario.acts import acts_problem
from omnilab.scenario.branches import steps_problem
from omnilab.scenario.budget_check import budget_problems
from omnilab.scenario.calendar import MOST_DAYS, Time
from omnilab.scenario.changes import MOST_CHANGES, Change, changes_problem
from omnilab.scenario.channels import (
    MAX_SHOWN,
    Channel,
    IdentifierType,
    MessageSide,
    SearchSide,
    Shown,
    VisitSide,
)
from omnilab.scenario.contact import contact_problem
from omnilab.scenario.content import Article, Series, content_problem
from omnilab.scenario.crm import crm_problem
from omnilab.scenario.customers import (
    MAX_CLASSES,
    MAX_PERSONAS,
    Category,
    ClassSpend,
    CustomerClass,
    Dropout,
    EarlyRepeats,
    Entry,
    History,
    Persona,
    Population,
    Spend,
)
from omnilab.scenario.dates import days_problem, journey_days_problem
from omnilab.scenario.fulfilment_check import check_fulfilment
from omnilab.scenario.goods import goods_problem
from omnilab.scenario.inflow import inflow_problem
from omnilab.scenario.journeys import (
    Event,
    Journey,
    Message,
    Split,
    Step,
    Trigger,
    WaitFor,
)
from omnilab.scenario.leeway import creatives_problem
from omnilab.scenario.means import MAX_JOURNEYS, MOST_CAP, Brand, Cap, Loyalty, QuietHours
from omnilab.scenario.media import Flight, media_problem
from omnilab.scenario.offers import Gift, Offer, offers_problem
from omnilab.scenario.part import (
    SHOWN_WORDS,
    Frozen,
    known,
    no_messages,
    no_silos,
    unique,
    unknown_in,
    unknown_shown,
)
from omnilab.scenario.places import (
    Near,
    Place,
    hours_problem,
    near_problem,
    places_problem,
    teller_problem,
)
from omnilab.scenario.problem import FieldError, FieldsError
from omnilab.scenario.programme import programme_problem
from omnilab.scenario.split_tests import tests_problem
from omnilab.scenario.stock import StockPlan, check_stock
from omnilab.scenario.themes import themes_problem
from omnilab.scenario.wiring import Feed, Wiring, wiring_problem
from omnilab.scenario.word import word_problem
from omnilab.world.mechanisms import World
from omnilab.world.needs import need_stride

__all__ = [
    "MAX_CATEGORIES",
    "MAX_CHANNELS",
    "MAX_CLASSES",
    "MAX_JOURNEYS",
    "MAX_PERSONAS",
    "MAX_SHOWN",
    "MAX_SILOS",
    "MOST_CAP",
    "MOST_DAYS",
    "MOST_NEEDS",
    "MOST_SPENT",
    "Article",
    "Brand",
    "Cap",
    "Category",
    "Channel",
    "ClassSpend",
    "CustomerClass",
    "Dropout",
    "EarlyRepeats",
    "Entry",
    "Event",
    "Feed",
    "Flight",
    "Frozen",
    "Gift",
    "History",
    "IdentifierType",
    "Journey",
    "Loyalty",
    "Message",
    "MessageSide",
    "Near",
    "Offer",
    "Persona",
    "Place",
    "Population",
    "QuietHours",
    "Scenario",
    "SearchSide",
    "Series",
    "Shown",
    "Spend",
    "Split",
    "Step",
    "Time",
    "Trigger",
    "VisitSide",
    "WaitFor",
    "Wiring",
]

MAX_CHANNELS = 32
MAX_SILOS = 16
MAX_CATEGORIES = 50
MOST_NEEDS = 1 << 24  # numbers for the needs of a person, spread over the categories
MOST_SPENT = 1e10  # by the persons of one cell, currency units: sums are whole milli-cents


class Scenario(Frozen):
    """A frozen set of parameters: who, where, how they answer, and what the brand may do."""

    id: ScenarioId
    title: Line = ""
    description: Prose = ""
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "EUR"
    discount_rate: Share = 0.10  # a year, package example
    time: Time = Time()
    population: Population
    categories: Annotated[tuple[Category, ...], Field(min_length=1, max_length=MAX_CATEGORIES)]
    channels: Annotated[tuple[Channel, ...], Field(min_length=1, max_length=MAX_CHANNELS)]
    places: tuple[Place, ...] = declared(
        (),
        "Stores, rivals' stores and boards of each town; homes, workplaces and ways come with "
        "them, of `world.places`.",
        without="Nothing is anywhere: no visit takes a way.",
        came_later=True,
    )
    changes: Annotated[tuple[Change, ...], Field(max_length=MOST_CHANGES)] = declared(
        (),
        "Dated changes of the world: what persons like and need from a day on, and what is closed.",
        without="The world stays as it is.",
        came_later=True,
    )
    world: World = World()
    brand: Brand = Brand()
    stock: StockPlan = declared(
        StockPlan(),
        "Places that hold units, and how these are supplied.",
        came_later=True,
    )
    strategies: tuple[str, ...] = (
        "no_contact",
        "single_channel",
        "multichannel",
        "cross_channel",
        "omnichannel",
    )
    assumed: tuple[str, ...] = ()  # dotted keys of assumptions, shown beside the result
    fitted: dict[str, tuple[Line, Line]] = declared(
        {},
        "Dotted keys of fitted numbers, each with both ends of its 95% interval as a file writes "
        "them: `hangs` moves them as it moves assumptions.",
        without="No number is known to be fitted.",
        came_later=True,
    )

    @property
    def silos(self) -> tuple[str, ...]:
        """The silos in the order in which the channels first name them."""
        return tuple(dict.fromkeys(c.silo for c in self.channels))

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        names = [c.name for c in self.channels]
        unique(names, "channel")
        unique([c.name for c in self.categories], "category")
        unique([j.name for j in self.brand.journeys], "journey")
        if len(self.silos) > MAX_SILOS:
            raise ValueError(f"at most {MAX_SILOS} silos, these channels name {len(self.silos)}")
        visits = [c.name for c in self.channels if c.visit]
        messages = [c.name for c in self.channels if c.message]
        if not visits:
            raise ValueError("no channel has a `visit` side: nobody could buy")
        for c in self.channels:
            for side in (c.message, c.search):
                if side is not None and side.landing not in visits:
                    what = "message" if side is c.message else "search"
                    hint = nearest(side.landing, visits) or f"; people go to {', '.join(visits)}"
                    raise FieldError(
                        f"unknown {side.landing!r}{hint}", "channels", c.name, what, "landing"
                    )
            for identifier in c.visit.identifiers if c.visit else ():
                if identifier.carries is not None:
                    known(identifier.carries, self.silos, f"channels.{c.name}: carries")
        if wrong_names := list(self._unknown_channels(names, messages)):
            raise FieldsError(wrong_names)
        check_fulfilment(self.channels, self.population)
        problem = wiring_problem(self.brand.wiring, self)
        if problem is not None:
            place, message = problem
            raise FieldError(message, "brand", "wiring", *place)
        if wrong_theme := themes_problem(self):
            place, message = wrong_theme
            raise FieldError(message, "brand", *place)
        if wrong_leeway := creatives_problem(self):
            place, message = wrong_leeway
            raise FieldError(message, "brand", *place)
        self._can_ask()
        journeys = [j.name for j in self.brand.journeys]
        for below, wrong in budget_problems(self.brand.budgets, journeys, self):
            raise FieldError(wrong, "brand", "budgets", *below)
        problem = word_problem(self)
        if problem is not None:
            place, message = problem
            raise FieldError(message, *place)
        problem = crm_problem(self)
        if problem is not None:
            place, message = problem
            raise FieldError(message, "brand", "crm", *place)
        for check in (
            acts_problem, goods_problem, programme_problem, offers_problem, changes_problem,
            media_problem, content_problem, inflow_problem, accounts_problem,
        ):  # fmt: skip
            problem = check(self)
            if problem is not None:
                place, message = problem
                raise FieldError(message, *place)
        for n, journey in enumerate(self.brand.journeys):
            if found := steps_problem(journey, self.channels):
                below, message = found
                raise FieldError(message, "brand", "journeys", n, *below)
        if wrong_arm := tests_problem(self):
            place, message = wrong_arm
            raise FieldError(message, "brand", *place)
        self._has_dates()
        self._shows_categories()
        self._is_somewhere()
        if self.population.histories and len(self.categories) != 1:
            raise ValueError("population.histories: needs a scenario with one category")
        check_stock(self)
        self._can_be_counted()
        return self

    def _unknown_channels(
        self, names: Sequence[str], messages: Sequence[str]
    ) -> Iterator[FieldError]:
        """Yield each place where a persona or journey names a channel or silo that is not there."""
        for p in self.population.personas:
            for field in ("prefers", "reach", "opt_in"):
                for name in getattr(p, field):
                    if name not in names:
                        wrong = f"unknown {name!r}{nearest(name, names)}; there are"
                        wrong += f" {', '.join(names)}"
                        yield FieldError(wrong, "population", "personas", p.name, field)
        for j in self.brand.journeys:
            at = ("brand", "journeys", j.name)
            if wrong := no_silos(j.sequence, self.silos):
                yield FieldError(wrong, *at, "sequence")
            for k, step in enumerate(j.steps):
                used = step.message.channels if step.message else ()
                if unknown := [name for name in used if name not in messages]:
                    wrong = no_messages(unknown, names, messages)
                    yield FieldError(wrong, *at, "steps", k, "message", "channels")

    def _can_ask(self) -> None:
        """Refuse questions that nobody answers, and agents that are never asked."""
        contact = self.brand.contact
        if contact is None:
            if self.world.questions.before > 0.0:
                raise FieldError(
                    "questions that no channel answers: set brand.contact, such as"
                    " {agents: [{channels: [call]}]}",
                    "world", "questions", "before",
                )  # fmt: skip
            return
        if problem := contact_problem(contact, self):
            place, message = problem
            raise FieldError(message, "brand", "contact", *place)

    def _has_dates(self) -> None:
        """Refuse days that can't be, and invitations to where nobody can be written to."""
        writing = [c.name for c in self.channels if c.message and not c.message.ad]
        for n, channel in enumerate(self.channels):
            side = channel.message
            if side is None:
                continue
            if wrong := days_problem(self.time, side.from_day, side.to_day):
                raise FieldError(wrong[1], "channels", n, "message", wrong[0])
            if side.invites is not None and side.invites not in writing:
                raise FieldError(
                    f"no channel {side.invites!r} that has a `message` side and shows no ads"
                    f"{nearest(side.invites, writing)}",
                    "channels", n, "message", "invites",
                )  # fmt: skip
        for n, journey in enumerate(self.brand.journeys):
            if wrong := journey_days_problem(self.time, journey):
                raise FieldError(wrong[1], "brand", "journeys", n, wrong[0])

    def _shows_categories(self) -> None:
        """Refuse a message that shows what is neither a word for it nor a category."""
        names = [c.name for c in self.categories]
        for n, journey in enumerate(self.brand.journeys):
            for k, step in enumerate(journey.steps):
                if step.message and (wrong := unknown_in(step.message.shows, names)):
                    several = not isinstance(step.message.shows, str)
                    raise FieldError(
                        unknown_shown(wrong, names if several else (*SHOWN_WORDS, *names)),
                        *("brand", "journeys", n, "steps", k, "message", "shows"),
                    )

    def _is_somewhere(self) -> None:
        """Refuse places that can't be, and triggers that wait for a position nobody knows."""
        problem = places_problem(self.places, self.channels, self.categories, self.world)
        if problem is not None:
            raise FieldError(problem[1], "places", *problem[0])
        if self.places and (hours := hours_problem(self.world.places)):
            raise FieldError(hours[1], "world", "places", hours[0])
        if wrong := teller_problem(self.channels):
            name, message = wrong
            n = [c.name for c in self.channels].index(name)
            raise FieldError(message, "channels", n, "visit", "tells_position")
        for n, journey in enumerate(self.brand.journeys):
            problem = near_problem(
                journey.trigger, journey.near, self.places, self.channels, self.world.places
            )
            if problem is not None:
                raise FieldError(problem[1], "brand", "journeys", n, *problem[0])

    def _can_be_counted(self) -> None:
        """Refuse more needs than can be numbered, and more money than sums can hold."""
        length = self.time.burn_in + self.time.window + self.time.run_out
        people = self.population
        often = max(p.needs for p in people.personas)
        often *= max((k.needs for k in people.classes), default=1.0)
        dear = max((k.spend.times for k in people.classes), default=1.0)
        persons = people.most_of_a_cell
        for c in self.categories:
            needs = length / c.every * often
            if needs > MOST_NEEDS // need_stride(len(self.categories)):
                raise ValueError(
                    f"categories.{c.name}.every: a person would have {needs:,.0f} needs in the"
                    f" {length // 86400} days that are simulated, of which at most"
                    f" {MOST_NEEDS // need_stride(len(self.categories)):,} can be counted"
                )
            spent = persons * max(needs, 1.0) * c.spend.mean * dear
            if spent > MOST_SPENT:
                raise ValueError(
                    f"categories.{c.name}.spend.mean: the persons of one cell would spend"
                    f" {spent:,.0f} {self.currency}, of which at most {MOST_SPENT:,.0f} can be"
                    " counted; amounts of so much are better given in thousands"
                )

    def with_customers(self, customers: int) -> Scenario:
        """Return the same scenario with another population size."""
        return self.changed({"population": {"customers": customers}})

    @known_arguments
    def changed(self, patch: Mapping[str, Any]) -> Scenario:
        """Return a validated copy in which the nested ``patch`` replaces values.

        Mappings are merged key by key; a list replaces the whole list.

        Raises
        ------
        ScenarioError
            Where the changed scenario is not valid, with the key.
        """
        from omnilab.scenario.problem import unwritten_problem

        _check_patch(patch)
        data = _merge(self.model_dump(), patch)
        try:
            context = {"currency": data.get("currency"), "seconds": True}
            return Scenario.model_validate(data, context=context)
        except ValidationError as invalid:
            raise unwritten_problem(invalid, data, Scenario) from None


def _check_patch(patch: object) -> None:
    """Refuse what is no patch, and dotted keys, which other libraries take."""
    if not isinstance(patch, Mapping):
        raise OptionError(f"patch: {shown(patch)} is no mapping such as {{'brand': {{...}}}}")
    for key in patch:
        if not isinstance(key, str):
            raise OptionError(f"patch: {shown(key)} is no key of a scenario")
        above, dot, rest = key.partition(".")
        if dot and above in Scenario.model_fields:
            nested = f"{{{above!r}: {{{rest!r}: ...}}}}"
            raise ScenarioError(f"write {nested} in place of a dotted key", key=key)


def _merge(base: dict[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(base)
    for key, value in patch.items():
        old = out.get(key)
        out[key] = (
            _merge(old, value) if isinstance(old, dict) and isinstance(value, Mapping) else value
        )
    return out
