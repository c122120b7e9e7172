"""Each planted fault is caught by its own check, and an honest strategy by none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any
from unittest.mock import Mock, patch

import numpy as np
import pytest

from omnilab.errors import StrategyError
from omnilab.experiment.conclusion import exact
from omnilab.experiment.conclusion.declared import Claim, Study
from omnilab.experiment.conclusion.exact import EXACT
from omnilab.experiment.conclusion.labels import LABELS
from omnilab.experiment.conclusion.running import CHECKS, Checked, check_study
from tests.experiment.conclusion.plants import Decided, Planned, claim, made, named, study
from tests.verification.worlds import world

HONEST = named("tried", "multichannel")


@pytest.fixture(autouse=True)
def _small_pilots() -> Iterator[None]:
    with (
        patch("omnilab.engine.calibrate.PILOT_CUSTOMERS", 40),
        patch("omnilab.engine.calibrate.solve_regularity", Mock()),
    ):
        yield


def check(given: Study, *checks: str) -> Checked:
    (found,) = check_study(given, checks=checks or CHECKS)
    return found


def faults(found: Checked) -> dict[str, str]:
    return {f.check: f.verdict for f in found.findings if f.is_fault}


def test_an_honest_strategy_passes_every_check() -> None:
    found = check(study(HONEST, labels=tuple(LABELS)))
    assert faults(found) == {}
    assert found.is_kept
    assert [f.check for f in found.findings] == ["study", *CHECKS]
    assert {f.check: f.verdict for f in found.findings} == {
        "study": "holds", **dict.fromkeys(EXACT, "equal"),
        "streams": "holds", "doubled": "holds", "halved": "holds", "tick": "holds",
    }  # fmt: skip


def in_turn(name: str, turn: Iterator[int]) -> Any:
    """Return what loads a strategy that has all journeys every second time, else the cart's."""

    def make(_: Any) -> Planned:
        full = next(turn) % 2 == 0
        return Planned(name, lambda _b, j: full or j.name == "cart")

    return made(make)


def test_chance_that_goes_on_from_run_to_run() -> None:
    found = check(study(in_turn("tried", count())), "again")
    assert faults(found) == {"again": "changed"}


def test_the_first_that_is_loaded_takes_all() -> None:
    """Two plug-ins that share what they know: who comes first has the journeys."""
    turn = count()
    both = study(in_turn("tried", turn), in_turn("rival", turn))
    assert faults(check(both, "again", "order")) == {"order": "changed"}


def other_where(is_other: Any) -> Any:
    """Return a comparison that has other customers where something is so."""
    real = exact.compare

    def compare(scenario: Any, strategies: Any, **options: Any) -> Any:
        if is_other(strategies, options):
            options["seed"] += 1
        return real(scenario, strategies, **options)

    return patch.object(exact, "compare", compare)


def test_strategies_that_change_each_other() -> None:
    with other_where(lambda strategies, _: len(strategies) == 1):
        assert faults(check(study(HONEST), "order", "alone")) == {"alone": "changed"}


def test_an_engine_that_counts_otherwise() -> None:
    with other_where(lambda _, options: options["engine"] == "simpy"):
        assert faults(check(study(HONEST), "again", "engine")) == {"engine": "changed"}


def test_a_strategy_that_goes_by_a_label() -> None:
    by_name = made(lambda _: Planned("tried", lambda _b, j: j.name in ("cart", "newsletter")))
    found = check(study(by_name), "again", "order", "labels")
    assert faults(found) == {"labels": "changed"}
    known = study(by_name, labels=("personas", "categories"))
    assert faults(check(known, "labels")) == {}
    none = check(study(by_name, labels=()), "labels")
    assert none.findings[1].verdict == "skipped"


def test_a_strategy_that_answers_by_the_order_of_calls() -> None:
    """Every second row of all that it is ever asked: rows come in other batches in chunks."""

    def make(_: Any) -> Decided:
        asked = count()
        return Decided("tried", lambda p: np.array([next(asked) % 2 == 0 for _ in p.profile]))

    found = check(study(made(make)), "again", "cells", "engine")
    assert faults(found)["cells"] == "changed"
    assert "again" not in faults(found)


def test_an_effect_that_is_there_at_one_seed_alone() -> None:
    """Half of the profiles against the other half: no difference, but by chance at this seed."""
    halves = [
        made(lambda _, n=name, r=rest: Decided(n, lambda p: p.profile % 2 == r))
        for name, rest in (("tried", 1), ("rival", 0))
    ]
    chosen = study(halves[0], halves[1], seed=20, customers=24, seeds=3)
    found = check(chosen, "again", "streams")
    assert found.findings[0].verdict == "holds"  # what its author has seen
    assert set(faults(found)) == {"streams"}
    assert faults(found)["streams"] in ("undecided", "moves")


