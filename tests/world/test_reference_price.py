"""What a promotion teaches: the price in mind is smoothed, and losses weigh more than gains."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from omnilab.world import reference_price as rules
from omnilab.world.interruption import holds_to_cart
from omnilab.world.state import Person
from tests.interaction.test_message import Post
from tests.interaction.test_visit import go, looking, model_with
from tests.plain import plain
from tests.verification.worlds import INERT, having, load, log, merged, run, same_rows, world
from tests.verification.worlds import frame as table
from tests.worlds import model_of, record

RULES = ("world/reference_price.py", "interaction/price.py")

ON: dict[str, Any] = {"on": 1, "gain": 2.0, "aversion": 1.5, "learns": 0.4, "glances": 0.1}


def someone(reference: float = 1.0, **values: Any) -> Any:
    return record(Person, **{"reference": reference, "entity": 8, **values})


@pytest.mark.parametrize(
    ("reference", "price", "adds"),
    [(1.0, 1.0, 0.0), (1.0, 0.8, 0.4), (0.9, 1.0, -0.3), (0.8, 0.8, 0.0)],
)
def test_a_gain_adds_and_a_loss_takes_more(reference: float, price: float, adds: float) -> None:
    person = someone(reference)
    felt = plain(rules.feels_price)(model_of(reference_price=ON), person, price)
    assert felt == pytest.approx(adds)
    assert person.reference == pytest.approx(reference + 0.1 * (price - reference))


def test_who_minds_prices_more_minds_them_more_here_too() -> None:
    model = model_of(reference_price=ON, offers={"on": 1, "spread": 0.7})
    felt = [plain(rules.feels_price)(model, someone(entity=8 * n), 0.9) for n in range(2000)]
    assert np.mean(felt) == pytest.approx(0.2, abs=4 * np.std(felt) / math.sqrt(2000))
    assert np.std(np.log(felt)) == pytest.approx(0.7, abs=0.05)


def test_after_orders_it_is_the_exponentially_smoothed_price() -> None:
    """Against the weighted sum of all that was paid, the first price being the usual one."""
    model, person = model_of(reference_price=ON), someone()
    paid = [0.8, 0.8, 1.0, 0.65, 1.0, 1.0]
    for price in paid:
        plain(rules.pays_price)(model, person, price)
    weights = [0.4 * 0.6 ** (len(paid) - 1 - n) for n in range(len(paid))]
    wanted = np.dot(weights, paid) + (1.0 - sum(weights))
    assert person.reference == pytest.approx(wanted)


def test_it_is_lowered_from_what_the_scenario_says() -> None:
    said = {"reference_price": {"gain": 0.5, "aversion": 2.0, "keeps": 0.8, "seen": 0.25}}
    x = model_of(world(world=said)).reference_price
    assert (x.on, x.gain, x.aversion) == (1, 0.5, 2.0)
    assert (x.learns, x.glances) == pytest.approx((0.2, 0.05))
    assert model_of(world()).reference_price.on == 0


@pytest.mark.parametrize(("offer", "reference"), [(0.0, 1.0), (0.3, 0.9), (0.3, 1.0), (0.0, 0.8)])
def test_at_a_visit_the_price_at_hand_is_compared_and_at_an_order_it_is_paid(
    offer: float, reference: float
) -> None:
    """Seen at the visit, where it makes ready or not, and then paid."""
    model = model_with(1.0, reference_price=ON, intent={"slope": 400.0, "visit_gain": 0.8})
    p = 1.0 - offer
    x = reference - p
    felt = 2.0 * x if x > 0 else 3.0 * x
    for threshold, ready in ((0.8 + felt - 0.05, True), (0.8 + felt + 0.05, False)):
        cell, _ = looking(model, threshold=threshold)
        person = cell.person[0]
        person.reference, person.offer, person.offer_until = reference, offer, 10**9
        kinds = [x["kind"] for x in go(cell, model, 2000)]
        assert ("order" in kinds) is ready
        seen = reference + 0.1 * (p - reference)
        wanted = seen + 0.4 * (p - seen) if ready else seen
        assert person.reference == pytest.approx(wanted, abs=3e-4)  # cents are whole


def test_a_cart_that_is_dearer_than_when_it_was_filled_is_left_in_the_share_of_the_ready() -> None:
    model, post = model_of(), Post("email")
    need, person = post.need(), post.person
    person.threshold = 1.0
    grid = (np.arange(2_000) + 0.5) / 2_000
    holds, slope = plain(holds_to_cart), float(model.intent.slope)
    assert all(holds(model, person, need, 0, -5.0, u, 0.0) for u in grid)
    for stock, less in ((0.2, 0.5), (1.5, 0.1), (-0.3, 2.0)):
        share = np.mean([holds(model, person, need, 0, stock, u, less) for u in grid])
        ready = [1 / (1 + math.exp(-slope * (s - 1.0))) for s in (stock, stock + less)]
        assert share == pytest.approx(ready[0] / ready[1], abs=1e-3), (stock, less)


@pytest.mark.parametrize("until", [10**9, 2500], ids=["offer holds", "offer is over"])
def test_who_filled_the_cart_at_an_offer_minds_that_it_is_over(until: int) -> None:
    model = model_with(
        0.5, reference_price=ON | {"gain": 100.0}, intent={"slope": 400.0, "visit_gain": 0.0}
    )
    cell, need = looking(model, threshold=5.0)
    person = cell.person[0]
    person.offer, person.offer_until = 0.3, until
    assert "cart" in [x["kind"] for x in go(cell, model, 2000)]
    assert need.felt == pytest.approx(100.0 * 0.3, abs=0.1)
    again = [x["kind"] for x in go(cell, model, 3000, occasion=1)]
    assert ("cart" in again) is (until > 3000)


def test_the_offer_of_a_message_is_a_price_that_is_seen() -> None:
    post = Post("email", message={"offer": 0.2}, reference_price=ON)
    post.need()
    post.send()
    post.open()
    assert post.person.reference == pytest.approx(1.0 - 0.1 * 0.2)


PROMOTION: dict[str, Any] = {
    "name": "deal", "trigger": "once", "day": 0, "at": "10:00", "sequence": ["email"],
    "steps": [{"message": {"channels": ["email"], "offer": 0.4, "shows": "generic"}}],
}  # fmt: skip


def shop(gain: float, **changes: Any) -> Any:
    base: dict[str, Any] = {
        "population": {"customers": 400},
        "world": INERT | {"reference_price": {"gain": gain}, "response": {"offer": 0.0}},
        "brand": {"journeys": [PROMOTION], "loyalty": {"card": 0, "worth": 0.0}},
    }
    return world(**merged(base, changes))


def test_an_offer_brings_orders_forward_and_lowers_what_comes_after() -> None:
    """Orders in the week that it lasts, and in the weeks after, by who saw it."""
    early, late = {}, {}
    for gain in (0.0, 6.0):
        scenario = shop(gain)
        comparison = run(scenario, load(scenario, "omnichannel"), pilot=20)
        rows = having(table(comparison, "omnichannel"), "order")
        begin = scenario.time.burn_in
        age = (rows["time"] - begin) / 86400
        early[gain] = int(((age >= 0) & (age < 8)).sum())
        late[gain] = int(((age >= 8) & (age < 60)).sum())
    assert early[6.0] > early[0.0]
    assert late[6.0] < late[0.0]


def test_without_offers_nobody_learns_anything() -> None:
    nothing: dict[str, Any] = {"population": {"customers": 60}, "brand": {"journeys": []}}
    scenarios = [shop(gain, **nothing) for gain in (0.0, 6.0)]
    one, other = (run(s, load(s, "no_contact"), pilot=20) for s in scenarios)
    same_rows(log(one, "no_contact"), log(other, "no_contact"))


def test_both_engines_agree() -> None:
    scenario = shop(3.0, population={"customers": 60})
    compiled, simpy = (
        run(scenario, load(scenario, "omnichannel"), engine=engine, pilot=20)
        for engine in ("compiled", "simpy")
    )
    same_rows(log(compiled, "omnichannel"), log(simpy, "omnichannel"))
