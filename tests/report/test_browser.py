"""The page in a real browser: its charts have the data's values, and everybody can use it.

Needs Chromium, as Debian has it, and Playwright; without them these tests are skipped and say so.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from omnilab.report.locales import Numbers
from omnilab.report.page import build_page
from tests.report.sources import source_by_hand

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed"),
]

ARGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 900}}
HOSTILE = "</script><img src=x onerror=alert(1)>"
#: What a screen reader finds in a chart, without its axes.
MARKS = "svg [aria-roledescription]:not([aria-roledescription='axis'])[aria-label]"
DRAWN = """async () => {
  const places = [...document.querySelectorAll('.chart')].filter(place => place.drawn);
  await Promise.all(places.map(place => place.drawn));
  return places.length;
}"""


class Seen:
    """A page and what happened on it."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.trouble: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda m: self.trouble.append(m.text))
        page.on("pageerror", lambda e: self.trouble.append(str(e)))
        page.on("request", lambda r: self.requests.append(r.url))
        page.on("dialog", lambda d: self.trouble.append(f"dialog {d.message}"))

    def open(self, file: Path) -> None:
        self.page.goto(file.as_uri())
        assert self.page.evaluate(DRAWN) > 0


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with sync_api.sync_playwright() as play:
        home = tmp_path_factory.mktemp("chromium")
        yield lambda name, **options: play.chromium.launch_persistent_context(
            str(home / name), executable_path=CHROMIUM, args=ARGS, headless=True, **options
        )


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(build_page(source_by_hand()), encoding="utf-8")
    return path


@pytest.fixture(scope="module", params=[(s, c) for s in SIZES for c in ("light", "dark")],
                ids=lambda p: "-".join(p))  # fmt: skip
def seen(request: Any, browser: Any, file: Path) -> Iterator[Seen]:
    size, scheme = request.param
    context = browser(f"{size}-{scheme}", viewport=SIZES[size], color_scheme=scheme)
    found = Seen(context.new_page())
    found.open(file)
    yield found
    context.close()


@pytest.fixture(scope="module")
def desktop(browser: Any, file: Path) -> Iterator[Seen]:
    context = browser("one", viewport=SIZES["desktop"], accept_downloads=True)
    found = Seen(context.new_page())
    found.open(file)
    yield found
    context.close()


def shown(page: Any, name: str) -> Any:
    """Return a figure's place, drawn, whatever panel it is in."""
    place = page.locator(f'[data-figure="{name}"]')
    panel = place.locator("xpath=ancestor::div[@data-panel]")
    if panel.count():
        number = panel.get_attribute("data-panel")
        panel.locator(f'xpath=../fieldset//input[@value="{number}"]').evaluate(
            "choice => choice.click()"
        )
    place.evaluate("async place => { await place.drawn; }")
    return place


def labels(page: Any, name: str) -> list[str]:
    """Return what a figure's marks say of themselves to those who hear it."""
    marks = shown(page, name).locator(MARKS)
    return [text for text in marks.evaluate_all("all => all.map(m => m.ariaLabel)") if text]


def test_no_error_and_no_request(seen: Seen) -> None:
    for button in seen.page.locator(".switch input").all():
        button.evaluate("choice => choice.click()")
    seen.page.evaluate(DRAWN)
    assert seen.trouble == []
    assert [url for url in seen.requests if not url.startswith(("file:", "data:"))] == []
    assert len(seen.requests) == 1


def test_every_chart_is_drawn_as_svg_within_its_place(seen: Seen) -> None:
    page = seen.page
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    for place in page.locator(".chart").all():
        if place.is_visible():
            box, svg = place.bounding_box(), place.locator("svg").bounding_box()
            assert svg["width"] > 200
            assert svg["height"] > 40
            assert svg["x"] + svg["width"] <= box["x"] + box["width"] + 1


def test_the_scheme_is_the_readers(seen: Seen) -> None:
    dark = seen.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    colour = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", colour)[:3])) < 200) == dark
    drawn = seen.page.locator(".chart svg .mark-text text").first
    ink = drawn.evaluate("text => getComputedStyle(text).fill")
    assert (sum(map(int, re.findall(r"\d+", ink)[:3])) > 500) == dark


