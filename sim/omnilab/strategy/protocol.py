"""The public API of strategies: what one is, and what a brand knows before the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

from omnilab.errors import nearest
from omnilab.strategy.decisions import EVENT_KINDS, Choices, Decisions, Events, validate_choices

if TYPE_CHECKING:
    from omnilab.scenario.model import Cap, Channel, Journey, QuietHours, Scenario
    from omnilab.strategy.plan import Plan

__all__ = [
    "EVENT_KINDS",
    "Brand",
    "BrandChannel",
    "Choices",
    "Decides",
    "Decisions",
    "Events",
    "Learns",
    "Strategy",
    "validate_choices",
]


class Strategy(Protocol):
    """A marketing strategy: a name and a plan, and where it wants them two hooks.

    A class with these two is a strategy; it inherits nothing. It may also have ``decide``
    (`Decides`), asked for each message that is due, and ``learn`` (`Learns`), told once a
    simulated day what came back. The engine keeps caps, consent and quiet hours, not the strategy.
    """

    @property
    def name(self) -> str:
        """Lower-case letters, digits, _ and -, at most 64; a plain attribute will do."""
        ...

    def plan(self, brand: Brand) -> Plan:
        """Return what the strategy does, as data; the same for the same brand."""
        ...


class Decides(Strategy, Protocol):
    """A strategy that decides message by message, such as a model."""

    def decide(self, pending: Decisions) -> Choices:
        """Answer each row by itself: rows come in batches of any size and order."""
        ...


class Learns(Strategy, Protocol):
    """A strategy that learns while it runs, such as a bandit."""

    def learn(self, observed: Events) -> None:
        """Take in what came back since the last call."""
        ...


@dataclass(frozen=True)
class BrandChannel:
    """A channel as the brand knows it before the run: nothing of how customers answer."""

    name: str
    silo: str
    visits: bool  # customers can go there
    messages: bool  # messages can be sent over it
    search: bool  # paid search
    ad: bool  # its messages are ads
    address: str | None  # type of identifier that a message needs
    cost: float  # of a message, in the brand's currency; 0 without a message side


@dataclass(frozen=True)
class Brand:
    """What a brand knows before the run, read-only.

    Channels and categories are in the scenario's order, which is that of the numbers in
    `Decisions` and `Events`.
    """

    channels: tuple[BrandChannel, ...]
    silos: tuple[str, ...]
    categories: tuple[str, ...]
    journeys: tuple[Journey, ...]  # the scenario's
    cap: Cap | None  # the scenario's; a plan may lower it
    quiet_hours: QuietHours | None
    tick_s: int  # all strategies send on the same ticks
    currency: str

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
