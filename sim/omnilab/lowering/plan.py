"""From a plan to the arrays that kernels read."""

from __future__ import annotations

import zlib
from collections.abc import Set
from typing import Any, Final

import numpy as np

from omnilab.brand.codes import (
    EVENTS,
    HAS,
    OP_COHORT,
    OP_DELAY,
    OP_EXIT,
    OP_MESSAGE,
    OP_SPLIT,
    OP_WAIT,
    RECOMMENDS,
    SHOW_NAMED,
    SHOWS,
)
from omnilab.brand.plan import Journey as JourneyRecord
from omnilab.brand.plan import LoweredPlan, Rules
from omnilab.brand.plan import Step as StepRecord
from omnilab.brand.points import LoweredPoints
from omnilab.brand.sharing import CHOICES, NUMBERS, Sharing
from omnilab.brand.wiring import LoweredFeed
from omnilab.kernels.record import names_of, record_array
from omnilab.log.act_kinds import ACT_KINDS, ACTS
from omnilab.log.identifier_types import TYPES
from omnilab.lowering.arms import lower_arm, lower_tests
from omnilab.lowering.goods import lower_arrivals
from omnilab.lowering.leeway import lower_contents, lower_creatives, lower_ready, ready_quality
from omnilab.lowering.money import fixed_costs, lower_bids, lower_budgets
from omnilab.lowering.programme import (
    count_rules,
    lower_members_step,
    lower_score,
    lower_target_rules,
    lower_tier_rules,
)
from omnilab.lowering.themes import lower_calendar, lower_calendar_of, lower_creative
from omnilab.scenario.dates import seconds_of
from omnilab.scenario.model import Journey, Scenario, Step
from omnilab.scenario.wiring import laid_wiring, wiring_of
from omnilab.strategy.plan import Plan
from omnilab.world.advertising import MILLICENTS
from omnilab.world.assortment import assortment_code

__all__ = ["OF_MESSAGES", "lower_plan"]

#: Rules of a plan that are asked about messages and about entering journeys alone.
OF_MESSAGES: Final = (
    "cap_messages", "cap_period", "uncapped", "quiet_from", "quiet_to", "control",
)  # fmt: skip

MOST_STEPS = 32  # of a journey
WEEK = 604_800  # seconds
NEAR_HAS = {"anything": 0, "cart": 1, "viewed": 2}
PAGES = {"none": 0, "viewed": 1, "bought": 2, "both": 3}
SUCCESS = {"sent": 1, "delivered": 2, "opened": 3, "clicked": 4}


