"""Figures hold the tables' numbers, in valid Vega-Lite, whatever the names are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from omnilab.report.figures.figure import Figure, Style
from omnilab.report.figures.flow import _links, _places, flow
from omnilab.report.figures.forest import forest
from omnilab.report.figures.frontier import frontier, undominated
from omnilab.report.figures.funnel import cascade, decisions
from omnilab.report.figures.hangs import tornado, waterfall
from omnilab.report.figures.sweep import others_of, paths_of, sweep
from omnilab.report.locales import Numbers
from omnilab.report.look import LIGHT, page_look, plain_look
from omnilab.report.page import build_page
from omnilab.report.page.build import SECTIONS
from omnilab.report.page.parts import Parts
from tests.report.sources import NAMES, source_by_hand

ODD = ('a"}; alert(1); {"', "<script>x</script>", "datum.constructor", "naïve [0].b")


def style() -> Style:
    return Style(plain_look(NAMES, "multichannel"), Numbers("EUR"))


def all_figures(names: tuple[str, ...] = NAMES, reference: str = "multichannel") -> list[Figure]:
    source = source_by_hand(names, reference=reference)
    kept: list[Figure] = []

    class Keeping(Parts):
        def figure(self, figure: Figure | None, *, note: str = "") -> str:
            if figure is not None:
                kept.append(figure)
            return super().figure(figure, note=note)

    parts = Keeping(Style(plain_look(source.strategies, reference), Numbers("EUR")))
    for section in SECTIONS:
        section.build(source, parts)
    return kept


def values_of(spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return all values that a specification draws."""
    own = spec.get("data", {}).get("values", [])
    return [*own, *(v for layer in spec.get("layer", ()) for v in values_of(layer))]


def strings_of(data: Any) -> list[str]:
    if isinstance(data, Mapping):
        return [s for key, value in data.items() for s in (key, *strings_of(value))]
    if isinstance(data, list | tuple):
        return [s for value in data for s in strings_of(value)]
    return [data] if isinstance(data, str) else []


def test_there_is_a_figure_of_each_kind() -> None:
    kinds = {figure.name.split("-")[0] for figure in all_figures()}
    assert kinds == {
        "forest", "weeks", "lead", "waterfall", "flow", "transitions", "decisions", "cascade",
        "fatigue", "identity", "frontier", "groups", "harm", "causes", "tornado",
    }  # fmt: skip


@pytest.mark.slow
def test_each_is_valid_vega_lite() -> None:
    alt = pytest.importorskip("altair")
    for figure in all_figures():
        alt.Chart.from_dict(json.loads(json.dumps(figure.spec)), validate=True)


def test_each_has_a_title_units_data_and_words_for_its_marks() -> None:
    figures = all_figures()
    assert len({figure.name for figure in figures}) == len(figures)
    for figure in figures:
        assert figure.title
        assert figure.unit
        assert figure.rows
        for row in figure.rows:
            assert {field.name for field in figure.fields} == set(row)
        assert "'description': {'field': 'said'}" in str(figure.spec)
        assert any(v.get("said") for v in values_of(figure.spec))


@pytest.mark.parametrize("measure", ["ltv", "purchase_rate", "contact_cost"])
def test_a_forest_is_the_table_of_differences(measure: str) -> None:
    source = source_by_hand()
    figure = forest(source, style(), measure)
    assert figure is not None
    wanted = {
        r["strategy"]: (r["value"], r["low"], r["high"])
        for r in source.rows("differences")
        if r["measure"] == measure
    }
    assert {r["strategy"]: (r["difference"], r["low"], r["high"]) for r in figure.rows} == wanted
    scale = 100 if measure == "purchase_rate" else 1
    drawn = {v["name"]: (v["x"], v["low"], v["high"]) for v in values_of(figure.spec)}
    assert drawn == {s: tuple(scale * x for x in row) for s, row in wanted.items()}
    sign = -1 if measure == "contact_cost" else 1  # the best first, and less cost is better
    order = [sign * r["difference"] for r in figure.rows]
    assert order == sorted(order, reverse=True)


