"""Random places, for scenarios in which everything that can be on is on."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

#: A rival's place, a store, or a store that must have what was looked at.
WHERE = st.sampled_from((
    {"place": "rival"}, {"place": "shop"}, {"place": "shop", "has": "viewed"},
    {"place": "shop", "has": "cart", "fresh": "6h"},
))  # fmt: skip


@st.composite
def places(draw: st.DrawFn) -> dict[str, Any]:
    """Return a patch of a scenario with the channels app, push and store: towns with ways.

    Its journey goes over push; the list of journeys is the caller's to put it into, under
    ``near``.
    """
    stores = {
        "name": "shop", "channel": "store", "count": draw(st.integers(1, 3)),
        "opens_on": draw(st.sampled_from((None, 7))),
        "closes_on": draw(st.sampled_from((None, 20))),
    }  # fmt: skip
    rivals = {"name": "rival", "kind": "rival", "count": draw(st.integers(1, 3))}
    boards = {
        "name": "board", "kind": "board", "channel": draw(st.sampled_from((None, "store"))),
        "count": draw(st.integers(1, 6)), "around": draw(st.sampled_from((None, "shop"))),
        "within_m": 400, "sight_m": draw(st.sampled_from((300, 50))), "cost": 0.004,
    }  # fmt: skip
    return {
        "places": [stores, rivals, boards],
        "world": {
            "places": {
                "size_km": draw(st.sampled_from((1.0, 4.0))),
                "clusters": draw(st.integers(1, 4)),
                "works": draw(st.sampled_from((0.6, 0.0))),
                "errands": draw(st.sampled_from((12.0, 0.0))),
                "calls_in": 0.4, "drops_in": 0.1, "tempts": 0.2, "brings": 0.2, "reveals": 0.3,
            }
        },
        "near": {
            "name": "near", "trigger": "near",
            "near": {**draw(WHERE),
                     "radius_m": draw(st.sampled_from((800, 150))),
                     "dwell": draw(st.sampled_from((0, "5min"))),
                     "lead": draw(st.sampled_from((0, "1h")))},
            "sequence": ["app"], "cooldown": draw(st.sampled_from((0, "2d"))),
            "steps": [{"message": {"channels": ["push"], "offer": 0.1, "success": "sent"}}],
        },
    }  # fmt: skip
