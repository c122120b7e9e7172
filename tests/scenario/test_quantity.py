"""Quantities: exact round trips, one meaning each, and errors that name the right form."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from omnilab.parameters import quantity as q
from tests.scenario.samples import attempt

SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800}
CENTURY = 36525 * 86400
PARSERS: dict[str, Any] = {
    "duration": q.parse_duration,
    "share": q.parse_share,
    "amount": q.parse_amount,
    "clock": q.parse_clock,
}
TYPES: dict[str, Any] = {
    "duration": q.Duration,
    "share": q.Share,
    "amount": q.Amount,
    "clock": q.Clock,
    "name": q.Name,
    "scenario-id": q.ScenarioId,
}
digits = st.integers(0, 10**6).map(str)
decimals = st.builds(
    lambda whole, part: f"{whole}.{part}" if part else whole,
    digits,
    st.one_of(st.just(""), st.text("0123456789", min_size=1, max_size=6)),
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)
near = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "-", "+", "x"]),
    decimals,
    st.sampled_from(["", " ", "  "]),
    st.sampled_from(["s", "min", "h", "d", "w", "%", "EUR", "m", "hours", "", ":30", "eur"]),
) | st.builds("{:02d}:{:02d}".format, st.integers(0, 30), st.integers(0, 70))


@given(st.integers(0, CENTURY))
@example(0)
@example(CENTURY)
def test_duration_round_trip(seconds: int) -> None:
    assert q.parse_duration(q.format_duration(seconds)) == seconds


@given(st.floats(0, 1))
@example(1 / 3)
@example(5e-324)
@example(1 - 2**-53)
def test_share_round_trip(share: float) -> None:
    assert q.parse_share(q.format_share(share)) == share


@given(st.floats(0, 1e9), st.sampled_from(["EUR", "USD", None]))
@example(0.0008, "EUR")
@example(0.1 + 0.2, "EUR")
def test_amount_round_trip(amount: float, currency: str | None) -> None:
    assert q.parse_amount(q.format_amount(amount, currency), currency) == amount


@given(st.integers(0, 86400))
def test_clock_round_trip(second: int) -> None:
    assert q.parse_clock(q.format_clock(second)) == second


@given(decimals, st.sampled_from(sorted(SECONDS)), st.sampled_from(["", " "]))
def test_duration_is_number_times_unit(number: str, unit: str, gap: str) -> None:
    exact = Fraction(number) * SECONDS[unit]
    text = f"{number}{gap}{unit}"
    if exact.denominator == 1 and exact <= CENTURY:
        assert q.parse_duration(text) == exact
    else:
        with pytest.raises(ValueError, match=r"whole number of seconds|longer than a century"):
            q.parse_duration(text)


@given(decimals)
def test_share_is_hundredths(number: str) -> None:
    if Fraction(number) <= 100:
        assert q.parse_share(f"{number}%") == float(Fraction(number) / 100)
    else:
        with pytest.raises(ValueError, match="above 100%"):
            q.parse_share(f"{number}%")


@pytest.mark.parametrize("kind", sorted(PARSERS))
@given(value=anything | near)
def test_only_value_errors_on_one_line(kind: str, value: Any) -> None:
    result = attempt(ValueError, PARSERS[kind], value)
    if isinstance(result, ValueError):
        assert str(result).isprintable()
        assert len(str(result)) < 250
    else:
        assert 0 <= result <= CENTURY


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("duration", "such as 24h"),
        ("share", "0.27%"),
        ("amount", "12.50 EUR"),
        ("clock", "HH:MM"),
    ],
)
@pytest.mark.parametrize(
    ("text", "is_kind"),
    [
        ("24h", "duration"),
        ("16%", "share"),
        ("12.50 EUR", "amount"),
        ("21:00", "clock"),
        ("-5h", None),
        ("much", None),
        ("", None),
        (True, None),
        (None, None),
    ],
)
def test_wrong_unit_names_the_right_form(
    kind: str, form: str, text: object, is_kind: str | None
) -> None:
    if kind == is_kind:
        assert PARSERS[kind](text) >= 0
        return
    with pytest.raises(ValueError) as caught:
        PARSERS[kind](text)
    assert form in str(caught.value)
    if is_kind:
        assert f"is a{'n' if is_kind == 'amount' else ''} {is_kind}" in str(caught.value)


@pytest.mark.parametrize(
    ("parse", "value", "part"),
    [
        (q.parse_duration, 5, "no unit"),
        (q.parse_duration, 1.5, "no unit"),
        (q.parse_duration, "0.3s", "whole number of seconds"),
        (q.parse_duration, "3m", "s, min, h, d, w"),
        (q.parse_duration, "99999w", "century"),
        (q.parse_share, 5, "did you mean 5%?"),
        (q.parse_share, -0.1, "outside 0..1"),
        (q.parse_share, float("nan"), "outside 0..1"),
        (q.parse_share, "101%", "above 100%"),
        (q.parse_amount, -1, "negative"),
        (q.parse_amount, float("inf"), "at most"),
        (q.parse_amount, 10**400, "at most"),
        (q.parse_clock, "24:01", "24:00"),
        (q.parse_clock, 1260, "HH:MM"),
        (q.parse_clock, 7, "(did you mean 07:00?)"),
        (q.parse_clock, True, "true can't be read"),
        (q.parse_clock, "7", "(did you mean 07:00?)"),
        (q.parse_clock, "7h", "is a duration; a clock time"),
        (q.parse_clock, "7h", "(did you mean 07:00?)"),
        (q.parse_clock, "12 am", "(did you mean 00:00?)"),
        (q.parse_clock, "12:30 p.m.", "(did you mean 12:30?)"),
        (q.parse_clock, "9:05PM", "(did you mean 21:05?)"),
        (q.parse_clock, "13 pm", "HH:MM from 00:00 to 24:00"),
        (q.parse_clock, "2100", "(did you mean 21:00?)"),
        (q.parse_clock, "07.30", "(did you mean 07:30?)"),
        (q.parse_clock, "24:00:01", "24:00"),
        (q.parse_clock, "7:60", "HH:MM"),
        (q.parse_duration, "90m", "(did you mean 90min?)"),
        (q.parse_duration, "2 Hours", "(did you mean 2h?)"),
        (q.parse_name, "Web Shop", "lower-case"),
        (q.parse_name, "web\n", "lower-case"),
        (q.parse_name, "ünder", "lower-case"),
        (q.parse_scenario_id, "coffee", "coffee-v1"),
        (q.parse_scenario_id, "coffee-v0", "coffee-v1"),
    ],
)
def test_each_check_fires(parse: Any, value: object, part: str) -> None:
    with pytest.raises(ValueError, match=re.escape(part)):
        parse(value)


@pytest.mark.parametrize("kind", sorted(PARSERS))
def test_a_number_beyond_printing(kind: str) -> None:
    with pytest.raises(ValueError, match="a huge number"):
        PARSERS[kind](10**5000)


@pytest.mark.parametrize(
    ("text", "second"),
    [("7:00", 25200), ("07:00", 25200), ("07:00:09", 25209), ("24:00", 86400), ("0:00", 0)],
)
def test_a_clock_time_as_people_write_it(text: str, second: int) -> None:
    assert q.parse_clock(text) == second


def test_bare_zero_is_a_duration() -> None:
    assert q.parse_duration(0) == 0
    assert TypeAdapter(q.Duration).validate_python(0, context={}) == 0


class Money(BaseModel):
    price: q.Amount
    wait: q.Duration
    open: q.Clock


def test_the_currency_comes_from_the_context() -> None:
    text = {"price": "12.50 EUR", "wait": "90min", "open": "21:00"}
    money = Money.model_validate(text, context={"currency": "EUR"})
    assert money.model_dump() == {"price": 12.5, "wait": 5400, "open": 75600}
    assert money.model_dump(mode="json", context={"currency": "EUR"}) == text
    with pytest.raises(ValidationError, match="the scenario's currency is USD"):
        Money.model_validate(text, context={"currency": "USD"})


def test_code_may_give_plain_seconds_but_a_file_may_not() -> None:
    plain = {"price": 12.5, "wait": 5400, "open": 75600}
    assert Money.model_validate(plain).wait == 5400
    assert Money.model_validate(plain).model_copy().open == 75600
    with pytest.raises(ValidationError) as caught:
        Money.model_validate(plain, context={"currency": "EUR"})
    assert {error["loc"] for error in caught.value.errors()} == {("wait",), ("open",)}
    for wrong in ({"wait": -1}, {"wait": CENTURY + 1}, {"open": 86401}, {"open": True}):
        with pytest.raises(ValidationError):
            Money.model_validate(plain | wrong)


def pattern_of(kind: str) -> re.Pattern[str]:
    schema = TypeAdapter(TYPES[kind]).json_schema()
    text = schema["anyOf"][0] if "anyOf" in schema else schema
    return re.compile(text["pattern"], re.ASCII)


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_the_schema_has_examples_that_hold(kind: str) -> None:
    schema = TypeAdapter(TYPES[kind]).json_schema()
    assert len(schema["examples"]) >= 1
    for text in schema["examples"]:
        assert pattern_of(kind).search(text)
        TypeAdapter(TYPES[kind]).validate_python(text, context={"currency": "EUR"})


@pytest.mark.parametrize("kind", sorted(PARSERS))
@given(text=near)
def test_the_schema_pattern_is_the_grammar(kind: str, text: str) -> None:
    """Whatever reads must match the pattern; what matches fails by its size alone."""
    text = text.strip()
    matches = pattern_of(kind).search(text) is not None
    result = attempt(ValueError, PARSERS[kind], text)
    if isinstance(result, ValueError):
        too_much = ("whole number", "century", "above 100%", "at most")
        assert not matches or any(part in str(result) for part in too_much)
    else:
        assert matches
