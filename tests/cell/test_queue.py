"""The queue of what is due: a heap, idle visits and two lines come out in one order."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.brand.codes import EVENTS
from omnilab.cell import queue
from omnilab.cell.memory import reset
from omnilab.cell.own_items import copy_own
from omnilab.cell.room import GROWING
from omnilab.kernels.compiling import kernel
from tests.worlds import cell_of

PERSONS = 11

LINE = 2  # places, so few that it often is full

KINDS = [queue.NEED, queue.IDLE, queue.IDLE, queue.OPEN, queue.COPY, queue.SEND, queue.WEEKLY]
kinds = st.sampled_from([*KINDS, queue.COPY, queue.SEND])
pushes = st.tuples(st.just("push"), st.integers(0, 9), kinds, st.integers(0, PERSONS - 1))
pops = st.just(("pop", 0, 0, 0))
brands = st.sampled_from([queue.COPY, queue.SEND])
sends = st.tuples(st.just("push"), st.just(5), brands, st.just(0))
actions = st.lists(pushes | sends | pops, min_size=20, max_size=60)


def make_cell() -> Any:
    """Return a cell whose lines are short."""
    cell = cell_of(PERSONS)
    cell.set("line", cell.line[:, :LINE].copy())
    return cell


@kernel
def drive(C: Any, actions: Any, out: Any) -> None:
    """Push (1, time, kind, who, mark) or pop (0, ...), and write what came out: key, a, b."""
    reset(C, 0, 0)
    C.meta.persons = PERSONS
    for i in range(len(actions)):
        if actions[i, 0] == 1:
            time, kind, who = int(actions[i, 1]), int(actions[i, 2]), int(actions[i, 3])
            queue.push(C, time, kind, who, int(actions[i, 4]), -int(actions[i, 4]))
            continue
        queue.close(C)
        key = queue.soonest(C)
        out[i, 0] = key
        if key != queue.NEVER:
            out[i, 1], out[i, 2] = queue.pop(C, key)


@given(actions)
def test_items_come_out_in_the_order_of_their_keys(
    actions: list[tuple[str, int, int, int]],
) -> None:
    told, wanted = [], []
    naive: list[tuple[int, int, int, int, int]] = []
    seq, idle = [0] * (queue.BRAND + 1), set()
    for what, time, kind, who in actions:
        if what == "push":
            if kind == queue.IDLE and who in idle:
                continue  # a person has one such visit ahead at most
            who = queue.BRAND if kind >= queue.COPY else who
            idle |= {who} if kind == queue.IDLE else set()
            mark = 0 if kind == queue.IDLE else time + who
            told.append((1, time, kind, who, mark))
            wanted.append((0, 0, 0))
            naive.append((time, kind, who, seq[who], mark))
            seq[who] += 1
            continue
        told.append((0, 0, 0, 0, 0))
        if not naive:
            wanted.append((queue.NEVER, 0, 0))
            continue
        naive.sort()
        time, kind, who, number, mark = naive.pop(0)
        idle -= {who} if kind == queue.IDLE else set()
        wanted.append((time << 33 | kind << 27 | who << 12 | number, mark, -mark))
    out = np.zeros((len(told), 3), dtype=np.int64)
    drive(make_cell(), np.array(told, dtype=np.int64).reshape(-1, 5), out)
    assert out.tolist() == [list(row) for row in wanted]


@kernel
def throw_away(C: Any, pushes: Any, left: Any) -> None:
    """Push (time, kind, who, mark), discard the brand's, pop the rest."""
    reset(C, 0, 0)
    C.meta.persons = PERSONS
    for i in range(len(pushes)):
        mark = int(pushes[i, 3])
        queue.push(C, int(pushes[i, 0]), int(pushes[i, 1]), int(pushes[i, 2]), mark, -mark)
    queue.discard(C, queue.COPY)
    for i in range(len(left)):
        queue.close(C)
        key = queue.soonest(C)
        if key == queue.NEVER:
            break
        left[i], _ = queue.pop(C, key)


@given(st.lists(pushes | sends, max_size=30))
def test_the_brands_items_are_discarded_wherever_they_are(
    actions: list[tuple[str, int, int, int]],
) -> None:
    told = [
        (time, kind, queue.BRAND if kind >= queue.COPY else who, i + 1)
        for i, (_, time, kind, who) in enumerate(actions)
        if kind != queue.IDLE
    ]
    left = np.zeros(len(told) + 1, np.int64)
    throw_away(make_cell(), np.array(told, dtype=np.int64).reshape(-1, 4), left)
    stay = [mark for _, _, _, mark in sorted(x for x in told if x[1] < queue.COPY)]
    assert left[left > 0].tolist() == stay


def test_all_who_take_a_new_slot_say_so(root: Path) -> None:
    """Whether arrays are full is asked only after that, so a place that forgot would overflow."""
    counters = {"copies" if name == "copy" else f"{name}s" for name in GROWING}
    counters -= {"tapes", "notes", "rows"}  # what is written during one event alone
    counters.add("tape")
    taken = re.compile(r"\n( *)(\S*)\.([\w{}]+) = i \+ 1\n(.*)\n")
    lists = re.compile(r"free_list\(\"\w+\", \"(\w+)\"\)")
    found = []
    for path in (root / "sim/omnilab").rglob("*.py"):
        text = path.read_text()
        found += [counter for counter in lists.findall(text) if counter in counters]
        for space, meta, counter, following in taken.findall(text):
            if counter in (*counters, "{count}"):
                found.append(counter)
                assert following == f"{space}{meta}.grown = 1", f"{path}: {counter}"
    found.remove("{count}")  # what all free lists do
    assert sorted(found) == sorted(counters)


@kernel
def move(S: Any, C: Any, times: Any, left: Any) -> None:
    """Give each person of one cell an idle visit, take them over into another, and pop them."""
    for cell in (S, C):
        reset(cell, 0, 0)
        cell.meta.persons = len(times)
    for who in range(len(times)):
        queue.push(S, int(times[who]), queue.IDLE, who, 0, 0)
    copy_own(C, S)
    for i in range(len(left)):
        queue.close(C)
        left[i] = queue.soonest(C)
        if left[i] != queue.NEVER:
            queue.pop(C, left[i])


@pytest.mark.parametrize(("persons", "room"), [(1, 1), (1, 9), (2, 2), (3, 4), (9, 9), (9, 254)])
def test_a_cell_takes_idle_visits_over_from_one_of_another_size(persons: int, room: int) -> None:
    times = np.random.default_rng(persons).integers(0, 5, persons)
    left = np.zeros(persons + 1, np.int64)
    roomy, tight = cell_of(room), cell_of(persons)
    move(roomy, tight, times, left)
    first = sorted((int(t), who) for who, t in enumerate(times))
    keys = [t << 33 | queue.IDLE << 27 | who << 12 for t, who in first]
    assert left.tolist() == [*keys, queue.NEVER]


def test_each_kind_of_item_has_a_number_of_its_own() -> None:
    """Two of the same number would be acted on as one kind."""
    others = ("BRAND", "NEVER", "LINES", "KIND_NUMBERS")
    kinds = [
        value
        for name, value in vars(queue).items()
        if name.isupper() and type(value) is int and name not in others
    ]
    assert len(kinds) > 40
    assert len(set(kinds)) == len(kinds)
    assert max(kinds) < 64


def test_each_event_has_a_bit_of_its_own() -> None:
    assert all(bit.bit_count() == 1 for bit in EVENTS.values())
    assert len(set(EVENTS.values())) == len(EVENTS)
