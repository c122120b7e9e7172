"""Arms of a split test: who falls into which, that they exclude each other, what is refused."""

from __future__ import annotations

import re
from typing import Any
from unittest.mock import Mock, patch

import numpy as np
import pytest

from omnilab.attribution.arm_units import ArmSums, Unit, arm_sums
from omnilab.brand import arms, journeys
from omnilab.brand.profiles import link_visit
from omnilab.brand.sharing import ALL
from omnilab.errors import OptionError, ScenarioError
from omnilab.experiment.arm_data import arms_data
from omnilab.experiment.arm_tests import all_in, chosen_test, difference_of, run_test
from omnilab.log import rows
from omnilab.report.arms import arms_document
from omnilab.world.identifiers import code_of
from tests.plain import plain
from tests.verification.worlds import load, log, run
from tests.worlds import IN_WEB, cell_of, corner, plan_of, said, shown

MAIL = plain(code_of)(3, 0, 0)
LOGIN = plain(code_of)(2, 0, 0)
LETTER: dict[str, Any] = {"shows": "cart", "channels": ["email"], "success": "sent"}
WORDS = {"name": "words", "arms": {"plain": 0.5, "loud": 0.3, "none": 0.2}}


def journey(*steps: Any) -> dict[str, Any]:
    return {"name": "j", "trigger": "cart", "sequence": ["web", "email"], "steps": list(steps)}


def step(arm: str, test: str = "words", **message: Any) -> dict[str, Any]:
    return {"message": {**LETTER, **message}, "arm": {"test": test, "name": arm}}


def shop_with(what: dict[str, Any] = WORDS, *steps: Any, **brand: Any) -> Any:
    flow = steps or ({"delay": "1h"}, step("plain"), step("loud", offer=0.2))
    return corner(brand={"tests": [what], "journeys": [journey(*flow)], **brand})


def weekly(scenario: Any, customers: int) -> Any:
    """Return the scenario for few, in which the journey goes to all each week."""
    flows = [j | {"trigger": "weekly"} for j in scenario.model_dump()["brand"]["journeys"]]
    return scenario.changed({
        "population": {"customers": customers}, "time": {"window": "60d", "run_out": 0},
        "brand": {"journeys": flows},
    })  # fmt: skip


def one_copy(scenario: Any, first: int, second: int) -> tuple[int, Any]:
    """Return the arm of a profile's copy, and the step at which it waits."""
    plan = plan_of(scenario, rules={"identity": ALL, "stop": ALL, "triggers": ALL, "channel": ALL,
                                    "key0": 11, "key1": 5})  # fmt: skip
    cell = cell_of(1, plan=plan)
    profile = int(plain(link_visit)(cell, plan, 0, IN_WEB, shown(cell, first, second)))
    plain(journeys.see_event)(cell, plan, 0, profile, 1 << IN_WEB, 8, 5, 1)
    if cell.copy[0].state != 0:
        plain(journeys.time_out)(cell, plan, 3600, 0)
    (row,) = said(cell, "arm")
    return int(row["arm"]), cell.copy[0] if cell.copy[0].state != 0 else None


def test_a_copy_walks_the_steps_of_its_arm_alone() -> None:
    seen = set()
    for n in range(30):
        login = plain(code_of)(2, 0, n)
        arm, copy = one_copy(shop_with(), login, MAIL)
        seen.add(arm)
        assert (copy is None) == (arm == 2)  # the arm that no step names gets nothing
        if copy is not None:
            assert int(copy.step) == 1 + arm
            assert int(copy.length) == 1
    assert seen == {0, 1, 2}


def test_the_share_of_each_arm_is_that_asked_for() -> None:
    """The draws of many identifiers, against the shares: within 4 standard deviations."""
    plan = plan_of(shop_with(), rules={"key0": 3, "key1": 4})
    cell = cell_of(1, plan=plan)
    cell.meta.profiles = 1
    n, counts = 3000, np.zeros(3)
    for k in range(n):
        cell.profile[0].key = plain(code_of)(3, 0, k)
        counts[int(plain(arms._arm_of)(cell, plan, 0, 0))] += 1
    for count, share in zip(counts, (0.5, 0.3, 0.2), strict=True):
        assert abs(count - n * share) < 4 * np.sqrt(n * share * (1 - share))


def test_by_address_the_draw_is_the_addresss() -> None:
    """By profile the first-seen identifier decides, by address the one that is written to."""
    by_address = shop_with({**WORDS, "by": "address"})
    logins = [plain(code_of)(2, 0, n) for n in range(12)]
    assert len({one_copy(by_address, login, MAIL)[0] for login in logins}) == 1
    assert len({one_copy(shop_with(), login, MAIL)[0] for login in logins}) > 1
    mails = [plain(code_of)(3, 0, n) for n in range(12)]
    assert len({one_copy(by_address, LOGIN, mail)[0] for mail in mails}) > 1
    assert len({one_copy(shop_with(), LOGIN, mail)[0] for mail in mails}) == 1


