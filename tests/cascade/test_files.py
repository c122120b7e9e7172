"""Replaying files: three formats, the same outcomes as the engine, and clear errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from omnilab.cascade import CascadePlan, ContactPolicy, Step, replay
from omnilab.cascade.formats import write_table
from omnilab.cascade.plan_file import load_plans
from omnilab.cli.cascade import cascade
from omnilab.errors import DataError

PLANS = (
    CascadePlan("cart", (Step("push", 3600, "opened"), Step("sms", 86400))),
    CascadePlan("news", (Step("email", 86400),)),
)
STARTS = pd.DataFrame(
    {
        "timestamp": ["2025-03-01T10:00:00Z", "2025-03-01T10:00:00+01:00", "2025-03-01 10:00:00"],
        "message_id": ["m-a", "m-b", "m-c"],
        "profile_id": ["anna", "bo", "bo"],
        "plan": ["cart", "news", "cart"],
        "channels": ["push sms", "email", "sms"],
    }
)
RECEIPTS = pd.DataFrame(
    {
        "timestamp": ["2025-03-01T10:00:05Z", "2025-03-01T12:00:00Z", "2025-03-01T12:00:00Z"],
        "message_id": ["m-b", "m-a", "nobody"],
        "channel": ["email", "push", "push"],
        "event": ["delivered", "open", "open"],
    }
)
YAML = """\
plans:
  - name: cart
    steps:
      - {channel: push, fallback_after: 1h, success_status: opened}
      - {channel: sms, fallback_after: 1d}
  - name: news
    steps: [{channel: email, fallback_after: 24h}]
    priority: 50
    expires_after: 2w
    until_converted: false
contact_policy:
  caps: [{limit: 2}, {limit: 5, period: 7d, channels: [sms]}]
  quiet_hours: {from: "21:00", to: "08:00", channels: [push]}
  zones: [Europe/Berlin]
  tick: 15min
