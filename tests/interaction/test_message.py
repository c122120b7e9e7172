"""A message on its way: sent, delivered, seen, clicked, landed; and what it does to the person."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import pytest

from omnilab.brand.codes import E_CART, T_SEND
from omnilab.brand.context import context_of
from omnilab.brand.journeys import see_event, timer_of
from omnilab.brand.profiles import link_visit
from omnilab.cell import queue
from omnilab.draws import streams
from omnilab.interaction.message import CLICKS, OPENS
from omnilab.world import needs, receipts
from omnilab.world.affinity import effect_on, hour_effect
from omnilab.world.fatigue import attention, opt_out_factor
from omnilab.world.identifiers import code_of
from omnilab.world.mailshot import mailshot_effect
from omnilab.world.response import click_chance, open_chance
from tests.plain import plain
from tests.worlds import (
    AD,
    DAY,
    EMAIL,
    IN_APP,
    IN_EMAIL,
    IN_WEB,
    PUSH,
    STORE,
    WEB,
    changed,
    corner,
    drawn,
    due,
    eager,
    happen,
    logged,
    model_of,
    needs_of,
    plan_of,
    quiet,
    shown,
)

RULES = (
    "interaction/send.py", "interaction/leaving.py", "interaction/need.py", "interaction/visit.py",
    "brand/observe.py", "brand/judge.py", "world/state.py", "world/fatigue.py", "world/response.py",
    "world/needs.py", "world/affinity.py", "world/mailshot.py", "world/receipts.py",
    "world/search.py", "interaction/wall.py",
)  # fmt: skip
T = 40 * DAY  # a tick
code = plain(code_of)
COOKIE, LOGIN, MAIL = code(0, 0, 0), code(2, 0, 0), code(3, 0, 0)


@cache
def plan_with(channels: tuple[str, ...], message: tuple[tuple[str, Any], ...]) -> Any:
    """Return the plan of one journey with one message."""
    step = {"message": {"channels": list(channels or ("email",)), "fallback_after": "6h",
                        "success": "opened", **dict(message)}}  # fmt: skip
    journey = {"name": "j", "trigger": "cart", "sequence": ["web", "email"], "steps": [step]}
    rules = {"identity": 2, "context": 2, "cap_messages": 0}
    return plan_of(corner(brand={"journeys": [journey]}), rules=rules)


class Post:
    """A person, and a copy of a journey whose message is due."""

    def __init__(
        self, *channels: str, rules: Any = None, number: int = 0, message: Any = None,
        **changes: Any,
    ) -> None:  # fmt: skip
        base: dict[str, Any] = {
            "response": {"need": 0.0, "personal": 0.0, "hour": 0.0, "generic": 1.0, "created": 0.0,
                         "reveals": 0.0, "view_through": 0.0, "revives": 0.0},
            "fatigue": {"spam_bad": 0.0, "exponent": 0.0},
            "identifiers": {"click_carries": 0}, "intent": {"returns": 0.0},
        }  # fmt: skip
        self.model = model_of(
            **{k: base.get(k, {}) | changes.get(k, {}) for k in {*base, *changes}}
        )
        for channel in self.model.ch:
            channel.delivered, channel.base_open, channel.base_click = 1.0, 1.0, 0.0
            channel.opt_out = channel.complaint = 0.0
            channel.delay_sigma, channel.delay_median = 0.0, 99.0
        self.plan = changed(plan_with(channels, tuple((message or {}).items())), rules=rules or {})
        self.cell = eager(self.model, 1, self.plan)
        self.person = self.cell.person[0]
        self.person.entity, self.person.address_t = 8 * number, 1 << 40
        self.person.consent, self.person.threshold = 1 << EMAIL | 1 << PUSH | 1 << AD, 50.0
        self.cell.meta.number, self.cell.meta.copy_serial = 5, 9
        self.cart = (-1, 0)  # the token and the category of the cart that starts the journey
        n = shown(self.cell, COOKIE, LOGIN, MAIL)
        self.profile = int(plain(link_visit)(self.cell, self.plan, T - 100, IN_WEB, n))

    def need(self, category: int = 0, stage: int = needs.EXPLORING, token: int = 0) -> Any:
        happen(self.cell, self.model, self.plan, T - 50, queue.NEED, 0, category, token)
        quiet(self.cell)
        need = needs_of(self.cell, 0)[0]
        need.stage, need.expires = stage, T + 90 * DAY
        return need

    def send(self, t: int = T) -> Any:
        """Start a copy if there is none, and let its message be due; return the log."""
        if self.cell.copy[0].state == 0:
            plain(see_event)(self.cell, self.plan, t, self.profile, 1 << IN_WEB, E_CART, *self.cart)
        self.cell.meta.timers = 0
        number = plain(timer_of)(self.cell.copy[0])
        happen(self.cell, self.model, self.plan, t, queue.SEND, queue.BRAND, 0, number)
        return logged(self.cell)

    def kinds(self) -> list[str]:
        return [x["kind"] for x in logged(self.cell)]

    def open(self) -> list[str]:
        """Let the message under way be opened; return what kinds of rows that made."""
        ((t, _, _, slot, _),) = due(self.cell, queue.OPEN)
        self.cell.meta.rows = 0
        self.seen_at = t
        happen(self.cell, self.model, self.plan, t, queue.OPEN, 0, slot)
        return self.kinds()

    def address(self, channel: int = EMAIL, t: int = T) -> int:
        """Return the address of the first message's draws."""
        creative = int(self.plan.step[0, 0].creative)
        return t // int(self.model.response.slot) << 32 | channel << 24 | creative << 8

    def draws(self, stream: int, channel: int = EMAIL) -> tuple[float, ...]:
        return drawn(self.model, stream, self.person.entity, self.address(channel))


