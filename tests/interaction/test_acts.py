"""Acts at visits: what changes by them, who is told, what they cost; a naive model over the log."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any

import pytest

from omnilab.errors import ScenarioError
from omnilab.log import rows
from omnilab.log.act_kinds import ACTS, INSTALL, JOIN, LEAVE_ADDRESS, LOG_IN, REQUEST
from omnilab.log.identifier_types import number_of
from omnilab.measure.catalogue import MEASURES
from omnilab.report.timeline import Teller
from omnilab.scenario import scenario_to_yaml
from tests.verification.worlds import digests, load, log, run, same_rows, sums
from tests.worlds import APP, EMAIL, PUSH, corner

WEB_ACTS = [
    {"act": "leave_address", "base": 0.2, "allows": ["email"], "incentive": 3.0},
    {"act": "install", "base": 0.1, "opens": ["app"], "allows": ["push"], "points": 20},
    {"act": "join", "base": 0.2, "carries": "store", "offer": 0.1},
    {"act": "request", "base": 0.05, "allows": ["email"]},
]
NEWS = {"name": "news", "trigger": "weekly", "weekday": 1, "at": "10:00", "sequence": ["email"],
        "steps": [{"message": {"channels": ["email"], "asks": "install",
                               "incentive": 5.0}}]}  # fmt: skip


def started_by(act: str, *sequence: str) -> dict[str, Any]:
    message = {"message": {"channels": ["email", "push"]}}
    return {"name": act, "trigger": act, "sequence": [*sequence], "until": ["order"],
            "steps": [{"wait_for": {"event": "join", "up_to": "2d"}}, message]}  # fmt: skip


def shop(web: list[dict[str, Any]], app: Any = None, days: int = 40, **changes: Any) -> Any:
    """Return the corner shop with acts, where nobody has the app or allows anything at first."""
    base = corner(
        time={"burn_in": "10d", "window": f"{days}d", "run_out": 0},
        population={"customers": 24, "household_sizes": [1.0], "dropout": {"a": 0.1, "b": 100.0}},
        world={"identifiers": {"typo": 0.0, "changes_a_year": 0.0}},
    )
    channels = [c.model_dump() for c in base.channels]
    by_name = {c["name"]: c for c in channels}
    by_name["web"]["acts"] = web
    by_name["app"]["acts"] = app or []
    by_name["app"]["visit"]["reach"] = 0.0
    for name in ("email", "push"):
        by_name[name]["message"] |= {"opt_in": 0.0, "signs_up": 0.0, "click": 0.3, "open": 0.5}
    journeys = [
        j for j in (NEWS, started_by("join", "web", "email"), started_by("request", "email"))
        if (j["trigger"] == "weekly" and any(a["act"] == "install" for a in web))
        or any(a["act"] == j["trigger"] for a in web)
    ]  # fmt: skip
    changes.setdefault("brand", {"journeys": journeys})
    return base.changed({"channels": channels, **changes})


@cache
def life(name: str = "omnichannel", engine: str = "compiled") -> Any:
    scenario = shop(WEB_ACTS, [{"act": "log_in", "base": 0.3}])
    return log(run(scenario, load(scenario, name), engine=engine, pilot=2), name)


def in_order(events: Any) -> list[dict[str, int]]:
    return sorted(rows.all_named(events), key=lambda e: (e["person"], e["seq"]))


def test_who_is_reachable_is_what_acts_and_opting_out_have_left() -> None:
    """By a naive count over each person's rows."""
    allows: dict[int, set[int]] = defaultdict(set)
    done: dict[int, set[int]] = defaultdict(set)
    sent = visited = shown = 0
    for e in in_order(life()):
        who, kind = e["person"], e["kind"]
        if kind == rows.ACT:
            again = e["act"] in done[who]
            assert e["again"] == again
            assert not again or e["act"] in (LEAVE_ADDRESS, REQUEST)
            done[who].add(e["act"])
        elif kind == rows.OPT_IN:
            allows[who].add(e["channel"])
        elif kind in (rows.UNSUBSCRIBE, rows.SPAMREPORT):
            allows[who].discard(e["channel"])
        elif kind == rows.STOP_ALL:
            allows[who].clear()
        elif kind == rows.SENT and e["channel"] in (EMAIL, PUSH):
            assert e["channel"] in allows[who]
            sent += 1
        elif kind == rows.VISIT and e["channel"] == APP:
            assert INSTALL in done[who]
            visited += 1
        elif kind == rows.IDENTIFIER and e["type"] == number_of("loyalty"):
            assert JOIN in done[who] or e["channel"] == 0  # where it joins, the row comes first
            shown += 1
        elif kind == rows.IDENTIFIER and e["type"] == number_of("login"):
            assert LOG_IN in done[who] or e["channel"] == APP
    assert min(sent, visited, shown) > 5