def lower_plan(
    plan: Plan, scenario: Scenario, *, decides: bool = False, key: tuple[int, int] = (0, 0)
) -> LoweredPlan:
    """Turn a plan into arrays.

    Parameters
    ----------
    plan
        The strategy's plan.
    scenario
        The scenario that names channels, silos, caps and quiet hours.
    decides
        The strategy answers `decide`.
    key
        Key of the brand's own draws.
    """
    silos = scenario.silos
    channels = scenario.channels
    p = record_array(Rules, 1)
    sharing = plan.sharing.effective()
    for name in CHOICES:
        p[0][name] = NUMBERS[getattr(sharing, name)]
    brand = scenario.brand
    used = silos if plan.silos is None else plan.silos
    p[0].silos = sum(1 << silos.index(s) for s in used)
    p[0].n_silos = len(silos)
    # Without a common identity a profile is one team's anyway, and so is the last entry on it.
    mixed = sharing.identity != "silo" and sharing.channel == "silo"
    p[0].places = len(silos) if mixed else 1
    p[0].paid = int(plan.paid and _search_runs(scenario, used))
    p[0].media = int(plan.paid)
    p[0].page = PAGES[brand.pages]
    p[0].decides = int(decides)
    if plan.cap:
        p[0].cap_messages, p[0].cap_period = plan.cap.messages, plan.cap.per
        p[0].uncapped = 0 if brand.cap_counts_ads else _ads(scenario)
    if brand.quiet_hours:
        p[0].quiet_from, p[0].quiet_to = brand.quiet_hours.start, brand.quiet_hours.end
    p[0].cookie_ttl, p[0].tick = brand.cookie_ttl, scenario.time.tick
    p[0].control = brand.control
    p[0].theme_lasts = brand.themes.lasts if brand.themes else 1
    for name in names_of(LoweredPoints):
        p[0][name] = getattr(brand.loyalty, name)
    count_rules(p[0], scenario)
    lower_score(p[0], scenario)
    p[0].key0, p[0].key1 = key
    p[0].fixed_cost, p[0].fixed_ltv = fixed_costs(plan, scenario)
    team, mates, feeds = _lower_wiring(plan, scenario)
    p[0].told = 1 + max([0, *(sum(int(f.sources) >> s & 1 for f in feeds) for s in team.tolist())])
    # At an order the profile of who passed on the link hears of it, too.
    p[0].told += int(any(journey.trigger == "referral" for journey in plan.journeys))
    p[0].uploads = len(brand.crm)
    p[0].tests = max(
        (len({s.arm.test for s in j.steps if s.arm}) for j in plan.journeys), default=0
    )
    p[0].acts = max(len(channel.acts) for channel in channels)
    p[0].told += int(p[0].acts > 0)  # where an act hands an address to, another profile hears of it
    tells = np.zeros(len(silos), dtype=np.int64)
    for feed in feeds:
        tells[feed.sources >> np.arange(len(silos)) & 1 == 1] |= feed.events
    journeys = record_array(JourneyRecord, len(plan.journeys))
    steps = record_array(StepRecord, (len(plan.journeys), MOST_STEPS))
    for j, journey in enumerate(plan.journeys):
        _lower_journey(journeys[j], steps[j], journey, scenario, used, team, mates)
        lower_arm(steps[j], journey, brand.tests)
        journeys[j].calendar = lower_calendar_of(journey, scenario, sharing, team)
        for k, step in enumerate(journey.steps):
            if step.message:
                numbers = lower_creative(journey.name, k, step.message, scenario)
                steps[j][k].template, steps[j][k].theme = numbers
                lower_ready(steps[j][k], step.message, scenario)
    _count_copies(p[0], journeys)
    p[0].starts = sum({int(j.trigger) for j in journeys})
    p[0].ads = sum(1 << n for n, c in enumerate(channels) if c.message and c.message.ad)
    p[0].ranked = int(len(set(journeys.priority.tolist())) > 1)
    p[0].writing = sum(c.message is not None for c in channels)
    unique = np.array([int(t in brand.unique) for t in TYPES], dtype=np.int64)
    silo = np.array([silos.index(c.silo) for c in channels], dtype=np.int64)
    address = np.array(
        [TYPES.index(c.message.address) if c.message else -1 for c in channels],
        dtype=np.int64,
    )
    return LoweredPlan(
        {
            "rules": p,
            "journey": journeys,
            "step": steps,
            "test": lower_tests(plan, scenario),
            "unique": unique,
            "silo": silo,
            "sender": team[silo],
            "address": address,
            "team": team,
            "mates": mates,
            "tells": tells,
            "feed": feeds,
            "budget": lower_budgets(plan, scenario),
            "target": lower_target_rules(scenario),
            "tier": lower_tier_rules(scenario),
            "arrival": lower_arrivals(plan.journeys, scenario),
            "calendar": lower_calendar(scenario, team),
            "content": lower_contents(scenario),
            "creative": lower_creatives(scenario),
            "bid": lower_bids(plan, scenario),
        }
    )


