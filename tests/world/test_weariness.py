"""The slow memory of fatigue: what a steady rate leaves is its rate, and it fades over months."""

from __future__ import annotations

import math

import pytest

from omnilab.world.fatigue import attention, opt_out_factor
from omnilab.world.weariness import wearied
from tests.interaction.test_message import Post
from tests.plain import plain
from tests.worlds import DAY, WEEK, inhabited, model_of

RULES = ("world/weariness.py",)

T = 40 * DAY
MEMORY = 100 * DAY
WEEKLY = 1.0 / math.expm1(WEEK / MEMORY)
ON = {
    "slow": 0.5,
    "slow_memory": float(MEMORY),
    "slow_weeks": WEEK / MEMORY,
    "slow_weekly": WEEKLY,
}


def felt(messages, *, ideal=1e9, **changes):
    """Return the volume felt at each of the messages (time, weekly, meets)."""
    model = model_of(fatigue=ON | changes)
    person = inhabited(model, 1).person[0]
    person.ideal = ideal
    return [plain(wearied)(model, person, t, weekly, meets, 1.0) for t, weekly, meets in messages]


@pytest.mark.parametrize("rate", [1, 2, 7])
def test_a_steady_rate_of_what_nobody_wants_comes_to_its_rate(rate: int) -> None:
    """n unwanted a week, evenly, weary like slow * (n - 1) messages a week more."""
    gap = WEEK // rate
    volumes = felt([(k * gap, 1.0, 0.0) for k in range(1, 200 * rate)])
    expected = 1.0 + 0.5 * (WEEK / gap - 1.0)
    assert volumes[-1] == pytest.approx(expected, abs=1e-5)
    assert volumes == sorted(volumes)  # it builds up


def test_it_builds_up_and_recovers_as_an_exponential() -> None:
    """The independent model: the sum over all messages of exp(-age / memory)."""
    times = [T + 3 * k * DAY for k in range(30)]
    later = [*times, times[-1] + 150 * DAY]
    volumes = felt([(t, 1.0, 0.25) for t in later])
    for at, t in enumerate(later):
        stock = WEEKLY * math.exp(-t / MEMORY)
        stock += sum(0.75 * math.exp(-(t - before) / MEMORY) for before in later[:at])
        months = (WEEK / MEMORY) / math.log(1.0 + 1.0 / stock)
        assert volumes[at] == pytest.approx(1.0 + 0.5 * max(0.0, months - 1.0))
    assert volumes[-1] < max(volumes)


def test_base_rates_keep_their_reference() -> None:
    """One message a week that meets nothing, for years, is felt as one message a week."""
    volumes = felt([(k * WEEK, 1.0, 0.0) for k in range(1, 150)])
    assert volumes == [pytest.approx(1.0, abs=1e-9)] * len(volumes)


def test_what_meets_a_need_wearies_nobody_unless_it_is_past_the_ideal() -> None:
    daily = [T + k * DAY for k in range(200)]
    assert felt([(t, 7.0, 1.0) for t in daily])[-1] == 7.0
    spam = felt([(t, 7.0, 1.0) for t in daily], ideal=3.0)
    assert spam == felt([(t, 7.0, 0.0) for t in daily])
    assert spam[-1] > 8.0


def test_both_rules_of_fatigue_see_the_sum() -> None:
    """What is felt goes into attention and into opting out past the ideal; into nothing else."""
    post = Post("email", fatigue=ON | {"exponent": 0.27})
    post.person.slow, post.person.slow_t = 200.0, T
    post.person.ideal = 2.0
    post.send(T)
    message = post.cell.message[0]
    months = (WEEK / MEMORY) / math.log(1.0 + 1.0 / 200.0)
    assert message.weekly == pytest.approx(0.5 * (months - 1.0))
    model = post.model
    assert plain(attention)(model, message.weekly) < 1.0
    assert plain(opt_out_factor)(model, post.person, 2.0 * message.weekly) > 1.0


def test_off_nothing_is_kept() -> None:
    model = model_of()
    person = inhabited(model, 1).person[0]
    assert plain(wearied)(model, person, T, 3.0, 0.0, 1.0) == 3.0
    assert person.slow == 0.0


def test_members_of_a_cohort_enter_rested() -> None:
    fresh = inhabited(model_of(fatigue=ON, birth={"entry_over": DAY}), 1)
    there = inhabited(model_of(fatigue=ON), 1)
    assert [float(x.person[0].slow) for x in (fresh, there)] == [0.0, pytest.approx(WEEKLY)]
