"""Numbers that are given out by hand: no two things get one, and an error names a free one."""

from __future__ import annotations

import pytest

from omnilab.brand import codes
from omnilab.cell import queue
from omnilab.kernels.numbers import Numbers


def test_what_is_taken_or_out_of_range_is_refused_and_a_free_number_named() -> None:
    numbers = Numbers("item", 4, first_free=1)
    assert [numbers.give(1, "one"), numbers.give(0, "none")] == [1, 0]
    for number, why in ((1, "that of one"), (4, "not 0..3"), (-1, "not 0..3")):
        with pytest.raises(ValueError, match=rf"^item two: {number} is {why}; 2 is free$"):
            numbers.give(number, "two")
    with pytest.raises(ValueError, match=r"^item one: there is one of that name$"):
        numbers.give(2, "one")
    assert numbers.names == {1: "one", 0: "none"}
    numbers.give(2, "two")
    numbers.give(3, "three")
    with pytest.raises(ValueError, match=r"none is free"):
        numbers.give(0, "four")


def test_items_and_events_are_declared_by_their_names() -> None:
    assert all(getattr(queue, name) == number for number, name in queue.KINDS.names.items())
    masks = list(codes.EVENTS.values())
    assert len(set(masks)) == len(masks)
    assert all(mask.bit_count() == 1 for mask in masks)
    with pytest.raises(ValueError, match=r"event mine: 0 is that of open; 22 is free"):
        codes.event(0, "mine")
