"""Random logs of one cell, and every measure of them taken again with pandas."""

from __future__ import annotations

import math
from functools import cache
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pandas as pd

from omnilab.kernels.record import dtype_of
from omnilab.log import rows as kinds
from omnilab.log.act_kinds import ACTS
from omnilab.log.layout import fields_of
from omnilab.log.rows import KIND_NAMES
from omnilab.measure.clock import discount_factors, make_clock
from omnilab.measure.customers import close
from omnilab.measure.layout import SUMS, as_integers, names_of
from omnilab.measure.observed import (
    ADDED,
    DAY_SUMS,
    LEFT_CAUSES,
    N_CUSTOMER,
    WEEKLY,
    Observed,
    make_observed,
    weeks_of,
)
from omnilab.measure.tally import tally
from tests.log.building import log_of
from tests.verification.worlds import table_of, world

DAY = 86400
N_CHANNELS, N_JOURNEYS, N_PERSONAS = 5, 3, 2
CLOCK = make_clock(50 * DAY + 11, 350 * DAY + 5, 400 * DAY)
DISCOUNT = discount_factors(CLOCK)
FIRST_PERSON = 1000
ADS = (1, 3)  # channels that show ads
AD = np.array([int(c in ADS) for c in range(N_CHANNELS + 1)])


def random_log(seed: int, n_rows: int, n_people: int) -> np.ndarray:
    """Return a log in which needs and messages exist before they are referred to."""
    rng = np.random.default_rng(seed)
    rows = [
        {"kind": kinds.PERSON, "person": p, "channel": -1, **_any(rng, kinds.PERSON)}
        for p in range(n_people)
    ]
    times = np.sort(rng.integers(0, 420 * DAY, n_rows))
    edges = rng.random(n_rows) < 0.05  # some rows exactly at the clock's edges
    times[edges] = rng.choice(CLOCK[:4], edges.sum())
    needs, messages = [[] for _ in range(n_people)], [[] for _ in range(n_people)]
    for time in np.sort(times):
        p = int(rng.integers(n_people))
        kind = int(rng.choice([k for k in KIND_NAMES if k != kinds.PERSON] + [3, 3, 9, 9, 20, 23]))
        if kind in (kinds.NEED, kinds.SENT) or not needs[p] or not messages[p]:
            fresh = kinds.NEED if len(needs[p]) <= len(messages[p]) else kinds.SENT
            kind = fresh if kind not in (kinds.NEED, kinds.SENT) else kind
        rows.append({"time": int(time), "person": p, **_row(rng, kind, needs[p], messages[p])})
    log = log_of(rows)
    log["person"] += FIRST_PERSON
    return log


FLAG = (0, 2)
#: Kinds of rows that say what the brand pays.
PAID = (
    "sent", "visit", "passed", "answer", "act", "reply", "accept", "media_contact", "post_seen",
)  # fmt: skip
#: What fields hold, least and most + 1, by name or by kind and name; all others up to 3000.
RANGES = {
    "persona": (0, N_PERSONAS), "prior": FLAG, "category": (-1, 3), "type": (0, 8),
    "returning": FLAG, "carry_needed": FLAG, "carried": FLAG, "on_device": (0, 3),
    "cart_left": FLAG, "known": FLAG, "fate": (1, 4), (kinds.AWARE, "cause"): (0, 3),
    (kinds.BAD, "why"): (1, len(LEFT_CAUSES) - 2), (kinds.LEFT, "why"): (1, 5),
    "journey": (0, N_JOURNEYS), "step": (0, 4), "shows": (0, 4),
    (kinds.SKIPPED, "reason"): (1, 3), "status": (1, 13),
    "sends": (0, 6), "receipt": (0, 3), "hard": FLAG, "after": FLAG, "solved": FLAG,
    (kinds.ANSWER, "by"): (0, 3), (kinds.ANSWER, "attempt"): (0, 3), "answered": FLAG,
    "unhappy": FLAG, "team": (0, 2), (kinds.UNANSWERED, "why"): (1, 5),
    (kinds.ACT, "act"): (0, len(ACTS)), (kinds.VISIT, "source"): (0, 4),
    (kinds.KNOWS, "by"): (0, 7), "new": FLAG, (kinds.KNOWS, "until"): (0, 420 * DAY),
    "moves": FLAG, "how": (0, 3), "does": (0, 16), "told": FLAG, "is_first": FLAG, "moved": (-1, 2),
}  # fmt: skip