def test_arms_that_differ_in_nothing_leave_the_log_as_it_is_without_a_test() -> None:
    two = {"name": "words", "arms": {"a": 0.5, "b": 0.5}}
    split = shop_with(two, {"delay": "1h"}, step("a", creative="x"), step("b", creative="x"))
    plainly = corner(brand={"journeys": [journey({"delay": "1h"}, {
        "message": {**LETTER, "creative": "x"}})]})  # fmt: skip
    logs = []
    for scenario in (split, plainly):
        changed = weekly(scenario, 12)
        table = log(run(changed, load(changed, "omnichannel")), "omnichannel")
        logs.append(table[table["kind"] != rows.ARM])
        assert (len(table) > len(logs[-1])) == (scenario is split)
    assert len(logs[0]) == len(logs[1])
    for name in ("time", "person", "kind", "channel"):
        assert (logs[0][name] == logs[1][name]).all()


def test_the_interval_covers_nothing_in_95_of_100_tests_of_nothing() -> None:
    """Arms given out at random to units whose outcomes do not hang on them."""
    random = np.random.default_rng(7)
    covered, n = 0, 400
    for _ in range(n):
        units = [
            Unit({int(arm)}, 0, 1, 0, 0, int(orders), int(orders * 2000))
            for arm, orders in zip(
                random.integers(0, 2, 300), random.poisson(0.3, 300), strict=True
            )
        ]
        found = difference_of(arm_sums(units, 1), arm_sums(units, 0), 2)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0.0 <= found.high
    assert abs(covered / n - 0.95) < 4 * np.sqrt(0.95 * 0.05 / n)


def test_a_difference_is_that_of_two_samples_as_scipy_has_it() -> None:
    from scipy import stats

    a, b = [0, 1, 2, 0, 4], [1, 0, 0, 0, 0, 1]
    units = [Unit({0}, orders=x) for x in a] + [Unit({1}, orders=x) for x in b]
    units.append(Unit({0, 1}, orders=50))  # in both: left out
    found = difference_of(arm_sums(units, 1), arm_sums(units, 0), 1)
    expected = stats.ttest_ind(b, a, equal_var=False)
    assert found.value == pytest.approx(np.mean(b) - np.mean(a))
    assert found.error is not None
    assert found.value is not None
    assert found.value / found.error == pytest.approx(expected.statistic)
    nobody = ArmSums(0, 0, 0, 0, 0, (0, 0, 0), (0, 0, 0))
    assert difference_of(nobody, arm_sums(units, 0), 1).value is None


def test_a_tests_reading_and_its_truth() -> None:
    """Two teams hold two profiles of a person: some persons are in both arms, and no profile is."""
    two = {"name": "words", "arms": {"plain": 0.5, "loud": 0.5}}
    both = (step("plain", channels=["email", "push"]),
            step("loud", channels=["email", "push"], offer=0.3))  # fmt: skip
    scenario = weekly(shop_with(two, {"delay": "1h"}, *both), 16)
    (strategy,) = load(scenario, "multichannel")
    test = chosen_test(scenario, strategy, None)
    with (
        patch("omnilab.engine.calibrate.PILOT_CUSTOMERS", 40),
        patch("omnilab.engine.calibrate.solve_regularity", Mock()),
    ):
        found = run_test(scenario, strategy, test, within=30 * 86400)
    data = arms_data(found)
    profiles = [r for r in data["arms"] if r["unit"] == "profile"]
    persons = [r for r in data["arms"] if r["unit"] == "person"]
    assert sum(r["units"] for r in profiles) + data["profiles_in_two_arms"] == data["profiles"]
    assert sum(r["units"] for r in persons) + data["persons_in_two_arms"] == data["persons"]
    assert data["profiles"] >= data["persons"] > 0
    assert all(r["recipients"] <= r["units"] <= r["units"] * 60 for r in profiles)
    assert sum(r["sent"] for r in profiles) > 0
    assert {t["arm"] for t in data["truth"]} == {"loud"}
    text = arms_document(found)
    assert "words under multichannel" in text.title
    forced = all_in(strategy, scenario, test, "loud")
    assert [s.cohort for s in forced.plan.journeys[0].steps] == [None, 1.0, None]


@pytest.mark.parametrize(
    ("test", "steps", "words"),
    [
        ({"name": "words", "arms": {"a": 0.5, "b": 0.4}}, (), "must add up to 1, they add up to"),
        ({"name": "words", "arms": {"a": 1.0, "b": 0.0}}, (), "the share of b is 0: leave it out"),
        (WORDS, (step("lud"),), "words has no arm 'lud' (did you mean 'loud'?)"),
        (WORDS, (step("loud", "word"),), "unknown test 'word' (did you mean 'words'?)"),
        (WORDS, ({"arm": {"test": "words", "name": "loud"}},), "a step has exactly one of"),
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused(test: Any, steps: Any, words: str) -> None:
    with pytest.raises(ScenarioError, match=re.escape(words)):
        shop_with(test, *steps)


def test_a_test_that_is_not_there() -> None:
    scenario = shop_with()
    (strategy,) = load(scenario, "omnichannel")
    with pytest.raises(OptionError, match=r"--test: there is no test 'wrds' \(did you mean"):
        chosen_test(scenario, strategy, "wrds")
    bare = corner()
    with pytest.raises(OptionError, match="has no split test: declare one in"):
        chosen_test(bare, load(bare, "omnichannel")[0], None)
