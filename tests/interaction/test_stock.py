"""At a place without the good: each thing a person may do, what it moves, and what is promised."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from omnilab.brand.sharing import ALL, HANDOFF, SILO
from omnilab.cell import queue
from omnilab.cell.visit import Stay
from omnilab.interaction.need import add_need
from omnilab.interaction.supply import BACK, LAPSES, pack
from omnilab.kernels.record import record_array
from omnilab.log import rows
from omnilab.lowering.model import build_model
from tests.plain import plain
from tests.worlds import (
    APP,
    DAY,
    STORE,
    WEB,
    corner,
    due,
    eager,
    happen,
    logged,
    needs_of,
    plan_of,
    quiet,
)

HOUSE, SHOP = 0, 1  # places
T = 12 * 3600
COLOURS = [{"name": "colour", "popularity": {"red": 0.5, "blue": 0.5}}]


def corner_shop(**stock: Any) -> Any:
    """Return the corner shop with a house for web and app and a shop, both with red and blue."""
    tree = corner().model_dump()
    goods = [{"category": "beans", "units": 4, "order_point": 0, "lead": "2d"}]
    places = [
        {"name": "house", "channels": ["web", "app"], "ships": "2d", "goods": goods},
        {"name": "shop", "channels": ["store"], "ships": "1d", "goods": goods},
    ]
    return corner(
        population={"town": 40},
        categories=[{**c, "variants": COLOURS if n == 0 else []}
                    for n, c in enumerate(written(tree["categories"]))],
        stock={"places": places, **stock},
    )  # fmt: skip


def written(categories: Any) -> list[dict[str, Any]]:
    """Return the corner shop's categories as a file has them."""
    return [
        {"name": c["name"], "every": f"{c['every'] // DAY}d", "regularity": c["regularity"],
         "spend": {"mean": c["spend"]["mean"]}} for c in categories
    ]  # fmt: skip


class Visit:
    """A person who goes to the store for beans of which it has none left in that colour.

    Parameters
    ----------
    sees
        The choice `stock`.
    only
        What alone the person will do, by turning off the rest.
    """

    def __init__(self, sees: int = SILO, *, stock: Any = None, **terms: float) -> None:
        scenario = corner_shop(**(stock or {}))
        self.plan = plan_of(scenario, rules={"stock": sees})
        arrays = {name: a.copy() for name, a in build_model(scenario).arrays().items()}
        for name, value in ({"annoys": 0.0} | terms).items():
            arrays["stock"][name][0] = value
        arrays["tips"]["per_order"][0] = 0.0
        for c in (WEB, APP, STORE):
            arrays["ch"][c]["completes"] = 1.0
            arrays["ch"][c]["completes_logit"] = 50.0
        arrays["cat"]["returns"] = 0.0
        self.model = type(build_model(scenario))(arrays)
        self.cell = eager(self.model, 3, self.plan)
        self.cell.person.reach = 7
        self.ordinal = 8
        plain(add_need)(self.cell, self.model, T - 50, 0, 0, self.ordinal)
        (self.need,) = needs_of(self.cell, 0)
        self.need.expires = T + 60 * DAY
        quiet(self.cell)
        self.wanted = self._wanted()

    def _wanted(self) -> int:
        from omnilab.world.stock import variant_wanted

        return int(plain(variant_wanted)(self.model, self.cell.person[0], 0, self.ordinal))

    def shelf(self, place: int, variant: int | None = None) -> Any:
        """Return a shelf; by default of the wanted variant."""
        v = self.wanted if variant is None else variant
        return self.cell.shelf[place * int(self.model.stock.variants) + v]

    def number(self, place: int) -> int:
        """Return the number of the wanted variant's shelf."""
        return place * int(self.model.stock.variants) + self.wanted

    def go(self, channel: int = STORE, t: int = T) -> list[dict[str, Any]]:
        """Be at a channel; return what is logged of units and stock-outs."""
        happen(self.cell, self.model, self.plan, t, queue.GO, 0, self.ordinal, channel)
        found = logged(self.cell)
        self.cell.meta.rows = 0
        return found

    def out(self, channel: int = STORE, place: int = SHOP) -> dict[str, Any]:
        """Be there while the wanted variant is out; return the row of it."""
        self.shelf(place).free = 0
        return next(r for r in self.go(channel) if r["kind"] == "stock_out")


