"""Work counters: what counts as a change, and how one is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.gate.counters import ALLOWED, Allowed, changes, read_allowed
from bench.gate.errors import GateError
from bench.gate.workloads import WORKLOADS

COUNTERS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 3))


@given(COUNTERS)
def test_equal_counters_are_no_change(counters: dict[str, int]) -> None:
    assert changes("w", counters, dict(reversed(counters.items()))) == []


@given(COUNTERS, COUNTERS)
def test_every_difference_is_found_once(base: dict[str, int], head: dict[str, int]) -> None:
    found = changes("w", base, head)
    names = [c.counter for c in found]
    assert sorted(names) == sorted(
        k for k in {**base, **head} if (k in base, base.get(k)) != (k in head, head.get(k))
    )
    assert all(c.fails == (c.counter in base) for c in found)


def test_an_allowed_change_holds_for_its_value_alone() -> None:
    allowed = [Allowed("w", "finds", 12, "fewer finds")]
    (meant,) = changes("w", {"finds": 15}, {"finds": 12}, allowed)
    (other,) = changes("w", {"finds": 15}, {"finds": 13}, allowed)
    (elsewhere,) = changes("v", {"finds": 15}, {"finds": 12}, allowed)
    assert (meant.fails, other.fails, elsewhere.fails) == (False, True, True)


def test_the_option_allows_any_value() -> None:
    (change,) = changes("w", {"a": 1}, {"a": 9}, [Allowed("w", "a", None, "by an option")])
    assert not change.fails


def test_the_file_that_is_there_can_be_read() -> None:
    assert ALLOWED.exists()
    read_allowed(ALLOWED, WORKLOADS)


def test_no_file_allows_nothing(tmp_path: Path) -> None:
    assert read_allowed(tmp_path / "none.toml", WORKLOADS) == []


GOOD = '[[allowed]]\nworkload = "cascade-100k"\ncounter = "decisions"\nto = 7\nreason = "r"\n'


def test_an_entry_is_read(tmp_path: Path) -> None:
    file = tmp_path / "allowed.toml"
    file.write_text(GOOD)
    assert read_allowed(file, WORKLOADS) == [Allowed("cascade-100k", "decisions", 7, "r")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[allowed]", "allowed.toml"),
        (GOOD.replace('reason = "r"\n', ""), "entry 1: needs workload"),
        (GOOD + "more = 1\n", "and nothing else"),
        (GOOD.replace("cascade-100k", "cascade-1M"), "no workload 'cascade-1M'"),
    ],
)
def test_a_bad_file_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "allowed.toml"
    file.write_text(text)
    with pytest.raises(GateError) as caught:
        read_allowed(file, WORKLOADS)
    assert said in caught.value.message
    assert caught.value.exit_code == 2
