"""Exports and settings from Python: what the commands do, and errors in Python's words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import omnilab as ol
from omnilab.errors import OptionError
from tests.cli.laboratory import SHOP
from tests.interop.building import quick, shop
from tests.scenario.samples import load_text


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with quick():
        yield


def test_tables_come_as_they_are_and_are_written_as_the_command_writes_them(tmp_path: Path) -> None:
    kinds = ["scikit-uplift", "tea-tasting"]
    options = {"strategies": ["multichannel"], "customers": 30, "seed": 3, "threads": 1}
    found = ol.export(shop(), kinds, **options)
    assert (found.folder, found.files) == (None, ())
    assert len(found.table("tea-tasting")) == 30
    assert found.table("trial-truth.csv")["outcome"].tolist()
    written = ol.export(shop(), kinds, tmp_path / "tables", **options)
    assert set(written.files) == {p.name for p in (tmp_path / "tables").iterdir()}
    pd.testing.assert_frame_equal(
        pd.read_csv(tmp_path / "tables" / "scikit-uplift.csv"), written.table("scikit-uplift"),
        check_dtype=False,
    )  # fmt: skip
    pd.testing.assert_frame_equal(written.table("tea-tasting"), found.table("tea-tasting"))
    with pytest.raises(OptionError, match="there is no table 'uplift'; there are"):
        found.table("uplift")


def test_a_bundle_is_written(tmp_path: Path) -> None:
    found = ol.export(shop(), bundle=tmp_path / "b", strategies=["multichannel"], threads=1)
    told = json.loads((tmp_path / "b" / "public" / "manifest.json").read_text("utf-8"))
    assert told["window_days"] == shop().time.window / 86400
    assert "public/media.csv" in found.files


@pytest.mark.parametrize(
    ("options", "said"),
    [({}, "give kinds, or bundle alone"),
     ({"kinds": "clv", "bundle": "x"}, "give kinds, or bundle alone"),
     ({"bundle": "x", "out": "y"}, "out: belongs to kinds"),
     ({"kinds": "clv", "clean": ["receipts"]}, "clean: belongs to bundle"),
     ({"kinds": "meridan"}, "did you mean 'meridian'"),
     ({"kinds": "xlsx"}, "xlsx is a file: give out"),
     ({"kinds": "clv", "strategies": ["no_contact"]}, "no_contact is named twice"),
     ({"kinds": "robyn", "strategies": ["no_contact"], "control": "multichannel"},
      "no_contact sends no message")],
)  # fmt: skip
def test_bad_input_is_one_line(options: dict, said: str, tmp_path: Path) -> None:  # type: ignore[type-arg]
    with pytest.raises(OptionError, match=said) as error:
        ol.export(shop(), customers=30, **options)
    assert "--" not in str(error.value)


GATE = """\
goal: {measure: messages_per_customer, better: lower}
guardrails:
  - {measure: ltv, worse_by: 100 EUR}
"""


def test_settings_from_python(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    gate = tmp_path / "gates.yaml"
    gate.write_text(GATE, encoding="utf-8")
    scenario = load_text(tmp_path, SHOP)
    found = ol.optimize(
        scenario, gate, {"cap.per": ["14d", "30d"]}, "multichannel", points=4, customers=40,
        threads=1,
    )  # fmt: skip
    assert found.best in (None, {"cap.per": "14d"}, {"cap.per": "30d"})
    assert found.table()["cap.per"].isin(["14d", "30d"]).all()
    assert found.data()["format"] == "omnilab-optimum-v1"
    assert found.is_better == (found.fresh is not None and found.fresh.may_ship)
    for vary, said in (({}, "is no mapping"), ({"cap.mesages": [1, 2]}, "did you mean 'messages'"),
                       ({"cap.messages": 3}, "give a list of values")):  # fmt: skip
        with pytest.raises(OptionError, match=said):
            ol.optimize(scenario, gate, vary, "multichannel", customers=40)
    with pytest.raises(OptionError, match="search"):
        ol.optimize(scenario, gate, {"cap.per": ["14d"]}, search="grid")
