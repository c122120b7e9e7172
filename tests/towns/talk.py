"""Random replies, invitations, days and split tests, for the tests that hold in every world."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

DAYS = st.sampled_from(((0, None), (0, 12), (7, None), (5, 25)))


@st.composite
def with_talk(draw: st.DrawFn, tree: dict[str, Any], flows: list[dict[str, Any]]) -> None:
    """Let some channels be answered or invite to another one, and hold on some days alone."""
    sides = {
        (c["preset"] if isinstance(c, dict) else c): c.setdefault("message", {})
        for c in tree["channels"]
        if isinstance(c, dict) and "message" in c and c["preset"] != "social_ad"
    }
    answers: dict[str, str] = {}
    for name, side in sides.items():
        kind = draw(st.sampled_from(("", "replied", "accepted")))
        others = sorted(set(sides) - {name})
        if kind == "accepted" and not others:
            kind = "replied"
        if kind:
            side["reply"] = draw(st.sampled_from((0.2, 0.7)))
            answers[name] = kind
        if kind == "accepted":
            side["invites"] = draw(st.sampled_from(others))
        side["from_day"], side["to_day"] = draw(DAYS)
    for flow in flows:
        flow["from_day"], flow["to_day"] = draw(DAYS)
        if flow["trigger"] not in ("near", "weekly"):
            flow["trigger"] = draw(st.sampled_from((flow["trigger"], "reply", "accept")))
        before: list[str] = []
        for step in flow["steps"]:
            if "message" in step:
                before = step["message"]["channels"]
                step["message"]["asks_reply"] = asks = draw(st.booleans())
                if asks and step["message"].get("asks") is None:
                    step["message"]["incentive"] = draw(st.sampled_from((0.0, 2.0)))
            can = sorted({answers[c] for c in before if c in answers})
            if "split" in step and can and draw(st.booleans()):
                has = draw(st.sampled_from(can))
                step["split"]["has"] = draw(st.sampled_from((has, f"not_{has}")))
                step["split"].pop("score", None)


@st.composite
def with_arms(draw: st.DrawFn, flows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Let some steps belong to arms of tests; return the tests."""
    tests: list[dict[str, Any]] = [
        {"name": "a", "by": draw(st.sampled_from(("profile", "address"))),
         "arms": {"one": 0.5, "two": 0.3, "none": 0.2}},
        {"name": "b", "by": draw(st.sampled_from(("profile", "address"))),
         "arms": {"one": 0.4, "two": 0.6}},
    ]  # fmt: skip
    for flow in flows:
        for step in flow["steps"]:
            if draw(st.booleans()):
                step["arm"] = {"test": draw(st.sampled_from(("a", "b"))),
                               "name": draw(st.sampled_from(("one", "two")))}  # fmt: skip
    return tests
