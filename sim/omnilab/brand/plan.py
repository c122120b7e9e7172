"""A strategy's plan as kernels read it: the sharing choices, the journeys and their steps."""

from __future__ import annotations

from omnilab.brand.arms import LoweredTest
from omnilab.brand.budget import LoweredBudget
from omnilab.brand.leeway import LoweredContent, LoweredCreative
from omnilab.brand.points import LoweredPoints
from omnilab.brand.programme import LoweredMembers, TargetRule, TierRule
from omnilab.brand.scoring import LoweredScore
from omnilab.brand.sharing import LoweredSharing
from omnilab.brand.wiring import LoweredFeed
from omnilab.kernels.bundle import Bundle
from omnilab.kernels.record import Grid, Ints, Record, Records, f8, i1, i8, several

__all__ = ["Arrival", "Journey", "LoweredPlan", "Rules", "Step"]


class Rules(LoweredSharing, LoweredPoints, LoweredMembers, LoweredScore):
    """The sharing choices, the frequency cap and quiet hours, and what can start at once."""

    silos: i8  # in use, a bit each
    n_silos: i8
    places: i8  # where the last entry into a journey is kept on a profile: 1, or one a silo
    ads: i8  # channels that are ads, a bit each
    starts: i8  # events that some journey starts at, a bit each
    paid: i8  # 1 where paid search is bought
    media: i8  # 1 where boards are
    decides: i8
    cap_messages: i8  # 0 without a cap
    cap_period: i8  # seconds
    uncapped: i8  # channels that the cap neither counts nor refuses, a bit each
    ranked: i8  # 1 where journeys differ in priority
    quiet_from: i8  # second of the day
    quiet_to: i8
    cookie_ttl: i8  # seconds
    tick: i8  # seconds
    writing: i8  # these nine: see omnilab.cell.room
    running: i8
    told: i8
    started: i8
    signed: i8
    weekly: i8
    acts: i8  # of one visit at most
    uploads: i8  # of records before the start
    tests: i8  # that one copy meets at most
    acted: i8  # copies of one profile that one of them can start
    page: i8  # whose goods pages put first, a bit each: 1 looked at, 2 bought
    fences: i8  # journeys that wait for a position, each of which may be told of one
    fixed_cost: i8  # milli-cents a customer, over the window: beside sends and clicks
    fixed_ltv: i8  # the same, discounted as the LTV is
    theme_lasts: i8  # seconds of a theme in a calendar
    key0: i8  # of the brand's draws, both
    key1: i8
    control: f8


class Journey(Record):
    """One journey."""

    trigger: i8
    sequence: i8  # silos, a bit each; of a team all
    silos: i8  # teams, by the first silo of each, a bit each
    channels: i8
    until: i8  # events, a bit each
    cooldown: i8  # seconds
    n_steps: i8
    first_run: i8  # second of the first run of a journey that goes by the calendar
    again: i8  # seconds from one such run to the next, 0 where it runs once
    first_message: i8  # step, -1
    priority: i8  # higher is more important
    near: i8  # kind of places whose nearness starts it, -1
    radius: i8  # metres
    dwell: i8  # seconds within it
    has: i8  # what the place must have: 0 anything, else as `any_category` of the context has it
    fresh: i8  # seconds, how old that may be; 0 any age
    from_t: i8  # when its days begin, seconds
    to_t: i8  # and their last second
    lead: i8  # seconds that the place is still open
    calendar: i8  # row of themes that its messages follow, -1 their sender's


class Step(Record):
    """One step of a journey."""

    op: i8
    seconds: i8
    event: i8
    skip: i8
    has: i8
    shows: i8
    success: i8
    n_channels: i8
    creative: i8
    bare: i8  # that of the same message without an offer
    template: i8  # number of the creative in persons' memory, 0 another one at each send
    content: i8  # number of what it shows (omnilab.brand.leeway), from 1; 0 several categories
    ready: i8  # number of the brand's creative that it has, from 1; 0 one of its own
    theme: i8  # -1 none, -2 by the calendar
    category: i8  # of a message that names one; -1 where it names several
    assortment: i8  # of a message that names several, 0 none
    share: f8
    test: i8  # number of the split test that it is a step of, from 1; 0 none
    arm: i8  # of that
    not_after: i8  # seconds after an order in which it is not sent, 0 none
    asks_reply: i8  # 1: it asks for an answer
    asks: i8  # act that a message asks for + 1, 0 none
    incentive: i8  # milli-cents that it offers for that
    offer: f8
    gives: i8  # number of a declared offer, from 1; 0 none
    recommends: i8  # goods that it shows (omnilab.brand.codes), 0 none
    service: i8  # 1: a message of service
    promises: i8  # number of a target, from 1; 0 none
    apologises: i8  # 1: it says sorry
    retains: i8  # 1: it asks for reasons to leave
    least: i8  # of a split: the tier, from 1, or cents
    threshold: f8  # of a split: the score
    quality: f8
    channels: Ints = several(8, i1)


class Arrival(Record):
    """Goods that come at one time, and the journey that tells of it; sets have a bit a good."""

    journey: i8
    time: i8  # seconds
    category: i8
    goods: i8  # that come
    alike: i8  # goods by which one knows who may care
    knows: i8  # 1 who looked at one of them, 2 who bought one, 3 either


class LoweredPlan(Bundle):
    """One strategy's plan; `omnilab.lowering.plan` makes it."""

    rules: Rules
    journey: Records[Journey]
    step: Grid[Step]
    test: Records[LoweredTest]
    unique: Ints  # by identifier type: 1 where a person has one at most
    silo: Ints  # by channel
    sender: Ints  # by channel: the silo that stands for its silo's team
    address: Ints  # by channel: the type of address that messages go to, -1
    team: Ints  # by silo: the first silo of its team, which stands for the team
    mates: Ints  # by silo: the silos of its team, a bit each
    tells: Ints  # by silo: its events that some feed tells of, a bit each
    feed: Records[LoweredFeed]
    budget: Records[LoweredBudget]
    target: Records[TargetRule]
    tier: Records[TierRule]
    arrival: Records[Arrival]
    calendar: Grid[int]  # themes: a row a silo and the brand's; the number of them in front
    content: Records[LoweredContent]
    creative: Records[LoweredCreative]
    bid: Ints  # by channel, milli-cents: for an impression, or a click on paid search
