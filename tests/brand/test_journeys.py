"""Journeys: who enters them, what each step does, what stops them; by the sharing choices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from omnilab.brand import journeys
from omnilab.brand.codes import E_CART, E_ORDER, E_VISIT, EXIT_DONE, EXIT_UNTIL, T_COPY, T_SEND
from omnilab.brand.context import context_of, note_answer
from omnilab.brand.profiles import link_visit
from omnilab.brand.sharing import ALL, HANDOFF, SILO
from omnilab.brand.state import CASCADING, DECIDING, DELAYED, WAITING
from omnilab.draws.streams import BRAND_COHORT
from omnilab.kernels.compiling import kernel
from omnilab.log import rows
from omnilab.world.identifiers import code_of
from tests.plain import plain
from tests.worlds import (
    DAY,
    EMAIL,
    IN_APP,
    IN_EMAIL,
    IN_STORE,
    IN_WEB,
    PUSH,
    asked,
    cell_of,
    corner,
    drawn,
    plan_of,
    said,
    shown,
)

RULES = ("brand/instances.py", "brand/outbox.py", "brand/state.py", "brand/policy.py")
LOGIN = plain(code_of)(2, 0, 0)
MAIL = plain(code_of)(3, 0, 0)
TICK = 900
HOUR = 3600
LETTER = {"message": {"channels": ["email", "push"], "fallback_after": "6h", "success": "opened"}}


class Shop:
    """One profile with an e-mail address and a log-in, and one journey."""

    def __init__(self, *steps: Any, sharing: int = ALL, **journey: Any) -> None:
        first = {"name": "j", "trigger": "cart", "sequence": ["web", "email"], "steps": list(steps)}
        self.scenario = corner(brand={"journeys": [{**first, **journey}]})
        self.choices = ("triggers", "channel", "stop", "context")
        places = len(self.scenario.silos) if sharing == SILO else 1
        rules = {"identity": ALL, "places": places, **dict.fromkeys(self.choices, sharing)}
        self.plan = plan_of(self.scenario, rules=rules)
        self.cell = cell_of(1, plan=self.plan)
        n = shown(self.cell, LOGIN, MAIL)
        self.profile = int(plain(link_visit)(self.cell, self.plan, 0, IN_WEB, n))

    def see(self, t: int, event: int = E_CART, silo: int = IN_WEB, token: int = 5) -> None:
        seen = -1 if silo < 0 else 1 << silo
        plain(journeys.see_event)(self.cell, self.plan, t, self.profile, seen, event, token, 1)

    def wake(self, i: int, t: int) -> None:
        plain(journeys.time_out)(self.cell, self.plan, t, i)

    @property
    def copies(self) -> list[Any]:
        return [x for x in self.cell.copy[: self.cell.meta.copies] if x.state != 0]

    def finals(self) -> list[tuple[int, int]]:
        return [(x["status"], x["sends"]) for x in said(self.cell, "final")]


def test_a_trigger_starts_a_copy_that_says_so() -> None:
    shop = Shop({"delay": "1h"}, LETTER)
    shop.see(1000)
    (copy,) = shop.copies
    assert (copy.journey, copy.silo, copy.token, copy.category) == (0, -1, 5, 1)
    assert (copy.serial, copy.profile, copy.last_silo) == (0, shop.profile, IN_EMAIL)
    assert shop.cell.entered[shop.profile, 0] == 1000
    (row,) = said(shop.cell)
    assert row == {"kind": "enter", "silo": IN_EMAIL, "code": LOGIN,
                   "copy_serial": 0, "journey": 0, "profile": 0}  # fmt: skip
    shop.see(1000, E_VISIT)
    assert len(shop.copies) == 1


def test_one_copy_at_a_time_and_a_cooldown_between() -> None:
    shop = Shop({"delay": "1h"}, {"exit": True}, LETTER, cooldown="3d")
    shop.see(0)
    shop.see(50)
    assert len(shop.copies) == 1
    assert shop.cell.entered[shop.profile, 0] == 0
    shop.wake(0, HOUR)
    assert not shop.copies
    shop.see(3 * DAY - 1)
    assert not shop.copies
    shop.see(3 * DAY)
    assert len(shop.copies) == 1
    assert shop.copies[0].serial == 1


@pytest.mark.parametrize("channel", [SILO, ALL])
def test_each_team_that_runs_its_own_copy_has_its_own_cooldown(channel: int) -> None:
    """On one profile the app's event does not keep the e-mail team's journey back."""
    shop = Shop({"delay": "1h"}, {"exit": True}, LETTER, sharing=SILO, cooldown="3d")
    shop.plan.rules.channel = channel
    shop.plan.rules.triggers = SILO if channel == SILO else ALL
    shop.see(0, silo=IN_APP)
    shop.wake(0, HOUR)
    assert not shop.copies
    shop.see(2 * HOUR, silo=IN_APP)
    assert not shop.copies  # the app's own cooldown
    shop.see(2 * HOUR, silo=IN_EMAIL)
    assert [int(x.silo) for x in shop.copies] == ([IN_EMAIL] if channel == SILO else [])


@pytest.mark.parametrize("sharing", [SILO, ALL])
def test_one_copy_at_a_time_where_there_is_no_cooldown(sharing: int) -> None:
    shop = Shop({"delay": "1h"}, LETTER, sharing=sharing, sequence=["email"])
    silo = IN_EMAIL if sharing == SILO else IN_WEB
    shop.see(0, silo=silo)
    shop.see(50, silo=silo)
    assert [int(x.serial) for x in shop.copies] == [0]


def test_without_an_address_nobody_enters() -> None:
    shop = Shop(LETTER)
    for node in shop.cell.node[:2]:
        node.dead = 1
    shop.see(0)
    assert not shop.copies
    assert shop.cell.entered[shop.profile, 0] == -1
    shop.cell.node[0].dead = 0  # the log-in: push can write
    shop.see(0)
    assert len(shop.copies) == 1


@pytest.mark.parametrize(
    ("silo", "value", "wrote"),
    [
        (IN_WEB, SILO, []), (IN_EMAIL, SILO, [IN_EMAIL]), (IN_APP, SILO, [IN_APP]),
        (IN_WEB, HANDOFF, [IN_EMAIL, IN_APP]), (IN_STORE, HANDOFF, []),
        (IN_STORE, ALL, [IN_EMAIL, IN_APP]), (-1, SILO, [IN_EMAIL, IN_APP]),
    ],
)  # fmt: skip
def test_whose_events_start_the_silos_copies(silo: int, value: int, wrote: list[int]) -> None:
    """Under the channel choice `silo` each silo that writes has a copy of its own."""
    shop = Shop({"delay": "1h"}, LETTER, sharing=SILO)
    shop.plan.rules.triggers = value
    shop.see(0, silo=silo)
    assert sorted(x.silo for x in shop.copies) == sorted(wrote)
    assert [x.silo for x in shop.copies] == [x.last_silo for x in shop.copies]
    assert len({int(x.serial) for x in shop.copies}) == len(wrote)


@pytest.mark.parametrize(
    ("silo", "value", "starts"),
    [(IN_WEB, SILO, False), (IN_EMAIL, SILO, True), (IN_WEB, HANDOFF, True),
     (IN_STORE, HANDOFF, False), (IN_STORE, ALL, True)],
)  # fmt: skip
def test_whose_events_start_the_one_copy(silo: int, value: int, starts: bool) -> None:
    """By the silo that would send first."""
    shop = Shop({"delay": "1h"}, LETTER)
    shop.plan.rules.triggers = value
    shop.see(0, silo=silo)
    assert len(shop.copies) == int(starts)
    assert shop.cell.meta.copy_serial == int(starts)
    assert len(said(shop.cell)) == int(starts)
    assert (shop.cell.profile[shop.profile].first_copy >= 0) == starts


def test_a_silos_copy_needs_an_address_of_that_silo() -> None:
    shop = Shop(LETTER, sharing=SILO)
    shop.plan.rules.triggers = ALL
    shop.cell.node[0].dead = 1  # the log-in
    shop.see(0)
    assert [x.silo for x in shop.copies] == [IN_EMAIL]


@pytest.mark.parametrize(("t", "due"), [(0, HOUR), (1, HOUR + TICK), (TICK - 1, HOUR + TICK)])
def test_a_delay_ends_at_a_tick(t: int, due: int) -> None:
    shop = Shop({"delay": "1h"}, LETTER)
    shop.see(t)
    assert shop.copies[0].state == DELAYED
    ((time, kind, i, _),) = asked(shop.cell)
    assert (time, kind) == (due, T_COPY)
    shop.wake(i, time)
    (copy,) = shop.copies
    assert (copy.state, copy.step) == (DECIDING, 1)
    assert copy.order[: copy.length].tolist() == [EMAIL, PUSH]
    assert [x[:2] for x in asked(shop.cell)] == [(time, T_SEND)]


def test_a_message_is_lined_up_and_due_at_the_tick() -> None:
    shop = Shop(LETTER)
    shop.see(5)
    (copy,) = shop.copies
    assert copy.state == DECIDING
    assert copy.order[: copy.length].tolist() == [EMAIL, PUSH]
    assert (copy.success, copy.sends, copy.status, copy.decided) == (3, 0, 0, 0)
    assert [x[:2] for x in asked(shop.cell)] == [(TICK, T_SEND)]


def test_a_wait_goes_on_at_the_event_or_when_it_did_not_come() -> None:
    wait = {"wait_for": {"event": "visit", "up_to": "2h"}}
    shop = Shop(wait, LETTER)
    shop.see(0)
    assert (shop.copies[0].state, shop.copies[0].step) == (WAITING, 0)
    assert [x[:2] for x in asked(shop.cell)] == [(2 * HOUR, T_COPY)]
    shop.see(100, E_ORDER)
    assert shop.copies[0].step == 0
    shop.see(200, E_VISIT)
    assert (shop.copies[0].state, shop.copies[0].step) == (DECIDING, 1)
    late = Shop(wait, LETTER)
    late.see(0)
    late.wake(0, 2 * HOUR)
    assert (late.copies[0].state, late.copies[0].step) == (DECIDING, 1)
    strict = Shop({"wait_for": {"event": "visit", "up_to": "2h", "otherwise": "exit"}}, LETTER)
    strict.see(0)
    said(strict.cell)
    strict.wake(0, 2 * HOUR)
    assert not strict.copies
    assert [x["reason"] for x in said(strict.cell, "exit")] == [EXIT_DONE]


@pytest.mark.parametrize(
    ("stop", "silo", "stops"),
    [(SILO, IN_WEB, False), (SILO, IN_EMAIL, True), (HANDOFF, IN_WEB, True),
     (HANDOFF, IN_STORE, False), (ALL, IN_STORE, True)],
)  # fmt: skip
def test_whose_events_end_and_continue_a_copy(stop: int, silo: int, stops: bool) -> None:
    steps = [{"wait_for": {"event": "visit", "up_to": "2h"}}, LETTER]
    shop = Shop(*steps, until=["order"])
    shop.plan.rules.stop = stop
    shop.see(0)
    said(shop.cell)
    shop.see(10, E_VISIT, silo)
    assert shop.copies[0].step == int(stops)
    shop.see(20, E_ORDER, silo)
    assert len(shop.copies) == int(not stops)
    if stops:
        (row,) = said(shop.cell)
        assert (row["kind"], row["copy_serial"], row["journey"]) == ("exit", 0, 0)
        assert row["reason"] == EXIT_UNTIL
        assert (row["silo"], row["code"]) == (IN_EMAIL, LOGIN)


def test_a_silos_copy_listens_to_its_own_silo() -> None:
    shop = Shop({"delay": "1h"}, LETTER, sharing=SILO, until=["order"])
    shop.plan.rules.triggers = ALL
    shop.see(0)
    shop.see(5, E_ORDER, IN_APP)
    assert [x.silo for x in shop.copies] == [IN_EMAIL]


def test_an_event_ends_all_copies_and_then_starts_others() -> None:
    shop = Shop({"delay": "1h"}, LETTER, sharing=SILO, until=["cart"])
    shop.plan.rules.triggers = shop.plan.rules.stop = ALL
    shop.see(0)
    shop.see(10)
    assert sorted(int(x.serial) for x in shop.copies) == [2, 3]


@pytest.mark.parametrize("has", ["answered", "not_answered"])
@pytest.mark.parametrize(("age", "silo", "recent"), [(0, IN_EMAIL, True), (5 * DAY, IN_EMAIL, True),
                                                     (5 * DAY + 1, IN_EMAIL, False),
                                                     (DAY, IN_WEB, True)])  # fmt: skip
def test_a_split_by_answers(has: str, age: int, silo: int, recent: bool) -> None:
    split = {"split": {"has": has, "within": "5d"}}
    for choice in (ALL, SILO):
        shop = Shop(split, {"delay": "1h"}, LETTER, trigger="cart", sharing=choice)
        index = int(plain(context_of)(shop.cell, shop.profile, silo))
        plain(note_answer)(shop.cell, shop.profile, silo, 7)
        assert shop.cell.context[index].answer_t == 7
        shop.see(7 + age, silo=IN_EMAIL)
        seen = recent and (choice == ALL or silo == IN_EMAIL)
        assert len(shop.copies) == int(seen == (has == "answered")), choice


def test_nobody_has_answered_at_first() -> None:
    shop = Shop({"split": {"has": "answered"}}, {"delay": "1h"}, LETTER)
    shop.see(0)
    assert len(shop.copies) == 0
    plain(note_answer)(shop.cell, shop.profile, IN_STORE, 9)  # a silo that never sent
    assert int(shop.cell.context_of[shop.profile, IN_STORE]) == -1


@pytest.mark.parametrize(
    ("has", "passes"), [("cart", True), ("viewed", False), ("order", False), ("no_order", True)]
)
@pytest.mark.parametrize("skip", [0, 1])
def test_a_split(has: str, passes: bool, skip: int) -> None:
    otherwise = {"otherwise": "skip", "skip": 1} if skip else {"otherwise": "exit"}
    shop = Shop({"split": {"has": has, **otherwise}}, {"delay": "1h"}, {"delay": "9h"}, LETTER)
    from omnilab.brand.context import context_of

    x = shop.cell.context[plain(context_of)(shop.cell, shop.profile, IN_WEB)]
    x.cart_t, x.cart_category = 0, 0
    shop.see(0)
    if not passes and not skip:
        assert not shop.copies
        return
    ((time, _, _, _),) = asked(shop.cell)
    assert time == (HOUR if passes else 9 * HOUR)
    assert shop.copies[0].step == (2 if passes else 3)


def test_a_split_looks_at_what_the_copys_silo_sees() -> None:
    from omnilab.brand.context import context_of

    for own, enters in ((IN_EMAIL, [IN_EMAIL]), (IN_WEB, [])):
        shop = Shop({"split": {"has": "order"}}, {"delay": "1h"}, LETTER, sharing=SILO)
        shop.plan.rules.triggers = ALL
        shop.cell.context[plain(context_of)(shop.cell, shop.profile, own)].orders = 1
        shop.see(0)
        assert [x.silo for x in shop.copies] == enters
    shop = Shop({"split": {"has": "order"}}, {"delay": "1h"}, LETTER)
    shop.plan.rules.context = SILO
    shop.cell.context[plain(context_of)(shop.cell, shop.profile, IN_EMAIL)].orders = 1
    shop.see(0)
    assert len(shop.copies) == 1


def test_a_cohort_is_drawn_at_the_profiles_own_address() -> None:
    passed = []
    for number in range(60):
        shop = Shop({"cohort": 0.4}, {"delay": "1h"}, LETTER)
        shop.cell.meta.number = number
        shop.plan.rules.key0, shop.plan.rules.key1 = 12, 345
        shop.see(0)
        passed.append(len(shop.copies))
        entity = (number << 25 ^ LOGIN * 40503) % 2**56
        rules = shop.plan.rules
        key = type("M", (), {"key": type("K", (), {"k0": rules.key0, "k1": rules.key1})})
        assert passed[-1] == int(drawn(key, BRAND_COHORT, entity, 0)[0] < 0.4)  # type: ignore[arg-type]
    assert 10 < sum(passed) < 40


def test_cohorts_of_other_steps_and_journeys_are_drawn_apart() -> None:
    shop = Shop({"delay": "1h"}, {"cohort": 0.4}, LETTER)
    drawn_at = set()
    for journey, step in ((0, 1), (1, 1), (0, 2)):
        copy = shop.cell.copy[0]
        copy.journey, copy.step, copy.profile = journey, step, shop.profile
        at = shop.plan.step[0, 1].copy()
        passes = []
        for share in np.linspace(0.001, 0.999, 300):
            at.share = share
            passes.append(plain(journeys._passes)(shop.cell, shop.plan, 0, at, 0))
        drawn_at.add(sum(passes))
    assert len(drawn_at) == 3


def test_an_exit_ends_the_copy() -> None:
    shop = Shop({"delay": "1h"}, {"exit": True}, LETTER)
    shop.see(0)
    assert len(shop.copies) == 1
    shop.wake(0, HOUR)
    assert not shop.copies
    assert [x["kind"] for x in said(shop.cell)] == ["enter", "exit"]


def sent(shop: Shop, t: int, message: int = 77) -> Any:
    """Let the copy's message go out, as the engine does."""
    (copy,) = shop.copies
    copy.message = message
    plain(journeys.await_success)(shop.cell, shop.plan, 0, t)
    return copy


