"""What a need wants, and what a person does without it, are what their formulas say."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from omnilab.brand.sharing import ALL, HANDOFF, SILO
from omnilab.engine.loop import people
from omnilab.interaction import stock as steps
from omnilab.lowering.model import build_model
from omnilab.lowering.stock import parted
from omnilab.scenario.model import Scenario
from omnilab.world.stock import loss, pick_option, variant_wanted, weigh_substitutes
from tests.plain import plain
from tests.verification.worlds import build
from tests.worlds import cell_of, middles, plan_of

BRANDS = {"a": 0.3, "b": 0.25, "c": 0.2, "d": 0.15, "e": 0.1}
SIZES = {"s": 0.2, "m": 0.5, "l": 0.3}
WEEK = 7 * 86400.0


def shop(
    channels: tuple[str, ...] = ("store", "web", "app"), variants: Any = None, **goods: Any
) -> Scenario:
    """Return a shop of one category of goods whose brands differ; the store holds 50 of them."""
    brand = {"name": "brand", "popularity": BRANDS}
    return build({
        "id": "shelf-v1",
        "population": {"customers": 100, "town": 100,
                       "personas": ["enthusiast", "uninvolved", "store_focused"]},
        "categories": [{"name": "food", "every": "10d", "spend": {"mean": 10.0},
                        "variants": variants or [brand]}],
        "channels": list(channels),
        "stock": {"places": [{"name": "high_street", "channels": ["store"], "goods": [
            {"category": "food", "units": 50, **goods}]}]},
    })  # fmt: skip


class Empty:
    """A town whose store is out of what is wanted, and has all the rest."""

    def __init__(self, scenario: Scenario, persons: int = 40) -> None:
        self.scenario, self.model = scenario, build_model(scenario)
        self.cell = cell_of(persons, self.model, plan_of(scenario))
        plain(people)(self.cell, self.model, 0, persons, np.ones(persons, np.int64))
        self.names = [c.name for c in scenario.channels]

    def weights(
        self, wanted: int, left: float, sees: int = SILO, who: int = 0, at: str = "store"
    ) -> dict[str, float]:
        """Return the weight of each thing that the person may do."""
        model, cell = self.model, self.cell
        place = int(model.stock_at[self.names.index(at)])
        for shelf in cell.shelf:
            shelf.free = 9
        cell.shelf[place * int(model.stock.variants) + wanted].free = 0
        visit = SimpleNamespace(who=who, channel=self.names.index(at))
        n = plain(steps._weigh)(cell, model, 0, visit, 0, wanted, left, sees)
        x = cell.option[:n].tolist()
        c, p = len(self.names), int(model.stock.places)
        found = dict(zip(self.names, x[:c], strict=True))
        found |= {f"ship {i}": w for i, w in enumerate(x[c : c + p])}
        found |= {f"take {j}": w for j, w in enumerate(x[c + p : -3])}
        return found | dict(zip(("wait", "rival", "nothing"), x[-3:], strict=True))


def test_each_variant_is_wanted_as_often_as_it_is_popular() -> None:
    size, brand = ({"name": "size", "popularity": SIZES}, {"name": "brand", "popularity": BRANDS})
    model = build_model(shop(variants=[size, brand]))
    wants = plain(variant_wanted)
    n = 3000
    found = np.zeros(15)
    for entity in range(n):
        found[wants(model, record_of(entity), 0, 7)] += 1
    expected = np.outer(list(SIZES.values()), list(BRANDS.values())).ravel()
    assert model.variant.popularity.tolist() == pytest.approx(expected.tolist())
    chi = ((found - n * expected) ** 2 / (n * expected)).sum()
    assert chi < 36.1  # 14 degrees of freedom, one in a thousand


def record_of(entity: int) -> Any:
    """Return what of a person the draw of a variant needs."""
    return SimpleNamespace(entity=entity)


def test_what_is_personal_stays_and_the_rest_changes_from_need_to_need() -> None:
    model = build_model(shop(variants=[
        {"name": "size", "popularity": SIZES, "personal": True},
        {"name": "brand", "popularity": BRANDS}]))  # fmt: skip
    wants = plain(variant_wanted)
    for entity in range(20):
        found = [wants(model, record_of(entity), 0, need) for need in range(40)]
        assert len({v // 5 for v in found}) == 1
        assert len({v % 5 for v in found}) > 2


def test_what_differs_adds_up_over_aspects_and_over_steps_of_ordered_ones() -> None:
    model = build_model(shop(variants=[
        {"name": "size", "popularity": SIZES, "ordered": True, "differs": 2.0},
        {"name": "brand", "popularity": BRANDS, "differs": 0.5}]))  # fmt: skip
    for i in range(15):
        for j in range(15):
            expected = 2.0 * abs(i // 5 - j // 5) + 0.5 * (i % 5 != j % 5)
            assert plain(loss)(model, 0, i, j) == expected


def test_the_weights_are_those_of_the_formulas() -> None:
    town = Empty(shop())
    s, left = town.scenario.world.stock, 3 * WEEK
    x = town.weights(0, left)
    assert x["nothing"] == 1.0
    assert x["rival"] == pytest.approx(0.5 * math.exp(s.worth - s.effort - s.attached))
    assert x["wait"] == pytest.approx(math.exp(s.worth - s.effort - s.waiting * WEEK / left))
    others = sum(x[f"take {j}"] for j in range(5))
    assert others == pytest.approx(math.exp(s.worth - s.differs))
    assert x["take 1"] / x["take 4"] == pytest.approx(2.5)
    assert x["store"] == x["ship 0"] == x["take 0"] == 0.0
    persona = town.scenario.population.personas[int(town.cell.person[0].persona)]
    taste = {c.name: c.visit.utility + persona.prefers.get(c.name, 0.0) for c in
             town.scenario.channels if c.visit}  # fmt: skip
    if town.cell.person[0].reach & 2:
        gain = taste["web"] - taste["store"]
        assert x["web"] == pytest.approx(
            s.belief * math.exp(s.worth - s.effort * s.screen + gain), rel=1e-12
        )


def test_a_dearer_wait_and_a_closer_substitute_draw_and_no_place_shows_nothing() -> None:
    town, left = Empty(shop()), 3 * WEEK
    assert town.weights(0, left / 6)["wait"] < town.weights(0, left)["wait"]
    near = Empty(shop(variants=[{"name": "brand", "popularity": BRANDS, "differs": 0.1}]))
    assert near.weights(0, left)["take 1"] > town.weights(0, left)["take 1"]
    who = next(i for i in range(40) if int(town.cell.person[i].reach) & 2)
    assert town.weights(0, left, ALL, who)["web"] == town.weights(0, left, SILO, who)["web"] > 0


def test_to_part_a_variant_in_two_alike_ones_moves_nothing() -> None:
    """The eye falls on goods by popularity, however finely they are told apart."""
    parts = {"a": 0.3, "b1": 0.125, "b2": 0.125, "c": 0.2, "d": 0.15, "e": 0.1}
    whole, fine = Empty(shop()), Empty(shop(variants=[{"name": "brand", "popularity": parts}]))
    x, y = whole.weights(0, WEEK), fine.weights(0, WEEK)
    assert y["take 1"] + y["take 2"] == pytest.approx(x["take 1"])
    assert y["take 3"] == pytest.approx(x["take 2"])


def test_nobody_takes_a_substitute_that_is_out_too() -> None:
    town = Empty(shop())
    for shelf in town.cell.shelf:
        shelf.free = 0
    town.cell.shelf[3].free = 1
    plain(weigh_substitutes)(town.cell, town.model, 0, 0, 0, 0, town.cell.option)
    assert [j for j in range(5) if town.cell.option[j] > 0] == [3]


def test_options_are_picked_in_proportion_to_their_weights() -> None:
    option = np.array([0.0, 1.0, 0.0, 3.0, 0.0])
    picked = [plain(pick_option)(option, 5, u) for u in middles(400)]
    assert np.bincount(picked, minlength=5).tolist() == [0, 100, 0, 300, 0]


def test_what_other_places_are_seen_to_have_decides_where_one_goes() -> None:
    scenario = shop().changed({"stock": {"places": [
        {"name": "high_street", "channels": ["store"], "ships": "1d",
         "goods": [{"category": "food", "units": 50}]},
        {"name": "warehouse", "channels": ["web"], "ships": "2d",
         "goods": [{"category": "food", "units": 50}]}]}})  # fmt: skip
    town, left = Empty(scenario), 3 * WEEK
    s = scenario.world.stock
    who = next(i for i in range(40) if int(town.cell.person[i].reach) & 2)
    blind, asked, seen = (town.weights(0, left, sees, who) for sees in (SILO, HANDOFF, ALL))
    assert blind["ship 1"] == asked["ship 1"] == 0.0
    ship = math.exp(s.worth - s.waiting * 2 * 86400 / left)
    assert seen["ship 1"] == pytest.approx(ship)
    assert blind["web"] == pytest.approx(s.belief * asked["web"])
    assert asked["web"] == seen["web"]
    town.cell.person[who].kept_shelf = 6  # one reservation at a time
    assert town.weights(0, left, ALL, who)["web"] == 0.0


#: Corsten and Gruen 2004, in percent: under half take a substitute, 21 to 43 buy elsewhere, 7 to 25
#: buy nothing. Over all studies 45, 31 and 9, and 15 delay.
RANGES = {"substitute": (0, 50), "elsewhere": (21, 43), "nothing": (7, 25)}


def answers(town: Empty, n: int = 1200) -> dict[str, float]:
    """Return percentages of what people do: needs as popular and as patient as they are."""
    rng = np.random.default_rng(7)
    model, persons = town.model, 40
    total = dict.fromkeys(("substitute", "elsewhere", "wait", "nothing"), 0.0)
    for _ in range(n):
        wanted = int(rng.choice(5, p=model.variant.popularity))
        left = max(rng.exponential(float(model.cat[0].patience)), 1.0)
        x = town.weights(wanted, left, SILO, int(rng.integers(persons)))
        whole = sum(x.values()) / 100.0 * n
        total["wait"] += x["wait"] / whole
        total["nothing"] += x["nothing"] / whole
        total["substitute"] += sum(x[f"take {j}"] for j in range(5)) / whole
        total["elsewhere"] += (x["rival"] + x["web"] + x["app"]) / whole
    return total


def test_the_answers_to_a_stock_out_are_in_the_published_ranges() -> None:
    """With the default numbers, in a chain with a store, a web shop and an app."""
    found = answers(Empty(shop()))
    assert sum(found.values()) == pytest.approx(100.0)
    for name, (low, high) in RANGES.items():
        assert low - 3 <= found[name] <= high + 3, (name, found)
    assert 12 <= found["wait"] <= 18


def test_the_answers_hang_on_the_situation() -> None:
    """They are no shares that somebody wrote down: another world has others."""
    usual = answers(Empty(shop()), 300)
    shoes = shop(variants=[{"name": "brand", "popularity": BRANDS, "differs": 4.0}])
    found = answers(Empty(shoes), 300)
    assert found["substitute"] < 10 < usual["substitute"]
    assert found["elsewhere"] > usual["elsewhere"] + 10
    hurried = shop().changed({"categories": [
        {**shop().model_dump()["categories"][0], "patience": 2 * 86400}]})  # fmt: skip
    assert answers(Empty(hurried), 300)["wait"] < usual["wait"] - 5


def test_units_are_parted_by_shares_into_whole_ones_that_add_up() -> None:
    assert parted(10, [0.5, 0.3, 0.2]) == [5, 3, 2]
    assert parted(3, [0.5, 0.3, 0.2]) == [1, 1, 1]
    assert parted(0, [1.0]) == [0]
    for units in range(40):
        whole = parted(units, list(BRANDS.values()))
        assert sum(whole) == units
        assert all(abs(w - units * s) < 1 for w, s in zip(whole, BRANDS.values(), strict=True))


def test_a_record_of_a_shelf_begins_full() -> None:
    town = Empty(shop())
    assert town.cell.shelf.free.tolist() == parted(50, list(BRANDS.values()))
