"""Every reader of the product takes the same table in every dress, or says in one line why not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from omnilab._files.text import read_list
from omnilab.cascade import CascadePlan, Step, replay
from omnilab.errors import DataError
from omnilab.fit import read_transactions
from omnilab.identity import Columns, resolve_file
from tests.files.dresses import ENCODINGS, ENDS, Rows, broken, dresses, put

EVENTS: Rows = [
    {"when": f"2025-01-0{i + 1}T10:00:00Z", "mail": mail, "cookie": cookie}
    for i, (mail, cookie) in enumerate(
        [
            ("zoé@x.com", "c1"),
            ("zoé@x.com", "c2"),
            ("007", "c3"),
            ("7", "c2"),
            ("7", "c9"),
        ]
    )
]
STARTS: Rows = [
    {"timestamp": "2025-03-01T10:00:00Z", "message_id": "m-1", "profile_id": "zoé"},
    {"timestamp": "2025-03-01T10:00:01Z", "message_id": "m-2", "profile_id": "007"},
    {"timestamp": "2025-03-01T10:00:02Z", "message_id": "m-3", "profile_id": "7"},
    {"timestamp": "2025-03-01T10:00:03Z", "message_id": "m-é", "profile_id": "null and void"},
]
RECEIPTS: Rows = [
    {"timestamp": "2025-03-01T10:00:05Z", "message_id": "m-é", "channel": "push", "event": "open"},
    {"timestamp": "2025-03-01T10:00:06Z", "message_id": "m-2", "channel": "push", "event": "open"},
    {"timestamp": "2025-03-01T12:00:06Z", "message_id": "m-3", "channel": "push", "event": "open"},
    {"timestamp": "2025-03-01T12:00:07Z", "message_id": "m-3", "channel": "push", "event": "click"},
]
ORDERS: Rows = [
    {"customer_id": "zoé", "date": "2024-01-03", "amount": "5.50"},
    {"customer_id": "a b", "date": "2024-01-01", "amount": "12"},
    {"customer_id": "a b", "date": "2024-02-05", "amount": "3.25"},
    {"customer_id": "007", "date": "2024-02-06", "amount": "7"},
]
PLANS = (CascadePlan("cart", (Step("push", 3600, "opened"), Step("sms", 86400))),)


def resolve(path: Path) -> object:
    columns = Columns((("email", "mail"), ("cookie", "cookie")), "when")
    out, rows = path.with_suffix(".p"), path.with_suffix(".r")
    resolve_file(path, out, columns=columns, rows_output=rows)
    groups: dict[int, set[tuple[str, str]]] = {}
    for row in pq.read_table(out).to_pylist():
        groups.setdefault(row["profile"], set()).add((row["type"], row["value"]))
    # A profile's number says nothing: it depends on where a batch ends.
    found = pq.read_table(rows)["profile"].to_pylist()[:5]
    return {frozenset(g) for g in groups.values()}, [sorted(groups[p]) for p in found]


def of_starts(path: Path) -> object:
    receipts = put(path.parent, "receipts", dict(dresses(RECEIPTS))["comma lf"])
    return outcome(path, receipts)


def of_receipts(path: Path) -> object:
    starts = put(path.parent, "starts", dict(dresses(STARTS))["comma lf"])
    return outcome(starts, path)


def outcome(starts: Path, receipts: Path) -> object:
    found = replay(starts, receipts, PLANS)
    return found.outcomes.to_pylist(), found.sends.to_pylist(), found.rejected.to_pylist()


def of_orders(path: Path) -> object:
    found = read_transactions(path)
    who = found.customer_ids[found.customer].tolist()
    return list(zip(who, found.time_s.tolist(), found.amount.tolist(), strict=True))


READERS: dict[str, tuple[Callable[[Path], object], Rows]] = {
    "identity resolve": (resolve, EVENTS),
    "cascade replay, starts": (of_starts, STARTS),
    "cascade replay, receipts": (of_receipts, RECEIPTS),
    "fit": (of_orders, ORDERS),
}


@pytest.mark.parametrize("reader", READERS)
def test_one_table_in_every_dress(tmp_path: Path, reader: str) -> None:
    read, rows = READERS[reader]
    tried = list(dresses(rows))
    assert len(tried) > 70
    expected = read(put(tmp_path, "plain", tried[0][1]))
    wrong = [name for name, data in tried if read(put(tmp_path, name, data)) != expected]
    assert wrong == []


@pytest.mark.parametrize("reader", READERS)
def test_what_is_no_table_is_refused_in_one_line(tmp_path: Path, reader: str) -> None:
    read, _ = READERS[reader]
    for name, data in broken():
        path = put(tmp_path, name, data)
        with pytest.raises(DataError) as caught:
            read(path)
        said = str(caught.value)
        assert said.startswith(str(path)), name
        assert "\n" not in said
        assert len(said) < len(str(path)) + 300
    with pytest.raises(DataError, match="this is a directory, not a file"):
        read(tmp_path)


def test_a_list_of_ids_in_every_dress(tmp_path: Path) -> None:
    expected = ["zoé", "007", "a b", "#1001"]
    lists = [
        (
            f"{code} {end_name} {n}",
            encode(end.join(["zoé", "007", " a b ", "#1001"]) + n * end),
        )
        for code, encode in ENCODINGS.items()
        for end_name, end in ENDS.items()
        for n in (0, 1, 3)
    ]
    lists.append(("quotes, comments", '# ids\n"zoé"\n007\n\n"a b"\n#1001\n'.encode()))
    assert len(lists) == 8 * 3 * 3 + 1
    for name, data in lists:
        assert read_list(put(tmp_path, name, data)).ids == expected, name
    twice = read_list(put(tmp_path, "twice", b"a\nb\na\n"))
    assert (twice.ids, twice.lines) == (["a", "b"], [1, 2])
    assert "1 line repeat" in twice.notes[0]
    for name, data in (("none", b""), ("blanks", b"\n \n"), ("noise", bytes(range(256)) * 20)):
        with pytest.raises(DataError, match=name):
            read_list(put(tmp_path, name, data))
