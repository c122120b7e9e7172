"""Random scores and branches on them, for the tests that hold in every world."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st


@st.composite
def with_scores(draw: st.DrawFn, flows: list[dict[str, Any]], *, paid: bool) -> dict[str, Any]:
    """Let some branches of journeys ask for a score; return the brand's.

    ``paid``: a programme adds up what customers have paid, so that a score may count it.
    """
    for split in (step["split"] for flow in flows for step in flow.get("steps", ())
                  if "split" in step):  # fmt: skip
        if draw(st.booleans()) and split["has"] not in ("replied", "accepted"):
            split |= {"has": draw(st.sampled_from(("score", "not_score"))),
                      "score": draw(st.sampled_from((1.0, 4.0)))}  # fmt: skip
    return {"recency": 3.0, "memory": draw(st.sampled_from(("5d", "40d"))), "frequency": 2.0,
            "monetary": draw(st.sampled_from((0.0, 1.0))) if paid else 0.0,
            "decided": draw(st.booleans())}  # fmt: skip
