"""What can't be used is refused with one clear line or counted, and the graph stays as it was."""

from __future__ import annotations

import datetime as dt
import importlib
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from omnilab.errors import CapacityError, DataError, OmnilabError, OptionError
from omnilab.identity import (
    Columns,
    IdentityGraph,
    IdentityPolicy,
    merge_graphs,
    resolve_file,
)

RULED = IdentityPolicy(types=("email", "cookie"), unique=("email",), history=True)


def picture(graph: IdentityGraph) -> tuple:
    return (
        graph.resolve().tolist(),
        graph.history().tolist(),
        graph.counts,
        graph.types,
        graph._state.meta[2],
    )


def codes() -> IdentityGraph:
    graph = IdentityGraph()
    graph.observe([[0, 1], [1, 2]], time=100)
    return graph


def texts() -> IdentityGraph:
    graph = IdentityGraph(RULED)
    graph.observe({"email": ["a@x", "b@x"], "cookie": ["c", "d"]}, time=[100, 101])
    return graph


BAD_CODES = {
    "float": [np.array([0.5, 1.5]), np.array([1.0, 2.0])],
    "bool": [np.array([True, False])] * 2,
    "below -1": (np.array([3, -2]), np.array([4, 5])),
    "below -1, three columns": [np.array([3, -2])] * 3,
    "beyond 32 bits": (np.array([3, 1 << 40]), np.array([4, 5])),
    "beyond 32 bits, three columns": [np.array([3, 1 << 40])] * 3,
    "beyond 63 bits": [np.array([3, (1 << 63) + 5], np.uint64)] * 2,
    "unequal": (np.array([3, 4]), np.array([4])),
    "no columns": [],
    "a number": 7,
    "strings": {"email": ["x"]},
    "mixed": [[3, "x"], [4, 5]],
    "dates": [np.array(["2020-01-01"], "datetime64[s]")],
    "one huge": (5, 1 << 40),
    "one below": (5, -1),
}


@pytest.mark.parametrize("name", BAD_CODES)
def test_bad_codes_leave_the_graph_as_it_was(name):
    graph = codes()
    before = picture(graph)
    with pytest.raises(OmnilabError) as caught:
        graph.observe(BAD_CODES[name], time=200)
    assert "\n" not in str(caught.value)
    assert picture(graph) == before


@pytest.mark.parametrize(
    "time",
    [
        99,
        [200, 150],
        [200.0, float("nan")],
        [200],
        ["x", "y"],
        np.array(["NaT", "NaT"], "datetime64[s]"),
        1 << 70,
        [200, None],
        [1 << 70, 1 << 70],
    ],
)
@pytest.mark.parametrize("as_text", [False, True])
def test_bad_times_leave_the_graph_as_it_was(time, as_text):
    graph = texts() if as_text else codes()
    before = picture(graph)
    known = len(graph._strings) if as_text else 0
    batch = {"email": ["n1", "n2"]} if as_text else (np.array([7, 8]), np.array([8, 9]))
    with pytest.raises(DataError):
        graph.observe(batch, time=np.array(time) if isinstance(time, list) else time)
    assert picture(graph) == before
    assert not as_text or len(graph._strings) == known


def test_a_span_beyond_32_bits_is_refused_and_says_what_to_give():
    graph = codes()
    before = picture(graph)
    for batch in ((5, 6), [[5], [6]], (np.array([5]), np.array([6]))):
        with pytest.raises(CapacityError, match="give seconds"):
            graph.observe(batch, time=1 << 40)
        for time in (1 << 63, 1 << 70, -(1 << 70)):
            with pytest.raises(OmnilabError):
                graph.observe(batch, time=time)
    assert picture(graph) == before


@pytest.mark.parametrize(
    "column",
    [[1.5, 2.5], [["x"], ["y"]], pa.array([True, False]), pa.array([1.5, None]), 7, None],
)
def test_columns_that_hold_no_identifiers(column):
    graph = texts()
    before = picture(graph)
    with pytest.raises(DataError, match="email"):
        graph.observe({"cookie": ["new", "new2"], "email": column}, time=200)
    assert picture(graph) == before
    assert len(graph._strings) == 4


