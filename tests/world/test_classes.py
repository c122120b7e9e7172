"""Classes of customers, amounts with a tail, amounts that go with frequency: by their formulas."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from omnilab.cell.memory import Cell
from omnilab.engine.loop import people
from omnilab.errors import ScenarioError
from omnilab.lowering.model import build_model
from omnilab.scenario import scenario_digest
from omnilab.world import classes
from tests.plain import plain
from tests.verification.test_needs import purchase_world
from tests.verification.worlds import (
    digests,
    frame,
    load,
    log,
    of_kinds,
    run,
    world,
)
from tests.worlds import cell_of, corner, drawn, inhabited, record

N = 3000
SHARES = (0.62, 0.3, 0.08)
CLASSES: list[dict[str, Any]] = [
    {"name": "households", "share": 0.62, "needs": 0.5, "shape": 0.8},
    {"name": "heavy", "share": 0.3, "needs": 3.0, "shape": 2.5,
     "spend": {"times": 1.5, "law": "lognormal", "order_sd": 0.4, "customer_sd": 0.5,
               "with_rate": 0.6}},
    {"name": "wholesale", "share": 0.08, "needs": 2.0, "dropout": {"a": 1.0, "b": 30.0},
     "spend": {"times": 9.0, "p": 3.0, "q": 8.0}},
]  # fmt: skip
BEANS = {"name": "beans", "every": "12d", "shape": 1.4, "spend": {"mean": 20.0, "q": 5.0}}
CUPS = {"name": "cups", "every": "40d", "spend": {"mean": 45.0, "with_rate": -0.5}}


def born_in(scenario: Any, n: int = N) -> tuple[Any, Cell]:
    model = build_model(scenario)
    cell = cell_of(n, model)
    people(cell, model, 0, n, np.ones(n, np.int64))
    return model, cell


@cache
def three() -> tuple[Any, Cell, Any]:
    """Return the model, the persons, and the class of each by the address of the draw."""
    model, cell = born_in(corner(population={"classes": CLASSES}, categories=[BEANS, CUPS]))
    cumulative = np.cumsum(SHARES)[:-1]
    of_class = [
        int(np.searchsorted(cumulative, drawn(model, classes.CUSTOMER_CLASS, p.entity, 0)[0],
                            side="right"))
        for p in cell.person[:N]
    ]  # fmt: skip
    return model, cell, np.array(of_class)


def test_each_person_is_of_the_class_of_an_own_draw() -> None:
    _, cell, of_class = three()
    assert (cell.person.first_demand[:N] == 2 * of_class).all()
    found = np.bincount(of_class) / N
    np.testing.assert_allclose(found, SHARES, atol=4 * math.sqrt(0.25 / N))


def test_rates_and_leaving_are_those_of_the_class() -> None:
    _, cell, of_class = three()
    for k, (needs, shape, a, b) in enumerate(
        ((0.5, 0.8, 0.793, 2.426), (3.0, 2.5, 0.793, 2.426), (2.0, 1.4, 1.0, 30.0))
    ):
        who = np.flatnonzero(of_class == k)
        persona = np.where(cell.person.persona[who] == 0, 1.5, 1.0)
        rate = cell.rate[who, 0] / persona * 12 * 24 / needs * shape
        assert stats.kstest(rate, stats.gamma(shape).cdf).pvalue > 1e-4
        assert stats.kstest(cell.person.dropout[who], stats.beta(a, b).cdf).pvalue > 1e-4


def test_spend_keeps_its_law_whatever_goes_with_it() -> None:
    _, cell, of_class = three()
    households, heavy, wholesale = (cell.spend[:N, 0][of_class == k] for k in range(3))
    # By the category's q and p of Gamma-Gamma: mean / (q - 1) over a gamma of q, an order's p.
    law = stats.invgamma(5.0, scale=20.0 * 4.0)
    assert stats.kstest(households * 6.25, law.cdf).pvalue > 1e-4
    law = stats.lognorm(0.5, scale=30.0 * math.exp(-0.125))
    assert stats.kstest(heavy, law.cdf).pvalue > 1e-4
    law = stats.invgamma(8.0, scale=180.0 * 7.0)
    assert stats.kstest(wholesale * 3.0, law.cdf).pvalue > 1e-4


def test_spend_goes_with_frequency_as_the_copula_says() -> None:
    """Spearman's correlation of a Gaussian copula of r is 6 / pi * asin(r / 2)."""
    _, cell, of_class = three()
    persona = np.where(cell.person.persona[:N] == 0, 1.5, 1.0)
    for category, k, r in ((0, 0, 0.0), (0, 1, 0.6), (1, 0, -0.5), (1, 1, 0.6), (1, 2, -0.5)):
        who = of_class == k
        found = stats.spearmanr((cell.rate[:N, category] / persona)[who],
                                cell.spend[:N, category][who])[0]  # fmt: skip
        expected = 6.0 / math.pi * math.asin(r / 2.0)
        assert abs(found - expected) < 4.0 / math.sqrt(who.sum()), (category, k, found, expected)


