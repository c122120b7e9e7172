"""No event writes more than `omnilab.cell.room` keeps for it, whatever a valid scenario asks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from omnilab.cell import room
from omnilab.cell.memory import grow
from omnilab.errors import CapacityError
from omnilab.log.rows import FATE_LEFT
from tests.property.hostile import busy
from tests.verification.worlds import build, digests, load, log, of_kinds, run, same_rows
from tests.worlds import cell_of

LONG = settings.default.max_examples > 100


@pytest.mark.slow
def test_events_write_no_more_than_is_kept_for_them(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.property.exact_room"],
        cwd=root, capture_output=True, text=True, check=False,
        env={**os.environ, "OMNILAB_PLAIN": "1", "ROOM_EXAMPLES": "60" if LONG else "2",
             "PYTHONPATH": os.pathsep.join(("sim", "strategies", "."))},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["used"]["rows in all"] > 1000
    assert min(found["least"].values()) >= 0
    assert found["least"]["need"] == 0  # some event uses up what is kept for it


def test_who_leaves_loses_any_number_of_needs_at_once() -> None:
    scenario = busy()
    strategies = load(scenario, "omnichannel")
    fast = run(scenario, strategies, pilot=4)
    lost = of_kinds(log(fast, "omnichannel"), "need_lost")
    left = lost[lost["fate"] == FATE_LEFT]
    _, at_once = np.unique(left[["time", "person"]], return_counts=True)
    assert at_once.max() > len(cell_of(4).row) // 2  # all that once was kept for an event
    slow = run(scenario, strategies, pilot=4, engine="simpy")
    same_rows(log(fast, "omnichannel"), log(slow, "omnichannel"))
    assert digests(fast) == digests(slow)


def test_an_order_that_comes_back_has_its_money_whatever_it_is() -> None:
    """An order and its margin are packed into one item of the queue."""
    scenario = build({
        "id": "dear-v1",
        "time": {"burn_in": 0, "window": "60d", "run_out": "30d"},
        "population": {"customers": 30, "personas": [{"name": "all", "share": 1.0}]},
        "categories": [{"name": "ships", "every": "10d", "returns": 1.0,
                        "spend": {"mean": 30_000_000.0}}],
        "channels": ["web"],
    })  # fmt: skip
    rows = log(run(scenario, load(scenario, "no_contact"), pilot=4), "no_contact")
    orders, back = of_kinds(rows, "order"), of_kinds(rows, "return")
    assert orders["paid"].max() > 1 << 32
    money = {(o["person"], o["need"]): (o["paid"], o["margin"]) for o in orders}
    assert len(back) > 20
    for one in back:
        assert money[one["person"], one["need"]] == (one["refund"], one["margin"])


@pytest.mark.parametrize("over", sorted(room.TOO_MANY))
def test_what_can_not_be_numbered_ends_the_run(over: int) -> None:
    cell = cell_of()
    with pytest.raises(CapacityError, match=r"(more than|too many needs,) [0-9,]+ "):
        grow(cell, room.SIGHTINGS + over)


@pytest.mark.parametrize("name", room.GROWING)
def test_an_array_that_grows_keeps_what_is_in_it(name: str) -> None:
    cell = cell_of()
    old = getattr(cell, name)
    fields = old.dtype.names
    assert fields is not None
    for field in fields:
        old[field] = 7
    grow(cell, room.GROWING.index(name))
    new = getattr(cell, name)
    assert len(new) == 2 * len(old)
    for field in fields:
        assert (new[field][: len(old)] == 7).all()
        assert not new[field][len(old) :].any()
    assert cell.word.base is not None
    assert len(cell.word) == len(cell.row)
