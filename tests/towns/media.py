"""Random media plans, articles and posts, for the tests that hold in every world."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st


@st.composite
def media(draw: st.DrawFn, visited: list[str], names: list[str]) -> dict[str, Any]:
    """Return a patch of a scenario of 40 days: flights, articles and posts, some of them.

    Parameters
    ----------
    visited, names
        Of channels that can be visited, and of the categories.
    """
    shows = st.sampled_from(("generic", *names))
    channel = st.sampled_from((None, *visited))
    flights = [
        {"name": f"f{n}", "medium": draw(st.sampled_from(("radio", "television", "print"))),
         "grp": draw(st.sampled_from((50, 300))), "lasts": "14d",
         "begins_on": draw(st.sampled_from((0, 20))), "shows": draw(shows),
         "channel": draw(channel), "per_thousand": 9.0}
        for n in range(draw(st.integers(0, 2)))
    ]  # fmt: skip
    if draw(st.booleans()):  # a medium has one curve
        for flight in flights[:1]:
            flight["curve"] = draw(st.sampled_from(({100: "35%", 300: "50%"}, {"80": 0.5})))
    articles = [
        {"name": f"a{n}", "shows": draw(shows), "rank": draw(st.integers(1, 3)),
         "lasts": draw(st.sampled_from((None, "20d"))), "channel": draw(channel)}
        for n in range(draw(st.integers(0, 2)))
    ]  # fmt: skip
    series = [
        {"name": f"s{n}", "every": draw(st.sampled_from(("2d", "9h"))), "shows": draw(shows),
         "channel": draw(channel), "boost": 0.2, "per_thousand": 4.0}
        for n in range(draw(st.integers(0, 1)))
    ]  # fmt: skip
    known = draw(st.sampled_from((1.0, 0.5)))
    return {
        "world": {
            "rivals": {"number": 1 if known < 1 else 0},
            "preference": {"known": known},
            "media": {"shape": draw(st.sampled_from((0.4, 2.0))), "searches": 0.3, "looks": 0.1,
                      "makes": 0.1, "reveals": 0.3},
            "content": {"searches": 0.7, "every": draw(st.sampled_from((0, "6d"))), "makes": 0.2,
                        "moves": 0.6, "browses": 0.3},
            "posts": {"reach": 0.5, "likes": 0.3, "shares": draw(st.sampled_from((0.0, 0.15))),
                      "clicks": 0.2, "makes": 0.05},
        },
        "brand": {"media": flights, "content": articles, "posts": series},
    }  # fmt: skip
