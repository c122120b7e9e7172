"""Channels: where brand and customers meet. All that is known of one is data of the scenario."""

from __future__ import annotations

from omnilab.kernels.record import Floats, Ints, Record, f8, i8, several

__all__ = ["Channel"]

MOST_SHOWN = 8  # identifiers of one visit


class Channel(Record):
    """One channel: its visit side, its message side, and the identifiers that a visit shows."""

    utility: f8
    completes: f8
    completes_logit: f8
    phone_logit: f8
    tablet_logit: f8
    commission: f8
    idle: f8  # visits a week without a need
    delivered: f8
    base_open: f8
    base_click: f8
    open_logit: f8
    click_logit: f8
    reply: f8  # of who reads a message
    reply_logit: f8
    opt_out: f8
    looks_again: f8  # at a message that was seen, mean of its whole life
    half_life: f8  # seconds
    opt_out_logit: f8  # of who sees a message that meets no need, where that is what it hangs on
    complaint: f8
    weight: f8  # pressure of one message
    delay_median: f8  # seconds
    delay_sigma: f8
    machine_opens: f8
    hidden_opens: f8
    scanner_clicks: f8
    signs_up: f8
    signs_up_visit: f8
    tells_position: f8
    seen_at_work: f8  # logits of being seen there
    seen_out: f8
    match: f8
    rivals: f8  # median of the highest bid of the others, milli-cents
    spread: f8  # of its logarithm
    silo: i8
    silo_lead: i8  # the silo's first channel
    visits: i8
    messages: i8
    devices: i8
    typed: i8
    service: i8
    opens: i8  # second of the day
    closes: i8
    invites: i8  # channel that may write to who accepts, -1: its messages are no invitations
    from_t: i8  # when messages over it begin, seconds
    to_t: i8  # and the last second for them
    address: i8  # type of the address that messages go to
    landing: i8
    ad: i8
    cost: i8  # milli-cents a message
    first_way: i8  # of delivery, in ``Model.way``
    ways: i8
    auction: i8  # 1 where its impressions are sold by auction
    most_a_day: i8  # ads that a person is shown on one day, 0 without end
    first_act: i8  # that it offers, in ``Model.act``
    acts: i8
    n_shown: i8
    shown_type: Ints = several(MOST_SHOWN, i8)
    shown_carries: Ints = several(MOST_SHOWN, i8)
    shown_late: Ints = several(MOST_SHOWN, i8)
    shown_share: Floats = several(MOST_SHOWN, f8)
