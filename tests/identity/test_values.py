"""Placeholders, spellings and column types: who is joined by which values."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab._files.placeholders import PLACEHOLDERS, Placeholders
from omnilab.errors import DataError, OmnilabError, OptionError
from omnilab.identity import IdentityGraph, IdentityPolicy, _barred, merge_graphs
from omnilab.identity._value_notes import value_notes
from omnilab.identity.spelling import STEPS, Spelling, respelled
from omnilab.identity.strings import Strings

TYPES = ("login", "cookie")


def profiles(logins, **rules) -> list[int]:
    """Return the profiles of rows that have a cookie of their own each."""
    graph = IdentityGraph(IdentityPolicy(TYPES, **rules))
    cookies = [f"c{i}" for i in range(len(logins))]
    graph.observe({"login": logins, "cookie": cookies}, time=1)
    return graph.resolve(cookies, types="cookie").tolist()


@pytest.mark.parametrize(
    "value",
    ["null", "NULL", " null ", '"null"', "undefined", "None", "NaN", "[object Object]", "0",
     "00000000-0000-0000-0000-000000000000", "---", "unknown", "Anonymous", "guest",
     "test@test.com", "{{ user.id }}", "${userId}", "*|EMAIL|*", "ｎｕｌｌ", "-1", "   ", "00-00",
     "function (a) { return a }"],
)  # fmt: skip
def test_a_placeholder_joins_nobody(value):
    assert len(set(profiles([value] * 3))) == 3
    assert len(set(profiles([value] * 3, placeholders=()))) == 1


@pytest.mark.parametrize("value", ["007", "nullius", "a", "guest1", "10", "test@shop.example", "é"])
def test_an_identifier_is_none(value):
    assert len(set(profiles([value] * 3))) == 1


def test_placeholders_are_counted_by_type_and_value_and_never_come_back():
    graph = IdentityGraph(IdentityPolicy(TYPES))
    batch = {"login": ["null", "u1", "NULL", "null"], "cookie": ["a", "b", "0", "null"]}
    for _ in range(2):
        graph.observe(batch)
    wanted = {("login", "null"): 4, ("login", "NULL"): 2, ("cookie", "0"): 2, ("cookie", "null"): 2}
    assert graph.placeholders() == wanted
    assert graph.counts["placeholder"] == 10
    assert graph.resolve("null", types="login") == -1
    assert graph.profile(graph.resolve("a", types="cookie")).identifiers == [("cookie", "a")]
    assert len(graph) == 3


def test_placeholders_are_saved_and_merged(tmp_path):
    one, two = (IdentityGraph(IdentityPolicy(TYPES)) for _ in range(2))
    one.observe({"login": ["x", "null"], "cookie": ["a", "b"]}, time=1)
    two.observe({"login": ["undefined", "null"], "cookie": ["a", "d"]}, time=2)
    one.save(tmp_path / "g")
    one = IdentityGraph.load(tmp_path / "g")
    both = merge_graphs(one, two)
    assert both.placeholders() == {("login", "null"): 2, ("login", "undefined"): 1}
    found = both.resolve(["a", "b", "d"], types="cookie")
    assert len(set(found.tolist())) == 3


def test_the_list_is_added_to_replaced_and_kept_from():
    assert len(set(profiles(["walk-in"] * 2, placeholders=Placeholders(["Walk-In"])))) == 2
    assert len(set(profiles(["walk-in"] * 2, placeholders=["walk-in"]))) == 2
    assert len(set(profiles(["null"] * 2, placeholders=["walk-in"]))) == 1
    assert len(set(profiles(["0"] * 2, placeholders=Placeholders(keep=["0"])))) == 1
    with pytest.raises(OptionError, match="placeholders"):
        IdentityPolicy(placeholders="null")


@given(st.lists(st.one_of(
    st.sampled_from([*PLACEHOLDERS, "0", "[object X]", "{{a}}"]).flatmap(
        lambda v: st.sampled_from([v, v.upper(), f" {v}", f'"{v}"', v + "x", "\u00a0" + v])),
    st.text(max_size=12), st.text("0-. n", max_size=6),
)))  # fmt: skip
def test_the_quick_look_misses_no_placeholder(values):
    known = Placeholders()
    strings = Strings(1024, known)
    texts = [v for v in values if v and v.encode(errors="ignore").decode() == v]
    codes = strings.encode(pa.array(texts, pa.string()), 0)
    assert [code < 0 for code in codes.tolist()] == [text in known for text in texts]


@given(
    st.lists(st.text('\0\x01 "aAzZé.0', min_size=1, max_size=4), max_size=9),
    st.lists(st.text('\0\x01 "aAzZé.0', min_size=1, max_size=5), max_size=40),
    st.booleans(),
)
def test_the_quick_look_misses_no_value_of_a_list_of_ones_own(add, texts, defaults):
    known = Placeholders(add, defaults=defaults)
    codes = Strings(1024, known).encode(pa.array(texts, pa.string()), 0)
    assert [code < 0 for code in codes.tolist()] == [text in known for text in texts]


@pytest.mark.parametrize("block", [1, 7, 1 << 18])
@given(
    st.lists(st.text("aZ09+. -@éÿ", max_size=6) | st.none(), max_size=30),
    st.lists(st.sampled_from(list(STEPS)), min_size=1, unique=True),
    st.integers(0, 3),
)
def test_a_column_is_written_as_each_of_its_values_is(block, texts, steps, cut):
    spelling = Spelling.read("+".join(steps))
    column = pa.array(texts, pa.string())[cut:]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("omnilab.identity.spelling.BLOCK", block)
        got = respelled(column, spelling).cast(pa.string()).to_pylist()
    assert got == [text if text is None else spelling(text) for text in texts[cut:]]


def test_the_quick_look_suspects_few_real_values():
    known = Placeholders()
    strings = Strings(1024, known)
    values = [
        uuid.UUID(int=i * 0x9E3779B97F4A7C15F39CC0605CEDC834 % (1 << 128)) for i in range(999)
    ]
    strings.add(pa.array([str(v) for v in values] + [f"m{i}@shop.example" for i in range(999)]), 0)
    out = np.empty(len(strings), np.int64)
    table = _barred.suspect_table(known)
    assert _barred.suspects(strings._arena, strings._ends, 0, len(strings), table, out) < 10


@pytest.mark.parametrize(
    ("kind", "way", "same"),
    [
        ("email", None, ["ann@x.com", "Ann@X.com", " ann@x.com", "ann@x.com ", "ａnn@x.com"]),
        ("email", "email+plus+dots", ["ann@gmail.com", "A.nn+shop@googlemail.com"]),
        ("login", "case+blanks", ["ann", "ANN "]),
        (
            "phone",
            "phone:+43",
            ["+43 (0) 664 12", "0043 664/12", "0664-12", "tel: 0664 12"],
        ),
        ("phone", "phone:39", ["+39 06 123456", "06 12 34 56", "0039 06123456"]),
        ("phone", "phone", ["+1 (212) 555-0100", "001 212 555 0100"]),
        ("device", "device", ["AB12-CD", "{ab12cd}"]),
        ("card", "card", ["0012 34", "12-34", "1234"]),
        ("name", "unicode", ["é", "e\u0301"]),
    ],
)
def test_spellings_that_mean_the_same_are_one(kind, way, same):
    graph = IdentityGraph(IdentityPolicy((kind,), normalise={} if way is None else {kind: way}))
    assert set(graph.observe({kind: same}).tolist()) == {0}
    assert graph.resolve(same, types=kind).tolist() == [0] * len(same)
    exact = IdentityGraph(IdentityPolicy((kind,), normalise={kind: "exact"}))
    assert len(set(exact.observe({kind: same}).tolist())) == len(same)


def test_dots_and_case_count_where_nobody_says_otherwise():
    graph = IdentityGraph()
    assert (
        graph.observe({"email": ["a.nn@gmail.com", "ann@gmail.com", "a+b@x.de", "a@x.de"]}).max()
        == 3
    )
    assert graph.observe({"login": ["Ann", "ann"], "email": [None, None]}).tolist() == [4, 5]


@given(
    st.lists(st.one_of(st.none(), st.text(max_size=8), st.text("aA0 .+-@é\u0301", max_size=8))),
    st.lists(st.sampled_from([*STEPS, "phone:+43"]), min_size=1, max_size=3),
    st.booleans(),
)
def test_a_column_is_respelled_as_each_value_is(values, steps, wide):
    values = [v if v is None or v.encode(errors="ignore").decode() == v else "" for v in values]
    way = Spelling.read("+".join(steps))
    padded = pa.array(["A a", *values], pa.large_string() if wide else pa.string())[1:]
    found = respelled(padded, way)
    texts = [v.decode() if isinstance(v, bytes) else v for v in found.to_pylist()]
    assert texts == [None if v is None else way(v) for v in values]


@pytest.mark.parametrize("wrong", ["csae", "phone:0", "email:3", "", 7])
def test_an_unknown_way_of_writing_is_refused(wrong):
    with pytest.raises(OptionError, match="normalise"):
        IdentityPolicy(normalise={"email": wrong})


def test_an_old_policy_means_what_it_meant():
    policy = IdentityPolicy.from_json('{"types": ["email"], "fan_out": {"email": 3}}')
    assert not policy.undoes
    assert not policy.barred
    assert policy.spelling("email") is None
    assert IdentityPolicy.from_json(IdentityPolicy().to_json()) == IdentityPolicy()


BIG = (1 << 53) + 1
MAKERS = {
    "list": list,
    "numpy": np.array,
    "int64": lambda v: pd.Series(v, dtype="int64", index=range(9, 9 + len(v))),
    "Int64": lambda v: pd.Series(v, dtype="Int64"),
    "UInt64": lambda v: pd.Series(v, dtype="UInt64"),
    "arrow": lambda v: pd.Series(v, dtype="int64[pyarrow]"),
    "uint64": lambda v: pa.array(v, pa.uint64()),
    "chunked": lambda v: pa.chunked_array([v[:1], v[1:]]),
    "category": lambda v: pd.Series(v).astype("category"),
    "object": lambda v: pd.Series(v, dtype=object),
    "index": pd.Index,
    "decimal": lambda v: [Decimal(x) for x in v],
    "decimal128": lambda v: pa.array([Decimal(x) for x in v]),
    "runs": lambda v: pa.compute.run_end_encode(pa.array(v)),
    "text": lambda v: [str(x) for x in v],
    "string": lambda v: pd.Series([str(x) for x in v], dtype="string"),
    "bytes": lambda v: [str(x).encode() for x in v],
    "view": lambda v: pa.array([str(x) for x in v], pa.string_view()),
    "mixed": lambda v: [str(v[0]), *v[1:]],
}


@pytest.mark.parametrize("maker", MAKERS)
def test_whole_numbers_beside_text_are_exact(maker):
    found = profiles(MAKERS[maker]([BIG, BIG - 1, BIG]))
    assert found[0] == found[2] != found[1]


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([7, None, 7]), pd.Series([7, None, 7], dtype="Int64"), [7, None, 7.0],
        np.array([7, np.nan, 7]), pd.Series([7, pd.NA, "7"], dtype=object), ["7", pd.NaT, 7],
        pa.array([7, None, 7], pa.uint64()), pd.Series([7, None, 7], dtype="Float64"),
        pd.Series([7, None, 7]).astype("category"), [np.int8(7), np.nan, b"7"],
        ["7", np.datetime64("NaT"), Decimal(7)], pa.array([7, None, 7], pa.float32()),
    ],
    ids=str,
)  # fmt: skip
def test_gaps_do_not_change_whole_numbers(column):
    graph = IdentityGraph(IdentityPolicy(TYPES))
    found = graph.observe({"login": column, "cookie": ["a", "b", "c"]}, time=[1, 2, 3])
    assert found.tolist() == [found[0], found[1], found[0]]
    assert graph.resolve("7", types="login") == graph.resolve(7, types="login") == found[0]
    assert len(graph) == 4


@pytest.mark.parametrize(
    "column",
    [
        [True, "u"], [dt.date(2024, 1, 1), "u"], [0.5, "u"], [["a"], "u"], [{"a": 1}, "u"],
        np.array([0.5, 7.0]), [float(1 << 60), "u"], [float("inf"), 7], pd.Series([0.5, 7]),
    ],
    ids=str,
)  # fmt: skip
def test_a_value_that_is_no_identifier_costs_itself_only(column):
    graph = IdentityGraph(IdentityPolicy(TYPES))
    graph.observe({"login": column, "cookie": ["a", "b"]})
    assert graph.counts["other_type"] == 1
    assert len(graph) == 3


@pytest.mark.parametrize(
    "column",
    [
        [True, False], pd.Series([True, None], dtype="boolean"), pd.to_datetime(["2024-01-01"] * 2),
        pd.to_timedelta([1, 2]), pd.period_range("2024", periods=2), [object(), object()],
        pd.interval_range(0, 2), pd.MultiIndex.from_tuples([(1, 2), (3, 4)]), np.array([1j, 2j]),
        pa.array([[1], [2]]), pa.array([{"a": 1}] * 2), np.zeros((2, 2)), {1, 2}, 5, None,
        pd.Series(pd.arrays.SparseArray([0.5, 1.5])), (x for x in "ab"), range(2), "ab",
    ],
    ids=lambda c: type(c).__name__,
)  # fmt: skip
def test_any_other_column_is_taken_or_refused_with_an_error_of_ours(column):
    graph = IdentityGraph(IdentityPolicy(TYPES))
    for call in (
        lambda: graph.observe({"login": column, "cookie": ["a", "b"]}),
        lambda: graph.observe([column, ["a", "b"]], types=TYPES),
        lambda: graph.resolve(column, types="login"),
        lambda: graph.observe({"cookie": ["a", "b"]}, time=column),
        lambda: graph.observe(column),
    ):
        try:
            call()
        except OmnilabError as error:
            said = str(error)
            if "\n" in said:
                pytest.fail(said)


def test_a_column_of_numbers_alone_goes_with_a_graph_of_text():
    graph = IdentityGraph(IdentityPolicy(TYPES))
    graph.observe({"login": [7, 8], "cookie": ["a", "b"]})
    assert graph.observe({"login": np.array([8])}).tolist() == [graph.resolve("b", types="cookie")]
    frame = pd.DataFrame({"login": [8.0, None], "cookie": ["x", "y"]}, index=[5, 5])
    assert graph.observe(frame)[0] == graph.resolve("b", types="cookie")


@pytest.mark.parametrize(
    "time",
    [
        ["2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00"], pd.Series([1704067200.0] * 2),
        [1704067200.9, 1704067200.9], pd.Series(["2024-01-01", "2024-01-01"], dtype="string"),
        pd.Series([1704067200] * 2, dtype="Int64"), np.array([1704067200] * 2, object),
        pa.array(["2024-01-01T00:00:00Z"] * 2).dictionary_encode(),
    ],
    ids=str,
)  # fmt: skip
def test_times_of_further_kinds(time):
    graph = IdentityGraph()
    graph.observe({"login": ["a", "b"]}, time=time)
    assert graph.profile(0).first_seen == 1_704_067_200


def test_milliseconds_are_no_seconds():
    for batch in ({"t": ["a"]}, [[3], [4]], (3, 4), (np.array([3]), np.array([4]))):
        with pytest.raises(DataError, match="give seconds"):
            IdentityGraph().observe(batch, time=1_735_725_600_000)


def test_what_was_parted_stays_parted(tmp_path):
    graph = IdentityGraph(IdentityPolicy(("email", "cookie", "login"), history=True))
    graph.observe({"email": ["ann@x", "bob@x"], "cookie": ["t1", "t2"]}, time=[1, 1])
    graph.observe({"email": ["ann@x"], "cookie": ["t2"]}, time=[2])
    graph.split(("email", "Ann@x"), ("cookie", "t2"))
    graph.save(tmp_path / "g")
    graph = IdentityGraph.load(tmp_path / "g")
    seen = graph.observe({"email": ["ann@x", None], "cookie": ["t2", "t2"]}, time=[3, 3])
    ann, bob = graph.resolve(["ann@x", "bob@x"], types="email")
    assert seen.tolist() == [ann, bob]
    assert ann != bob
    graph.observe({"cookie": ["t2"], "login": ["l"], "email": ["ann@x"]}, time=4)
    assert graph.resolve("l", types="login") == bob
    # Given its time, a split is of those sightings only.
    graph.split(("cookie", "t2"), ("login", "l"), time=4)
    graph.observe({"cookie": ["t2"], "login": ["l"]}, time=5)
    assert graph.resolve("l", types="login") == bob


@pytest.mark.parametrize("step", [1, 7, 200])
def test_a_shared_address_joins_nobody(step):
    policy = IdentityPolicy(("email", "cookie"), fan_out={"email": 50})
    graph = IdentityGraph(policy)
    for i in range(0, 200, step):
        cookies = [f"c{j}" for j in range(i, min(i + step, 200))]
        graph.observe({"email": ["noreply@x"] * len(cookies), "cookie": cookies}, time=i)
    assert len(set(graph.resolve([f"c{i}" for i in range(200)], types="cookie").tolist())) == 200


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        ("email", ["ann@x.com", "ann@x.com."], "what stands around an address"),
        ("email", ["ann@x.com", "mailto:Ann@x.com"], "what stands around an address"),
        ("email", ["ann@x.com", "Ann <ann@x.com>"], "what stands around an address"),
        ("email", ["ann@x.com", "'ann@x.com'"], "what stands around an address"),
        ("login", ["12", "12.0"], ".0 at the end"),
        ("login", ["1.23E+12", "7"], "a spreadsheet has cut"),
        ("login", ["1,23E+12", "7"], "a spreadsheet has cut"),
        ("login", ["E+12", "7e5f", "1.2.0", "12"], None),
        ("email", ["ann@x.com", "bob@x.com."], None),
    ],
)
def test_what_programs_do_to_identifiers_is_said(kind, values, said):
    graph = IdentityGraph(IdentityPolicy(types=(kind,)))
    assert len(set(graph.observe({kind: values}).tolist())) == len(values)
    notes = value_notes(graph)
    assert len(notes) == (said is not None)
    assert said is None or said in notes[0]


def test_an_address_alone_and_a_whole_number_are_one():
    policy = IdentityPolicy(
        types=("email", "login"), normalise={"email": "email+around", "login": "float"}
    )
    graph = IdentityGraph(policy)
    mails = ["ann@x.com", "Ann B. <ANN@x.com>", "mailto:ann@x.com", '"ann@x.com"', "ann@x.com. "]
    assert set(graph.observe({"email": mails}).tolist()) == {0}
    logins = graph.observe({"login": ["12", "12.0", "120", "1.2.0"]}).tolist()
    assert logins[0] == logins[1]
    assert len(set(logins)) == 3
