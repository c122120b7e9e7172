"""Questions from the moment they come up to their answer, or to being given up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnilab.cell import queue
from tests.plain import plain
from tests.towns.contact import Life, asking, patches
from tests.verification.worlds import FLAT
from tests.worlds import DAY, corner, quiet

RULES = (
    "interaction/contact.py", "interaction/question.py", "world/questions.py", "world/desks.py",
    "brand/at_hand.py", "brand/context.py",
)  # fmt: skip
VISITED = ["web", "app", "store"]


def of(row: dict[str, Any]) -> tuple[int, int, int]:
    return row["person"], row["need"], row["after"]


@settings(max_examples=8, deadline=None)
@given(st.data())
def test_questions_are_answered_given_up_or_open_at_all_moments(data: Any) -> None:
    patch = data.draw(patches(VISITED, town=True))
    patch["population"] = {"town": 4}
    patch["world"] |= {**FLAT, "continuity": {"service": 0.6}}
    life = Life(corner(**patch), 4)
    for day in (3, 9, 20, 45, 60):
        life.until(day * DAY)
        asked = [of(x) for x in life.rows("question")]
        solved = [of(x) for x in life.rows("answer") if x["solved"] == 1]
        given_up = [of(x) for x in life.rows("unanswered")]
        assert len(set(asked)) == len(asked)
        ended = solved + given_up
        assert len(set(ended)) == len(ended)  # nobody is answered twice
        assert set(ended) <= set(asked)
        assert len(asked) == len(ended) + life.open_questions()


@pytest.fixture(scope="module")
def lived() -> Life:
    life = Life(asking({"survey": {"answered": 1.0, "unhappy": 1.0}}, {"again": 1.0}), 12)
    life.until(120 * DAY)
    return life


def busy(scenario: Any) -> Life:
    life = Life(scenario, 16)
    life.until(40 * DAY)
    return life


BUSY = {"agents": [{"channels": ["web", "store"], "number": 1}]}
SLOW = {"before": 1.0, "length": "6h", "easy_length": "6h", "patience": "3h", "hard": 1.0}
TOWN = {"population": {"town": 16}}


def test_an_agent_talks_to_one_person_at_a_time_and_who_waits_too_long_gives_up() -> None:
    life = busy(asking(BUSY, SLOW, **TOWN))
    free = 0
    for x in life.rows("answer"):
        assert x["time"] - x["length"] >= free
        free = x["time"]
    left = life.rows("line_left")
    assert len(left) > 3
    assert any(x["wait"] > 0 for x in life.rows("answer"))
    bad = {(x["time"], x["person"]) for x in life.rows("bad_experience") if x["why"] == 6}
    assert bad
    assert bad <= {(x["time"], x["person"]) for x in left}


@pytest.mark.parametrize("agents", [1, 2])
def test_who_does_not_wait_is_lost_as_erlang_says(agents: int) -> None:
    """Without patience the share lost is Erlang's B, whatever the law of the lengths (M/G/c/c)."""
    n, mean, length = 1200, 420, 300 + 120
    contact = {"agents": [{"channels": ["store"], "number": agents}]}
    keys = {
        "again": 0.0,
        "hard": 1.0,
        "patience": "1s",
        "length": "5min",
        "solves": 1.0,
        "wait_annoys": 0.0,
    }
    life = Life(asking(contact, keys, population={"town": 40}), 40)
    life.model.continuity.unknown_annoys = 0.0
    quiet(life.cell)
    life.cell.person[:40].reach, life.cell.person[:40].left = 63, 0
    at = np.cumsum(np.random.default_rng(5).exponential(mean, n)).astype(int) + 1
    for k, t in enumerate(at.tolist()):
        ordinal = k | 1 << 27  # about an order
        plain(queue.push)(life.cell, t, queue.ASK, k % 40, ordinal, -1)
    life.until(int(at[-1]) + DAY)
    load = length / mean
    blocked = {1: load / (1 + load), 2: load**2 / 2 / (1 + load + load**2 / 2)}[agents]
    contacts, lost = life.rows("contact"), life.rows("line_left")
    assert len(contacts) == n
    assert len(lost) / n == pytest.approx(blocked, abs=0.05)
    answers = life.rows("answer")
    assert len(answers) + len(lost) == n
    assert np.mean([x["length"] for x in answers]) == pytest.approx(length, rel=0.06)


def test_who_is_called_back_is_answered_in_the_end() -> None:
    life = busy(asking({**BUSY, "call_back": True}, SLOW, **TOWN))
    back = life.rows("call_back")
    left = life.rows("line_left")
    assert len(back) == len(left) > 3
    assert [x["time"] for x in back] == [x["time"] for x in left]
    life.until(60 * DAY)
    answered = {(*of(x), x["wait"]) for x in life.rows("answer")}
    waited = {key[:2] for key in answered if key[3] > 0}
    open_ = [int(x.need) for x in life.cell.contact[:16] if x.state != 0]
    assert len({(x["person"], x["need"]) for x in back} - waited) <= len(open_)


