"""What a mail tool's log tells: kinds of messages, receipts, delays, and volume within a person."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from omnilab.errors import ScenarioError
from omnilab.experiment.patterns import turns
from omnilab.experiment.patterns.declared import Assumed, Patterns, read_patterns
from omnilab.experiment.patterns.lives import Lives
from omnilab.experiment.patterns.measures import MEASURES
from omnilab.experiment.sweep.vary import parse_vary
from omnilab.scenario import load_scenario
from tests.experiment.test_patterns import HEAD, pattern
from tests.verification.worlds import DAY, frame, load, run, world

PLACES: dict[str, tuple[str, ...]] = {"store": (), "online": ("web", "app")}


@cache
def lived() -> Any:
    """Return a small world's log with clients that open by themselves, and that tell nobody."""
    mail = {"preset": "email", "message": {"machine_opens": 0.3, "hidden_opens": 0.3,
            "opt_out": 0.02, "delivered": 0.9, "open": 0.4, "click": 0.2}}  # fmt: skip
    scenario = world(population={"customers": 60}, channels=[
        "web", "app", "push", "store", mail, "sms", "messenger", "social", "social_ad",
        "search_ad", "call", "mail", "marketplace",
    ])  # fmt: skip
    (strategy,) = load(scenario, "omnichannel")
    found = run(scenario, [strategy], seed=5)
    rows = np.concatenate(found.events["omnichannel"])
    return SimpleNamespace(
        scenario=scenario, plan=strategy.plan, log=frame(found, "omnichannel"),
        seen=Lives(rows, scenario, strategy.plan, PLACES),
        received=Lives(rows, scenario, strategy.plan, PLACES, receipts=True),
    )  # fmt: skip


def value(measure: str, lives: Any, **of: Any) -> Any:
    whole = {k: o.default for k, o in MEASURES[measure].options.items()} | of
    return list(MEASURES[measure].sums(lives, whole))


@cache
def mails() -> dict[tuple[int, int], dict[str, Any]]:
    """Return e-mails one by one: when sent, and when each thing happened first."""
    w = lived()
    email = [c.name for c in w.scenario.channels].index("email")
    found: dict[tuple[int, int], dict[str, Any]] = defaultdict(dict)
    for row in w.log[w.log["channel"] == email].itertuples(index=False):
        key = (row.person, row.message)
        if row.kind == "sent":
            found[key] |= {"sent": row.time, "journey": w.plan.journeys[row.journey].name}
        elif row.kind in ("delivered", "open", "click", "machine_open", "unsubscribe"):
            found[key].setdefault(row.kind, row.time)
            if row.kind == "open" and row.receipt != 1:
                found[key].setdefault("receipt", row.time)
    return {k: v for k, v in found.items() if "sent" in v}


def inside() -> list[dict[str, Any]]:
    time = lived().scenario.time
    return [m for m in mails().values() if time.burn_in <= m["sent"] < time.burn_in + time.window]


def test_kinds_bounces_and_permissions_are_those_of_the_log() -> None:
    w, email = lived(), {"channels": ("email",)}
    all_of_them = inside()
    news = [m for m in all_of_them if m["journey"] == "newsletter"]
    assert 0 < len(news) < len(all_of_them)
    assert value("sent_share", w.seen, journeys=("newsletter",), **email) == [
        len(news), len(all_of_them)
    ]  # fmt: skip
    arrived = [m for m in all_of_them if "delivered" in m]
    assert value("bounced", w.seen, **email) == [
        len(all_of_them) - len(arrived), len(all_of_them)
    ]  # fmt: skip
    left = sum("unsubscribe" in m for m in all_of_them)
    assert left > 3
    assert value("opted_out", w.seen, **email) == [left, len(arrived)]


