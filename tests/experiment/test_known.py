"""What the brand knew of whom, by channel: small logs by hand, and a run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import omnilab as ol
from omnilab.experiment.known import known_rows
from omnilab.log import rows
from omnilab.log.identifier_types import TYPES
from omnilab.scenario import load_scenario

SHOP = load_scenario("mapples-coffee-v1")
START = SHOP.time.burn_in
KIND = {"visit": rows.VISIT, "shows": rows.IDENTIFIER, "order": rows.ORDER, "merge": rows.MERGE}


def log(*told: tuple[str, int, dict[str, int]]) -> Any:
    """Return a log: what, who, and the fields that count; a second between rows."""
    made = np.zeros(len(told), rows.ROW)
    for n, (what, who, fields) in enumerate(told):
        made[n]["kind"], made[n]["person"], made[n]["time"] = KIND[what], who, START + n
        seen = rows.columns(made[n : n + 1], KIND[what])
        for name, value in fields.items():
            seen[name][0] = value
    return made


def known(*told: tuple[str, int, dict[str, int]]) -> dict[str, Any]:
    (row,) = known_rows(SHOP, [log(*told)])
    return row


def shows(who: int, profile: int) -> tuple[str, int, dict[str, int]]:
    return "shows", who, {"profile": profile, "type": TYPES.index("cookie")}


def test_a_first_visit_is_told_and_not_recognised() -> None:
    row = known(("visit", 0, {}), shows(0, 5), ("order", 0, {}))
    assert row["told_share"] == 1.0
    assert row["recognised_share"] == row["right_share"] == row["orders_right_share"] == 0.0
    assert row["shown_cookie"] == 1
    assert sum(row[f"shown_{t}"] for t in TYPES) == 1


def test_a_second_one_is_recognised_and_of_somebody_else_wrongly() -> None:
    row = known(("visit", 0, {}), shows(0, 5), ("visit", 0, {}), shows(0, 5), ("order", 0, {}),
                ("visit", 1, {}), shows(1, 5), ("order", 1, {}))  # fmt: skip
    assert row["recognised_share"] == pytest.approx(2 / 3)
    assert row["right_share"] == pytest.approx(1 / 3)
    assert row["orders_right_share"] == 0.5


def test_what_was_seen_goes_with_a_merge() -> None:
    merged = ("merge", 0, {"survivor": 6, "absorbed": 5})
    row = known(("visit", 0, {}), shows(0, 5), merged, ("visit", 0, {}), shows(0, 6))
    assert row["right_share"] == 0.5
    assert known(("visit", 0, {}), shows(0, 5), ("visit", 0, {}), shows(0, 6))["right_share"] == 0.0


def test_a_visit_that_shows_nothing_is_not_told() -> None:
    assert known(("visit", 0, {}))["told_share"] == 0.0
    assert known(("visit", 0, {}), shows(0, -1))["told_share"] == 0.0


def test_a_run_counts_each_visit_once() -> None:
    result = ol.compare(SHOP, ["multichannel", "omnichannel"], customers=200, quick=True)
    apart, shared = (result.known(s).set_index("channel") for s in result.strategies)
    for table in (apart, shared):
        assert (table.right_share <= table.recognised_share).all()
        assert (table.recognised_share <= table.told_share).all()
    events = result.events("omnichannel")
    inside = events[(events.time_s >= START) & (events.time_s < START + SHOP.time.window)]
    visits = inside[inside.kind == "visit"].groupby("channel", observed=True).size()
    assert shared.visits.to_dict() == visits.to_dict()
