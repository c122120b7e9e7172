"""The what-if panel: what it holds, when it is there, and that its sliders show what was swept."""

from __future__ import annotations

import json
from dataclasses import replace
from math import log10
from pathlib import Path
from typing import Any

import pytest

from omnilab.report.locales import Numbers
from omnilab.report.page import build_page
from omnilab.report.source import Source
from tests.report.sources import NAMES, source_by_hand
from tests.report.swept import grid, spread
from tests.report.test_browser import CHROMIUM, SIZES, Seen, browser

__all__ = ["browser"]  # the fixture

GIVE_UP, CAP = "world.continuity.give_up", "strategies.*.cap.messages"


VIEW = "world.response.view_through"


def ratios() -> Source:
    """Return points of which one thing lies evenly by ratios, from 0.1 to 10."""
    return spread(40, lambda y: 10.0 ** (2.0 * y - 1.0))


SOURCES = {"grid": grid, "spread": lambda: spread(40), "ratios": ratios}


def data_of(page: str) -> dict[str, Any]:
    after = page.partition('<script type="application/json" id="whatif-data">')[2]
    return dict(json.loads(after.partition("</script>")[0]))


def rows_of(source: Source, measure: str, point: int) -> dict[str, Any]:
    return {
        r["strategy"]: r
        for r in source.rows("sweep")
        if r["measure"] == measure and r["point"] == point
    }


def test_a_sweep_of_numbers_has_a_panel() -> None:
    page = build_page(grid())
    assert '<section id="whatif"' in page
    data = data_of(page)
    assert data["grid"] is True
    assert [a["path"] for a in data["axes"]] == [CAP, GIVE_UP]
    (cap, give_up) = data["axes"]
    assert (give_up["factor"], give_up["suffix"]) == (100.0, "%")
    assert (cap["factor"], cap["suffix"]) == (1.0, "")
    assert 'type="range" id="whatif-1" min="0.0" max="0.2"' in page
    assert all(
        column["off"] > 0
        for m in data["measures"] for s in m["strategies"].values() for column in s.values()
    )  # fmt: skip


def test_whole_numbers_have_steps_of_one_and_shares_have_none() -> None:
    page = build_page(grid())
    (cap, give_up) = data_of(page)["axes"]
    assert (cap["whole"], give_up["whole"]) == (True, False)
    assert 'id="whatif-0" min="1.0" max="7.0" step="1"' in page
    assert 'id="whatif-1" min="0.0" max="0.2" step="any"' in page


def test_what_lies_evenly_by_ratios_has_a_slider_that_goes_by_them() -> None:
    (share, view) = data_of(build_page(ratios()))["axes"]
    assert (share["log"], view["log"]) == (False, True)
    texts = [float(text) for text in view["texts"]]
    assert view["at"] == pytest.approx([log10(x) for x in texts])
    assert (view["at"][0], view["at"][-1]) == pytest.approx((-1.0, 1.0), abs=0.03)
    # Even by difference, or less than a decade, or with a 0: by numbers.
    for worth in (
        lambda y: 0.1 + 10.0 * y,
        lambda y: 2.0 ** (3.0 * y),
        lambda y: max(0.0, y - 0.5),
    ):
        assert data_of(build_page(spread(40, worth)))["axes"][1]["log"] is False


def test_a_run_without_a_sweep_has_none() -> None:
    assert '<section id="whatif"' not in build_page(source_by_hand())
    source = grid()
    few = [r for r in source.rows("points") if r["point"] == 0]
    rows = [r for r in source.rows("sweep") if r["point"] == 0]
    one = replace(source, tables={**source.tables, "points": few, "sweep": rows})
    assert '<section id="whatif"' not in build_page(one)


def test_a_strategy_without_a_value_somewhere_is_left_out_of_that_measure() -> None:
    source = grid()
    rows = [
        {**r, "value": None} if (r["point"], r["strategy"], r["measure"]) == (4, NAMES[0], "ltv")
        else r for r in source.rows("sweep")
    ]  # fmt: skip
    data = data_of(build_page(replace(source, tables={**source.tables, "sweep": rows})))
    kept = {m["name"]: set(m["strategies"]) for m in data["measures"]}
    assert kept == {"ltv": set(NAMES[1:]), "purchase_rate": set(NAMES)}