def _lower_wiring(plan: Plan, scenario: Scenario) -> tuple[Any, Any, Any]:
    """Return the silo that stands for each silo's team, the team's silos as bits, and the feeds."""
    silos = scenario.silos
    teams, feeds = laid_wiring(wiring_of(plan.wiring or scenario.brand.wiring), scenario)
    of = {silo: team for team in teams for silo in team}
    team = np.array([silos.index(of[s][0]) for s in silos], dtype=np.int64)
    mates = np.array([sum(1 << silos.index(m) for m in of[s]) for s in silos], dtype=np.int64)
    if plan.sharing == Sharing.every("all"):  # all is seen anyway: a feed would only take time
        feeds = ()
    lowered = record_array(LoweredFeed, len(feeds))
    for to, feed in zip(lowered, feeds, strict=True):
        for source in feed.source:
            to.sources |= mates[silos.index(source)]
        to.target = team[silos.index(feed.target[0])]
        to.key = TYPES.index(feed.by)
        to.events = sum(EVENTS[event] for event in feed.events)
        to.adds = int(feed.adds)
    return team, mates, lowered


def _count_copies(p: Any, journeys: Any) -> None:
    """Write how many copies a profile can have, and what can start how many of them at once."""
    silo = p.channel == NUMBERS["silo"]
    copies = [int(j.silos).bit_count() if silo else 1 for j in journeys]

    def of(trigger: str) -> list[int]:
        pairs = zip(copies, journeys, strict=True)
        return [n for n, j in pairs if j.trigger == EVENTS[trigger]]

    p.running = sum(copies)
    alone = ("browse", "cart", "order", "restock", "bad_survey", "referral", "bad_experience")
    p.started = max(sum(of(trigger)) for trigger in alone)  # one of them an event
    p.started += sum(of("tier"))  # which comes with an order
    p.started = max([p.started, *of("near")])  # a position is told to one journey
    # A message is answered before the visit to which its click leads.
    p.started += sum(of("reply")) + sum(of("accept"))
    p.fences = len(of("near"))
    p.signed = sum(of("signup"))
    p.acted = max(sum(of(kind.name)) for kind in ACT_KINDS if kind.starts)
    p.weekly = max([*of("weekly"), *of("arrival")], default=0)


def _ads(scenario: Scenario) -> int:
    """Return the channels that show ads, a bit each."""
    shows = [c.message is not None and c.message.ad for c in scenario.channels]
    return sum(1 << c for c, ad in enumerate(shows) if ad)


def _search_runs(scenario: Scenario, used: tuple[str, ...]) -> bool:
    return any(c.search is not None and c.silo in used for c in scenario.channels)


def _lower_journey(
    to: Any,
    steps: Any,
    journey: Journey,
    scenario: Scenario,
    used: tuple[str, ...],
    team: Any,
    mates: Any,
) -> None:
    """Lower a journey, whose messages go over channels of the silos in use."""
    silos = scenario.silos
    names = [c.name for c in scenario.channels]
    categories = [c.name for c in scenario.categories]
    offers = [offer.name for offer in scenario.brand.offers]
    ready = ready_quality(scenario)
    programme = scenario.brand.programme
    usable = {c.name for c in scenario.channels if c.silo in used}
    once = journey.trigger == "once"
    to.trigger = EVENTS["weekly" if once else journey.trigger]  # both go by the calendar
    for silo in journey.sequence:
        to.sequence |= mates[silos.index(silo)]
    to.until = sum(EVENTS[e] for e in journey.until)
    to.cooldown = journey.cooldown
    to.from_t, to.to_t = seconds_of(scenario.time, journey.from_day, journey.to_day)
    to.priority = journey.priority
    to.n_steps = len(journey.steps)
    to.near = -1
    if journey.near is not None:
        to.near = [p.name for p in scenario.places].index(journey.near.place)
        to.radius, to.dwell = round(journey.near.radius_m), journey.near.dwell
        to.lead = journey.near.lead
        to.has, to.fresh = NEAR_HAS[journey.near.has], journey.near.fresh
    day = (journey.weekday - scenario.time.start.weekday()) % 7
    if once:
        day = scenario.time.burn_in // 86400 + journey.day
    to.first_run = day * 86400 + journey.at
    to.again = 0 if once else WEEK
    messages = [k for k, step in enumerate(journey.steps) if step.message]
    to.first_message = messages[0] if messages else -1
    for k, step in enumerate(journey.steps):
        _lower_step(steps[k], step, names, usable, categories, offers, ready)
        lower_members_step(steps[k], step, programme)
        for name in step.message.channels if step.message else ():
            c = names.index(name)
            to.channels |= 1 << c if name in usable else 0
            to.silos |= 1 << int(team[silos.index(scenario.channels[c].silo)])


