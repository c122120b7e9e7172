"""Studies that are run: planted effects come back, null arms differ by nothing, rates are met."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omnilab.errors import ScenarioError
from omnilab.experiment.evidence.model import Condition
from omnilab.experiment.evidence.running import StudyResult, run_study
from omnilab.experiment.evidence.sample import Sample, take_sample
from tests.experiment.evidence.studies import MAILSHOT, WHOLE, study

DEAR = {"categories.beans.spend.mean": 39.0, "categories.cups.spend.mean": 90.0}
NONE, SENT = WHOLE["arms"]
EVERYBODY_OPENS = {
    "scenario": "./shop.yaml",
    "changes": {"channels.email.message.opt_in": 1.0, "world.fatigue.ideal": 50},
}


def claim(name: str, effect: dict[str, Any], sign: str = "+", **more: Any) -> dict[str, Any]:
    found = {"sign": sign} | ({"within": "1%"} if sign == "0" else {})
    return {"id": name, "title": name, "kind": "sign", "found": found, "effect": effect, **more}


def ran(folder: Path, **changes: Any) -> StudyResult:
    return run_study(study(folder, **changes), seed=3)


def sample(folder: Path, **changes: Any) -> Sample:
    found = study(folder, **changes)
    (world,) = found.worlds()
    return take_sample(found, world, found.arms(world.scenario), seed=3)


def test_a_planted_price_comes_back_and_nothing_else_changes(tmp_path: Path) -> None:
    free = {"changes": {"brand.loyalty.worth": 0}, "scenario": "./shop.yaml"}
    found = ran(
        tmp_path, base=free, customers=400,
        arms=[NONE, {"name": "dear", "without": "all", "world": DEAR}],
        outcomes=[{"name": "revenue", "measure": "revenue"}, {"name": "buys", "any": "order"},
                  {"name": "orders", "count": "order"}],
        claims=[
            claim("R1", {"outcome": "revenue", "arm": "dear", "as": "relative"}),
            claim("R2", {"outcome": "buys", "arm": "dear"}, "0"),
            claim("R3", {"outcome": "orders", "arm": "dear"}, "0"),
        ],
    )  # fmt: skip
    price, buys, orders = found.claims
    # Twice the price of everything is twice the revenue, but for amounts that are cut to cents.
    assert price.simulated == pytest.approx(1.0, abs=1e-3)
    assert price.low is not None
    assert price.high is not None
    assert price.high - price.low < 1e-3
    assert price.unit == "relative"
    assert (buys.simulated, buys.low, buys.high) == (0.0, 0.0, 0.0)
    assert (orders.simulated, orders.low, orders.high) == (0.0, 0.0, 0.0)


def test_arms_that_are_the_same_differ_by_nothing(tmp_path: Path) -> None:
    found = ran(
        tmp_path,
        arms=[SENT | {"name": "none", "control": True}, SENT],
        groups=[{"name": "some", "where": [{"did": "order", "within": "20d"}]}],
        outcomes=[{"name": m, "measure": m} for m in ("revenue", "ltv", "open_rate", "aov")],
        claims=[
            claim("R1", {"outcome": "revenue", "arm": "sent"}, "0"),
            claim("R2", {"outcome": "ltv", "arm": "sent", "group": "some"}, "0"),
            claim("R3", {"outcome": "open_rate", "arm": "sent", "as": "relative"}, "0"),
            claim("R4", {"outcome": "aov", "arm": "sent", "as": "difference"}, "0",
                  less={"group": "some"}),
        ],
    )  # fmt: skip
    assert all((c.simulated, c.low, c.high) == (0.0, 0.0, 0.0) for c in found.claims)


def test_the_warm_up_is_the_control_arms_or_the_status_quos(tmp_path: Path) -> None:
    early = [{"did": "sent"}]
    groups = [{"name": "written_to", "where": early}]
    quiet = sample(tmp_path, groups=groups)
    assert quiet.members("written_to").sum() == 0  # the control writes to nobody
    usual = sample(tmp_path, groups=groups, before="status_quo")
    assert usual.members("written_to").sum() > 100


def test_journeys_are_those_of_who_sent(tmp_path: Path) -> None:
    """The warm-up's strategy has seven journeys, the arm one: number 0 is not the same in both."""
    of_test = [{"did": "sent", "when": "window", "under": "sent", "only": {"journey": "mailshot"}}]
    of_usual = [{"did": "sent", "only": {"journey": "newsletter"}}]
    none_of_it = [{"did": "sent", "only": {"journey": "mailshot"}}]
    found = sample(
        tmp_path, before="status_quo",
        groups=[{"name": "new", "where": of_test}, {"name": "usual", "where": of_usual},
                {"name": "nobody", "where": none_of_it}],
        outcomes=[{"name": "opens", "count": "open", "only": {"journey": "mailshot"}},
                  {"name": "all_opens", "measure": "open_rate"}],
        claims=[claim("R1", {"outcome": "opens", "arm": "sent"})],
    )  # fmt: skip
    assert found.members("new").sum() > 50
    assert found.members("usual").sum() > 50
    assert found.members("nobody").sum() == 0
    assert found.sums["none"]["opens"].top.sum() == 0
    assert found.sums["sent"]["opens"].top.sum() > 0