def test_an_act_pays_once_and_the_higher_of_two_incentives() -> None:
    found = [e for e in in_order(life()) if e["kind"] == rows.ACT]
    assert {e["act"] for e in found} >= {LEAVE_ADDRESS, INSTALL, JOIN, REQUEST}
    for e in found:
        if e["again"]:
            assert (e["cost"], e["points"]) == (0, 0)
        elif e["act"] == LEAVE_ADDRESS:
            assert e["cost"] == 300_000
        elif e["act"] == INSTALL:
            assert e["points"] == 20
            assert e["cost"] == (500_000 if e["asked"] else 0)
        assert e["asked"] == (e["cause"] >= 0)
    assert any(e["asked"] for e in found)


def test_sums_are_those_of_the_log() -> None:
    scenario = shop(WEB_ACTS)
    found = run(scenario, load(scenario, "omnichannel"), pilot=2)
    acts = rows.of_kind(log(found, "omnichannel"), rows.ACT)
    start, n = scenario.time.burn_in, 24
    acts = acts[(acts.time >= start) & (acts.time < start + scenario.time.window)]
    added = sums(found)["omnichannel"]

    def value(name: str) -> float:
        top, below = MEASURES[name].numerator, MEASURES[name].denominator
        return sum(f * added[x] for x, f in top) / sum(f * added[x] for x, f in below)

    for kind, name in enumerate(ACTS):
        assert value(f"{name}_per_customer") == pytest.approx((acts.act == kind).sum() / n)
    assert value("act_cost") == pytest.approx(acts.cost.sum() / 1e5 / n)
    leads = int((acts.act == REQUEST).sum())
    assert value("cost_per_lead") == pytest.approx(value("contact_cost") * n / leads)


def test_the_offer_that_an_order_uses_is_the_last_one_kept_be_it_an_acts_or_a_messages() -> None:
    code = {**NEWS, "name": "code", "weekday": 3, "until": [],
            "steps": [{"message": {"channels": ["email"], "gives": "five"}}]}  # fmt: skip
    acts = [{"act": "leave_address", "base": 0.3, "allows": ["email"], "offer": 0.2},
            {"act": "join", "base": 0.05, "offer": 0.1}]  # fmt: skip
    offers = {"offers": [{"name": "five", "amount": 5.0, "lasts": "30d"}], "journeys": [code]}
    scenario = shop(acts, days=60, brand=offers)
    hand: dict[int, tuple[int, int]] = {}
    used = {-1: 0, 0: 0}
    replaced = 0
    for e in in_order(log(run(scenario, load(scenario, "omnichannel"), pilot=2), "omnichannel")):
        who = e["person"]
        if e["kind"] == rows.OFFERED:
            replaced += e["offer"] < 0 and hand.get(who, (-1, -1))[0] >= 0
            hand[who] = e["offer"], e["message"]
        elif e["kind"] == rows.REDEEMED:
            assert hand.pop(who) == (e["offer"], e["message"])
            used[e["offer"]] += 1
    assert min(used.values()) > 3
    assert replaced > 0