def test_a_need_with_an_open_question_is_not_ordered(lived: Life) -> None:
    began, closed = {}, {}
    for x in lived.rows("question", "answer", "unanswered", "order"):
        who = x["person"], x["need"]
        if x["kind"] == "question" and x["after"] == 0:
            began[who] = x["time"]
        elif x["kind"] == "order":
            assert who not in began or who in closed
        elif x["after"] == 0 and (x["kind"] == "unanswered" or x["solved"] == 1):
            closed[who] = x["time"]
    assert len(closed) > 20


def test_contacts_of_a_person_do_not_overlap_and_last_as_their_answer_says(lived: Life) -> None:
    busy: dict[int, int] = {}
    contacts = 0
    for x in lived.rows("contact", "answer"):
        if x["kind"] == "contact":
            assert x["person"] not in busy
            busy[x["person"]] = x["time"]
        elif x["by"] > 0:
            contacts += 1
            assert x["time"] - busy.pop(x["person"]) == x["wait"] + x["length"]
            assert x["wait"] == 0
            assert x["cost"] == 126_000 * x["length"] // 60
    assert contacts > 50


def test_what_is_not_solved_is_asked_again_and_seen_if_the_silo_sees_the_contact(
    lived: Life,
) -> None:
    later = [x for x in lived.rows("contact") if x["attempt"] > 0]
    assert len(later) > 10
    first = {(*of(x), x["attempt"]): x for x in lived.rows("contact")}
    assert all((*of(x), x["attempt"] - 1) in first for x in later)
    same = [x for x in later if first[(*of(x), x["attempt"] - 1)]["silo"] == x["silo"]]
    assert sum(x["known"] for x in same) > 0.8 * len(same)


@pytest.mark.parametrize("choice", ["silo", "all"])
def test_another_silo_sees_an_earlier_contact_only_where_context_is_shared(choice: str) -> None:
    plan = {"rules": {"identity": 2, "context": 2 if choice == "all" else 0}}
    life = Life(asking({}, {"again": 1.0, "habit": 0.0}), 12, **plan)
    life.model.ch["shown_share"][:3] = 1.0
    life.until(120 * DAY)
    silos: dict[tuple[int, int, int], set[int]] = {}
    moved = []
    for x in life.rows("contact"):
        before = silos.setdefault(of(x), set())
        if before and x["silo"] not in before:
            moved.append(x)
        before.add(x["silo"])
    assert len(moved) >= 5
    known = sum(x["known"] for x in moved)
    assert known == 0 if choice == "silo" else known > 0


def test_surveys_follow_contacts_and_say_how_they_were(lived: Life) -> None:
    surveys = lived.rows("survey")
    answers = [x for x in lived.rows("answer") if x["by"] > 0]
    assert 0.5 * len(answers) < len(surveys) <= len(answers)  # none where nothing was shown
    unsolved = {(x["time"], x["person"]) for x in answers if x["solved"] == 0}
    bad = {(x["time"], x["person"]) for x in lived.rows("bad_experience")}
    for x in surveys:
        at = x["time"], x["person"]
        assert x["unhappy"] == int(at in unsolved or at in bad)
        assert x["answered"] == 1


WIN_BACK = {
    "name": "win_back", "trigger": "bad_survey", "sequence": ["store", "app", "web"],
    "steps": [{"message": {"channels": ["push", "ad"], "offer": 0.1}}],
}  # fmt: skip


@pytest.mark.parametrize("answered", [0.0, 1.0])
def test_a_bad_survey_starts_a_journey_only_if_it_is_answered(answered: float) -> None:
    survey = {"answered": 1.0, "unhappy": answered}
    scenario = asking({"survey": survey})
    scenario = scenario.changed({"brand": {"journeys": [WIN_BACK]}})
    life = Life(scenario, 8)
    life.until(100 * DAY)
    entered = life.rows("enter")
    assert len(entered) == 0 if answered == 0.0 else len(entered) > 0
    bad = [x for x in life.rows("survey") if x["unhappy"] == 1 and x["answered"] == 1]
    assert len(entered) <= len(bad)


def test_an_unanswered_question_may_cost_the_need() -> None:
    fates = {}
    for lost in (0.0, 1.0):
        life = Life(asking({}, {"solves": 0.0, "again": 0.0, "lost": lost}), 8)
        life.until(60 * DAY)
        given_up = [x for x in life.rows("unanswered") if x["after"] == 0 and x["why"] == 2]
        gone = {(x["time"], x["person"], x["need"]) for x in life.rows("need_lost")}
        fates[lost] = [(x["time"], x["person"], x["need"]) in gone for x in given_up]
        assert len(given_up) > 10
    assert not any(fates[0.0])
    assert all(fates[1.0])


def test_no_question_leaves_the_log_as_it_is() -> None:
    """The draws of a contact centre that nobody asks move nothing."""
    logs = []
    for contact in (None, {"agents": [{"channels": ["web", "store"]}], "survey": {}}):
        world = {**FLAT, "continuity": {"service": 0.0}}
        life = Life(corner(world=world, brand={"contact": contact}), 4)
        life.until(40 * DAY)
        logs.append(life.cell.row[: life.cell.meta.rows].tobytes())
    assert len(logs[0]) > 10_000
    assert logs[0] == logs[1]