@pytest.mark.parametrize("r", [-0.99, -0.3, 0.2, 0.99])
def test_the_uniform_of_spend_is_the_formulas_and_never_0_or_1(r: float) -> None:
    law = record(classes.Demand, with_rate=r, alone=math.sqrt(1 - r * r))
    draw = plain(classes.spend_uniform)
    for u in (1e-9, 0.03, 0.5, 0.8, 1 - 1e-9):
        for v in (1e-9, 0.1, 0.6, 1 - 1e-9):
            z = r * special.ndtri(u) + math.sqrt(1 - r * r) * special.ndtri(1.0 - v)
            found = draw(law, u, v)
            assert found == pytest.approx(float(special.ndtr(-z)), rel=1e-6, abs=1e-11)
            assert 0.0 < found < 1.0
    assert draw(record(classes.Demand, with_rate=0.0, alone=1.0), 0.3, 0.123) == 0.123


def test_orders_have_the_mean_and_spread_of_the_mixture_and_more_of_those_who_buy_often() -> None:
    """Two lognormal classes: mean, sd over customers, and the mean over orders in closed form."""
    within, between, r = 0.5, 0.6, 0.9
    spend = {"mean": 30.0, "law": "lognormal", "order_sd": within, "customer_sd": between}
    mixture = [
        {"name": "many", "share": 0.8},
        {"name": "few", "share": 0.2, "needs": 2.0, "spend": {"times": 5.0, "with_rate": r}},
    ]
    n = 3000
    scenario = purchase_world(n, 365, every="12d", shape=1.5, spend=spend).changed(
        {"population": {"dropout": {"a": 0.001, "b": 1000.0}, "classes": mixture}}
    )
    rows = of_kinds(log(run(scenario, load(scenario, "no_contact")), "no_contact"), "order")
    orders = np.bincount(rows["person"], minlength=n)
    total = np.bincount(rows["person"], weights=rows["paid"] / 100.0, minlength=n)
    # Needs of the classes are 1 to 2; of the second, a frequent customer spends more: E[S L] with
    # log S of score r z: exp(r s z) tilts the gamma law of the rate, by quadrature.
    z = special.ndtri((np.arange(20_000) + 0.5) / 20_000)
    rate = special.gammaincinv(1.5, special.ndtr(z)) / 1.5
    tilt = (rate * np.exp(r * between * z - 0.5 * (r * between) ** 2)).mean()
    assert tilt > 1.3
    per_order = (0.8 * 30.0 + 0.2 * 2.0 * 150.0 * tilt) / (0.8 + 0.4)
    per_customer = total.sum() / orders.sum()
    error = np.sqrt(((total - per_customer * orders) ** 2).sum()) / orders.sum()
    assert abs(per_customer - per_order) < 4 * error, (per_customer, per_order, error)
    assert abs(per_customer - 30.0 * (0.8 + 0.4 * 5.0) / 1.2) > 4 * error  # without correlation
    # An order's logarithm, given the person, has the spread of the law.
    logs = np.log(rows["paid"] / 100.0)
    own = np.bincount(rows["person"], weights=logs, minlength=n) / np.maximum(orders, 1)
    square = ((logs - own[rows["person"]]) ** 2).sum() / (len(logs) - (orders > 0).sum())
    assert square == pytest.approx(within**2, rel=0.03)