def _any(rng, kind):
    """Return a value for each of a kind's own fields."""
    sizes = dtype_of(kinds.KINDS[kind])
    fits = {name: (0, min(3000, 1 << (8 * sizes[name].itemsize - 1))) for name in sizes.names}
    return {
        name: int(rng.integers(*RANGES.get((kind, name), RANGES.get(name, fits[name]))))
        for name in fields_of(kinds.KINDS[kind])
    }


def _row(rng, kind, needs, messages):
    """Return a row of this kind about a need and a message that there are, or begin one."""
    need = int(rng.choice(needs)) if needs and rng.random() < 0.9 else -1
    channel = int(rng.integers(N_CHANNELS))
    if kind == kinds.NEED and len(needs) < 16:
        needs.append(len(needs))
        need = needs[-1]
    elif kind == kinds.NEED:
        kind, need = kinds.VIEW, -1
    row = {"kind": kind, "channel": channel} | _any(rng, kind)
    if "need" in row:
        row["need"] = need
    if kind == kinds.VISIT:
        row["cause"] = int(rng.choice(messages)) if messages and rng.random() < 0.5 else -1
        row["cost"] = int(rng.choice([0, 0, 630]))
    if "message" in row:
        if kind == kinds.SENT and len(messages) < 32 and rng.random() < 0.7:
            messages.append(len(messages))
        latest = kind == kinds.SENT and messages
        message = int(messages[-1] if latest else rng.choice(messages or [0]))
        if message not in messages:
            messages.append(message)
        row["message"] = message
    if kind == kinds.SKIPPED:
        row["channel"] = int(rng.integers(-1, N_CHANNELS))
    if kind == kinds.FINAL:
        row["channel"] = -1
    return row


@cache
def _scenario(channels):
    personas = [{"name": f"p{i}", "share": 1 / N_PERSONAS} for i in range(N_PERSONAS)]
    return world(
        population={"customers": 20, "personas": personas},
        time={"burn_in": 0, "window": "60d", "run_out": 0},
        channels=["web", "store", "email", "sms", "social_ad"][:channels],
        brand={"journeys": []},
    )


def tables(n_people, clock=CLOCK, discount=DISCOUNT, ad=AD, channels=N_CHANNELS):
    """Return the empty tables of one strategy, for a log of one cell with these channels."""
    scenario = _scenario(channels)
    made = make_observed(scenario, n_people, N_JOURNEYS, 1) | {
        "clock": clock,
        "discount": discount,
        "ad": np.asarray(ad, np.int64),
        "customers": np.zeros((n_people, N_CUSTOMER), np.int64),
        "by_day": np.zeros(int(clock[4]), DAY_SUMS).view(np.recarray),
        "by_week": np.zeros((1, weeks_of(clock) * len(WEEKLY)), np.int64),
    }
    made["own_flat"][...] = 7  # a PERSON row resets what another cell left
    made["base"][0] = FIRST_PERSON
    return Observed(made)


#: What is counted, by its name in `Observed` where it has another here.
COUNTED = {
    "people": "people", "own": "own_flat", "total": "sums_flat", "channels": "by_channel",
    "journeys": "by_journey", "personas": "by_persona", "moves": "transitions",
    **{name: name for name in (*ADDED, "by_week", "customers")},
}  # fmt: skip


def tallied(log, n_people, blocks=(), clock=CLOCK, discount=DISCOUNT, people=None):
    """Return what the kernels make of a log that comes in blocks, ended by the rows given."""
    o = tables(n_people, clock, discount)
    if people is not None:
        o.people[...] = people
    for block in np.split(log, sorted(blocks)):
        tally(block.view(np.recarray), len(block), FIRST_PERSON, 0, n_people, o, 0)
    close(FIRST_PERSON, 0, n_people, o, 0)
    result = SimpleNamespace(
        **{name: np.asarray(getattr(o, of)).copy() for name, of in COUNTED.items()}
    )
    result.sums = records(result.total)
    return result


def records(flat):
    """Return rows of integers as records of `SUMS`; the memory is the same."""
    return flat.view(SUMS).reshape(len(flat))


def named(table):
    """Return each record as a dict of its sums."""
    names = names_of(table.dtype)
    return [dict(zip(names, map(int, row), strict=True)) for row in as_integers(table)]


