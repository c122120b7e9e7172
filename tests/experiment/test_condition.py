"""Conditions of ``compare --fail-if``: read as written, held against numbers, never guessed."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.errors import OptionError
from omnilab.experiment.condition_text import parse_condition
from omnilab.experiment.statistics import Moments
from tests.cli.conftest import call, lab  # noqa: F401 (fixtures)
from tests.cli.laboratory import sums_of

NAMES = ("no_contact", "mine", "their-best")
CALLED = {name: name for name in NAMES} | {"plug.py:Mine": "mine"}


class _Shop:
    id = "lab-v1"

    class population:
        customers = 200


@pytest.fixture(scope="module")
def moments() -> Moments:
    found = Moments(NAMES)
    found.add(np.stack([sums_of(_Shop, name, 1, 1) for name in NAMES], axis=1))
    return found


def holds(text: str, moments: Moments) -> bool:
    if not any(name in text for name in CALLED):  # a condition has a measure
        text = f"({text}) and ltv(mine) == ltv(mine)"
    return parse_condition(text).checked(CALLED).decide(moments).holds


# -- what it means, by Python's own arithmetic as the naive model

NUMBERS = st.floats(-50, 50, allow_nan=False).map(lambda x: f"{abs(x):.3f}")
MEASURED = st.builds(
    "{}({})".format, st.sampled_from(["ltv", "margin", "aov"]), st.sampled_from(NAMES[:2])
)
BOUNDED = st.builds(
    "{}({m}({a}) - {m}({b}))".format,
    st.sampled_from(["low", "high", "p", "error"]),
    m=st.sampled_from(["ltv", "orders_per_customer"]),
    a=st.sampled_from(NAMES[:2]),
    b=st.sampled_from(NAMES[:2]),
)
SUMS = st.recursive(
    NUMBERS | MEASURED | BOUNDED,
    lambda inside: (
        st.builds("{} {} {}".format, inside, st.sampled_from("+-*/"), inside)
        | st.builds("({})".format, inside)
        | st.builds("-{}".format, inside)
    ),
    max_leaves=6,
)
COMPARISONS = st.builds(
    "{} {} {}".format, SUMS, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), SUMS
)
CONDITIONS = st.recursive(
    COMPARISONS,
    lambda inside: (
        st.builds("{} {} {}".format, inside, st.sampled_from(["and", "or"]), inside)
        | st.builds("({})".format, inside)
        | st.builds("not {}".format, inside)
    ),
    max_leaves=4,
)


class _Value(float):
    """A float that knows what it is a difference of, for the bounds of the naive model."""

    of: tuple[Any, ...] = ()

    def __sub__(self, other: Any) -> Any:
        made = _Value(float(self) - float(other))
        if isinstance(other, _Value):
            made.of = (*self.of, *other.of)
        return made


def naive(text: str, moments: Moments) -> bool | None:
    """Return what Python makes of it; None where something is divided by nothing."""

    def measure(name: str) -> Any:
        def function(strategy: str) -> _Value:
            value = _Value(moments.estimate(name, strategy).value or 0.0)
            value.of = ((name, strategy),)
            return value

        return function

    def bound(field: str) -> Any:
        def function(value: _Value) -> float:
            (name, a), (_, b) = value.of
            return float(getattr(moments.difference(name, a, b), field))

        return function

    scope: dict[str, Any] = {n: measure(n) for n in ("ltv", "margin", "aov", "orders_per_customer")}
    fields = {"low": "low", "high": "high", "p": "p_value", "error": "error"}
    scope |= {name: bound(field) for name, field in fields.items()}
    scope |= {name: name for name in NAMES[:2]}
    try:
        return bool(eval(text, {"__builtins__": {}}, scope))
    except (ZeroDivisionError, OverflowError):
        return None


@given(CONDITIONS)
def test_it_means_what_arithmetic_means(text: str) -> None:
    found = Moments(NAMES)
    found.add(np.stack([sums_of(_Shop, name, 1, 1) for name in NAMES], axis=1))
    wanted = naive(text, found)
    if wanted is None:
        with pytest.raises(OptionError, match="can't be decided"):
            holds(text, found)
    elif "/" not in text:  # Python leaves out the second part of `or`, which may have no value
        assert holds(text, found) == wanted


def test_bounds_are_those_of_the_paired_difference(moments: Moments) -> None:
    d = moments.difference("ltv", "mine", "no_contact")
    assert d.low is not None
    assert d.high is not None
    assert d.p_value is not None
    inside = "ltv(mine) - ltv(no_contact)"
    for word, value in (("low", d.low), ("high", d.high), ("p", d.p_value)):
        assert holds(f"{word}({inside}) == {value!r}", moments)
    own = moments.estimate("ltv", "mine")
    assert holds(f"low(ltv(mine)) == {own.low!r} and high(ltv(mine)) == {own.high!r}", moments)
    assert not math.isclose(d.low, own.low or 0.0)


def test_numbers_and_names_as_users_write_them(moments: Moments) -> None:
    rate = moments.estimate("purchase_rate", "their-best").value
    assert rate is not None
    assert holds(f"purchase_rate(their-best) == {rate!r}", moments)
    assert holds(f'purchase_rate("their-best")*100 == {rate * 100!r}', moments)
    assert holds("purchase_rate( mine ) > 0%", moments)
    assert holds("5% == .05 and 2e1 == 20", moments)
    assert holds("ltv(plug.py:Mine) == ltv(mine)", moments)
    assert holds("(ltv(mine) + 1) * 2 > ltv(mine) and not (1 > 2)", moments)
    assert holds(
        "1 + 2 * 3 == 7 and 10 - 4 - 3 == 3 and 12 / 3 / 2 == 2 and 7 - 6 / 2 == 4", moments
    )
    assert holds("((1)) + 1 < 3 or ((1 > 2))", moments)


def test_the_numbers_are_said(moments: Moments) -> None:
    verdict = parse_condition("ltv(mine) - ltv(no_contact) < 1000").checked(CALLED).decide(moments)
    d = moments.difference("ltv", "mine", "no_contact")
    assert verdict.holds
    assert f"ltv(mine) = {moments.estimate('ltv', 'mine').value:.6g}" in verdict.numbers
    assert f"the difference = {d.value:+.6g} ({d.low:+.6g} to {d.high:+.6g})" in verdict.numbers


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "at the end: a number or measure(strategy) is needed"),
        ("ltv(mine)", "at the end: a comparison is needed"),
        ("ltv(mine) <", "at the end: a number"),
        ("lvt(mine) < 0", "at character 1: there is no measure 'lvt' (did you mean 'ltv'?)"),
        ("0 < lo(ltv(mine))", "at character 5: there is no measure 'lo' (did you mean 'low'?)"),
        ("ltv < 0", "ltv of which strategy? Write ltv(strategy)"),
        ("ltv() < 0", "a strategy is needed: ltv(strategy)"),
        ("ltv(mine < 0", "a strategy is needed"),
        ("ltv(mein) < 0", "no strategy 'mein' in this comparison (did you mean 'mine'?)"),
        ("0 < ltv(mine) < 1", "compare two sides only; join comparisons with and"),
        ("ltv(mine) < 0 1", "one comparison ends here; join another with and, or"),
        ("ltv(mine) = 0", "'=' has no meaning here"),
        ("1 < 2", "there is no measure in it; write measure(strategy)"),
        ("not (1 < 2 or 2% > 1)", "there is no measure in it"),
        ("(ltv(mine) < 0", "')' is needed"),
        ("low(1) < 0", "low(..) takes measure(a) - measure(b), or measure(strategy)"),
        ("low(ltv(mine) - aov(mine)) < 0", "of one measure, not ltv - aov"),
        ("p(ltv(mine)) < 0", "p(..) takes measure(a) - measure(b)"),
        ("__import__('os').system('x') < 0", "there is no measure '__import__'"),
        ("ltv(mine).real < 0", "'.' has no meaning here"),
        ("1e999 < 0", "a finite number is needed"),
        ("(" * 200 + "1" + ")" * 200 + " < 2", "nested deeper than 50 levels"),
        ("not " * 200 + "1 < 2", "nested deeper than 50 levels"),
        ("-" * 200 + "1 < 2", "nested deeper than 50 levels"),
    ],
)
def test_what_can_t_be_read_is_said_with_its_place(text: str, said: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_condition(text).checked(CALLED)
    assert str(caught.value).startswith(f"--fail-if {text!r}")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("open_rate(no_contact) < 1", "open_rate(no_contact) has no value"),
        ("1 / 0 < 1", "1 / 0 has no value"),
        ("low(open_rate(mine) - open_rate(no_contact)) < 1", "has no value"),
        ("ltv(mine) < 9e99 or open_rate(no_contact) < 1", "has no value"),
    ],
)
def test_what_has_no_value_decides_nothing(moments: Moments, text: str, said: str) -> None:
    with pytest.raises(OptionError, match="can't be decided") as caught:
        holds(text, moments)
    assert said in str(caught.value)


def test_roi_needs_no_contact_and_says_so_before_the_work() -> None:
    names = {"mine": "mine", "other": "other"}
    with pytest.raises(OptionError, match="roi needs no_contact among the strategies"):
        parse_condition("roi(mine) < 1").checked(names)


# -- the command


def test_the_exit_code_is_the_gate(call: Any) -> None:  # noqa: F811
    good, bad = "ltv(omnichannel) < 0", "ltv(omnichannel) > 0"
    code, out, err = call("compare", "lab.yaml", "--json", "-", "--fail-if", good)
    assert code == 0
    assert f"--fail-if '{good}' does not hold: ltv(omnichannel) = " in err
    code, out, err = call("compare", "lab.yaml", "-q", "--fail-if", good, "--fail-if", bad)
    assert (code, out) == (1, "")
    assert err.startswith(f"error: --fail-if '{bad}' holds: ltv(omnichannel) = ")
    assert err.count("\n") == 1
    (folder,) = Path("runs").iterdir()  # the results of a failed gate are kept all the same
    assert json.loads((folder / "manifest.json").read_text())["status"] == "done"


def test_a_gate_that_can_t_be_decided_is_not_passed(call: Any) -> None:  # noqa: F811
    text = "open_rate(no_contact) < 1"
    code, _, err = call("compare", "lab.yaml", "-q", "--fail-if", text)
    assert code == 2
    assert "can't be decided: open_rate(no_contact) has no value" in err


@pytest.mark.parametrize("text", ["ltv(omnichanel) < 0", "lvt(omnichannel) < 0", "1 <"])
def test_a_wrong_condition_is_said_before_the_work(call: Any, text: str) -> None:  # noqa: F811
    code, out, err = call("compare", "lab.yaml", "--fail-if", text)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert [p.name for p in Path().iterdir()] == ["lab.yaml"]


def test_against_reaches_screen_files_and_page(call: Any) -> None:  # noqa: F811
    code, out, _ = call("compare", "lab.yaml", "--against", "no_contact", "--out", "x")
    assert code == 0
    assert "Differences against no_contact" in out
    assert "Differences against no_contact" in Path("x/report.html").read_text()
    result = json.loads(Path("x/result.json").read_text())
    assert result["reference"] == "no_contact"
    assert {d["reference"] for d in result["differences"]} == {"no_contact"}
    assert call("verify", "x", "-q")[0] == 0
    code, _, err = call("compare", "lab.yaml", "--against", "no_contract")
    assert code == 2
    assert "--against 'no_contract': no such strategy" in err
    assert "did you mean 'no_contact'" in err