def test_who_takes_part_and_groups_follow_the_conditions(tmp_path: Path) -> None:
    found = sample(
        tmp_path, customers=600, who={"where": [{"persona": "busy"}], "share": "50%"},
        groups=[
            {"name": "buyers", "where": [{"did": "order"}]},
            {"name": "others", "where": [{"group": "buyers", "negate": True}]},
            {"name": "best", "where": [{"group": "buyers"}, {"did": "order", "top": "25%"}]},
            {"name": "either", "where": [{"any_of": [{"group": "best"}, {"group": "others"}]}]},
            {"name": "got_it", "where": [{"did": "sent", "when": "test", "under": "sent"}]},
        ],
    )  # fmt: skip
    part = found.members("everybody")
    assert 0.4 < part.sum() / 300 < 0.6  # half of half of 600, by chance
    buyers, others, best, either = (
        found.members(g) for g in ("buyers", "others", "best", "either")
    )
    assert ((buyers | others) == part).all()
    assert not (buyers & others).any()
    assert best.sum() == round(0.25 * buyers.sum())
    assert (best <= buyers).all()
    assert ((best | others) == either).all()
    orders = np.concatenate(found.counts._parts[Condition(did="order", top=0.25)])
    assert orders[best].min() >= orders[buyers & ~best].max()
    got = found.members("got_it")
    assert 0 < got.sum() < part.sum()


def test_arms_with_shares_have_customers_of_their_own(tmp_path: Path) -> None:
    found = sample(tmp_path, customers=900, arms=[NONE | {"share": "30%"}, SENT | {"share": "60%"}])
    none, sent = found.in_arm["none"], found.in_arm["sent"]
    assert not (none & sent).any()
    assert abs(none.mean() - 0.3) < 0.06
    assert abs(sent.mean() - 0.6) < 0.06


def test_shares_give_the_twins_answer_with_less_precision(tmp_path: Path) -> None:
    price = {"name": "dear", "without": "all", "world": DEAR}
    given = {
        "customers": 1500,
        "outcomes": [{"name": "revenue", "measure": "revenue"}],
        "claims": [claim("R1", {"outcome": "revenue", "arm": "dear", "as": "relative"})],
    }
    (twins,) = ran(tmp_path, arms=[NONE, price], **given).claims
    halves = [NONE | {"share": "50%"}, price | {"share": "50%"}]
    (apart,) = ran(tmp_path, arms=halves, **given).claims
    assert apart.low is not None
    assert apart.high is not None
    assert twins.simulated is not None
    assert apart.low < twins.simulated < apart.high
    assert twins.low is not None
    assert twins.high is not None
    assert apart.high - apart.low > 10 * (twins.high - twins.low)