def frame(log):
    """Return the log as a table with a column for each field of any kind, in its order."""
    table = table_of(log)
    table["name"], table["kind"] = table["kind"], log["kind"]
    start, mid, end, run_end = (int(x) for x in CLOCK[:4])
    table["in"] = (table.time >= start) & (table.time < end)
    table["early"] = table.time < mid
    days = (table.time - start) // DAY
    counts = (table.time >= start) & (table.time < run_end)
    table["factor"] = np.where(counts, np.exp(-math.log(1.10) / 365 * days), 0.0)
    return table


def ratio(top, bottom):
    return None if bottom == 0 else float(top) / float(bottom)


def reference_measures(log):
    """Return every measure of the log but ROI and identity, each by its definition."""
    t = frame(log)
    w = t[t["in"]]
    n = w.name.value_counts().reindex(list(KIND_NAMES.values()), fill_value=0)
    post = w[~w.channel.isin(ADS)].name.value_counts().reindex(n.index, fill_value=0)  # ads apart
    told = w[~w.channel.isin(ADS) & (kinds.filled(log, "receipt")[0][w.index] == 0)]
    told = told.name.value_counts().reindex(n.index, fill_value=0)
    persons = (t.name == "person").sum()
    orders, back = w[w.name == "order"], w[w.name == "return"]
    buyers = set(orders.person)
    early, late = set(orders[orders.early].person), set(orders[~orders.early].person)
    prior = set(t[(t.name == "person") & (t.prior == 1)].person)
    prior |= set(t[(t.name == "order") & (t.time < CLOCK[0])].person)
    cost = w[w.name.isin(PAID)].cost.sum()
    money = t[t.name.isin(["order", "return"])]
    worth = (money.margin * money.factor * np.where(money.name == "order", 1, -1)).sum() / 100
    spent = t[t.name.isin(PAID)]
    worth -= (spent.cost * spent.factor).sum() / 1e5
    late_orders = t[(t.name == "order") & (t.time >= CLOCK[2]) & (t.time < CLOCK[3])]
    visits, final = w[w.name == "visit"], w[w.name == "final"]
    paths = [path(t, index) for index in orders.index if orders.need[index] >= 0]
    recovered = sum(p.cart_left for p in paths)
    once = first_times(t[~t.channel.isin(ADS)])
    engaged = once[once.name != "delivered"].drop_duplicates(["person", "message"])
    lost, used = w[w.name == "need_lost"], w[w.name == "redeemed"]
    ads = w[(w.name == "sent") & w.channel.isin(ADS)]
    revenue = orders.paid.sum() - back.refund.sum()
    waited = np.array([p.waited for p in paths if p.waited is not None])
    return (
        by_device(orders, visits, paths)
        | answers(w, persons)
        | acts(w, persons, cost / 1e5)
        | goods(w)
        | media(t, w, persons, buyers - prior)
        | accounts(t, w)
        | {
            name: ratio(sum(k in p.sources for p in paths), len(paths))
            for k, name in ((1, "organic_order_rate"), (3, "post_order_rate"))
        }
        | {
            "click_to_order_hour": ratio((waited <= 3600).sum(), (waited <= 30 * DAY).sum()),
            "click_to_order_day": ratio((waited <= DAY).sum(), (waited <= 30 * DAY).sum()),
            "purchase_rate": ratio(len(buyers), persons),
            "orders_per_customer": ratio(len(orders), persons),
            "aov": ratio(orders.paid.sum() / 100, len(orders)),
            "revenue": ratio(revenue / 100, persons),
            "margin": ratio((orders.margin.sum() - back.margin.sum()) / 100, persons),
            "discount": ratio(orders.discount.sum() / 100, persons),
            "redemption_rate": ratio(n["redeemed"], n["offered"]),
            "offer_order_share": ratio(n["redeemed"], n["order"]),
            "offer_cost": ratio((used.off.sum() + used.gift_cost.sum()) / 100, persons),
            "code_loss_rate": ratio(n["code_unknown"], n["code_unknown"] + n["redeemed"]),
            "ltv": ratio(worth, persons),
            "repeat_rate": ratio((orders.person.value_counts() >= 2).sum(), len(buyers)),
            "retention": ratio(len(early & late), len(early)),
            "churn": ratio(len(early - late), len(early)),
            "leave_rate": ratio(n["left"], persons),
            **{
                f"leave_{cause}_rate": ratio(count, persons)
                for cause, count in leaving(t, w).items()
            },
            "runout_orders_per_customer": ratio(len(late_orders), persons),
            "messages_per_customer": ratio(n["sent"], persons),
            "contact_cost": ratio(cost / 1e5, persons),
            "search_cost": ratio(w[w.name == "visit"].cost.sum() / 1e5, persons),
            "cac": ratio(cost / 1e5, len(buyers - prior)),
            "cpa": ratio(cost / 1e5, len(orders)),
            "fixed_cost": 0.0,
            "profit": ratio((orders.margin.sum() - back.margin.sum()) / 100 - cost / 1e5, persons),
            "ltv_net": ratio(worth, persons),
            "delivery_rate": ratio(post["delivered"], post["sent"]),
            "bounce_rate": ratio(post["bounce"], post["sent"]),
            "open_rate": ratio(post["open"], post["delivered"]),
            "click_rate": ratio(post["click"], post["delivered"]),
            "seen_open_rate": ratio(told["open"] + told["machine_open"], post["delivered"]),
            "seen_click_rate": ratio(told["click"] + told["scanner_click"], post["delivered"]),
            "ad_click_rate": ratio(n["click"] - post["click"], n["delivered"] - post["delivered"]),
            "ad_reach": ratio(ads.person.nunique(), persons),
            "ad_frequency": ratio(len(ads), ads.person.nunique()),
            "ad_show_rate": ratio(len(ads), len(ads) + n["not_shown"]),
            "engagement_rate": ratio(
                engaged["in"].sum(), once[once.name == "delivered"]["in"].sum()
            ),
            "looks_again": ratio(n["look_again"], post["open"]),
            "unsubscribe_rate": ratio(post["unsubscribe"], post["delivered"]),
            "complaint_rate": ratio(post["spamreport"], post["delivered"]),
            "stop_rate": ratio(n["stop_all"], persons),
            "fallback_rate": ratio((final.sends - 1).clip(lower=0).sum(), n["sent"]),
            "reach_rate": ratio((final.status == kinds.FINAL_REACHED).sum(), len(final)),
            "capped_rate": ratio((final.status == kinds.FINAL_CAPPED).sum(), len(final)),
            "unfunded_rate": ratio((final.status == kinds.FINAL_UNFUNDED).sum(), len(final)),
            "left_out_rate": ratio((final.status == kinds.FINAL_BUYER).sum(), len(final)),
            "visits_per_customer": ratio(len(visits), persons),
            "conversion_rate": ratio(len(orders), len(visits)),
            "led_order_rate": ratio(sum(p.led for p in paths), len(paths)),
            "cart_recovery_rate": ratio(recovered, n["cart_left"]),
            "continuity": ratio(
                visits.carried[visits.carry_needed == 1].sum(), visits.carry_needed.sum()
            ),
            "give_ups_per_customer": ratio(n["give_up"], persons),
            "service_continuity": ratio((w[w.name == "service"].known == 1).sum(), n["service"]),
            "bad_experiences_per_customer": ratio(n["bad_experience"], persons),
            "gave_up_waiting": ratio(n["line_left"], n["line_joined"]),
            "wait_minutes": ratio(
                w[w.name.isin(("served", "line_left"))].wait.sum() / 60,
                n["served"] + n["line_left"],
            ),
            "late_share": ratio((w[w.name == "handed_over"].late > 0).sum(), n["handed_over"]),
            "path_length": ratio(sum(p.visits for p in paths), len(paths)),
            "cross_channel_orders": ratio(sum(p.channels > 1 for p in paths), len(paths)),
            "lost_to_rival_rate": ratio(
                (lost.fate == kinds.FATE_RIVAL).sum(), len(lost) + len(orders)
            ),
        }
    )


