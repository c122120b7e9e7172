"""Columns in, columns out: what passes between the engine and the hooks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from omnilab.errors import StrategyError
from omnilab.strategy.choice_check import validate_choices
from omnilab.strategy.decisions import EVENT_KINDS, Choices, Decisions
from omnilab.strategy.loading import load_strategy
from omnilab.testing import sample_decisions, sample_events, sample_scenario

SCENARIO = sample_scenario()
PENDING = sample_decisions(SCENARIO, load_strategy("omnichannel", SCENARIO).plan)
N, CHANNELS = PENDING.allowed.shape


def checked(choices: Any, pending: Decisions = PENDING) -> Choices:
    return validate_choices(choices, pending, strategy="mine", time_s=3 * 86400 + 5 * 3600)


def refused(choices: Any, pending: Decisions = PENDING) -> str:
    with pytest.raises(StrategyError) as caught:
        checked(choices, pending)
    error = caught.value
    assert (error.strategy, error.hook, error.time_s) == ("mine", "decide", 277200)
    text = str(error)
    assert text.startswith("strategy 'mine', decide at day 3 05h: ")
    assert "\n" not in text
    return text


@pytest.mark.parametrize("table", [PENDING, sample_events(PENDING)], ids=["decisions", "events"])
def test_columns_are_read_only_and_of_one_length(table: Any) -> None:
    for name in table.columns:
        column = getattr(table, name)
        assert len(column) == len(table)
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 0
        with pytest.raises(ValueError, match="has shape"):
            replace(table, **{name: np.concatenate([column, column])})


def test_a_table_leaves_the_arrays_it_was_made_of_alone() -> None:
    given_array = np.zeros(N)
    table = replace(PENDING, offer=given_array)
    given_array[0] = 0.5  # the engine may use its buffer again
    assert given_array.flags.writeable
    assert not table.offer.flags.writeable


@pytest.mark.parametrize("name", ["allowed", "received", "answered"])
def test_a_wide_column_has_one_place_a_channel(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        replace(PENDING, **{name: getattr(PENDING, name)[:, 1:]})


@given(rows=st.lists(st.integers(0, N - 1), max_size=20))
def test_take_picks_rows_of_every_column(rows: list[int]) -> None:
    taken = PENDING.take(np.array(rows, dtype=int))
    assert len(taken) == len(rows)
    assert taken.channel_names == PENDING.channel_names
    for name in PENDING.columns:
        np.testing.assert_array_equal(getattr(taken, name), getattr(PENDING, name)[rows])


def test_frame_has_the_same_numbers() -> None:
    frame = PENDING.to_frame()
    assert len(frame) == N
    np.testing.assert_array_equal(frame["cart_cents"], PENDING.cart_cents)
    for i, channel in enumerate(PENDING.channel_names):
        np.testing.assert_array_equal(frame[f"allowed_{channel}"], PENDING.allowed[:, i])
    names = [PENDING.journey_names[j] for j in PENDING.journey]
    assert frame["journey"].tolist() == names
    assert PENDING.take(slice(0, 0)).to_frame().shape == (0, frame.shape[1])


def test_events_by_kind() -> None:
    events = sample_events(PENDING)
    frame = events.to_frame()
    for kind in EVENT_KINDS:
        np.testing.assert_array_equal(events.of_kind(kind), frame["kind"] == kind)
    assert frame["journey"].isna().tolist() == (events.journey == -1).tolist()
    assert events.cents[~events.of_kind("order")].sum() == 0
    with pytest.raises(LookupError, match="did you mean 'click'"):
        events.of_kind("clik")


def test_default_sends_all_over_the_default_channel() -> None:
    choices = checked(Choices.default(PENDING))
    assert choices.send.all()
    assert (choices.channel == -1).all()


@given(data=st.data())
def test_any_allowed_answer_passes_and_is_kept(data: st.DataObject) -> None:
    send = np.array(data.draw(st.lists(st.booleans(), min_size=N, max_size=N)))
    channel = np.array(
        [data.draw(st.sampled_from([-1, *np.flatnonzero(row)])) for row in PENDING.allowed]
    )
    dtype = data.draw(st.sampled_from(["i1", "i2", "i4", "i8"]))
    got = checked(Choices(send, channel.astype(dtype)))
    assert got.channel is not None
    assert (got.send.dtype, got.channel.dtype) == (np.dtype(bool), np.dtype("i8"))
    np.testing.assert_array_equal(got.send, send)
    np.testing.assert_array_equal(got.channel, np.where(send, channel, -1))


@given(row=st.integers(0, N - 1), channel=st.integers(0, CHANNELS - 1), send=st.booleans())
def test_what_is_not_allowed_is_refused_where_it_would_be_sent(
    row: int, channel: int, send: bool
) -> None:
    channels = np.full(N, -1)
    channels[row] = channel
    answer = Choices(np.full(N, send), channels)
    if send and not PENDING.allowed[row, channel]:
        text = refused(answer)
        assert "asks to break a cap or a consent" in text
        assert f"row {row} " in text
        assert repr(PENDING.channel_names[channel]) in text
    else:
        checked(answer)


def test_other_things_that_are_arrays_are_taken() -> None:
    yes = np.ones(N, dtype=bool)
    assert checked(Choices(yes.tolist())).send.all()  # type: ignore[arg-type]
    assert checked(Choices(pd.Series(yes), pd.Series(-np.ones(N, dtype=int)))).send.all()  # type: ignore[arg-type]
    empty = PENDING.take(slice(0, 0))
    assert len(checked(Choices([], []), empty).send) == 0  # type: ignore[arg-type]
    unsigned = np.argmax(PENDING.allowed, axis=1).astype("u8")
    checked(Choices(PENDING.allowed.any(axis=1), unsigned))  # type: ignore[arg-type]


class Unwilling:
    def __array__(self, *_args: Any, **_kwargs: Any) -> Any:
        raise RuntimeError("no\narray")


YES = np.ones(N, dtype=bool)
NAN = np.where(np.arange(N) == 7, np.nan, -1.0)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "returned NoneType, not Choices"),
        ((YES, None), "returned tuple, not Choices"),
        (YES, "returned ndarray, not Choices"),
        (Choices(YES[1:]), f"send has shape ({N - 1},), expected ({N},)"),
        (Choices(True), f"send has shape (), expected ({N},)"),
        (Choices(YES[:, None]), f"send has shape ({N}, 1), expected ({N},)"),
        (Choices(YES.astype(float)), "send is float64; give booleans"),
        (Choices(YES.astype(int)), "send is int64; give booleans"),
        (Choices(YES.astype(object)), "send is object; give booleans"),
        (Choices(NAN), "send is NaN in row 7 (journey"),
        (Choices(np.ma.array(YES, mask=np.arange(N) == 1)), "send has masked values"),
        (Choices(YES, np.zeros(N - 1, int)), f"channel has shape ({N - 1},)"),
        (Choices(YES, 0), "channel has shape ()"),
        (Choices(YES, PENDING.allowed), f"channel has shape ({N}, {CHANNELS})"),
        (Choices(YES, NAN), "channel is NaN in row 7"),
        (Choices(YES, np.full(N, -1.0)), "channel is float64; give whole numbers"),
        (Choices(YES, YES), "channel is bool; give whole numbers"),
        (Choices(YES, np.array(["email"] * N)), "channel is <U5; give whole numbers"),
        (Choices(YES, np.full(N, CHANNELS)), f"channel is {CHANNELS} in row 0"),
        (Choices(~YES, np.full(N, CHANNELS)), f"channels are 0 to {CHANNELS - 1}"),
        (Choices(YES, np.full(N, -2)), "channel is -2 in row 0"),
        (Choices(YES, np.full(N, 2**64 - 1, dtype="u8")), "channel is 18446744073709551615"),
        (Choices(Unwilling()), "send is no array: no array"),
    ],
)  # fmt: skip
def test_every_wrong_answer_is_one_line(answer: Any, said: str) -> None:
    assert said in refused(answer)


def test_chances_belong_to_the_row() -> None:
    whole = PENDING.chance(5)
    assert whole.shape == (N, 5)
    assert np.array_equal(PENDING.take(slice(None, None, -1)).chance(5), whole[::-1])
    assert np.array_equal(PENDING.take([3]).chance(5), whole[3:4])
    assert np.array_equal(PENDING.chance(2), whole[:, :2])
    assert PENDING.take([]).chance(3).shape == (0, 3)


@pytest.mark.parametrize("column", ["message_id", "profile", "step"])
def test_chances_differ_by_message_profile_and_step(column: str) -> None:
    other = replace(PENDING, **{column: getattr(PENDING, column) + 1})
    assert not np.isin(other.chance(4), PENDING.chance(4)).any()


def test_chances_are_uniform_and_independent() -> None:
    n = 40_000
    # Neighbouring messages of neighbouring profiles, the worst case for a mixing function.
    columns = {name: np.resize(getattr(PENDING, name), (n, *getattr(PENDING, name).shape[1:]))
               for name in PENDING.columns}  # fmt: skip
    columns |= {"message_id": np.arange(n), "profile": np.arange(n) // 8, "step": np.zeros(n)}
    columns |= {name: np.zeros((n, len(getattr(PENDING, names))), bool)
                for name, names in Decisions.by_name.items()}  # fmt: skip
    u = replace(PENDING, **columns).chance(3)
    assert stats.kstest(u.ravel(), "uniform").pvalue > 1e-3
    joint = np.column_stack([u, np.roll(u[:, 0], 1)])
    assert np.abs(np.corrcoef(joint.T) - np.eye(4)).max() < 4 / np.sqrt(n)
    assert 0 < u.min() < u.max() < 1
