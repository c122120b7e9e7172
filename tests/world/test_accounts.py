"""Accounts: roles, a long way in steps, consent of deciders, talks, and a buyer who orders."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from omnilab.brand.profiles import link_visit
from omnilab.cell import queue
from omnilab.cell.keys import key_of
from omnilab.engine.loop import act, people
from omnilab.interaction import accounts as steps
from omnilab.interaction.need import BY_TIP
from omnilab.log import rows
from omnilab.world import accounts, identifiers, needs
from omnilab.world.clock import later
from omnilab.world.intent import stimulate
from tests.interaction.test_message import Post
from tests.plain import plain
from tests.worlds import (
    DAY,
    IN_APP,
    IN_WEB,
    WEB,
    cell_of,
    corner,
    drawn,
    logged,
    model_of,
    needs_of,
    plan_of,
    quiet,
    shown,
)

RULES = ("world/accounts.py", "interaction/accounts.py")

T = 20 * DAY
USER, DECIDER, BUYER = accounts.USER, accounts.DECIDER, accounts.BUYER
MEANS = {"shortlist": 6.0 * DAY, "decision": 9.0 * DAY, "ordering": 3.0 * DAY}
#: Nothing happens but the account's own steps: nobody talks, looks or comes back by itself.
ALONE = {"on": 1, "share": 1.0, "deciders": 1, "talks": 0.0, "looks": 0.0, "passes": 0.5, **MEANS}
SURE = {"decay": 0.0, "returns": 0.0}


def household(size: int, number: int = 0, intent: Any = None, **part: float) -> Any:
    """Return a model, a plan and a cell with one account, whose members can go anywhere."""
    model = model_of(accounts=ALONE | part, intent=SURE | (intent or {}))
    for c in model.ch:
        c.completes = 1.0
    for category in model.cat:
        category.latent, category.patience = 0.0, 1e10  # it is there until it is met
    plan = plan_of(rules={"cap_messages": 0})
    cell = cell_of(size, model, plan, row=20_000, item=4000)
    plain(people)(cell, model, number, 1, np.array([size]))
    quiet(cell)
    cell.rate[:] = 0.0  # no other needs
    for person in cell.person[:size]:
        person.reach, person.consent, person.threshold, person.left = 63, 0, -50.0, 0
        person.dropout = 0.0
    return model, plan, cell


def who_is(cell: Any, role: int) -> int:
    """Return the first member with a role."""
    found = [i for i, p in enumerate(cell.person[: int(cell.meta.persons)]) if p.roles & role]
    return found[0]


def live(model: Any, plan: Any, cell: Any, until: int) -> None:
    """Act on all that is due until then; the log must fit."""
    while True:
        plain(queue.close)(cell)
        key = plain(queue.soonest)(cell)
        if plain(queue.time_of)(key) >= until:
            return
        a, b = plain(queue.pop)(cell, key)
        plain(act)(cell, model, plan, key, a, b)


def need_comes(model: Any, plan: Any, cell: Any, number: int = 0) -> Any:
    """Let a need of the first category come to the user, and return it."""
    who = who_is(cell, USER)
    key = plain(key_of)(T, queue.NEED, who, 0)
    plain(act)(cell, model, plan, key, 0, number)
    return needs_of(cell, who)[0]


# --- Who is in an account ------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "deciders"), [(2, 1), (3, 1), (4, 2), (7, 3), (2, 2), (3, 3)])
def test_each_account_has_its_roles_and_each_member_is_as_likely_to_have_one(
    size: int, deciders: int
) -> None:
    n = 400
    model = model_of(accounts=ALONE | {"deciders": deciders})
    cell = cell_of(size, model)
    had = np.zeros((3, size))
    for number in range(n):
        assert plain(accounts.found_account)(cell, model, number, 0, size)
        roles = [int(p.roles) for p in cell.person[:size]]
        counts = [sum(bool(r & role) for r in roles) for role in (USER, DECIDER, BUYER)]
        assert counts == [1, deciders, 1]
        had += [[bool(r & role) for r in roles] for role in (USER, DECIDER, BUYER)]
        if deciders + 2 <= size:  # nobody has two
            assert all(r in (0, USER, DECIDER, BUYER) for r in roles)
        assert {int(p.account_size) for p in cell.person[:size]} == {size}
    for row, expected in zip(had / n, (1 / size, deciders / size, 1 / size), strict=True):
        sd = math.sqrt(expected * (1 - expected) / n)
        assert row == pytest.approx(expected, abs=4 * sd + 1e-12)


def test_in_an_account_of_two_the_user_buys_and_the_other_decides() -> None:
    _, _, cell = household(2)
    assert sorted(int(p.roles) for p in cell.person[:2]) == [DECIDER, USER | BUYER]


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_so_many_households_are_accounts_and_nobody_who_lives_alone(share: float) -> None:
    n = 2000
    model = model_of(accounts=ALONE | {"share": share})
    cell = cell_of(3, model)
    made = [plain(accounts.found_account)(cell, model, number, 0, 3) for number in range(n)]
    assert np.mean(made) == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / n))
    assert not any(plain(accounts.found_account)(cell, model, k, 0, 1) for k in range(50))


def test_only_users_have_needs_that_come_by_themselves() -> None:
    model = model_of(accounts=ALONE)
    cell = cell_of(4, model)
    plain(people)(cell, model, 0, 1, np.array([4]))
    members = [x["roles"] for x in logged(cell, "account_member")]
    assert len(members) == 4
    coming = set()
    while (key := plain(queue.soonest)(cell)) != queue.NEVER:
        plain(queue.pop)(cell, key)
        plain(queue.close)(cell)
        if plain(queue.kind_of)(key) == queue.NEED:
            coming.add(plain(queue.who_of)(key))
    assert coming == {who_is(cell, USER)}


def test_off_nobody_is_a_member_and_everybody_has_needs() -> None:
    model = model_of()
    assert model.accounts.on == 0
    cell = cell_of(3, model)
    plain(people)(cell, model, 0, 1, np.array([3]))
    assert not logged(cell, "account_member")
    assert all(p.account_size == 0 for p in cell.person[:3])


# --- The way to an order -------------------------------------------------------------------------


def test_the_cycle_is_the_sum_of_its_three_times() -> None:
    """Exactly, of each account; and over accounts its mean is that of the three means."""
    took, n = [], 300
    for number in range(n):
        model, plan, cell = household(3, number)
        need_comes(model, plan, cell)
        live(model, plan, cell, T + 125 * DAY)
        (order,) = logged(cell, "account_order")
        assert order["opened"] == T
        user = cell.person[who_is(cell, USER)]
        t = T
        for meeting, mean in enumerate(MEANS.values()):
            u, *_ = drawn(model, accounts.STAGE_TIME, user.entity, meeting * accounts.NUMBER)
            t = plain(later)(model, t, -math.log(u) * mean)
        assert order["time"] == t + 1  # the buyer goes a second after
        assert order["meetings"] == 3
        took.append((order["time"] - T) / DAY)
    mean, variance = 18.0, 6.0**2 + 9.0**2 + 3.0**2
    assert np.mean(took) == pytest.approx(mean, abs=3.7 * math.sqrt(variance / n))
    assert np.var(took) == pytest.approx(variance, rel=0.5)


def test_the_steps_are_in_order_and_who_is_told_is_all_the_others() -> None:
    model, plan, cell = household(5, deciders=2)
    need_comes(model, plan, cell)
    live(model, plan, cell, T + 125 * DAY)
    assert [x["stage"] for x in logged(cell, "account_step")] == [
        accounts.SHORTLISTED, accounts.DECIDED, accounts.ORDERING,
    ]  # fmt: skip
    user = who_is(cell, USER)
    assert {x["person"] for x in logged(cell, "account_told")} == set(range(5)) - {user}
    deciders = {i for i in range(5) if cell.person[i].roles & DECIDER}
    assert {x["person"] for x in logged(cell, "account_agrees")} == deciders
    (order,) = logged(cell, "order")
    assert order["person"] == who_is(cell, BUYER)
    assert not any(needs_of(cell, i) for i in range(5))  # nobody has anything left of it
    assert not logged(cell, "need_lost")


def test_without_a_visit_of_the_user_nothing_is_on_the_shortlist() -> None:
    model, plan, cell = household(3)
    cell.person[who_is(cell, USER)].reach = 0
    need_comes(model, plan, cell)
    live(model, plan, cell, T + 125 * DAY)
    stages = {x["stage"] for x in logged(cell, "account_step")}
    assert stages == {accounts.NEEDED}
    assert not logged(cell, "account_told", "order")


@pytest.mark.parametrize("missing", [0, 1])
def test_no_order_without_the_consent_of_each_decider(missing: int) -> None:
    model, plan, cell = household(5, deciders=2)
    deciders = [i for i in range(5) if cell.person[i].roles & DECIDER]
    cell.person[deciders[missing]].threshold = 50.0
    need_comes(model, plan, cell)
    live(model, plan, cell, T + 60 * DAY)
    assert [x["person"] for x in logged(cell, "account_agrees")] == [deciders[1 - missing]]
    assert not logged(cell, "order", "cart")
    cell.person[deciders[missing]].threshold = -50.0
    live(model, plan, cell, T + 125 * DAY)
    assert len(logged(cell, "order")) == len(logged(cell, "account_order")) == 1


def test_a_decider_agrees_as_often_as_somebody_with_that_stock_is_ready() -> None:
    agreed, n, stock, threshold = 0, 300, 0.9, 1.1
    for number in range(n):
        model, plan, cell = household(3, number)
        need = need_comes(model, plan, cell)
        decider = who_is(cell, DECIDER)
        cell.person[decider].threshold = threshold
        live(model, plan, cell, T + 1)
        need.visits, need.account_stage = 1, accounts.SHORTLISTED
        plain(steps._is_told)(cell, model, T + 1, decider, 0, who_is(cell, USER))
        needs_of(cell, decider)[0].stock = stock
        plain(steps._ask_deciders)(cell, model, T + 5 * DAY, who_is(cell, USER), need)
        agreed += int(need.agreed).bit_count()
    chance = 1 / (1 + math.exp(-float(model.intent.slope) * (stock - threshold)))
    assert agreed / n == pytest.approx(chance, abs=3.7 * math.sqrt(chance * (1 - chance) / n))


def test_a_buyer_out_of_reach_tries_again_and_nobody_else_orders() -> None:
    model, plan, cell = household(4, looks=1.0, intent={"returns": 0.9})
    buyer = who_is(cell, BUYER)
    cell.person[buyer].reach = 0
    need_comes(model, plan, cell)
    live(model, plan, cell, T + 80 * DAY)
    tries = [x for x in logged(cell, "account_step") if x["stage"] == accounts.ORDERING]
    assert len(tries) > 5
    assert len(logged(cell, "visit")) > 2
    assert not logged(cell, "order", "cart")
    cell.person[buyer].reach = 1 << WEB
    live(model, plan, cell, T + 125 * DAY)
    (order,) = logged(cell, "order")
    assert (order["person"], order["channel"]) == (buyer, WEB)


def test_the_need_is_worth_the_same_to_all_and_ends_for_all() -> None:
    model, plan, cell = household(4)
    cell.person[who_is(cell, DECIDER)].threshold = 50.0
    need = need_comes(model, plan, cell)
    value, user = int(need.value), who_is(cell, USER)
    live(model, plan, cell, T + 100 * DAY)
    parts = [needs_of(cell, i)[0] for i in range(4) if i != user]
    assert {int(p.value) for p in parts} == {value}
    assert {int(p.joint) for p in parts} == {accounts.PART}
    assert {int(p.user) for p in parts} == {user}
    plain(act)(cell, model, plan, plain(key_of)(T + 100 * DAY, queue.EXPIRE, user, 0), 0, 0)
    assert not any(needs_of(cell, i) for i in range(4))
    (lost,) = logged(cell, "need_lost")
    assert lost["person"] == user


def test_one_member_alone_does_not_lose_it_but_the_user_who_leaves_does() -> None:
    from omnilab.interaction.leaving import AFTER_BAD, leave, lose_need

    model, plan, cell = household(4)
    cell.person[who_is(cell, DECIDER)].threshold = 50.0
    need_comes(model, plan, cell)
    live(model, plan, cell, T + 100 * DAY)
    user, decider = who_is(cell, USER), who_is(cell, DECIDER)
    for who in range(4):
        plain(lose_need)(cell, T, who, int(cell.person[who].first_need), rows.FATE_RIVAL)
        assert needs_of(cell, who)[0].stage == needs.GIVEN_UP
    assert not logged(cell, "need_lost")
    plain(leave)(cell, T, decider, AFTER_BAD)
    assert not needs_of(cell, decider)
    assert needs_of(cell, user)
    assert not logged(cell, "need_lost")
    plain(leave)(cell, T, user, AFTER_BAD)
    assert not any(needs_of(cell, i) for i in range(4))
    assert [x["person"] for x in logged(cell, "need_lost")] == [user]


def test_who_has_left_the_brand_neither_agrees_nor_orders() -> None:
    from omnilab.interaction.leaving import AFTER_BAD, leave

    for role in (DECIDER, BUYER):
        model, plan, cell = household(4)
        need_comes(model, plan, cell)
        plain(leave)(cell, T, who_is(cell, role), AFTER_BAD)
        live(model, plan, cell, T + 60 * DAY)
        assert not logged(cell, "order")


def test_made_needs_are_the_users_alone() -> None:
    from omnilab.interaction.need import tip

    model, plan, cell = household(3)
    model.tips.makes_need = 1.0
    for who in range(3):
        plain(tip)(cell, model, plan, T, who, (who + 1) % 3, 7)
    assert [x["person"] for x in logged(cell, "need")] == [who_is(cell, USER)]
    assert needs_of(cell, who_is(cell, USER))[0].joint == accounts.WHOLE
    assert BY_TIP in {x["cause"] for x in logged(cell, "aware")}


# --- Talks ---------------------------------------------------------------------------------------


def test_a_talk_takes_the_listener_a_part_of_the_way_and_never_beyond() -> None:
    model, plan, cell = household(3, intent={"decay": 1e-6}, passes=0.4)
    cell.person[who_is(cell, DECIDER)].threshold = 50.0
    need_comes(model, plan, cell)
    live(model, plan, cell, T + 60 * DAY)
    user = who_is(cell, USER)
    t = T + 60 * DAY
    for talk in range(12):
        for who in range(3):
            needs_of(cell, who)[0].stock, needs_of(cell, who)[0].stock_t = 1.0 + who, t
        cell.meta.rows = 0
        plain(steps._talk)(cell, model, t + DAY, user, 0, talk)
        speaker, listener = plain(accounts.talk_pair)(model, cell.person[user], 0, talk)
        assert speaker != listener
        (heard,) = logged(cell, "account_talk")
        assert (heard["person"], heard["speaker"]) == (listener, speaker)
        faded = math.exp(-1e-6 * DAY)
        gain = 0.4 * max(speaker - listener, 0) * faded
        assert heard["gain"] == pytest.approx(1e6 * gain, abs=1)
        stocks = [plain(stimulate)(model, needs_of(cell, w)[0], t + DAY, 0.0) for w in range(3)]
        expected = [(1.0 + w) * faded + (gain if w == listener else 0.0) for w in range(3)]
        assert stocks == pytest.approx(expected)


def test_talks_are_a_poisson_process_and_each_pair_is_as_likely() -> None:
    rate = 2.0 / (7 * DAY)
    model, _, cell = household(4, talks=rate)
    user, n = cell.person[who_is(cell, USER)], 4000
    gaps = [plain(accounts.next_talk)(model, user, 0, k) for k in range(n)]
    assert np.mean(gaps) == pytest.approx(1 / (4 * rate), rel=3.7 / math.sqrt(n))
    pairs = [plain(accounts.talk_pair)(model, user, 0, k) for k in range(n)]
    counts = np.unique(pairs, axis=0, return_counts=True)[1]
    assert len(counts) == 12
    assert counts.max() - counts.min() < 8 * math.sqrt(n / 12)


def test_a_member_who_is_told_looks_with_its_chance() -> None:
    model = model_of(accounts=ALONE | {"looks": 0.35})
    cell = cell_of(1, model)
    person, n = cell.person[0], 2000
    waits = [plain(accounts.looks_itself)(model, person, k) for k in range(n)]
    looks = [w for w in waits if w >= 0]
    assert len(looks) / n == pytest.approx(0.35, abs=3.7 * math.sqrt(0.35 * 0.65 / n))
    assert np.mean(looks) == pytest.approx(
        float(model.intent.slow), rel=3.7 / math.sqrt(len(looks))
    )


def test_what_a_decider_knows_is_what_visits_and_talks_have_left() -> None:
    """A naive model: from the log alone, each decider's stock at its consent."""
    decay = 0.05 / DAY
    checked = 0
    for number in range(12):
        model, plan, cell = household(
            5, number, {"decay": decay, "returns": 0.6}, deciders=2, talks=3.0 / (7 * DAY),
            looks=0.7,
        )  # fmt: skip
        for person in cell.person[:5]:
            person.threshold = 1.0
        need_comes(model, plan, cell)
        live(model, plan, cell, T + 125 * DAY)
        stocks: dict[int, tuple[float, int]] = {}
        for row in logged(cell):
            who, t = row["person"], row["time"]
            stock, since = stocks.get(who, (0.0, t))
            stock *= math.exp(-decay * (t - since))
            if row["kind"] == "visit" and row["need"] == 0:
                stock += float(model.intent.visit_gain)
            elif row["kind"] == "account_talk":
                other, then = stocks.get(row["speaker"], (0.0, t))
                other *= math.exp(-decay * (t - then))
                gain = 0.5 * max(other - stock, 0.0)
                assert row["gain"] == pytest.approx(1e6 * gain, abs=2)
                stock += gain
            elif row["kind"] == "account_agrees":
                assert row["stock"] == pytest.approx(1e6 * stock, abs=2)
                checked += 1
            stocks[who] = (stock, t)
    assert checked > 10