def accounts(t, w):
    """Return the measures of accounts: orders for each, and how long they took."""
    ordered = w[w.name == "account_order"]
    users = (t[t.name == "account_member"].roles.astype(int) & 1).sum()
    days = (ordered.time - ordered.opened).sum() / 86400
    return {
        "account_orders": ratio(len(ordered), users),
        "account_cycle": ratio(days, len(ordered)),
    }


def answers(w, persons):
    """Return the measures of questions and their answers."""
    given, contacts = w[w.name == "answer"], w[w.name == "contact"]
    solved, agents = given[given.solved == 1], given[given.by > 0]
    ended = len(solved) + (w.name == "unanswered").sum()
    return {
        "answer_rate": ratio(len(solved), ended),
        "first_contact_resolution": ratio((solved.attempt == 0).sum(), ended),
        "self_service": ratio((solved.by == 0).sum(), ended),
        "asked_all_again": ratio((contacts.known == 0).sum(), len(contacts)),
        "answer_wait": ratio(agents.wait.sum(), len(agents)),
        "answer_time": ratio(agents.length.sum(), len(agents)),
        "agent_cost": ratio(given.cost.sum() / 1e5, persons),
    }


def acts(w, persons, cost):
    """Return the measures of acts; ``cost`` is all that the brand pays in the window."""
    done = w[w.name == "act"]
    paid = w[w.name.isin(["act", "reply", "accept"])]  # with an incentive an invitation costs too
    return {
        **{
            f"{name}_per_customer": ratio((done.act == k).sum(), persons)
            for k, name in enumerate(ACTS)
        },
        "act_cost": ratio(paid.cost.sum() / 1e5, persons),
        "cost_per_lead": ratio(cost, (done.act == ACTS.index("request")).sum()),
    }