def test_a_message_is_sent_delivered_and_under_way() -> None:
    post = Post()
    sent, delivered = [x for x in post.send() if x["kind"] in ("sent", "delivered")]
    assert (sent["channel"], sent["silo"], sent["journey"], sent["step"]) == (EMAIL, IN_EMAIL, 0, 0)
    assert sent["cost"] == 200  # milli-cents
    assert sent["category"] == -1
    assert sent["message"] == delivered["message"] == 5 << 24
    ((t, _, who, slot, _),) = due(post.cell, queue.OPEN)
    x = post.cell.message[slot]
    assert (t, who, x.sent) == (T + 100, 0, T)
    assert post.cell.received[post.profile].tolist() == [0, 0, 0, 1, 0, 0]
    assert post.cell.copy[0].status == 2  # delivered


def test_what_is_opened_after_the_run_is_not_opened() -> None:
    post = Post()
    post.model.ch[EMAIL].delay_median = float(post.model.clock.run_end - T) - 2
    post.send()
    assert len(due(post.cell, queue.OPEN)) == 1
    post = Post()
    post.model.ch[EMAIL].delay_median = float(post.model.clock.run_end - T) - 1
    post.send()
    assert due(post.cell, queue.OPEN) == []


def test_some_messages_bounce() -> None:
    bounced = 0
    for number in range(14):
        post = Post(number=number)
        post.model.ch[EMAIL].delivered = 0.6
        post.send()
        arrives = post.draws(streams.MESSAGE)[0]
        assert ("bounce" in post.kinds()) == (arrives >= 0.6)
        assert ("delivered" in post.kinds()) == (arrives < 0.6)
        bounced += arrives >= 0.6
        assert post.cell.node[2].dead == 0
    assert 0 < bounced < 14


@pytest.mark.parametrize("field", ["changed", "mistyped"])
def test_an_address_that_is_none_any_more_is_dead(field: str) -> None:
    post = Post()
    if field == "changed":
        post.person.address_t = T
    else:
        post = Post("push")
        post.cell.node[1].code = code(2, 0, 1 << 21)
    post.send()
    assert "delivered" not in post.kinds()
    assert "bounce" in post.kinds()
    assert [int(x.dead) for x in post.cell.node[:3]].count(1) == 1
    assert post.cell.copy[0].status == 1


def test_a_cookie_is_valid_whatever_its_number() -> None:
    post = Post("ad")
    post.cell.node[0].code = code(0, 0, 7)
    post.send()
    assert "delivered" in post.kinds()


def test_some_are_seen_by_their_chance() -> None:
    opened = 0
    for number in range(14):
        post = Post(number=number, response={"need": 3.0})
        post.need()
        channel = post.model.ch[EMAIL]
        channel.base_open, channel.open_logit = 0.3, -2.0
        post.send()
        chance = plain(open_chance)(post.model, 0.0, channel, T, 1.0, 0.0, 1.0)
        assert bool(due(post.cell, queue.OPEN)) == (post.draws(streams.MESSAGE)[1] < chance)
        opened += post.draws(streams.MESSAGE)[1] < chance
    assert 1 < opened < 14


