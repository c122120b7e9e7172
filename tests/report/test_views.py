"""Views: a page for one kind of reader, of the same numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from omnilab.cli.report import VIEWS as NAMES_OF_VIEWS
from omnilab.report.locales import Numbers
from omnilab.report.page import build_page
from omnilab.report.page.views import SECTIONS, VIEWS
from omnilab.report.source import Source
from tests.report.sources import source_by_hand


def sections(page: str) -> list[str]:
    return [s for s in re.findall(r'<section id="([a-z-]+)"', page) if s != "absent"]


def with_values(values: dict[tuple[str, str], float]) -> Source:
    source = source_by_hand()
    rows: list[Any] = [
        {**r, "value": values.get((r["strategy"], r["measure"]), r["value"])}
        for r in source.rows("results")
    ]
    return replace(source, tables={**source.tables, "results": rows})


def test_the_command_knows_all_views() -> None:
    assert tuple(VIEWS) == NAMES_OF_VIEWS


def test_all_has_all_and_the_scientist_too() -> None:
    assert VIEWS["all"] == SECTIONS
    assert set(VIEWS["scientist"]) == set(SECTIONS)
    assert build_page(source_by_hand()) == build_page(source_by_hand(), view="all")


@pytest.mark.parametrize("view", list(VIEWS))
def test_a_view_has_its_sections_in_its_order_and_no_link_leads_nowhere(view: str) -> None:
    page = build_page(source_by_hand(), view=view)
    wanted = [s.name for s in VIEWS[view] if s.name not in ("sweep", "whatif")]
    assert sections(page) == wanted
    plain = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    ids = set(re.findall(r'\bid="([^"]+)"', plain))
    assert set(re.findall(r'href="#([^"]+)"', plain)) <= ids


def test_the_crm_manager_sees_revenue_per_recipient_of_all_and_of_the_messages_alone() -> None:
    source = with_values({
        ("omnichannel", "revenue"): 120.0, ("omnichannel", "messages_per_customer"): 16.0,
        ("multichannel", "revenue"): 110.0, ("multichannel", "messages_per_customer"): 40.0,
        ("no_contact", "revenue"): 100.0, ("no_contact", "messages_per_customer"): 0.0,
    })  # fmt: skip
    page = build_page(source, view="crm")
    part = page[page.index("<h3>Revenue per recipient") : page.index("<h3>Opens and clicks")]
    cells = [re.findall(r"<td>(.*?)</td>", row) for row in part.split("<tr>")[2:]]
    numbers = Numbers("EUR")
    heads = re.findall(r'<th scope="col">(.*?)</th>', part)
    at = [re.sub("<wbr>", "", h) for h in heads].index("omnichannel")
    assert len(heads) == 2  # nobody asks what a message brought that was not sent
    assert cells[0][at] == numbers.value("EUR", 7.5)
    assert cells[1][at] == numbers.signed("EUR", 1.25)
    assert cells[1][1 - at] == numbers.signed("EUR", 0.25)


def test_opens_stand_as_the_tool_reports_them_and_adjusted() -> None:
    source = source_by_hand()
    page = build_page(source, view="crm")
    part = page[page.index("<h3>Opens and clicks") : page.index("<h3>List health")]
    numbers = Numbers("EUR")
    for measure in ("seen_open_rate", "open_rate"):
        assert numbers.of(source.value("omnichannel", measure)) in part
    assert "adjusted for machines" in part


def test_who_sends_nothing_has_no_list() -> None:
    silent = {(s, "messages_per_customer"): 0.0 for s in source_by_hand().strategies}
    page = build_page(with_values(silent), view="crm")
    assert "mailing" not in sections(page)
    assert "Messages and list: no strategy sends." in page