"""


def put(frame: pd.DataFrame, path: Path) -> Path:
    write_table(pa.Table.from_pandas(frame, preserve_index=False), path)
    return path


def outcome_of(result: Any) -> dict[str, tuple[Any, ...]]:
    rows = result.outcomes.to_pylist()
    return {r["message_id"]: (r["status"], r["reason"], r["channel"], r["sends"]) for r in rows}


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_each_format_gives_the_same(tmp_path: Path, ending: str) -> None:
    starts = put(STARTS, tmp_path / f"starts.{ending}")
    receipts = put(RECEIPTS, tmp_path / f"receipts.{ending}")
    result = replay(starts, receipts, PLANS)
    assert outcome_of(result) == {
        "m-a": ("succeeded", "", "push", 2),  # opened late, after the SMS was sent
        "m-b": ("succeeded", "", "email", 1),
        "m-c": ("failed", "exhausted", "sms", 1),
    }
    assert result.work["late"] == 1
    assert result.rejected["reason"].to_pylist() == ["unknown_message"]
    assert len(result.sends) == 4


def test_the_columns_may_have_other_names(tmp_path: Path) -> None:
    names = {"message_id": "messageId", "profile_id": "userId", "timestamp": "when"}
    starts = put(STARTS.rename(columns=names), tmp_path / "s.csv")
    receipts = put(RECEIPTS.rename(columns=names), tmp_path / "r.csv")
    result = replay(starts, receipts, PLANS, columns={"timestamp": "when"})
    assert len(outcome_of(result)) == 3


def test_signals_and_control_group(tmp_path: Path) -> None:
    starts, receipts = put(STARTS, tmp_path / "s.csv"), put(RECEIPTS, tmp_path / "r.csv")
    frame = pd.DataFrame(
        {
            "timestamp": ["2025-03-01T10:30:00Z"] * 2,
            "profile_id": ["anna", "stranger"],
            "event": ["stop_all", "converted"],
        }
    )
    signals = put(frame, tmp_path / "g.csv")
    result = replay(starts, receipts, PLANS, signals=signals, control=["bo", "nobody"])
    got = {message: row[:2] for message, row in outcome_of(result).items()}
    assert got == {
        "m-a": ("aborted", "suppressed"),
        "m-b": ("aborted", "control_group"),
        "m-c": ("aborted", "control_group"),
    }


def test_bad_rows_are_rejected_with_their_reason(tmp_path: Path) -> None:
    bad = STARTS.assign(message_id=["m-a", "m-a", None], plan=["cart", "news", "cart"])
    starts, receipts = put(bad, tmp_path / "s.parquet"), put(RECEIPTS, tmp_path / "r.parquet")
    result = replay(starts, receipts, PLANS)
    rows = result.rejected.to_pylist()
    assert sorted((r["file"], r["reason"]) for r in rows) == [
        ("receipts", "not_sent"),  # the earlier start is the message, and it is a newsletter
        ("receipts", "unknown_message"),
        ("receipts", "unknown_message"),
        ("starts", "bad_value"),
        ("starts", "duplicate_message"),
    ]


@pytest.mark.parametrize("cut", [0, 1, 100, 700])
def test_a_file_cut_in_the_middle_is_an_error(tmp_path: Path, cut: int) -> None:
    starts, receipts = put(STARTS, tmp_path / "s.parquet"), put(RECEIPTS, tmp_path / "r.parquet")
    starts.write_bytes(starts.read_bytes()[:cut])
    with pytest.raises(DataError) as error:
        replay(starts, receipts, PLANS)
    assert str(starts) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("s.csv", b"timestamp,message_id,profile_id\n1,a,b\n2,c"),
        ("s.csv", b"timestamp,message_id\n1,a\n"),
        ("s.csv", b"timestamp,message_id,profile_id\nyesterday,a,b\n"),
        ("s.csv", b""),
        ("s.jsonl", b'{"timestamp": 1, "message_id": "a", "profile_id": "b"}\n{"timest'),
        ("s.txt", b"?"),
        ("nowhere.csv", None),
    ],
)
def test_unreadable_files(tmp_path: Path, name: str, content: bytes | None) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError) as error:
        replay(path, put(RECEIPTS, tmp_path / "r.csv"), PLANS)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_plan_file(tmp_path: Path) -> None:
    path = tmp_path / "plans.yaml"
    path.write_text(YAML, encoding="utf-8")
    plans, policy = load_plans(path)
    assert plans[0] == PLANS[0]
    assert (plans[1].priority, plans[1].expires_after_s) == (50, 14 * 86400)
    assert not plans[1].until_converted
    assert [(c.limit, c.period_s, c.channels) for c in policy.caps] == [
        (2, 0, ()),
        (5, 604800, ("sms",)),
    ]
    assert (policy.quiet_from_s, policy.quiet_to_s, policy.tick_s) == (75600, 28800, 900)
    assert policy.zones[0].name == "Europe/Berlin"


PLAN_LINES = """plans:
  - name: cart
    steps:
      - {channel: push, fallback_after: 2h}
      - {channel: sms, fallback_after: 1d,
         success_status: opened}
    priority: 200