def test_a_send_waits_for_its_success_and_falls_back() -> None:
    shop = Shop(LETTER)
    shop.see(0)
    asked(shop.cell)
    copy = sent(shop, 1000)
    assert copy.state == CASCADING
    ((time, kind, _, _),) = asked(shop.cell)
    assert (time, kind) == (1000 + 6 * HOUR + 800, T_COPY)  # the next tick
    shop.wake(0, time)
    assert (copy.state, copy.at) == (DECIDING, 1)
    assert [x[:2] for x in asked(shop.cell)] == [(time, T_SEND)]
    sent(shop, time)
    said(shop.cell)
    shop.wake(0, time + 6 * HOUR)
    assert shop.finals() == [(rows.FINAL_EXHAUSTED, int(copy.sends))]
    assert not shop.copies


@pytest.mark.parametrize(("status", "ends"), [(1, False), (2, False), (3, True), (4, True)])
def test_a_receipt_ends_the_cascade_at_its_success(status: int, ends: bool) -> None:
    shop = Shop(LETTER, {"delay": "1h"})
    shop.see(0)
    copy = sent(shop, 0)
    said(shop.cell)
    plain(journeys.see_receipt)(shop.cell, shop.plan, 50, 0, 76, status)  # of another message
    assert (copy.status, copy.state) == (1, CASCADING)
    plain(journeys.see_receipt)(shop.cell, shop.plan, 50, 0, 77, status)
    if ends:
        (row,) = said(shop.cell)
        assert (row["kind"], row["message"], row["journey"], row["step"]) == ("final", 77, 0, 0)
        assert (row["status"], row["sends"], row["silo"]) == (rows.FINAL_REACHED, 1, IN_EMAIL)
        assert (copy.message, copy.length, copy.step, copy.state) == (-1, 0, 2, DELAYED)
    else:
        assert (copy.status, copy.state, copy.step) == (status, CASCADING, 0)
        plain(journeys.see_receipt)(shop.cell, shop.plan, 50, 0, 77, 1)
        assert copy.status == status  # what is proved stays