def test_unusable_identifiers_are_left_out_and_counted():
    graph = IdentityGraph(IdentityPolicy(types=("email", "cookie"), max_bytes=1000))
    broken = pa.Array.from_buffers(
        pa.string(),
        2,
        [None, pa.py_buffer(np.array([0, 3, 5], np.int32)), pa.py_buffer(b"a\xffbcd")],
    )
    ids = graph.observe({"email": broken, "cookie": ["c", "c"]})
    assert ids.tolist() == [graph.resolve("c", types="cookie")] * 1 + [int(ids[1])]
    graph.observe({"email": ["", None, float("nan"), "x" * 10_000_000], "cookie": ["c"] * 4})
    counts = graph.counts
    assert (counts["empty"], counts["too_long"], counts["invalid_utf8"]) == (1, 1, 1)
    assert counts["identifiers"] == 2
    nothing = graph.observe({"email": ["", None]})
    assert nothing.tolist() == [-1, -1]


@pytest.mark.parametrize(
    "raw",
    [b"\x80", b"\xc3", b"\xc0\x80", b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"a\xff",
     b"\xf5\x80\x80\x80", b"\xe2\x82", b"aaaaaaaa\xfe", b"\xe2\x28\xa1"],
)  # fmt: skip
def test_utf8_is_checked_as_python_does(raw):
    with pytest.raises(UnicodeDecodeError):
        raw.decode()
    graph = IdentityGraph()
    graph.observe([pa.array([raw, "é€😀".encode()], pa.binary())])
    assert graph.counts["invalid_utf8"] == 1
    assert len(graph) == 1


def test_an_identifier_of_another_type_is_counted():
    graph = IdentityGraph(RULED)
    graph.observe({"email": [0], "cookie": [1]})
    graph.observe({"email": [2], "cookie": [0]})
    assert graph.counts["other_type"] == 1
    assert graph.resolve([0, 1, 2]).tolist() == [0, 0, 2]


def test_types_are_named_and_the_nearest_is_told():
    graph = texts()
    before = picture(graph)
    with pytest.raises(DataError, match="did you mean 'email'"):
        graph.observe({"cookie": ["q"], "emial": ["x"]}, time=300)
    with pytest.raises(DataError, match="types"):
        graph.observe([["x"], ["y"]], time=300)
    assert picture(graph) == before
    free = IdentityGraph()
    free.observe({"email": ["x"]}, time=5)
    before = picture(free)
    with pytest.raises(DataError):
        free.observe({"other": ["x"]}, time=1)
    assert picture(free) == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"unique": ("emial",), "types": ("email",)},
        {"fan_out": {"email": 0}},
        {"fan_out": {"email": True}},
        {"time_to_live": {"email": 1.5}},
        {"time_to_live": {"email": 1 << 40}},
        {"unique": "email"},
        {"types": ("a", "a")},
        {"types": tuple(map(str, range(200)))},
        {"max_bytes": 0},
        {"unique": 3},
        {"types": (1, 2)},
        {"types": ([],)},
        {"fan_out": 3},
        {"time_to_live": {3: 4}},
        {"history": "yes"},
        {"log": 1},
    ],
)
def test_a_policy_checks_itself(wrong):
    with pytest.raises(OptionError):
        IdentityPolicy(**wrong)


def test_asking_for_what_is_not_there():
    graph = codes()
    assert graph.resolve([5, -1, 1]).tolist() == [-1, -1, 0]
    assert graph.resolve(77) == -1
    for wrong in (77, -2):
        with pytest.raises(DataError, match="no profile"):
            graph.canonical(wrong)
    with pytest.raises(DataError, match="never seen together"):
        texts().split(("email", "a@x"), ("cookie", "d"))
    with pytest.raises(OptionError, match="log=False"):
        IdentityGraph(IdentityPolicy(log=False)).history()


