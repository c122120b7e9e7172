"""An oracle makes identity perfect, moves nothing that does not depend on identity, and pays."""

from __future__ import annotations

import numpy as np
import pytest

from omnilab.errors import OptionError
from omnilab.experiment.compare import compare
from omnilab.experiment.identity_errors import identity_errors, with_oracle
from omnilab.log import rows
from omnilab.log.identifier_types import number_of
from omnilab.strategy.loading import load_strategy
from tests.worlds import corner


def shop(customers: int):
    return corner(
        population={
            "customers": customers,
            "household_sizes": [0.3, 0.4, 0.3],
            "households_per_cell": 1,
        },
        world={"identifiers": {"typo": 0.3, "typo_hits": 0.5}},
    )


def misattributed(scenario, kind: str) -> tuple[int, int]:
    """Return how many profiles two persons are taken for, and how many visits were looked at."""
    run = compare(scenario, [load_strategy("omnichannel", scenario)], keep_events=True)
    log = np.concatenate(run.events["omnichannel"])
    shown = rows.of_kind(log, rows.IDENTIFIER)
    shown = shown[(shown.type == number_of(kind)) & (shown.time >= 30 * 86400)]
    people = rows.of_kind(log, rows.PERSON)
    home = dict(zip(people.person.tolist(), people.household.tolist(), strict=True))
    persons: dict[tuple[int, int], set[int]] = {}
    for person, profile in zip(shown.person.tolist(), shown.profile.tolist(), strict=True):
        persons.setdefault((home[person], profile), set()).add(person)
    return sum(len(whose) > 1 for whose in persons.values()), len(shown)


def test_with_an_oracle_each_visit_is_the_right_persons():
    wrong, visits = misattributed(with_oracle(shop(150)), "oracle")
    assert wrong == 0
    assert visits > 1000
    assert misattributed(shop(150), "cookie")[0] > 10


def test_an_oracle_moves_nothing_natural():
    scenario = corner(population={"customers": 100})
    firsts = []
    for s in (scenario, with_oracle(scenario)):
        run = compare(s, [load_strategy("no_contact", s)], keep_events=True)
        needs = rows.of_kind(np.concatenate(run.events["no_contact"]), rows.NEED)
        first = {}
        for need in needs[np.argsort(needs.time, kind="stable")]:
            row = (int(need.time), int(need.category), int(need.value))
            first.setdefault(int(need.person), row)
        firsts.append(first)
    assert firsts[0] == firsts[1]
    assert len(firsts[0]) > 80


def test_a_cost_is_the_difference_of_two_runs():
    scenario = shop(80)
    (found,) = identity_errors(
        scenario, [load_strategy("omnichannel", scenario)], measures=["revenue"]
    )
    with_it = with_oracle(scenario)
    values = [
        compare(s, [load_strategy("omnichannel", s)])
        .moments.estimate("revenue", "omnichannel")
        .value
        for s in (with_it, scenario)
    ]
    assert found.estimate.value == pytest.approx(values[0] - values[1], abs=1e-9)
    assert found.estimate.low < found.estimate.value < found.estimate.high


def test_eight_identifiers_leave_no_place():
    web = shop(10).channels[0].model_dump()
    web["visit"]["identifiers"] = [{"type": "cookie", "share": 0.5}] * 8
    rest = [c.model_dump() for c in shop(10).channels[1:]]
    with pytest.raises(OptionError, match="'web' shows 8 identifiers"):
        with_oracle(shop(10).changed({"channels": [web, *rest]}))
