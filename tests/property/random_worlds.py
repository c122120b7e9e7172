"""Random scenarios, and a strategy with hooks, for tests that hold in every world."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from omnilab.brand.codes import HAS
from omnilab.scenario.model import Scenario
from omnilab.strategy import Choices, Decisions, Events
from omnilab.strategy.loading import LoadedStrategy
from omnilab.strategy.plan import Sharing
from omnilab.world.goods import MOST_SHOWN
from tests.towns import contact
from tests.towns.acts import with_acts
from tests.towns.fulfilment import fulfilment
from tests.towns.goods import with_goods
from tests.towns.leeway import with_leeway
from tests.towns.media import media
from tests.towns.offers import handed_out, mechanism, settle_branches, with_bounds
from tests.towns.places import places
from tests.towns.programme import changes, programme
from tests.towns.programme_money import money
from tests.towns.scores import with_scores
from tests.towns.stock import stock_patch, with_stock
from tests.towns.talk import with_arms, with_talk
from tests.verification.worlds import CHANNELS, build, load, merged, mixture

_WRITE = ("push", "email", "sms", "messenger", "social_ad", "call", "mail")
_VISITED = ("web", "app", "store", "social", "call", "marketplace")
_NEEDS = {"email": "web", "sms": "web", "messenger": "web", "social_ad": "web", "search_ad": "web",
          "mail": "web", "push": "app"}  # fmt: skip
_SILO = {"web": "web", "app": "app", "push": "app", "store": "store", "email": "email",
         "sms": "sms", "messenger": "messenger", "social": "messenger", "social_ad": "web",
         "search_ad": "web", "call": "call", "mail": "call",
         "marketplace": "marketplace"}  # fmt: skip

#: Splits that need no programme.

CHOICE = st.sampled_from(("silo", "handoff", "all"))
SHARINGS = st.builds(Sharing, CHOICE, CHOICE, CHOICE, CHOICE, CHOICE, CHOICE)
EVENTS = st.sampled_from(("open", "click", "visit", "cart", "order", "reply", "accept"))
#: What splits ask for; `tests.towns.talk` lets some ask for answers in words.
_APART = ("tier", "value", "replied", "accepted", "score")
_SEEN = tuple(has for has in HAS if has.removeprefix("not_") not in _APART)
DELAYS = st.sampled_from(("10min", "1h", "7h", "1d", "5d", "20d"))


@st.composite
def channel_sets(draw: st.DrawFn) -> list[str]:
    """Return channels with the landing places that they need; at least one to buy in."""
    some = draw(st.sets(st.sampled_from(CHANNELS), min_size=2))
    some |= {_NEEDS[c] for c in some if c in _NEEDS} or {"web"}
    return [c for c in CHANNELS if c in some]


@st.composite
def steps(draw: st.DrawFn, write: list[str]) -> dict[str, Any]:
    """Return one step of a journey."""
    kind = draw(st.sampled_from(("delay", "message", "message", "wait_for", "split", "cohort")))
    if kind == "delay":
        return {"delay": draw(DELAYS)}
    if kind == "wait_for":
        return {"wait_for": {"event": draw(EVENTS), "up_to": draw(DELAYS),
                             "otherwise": draw(st.sampled_from(("continue", "exit")))}}  # fmt: skip
    if kind == "split":
        return {"split": {"has": draw(st.sampled_from(_SEEN)),
                          "otherwise": draw(st.sampled_from(("exit", "skip")))}}  # fmt: skip
    if kind == "cohort":
        return {"cohort": draw(st.sampled_from((0.2, 0.8)))}
    return {"message": {
        "shows": draw(st.sampled_from(("cart", "viewed", "bought", "generic"))),
        "offer": draw(st.sampled_from((0.0, 0.2))),
        "channels": draw(st.lists(st.sampled_from(write), min_size=1, max_size=4, unique=True)),
        "fallback_after": draw(DELAYS),
        "creative": draw(st.sampled_from((None, "new", "poster"))),
        "retains": draw(st.sampled_from((False, False, True))),
        "success": draw(st.sampled_from(("sent", "delivered", "opened", "clicked"))),
    }}  # fmt: skip


@st.composite
def journeys(draw: st.DrawFn, name: str, channels: list[str]) -> dict[str, Any]:
    """Return a journey over the world's channels."""
    write = [c for c in channels if c in _WRITE]
    silos = sorted({_SILO[c] for c in channels})
    flow = draw(st.lists(steps(write), min_size=1, max_size=5))
    settle_branches(flow)
    return {
        "name": name,
        "trigger": draw(st.sampled_from(("signup", "browse", "cart", "order", "weekly", "weekly"))),
        "sequence": draw(st.lists(st.sampled_from(silos), min_size=1, unique=True)),
        "until": draw(st.lists(EVENTS, max_size=2, unique=True)),
        "cooldown": draw(st.sampled_from((0, "3d", "30d"))),
        "priority": draw(st.sampled_from((0, 0, 1, -2))),
        "weekday": draw(st.sampled_from((1, 4))),  # few, so that journeys are due together
        "at": draw(st.sampled_from(("09:00", "20:50"))),
        "steps": flow,
    }


