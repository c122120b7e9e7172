"""Rows: what is written by name is read by the same name, in compiled code and in Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.kernels.compiling import kernel
from omnilab.kernels.record import Record, dtype_of, i1, i4, i8
from omnilab.log import rows
from omnilab.log.kinds import messages
from omnilab.log.kinds.declared import N_KINDS, RowKey, kind
from omnilab.log.layout import field, fields_of, words_of_kind

CLASSES = sorted(set(rows.KINDS.values()), key=lambda kind: kind.__name__)


def plain(function: Any) -> Any:
    return getattr(function, "py_func", function)


def row_with(words: tuple[int, ...], kind: int) -> Any:
    row = np.zeros(1, rows.ROW)
    row["kind"] = kind
    for name, word in zip("abcd", words, strict=True):
        row[name] = word
    return row


@pytest.mark.parametrize("kind", rows.KINDS, ids=rows.KIND_NAMES.get)
@given(data=st.data())
def test_each_field_comes_back_under_its_name(kind: int, data: st.DataObject) -> None:
    record = rows.KINDS[kind]
    dtype = dtype_of(record)
    values = {}
    for name in fields_of(record):
        bits = 8 * (dtype.fields or {})[name][0].itemsize
        values[name] = data.draw(st.integers(-(1 << (bits - 1)), (1 << (bits - 1)) - 1), name)
    row = row_with(plain(words_of_kind(record))(**values), kind)
    seen = rows.of_kind(row, kind)
    assert {name: int(seen[0][name]) for name in values} == values
    assert {name: plain(field(record, name))(row[0]) for name in values} == values
    assert {name: rows.named(row[0])[name] for name in values} == values


write = words_of_kind(messages.Sent)
read_cost, read_shown, read_category = (
    field(messages.Sent, n) for n in ("cost", "shown_need", "category")
)


@kernel
def write_and_read(row: Any, cost: int, shown: int, category: int) -> int:
    a, b, c, d = write(
        message=1 << 40, journey=59, step=31, profile=1 << 22, cost=cost, shown_need=shown,
        category=category, shows=3,
    )  # fmt: skip
    row["a"] = a
    row["b"] = b
    row["c"] = c
    row["d"] = d
    return read_cost(row) + 1000 * read_shown(row) + 1000000 * read_category(row)


def test_compiled_code_writes_the_same_words() -> None:
    row = np.zeros(1, rows.ROW)
    row["kind"] = rows.SENT
    assert write_and_read(row[0], 7, -1, -1) == 7 - 1000 - 1000000
    named = rows.named(row[0])
    assert (named["journey"], named["step"], named["profile"]) == (59, 31, 1 << 22)
    assert (named["message"], named["category"], named["shows"]) == (1 << 40, -1, 3)


def test_fields_that_do_not_fit_are_refused() -> None:
    class Long(RowKey):
        one: i8
        two: i8
        three: i8
        four: i8
        five: i1

    with pytest.raises(TypeError, match="32 bytes"):
        fields_of(Long)


def test_every_kind_has_a_name_and_a_class() -> None:
    assert set(rows.KINDS) == set(rows.KIND_NAMES)
    assert all(issubclass(fields, RowKey) for fields in CLASSES)


def test_a_table_has_each_field_where_its_kind_has_it() -> None:
    log = np.concatenate([row_with((4, 2, 900, 0), rows.NEED), row_with((7, 0, 0, 0), rows.LEFT)])
    values, has = rows.filled(log, "value")
    assert values.tolist() == [900, 0]
    assert has.tolist() == [True, False]
    values, has = rows.filled(log, "why")
    assert values.tolist() == [0, 7]
    assert has.tolist() == [False, True]


def test_a_field_may_not_be_declared_twice() -> None:
    class One(Record):
        value: i4

    class Two(Record):
        value: i4

    class Both(One, Two):
        pass

    with pytest.raises(TypeError, match="value"):
        dtype_of(Both)


@given(kinds=st.lists(st.sampled_from(sorted(rows.KINDS)), max_size=12), seed=st.integers(0, 99))
def test_all_rows_are_named_as_one_is(kinds: list[int], seed: int) -> None:
    words = np.random.default_rng(seed).integers(-(1 << 62), 1 << 62, (len(kinds), 4))
    log = np.zeros(len(kinds), rows.ROW)
    log["kind"] = kinds
    for name, column in zip("abcd", words.T, strict=True):
        log[name] = column
    assert rows.all_named(log) == [rows.named(row) for row in log]


def test_a_kind_with_a_number_or_name_of_another_is_refused_and_a_free_one_named() -> None:
    class Mine(RowKey):
        """Not in the log."""

    before = dict(rows.KINDS), dict(rows.KIND_NAMES)
    free = next(n for n in range(43, N_KINDS) if n not in rows.KINDS)
    for number, why in ((rows.ORDER, "that of order"), (N_KINDS, "not 0..119"), (-1, "not 0..119")):
        with pytest.raises(ValueError, match=rf"kind mine: {number} is {why}; {free} is free"):
            kind(number, "mine", Mine)
    with pytest.raises(ValueError, match="kind order: there is one of that name"):
        kind(free, "order", Mine)
    assert before == (rows.KINDS, rows.KIND_NAMES)
