"""Later looks at a message: a Poisson process whose rate falls by half in each half-life."""

from __future__ import annotations

import math

import pytest

from omnilab.cell import queue
from omnilab.world.lying import MOST_LOOKS, at_look, next_look
from omnilab.world.state import Message
from tests.interaction.test_message import Post
from tests.plain import plain
from tests.worlds import DAY, EMAIL, drawn, due, happen, inhabited, logged, model_of, record

RULES = ("world/lying.py",)

T = 40 * DAY
HALF = 5 * DAY


def lying(again: float = 2.0):
    model = model_of()
    model.ch[EMAIL].looks_again, model.ch[EMAIL].half_life = again, HALF
    return model


def looks(model, occasion: int) -> list[int]:
    """Return the ages of a message's later looks, in seconds."""
    cell = inhabited(model, 1)
    message = record(Message, channel=EMAIL, occasion=occasion)
    t, ages = T, []
    while (after := plain(next_look)(model, cell.person[0], message, t)) >= 0:
        t += after
        ages.append(t - T)
        plain(at_look)(message, int(message.look) + 1)
    return ages


@pytest.mark.parametrize("again", [0.5, 2.0])
def test_the_number_and_the_ages_are_what_is_declared(again: float) -> None:
    """Mean and variance of the number are the mean; half of the looks come in a half-life."""
    model, n = lying(again), 400
    found = [looks(model, k << 8) for k in range(n)]
    numbers = [len(ages) for ages in found]
    mean = sum(numbers) / n
    assert mean == pytest.approx(again, abs=4 * math.sqrt(again / n))
    spread = sum((x - mean) ** 2 for x in numbers) / n
    assert spread == pytest.approx(again, rel=0.35)
    ages = [age for one in found for age in one]
    early = sum(age <= HALF for age in ages) / len(ages)
    assert early == pytest.approx(0.5, abs=4 * 0.5 / math.sqrt(len(ages)))
    assert all(one == sorted(set(one)) for one in found)


def test_the_next_look_is_the_inverse_of_what_is_still_to_come() -> None:
    model = lying()
    person = inhabited(model, 1).person[0]
    for age in (0, HALF, 3 * HALF):
        message = record(Message, channel=EMAIL, occasion=7 << 8, look=1, first_look=T - age)
        u = drawn(model, 206, person.entity, 7 << 8)[0]
        to_come = 2.0 * 2.0 ** (-age / HALF)
        after = plain(next_look)(model, person, message, T)
        if -math.log(u) >= to_come:
            assert after == -1
        else:
            passed = to_come * (1.0 - 2.0 ** (-(after - 1) / HALF))
            assert passed == pytest.approx(-math.log(u), abs=1e-4)


def test_addresses_of_looks_are_all_different_and_come_back() -> None:
    message = record(Message, occasion=(17 << 32) | (3 << 24) | (999 << 8) | 5)
    first, seen, made = int(message.occasion), set(), set()
    for look in range(MOST_LOOKS + 1):
        plain(at_look)(message, look)
        occasion = int(message.occasion)
        seen.add(occasion)
        made.add((occasion ^ (occasion >> 24)) & 0xFFFFFF)  # what numbers a need that it makes
    assert (len(seen), len(made)) == (MOST_LOOKS + 1, 8)
    plain(at_look)(message, 0)
    assert int(message.occasion) == first


def test_a_message_that_lies_there_is_seen_again_and_a_click_ends_it() -> None:
    for click, ends in ((-40.0, False), (40.0, True)):
        post = Post("email")
        post.model.ch[EMAIL].base_open, post.model.ch[EMAIL].open_logit = 0.5, 30.0
        post.model.ch[EMAIL].base_click, post.model.ch[EMAIL].click_logit = 0.1, click
        post.model.ch[EMAIL].looks_again, post.model.ch[EMAIL].half_life = 1e9, HALF
        post.send(T)
        ((t, _, who, slot, look),) = due(post.cell, queue.OPEN)
        assert look == 0
        happen(post.cell, post.model, post.plan, t, queue.OPEN, who, slot, look)
        again = due(post.cell, queue.OPEN)
        assert bool(again) is not ends
        if ends:
            continue
        ((t, _, who, slot, look),) = again
        assert look == 1
        happen(post.cell, post.model, post.plan, t, queue.OPEN, who, slot, look)
        kinds = [row["kind"] for row in logged(post.cell, "open", "look_again")]
        assert kinds == ["open", "look_again"]
        assert logged(post.cell, "look_again")[0]["look"] == 1


def test_off_nothing_is_looked_at_again() -> None:
    assert looks(lying(0.0), 3 << 8) == []
