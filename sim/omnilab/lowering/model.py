"""From a scenario to the arrays that kernels read: the world's parameters, once per scenario."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import special  # scipy.stats takes a second to import

from omnilab.draws.inverse import make_table
from omnilab.draws.philox import make_key
from omnilab.kernels.record import Record, dtype_of, record_array
from omnilab.lowering.calendar import lower_activity, lower_season, lower_zone
from omnilab.scenario.behaviour import Identifiers, Satisfaction
from omnilab.scenario.model import Channel, Scenario
from omnilab.world.channel import Channel as ChannelRecord
from omnilab.world.choice import IdleChannel, LoweredChoice, LoweredLookingAround
from omnilab.world.clock import Clock
from omnilab.world.continuity import LoweredContinuity
from omnilab.world.fatigue import LoweredFatigue
from omnilab.world.identifiers import TYPES, LoweredIdentifiers
from omnilab.world.intent import LoweredIntent
from omnilab.world.model import Key, Model
from omnilab.world.money import LoweredOffers
from omnilab.world.needs import Category, LoweredNeeds
from omnilab.world.population import Birth, History, Persona
from omnilab.world.response import LoweredResponse
from omnilab.world.satisfaction import LoweredSatisfaction
from omnilab.world.search import LoweredSearch
from omnilab.world.tips import LoweredTips
from omnilab.world.traits import trait_addresses

__all__ = ["build_model", "with_key"]

DAY = 86400.0


def build_model(scenario: Scenario, seed: int = 1, replication: int = 0) -> Model:
    """Lower a scenario; response intercepts are those without any open need (see `calibrate`).

    Parameters
    ----------
    scenario
        A validated scenario.
    seed
        0 <= seed < 2**63.
    replication
        0 <= replication < 2**32.
    """
    return with_key(_lower(scenario), seed, replication)


def with_key(model: Model, seed: int, replication: int) -> Model:
    """Return the model with the key of another (seed, replication)."""
    k0, k1 = make_key(seed, replication)
    _, mask = make_key(seed, replication + (1 << 31))
    return model.replaced(key=_one(Key, {"k0": k0, "k1": k1, "mask": mask & 0x7FFFFFFF}))


def _one(record: type[Record], values: Mapping[str, float]) -> Any:
    """Return one record with these values, which must be all of its fields of one number."""
    made = record_array(record, 1)
    missing = {n for n in made.dtype.names if not made.dtype[n].shape} - set(values)
    if missing:
        raise TypeError(f"{record.__name__}: no value for {', '.join(sorted(missing))}")
    for name, value in values.items():
        made[0][name] = value
    return made


def _named(record: type[Record], part: Any, **others: float) -> Any:
    """Return one record whose fields are those of a scenario's part by the same names, or others.

    Parameters
    ----------
    part
        A part of the scenario, such as ``scenario.world.fatigue``.
    others
        Values that the part has not, or has in another unit.
    """
    fields = dtype_of(record).names or ()
    values = {n: getattr(part, n) for n in fields if hasattr(part, n) and n not in others}
    return _one(record, {**values, **others})


def _lower(scenario: Scenario) -> Model:
    run_end = scenario.time.burn_in + scenario.time.window + scenario.time.run_out
    monday = scenario.time.start.weekday() * 86400
    activity = lower_activity(scenario)
    channels = _channels(scenario)
    idle = _idle_channels(channels)
    tz_at, tz_offset = lower_zone(scenario, run_end)
    season_a, season_n = lower_season(scenario, activity, run_end, monday)
    last = (run_end + monday) // 604800 * 168.0 + 168.0
    entry = scenario.population.entry
    tables, histories = _tables(scenario)
    weeks = np.array((entry.by_week or (1.0,)) if entry else (1.0,), dtype=np.float64)
    return Model(
        {
            "key": record_array(Key, 1),
            "clock": _clock(scenario, run_end, monday),
            **_mechanisms(scenario),
            "looking_around": _looking_around(idle),
            "ch": channels,
            "idle": idle,
            **_personas(scenario),
            "cat": _categories(scenario),
            "table": tables,
            "history": histories,
            "tz_at": tz_at,
            "tz_offset": tz_offset,
            "act_cum": activity[0],
            "act_slope": activity[1] / 3600.0,
            "act_pace": 3600.0 / activity[1],
            "act_level": np.log(activity[1]),
            "act_first": activity[2],
            "act_end": np.array([last]),
            "season_a": season_a,
            "season_n": season_n,
            "entry_cum": np.cumsum(weeks / weeks.sum()),
            "trait": trait_addresses(len(scenario.categories), channels.silo_lead.tolist()),
            "household_cum": np.cumsum(np.array(scenario.population.household_sizes)),
        }
    )


def _clock(scenario: Scenario, run_end: int, monday: int) -> Any:
    time = scenario.time
    return _one(
        Clock,
        {
            "switch": time.burn_in,
            "end": time.burn_in + time.window,
            "run_end": run_end,
            "monday": monday,
            "census": (1 - time.start.weekday()) % 7 * 86400 + 36000,
            "counts": 0,
        },
    )


def _looking_around(idle: Any) -> Any:
    closes = bool(((idle.opens > 0) | (idle.closes < 86400)).any())  # at some hour
    # Whom nothing is closed to: nobody if there is something that closes, or nothing at all.
    reach = -1 if closes or not len(idle) else int((1 << idle.channel).sum())
    return _one(LoweredLookingAround, {"closes": int(closes), "reach": reach})


def _mechanisms(scenario: Scenario) -> dict[str, Any]:
    """Lower the parameters of each mechanism into its record."""
    world, population = scenario.world, scenario.population
    loyalty = scenario.brand.loyalty
    choice, intent = world.choice, world.intent
    return {
        "birth": _one(
            Birth,
            {
                "prior": population.prior_buyers,
                "entry_over": population.entry.over if population.entry else 0,
            },
        ),
        "needs": _one(LoweredNeeds, {"stride": scenario.need_stride}),
        "intent": _named(
            LoweredIntent, intent, decay=intent.decay_per_day / DAY,
            returns=intent.returns_by_itself,
        ),
        "choice": _named(
            LoweredChoice, choice, spill_decay=choice.spill_decay_per_day / DAY,
            closing=choice.intent_for_completion,
        ),
        "response": _named(
            LoweredResponse, world.response, personal=world.response.personal_sd,
            campaign_hour=_campaign_hour(scenario),
        ),
        "offers": _named(
            LoweredOffers, world.response, lasts=world.response.offer_lasts, card=loyalty.card,
            card_worth=round(loyalty.worth * 100),
        ),
        "fatigue": _named(
            LoweredFatigue, world.fatigue, memory_weeks=604800.0 / world.fatigue.memory,
            crowds=int(_crowds(scenario)),
        ),
        "satisfaction": _satisfaction(world.satisfaction),
        "continuity": _named(
            LoweredContinuity, world.continuity,
            service_channels=sum(bool(x.visit and x.visit.service) for x in scenario.channels),
        ),
        "identifiers": _identifiers(world.identifiers),
        "tips": _named(LoweredTips, world.tips),
        "search": _search(scenario),
    }  # fmt: skip


def _satisfaction(part: Satisfaction) -> Any:
    """Solve the logit of leaving from what is stated after one failure and after three."""
    one = _logit(part.after_one * 0.999 + 1e-9)
    several = _logit(part.after_several * 0.999 + 1e-9)
    step = (several - one) / 2.0
    return _named(
        LoweredSatisfaction, part, leave_base=one - step, leave_failure=step,
        leave_purchases=part.purchases,
    )  # fmt: skip


def _identifiers(part: Identifiers) -> Any:
    life = 365.0 * DAY / max(-math.log(1.0 - min(part.changes_a_year, 0.999)), 1e-9)
    made = _named(
        LoweredIdentifiers, part, address_life=life, short_share=part.short_lived,
        reset_cumulative=0.0, reset_rate=0.0,
    )  # fmt: skip
    made[0].reset_cumulative[:] = np.cumsum(part.resets)
    made[0].reset_rate[:] = np.maximum(np.array(part.resets_a_month), 1e-6) / (30.44 * DAY)
    return made


def _search(scenario: Scenario) -> Any:
    names = [x.name for x in scenario.channels]
    search = next((x.search for x in scenario.channels if x.search), None)
    return _one(
        LoweredSearch,
        {
            "searches": search.searches if search else 0.0,
            "click": search.click if search else 0.0,
            "landing": names.index(search.landing) if search else -1,
            "cost": round(search.cost * 100_000) if search else 0,
            "first_visit": next(n for n, x in enumerate(scenario.channels) if x.visit),
        },
    )


def _crowds(scenario: Scenario) -> bool:
    """Tell whether it matters to anything how many messages a person gets a week."""
    fatigue = scenario.world.fatigue
    letters = [c.message for c in scenario.channels if c.message is not None and not c.message.ad]
    driven_away = fatigue.convexity > 0.0 and any(m.opt_out > 0.0 for m in letters)
    return driven_away or fatigue.exponent != 0.0 or fatigue.spam_bad > 0.0


def _campaign_hour(scenario: Scenario) -> float:
    """Return the log activity index of Tuesday 10:00, the hour of a campaign."""
    hours, days = scenario.world.hour_index, scenario.world.day_index
    mean = sum(hours) / 24.0 * sum(days) / 7.0
    return math.log(hours[10] * days[1] / mean)


def _channels(scenario: Scenario) -> Any:
    channels = record_array(ChannelRecord, len(scenario.channels))
    silos = scenario.silos
    names = [c.name for c in scenario.channels]
    for n, spec in enumerate(scenario.channels):
        to = channels[n]
        to.silo = silos.index(spec.silo)
        to.silo_lead = next(m for m, x in enumerate(scenario.channels) if x.silo == spec.silo)
        to.landing = -1
        if spec.visit:
            _visit_side(to, spec, silos)
        if spec.message:
            m = spec.message
            to.messages = 1
            to.open_share = 0.5  # of a logit of 0, until it is solved
            to.address = TYPES.index(m.address)
            to.landing = names.index(m.landing)
            to.ad = int(m.ad)
            to.cost = round(m.cost * 100_000)
            to.delivered, to.opt_out, to.complaint = m.delivered, m.opt_out, m.complaint
            to.base_open, to.base_click = m.open, m.click
            to.weight, to.signs_up = m.weight, m.signs_up
            to.delay_median, to.delay_sigma = m.open_delay, m.open_sigma
    return channels


def _idle_channels(channels: Any) -> Any:
    """Return the channels that are visited without a need, and when they are open."""
    at = np.flatnonzero(channels.idle)
    idle = record_array(IdleChannel, len(at))
    idle.channel, idle.rate = at, channels.idle[at]
    idle.up_to = np.cumsum(idle.rate)
    idle.opens, idle.closes = channels.opens[at], channels.closes[at]
    return idle


def _visit_side(to: Any, spec: Channel, silos: tuple[str, ...]) -> None:
    v = spec.visit
    assert v is not None
    to.visits = 1
    to.utility, to.completes, to.phone_logit = v.utility, v.completes, v.phone_logit
    to.completes_logit = _logit(v.completes)
    to.commission, to.idle = v.commission, v.idle
    to.devices, to.typed, to.service = int(v.devices), int(v.typed), int(v.service)
    to.opens, to.closes = v.opens, v.closes if v.closes > v.opens else 86400
    to.n_shown = min(len(v.identifiers), 8)
    for i, shown in enumerate(v.identifiers[:8]):
        to.shown_type[i] = TYPES.index(shown.type)
        to.shown_share[i] = shown.share
        to.shown_late[i] = int(shown.when == "order")
        to.shown_carries[i] = silos.index(shown.carries) if shown.carries else -1


def _personas(scenario: Scenario) -> dict[str, Any]:
    specs = scenario.population.personas
    personas = record_array(Persona, len(specs))
    grid = (len(specs), len(scenario.channels))
    prefers, reaches, opt_in = np.zeros(grid), np.zeros(grid), np.zeros(grid)
    total = 0.0
    for n, spec in enumerate(specs):
        to = personas[n]
        total += spec.share
        to.cumulative, to.needs, to.phone = total, spec.needs, spec.phone
        for c, channel in enumerate(scenario.channels):
            lead = _reached_by(scenario, channel)
            reach = lead.visit.reach if lead.visit else 1.0
            permits = channel.message.opt_in if channel.message else 0.0
            prefers[n, c] = spec.prefers.get(channel.name, 0.0)
            reaches[n, c] = spec.reach.get(channel.name, spec.reach.get(lead.name, reach))
            opt_in[n, c] = spec.opt_in.get(channel.name, permits)
    return {"persona": personas, "prefers": prefers, "reach": reaches, "opt_in": opt_in}


def _reached_by(scenario: Scenario, channel: Channel) -> Channel:
    """Return the channel whose reach counts: a push needs the app of its silo."""
    if channel.visit:
        return channel
    places = (c for c in scenario.channels if c.silo == channel.silo and c.visit)
    return next(places, channel)


def _categories(scenario: Scenario) -> Any:
    n = len(scenario.categories)
    categories = record_array(Category, n)
    for i, spec in enumerate(scenario.categories):
        to = categories[i]
        to.regularity, to.table_p = spec.regularity, n + i
        to.latent, to.patience = spec.latent, spec.patience
        to.margin, to.returns, to.rival = spec.margin, spec.returns, spec.rival
        # Gamma(shape) of mean `shape`, scaled to one need every `every` on average, per hour.
        to.rate_scale = 3600.0 / (spec.every * spec.shape)
        to.spend_scale = spec.spend.mean * (spec.spend.q - 1.0) / spec.spend.p
    return categories


def _tables(scenario: Scenario) -> tuple[Any, Any]:
    """Return the tables of all laws, that of leaving last, and the histories that use some."""
    rates = [_gamma_table(c.shape) for c in scenario.categories]
    orders = [_gamma_table(c.spend.p) for c in scenario.categories]
    spreads = [_gamma_table(c.spend.q) for c in scenario.categories]
    tables = [*rates, *orders, *spreads]
    histories = _histories(scenario, tables)
    dropout = scenario.population.dropout
    return np.array([*tables, _beta_table(dropout.a, dropout.b)]), histories


def _histories(scenario: Scenario, tables: list[Any]) -> Any:
    """Return the groups of customers with a history, and append their laws to ``tables``."""
    groups = scenario.population.histories
    made = record_array(History, len(groups))
    total = sum(group.share for group in groups)
    upto = 0.0
    for to, group in zip(made, groups, strict=True):
        upto += group.share / total
        to.cumulative, to.alive, to.orders = upto, group.alive, group.orders
        to.rate_scale = 3600.0 / (group.every * group.shape)
        to.spend_scale = group.spend * (group.q - 1.0) / scenario.categories[0].spend.p
        to.table_rate = len(tables)
        tables.append(_gamma_table(group.shape))
        to.table_spread = len(tables)
        tables.append(_gamma_table(group.q))
        to.table_dropout = len(tables)
        tables.append(_beta_table(group.dropout.a, group.dropout.b))
    return made


@lru_cache(maxsize=1024)
def _gamma_table(shape: float) -> Any:
    return make_table(lambda q: special.gammaincinv(shape, q))


@lru_cache(maxsize=1024)
def _beta_table(a: float, b: float) -> Any:
    return np.clip(make_table(lambda q: special.betaincinv(a, b, q)), 0.0, 1.0)


def _logit(p: float) -> float:
    p = min(max(p, 1e-9), 1.0 - 1e-9)
    return math.log(p / (1.0 - p))
