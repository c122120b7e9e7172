"""What is typed into the search box, and signed reviews: what the brand may know of them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from omnilab.log import rows
from omnilab.strategy import Choices, Decisions
from omnilab.strategy.loading import LoadedStrategy, load_strategy
from omnilab.strategy.plan import Sharing
from omnilab.world import reviews, site_search
from omnilab.world.identifiers import EMAIL
from omnilab.world.needs import Need
from omnilab.world.state import Person
from tests.plain import plain
from tests.towns.goods import shop
from tests.verification.worlds import (
    DAY,
    digests,
    frame,
    having,
    load,
    log,
    mixture,
    run,
    same_rows,
)
from tests.worlds import model_of, record

ON = {"each": 0.9, "specific": 0.6}
WORDS = {"written": 1.0, "signed": 1.0, "delay": "12h"}
COLUMNS = ("last_searched", "days_since_search", "last_stars", "days_since_review")


def talkative(burn_in: str | int = "12d", **world: Any) -> Any:
    """Return the bookshop in which people search and leave reviews; the brand knows everybody."""
    time = {"window": "24d", "burn_in": burn_in}
    return shop(population={"customers": 12, "town": 6}, time=time, world={
        "site_search": ON, "reviews": WORDS, "identifiers": {"oracle": True, "typo": 0.0}, **world,
    })  # fmt: skip


class Recorder:
    """A strategy that sends all, and keeps what it was told of each message."""

    name = "recorder"
    told: ClassVar[dict[int, tuple[int, dict[str, Any]]]] = {}  # a run works with a copy of it

    def decide(self, pending: Decisions) -> Choices:
        """Keep the columns of each row."""
        for k, message in enumerate(pending.message_id.tolist()):
            row = {name: float(getattr(pending, name)[k]) for name in COLUMNS}
            row["searched"] = np.flatnonzero(pending.searched[k]).tolist()
            self.told.setdefault(message, (int(pending.time_s[k]), row))
        return Choices.default(pending)


@cache
def recorded(context: str, burn_in: str | int = "12d") -> Any:
    """Return what was told, and the log, under a sharing of contexts; all else is shared."""
    scenario = talkative(burn_in)
    plan = mixture(scenario, Sharing(**{**vars(Sharing.every("all")), "context": context})).plan
    Recorder.told.clear()
    strategy = LoadedStrategy("recorder", plan, Recorder(), "", True, False)  # type: ignore[arg-type]
    table = frame(run(scenario, [strategy]), "recorder")
    return dict(Recorder.told), table


def test_the_columns_are_what_the_log_says_of_the_profile_so_far() -> None:
    told_of, table = recorded("all", 0)  # a profile's serial in the burn-in is another brand's
    sent = {r.message: (r.person, r.profile) for r in having(table, "sent").itertuples()}
    searches, words = having(table, "site_search"), having(table, "review")
    shown, merges = having(table, "identify"), having(table, "merge")
    compared = 0
    for message, (t, told) in told_of.items():
        if message not in sent:
            continue
        who, profile = sent[message]
        own = {profile}  # with those that have merged into it by then
        for m in merges[merges["time"] < t].iloc[::-1].itertuples():
            own |= {m.absorbed} if m.survivor in own else set()
        mine = shown[(shown["person"] == who) & shown["profile"].isin(own) & (shown["time"] < t)]
        typed = searches[(searches["person"] == who) & searches["time"].isin(mine["time"])]
        last = typed.iloc[-1] if len(typed) else None
        assert told["last_searched"] == (-1 if last is None else last["category"])
        assert told["searched"] == sorted({int(g) for g in typed["good"] if g >= 0})
        if last is not None:
            assert told["days_since_search"] == pytest.approx((t - last["time"]) / DAY)
        mail = mine[mine["type"] == EMAIL]["time"].min()  # before it the brand holds no address
        left = words[(words["person"] == who) & (words["time"] < t) & (words["time"] > mail)]
        assert told["last_stars"] == (left.iloc[-1]["stars"] if len(left) else 0)
        compared += last is not None and len(left) > 0
    assert compared > 5


def test_what_was_typed_before_a_strategy_began_is_known_to_it() -> None:
    told_of, _ = recorded("all")
    before = [
        (t, told["days_since_search"], told["days_since_review"]) for t, told in told_of.values()
        if told["days_since_search"] * DAY > t - 12 * DAY > 0
    ]  # fmt: skip
    assert before
    assert any(told["last_stars"] > 0 for _, told in told_of.values())


def test_a_silo_does_not_see_what_was_typed_elsewhere() -> None:
    told_of, table = recorded("silo")
    assert len(having(table, "site_search")) > 40
    silo = dict(having(table, "sent")[["message", "channel"]].itertuples(index=False))
    in_email = [told for m, (_, told) in told_of.items() if silo.get(m) == 2]
    assert len(in_email) > 5
    assert {told["last_searched"] for told in in_email} == {-1.0}
    assert all(told["searched"] == [] for told in in_email)


def test_who_types_has_a_need_and_a_name_comes_after_goods_were_seen() -> None:
    _, table = recorded("all")
    seen: set[tuple[int, int]] = set()
    named = unnamed = 0
    need = {(r.person, r.need): r.category for r in having(table, "need").itertuples()}
    for r in table[table["kind"].isin(("goods_seen", "site_search"))].itertuples():
        at = (r.person, r.need)
        if r.kind == "goods_seen":
            seen.add(at)
            continue
        assert r.category == need[at]
        if r.good >= 0:
            assert at in seen
            named += 1
        else:
            unnamed += at not in seen
    assert named > 4
    assert unnamed > 10


def test_typing_and_signing_change_nothing_for_the_person() -> None:
    on, off = (
        run(s, load(s, "omnichannel")) for s in (
            talkative(), talkative(site_search={"each": 0.0}, reviews={**WORDS, "signed": 0.0})
        )
    )  # fmt: skip
    a, b = log(on, "omnichannel"), log(off, "omnichannel")
    fields = [n for n in a.dtype.names if n != "seq"]
    assert (a["kind"] == rows.SITE_SEARCH).any()
    same_rows(a[a["kind"] != rows.SITE_SEARCH], b, fields)


def test_the_engines_agree_and_the_example_shows_what_was_typed(root: Path) -> None:
    scenario = talkative()
    path = f"{root}/examples/searched.py:Searched"
    strategies = [load_strategy(path, scenario), *load(scenario, "omnichannel")]
    fast, slow = (run(scenario, strategies, engine=e) for e in ("compiled", "simpy"))
    assert digests(fast) == digests(slow)
    table = frame(fast, "searched")
    shown = having(table, "recommended")
    typed = {(r.person, r.category): r.time for r in having(table, "site_search").itertuples()}
    chosen = [r for r in shown.itertuples() if int(r.goods).bit_count() > 1]
    assert len(chosen) > 5  # the journeys themselves recommend one good a message
    assert all((r.person, 0) in typed for r in chosen)
    of_category = {0b1111, 0b0111}  # the fourth comes on the fifth day
    assert {r.goods for r in chosen} <= of_category | {r.goods for r in chosen if named(table, r)}


def named(table: Any, shown: Any) -> bool:
    """Tell whether the person typed the names of all goods that a message shows."""
    typed = having(table, "site_search")
    mine = typed[(typed["person"] == shown.person) & (typed["time"] < shown.time)]
    return shown.goods == sum({1 << int(g) for g in mine["good"] if 0 <= g < 4})


@pytest.mark.parametrize("good", [-1, 3])
@pytest.mark.parametrize("specific", [0.0, 0.3, 1.0])
def test_the_chance_to_type_and_to_name_is_that_of_the_rule(good: int, specific: float) -> None:
    model = model_of(site_search={"each": 0.25, "specific": specific})
    need = record(Need, good=good)
    found = [
        plain(site_search.good_typed)(model, record(Person, entity=k), need, 8, 5)
        for k in range(2000)
    ]
    typed = [g for g in found if g != site_search.NOTHING_TYPED]
    assert len(typed) / len(found) == pytest.approx(0.25, abs=0.04)
    share = specific if good >= 0 else 0.0
    assert np.mean([g == good and good >= 0 for g in typed]) == pytest.approx(share, abs=0.07)


def test_signed_reviews_are_a_share_of_the_written() -> None:
    model = model_of(reviews={"written": 0.4, "signed": 0.25})
    people = [record(Person, entity=k) for k in range(4000)]
    wrote = [plain(reviews.review_delay)(model, p, 2) >= 0 for p in people]
    signed = [plain(reviews.signs_review)(model, p, 2) for p in people]
    assert all(w for w, s in zip(wrote, signed, strict=True) if s)
    assert sum(signed) / sum(wrote) == pytest.approx(0.25, abs=0.04)
