"""Random rivals, friends, reviews and referrals, for the tests that hold in every world."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

SHARES = st.sampled_from((0.0, 0.3, 1.0))


@st.composite
def patches(draw: st.DrawFn, town: int | None) -> dict[str, Any]:
    """Return a patch of a scenario: rivals, preference, friends and tips, reviews, referrals.

    Parameters
    ----------
    town
        People a town, or None without towns: then nobody writes reviews.
    """
    rivals = draw(st.sampled_from((0, 1, 3)))
    written = draw(SHARES) if town else 0.0
    world: dict[str, Any] = {
        "rivals": {
            "number": rivals,
            "utility": draw(st.sampled_from((-1.0, 0.5))),
            "let_down": draw(st.sampled_from((0.0, 2.0))),
        },
        "friends": {
            "each": draw(st.sampled_from([n for n in (0, 2, 6) if town is None or n < town])),
            "rewired": draw(SHARES),
        },
        "tips": {
            "per_order": draw(SHARES),
            "by_preference": draw(st.sampled_from((0.0, 1.5))),
            "warns": draw(SHARES),
            "persuades": draw(SHARES),
            "makes_need": draw(SHARES),
        },
        "reviews": {
            "written": written,
            "read": draw(SHARES) if written else 0.0,
            **({"signed": draw(SHARES)} if written else {}),
        },
        "site_search": {"each": draw(SHARES), "specific": draw(SHARES)},
        "referral": {"shares": draw(SHARES), "eager": draw(st.sampled_from((0.0, 1.0)))},
    }
    if rivals:
        world["preference"] = {
            "pull": draw(st.sampled_from((0.0, 1.0))),
            "known": draw(st.sampled_from((0.5, 1.0))),
        }
    reward, friend = draw(st.sampled_from(((0.0, 0.0), (5.0, 0.0), (2.0, 8.0))))
    return {"world": world, "brand": {"referral": {"reward": reward, "friend": friend}}}
