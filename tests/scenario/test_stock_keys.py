"""Goods and places that can't be are one line with the key and the nearest right thing."""

from __future__ import annotations

from typing import Any

import pytest

from omnilab.errors import ScenarioError
from omnilab.lowering.model import build_model
from omnilab.scenario import scenario_digest
from omnilab.scenario.model import Scenario
from tests.verification.worlds import build

ONE = {"name": "one", "share": 1.0}
SIZES = {"40": 0.5, "41": 0.5}


def tree(**changes: Any) -> dict[str, Any]:
    """Return a shoe shop as a file has it; ``place`` and ``goods`` change the store's."""
    goods = {"category": "shoes", "units": 10, "review": "7d"} | changes.pop("goods", {})
    place = {"name": "shop", "channels": ["store"], "goods": [goods]} | changes.pop("place", {})
    size = {"name": "size", "popularity": SIZES} | changes.pop("size", {})
    return {
        "id": "shoes-v1",
        "population": {"customers": 100, "town": 50, "personas": [ONE]},
        "categories": [
            {"name": "shoes", "every": "90d", "spend": {"mean": 80.0}, "variants": [size]}
        ],
        "channels": ["web", "store"],
        "stock": {"places": [place]},
        **changes,
    }


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"place": {"goods": []}}, "stock.places.shop.goods: the place shop holds no goods"),
    ({"place": {"channels": []}}, "stock.places.shop.channels: needs at least 1 item"),
    ({"place": {"channels": ["stor"]}}, "did you mean 'store'?"),
    ({"place": {"channels": ["store", "store"]}}, "store sells from shop already"),
    (
        {"stock": {"places": []}},
        "categories.shoes.variants: variants are of no use without a place",
    ),
    ({"population": {"customers": 9, "personas": [ONE]}}, "give population.town"),
    ({"goods": {"category": "shoe"}}, "unknown category 'shoe' (did you mean 'shoes'?)"),
    ({"goods": {"units": -1}}, "stock.places.shop.goods[0].units: -1 must be at least 0"),
    ({"goods": {"review": "0s"}}, "goods[0].review: a period of 0 has no end"),
    ({"goods": {"review": None, "order_point": -3}}, "order_point: -3 must be at least 0"),
    ({"goods": {"order_point": 3}}, "units are ordered by `review` or by `order_point`"),
    ({"goods": {"review": None, "order_point": 11}}, "order_point: 11 is above `units`, 10"),
    ({"goods": {"lot": 3}}, "lot: goes with an `order_point`"),
    ({"goods": {"units": None}}, "goods[0].units: is missing"),
    ({"goods": {"split": {"40": 0.5, "41": 0.4}}}, "split: the shares must add up to 1"),
    ({"goods": {"split": {"40": 0.5, "42": 0.5}}}, "unknown variant '42'; there are 40, 41"),
    ({"goods": {"life": "0s"}}, "goods[0].life: "),
    ({"size": {"popularity": {"40": 1.0, "41": 0.0}}}, "the popularity of 41 is 0"),
    ({"size": {"popularity": {"40": 0.5, "41": 0.4}}}, "the shares must add up to 1"),
    ({"size": {"popularity": {}}}, "names no value"),
    ({"size": {"popularity": {"4 0": 1.0}}}, "names no value such as black, 42 or 8.5"),
]


@pytest.mark.parametrize(("changes", "message"), WRONG, ids=[m for _, m in WRONG])
def test_what_cant_be_is_said_with_its_key(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        build(tree(**changes))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_popularity_that_is_missing_is_said() -> None:
    data = tree()
    del data["categories"][0]["variants"][0]["popularity"]
    with pytest.raises(ScenarioError, match="missing key 'popularity'"):
        build(data)


def test_two_aspects_or_places_of_one_name_are_said() -> None:
    data = tree()
    data["categories"][0]["variants"] *= 2
    with pytest.raises(ScenarioError, match="size"):
        build(data)
    data = tree()
    data["stock"]["places"].append({**data["stock"]["places"][0], "channels": ["web"]})
    with pytest.raises(ScenarioError, match="shop"):
        build(data)


def test_too_many_variants_are_said() -> None:
    data = tree()
    values = {str(n): 1 / 12 for n in range(12)}
    data["categories"][0]["variants"] = [
        {"name": name, "popularity": values} for name in ("size", "colour")
    ]
    with pytest.raises(ScenarioError, match="at most 128 variants"):
        build(data)


def test_units_are_lowered_by_place_and_variant() -> None:
    data = tree(goods={"split": {"40": 0.2, "41": 0.8}})
    data["stock"]["places"].append({
        "name": "house", "channels": ["web"], "ships": "2d",
        "goods": [{"category": "shoes", "units": 5, "order_point": 3, "lot": 4, "lead": "9d"}],
    })  # fmt: skip
    model = build_model(build(data))
    assert model.stock_at.tolist() == [1, 0]
    assert model.supply.level.tolist() == [2, 8, 3, 2]
    assert model.supply.order_point.tolist() == [-1, -1, 2, 1]
    assert model.supply.lot.tolist() == [0, 0, 4, 4]
    assert model.supply.review.tolist() == [7 * 86400] * 2 + [0, 0]
    assert model.stock_place.ships.tolist() == [-1, 2 * 86400]
    assert model.stock.on == 1


def test_goods_without_units_are_as_no_goods_at_all() -> None:
    data = tree()
    data["stock"]["places"][0]["goods"] = [{"category": "shoes"}]
    del data["population"]["town"]
    model = build_model(build(data))
    assert model.stock.on == 0
    assert len(model.supply) == len(model.variant) == 0
    assert model.stock_at.tolist() == [-1, -1]


def test_where_nothing_runs_out_all_is_as_without_places() -> None:
    data = tree()
    data["stock"]["runs_out"] = False
    model = build_model(build(data))
    assert model.stock.on == 0
    assert len(model.supply) == 0


def test_a_scenario_without_stock_keeps_its_digest(shops: tuple[Scenario, Scenario]) -> None:
    plain, written = shops
    assert scenario_digest(plain) == scenario_digest(written)


@pytest.fixture
def shops() -> tuple[Scenario, Scenario]:
    """Return the shop without goods, and with all that came later written at its default."""
    data = tree()
    del data["stock"], data["categories"][0]["variants"]
    plain = build(data)
    data["stock"] = {"places": [], "feed": 0}
    data["world"] = {"stock": {"worth": 2.2}}
    return plain, build(data)
