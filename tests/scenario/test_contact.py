"""What is refused of a contact centre, in one line, with the key."""

from __future__ import annotations

from typing import Any

import pytest

from omnilab.errors import ScenarioError
from tests.towns.contact import asking
from tests.worlds import corner

CALL = {"channels": ["store"]}
BAD: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    ({"agents": [{**CALL, "answers": []}]}, {}, "agents", "no skill that any question needs"),
    (
        {"agents": [{"name": "a", **CALL}, {"name": "b", **CALL}]}, {}, "agents",
        "'b' have no skill that any question needs",
    ),
    ({"agents": [{"name": "a", **CALL}, {"name": "a", "channels": ["web"]}]}, {}, "agents",
     "two teams are named 'a'"),
    ({"agents": [], "page": {"channels": ["web"]}}, {}, "agents", "no channel answers hard"),
    ({"agents": [{**CALL, "answers": ["hard"]}]}, {}, "agents", "no channel answers easy"),
    ({"agents": []}, {}, "contact", "questions that no channel answers"),
    ({"page": {"channels": ["web"], "answers": 0}}, {}, "page", "a page without answers"),
    ({"agents": [{"channels": ["stor"]}]}, {}, "channels", "did you mean 'store'"),
    ({"agents": [{"channels": ["email"]}]}, {}, "channels", "`visit` side"),
    ({"effort": {"wab": 1.0}}, {}, "effort", "'web'"),
    ({"agents": [{**CALL, "number": 3}]}, {}, "number", "population.town"),
]  # fmt: skip


@pytest.mark.parametrize(("contact", "questions", "key", "says"), BAD)
def test_refused(contact: Any, questions: Any, key: str, says: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        asking(contact, questions)
    message = str(caught.value)
    assert key in message
    assert says in message
    assert "\n" not in message


def test_questions_before_a_purchase_need_somebody_who_answers() -> None:
    with pytest.raises(ScenarioError, match="questions that no channel answers"):
        corner(world={"questions": {"before": 0.2}})


def test_easy_questions_need_no_agents_where_all_are_easy() -> None:
    scenario = asking({"agents": [], "page": {"channels": ["web"]}}, {"hard": 0.0})
    assert scenario.brand.contact is not None
    assert scenario.brand.contact.agents == ()


def test_the_key_is_left_out_of_scenarios_without_it() -> None:
    text = corner().model_dump(mode="json")
    assert "contact" not in text["brand"]
    assert "questions" not in text["world"]
