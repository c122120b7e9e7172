"""Random creatives and leeway of messages, for the tests that hold in every world."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

CREATIVES = [{"name": "plain"}, {"name": "bright", "quality": 0.8}, {"name": "dull", "quality": -1}]


@st.composite
def with_leeway(
    draw: st.DrawFn, flows: list[dict[str, Any]], categories: list[str]
) -> list[dict[str, Any]]:
    """Let some messages have a ready creative, or leave less open; return the brand's creatives."""
    for step in (step for flow in flows for step in flow.get("steps", ())):
        message = step.get("message")
        if message is None:
            continue
        message["creative"] = draw(st.sampled_from((message.get("creative"), "plain", "bright")))
        if draw(st.booleans()) and not message.get("service"):
            message["leeway"] = {
                "shows": draw(st.sampled_from((None, ["generic", "cart"], [categories[-1]]))),
                "creatives": draw(st.sampled_from((None, ["dull"]))),
            }
    return CREATIVES
