"""Channel choice against the multinomial logit, written out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from omnilab.kernels.compiling import kernel
from omnilab.world import choice
from omnilab.world.channel import Channel
from omnilab.world.state import Person
from tests.plain import plain
from tests.worlds import APP, STORE, WEB, cell_of, changed, corner, middles, model_of, record

MODEL = model_of(choice={"inertia": 0.8, "spill": 1.2, "spill_decay": 0.001, "closing": 0.9})
NOON, ALL = 12 * 3600, 0b111111
SHUT = corner(channels=[
    {"name": "web", "silo": "web", "visit": {"idle": 2.0}},
    {"name": "shop", "silo": "shop", "visit": {"idle": 3.0, "opens": "09:00", "closes": "18:00"}},
    {"name": "bar", "silo": "bar", "visit": {"idle": 5.0, "opens": "17:00", "closes": "22:00"}},
], brand={"journeys": []}, population={"personas": [{"name": "all", "share": 1.0}]})  # fmt: skip


def someone(**values: Any) -> Any:
    first = {"reach": ALL, "last_channel": -1, "spill_channel": -1, "persona": 1}
    return record(Person, **(first | values))


def shares(model: Any, person: Any, t: int = 0, local: int = NOON, stock: float = 0.0) -> Any:
    """Return how often each channel is chosen, over uniforms without chance."""
    weight = np.zeros(len(model.ch))
    chosen = [
        plain(choice.choose)(model, person, t, local, stock, u, weight, weight, 0)
        for u in middles(2000)
    ]
    assert chosen == sorted(chosen), "channels are laid end to end"
    return np.bincount(np.array(chosen) + 1, minlength=1 + len(model.ch))[1:] / 2000


def logit(utilities: dict[int, float], n: int = 6) -> Any:
    weights = np.zeros(n)
    for c, x in utilities.items():
        weights[c] = math.exp(x)
    return weights / weights.sum()


def utilities(stock: float = 0.0) -> dict[int, float]:
    """Return those of the second persona, without inertia and spill-over."""
    closing = {WEB: 0.4, APP: 0.6, STORE: 0.7}
    likes = {WEB: 0.5, APP: 0.6, STORE: 0.0}
    return {c: likes[c] + 0.9 * stock * (closing[c] - 0.3) for c in closing}


@pytest.mark.parametrize("stock", [0.0, 2.5])
def test_places_that_close_sales_gain_with_the_stock(stock: float) -> None:
    found = shares(MODEL, someone(), stock=stock)
    np.testing.assert_allclose(found, logit(utilities(stock)), atol=1e-3)


def test_other_personas_like_other_channels() -> None:
    found = shares(MODEL, someone(persona=0))
    np.testing.assert_allclose(found, logit({WEB: 0.5, APP: 0.0, STORE: 0.0}), atol=1e-3)


def test_inertia() -> None:
    wanted = utilities()
    wanted[STORE] += 0.8
    np.testing.assert_allclose(shares(MODEL, someone(last_channel=STORE)), logit(wanted), atol=1e-3)


def test_messages_spill_over_and_that_fades() -> None:
    person = someone(spill_channel=APP, spill=0.7, spill_t=2000)
    wanted = utilities()
    wanted[APP] += 1.2 * 0.7 * math.exp(-0.001 * 500)
    np.testing.assert_allclose(shares(MODEL, person, t=2500), logit(wanted), atol=1e-3)


def test_who_can_not_go_there_does_not() -> None:
    wanted = utilities()
    del wanted[APP]
    np.testing.assert_allclose(shares(MODEL, someone(reach=0b111101)), logit(wanted), atol=1e-3)
    assert not shares(MODEL, someone(reach=0b111000)).any()  # they only write


def test_hours() -> None:
    channel = record(Channel, opens=9 * 3600, closes=18 * 3600)
    day = 5 * 86400
    hours = [0, 9 * 3600 - 1, 9 * 3600, 18 * 3600 - 1, 18 * 3600]
    opens = [plain(choice.is_open)(channel, day + s) for s in hours]
    assert opens == [False, False, True, True, False]
    model = model_of(SHUT)
    assert shares(model, someone(persona=0), local=8 * 3600)[1:].tolist() == [0.0, 0.0]


def test_small_utilities_are_compared_like_large_ones() -> None:
    wanted = shares(MODEL, someone())
    low = changed(MODEL)
    low.ch.utility -= 20.0
    np.testing.assert_allclose(shares(low, someone()), wanted, atol=1e-3)


def test_a_huge_utility_is_still_finite() -> None:
    model = model_of(choice={"inertia": 1e6, "spill": 0.0, "closing": 0.0})
    assert shares(model, someone(last_channel=STORE))[STORE] == 1.0


def test_rounding_never_chooses_nothing() -> None:
    weight = np.array([0.0, 1.0, 2.0, 0.0])
    pick = plain(choice.pick_by_weight)
    assert [pick(weight, 4, 3.0, u) for u in (0.0, 0.333, 0.334, 0.999)] == [1, 1, 2, 2]
    assert pick(weight, 4, 3.0 + 1e-9, 1.0) == 2
    assert pick(weight * 0, 4, 0.0, 0.5) == -1


def idle(model: Any, person: Any, t: int) -> Any:
    chosen = [plain(choice.choose_idle)(model, person, t, u) for u in middles(3000)]
    return np.bincount(np.array(chosen) + 1, minlength=1 + len(model.ch)) / 3000


def test_looking_around_is_by_the_rates() -> None:
    found = idle(MODEL, someone(idle_rate=3.0), 0)
    np.testing.assert_allclose(found[1:3], [2 / 3, 1 / 3], atol=1e-3)
    found = idle(MODEL, someone(reach=0b111110, idle_rate=1.0), 0)
    np.testing.assert_allclose(found[1:3], [0.0, 1.0])


@pytest.mark.parametrize(
    ("hour", "rates"),
    [(8, [2, 0, 0]), (9, [2, 3, 0]), (17, [2, 3, 5]), (18, [2, 0, 5]), (22, [2, 0, 0])],
)
def test_looking_around_where_it_is_open(hour: int, rates: list[int]) -> None:
    found = idle(model_of(SHUT), someone(reach=7, idle_rate=10.0), 9 * 86400 + hour * 3600)
    np.testing.assert_allclose(found[1:], np.array(rates) / sum(rates), atol=1e-3)


def test_where_all_is_shut_nobody_looks_around() -> None:
    found = idle(model_of(SHUT), someone(reach=6, idle_rate=8.0), 3 * 3600)
    assert found[0] == 1.0


@kernel
def go(cell: Any, model: Any, out: Any) -> None:
    person = cell.person[0]
    person.reach = 63
    person.idle_rate = 3.0
    for k in range(len(out)):
        u = (k + 0.5) / len(out)
        out[k, 0] = choice.choose(model, person, 100, 43200, 1.0, u, cell.weight, cell.pull, 0)
        out[k, 1] = choice.choose_idle(model, person, 100, u)


def test_compiled_and_plain_are_equal() -> None:
    found = [np.zeros((50, 2), np.int64), np.zeros((50, 2), np.int64)]
    for function, out in zip((go, plain(go)), found, strict=True):
        function(cell_of(1), MODEL, out)
    assert found[0].tolist() == found[1].tolist()
    assert set(found[0][:, 0]) == {0, 1, 2}