def test_parts_of_a_waterfall_lie_end_to_end_and_add_up() -> None:
    figure = waterfall(source_by_hand(), style())
    assert figure is not None
    *parts, whole = values_of(figure.spec)
    assert parts[0]["x"] == 0
    for a, b in pairwise(parts):
        assert b["x"] == pytest.approx(a["x2"])
    assert whole["x"] == 0
    assert whole["x2"] == pytest.approx(parts[-1]["x2"])
    assert whole["x2"] == pytest.approx(sum(r["value"] for r in figure.rows))


def test_what_flows_in_flows_out() -> None:
    """Every need is in every column of ribbons once, and ends in an order or in none."""
    source = source_by_hand()
    rows = [r for r in source.rows("paths") if r["strategy"] == "omnichannel"]
    links = _links(rows)
    needs, orders = sum(r["needs"] for r in rows), sum(r["orders"] for r in rows)
    columns = {column for column, _, _ in links}
    for column in columns:
        assert sum(n for (c, _, _), n in links.items() if c == column) == needs
    last = max(columns)
    assert sum(n for (c, _, b), n in links.items() if c == last and b == "order") == orders
    for (column, place), (top, bottom) in _places(links).items():
        assert 0 <= top < bottom <= 1 + 1e-9
        into = sum(n for (c, _, b), n in links.items() if c == column - 1 and b == place)
        out = sum(n for (c, a, _), n in links.items() if c == column and a == place)
        assert column == 0 or into == out or column == last + 1


def test_ribbons_stay_inside_the_places_that_they_join() -> None:
    figure = flow(source_by_hand(), style(), "omnichannel")
    assert figure is not None
    bars = [v for v in values_of(figure.spec) if "x2" in v]
    for value in values_of(figure.spec):
        if "link" in value and value["x"] < 0.02:  # where a ribbon leaves the first column
            name = value["link"].split("/")[1]
            (bar,) = {
                (b["y"], b["y2"])
                for b in bars
                if b["x"] < 0 and b["said"].startswith(f"visit 1, {name}:")
            }
            assert bar[0] - 1e-3 <= value["y"] <= value["y2"] <= bar[1] + 1e-3


@pytest.mark.parametrize(
    ("points", "best"),
    [
        ([("a", 1.0, 5.0), ("b", 2.0, 4.0), ("c", 3.0, 9.0)], ["a", "c"]),
        ([("a", 1.0, 5.0), ("b", 1.0, 6.0)], ["b"]),
        ([("a", 2.0, 5.0), ("b", 1.0, 5.0)], ["b"]),
        ([], []),
    ],
)
def test_the_frontier_is_who_is_beaten_by_none(
    points: list[tuple[str, float, float]], best: list[str]
) -> None:
    assert undominated(points) == best


def test_the_frontier_shows_the_paired_interval() -> None:
    source = source_by_hand()
    figure = frontier(source, style())
    assert figure is not None
    base = source.value("multichannel", "ltv")
    assert base is not None
    for row in figure.rows:
        d = source.difference(row["strategy"], "ltv")
        if d is not None:
            assert row["low"] == pytest.approx(base["value"] + d["low"])


def test_a_cascades_shares_add_up_to_one() -> None:
    figure = cascade(source_by_hand(), style(), "omnichannel")
    assert figure is not None
    assert sum(r["share"] for r in figure.rows) == pytest.approx(1)
    assert {r["end"]: r["share"] for r in figure.rows if r["share"]} == {
        "reached at the first send": 0.75, "capped or stopped": 0.25,
    }  # fmt: skip


def test_odd_names_are_data_and_never_part_of_an_expression() -> None:
    def expressions(data: Any) -> list[str]:
        found = []
        if isinstance(data, Mapping):
            for key, value in data.items():
                if key in ("expr", "calculate", "labelExpr", "signal", "test") or (
                    key == "filter" and isinstance(value, str)
                ):
                    found.append(str(value))
                found += expressions(value)
        elif isinstance(data, list):
            found += [e for value in data for e in expressions(value)]
        return found

    for figure in all_figures(ODD, ODD[1]):
        for expression in expressions(figure.spec):
            assert not any(name in expression for name in ODD)


