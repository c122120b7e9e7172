"""Equal volume: volumes that meet, by what each way says it changes, and what is said of it."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import omnilab as ol
from omnilab import cli
from omnilab.engine.calibrate import calibrated_model
from omnilab.errors import OptionError, StrategyError
from omnilab.experiment import equal_volume
from omnilab.experiment.checkpoint import Checkpoint
from omnilab.experiment.compare import compare
from omnilab.experiment.equal_volume import Equal, derive, equal_of, parse_pair
from omnilab.experiment.match import BY_CAP, BY_TYPE, VOLUME, equal_rows
from omnilab.measure.layout import JOURNEY_SUMS, as_integers, names_of
from omnilab.strategy.loading import LoadedStrategy, load_strategy
from tests.property.random_worlds import Swayed
from tests.worlds import corner

NAMES = ("multichannel", "omnichannel", "no_contact")
SENT = names_of(JOURNEY_SUMS).index("sent")


@pytest.fixture(scope="module")
def found() -> Any:
    """Return strategies, matches and the comparison in which they ran beside the others."""
    scenario = corner(population={"customers": 400})
    strategies = [load_strategy(name, scenario) for name in NAMES]
    comparison = compare(scenario, strategies, equal=Equal(("omnichannel", "multichannel")))
    return strategies, comparison.equal.beside.matches, comparison


def sent(comparison: Any, strategy: Any) -> dict[str, int]:
    """Return what a strategy sends of each journey, run by itself."""
    alone = compare(comparison.scenario, [strategy])
    table = as_integers(alone.by_journey[strategy.name]).reshape(-1, len(names_of(JOURNEY_SUMS)))
    return {j.name: int(row[SENT]) for j, row in zip(strategy.plan.journeys, table, strict=False)}


def by_way(matches: Any, way: str) -> Any:
    (match,) = (m for m in matches if m.way == way)
    return match


def test_volumes_meet_by_cap_and_only_the_cap_is_changed(found):
    strategies, matches, comparison = found
    match = by_way(matches, BY_CAP)
    value = comparison.equal.moments.estimate
    before = [value(VOLUME, name).value for name in (match.first, match.second)]
    after = [value(VOLUME, name).value for name in (match.equal_first, match.equal_second)]
    gap = abs(before[0] / before[1] - 1)
    assert gap > 0.01
    assert abs(after[0] / after[1] - 1) < gap / 3
    assert min(after) == min(before)  # the one that sends less is as it was
    (made,) = match.derived
    source = next(s for s in strategies if made.name.startswith(s.name))
    assert made.plan.journeys == source.plan.journeys
    assert made.plan.sharing == source.plan.sharing
    rate = [s.plan.cap.messages / s.plan.cap.per for s in (made, source)]
    assert rate[0] < rate[1]


def test_volumes_meet_by_type_and_only_shares_of_profiles_are_left_out(found):
    strategies, matches, comparison = found
    match = by_way(matches, BY_TYPE)
    made = {s.name: s for s in (*strategies, *match.derived)}
    two = [made[name] for name in (match.equal_first, match.equal_second)]
    volumes = [sent(comparison, strategy) for strategy in two]
    before = [sent(comparison, made[name]) for name in (match.first, match.second)]
    for journey in before[0]:
        least = min(b[journey] for b in before)
        assert [v[journey] for v in volumes] == pytest.approx([least, least], rel=0.08, abs=6)
    for strategy in match.derived:
        source = next(s for s in strategies if strategy.name.startswith(s.name))
        assert strategy.plan.cap == source.plan.cap
        for new, old in zip(strategy.plan.journeys, source.plan.journeys, strict=True):
            extra = len(new.steps) - len(old.steps)
            assert new.steps[extra:] == old.steps
            assert extra == 0 or new.steps[0].cohort is not None


def test_derived_strategies_stand_beside_and_change_nothing(found):
    strategies, matches, comparison = found
    plain = compare(comparison.scenario, strategies)
    assert comparison.strategies == plain.strategies
    assert comparison.moments.difference("ltv", *NAMES[:2]) == plain.moments.difference(
        "ltv", *NAMES[:2]
    )
    assert comparison.moments.state() == plain.moments.state()
    assert comparison.observed.keys() == plain.observed.keys()
    assert len(comparison.equal.moments.strategies) == 2 + sum(len(m.derived) for m in matches)
    assert comparison.equal.customers == comparison.customers
    assert equal_rows(plain) == []


def test_the_rows_say_what_survives(found):
    _, matches, comparison = found
    rows = equal_rows(comparison)
    assert {(r["way"], r["measure"]) for r in rows} == {
        (m.way, x) for m in matches for x in ("ltv", "purchase_rate", "orders_per_customer")
    }
    for row in rows:
        names = (row["equal_strategy"], row["equal_reference"])
        d = comparison.equal.moments.difference(row["measure"], *names)
        assert (row["value"], row["low"], row["high"]) == (d.value, d.low, d.high)
        plain = comparison.moments.difference(row["measure"], "omnichannel", "multichannel")
        certain = plain.low > 0 or plain.high < 0
        same = d.low > 0 if plain.value > 0 else d.high < 0
        assert row["survives"] == (same if certain else None)
        assert row["gap"] == pytest.approx(row["messages"] / row["reference_messages"] - 1)


def test_derived_strategies_are_what_they_are_alone(found):
    """Beside the others, without tables, and in few chunks, they have the same sums."""
    _, matches, comparison = found
    derived = [s for m in matches for s in m.derived]
    alone = compare(comparison.scenario, derived, chunk=7)
    for strategy in derived:
        for measure in ("ltv", "orders_per_customer", VOLUME, "open_rate", "continuity"):
            one = comparison.equal.moments.estimate(measure, strategy.name)
            assert one == alone.moments.estimate(measure, strategy.name)


def test_where_nobody_asked_it_is_on_some_customers_and_the_others_are_as_they_were(monkeypatch):
    monkeypatch.setattr(equal_volume, "STANDING", 130)
    scenario = corner(population={"customers": 100})
    strategies = [load_strategy(name, scenario) for name in NAMES]
    standing = Equal(("omnichannel", "multichannel"), asked=False)
    part = compare(scenario, strategies, equal=standing, replications=3)
    plain = compare(scenario, strategies, replications=3)
    assert part.strategies == plain.strategies
    assert part.moments.state() == plain.moments.state()
    assert 130 <= part.equal.customers < 140  # whole cells
    assert {row["customers"] for row in equal_rows(part)} == {part.equal.customers}
    # The pair among the derived ones has the same customers: the plain pair's first two hundred.
    whole = compare(scenario, strategies, equal=Equal(standing.pair), replications=2)
    assert whole.equal.customers == 200
    assert [m.how for m in whole.equal.beside.matches] == [m.how for m in part.equal.beside.matches]
    ltv = part.equal.moments.estimate("ltv", "omnichannel").value
    other = whole.moments.estimate("ltv", "omnichannel").value
    assert ltv != other


def test_a_strategy_that_learns_has_others_of_equal_volume_beside_it():
    """All its cells run at once, so either all have the others beside them or none has."""
    scenario = corner(population={"customers": 60})
    plan = load_strategy("omnichannel", scenario).plan
    swayed = LoadedStrategy("swayed", plan, Swayed(), "", decides=True, learns=True)
    strategies = [load_strategy("multichannel", scenario), swayed]
    beside = Equal(("swayed", "multichannel"), asked=False)
    both = compare(scenario, strategies, equal=beside)
    assert not both.failures
    assert both.equal.customers == 60
    assert both.strategies == compare(scenario, strategies).strategies


def test_a_killed_run_takes_its_equal_volume_up_too(tmp_path):
    scenario = corner(population={"customers": 60})
    strategies = [load_strategy(name, scenario) for name in NAMES]
    asked = {"equal": Equal(("omnichannel", "multichannel")), "replications": 3}
    whole = compare(scenario, strategies, **asked)

    class Killed(Checkpoint):
        def save(self, names: Any, state: Any) -> None:
            super().save(names, state)
            if state["done"] == 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare(scenario, strategies, checkpoint=Killed(tmp_path, "d"), **asked)
    again = compare(scenario, strategies, checkpoint=Checkpoint(tmp_path, "d"), **asked)
    assert equal_rows(again) == equal_rows(whole)
    assert again.equal.customers == whole.equal.customers == 180


def test_a_journey_that_only_one_of_them_sends_is_left_out_whole():
    scenario = corner(population={"customers": 150})
    first = load_strategy("omnichannel", scenario)
    rest = tuple(j for j in first.plan.journeys if j.name != "cart")
    assert len(rest) < len(first.plan.journeys)
    second = replace(first, name="without", plan=replace(first.plan, journeys=rest))
    model = calibrated_model(scenario)
    (match,) = (
        m for m in derive(scenario, [first, second], ("omnichannel", "without"), model)
        if m.way == BY_TYPE
    )  # fmt: skip
    assert "cart for 0%" in match.how
    made = next(s for s in match.derived if s.name == match.equal_first)
    assert "cart" not in [j.name for j in made.plan.journeys]


def test_what_sends_as_much_is_left_alone():
    scenario = corner(population={"customers": 60})
    first = load_strategy("multichannel", scenario)
    two = [first, replace(first, name="again")]
    assert derive(scenario, two, ("again", first.name), calibrated_model(scenario)) == ()
    comparison = compare(scenario, two, equal=Equal(("again", first.name)))
    assert equal_rows(comparison) == []


def test_a_strategy_that_fails_costs_its_own_where_nobody_asked():
    class Failing:
        name = "failing"

        def plan(self, brand: Any) -> Any:
            return load_strategy("omnichannel", scenario).plan

        def decide(self, pending: Any) -> Any:
            raise ValueError("no idea")

    scenario = corner(population={"customers": 60}, strategies=["multichannel"])
    found = ol.compare(scenario, ["multichannel", Failing()])
    assert list(found.failures) == ["failing"]
    assert found.equal_volume.empty
    with pytest.raises(StrategyError, match="no idea"):
        ol.compare(scenario, ["multichannel", Failing()], equal_volume="main")


def test_the_standing_pair_is_there_unless_one_sends_nothing_or_it_is_left_out():
    scenario = corner()
    assert equal_of(None, NAMES, scenario, None, quick=False) == Equal(
        ("omnichannel", "multichannel"), asked=False
    )
    assert equal_of(None, NAMES, scenario, None, quick=True) is None
    assert equal_of(None, NAMES, scenario, "no_contact", quick=False) is None
    assert equal_of(None, NAMES[2:], scenario, None, quick=False) is None
    with pytest.raises(OptionError, match="give one"):
        equal_of("main", NAMES, scenario, None, quick=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("omnichannel", "name two strategies"),
        ("omnichannel,omnichannel", "name two strategies"),
        ("omnichanel,multichannel", "did you mean 'omnichannel'"),
    ],
)
def test_bad_pairs_are_one_line(text, message):
    with pytest.raises(OptionError, match=message):
        parse_pair(text, NAMES, corner())


def test_the_main_pair_is_omnichannel_and_the_reference():
    assert parse_pair("main", NAMES, corner()) == ("omnichannel", "multichannel")
    assert parse_pair("main", NAMES, corner(), "omnichannel") == ("multichannel", "omnichannel")
    with pytest.raises(OptionError, match="sends nothing"):
        parse_pair("main", ("multichannel", "no_contact"), corner())
    with pytest.raises(OptionError, match="there is one"):
        parse_pair("main", ("multichannel",), corner())


def test_the_command_says_it_and_a_run_can_be_verified(tmp_path: Path, capsys, monkeypatch):
    from omnilab.scenario.write import scenario_to_yaml

    monkeypatch.chdir(tmp_path)
    scenario = corner(population={"customers": 80}, strategies=list(NAMES))
    Path("shop.yaml").write_text(scenario_to_yaml(scenario))
    assert cli.main(["compare", "shop.yaml", "--equal-volume", "main", "--out", "kept"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "At equal volume by cap" in said
    assert "At equal volume by type" in said
    kept = json.loads(Path("kept/result.json").read_text())
    assert {s["name"] for s in kept["strategies"]} == set(NAMES)
    assert sum(kept["best"]["ltv"].values()) == pytest.approx(1)
    mine = ol.compare("shop.yaml", equal_volume="main")
    assert mine.equal_volume.to_dict("records") == kept["equal_volume"]
    assert mine.best()["ltv"].to_dict() == kept["best"]["ltv"]
    assert cli.main(["verify", "kept"]) == 0
    page = Path("kept/report.html").read_text()
    assert 'id="equal-title">At equal volume' in page
    assert kept["equal_volume"][0]["how"] in html.unescape(page)


@pytest.mark.slow
def test_quick_leaves_it_out_and_says_so(tmp_path: Path, capsys, monkeypatch):
    from omnilab.scenario.write import scenario_to_yaml

    monkeypatch.chdir(tmp_path)
    scenario = corner(population={"customers": 40}, strategies=list(NAMES))
    Path("shop.yaml").write_text(scenario_to_yaml(scenario))
    assert cli.main(["compare", "shop.yaml", "--out", "whole"]) == 0
    assert "at equal volume" in capsys.readouterr().out
    assert cli.main(["compare", "shop.yaml", "--quick", "--out", "quick"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Left out by --quick" in said
    assert "At equal volume" not in said
    whole, quick = (json.loads(Path(f"{n}/result.json").read_text()) for n in ("whole", "quick"))
    assert whole["left_out"] == []
    assert whole["equal_volume"]
    assert quick["left_out"] == ["equal volume", "worlds"]
    assert quick["equal_volume"] == []
    assert quick["differences"] == whole["differences"]
    assert ol.compare("shop.yaml", quick=True).equal_volume.empty
    assert cli.main(["verify", "quick"]) == 0