def _lower_step(
    to: Any, step: Step, names: list[str], usable: Set[str], categories: list[str],
    offers: list[str], ready: dict[str, float],
) -> None:  # fmt: skip
    if step.delay is not None:
        to.op, to.seconds = OP_DELAY, step.delay
    elif step.wait_for is not None:
        to.op, to.seconds, to.event = OP_WAIT, step.wait_for.up_to, EVENTS[step.wait_for.event]
        to.skip = int(step.wait_for.otherwise == "exit")
    elif step.split is not None:
        to.op, to.has, to.seconds = OP_SPLIT, HAS[step.split.has], step.split.within
        to.threshold = step.split.score or 0.0
        to.skip = step.split.skip if step.split.otherwise == "skip" else 0
    elif step.cohort is not None:
        to.op, to.share = OP_COHORT, step.cohort
    elif step.message is not None:
        m = step.message
        to.op, to.seconds, to.success = OP_MESSAGE, m.fallback_after, SUCCESS[m.success]
        quality = ready.get(m.creative or "", m.quality)
        to.offer, to.quality = m.offer, quality
        to.not_after, to.service = m.not_after_order, int(m.service)
        to.recommends = RECOMMENDS[m.recommends] if m.recommends else 0
        to.gives = 0 if m.gives is None else 1 + offers.index(m.gives)
        _lower_shown(to, m.shows, categories)
        # What the person meets decides the draw's address, not where in a plan it stands.
        offer = f"{m.offer!r}|{quality!r}" + ("" if m.gives is None else f"|{m.gives}")
        meets = ""
        if m.asks_reply:
            paid = m.incentive > 0.0 and m.asks is None
            meets += f"|reply {m.incentive!r}" if paid else "|reply"
            to.asks_reply = 1
            to.incentive = round(m.incentive * MILLICENTS) if paid else 0
        if m.asks is not None:
            meets += f"|{m.asks}|{m.incentive!r}"
            to.asks, to.incentive = ACTS.index(m.asks) + 1, round(m.incentive * MILLICENTS)
        meets += "" if m.promises is None else f"|to {m.promises}"
        meets += "|sorry" if m.apologises else ""
        meets += "|retains" if m.retains else ""
        to.creative = _number_of(f"{m.shows}|{offer}{meets}")
        to.bare = _number_of(f"{m.shows}|{0.0!r}|{quality!r}{meets}")
        line = [names.index(name) for name in m.channels if name in usable]
        to.n_channels = len(line)
        to.channels[: len(line)] = line
    else:
        to.op = OP_EXIT


def _number_of(meets: str) -> int:
    """Return the number of what a person meets."""
    return zlib.crc32(meets.encode()) & 0xFFFF


def _lower_shown(to: Any, shows: str | dict[str, float], categories: list[str]) -> None:
    """Lower what a message shows."""
    if not isinstance(shows, str):
        to.shows, to.category = SHOW_NAMED, -1
        shares = {categories.index(name): share for name, share in shows.items()}
        to.assortment = assortment_code(shares)
        return
    to.shows = SHOWS.get(shows, SHOW_NAMED)
    if to.shows == SHOW_NAMED:
        to.category = categories.index(shows)
