"""From a scenario to the arrays that kernels read: the world's parameters, once per scenario."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import special  # scipy.stats takes a second to import

from omnilab.draws.inverse import make_table
from omnilab.draws.philox import make_key
from omnilab.kernels.bundle import Bundle
from omnilab.lowering.calendar import lower_activity, lower_season, lower_zone
from omnilab.scenario.model import MAX_CHANNELS, Channel, Scenario
from omnilab.world.identifiers import TYPES
from omnilab.world.traits import trait_addresses

__all__ = ["build_model", "with_key"]

WORLD = np.dtype(
    [(name, "f8") for name in (
        "decay", "visit_gain", "message_gain", "tip_gain", "threshold", "threshold_sd", "slope",
        "quick_share", "quick", "slow", "returns", "inertia", "spill", "spill_decay", "closing",
        "need", "generic", "personal", "hour", "campaign_hour", "view_through", "reveals",
        "created",
        "revives", "offer", "memory", "memory_weeks", "exponent", "ideal", "ideal_sigma",
        "convexity", "wear_out", "spam_bad", "stop_all", "kappa", "leave_base", "leave_failure",
        "leave_purchases", "forget", "recovery", "give_up", "repeat_annoys", "service",
        "service_after", "unknown_annoys", "shared_pc", "short_share", "address_life", "typo",
        "typo_hits", "tips", "prior", "searches", "search_click",
    )]
    + [(name, "i8") for name in (
        "offer_lasts", "slot", "short_life", "click_carries", "service_channels", "entry_over",
        "search_landing", "search_cost", "card", "card_worth", "first_visit", "idle_closes",
        "idle_reach", "crowds",
    )]
    + [("reset_cumulative", "f8", (3,)), ("reset_rate", "f8", (3,))],
    align=True,
)  # fmt: skip

CHANNEL = np.dtype(
    [(name, "f8") for name in (
        "utility", "completes", "completes_logit", "phone_logit", "commission", "idle",
        "delivered", "base_open", "base_click", "open_logit", "open_share", "click_logit",
        "opt_out", "complaint", "weight", "delay_median", "delay_sigma", "signs_up",
    )]
    + [(name, "i8") for name in (
        "silo", "silo_lead", "visits", "messages", "devices", "typed", "service", "opens",
        "closes", "address", "landing", "ad", "cost", "n_shown",
    )]
    + [("shown_type", "i8", (8,)), ("shown_carries", "i8", (8,)), ("shown_late", "i8", (8,))]
    + [("shown_share", "f8", (8,))],
    align=True,
)  # fmt: skip

IDLE = np.dtype(
    [("channel", "i8"), ("rate", "f8"), ("up_to", "f8"), ("opens", "i8"), ("closes", "i8")]
)

PERSONA = np.dtype(
    [
        ("cumulative", "f8"),
        ("needs", "f8"),
        ("phone", "f8"),
        ("prefers", "f8", (MAX_CHANNELS,)),
        ("reach", "f8", (MAX_CHANNELS,)),
        ("opt_in", "f8", (MAX_CHANNELS,)),
    ],
    align=True,
)

CATEGORY = np.dtype(
    [
        ("regularity", "i8"),
        ("table_p", "i8"),
        ("latent", "f8"),
        ("patience", "f8"),
        ("margin", "f8"),
        ("returns", "f8"),
        ("rival", "f8"),
        ("rate_scale", "f8"),
        ("spend_scale", "f8"),
    ],
    align=True,
)


HISTORY = np.dtype(
    [
        ("cumulative", "f8"),
        ("alive", "f8"),
        ("rate_scale", "f8"),
        ("spend_scale", "f8"),
        ("orders", "i8"),
        ("table_rate", "i8"),
        ("table_spread", "i8"),
        ("table_dropout", "i8"),
    ],
    align=True,
)


def build_model(scenario: Scenario, seed: int = 1, replication: int = 0) -> Bundle:
    """Lower a scenario; response intercepts are those without any open need (see `calibrate`).

    In the bundle, ``k`` holds the key of (seed, replication) and the key of the brand's view of
    identifiers; ``clock`` the switch, the window's end, the run's end, the first day's offset
    from Monday and the first census, in seconds, and 1 where a census is taken (`calibrate`).

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


