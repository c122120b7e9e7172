"""Equal volume: volumes that meet, by what each way says it changes, and what is said of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import omnilab as ol
from omnilab import cli
from omnilab.errors import OptionError
from omnilab.experiment.compare import compare
from omnilab.experiment.equal_volume import derive, parse_pair
from omnilab.experiment.match import BY_CAP, BY_TYPE, VOLUME, equal_rows
from omnilab.measure.layout import JOURNEY_SUMS, as_integers, names_of
from omnilab.strategy.loading import load_strategy
from tests.worlds import corner

NAMES = ("multichannel", "omnichannel", "no_contact")
SENT = names_of(JOURNEY_SUMS).index("sent")


@pytest.fixture(scope="module")
def found() -> Any:
    """Return strategies, matches and the comparison in which they ran beside the others."""
    scenario = corner(population={"customers": 400})
    strategies = [load_strategy(name, scenario) for name in NAMES]
    matches = derive(scenario, strategies, ("omnichannel", "multichannel"))
    return strategies, matches, compare(scenario, strategies, matches=matches)


def sent(comparison: Any, strategy: Any) -> dict[str, int]:
    table = as_integers(comparison.by_journey[strategy.name]).reshape(
        -1, len(names_of(JOURNEY_SUMS))
    )
    return {j.name: int(row[SENT]) for j, row in zip(strategy.plan.journeys, table, strict=False)}


def by_way(matches: Any, way: str) -> Any:
    (match,) = (m for m in matches if m.way == way)
    return match


def test_volumes_meet_by_cap_and_only_the_cap_is_changed(found):
    strategies, matches, comparison = found
    match = by_way(matches, BY_CAP)
    value = comparison.moments.estimate
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
    assert made.plan.cap.messages == source.plan.cap.messages
    assert made.plan.cap.per > source.plan.cap.per


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
    assert len(comparison.moments.strategies) == 3 + sum(len(m.derived) for m in matches)
    assert equal_rows(plain) == []


def test_the_rows_say_what_survives(found):
    _, matches, comparison = found
    rows = equal_rows(comparison)
    assert {(r["way"], r["measure"]) for r in rows} == {
        (m.way, x) for m in matches for x in ("ltv", "purchase_rate", "orders_per_customer")
    }
    for row in rows:
        names = (row["equal_strategy"], row["equal_reference"])
        d = comparison.moments.difference(row["measure"], *names)
        assert (row["value"], row["low"], row["high"]) == (d.value, d.low, d.high)
        plain = comparison.moments.difference(row["measure"], "omnichannel", "multichannel")
        certain = plain.low > 0 or plain.high < 0
        same = d.low > 0 if plain.value > 0 else d.high < 0
        assert row["survives"] == (same if certain else None)
        assert row["gap"] == pytest.approx(row["messages"] / row["reference_messages"] - 1)


def test_what_sends_as_much_is_left_alone():
    scenario = corner(population={"customers": 60})
    from dataclasses import replace

    first = load_strategy("multichannel", scenario)
    assert derive(scenario, [first, replace(first, name="again")], ("again", first.name)) == ()


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
    scenario = corner(population={"customers": 150}, strategies=list(NAMES))
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
