"""``omnilab credit`` and ``ol.credit``: JSON, pages, exit codes and errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock, patch

import pytest

import omnilab as ol
from omnilab import cli
from omnilab.cli.own import is_markdown, is_page, is_result
from omnilab.errors import OptionError
from tests.cli.laboratory import SHOP


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    Path("shop.yaml").write_text(SHOP, encoding="utf-8")
    with (
        patch("omnilab.engine.calibrate.PILOT_CUSTOMERS", 40),
        patch("omnilab.engine.calibrate.solve_regularity", Mock()),
    ):
        yield


def run(*args: str) -> int:
    return cli.main(["credit", "shop.yaml", "--customers", "30", "--threads", "1", *args])


def test_results_go_to_json_markdown_and_html(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("multichannel", "--json", "c.json", "--page", "c.md", "--html", "c.html") == 0
    said = capsys.readouterr().out
    for words in ("lab-v1: credit for the orders of multichannel", "true increment", "last click",
                  "What each would cut, and what that does"):  # fmt: skip
        assert words in said
    assert is_result(Path("c.json"))
    assert is_markdown(Path("c.md"))
    assert is_page(Path("c.html"))
    assert "Made by `omnilab credit shop.yaml multichannel --customers 30`" in Path(
        "c.md"
    ).read_text(encoding="utf-8")
    assert run("multichannel", "--json", "-") == 0
    assert json.loads(capsys.readouterr().out) == json.loads(Path("c.json").read_text("utf-8"))


def test_options_reach_the_measuring(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--quick", "--no-utm", "--no-call-tracking", "--consent", "50%", "--lookback",
               "10d", "--model", "linear", "--json", "-") == 0  # fmt: skip
    data = json.loads(capsys.readouterr().out)
    assert data["measuring"] == {"utm": False, "call_tracking": False, "views": False,
                                 "consent": 0.5}  # fmt: skip
    assert (data["lookback_s"], data["strategy"]) == (864000, "omnichannel")
    assert {row["model"] for row in data["credits"]} == {"linear"}
    assert data["channels"][0]["true_orders"] is None


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--lookback", "0d"], "--lookback: 0 joins nothing"),
        (["--channel", "emial"], "did you mean 'email'?"),
        (["no_contact"], "sends no message and buys no click"),
        (["--model", "markow"], "did you mean 'markov'?"),
    ],
)
def test_bad_input_exits_with_2_and_writes_nothing(
    args: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*args, "--json", "out.json") == 2
    assert words in capsys.readouterr().err
    assert not Path("out.json").exists()


def test_from_python() -> None:
    found = ol.credit("shop.yaml", "multichannel", customers=30, threads=1)
    assert repr(found).startswith("<CreditResult lab-v1: credit for the orders of multichannel.")
    table = found.table
    assert {"last_click", "shapley", "cost", "true", "true_low", "true_high"} <= set(table.columns)
    assert "email" in table.index
    linear = found.credits.query("paths == 'seen' and model == 'linear'")
    assert linear["orders"].sum() == pytest.approx(found.data["orders"])
    assert list(found.errors.columns) == ["seen", "true", "seen_low", "seen_high"]
    assert set(found.cuts["channel"]) <= {"email"}
    assert 'content="omnilab ' in found.to_html()
    with pytest.raises(OptionError, match=r"^lookback: 0 joins nothing"):
        ol.credit("shop.yaml", lookback="0d")
    with pytest.raises(OptionError, match="lookback"):
        ol.credit("shop.yaml", lookback=3)  # type: ignore[arg-type]
