"""A file of past tests: which requests it makes, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from omnilab.errors import OmnilabError
from omnilab.fit.experiment.request import ExperimentRequest
from omnilab.fit.experiment.tests_file import read_requests, read_tests, tables_of
from tests.fit.experiment.tables import rows_of, write_table


def tables(folder: Path, **changed: object) -> None:
    """Write two tests, of other customers unless told."""
    columns = rows_of()
    n = len(columns["visit"])
    write_table(folder / "march.csv", columns, sent_at=np.full(n, "2026-03-02"))
    later = {"customer": columns["customer"] + n, "sent_at": np.full(n, "2026-06-01")}
    write_table(folder / "june.csv", columns, **{**later, **changed})


def written(folder: Path, text: str) -> list[ExperimentRequest]:
    """Return the requests of a file of tests."""
    (folder / "tests.yaml").write_text(text, encoding="utf-8")
    return read_requests(ExperimentRequest(table=folder / "tests.yaml", seed=4))


TWO = """\
control: control
within: 14d
tests:
  - {table: march.csv, content: {men: men}}
  - {table: june.csv, within: 7d}
"""


def test_each_test_has_its_own_options_over_those_of_all(tmp_path: Path) -> None:
    tables(tmp_path)
    march, june = written(tmp_path, TWO)
    assert (march.within, june.within, june.control, june.seed) == ("14d", "7d", "control", 4)
    assert march.table == tmp_path / "march.csv"
    requests, tests = read_tests([march, june])
    # Arms of one name are told apart, in what they show too.
    assert tests[0].arms == ("control", "men (march)", "women (march)")
    assert tests[1].arms == ("control", "men (june)", "women (june)")
    assert requests[0].content == ("men (march)=men",)
    assert tables_of(tmp_path / "tests.yaml") == [
        tmp_path / "tests.yaml", tmp_path / "march.csv", tmp_path / "june.csv"
    ]  # fmt: skip


def test_a_table_is_a_request_of_its_own(tmp_path: Path) -> None:
    request = ExperimentRequest(table=tmp_path / "t.csv")
    assert read_requests(request) == [request]
    assert tables_of(tmp_path / "t.csv") == [tmp_path / "t.csv"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tests: []\n", "1 to 20 tests, not 0"),
        ("tables: []\n", "a list under 'tests'"),
        ("tests: [{control: a}]\n", "tests[1]: has no table"),
        ("tests: [{table: a.csv, contrl: a}]\n", "no key 'contrl' (did you mean 'control'?)"),
        ("tests: [{table: a.csv, seed: 3}]\n", "seed is one for all tests"),
        ("tests: [{table: a.csv, within: 3x}]\n", "--within '3x'"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(OmnilabError) as error:
        written(tmp_path, text)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_tests_that_overlap_in_time_must_have_other_customers(tmp_path: Path) -> None:
    same = rows_of()["customer"]
    n = len(same)
    tables(tmp_path, customer=same)
    assert len(read_tests(written(tmp_path, TWO))[1]) == 2  # one after the other
    tables(tmp_path, customer=same, sent_at=np.full(n, "2026-03-12"))
    with pytest.raises(OmnilabError, match="overlap in time"):
        read_tests(written(tmp_path, TWO))
    tables(tmp_path, customer=same, sent_at=None)
    with pytest.raises(OmnilabError, match="add a column of dates"):
        read_tests(written(tmp_path, TWO))
    twice = TWO.replace("june.csv", "march.csv")
    with pytest.raises(OmnilabError, match="the table of two tests"):
        read_tests(written(tmp_path, twice))