def test_two_hundred_points_make_a_page_of_a_size_to_send() -> None:
    page = build_page(spread(200))
    assert '<section id="whatif"' in page
    assert len(page.encode()) < 2_000_000


chromium = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed"),
]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("whatif")
    for name, source in SOURCES.items():
        (folder / f"{name}.html").write_text(build_page(source()), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in SOURCES}


@pytest.fixture
def seen(browser: Any, files: dict[str, Path], request: Any) -> Any:
    context = browser(f"whatif-{id(request)}", viewport=SIZES["desktop"])
    found = Seen(context.new_page())
    yield found
    assert found.trouble == []
    context.close()


def move(page: Any, n: int, value: float) -> None:
    page.locator(f"#whatif-{n}").evaluate(
        "(input, x) => { input.value = x; input.dispatchEvent(new Event('input')); }", repr(value)
    )


def table(page: Any) -> dict[str, list[str]]:
    rows = page.locator("#whatif-table tbody tr").all()
    return {r.locator("th").inner_text(): r.locator("td").all_inner_texts() for r in rows}


def wanted(source: Source, measure: str, point: int) -> dict[str, list[str]]:
    numbers = Numbers(source.currency)
    found = {}
    for name, row in rows_of(source, measure, point).items():
        less = {"unit": row["unit"], "value": row["difference"], "low": row["difference_low"],
                "high": row["difference_high"]}  # fmt: skip
        cells = [numbers.value(row["unit"], row["value"]), numbers.interval(row)]
        if less["value"] is None:
            cells += [numbers.value("number", None)] * 2
        else:
            cells += [numbers.signed(row["unit"], less["value"]),
                      numbers.interval(less, signed=True)]  # fmt: skip
        found[name] = [cell.replace("\N{NO-BREAK SPACE}", " ") for cell in cells]
    return found