@st.composite
def receipts(draw: st.DrawFn) -> dict[str, float]:
    """Return how a channel's receipts lie: none of them, or some of all kinds."""
    return draw(st.sampled_from((
        {}, {"signs_up_visit": 0.2},
        {"machine_opens": 0.5, "hidden_opens": 0.3, "scanner_clicks": 0.4},
        {"hidden_opens": 1.0}, {"machine_opens": 1.0, "scanner_clicks": 1.0},
    )))  # fmt: skip


#: What a person remembers of messages: nothing, each by itself, or all of it.
MEMORIES = st.sampled_from((
    {}, {"creatives": {"novelty": 0.3, "wear": 0.4, "memory": "20d"}},
    {"fatigue": {"slow": 1.5, "slow_memory": "60d"},
     "opt_out": {"need": -1.5, "quality": -2.0},
     "creatives": {"wear": 0.5}, "interruption": {"takes": 1.0},
     "waking": {"leaves": 0.2, "sleeps": "5d", "by_visits": False}, "stage": {"fits": 0.6},
     "attrition": {"yearly": 0.7, "shape": 2.0, "before": "60d", "member": 0.5},
     "repetition": {"half": 3.0, "memory": "20d", "massed": 0.7, "apart": "1d"},
     "consistency": {"echo": 0.4, "clash": 0.6, "memory": "5d"}},
))  # fmt: skip


#: What promotions and visits teach.
LEARNS = st.sampled_from((
    {}, {"familiarity": {"effort": 2.0, "learns": 0.4, "before": 3},
         "recency": {"young": 1.0, "settles": "9d"},
         "routine": {"cues": 4.0, "needs": 0.4, "steep": 1.0, "until": 8.0, "fades": "12d"}},
    {"reference_price": {"gain": 2.0, "aversion": 3.0, "seen": 0.5},
     "familiarity": {"effort": 0.5}, "routine": {"pull": 1.5, "until": 20.0}},
    {"routine": {"cues": 6.0, "pull": 0.5, "until": 5.0}},
))  # fmt: skip


#: Accounts, whose cycle is short enough for a small world, or none.
ACCOUNTS = st.sampled_from((
    {}, {"share": 1.0, "shortlist": "2d", "decision": "3d", "ordering": "1d", "talks": 5.0},
    {"share": 0.5, "deciders": 2, "shortlist": "12h", "decision": "1d", "ordering": "6h",
     "talks": 1.0, "passes": 1.0, "looks": 1.0},
))  # fmt: skip


@st.composite
def lives(draw: st.DrawFn, channel: str) -> dict[str, Any]:
    """Return how a channel's messages lie about."""
    again = draw(st.sampled_from((0.0, 0.0, 1.5)))
    if channel == "social_ad" or again == 0.0:
        return {}
    return {"looks_again": again, "half_life": draw(st.sampled_from(("2h", "5d")))}


@st.composite
def themes(draw: st.DrawFn, channels: list[str]) -> dict[str, Any] | None:
    """Return no themes, or a calendar with some teams' own beside it."""
    if draw(st.booleans()):
        return None
    teams = draw(st.sets(st.sampled_from(sorted({_SILO[c] for c in channels})), max_size=3))
    return {
        "calendar": ["plain", "loud"],
        "lasts": draw(st.sampled_from(("2d", "11d"))),
        "teams": {silo: ["loud", "odd", "plain"] for silo in sorted(teams)},
    }