contact_policy:
  caps:
    - {limit: 2, period: day}
    - limit: 5
      channels: [sms]
  quiet_hours: {from: "21:00",
                to: "08:00"}
  zones:
    - Europe/Berlin
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("name: cart", "nam: cart", 2, "unknown key 'nam' (did you mean 'name'?)"),
        ("    priority: 200", "    priorty: 200", 7, "(did you mean 'priority'?)"),
        ("priority: 200", "priority: 2000", 7, "priority must be"),
        ("push, fallback_after: 2h", "push", 4, "key 'fallback_after' is missing"),
        ("fallback_after: 1d", "fallback_after: soon", 5, "fallback_after must be a duration"),
        ("status: opened", "status: open", 6, "(did you mean 'opened'?)"),
        ("channel: sms", "channel: push", 5, "uses channel 'push' twice, first on line 4"),
        ("limit: 5", "limit: 0", 11, "limit must be"),
        ("[sms]", "[smss]", 12, "(did you mean 'sms'?)"),
        ("- limit: 5\n      channels: [sms]", "- 5", 11, "a cap must be a mapping, not 5"),
        ('"08:00"', '"8 am"', 14, "quiet_hours: to must be a time of day"),
        ("Europe/Berlin", "Europe/Berlinn", 16, "(did you mean 'Europe/Berlin'?)"),
        ("contact_policy:", "contact_polcy:", 8, "(did you mean 'contact_policy'?)"),
        ("    priority", "  - {name: cart, steps: [{channel: a, fallback_after: 1h}]}\n  #", 7,
         "plan 'cart' comes twice, first on line 2"),
        ("plans:", "- x\nplans:", 2, "not YAML"),
        (PLAN_LINES, "", 1, "empty file"),
        (PLAN_LINES, "# later\n---\n", 1, "empty file"),
        (PLAN_LINES, "[1]", 1, "expected a mapping of keys to values, found a list"),
        ("    priority: 200", "    priority: 1\n    priority: 2", 8,
         "duplicate key 'priority', first on line 7"),
        ("  caps:", "  caps: []\n  caps:", 10, "duplicate key 'caps', first on line 9"),
        ('{from: "21:00",', "{from: 21,", 13, "from must be a time of day: 21 can't be read"),
        ('{from: "21:00",', "{from: 21,", 13, "(did you mean 21:00?)"),
        ('{from: "21:00",', '{from: "8:00",', 14, "from 08:00 to 08:00 may mean no hour"),
        ('{from: "21:00",', '{from: "8:01",', 13, "longer than 23 h"),
        ('{from: "21:00",\n                to: "08:00"}', "{from: 21:00}", 13,
         "key 'to' is missing"),
        ("fallback_after: 1d", "fallback_after: 24", 5, "24 has no unit"),
        ("fallback_after: 1d", "fallback_after: 1.5s", 5, "not a whole number of seconds"),
        ("fallback_after: 1d", "fallback_after: 0s", 5, "fallback_after_s must be"),
        ("    priority: 200", "    until_converted: yes", 7, "true or false, not 'yes'"),
        ("    priority: 200", "    priority: 1e2", 7, "must be a whole number, not 100.0"),
        ("    priority: 200", "\tpriority: 200", 7, "not YAML"),
        ("name: cart", "name:", 2, "a plan's name is empty"),
        ("name: cart", "name: [cart]", 2, "a plan's name must be a name, not a list"),
        ("    priority: 200", "    once_per: 1d", 7, "decided where its starts are made"),
        ('quiet_hours: {from: "21:00",\n                to: "08:00"}', "quiet_hours: []", 13,
         "one window for all days"),
        ("    priority: 200", "    capped: no", 7, "capped must be true or false, not 'no'"),
        ("period: day", "full: wait", 10, "a cap's full must be abort or defer, not 'wait'"),
        ("  zones:", "  bounces: drop\n  zones:", 15, "bounces must be keep or suppress"),
        ("period: day", "period: 0s", 10, "longer than 0s, or day"),
        ("[sms]", "[]", 12, "leave it out for all channels"),
        ("[sms]", "[sms, sms]", 12, "channel 'sms' comes twice"),
        ("    - Europe/Berlin", "    - UTC\n    - UTC", 17, "zone 'UTC' comes twice"),
        ("contact_policy:", "---\ncontact_policy:", 8, "a second document begins here"),
        ("priority: 200", "priority: &p 200\n    expires_after: *q", 8, "unknown alias 'q'"),
        (PLAN_LINES, "\nplans: []", 2, "plans is empty"),
    ],
)  # fmt: skip
def test_an_error_in_a_plan_file_names_the_line(
    tmp_path: Path, old: str, new: str, line: int, says: str
) -> None:
    path = tmp_path / "plans.yaml"
    assert old in PLAN_LINES
    path.write_text(PLAN_LINES.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError) as error:
        load_plans(path)
    message = str(error.value)
    assert message.startswith(f"{path}:{line}: ")
    assert says in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "name", ["no", "on", "1.10", "010", "12:30", "0x1F", "1e3", "2025-01-06", "true", "null"]
)
def test_names_are_taken_as_written(tmp_path: Path, name: str) -> None:
    path = tmp_path / "plans.yaml"
    path.write_text(f"plans: [{{name: {name}, steps: [{{channel: {name}, fallback_after: 1h}}]}}]")
    (plan,), _ = load_plans(path)
    assert (plan.name, plan.steps[0].channel) == (name, name)
    table = {"timestamp": [0], "message_id": ["m"], "profile_id": ["p"], "plan": [name]}
    starts = put(pd.DataFrame(table), tmp_path / "s.csv")
    none = put(RECEIPTS[:0], tmp_path / "r.csv")
    assert outcome_of(replay(starts, none, [plan])) == {"m": ("failed", "exhausted", name, 1)}