@pytest.mark.parametrize("name", ["multichannel", "cross_channel", "omnichannel"])
def test_both_engines_have_the_same_log(name: str) -> None:
    scenario = shop(WEB_ACTS, [{"act": "log_in", "base": 0.3}], days=12)
    one, other = (
        run(scenario, load(scenario, name), engine=engine, pilot=2)
        for engine in ("compiled", "simpy")
    )
    same_rows(log(one, name), log(other, name))
    assert digests(one) == digests(other)


def entered(name: str, act: str) -> int:
    events = life(name)
    scenario = shop(WEB_ACTS, [{"act": "log_in", "base": 0.3}])
    number = [j.name for j in scenario.brand.journeys].index(act)
    return int((rows.of_kind(events, rows.ENTER).journey == number).sum())


def test_a_lead_is_seen_by_the_silo_that_got_the_address_under_every_strategy() -> None:
    for name in ("multichannel", "cross_channel", "omnichannel"):
        leads = int((rows.of_kind(life(name), rows.ACT).act == REQUEST).sum())
        assert 0 < entered(name, "request") <= leads


def test_who_joins_in_the_shop_is_no_news_to_the_mail_tool_of_a_silo() -> None:
    """It gets no address by joining, so only who shares profiles can write to who has joined."""
    assert entered("multichannel", "join") == 0
    assert entered("omnichannel", "join") > 0


def test_requests_are_about_needs_and_a_quote_is_not_a_call() -> None:
    """A naive model over the log: no more of a thing than needs noticed so far, and one besides."""
    things = [{"act": "request", "thing": x, "base": 0.3, "allows": ["email"]}
              for x in ("call", "quote")]  # fmt: skip
    scenario = shop(things, days=90)
    lived = log(run(scenario, load(scenario, "omnichannel"), pilot=2), "omnichannel")
    events = in_order(lived)
    known: dict[int, set[int]] = defaultdict(set)
    made: dict[tuple[int, int], int] = defaultdict(int)
    for e in events:
        if e["kind"] in (rows.AWARE, rows.VIEW, rows.CART, rows.ORDER) and e.get("need", -1) >= 0:
            known[e["person"]].add(e["need"])
        if e["kind"] == rows.ACT and e["act"] == REQUEST:
            of = e["person"], e["thing"]
            made[of] += 1
            assert made[of] <= len(known[e["person"]]) + 1
            assert e["again"] == (sum(made[e["person"], k] for k in (0, 1)) > 1)
    assert {thing for _, thing in made} == {0, 1}
    assert max(made.values()) > 2
    names = [j.name for j in scenario.brand.journeys]
    told = [words for _, words in Teller(scenario, names, names).tell(lived)]
    assert any(words.startswith("asks for a quote at web") for words in told)


def test_off_nothing_of_it_is_there() -> None:
    scenario = shop([])
    events = log(run(scenario, load(scenario, "omnichannel"), pilot=2), "omnichannel")
    assert not (events["kind"] == rows.ACT).any()
    text = scenario_to_yaml(corner())
    assert not any(word in text for word in ("acts", "asks", "incentive"))


def test_what_counts_for_acts_alone_changes_nothing_without_them() -> None:
    numbers = {"acts": {"need": 2.0, "trust": 1.5, "joined": 0.5, "logged_in": 0.5}}
    both = [shop([]), shop([], world=numbers)]
    one, other = (log(run(x, load(x, "omnichannel"), pilot=2), "omnichannel") for x in both)
    same_rows(one, other)


def test_a_twin_who_is_offered_nothing_lives_the_same_until_the_first_act() -> None:
    """Acts that nobody does for want of a message that asks leave the log as it was."""
    silent = [{"act": "request", "base": 0.5, "allows": ["email"], "at": "message"}]
    brand = {"brand": {"journeys": []}}
    both = [shop([], **brand), shop(silent, **brand)]
    one, other = (log(run(x, load(x, "omnichannel"), pilot=2), "omnichannel") for x in both)
    same_rows(one, other)