def test_parts_of_an_effect_add_up(tmp_path: Path) -> None:
    effect = {"outcome": "orders", "arm": "sent", "as": "total"}
    found = ran(
        tmp_path, customers=600, base=EVERYBODY_OPENS,
        groups=[{"name": "buyers", "where": [{"did": "order"}]},
                {"name": "others", "where": [{"group": "buyers", "negate": True}]}],
        claims=[claim("R1", effect), claim("R2", effect | {"group": "buyers"}),
                claim("R3", effect | {"group": "others"}),
                claim("R4", {"outcome": "orders", "arm": "sent"})],
    )  # fmt: skip
    whole, buyers, others, plain = (c.simulated for c in found.claims)
    assert whole == pytest.approx(buyers + others)  # type: ignore[operator]
    assert whole == pytest.approx(plain)
    assert whole is not None
    assert whole > 0


def test_a_base_rate_is_met_by_its_parameter_alone_and_said(tmp_path: Path) -> None:
    rate = {"outcome": "buys", "published": "20%", "within": "3%",
            "move": "categories.beans.every", "range": ["10d", "300d"]}  # fmt: skip
    found = ran(tmp_path, base_rate=rate, customers=400)
    (met,) = found.rates
    assert met.simulated == pytest.approx(0.2, rel=0.03)
    assert abs(met.unmoved - 0.2) > 0.02
    assert (met.move, met.before) == ("categories.beans.every", "12d")
    assert 0 < met.moved < 1
    control = next(v for v in found.values if v.arm == "none" and v.outcome == "orders")
    assert control.value is not None
    again = study(tmp_path, base_rate=None, customers=400,
                  base={"scenario": "./shop.yaml",
                        "changes": {"categories.beans.every": met.after}})  # fmt: skip
    (world,) = again.worlds()
    by_hand = take_sample(again, world, again.arms(world.scenario), seed=3)
    assert control.value == by_hand.sums["none"]["orders"].top.mean()


def test_a_base_rate_that_is_there_already_moves_nothing(tmp_path: Path) -> None:
    first = ran(tmp_path, customers=300)
    buys = sample(tmp_path, customers=300).sums["none"]["buys"].top.mean()
    rate = {"outcome": "buys", "published": float(buys), "move": "world.intent.threshold",
            "range": [0.1, 5]}  # fmt: skip
    found = ran(tmp_path, customers=300, base_rate=rate)
    (met,) = found.rates
    assert (met.moved, met.before, met.steps) == (0.0, met.after, 1)
    assert found.claims == first.claims


def test_a_base_rate_that_no_value_meets_is_an_error_at_its_line(tmp_path: Path) -> None:
    rate = {"outcome": "buys", "published": "99%", "move": "categories.beans.every",
            "range": ["100d", "300d"]}  # fmt: skip
    found = study(tmp_path, base_rate=rate, customers=100)
    with pytest.raises(ScenarioError) as caught:
        run_study(found)
    assert "no categories.beans.every from 100d to 300d gives" in str(caught.value)
    lines = Path(found.path).read_text().splitlines()
    assert lines[(caught.value.line or 0) - 1].startswith("base_rate")


def test_an_arm_meets_a_figure_of_its_own(tmp_path: Path) -> None:
    overlay = {"brand": {"journeys": [MAILSHOT]}}
    arms = [
        {"name": "none", "control": True, "keep": "mailshot"},
        {"name": "sent", "keep": "mailshot",
         "meets": {"outcome": "opens", "published": "60%", "within": "5%", "range": [0, 3],
                   "move": "brand.journeys.mailshot.steps[0].message.quality"}},
    ]  # fmt: skip
    found = ran(
        tmp_path, base=EVERYBODY_OPENS | {"overlay": overlay}, arms=arms, customers=400,
        outcomes=[{"name": "opens", "measure": "open_rate"}],
        claims=[claim("R1", {"outcome": "opens", "arm": "sent"})],
    )  # fmt: skip
    (met,) = found.rates
    assert (met.arm, met.before) == ("sent", "0")
    values = {v.arm: v.value for v in found.values}
    assert values["sent"] == pytest.approx(0.6, rel=0.05)
    assert values["none"] is not None
    assert values["none"] < 0.5