def with_key(model: Bundle, seed: int, replication: int) -> Bundle:
    """Return the model with the key of another (seed, replication)."""
    k0, k1 = make_key(seed, replication)
    _, mask = make_key(seed, replication + (1 << 31))
    return model.replaced(k=np.array([k0, k1, mask & 0x7FFFFFFF], dtype=np.int64))


def _lower(scenario: Scenario) -> Bundle:
    time = scenario.time
    switch = time.burn_in
    end = switch + time.window
    run_end = end + time.run_out
    monday = time.start.weekday() * 86400
    activity = lower_activity(scenario)
    channels = _channels(scenario)
    idle = _idle_channels(channels)
    world = _world(scenario)
    closes = ((idle.opens > 0) | (idle.closes < 86400)).any()  # at some hour
    world[0].idle_closes = int(closes)
    # Whom nothing is closed to: nobody if there is something that closes, or nothing at all.
    world[0].idle_reach = -1 if closes or not len(idle) else int((1 << idle.channel).sum())
    world[0].crowds = int(_crowds(scenario))
    tz_at, tz_offset = lower_zone(scenario, run_end)
    season_a, season_n = lower_season(scenario, activity, run_end, monday)
    census = (1 - time.start.weekday()) % 7 * 86400 + 36000
    last = (run_end + monday) // 604800 * 168.0 + 168.0
    entry = scenario.population.entry
    tables, histories = _tables(scenario)
    weeks = np.array((entry.by_week or (1.0,)) if entry else (1.0,), dtype=np.float64)
    return Bundle(
        {
            "k": np.zeros(3, np.int64),
            "clock": np.array([switch, end, run_end, monday, census, 0], dtype=np.int64),
            "tz_at": tz_at,
            "tz_offset": tz_offset,
            "act_cum": activity[0],
            "act_slope": activity[1] / 3600.0,  # hours of activity a second
            "act_pace": 3600.0 / activity[1],  # seconds an hour of activity
            "act_level": np.log(activity[1]),
            "act_first": activity[2],
            "act_end": np.array([last]),
            "season_a": season_a,
            "season_n": season_n,
            "w": world,
            "ch": channels,
            "idle": idle,
            "persona": _personas(scenario),
            "cat": _categories(scenario),
            "table": tables,
            "history": histories,
            "entry_cum": np.cumsum(weeks / weeks.sum()),
            "trait": trait_addresses(len(scenario.categories), channels.silo_lead.tolist()),
            "household_cum": np.cumsum(np.array(scenario.population.household_sizes)),
        }
    )


def _crowds(scenario: Scenario) -> bool:
    """Tell whether it matters to anything how many messages a person gets a week."""
    fatigue = scenario.world.fatigue
    letters = [c.message for c in scenario.channels if c.message is not None and not c.message.ad]
    driven_away = fatigue.convexity > 0.0 and any(m.opt_out > 0.0 for m in letters)
    return driven_away or fatigue.exponent != 0.0 or fatigue.spam_bad > 0.0