def test_a_timeline_tells_of_them() -> None:
    scenario = shop(WEB_ACTS)
    names = [j.name for j in scenario.brand.journeys]
    told = [words for _, words in Teller(scenario, names, names).tell(life())]
    assert "leaves an address at web, gets 3.00 EUR" in told
    assert any(words.startswith("installs the app at web") for words in told)
    assert any(words.endswith("as a message asked, gets 5.00 EUR and 20 points") for words in told)


LOOKS = {"name": "j", "trigger": "weekly", "sequence": ["email"]}


@pytest.mark.parametrize(
    ("web", "journey", "place", "said"),
    [
        ([{"act": "instal", "base": 0.1, "opens": ["app"]}], {}, "act", "did you mean 'install'"),
        ([{"act": "install", "base": 0.1}], {}, "acts", "needs `opens`"),
        ([{"act": "follow", "base": 0.1}], {}, "acts", "needs `allows`"),
        ([{"act": "follow", "base": 0.1, "allows": ["emial"]}], {}, "allows",
         "did you mean 'email'"),
        ([{"act": "follow", "base": 0.1, "allows": ["ad"]}], {}, "allows", "shows no ads"),
        ([{"act": "install", "base": 0.1, "opens": ["push"]}], {}, "opens", "a `visit` side"),
        ([{"act": "join", "base": 0.1, "carries": "stor"}], {}, "carries", "did you mean 'store'"),
        ([{"act": "follow", "base": 0.1, "allows": ["email"], "carries": "web"}], {}, "carries",
         "only join and log_in"),
        ([{"act": "join", "base": 0.1, "incentive": -1.0}], {}, "incentive", "-1.0 is negative"),
        ([{"act": "join", "base": 0.0}], {}, "base", "above 0"),
        ([{"act": "join", "base": 0.1}, {"act": "join", "base": 0.2}], {}, "act", "twice"),
        ([], {**LOOKS, "steps": [{"message": {"channels": ["email"], "asks": "join"}}]}, "asks",
         "no channel offers the act 'join'"),
        ([{"act": "join", "base": 0.1}],
         {**LOOKS, "steps": [{"message": {"channels": ["push"], "asks": "join"}}]}, "asks",
         "leads to app, which does not offer 'join'; web does"),
        ([], {**LOOKS, "steps": [{"message": {"channels": ["email"], "incentive": 2.0}}]},
         "message", "for what?"),
        ([{"act": "join", "base": 0.1}], {**LOOKS, "trigger": "install", "steps": [
            {"message": {"channels": ["email"]}}]}, "trigger", "or start it at join"),
        ([{"act": "join", "base": 0.1, "thing": "card"}], {}, "thing", "only request"),
        ([{"act": "request", "base": 0.1, "allows": ["email"]}] * 2, {}, "act", "a `thing`"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(
    web: list[dict[str, Any]], journey: dict[str, Any], place: str, said: str
) -> None:
    with pytest.raises(ScenarioError) as error:
        shop(web, brand={"journeys": [journey] if journey else []})
    assert place in str(error.value).split(":", maxsplit=1)[0]
    assert said in str(error.value)
    assert "\n" not in str(error.value).strip()


def test_an_act_where_nobody_comes_is_refused() -> None:
    channels = [c.model_dump() for c in corner().channels]
    channels[EMAIL]["acts"] = [{"act": "join", "base": 0.1}]
    with pytest.raises(ScenarioError, match="give the channel a `visit` side"):
        corner().changed({"channels": channels})


def test_points_without_a_card_are_refused() -> None:
    with pytest.raises(ScenarioError, match=r"set brand\.loyalty\.card"):
        shop(
            [{"act": "join", "base": 0.1, "points": 5}],
            brand={"loyalty": {"card": 0}, "journeys": []},
        )