@pytest.mark.parametrize("mechanism", ["affinity own", "affinity hours", "mailshot sd"])
def test_who_sees_it_hangs_on_taste_hours_and_the_mailshot(mechanism: str) -> None:
    """The person's own effect on the channel, at the time; the effect of content and day."""
    name, field = mechanism.split()
    opened = []
    for number in range(16):
        post = Post(
            number=number, message={"quality": -0.5}, response={"personal": 2.0},
            **{name: {field: 3.0}},
        )  # fmt: skip
        channel = post.model.ch[EMAIL]
        channel.base_open, channel.open_logit = 0.5, 0.0
        t = T + number * DAY
        post.send(t)
        effect = plain(effect_on)(post.model, post.person, EMAIL)
        creative = int(post.plan.step[0, 0].creative)
        further = -0.5 + plain(hour_effect)(post.model, post.person, t)
        further += plain(mailshot_effect)(post.model, t, EMAIL, creative)
        chance = plain(open_chance)(post.model, effect, channel, t, 0.0, further, 1.0)
        assert chance != plain(open_chance)(
            post.model, float(post.person.effect), channel, t, 0.0, -0.5, 1.0
        )
        address = post.address(t=t)
        seen = drawn(post.model, streams.MESSAGE, post.person.entity, address)[1] < chance
        assert bool(due(post.cell, queue.OPEN)) == seen
        opened.append(seen)
    assert any(opened)
    assert not all(opened)


def by_machines(number: int = 0, *, t: int = T, **shares: float) -> Post:
    """Send to somebody who sees nothing, over a channel on which machines meet messages."""
    post = Post(number=number)
    post.model.ch[EMAIL].base_open = 0.0
    for name, share in shares.items():
        post.model.ch[EMAIL][name] = share
    post.send(t)
    return post


def test_machines_open_and_click_each_in_its_own_time_and_nobody_does_anything() -> None:
    post = by_machines(machine_opens=1.0, scanner_clicks=1.0)
    _, clicks_in, opens_in, _ = post.draws(receipts.MACHINE)
    at = {OPENS: T + plain(receipts.soon)(opens_in), CLICKS: T + plain(receipts.soon)(clicks_in)}
    found = due(post.cell, queue.MACHINE)
    slot = found[0][3]
    assert sorted(found) == sorted((t, queue.MACHINE, 0, slot, what) for what, t in at.items())
    assert post.cell.message[slot].awaited == 2
    for n, (t, _, who, _, what) in enumerate(found):
        post.cell.meta.rows = 0
        assert post.cell.meta.free_message == -1
        happen(post.cell, post.model, post.plan, t, queue.MACHINE, who, slot, what)
        row = logged(post.cell)[0]
        assert row["kind"] == ("machine_open" if what == OPENS else "scanner_click")
        assert (row["time"], row["person"], row["receipt"]) == (t, 0, receipts.COMES_BACK)
        assert not {"open", "click", "visit"} & set(post.kinds())
        assert post.cell.answered[post.profile].tolist() == [0, 0, 0, n + 1, 0, 0]
    assert post.cell.meta.free_message == slot
    assert (post.person.spill, post.person.offer_until) == (0.0, -1)


def test_without_either_no_machine_meets_it() -> None:
    assert not due(by_machines().cell, queue.MACHINE)
    for what, name in ((OPENS, "machine_opens"), (CLICKS, "scanner_clicks")):
        ((_, _, _, _, found),) = due(by_machines(**{name: 1.0}).cell, queue.MACHINE)
        assert found == what


def test_machines_have_some_persons_clients_and_some_messages() -> None:
    clients, scans = [], []
    for number in range(16):
        post = by_machines(number, machine_opens=0.5, scanner_clicks=0.5)
        kinds = [what for *_, what in due(post.cell, queue.MACHINE)]
        client = plain(receipts.mail_client)(post.model, post.person, EMAIL, post.model.ch[EMAIL])
        clients.append(client == receipts.OPENS_ALL)
        scans.append(post.draws(receipts.MACHINE)[0] < 0.5)
        assert (OPENS in kinds, CLICKS in kinds) == (clients[-1], scans[-1])
    for some in (clients, scans):
        assert 2 < sum(some) < 14