def test_opens_that_are_received_are_not_those_that_are_seen() -> None:
    w, email = lived(), {"channels": ("email",)}
    clicked = [m for m in inside() if "click" in m]
    seen = sum("open" not in m for m in clicked)
    unknown = sum("receipt" not in m and "machine_open" not in m for m in clicked)
    assert seen == 0 < unknown
    assert value("clicked_unopened", w.seen, **email) == [0, len(clicked)]
    assert value("clicked_unopened", w.received, **email) == [unknown, len(clicked)]
    machine = [m for m in inside() if "machine_open" in m]
    came = [m for m in inside() if "machine_open" in m or "receipt" in m]
    for lives in (w.seen, w.received):
        assert value("machine_opened", lives, **email) == [len(machine), len(came)]
    assert value("answered", w.received, answer="open", **email)[0] == len(came)
    assert value("answered", w.seen, answer="open", **email)[0] == sum(
        "open" in m for m in inside()
    )


def test_hours_to_an_answer_are_of_the_first_one() -> None:
    w = lived()
    took = [m["click"] - m["sent"] for m in inside() if "click" in m]
    hours, n = value("hours_to_answer", w.seen, answer="click", channels=("email",))
    assert n == len(took) > 20
    assert hours == pytest.approx(sum(took) / 3600)
    early = [
        min(m.get("receipt", np.inf), m.get("machine_open", np.inf)) - m["sent"]
        for m in inside() if "receipt" in m or "machine_open" in m
    ]  # fmt: skip
    hours, n = value("hours_to_answer", w.received, answer="open", channels=("email",))
    assert (hours, n) == (pytest.approx(sum(early) / 3600), len(early))


def person(who: int, few: tuple[int, int], many: tuple[int, int]) -> list[dict[str, Any]]:
    """Return messages of two months of a person, so many opened of so many, months apart."""
    return [
        {"time": (1 + month * 60) * DAY + n * 60, "person": who, "channel": 0, "delivered": True,
         "open": 1.0 if n < opened else np.nan}
        for month, (opened, sent) in ((0, few), (3, many)) for n in range(sent)
    ]  # fmt: skip


def made(*rows: list[dict[str, Any]]) -> Any:
    """Return lives of hand-made messages, all of them in the window."""
    table = pd.DataFrame([row for part in rows for row in part])
    return SimpleNamespace(sends=table, channels=lambda _named: [0], inside=lambda x: x)


def test_a_person_is_beside_themselves_and_whom_one_writes_to_does_not_come_in() -> None:
    """Who opens much is written to more: opens rise with volume, and do not within a person."""
    of = {"many": (11, 60), "few": (1, 10), "channels": ("email",)}
    # Messages 1 to 10 of a month are few, those after them many.
    keen = person(1, (8, 10), (0, 0)) + person(1, (0, 0), (8 + 16, 30))
    cool = person(2, (1, 10), (0, 0))
    a, b = MEASURES["open_ratio_within"].sums(made(keen, cool), of)
    # of the keen: few are 10 + 10 with 8 + 10 opened, many 20 with 14 opened
    assert (a, b) == (pytest.approx(14 * 20 / 40), pytest.approx(18 * 20 / 40))
    x = MEASURES["open_ratio_by_volume"].sums(made(keen, cool), of)
    assert (x[0] / x[1]) / (x[2] / x[3]) > a / b  # the cool one pulls the few down


def test_within_a_person_is_mantel_and_haenszels_ratio_of_the_log() -> None:
    w = lived()
    by: dict[int, list[list[int]]] = defaultdict(lambda: [[0, 0], [0, 0]])
    sent: dict[int, list[int]] = defaultdict(list)
    for (who, _), m in mails().items():
        if "delivered" in m:
            sent[who].append(m["sent"])
    time = w.scenario.time
    for (who, _), m in mails().items():
        if "delivered" not in m or not time.burn_in <= m["sent"] < time.burn_in + time.window:
            continue
        n = sum(m["sent"] - 30 * DAY < other <= m["sent"] for other in sent[who])
        for k, (low, high) in enumerate(((5, 9), (1, 4))):
            if low <= n <= high:
                by[who][k][0] += "open" in m
                by[who][k][1] += 1
    both = [(a, b) for a, b in by.values() if a[1] and b[1]]
    assert len(both) > 10
    up = sum(a[0] * b[1] / (a[1] + b[1]) for a, b in both)
    down = sum(b[0] * a[1] / (a[1] + b[1]) for a, b in both)
    got = value("open_ratio_within", w.seen, channels=("email",), many=(5, 9), few=(1, 4))
    assert got == [pytest.approx(up), pytest.approx(down)]