# --- What the brand can do -----------------------------------------------------------------------


def test_a_message_that_a_decider_sees_adds_to_what_it_knows_of_the_accounts_need() -> None:
    post = Post(message={"shows": "generic"})
    need = post.need()
    post.person.account_size, post.person.roles = 2, DECIDER
    need.joint, need.user = accounts.PART, 1
    before = float(need.stock)
    post.send()
    post.open()
    decayed = before * math.exp(-float(post.model.intent.decay) * (post.seen_at - need.stock_t))
    gained = float(needs_of(post.cell, 0)[0].stock) - decayed
    assert gained == pytest.approx(float(post.model.intent.message_gain), rel=1e-6)


def test_members_at_a_computer_of_their_own_are_profiles_of_their_own() -> None:
    model, plan, cell = household(3, looks=1.0)
    model.identifiers.shared_pc = 0.0
    need_comes(model, plan, cell)
    live(model, plan, cell, T + 60 * DAY)
    visited = {x["person"] for x in logged(cell, "visit") if x["silo"] == IN_WEB}
    profiles = {x["person"]: x["profile"] for x in logged(cell, "identify")}
    assert len({profiles[p] for p in visited if p in profiles}) == len(visited & set(profiles))


# --- What a scenario may ask for -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("population", "part", "says"),
    [
        ({}, {}, "world.accounts.share: an account is a household of two or more"),
        (
            {"household_sizes": [0.5, 0.2, 0.3]}, {"deciders": 4},
            "world.accounts.deciders: 4 deciders, and the largest household has 3 persons",
        ),
        (
            {"household_sizes": [0.5, 0.5], "entry": {"over": "30d"}}, {},
            "world.accounts.share: the members of a cohort enter with an order each",
        ),
    ],
)  # fmt: skip
def test_what_can_not_be_is_said_in_one_line(population: Any, part: Any, says: str) -> None:
    from omnilab.errors import ScenarioError

    with pytest.raises(ScenarioError) as found:
        corner(population=population, world={"accounts": {"share": 0.5, **part}})
    assert says in str(found.value)
    assert "\n" not in str(found.value)