def test_what_machines_would_do_after_the_run_they_do_not() -> None:
    end = int(model_of().clock.run_end)
    post = by_machines(machine_opens=1.0, scanner_clicks=1.0, t=end - 1)
    assert not due(post.cell, queue.MACHINE)


def test_a_hidden_open_is_never_told_and_a_click_is() -> None:
    post = Post()
    channel = post.model.ch[EMAIL]
    channel.hidden_opens, channel.base_click, channel.click_logit = 1.0, 0.5, 50.0
    post.send()
    post.open()
    told = {x["kind"]: x["receipt"] for x in logged(post.cell, "open", "click")}
    assert told == {"open": receipts.HIDDEN, "click": receipts.COMES_BACK}
    assert post.cell.answered[post.profile].tolist() == [0, 0, 0, 1, 0, 0]


def test_pressure_dulls_attention_and_grows_by_the_channels_weight() -> None:
    opened = 0
    for number in range(14):
        post = Post(number=number, fatigue={"exponent": 0.7, "memory_weeks": 1.0})
        post.model.ch[EMAIL].weight = 0.5
        post.person.pressure, post.person.pressure_t = 3.0, T
        post.person.ideal = 1.0
        post.send()
        weekly = 1.0 / math.log(1.0 + 1.0 / 3.0)
        seen = post.draws(streams.MESSAGE)[1]
        assert bool(due(post.cell, queue.OPEN)) == (seen < plain(attention)(post.model, weekly))
        assert post.person.pressure == 3.5
        opened += seen < plain(attention)(post.model, weekly)
    assert 1 < opened < 14


def test_ads_wear_out_and_press_nobody() -> None:
    opened = 0
    for number in range(14):
        post = Post("ad", number=number, fatigue={"wear_out": 4.0})
        post.person.exposure, post.person.exposure_t = 6.0, T
        post.send()
        seen = post.draws(streams.MESSAGE, AD)[1]
        assert bool(due(post.cell, queue.OPEN)) == (seen < 0.75)
        assert (post.person.exposure, post.person.pressure) == (7.0, 0.0)
        opened += seen < 0.75
    assert 1 < opened < 14


def annoyed(number: int, **changes: Any) -> Post:
    """Send to somebody who gets four times what is welcome."""
    post = Post(
        number=number, message={"fallback_after": "5d"},
        fatigue={"exponent": 0.0, "memory_weeks": 1.0, "spam_bad": 0.0,
                 "convexity": 2.0, **changes.pop("fatigue", {})}, **changes,
    )  # fmt: skip
    post.person.ideal = 1.0
    post.person.pressure, post.person.pressure_t = 1.0 / math.expm1(1.0 / 4.0), T
    return post


def test_too_many_messages_drive_people_out() -> None:
    out = 0
    for number in range(14):
        post = annoyed(number)
        post.model.ch[EMAIL].opt_out = 0.02
        post.send()
        hazard = 0.02 * plain(opt_out_factor)(post.model, post.person, 4.0)
        assert hazard == pytest.approx(0.02 * 19)
        goes = post.draws(streams.MESSAGE_2)[0] < hazard
        assert ("unsubscribe" in post.kinds()) == goes
        assert post.person.consent >> EMAIL & 1 == int(not goes)
        assert post.person.consent >> PUSH & 1 == 1
        out += goes
    assert 0 < out < 13


def test_an_ads_opt_outs_do_not_hang_on_the_volume() -> None:
    for number in range(12):
        post = Post("ad", number=number, fatigue={"convexity": 50.0})
        post.person.ideal = 0.01
        post.person.exposure, post.person.exposure_t = 9.0, T
        post.model.ch[AD].opt_out = 0.3
        post.send()
        assert ("unsubscribe" in post.kinds()) == (post.draws(streams.MESSAGE_2, AD)[0] < 0.3)


def test_some_who_go_stop_everything() -> None:
    stopped = 0
    for number in range(20):
        post = Post(number=number, fatigue={"stop_all": 0.4})
        post.model.ch[EMAIL].opt_out = 1.0
        post.send()
        everything = post.draws(streams.MESSAGE_2)[1] < 0.4
        assert ("stop_all" in post.kinds()) == everything
        assert post.person.stopped == int(everything)
        assert post.cell.profile[post.profile].stopped == (1 << IN_EMAIL if everything else 0)
        stopped += everything
    assert 2 < stopped < 18


