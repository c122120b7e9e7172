"""From a scenario's channels to their records: the visit side and the message side of each."""

from __future__ import annotations

from typing import Any

import numpy as np

from omnilab.kernels.record import record_array
from omnilab.log.identifier_types import number_of
from omnilab.scenario.dates import seconds_of
from omnilab.scenario.model import Channel, Scenario
from omnilab.world.advertising import MILLICENTS
from omnilab.world.channel import Channel as ChannelRecord
from omnilab.world.choice import IdleChannel
from omnilab.world.intent import logit

__all__ = ["idle_channels", "lower_channels"]


def lower_channels(scenario: Scenario) -> Any:
    """Return the records of the channels, in the scenario's order."""
    channels = record_array(ChannelRecord, len(scenario.channels))
    silos = scenario.silos
    names = [c.name for c in scenario.channels]
    for n, spec in enumerate(scenario.channels):
        to = channels[n]
        to.silo = silos.index(spec.silo)
        to.silo_lead = next(m for m, x in enumerate(scenario.channels) if x.silo == spec.silo)
        to.landing = to.invites = -1
        to.first_way = sum(len(x.delivery) for x in scenario.channels[:n])
        to.ways = len(spec.delivery)
        to.first_act = sum(len(x.acts) for x in scenario.channels[:n])
        to.acts = len(spec.acts)
        if spec.visit:
            _visit_side(to, spec, silos)
        if spec.message:
            m = spec.message
            to.messages = 1
            to.address = number_of(m.address)
            to.landing = names.index(m.landing)
            to.ad = int(m.ad)
            to.cost = round(m.cost * 100_000)
            to.delivered, to.opt_out, to.complaint = m.delivered, m.opt_out, m.complaint
            to.base_open, to.base_click = m.open, m.click
            to.reply, to.reply_logit = m.reply, logit(m.reply) if m.reply > 0.0 else 0.0
            to.invites = names.index(m.invites) if m.invites else -1
            to.from_t, to.to_t = seconds_of(scenario.time, m.from_day, m.to_day)
            to.weight, to.signs_up = m.weight, m.signs_up
            to.signs_up_visit = m.signs_up_visit
            to.delay_median, to.delay_sigma = m.open_delay, m.open_sigma
            to.machine_opens, to.hidden_opens = m.machine_opens, m.hidden_opens
            to.scanner_clicks = m.scanner_clicks
            to.seen_at_work, to.seen_out = m.seen_at_work, m.seen_out
            to.looks_again, to.half_life = m.looks_again, m.half_life
            to.match, to.most_a_day = m.match, m.most_a_day or 0
            if m.auction:
                to.auction = 1
                to.rivals, to.spread = m.auction.rivals * MILLICENTS, m.auction.spread
    return channels


def _visit_side(to: Any, spec: Channel, silos: tuple[str, ...]) -> None:
    v = spec.visit
    assert v is not None
    to.visits = 1
    to.utility, to.completes = v.utility, v.completes
    to.phone_logit, to.tablet_logit = v.phone_logit, v.tablet_logit
    to.completes_logit = logit(v.completes)
    to.commission, to.idle = v.commission, v.idle
    to.tells_position = v.tells_position
    to.devices, to.typed, to.service = int(v.devices), int(v.typed), int(v.service)
    to.opens, to.closes = v.opens, v.closes if v.closes > v.opens else 86400
    to.n_shown = min(len(v.identifiers), 8)
    for i, shown in enumerate(v.identifiers[:8]):
        to.shown_type[i] = number_of(shown.type)
        to.shown_share[i] = shown.share
        to.shown_late[i] = int(shown.when == "order")
        to.shown_carries[i] = silos.index(shown.carries) if shown.carries else -1


def idle_channels(channels: Any) -> Any:
    """Return the channels that are visited without a need, and when they are open."""
    at = np.flatnonzero(channels.idle)
    idle = record_array(IdleChannel, len(at))
    idle.channel, idle.rate = at, channels.idle[at]
    idle.up_to = np.cumsum(idle.rate)
    idle.opens, idle.closes = channels.opens[at], channels.closes[at]
    return idle
