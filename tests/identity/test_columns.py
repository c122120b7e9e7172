"""Single sets and times of all makers come in as they are meant, or are refused."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from omnilab.errors import DataError, OmnilabError
from omnilab.identity import IdentityGraph, IdentityPolicy

VISITS = {"email": ["a", None, "b"], "cookie": ["c", "c", "d"]}


@pytest.mark.parametrize("rules", [{}, {"history": True}])
def test_a_tuple_of_integers_is_one_set(rules):
    graph = IdentityGraph(IdentityPolicy(**rules))
    assert graph.observe((4, 7), time=1) == 4
    assert graph.observe((np.int64(7), np.int32(2)), time=2) == 4
    assert graph.observe((2, None), time=3) == 4
    assert graph.observe((1, 2, 3), time=4) == 4
    before = graph.resolve().tolist()
    for wrong in ((1, "b"), (1, 1.5), (True, 1), (1, 1 << 70)):
        with pytest.raises(OmnilabError):
            graph.observe(wrong, time=5)
    assert graph.resolve().tolist() == before


def test_times_of_all_makers_are_seconds():
    stamps = [
        datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))),
        datetime(1970, 1, 2, tzinfo=UTC),
    ]
    makers = [
        list,
        pd.Series,
        lambda v: np.array([0, 86_400_000], "datetime64[ms]"),
        lambda v: [0, 86400],
        lambda v: pa.array([0, 86_400_000], pa.timestamp("ms", "UTC")),
        lambda v: pd.to_datetime([0, 86400], unit="s", utc=True),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for make in makers:
            graph = IdentityGraph()
            graph.observe([[0, 2], [1, 0]], time=make(stamps))
            assert graph.history()["time"].tolist() == [0, 86400]


@pytest.mark.parametrize(
    "time",
    [
        pa.array([1, None]),
        pa.array([1, None], pa.timestamp("s")),
        pd.Series([1, None], dtype="Int64"),
        pd.to_datetime(["2024-01-01", None]),
        [datetime(2024, 1, 1, tzinfo=UTC), None],
        np.array([1, (1 << 63) + 5], np.uint64),
        [datetime(2024, 1, 1, tzinfo=UTC), "soon"],
    ],
)
def test_times_that_are_missing_or_none_are_told(time):
    graph = IdentityGraph()
    reasons = r"^time: (missing at row 1|\d+ is no second|not a column)"
    with pytest.raises(DataError, match=reasons) as told:
        graph.observe([[0, 2], [1, 0]], time=time)
    assert "\n" not in str(told.value)
    assert len(graph) == 0


def test_one_type_for_all_columns_is_told_apart_from_a_list_of_them():
    with pytest.raises(DataError, match=r"such as \['email'\]"):
        IdentityGraph().observe([["a"]], types="email")


def test_a_split_names_what_was_never_together_and_wants_seconds():
    graph = IdentityGraph(IdentityPolicy(types=("email", "cookie"), history=True))
    graph.observe(VISITS, time=[1, 2, 3])
    with pytest.raises(DataError, match=r"'a'\) and \('cookie', 'none'\) were never"):
        graph.split(("email", "a"), ("cookie", "none"))
    for wrong in ("soon", (1, 2, 3), (1.0, 2.0), [None, 5]):
        with pytest.raises(DataError, match=r"split: (one second|whole)"):
            graph.split(("email", "a"), ("cookie", "c"), time=wrong)
    assert graph.split(("email", "a"), ("cookie", "c"), time=(1, 1)) == 1
