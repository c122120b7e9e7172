"""What the checks ask of a scenario: who sees what, and where the user wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from omnilab.log.act_kinds import ACT_KINDS
from omnilab.scenario.places import teller_of
from omnilab.scenario.preset import is_preset_file
from omnilab.scenario.tree import Step, dotted, find
from omnilab.scenario.wiring import laid_wiring

if TYPE_CHECKING:
    from omnilab.errors import ScenarioError
    from omnilab.scenario.model import Channel, Journey, Scenario
    from omnilab.scenario.tree import Node

__all__ = ["Beside", "Look", "listed"]

Path = tuple[Step, ...]


class Beside(NamedTuple):
    """What of a strategy's plan the checks look at, where a command was given strategies."""

    journeys: tuple[Journey, ...]
    capped: bool  # whether the plan has a frequency cap of its own


@dataclass(frozen=True)
class Look:
    """A scenario beside the tree that it was read from, and the plans that are to run in it."""

    scenario: Scenario
    root: Node
    beside: tuple[Beside, ...] = ()

    def at(self, path: Path, message: str) -> ScenarioError:
        """Return a finding at a key, on the line of the user's that is nearest above it.

        The key may be a preset's, or a default that no file has.
        """
        node = self.root
        for step in path:
            below, there = find(node, (step,))
            if not there or is_preset_file(below.file):
                break
            node = below
        _, written = find(self.root, path)
        key = dotted(written, self.root)
        for step in path[len(written) :]:
            key += f".{step}" if key else str(step)
        return node.error(message, key)

    def wrote(self, path: Path) -> bool:
        """Tell whether the user's own files have the key, not only a preset or a default."""
        node, there = find(self.root, path)
        return there == path and not is_preset_file(node.file)

    def own(self, path: Path) -> bool:
        """Tell whether the file that the user named has the key, not only what it extends."""
        node, there = find(self.root, path)
        return there == path and node.file == self.root.file

    @cached_property
    def sees(self) -> dict[str, set[str]]:
        """Silos that can see an event of a person, by event.

        A visit is seen where the channel shows an identifier. An order is also seen where it asks
        for one. A message is opened and clicked where its channel's rates are above 0. A
        permission is given at an order. A survey is answered where agents answer questions and
        an identifier is shown.
        """
        channels = self.scenario.channels
        seen: dict[str, set[str]] = {
            event: set() for event in ("visit", "browse", "cart", "order", "open", "click")
        }
        seen["signup"] = set()
        seen |= self._acts()
        teller = teller_of(channels)
        seen["near"] = set() if teller is None else {teller.silo}
        seen["referral"] = seen["order"]  # at the friend's order, by the link
        seen["restock"] = self._restocked()
        seen["bad_survey"] = set()
        seen["tier"] = seen["bad_experience"] = seen["order"]  # by what was shown at an order
        seen["arrival"] = set()  # below: who sees what is looked at and bought
        seen["reply"], seen["accept"] = set(), set()
        sells = any(c.visit and c.visit.completes > 0 for c in channels)
        for channel in channels:
            for event in self._seen_in(channel):
                seen[event].add(channel.silo)
            message = channel.message
            for act in channel.acts:
                seen["signup"] |= {self.silo_of[name] for name in act.allows}
            if message and (message.signs_up_visit > 0 or (message.signs_up > 0 and sells)):
                seen["signup"].add(channel.silo)
        self._tell(seen)
        seen["arrival"] = seen["browse"] | seen["order"]
        return seen

    def _acts(self) -> dict[str, set[str]]:
        """Return the silos that see each act: where it is done, and that it hands an address to.

        It is seen on a profile: where the visit shows an identifier, or the act gives one.
        """
        seen: dict[str, set[str]] = {kind.name: set() for kind in ACT_KINDS if kind.starts}
        for channel in self.scenario.channels:
            for act in channel.acts:
                if act.act in seen:
                    seen[act.act] |= {channel.silo, *(self.silo_of[c] for c in act.allows)}
        return seen

    def _restocked(self) -> set[str]:
        """Return the silos of the places whose units come again, where a visit shows who waits."""
        found = set()
        for place in self.scenario.stock.places:
            ordered = any(g.review or g.order_point is not None for g in place.goods)
            found |= set(place.channels) if ordered else set()
        shows = (c for c in self.scenario.channels if c.visit and c.visit.identifiers)
        return {c.silo for c in shows if c.name in found}

    def _tell(self, seen: dict[str, set[str]]) -> None:
        """Add what the silo map tells: a team sees all of its silos', a tool what feeds tell it."""
        teams, feeds = laid_wiring(self.scenario.brand.wiring, self.scenario)
        own = {event: set(silos) for event, silos in seen.items()}
        for feed in feeds:
            for event in feed.events:
                if own[event] & set(feed.source):
                    seen[event] |= set(feed.target)
        for silos in seen.values():
            for team in teams:
                if silos & set(team):
                    silos |= set(team)

    def _seen_in(self, channel: Channel) -> list[str]:
        events = ["bad_survey"] if self._surveys(channel) else []
        if channel.visit:
            shown = [x for x in channel.visit.identifiers if x.share > 0]
            carried = any(
                c.message is not None and c.message.landing == channel.name and c.message.click > 0
                for c in self.scenario.channels
            )
            if carried or any(x.when == "visit" for x in shown):
                events += ["visit", "browse"]
                events += ["cart"] if channel.visit.completes > 0 else []
            if (carried or shown) and channel.visit.completes > 0:
                events.append("order")
        if channel.message and channel.name in self.sent_over:
            events += ["open"] if channel.message.open > 0 else []
            events += ["click"] if channel.message.click > 0 else []
            if channel.message.reply > 0:
                events.append("accept" if channel.message.invites else "reply")
        return events

    def _surveys(self, channel: Channel) -> bool:
        """Tell whether who asked a question on a channel is surveyed and known again."""
        contact = self.scenario.brand.contact
        if contact is None or contact.survey is None or contact.survey.unhappy <= 0:
            return False
        asked = any(channel.name in team.channels for team in contact.agents)
        shown = channel.visit.identifiers if channel.visit else ()
        return asked and any(x.share > 0 and x.when == "visit" for x in shown)

    @cached_property
    def sent_over(self) -> set[str]:
        """Names of the channels that some message uses, of the scenario's journeys or a plan's."""
        plans = (journey for plan in self.beside for journey in plan.journeys)
        return {
            name
            for journey in (*self.scenario.brand.journeys, *plans)
            for step in journey.steps
            if step.message
            for name in step.message.channels
        }

    @cached_property
    def silo_of(self) -> dict[str, str]:
        """Silo by channel name."""
        return {c.name: c.silo for c in self.scenario.channels}

    def reach_of(self, channel: Channel) -> list[float]:
        """Return the share of each persona with customers that can be reached over a channel.

        As in the model, a channel without a visit follows the first place of its silo: a push
        needs the app. A persona's own share for the channel itself comes first.
        """
        beside = (c for c in self.scenario.channels if c.silo == channel.silo and c.visit)
        lead = channel if channel.visit else next(beside, channel)
        usual = lead.visit.reach if lead.visit else 1.0
        own = self.persona_share("reach", channel.name)
        leads = self.persona_share("reach", lead.name)
        return [
            next(share for share in (one, other, usual) if share is not None)
            for one, other in zip(own, leads, strict=True)
        ]

    def persona_share(self, field: str, channel: str) -> list[float | None]:
        """Return what each persona with customers gives for a channel, None where it gives none."""
        people = [p for p in self.scenario.population.personas if p.share > 0]
        return [getattr(p, field).get(channel) for p in people]


def listed(names: list[str] | set[str]) -> str:
    """Write names as ``a, b and c``."""
    names = sorted(names) if isinstance(names, set) else list(names)
    if not names:
        return "none"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