def test_nothing_serious_for_axe(seen: Seen) -> None:
    """In each size and scheme: a colour may fail in one of them alone."""
    axe = pytest.importorskip("axe_playwright_python", reason="axe is not installed")
    script = Path(axe.__file__).parent / "axe.min.js"
    # By the developers' protocol: the page's own policy lets no script in.
    seen.page.evaluate(script.read_text(encoding="utf-8") + ";0")
    found = seen.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    serious = [
        (v["id"], v["nodes"][0]["html"][:160], v["nodes"][0]["failureSummary"])
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_marks_of_a_forest_have_the_tables_values(desktop: Seen) -> None:
    numbers, source = Numbers("EUR"), source_by_hand()
    for measure in ("ltv", "orders_per_customer"):
        said = labels(desktop.page, f"forest-{measure}".replace("_", "-"))
        rows = [r for r in source.rows("differences") if r["measure"] == measure]
        wanted = {
            f"{r['strategy']}: {numbers.of(r, signed=True)} ({numbers.interval(r, signed=True)})"
            for r in rows
        }
        assert set(said) == wanted
        # And they stand where the numbers are: their places on the axis keep the distances.
        place = shown(desktop.page, f"forest-{measure}".replace("_", "-"))
        points = place.locator('svg [aria-roledescription="point"]')
        at = {
            p.get_attribute("aria-label").split(":")[0]:
            p.evaluate("m => m.getBoundingClientRect().x + m.getBoundingClientRect().width / 2")
            for p in points.all()
        }  # fmt: skip
        zero = place.locator("svg .mark-rule.role-mark line").first.evaluate(
            "m => m.getBoundingClientRect().x"
        )
        value = {r["strategy"]: r["value"] for r in rows}
        a, b = sorted(value, key=lambda s: value[s])
        assert (at[a] - zero) / (at[b] - zero) == pytest.approx(value[a] / value[b], rel=0.03)


@pytest.mark.parametrize(
    ("name", "table", "count"),
    [
        ("weeks-ltv", "weeks", 3 * 26), ("transitions-0", "transitions", None),
        ("decisions", "funnel", 27), ("identity", None, 9), ("frontier", None, 3),
        ("harm-margin", "spread", 4), ("waterfall-ltv", "effects", 7),
        ("causes-needlost", "causes", 9),
        ("tornado-1", "tornado", 4), ("identity-cost-revenue", None, 3),
    ],
)  # fmt: skip
def test_marks_are_as_many_as_the_numbers(
    desktop: Seen, name: str, table: str | None, count: int | None
) -> None:
    source = source_by_hand()
    if count is None and table is not None:
        best = source.strategies[0]
        count = sum(r["strategy"] == best for r in source.rows(table))
    assert len(labels(desktop.page, name)) == count


def test_a_heat_map_says_each_share(desktop: Seen) -> None:
    source, numbers = source_by_hand(), Numbers("EUR")
    best = source.strategies[0]
    wanted = {
        f"{r['from']} to {r['to']}: {numbers.value('share', r['share'])}, "
        f"{numbers.value('count', r['count'])} times"
        for r in source.rows("transitions")
        if r["strategy"] == best
    }
    assert set(labels(desktop.page, "transitions-0")) == wanted


def test_ribbons_say_how_many_needs_take_them(desktop: Seen) -> None:
    said = labels(desktop.page, "flow-0")
    source = source_by_hand()
    rows = [r for r in source.rows("paths") if r["strategy"] == source.strategies[0]]
    first = sum(r["needs"] for r in rows if r["path"].split(" > ")[0] == "web")
    total = sum(r["needs"] for r in rows)
    numbers = Numbers("EUR")
    wanted = f"visit 1, web: {numbers.whole(first)}, {numbers.percent(first / total)} of all"
    assert wanted in said
    end = sum(r["orders"] for r in rows)
    assert f"end, order: {end:,}, {numbers.percent(end / total)} of all" in said


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_files_have_the_figures_data(desktop: Seen, kind: str, tmp_path: Path) -> None:
    page, source = desktop.page, source_by_hand()
    shown(page, "forest-ltv")
    with page.expect_download() as waiting:
        page.locator(f'[data-of="forest-ltv"][data-take="{kind}"]').click()
    path = tmp_path / "file"
    waiting.value.save_as(path)
    assert waiting.value.suggested_filename == f"forest-ltv.{kind}"
    text = path.read_bytes().decode()
    if kind == "json":
        found = {row["strategy"]: row["difference"] for row in json.loads(text)}
    else:
        lines = text.split("\r\n")
        assert lines[0] == "strategy,difference,low,high,certain,unit"
        found = {line.split(",")[0]: float(line.split(",")[1]) for line in lines[1:-1]}
    assert found == {
        r["strategy"]: r["value"] for r in source.rows("differences") if r["measure"] == "ltv"
    }


def days(page: Any) -> list[str]:
    return [row for row in page.locator("#twin-days tbody").inner_text().split("\n") if row]


def test_the_explorer_is_used_by_keyboard(desktop: Seen) -> None:
    """Choose a customer by an arrow, show another strategy, unfold what is equal."""
    page = desktop.page
    first = page.locator("input[name=twin]").first
    first.focus()
    title = page.locator("#twin-title").inner_text()
    page.keyboard.press("ArrowDown")
    other = page.locator("#twin-title").inner_text()
    assert other != title
    number = re.search(r"\d+", other)
    assert number is not None
    said = days(page)
    assert any(f"order 20.00 EUR {number[0]}" in row for row in said)
    assert not any("visit web" in row for row in said[:1])  # five equal moments are folded
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "lane"
    heads = page.locator("#twin-days thead th")
    assert heads.count() == 3  # time, the strategy, its reference
    third = page.locator("input[name=lane]").nth(2)
    third.focus()
    page.keyboard.press("Space")
    assert heads.count() == 4
    page.locator("#twin-differs").focus()
    page.keyboard.press("Space")
    assert page.locator("#twin-days tbody tr").count() == 1
    page.keyboard.press("Space")
    fold = page.locator("#twin-days button").first
    assert fold.inner_text() == "5 moments, the same under all"
    fold.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "TR"
    assert sum("visit web" in row for row in days(page)) == 6
    page.keyboard.press("ArrowUp")


def test_equal_days_lie_side_by_side_and_others_in_their_own_lane(desktop: Seen) -> None:
    page = desktop.page
    page.locator("input[name=twin]").nth(2).evaluate("choice => choice.click()")
    equal = page.locator("#twin-days tbody tr.same").first
    wide = page.locator("#twin-days thead th").count() - 1
    assert int(equal.locator("td").get_attribute("colspan")) == wide
    alone = page.locator("#twin-days tbody tr.differs").first
    cells = alone.locator("td").all_inner_texts()
    assert len(cells) == wide
    assert [bool(text.strip()) for text in cells] == [n == 0 for n in range(wide)]
    page.locator("#twin-lanes").evaluate("async place => { await place.drawn; }")
    marks = page.locator("#twin-lanes").locator(MARKS)
    said = marks.evaluate_all("all => all.map(m => m.ariaLabel)")
    assert sum(": order" in text for text in said) == 1
    assert sum(": visit" in text for text in said) == 6 * wide


def test_paper_cuts_nothing(browser: Any, file: Path, tmp_path: Path) -> None:
    """No chart and no column is wider than the page, and none is parted by a page's end."""
    context = browser("paper", viewport=SIZES["desktop"], color_scheme="dark")
    found = Seen(context.new_page())
    found.open(file)
    page = found.page
    for folded in page.locator("details").all():
        folded.evaluate("d => { d.open = true; }")
    pdf = tmp_path / "page.pdf"
    page.pdf(path=pdf, format="A4", prefer_css_page_size=True)
    assert pdf.stat().st_size > 50_000
    # What the printer sees: A4 less the margins, at 96 dots an inch.
    page.emulate_media(media="print")
    page.set_viewport_size({"width": round((210 - 26) / 25.4 * 96), "height": 1000})
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.evaluate(DRAWN)
    room = page.evaluate("innerWidth")
    for selector in ("table", ".chart svg", "figure", ".cards"):
        wide = page.locator(selector).evaluate_all(
            "all => all.filter(e => e.getClientRects().length)"
            ".map(e => e.getBoundingClientRect().right)"
        )
        assert wide
        assert max(wide) <= room + 1, selector
    inside = page.locator("figure").first.evaluate("f => getComputedStyle(f).breakInside")
    assert inside == "avoid"
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    context.close()


def test_hostile_names_are_shown_and_do_nothing(browser: Any, tmp_path: Path) -> None:
    names = (HOSTILE, 'b"}; alert(2); {"', "c")
    source = source_by_hand(
        names, reference=names[1], title=HOSTILE, channels=(HOSTILE, "web", "b & b", "d")
    )
    path = tmp_path / "hostile.html"
    path.write_text(build_page(source), encoding="utf-8")
    context = browser("hostile", viewport=SIZES["desktop"])
    found = Seen(context.new_page())
    found.open(path)
    for button in found.page.locator(".switch input").all():
        button.evaluate("choice => choice.click()")
    found.page.evaluate(DRAWN)
    assert found.trouble == []
    assert len(found.requests) == 1
    assert found.page.locator("img").count() == 0
    assert HOSTILE in found.page.locator("h1").inner_text()
    assert any(HOSTILE in text for text in labels(found.page, "forest-ltv"))
    assert any(HOSTILE in text for text in labels(found.page, "transitions-0"))
    context.close()
