"""The generator against its published answers, its addresses, and how its draws are spread."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from omnilab.draws.philox import draw4, make_key, permute64, philox4x32, unit
from tests.draws.reference import philox, plain, undo_permute, words


def bits(n: int) -> st.SearchStrategy[int]:
    """Draw numbers of up to ``n`` bits; `integers` would seldom set the high ones."""
    whole = st.binary(min_size=16, max_size=16).map(lambda b: int.from_bytes(b, "big") % 2**n)
    return whole | st.sampled_from([0, 1, 2**n - 1, 2 ** (n - 1)])


KEYS = st.tuples(bits(32), bits(32))
ENTITIES = bits(56)
OCCASIONS = bits(63)
STREAMS = st.integers(0, 255)

# Counter, key and answer, from the known-answer tests of the reference implementation (Random123).
KNOWN = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000",
     "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff",
     "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0",
     "d16cfe09 94fdcceb 5001e420 24126ea1"),
]  # fmt: skip


@pytest.mark.parametrize("function", [philox4x32, plain(philox4x32)], ids=["compiled", "plain"])
@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_known_answers(function: Any, counter: str, key: str, answer: str) -> None:
    drawn = function(*(int(word, 16) for word in f"{counter} {key}".split()))
    assert drawn == tuple(int(word, 16) for word in answer.split())


@given(counter=bits(128), key=bits(64))
def test_compiled_is_plain_is_the_papers(counter: int, key: int) -> None:
    arguments = words(counter, 4) + words(key, 2)
    assert philox4x32(*arguments) == plain(philox4x32)(*arguments) == philox(counter, key)


@given(key=KEYS, stream=STREAMS, entity=ENTITIES, occasion=OCCASIONS)
def test_an_address_is_one_counter(
    key: tuple[int, int], stream: int, entity: int, occasion: int
) -> None:
    """The parts of the address lie side by side in the counter, so no two share a draw."""
    counter = occasion | entity << 64 | stream << 120
    expected = tuple((w + 0.5) / 2**32 for w in philox(counter, key[0] | key[1] << 32))
    assert draw4(*key, stream, entity, occasion) == expected
    assert plain(draw4)(*key, stream, entity, occasion) == expected


@given(key=KEYS, stream=STREAMS, entity=st.integers(0, 127), occasion=st.integers(0, 127))
def test_the_width_of_a_numpy_integer_does_not_matter(
    key: tuple[int, int], stream: int, entity: int, occasion: int
) -> None:
    expected = draw4(*key, stream, entity, occasion)
    for kind in (np.int8, np.int16, np.int32, np.int64):
        assert draw4(*key, stream, kind(entity), kind(occasion)) == expected
        assert plain(draw4)(*key, stream, kind(entity), kind(occasion)) == expected


def test_uniforms_are_strictly_inside() -> None:
    assert 0.0 < unit(0) < 2**-32
    assert 1.0 - 2**-32 < unit(2**32 - 1) < 1.0
    assert plain(unit)(2**32 - 1) == unit(2**32 - 1)
    steps = np.diff([unit(word) for word in (0, 1, 2, 2**31, 2**31 + 1, 2**32 - 2, 2**32 - 1)])
    assert (steps > 0).all()


def test_keys_of_seeds_and_replications_differ() -> None:
    seeds = [0, 1, 2, 2**31, 2**32, 2**32 + 1, 2**62, 2**63 - 1]
    replications = [0, 1, 2, 1 << 31, (1 << 31) + 1, 2**32 - 1]
    keys = [make_key(s, r) for s, r in itertools.product(seeds, replications)]
    assert len(set(keys)) == len(keys)
    assert keys == [plain(make_key)(s, r) for s, r in itertools.product(seeds, replications)]


@given(value=bits(62), key=bits(62))
def test_the_permutation_can_be_undone(value: int, key: int) -> None:
    """What can be taken back from every value is a bijection."""
    code = permute64(value, key)
    assert 0 <= code < 2**62
    assert code == plain(permute64)(value, key)
    assert undo_permute(code, key) == value


def test_the_permutation_hides_neighbours() -> None:
    """Codes of consecutive values share no order and half their bits, and a key changes all."""
    codes = [permute64(value, 12345) for value in range(20_000)]
    assert len(set(codes)) == len(codes)
    ranks = stats.spearmanr(codes, range(len(codes)))
    assert abs(ranks.statistic) < 4 / len(codes) ** 0.5
    flips = [(a ^ b).bit_count() for a, b in itertools.pairwise(codes)]
    assert np.mean(flips) == pytest.approx(31, abs=0.2)
    others = [permute64(value, 12346) for value in range(20_000)]
    assert not set(zip(codes, range(20_000), strict=True)) & set(
        zip(others, range(20_000), strict=True)
    )


N = 20_000
VARIED = ["entity", "occasion", "stream and entity", "replication", "seed"]


def drawn(what: str, start: int = 0) -> Any:
    """Return draws, shape (N, 4), along one part of the address, the others being fixed."""
    if what == "entity":
        return np.array([draw4(*make_key(7, 0), 11, start + i, 5) for i in range(N)])
    if what == "occasion":
        return np.array([draw4(*make_key(7, 0), 11, 5, start + i) for i in range(N)])
    if what == "stream and entity":
        return np.array([draw4(*make_key(7, 0), i % 128, 9 + i // 128, start) for i in range(N)])
    if what == "replication":
        return np.array([draw4(*make_key(7, start + i), 11, 5, 5) for i in range(N)])
    return np.array([draw4(*make_key(start + i, 0), 11, 5, 5) for i in range(N)])


@pytest.mark.parametrize("what", VARIED)
def test_draws_are_uniform_along_every_part_of_the_address(what: str) -> None:
    """Kolmogorov-Smirnov; the addresses are fixed, so the outcome is too."""
    for u in drawn(what, 1000).T:
        assert stats.kstest(u, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("what", VARIED)
def test_neighbours_are_independent(what: str) -> None:
    """Neither the four words of an address nor those of the next one know of each other."""
    u = drawn(what)
    both = np.hstack([u[:-1], u[1:]])
    for i, j in itertools.combinations(range(8), 2):
        counts, _, _ = np.histogram2d(both[:, i], both[:, j], bins=16, range=[[0, 1], [0, 1]])
        assert stats.chisquare(counts.ravel()).pvalue > 1e-4, (i, j)
        assert abs(np.corrcoef(both[:, i], both[:, j])[0, 1]) < 4.5 / N**0.5, (i, j)
