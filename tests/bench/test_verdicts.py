"""From what was measured to verdicts and tables, on made-up measurements."""

from __future__ import annotations

import math

import numpy as np
import pytest
from rich.console import Console

from bench.gate.counters import Allowed
from bench.gate.rounds import Measured
from bench.gate.sequential import RULES, judge
from bench.gate.table import MARKER, markdown, print_report
from bench.gate.verdict import Report, Row, row_of

WORK = {"events": 100, "log": "aa"}


def measured(ratio: float, pairs: int = RULES.looks[2].pairs, **failed: str) -> Measured:
    spread = np.linspace(-0.01, 0.01, pairs)
    return Measured(
        pairs=list(math.log(ratio) + spread),
        base_s=[0.1] * pairs,
        head_s=[0.1 * ratio] * pairs,
        counters={"base": dict(WORK), "head": dict(WORK)},
        failed=failed,
    )


def row(got: Measured, allowed: tuple[Allowed, ...] = ()) -> Row:
    return row_of("cascade-100k", got, judge(got.pairs, 7), allowed)


def test_slower_fails() -> None:
    found = row(measured(1.15))
    assert (found.verdict, found.fails) == ("slower", True)
    assert found.estimate is not None
    assert found.estimate.ratio == pytest.approx(1.15)
    assert found.estimate.p_slower < 0.001


@pytest.mark.parametrize("ratio", [0.995, 1.0, 1.01, 1.03])
def test_what_is_tolerated_passes(ratio: float) -> None:
    assert row(measured(ratio)).verdict == "not slower"


def test_faster_is_said() -> None:
    found = row(measured(0.8))
    assert (found.verdict, found.fails) == ("faster", False)


def test_other_work_fails_unless_it_is_allowed() -> None:
    got = measured(1.0)
    got.counters["head"]["events"] = 120
    assert row(got).verdict == "work changed"
    assert row(got, (Allowed("cascade-100k", "events", 120, "more"),)).verdict == "not slower"
    assert row(got, (Allowed("cascade-100k", "events", 121, "more"),)).fails


def test_a_new_counter_does_not_fail() -> None:
    got = measured(1.0)
    got.counters["head"]["finds"] = 3
    found = row(got)
    assert not found.fails
    assert found.changes[0].base is None


def test_what_head_cannot_run_fails_and_what_base_cannot_does_not() -> None:
    assert row(measured(1.0, head="ImportError: x")).verdict == "broken"
    assert row(measured(1.0, head="x", base="x")).fails
    new = row(measured(1.0, base="ImportError: x"))
    assert (new.verdict, new.fails) == ("new", False)


def report(*rows: Row) -> Report:
    return Report("main (0123456789)", "the working tree", rows, RULES, 12, 60.0)


def test_a_gate_passes_only_if_every_row_does() -> None:
    good, bad = row(measured(1.0)), row(measured(1.2))
    assert report(good, good).passed
    assert not report(good, bad).passed


def test_the_table_says_which_by_how_much_and_how_sure() -> None:
    changed = measured(1.0)
    changed.counters["head"]["events"] = 120
    said = report(row(measured(1.15)), row(changed), row(measured(1.0, base="no name")))
    console = Console(width=140, record=True, file=None, quiet=False)
    with console.capture() as captured:
        print_report(said, console)
    for text in (captured.get(), markdown(said)):
        assert "+15.0%" in text
        assert "1 in 4,096" in text
        assert "counter events 100 -> 120 (not allowed)" in text
        assert "base can't run it: no name" in text
        assert "Failed: cascade-100k" in text


def test_markdown_is_one_table_that_a_comment_is_found_by() -> None:
    text = markdown(report(row(measured(1.0)), row(measured(1.15))))
    assert text.startswith(MARKER)
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert len(lines) == 4
    assert len({line.count("|") for line in lines}) == 1


def test_json_has_all() -> None:
    import json

    text = json.dumps(report(row(measured(1.15))).as_json())
    read = json.loads(text)
    assert read["passed"] is False
    assert next(iter(read)) == "format"  # by which the file may be replaced by the next
    assert read["rows"][0]["estimate"]["ratio"] == pytest.approx(1.15)
