"""Local time of a scenario, whatever its zone does, against the zone's own hours."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from omnilab.lowering.model import build_model
from omnilab.scenario import load_scenario


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("Europe/Berlin", date(2026, 1, 1)),
        ("Europe/Berlin", date(2026, 3, 29)),  # the clocks change on the first day
        ("Europe/Berlin", date(2026, 7, 26)),  # and on the 91st
        ("Australia/Lord_Howe", date(2026, 3, 1)),  # by half an hour
        ("Asia/Kathmandu", date(2026, 1, 1)),
        ("Africa/Casablanca", date(2026, 1, 20)),  # twice in five weeks
        ("UTC", date(2026, 1, 1)),
    ],
)
def test_every_hour_has_the_zones_offset(root: Path, zone: str, start: date) -> None:
    scenario = load_scenario(root / "bench/peers/minimal.yaml")
    time = scenario.time.model_copy(update={"zone": zone, "start": start})
    model = build_model(scenario.model_copy(update={"time": time}))
    tz = ZoneInfo(zone)
    midnight = datetime.combine(start, datetime.min.time(), tz)
    utc = midnight.astimezone(ZoneInfo("UTC"))
    for hour in range(91 * 24 + 1):
        at = (utc + timedelta(hours=hour)).astimezone(tz)
        offset = (at.utcoffset() or timedelta()) - (midnight.utcoffset() or timedelta())
        i = np.searchsorted(model.tz_at, hour * 3600, side="right") - 1
        assert model.tz_offset[i] == offset.total_seconds(), hour
