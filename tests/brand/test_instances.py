"""Copies of journeys: their lists, their order, and what is said when they end."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest

from omnilab.brand import instances, outbox
from omnilab.brand.codes import EXIT_DONE
from omnilab.kernels.compiling import kernel
from omnilab.log import rows
from tests.plain import plain
from tests.worlds import cell_of, said

RULES = ("brand/outbox.py",)
P, KEY = 2, 77


def with_copies(n: int = 3) -> Any:
    """Return a cell in which a profile has copies of journeys 0, 1, ... of serials 10, 11, ..."""
    cell = cell_of(4)
    cell.profile[P].first_copy, cell.profile[P].key = -1, KEY
    cell.meta.copy_serial = 10
    for k in range(n):
        i = plain(instances.take_copy)(cell)
        assert i == k
        plain(instances.begin_copy)(cell, i)
        cell.copy[i].journey, cell.copy[i].silo = k, -1
        plain(instances.hook)(cell, i, P)
    return cell


def listed(cell: Any) -> list[int]:
    found, before, i = [], -1, int(cell.profile[P].first_copy)
    while i >= 0:
        assert (cell.copy[i].previous, cell.copy[i].profile) == (before, P)
        found.append(i)
        before, i = i, int(cell.copy[i].next)
    return found


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_copies_are_taken_off_the_list_in_any_order(order: tuple[int, ...]) -> None:
    cell, left = with_copies(), [2, 1, 0]
    assert listed(cell) == left
    for i in order:
        plain(instances.drop_copy)(cell, i)
        left.remove(i)
        assert listed(cell) == left
        assert cell.copy[i].state == 0
        assert plain(instances.has_copy)(cell, P, i, -1) == -1
    assert [plain(instances.take_copy)(cell) for _ in range(4)] == [*order[::-1], 3]


def test_a_copy_is_found_by_journey_and_silo() -> None:
    cell = with_copies()
    cell.copy[1].silo = 2
    assert plain(instances.has_copy)(cell, P, 0, -1) == 0
    assert plain(instances.has_copy)(cell, P, 1, -1) == -1
    assert plain(instances.has_copy)(cell, P, 1, 2) == 1


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_copies_are_walked_by_age_not_by_slot(order: tuple[int, ...]) -> None:
    cell = with_copies()
    old = order[0]
    plain(instances.drop_copy)(cell, old)
    i = plain(instances.take_copy)(cell)
    assert i == old  # the slot of one that has ended, and the youngest now
    plain(instances.begin_copy)(cell, i)
    plain(instances.hook)(cell, i, P)
    walked = [k for k in range(3) if k != old] + [old]
    assert _walk(cell, instances.next_copy) == walked
    assert [int(cell.copy[k].serial) for k in walked] == sorted(cell.copy[:3].serial.tolist())
    for k in order[1:]:
        cell.copy[k].decided = -1
    assert _walk(cell, instances.next_waiting) == [k for k in walked if k in order[1:]]
    for k in order:
        plain(instances.drop_copy)(cell, k)
        walked.remove(k)
        assert _walk(cell, instances.next_copy) == walked
    assert (cell.meta.first_copy, cell.meta.last_copy) == (-1, -1)


def _walk(cell: Any, following: Any) -> list[int]:
    found, i = [], -1
    while (i := int(plain(following)(cell, i))) >= 0:
        found.append(i)
    return found


def test_a_copy_that_ends_says_what_became_of_its_message() -> None:
    cell = with_copies()
    copy = cell.copy[1]
    copy.step, copy.last_silo, copy.message, copy.sends, copy.success = 4, 3, 1234, 2, 3
    plain(instances.free_copy)(cell, 1, EXIT_DONE)
    final, ended = said(cell)
    assert (final["kind"], final["silo"], final["code"]) == ("final", 3, KEY)
    assert (final["message"], final["journey"], final["step"]) == (1234, 1, 4)
    assert (final["status"], final["sends"]) == (rows.FINAL_OPEN, 2)
    assert (ended["kind"], ended["silo"], ended["code"]) == ("exit", 3, KEY)
    assert (ended["copy_serial"], ended["journey"], ended["reason"]) == (11, 1, EXIT_DONE)
    assert listed(cell) == [2, 0]
    plain(instances.free_copy)(cell, 0, EXIT_DONE)
    assert [x["kind"] for x in said(cell)] == ["exit"]


def test_what_is_said_and_asked_for_is_kept_in_order() -> None:
    cell = cell_of(1)
    for k in (0, 100):
        plain(outbox.note)(cell, k + 1, k + 2, k + 3, tuple(range(k + 4, k + 8)))
        plain(outbox.wake)(cell, *range(k + 1, k + 5))
    names = ("kind", "silo", "code", "a", "b", "c", "d")
    notes = [[int(x[f]) for f in names] for x in cell.note[:2]]
    assert notes == [list(range(1, 8)), list(range(101, 108))]
    timers = [[int(x[f]) for f in ("time", "kind", "a", "b")] for x in cell.timer[:2]]
    assert timers == [[1, 2, 3, 4], [101, 102, 103, 104]]
    assert (cell.meta.notes, cell.meta.timers) == (2, 2)
    cell.meta.replaying = 1
    plain(outbox.note)(cell, 1, 2, 3, (4, 5, 6, 7))
    assert cell.meta.notes == 2


@kernel
def walk(cell: Any, out: Any) -> None:
    i = -1
    for k in range(len(out)):
        i = instances.next_copy(cell, i)
        out[k] = i


def test_compiled() -> None:
    out = np.zeros(4, np.int64)
    walk(with_copies(), out)
    assert out.tolist() == [0, 1, 2, -1]