@st.composite
def entries(draw: st.DrawFn, channels: list[str]) -> dict[str, Any]:
    """Return a cohort that enters by its first order, or newcomers by channels."""
    ways = [c for c in channels if c in (*_VISITED, "search_ad") and c != "social"]
    some = draw(st.lists(st.sampled_from(ways), max_size=3, unique=True))
    if not some:
        return {"over": "20d"}
    return {
        "over": draw(st.sampled_from(("1d", "20d", "35d"))),
        "after": draw(st.sampled_from((0, "5d"))),
        "by_week": draw(st.sampled_from(([], [1.0, 0.0, 2.0]))),
        "share": draw(st.sampled_from((0.5, 1.0))),
        "by": {c: 1.0 / len(some) for c in some},
    }


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Return a small random scenario: channels, journeys, caps, quiet hours, households."""
    channels = draw(channel_sets())
    write = [c for c in channels if c in _WRITE]
    flows = [
        draw(journeys(f"j{n}", channels)) for n in range(draw(st.integers(1, 4)) if write else 0)
    ]
    town = draw(st.sampled_from((None, 12)))
    shared = {} if town is None else draw(fulfilment(channels))
    sizes = draw(st.sampled_from(([1.0], [0.5, 0.5], [0.1, 0.2, 0.3, 0.4])))
    tree: dict[str, Any] = {
        "id": "random-v1",
        "time": {
            "start": draw(st.sampled_from(("2025-01-06", "2025-03-01", "2025-09-17"))),
            "burn_in": draw(st.sampled_from((0, "10d", "33d"))),
            "window": "40d",
            "run_out": draw(st.sampled_from((0, "15d"))),
            "tick": draw(st.sampled_from(("1min", "15min", "1h"))),
        },
        "population": {
            "customers": draw(st.integers(1, 30)),
            "households_per_cell": draw(st.integers(1, 4)),
            "town": town,
            "household_sizes": sizes,
            "personas": [
                {"name": "a", "share": 0.5, "opt_in": dict.fromkeys(write, 0.8)},
                {"name": "b", "share": 0.5, "needs": 2.0, "reach": {channels[0]: 0.6}},
            ],
        },
        "categories": [
            {"name": f"c{n}", "every": draw(st.sampled_from(("4d", "15d"))),
             "regularity": draw(st.integers(1, 8)), "spend": {"mean": 20.0},
             "returns": 0.2, "latent": draw(st.sampled_from((0, "2d")))}
            for n in range(draw(st.integers(1, 3)))
        ],
        "channels": [
            {"preset": c, "message": draw(receipts()) | draw(lives(c))} if c in write
            else {"preset": c, **shared.get(c, {})}
            for c in channels
        ],
        "world": {
            "identifiers": {"typo": draw(st.sampled_from((0.0, 0.3))), "typo_hits": 0.5},
            "continuity": {"service": 0.4},
            "tips": {"per_order": 0.3},
            "response": {"slot": draw(st.sampled_from(("1h", "1d")))},
            "mailshot": {"sd": draw(st.sampled_from((0.0, 0.6)))},
            "affinity": {
                "own": draw(st.sampled_from((0.0, 0.6, 1.0))),
                "hours": draw(st.sampled_from((0.0, 0.5))),
            },
            **draw(MEMORIES),
            **draw(LEARNS),
        },
        "brand": {
            "status_quo": draw(st.sampled_from(("no_contact", "multichannel", "omnichannel"))),
            "journeys": flows,
            "cap": draw(st.sampled_from((None, {"messages": 2, "per": "3d"}))),
            "quiet_hours": draw(st.sampled_from((None, {"start": "21:00", "end": "08:00"}))),
            "cookie_ttl": draw(st.sampled_from(("5d", "30d"))),
            "loyalty": {"card": 30, "worth": 5.0},
            "control": draw(st.sampled_from((0.0, 0.2))),
            "themes": draw(themes(channels)),
        },
    }  # fmt: skip
    if draw(st.booleans()):
        tree["population"]["entry"] = draw(entries(channels))
    elif len(sizes) > 1:
        tree["world"]["accounts"] = draw(ACCOUNTS)
    if {"app", "push", "store"} <= set(channels) and draw(st.booleans()):
        patch = draw(places())
        flows.append(patch.pop("near"))
        at = channels.index("app")
        tree["channels"][at] = {"preset": "app", "visit": {"tells_position": 0.7}}
        tree["channels"][channels.index("push")]["message"] |= draw(st.sampled_from(
            ({}, {"seen_at_work": -1.0, "seen_out": 0.5}, {"seen_out": -2.0})
        ))  # fmt: skip
        tree = merged(tree, patch)
    if draw(st.booleans()):
        tree = merged(tree, draw(contact.patches([c for c in channels if c in _VISITED])))
    if draw(st.booleans()):
        tree = draw(with_acts(tree, [c for c in channels if c in _VISITED]))
    names = [c["name"] for c in tree["categories"]]
    if draw(st.booleans()):
        tree["brand"]["offers"] = draw(handed_out(flows, channels, names))
        tree["world"]["offers"] = draw(mechanism())
    if draw(st.booleans()):
        tree = merged(tree, draw(programme(tree["brand"]["journeys"])))
        if tree["brand"]["programme"]["targets"]:
            offers = [*tree["brand"].get("offers", ()), {"name": "prize", "amount": 3.0}]
            tree["brand"]["offers"] = offers
    if draw(st.booleans()):
        tree["brand"]["creatives"] = draw(with_leeway(tree["brand"]["journeys"], names))
    if draw(st.booleans()):
        paid = tree["brand"].get("programme") is not None
        tree["brand"]["score"] = draw(with_scores(tree["brand"]["journeys"], paid=paid))
    if draw(st.booleans()):
        tree["changes"] = draw(changes([c for c in channels if c in _VISITED]))
    if draw(st.booleans()):
        draw(with_talk(tree, tree["brand"]["journeys"]))
    if draw(st.booleans()):
        tree["brand"]["tests"] = draw(with_arms(tree["brand"]["journeys"]))
    if draw(st.booleans()):
        tree = merged(tree, draw(media([c for c in channels if c in _VISITED], names)))
    if tree["world"].get("preference", {}).get("pull"):  # it is felt against rivals alone
        rivals = tree["world"].get("rivals", {})
        tree["world"]["rivals"] = {**rivals, "number": max(rivals.get("number", 0), 1)}
    if draw(st.booleans()):  # goods and units of a category are apart
        scenario = build(draw(with_bounds(draw(with_goods(tree)))))
    else:
        scenario = with_stock(build(draw(with_bounds(tree))), draw(stock_patch(channels, names)))
    return scenario.changed(draw(money(scenario))) if draw(st.booleans()) else scenario


class Picky:
    """A strategy with a `decide` whose answer for a row depends on that row alone."""

    name = "picky"

    def decide(self, pending: Decisions) -> Choices:
        """Decline every third message, and put the others on the last channel allowed.

        One in five waits for a day, and one in four has another offer, or none. Goods that were
        not looked at are recommended. One in three shows something else, one has another creative,
        one another theme. Half of them give a score, where the brand keeps it.
        """
        n = len(pending.channel_names)
        last = n - 1 - np.argmax(pending.allowed[:, ::-1], axis=1)
        channel = np.where(pending.allowed.any(axis=1), last, -1)
        offer = pending.message_id // 4 % len(pending.offer_names)
        offer = np.where(pending.message_id % 4 == 0, offer, -1)
        shows = _every_third(pending.message_id + 1, pending.may_show)
        creative = _every_third(pending.message_id, pending.may_creative)
        theme = _every_third(pending.message_id + 2, pending.may_theme)
        goods = ~pending.viewed & (np.arange(len(pending.good_names)) < MOST_SHOWN)
        return Choices(
            (pending.message_id + pending.step) % 3 != 0, channel.astype(np.int64),
            np.where(pending.may_offer, offer, -1), 86400 * (pending.message_id % 5 == 0), goods,
            shows, creative, theme,
            np.where(pending.message_id % 2 == 0, pending.message_id % 7, -1.0)
            if pending.keeps_scores else None,
        )  # fmt: skip


def _every_third(number: Any, may: Any) -> Any:
    """Return by row one of what is open, -1 for two of three rows and where nothing is."""
    some = (number % 3 == 0) & may.any(axis=1)
    chosen = np.argsort(~may, axis=1, kind="stable")  # what is open stands first
    if not may.shape[1]:
        return np.full(len(may), -1)
    at = number // 3 % np.maximum(may.sum(axis=1), 1)
    return np.where(some, chosen[np.arange(len(may)), at], -1)


class Swayed:
    """A strategy that learns: it goes where most answers came from, and skips loyal profiles."""

    name = "swayed"

    def __init__(self) -> None:
        self.score = np.zeros(32)
        self.buyers: dict[int, int] = {}

    def decide(self, pending: Decisions) -> Choices:
        """Put each message on the allowed channel with the highest score."""
        score = np.where(pending.allowed, self.score[: len(pending.channel_names)], -1.0)
        channel = np.where(pending.allowed.any(axis=1), score.argmax(axis=1), -1)
        bought = np.array([self.buyers.get(p, 0) for p in pending.profile.tolist()], dtype=int)
        return Choices(bought < 3, channel)

    def learn(self, events: Events) -> None:
        """Add up what came back, in the order in which it came."""
        for kind, channel, profile in zip(
            events.kind.tolist(), events.channel.tolist(), events.profile.tolist(), strict=True
        ):
            self.score[channel] = 0.9 * self.score[channel] + kind
            if kind == events.kind_names.index("order"):
                self.buyers[profile] = self.buyers.get(profile, 0) + 1


@st.composite
def strategies(draw: st.DrawFn, scenario: Scenario) -> list[LoadedStrategy]:
    """Return a built-in strategy, a mixture, and the mixture with a `decide` (and `learn`)."""
    first = draw(st.sampled_from(("no_contact", "cross_channel", "omnichannel")))
    mixed = mixture(scenario, draw(SHARINGS))
    picky = LoadedStrategy("picky", mixed.plan, Picky(), "", True, False)  # type: ignore[arg-type]
    swayed = LoadedStrategy("swayed", mixed.plan, Swayed(), "", True, True)  # type: ignore[arg-type]
    learner = [swayed] if draw(st.booleans()) else []
    return [*load(scenario, first), mixed, picky, *learner]
