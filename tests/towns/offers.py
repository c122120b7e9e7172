"""Random offers, messages of service and branches, for the tests that hold in every world."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

SHARES = st.sampled_from((0.0, 0.3, 1.0))
SELLS = ("web", "app", "store", "call", "marketplace")
ANSWERED = ("email", "push", "sms")  # channels whose messages can be opened and clicked


def settle_branches(steps: list[dict[str, Any]]) -> None:
    """Let branches on the message before ask for something else where none can be answered."""
    before: list[str] = []
    for step in steps:
        if "message" in step:
            before = step["message"]["channels"]
        has = step.get("split", {}).get("has", "").removeprefix("not_")
        if has in ("opened", "clicked") and not set(before) & set(ANSWERED):
            step["split"]["has"] = "order"


@st.composite
def mechanism(draw: st.DrawFn) -> dict[str, Any]:
    """Return values of ``world.offers``."""
    return {
        "redeems": draw(st.sampled_from((0.0, 0.4, 1.0))),
        "usual": draw(st.sampled_from((1.0, 5.0))),
        "steep": draw(st.sampled_from((0.0, 1.5))),
        "spread": draw(st.sampled_from((0.0, 0.8))),
        "exposes": draw(SHARES),
        "pulls": draw(st.sampled_from((0.0, 6.0))),
        "crowds": draw(SHARES),
        "holds": draw(st.sampled_from((1, 2, 4))),
    }


@st.composite
def one(draw: st.DrawFn, name: str, channels: list[str], categories: list[str]) -> dict[str, Any]:
    """Return one declared offer."""
    worth = draw(st.sampled_from(({"share": 0.2}, {"amount": 6.0},
                                  {"gift": {"worth": 5.0, "cost": 2.0}})))  # fmt: skip
    sells = [c for c in channels if c in SELLS]
    return {
        "name": name, **worth,
        "minimum": draw(st.sampled_from((0.0, 15.0))),
        "category": draw(st.sampled_from((None, *categories))),
        "channels": draw(st.sampled_from(((), tuple(sells[:1]), tuple(sells[-1:])))),
        "from_day": draw(st.sampled_from((0, 3))),
        "to_day": draw(st.sampled_from((None, 25))),
        "lasts": draw(st.sampled_from((0, "20d"))),
        "code": draw(st.booleans()),
        "decided": draw(st.booleans()),
    }  # fmt: skip


@st.composite
def handed_out(
    draw: st.DrawFn, flows: list[dict[str, Any]], channels: list[str], categories: list[str]
) -> list[dict[str, Any]]:
    """Let some messages of journeys hand out offers, or be of service; return the offers."""
    offers: list[dict[str, Any]] = []
    for step in (step for flow in flows for step in flow.get("steps", ())):
        message = step.get("message")
        if message is None:
            continue
        what = draw(st.sampled_from(("as it is", "gives", "gives", "service")))
        if what == "service" and "social_ad" not in message["channels"]:
            message |= {"service": True, "offer": 0.0}
        elif what == "gives":
            if not offers or draw(st.booleans()):
                offers.append(draw(one(f"o{len(offers)}", channels, categories)))
            message |= {"gives": draw(st.sampled_from([o["name"] for o in offers])), "offer": 0.0}
    given = {
        step["message"].get("gives")
        for flow in flows
        for step in flow["steps"]
        if "message" in step
    }
    return [offer for offer in offers if offer["name"] in given]


@st.composite
def bounds(draw: st.DrawFn, goods: list[str], stores: list[str]) -> dict[str, Any]:
    """Return what binds a declared offer to goods or to stores, of those that are there, if any."""
    found: dict[str, Any] = {}
    if goods and draw(st.booleans()):
        found["goods"] = draw(st.lists(st.sampled_from(goods), min_size=1, max_size=3, unique=True))
    if stores and draw(st.booleans()):
        found["places"] = draw(st.lists(st.sampled_from(stores), min_size=1, unique=True))
    return found


@st.composite
def with_bounds(draw: st.DrawFn, tree: dict[str, Any]) -> dict[str, Any]:
    """Return a world's tree whose offers may be bound to goods and stores where they hold."""
    for offer in tree["brand"].get("offers", ()):
        goods = [
            good["name"]
            for category in tree["categories"]
            for good in category.get("goods", ())
            if offer.get("category") in (None, category["name"])
            and good["price"] > offer.get("amount", 0.0)
        ]
        channels = offer.get("channels") or SELLS
        stores = [
            place["name"]
            for place in tree.get("places", ())
            if place.get("kind", "store") == "store" and place["channel"] in channels
        ]
        offer |= draw(bounds(goods, stores))
    return tree