OWN = "assumptions:\n  - {key: world.intent.threshold, range: [0, 2], because: why, %s}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "opens: recieved\npatterns:" + pattern(),
         "opens: there is no 'recieved' (did you mean 'received'?)"),
        (HEAD + "patterns:" + pattern() + OWN % "by: two", "by: there is no 'two'"),
        (HEAD + "patterns:" + pattern() + OWN % "by: one", "by: there is no 'one'"),  # a check
        (HEAD + "patterns:" + pattern().replace("role: check", "role: target")
         + OWN % "by: one, against: one", "has `by`, too: it is chosen by one target"),
    ],
)  # fmt: skip
def test_what_a_file_can_t_say_is_told(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as error:
        read_patterns(file, world())
    assert said in str(error.value)
    assert str(error.value).startswith(f"{file}:")


def test_a_shop_without_stores_says_so(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    text = HEAD.replace("[store]", "[]") + "opens: received\npatterns:" + pattern()
    file.write_text(text, encoding="utf-8")
    found = read_patterns(file, world())
    assert (found.places["store"], found.opens) == ((), "received")


def assumed(own: str, low: float = 1.0, high: float = 9.0) -> Assumed:
    vary = parse_vary(f"world.intent.threshold={low}..{high}", option="range")
    return Assumed(vary, (), "", **{own: "one"})


@pytest.mark.parametrize(("own", "power"), [("by", 0.8), ("by", 6.0), ("against", -2.0)])
def test_a_step_finds_the_value_whose_target_comes_out(own: str, power: float) -> None:
    """A target that is a power of its assumption is met, steep or flat."""
    step, place = turns.Step(assumed(own)), 0.9
    for _ in range(12):
        place = step.after(place, 3.0 * (1 + 8 * place) ** power, 3.0 * 4.0**power)
    assert 1 + 8 * place == pytest.approx(4.0, rel=0.01)


def test_a_step_stays_in_the_range_and_where_nothing_tells() -> None:
    assert turns.Step(assumed("by")).after(0.5, 1.0, 1e6) == 1.0
    assert turns.Step(assumed("against")).after(0.5, 1.0, 1e6) == pytest.approx(0.1875)  # half of 5
    for found in (None, 0.0):
        assert turns.Step(assumed("by")).after(0.5, found, 0.3) == 0.5


def test_rounds_move_what_names_a_target_and_nothing_else(monkeypatch: Any) -> None:
    scenario = load_scenario("rees46-v1")
    shipped = read_patterns(
        Path(__file__).parents[2] / "scenarios/patterns/rees46-v1.yaml", scenario
    )
    free = [a for a in shipped.assumptions if a.by == "email_opened"]
    other = Assumed(shipped.assumptions[1].vary, (), "")
    one = Patterns("", "x-v1", "", "received", shipped.places, shipped.patterns[:1], (*free, other))
    value_of = {"open": 0.0}

    def counted(world_: Any, _patterns: Any, **_how: Any) -> list[list[float]]:
        value_of["open"] = world_.channels[2].message.open
        return [[1.5 * value_of["open"], 1.0]]  # half as many again come back

    monkeypatch.setattr(turns, "pattern_sums", counted)
    places = turns.match_in_rounds(scenario, one, rounds=8)
    low, high = free[0].vary.low, free[0].vary.high
    assert 1.5 * (low + places[0] * (high - low)) == pytest.approx(0.12, rel=0.01)
    assert places[1] == other.place(scenario)
