"""Published and simulated effects of many experiments, each in a unit that they have in common.

Effects of different studies have no unit in common. Sizes are drawn as parts of the published
effect, which is then 1; signs as parts of half of the simulated interval, so that beyond 1 and -1
an interval has zero outside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from omnilab.experiment.evidence.verdict import Verdict
from omnilab.report.evidence.words import (
    claim_words,
    published_words,
    simulated_words,
    verdict_words,
)
from omnilab.report.figures.figure import Field, Figure, Style, spec_of
from omnilab.report.figures.parts import ZERO, y_names

__all__ = ["MOST", "signs", "sizes"]

#: What lies further out is drawn at the edge; its numbers stand in the table.
MOST: Final = 4.0
#: Where a published sign stands.
_SIDES: Final = {"+": MOST, "-": -MOST, "0": 0.0}
_FIELDS: Final = (
    Field("claim", "Claim"),
    Field("study", "Study"),
    Field("published", "Published"),
    Field("simulated", "Simulated (95%)"),
    Field("verdict", "Verdict"),
)
#: Height of a claim's row in pixels.
_STEP: Final = 26
Row = dict[str, Any]


def sizes(verdicts: Sequence[Verdict], style: Style) -> Figure | None:
    """Return simulated against published sizes, the published effect being 1; None without any."""
    drawn: list[Row] = []
    kept = []
    for v in verdicts:
        c = v.claim
        if v.size is None or not c.published or c.simulated is None:
            continue
        kept.append(v)
        scale = abs(c.published)
        drawn += [
            _row(v, "published", c.published, (c.published_low, c.published_high), scale),
            _row(v, "simulated", c.simulated, (c.low, c.high), scale, right=v.size == "right"),
        ]
    title = "Sizes, simulated against published"
    unit = "Parts of the published effect, which is 1 or −1; what lies further out than 4 is at 4"
    return _figure("evidence-sizes", title, unit, kept, drawn, style)


def signs(verdicts: Sequence[Verdict], style: Style) -> Figure | None:
    """Return how far each simulated effect is from zero, in halves of its interval."""
    drawn: list[Row] = []
    kept = []
    for v in verdicts:
        c = v.claim
        if c.simulated is None or c.low is None or c.high is None:
            continue
        kept.append(v)
        half = (c.high - c.low) / 2.0
        # An exact interval of no width is as far out as can be, unless it is nothing at all.
        scale = half or (abs(c.simulated) / MOST if c.simulated else 1.0)
        drawn += [
            _row(v, "published", _SIDES[c.sign], (None, None), 1.0),
            _row(v, "simulated", c.simulated, (c.low, c.high), scale, right=v.is_sign_right),
        ]
    title = "Signs, simulated and published"
    unit = (
        "Simulated effect in halves of its interval: beyond 1 or −1 zero is outside of it. The "
        "diamond stands on the published side, or at 0"
    )
    return _figure("evidence-signs", title, unit, kept, drawn, style)


def _row(
    v: Verdict, which: str, value: float, ends: tuple[float | None, float | None], scale: float,
    *, right: bool = True,
) -> Row:  # fmt: skip
    """Return what is drawn of one side of a claim."""
    words = published_words(v.claim) if which == "published" else simulated_words(v.claim)
    low, high = (None if end is None else _inside(end / scale) for end in ends)
    return {
        "name": v.claim.claim, "which": which, "right": right, "x": _inside(value / scale),
        "low": low, "high": high,
        "said": f"{claim_words(v.claim)}: {which} {words}, {verdict_words(v)}",
    }  # fmt: skip


def _inside(x: float) -> float:
    return max(-MOST, min(MOST, x))


def _figure(
    name: str, title: str, unit: str, kept: Sequence[Verdict], drawn: Sequence[Row], style: Style
) -> Figure | None:
    if not kept:
        return None
    rows = [
        {
            "claim": v.claim.claim, "study": v.claim.study,
            "published": published_words(v.claim), "simulated": simulated_words(v.claim),
            "verdict": verdict_words(v),
        }
        for v in kept
    ]  # fmt: skip
    look = style.look
    return Figure(
        name, title, unit, _FIELDS, rows, _spec(style, title, drawn, [v.claim.claim for v in kept]),
        legend=[("simulated, right", look["good"]), ("simulated, wrong", look["bad"]),
                ("published", look["base"])],
    )  # fmt: skip


def _spec(
    style: Style, title: str, drawn: Sequence[Mapping[str, Any]], names: Sequence[str]
) -> dict[str, Any]:
    look = style.look
    values = [
        {
            **row,
            "colour": look["base"] if row["which"] == "published"
            else look["good"] if row["right"] else look["bad"],
            "shape": "diamond" if row["which"] == "published" else "circle",
            "shift": _STEP / 2 + (-4 if row["which"] == "published" else 4),
        }
        for row in drawn
    ]  # fmt: skip
    x = {
        "field": "x", "type": "quantitative", "scale": {"domain": [-MOST, MOST]},
        "axis": {"title": None, "tickCount": 9},
    }  # fmt: skip
    shared = {
        "y": y_names(names),
        "yOffset": {"field": "shift", "type": "quantitative", "scale": None},
        "color": {"field": "colour", "type": "nominal", "scale": None},
    }
    return spec_of(
        style,
        title,
        {
            "height": _STEP * len(names),
            "data": {"values": values},
            "layer": [
                ZERO,
                {
                    "transform": [{"filter": "isValid(datum.low) && isValid(datum.high)"}],
                    "mark": {"type": "rule", "strokeWidth": 3, "strokeCap": "round",
                             "opacity": 0.55, "aria": False},
                    "encoding": {**shared, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
                },
                {
                    "mark": {"type": "point", "size": 70, "filled": True, "opacity": 1},
                    "encoding": {
                        **shared, "x": x,
                        "shape": {"field": "shape", "type": "nominal", "scale": None},
                        "description": {"field": "said"}, "tooltip": {"field": "said"},
                    },
                },
            ],
        },
    )  # fmt: skip