def goods(w):
    """Return the measures of lines of orders, and of the goods in them."""
    lines = w[w.name == "line"]
    first = lines.is_first.sum()
    return {
        "items_per_order": ratio(len(lines), first),
        "item_price": ratio(lines.price.sum() / 100, len(lines)),
        "recommended_share": ratio(lines.told.sum(), len(lines)),
        "trade_down_rate": ratio((lines.moved < 0).sum(), first),
        "trade_up_rate": ratio((lines.moved > 0).sum(), first),
        "looks_per_order": ratio((w.name == "goods_seen").sum(), first),
    }


#: What first told of the brand, by the number in `omnilab.log.kinds.people.Knows`.
TOLD_BY = ("", "visits", "tips", "media", "posts", "content", "paid_search")


def media(t, w, persons, new):
    """Return the measures of media, articles and posts; ``new`` are the new buyers."""
    spans, told_by = [], {}
    for person, rows in t[t.name == "knows"].groupby("person"):
        known, since, until = known_times(rows)
        spans += known
        if (rows.by == 0).any():
            spans.append((since, until))
            told_by[person] = first_told(rows)
    views, reads, visits = w[w.name == "post_seen"], w[w.name == "read"], w[w.name == "visit"]
    acts = {
        name: ((views.does.to_numpy().astype(int) >> k) & 1).sum()
        for k, name in enumerate(POST_ACTS)
    }
    contacts = w[w.name == "media_contact"]
    cost = (contacts.cost.sum() + views.cost.sum()) / 1e5
    news = [told_by[person] for person in new if person in told_by]
    return {
        **{
            name: ratio(sum(first <= at < last for first, last in spans), len(told_by))
            for name, at in zip(AWARENESS, (CLOCK[0], CLOCK[1], CLOCK[2]), strict=True)
        },
        **{
            f"new_by_{name}": ratio(news.count(k), len(told_by))
            for k, name in enumerate(TOLD_BY) if k
        },
        "media_contacts": ratio(len(contacts), persons),
        "media_cost": ratio(cost, persons),
        "cost_per_new_by_media": ratio(cost, news.count(TOLD_BY.index("media"))),
        "reads": ratio(len(reads), persons),
        "read_move_rate": ratio(reads.moves.sum(), len(reads)),
        "organic_visit_rate": ratio((visits.source == 1).sum(), len(visits)),
        "name_visit_rate": ratio((visits.source == 2).sum(), len(visits)),
        "post_views": ratio(len(views), persons),
        **{f"post_{name}": ratio(count, persons) for name, count in acts.items()},
        "post_engagement": ratio(sum(acts.values()), len(views)),
        "post_shared_rate": ratio((views.how == 2).sum(), len(views)),
    }  # fmt: skip


AWARENESS = ("awareness_start", "awareness_middle", "awareness")
POST_ACTS = ("likes", "comments", "shares")


def known_times(rows):
    """Return the times in which a person knew the brand, but the last, and that one's two ends."""
    spans, since, until = [], 0, 0
    for row in rows.itertuples():
        if row.by == 0:
            since = row.time
        elif until <= row.time:
            spans.append((since, until))
            since = row.time
        until = row.until
    return spans, since, until


def first_told(rows):
    """Return what first told a person of the brand after the start; 0 if it was known then."""
    start = rows.index[rows.by == 0][-1]
    told = rows[(rows.index > start) & (rows.by > 0) & (rows.new == 1)]
    return int(told.by.iloc[0]) if len(told) else 0


