"""Records that the brand has at the start: shares, mistakes, and what identity links."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest

from omnilab.errors import ScenarioError
from omnilab.log import rows
from omnilab.log.identifier_types import number_of
from omnilab.report.timeline import Teller
from omnilab.scenario import scenario_to_yaml
from tests.verification.worlds import digests, load, log, run, same_rows
from tests.worlds import EMAIL, corner

NEWS = {"name": "news", "trigger": "weekly", "weekday": 1, "at": "10:00", "sequence": ["email"],
        "steps": [{"message": {"channels": ["email"], "success": "sent"}}]}  # fmt: skip
EMAIL_TYPE, PHONE_TYPE = number_of("email"), number_of("phone")


def shop(*uploads: dict[str, Any], customers: int = 40, days: int = 14, **world: Any) -> Any:
    """Return the corner shop with records, where nobody has allowed e-mail otherwise."""
    base = corner(
        time={"burn_in": 0, "window": f"{days}d", "run_out": 0},
        population={"customers": customers, "households_per_cell": 16},
        world={"identifiers": {"changes_a_year": 0.0, "typo": 0.0, **world}},
    )
    channels = [c.model_dump() for c in base.channels]
    channels[EMAIL]["message"] |= {"opt_in": 0.0, "signs_up": 0.0, "delivered": 1.0, "opt_out": 0.0}
    return base.changed({"channels": channels, "brand": {"crm": uploads, "journeys": [NEWS]}})


def life(scenario: Any, name: str = "omnichannel", engine: str = "compiled") -> Any:
    return log(run(scenario, load(scenario, name), engine=engine, pilot=2), name)


def upload(**values: Any) -> dict[str, Any]:
    return {"silo": "email", "has": {"email": 1.0}, "allows": ["email"], **values}


def test_shares_are_those_of_the_records() -> None:
    many = shop(
        upload(share=0.6, has={"email": 0.7, "phone": 0.4}, duplicates=0.3, wrong=0.2),
        customers=600,
        days=2,
        typo_hits=0.5,
    )
    found = rows.of_kind(life(many, "no_contact"), rows.RECORD)
    holders = {(p, d) for p, d in zip(found.person.tolist(), found.duplicate.tolist(), strict=True)}
    some = 1 - 0.3 * 0.6  # a record without any identifier is none
    assert len({p for p, d in holders if d == 0}) / 600 == pytest.approx(0.6 * some, abs=0.07)
    assert len({p for p, d in holders if d == 1}) / 600 == pytest.approx(0.18 * some, abs=0.06)
    n = len(holders) / some
    assert (found.type == EMAIL_TYPE).sum() / n == pytest.approx(0.7, abs=0.08)
    assert (found.type == PHONE_TYPE).sum() / n == pytest.approx(0.4, abs=0.08)
    assert (found.is_wrong > 0).mean() == pytest.approx(0.2, abs=0.06)
    assert (found.is_wrong == 2).mean() == pytest.approx(0.1, abs=0.05)


def test_no_record_has_the_card_of_who_has_not_joined() -> None:
    has = {"email": 1.0, "loyalty": 1.0}
    base = shop(upload(has=has), days=2)
    channels = [c.model_dump() for c in base.channels]
    channels[0]["acts"] = [{"act": "join", "base": 0.01}]
    for joined in (0.0, 0.5):
        scenario = base.changed({"channels": channels, "world": {"acts": {"joined": joined}}})
        found = rows.of_kind(life(scenario, "no_contact"), rows.RECORD)
        cards = found[found.type == number_of("loyalty")]
        assert len(cards) / 40 == pytest.approx(joined, abs=0.25)
        assert (len(cards) > 0) == (joined > 0)
    assert (rows.of_kind(life(base, "no_contact"), rows.RECORD).type == EMAIL_TYPE).sum() == 40


def test_who_stands_there_and_allows_is_written_to_and_nobody_else() -> None:
    events = life(shop(upload(share=0.5, allowed=0.6)))
    there = set(rows.of_kind(events, rows.RECORD).person.tolist())
    sent = set(rows.of_kind(events, rows.SENT).person.tolist())
    assert 0 < len(sent) < len(there) < 40
    assert sent < there


def test_an_address_that_is_nobodys_bounces_once_and_is_dropped() -> None:
    events = life(shop(upload(wrong=1.0), typo_hits=0.0))
    bounced = rows.of_kind(events, rows.BOUNCE).person.tolist()
    assert sorted(bounced) == list(range(40))
    assert (rows.of_kind(events, rows.RECORD).is_wrong == 1).all()


def test_an_address_that_is_somebody_elses_goes_to_that_person() -> None:
    events = life(shop(upload(wrong=1.0), typo_hits=1.0))
    assert (rows.of_kind(events, rows.RECORD).is_wrong == 2).all()
    assert not len(rows.of_kind(events, rows.BOUNCE))
    to = rows.of_kind(events, rows.SENT).person.tolist()
    assert 0 < len(set(to)) < 40  # some get none, and each address one a week whoever's it is
    assert max(Counter(to).values()) == 2


def profiles(scenario: Any, name: str) -> dict[int, set[int]]:
    """Return the profiles to which each person's messages went."""
    found = defaultdict(set)
    for e in rows.of_kind(life(scenario, name), rows.SENT):
        found[int(e.person)].add(int(e.profile))
    return found