def test_worlds_have_conditions_of_their_own_and_claims_between_them(tmp_path: Path) -> None:
    found = ran(
        tmp_path,
        worlds=[{"name": "rich"}, {"name": "poor", "changes": {"categories.beans.every": "90d"}}],
        claims=[
            claim("R1", {"outcome": "orders", "arm": "none", "world": "rich",
                         "against": {"world": "poor"}}),
            claim("R2", {"outcome": "orders", "arm": "sent", "world": "poor"}),
        ],
    )  # fmt: skip
    between, within = found.claims
    assert between.low is not None
    assert between.low > 0
    assert {(v.world, v.arm) for v in found.values} == {
        ("rich", "none"), ("poor", "none"), ("poor", "sent"),
    }  # fmt: skip
    assert within.status == "simulated"


def test_what_has_nothing_to_divide_by_fails_alone(tmp_path: Path) -> None:
    found = ran(
        tmp_path,
        outcomes=[*WHOLE["outcomes"], {"name": "opens", "measure": "open_rate"}],
        claims=[claim("R1", {"outcome": "opens", "arm": "sent"}),
                claim("R2", {"outcome": "orders", "arm": "sent"})],
    )  # fmt: skip
    first, second = found.claims
    assert (first.status, second.status) == ("failed", "simulated")
    assert "nothing to divide opens by under none" in first.reason


def test_a_handful_has_no_interval(tmp_path: Path) -> None:
    found = ran(
        tmp_path, customers=40,
        groups=[{"name": "few", "where": [{"did": "order", "top": "20%"}]}],
        claims=[claim("R1", {"outcome": "orders", "arm": "sent", "group": "few"})],
    )  # fmt: skip
    assert (found.claims[0].low, found.claims[0].high) == (None, None)
    assert found.claims[0].simulated is not None


def test_replications_are_more_customers(tmp_path: Path) -> None:
    one = sample(tmp_path, customers=100)
    three = sample(tmp_path, customers=100, replications=3)
    assert len(three.cell) == 300
    assert (three.sums["none"]["orders"].top[:100] == one.sums["none"]["orders"].top).all()
    assert len(set(three.cell.tolist())) > 2.5 * len(set(one.cell.tolist()))


def test_a_ratio_and_a_threshold_are_said_less_it(tmp_path: Path) -> None:
    found = ran(
        tmp_path, customers=300, arms=[NONE, {"name": "dear", "without": "all", "world": DEAR}],
        outcomes=[{"name": "revenue", "measure": "revenue"}],
        claims=[claim("R1", {"outcome": "revenue", "arm": "dear", "as": "ratio"}, threshold=1.5)],
    )  # fmt: skip
    assert found.claims[0].simulated == pytest.approx(0.5, abs=2e-2)


def test_what_all_customers_share_is_clustered_by_replication(tmp_path: Path) -> None:
    """Mailshots are luckier or not for everybody: one replication says nothing of how much."""
    lucky = EVERYBODY_OPENS["changes"] | {"world.mailshot.sd": 1.0}
    given = {
        "base": EVERYBODY_OPENS | {"changes": lucky}, "customers": 100,
        "arms": [NONE | {"name": "plain"}, SENT, {"name": "none", "control": True,
                                                  "without": "all", "journeys": [MAILSHOT]}],
        "outcomes": [{"name": "opens", "any": "open"}, *WHOLE["outcomes"]],
        "claims": [claim("R1", {"outcome": "opens", "arm": "sent", "as": "value"}),
                   claim("R2", {"outcome": "orders", "arm": "sent", "as": "value"}),
                   claim("R3", {"outcome": "orders", "arm": "sent", "as": "value"},
                         over={"outcome": "opens"})],
    }  # fmt: skip
    given["arms"] = [{k: v for k, v in a.items() if a["name"] == "none" or k != "control"}
                     for a in given["arms"]]  # fmt: skip
    one = ran(tmp_path, **given)
    assert [c.low is None for c in one.claims] == [True, False, True]
    ten = ran(tmp_path, replications=10, **given)
    assert all(c.low is not None for c in ten.claims)
    wide, narrow = (c.high - c.low for c in ten.claims[:2])  # type: ignore[operator]
    assert wide > 0
    assert narrow > 0


def test_other_customers_under_another_arm_are_refused(tmp_path: Path) -> None:
    arms = [NONE, {"name": "sent", "without": "all", "world": {"population.customers": 77}}]
    found = study(tmp_path, arms=arms)
    with pytest.raises(ScenarioError, match="has other customers than 'none'"):
        run_study(found)