def test_a_receipt_while_the_fallback_is_due_raises_the_status_only() -> None:
    shop = Shop(LETTER)
    shop.see(0)
    copy = sent(shop, 0)
    copy.state = DECIDING
    plain(journeys.see_receipt)(shop.cell, shop.plan, 50, 0, 77, 4)
    assert (copy.status, copy.state) == (4, DECIDING)


@pytest.mark.parametrize(
    ("status", "sends", "event", "final"),
    [(1, 1, E_ORDER, rows.FINAL_CONVERTED), (3, 1, E_ORDER, rows.FINAL_REACHED),
     (3, 0, E_ORDER, rows.FINAL_CONVERTED)],
)  # fmt: skip
def test_a_copy_that_ends_first_closes_its_message(
    status: int, sends: int, event: int, final: int
) -> None:
    shop = Shop(LETTER, until=["order"])
    shop.see(0)
    copy = sent(shop, 0)
    copy.status, copy.sends = status, sends
    said(shop.cell)
    shop.see(9, event)
    notes = said(shop.cell)
    assert [x["kind"] for x in notes] == ["final", "exit"]
    assert [notes[0][n] for n in ("message", "status", "sends")] == [77, final, sends]


def test_a_copy_that_ends_for_another_reason_leaves_its_message_open() -> None:
    from omnilab.brand.instances import free_copy

    shop = Shop({"delay": "1h"}, LETTER)
    shop.see(0)
    shop.wake(0, HOUR)
    sent(shop, HOUR)
    said(shop.cell)
    plain(free_copy)(shop.cell, 0, EXIT_DONE)
    notes = said(shop.cell)
    assert [x["kind"] for x in notes] == ["final", "exit"]
    assert (notes[0]["journey"], notes[0]["step"], notes[0]["status"]) == (0, 1, rows.FINAL_OPEN)
    assert (notes[1]["journey"], notes[1]["reason"]) == (0, EXIT_DONE)


