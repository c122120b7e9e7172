"""What is proposed: the start first, then what does well and keeps the guardrails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from omnilab.errors import OptionError
from omnilab.experiment.gate import proposing
from omnilab.experiment.gate.proposing import at_place, check_optuna, shipped_numbers
from omnilab.experiment.sweep import parse_vary
from omnilab.experiment.sweep.design import spread

pytest.importorskip("optuna")

from optuna.trial import TrialState

START = 8


def search(
    worth: Callable[..., float], *varied: str, trials: int = 32, seed: int = 1,
    breaks: Callable[..., dict[str, float]] = lambda *_: {},
) -> list[tuple[Any, ...]]:  # fmt: skip
    """Return the settings in the order in which they were asked for, after as many answers."""
    varies = [parse_vary(text) for text in varied]
    rows = spread("lhs", len(varies), START, seed).tolist()
    proposer = proposing.Proposer(varies, rows, seed)
    asked = []
    for _ in range(trials):
        trial, given = proposer.ask()
        values = tuple(g.value for g in given)
        asked.append(values)
        if proposer.goes_on(trial, worth(*values), breaks(*values)):
            proposer.finish(trial, worth(*values))
    return asked


def valley(x: float, y: float) -> float:
    return -((x - 0.7) ** 2) - (y - 0.2) ** 2


def test_the_first_settings_are_those_that_are_spread() -> None:
    varies = [parse_vary("a=0..1"), parse_vary("b=x,y,z"), parse_vary("c=1,2,5")]
    rows = spread("lhs", 3, START, 4).tolist()
    proposer = proposing.Proposer(varies, rows, 4)
    for row in rows:
        _, given = proposer.ask()
        wanted = [at_place(v, u).text for v, u in zip(varies, row, strict=True)]
        assert [g.text for g in given] == wanted


@pytest.mark.parametrize(
    ("varied", "said"),
    [("a=14d..42d", "20d"), ("a=1h..20h", "5h"), ("a=10s..50s", "18s"), ("a=0%..15%", "3%"),
     ("a=0..1", "0.2"), ("a=0.1..10:log", "0.251"), ("a=1..11", "3"), ("a=1,2,3", "1")],
)  # fmt: skip
def test_settings_are_such_as_people_say(varied: str, said: str) -> None:
    vary = parse_vary(varied)
    assert at_place(vary, 0.2).text == said
    assert (at_place(vary, 0.0).text, at_place(vary, 1.0).text) == (
        vary.ends()[0].text, vary.ends()[-1].text
    )  # fmt: skip


def test_the_shipped_settings_are_known_to_gain_nothing() -> None:
    varies = [parse_vary("a=0..10"), parse_vary("b=1d..11d")]
    shipped = shipped_numbers(varies, [2.5, 86400 * 6])
    assert shipped == [0.25, 0.5]
    proposer = proposing.Proposer(varies, [[0.1, 0.1]], 1, shipped)
    (known,) = proposer._study.get_trials(states=[TrialState.COMPLETE])
    assert (known.value, known.params) == (0.0, {"a": 0.25, "b": 0.5})
    assert proposer.ask()[1][0].text == "1"
    for now in ([11.0, 86400], [True, 86400], [None, 86400]):
        assert shipped_numbers(varies, now) is None


def test_proposals_do_better_than_what_was_spread() -> None:
    asked = search(valley, "x=0..1", "y=0..1")
    first, last = asked[:START], asked[-START:]
    assert sum(valley(*p) for p in last) > sum(valley(*p) for p in first)
    assert max(valley(*p) for p in asked) > max(valley(*p) for p in first)


def test_the_same_seed_proposes_the_same() -> None:
    assert search(valley, "x=0..1", "y=0..1") == search(valley, "x=0..1", "y=0..1")
    assert search(valley, "x=0..1", "y=0..1") != search(valley, "x=0..1", "y=0..1", seed=2)


def test_what_breaks_a_guardrail_is_left_for_what_keeps_it() -> None:
    """More is always better, and breaks the guardrail from a half on."""
    above = {"free": 0, "kept": 0}
    for seed in (1, 2, 3):
        free = search(lambda x: x, "x=0..1", seed=seed)
        kept = search(lambda x: x, "x=0..1", breaks=lambda x: {"cpa": x - 0.5}, seed=seed)
        above["free"] += sum(x > 0.5 for (x,) in free[START:])
        above["kept"] += sum(x > 0.5 for (x,) in kept[START:])
        assert max(x for (x,) in kept if x <= 0.5) > 0.4
    assert above["kept"] < above["free"] / 2


def test_one_in_four_goes_on_to_more_customers() -> None:
    proposer = proposing.Proposer([parse_vary("x=0..1")], [[i / 16] for i in range(16)], 1)
    trials = sorted((proposer.ask() for _ in range(16)), key=lambda pair: -pair[1][0].value)
    going = [proposer.goes_on(trial, given[0].value, {}) for trial, given in trials]
    assert going == [True] + [False] * 6 + going[7:]
    assert 1 <= sum(going) <= 4


@pytest.mark.parametrize(
    ("varied", "kind"),
    [("x=1,2,5", "IntDistribution"), ("x=5,2,1", "IntDistribution"),
     ("x=2,1,5", "CategoricalDistribution"), ("x=silo,all", "CategoricalDistribution"),
     ("x=0.1..10:log", "FloatDistribution")],
)  # fmt: skip
def test_values_in_an_order_are_neighbours(varied: str, kind: str) -> None:
    assert type(proposing._distribution(parse_vary(varied))).__name__ == kind


def test_without_optuna_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    check_optuna()
    monkeypatch.setattr(proposing, "find_spec", lambda _name: None)
    with pytest.raises(OptionError, match=r"omnilab\[optimize\]', or give --search lhs"):
        check_optuna()
