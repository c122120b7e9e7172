"""Calls after the Segment spec, and files that are not in order or in one unit of time."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from omnilab.cli.identity import identity
from omnilab.errors import OptionError
from omnilab.identity import Columns, IdentityPolicy, resolve_file

COOKIES = Columns((("email", "mail"), ("cookie", "cookie")), "ts")


def resolved(folder, lines, name="e.jsonl", **options):
    """Return each row's profile, the file's notes, and its identifiers' values by type."""
    text = lines if isinstance(lines, str) else "".join(json.dumps(line) + "\n" for line in lines)
    (folder / name).write_text(text)
    result = resolve_file(folder / name, folder / "p", rows_output=folder / "r", **options)
    values: dict[str, set[str]] = {}
    for row in pq.read_table(folder / "p").to_pylist():
        values.setdefault(row["type"], set()).add(row["value"])
    return pq.read_table(folder / "r")["profile"].to_pylist(), " ".join(result.notes), values


def call(minute: int = 0, **fields):
    return {"timestamp": f"2025-01-01T10:{minute:02}:00Z"} | fields


def test_an_alias_of_a_known_user_joins_both_wherever_it_stands(tmp_path):
    old = call(0, type="identify", userId="old-17", anonymousId="c1")
    alias = call(1, type="alias", previousId="old-17", userId="new-4711")
    new = call(2, type="track", userId="new-4711")
    for lines in ([old, alias, new], [alias, old, new], [new, alias, old]):
        rows, _, _ = resolved(tmp_path, lines)
        assert len(set(rows)) == 1
    assert resolved(tmp_path, [old, alias])[2]["cookie"] == {"c1"}


def test_an_alias_in_another_part_of_the_file_joins_too(tmp_path, monkeypatch):
    monkeypatch.setattr("omnilab._files.json_text.OBJECTS", 1)
    alias = call(0, type="alias", previousId="old", userId="new")
    rows, _, _ = resolved(tmp_path, [alias, call(1, anonymousId="x"), call(2, userId="old")])
    assert rows[0] == rows[2] != rows[1]


def test_an_alias_of_a_browser_joins_the_browser(tmp_path):
    lines = [call(0, anonymousId="c0"), call(1, type="alias", previousId="c0", userId="u")]
    rows, _, values = resolved(tmp_path, lines)
    assert rows == [0, 0] or rows[0] == rows[1]
    assert values == {"cookie": {"c0"}, "login": {"u"}}


