"""The table of a test: what is read, and one clear error for each thing that is wrong with it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omnilab.errors import DataError, OmnilabError, OptionError
from omnilab.fit.experiment.request import ExperimentRequest
from omnilab.fit.experiment.table import RandomisedTest, read_test
from tests.fit.experiment.tables import ARMS, rows_of, write_table


def read(path: Path, **options: Any) -> RandomisedTest:
    """Return a table as it is read, with the options that every test here needs."""
    return read_test(
        ExperimentRequest(table=path, **{"control": "control", "within": "14d", **options})
    )


def wrong(path: Path, **options: Any) -> str:
    """Return the one line of an error."""
    with pytest.raises(OmnilabError) as error:
        read(path, **options)
    assert "\n" not in str(error.value)
    return str(error.value).replace(str(path), "FILE")


def test_all_columns_are_found_by_their_names(tmp_path: Path) -> None:
    columns = rows_of()
    test = read(write_table(tmp_path / "t.csv", columns))
    assert test.arms == ARMS
    assert test.n == len(columns["visit"])
    assert [*test.outcomes] == ["visit", "conversion", "spend"]
    np.testing.assert_array_equal(test.outcomes["spend"], columns["spend"])
    np.testing.assert_array_equal(test.bought["men"], columns["men"] == 1)
    np.testing.assert_array_equal(np.array(ARMS)[test.arm], columns["segment"])
    assert test.recency is not None
    month = 365.25 / 12
    np.testing.assert_allclose(test.recency[:, 1], columns["recency"] * month)
    np.testing.assert_allclose(test.recency[:, 0], (columns["recency"] - 1) * month)


def test_columns_are_named_by_options(tmp_path: Path) -> None:
    columns = rows_of()
    columns["besucht"] = columns.pop("visit")
    columns["zelle"] = columns.pop("segment")
    path = write_table(tmp_path / "t.csv", columns, conversion=None)
    test = read(path, arm="zelle", visit="besucht", bought=["men"], recency_unit="weeks")
    assert [*test.bought] == ["men"]
    assert "conversion" in test.outcomes  # who spent has converted
    np.testing.assert_array_equal(test.outcomes["conversion"], columns["spend"] > 0)
    assert test.recency is not None
    np.testing.assert_allclose(test.recency[:, 1], columns["recency"] * 7)


def test_a_control_arm_may_be_called_none(tmp_path: Path) -> None:
    columns = rows_of()
    names = columns["segment"].astype(object)
    names[names == "control"] = "None"
    columns["segment"] = names
    test = read(write_table(tmp_path / "t.csv", columns), control="none")
    assert test.arms[0] == "None"
    assert test.n == len(names)
    # What no arm may be called is none.
    columns["segment"] = np.where(names == "None", "n/a", names)
    assert "no arm" in wrong(write_table(tmp_path / "t.csv", columns), control="n/a")


def test_a_split_is_random_within_arms_and_the_same_again(tmp_path: Path) -> None:
    test = read(write_table(tmp_path / "t.csv", rows_of()))
    train, held = test.split(1 / 3, 7)
    assert train.n + held.n == test.n
    for a, n in enumerate(test.sizes()):
        assert held.sizes()[a] == round(n / 3)
    again = test.split(1 / 3, 7)[1]
    np.testing.assert_array_equal(held.outcomes["spend"], again.outcomes["spend"])
    other = test.split(1 / 3, 8)[1]
    assert not np.array_equal(held.outcomes["spend"], other.outcomes["spend"])


def test_what_is_wrong_is_said_in_one_line(tmp_path: Path) -> None:
    columns = rows_of()
    path = tmp_path / "t.csv"
    n = len(columns["visit"])

    def changed(name: str, row: int, value: object) -> Path:
        values = columns[name].astype(object)
        values[row] = value
        return write_table(path, columns, **{name: values})

    write_table(path, columns, segment=np.full(n, "control"))
    assert wrong(path) == (
        "FILE: column 'segment' has only one, 'control': a test needs a control arm, whose "
        "customers got nothing, beside each arm that got a message"
    )
    write_table(path, columns)
    assert wrong(path, control="contrl") == (
        "--control 'contrl' is no arm of FILE (did you mean 'control'?)"
    )
    assert "which arm got nothing? There are" in wrong(path, control=None)
    assert "for how long after the send" in wrong(path, within=None)
    assert "between 1d and 90d" in wrong(path, within="200d")
    assert "no column 'segmnt' for arm (did you mean 'segment'?)" in wrong(path, arm="segmnt")
    message = wrong(changed("visit", 40, -1))
    assert message.startswith("FILE:42: column 'visit' is negative in 1 row, first here (-1)")
    message = wrong(changed("customer", 77, columns["customer"][3]))
    assert message.startswith("FILE:79: customer '1003' stands here and on line 5")
    assert "1 row in all" in message
    few = np.array(ARMS)[np.r_[np.full(150, 2), np.resize([0, 1], n - 150)]]
    assert "arm 'women' has 150 customers: at least 200" in wrong(
        write_table(path, columns, segment=few)
    )
    nothing = np.zeros(n, int)
    write_table(path, columns, visit=nothing, conversion=nothing, spend=nothing)
    assert "no customer of any arm has a visit: there is nothing to fit" in wrong(path)
    write_table(path, columns, visit=None, conversion=None, spend=None)
    assert "no column has an outcome" in wrong(path)


def test_rows_without_an_outcome_are_left_out_and_counted(tmp_path: Path) -> None:
    columns = rows_of()
    visit = columns["visit"].astype(object)
    visit[[5, 9]] = ""
    test = read(write_table(tmp_path / "t.csv", columns, visit=visit))
    assert test.n == len(visit) - 2
    assert any("left out 2 rows without a visit" in note and "line 7" in note
               for note in test.notes)  # fmt: skip
    visit[: len(visit) // 2] = "?"
    path = write_table(tmp_path / "t.csv", columns, visit=visit)
    assert "has no visit that can be read in 50% of the rows" in wrong(path)


def test_a_constant_covariate_is_not_used_and_named(tmp_path: Path) -> None:
    columns = rows_of()
    n = len(columns["visit"])
    path = write_table(
        tmp_path / "t.csv", columns, recency=np.full(n, 3), newbie=np.ones(n, int),
        women=np.zeros(n, int),
    )  # fmt: skip
    test = read(path)
    assert test.recency is None
    assert test.newbie is None
    assert [*test.bought] == ["men"]
    for name in ("recency", "newbie", "women"):
        assert sum(f"column {name!r} is the same for all" in note for note in test.notes) == 1


def test_arms_must_be_of_one_time_and_the_data_reach_to_the_windows_end(tmp_path: Path) -> None:
    columns = rows_of()
    n = len(columns["visit"])
    first, later = np.full(n, "2026-03-02"), np.full(n, "2026-03-20")
    path = tmp_path / "t.csv"
    apart = np.where(columns["segment"] == "men", later, first)
    message = wrong(write_table(path, columns, sent_at=apart))
    assert "arm 'men' was sent from 2026-03-20 to 2026-03-20" in message
    assert "a lift needs both at one time" in message
    write_table(path, columns, sent_at=first)
    assert read(path, until=date(2026, 3, 16)).n == n
    message = wrong(path, until=date(2026, 3, 10))
    assert "ends after the data do (2026-03-10): give --within 9d at most" in message
    some = first.copy()
    men = columns["segment"] == "men"
    some[men] = np.resize(["2026-03-02", "2026-03-09"], int(men.sum()))
    test = read(write_table(path, columns, sent_at=some))
    assert any("what differs may be the time" in warning for warning in test.warnings)


def test_arms_that_differ_before_the_test_are_warned_of(tmp_path: Path) -> None:
    columns = rows_of()
    men = np.where(columns["segment"] == "men", 1, columns["men"])
    test = read(write_table(tmp_path / "t.csv", columns, men=men))
    assert any("was the test randomised?" in warning for warning in test.warnings)
    assert not read(write_table(tmp_path / "t.csv", columns)).warnings


def test_a_request_is_checked_before_the_table_is_read() -> None:
    for options, said in [
        ({"holdout": "95%"}, "between 0% and 80%"),
        ({"recency_unit": "mnths"}, "did you mean 'months'?"),
        ({"content": ["men"]}, "an arm and a category"),
    ]:
        with pytest.raises(OptionError, match=said.replace("?", r"\?")):
            ExperimentRequest(table=Path("nowhere"), within="14d", **options).check()
    with pytest.raises(DataError):
        read(Path("nowhere.csv"))