def nothing_but(*, away: bool = False) -> dict[str, float]:
    """Return terms under which nobody waits or goes to a rival, nor elsewhere but for `away`."""
    terms = {"worth": 30.0, "attached": 50.0, "effort": 50.0, "screen": 1.0}
    if away:
        terms |= {"effort": 1.0, "waiting": 0.0}
    return terms


def test_who_finds_it_takes_a_unit_and_an_order_is_placed_at_the_point() -> None:
    visit = Visit()
    visit.shelf(SHOP).free = 1
    found = visit.go()
    kinds = [r["kind"] for r in found if r["kind"].startswith(("units", "order"))]
    assert kinds == ["order", "units_sold", "units_ordered"]
    sold = next(r for r in found if r["kind"] == "units_sold")
    assert (sold["place"], sold["variant"], sold["free"], sold["held"]) == (
        SHOP, visit.wanted, 0, 0,
    )  # fmt: skip
    ((t, _, _, a, b),) = due(visit.cell, queue.SUPPLY)
    assert (t, a >> 3, b) == (T + 2 * DAY, visit.number(SHOP), 2)
    assert visit.shelf(SHOP).coming == 2


def test_a_substitute_is_bought_at_once_from_its_own_shelf() -> None:
    visit = Visit(**nothing_but())
    out = visit.out()
    other = 1 - visit.wanted
    assert (out["does"], out["wanted"], out["took"]) == (
        rows.DOES_SUBSTITUTE, visit.wanted, other,
    )  # fmt: skip
    assert (visit.shelf(SHOP, other).sold, visit.shelf(SHOP).sold) == (1, 0)
    assert needs_of(visit.cell, 0) == []


def without_substitute(visit: Visit) -> Visit:
    """Let the shop be out of all variants."""
    visit.shelf(SHOP, 1 - visit.wanted).free = 0
    return visit


def test_who_sees_all_orders_here_what_another_place_ships() -> None:
    visit = without_substitute(Visit(ALL, **nothing_but()))
    out = visit.out()
    assert (out["does"], out["other"], out["channel"]) == (rows.DOES_SHIP, HOUSE, STORE)
    assert (visit.shelf(HOUSE).sold, visit.shelf(HOUSE).free) == (1, 1)
    assert needs_of(visit.cell, 0) == []


@pytest.mark.parametrize("sees", [SILO, HANDOFF])
def test_who_does_not_see_all_orders_nothing_from_elsewhere(sees: int) -> None:
    visit = without_substitute(Visit(sees, **nothing_but()))
    assert visit.out()["does"] not in (rows.DOES_SHIP, rows.DOES_SUBSTITUTE)


def test_who_asks_has_it_kept_and_fetches_it() -> None:
    visit = without_substitute(Visit(HANDOFF, asks=1.0, **nothing_but(away=True)))
    out = visit.out()
    assert (out["does"], out["other"]) == (rows.DOES_RESERVE, HOUSE)
    assert (visit.shelf(HOUSE).held, visit.shelf(HOUSE).free) == (1, 1)
    person = visit.cell.person[0]
    assert (person.kept_shelf, person.kept_need) == (visit.number(HOUSE), visit.ordinal)
    items = {kind: (t, a, b) for t, kind, _, a, b in due(visit.cell)}
    t, a, b = items[queue.SUPPLY]
    assert (t, a, b) == (T + 3 * DAY, plain(pack)(LAPSES, visit.number(HOUSE)), visit.ordinal)
    t, a, channel = items[queue.GO]
    assert T < t < T + 3 * DAY
    assert channel in (WEB, APP)
    visit.shelf(HOUSE).free = 0  # others bought the rest
    found = visit.go(channel, t)
    sold = next(r for r in found if r["kind"] == "units_sold")
    assert (sold["place"], sold["held"]) == (HOUSE, 1)
    assert (visit.shelf(HOUSE).held, person.kept_shelf) == (0, -1)