def test_complaints() -> None:
    complained = 0
    for number in range(20):
        post = Post(number=number)
        post.model.ch[EMAIL].complaint = 0.3
        post.send()
        complains = post.draws(streams.MESSAGE_2)[2] < 0.3
        assert ("spamreport" in post.kinds()) == complains
        complained += complains
    assert 1 < complained < 16


def test_more_than_twice_what_is_welcome_is_spam() -> None:
    bad = 0
    for number in range(14):
        post = annoyed(number, fatigue={"spam_bad": 0.3}, satisfaction={"kappa": 0.0})
        post.person.ideal = 1.9
        post.send()
        spam = post.draws(streams.MESSAGE_2)[2] >= 0.7
        assert [x["why"] for x in logged(post.cell, "bad_experience")] == ([3] if spam else [])
        bad += spam
    assert 0 < bad < 14
    calm = annoyed(0, fatigue={"spam_bad": 1.0})
    calm.person.ideal = 2.0001
    calm.send()
    assert "bad_experience" not in calm.kinds()
    ad = Post("ad", fatigue={"spam_bad": 1.0})
    ad.person.ideal = 1e-9
    ad.send()
    assert "bad_experience" not in ad.kinds()


def test_to_be_written_to_after_a_stop_annoys() -> None:
    bad = 0
    for number in range(14):
        post = Post(number=number, continuity={"annoys": 0.4}, satisfaction={"kappa": 0.0})
        post.person.stopped = 1
        post.send()
        annoys = post.draws(streams.MESSAGE_2)[2] >= 0.6
        assert [x["why"] for x in logged(post.cell, "bad_experience")] == ([4] if annoys else [])
        assert not {"stop_all", "unsubscribe", "spamreport"} & set(post.kinds())
        bad += annoys
    assert 0 < bad < 14


def test_what_is_opened_is_known_and_stirs_the_need_it_shows() -> None:
    post = Post(intent={"message_gain": 0.7, "returns": 0.0}, offers={"lasts": 1000})
    need = post.need()
    post.send()
    assert post.open() == ["open", "final", "exit"]
    assert need.stock == 0.7
    assert post.cell.answered[post.profile].tolist() == [0, 0, 0, 1, 0, 0]
    person = post.person
    assert (person.spill_channel, person.spill, person.spill_t) == (WEB, 1.0, post.seen_at)
    assert person.offer == 0.0
    assert post.cell.meta.free_message == 0


def test_an_offer_is_in_hand_from_then_on() -> None:
    post = Post(message={"offer": 0.15}, offers={"lasts": 1000})
    post.send()
    post.open()
    assert post.person.offer == 0.15
    assert post.person.offer_until == post.seen_at + 1000


def test_what_shows_everything_catches_the_eye_by_a_share() -> None:
    stirred = 0
    for number in range(14):
        post = Post(number=number, response={"generic": 0.5}, intent={"message_gain": 0.7})
        need = post.need()
        post.send()
        post.open()
        hits = post.draws(streams.MESSAGE_3)[0] < 0.5
        assert (need.stock > 0.0) == hits
        stirred += hits
    assert 0 < stirred < 14


@pytest.mark.parametrize(
    ("token", "category", "stirred"), [(0, 0, 0), (9, 0, 1), (9, 1, 2), (9, 5, -1)]
)
def test_a_message_shows_its_carts_need_or_the_latest_of_its_kind(
    token: int, category: int, stirred: int
) -> None:
    post = Post(message={"shows": "cart"}, intent={"message_gain": 0.7})
    found = [post.need(0, token=0), post.need(0, token=1), post.need(1, token=2)]
    post.cart = (int(found[0].ordinal) if token == 0 else 999, category)
    (sent,) = [x for x in post.send() if x["kind"] == "sent"]
    assert sent["category"] == category
    post.open()
    assert [n for n in range(3) if found[n].stock > 0.0] == ([stirred] if stirred >= 0 else [])