def test_the_nearest_right_thing_is_right() -> None:
    scenario = corner(
        population={"household_sizes": [0.5, 0.2, 0.3]},
        world={"accounts": {"share": 1.0, "deciders": 3}},
    )
    assert model_of(scenario).accounts.deciders == 3
    assert model_of(scenario).accounts.talks == pytest.approx(0.5 / (7 * DAY))


# --- The identifier of a company -----------------------------------------------------------------


def test_members_share_the_identifier_of_their_company_and_nobody_else_has_it() -> None:
    model = model_of(accounts=ALONE)
    cell = cell_of(8, model)
    plain(people)(cell, model, 0, 3, np.array([3, 1, 4]))
    code = plain(identifiers.address_code)
    codes = [
        code(model, cell.person[i], i, identifiers.COMPANY, T)
        for i in range(int(cell.meta.persons))
    ]
    assert codes[0] == codes[1] == codes[2]
    assert len(set(codes[4:])) == 1
    assert len({codes[0], codes[3], codes[4]}) == 3
    assert {plain(identifiers.type_of)(c) for c in codes} == {identifiers.COMPANY}
    emails = {code(model, cell.person[i], i, identifiers.EMAIL, T) for i in range(8)}
    assert len(emails) == 8


@pytest.mark.parametrize(("strategy", "profiles"), [("omnichannel", 1), ("multichannel", 2)])
def test_it_makes_one_profile_of_an_account_within_what_identity_links(
    strategy: str, profiles: int
) -> None:
    """Two members come by, each under a cookie: on the web both, then one in the app's silo."""
    model, plan = model_of(accounts=ALONE), plan_of(strategy=strategy)
    cell = cell_of(3, model, plan)
    plain(people)(cell, model, 0, 1, np.array([3]))
    code, made = plain(identifiers.code_of), plain(identifiers.address_code)
    found = set()
    for who, silo in ((0, IN_WEB), (1, IN_WEB), (2, IN_APP)):
        company = made(model, cell.person[who], who, identifiers.COMPANY, T)
        n = shown(cell, code(identifiers.COOKIE, who, 0), company)
        found.add(int(plain(link_visit)(cell, plan, T + who, silo, n)))
    assert len(found) == profiles


def test_a_record_with_the_companys_identifier_is_no_mistake() -> None:
    from omnilab.interaction.crm import ANOTHERS, NOBODYS, RIGHT, _what_it_is

    model = model_of(accounts=ALONE)
    cell = cell_of(6, model)
    plain(people)(cell, model, 0, 2, np.array([3, 3]))
    what, code = plain(_what_it_is), plain(identifiers.code_of)
    for who in range(3):
        mine = plain(identifiers.address_code)(model, cell.person[who], who, identifiers.COMPANY, T)
        assert what(cell, mine, who) == RIGHT
        assert what(cell, code(identifiers.COMPANY, 3, 0), who) == ANOTHERS
        assert what(cell, code(identifiers.EMAIL, who, 0), who) == RIGHT
        nobodys = code(identifiers.COMPANY, 0, identifiers.MISTYPED)
        assert what(cell, nobodys, who) == NOBODYS