def test_what_is_not_fetched_is_free_again_after_its_time() -> None:
    visit = without_substitute(Visit(HANDOFF, asks=1.0, **nothing_but(away=True)))
    visit.out()
    quiet(visit.cell)
    a = plain(pack)(LAPSES, visit.number(HOUSE))
    happen(visit.cell, visit.model, visit.plan, T + 3 * DAY, queue.SUPPLY, 0, a, visit.ordinal)
    assert (visit.shelf(HOUSE).held, visit.shelf(HOUSE).free) == (0, 2)
    assert [r["n"] for r in logged(visit.cell, "units_held")] == [-1]


def test_who_does_not_ask_goes_there_not_knowing_and_may_find_none() -> None:
    visit = without_substitute(Visit(HANDOFF, asks=0.0, **nothing_but(away=True)))
    out = visit.out()
    assert out["does"] == rows.DOES_ELSEWHERE
    assert visit.shelf(HOUSE).held == 0
    ((t, _, _, _, channel),) = due(visit.cell, queue.GO)
    for v in range(2):
        visit.shelf(HOUSE, v).free = 0
    again = [r for r in visit.go(channel, t) if r["kind"] == "stock_out"]
    assert len(again) == 1
    assert again[0]["place"] == HOUSE
    assert visit.need.outs == 2


def test_a_stale_feed_breaks_its_promise() -> None:
    visit = without_substitute(Visit(ALL, stock={"feed": "1d"}, **nothing_but()))
    shelf = visit.shelf(HOUSE)
    shelf.free, shelf.said, shelf.said_t = 0, 2, T // DAY * DAY  # sold since the last reading
    out = visit.out()
    assert (out["does"], out["broken"]) == (rows.DOES_SHIP, 1)
    assert len(needs_of(visit.cell, 0)) == 1
    assert visit.shelf(HOUSE).sold == 0
    assert [c for *_, c in due(visit.cell, queue.GO)] == [STORE]


def test_being_without_is_a_bad_experience_and_a_substitute_is_none() -> None:
    nothing = {"worth": 0.0, "effort": 50.0, "differs": 40.0}
    for does, terms in ((rows.DOES_SUBSTITUTE, nothing_but()), (rows.DOES_NOTHING, nothing)):
        visit = Visit(annoys=1.0, **terms)
        if does == rows.DOES_NOTHING:
            without_substitute(visit)
        visit.shelf(SHOP).free = 0
        found = visit.go()
        assert next(r for r in found if r["kind"] == "stock_out")["does"] == does
        why = [r["why"] for r in found if r["kind"] == "bad_experience"]
        assert why == ([] if does == rows.DOES_SUBSTITUTE else [rows.BAD_STOCK])


def test_a_rival_or_nothing_ends_the_need() -> None:
    terms = {"worth": 9.0, "effort": 9.0, "attached": 0.0, "waiting": 50.0, "screen": 1.0}
    for attached, fate in ((-20.0, rows.FATE_RIVAL), (50.0, rows.FATE_DROPPED)):
        visit = without_substitute(Visit(SILO, **{**terms, "attached": attached,
                                                  "looks_again": 1e12, "belief": 0.0}))  # fmt: skip
        visit.shelf(SHOP).free = 0
        (lost,) = [r for r in visit.go() if r["kind"] == "need_lost"]
        assert lost["fate"] == fate
        assert needs_of(visit.cell, 0) == []


def waiting(sees: int = SILO) -> Visit:
    """Return a visit to the web shop whose person waits, and has shown who it is."""
    visit = Visit(sees, belief=0.0, waiting=0.0, effort=0.0, screen=0.0, worth=30.0,
                  attached=50.0)  # fmt: skip
    visit.shelf(HOUSE, 1 - visit.wanted).free = 0
    visit.shelf(SHOP).free = 0
    out = visit.out(WEB, HOUSE)
    assert out["does"] == rows.DOES_WAIT
    return visit


def test_who_waits_looks_again_and_leaves_a_wish() -> None:
    visit = waiting()
    items = {kind: (t, a, b) for t, kind, _, a, b in due(visit.cell)}
    assert items[queue.GO][1:] == (visit.ordinal, WEB)
    t, packed, code = items[queue.WATCH]
    assert packed & 0x3FFFFFF == visit.ordinal
    assert (packed >> 26) & 0x3FFFF == visit.number(HOUSE)
    assert code != 0
    happen(visit.cell, visit.model, visit.plan, t, queue.WATCH, 0, packed, code)
    ((later, *_),) = due(visit.cell, queue.WATCH)  # it is still out
    assert later == t + DAY
    visit.shelf(HOUSE).free = 1
    happen(visit.cell, visit.model, visit.plan, later, queue.WATCH, 0, packed, code)
    assert due(visit.cell, queue.WATCH) == []