def test_empty_batches_change_nothing():
    graph = IdentityGraph()
    for empty in ((np.empty(0, np.int64),) * 2, {"email": []}, np.empty((0, 3), np.int32)):
        assert len(graph.observe(empty)) == 0
    assert graph.observe([[3], [4]]).tolist() == [3]


def test_columns_of_all_makers_are_read():
    wanted = [["a", None, "b"], ["b", "c", None]]
    makers = [
        list,
        pa.array,
        lambda v: pa.array(v, pa.large_string()),
        lambda v: pa.chunked_array([v[:1], v[1:]]),
        lambda v: pa.array(["pad", *v, "pad"])[1:-1],
        lambda v: pa.array(v).dictionary_encode(),
        pd.Series,
        lambda v: pd.Series(v, dtype="category"),
        lambda v: np.array(v, object),
        lambda v: pa.array([None if x is None else x.encode() for x in v]),
    ]
    for make in makers:
        graph = IdentityGraph()
        assert graph.observe({"t": make(wanted[0])}).tolist() == [0, -1, 1]
        assert graph.observe([make(wanted[0]), make(wanted[1])], types=["t", "t"]).tolist() == [
            0, 2, 0,
        ]  # fmt: skip
    for make in (list, pa.array, lambda v: pd.Series(v, dtype="Int64"), lambda v: pd.Series(v)):
        graph = IdentityGraph()
        assert graph.observe([make([4, 5, 6]), make([5, 9, 7])]).tolist() == [4, 4, 6]


def test_tables_of_all_makers_are_mappings_of_their_columns():
    columns = {"email": ["a", None, "b"], "cookie": ["c", "d", "d"]}
    wanted = picture(_observed(columns))
    makers = [pd.DataFrame, pa.table, pa.RecordBatch.from_pydict]
    if find_spec("polars"):
        makers.append(importlib.import_module("polars").DataFrame)
    for make in makers:
        assert picture(_observed(make(columns))) == wanted
    twice = pd.DataFrame([["a", "b"]], columns=["email", "email"])
    for table in (twice, pa.table([["a"], ["b"]], ["email", "email"])):
        with pytest.raises(DataError, match="2 columns are named 'email'"):
            _observed(table)


def _observed(batch) -> IdentityGraph:
    graph = IdentityGraph()
    graph.observe(batch)
    return graph


@pytest.mark.filterwarnings("error")
def test_a_time_with_a_zone_is_the_second_it_is_in_utc():
    there = "2024-01-01T02:00:00+02:00"
    stamps = pd.to_datetime([there])
    one = dt.datetime.fromisoformat(there)
    for time in (stamps, pd.Series(stamps), pa.array(stamps), stamps[0], one, [one]):
        graph = IdentityGraph()
        graph.observe({"t": ["a"]}, time=time)
        assert graph.profile(0).first_seen == 1_704_067_200


def test_what_is_no_graph_no_columns_and_no_span():
    graph = texts()
    for wrong in ("x", (1, 2, 3), (1.5, 2.5), 1.5):
        with pytest.raises(DataError, match="split"):
            graph.split(("email", "a@x"), ("cookie", "c"), time=wrong)
    with pytest.raises(OptionError, match="an IdentityGraph is needed"):
        merge_graphs(graph, 3)
    for wrong in (["email"], ["ab"], [("email", 3)], [("a", "b", "c")], {"email": "mail"}):
        with pytest.raises(OptionError, match="pair is needed"):
            Columns(wrong)
    with pytest.raises(OptionError, match="a Columns is needed"):
        resolve_file("e.parquet", "p.parquet", columns=[("email", "mail")])
    with pytest.raises(OptionError, match="an IdentityPolicy is needed"):
        resolve_file("e.csv", "p.parquet", columns=Columns([("email", "m")]), policy={"a": 1})