@pytest.mark.parametrize(
    ("stage", "reveals", "view_through", "comes"),
    [(needs.LATENT, 1.0, 0.0, True), (needs.LATENT, 0.0, 1.0, False),
     (needs.EXPLORING, 0.0, 1.0, True), (needs.EXPLORING, 1.0, 0.0, False)],
)  # fmt: skip
def test_without_a_click_some_come_later(
    stage: int, reveals: float, view_through: float, comes: bool
) -> None:
    post = Post(response={"reveals": reveals, "view_through": view_through},
                intent={"quick_share": 0.5, "quick": 100.0, "slow": 9000.0})  # fmt: skip
    need = post.need(stage=stage)
    post.send()
    post.open()
    _, shows, _, u = post.draws(streams.MESSAGE_3)
    items = due(post.cell, queue.REVISIT)
    assert bool(items) == comes
    for t, _, _, packed, occasion in items:
        mean = 100.0 if shows < 0.5 else 9000.0
        assert t == pytest.approx(post.seen_at - math.log(u) * mean, abs=1.5)
        assert packed == streams.VISIT_MESSAGE << 32 | int(need.ordinal)
        assert occasion == post.address() | 1 << 56


def test_who_comes_later_comes_soon_or_late_whatever_the_chance() -> None:
    """The uniform that lets a person come is stretched, and says when."""
    means = set()
    for number in range(30):
        post = Post(number=number, response={"view_through": 0.3},
                    intent={"quick_share": 0.5, "quick": 100.0, "slow": 9000.0})  # fmt: skip
        post.need()
        post.send()
        post.open()
        _, shows, _, u = post.draws(streams.MESSAGE_3)
        for t, *_ in due(post.cell, queue.REVISIT):
            mean = 100.0 if shows < 0.15 else 9000.0
            assert t == pytest.approx(post.seen_at - math.log(u) * mean, abs=1.5)
            means.add(mean)
    assert means == {100.0, 9000.0}


def test_who_comes_later_comes_by_the_chance_and_before_the_need_ends() -> None:
    came = 0
    for number in range(14):
        post = Post(number=number, response={"view_through": 0.4})
        need = post.need()
        post.send()
        post.open()
        comes = post.draws(streams.MESSAGE_3)[1] < 0.4
        assert bool(due(post.cell, queue.REVISIT)) == comes
        came += comes
    assert 0 < came < 14
    soon = {"quick_share": 1.0, "quick": 0.01, "slow": 0.01}  # in less than a second
    post = Post(response={"view_through": 1.0}, intent=soon)
    post.need()
    post.send()
    post.open()
    ((t, *_),) = due(post.cell, queue.REVISIT)
    assert 0 <= t - post.seen_at <= 1
    post = Post(response={"view_through": 1.0})
    need = post.need()
    need.expires = T + 101
    post.send()
    post.open()
    assert due(post.cell, queue.REVISIT) == []


def clicking(*channels: str, number: int = 0, **changes: Any) -> Post:
    post = Post(*channels, number=number, **changes)
    for channel in post.model.ch:
        channel.base_click, channel.click_logit = 0.5, 50.0
    return post


def test_clicks_come_by_their_chance() -> None:
    clicked = 0
    for number in range(14):
        post = clicking(number=number, response={"need": 1.0})
        post.need()
        post.model.ch[EMAIL].click_logit = -1.0
        post.send()
        chance = plain(click_chance)(post.model, 0.0, post.model.ch[EMAIL], 1.0, 0.0)
        clicks = post.draws(streams.MESSAGE)[3] < chance
        assert ("click" in post.open()) == clicks
        clicked += clicks
    assert 0 < clicked < 14


def test_a_click_lands_on_a_visit_for_the_need() -> None:
    post = clicking()
    need = post.need(stage=needs.LATENT)
    post.model.ch[STORE].utility = 50.0  # where the person would go by itself
    post.send()
    kinds = post.open()
    assert kinds[:2] == ["open", "final"]
    assert [k for k in kinds if k in ("click", "aware", "visit")] == ["click", "aware", "visit"]
    (visit,) = logged(post.cell, "visit")
    assert (visit["need"], visit["cause"], visit["channel"]) == (need.ordinal, 5 << 24, WEB)
    (click,) = logged(post.cell, "click")
    assert (click["channel"], click["silo"], click["message"]) == (EMAIL, IN_EMAIL, 5 << 24)
    assert logged(post.cell, "aware")[0]["cause"] == 1
    assert post.cell.answered[post.profile, EMAIL] == 2


def test_a_click_without_a_need_looks_around() -> None:
    post = clicking()
    post.send()
    post.open()
    (visit,) = logged(post.cell, "visit")
    assert (visit["need"], visit["cause"], visit["channel"]) == (-1, 5 << 24, WEB)


