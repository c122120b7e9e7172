"""The public API of strategies: what one is, and what a brand knows before the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

from omnilab.errors import nearest
from omnilab.scenario.goods import goods_in
from omnilab.strategy.choice_check import validate_choices
from omnilab.strategy.decisions import EVENT_KINDS, Choices, Decisions, Events

if TYPE_CHECKING:
    from omnilab.scenario.model import Cap, Channel, Journey, QuietHours, Scenario, Wiring
    from omnilab.strategy.plan import Plan

__all__ = [
    "EVENT_KINDS",
    "Brand",
    "BrandChannel",
    "BrandGood",
    "Choices",
    "Decides",
    "Decisions",
    "Events",
    "Learns",
    "Strategy",
    "validate_choices",
]


class Strategy(Protocol):
    """A marketing strategy: a name, a plan, and up to two hooks.

    A class with ``name`` and ``plan`` is a strategy. It needs no base class. It may also have
    ``decide``, which is asked about each message that is due, and ``learn``, which is told once a
    simulated day what came back. The engine enforces caps, consent and quiet hours.
    """

    @property
    def name(self) -> str:
        """The name in reports: at most 64 lower-case letters, digits, _ and -.

        A plain attribute is enough.
        """
        ...

    def plan(self, brand: Brand) -> Plan:
        """Return what the strategy does, as data: the same plan for the same brand."""
        ...


class Decides(Strategy, Protocol):
    """A strategy that decides message by message, such as a model."""

    def decide(self, pending: Decisions) -> Choices:
        """Return the answer for each message that is due.

        Rows come in batches of any size and order. The answer for a row must not depend on the
        other rows.
        """
        ...


class Learns(Strategy, Protocol):
    """A strategy that learns while it runs, such as a bandit."""

    def learn(self, observed: Events) -> None:
        """Take in the receipts and orders since the last call, of all profiles."""
        ...


@dataclass(frozen=True)
class BrandChannel:
    """A channel as the brand knows it before the run, without any rate of customers' answers.

    Attributes
    ----------
    name, silo
        The channel, and the silo of the team that runs it.
    visits
        Customers can go there.
    messages
        Messages can be sent over it.
    search
        It is a paid search result.
    ad
        Its messages are ads.
    address
        Type of identifier that a message needs, None without a message side.
    cost
        Of a message, in the brand's currency; 0 without a message side.
    """

    name: str
    silo: str
    visits: bool
    messages: bool
    search: bool
    ad: bool
    address: str | None
    cost: float


@dataclass(frozen=True)
class BrandGood:
    """A good as the brand knows it, without anything about customers' tastes.

    Attributes
    ----------
    name, category
        The good, and its category by name.
    price
        In the brand's currency.
    group
        Its author, brand or series; None without one.
    arrives
        The day of the window on which it comes, None where it is there from the start.
    """

    name: str
    category: str
    price: float
    group: str | None
    arrives: int | None


@dataclass(frozen=True)
class Brand:
    """What a brand knows before the run, read-only.

    Channels and categories are in the scenario's order, which is that of the numbers in
    `Decisions` and `Events`.

    Attributes
    ----------
    channels, silos, categories
        The scenario's; silos and categories by name.
    journeys
        The scenario's, for a plan to take, change or leave out.
    cap
        The scenario's; a plan may lower it. None where there is none.
    quiet_hours
        The scenario's, None where there are none.
    tick_s
        Seconds between the ticks on which all strategies send.
    currency
        Code of three letters.
    wiring
        The scenario's silo map, which a plan has that names none.
    goods
        The scenario's, over all categories in their order: that of the columns of goods in
        `Decisions`, `Choices` and `Events`.
    creatives, themes
        Names of the scenario's creatives that are ready, and of its themes.
    """

    channels: tuple[BrandChannel, ...]
    silos: tuple[str, ...]
    categories: tuple[str, ...]
    journeys: tuple[Journey, ...]
    cap: Cap | None
    quiet_hours: QuietHours | None
    tick_s: int
    currency: str
    wiring: Wiring
    goods: tuple[BrandGood, ...] = ()
    creatives: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()

    @classmethod
    def of(cls, scenario: Scenario) -> Self:
        """Return the brand's view of a scenario."""
        return cls(
            channels=tuple(_channel(c) for c in scenario.channels),
            silos=scenario.silos,
            categories=tuple(c.name for c in scenario.categories),
            journeys=scenario.brand.journeys,
            cap=scenario.brand.cap,
            quiet_hours=scenario.brand.quiet_hours,
            tick_s=scenario.time.tick,
            currency=scenario.currency,
            wiring=scenario.brand.wiring,
            goods=tuple(
                BrandGood(g.name, scenario.categories[n].name, g.price, g.group, g.arrives)
                for n, g in goods_in(scenario.categories)
            ),
            creatives=tuple(c.name for c in scenario.brand.creatives),
            themes=scenario.brand.themes.names if scenario.brand.themes else (),
        )

    def journey(self, name: str) -> Journey:
        """Return the scenario's journey of this name.

        Raises
        ------
        LookupError
            If it has none; the message has the nearest name.
        """
        for journey in self.journeys:
            if journey.name == name:
                return journey
        raise LookupError(f"no journey {name!r}{nearest(name, [j.name for j in self.journeys])}")

    def channel(self, name: str) -> BrandChannel:
        """Return the channel of this name.

        Raises
        ------
        LookupError
            If there is none; the message has the nearest name.
        """
        for channel in self.channels:
            if channel.name == name:
                return channel
        raise LookupError(f"no channel {name!r}{nearest(name, [c.name for c in self.channels])}")


def _channel(spec: Channel) -> BrandChannel:
    message = spec.message
    return BrandChannel(
        name=spec.name,
        silo=spec.silo,
        visits=spec.visit is not None,
        messages=message is not None,
        search=spec.search is not None,
        ad=message is not None and message.ad,
        address=message.address if message else None,
        cost=message.cost if message else 0.0,
    )
