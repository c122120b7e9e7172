"""Identifiers: their codes, how cookies and addresses churn, and what a visit shows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from omnilab.draws.streams import ADDRESS_CHANGE, COOKIE_RESET, V_SHOWN, V_SHOWN_2, V_TYPO
from omnilab.kernels.compiling import kernel
from omnilab.log.identifier_types import number_of
from omnilab.world import identifiers as ids
from omnilab.world.device import COMPUTER, TABLET
from omnilab.world.device import PHONE as IN_HAND
from tests.plain import plain
from tests.worlds import (
    APP,
    DAY,
    EMAIL,
    IN_APP,
    STORE,
    WEB,
    changed,
    corner,
    drawn,
    inhabited,
    model_of,
)

MODEL = model_of(
    identifiers={"short_life": 7 * DAY, "address_life": 50.0 * DAY, "typo": 0.0, "typo_hits": 0.0}
)
PHONE, LOYALTY = number_of("phone"), number_of("loyalty")
code_of, type_of, owner_of = plain(ids.code_of), plain(ids.type_of), plain(ids.owner_of)
epoch_of = plain(ids.current_address_epoch)


def test_a_code_is_type_owner_and_epoch() -> None:
    codes = set()
    for kind in range(9):
        for owner in (0, 1, 253):
            for epoch in (0, 1, 1 << 20, (1 << 22) - 1):
                code = code_of(kind, owner, epoch)
                assert (type_of(code), owner_of(code), code & 0xFFFFFFFF) == (kind, owner, epoch)
                codes.add(code)
    assert len(codes) == 9 * 3 * 4
    assert 0 not in codes


def test_packed_codes_of_all_cells_differ_and_fit_62_bits() -> None:
    packed = {
        plain(ids.packed)(cell, code_of(kind, owner, epoch))
        for cell in (0, 1, (1 << 26) - 1)
        for kind in (0, 1, 8) for owner in (0, 1, 255) for epoch in (0, 1, (1 << 22) - 1)
    }  # fmt: skip
    assert len(packed) == 3 * 27
    assert max(packed) < 1 << 62


def test_the_address_changes_after_exponential_times() -> None:
    person = inhabited(MODEL, 1).person[0]
    person.address_t = first = 1000
    assert [epoch_of(MODEL, person, t) for t in (0, 999, 1000)] == [0, 0, 1]
    gap = 1 + int(-math.log(drawn(MODEL, ADDRESS_CHANGE, person.entity, 1)[0]) * 50 * DAY)
    assert person.address_t == first + gap
    epoch_of(MODEL, person, 20_000 * DAY)
    assert person.address_epoch == pytest.approx(400, abs=60)  # Poisson, three deviations


def test_addresses_of_other_types_stay() -> None:
    person = inhabited(MODEL, 1).person[0]
    person.address_t = 10
    assert plain(ids.address_code)(MODEL, person, 4, ids.EMAIL, 20) & 0xFFFF == 1
    assert plain(ids.address_code)(MODEL, person, 4, PHONE, 20) == code_of(PHONE, 4, 0)
    assert owner_of(plain(ids.address_code)(MODEL, person, 4, ids.EMAIL, 20)) == 4


def visit(cell: Any, c: int, t: int, **changes: Any) -> list[int]:
    """Return the codes that person 0 shows."""
    arguments = {"model": MODEL, "device": COMPUTER, "occasion": 5, "n": 0, "late": 0} | changes
    n = plain(ids.show)(
        cell, arguments["model"], 0, c, arguments["device"], t, 40, arguments["occasion"],
        arguments["n"], arguments["late"],
    )  # fmt: skip
    return [int(code) for code in cell.code[arguments["n"] : n]]


def fresh(model: Any = MODEL) -> Any:
    cell = inhabited(model, 2)
    for device in cell.device:
        device.until, device.short = 1 << 40, 0
    return cell


def test_each_device_has_its_own_cookie_as_long_as_it_is_kept() -> None:
    cell = fresh(changed(MODEL, persona={"no_computer": 1.0}))  # somebody has a tablet
    cell.tablet[0].until, cell.tablet[0].owner, cell.tablet[0].seen = 1 << 40, 0, -1
    on = [visit(cell, WEB, 50 + d, device=d)[0] for d in (COMPUTER, IN_HAND, TABLET)]
    pc = on[0]
    assert len(set(on)) == 3
    assert {type_of(code) for code in on} == {ids.COOKIE}
    assert {owner_of(code) for code in on} == {0}
    assert (cell.device[0].seen, cell.tablet[0].seen) == (51, 52)
    assert visit(cell, WEB, 90 * DAY) == [pc]
    assert cell.device[1].seen == 90 * DAY


def test_cookies_are_reset_after_exponential_times() -> None:
    cell = fresh()
    device = cell.device[1]
    device.until, device.reset_rate = 100, 1.0 / (10 * DAY)
    first = visit(cell, WEB, 99)
    assert visit(cell, WEB, 100) != first
    gap = 1 + int(-math.log(drawn(MODEL, COOKIE_RESET, device.entity, 1)[0]) * 10 * DAY)
    assert device.until == 100 + gap
    visit(cell, WEB, 4000 * DAY)
    assert device.resets == device.epoch == pytest.approx(400, abs=60)


def test_script_cookies_are_forgotten_after_a_short_life() -> None:
    cell = fresh()
    cell.device[1].short = 1
    kept = [visit(cell, WEB, t)[0] for t in (0, 7 * DAY, 14 * DAY, 21 * DAY + 1)]
    assert kept[0] == kept[1] == kept[2] != kept[3]
    assert (cell.device[1].resets, cell.device[1].epoch) == (0, 1)
    other = fresh()
    other.device[1].short = 1
    assert visit(other, WEB, 0) != visit(other, WEB, 7 * DAY + 1)


def test_the_last_cookie_that_can_be_numbered_ends_the_run() -> None:
    cell = fresh()
    cell.device[1].epoch = ids.MOST_COOKIES - 1
    visit(cell, WEB, 5)
    assert cell.meta.over == 0
    cell.device[1].epoch = ids.MOST_COOKIES
    cell.meta.grown = 0
    visit(cell, WEB, 5)
    assert (cell.meta.over, cell.meta.grown) == (ids.TOO_MANY_COOKIES, 1)


def test_each_identifier_is_shown_by_its_share_at_its_time() -> None:
    cell = fresh()
    early = sum(len(visit(cell, STORE, 5, occasion=k)) for k in range(400))
    assert early == pytest.approx(200, abs=30)
    on_order = [visit(cell, WEB, 5, occasion=k, late=1) for k in range(400)]
    assert sum(map(len, on_order)) == pytest.approx(360, abs=18)
    shown = [k for k in range(400) if drawn(MODEL, 40 + V_SHOWN, cell.person[0].entity, k)[1] < 0.9]
    assert [k for k, codes in enumerate(on_order) if codes] == shown
    assert {type_of(codes[0]) for codes in on_order if codes} == {ids.EMAIL}


def test_what_is_shown_stands_behind_what_is_there() -> None:
    cell = fresh()
    cell.code[0] = cell.carry[0] = 77
    assert len(visit(cell, APP, 5, n=1)) == 1
    assert (cell.code[0], cell.carry[0], cell.carry[1]) == (77, 77, -1)
    while not visit(cell, STORE, 5, occasion=int(cell.person[0].row_seq)):
        cell.person[0].row_seq += 1
    assert cell.carry[0] == IN_APP  # a hand-off
    assert visit(cell, EMAIL, 5, n=3) == []  # nobody goes there


def test_a_channel_may_show_eight() -> None:
    kinds = ["cookie", "device", "login", "email", "phone", "messenger", "social", "loyalty"]
    shown = [{"type": kind, "share": 0.5} for kind in kinds]
    scenario = corner(
        channels=[{"name": "web", "silo": "web", "visit": {"identifiers": shown}}],
        population={"personas": [{"name": "all", "share": 1.0}]},
        brand={"journeys": []},
    )
    model = model_of(scenario)
    cell = inhabited(model, 1)
    counts = np.zeros(9, int)
    for k in range(600):
        for code in visit(cell, 0, 5, model=model, occasion=k):
            counts[type_of(code)] += 1
    assert counts[:8] == pytest.approx(300, abs=45)
    entity = cell.person[0].entity
    for k in range(40):  # each has its own chance
        uniforms = [u for s in (V_SHOWN, V_SHOWN_2) for u in drawn(model, 40 + s, entity, k)]
        kinds = [type_of(code) for code in visit(cell, 0, 5, model=model, occasion=k)]
        assert kinds == [kind for kind in range(8) if uniforms[kind] < 0.5]


def test_typed_addresses_are_mistyped_into_nobodys_or_somebody_elses() -> None:
    model = model_of(identifiers={"typo": 0.4, "typo_hits": 0.5})
    cell = inhabited(model, 4)
    codes = [c for k in range(3000) for c in visit(cell, STORE, 5, model=model, occasion=k)]
    right = code_of(LOYALTY, 0, 0)
    others = [c for c in codes if c != right and c & 0xFFFFFFFF == 0]
    nobodys = [c for c in codes if c & 0xFFFFFFFF]
    n = len(codes)
    assert len(others) / n == pytest.approx(0.2, abs=0.03)
    assert len(nobodys) / n == pytest.approx(0.2, abs=0.03)
    assert {owner_of(c) for c in others} == {1, 2, 3}
    counts = np.bincount([owner_of(c) for c in others])
    assert counts[1:] == pytest.approx(len(others) / 3, abs=40)
    assert len(set(nobodys)) == len(nobodys)
    assert all(owner_of(c) == 0 and c >> 21 & 1 for c in nobodys)
    untyped = {c for k in range(300) for c in visit(cell, WEB, 5, model=model, occasion=k, late=1)}
    assert len(untyped) == 1  # the web remembers it


def test_a_mistyped_address_may_be_that_of_anybody_but_oneself() -> None:
    model = model_of(identifiers={"typo": 1.0, "typo_hits": 1.0})
    cell = inhabited(model, 3)
    for index in range(3):
        owners = set()
        for k in range(60):
            n = plain(ids.show)(cell, model, index, STORE, False, 5, 40, k, 0, 0)
            owners |= {owner_of(int(cell.code[i])) for i in range(n)}
        assert owners == {0, 1, 2} - {index}
    alone = inhabited(model, 1)
    codes = {c for k in range(60) for c in visit(alone, STORE, 5, model=model, occasion=k)}
    assert all(c & 0xFFFFFFFF for c in codes)
    entity = alone.person[0].entity = 48
    for k in range(20):
        x = drawn(model, 40 + V_TYPO, entity, k << 3)[2]
        wrong = [c & 0xFFFFF for c in visit(alone, STORE, 5, model=model, occasion=k)]
        assert wrong in ([], [int(x * 1048576.0)])


def test_what_is_typed_in_are_mails_phones_and_cards() -> None:
    kinds = ("cookie", "device", "login", "email", "phone", "loyalty")
    model = model_of(corner(
        channels=[{"name": "till", "silo": "till", "visit": {
            "typed": True, "identifiers": [{"type": k, "share": 1.0} for k in kinds]}}],
        population={"personas": [{"name": "all", "share": 1.0}]}, brand={"journeys": []},
        world={"identifiers": {"typo": 1.0, "typo_hits": 0.0}},
    ))  # fmt: skip
    cell = inhabited(model, 1)
    cell.person[0].address_t = cell.device[1].until = 1 << 40
    codes = visit(cell, 0, 5, model=model)
    wrong = [bool(c & 1 << 21) for c in codes]
    assert wrong == [False, False, False, True, True, True]
    assert [type_of(c) for c in codes] == [0, 1, 2, 3, 4, 7]
    draws = [drawn(model, 40 + V_TYPO, 0, 5 << 3 | i)[2] for i in (3, 4, 5)]
    assert [c & 0xFFFFF for c in codes[3:]] == [int(x * 1048576.0) for x in draws]


@kernel
def show_all(cell: Any, model: Any, out: Any) -> None:
    for k in range(len(out)):
        n = ids.show(cell, model, 0, k % 3, k % 2 == 0, k * 90_000, 40, k, 0, 0)
        for i in range(n):
            out[k, i] = cell.code[i]


def test_compiled_and_plain_are_equal() -> None:
    model = model_of(identifiers={"typo": 0.4, "typo_hits": 0.5})
    found = [np.zeros((60, 4), np.int64), np.zeros((60, 4), np.int64)]
    for function, out in zip((show_all, plain(show_all)), found, strict=True):
        function(inhabited(model, 2), model, out)
    assert found[0].tolist() == found[1].tolist()
    assert found[0].any()
