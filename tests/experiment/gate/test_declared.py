"""A gate's file: what it says, and one clear error for each thing that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from omnilab.errors import ScenarioError
from omnilab.experiment.gate.declared import LEVEL, read_gate
from tests.experiment.gate.made import gate_of

ALL = """\
level: 10%
goal: {measure: contact_cost, better_by: 0.10 EUR}
guardrails:
  - {measure: ltv, worse_by: 0.50 EUR}
  - {measure: cpa, worse_by_share: 10%}
  - {measure: visits_per_customer, worse_by: 0.2, better: lower}
  - {harmed: 25%, by: 1 EUR}
  - {worlds: 80%}
"""


def test_all_that_a_gate_can_say(tmp_path: Path) -> None:
    gate = gate_of(tmp_path, ALL)
    goal, ltv, cpa, visits, harmed, worlds = gate.guards
    assert gate.level == 0.10
    assert (goal.measure, goal.higher, goal.margin, goal.is_goal) == (
        "contact_cost", False, 0.10, True,
    )  # fmt: skip
    assert (ltv.measure, ltv.higher, ltv.margin, ltv.relative) == ("ltv", True, 0.5, False)
    assert (cpa.higher, cpa.margin, cpa.relative) == (False, 0.1, True)
    assert (visits.margin, visits.higher) == (0.2, False)
    assert (harmed.kind, harmed.margin, harmed.by) == ("harmed", 0.25, 1.0)
    assert (worlds.kind, worlds.margin) == ("worlds", 0.8)
    assert gate.measures == ("contact_cost", "ltv", "cpa", "visits_per_customer")


def test_without_a_goal_it_is_a_higher_ltv(tmp_path: Path) -> None:
    gate = gate_of(tmp_path)
    assert (gate.goal.measure, gate.goal.margin, gate.goal.higher) == ("ltv", 0.0, True)
    assert gate.level == LEVEL == 0.05


def test_a_share_may_be_none_without_its_sign_and_a_relative_one_may_be_all(tmp_path: Path) -> None:
    text = (
        "guardrails:\n  - {measure: stop_rate, worse_by: 0}\n"
        "  - {measure: cpa, worse_by_share: 100%}\n"
    )
    assert [g.margin for g in gate_of(tmp_path, text).guardrails] == [0.0, 1.0]
    assert [g.line for g in gate_of(tmp_path, text).guardrails] == [2, 3]


def guard(text: str) -> str:
    return f"guardrails:\n  - {text}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (guard("{measure: unsubscribe_rat, worse_by: 1%}"),
         ":2: guardrails: there is no measure 'unsubscribe_rat' (did you mean 'unsubscribe"),
        (guard("{measure: cost_per_order, worse_by: 1 EUR}"), "(did you mean 'cpa'?)"),
        (guard("{measure: ltv, worse_by: -0.5}"),
         ":2: worse_by: -0.5 is of the wrong sign: it says how much worse is still fine: write"),
        (guard("{measure: ltv, worse_by: -0.5}"), "still fine: write worse_by: 0.5"),
        (guard("{measure: unsubscribe_rate, worse_by: -0.1%}"), "write worse_by: 0.1%"),
        (guard("{measure: cpa, worse_by_share: -10%}"), "write worse_by_share: 10%"),
        ("goal: {measure: ltv, better_by: -1}\n" + guard("{worlds: 80%}"),
         ":1: better_by: -1 is of the wrong sign: a goal that may get worse is a guardrail"),
        (guard("{measure: ltv, worse_by: 5%}"), "ltv is no share: write worse_by_share: 5%"),
        (guard("{measure: ltv, worse_by: 5 USD}"), "EUR"),
        (guard("{measure: ltv}"), "ltv: a margin is missing: add worse_by"),
        (guard("{measure: ltv, worse_by: 1 EUR}"), "ltv is the goal: what has to be better"),
        ("goal: {measure: cpa}\n" + guard("{measure: cpa, worse_by: 1}"), "cpa is the goal"),
        (guard("{measure: ltv, worse_by: 1, worse_by_share: 1%}"), "not both"),
        (guard("{measure: visits_per_customer, worse_by: 1}"), "add better: higher, or better"),
        (guard("{measure: ltv, worse_by: 1, better: lower}"), "better where it is higher"),
        (guard("{measure: ltv, wrse_by: 1}"), "unknown key 'wrse_by' (did you mean 'worse_by'?)"),
        (guard("{measure: ltv, worse_than: 1}"), "'worse_than' (did you mean 'worse_by'?)"),
        (guard("{measure: ltv, better_by: 1}"), "unknown key 'better_by'"),
        ("", ":1: empty file: a list of what may not get worse, such as guardrails: [{"),
        (guard("{mesure: ltv, worse_by: 1}"), "exactly one of measure, harmed, worlds"),
        (guard("{harmed: 25%}"), "key 'by' is missing"),
        (guard("{harmed: 0%, by: 1 EUR}"), "harms somebody by chance"),
        (guard("{harmed: -5%, by: 1 EUR}"), "wrong sign: write harmed: 5%"),
        (guard("{worlds: 20%}"), "in most worlds the strategy may lose"),
        (guard("ltv"), "must be a mapping such as {measure: ltv"),
        ("guardrails: []\n", "the list is empty"),
        ("goal: {measure: ltv}\n", "key 'guardrails' is missing: a list of what may not get"),
        ("goal: {measure: ltv, better_by: 5%}\n", ":1: better_by: ltv is no share"),
        # A bare number of a share may be a share of 1 or a percentage: neither is taken.
        (guard("{measure: stop_rate, worse_by: 1}"),
         ":2: worse_by: 1 is 100 points without a % sign: did you mean 1%?"),
        (guard("{measure: stop_rate, worse_by: 0.5}"), "0.5 is 50 points without"),
        (guard("{measure: stop_rate, worse_by: 0.5}"), "did you mean 0.5%?"),
        (guard("{measure: complaint_rate, worse_by: 0.05}"),
         "0.05 is 5 points without a % sign: did you mean 0.05%, or 5% for as much of 1?"),
        (guard("{measure: complaint_rate, worse_by: 5}"), "did you mean 5%?"),
        (guard("{measure: complaint_rate, worse_by: 100%}"), "nothing can break: write 1%"),
        (guard("{measure: cpa, worse_by_share: 1}"), "1 of 1 without a % sign: did you mean 1%?"),
        ("goal: {measure: purchase_rate, better_by: 0.3}\n" + guard("{worlds: 80%}"),
         ":1: better_by: 0.3 is 30 points"),
        (guard("{harmed: 1, by: 1 EUR}"), ":2: harmed: 1 is 100 points without a % sign: did you"),
        (guard("{harmed: 100%, by: 1 EUR}"), "nothing can break"),
        ("level: 0%\n" + guard("{worlds: 80%}"), "outside 0.1% to 50%"),
        ("guardrails:\n  - {worlds: 80%}\n  - {worlds: 90%}\n", ":3: guardrails: worlds comes"),
        ("gaol: 1\n" + guard("{worlds: 80%}"), "unknown key 'gaol' (did you mean 'goal'?)"),
    ],
)  # fmt: skip
def test_bad_gates_have_one_clear_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ScenarioError) as error:
        gate_of(tmp_path, text)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith(f"{tmp_path / 'gates.yaml'}:")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: mine\nsharing: all\n", "this is a strategy, which --strategy takes"),
        ("id: mine-v1\nextends: retailer-v1\n", "this is a scenario"),
        ("id: mine-v1\nclaims: []\n", "this is a file of evidence"),
    ],
)
def test_a_file_of_another_kind(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        gate_of(tmp_path, text)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"gone\.yaml"):
        read_gate(tmp_path / "gone.yaml", currency="EUR")
    gate_of(tmp_path)
    near = str(tmp_path / "gates.yaml")
    with pytest.raises(ScenarioError, match="no such file") as error:
        read_gate(tmp_path / "gate.yaml", currency="EUR")
    assert error.value.message == f"no such file (did you mean {near!r}?)"


def test_a_gate_that_is_not_there_is_no_empty_one(tmp_path: Path) -> None:
    """Whatever its name says, and with the folder where that is what is not there."""
    for name, said in (("empty file.yaml", "no such file"), ("no/gate.yaml", "there is no folder")):
        with pytest.raises(ScenarioError) as error:
            read_gate(tmp_path / name, currency="EUR")
        assert said in str(error.value)