def _world(scenario: Scenario) -> Any:
    """Lower the behaviour parameters into one record."""
    w = np.zeros(1, WORLD).view(np.recarray)
    world = scenario.world
    i, c, r, f = world.intent, world.choice, world.response, world.fatigue
    s, k, d = world.satisfaction, world.continuity, world.identifiers
    day = 86400.0
    one = _logit(s.after_one * 0.999 + 1e-9)
    several = _logit(s.after_several * 0.999 + 1e-9)
    step = (several - one) / 2.0  # stated after one and after three
    values = {
        "decay": i.decay_per_day / day, "visit_gain": i.visit_gain, "message_gain": i.message_gain,
        "tip_gain": i.tip_gain, "threshold": i.threshold, "threshold_sd": i.threshold_sd,
        "slope": i.slope, "quick_share": i.quick_share, "quick": i.quick, "slow": i.slow,
        "returns": i.returns_by_itself, "inertia": c.inertia, "spill": c.spill,
        "spill_decay": c.spill_decay_per_day / day, "closing": c.intent_for_completion,
        "need": r.need, "generic": r.generic, "personal": r.personal_sd, "hour": r.hour,
        "campaign_hour": _campaign_hour(scenario), "view_through": r.view_through,
        "created": r.created,
        "reveals": r.reveals, "revives": r.revives, "offer": r.offer, "memory": f.memory,
        "memory_weeks": 604800.0 / f.memory, "exponent": f.exponent, "ideal": f.ideal,
        "ideal_sigma": f.ideal_sigma, "convexity": f.convexity, "wear_out": f.wear_out,
        "spam_bad": f.spam_bad, "stop_all": f.stop_all, "kappa": s.kappa,
        "leave_base": one - step, "leave_failure": step, "leave_purchases": s.purchases,
        "forget": s.forget, "recovery": s.recovery, "give_up": k.give_up,
        "repeat_annoys": k.annoys, "service": k.service, "service_after": k.service_after,
        "unknown_annoys": k.unknown_annoys, "shared_pc": d.shared_pc,
        "short_share": d.short_lived,
        "address_life": 365.0 * day / max(-math.log(1.0 - min(d.changes_a_year, 0.999)), 1e-9),
        "typo": d.typo, "typo_hits": d.typo_hits, "tips": world.tips.per_order,
        "prior": scenario.population.prior_buyers, "offer_lasts": r.offer_lasts, "slot": r.slot,
        "short_life": d.short_life, "click_carries": int(d.click_carries),
        "service_channels": sum(bool(x.visit and x.visit.service) for x in scenario.channels),
        "entry_over": scenario.population.entry.over if scenario.population.entry else 0,
        "card": scenario.brand.loyalty.card,
        "card_worth": round(scenario.brand.loyalty.worth * 100),
    }  # fmt: skip
    for name, value in values.items():
        w[0][name] = value
    w[0].reset_cumulative[:] = np.cumsum(d.resets)
    w[0].reset_rate[:] = np.maximum(np.array(d.resets_a_month), 1e-6) / (30.44 * day)
    names = [x.name for x in scenario.channels]
    search = next((x.search for x in scenario.channels if x.search), None)
    w[0].search_landing = names.index(search.landing) if search else -1
    if search:
        w[0].searches, w[0].search_click = search.searches, search.click
        w[0].search_cost = round(search.cost * 100_000)
    w[0].first_visit = next(n for n, x in enumerate(scenario.channels) if x.visit)
    return w


def _campaign_hour(scenario: Scenario) -> float:
    """Return the log activity index of Tuesday 10:00, the hour of a campaign."""
    hours, days = scenario.world.hour_index, scenario.world.day_index
    mean = sum(hours) / 24.0 * sum(days) / 7.0
    return math.log(hours[10] * days[1] / mean)


def _channels(scenario: Scenario) -> Any:
    channels = np.zeros(len(scenario.channels), CHANNEL).view(np.recarray)
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
    idle = np.zeros(len(at), IDLE).view(np.recarray)
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


def _personas(scenario: Scenario) -> Any:
    personas = np.zeros(len(scenario.population.personas), PERSONA).view(np.recarray)
    total = 0.0
    for n, spec in enumerate(scenario.population.personas):
        to = personas[n]
        total += spec.share
        to.cumulative, to.needs, to.phone = total, spec.needs, spec.phone
        for c, channel in enumerate(scenario.channels):
            lead = _reached_by(scenario, channel)
            reach = lead.visit.reach if lead.visit else 1.0
            opt_in = channel.message.opt_in if channel.message else 0.0
            to.prefers[c] = spec.prefers.get(channel.name, 0.0)
            to.reach[c] = spec.reach.get(channel.name, spec.reach.get(lead.name, reach))
            to.opt_in[c] = spec.opt_in.get(channel.name, opt_in)
    return personas


def _reached_by(scenario: Scenario, channel: Channel) -> Channel:
    """Return the channel whose reach counts: a push needs the app of its silo."""
    if channel.visit:
        return channel
    places = (c for c in scenario.channels if c.silo == channel.silo and c.visit)
    return next(places, channel)


def _categories(scenario: Scenario) -> Any:
    n = len(scenario.categories)
    categories = np.zeros(n, CATEGORY).view(np.recarray)
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
    made = np.zeros(len(groups), HISTORY).view(np.recarray)
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
