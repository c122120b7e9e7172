"""Valid scenarios that write as much at once as they can: for the room that events are given.

Needs every few minutes, hundreds of them open when the person leaves, every permission given at
one order, every profile in every journey, households that share all and mistype all, cookies that
are forgotten by the hundred in one night.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from omnilab.log.act_kinds import ACT_KINDS
from omnilab.scenario.model import Scenario
from omnilab.strategy.loading import LoadedStrategy
from tests.property.random_worlds import SHARINGS, Picky
from tests.verification.worlds import build, load, mixture

ADDRESSES = ("cookie", "device", "login", "email", "phone", "messenger", "social", "loyalty")
TRIGGERS = ("signup", "browse", "cart", "order", "weekly")
EVENTS = ("open", "click", "visit", "cart", "order")


def places(silos: int) -> list[dict[str, Any]]:
    """Return shops that show eight identifiers each and hand them on to one another."""
    shown = [
        {"type": kind, "share": 1.0, "carries": f"s{n % silos}",
         "when": "order" if n in (3, 5) else "visit"}
        for n, kind in enumerate(ADDRESSES)
    ]  # fmt: skip
    return [
        {"name": f"p{n}", "silo": f"s{n % silos}",
         "visit": {"completes": 0.9, "idle": 60.0, "identifiers": shown, "devices": n % 2 == 0,
                   "typed": True, "service": True}}
        for n in range(4)
    ]  # fmt: skip


def writers(silos: int, first: int) -> list[dict[str, Any]]:
    """Return twelve channels that write to every type of address and are signed up for at once."""
    return [
        {"name": f"m{n}", "silo": f"s{(first + n) % silos}",
         "message": {"address": ADDRESSES[(first + n) % len(ADDRESSES)], "delivered": 0.95,
                     "open": 0.9, "click": 0.8, "opt_out": 0.01, "complaint": 0.1, "cost": 0.01,
                     "open_delay": "1min", "landing": f"p{n % 4}", "opt_in": 0.5,
                     "signs_up": 1.0, "signs_up_visit": 0.5, "ad": n % 5 == 4,
                     **({"machine_opens": 0.8, "scanner_clicks": 0.9} if n % 3 == 0 else {})}}
        for n in range(12)
    ]  # fmt: skip


def journey(n: int, trigger: str, silos: int, first: dict[str, Any]) -> dict[str, Any]:
    """Return a journey over many channels, in which much can happen in one second."""
    channels = [f"m{(n + k) % 12}" for k in range(8)]
    message = {"message": {"shows": ("cart", "viewed", "bought", "generic")[n % 4],
                           "channels": channels, "fallback_after": "20min",
                           "success": ("opened", "clicked")[n % 2]}}  # fmt: skip
    return {
        "name": f"j{n}", "trigger": trigger, "sequence": [f"s{s}" for s in range(silos)],
        "until": [EVENTS[n % 5]] if n % 3 == 0 else [],
        "at": "10:00", "weekday": n % 2, "priority": n % 3,
        "steps": [first, message, {"wait_for": {"event": EVENTS[(n + 1) % 5], "up_to": "1d"}},
                  message],
    }  # fmt: skip


@st.composite
def hostile_scenarios(
    draw: st.DrawFn, often: tuple[str, ...] = ("45min", "8h"), days: int = 2, most: int = 6
) -> Scenario:
    """Return a scenario of few persons and days; plain Python is slow.

    Parameters
    ----------
    often
        How often a category is wanted; with the first, by two persons only.
    days
        Of the window, 2 or more.
    most
        Persons.
    """
    silos = draw(st.sampled_from((1, 3, 8)))
    count = draw(st.sampled_from((4, 16)))
    triggers = draw(st.sampled_from((TRIGGERS, ("signup",), ("weekly",), ("order", "cart"))))
    steps = ({"cohort": 0.5}, {"delay": "2h"}, {"wait_for": {"event": "visit", "up_to": "30d"}})
    flows = [
        journey(n, triggers[n % len(triggers)], silos, steps[(n // 2) % 3]) for n in range(count)
    ]
    every = draw(st.sampled_from(often))
    few = every == often[0]
    leaves = draw(st.booleans())
    tree: dict[str, Any] = {
        "id": "hostile-v1",
        "time": {"burn_in": draw(st.sampled_from((0, "1d"))), "window": f"{days}d",
                 "run_out": draw(st.sampled_from((0, "6h"))), "tick": "1min",
                 "start": draw(st.sampled_from(("2025-03-29", "2025-01-06")))},
        "population": {
            "customers": 2 if few else draw(st.sampled_from((3, most))),
            "households_per_cell": draw(st.sampled_from((1, 16))),
            "household_sizes": [0, 0, 0, 0, 0, 0, 0, 1.0],
            "dropout": {"a": 1.0, "b": 1.0} if leaves else {"a": 0.1, "b": 100.0},
            "personas": [{"name": "all", "share": 1.0}],
        },
        "categories": [
            {"name": f"c{n}", "every": every, "spend": {"mean": 20.0}, "returns": 1.0,
             "latent": "1d", "patience": "30d"}
            for n in range(draw(st.sampled_from((1, 4))))
        ],
        "channels": [*places(silos), *writers(silos, draw(st.integers(0, 7)))],
        "world": {
            "identifiers": {"typo": draw(st.sampled_from((0.0, 1.0))),
                            "typo_hits": draw(st.sampled_from((0.0, 1.0))), "shared_pc": 1.0,
                            "short_lived": 1.0, "short_life": draw(st.sampled_from((0, "7d")))},
            "continuity": {"service": 1.0, "service_after": "1h", "annoys": 0.5},
            "tips": {"per_order": 1.0},
            "response": {"slot": "1min", "created": 1.0},
            "affinity": {"own": 0.7, "hours": 0.5}, "mailshot": {"sd": 0.8},
            "intent": {"threshold": draw(st.sampled_from((-5.0, 5.0)))},
        },
        "brand": {
            "status_quo": draw(st.sampled_from(("multichannel", "omnichannel"))),
            "journeys": flows, "cap": None, "quiet_hours": None,
            "cookie_ttl": draw(st.sampled_from((0, "1d"))),
            "unique": draw(st.sampled_from(([], ["login"], ["login", "loyalty", "email"]))),
            "loyalty": {"card": 1, "worth": 1.0},
        },
    }  # fmt: skip
    if draw(st.booleans()):
        tree["population"]["entry"] = {"over": "1d"}
    if draw(st.booleans()):
        _put_somewhere(tree, silos)
    if draw(st.booleans()):
        _let_wait(tree)
    if draw(st.booleans()):
        _offer_acts(tree, draw(st.booleans()))
    if draw(st.booleans()):
        _hand_out(tree)
    if draw(st.booleans()):
        _let_lie(tree)
    if draw(st.booleans()):
        _have_records(tree, silos)
    return build(tree)


def _hand_out(tree: dict[str, Any]) -> None:
    """Let each message hand out an offer with a code, and each order come by a friend's link."""
    offers = [{"name": f"o{n}", "amount": 1.0, "code": True} for n in range(4)]
    flows = tree["brand"]["journeys"]
    for n, flow in enumerate(flows):
        steps = [
            {"message": {**step["message"], "gives": f"o{n % 4}"}} if "message" in step else step
            for step in flow["steps"]
        ]
        flows[n] = {**flow, "steps": steps}
    tree["brand"]["offers"] = offers[: len(flows)]
    tree["world"]["offers"] = {
        "redeems": 0.9,
        "exposes": 0.5,
        "pulls": 2.0,
        "spread": 0.5,
        "crowds": 0.5,
    }
    tree["brand"]["referral"] = {"reward": 1.0, "friend": 1.0}
    tree["world"]["referral"] = {"shares": 1.0}
    flows[-1]["trigger"] = "referral" if flows[-1]["trigger"] != "near" else "near"


