"""The log's digest against its definition in Python's unbounded integers."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.experiment.compare import compare
from omnilab.kernels.compiling import kernel
from omnilab.log.digest import add_digests, digest_of, digest_rows, hex_digest
from omnilab.scenario import load_scenario
from omnilab.strategy.loading import load_strategy

WORD = 1 << 64
# The fraction of pi in hexadecimal, 64 bits at a time, the last bit set.
PI = 0x243F6A8885A308D313198A2E03707344A4093822299F31D0082EFA98EC4E6C89
PI = PI << 192 | 0x452821E638D01377BE5466CF34E90C6CC0AC29B7C97C50DD
WEIGHTS = [(PI >> 64 * k) % WORD | 1 for k in reversed(range(7))]
K1, K2, K3 = (WORD - k for k in (0x61C8864680B583EB, 0x3D4D51C2D82B14B1, 0x4B47C1C1A1D6A3E9))

words = st.one_of(
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.integers(-2, 2),
    st.sampled_from([-(1 << 63), (1 << 63) - 1, 1 << 62, (1 << 32) - 1]),
)
logs = st.lists(st.lists(words, min_size=7, max_size=7), max_size=40)


@kernel
def add_hashes(rows: Any, n: int, total: Any) -> None:
    digest_rows(rows, n, total)


def folded(word: int, bits: int) -> int:
    return word ^ word >> bits


def naive(rows: list[list[int]]) -> str:
    """Return the sum of the rows' hashes, each lane modulo 2**64, as 32 digits."""
    low_sum = high_sum = 0
    for row in rows:
        one = sum(folded(x % WORD, 32) * w for x, w in zip(row, WEIGHTS, strict=True)) % WORD
        low = folded(folded(one * K1 % WORD, 32) * K2 % WORD, 29)
        low_sum += low
        high_sum += folded((low + one) * K3 % WORD, 31)
    return f"{high_sum % WORD:016x}{low_sum % WORD:016x}"


def found(rows: list[list[int]]) -> str:
    total = np.zeros(2, np.int64)
    memory = np.array(rows, np.int64).reshape(-1, 7)
    add_hashes(memory, len(memory), total)
    return hex_digest(digest_of(*total))


@pytest.mark.parametrize("engine", ["compiled", "simpy"])
def test_the_digest_is_that_of_its_definition(root: Path, engine: str) -> None:
    scenario = load_scenario(root / "bench/peers/minimal.yaml").with_customers(7)
    loaded = load_strategy("omnichannel", scenario)
    result = compare(scenario, [loaded], engine=engine, keep_events=True)
    rows = np.concatenate(result.events["omnichannel"])
    memory = rows.view(np.ndarray).view(np.int64).reshape(-1, 7)
    assert result.strategies[0].log_digest == naive(memory.tolist())


@given(logs)
def test_any_rows(rows: list[list[int]]) -> None:
    assert found(rows) == naive(rows)


@given(logs, st.integers(0, 40), st.randoms())
def test_logs_add_up_in_any_order(rows: list[list[int]], cut: int, chance: Random) -> None:
    one, two = int(found(rows[:cut]), 16), int(found(rows[cut:]), 16)
    assert hex_digest(add_digests(one, two)) == found(rows)
    chance.shuffle(rows)
    assert hex_digest(add_digests(two, one)) == found(rows)


@given(logs.filter(len), st.data())
def test_every_bit_of_every_row_counts(rows: list[list[int]], data: st.DataObject) -> None:
    before = found(rows)
    i = data.draw(st.integers(0, len(rows) - 1))
    for bits in data.draw(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 63)), max_size=3)):
        changed = [list(row) for row in rows]
        changed[i][bits[0]] = int(np.int64(rows[i][bits[0]]) ^ np.int64(np.uint64(1 << bits[1])))
        after = found(changed)
        assert after[:16] != before[:16]
        assert after[16:] != before[16:]


@given(st.lists(words, min_size=14, max_size=14).filter(lambda w: w[0] != w[7]), st.integers(1, 6))
def test_rows_do_not_lend_each_other_words(ws: list[int], k: int) -> None:
    one, two = ws[:7], ws[7:]
    if one[k] != two[k]:
        lent = [[*one[:k], two[k], *one[k + 1 :]], [*two[:k], one[k], *two[k + 1 :]]]
        assert found([one, two]) != found(lent)


def test_plain_python_does_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.random.default_rng(1).integers(-(1 << 63), 1 << 63, (19, 7), np.int64)
    total = np.zeros(2, np.int64)
    with np.errstate(over="ignore"):
        plain(rows, len(rows), total, monkeypatch)
    assert hex_digest(digest_of(*total)) == naive(rows.tolist())


def plain(rows: Any, n: int, total: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from omnilab.log import digest

    for name in ("hash_row", "folded"):
        compiled = getattr(digest, name)
        monkeypatch.setattr(digest, name, getattr(compiled, "py_func", compiled))
    monkeypatch.setattr(digest, "hash_eights", lambda words, n: (0, 0, 0))
    getattr(digest_rows, "py_func", digest_rows)(rows, n, total)