class TestInTheBrowser:
    pytestmark = chromium

    @pytest.mark.parametrize("measure", ["ltv", "purchase_rate"])
    def test_at_a_computed_point_stands_what_was_computed(
        self, seen: Seen, files: dict[str, Path], measure: str
    ) -> None:
        seen.open(files["grid"])
        page, source = seen.page, grid()
        page.locator("#whatif-measure").select_option(measure)
        for point, (share, cap) in enumerate((g, c) for g in (0.0, 0.1, 0.2) for c in (1, 3, 7)):
            move(page, 0, cap)
            move(page, 1, share)
            assert page.locator("#whatif-lead").inner_text().startswith("Computed.")
            shown = {k: [c.replace("\N{NO-BREAK SPACE}", " ") for c in v]
                     for k, v in table(page).items()}  # fmt: skip
            assert shown == wanted(source, measure, point)

    @pytest.mark.parametrize("name", ["grid", "spread", "ratios"])
    def test_between_points_stands_what_python_says(
        self, seen: Seen, files: dict[str, Path], name: str
    ) -> None:
        from omnilab.report.page.whatif import _placed, _rows

        seen.open(files[name])
        source = SOURCES[name]()
        placed = _placed(source)
        assert placed is not None
        scales, points, space = placed
        rows = _rows(source, points)
        for parts in ((0.3, 0.41), (0.77, 0.12)):
            where = []
            for scale, part in zip(scales, parts, strict=True):
                low, high = scale.along.at[0], scale.along.at[-1]
                x = low + part * (high - low)
                where.append(float(round(x)) if scale.whole else x)
            for n, x in enumerate(where):
                move(seen.page, n, x)
            assert "interpolated" in seen.page.locator("#whatif-lead").inner_text()
            shown = table(seen.page)
            for strategy in NAMES:
                values = [rows["ltv", strategy, p]["value"] for p in points]
                numbers, value = Numbers(source.currency), space.value(where, values)
                off = numbers.value("EUR", space.usual_error(values), near=value)
                assert shown[strategy][:2] == [numbers.value("EUR", value), f"± {off}"]

    def test_it_works_by_keyboard_and_stops_at_each_computed_value(
        self, seen: Seen, files: dict[str, Path]
    ) -> None:
        seen.open(files["grid"])
        slider = seen.page.locator("#whatif-1")
        slider.focus()
        slider.press("Home")
        values, said = [], []
        for _ in range(130):
            values.append(float(slider.input_value()))
            said.append(seen.page.locator("#whatif-lead").inner_text()[:8])
            slider.press("ArrowRight")
        assert values[0] == 0.0
        assert {0.1, 0.2} <= set(values)
        assert values == sorted(values)
        assert {s for s, v in zip(said, values, strict=True) if v in (0.1, 0.2)} == {"Computed"}
        slider.press("End")
        assert slider.get_attribute("aria-valuetext") == "20%"

    def test_the_address_holds_the_setting(self, seen: Seen, files: dict[str, Path]) -> None:
        seen.open(files["grid"])
        page = seen.page
        move(page, 0, 2.5)
        move(page, 1, 0.13)
        page.locator("#whatif-measure").select_option("purchase_rate")
        before, address = table(page), page.url
        assert "#whatif?" in address
        page.goto("about:blank")
        page.goto(address)
        assert table(page) == before
        assert page.locator("#whatif-measure").input_value() == "purchase_rate"
        page.locator("#whatif-nearest").click()
        assert page.locator("#whatif-lead").inner_text().startswith("Computed.")
        page.goto("about:blank")
        page.goto(f"{files['grid'].as_uri()}#whatif?{CAP}=1e99&{GIVE_UP}=no&other=3&measure=x")
        assert page.locator("#whatif-0").input_value() == "7"  # as far as was swept
        assert page.locator("#whatif-measure").input_value() == "ltv"

    def test_a_slider_of_whole_numbers_stays_on_them(
        self, seen: Seen, files: dict[str, Path]
    ) -> None:
        seen.open(files["grid"])
        slider = seen.page.locator("#whatif-0")
        slider.focus()
        slider.press("Home")
        values = []
        for _ in range(7):
            values.append(float(slider.input_value()))
            slider.press("ArrowRight")
        assert values == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
        move(seen.page, 0, 2.2)
        assert float(slider.input_value()) == 2.0

    def test_the_address_of_a_slider_by_ratios_has_the_number(
        self, seen: Seen, files: dict[str, Path]
    ) -> None:
        seen.open(files["ratios"])
        page = seen.page
        move(page, 1, 0.5)
        assert page.locator("#whatif-1").get_attribute("aria-valuetext") == "3.162"
        before, address = table(page), page.url
        assert f"{VIEW}=3.1622776601" in address
        page.goto("about:blank")
        page.goto(address)
        assert table(page) == before
        assert float(page.locator("#whatif-1").input_value()) == pytest.approx(0.5)
        page.goto("about:blank")
        page.goto(f"{files['ratios'].as_uri()}#whatif?{VIEW}=0")  # has no logarithm
        assert page.locator("#whatif-lead").inner_text().startswith("Computed.")

    def test_paper_has_the_setting_and_no_button(self, seen: Seen, files: dict[str, Path]) -> None:
        seen.open(files["grid"])
        seen.page.emulate_media(media="print")
        assert not seen.page.locator("#whatif-nearest").is_visible()
        assert seen.page.locator("#whatif output").first.is_visible()
        assert seen.page.locator("#whatif-table").is_visible()

    def test_nothing_serious_for_axe(self, seen: Seen, files: dict[str, Path]) -> None:
        axe = pytest.importorskip("axe_playwright_python", reason="axe is not installed")
        seen.open(files["grid"])
        script = Path(axe.__file__).parent / "axe.min.js"
        seen.page.evaluate(script.read_text(encoding="utf-8"))
        found = seen.page.evaluate("axe.run('#whatif', {resultTypes: ['violations']})")
        assert [
            v["id"] for v in found["violations"] if v["impact"] in ("serious", "critical")
        ] == []
