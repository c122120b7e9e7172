"""The story of the outreach: invited, accepted, written to, replied, answered."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from omnilab.log import rows
from omnilab.scenario import load_scenario
from tests.verification.worlds import load, log, run

#: It runs a shipped scenario, whose story rarely breaks alone.
pytestmark = pytest.mark.slow

SCENARIO = load_scenario("linkedin-outreach-v1").with_customers(60).changed(
    {"time": {"window": "60d", "run_out": 0}}
)  # fmt: skip
CHANNELS = [c.name for c in SCENARIO.channels]
OUTREACH, TALK = ([j.name for j in SCENARIO.brand.journeys].index(n) for n in ("outreach", "talk"))


@cache
def life(name: str = "omnichannel") -> Any:
    return log(run(SCENARIO, load(SCENARIO, name)), name)


def sent(channel: str, journey: int = OUTREACH) -> Any:
    found = rows.of_kind(life(), rows.SENT)
    return found[(found["channel"] == CHANNELS.index(channel)) & (found["journey"] == journey)]


def test_only_who_has_accepted_is_written_to_on_the_network() -> None:
    accepted = set(rows.of_kind(life(), rows.ACCEPT)["person"].tolist())
    written = set(sent("linkedin")["person"].tolist())
    assert written
    assert written <= accepted
    assert len(accepted) < len(set(sent("invite")["person"].tolist()))


def test_the_mail_goes_to_whose_address_was_found() -> None:
    record = rows.of_kind(life(), rows.RECORD)
    found = set(record[record["upload"] == 1]["person"].tolist())
    mailed = set(sent("email")["person"].tolist())
    assert 0 < len(mailed) <= len(found) < SCENARIO.population.customers


def test_who_replies_is_answered_and_written_to_no_more() -> None:
    replies = rows.of_kind(life(), rows.REPLY)
    first = {int(r["person"]): int(r["time"]) for r in replies[::-1]}
    assert first
    answered = rows.of_kind(life(), rows.ENTER)
    answered = answered[answered["journey"] == TALK]
    assert set(answered["person"].tolist()) <= set(first)
    assert len(answered) > 0
    for channel in ("invite", "linkedin", "email", "call"):
        for message in sent(channel):
            assert int(message["time"]) <= first.get(int(message["person"]), 1 << 60)


def test_the_call_is_for_whoever_opened_the_mail() -> None:
    opens = rows.of_kind(life(), rows.OPEN)
    opened = set(opens[opens["channel"] == CHANNELS.index("email")]["person"].tolist())
    called = sent("call")["person"].tolist()
    assert set(called) <= opened
    assert np.unique(called).size == len(called)
