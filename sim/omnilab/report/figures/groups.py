"""Who gains and who loses: differences by group, and the spread over single customers."""

from __future__ import annotations

from typing import Final

from omnilab.report.figures.figure import Field, Figure, Style, spec_of
from omnilab.report.figures.forest import forest_spec
from omnilab.report.figures.parts import legend_of, title_of, unit_title, y_names
from omnilab.report.source import Source

__all__ = ["GROUPED", "causes", "groups", "harm"]

GROUPED: Final = ("ltv", "purchase_rate", "orders_per_customer", "revenue")
#: Most groups that are shown: those with most customers.
_MOST: Final = 20
_HARM: Final = {
    "margin": {"gained": "bring more margin", "harmed": "bring less margin"},
    "orders": {"more_orders": "order more", "fewer_orders": "order less"},
    "LTV": {"higher_ltv": "are worth more", "lower_ltv": "are worth less"},
}
_HARM_UNITS: Final = {
    "margin": "percent of customers, each held against their own twin; before contact cost",
    "orders": "percent of customers, each held against their own twin",
    "LTV": "percent of customers, each held against their own twin; a message's cost counts",
}
_GROUPS: Final = (
    Field("group", "Group"),
    Field("persons", "Customers", "count"),
    Field("value", "Value", "row"),
    Field("difference", "Difference", "row", signed=True),
    Field("low", "95% interval, from", "row", signed=True),
    Field("high", "to", "row", signed=True),
    Field("unit", "Unit"),
)
_SPREAD: Final = (
    Field("strategy", "Strategy"),
    Field("what", "Customers"),
    Field("value", "Share", "share"),
    Field("low", "95% interval, from", "share"),
    Field("high", "to", "share"),
)
_CAUSES: Final = (
    Field("what", "What"),
    Field("cause", "Cause"),
    Field("strategy", "Strategy"),
    Field("count", "Times", "count"),
    Field("per_1000", "Per 1,000 customers", "number"),
)


def groups(
    source: Source, style: Style, by: str, strategy: str, measure: str = "ltv"
) -> Figure | None:
    """Return a strategy less the reference in each group of customers, the most gain first.

    Parameters
    ----------
    source, style
        As of every figure.
    by
        ``persona``, ``segment`` and so on, as the table ``groups`` has it.
    strategy, measure
        What is shown.
    """
    rows = [
        {k: r[k] for k in ("group", "persons", "value", "difference", "low", "high", "unit")}
        for r in source.rows("groups")
        if (r["by"], r["strategy"], r["measure"]) == (by, strategy, measure)
        and r["difference"] is not None and r["reference"] is not None
    ]  # fmt: skip
    if not rows:
        return None
    rows = sorted(rows, key=lambda r: -r["persons"])[:_MOST]
    rows.sort(key=lambda r: (-r["difference"], r["group"]))
    reference = next(r["reference"] for r in source.rows("groups") if r["reference"] is not None)
    unit, look = rows[0]["unit"], style.look
    words = by.replace("_", " ")
    title = f"{title_of(measure)} by {words}: {strategy} less {reference}"
    drawn = []
    for r in rows:
        apart = r["low"] is not None and (r["low"] > 0 or r["high"] < 0)
        gain = look["good"] if r["difference"] > 0 else look["bad"]
        drawn.append(
            {**r, "name": r["group"], "certain": "yes" if apart else "no",
             "colour": gain if apart else look["base"]}
        )  # fmt: skip
    slug = f"groups-{by}-{source.strategies.index(strategy)}-{measure}".replace("_", "-")
    return Figure(
        "".join(c for c in slug if c.isalnum() or c == "-"), title,
        f"{unit_title(unit, source.currency, signed=True)}, the same customers; filled: the "
        "interval leaves out 0", _GROUPS, rows,
        forest_spec(style, title, unit, drawn, [r["group"] for r in rows], step=40),
    )  # fmt: skip