def test_a_final_status_names_the_journey_and_the_step() -> None:
    shop = Shop({"delay": "1h"}, LETTER)
    shop.see(0)
    shop.wake(0, HOUR)
    copy = sent(shop, HOUR)
    shop.plan.set("journey", np.repeat(shop.plan.journey, 3).view(np.recarray))
    copy.journey = 2
    said(shop.cell)
    plain(journeys.finish)(shop.cell, shop.plan, HOUR, 0, rows.FINAL_SKIPPED)
    final = said(shop.cell, "final")[0]
    assert (final["journey"], final["step"]) == (2, 1)
    assert final["status"] == rows.FINAL_SKIPPED


def test_only_the_last_timer_of_a_running_copy_counts() -> None:
    shop = Shop({"wait_for": {"event": "visit", "up_to": "2h"}}, LETTER)
    shop.see(0)
    first = int(shop.cell.timer[0].b)
    shop.see(10, E_VISIT)
    second = int(shop.cell.timer[1].b)
    live = [plain(journeys.is_live)(shop.cell, 0, n) for n in (first, second)]
    assert live == [False, True]
    shop.copies[0].state = 0
    assert not plain(journeys.is_live)(shop.cell, 0, second)
    assert second >> 24 == 0
    shop.cell.copy[0].serial = 3
    assert plain(journeys.timer_of)(shop.cell.copy[0]) == 3 << 24 | int(shop.cell.copy[0].timer)


