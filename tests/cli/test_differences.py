"""``omnilab verify`` names the first row in which two kept logs differ."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from omnilab.cli.differences import _first_difference
from omnilab.export.event_file import EventFile
from omnilab.log import rows
from tests.log.building import log_of
from tests.verification.worlds import world

SHOP = world()
DAY = 86400


def kept(path: Path, log: np.ndarray) -> Path:
    file = EventFile(path, SHOP, "mine")
    file.add(log)
    file.close()
    return path


def orders(n: int) -> list[dict[str, int]]:
    return [
        {"kind": rows.ORDER, "time": i * DAY, "person": i, "need": 3, "paid": 1000 + i}
        for i in range(n)
    ]


@given(n=st.integers(1, 9), data=st.data())
def test_the_first_row_that_differs_is_named(tmp_path_factory, n: int, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("logs")
    places = data.draw(st.sets(st.integers(0, n - 1)))
    before = orders(n)
    after = [row | {"paid": 5} if i in places else row for i, row in enumerate(before)]
    found = _first_difference(kept(folder / "a", log_of(before)), kept(folder / "b", log_of(after)))
    if not places:
        assert found is None
        return
    i = min(places)
    row = f"day {i} customer {i} order"
    assert found == f"first in row {i}: {row} kept, {row} now"


def test_what_is_longer_or_has_other_columns_is_said(tmp_path: Path) -> None:
    two, three = (kept(tmp_path / f"{n}", log_of(orders(n))) for n in (2, 3))
    assert _first_difference(two, three) == "2 rows kept, 3 now"
    old = tmp_path / "old"
    pq.write_table(pa.table({"time": [1, 2], "a": [5, 6]}), old)
    assert _first_difference(old, two) == "the kept log has other columns"