def _let_lie(tree: dict[str, Any]) -> None:
    """Let messages be seen many times, and whoever reads one opt out of everything."""
    for channel in tree["channels"][4:]:
        if not channel["message"]["ad"]:
            channel["message"] |= {"looks_again": 6.0, "half_life": "30min", "opt_out": 0.2}
    tree["world"] |= {
        "opt_out": {"need": -1.0, "quality": -1.0}, "creatives": {"wear": 0.3},
        "consistency": {"echo": 0.3, "clash": 0.3},
        "fatigue": {"slow": 1.0, "slow_memory": "60d", "stop_all": 0.5},
    }  # fmt: skip
    tree["brand"]["themes"] = {"calendar": ["plain", "loud"], "lasts": "1d"}


def _have_records(tree: dict[str, Any], silos: int) -> None:
    """Let the brand have four uploads of everybody, twice, most of it wrong."""
    tree["brand"]["crm"] = [
        {"silo": f"s{n % silos}", "duplicates": 1.0, "wrong": 0.7,
         "has": {"email": 1.0, "phone": 1.0, "loyalty": 1.0, "login": 1.0}}
        for n in range(4)
    ]  # fmt: skip


def _offer_acts(tree: dict[str, Any], starts: bool) -> None:
    """Let each visit do all acts at once, which may start every other journey."""
    writes = [c["name"] for c in tree["channels"] if "message" in c and not c["message"]["ad"]]
    for n in range(4):
        tree["channels"][n]["acts"] = [
            {"act": kind.name, "base": 0.999, "points": 1,
             "opens": ["p0"] * (kind.needs == "opens"),
             "allows": writes[k::6] if kind.needs == "allows" else []}
            for k, kind in enumerate(ACT_KINDS)
        ]  # fmt: skip
        tree["channels"][n]["visit"]["reach"] = 1.0 if n else 0.5
    for channel in tree["channels"][4:]:
        channel["message"]["opt_in"] = 0.1
    flows = [flow for flow in tree["brand"]["journeys"] if flow["trigger"] != "near"]
    for n, flow in enumerate(flows[::2] if starts else []):
        flow["trigger"] = ("follow", "install", "join", "request")[n % 4]