def test_on_the_page_every_colour_is_one_of_both_schemes() -> None:
    """So that no figure has light's colours in the dark."""
    source = source_by_hand()
    look = page_look(source.strategies, source.reference)
    kept = Parts(Style(look, Numbers("EUR")))
    for section in SECTIONS:
        section.build(source, kept)
    said = " ".join(strings_of([f["spec"] for f in kept.figures.values()]))
    assert not any(colour in said for colour in LIGHT.values() if len(colour) == 7)
    assert "var(--s1)" in said


def test_the_same_run_gives_the_same_page() -> None:
    assert build_page(source_by_hand()) == build_page(source_by_hand())


def test_due_messages_end_once() -> None:
    figure = decisions(source_by_hand(), style())
    assert figure is not None
    for name in NAMES:
        assert sum(r["share"] for r in figure.rows if r["name"] == name) == pytest.approx(1)
    drawn = {(v["name"], v["stage"]): v["share"] for v in values_of(figure.spec)}
    assert drawn["omnichannel", "no consent"] == 0.15


def test_a_tornado_is_the_table_the_widest_first() -> None:
    source = source_by_hand()
    figure = tornado(source, style(), "no_contact")
    assert figure is not None
    swings = [abs(r["at_high"] - r["at_low"]) for r in figure.rows]
    assert swings == sorted(swings, reverse=True)
    wanted = {r["path"]: (r["difference_low"], r["difference_high"])
              for r in source.rows("tornado") if r["strategy"] == "no_contact"}  # fmt: skip
    assert {r["key"]: (r["at_low"], r["at_high"]) for r in figure.rows} == wanted
    names = {v["name"] for v in values_of(figure.spec)}
    assert "continuity.give_up" in names  # short where that is clear
    assert {"channels.email.message.weight", "channels.sms.message.weight"} <= names


def swept() -> Any:
    """Return a sweep of three values by two, with two seeds and both together."""
    numbers = {n: (kappa, cap) for n, (kappa, cap) in
               enumerate((k, c) for k in (0.1, 0.3, 1.0) for c in (1, 2))}  # fmt: skip
    points = [
        {"point": n, "path": path, "text": str(value), "number": float(value), "run": 0}
        for n, pair in numbers.items()
        for path, value in zip(("world.kappa", "brand.cap"), pair, strict=True)
    ]
    rows = [
        {"point": n, "seed": seed, "strategy": s, "measure": "ltv", "unit": "EUR",
         "value": 10 * kappa + cap + k + (seed or 0), "low": 1.0, "high": 20.0,
         "reference": "multichannel" if s != "multichannel" else None,
         "difference": 1.0 * kappa if s != "multichannel" else None,
         "difference_low": 0.0 if s != "multichannel" else None,
         "difference_high": 2.0 if s != "multichannel" else None, "clusters": 9}
        for n, (kappa, cap) in numbers.items()
        for seed in (1, 2, None)
        for k, s in enumerate(NAMES)
    ]  # fmt: skip
    source = source_by_hand(full=False)
    return replace(source, tables={**source.tables, "points": points, "sweep": rows})


def test_a_sweep_is_a_line_over_its_values_for_each_setting() -> None:
    source = swept()
    assert paths_of(source) == ["world.kappa", "brand.cap"]
    others = others_of(source, "world.kappa")
    assert others == [(("brand.cap", "1"),), (("brand.cap", "2"),)]
    figure = sweep(source, style(), "ltv", where=others[1])
    assert figure is not None
    assert "brand.cap 2" in figure.unit
    found = {(r["strategy"], r["at"]): r["value"] for r in figure.rows}
    assert found == {
        (s, str(kappa)): 10 * kappa + 2 + k  # all seeds together
        for k, s in enumerate(NAMES) for kappa in (0.1, 0.3, 1.0)
    }  # fmt: skip
    less = sweep(source, style(), "ltv", where=others[0], difference=True)
    assert less is not None
    assert {r["strategy"] for r in less.rows} == {"omnichannel", "no_contact"}
    page = build_page(source)
    assert '<section id="sweep"' in page
    assert page.count('data-figure="sweep-ltv-0-d-') == 2


@pytest.mark.slow
def test_forty_strategies_make_a_page_of_a_size_to_send() -> None:
    names = tuple(f"s{n:02d}" for n in range(40))
    page = build_page(source_by_hand(names, reference=names[7]))
    assert len(page.encode()) < 5_000_000
    assert "s07</span></label>" in page
