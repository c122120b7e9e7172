"""What `decide` may choose of a message's look: what is taken, what is refused, in which words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.errors import StrategyError
from omnilab.strategy.choice_check import validate_choices
from omnilab.strategy.decisions import Choices, Decisions
from omnilab.strategy.leeway import OpenChoices
from omnilab.strategy.loading import load_strategy
from omnilab.testing import sample_decisions
from tests.scenario.test_leeway import letters

SCENARIO = letters({"leeway": {"shows": ["generic", "viewed"], "creatives": ["bright"]}})
PLAN = load_strategy("omnichannel", SCENARIO).plan
SAMPLE = sample_decisions(SCENARIO, PLAN, 6)
OPEN = OpenChoices(SCENARIO, PLAN)
#: Messages of the one step that there is.
PENDING = replace(SAMPLE, journey=np.zeros(6), step=np.zeros(6),
                  **OPEN.columns(np.zeros(6, int), np.zeros(6, int)))  # fmt: skip
YES = np.ones(6, dtype=bool)


def checked(pending: Decisions = PENDING, **answer: Any) -> Choices:
    return validate_choices(Choices(YES, **answer), pending, strategy="mine", time_s=90_000)


def test_open_is_what_the_step_says() -> None:
    assert PENDING.show_names[:4] == ("generic", "cart", "viewed", "bought")
    assert PENDING.may_show[0].tolist()[:4] == [True, False, True, False]
    assert not PENDING.may_show[:, 4:].any()
    assert PENDING.creative_names == ("plain", "bright")
    assert PENDING.may_creative.tolist() == [[False, True]] * 6
    assert PENDING.theme_names == ("spring", "summer", "none")
    assert PENDING.may_theme.all()  # it says nothing of them


def test_a_message_of_service_leaves_nothing_open() -> None:
    scenario = letters({"service": True})
    of_it = OpenChoices(scenario, load_strategy("omnichannel", scenario).plan)
    columns = of_it.columns(np.zeros(1, int), np.zeros(1, int))
    assert not any(columns[name].any() for name in ("may_show", "may_creative", "may_theme"))
    pending = replace(PENDING.take([0]), **columns)
    with pytest.raises(StrategyError, match="gives a message of service the content 'cart'"):
        validate_choices(Choices([True], shows=[1]), pending, strategy="x", time_s=None)  # type: ignore[arg-type]


@given(data=st.data())
def test_names_and_numbers_say_the_same(data: st.DataObject) -> None:
    for field, names, may in (("shows", PENDING.show_names, PENDING.may_show),
                              ("creative", PENDING.creative_names, PENDING.may_creative),
                              ("theme", PENDING.theme_names, PENDING.may_theme)):  # fmt: skip
        open_ = [-1, *np.flatnonzero(may[0]).tolist()]
        numbers = np.array([data.draw(st.sampled_from(open_)) for _ in range(6)])
        words = ["" if n < 0 else names[n] for n in numbers]
        for said in (numbers, numbers.astype("i1"), np.array(words), words,
                     np.array(words, dtype=object), pd.Series(words)):  # fmt: skip
            got = getattr(checked(**{field: said}), field)
            assert got.dtype == np.int64
            np.testing.assert_array_equal(got, numbers)


def test_what_was_not_chosen_stays_unsaid_and_what_is_not_sent_has_no_look() -> None:
    got = checked()
    assert got.shows is got.creative is got.theme is None
    unsent = validate_choices(
        Choices(~YES, shows=np.full(6, 1)), PENDING, strategy="x", time_s=None
    )  # closed, but it is not sent
    assert unsent.shows is not None
    assert (np.asarray(unsent.shows) == -1).all()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"shows": np.array(["veiwed"] * 6)},
         "unknown content 'veiwed' in row 0 (journey 'letters', step 0) (did you mean 'viewed'?)"),
        ({"shows": np.array(["zz"] * 6)}, "there are generic, cart, viewed, bought, beans"),
        ({"shows": np.full(6, 99)}, "shows is 99 in row 0 (journey 'letters', step 0); there are"),
        ({"shows": np.full(6, -2)}, "shows is -2 in row 0"),
        ({"shows": np.array(["", "", "cart", "", "", ""])},
         "(journey 'letters', step 0) (leeway.shows); it leaves open generic, viewed"),
        ({"creative": np.zeros(6, int)},
         "creative 'plain' is not open to decide in row 0 (journey 'letters', step 0) (leeway."),
        ({"creative": ["brigth"] * 6}, "unknown creative 'brigth' in row 0"),
        ({"theme": ["sumer"] * 6}, "(did you mean 'summer'?)"),
        ({"theme": np.zeros(5, int)}, "theme has shape (5,), expected (6,)"),
        ({"theme": np.zeros(6)}, "theme is float64; give whole numbers or names"),
        ({"creative": [None] * 6}, "creative is object; give whole numbers or names"),
    ],
)  # fmt: skip
def test_what_is_refused(answer: dict[str, Any], said: str) -> None:
    with pytest.raises(StrategyError) as caught:
        checked(**answer)
    assert str(caught.value).startswith("strategy 'mine', decide at day 1 01h: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("field", "said"), [("creative", "brand.creatives"),
                                             ("theme", "brand.themes")])  # fmt: skip
def test_without_any_it_says_where_they_would_be(field: str, said: str) -> None:
    scenario = letters({}, creatives=[], themes=None)
    pending = sample_decisions(scenario, load_strategy("omnichannel", scenario).plan, 6)
    for answer in (np.zeros(6, int), np.array(["a"] * 6)):
        with pytest.raises(StrategyError, match=f"the scenario declares none .{said}"):
            checked(pending, **{field: answer})