@pytest.mark.parametrize("carries", [0, 1])
def test_a_link_may_carry_who_clicked(carries: int) -> None:
    post = clicking(identifiers={"click_carries": carries})
    post.send()
    post.open()
    shown_ = logged(post.cell, "identify")
    assert [x["type"] for x in shown_] == ([0, 3] if carries else [0])
    assert not carries or shown_[1]["carried_from"] == IN_EMAIL


@pytest.mark.parametrize("why", ["reach", "hours"])
def test_a_click_needs_a_place_to_land(why: str) -> None:
    post = clicking()
    post.need()
    if why == "reach":
        post.person.reach = 63 & ~(1 << WEB)
    else:
        post.model.ch[WEB].closes = 0
    post.send()
    kinds = post.open()
    assert "click" in kinds
    assert "visit" not in kinds


def test_a_click_may_revive_what_was_given_up() -> None:
    revived = 0
    for number in range(14):
        post = clicking(number=number, response={"revives": 0.5})
        need = post.need(stage=needs.GIVEN_UP)
        post.send()
        post.open()
        revives = post.draws(streams.MESSAGE_3)[2] < 0.5
        (visit,) = logged(post.cell, "visit")
        assert visit["need"] == (need.ordinal if revives else -1)
        assert "aware" not in post.kinds()
        revived += revives
    assert 0 < revived < 14


@pytest.mark.parametrize("left", [0, 1])
def test_a_click_may_make_a_need(left: int) -> None:
    made = 0
    for number in range(16):
        post = clicking(number=number, response={"created": 0.5})
        post.person.left = left
        post.send()
        post.open()
        makes = post.draws(streams.MESSAGE_3)[3] < 0.5 and not left
        found = logged(post.cell, "need")
        assert len(found) == int(makes)
        occasion = post.address()
        for need in found:
            assert need["need"] == 1 << 25 | (occasion ^ occasion >> 24) & 0xFFFFFF
            assert need["category"] in (0, 1)  # which: tests/world/test_creation.py
        made += makes
    assert left or 2 < made < 14


def test_a_message_about_one_kind_of_thing_makes_a_need_for_it() -> None:
    post = clicking(response={"created": 1.0}, message={"shows": "cart"})
    post.cart = (999, 1)
    post.send()
    post.open()
    assert [x["category"] for x in logged(post.cell, "need")] == [1]


# --- Whether it is sent at all ------------------------------------------------------------------


def finals(post: Post) -> list[tuple[int, int]]:
    return [(x["status"], x["sends"]) for x in logged(post.cell, "final")]


def test_after_the_window_nothing_is_sent() -> None:
    post = Post()
    end = int(post.model.clock.end)
    post.send(end)
    assert "sent" not in post.kinds()
    assert finals(post) == [(8, 0)]
    post = Post()
    post.send(end - 900)
    assert "sent" in post.kinds()


def test_without_permission_or_address_a_channel_is_skipped() -> None:
    post = Post("email", "push", "ad")
    post.person.consent = 1 << AD
    post.cell.node[1].dead = 1
    rows = post.send()
    skipped = [(x["channel"], x["reason"], x["silo"]) for x in rows if x["kind"] == "skipped"]
    assert skipped == [(EMAIL, 2, IN_EMAIL), (PUSH, 1, IN_APP)]
    assert [x["channel"] for x in rows if x["kind"] == "sent"] == [AD]
    nothing = Post("email", "push")
    nothing.person.consent = 0
    nothing.send()
    assert finals(nothing) == [(3, 0)]
    assert nothing.kinds().count("skipped") == 2


def test_the_fallback_goes_to_the_next_channel_and_is_exhausted_behind_it() -> None:
    post = Post("email", "push")
    for channel in post.model.ch:
        channel.base_open = 0.0
    post.send()
    post.cell.copy[0].at = 1
    rows = post.send(T + 900)
    assert [x["channel"] for x in rows if x["kind"] == "sent"] == [EMAIL, PUSH]
    assert len({x["message"] for x in rows if x["kind"] == "sent"}) == 1
    post.person.consent = 0
    post.cell.copy[0].at = 1
    post.send(T + 1800)
    assert finals(post) == [(2, 2)]