@pytest.mark.parametrize("name", ["multichannel", "omnichannel"])
def test_duplicates_with_the_same_address_are_one_profile(name: str) -> None:
    twice = profiles(shop(upload(duplicates=1.0), customers=12), name)
    assert len(twice) == 12
    assert all(len(p) == 1 for p in twice.values())


def test_records_of_two_silos_are_linked_by_what_they_share_where_identity_is_common() -> None:
    """The till knows card and address, the mail tool the address: one person or two?"""
    till = {"silo": "store", "has": {"loyalty": 1.0, "email": 1.0}}
    both = shop(upload(), till, customers=12)
    events = {name: life(both, name) for name in ("multichannel", "omnichannel")}
    sent = {name: set(rows.of_kind(e, rows.SENT).profile.tolist()) for name, e in events.items()}
    assert len(sent["omnichannel"]) == len(sent["multichannel"]) == 12
    # Serials count profiles in their order: without a common identity the till's come in between.
    assert max(sent["multichannel"]) > max(sent["omnichannel"])


@pytest.mark.parametrize("name", ["multichannel", "omnichannel"])
def test_both_engines_have_the_same_log(name: str) -> None:
    scenario = shop(
        upload(share=0.7, duplicates=0.4, wrong=0.3, has={"email": 0.8, "phone": 0.5}),
        {"silo": "store", "has": {"loyalty": 0.9, "phone": 0.4}},
        customers=12,
        typo_hits=0.5,
    )
    scenario = scenario.changed({"time": {"burn_in": "10d"}})
    one, other = (
        run(scenario, load(scenario, name), engine=engine, pilot=2)
        for engine in ("compiled", "simpy")
    )
    same_rows(log(one, name), log(other, name))
    assert digests(one) == digests(other)


def test_off_there_are_none() -> None:
    events = life(shop())
    assert not (events["kind"] == rows.RECORD).any()
    assert "crm" not in scenario_to_yaml(corner())


def test_a_timeline_tells_of_a_record() -> None:
    scenario = shop(upload(wrong=1.0), customers=4, typo_hits=0.0)
    told = [words for _, words in Teller(scenario, ["news"], ["news"]).tell(life(scenario))]
    assert "stood in a record at email before the start, nobody's" in told


@pytest.mark.parametrize(
    ("wrong", "place", "said"),
    [
        (upload(silo="emial"), "silo", "did you mean 'email'"),
        (upload(allows=["ad"]), "allows", "shows no ads"),
        (upload(has={}), "crm", "name 1 to 4 types"),
        (upload(has={"cookie": 1.0}), "crm", "no list of customers has a cookie"),
        (upload(wrong=1.2), "wrong", "outside 0..1"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(wrong: Any, place: str, said: str) -> None:
    with pytest.raises(ScenarioError) as error:
        shop(wrong)
    assert place in str(error.value).split(":", maxsplit=1)[0]
    assert said in str(error.value)
    assert "\n" not in str(error.value).strip()
