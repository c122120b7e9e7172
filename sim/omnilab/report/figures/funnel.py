"""What becomes of messages: the funnel of decisions, and the sends of a cascade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from omnilab.report.figures.figure import Field, Figure, Style, spec_of
from omnilab.report.figures.parts import y_names
from omnilab.report.source import Source

__all__ = ["cascade", "decisions"]

_FUNNEL: Final = (
    Field("name", "Of"),
    Field("stage", "Stage"),
    Field("messages", "Messages", "count"),
    Field("share", "Share of those due", "share"),
)
_CASCADE: Final = (
    Field("journey", "Journey"),
    Field("end", "How it ended"),
    Field("messages", "Messages", "count"),
    Field("share", "Share of the journey's", "share"),
)
#: Where a due message can end, from the first decision to the last answer, with its colour.
_STAGES: Final = (
    ("control", "s8"), ("no_address", "s3"), ("no_consent", "s7"), ("held_to_the_end", "line"),
    ("converted", "s6"), ("declined", "s4"), ("suppressed", "bad"),
    ("bought_lately", "s2"), ("capped", "base"), ("no_money", "line"), ("not_shown", "s7"),
    ("bounced", "ink"), ("not_opened", "mute"), ("opened", "s5"), ("clicked", "s1"),
)  # fmt: skip
#: Sums of a journey, in the order of a bar from left to right, with their words and colours.
_ENDS: Final = (
    (("reached_1",), "reached at the first send", "s1"),
    (("reached_2",), "by the second", "s5"),
    (("reached_3", "reached_later"), "by a later one", "s2"),
    (("final_exhausted",), "not reached", "mute"),
    (("final_converted",), "bought before", "s6"),
    (("final_skipped",), "no address or consent", "s3"),
    (("final_capped", "final_suppressed"), "capped or stopped", "bad"),
    (("final_declined", "final_control"), "not wanted, control", "s4"),
    (("final_unfunded", "final_unshown"), "no money, not shown", "s7"),
    (("final_buyer",), "bought lately", "s8"),
    (("final_open",), "still open", "line"),
)


def decisions(
    source: Source, style: Style, by: str = "all", strategy: str | None = None
) -> Figure | None:
    """Return at which stage due messages ended.

    Parameters
    ----------
    source, style
        As of every figure.
    by
        ``all``: a bar for each strategy; or ``journey``, ``channel``, ``segment``: a bar for each
        of them under one strategy.
    strategy
        Where it is not ``all``.
    """
    key = "strategy" if by == "all" else "name"
    rows = [
        {"name": r[key], "stage": r["stage"], "messages": r["messages"], "share": r["share"]}
        for r in source.rows("funnel")
        if r["by"] == by and r["messages"] and (by == "all" or r["strategy"] == strategy)
    ]
    if not rows:
        return None
    there = [r["name"] for r in rows]
    names = [s for s in source.strategies if s in there] if by == "all" else []
    names += [n for n in dict.fromkeys(there) if n not in names]
    title = "Where due messages end" + ("" if by == "all" else f" under {strategy}, by {by}")
    known = dict(_STAGES)
    stages = [s for s in known if any(r["stage"] == s for r in rows)]
    stages += [s for s in dict.fromkeys(r["stage"] for r in rows) if s not in known]
    colours = {s: style.look[known.get(s, "base")] for s in stages}
    words = {s: s.replace("_", " ") for s in stages}
    values = [
        {
            **r, "stage": words[r["stage"]], "order": stages.index(r["stage"]),
            "said": f"{r['name']}, {words[r['stage']]}: "
            f"{style.numbers.value('count', r['messages'])} messages, "
            f"{style.numbers.value('share', r['share'])} of those due",
        }
        for r in rows
    ]  # fmt: skip
    slug = (
        "decisions" if by == "all" else f"decisions-{by}-{source.strategies.index(str(strategy))}"
    )
    scale = {"domain": [words[s] for s in stages], "range": [colours[s] for s in stages]}
    return Figure(
        slug, title, "percent of all due messages; each ends at one stage", _FUNNEL, rows,
        _bars(style, title, values, names, "stage", scale),
        legend=[(words[s], colours[s]) for s in stages],
    )  # fmt: skip


def cascade(source: Source, style: Style, strategy: str) -> Figure | None:
    """Return how a strategy's messages ended, a bar for each journey."""
    sums: dict[str, dict[str, float]] = {}
    for r in source.rows("breakdowns"):
        if r["strategy"] == strategy and r["by"] == "journey" and r["kind"] == "sum":
            sums.setdefault(r["name"], {})[r["measure"].removeprefix("total_")] = r["value"] or 0.0
    rows: list[dict[str, Any]] = []
    for journey, found in sums.items():
        parts = [(words, sum(found.get(k, 0.0) for k in keys)) for keys, words, _ in _ENDS]
        total = sum(n for _, n in parts)
        if total:
            rows += [
                {"journey": journey, "end": words, "messages": n, "share": n / total}
                for words, n in parts
            ]
    if not rows:
        return None
    title = f"How messages ended under {strategy}"
    slug = source.strategies.index(strategy)
    return Figure(
        f"cascade-{slug}", title, "percent of each journey's messages that ended", _CASCADE, rows,
        _stacked(style, title, rows),
        legend=[(words, style.look[colour]) for _, words, colour in _ENDS
                if any(r["end"] == words and r["messages"] for r in rows)],
    )  # fmt: skip


def _stacked(style: Style, title: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    journeys = list(dict.fromkeys(r["journey"] for r in rows))
    used = {r["end"] for r in rows if r["messages"]}
    ends = [(words, colour) for _, words, colour in _ENDS if words in used]
    values = [
        {**r, "name": r["journey"], "order": [w for w, _ in ends].index(r["end"]),
         "said": f"{r['journey']}, {r['end']}: {style.numbers.value('count', r['messages'])}, "
         f"{style.numbers.value('share', r['share'])}"}
        for r in rows
        if r["messages"]
    ]  # fmt: skip
    scale = {"domain": [w for w, _ in ends], "range": [style.look[c] for _, c in ends]}
    return _bars(style, title, values, journeys, "end", scale)


def _bars(
    style: Style, title: str, values: list[dict[str, Any]], names: Sequence[str], part: str,
    scale: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """Return a bar of parts for each name."""
    return spec_of(
        style,
        title,
        {
            "height": 36 * len(names),
            "data": {"values": values},
            "mark": {"type": "bar", "stroke": style.look["card"], "strokeWidth": 1},
            "encoding": {
                "y": y_names(names),
                "x": {"field": "share", "type": "quantitative", "stack": "zero",
                      "scale": {"domain": [0, 1]},
                      "axis": {"format": ".0%", "title": None, "tickCount": 5}},
                "color": {"field": part, "type": "nominal", "scale": scale},
                "order": {"field": "order", "type": "quantitative"},
                "description": {"field": "said"}, "tooltip": {"field": "said"},
            },
        },
    )  # fmt: skip