def test_a_held_message_is_tried_again() -> None:
    shop = Shop(LETTER)
    shop.see(0)
    asked(shop.cell)
    plain(journeys.hold)(shop.cell, shop.plan, 0, 5 * HOUR + 1)
    assert [x[:2] for x in asked(shop.cell)] == [(5 * HOUR + TICK, T_SEND)]


def test_ticks() -> None:
    plan = Shop(LETTER).plan
    ticks = [plain(journeys.tick_after)(plan, t) for t in (0, 1, TICK - 1, TICK, TICK + 1)]
    assert ticks == [0, TICK, TICK, TICK, 2 * TICK]


def test_a_line_that_begins_later_is_made_anew() -> None:
    """By then the order may be another."""
    shop = Shop({"delay": "1h"}, LETTER)
    shop.see(0)
    assert (shop.copies[0].length, shop.copies[0].step) == (0, 1)
    at_once = Shop(LETTER)
    at_once.see(0)
    assert at_once.copies[0].length == 2


def test_a_replay_leaves_no_rows() -> None:
    shop = Shop({"delay": "1h"}, LETTER)
    shop.cell.meta.replaying = 1
    shop.see(0)
    assert len(shop.copies) == 1
    assert said(shop.cell) == []


@kernel
def ticks_of(plan: Any, out: Any) -> None:
    for k in range(len(out)):
        out[k] = journeys.tick_after(plan, k * 100)


def test_compiled() -> None:
    out = np.zeros(30, np.int64)
    ticks_of(Shop(LETTER).plan, out)
    assert out.tolist() == [-(-k * 100 // TICK) * TICK for k in range(30)]