def test_only_who_sees_all_says_that_another_place_has_it() -> None:
    for sees, watches in ((SILO, 1), (HANDOFF, 1), (ALL, 0)):
        visit = waiting(sees)
        ((t, _, _, packed, code),) = due(visit.cell, queue.WATCH)
        visit.shelf(SHOP).free = 1
        happen(visit.cell, visit.model, visit.plan, t, queue.WATCH, 0, packed, code)
        assert len(due(visit.cell, queue.WATCH)) == watches


def test_who_comes_to_a_closed_place_waits_until_it_opens() -> None:
    visit = Visit()
    visit.model.ch[STORE].opens, visit.model.ch[STORE].closes = 9 * 3600, 11 * 3600
    assert visit.go() == []
    ((t, *_),) = due(visit.cell, queue.GO)
    assert t == T + 21 * 3600


def test_a_return_brings_the_unit_back_to_its_place() -> None:
    visit = Visit()
    visit.model.cat[0].returns = 1.0
    visit.go()
    ((t, _, _, a, b),) = [x for x in due(visit.cell, queue.SUPPLY) if x[3] & 7 == BACK]
    assert (t, a, b) == (T + 10 * DAY, plain(pack)(BACK, visit.number(SHOP)), visit.ordinal)
    happen(visit.cell, visit.model, visit.plan, t, queue.SUPPLY, 0, a, b)
    x = visit.shelf(SHOP)
    assert (x.free, x.sold, x.back) == (2, 1, 1)


def test_who_takes_time_holds_the_unit_until_it_is_paid_or_put_back() -> None:
    visit = Visit()
    visit.cell.set("stay", record_array(Stay, 3))
    visit.cell.set("stay_due", np.full(3, -1))
    visit.model.visit_time.on, visit.model.visit_time.buying = 1, 600.0
    found = visit.go()
    assert [r["n"] for r in found if r["kind"] == "units_held"] == [1]
    assert (visit.shelf(SHOP).held, visit.shelf(SHOP).free) == (1, 1)
    ((t, _, _, a, b),) = due(visit.cell, queue.STAY)
    visit.model.ch[STORE].completes, visit.model.ch[STORE].completes_logit = 0.5, -50.0
    happen(visit.cell, visit.model, visit.plan, t, queue.STAY, 0, a, b)
    assert [r["n"] for r in logged(visit.cell, "units_held")] == [-1]
    assert (visit.shelf(SHOP).held, visit.shelf(SHOP).free) == (0, 2)


@pytest.mark.parametrize(("sees", "goes"), [(SILO, STORE), (HANDOFF, WEB), (ALL, WEB)])
def test_who_looks_up_first_leaves_out_a_place_that_is_seen_to_be_out(sees: int, goes: int) -> None:
    visit = without_substitute(Visit(sees, looks_up=1.0, **nothing_but()))
    visit.shelf(SHOP).free = 0
    visit.model.ch[STORE].utility = 40.0  # everybody would go there
    visit.cell.person.reach = 1 << STORE | 1 << WEB
    happen(visit.cell, visit.model, visit.plan, T, queue.NOTICE, 0, visit.ordinal)
    assert [r["channel"] for r in logged(visit.cell, "visit")] == [goes]
    assert visit.cell.person[0].reach == 1 << STORE | 1 << WEB
    both = without_substitute(Visit(ALL, looks_up=1.0, **nothing_but()))
    for place in (HOUSE, SHOP):
        both.shelf(place).free = 0
    both.model.ch[STORE].utility = 40.0
    both.cell.person.reach = 1 << STORE | 1 << WEB
    happen(both.cell, both.model, both.plan, T, queue.NOTICE, 0, both.ordinal)
    assert logged(both.cell, "visit")[0]["channel"] == STORE  # it is nowhere
