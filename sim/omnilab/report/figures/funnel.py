"""What becomes of messages: the funnel of decisions, and the sends of a cascade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from omnilab.report.figures.figure import Field, Figure, Style, spec_of
from omnilab.report.figures.parts import legend_of, y_names
from omnilab.report.source import Source

__all__ = ["cascade", "decisions"]

_FUNNEL: Final = (
    Field("strategy", "Strategy"),
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
    (("final_open",), "still open", "line"),
)


def decisions(source: Source, style: Style) -> Figure | None:
    """Return how many of all due messages fell at each stage, strategies side by side."""
    rows = [
        {k: r[k] for k in ("strategy", "stage", "messages", "share")}
        for r in source.rows("funnel")
        if r["by"] == "all" and r["messages"] is not None
    ]
    if not rows:
        return None
    stages = list(dict.fromkeys(r["stage"] for r in rows))
    names = [s for s in source.strategies if any(r["strategy"] == s for r in rows)]
    title = "What becomes of messages that are due"
    values = [
        {**r, "name": r["stage"], "share": r["share"] or 0.0,
         "label": style.numbers.percent(r["share"] or 0.0),
         "said": f"{r['strategy']}, {r['stage']}: {style.numbers.value('count', r['messages'])} "
         f"messages, {style.numbers.value('share', r['share'])} of those due"}
        for r in rows
    ]  # fmt: skip
    y = y_names(stages)
    offset = {"field": "strategy", "sort": names}
    x = {"field": "share", "type": "quantitative", "scale": {"padding": 0},
         "axis": {"format": ".0%", "title": None, "tickCount": 5}}  # fmt: skip
    spec = spec_of(
        style,
        title,
        {
            "height": len(stages) * max(10 * len(names), 30),
            "data": {"values": values},
            "encoding": {"y": y, "yOffset": offset},
            "layer": [
                {
                    "mark": {"type": "bar", "cornerRadiusEnd": 3},
                    "encoding": {
                        "x": x,
                        "color": {"field": "strategy", "type": "nominal", "sort": names,
                                  "scale": style.look.scale(names)},
                        "description": {"field": "said"}, "tooltip": {"field": "said"},
                    },
                },
            ],
        },
    )  # fmt: skip
    return Figure(
        "decisions", title, "percent of all due messages", _FUNNEL, rows, spec,
        legend=legend_of(style, names),
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
    return spec_of(
        style,
        title,
        {
            "height": 34 * len(journeys),
            "data": {"values": values},
            "mark": {"type": "bar", "stroke": style.look["card"], "strokeWidth": 1},
            "encoding": {
                "y": y_names(journeys),
                "x": {"field": "share", "type": "quantitative", "stack": "zero",
                      "scale": {"domain": [0, 1]},
                      "axis": {"format": ".0%", "title": None, "tickCount": 5}},
                "color": {"field": "end", "type": "nominal", "scale": scale},
                "order": {"field": "order", "type": "quantitative"},
                "description": {"field": "said"}, "tooltip": {"field": "said"},
            },
        },
    )  # fmt: skip
