"""Random acts of customers, for the tests that hold in every world."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from omnilab.log.act_kinds import ACT_KINDS

WRITE = ("push", "email", "sms", "messenger", "call", "mail")  # no ads: nobody allows those


@st.composite
def offered(draw: st.DrawFn, channels: list[str], visited: list[str]) -> list[dict[str, Any]]:
    """Return the acts of one channel: some kinds, each with what it needs.

    Parameters
    ----------
    channels, visited
        Names of the world's channels, presets all, and of those that can be visited.
    """
    write = [c for c in channels if c in WRITE]
    found = []
    for kind in draw(st.lists(st.sampled_from(ACT_KINDS), min_size=1, max_size=4, unique=True)):
        act: dict[str, Any] = {
            "act": kind.name,
            "base": draw(st.sampled_from((0.02, 0.5))),
            "at": draw(st.sampled_from(("visit", "visit", "message"))),
            "incentive": draw(st.sampled_from((0.0, 4.0))),
            "points": draw(st.sampled_from((0, 30))),
            "offer": draw(st.sampled_from((0.0, 0.2))),
        }
        if write and (kind.needs == "allows" or draw(st.booleans())):
            act["allows"] = draw(
                st.lists(st.sampled_from(write), min_size=1, max_size=3, unique=True)
            )
        if kind.needs == "opens":
            act["opens"] = draw(st.lists(st.sampled_from(visited), min_size=1, unique=True))
        if not kind.needs or act.get(kind.needs):
            found.append(act)
        if kind.name == "request" and act.get("allows") and draw(st.booleans()):
            found.append({**act, "thing": "quote"})
    return found


@st.composite
def with_acts(draw: st.DrawFn, tree: dict[str, Any], visited: list[str]) -> dict[str, Any]:
    """Return a tree of which one or two channels offer acts, which a journey asks for or starts at.

    Parameters
    ----------
    tree
        Of a scenario whose channels are presets, each with a mapping of its own.
    visited
        Names of the channels that can be visited.
    """
    names = [c["preset"] for c in tree["channels"]]
    acts = {
        place: draw(offered(names, visited))
        for place in draw(st.lists(st.sampled_from(visited), min_size=1, max_size=2, unique=True))
    }
    channels = [
        {**c, "acts": acts[c["preset"]]} if c["preset"] in acts else c for c in tree["channels"]
    ]
    starts = {a["act"] for some in acts.values() for a in some}
    starts &= {kind.name for kind in ACT_KINDS if kind.starts}
    flows = tree["brand"]["journeys"]
    if starts and flows and flows[0]["trigger"] != "near":
        flows = [{**flows[0], "trigger": draw(st.sampled_from(sorted(starts)))}, *flows[1:]]
    if "email" in names and "web" in acts and acts["web"]:
        asks = draw(st.sampled_from([a["act"] for a in acts["web"]]))
        message = {"channels": ["email"], "asks": asks, "incentive": 2.0}
        flows = [*flows, {"name": "asking", "trigger": "weekly", "sequence": ["email"],
                          "steps": [{"message": message}]}]  # fmt: skip
    likes = {"joined": 0.3, "logged_in": draw(st.sampled_from((0, 0.5))),
             "crowds": draw(st.sampled_from((0.0, 1.5)))}  # fmt: skip
    world = {**tree["world"], "acts": likes}
    return {**tree, "channels": channels, "world": world,
            "brand": {**tree["brand"], "journeys": flows}}  # fmt: skip
