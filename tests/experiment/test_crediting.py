"""Credit beside the truth: what is always so, whatever the numbers."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from omnilab.attribution.models import MODELS
from omnilab.brand.sharing import Sharing
from omnilab.errors import OptionError
from omnilab.experiment import crediting
from omnilab.experiment.channel_twins import channels_in_use, chosen_channels, without_channel
from omnilab.experiment.compare import compare
from omnilab.experiment.credit_options import read_asked
from omnilab.experiment.crediting import Crediting, credit_channels
from omnilab.experiment.identity_errors import with_oracle
from omnilab.report.credit import credit_data, credit_document, credit_html, credit_page
from omnilab.strategy.loading import load_strategy
from tests.worlds import corner

SMALL = {
    "time": {"burn_in": "20d", "window": "60d", "run_out": "5d"},
    "population": {"customers": 40},
}


def credited(scenario: Any, strategy: str = "omnichannel", **options: Any) -> Crediting:
    loaded = load_strategy(strategy, scenario)
    return credit_channels(scenario, loaded, read_asked(loaded, scenario, **options))


@pytest.fixture(scope="module")
def found() -> Crediting:
    return credited(corner(**SMALL))


def test_credits_add_up_to_the_orders_of_the_run(found: Crediting) -> None:
    scenario = corner(**SMALL)
    run = compare(scenario, [load_strategy("omnichannel", scenario)])
    sums = run.moments.sums("omnichannel")
    assert found.orders == sums["n_order"] > 10
    for part in (found.seen, found.true):
        for model in MODELS:
            total = [sum(x) for x in zip(*part[model].values(), strict=True)]
            assert total == pytest.approx([sums["n_order"], sums["revenue"], sums["margin"]])


def test_what_is_spent_is_what_the_channels_cost(found: Crediting) -> None:
    scenario = corner(**SMALL)
    run = compare(scenario, [load_strategy("omnichannel", scenario)])
    cost = run.moments.estimate("contact_cost", "omnichannel").value
    assert sum(found.costs.values()) == pytest.approx(cost * 40)


def test_the_truth_is_the_paired_difference_to_the_strategy_without(found: Crediting) -> None:
    scenario = corner(**SMALL)
    loaded = load_strategy("omnichannel", scenario)
    twin = without_channel(loaded, scenario, "email")
    run = compare(scenario, [loaded, twin])
    with_it, without = (run.moments.sums(s.name)["n_order"] for s in (loaded, twin))
    truth = found.truth["email"]["orders_per_customer"]
    assert truth.value == pytest.approx(with_it - without)
    assert truth.low < truth.value < truth.high
    ltv = run.moments.difference("ltv", twin.name, loaded.name)
    cut = next(c for c in found.cuts() if c.channel == "email")
    assert cut.ltv.value == pytest.approx(ltv.value)
    assert (cut.ltv.low, cut.ltv.high) == pytest.approx((ltv.low, ltv.high))


def test_in_a_world_where_nobody_sees_a_message_the_truth_is_zero() -> None:
    channels = [dict(c) for c in corner().model_dump(mode="json")["channels"]]
    for c in channels:
        if c["message"]:
            c["message"] |= {"open": 0.0, "click": 0.0, "opt_out": 0.0}
    scenario = corner(channels=channels, **SMALL)
    none = credited(scenario)
    assert sum(none.sends.values()) > 50
    for by in none.truth.values():
        orders = by["orders_per_customer"]
        assert (orders.value, orders.low, orders.high) == (0.0, 0.0, 0.0)
    # What the brand's own numbers say of places is no error: it cannot be cut.
    assert none.error("last_click") == 0.0


def test_with_an_oracle_the_brands_paths_are_the_true_ones(monkeypatch: Any) -> None:
    books: list[Any] = []

    class Kept(crediting._Books):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            books.append(self)

    monkeypatch.setattr(crediting, "_Books", Kept)
    world = {"response": {"view_through": 0.0}}
    for scenario in (with_oracle(corner(world=world, **SMALL)), corner(world=world, **SMALL)):
        credited(scenario, twins=False)

    def paths(of: Any) -> Counter[Any]:
        return Counter((p.sources, p.end, p.orders, p.revenue) for p in of)

    knowing, guessing = books
    assert paths(knowing.seen) == paths(knowing.true)
    assert sum(len(p.touches) > 1 for p in knowing.seen) > 10
    assert paths(guessing.seen) != paths(guessing.true)


def test_an_error_is_known_as_well_as_the_truth_is(found: Crediting) -> None:
    one = credited(corner(**SMALL), channels=["email"], models=["linear"])
    truth, wrong = one.truth["email"]["orders_per_customer"], one.wrong("linear")
    assert wrong.value == one.error("linear") > 0.0
    # One channel is off by its credit less the truth, so both are as wide.
    assert wrong.high - wrong.value == pytest.approx((truth.high - truth.value) / one.orders)
    assert wrong.low == pytest.approx(max(0.0, wrong.value - (wrong.high - wrong.value)))
    widths = [by["orders_per_customer"] for by in found.truth.values()]
    for model in MODELS:  # of several channels at most as wide as all of theirs
        wide = found.wrong(model)
        assert wide.value == found.error(model)
        most = sum(t.high - t.value for t in widths) / found.orders
        assert 0.0 < wide.high - wide.value <= most * (1.0 + 1e-9)


def test_without_twins_there_is_no_truth_and_the_credits_are_the_same(found: Crediting) -> None:
    quick = credited(corner(**SMALL), twins=False)
    assert quick.seen == found.seen
    assert (quick.truth, quick.error("linear")) == ({}, None)
    assert quick.wrong("linear") == (None, None, None, None, None)
    document = credit_document(quick)
    assert "true increment" not in document.tables[0].columns
    assert "leave --quick out" in document.notes[-1]


def test_more_replications_add_up(found: Crediting) -> None:
    scenario = corner(**SMALL)
    loaded = load_strategy("omnichannel", scenario)
    asked = read_asked(loaded, scenario, models=["linear"], channels=["push"])
    two = credit_channels(scenario, loaded, asked, replications=2)
    assert two.orders > found.orders
    total = sum(c.orders for c in two.seen["linear"].values())
    assert total == pytest.approx(two.orders)


def test_a_strategy_without_a_channel_goes_on_with_the_next() -> None:
    scenario = corner()
    loaded = load_strategy("omnichannel", scenario)
    assert channels_in_use(loaded.plan, scenario) == ("email", "push", "ad")
    plan = without_channel(loaded, scenario, "email").plan
    cart, news = plan.journeys
    assert cart.steps[1].message.channels == ("push",)
    assert news.steps[0].message.channels == ("ad",)
    assert plan.sharing == Sharing.every("all") == loaded.plan.sharing


def test_a_message_without_a_channel_left_lets_all_go_on() -> None:
    steps = [
        {"split": {"has": "cart", "otherwise": "skip", "skip": 1}},
        {"message": {"channels": ["push"]}},
        {"message": {"channels": ["email"]}},
    ]
    journeys = [
        {"name": "a", "trigger": "cart", "sequence": ["app"], "steps": steps},
        {"name": "b", "trigger": "order", "sequence": ["app"], "steps": steps[1:2]},
    ]
    scenario = corner(brand={"journeys": journeys})
    twin = without_channel(load_strategy("omnichannel", scenario), scenario, "push")
    (kept,) = twin.plan.journeys  # the one without messages is not there
    assert [s.cohort for s in kept.steps] == [None, 1.0, None]
    assert kept.steps[0].split.skip == 1


def test_which_share_each_platform_finds() -> None:
    """What is asked for one channel goes before its own `match`, and that before all others'."""
    ads = [
        {"preset": "social_ad", "name": name, "silo": name, "message": side}
        for name, side in (("one", {"match": 0.3}), ("two", {"match": 0.3}), ("three", {}))
    ]
    mail = {"message": {"channels": ["one", "two", "three"]}}
    journey = {"name": "a", "trigger": "cart", "sequence": ["web"], "steps": [mail]}
    scenario = corner(
        channels=["web", "app", "store", "email", *ads], brand={"journeys": [journey]}
    )
    loaded = load_strategy("omnichannel", scenario)

    def rates(*match: str) -> list[float]:
        asked = read_asked(loaded, scenario, match=match)
        return [asked.match_of(name) for name in ("one", "two", "three", "web")]

    assert rates() == [0.3, 0.3, 0.55, 0.55]
    assert rates("two=80%", "40%") == [0.3, 0.8, 0.4, 0.4]
    for match, words in (
        (["twoo=80%"], r"--match: no ads are shown on 'twoo' \(did you mean 'two'"),
        (["two=180%"], r"--match: .*above 100%"),
        (["40%", "50%"], r"--match: 40% and 50% for all platforms"),
    ):
        with pytest.raises(OptionError, match=words):
            read_asked(loaded, scenario, match=match)