def _let_wait(tree: dict[str, Any]) -> None:
    """Let all shops have one till with a line, and bring what is ordered late, or hand it over."""
    tree["population"]["town"] = 64
    till = {"servers": 1, "service": "2min", "patience": "10min", "too_long": 0, "annoys": 1.0}
    for n in range(4):
        tree["channels"][n]["till"] = till
        tree["channels"][n]["delivery"] = [
            {"name": "home", "promised": "5min", "late": 0.5, "return_fee": 1.0},
            {"name": "desk", "promised": "2min", "at": f"p{(n + 1) % 4}", "desk": till},
        ]


def _put_somewhere(tree: dict[str, Any], silos: int) -> None:
    """Let all shops be in one street, which everybody walks all day; the app tells each time."""
    tree["places"] = [
        {"name": f"shop{n}", "channel": f"p{n}", "count": 10, "sight_m": 5000} for n in range(4)
    ] + [{"name": "board", "kind": "board", "count": 20, "sight_m": 5000, "channel": "p0"}]
    tree["world"]["places"] = {
        "size_km": 0.1, "spread_m": 900, "errands": 200, "notices": 1.0, "calls_in": 0.1,
        "drops_in": 0.1, "brings": 0.5, "works": 1.0, "presence": 1.0, "stay": "1min",
    }  # fmt: skip
    tree["channels"][1]["visit"]["tells_position"] = 1.0
    for n in range(4):
        flow = journey(n, "near", silos, {"cohort": 0.5})
        near = {"place": f"shop{n}", "radius_m": 100 + 400 * n, "dwell": "30s" if n % 2 else 0}
        tree["brand"]["journeys"].append({**flow, "name": f"near{n}", "near": near})


@st.composite
def hostile_strategies(draw: st.DrawFn, scenario: Scenario) -> list[LoadedStrategy]:
    """Return one strategy: a built-in one, a mixture of choices, or one that decides."""
    kind = draw(st.sampled_from(("built in", "mixed", "decides")))
    if kind == "built in":
        return load(scenario, draw(st.sampled_from(("cross_channel", "omnichannel"))))
    mixed = mixture(scenario, draw(SHARINGS))
    if kind == "mixed":
        return [mixed]
    return [LoadedStrategy("picky", mixed.plan, Picky(), "", True, False)]  # type: ignore[arg-type]


def busy() -> Scenario:
    """Return a shop whose customers want something every few minutes and may leave at any order."""
    return build({
        "id": "busy-v1",
        "time": {"burn_in": "9d", "window": "9d", "run_out": 0},
        "population": {"customers": 4, "personas": [{"name": "all", "share": 1.0}],
                       "dropout": {"a": 0.3, "b": 40.0}},
        "categories": [{"name": "snacks", "every": "4min", "shape": 100.0,
                        "spend": {"mean": 4.0}}],
        "channels": ["web", "email"],
        "brand": {"journeys": [{"name": "hello", "trigger": "signup", "sequence": ["email"],
                                 "steps": [{"message": {"channels": ["email"]}}]}]},
    })  # fmt: skip
