"""What a tired user types into a copy of a shipped scenario: where it is wrong, and what is right.

Each case changes one thing of a scenario that comes with the package, as a file that `extends` it.
The finding must be one line that points to the user's own line and key, whatever file has the other
half of the contradiction.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from omnilab import cli

NEAR = (
    "channels: [{{name: app, visit: {{tells_position: 30%}}}}]\nbrand: {{journeys: [{{name: n, "
    "trigger: near, near: {{place: {place}, {more}}}, sequence: [app], steps: [{{message: "
    "{{channels: [push]}}}}]}}]}}\n"
)
STEPS = "brand: {{journeys: [{{name: n, trigger: order, sequence: [web, email], steps: [{}]}}]}}\n"
MESSAGE = "{message: {channels: [email]}}"

#: Base, what is changed of it, line, key, words: refused.
REFUSED = {
    "a store that is open at night": (
        "billboard-walk-v1", 'channels: [{name: store, visit: {opens: "02:00", closes: "03:00"}}]',
        3, "channels.store.visit", "opening hours that never meet a way"),
    "a store that opens at the day's end": (
        "shoe-size-v1", 'channels: [{name: store, visit: {opens: "24:00"}}]',
        3, "channels.store.visit.opens", "24:00 is the day's end"),
    "errands before they begin": (
        "billboard-walk-v1", 'world: {places: {out_from: "22:00", out_to: "07:00"}}',
        3, "world.places.out_to", "07:00 is not after out_from, 22:00"),
    "near everything": (
        "billboard-walk-v1", NEAR.format(place="shop", more="radius_m: 99000"),
        4, "brand.journeys.n.near.radius_m", "within about 11.7 km"),
    "near a board": (
        "billboard-walk-v1", NEAR.format(place="board", more="radius_m: 300"),
        4, "brand.journeys.n.near.place", ("'board' is a board, which nobody can be near to; there"
        " are shop, other-shop")),
    "near a store, so long before it closes as it is never open": (
        "billboard-walk-v1", NEAR.format(place="shop", more="radius_m: 300, lead: 12h"),
        4, "brand.journeys.n.near.lead", "'shop' is never open for 12h more: from 09:00 to 20:00"),
    "budgets of a cell": (
        "ad-budget-v1", "population: {town: null}",
        3, "population.town", "or more people a town (population.town)"),
    "agents without a town": (
        "call-center-v1", "population: {town: null}",
        3, "population.town", "agents are shared by a town"),
    "questions and nobody who answers": (
        "call-center-v1", "brand: {contact: null}",
        3, "brand.contact", "questions that no channel answers"),
    "agents who are more in all than people": (
        "call-center-v1",
        ("population: {town: 10}\nbrand: {contact: {agents: [{name: agents, number: 6, channels: "
        "[call]}, {name: b, number: 6, channels: [chat]}]}}"),
        4, "brand.contact.agents.b.number", "6 agents beside 6 in the teams before for 10 people"),
    "agents who write mail": (
        "call-center-v1", "brand: {contact: {agents: [{name: agents, channels: [email]}]}}",
        3, "brand.contact.agents.agents.channels", "`visit` side, web, app, store, call, chat"),
    "no tills": (
        "grocery-30min-v1", "channels: [{name: store, till: {servers: 0}}]",
        3, "channels.store.till.servers", "0 must be at least 1, or write none"),
    "tills without number": (
        "grocery-30min-v1", "channels: [{name: store, till: {servers: None}}]",
        3, "channels.store.till.servers", "(did you mean 'none'?)"),
    "windows that end before an order is ready": (
        "grocery-30min-v1",
        "channels: [{name: app, delivery: [{name: door, promised: 9d, slots: {capacity: 3}}]}]",
        3, "channels.app.delivery.door.slots.ahead", "at most 1w ahead"),
    "a window that is longer than the day's": (
        "grocery-30min-v1",
        ('channels: [{name: app, delivery: [{name: door, slots: {capacity: 3, opens: "10:00", '
        'closes: "11:00"}}]}]'),
        3, "channels.app.delivery.door.slots.every", "no window of 2h fits"),
    "reviews without a town": (
        "friends-v1", "population: {town: null}\nworld: {friends: {each: 0}}",
        3, "population.town", "reviews are shown within a town"),
    "referrals that pay nothing": (
        "friends-v1", "brand: {referral: {reward: 0, friend: 0}}",
        3, "brand.referral.reward", "no friend can buy with a link"),
    "more units than can be written": (
        "shoe-size-v1", ("stock: {places: [{name: high_street, goods: [{category: shoes, units: "
        f"{10**40}}}]}}]}}"),
        3, "stock.places.high_street.goods[0].units", "is too large"),
    "shares of variants": (
        "shoe-size-v1", ("categories: [{name: shoes, variants: [{name: colour, popularity: "
        "{black: 60%}}]}]"),
        3, "categories.shoes.variants.colour.popularity", ": the shares must add up to 1"),
    "a score that a million orders do not make": (
        "promo-codes-v1",
        ("brand: {score: {frequency: 1}, journeys: [{name: n, trigger: order, sequence: [email], "
        f"steps: [{{split: {{has: score, score: 500}}}}, {MESSAGE}]}}]}}"),
        3, "brand.journeys.n.steps[0].split.score", "no score is above 13.8"),
    "a tier that is not there": (
        "rewards-tiers-v1", STEPS.format(f"{{split: {{has: tier, tier: wood}}}}, {MESSAGE}"),
        3, "brand.journeys.n.steps[0].split.tier", "unknown tier 'wood'; there are silver, gold"),
    "an offer for what is not sold": (
        "order-ahead-v1", "brand: {offers: [{name: latte, category: tea}]}",
        3, "brand.offers.latte.category", "unknown 'tea'; there are coffee, beans"),
    "a message over a shop": (
        "promo-codes-v1", STEPS.format("{message: {channels: [web]}}"),
        3, "brand.journeys.n.steps[0].message.channels",
        "'web' has no `message` side: messages go over push, email, sms"),
    "an exit that is none": (
        "promo-codes-v1", STEPS.format(f"{{exit: false}}, {MESSAGE}"),
        3, "brand.journeys.n.steps[0].exit", "expected true, found false"),
    "customers by the thousand": (
        "promo-codes-v1", "population: {customers: 10k}",
        3, "population.customers", "found '10k' (did you mean 10000?)"),
    "customers with a comma": (
        "promo-codes-v1", "population: {customers: '10,000'}",
        3, "population.customers", "found '10,000' (did you mean 10000?)"),
    "a yes for a number": (
        "promo-codes-v1", "population: {customers: true}",
        3, "population.customers", "expected a number, found true"),
    "a yes for a town": (
        "shoe-size-v1", "population: {town: true}",
        3, "population.town", "expected a number, found true"),
    "a point that is a comma": (
        "promo-codes-v1", "world: {intent: {visit_gain: '1,5'}}",
        3, "world.intent.visit_gain", "found '1,5' (did you mean 1.5?)"),
    "a share with a comma": (
        "promo-codes-v1", "channels: [{name: email, message: {opt_out: '0,2%'}}]",
        3, "channels.email.message.opt_out", "(did you mean 0.2%?)"),
    "a price with a comma": (
        "promo-codes-v1", "categories: [{name: shoes, spend: {mean: '80,50'}}]",
        3, "categories.shoes.spend.mean", "(did you mean 80.50?)"),
    "days in capitals": (
        "promo-codes-v1", "time: {burn_in: 90D}", 3, "time.burn_in", "(did you mean 90d?)"),
    "metres with their unit": (
        "billboard-walk-v1", NEAR.format(place="shop", more="radius_m: 300 m"),
        4, "brand.journeys.n.near.radius_m", "found '300 m' (did you mean 300?)"),
    "units with their name": (
        "shoe-size-v1",
        "stock: {places: [{name: high_street, goods: [{category: shoes, units: 60 pairs}]}]}",
        3, "stock.places.high_street.goods[0].units", "found '60 pairs' (did you mean 60?)"),
    "metres for kilometres, which are not meant": (
        "billboard-walk-v1", "world: {places: {size_km: 600 m}}",
        3, "world.places.size_km", "expected a number, found '600 m'\n"),
    "a currency in small letters": (
        "promo-codes-v1", "currency: eur", 3, "currency", "(did you mean 'EUR'?)"),
    "a landing that is not there": (
        "promo-codes-v1", "channels: [{name: email, message: {landing: wbe}}]",
        3, "channels.email.message.landing", "unknown 'wbe' (did you mean 'web'?)"),
    "one end of an interval": (
        "promo-codes-v1", "fitted: {world.offers.redeems: ['1']}",
        3, "fitted.world.offers.redeems", "item 2 is missing"),
    "a colon without a space": (
        "promo-codes-v1", "brand:\n  control:10%",
        3, "brand", "(did you mean 'control: 10%', with a space?)"),
    "a code that is over before it is handed out": (
        "promo-codes-v1", ("brand: {offers: [{name: store-code, to_day: 10}], journeys: [{name: "
        "browse, from_day: 100}]}"),
        3, "brand.offers.store-code.to_day", "begins on day 100"),
}  # fmt: skip

#: The same, of what runs and does nothing.
WARNED = {
    "more people a town than there are": (
        "shoe-size-v1", "population: {customers: 200, town: 1000}",
        3, "population.town", "200 customers fill no town of 1,000 people"),
    "friends without a town": (
        "friends-v1",
        "population: {town: null}\nworld: {reviews: {written: 0%, read: 0%}}",
        3, "population.town", "friends are those of a cell"),
    "places without a town": (
        "billboard-walk-v1", "population: {town: null}",
        3, "population.town", "there are no towns"),
    "ways that nobody goes": (
        "billboard-walk-v1", "world: {places: {works: 0%, errands: 0}}",
        3, "world.places.errands", "nobody passes other-shop and board"),
    "a store that opens after the window": (
        "billboard-walk-v1", "places: [{name: shop, opens_on: 100}]",
        3, "places.shop.opens_on", "never opens: the window has 35 days"),
    "a board that is seen from everywhere": (
        "billboard-walk-v1", "places: [{name: board, sight_m: 90000}]",
        3, "places.board.sight_m", "every way passes it"),
    "a store that is paid by glances": (
        "billboard-walk-v1", "places: [{name: shop, cost: 1}]",
        3, "places.shop.cost", "only a board costs"),
    "a board around nothing": (
        "billboard-walk-v1", "places: [{name: b, kind: board, within_m: 90}]",
        3, "places.b.within_m", "`around` is not given"),
    "print around nothing": (
        "billboard-walk-v1",
        "brand: {media: [{name: a, medium: print, grp: 50, lasts: 2w, within_m: 100}]}",
        3, "brand.media.a.within_m", "handed out everywhere"),
    "a supplier who never comes": (
        "shoe-size-v1",
        ("stock: {places: [{name: high_street, goods: [{category: shoes, units: 60, "
        "review: 7d, lead: 400d}]}]}"),
        3, "stock.places.high_street.goods[0].lead", "what is ordered never comes"),
    "a look at the shelf that never comes": (
        "shoe-size-v1",
        ("stock: {places: [{name: high_street, goods: [{category: shoes, units: 60, "
        "review: 900d}]}]}"),
        3, "stock.places.high_street.goods[0].review", "it never looks at its units"),
    "a supplier without an order": (
        "shoe-size-v1",
        ("stock: {places: [{name: high_street, goods: [{category: shoes, units: 60, "
        "lead: 9d}]}]}"),
        3, "stock.places.high_street.goods[0].lead", "give `review` or `order_point`"),
    "units that spoil and are without number": (
        "shoe-size-v1",
        "stock: {places: [{name: high_street, goods: [{category: shoes, life: 3d}]}]}",
        3, "stock.places.high_street.goods[0].life", "`units` is not given"),
    "a parcel that never comes": (
        "shoe-size-v1", "stock: {places: [{name: high_street, ships: 999d}]}",
        3, "stock.places.high_street.ships", "never comes: all that is simulated are 272d"),
    "a feed that is never read": (
        "shoe-size-v1", "stock: {feed: 999d}", 3, "stock.feed", "never read"),
    "a way of delivery that never comes": (
        "grocery-30min-v1", "channels: [{name: app, delivery: [{name: door, promised: 900d}]}]",
        3, "channels.app.delivery.door.promised", "never comes"),
    "a bid far below the others'": (
        "ad-budget-v1",
        "channels: [{name: social_ad, message: {auction: {bid: 0.0001, rivals: 9}}}]",
        3, "channels.social_ad.message.auction.bid", "never wins"),
    "opened, and not": (
        "promo-codes-v1",
        STEPS.format(f"{MESSAGE}, {{split: {{has: opened}}}}, {{split: {{has: not_opened}}}}, "
                     f"{MESSAGE}"),
        3, "brand.journeys.n.steps[2].split", "`not_opened` contradicts that"),
    "no order after an order": (
        "promo-codes-v1", STEPS.format(f"{{split: {{has: no_order}}}}, {MESSAGE}"),
        3, "brand.journeys.n.steps[0].split", "its trigger is an order"),
    "a value that nobody pays": (
        "rewards-tiers-v1", STEPS.format(f"{{split: {{has: value, at_least: 1e8}}}}, {MESSAGE}"),
        3, "brand.journeys.n.steps[0].split.at_least", "hardly anybody has paid 100,000,000"),
}  # fmt: skip


def _said(tmp_path: Path, capsys: pytest.CaptureFixture[str], case: tuple) -> tuple[int, str, str]:
    """Return exit code, what is said of the file, and how that line has to begin."""
    base, changes, line, key, words = case
    (typed := tmp_path / "typed.yaml").write_text(
        f"extends: {base}\nid: typed-v1\n{changes.rstrip()}\n", encoding="utf-8"
    )
    code = cli.main(["validate", "-q", str(typed)])
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert [path.name for path in tmp_path.iterdir()] == ["typed.yaml"]
    return code, err, f"{typed}:{line}: {key}: "


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_not_be_is_refused_at_the_users_line(name: str, tmp_path: Path, capsys) -> None:
    code, err, place = _said(tmp_path, capsys, REFUSED[name])
    assert code == 2
    assert err.startswith(f"error: {place}")
    assert err.count("\n") == 1


@pytest.mark.parametrize("name", WARNED)
def test_what_does_nothing_is_said_at_the_users_line(name: str, tmp_path: Path, capsys) -> None:
    code, err, place = _said(tmp_path, capsys, WARNED[name])
    assert code == 0
    assert f"warning: {place}" in err