@pytest.mark.parametrize(
    "fields",
    [
        {"traits": {"email": "a@x"}}, {"context": {"traits": {"email": "A@x"}}},
        {"context": {"externalIds": [{"id": "a@x", "type": "email", "collection": "users"}]}},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("kind", ["identify", "track", "page", "screen", "alias", None])
def test_a_person_is_named_by_every_field_of_the_spec(tmp_path, fields, kind):
    lines = [call(0, type=kind, userId="u1", **fields), call(1, traits={"email": "a@x"})]
    rows, _, _ = resolved(tmp_path, lines)
    assert rows[0] == rows[1]


def test_a_company_and_a_friend_join_nobody(tmp_path):
    lines = [
        call(i, type="group", userId=f"u{i}", groupId="g1", traits={"email": "info@g1"},
             properties={"email": "friend@x"})
        for i in range(3)
    ]  # fmt: skip
    assert len(set(resolved(tmp_path, lines)[0])) == 3


def test_devices_join_unless_their_advertising_id_is_turned_off(tmp_path):
    def phone(user, allowed):
        device = {"advertisingId": "idfa", "adTrackingEnabled": allowed}
        return call(0, userId=user, context={"device": device})

    assert len(set(resolved(tmp_path, [phone("a", True), phone("b", True)])[0])) == 1
    assert len(set(resolved(tmp_path, [phone("a", True), phone("b", False)])[0])) == 2


def test_the_calls_of_a_batch_are_rows_and_share_its_context(tmp_path):
    batch = {
        "batch": [call(0, userId="u"), call(1, anonymousId="c", context={"ip": "::1"}), 7],
        "context": {"traits": {"email": "a@x"}}, "integrations": {"All": False},
    }  # fmt: skip
    rows, notes, _ = resolved(tmp_path, [batch, call(2, traits={"email": "a@x"})])
    assert len(rows) == 4
    assert rows[0] == rows[1] == rows[3]
    assert rows[2] == -1
    assert "an item of 'batch' is no object (line 1)" in notes


def test_a_message_that_comes_twice_changes_nothing(tmp_path):
    lines = [call(i, messageId=f"m{i}", userId=f"u{i % 3}", anonymousId=f"c{i}") for i in range(9)]
    once, _, _ = resolved(tmp_path, lines)
    twice, _, _ = resolved(tmp_path, [line for line in lines for _ in range(2)])
    assert twice[::2] == twice[1::2] == once


def test_the_time_is_made_of_what_is_there(tmp_path):
    skewed = {
        "originalTimestamp": "2025-01-01T12:00:00Z", "sentAt": "2025-01-01T12:05:00Z",
        "receivedAt": "2025-01-01T10:06:00Z", "userId": "b",
    }  # fmt: skip
    policy = IdentityPolicy(
        ("login", "email", "phone", "device", "advertising", "push", "cookie"),
        time_to_live={"cookie": 90},
    )
    lines = [call(0, anonymousId="c"), skewed | {"anonymousId": "c"}, call(2, anonymousId="c")]
    rows, notes, _ = resolved(tmp_path, lines, policy=policy)
    assert rows[0] == rows[1] == rows[2]
    assert not notes
    rows, notes, _ = resolved(tmp_path, [*lines, {"userId": "late"}])
    assert rows[3] == -1
    assert "1 row left out: no time (line 4)" in notes
    assert "-1" not in str(resolved(tmp_path, [{"userId": "a"}, {"userId": "a"}])[0])


@given(st.permutations(range(6)), st.integers(1, 4))
@settings(max_examples=10)
def test_rows_out_of_order_are_put_in_order(tmp_path_factory, order, size):
    folder = tmp_path_factory.mktemp("late")
    policy = IdentityPolicy(("email", "cookie"), time_to_live={"cookie": 1})
    # The cookie is forgotten between a and b, and is known between the rows of each.
    rows = [
        (0, "a", "c"),
        (1, "", "c"),
        (10, "b", "c"),
        (11, "", "c"),
        (20, "d", "e"),
        (99, "d", "c"),
    ]
    text = "ts,mail,cookie\n" + "".join(f"{t},{m},{c}\n" for t, m, c in (rows[i] for i in order))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("omnilab._files.delimited.CHUNK", 8 * size)
        patch.setattr("omnilab.identity._feeding.BLOCK", size)
        found, notes, _ = resolved(folder, text, "e.csv", columns=COOKIES, policy=policy)
    by = {i: found[place] for place, i in enumerate(order)}
    assert by[0] == by[1] != by[2] == by[3] != by[4] == by[5]
    late = sum(any(order[j] > i for j in range(place)) for place, i in enumerate(order))
    assert (f"{late} row" in notes) == (late > 0)


def test_one_time_far_from_all_others_costs_its_row(tmp_path):
    times = ["0001-01-01", *(f"2025-01-0{i}" for i in range(1, 6)), "9999-12-31"]
    text = "ts,mail,cookie\n" + "".join(f"{time},a@x,c{i}\n" for i, time in enumerate(times))
    rows, notes, _ = resolved(tmp_path, text, "e.csv", columns=COOKIES)
    assert rows[0] == rows[6] == -1
    assert len(set(rows[1:6])) == 1
    assert "left out" in notes


@pytest.mark.parametrize("factor", [1, 1000, 10**6, 10**9])
def test_finer_units_than_seconds_are_read_and_noted(tmp_path, factor):
    policy = IdentityPolicy(("email", "cookie"), time_to_live={"cookie": 86400})
    stamps = [(1_735_725_600 + 7200 * i) * factor for i in range(3)]
    text = f"ts,mail,cookie\n{stamps[0]},a@x,c1\n{stamps[1]},,c1\n{stamps[2]},a@x,c2\n"
    rows, notes, _ = resolved(tmp_path, text, "e.csv", columns=COOKIES, policy=policy)
    assert len(set(rows)) == 1
    assert ("seconds" in notes) == (factor > 1)


def test_the_command_says_what_joins_nobody_and_what_is_told_apart(tmp_path):
    path = tmp_path / "e.csv"
    path.write_text("mail,card,cookie\nA@x,007,c1\na@x,7,c2\nnull,,c3\nnull,,c4\n")
    ids = ["--id", "email=mail", "--id", "card=card", "--id", "cookie=cookie", "--quiet", "--json"]
    ids.append("--replace")

    def run(*options):
        done = CliRunner().invoke(
            identity, ["resolve", str(path), "-o", str(tmp_path / "p"), *ids, *options]
        )
        if done.exception is not None:
            raise done.exception
        return json.loads(done.stdout)["profiles"], done.stderr

    profiles, said = run()
    assert profiles == 3
    assert "placeholders of type 'email' were seen 2 times and join nobody ('null' 2)" in said
    assert "1 identifier of type 'card' differs from another only in blanks, punctuation" in said
    assert "'007' and '7'" in said
    assert "--normalise card=card" in said
    profiles, said = run("--normalise", "card=card", "--not-placeholder", "null")
    assert (profiles, said) == (2, "")
    assert run("--no-placeholders")[0] == 2
    assert run("--no-placeholders", "--placeholder", "NULL")[0] == 3
    profiles, said = run("--normalise", "email=exact")
    assert profiles == 4
    assert "differs from another only in case" in said
    with pytest.raises(OptionError, match="did you mean 'card'"):
        run("--normalise", "crad=card")