@pytest.mark.parametrize(("most", "caught"), [(30, "doubled"), (15, "halved")])
def test_an_effect_that_hangs_on_the_number_of_customers(most: int, caught: str) -> None:
    def make(scenario: Any) -> Planned:
        there = scenario.population.customers
        few = there <= most if caught == "doubled" else there > most
        return Planned("tried", lambda _b, j: few or j.name == "letters")

    found = check(study(made(make), text="messages_per_customer(tried) > 0.1"), "doubled", "halved")
    assert set(faults(found)) == {caught}


def test_a_strategy_that_looks_at_how_many_there_are() -> None:
    def make(scenario: Any) -> Planned:
        crowd = scenario.population.customers > 20  # the check itself has 20, and then 30
        return Planned("tried", lambda _b, j: not crowd or j.name != "newsletter")

    given = study(made(make), customers=20)
    assert faults(check(given, "again", "cells", "neighbours")) == {"neighbours": "changed"}


@pytest.mark.slow
def test_what_learns_from_all_may_notice_more_of_them() -> None:
    class Learned(Planned):
        def learn(self, observed: Any) -> None:
            """Take in nothing."""

    learned = made(lambda _: Learned("tried", lambda _b, _j: True))
    other = made(lambda _: Learned("rival", lambda _b, _j: False))
    found = check(study(learned, other), "neighbours")
    assert found.findings[1].verdict == "skipped"
    mixed = check(study(learned), "neighbours")
    assert mixed.findings[1].verdict == "equal"


def test_an_effect_that_hangs_on_the_grid_of_time() -> None:
    at_900 = made(lambda _: Planned("tried", lambda b, _j: b.tick_s == 900))
    found = check(study(at_900), "streams", "tick")
    assert faults(found) == {"tick": "undecided"}
    reverse = study(at_900, HONEST_RIVAL, text="messages_per_customer(tried) > 0.5")
    assert faults(check(reverse, "tick")) == {"tick": "turns"}


HONEST_RIVAL = named("rival", "multichannel")


def test_a_tick_that_has_no_finer_one_is_said() -> None:
    given = study(HONEST)
    scenario = given.scenarios[0].changed({"time": {"tick": 60}})
    found = check(replace(given, scenarios=(scenario,)), "tick")
    assert found.findings[1].verdict == "skipped"
    assert "no finer one" in found.findings[1].reason
    assert found.is_kept


def test_a_claim_that_is_not_so_turns_in_the_study_itself() -> None:
    text = "messages_per_customer(tried) < messages_per_customer(rival)"
    found = check(study(HONEST, text=text), "again")
    assert faults(found) == {"study": "turns"}
    assert not found.is_kept


def test_monotone_and_none_are_claims_too() -> None:
    from omnilab.experiment.conclusion.terms import Term

    term = Term("messages_per_customer", "tried")
    values = {"over": "brand.cap.messages", "values": (1, 4, 30)}
    up, down = (
        Claim(d, "monotone", term, direction=d, **values)  # type: ignore[arg-type]
        for d in ("up", "down")
    )
    gap = Term("messages_per_customer", "tried", "rival")
    none, some = Claim("none", "none", gap, 0.01), Claim("some", "none", gap, 1e-9)
    twin = study(named("tried", "omnichannel"), named("rival", "omnichannel"), customers=60)
    given = replace(twin, claims=(up, down, none, some))
    found = check_study(given, checks=["halved"])
    assert [c.findings[0].verdict for c in found] == ["holds", "turns", "holds", "holds"]


def test_a_strategy_that_fails_under_other_names_is_told() -> None:
    def make(_: Any) -> Planned:
        def takes(brand: Any, journey: Any) -> bool:
            if "cart" not in {j.name for j in brand.journeys}:
                raise KeyError("cart")
            return True

        return Planned("tried", takes)

    (fault,) = [f for f in check(study(made(make)), "labels").findings if f.is_fault]
    assert fault.verdict == "fails"
    assert "cart" in fault.reason


def test_a_strategy_that_fails_in_the_study_ends_it() -> None:
    def fails(_pending: Any) -> Any:
        raise KeyError("no model")

    with pytest.raises(StrategyError, match="no model"):
        check(study(made(lambda _: Decided("tried", fails))), "tick")


def test_each_scenario_is_checked() -> None:
    given = study(HONEST)
    other = world(population={"customers": 20}, id="other-v1")
    found = check_study(replace(given, scenarios=(*given.scenarios, other)), checks=["again"])
    assert [c.scenario for c in found] == ["small-v1", "other-v1"]
    assert claim() == found[1].claim
