"""Offers, acts and `decide` in whole worlds: who gets no offer, and what a silo is told of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from omnilab.errors import ScenarioError, StrategyError
from omnilab.log import rows
from omnilab.log.act_kinds import ACTS
from omnilab.strategy import Choices, Decisions, Events
from omnilab.strategy.apart import _columns
from omnilab.strategy.choice_check import validate_choices
from omnilab.strategy.decisions import EVENT_KINDS
from omnilab.strategy.loading import LoadedStrategy
from omnilab.strategy.plan import Sharing
from omnilab.testing import sample_decisions
from tests.towns.test_offers import OFFERS, facts
from tests.towns.test_offers import shop as offer_shop
from tests.verification.worlds import DAY, digests, load, log, run, same_rows

SIDE = {"open": 0.9, "delivered": 1.0, "opt_out": 0.0, "opt_in": 1.0}
#: An act that hands the mail tool an address, one that tells the web shop alone, one in the app.
CHANNELS = [
    {"preset": "web", "acts": [{"act": "leave_address", "base": 0.5, "allows": ["email"]},
                               {"act": "join", "base": 0.5}]},
    {"preset": "app", "acts": [{"act": "log_in", "base": 0.5}]}, "store",
    {"preset": "email", "message": {**SIDE, "opt_in": 0.6}}, {"preset": "push", "message": SIDE},
]  # fmt: skip
SHARE = {"name": "share", "trigger": "weekly", "weekday": 2, "sequence": ["email", "store", "web"],
         "steps": [{"message": {"channels": ["email"], "offer": 0.15}}]}  # fmt: skip


def shop(**changes: Any) -> Any:
    return offer_shop(channels=CHANNELS, **changes)


class Notes:
    """It answers as told and keeps what it was asked and told."""

    name = "notes"

    def __init__(self, answer: Callable[[Decisions], Choices] = Choices.default) -> None:
        self.answer = answer
        self.asked: list[Decisions] = []
        self.told: list[Events] = []

    def __deepcopy__(self, memo: dict[int, Any]) -> Notes:
        return self  # what the run's own copy is told is kept here

    def decide(self, pending: Decisions) -> Choices:
        self.asked.append(pending)
        return self.answer(pending)

    def learn(self, observed: Events) -> None:
        self.told.append(observed)


def noted(
    scenario: Any, notes: Notes, *, engine: str = "simpy", learns: bool = True, **plan: Any
) -> Any:
    whole = replace(load(scenario, "omnichannel")[0].plan, **plan)
    loaded = LoadedStrategy("notes", whole, notes, "", True, learns)  # type: ignore[arg-type]
    result = run(scenario, [loaded], engine=engine, pilot=2, seed=3)
    assert not result.failures
    return result


def withheld(pending: Decisions) -> Choices:
    """Withhold from all, by name."""
    return Choices(np.ones(len(pending), np.bool_), offer=np.full(len(pending), "none"))


def from_some(pending: Decisions) -> Choices:
    """Withhold from who has used an offer or done an act, and from every third message."""
    knows = pending.offers_used.any(axis=1) | pending.did.any(axis=1)
    offer = np.where(knows | (pending.message_id % 3 == 0), len(pending.offer_names) - 1, -1)
    return Choices(np.ones(len(pending), np.bool_), offer=offer)


def bare(journeys: Any) -> Any:
    """Return journeys whose messages bring no offer."""
    return tuple(
        journey.model_copy(update={"steps": tuple(
            step if step.message is None else step.model_copy(update={
                "message": step.message.model_copy(update={"gives": None, "offer": 0.0})
            }) for step in journey.steps
        )}) for journey in journeys
    )  # fmt: skip


def with_share() -> Any:
    from tests.towns.test_offers import JOURNEYS

    return shop(brand={"journeys": [*JOURNEYS, SHARE]})


def test_who_gets_none_gets_the_message_that_was_written_without() -> None:
    """To the bit: the other way to withhold, a plan whose messages bring nothing."""
    scenario = with_share()
    one = noted(scenario, Notes(withheld))
    plain = load(scenario, "omnichannel")[0].plan
    other = noted(scenario, Notes(), journeys=bare(plain.journeys))
    same_rows(log(one, "notes"), log(other, "notes"))
    given = noted(scenario, Notes())
    after = {r["message"] for r in facts(log(one, "notes"), rows.SENT) if r["time"] >= 12 * DAY}
    for found, expected in ((one, set()), (given, {-1, 0, 1, 2})):
        brought = facts(log(found, "notes"), rows.OFFERED)
        assert {r["offer"] for r in brought if r["message"] in after} == expected


def test_both_engines_write_the_same_log_where_some_get_none() -> None:
    scenario = with_share()
    one, other = (noted(scenario, Notes(from_some), engine=engine, learns=False)
                  for engine in ("compiled", "simpy"))  # fmt: skip
    same_rows(log(one, "notes"), log(other, "notes"))
    assert digests(one) == digests(other)
    none = noted(scenario, Notes(withheld), learns=False)
    assert digests(one) != digests(none)


def test_gives_says_what_the_message_brings_of_itself() -> None:
    scenario = with_share()
    notes = Notes()
    noted(scenario, notes)
    names = [offer.name for offer in scenario.brand.offers]
    seen = set()
    for pending in notes.asked:
        assert pending.offer_names == (*names, "none")
        for j, gives, share in zip(pending.journey, pending.gives, pending.offer, strict=True):
            message = scenario.brand.journeys[j].steps[0].message
            assert gives == (names.index(message.gives) if message.gives else -1)
            assert share == message.offer
            seen.add(int(gives))
    assert seen == {-1, 0, 1, 2}
    bare_notes = Notes()
    noted(scenario, bare_notes, journeys=bare(scenario.brand.journeys))
    assert all((pending.gives == 3).all() for pending in bare_notes.asked)


@cache
def life(context: str) -> tuple[Notes, Any]:
    """Return what a strategy was asked and told, and the log; each visit shows who it is."""
    scenario = shop(world={"identifiers": {"typo": 0.0, "oracle": True},
                           "offers": {"redeems": 1.0, "pulls": 8.0},
                           "intent": {"threshold": -1.0}})  # fmt: skip
    notes = Notes()
    sharing = replace(Sharing.every("all"), context=context)
    return notes, log(noted(scenario, notes, sharing=sharing), "notes")


SILO_OF = {channel.name: channel.silo for channel in shop().channels}


def seen_by_whom(notes: Notes, events: Any) -> Any:
    """Yield (time, person, silo that sends, decisions, row) of each message that was sent.

    Only where the profile was there at the person's last visit: who has not been linked yet has
    another one for each address.
    """
    silos = shop().silos
    sent = {r["message"]: r["person"] for r in facts(events, rows.SENT) if r["time"] >= 12 * DAY}
    visits: dict[int, list[int]] = {}
    for r in facts(events, rows.VISIT):
        visits.setdefault(r["person"], []).append(r["time"])
    for pending in notes.asked:
        for row, (message, c) in enumerate(zip(pending.message_id, pending.default, strict=True)):
            if message in sent and c >= 0:
                t, person = int(pending.time_s[row]), sent[message]
                silo = silos.index(SILO_OF[pending.channel_names[c]])
                last = max((at for at in visits.get(person, ()) if at < t), default=0)
                if last and pending.days_since_seen[row] == (t - last) / DAY:
                    yield t, person, silo, pending, row


@pytest.mark.parametrize("context", ["silo", "all"])
def test_a_silo_is_told_of_the_offers_that_it_can_see(context: str) -> None:
    """By a naive model over the log, burn-in too: sends and redemptions, each in its silo."""
    notes, events = life(context)
    sent = facts(events, rows.SENT)
    gives = {0: 0, 1: 1, 2: 2}  # each of the shop's journeys gives the offer of its number
    used = facts(events, rows.REDEEMED)
    hidden = shown = beyond = 0
    for t, person, silo, pending, row in seen_by_whom(notes, events):

        def of(some: Any, offer: Any, t: int = t, person: int = person, silo: int = silo) -> Any:
            mine = [r for r in some if r["person"] == person and r["time"] < t]
            seen = [r for r in mine if context == "all" or r["silo"] == silo]
            return {offer(r) for r in mine}, {offer(r) for r in seen}

        _, given = of(sent, lambda r: gives[r["journey"]])
        _, own = of([r for r in sent if r["silo"] == silo], lambda r: gives[r["journey"]])
        every, known = of(used, lambda r: r["offer"])
        told = set(np.flatnonzero(pending.offers_given[row]).tolist())
        assert own <= told <= given  # another silo's may have gone to an address not yet linked
        beyond += told > own
        assert set(np.flatnonzero(pending.offers_used[row]).tolist()) == known
        shown += bool(known)
        hidden += known != every
    assert shown > 3
    assert (hidden > 3) == (context == "silo")
    assert (beyond > 3) == (context == "all")


@pytest.mark.parametrize("context", ["silo", "all"])
def test_a_silo_is_told_of_the_acts_that_it_can_see(context: str) -> None:
    notes, events = life(context)
    acts = facts(events, rows.ACT)
    mail = {r["silo"] for r in facts(events, rows.SENT) if r["channel"] == 3}
    address = ACTS.index("leave_address")
    told = set()
    for t, person, silo, pending, row in seen_by_whom(notes, events):
        known = {
            r["act"] for r in acts
            if r["person"] == person and r["time"] < t
            and (context == "all" or r["silo"] == silo
                 or (r["act"] == address and silo in mail))
        }  # fmt: skip
        assert pending.act_names == ACTS
        assert set(np.flatnonzero(pending.did[row]).tolist()) == known
        told |= {(silo in mail, act) for act in known}
    join, log_in = ACTS.index("join"), ACTS.index("log_in")
    apart = {(True, address), (False, log_in)}
    both = {(mails, act) for mails in (True, False) for act in (address, join, log_in)}
    assert told == (apart if context == "silo" else both)


def test_learn_is_told_of_redemptions_and_acts() -> None:
    notes, events = life("all")
    for kind, name in ((rows.REDEEMED, "redeem"), *((rows.ACT, act) for act in ACTS)):
        told = [
            (int(t), int(channel), int(offer), int(cents))
            for table in notes.told
            for t, channel, offer, cents, message in zip(
                *(getattr(table.take(table.of_kind(name)), column)
                  for column in ("time_s", "channel", "offer", "cents", "message_id")), strict=True
            )
            if message == -1
        ]  # fmt: skip
        logged = [r for r in facts(events, kind) if r["time"] >= 12 * DAY]
        if kind == rows.ACT:
            logged = [{**r, "offer": -1, "off": 0} for r in logged if ACTS[r["act"]] == name]
        assert sorted(told) == sorted(
            (r["time"], r["channel"], r["offer"], r["off"]) for r in logged
        )
        assert bool(told) == (name in ("redeem", "leave_address", "join", "log_in"))
    assert all(table.offer_names[-1] == "none" for table in notes.told)


def test_nobody_is_told_of_a_redemption_of_who_shows_nothing() -> None:
    """Without cookies, accounts or codes a visitor stays unknown, and so does what was used."""
    offers = [{**offer, "code": False, "channels": ["store"], "minimum": 0.0} for offer in OFFERS]
    notes = Notes()
    scenario = shop(brand={"offers": offers},
                    world={"identifiers": {"typo": 0.0}, "intent": {"threshold": -1.0},
                           "offers": {"redeems": 1.0, "pulls": 8.0}})  # fmt: skip
    events = log(noted(scenario, notes), "notes")
    used = [r for r in facts(events, rows.REDEEMED) if r["time"] >= 12 * DAY]
    shown = {(r["person"], r["time"]) for r in facts(events, rows.IDENTIFIER) if r["profile"] >= 0}
    named = [r for r in used if (r["person"], r["time"]) in shown]
    told = sum(int(table.of_kind("redeem").sum()) for table in notes.told)
    assert told == len(named) < len(used)


PENDING = sample_decisions(shop(), load(shop(), "omnichannel")[0].plan)
YES = np.ones(len(PENDING), np.bool_)


def checked(offer: Any, pending: Decisions = PENDING) -> Any:
    return validate_choices(Choices(YES, offer=offer), pending, strategy="x", time_s=0).offer


def test_offers_go_by_name_and_none_goes_with_any_message() -> None:
    names = np.where(PENDING.may_offer, "app-code", "none")
    np.testing.assert_array_equal(checked(names), np.where(PENDING.may_offer, 1, 3))
    assert not PENDING.may_offer.all()
    own = np.where(np.arange(len(PENDING)) % 2, "", "none")
    np.testing.assert_array_equal(checked(own.astype(object)), np.where(own == "", -1, 3))
    again = Decisions(**_columns(PENDING))  # as a process of its own gets it
    for name in ("gives", "offers_given", "offers_used", "did"):
        np.testing.assert_array_equal(getattr(again, name), getattr(PENDING, name))
    assert EVENT_KINDS[-len(ACTS) - 1 :] == ("redeem", *ACTS)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("app-cod", "unknown offer 'app-cod' in row 3 (journey"),
        ("app-cod", "(did you mean 'app-code'?)"),
        ("nothing", "unknown offer 'nothing' in row 3"),
        (4, "offer is 4 in row 3"),
        (4, "offers are 0 to 3 (store-code, app-code, mug, none), -1 the message's own"),
        (-2, "offer is -2 in row 3"),
        (np.nan, "offer is NaN in row 3"),
        (1.0, "offer is float64; give whole numbers or names"),
    ],
)
def test_what_is_no_offer_is_an_error_of_one_line(value: Any, said: str) -> None:
    column: Any = np.full(len(PENDING), "" if isinstance(value, str) else -1)
    column = column.astype("U12" if isinstance(value, str) else type(value))
    column[3] = value
    with pytest.raises(StrategyError) as caught:
        checked(column)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_offer_with_a_message_of_service_is_an_error() -> None:
    with pytest.raises(StrategyError, match="gives offer 'mug' with a message of service in row"):
        checked(np.full(len(PENDING), "mug"))


def test_without_declared_offers_there_is_none_alone() -> None:
    pending = replace(PENDING, offer_names=("none",), offers_given=None, offers_used=None)
    assert (checked(np.zeros(len(pending), int), pending) == 0).all()
    for offer in (1, "mug"):
        with pytest.raises(StrategyError, match=r"the scenario declares none \(brand\.offers\)"):
            checked(np.full(len(pending), offer), pending)


def only_decided(**more: Any) -> Any:
    return shop(brand={"offers": [*OFFERS, {"name": "extra", "amount": 2.0, **more}]})


def test_an_offer_that_a_strategy_alone_gives() -> None:
    with pytest.raises(ScenarioError, match="or write `decided: true` where a strategy gives it"):
        only_decided()
    scenario = only_decided(decided=True, to_day=20)
    with pytest.raises(ScenarioError, match="nobody can get 'extra': no strategy here has"):
        run(scenario, load(scenario, "omnichannel", "multichannel"), engine="simpy", pilot=2)
    extra = Notes(lambda p: Choices(np.ones(len(p), bool), offer=np.full(len(p), "extra")))
    offered = facts(log(noted(scenario, extra), "notes"), rows.OFFERED)
    assert 3 in {r["offer"] for r in offered}
    journey = scenario.brand.journeys[0]
    step = journey.steps[0].model_copy(
        update={"message": journey.steps[0].message.model_copy(update={"gives": "extra"})}
    )
    plan = replace(load(scenario, "omnichannel")[0].plan,
                   journeys=(journey.model_copy(update={"steps": (step,)}),))  # fmt: skip
    loaded = LoadedStrategy("own", plan, Notes(), "", False, False)  # type: ignore[arg-type]
    assert not run(scenario, [loaded], engine="simpy", pilot=2).failures


def test_no_offer_may_be_called_none() -> None:
    with pytest.raises(ScenarioError, match="'none' is what a strategy answers for no offer"):
        shop(brand={"offers": [*OFFERS[:2], {"name": "none", "amount": 2.0}]})
