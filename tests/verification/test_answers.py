"""What moves answers to messages, and what messages make: off, on in both engines, among twins."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from omnilab.scenario import scenario_digest
from omnilab.scenario.model import Scenario
from omnilab.world.creation import CREATED_ORDINAL
from tests.verification.worlds import (
    JOURNEYS,
    digests,
    frame,
    having,
    load,
    log,
    merged,
    of_kinds,
    run,
    same_rows,
    sums,
    world,
)

NAMED: dict[str, Any] = {
    "name": "cups", "trigger": "weekly", "weekday": 3, "at": "09:00", "sequence": ["email", "app"],
    "steps": [{"message": {"shows": "cups", "channels": ["email", "push"]}}],
}  # fmt: skip
ON: dict[str, Any] = {
    "taste": {"spread": 0.8, "with_need": 0.6, "bought": 0.6, "memory": "90d"},
    "recency": {"fades": 0.3, "never": -0.5, "orders": 0.2},
    "saturation": {"slope": 0.3, "memory": "40d"},
    "exposure": {"seen": 0.3, "delivered": 0.05},
    "creation": {"profile": 1.2, "borrowed": 0.5},
    "response": {"created": 0.5},
}
OFF: dict[str, Any] = {
    "taste": {"spread": 0.0, "bought": 0.0}, "exposure": {"seen": 0.0, "delivered": 0.0},
    "recency": {"fades": 0.0, "never": 0.0, "orders": 0.0, "young": 0.0},
    "saturation": {"slope": 0.0}, "response": {"created": 0.0},
}  # fmt: skip


def shop(on: dict[str, Any], **changes: Any) -> Scenario:
    """Return the small world with one more journey, which names a category."""
    journeys = [*copy.deepcopy(JOURNEYS), NAMED]
    base = {"brand": {"journeys": journeys, "cap": None}, "world": on}
    return world(**merged(base, changes))


UNREAD = {"taste": {"with_need": 0.2, "memory": "5d"},
          "creation": {"profile": 0.3, "borrowed": 0.9},
    "recency": {"settles": "3d"}, "saturation": {"memory": "3d"}}  # fmt: skip


@pytest.mark.parametrize("unread", [{}, UNREAD])
def test_off_the_log_is_what_it_was(unread: dict[str, Any]) -> None:
    before, after = shop({}), shop(merged(OFF, unread))
    assert (scenario_digest(before) == scenario_digest(after)) is (not unread)
    found = [digests(run(s, load(s, "omnichannel"), keep=False)) for s in (before, after)]
    assert found[0] == found[1]


def test_both_engines_have_the_same_log() -> None:
    scenario = shop(ON, population={"customers": 20})
    strategies = load(scenario, "omnichannel", "multichannel")
    fast, plain = (run(scenario, strategies, engine=e) for e in ("compiled", "simpy"))
    for name in ("omnichannel", "multichannel"):
        same_rows(log(fast, name), log(plain, name))
    assert sums(fast) == sums(plain)
    needs = of_kinds(log(fast, "omnichannel"), "need")
    assert (needs["origin"] == 1).sum() > 5
    assert (of_kinds(log(fast, "omnichannel"), "sent")["shows"] == 4).any()


def test_what_messages_make_shifts_nothing_of_what_comes_by_itself() -> None:
    """Natural needs are the same with and without messages, but for those already met."""
    scenario = shop(
        merged(ON, {"creation": {"borrowed": 1.0}, "satisfaction": {"kappa": 0.0}}),
        population={"customers": 120, "dropout": {"a": 1e-3, "b": 1e3}},
    )
    result = run(scenario, load(scenario, "no_contact", "omnichannel"))
    without, with_ = (frame(result, s) for s in ("no_contact", "omnichannel"))
    natural = [_natural(table) for table in (without, with_)]
    assert natural[1] <= natural[0]
    # Each that is missing was met before: there are as many orders of made needs, or fewer needs
    # have come since.
    missing = {(p, c) for p, _, _, c, _ in natural[0] - natural[1]}
    bought = having(with_, "order")
    made = having(with_, "need").query("origin == 1")[["person", "need", "category"]]
    borrowed = bought.merge(made, on=["person", "need"])
    assert 0 < len(natural[0] - natural[1]) <= len(borrowed)
    assert missing <= set(borrowed[["person", "category"]].itertuples(index=False, name=None))


def _natural(table: Any) -> set[tuple[int, ...]]:
    found = having(table, "need").query(f"need < {CREATED_ORDINAL}")
    assert (found[["origin", "maker"]] == 0).all(axis=None)
    fields = ["person", "need", "time", "category", "value"]
    return set(found[fields].itertuples(index=False, name=None))


def test_a_made_need_comes_in_its_messages_visit_and_names_it() -> None:
    scenario = shop(ON, population={"customers": 120})
    table = frame(run(scenario, load(scenario, "omnichannel")), "omnichannel")
    made = having(table, "need").query("origin == 1")
    assert len(made) > 30
    visits = having(table, "visit")
    both = made.merge(visits, on=["person", "need", "time"], suffixes=("", "_of_visit"))
    assert (both["cause"] == both["maker"]).all()
    assert len(both) == len(made)
    sent = having(table, "sent").drop_duplicates("message").set_index("message")
    shown = sent.loc[made["maker"], "category"].to_numpy()
    told = shown >= 0
    assert (made["category"].to_numpy()[told] == shown[told]).all()
    assert told.any()
    assert not told.all()


def test_visits_after_exposure_name_a_message_that_was_not_clicked() -> None:
    on = {"exposure": {"seen": 0.4, "delivered": 0.1}}
    scenario = shop(on, population={"customers": 120})
    table = frame(run(scenario, load(scenario, "omnichannel")), "omnichannel")
    clicked = set(having(table, "click")["message"])
    opened = set(having(table, "open")["message"])
    led = having(table, "visit").query("cause >= 0 and need < 0")
    after = led[~led["cause"].isin(clicked)]
    assert after["cause"].isin(opened).sum() > 50
    assert (~after["cause"].isin(opened)).sum() > 50
    sent = having(table, "sent").groupby("message")["time"].min()
    assert (after["time"].to_numpy() > sent.loc[after["cause"]].to_numpy()).all()


def test_interest_makes_who_needs_a_category_answer_what_names_it() -> None:
    """Without a need open, those who need it more often click it more, as they are drawn to it."""
    rates = {}
    for with_need in (0.0, 0.9):
        on = {"taste": {"spread": 1.5, "with_need": with_need}, "response": {"need": 0.0}}
        scenario = shop(on, population={"customers": 500}, brand={"journeys": [NAMED]})
        table = frame(run(scenario, load(scenario, "omnichannel"), keep=True), "omnichannel")
        needs = having(table, "need").query("category == 1").groupby("person").size()
        opened = having(table, "open").groupby("person").size()
        got = having(table, "delivered").groupby("person").size()
        share = (opened.reindex(got.index, fill_value=0) / got).to_numpy()
        often = needs.reindex(got.index, fill_value=0).to_numpy()
        rates[with_need] = np.corrcoef(often, share)[0, 1]
    assert rates[0.9] > 0.2
    assert abs(rates[0.0]) < 0.15