def test_a_success_that_came_while_the_fallback_was_due_ends_it() -> None:
    post = Post("email", "push")
    post.send()
    post.cell.copy[0].status = 3
    post.send(T + 900)
    assert finals(post) == [(1, 1)]
    unsent = Post("email", "push")
    plain(see_event)(unsent.cell, unsent.plan, T, unsent.profile, IN_WEB, 8, -1, 0)
    unsent.cell.copy[0].status = 3
    unsent.send()
    assert "sent" in unsent.kinds()


def test_a_share_of_profiles_is_a_control_group() -> None:
    kept = 0
    for number in range(30):
        post = Post(rules={"control": 0.4, "key0": 12, "key1": 345})
        post.cell.meta.number = number
        post.send()
        key = int(post.cell.profile[post.profile].key)
        entity = (number << 25 ^ key * 40503) % 2**56
        rules = post.plan.rules
        model = type("M", (), {"key": type("K", (), {"k0": rules.key0, "k1": rules.key1})})
        control = drawn(model, streams.BRAND_CONTROL, entity, 0)[0] < 0.4  # type: ignore[arg-type]
        assert finals(post) == ([(9, 0)] if control else [])
        assert ("sent" in post.kinds()) != control
        kept += control
    assert 4 < kept < 22


@pytest.mark.parametrize(("hour", "held"), [(19, 0), (21, 11), (3, 5), (8, 0)])
def test_quiet_hours_hold_a_message(hour: int, held: int) -> None:
    rules = {"quiet_from": 21 * 3600, "quiet_to": 8 * 3600}
    post = Post(rules=rules)
    t = T + hour * 3600
    rows = [x for x in post.send(t) if x["kind"] in ("held", "sent")]
    if held:
        assert [(x["kind"], x["seconds"]) for x in rows] == [("held", held * 3600)]
        assert due(post.cell)[0][:2] == (t + held * 3600, T_SEND)
    else:
        assert [x["kind"] for x in rows] == ["sent"]
    ad = Post("ad", rules=rules)
    ad.send(t)
    assert "sent" in ad.kinds()


def test_a_known_stop_and_the_cap_end_a_message() -> None:
    post = Post()
    post.cell.profile[post.profile].stopped = 1 << IN_EMAIL
    post.send()
    assert finals(post) == [(5, 0)]
    post = Post(rules={"cap_messages": 1, "cap_period": DAY})
    i = plain(context_of)(post.cell, post.profile, IN_EMAIL)
    post.cell.ring[i, 0] = T - 100
    post.send()
    assert finals(post) == [(4, 0)]


def test_a_strategy_is_asked_once_with_what_is_allowed() -> None:
    post = Post("email", "push", "ad", rules={"decides": 1, "contact_policy": 0})
    post.person.consent &= ~(1 << AD)
    post.cell.profile[post.profile].stopped = 1 << IN_APP
    assert [x["kind"] for x in post.send() if x["kind"] == "sent"] == []
    copy = post.cell.copy[0]
    assert (copy.decided, copy.usable, copy.answer, copy.choice) == (-1, 1 << EMAIL, 1, -1)
    assert (post.cell.meta.pending, post.cell.meta.now) == (1, T)
    copy.decided = 1
    post.send()
    assert "sent" in post.kinds()
    declined = Post(rules={"decides": 1})
    declined.send()
    declined.cell.copy[0].decided = 2
    declined.send()
    assert finals(declined) == [(7, 0)]


def test_what_a_strategy_may_use_keeps_the_cap() -> None:
    post = Post("email", "push", rules={"decides": 1, "cap_messages": 1, "cap_period": DAY,
                                        "contact_policy": 0})  # fmt: skip
    i = plain(context_of)(post.cell, post.profile, IN_EMAIL)
    post.cell.ring[i, 0] = T - 100
    post.send()
    assert post.cell.copy[0].usable == 1 << PUSH


def test_messages_are_numbered_within_the_cell() -> None:
    post = Post()
    post.cell.meta.message_serial = 41
    post.send()
    assert logged(post.cell, "sent")[0]["message"] == 5 << 24 | 41
    assert post.cell.meta.message_serial == 42
    for serial, over in (((1 << 24) - 2, 0), ((1 << 24) - 1, 2)):
        last = Post()
        last.cell.meta.message_serial, last.cell.meta.grown = serial, 0
        last.send()
        assert last.cell.meta.over == over
