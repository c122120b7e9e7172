"""``omnilab.plot`` returns the page's figures as Altair charts, and says what is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import omnilab as ol
from omnilab.api.result import Result
from omnilab.errors import DataError, OptionError
from omnilab.report.figures.figure import Style
from omnilab.report.figures.forest import forest
from omnilab.report.locales import Numbers
from omnilab.report.look import plain_look
from tests.report.sources import NAMES, source_by_hand

alt = pytest.importorskip("altair", reason="altair is not installed")


class ByHand(Result):
    """A result whose tables are made by hand."""

    def __init__(self, *, full: bool = True) -> None:
        self.full = full

    def _report_source(self):
        return source_by_hand(full=self.full)


def test_each_name_returns_a_chart_with_title_and_width() -> None:
    for name in set(ol.plot.__all__) - {"sweep"}:
        chart = getattr(ol.plot, name)(ByHand())
        spec = chart.to_dict()
        assert spec["title"]["text"]
        assert spec["width"] == 620
        assert "var(--" not in str(spec)


def test_it_is_the_figure_of_the_page() -> None:
    chart = ol.plot.forest(ByHand(), measure="margin").to_dict()
    style = Style(plain_look(source_by_hand().strategies, "multichannel"), Numbers("EUR"))
    figure = forest(source_by_hand(), style, "margin")
    assert figure is not None
    (data,) = chart["datasets"].values() if "datasets" in chart else (chart["data"]["values"],)
    assert data == figure.spec["data"]["values"]


def test_what_is_missing_is_said() -> None:
    with pytest.raises(DataError, match="nothing to show here: no ablation of 'ltv'"):
        ol.plot.waterfall(ByHand(full=False))
    with pytest.raises(DataError, match=r"no differences of 'ltvv' \(did you mean 'ltv'\?\)"):
        ol.plot.forest(ByHand(), measure="ltvv")
    with pytest.raises(DataError, match=r"by 'persna' \(did you mean 'persona'\?\) for"):
        ol.plot.groups(ByHand(), by="persna")
    with pytest.raises(DataError, match=r"no causes of 'lft' \(did you mean 'left'\?\)"):
        ol.plot.causes(ByHand(), what="lft")
    with pytest.raises(OptionError, match=r"'omnichanel' is not in the result \(did you mean"):
        ol.plot.flow(ByHand(), strategy="omnichanel")
    with pytest.raises(OptionError, match="result: 3 is neither a Result nor the path"):
        ol.plot.forest(3)
    with pytest.raises(DataError, match="there is no such run directory"):
        ol.plot.forest(Path("nowhere"))
    with pytest.raises((OptionError, TypeError), match="mesure"):
        ol.plot.forest(ByHand(), mesure="ltv")


def test_importing_omnilab_imports_no_charts() -> None:
    code = (
        "import sys, omnilab, omnilab.plot; "
        "sys.exit(bool({'altair', 'babel', 'pandas', 'numba'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.slow
def test_a_run_directory_and_its_result_give_the_same(tmp_path: Path) -> None:
    from omnilab import cli

    args = ["compare", "mapples-coffee-v1", "--customers", "60", "--quiet"]
    names = ["-s", "multichannel", "-s", "omnichannel"]
    assert cli.main([*args, *names, "--out", str(tmp_path / "x")]) == 0
    result = ol.compare(
        "mapples-coffee-v1", ["multichannel", "omnichannel"], customers=60, seed=1
    )  # fmt: skip
    for name in ("forest", "frontier", "identity", "fatigue", "cascade"):
        make = getattr(ol.plot, name)
        assert make(result).to_dict() == make(tmp_path / "x").to_dict()
    assert set(NAMES) >= set(result.strategies)
