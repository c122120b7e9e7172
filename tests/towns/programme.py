"""Random programmes, apologies and dated changes, for the tests that hold in every world."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

PARTS = st.sampled_from((0.0, 0.2, 1.0))


@st.composite
def programme(draw: st.DrawFn, flows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return values of ``world`` and ``brand`` of a programme; some messages promise, or say sorry.

    The offers that it needs are among them; they come beside those that messages hand out.
    """
    targets = [
        {"name": "few", "purchases": draw(st.integers(1, 3)), "to_day": 30, "reward": "prize"},
        {"name": "much", "spend": 45.0, "from_day": 2, "to_day": 20, "reward": "prize"},
    ]
    for step in (step for flow in flows for step in flow.get("steps", ())):
        if "message" in step:
            step["message"]["promises"] = draw(st.sampled_from((None, "few", "much")))
            step["message"]["apologises"] = draw(st.booleans())
    messages = [step["message"] for flow in flows for step in flow["steps"] if "message" in step]
    promised = {message["promises"] for message in messages}
    targets = [target for target in targets if target["name"] in promised]
    for flow in flows:
        if draw(st.booleans()) and flow["trigger"] != "near":
            flow["trigger"] = draw(st.sampled_from(("tier", "bad_experience")))
    return {
        "brand": {
            "programme": {
                "targets": targets,
                "tiers": [
                    {"name": "silver", "spend": 15.0, "off": draw(PARTS) / 2, "points": 1.5},
                    {"name": "gold", "spend": 60.0, "free_delivery": draw(st.booleans())},
                ],
                "period": draw(st.sampled_from(("7d", "30d"))),
                "balance": {"top_up": 25.0, "auto_below": draw(st.sampled_from((0.0, 10.0)))},
            },
            "notes_failures": True,
        },
        "world": {
            "rewarding": {"draws": 0.5, "loads": draw(PARTS), "missed": draw(PARTS)},
            "recovery": {"complains": draw(PARTS), "words": draw(PARTS), "broken": 1.0},
            "goal": {"gradient": draw(st.sampled_from((0.0, 1.0)))},
            "rivals": {"number": draw(st.sampled_from((1, 2)))},
            "preference": {"pull": draw(st.sampled_from((0.0, 1.0)))},
        },
    }


@st.composite
def changes(draw: st.DrawFn, visited: list[str]) -> list[dict[str, Any]]:
    """Return dated changes of the world."""
    some = {"channels": {visited[0]: draw(st.sampled_from((-2.0, 1.0)))}}
    if len(visited) > 1:
        some["closed"] = visited[1:2]
    return [
        {"name": "first", "from_day": 4, "to_day": draw(st.sampled_from((None, 25))),
         "over": draw(st.sampled_from((0, "9d"))), "share": draw(PARTS), **some},
        {"name": "second", "from_day": 12, "needs": 0.5, "share": 0.7},
    ]  # fmt: skip
