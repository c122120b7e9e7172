"""Changes over a key are of the same customers, and of others where that can't be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock, patch

import pytest

from omnilab.experiment.compare import compare
from omnilab.experiment.conclusion import over
from omnilab.experiment.conclusion.declared import Claim, Study
from omnilab.experiment.conclusion.judged import Seen, seen_of
from omnilab.experiment.conclusion.terms import Term
from omnilab.experiment.statistics import Estimate
from omnilab.scenario.model import Scenario
from tests.experiment.conclusion.plants import named, study

ASKED: dict[str, Any] = {"seed": 1, "replications": 1, "engine": "auto", "threads": 1}


@pytest.fixture(autouse=True)
def _small_pilots() -> Iterator[None]:
    with (
        patch("omnilab.engine.calibrate.PILOT_CUSTOMERS", 40),
        patch("omnilab.engine.calibrate.solve_regularity", Mock()),
    ):
        yield


def monotone(term: Term, key: str = "brand.cap.messages", values: Any = (1, 4, 8)) -> Claim:
    return Claim("", "monotone", term, over=key, values=values)


def given(**more: Any) -> Study:
    return study(named("tried", "omnichannel"), named("rival", "multichannel"), **more)


def alone(claim: Claim, about: Study) -> Any:
    """Return what runs one world by itself, and which worlds it was asked for."""
    asked: list[Scenario] = []

    def estimate(world: Scenario) -> Estimate:
        asked.append(world)
        strategies = [load(world) for load in about.strategies.values()]
        moments = compare(world, strategies, seed=1).moments
        term = claim.term
        if term.less:
            return moments.difference(term.measure, term.strategy, term.less)
        return moments.estimate(term.measure, term.strategy)

    return estimate, asked


@pytest.mark.parametrize("less", ["", "rival"])
def test_paired_changes_are_those_of_the_worlds_alone_and_surer(less: str) -> None:
    about = given()
    claim = monotone(Term("messages_per_customer", "tried", less))
    estimate, asked = alone(claim, about)
    paired = over.seen_over(claim, about, about.scenarios[0], estimate, **ASKED)
    assert asked == []
    worlds = [about.scenarios[0].changed({"brand": {"cap": {"messages": n}}}) for n in (1, 4, 8)]
    apart = seen_of(claim, [estimate(world) for world in worlds])
    assert paired.value == pytest.approx(apart.value)
    assert [s[0] for s in paired.steps] == pytest.approx([s[0] for s in apart.steps])
    assert paired.half is not None
    assert apart.half is not None
    assert paired.half < 0.8 * apart.half
    assert sum(s[0] for s in paired.steps) == pytest.approx(paired.value)


@pytest.mark.parametrize(
    ("claim", "changes"),
    [
        (monotone(Term("roi", "tried")), {}),  # against no_contact, which is in no other world
        (monotone(Term("aov", "tried"), "population.household_sizes", ([1.0], [0.5, 0.5])), {}),
        (monotone(Term("aov", "tried")), {"world": {"mailshot": {"sd": 0.4}}}),
    ],
)
def test_where_customers_cannot_be_paired_worlds_run_alone(
    claim: Claim, changes: dict[str, Any]
) -> None:
    about = given()
    estimate, asked = alone(claim, about)
    scenario = about.scenarios[0].changed(changes)
    over.seen_over(claim, about, scenario, estimate, **ASKED)
    assert len(asked) == len(claim.values)


def test_a_value_without_a_denominator_says_nothing() -> None:
    about = given()
    claim = monotone(Term("open_rate", "tried"), "brand.cap.messages", (1, 4))
    about = study(named("tried", "no_contact"), named("rival", "multichannel"))
    estimate, _ = alone(claim, about)
    assert over.seen_over(claim, about, about.scenarios[0], estimate, **ASKED) == Seen(None, None)
