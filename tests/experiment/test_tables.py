"""The tidy tables: one meaning a number, the screen's direction and stars, and their schemas."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from omnilab.errors import OptionError
from omnilab.experiment.differences import COMPARED, check_reference, differences, reference_of
from omnilab.experiment.remarks import remarks
from omnilab.experiment.result import RESULT_FORMAT, read_result, result_of, result_text
from omnilab.experiment.schemas import OUTPUTS, output_schema
from omnilab.experiment.statistics import Moments, holm
from omnilab.experiment.tables import (
    TABLES,
    breakdown_rows,
    difference_rows,
    result_rows,
    table_rows,
    write_rows,
)
from omnilab.measure.layout import (
    CHANNEL_SUMS,
    JOURNEY_SUMS,
    PERSONA_SUMS,
    SUMS,
    as_integers,
    names_of,
)
from omnilab.report import build_document
from omnilab.scenario import load_scenario
from omnilab.strategy.loading import load_strategy
from tests.cli import laboratory
from tests.schemas import schema_faults

NAMES = ("omnichannel", "no_contact", "multichannel")


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("lab") / "lab.yaml"
    path.write_text(
        laboratory.SHOP.replace("EUR", "GBP").replace("title:", "currency: GBP\ntitle:")
    )
    return load_scenario(path)


@pytest.fixture(scope="module")
def comparison(scenario: Any) -> Any:
    return laboratory.compare(scenario, [load_strategy(name, scenario) for name in NAMES])


def journeys(comparison: Any) -> dict[str, list[str]]:
    return {run.name: ["cart", "news"] for run in comparison.strategies}


def test_the_direction_is_the_screens_whatever_the_order(comparison: Any) -> None:
    for against in (None, *NAMES):
        reference = reference_of(comparison, against)
        assert reference == (against or "multichannel")
        for d in differences(comparison, against):
            assert d.reference == reference
            assert d.estimate == comparison.moments.difference(
                d.measure.name, d.strategy, reference
            )
        table = next(
            t for t in build_document(comparison, against=against).tables if "against" in t.title
        )
        assert table.title == f"Differences against {reference}"
        assert sorted(table.columns) == sorted(set(NAMES) - {reference})


def test_stars_of_the_screen_are_the_flags_of_the_files(comparison: Any) -> None:
    document = build_document(comparison)
    table = next(t for t in document.tables if "against" in t.title)
    on_screen = [cell.endswith("*") for _, cells in table.rows for cell in cells]
    rows = {(r["measure"], r["strategy"]): r for r in difference_rows(comparison)}
    shown = [m for m in COMPARED if m in comparison.moments.measures]
    in_file = [bool(rows[m, s]["hardly_chance"]) for m in shown for s in table.columns]
    assert on_screen == in_file
    assert any(in_file)
    assert not all(in_file)
    (looks,) = {rows[m, s]["looks"] for m in shown for s in table.columns}
    assert f"for the {looks} differences here" in table.note


def test_adjusted_p_values_are_holms_within_a_family(comparison: Any) -> None:
    rows = difference_rows(comparison)
    for family in ("reported", "further"):
        of_family = [r for r in rows if r["family"] == family]
        assert [r["p_adjusted"] for r in of_family] == holm([r["p_value"] for r in of_family])
        assert {r["looks"] for r in of_family} == {sum(r["p_value"] is not None for r in of_family)}
    assert {r["measure"] for r in rows if r["family"] == "reported"} == set(COMPARED)


def test_every_number_has_one_row_with_its_unit(comparison: Any) -> None:
    tables: dict[str, tuple[list[dict[str, Any]], tuple[str, ...]]] = {
        "results": (result_rows(comparison), ("strategy", "measure")),
        "differences": (difference_rows(comparison), ("strategy", "measure")),
        "breakdowns": (
            breakdown_rows(comparison, journeys(comparison)),
            ("strategy", "by", "name", "measure"),
        ),
    }
    units = {"share", "number", "ratio", "count", "GBP"}
    for name, (rows, key) in tables.items():
        assert rows
        assert len({tuple(r[k] for k in key) for r in rows}) == len(rows), name
        assert {r["unit"] for r in rows} <= units
        assert all(list(r) == [c.name for c in TABLES[name]] for r in rows)


def test_sums_of_breakdowns_are_in_their_units(comparison: Any, scenario: Any) -> None:
    """Each sum comes back from the whole numbers in its own unit, beside the measures."""
    rng = np.random.default_rng(4)
    parts: dict[str, Any] = {}
    for by, dtype, n in (
        ("channel", CHANNEL_SUMS, len(scenario.channels)),
        ("journey", JOURNEY_SUMS, 2),
        ("persona", PERSONA_SUMS, 2),
    ):
        block = np.zeros(n, dtype)
        as_integers(block)[:] = rng.integers(1, 10**9, (n, len(names_of(dtype))))
        parts[f"by_{by}"] = {run.name: as_integers(block) for run in comparison.strategies}
    one = SimpleNamespace(**vars(comparison) | parts)
    rows = breakdown_rows(one, journeys(one))
    by_key = {(r["strategy"], r["by"], r["name"], r["measure"]): r for r in rows}
    assert len(by_key) == len(rows)
    cents = dict.fromkeys(("revenue", "margin", "led_revenue", "led_margin"), 100)
    worth = cents | {"cost": 100_000, "ltv": 100_000}
    keen = dict(
        zip(names_of(PERSONA_SUMS), parts["by_persona"]["omnichannel"][0].tolist(), strict=True)
    )
    web = dict(
        zip(names_of(CHANNEL_SUMS), parts["by_channel"]["omnichannel"][0].tolist(), strict=True)
    )
    for by, name, sums in (("persona", "keen", keen), ("channel", "web", web)):
        for field, number in sums.items():
            row = by_key["omnichannel", by, name, f"total_{field}"]
            assert row["kind"] == "sum"
            assert row["unit"] == ("GBP" if field in worth else "count")
            assert row["value"] == pytest.approx(number / worth.get(field, 1), rel=1e-15)
    mean = by_key["omnichannel", "persona", "keen", "revenue"]
    assert (mean["kind"], mean["unit"]) == ("measure", "GBP")
    assert mean["value"] == pytest.approx(keen["revenue"] / 100 / keen["persons"], rel=1e-12)


@pytest.mark.parametrize("against", [None, "omnichannel"])
def test_real_outputs_fit_their_schemas(comparison: Any, tmp_path: Any, against: Any) -> None:
    result = result_of(comparison, digest="0" * 64, against=against)
    path = tmp_path / "result.json"
    path.write_text(result_text(result))
    assert read_result(path) == result
    assert schema_faults(result, output_schema("result")) == []
    rows = table_rows(comparison, journeys(comparison), against)
    for name, columns in TABLES.items():
        write_rows(tmp_path / name, rows[name], columns)
        table = pq.read_table(tmp_path / name)
        assert table.column_names == list(output_schema(name)["properties"])
        assert table.to_pylist() == rows[name]
        for row in table.to_pylist():
            assert schema_faults(row, output_schema(name)) == []


def test_the_schema_notices_what_is_wrong(comparison: Any) -> None:
    result = result_of(comparison, digest="0" * 64)
    schema = output_schema("result")
    for change in (
        {"format": "omnilab-result-v1"}, {"level": 0.9}, {"reference": 1}, {"notes": [{}]},
        {"more": 1}, {"currency": "eur"}, {"customers": 0}, {"seed": True},
    ):  # fmt: skip
        assert schema_faults(result | change, schema), change
    broken = json.loads(json.dumps(result))
    del broken["differences"][3]["p_adjusted"]
    assert schema_faults(broken, schema) == [".differences[3]: lacks p_adjusted"]


@pytest.mark.parametrize("name", OUTPUTS)
def test_every_key_of_a_schema_is_described(name: str) -> None:
    def bare(schema: dict[str, Any], place: str) -> list[str]:
        found = []
        for key, part in schema.get("properties", {}).items():
            if part.get("type") != "object" and "description" not in part:
                found.append(f"{place}.{key}")
            found += bare(part, f"{place}.{key}")
        for key in ("items", "additionalProperties"):
            if isinstance(schema.get(key), dict):
                found += bare(schema[key], f"{place}[]")
        return found

    assert bare(output_schema(name), name) == []


def test_a_wrong_reference_names_the_nearest(comparison: Any) -> None:
    assert check_reference("omnichannel", NAMES) == "omnichannel"
    with pytest.raises(OptionError, match="did you mean 'omnichannel'"):
        check_reference("omnichanel", NAMES)


def test_one_strategy_has_no_reference_and_its_roi_is_explained(scenario: Any) -> None:
    alone = laboratory.compare(scenario, [load_strategy("omnichannel", scenario)])
    result = result_of(alone, digest="0" * 64)
    assert (result["reference"], result["differences"]) == (None, [])
    (note,) = [n for n in result["notes"] if n["measures"] == ["roi"]]
    assert "no_contact was not run" in note["text"]
    assert note["text"] in build_document(alone).notes
    (row,) = [r for r in result_rows(alone) if r["measure"] == "roi"]
    assert (row["value"], row["reference"], row["note"]) == (None, "no_contact", note["text"])


def with_costs(comparison: Any, factor: float) -> Any:
    """Return the same comparison with other costs of sends."""
    names = comparison.moments.strategies
    blocks = [laboratory.sums_of(comparison.scenario, name, 1, 1) for name in names]
    block = np.stack(blocks, axis=1)
    column = names_of(SUMS).index("send_cost")
    block[:, :, column] = block[:, :, column] * factor
    moments = Moments(names)
    moments.add(block)
    return SimpleNamespace(**vars(comparison) | {"moments": moments})


def test_an_roi_in_the_hundreds_is_explained(comparison: Any) -> None:
    others = [r for r in remarks(with_costs(comparison, 20.0)) if "roi" in r.measures]
    assert others == []
    cheap = with_costs(comparison, 0.05)
    highest = max(cheap.moments.estimate("roi", s).value or 0.0 for s in NAMES)
    assert highest > 100
    (remark,) = [r for r in remarks(cheap) if "roi" in r.measures]
    text = f"An ROI of {highest:,.0f} is {highest:,.0f} GBP of margin above no_contact for each GBP"
    assert text in remark.text


def test_an_earlier_form_is_said(tmp_path: Any) -> None:
    path = tmp_path / "result.json"
    path.write_text('{"scenario": {}, "differences": []}')
    with pytest.raises(Exception, match=f"an earlier version, not {RESULT_FORMAT}"):
        read_result(path)