def harm(source: Source, style: Style, by: str = "margin") -> Figure | None:
    """Return the share of customers who gain and who are harmed under each strategy.

    Parameters
    ----------
    source, style
        As of every figure.
    by
        ``margin``: what they buy brings more or less of it, before contact cost; ``orders``: more
        or fewer of them; ``LTV``: more or less, for which the cost of a message is enough.
    """
    wanted = _HARM[by]
    gain, loss = wanted.values()
    rows = [
        {"strategy": r["strategy"], "what": wanted[r["measure"]], "value": r["value"],
         "low": r["low"], "high": r["high"]}
        for r in source.rows("spread")
        if r["measure"] in wanted and r["value"] is not None and r["reference"] is not None
        and r["strategy"] != r["reference"]
    ]  # fmt: skip
    if not rows:
        return None
    reference = next(r["reference"] for r in source.rows("spread") if r["reference"] is not None)
    names = [s for s in source.strategies if any(r["strategy"] == s for r in rows)]
    title = f"Who gains and who is harmed by {by}, beside {reference}"
    values = []
    for r in rows:
        sign = 1 if r["what"] == gain else -1
        written = style.numbers.value("share", r["value"])
        values.append(
            {
                "name": r["strategy"], "x": sign * r["value"], "what": r["what"],
                "label": written, "align": "left" if sign > 0 else "right", "dx": sign * 6,
                "said": f"{r['strategy']}: {written} of customers {r['what']}",
            }
        )  # fmt: skip
    look = style.look
    y = y_names(names)
    x = {"field": "x", "type": "quantitative", "scale": {"padding": 58, "nice": False},
         "axis": {"labels": False, "ticks": False, "title": None, "grid": False}}  # fmt: skip
    words = list(wanted.values())
    text = [
        {
            "transform": [{"filter": {"field": "align", "equal": side}}],
            "mark": {"type": "text", "align": side, "dx": dx, "fontWeight": 600, "aria": False},
            "encoding": {"y": y, "x": x, "text": {"field": "label"}},
        }
        for side, dx in (("left", 6), ("right", -6))
    ]
    spec = spec_of(
        style,
        title,
        {
            "height": 38 * len(names),
            "data": {"values": values},
            "layer": [
                {
                    "mark": {"type": "bar", "cornerRadius": 3, "height": 20},
                    "encoding": {
                        "y": y, "x": x,
                        "color": {"field": "what", "type": "nominal", "sort": words,
                                  "scale": {"domain": words, "range": [look["good"], look["bad"]]}},
                        "description": {"field": "said"}, "tooltip": {"field": "said"},
                    },
                },
                *text,
            ],
        },
    )  # fmt: skip
    return Figure(
        f"harm-{by.lower()}",
        title,
        _HARM_UNITS[by],
        _SPREAD,
        rows,
        spec,
        legend=[(gain, look["good"]), (loss, look["bad"])],
    )


def causes(source: Source, style: Style, what: str) -> Figure | None:
    """Return why customers left, gave up, lost needs or opted out, strategies side by side."""
    shown = source.shown
    rows = [
        {k: r[k] for k in ("what", "cause", "strategy", "count", "per_1000")}
        for r in source.rows("causes")
        if r["what"] == what and r["strategy"] in shown
    ]
    if not any(r["count"] for r in rows):
        return None
    title = {
        "left": "Why customers leave", "gave_up": "Why customers give up a visit",
        "need_lost": "How needs are lost", "opted_out": "How customers opt out",
    }.get(what, what.replace("_", " "))  # fmt: skip
    most = {c: max(r["per_1000"] for r in rows if r["cause"] == c) for c in
            {r["cause"] for r in rows}}  # fmt: skip
    order = sorted(most, key=lambda c: (-most[c], c))
    names = [s for s in shown if any(r["strategy"] == s for r in rows)]
    values = [
        {**r, "name": r["cause"], "said": f"{r['strategy']}, {r['cause']}: "
         f"{style.numbers.value('number', r['per_1000'])} per 1,000 customers"}
        for r in rows
    ]  # fmt: skip
    spec = spec_of(
        style,
        title,
        {
            "height": len(order) * max(11 * len(names), 30),
            "data": {"values": values},
            "mark": {"type": "bar", "cornerRadiusEnd": 3},
            "encoding": {
                "y": y_names(order), "yOffset": {"field": "strategy", "sort": names},
                "x": {"field": "per_1000", "type": "quantitative",
                      "axis": {"title": None, "format": style.numbers.axis("number"),
                               "tickCount": 5}},
                "color": {"field": "strategy", "type": "nominal", "sort": names,
                          "scale": style.look.scale(names)},
                "description": {"field": "said"}, "tooltip": {"field": "said"},
            },
        },
    )  # fmt: skip
    name = "causes-" + "".join(c for c in what if c.isalnum())
    return Figure(
        name, title, "per 1,000 customers", _CAUSES, rows, spec, legend=legend_of(style, names)
    )
