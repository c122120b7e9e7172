"""Replies and accepted invitations: the chance, who may write since, triggers, waits, splits."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from omnilab.brand import journeys
from omnilab.brand.codes import E_ACCEPT, E_CART, E_REPLY
from omnilab.brand.profiles import link_visit
from omnilab.brand.replies import see_reply
from omnilab.brand.sharing import ALL
from omnilab.brand.state import CASCADING
from omnilab.errors import ScenarioError
from omnilab.log import rows
from omnilab.world import replies
from omnilab.world.identifiers import code_of
from tests.plain import plain
from tests.verification.worlds import load, log, run
from tests.worlds import (
    DAY,
    EMAIL,
    IN_EMAIL,
    IN_WEB,
    cell_of,
    corner,
    inhabited,
    model_of,
    plan_of,
    shown,
)

LOGIN = plain(code_of)(2, 0, 0)
MAIL = plain(code_of)(3, 0, 0)
LETTER = {"message": {"channels": ["email"], "fallback_after": "6h", "success": "delivered"}}


def talking(*steps: Any, email: dict[str, Any] | None = None, **journey: Any) -> Any:
    """Return the corner shop in which e-mails are answered."""
    tree = corner().model_dump()
    for channel in tree["channels"]:
        if channel["name"] == "email":
            channel["message"] |= {"reply": 0.5} if email is None else email
    flow = {"name": "j", "trigger": "cart", "sequence": ["web", "email"], "steps": list(steps)}
    tree["brand"]["journeys"] = [{**flow, **journey}]
    return corner().changed({"channels": tree["channels"], "brand": tree["brand"]})


@pytest.mark.parametrize(
    ("meets", "asks", "quality", "trust"),
    [(0.0, 0, 0.0, 0.0), (1.0, 1, 0.5, -2.0), (0.3, 0, -1.0, 1.0)],
)
def test_the_chance_is_that_of_its_formula(
    meets: float, asks: int, quality: float, trust: float
) -> None:
    rule = {"need": 1.5, "asked": 0.7, "quality": 0.9, "trust": 0.4}
    model = model_of(replies=rule)
    channel = model.ch[EMAIL]
    channel.reply_logit = math.log(0.2 / 0.8)
    x = channel.reply_logit + 1.5 * meets + 0.7 * asks + 0.9 * quality + 0.4 * trust
    found = plain(replies.reply_chance)(model, channel, meets, asks, 0.0, quality, trust)
    assert found == pytest.approx(1 / (1 + math.exp(-x)))


def test_an_incentive_adds_the_log_of_its_worth() -> None:
    """Of a message that asks for an act, too, it is for the act."""
    model = model_of(replies={"incentive": 0.8})
    channel = model.ch[EMAIL]
    channel.reply_logit = math.log(0.2 / 0.8)
    found = plain(replies.reply_chance)(model, channel, 0.0, 1, 5.0, 0.0, 0.0)
    x = channel.reply_logit + model.replies.asked + 0.8 * math.log(6.0)
    assert found == pytest.approx(1 / (1 + math.exp(-x)))
    message = inhabited(model).message[0]
    for asks_reply, asks, paid in ((1, 0, 500_000), (1, 2, 0), (0, 0, 0)):
        message.incentive, message.asks_reply, message.asks = 500_000, asks_reply, asks
        assert plain(replies.reply_cost)(message) == paid


def test_as_many_answer_as_the_chance_says() -> None:
    """Draws over many occasions against the chance, within 4 standard deviations."""
    model = model_of()
    model.ch[EMAIL].reply, model.ch[EMAIL].reply_logit = 0.3, math.log(0.3 / 0.7)
    cell = inhabited(model)
    message = cell.message[0]
    message.channel, message.asks_reply, message.quality = EMAIL, 0, 0.0
    n, count = 2000, 0
    for k in range(n):
        message.occasion = k
        count += plain(replies.replies_to)(model, cell.person[0], message, 0.0, DAY)
    assert abs(count - 0.3 * n) < 4 * math.sqrt(n * 0.3 * 0.7)
    cell.person[0].left = 1
    assert not plain(replies.replies_to)(model, cell.person[0], message, 0.0, DAY)


class Thread:
    """One profile whose copy has sent message 77 and waits."""

    def __init__(self, *steps: Any, **journey: Any) -> None:
        self.scenario = talking(*steps, **journey)
        rules = dict.fromkeys(("identity", "stop", "triggers", "channel", "context"), ALL)
        self.plan = plan_of(self.scenario, rules=rules)
        self.cell = cell_of(1, plan=self.plan)
        n = shown(self.cell, LOGIN, MAIL)
        self.profile = int(plain(link_visit)(self.cell, self.plan, 0, IN_WEB, n))
        self.see(0, E_CART)
        self.copy = self.cell.copy[0]
        if self.copy.state != 0:
            self.copy.message, self.copy.sends, self.copy.state = 77, 1, CASCADING

    def see(self, t: int, event: int) -> None:
        seen = (1 << IN_WEB) | (1 << IN_EMAIL)
        plain(journeys.see_event)(self.cell, self.plan, t, self.profile, seen, event, -1, -1)

    def reply(self, t: int, message: int = 77, accepts: int = 0) -> None:
        serial = int(self.copy.serial)
        plain(see_reply)(self.cell, self.plan, t, EMAIL, MAIL, accepts, 0, serial, message)

    def delivered(self, t: int) -> None:
        plain(journeys.see_receipt)(self.cell, self.plan, t, 0, 77, 2)


@pytest.mark.parametrize("has", ["replied", "not_replied"])
@pytest.mark.parametrize("answers", [False, True])
def test_a_split_asks_whether_the_message_before_was_answered(has: str, answers: bool) -> None:
    thread = Thread(LETTER, {"split": {"has": has}}, {"delay": "1d"}, LETTER)
    if answers:
        thread.reply(50)
    thread.delivered(100)
    goes_on = answers == (has == "replied")
    assert (thread.copy.state != 0) == goes_on
    other = Thread(LETTER, {"split": {"has": "replied"}}, {"delay": "1d"}, LETTER)
    other.reply(50, message=76)  # to another message
    other.delivered(100)
    assert other.copy.state == 0


def test_a_wait_goes_on_and_a_journey_ends_at_a_reply() -> None:
    wait = {"wait_for": {"event": "reply", "up_to": "3d", "otherwise": "exit"}}
    thread = Thread(LETTER, wait, {"delay": "1d"}, LETTER)
    thread.delivered(100)
    assert int(thread.copy.step) == 1
    thread.see(150, E_ACCEPT)
    assert int(thread.copy.step) == 1
    thread.reply(200)
    assert int(thread.copy.step) == 3  # in the delay
    ends = Thread(LETTER, {"delay": "1d"}, LETTER, until=["reply"])
    ends.delivered(100)
    ends.reply(200)
    assert ends.copy.state == 0


def test_a_reply_starts_a_journey() -> None:
    thread = Thread(LETTER, trigger="reply")
    assert thread.copy.state == 0  # the cart does not
    thread.see(0, E_REPLY)
    assert thread.cell.copy[0].state != 0


INVITES = {"reply": 0.6, "invites": "push"}


@pytest.mark.parametrize("incentive", [0.0, 5.0])
def test_who_accepts_can_be_written_to_since_and_nobody_else(incentive: float) -> None:
    """Push has no permission from anybody at the start: all of it comes from invitations."""
    scenario = talking(
        {"message": {"channels": ["email"], "success": "delivered", "asks_reply": True,
                     "incentive": incentive}},
        {"wait_for": {"event": "accept", "up_to": "3d", "otherwise": "exit"}},
        {"message": {"channels": ["push"], "success": "sent"}},
        email=INVITES, trigger="weekly",
    )  # fmt: skip
    tree = scenario.model_dump()
    for channel in tree["channels"]:
        if channel["name"] == "push":
            channel["message"] |= {"opt_in": 0.0, "signs_up": 0.0}
        if channel["name"] == "email":
            channel["message"] |= {"open": 0.8, "opt_in": 1.0}
    few = {"population": {"customers": 14}, "time": {"window": "50d", "burn_in": "10d"}}
    scenario = scenario.changed({"channels": tree["channels"], **few})
    logs = {}
    for engine in ("compiled", "simpy"):
        found = run(scenario, load(scenario, "omnichannel"), engine=engine)
        logs[engine] = log(found, "omnichannel")
    assert (logs["compiled"] == logs["simpy"]).all()
    table = logs["compiled"]
    accepts = rows.of_kind(table, rows.ACCEPT)
    assert set(accepts["cost"].tolist()) == {round(100_000 * incentive)}
    sent = rows.of_kind(table, rows.SENT)
    pushed = sent[sent["channel"] == 4]
    assert len(accepts) > 0
    assert len(pushed) > 0
    first = {int(a["person"]): int(a["time"]) for a in accepts[::-1]}
    assert all(int(p["person"]) in first for p in pushed)
    assert all(int(p["time"]) >= first[int(p["person"])] for p in pushed)
    opened = rows.of_kind(table, rows.OPEN)["message"].tolist()
    assert set(accepts["message"].tolist()) <= set(opened)
    assert len(set(accepts["person"].tolist())) == len(accepts)  # once, while the permission holds


@pytest.mark.parametrize(
    ("steps", "more", "words"),
    [
        ((LETTER, {"split": {"has": "replied"}}), {"email": {}},
         ("no message over email can be replied, so this branch is never taken; no channel has"
          " reply in its `message` side")),
        ((LETTER, {"split": {"has": "accepted"}}), {},
         "no message over email can be accepted"),
        ((LETTER,), {"email": {"reply": 0.2, "invites": "pusch"}},
         "no channel 'pusch' that has a `message` side and shows no ads (did you mean 'push'?)"),
        ((LETTER,), {"email": {"invites": "push"}}, "invites: nobody would accept"),
        ((LETTER,), {"from_day": 5, "to_day": 3}, "3 is before from_day, 5: no day is left"),
        ((LETTER,), {"from_day": 500}, "day 500 is after the window, whose last day is 99"),
        ((LETTER,), {"email": {"to_day": 100}}, "day 100 is after the window"),
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused(steps: Any, more: dict[str, Any], words: str) -> None:
    with pytest.raises(ScenarioError, match=re.escape(words)):
        talking(*steps, **more)


def test_days_of_journeys_and_of_channels_hold() -> None:
    """A journey enters, and a channel writes, on its days alone; burn-in counts as before."""
    scenario = talking(LETTER, trigger="weekly", from_day=10, to_day=30)
    few = {"population": {"customers": 10}, "time": {"window": "60d", "burn_in": "10d"}}
    table = log(run(scenario.changed(few), load(scenario.changed(few), "omnichannel")),
                "omnichannel")  # fmt: skip
    begins, ends = 20 * DAY, 41 * DAY
    enters = rows.of_kind(table, rows.ENTER)["time"]
    assert len(enters) > 0
    assert ((enters >= begins) & (enters < ends)).all()
    scenario = talking(LETTER, trigger="weekly", email={"from_day": 0, "to_day": 20}).changed(few)
    table = log(run(scenario, load(scenario, "omnichannel")), "omnichannel")
    sent = rows.of_kind(table, rows.SENT)["time"]
    assert len(sent) > 0
    assert (sent < 31 * DAY).all()
    assert (sent < 10 * DAY).any()