def test_bad_input_is_said_with_the_nearest_right_thing() -> None:
    scenario = corner()
    loaded = load_strategy("omnichannel", scenario)

    def fails(words: str, **options: Any) -> None:
        with pytest.raises(OptionError, match=words):
            read_asked(loaded, scenario, **options)

    fails(r"--lookback: 0 joins nothing", lookback="0d")
    fails(r"--half-life: 0 leaves nothing", half_life="0d")
    fails(r"--lookback: .*30dd", lookback="30dd")
    fails(r"--channel: there is no channel 'emial' \(did you mean 'email'\?\)", channels=["emial"])
    fails(r"--channel: omnichannel sends nothing and buys nothing over 'web'", channels=["web"])
    fails(r"--model: .*'last_clik' \(did you mean 'last_click'\?\)", models=["last_clik"])
    fails(r"--consent: .*above 100%", consent="120%")
    quiet = load_strategy("no_contact", scenario)
    with pytest.raises(OptionError, match="no_contact sends no message and buys no click"):
        chosen_channels(quiet, scenario)


def test_reports_say_what_the_data_say(found: Crediting) -> None:
    data = credit_data(found)
    assert data["format"] == "omnilab-credit-v1"
    assert {c["channel"] for c in data["channels"]} == {"email", "push", "ad"}
    assert len(data["credits"]) == 2 * len(MODELS) * len(found.sources)
    assert [cut["by"] for cut in data["cuts"]] == [*MODELS, "truth"]
    page, html = credit_page(found, "omnilab credit x"), credit_html(found, "omnilab credit x")
    for text in (page, html):
        assert "Made by" in text or "omnilab credit x" in text
        assert "true increment" in text
        assert "position based" in text
    table = credit_document(found).tables[0]
    assert len({len(cells) for _, cells in table.rows}) == 1
    assert table.rows[-1][0] == "all"