def test_a_history_has_the_order_law_of_its_class() -> None:
    history = {"share": 1.0, "orders": 4, "alive": 1.0, "shape": 2.0, "every": "9d", "q": 6.0,
               "spend": 70.0, "dropout": {"a": 1.0, "b": 9.0}}  # fmt: skip
    two = [history | {"member_of": "heavy"}, history | {"member_of": "wholesale"}]
    model = build_model(corner(
        population={"histories": two, "classes": CLASSES}, categories=[BEANS]
    ))  # fmt: skip
    assert model.history.member_of.tolist() == [1, 2]
    # of mean 70 whatever the law: scale / (q - 1) times the mean of the order's table
    assert model.history.spend_scale.tolist() == pytest.approx([70 * 5 / 1.0, 70 * 5 / 3.0])
    cell = inhabited(model, 40)
    first = set(cell.person.first_demand[:40].tolist())
    assert first == {1, 2}


# Logs


def test_off_is_the_scenario_and_the_log_that_were() -> None:
    categories = world().model_dump()["categories"]
    for category in categories:
        category["spend"] |= {"law": "gamma", "with_rate": 0.0, "order_sd": 0.7}
    before, after = world(), world().changed({"categories": categories})
    assert scenario_digest(before) == scenario_digest(after)
    one = before.changed({"population": {"classes": [{"name": "all", "share": 1.0}]}})
    assert scenario_digest(one) != scenario_digest(before)
    results = [digests(run(s, load(s, "omnichannel"))) for s in (before, after, one)]
    assert results[0] == results[1] == results[2]


def test_both_engines_have_the_same_log() -> None:
    scenario = world(population={"customers": 20, "classes": CLASSES})
    strategies = load(scenario, "omnichannel", "multichannel")
    compiled, plain_ = (digests(run(scenario, strategies, engine=e)) for e in ("compiled", "simpy"))
    assert compiled == plain_


def test_amounts_move_no_need() -> None:
    """Laws of amounts and their correlation with rates change what is paid, and nothing else."""
    before = world(population={"customers": 60})
    categories = before.model_dump()["categories"]
    for category in categories:
        category["spend"] |= {"law": "lognormal", "with_rate": 0.7}
    after = before.changed({"categories": categories})
    one, other = (frame(run(s, load(s, "no_contact")), "no_contact") for s in (before, after))
    one, other = (t[t["kind"] == "need"] for t in (one, other))
    assert (one[["time", "person", "need"]].to_numpy()
            == other[["time", "person", "need"]].to_numpy()).all()  # fmt: skip
    assert (one["value"].to_numpy() != other["value"].to_numpy()).mean() > 0.9


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"classes": CLASSES[:2]}, "the shares of classes must add up to 1, they add up to 0.92"),
        ({"classes": [CLASSES[0] | {"share": 0.5}, CLASSES[0] | {"share": 0.5}]},
         "two classes are named 'households'"),
        ({"classes": [{"name": "all", "share": 1.0, "spend": {"with_rate": 1.2}}]}, "with_rate"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_an_error_that_names_it(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        world(population=change)


def test_a_history_of_no_class_is_an_error_with_the_nearest() -> None:
    history = {"share": 1.0, "orders": 4, "alive": 1.0, "shape": 2.0, "every": "9d", "q": 6.0,
               "spend": 70.0, "dropout": {"a": 1.0, "b": 9.0}, "member_of": "heavvy"}  # fmt: skip
    with pytest.raises(ScenarioError, match=r"member_of: unknown 'heavvy'.*heavy"):
        corner(population={"histories": [history], "classes": CLASSES}, categories=[BEANS])