def test_transactional_plans_deferring_caps_and_bounces(tmp_path: Path) -> None:
    path = tmp_path / "plans.yaml"
    text = PLAN_LINES.replace("priority: 200", "capped: false")
    text = text.replace("period: day", "full: defer")
    path.write_text(text.replace("  zones:", "  bounces: suppress\n  zones:"))
    (plan,), policy = load_plans(path)
    assert not plan.capped
    assert [cap.defers for cap in policy.caps] == [True, False]
    assert policy.suppress_bounced


@pytest.mark.parametrize("written", ["21:00", '"21:00"', "21:00:00"])
def test_times_of_day_need_no_quotes(tmp_path: Path, written: str) -> None:
    path = tmp_path / "plans.yaml"
    path.write_text(PLAN_LINES.replace('"21:00"', written).replace('"08:00"', "8:00"))
    _, policy = load_plans(path)
    assert (policy.quiet_from_s, policy.quiet_to_s) == (75600, 28800)


def test_quiet_hours_to_midnight(tmp_path: Path) -> None:
    path = tmp_path / "plans.yaml"
    path.write_text(PLAN_LINES.replace('"08:00"', "24:00"))
    assert load_plans(path)[1].quiet_to_s == 0


@given(st.data())
def test_a_broken_plan_file_is_a_clear_error_or_a_plan(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(YAML)))
    junk = data.draw(
        st.sampled_from(["", "x", "- ", "}", "\t", "&a", "7", ": ", "\n", "{", "null"])
    )
    length = data.draw(st.integers(0, 20))
    path = tmp_path_factory.mktemp("plans") / "p.yaml"
    path.write_text(YAML[:at] + junk + YAML[at + length :], encoding="utf-8")
    message = f"{path}: "
    try:
        plans, policy = load_plans(path)
    except DataError as error:
        message = str(error)
    else:
        assert plans
        assert isinstance(policy, ContactPolicy)
    assert message.startswith(str(path))
    assert "\n" not in message


def test_command(tmp_path: Path) -> None:
    starts, receipts = put(STARTS, tmp_path / "s.csv"), put(RECEIPTS, tmp_path / "r.csv")
    plans = tmp_path / "plans.yaml"
    plans.write_text(YAML.split("contact_policy")[0], encoding="utf-8")
    out, sends, rejected = (tmp_path / n for n in ("o.parquet", "sends.csv", "rejected.jsonl"))
    arguments = ["replay", str(starts), str(receipts), "-p", str(plans), "-o", str(out), "--json"]
    arguments += ["--sends", str(sends), "--rejected", str(rejected)]
    result = CliRunner().invoke(cascade, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    summary = json.loads(result.stdout)
    assert summary["messages"] == {"succeeded": 2, "failed exhausted": 1}
    assert summary["rejected"] == {"unknown_message": 1}
    assert pq.read_table(out).num_rows == 3
    assert len(pd.read_csv(sends)) == 4
    assert json.loads(rejected.read_text())["message_id"] is None
    assert not list(tmp_path.glob("*.partial"))
