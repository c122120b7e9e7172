"""The world's parameters as kernels read them: one record a mechanism, and the laws' tables."""

from __future__ import annotations

from omnilab.kernels.record import Floats, Grid, Ints, Record, Records, i8
from omnilab.world.acts import LoweredAct
from omnilab.world.changes import LoweredChange
from omnilab.world.channel import Channel
from omnilab.world.choice import IdleChannel
from omnilab.world.classes import ClassOfCustomers, Demand
from omnilab.world.clock import Clock
from omnilab.world.content import LoweredArticle
from omnilab.world.crm import LoweredUpload
from omnilab.world.desks import Desk, Team
from omnilab.world.fulfilment import Way
from omnilab.world.goods import Good
from omnilab.world.inflow import WayIn
from omnilab.world.lines import Line
from omnilab.world.mechanisms import LoweredWorld
from omnilab.world.media import LoweredFlight
from omnilab.world.needs import Category
from omnilab.world.offers import LoweredCoupon
from omnilab.world.outings import Outing
from omnilab.world.places import SiteKind
from omnilab.world.population import Birth, History, Persona
from omnilab.world.posts import LoweredSeries
from omnilab.world.programme import LoweredTarget, LoweredTier
from omnilab.world.stock import Aspect, StockPlace, Supply, Variant
from omnilab.world.till import Till

__all__ = ["Key", "Model"]


class Key(Record):
    """The key of a seed and replication."""

    k0: i8  # of the world's draws, both
    k1: i8
    mask: i8  # of the brand's view of identifiers


class Model(LoweredWorld):
    """The model of one scenario, seed and replication; `omnilab.lowering.model` makes it."""

    key: Key
    clock: Clock
    birth: Birth
    ch: Records[Channel]
    act: Records[LoweredAct]  # that channels offer, by channel
    upload: Records[LoweredUpload]  # of the brand's records before the start
    idle: Records[IdleChannel]
    desk: Records[Desk]
    team: Records[Team]
    line: Records[Line]
    till: Records[Till]  # by channel, and after them those of desks
    way: Records[Way]  # of delivery, by channel
    persona: Records[Persona]
    prefers: Grid[float]  # persona by channel
    reach: Grid[float]
    opt_in: Grid[float]
    cat: Records[Category]
    flight: Records[LoweredFlight]  # of the brand's media plan
    article: Records[LoweredArticle]
    series: Records[LoweredSeries]  # of posts
    sites: Records[SiteKind]  # kinds of places, in the scenario's order
    outing: Records[Outing]  # by local day: when people go out
    end_cum: Floats  # shares of errands by end, added up
    classes: Records[ClassOfCustomers]
    demand: Records[Demand]  # by class, and within it by category
    table: Grid[float]  # inverse CDFs (omnilab.draws.inverse)
    history: Records[History]
    tz_at: Ints  # when the offset of local time changes
    tz_offset: Ints  # seconds
    act_cum: Floats  # hours of activity up to each hour of the week
    act_slope: Floats  # hours of activity a second
    act_pace: Floats  # seconds an hour of activity
    act_level: Floats  # log of the hour's index
    act_first: Ints  # hour of the week in which each hour of activity starts
    act_end: Floats  # hours of activity up to the run's end
    season_a: Floats  # the activity clock at the ends of months
    season_n: Grid[float]  # category's need clock at them
    entry_cum: Floats
    way_in: Records[WayIn]  # of newcomers
    trait: Grid[int]
    household_cum: Floats
    coupon: Records[LoweredCoupon]  # offers that the brand declares
    change: Records[LoweredChange]  # dated ones
    shift: Grid[float]  # their logits: change by channel
    target: Records[LoweredTarget]  # of the brand's programme
    tier: Records[LoweredTier]
    stock_at: Ints  # the place that a channel sells from, -1
    stock_place: Records[StockPlace]
    variant: Records[Variant]  # of all categories
    first_variant: Ints  # of each category
    n_variants: Ints
    good: Records[Good]  # of all categories
    first_good: Ints  # of each category
    n_goods: Ints
    more_lines: Floats  # mean lines of an order beside the first, by category
    aspect: Records[Aspect]  # `ASPECTS` a category
    popular: Floats  # popularity of the aspects' values, added up
    supply: Records[Supply]  # by place, and within it by variant