def leaving(t, w):
    """Return how many left in the window, by cause; the last bad experience before says why."""
    found = {"after_order": 0, "annoyed": 0, "messages": 0}
    for index, row in w[w.name == "left"].iterrows():
        before = t.loc[: index - 1]
        bad = before[(before.name == "bad_experience") & (before.person == row.person)]
        last = int(bad.why.iloc[-1]) if len(bad) else 0
        cause = "after_order"
        if row.why == 2 and last:
            cause = "messages" if last in (kinds.BAD_SPAM, kinds.BAD_STOP) else "annoyed"
        cause = "messages" if row.why == 3 else cause
        found[cause] += 1
    return found


DEVICES = ("computer", "phone", "tablet")
ON_DEVICES = (0,)  # channels that are visited by device


def by_device(orders, visits, paths):
    """Return the measures by device: of orders on a channel with devices whose need used one."""
    orders = orders[orders.need >= 0].assign(on=[p.devices for p in paths])
    orders = orders[orders.channel.isin(ON_DEVICES) & orders.on.map(bool)]
    last, began = orders.on.map(lambda on: on[-1]), orders.on.map(lambda on: on[0])
    visits = visits[visits.channel.isin(ON_DEVICES)]
    found = {"several_devices": ratio((orders.on.map(lambda on: len(set(on))) > 1).sum(),
                                      len(orders))}  # fmt: skip
    for number, name in enumerate(DEVICES):
        here, first = orders[last == number], began == number
        found[f"conversion_{name}"] = ratio(len(here), (visits.on_device == number).sum())
        found[f"aov_{name}"] = ratio(here.paid.sum() / 100, len(here))
        found[f"device_kept_{name}"] = ratio((first & (last == number)).sum(), first.sum())
    return found


def first_times(t):
    """Return each message's first delivery, open and click."""
    marks = t[t.name.isin(["delivered", "open", "click"])]
    return marks.drop_duplicates(["person", "message", "name"])


def path(t, index):
    """Return what came before an order of a need."""
    order = t.loc[index]
    before = t.loc[: index - 1]
    mine = before[(before.person == order.person) & (before.need == order.need)]
    visits = mine[mine.name == "visit"]
    led = visits[visits.cause >= 0]
    last = led_by(t, led.index[-1]) if len(led) else None
    return SimpleNamespace(
        visits=len(visits),
        channels=visits.channel.nunique(),
        devices=tuple(visits[visits.channel.isin(ON_DEVICES)].on_device),
        led=len(led) > 0,
        waited=order.time - led.time.iloc[-1] if len(led) else None,
        channel=last.channel if last is not None else None,
        journey=last.journey if last is not None else None,
        cart_left=((mine.name == "cart_left") & mine["in"]).any(),
        sources=set(visits.source),
        last=int(visits.channel.iloc[-1]) if len(visits) else -1,
    )


def led_by(t, index):
    """Return the channel of the last send, and the journey of the first, of a visit's message."""
    visit, before = t.loc[index], t.loc[: index - 1]
    sends = before[
        (before.name == "sent") & (before.person == visit.person) & (before.message == visit.cause)
    ]
    return SimpleNamespace(channel=sends.channel.iloc[-1], journey=sends.journey.iloc[0])


def reference_identity(owner, profile):
    """Return pairwise and B-cubed quality of one cell's sightings."""
    pairs = list(combinations(range(len(owner)), 2))
    joined = {(i, j) for i, j in pairs if profile[i] == profile[j]}
    truth = {(i, j) for i, j in pairs if owner[i] == owner[j]}
    t = pd.DataFrame({"owner": owner, "profile": profile})
    both = t.groupby(["owner", "profile"]).owner.transform("size")
    precision, recall = (
        ratio(len(joined & truth), len(joined)),
        ratio(len(joined & truth), len(truth)),
    )
    return {
        "identity_precision": precision,
        "identity_recall": recall,
        "identity_f1": ratio(2 * len(joined & truth), len(joined) + len(truth)),
        "identity_bcubed_precision": (both / t.groupby("profile").owner.transform("size")).mean(),
        "identity_bcubed_recall": (both / t.groupby("owner").owner.transform("size")).mean(),
        "false_merge_rate": (t.groupby("profile").owner.nunique() > 1).mean(),
        "false_split_rate": (t.groupby("owner").profile.nunique() > 1).mean(),
    }
