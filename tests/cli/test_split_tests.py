"""Split tests in the report of a comparison: read as by `omnilab arms`, and left out by --quick."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

import pytest

import omnilab as ol
from omnilab import cli
from omnilab.experiment import tests_beside
from omnilab.experiment.arm_tests import used_tests
from omnilab.experiment.schemas import output_schema
from omnilab.strategy.loading import load_strategy
from tests.cli.laboratory import SHOP
from tests.schemas import schema_faults

TEST = """\
brand:
  tests:
    - {name: words, arms: {plain: 50%, offer: 40%, nothing: 10%}}
"""
STEPS = """\
      steps:
        - message: {channels: [email]}
          arm: {test: words, name: plain}
        - message: {channels: [email], offer: 30%}
          arm: {test: words, name: offer}
"""
_OF_NEWS = "      sequence: [email]\n      steps:\n        - message: {channels: [email]}\n"
UNREAD = (
    "Split test words (divided by profile: plain 50%, offer 40%, nothing 10%) of {}: not read "
    "here; omnilab arms SCENARIO STRATEGY --test words does."
)


def shop_with_a_test() -> str:
    """Return the laboratory's shop, for few, whose newsletter is tried in two ways."""
    assert SHOP.count(_OF_NEWS) == SHOP.count("visit: {}") == 1
    text = SHOP.replace(_OF_NEWS, "      sequence: [email]\n" + STEPS)
    text = text.replace("visit: {}", "visit: {identifiers: [{type: email, share: 100%}]}")
    text = text.replace("open: 20%, click: 2%", "open: 80%, click: 60%")
    text = (
        text.replace("brand:\n", TEST)
        .replace("every: 30d", "every: 5d")
        .replace("customers: 200", "customers: 40")
    )
    three = "[no_contact, multichannel, omnichannel]"
    return text.replace(three, three.replace("]", ", cross_channel]"))


@pytest.fixture(scope="module", autouse=True)
def _soon_calibrated() -> Iterator[None]:
    with (
        patch("omnilab.engine.calibrate.PILOT_CUSTOMERS", 40),
        patch("omnilab.engine.calibrate.solve_regularity", Mock()),
    ):
        yield


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("split")
    (place / "shop.yaml").write_text(shop_with_a_test(), encoding="utf-8")
    assert cli.main(["compare", str(place / "shop.yaml"), "--out", str(place / "run"), "-q"]) == 0
    return place


def result_in(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "result.json").read_text())
    assert schema_faults(found, output_schema("result")) == []
    return found


def test_it_is_read_as_arms_reads_it(place: Path) -> None:
    """The numbers are those of the command on the same customers; no_contact has no step."""
    rows = result_in(place / "run")["split_tests"]
    strategies = list(dict.fromkeys(row["strategy"] for row in rows))
    assert strategies == ["multichannel", "omnichannel", "cross_channel"]
    for name in strategies[:2]:
        found = ol.arms(str(place / "shop.yaml"), name)
        table = found.data["arms"][:3]
        truth = {t["arm"]: t for t in found.data["truth"] if t["measure"] == "revenue"}
        for row, arm in zip((r for r in rows if r["strategy"] == name), table, strict=True):
            assert (row["arm"], row["profiles"], row["buyers"]) == (
                arm["arm"], arm["units"], arm["buyers"],
            )  # fmt: skip
            if row["against"] is None:
                assert row["seen"] is row["true"] is None
                continue
            seen, true = arm["revenue_difference"], truth[arm["arm"]]
            for side, other in (("seen", seen), ("true", true)):
                bounds = [row[side], row[f"{side}_low"], row[f"{side}_high"]]
                assert bounds == [other["value"], other["low"], other["high"]]
                assert row[f"{side}_verdict"] == tests_beside.reads_as(other)
        assert sum(row["profiles"] for row in rows if row["strategy"] == name) > 0
    assert any(row["seen"] and row["true"] for row in rows)
    assert all(r["customers"] is None for r in rows if r["strategy"] == "cross_channel")


def test_the_report_and_the_page_have_it_and_the_run_is_verified(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = result_in(place / "run")["split_tests"]
    page = (place / "run" / "report.html").read_text(encoding="utf-8")
    part = page[page.index('<section id="split-tests"') :]
    part = html.unescape(part[: part.index("</section>")])
    assert "words under multichannel" in part
    assert "All 40 customers, divided by profile; revenue less that of plain." in part
    assert UNREAD.format("cross_channel") in part
    assert page.count("not read here") == 1  # once, not among the notes too
    for row in rows[:6]:
        assert re.search(rf'<th scope="row">{row["arm"]}</th>', part)
    capsys.readouterr()
    assert cli.main(["verify", str(place / "run")]) == 0


def test_quick_pays_for_nothing_and_names_the_command(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strategies = ["-s", "no_contact", "-s", "omnichannel"]
    args = [str(place / "shop.yaml"), *strategies, "--customers", "8"]
    with patch.object(tests_beside, "run_test", Mock(side_effect=AssertionError)) as read:
        out = str(place / "quick")
        assert cli.main(["compare", *args, "--quick", "--out", out]) == 0
        said = " ".join(capsys.readouterr().out.split())
        assert UNREAD.format("omnichannel") in said
        assert cli.main(["run", *args[:1], *args[3:], "--out", str(place / "one")]) == 0
        assert UNREAD.format("omnichannel") in " ".join(capsys.readouterr().out.split())
        assert cli.main(["verify", out]) == 0
        read.assert_not_called()
    kept = result_in(place / "quick")
    assert kept["left_out"] == ["equal volume", "worlds", "split tests"]
    assert {row["seen"] for row in kept["split_tests"]} == {None}
    assert "split_tests" not in json.dumps(list(result_in(place / "quick")["strategies"]))


def test_a_shop_without_a_test_says_nothing_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = tmp_path / "shop.yaml"
    shop.write_text(SHOP.replace("customers: 200", "customers: 8"), encoding="utf-8")
    assert cli.main(["compare", str(shop), "--quick", "--out", str(tmp_path / "run")]) == 0
    assert "plit test" not in capsys.readouterr().out
    found = result_in(tmp_path / "run")
    assert "split_tests" not in found
    assert found["left_out"] == ["equal volume", "worlds"]


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.1, 0.2, "better"), (-0.2, -0.1, "worse"), (-0.1, 0.1, "may be chance"),
     (0.0, 0.1, "may be chance"), (0.0, 0.0, "no difference"), (None, None, None)],
)  # fmt: skip
def test_an_interval_is_read_by_where_nothing_lies(
    low: float | None, high: float | None, said: str | None
) -> None:
    assert tests_beside.reads_as({"value": 0.1, "low": low, "high": high}) == said


def test_the_guide_shows_a_scenario_with_a_test(root: Path) -> None:
    file = root / "examples" / "shop-test-v1.yaml"
    page = (root / "docs" / "how-to" / "run-a-split-test.md").read_text(encoding="utf-8")
    assert f"```yaml\n{file.read_text(encoding='utf-8')}```" in page
    scenario = ol.load_scenario(file)
    strategy = load_strategy("multichannel", scenario)
    assert [test.name for test in used_tests(scenario, strategy)] == ["words"]
