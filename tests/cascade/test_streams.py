"""Streams as they come from providers: their words, their times, their order, their spellings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from omnilab.cascade import CascadePlan, ContactPolicy, Replay, Step, Zone, codes, replay
from omnilab.cascade.words import IGNORE, known_word, read_events
from omnilab.cli import main
from omnilab.errors import DataError, OmnilabError, OptionError

HOUR, DAY = 3600, 86400
PUSH = (CascadePlan("p", (Step("push", HOUR),)),)
TWO = (CascadePlan("two", (Step("push", HOUR), Step("sms", DAY))),)
PLANS = "plans:\n  - {name: p, steps: [{channel: push, fallback_after: 1h}]}\n"
NO_RECEIPTS = "timestamp,message_id,channel,event\n"


class Desk:
    """A folder for files of starts, receipts and signals."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def replay(
        self,
        starts: str | bytes,
        receipts: str | bytes = NO_RECEIPTS,
        plans: Any = PUSH,
        policy: ContactPolicy | None = None,
        *,
        signals: str | None = None,
        **more: Any,
    ) -> Replay:
        if signals is not None:
            more["signals"] = self.put("g.csv", signals)
        return replay(self.put("s.csv", starts), self.put("r.csv", receipts), plans, policy, **more)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def statuses(result: Replay) -> dict[str, str]:
    return {row["message_id"]: row["status"] for row in result.outcomes.to_pylist()}


def notes(result: Replay) -> str:
    return "\n".join(note.text for note in result.notes)


def starts(*rows: str, columns: str = "timestamp,message_id,profile_id") -> str:
    return "\n".join([columns, *rows, ""])


def receipts(*rows: str) -> str:
    return NO_RECEIPTS + "\n".join([*rows, ""])


# Words


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("delivered", "delivered Delivered DELIVERED delivery email.delivered MESSAGE_DELIVERED"),
        ("delivered", "users.messages.email.Delivery DELIVRD email_delivered machine_opened"),
        ("open", "open Open opened read READ seen email.opened push_opened unique_opened Opened"),
        ("click", "click clicked Clicked email.clicked users.messages.email.Click link_clicked"),
        ("bounce", "bounce Bounce hard_bounce HardBounce email.bounced undelivered UNDELIV"),
        ("deferred", "deferred SoftBounce soft_bounce DeliveryDelay email.delivery_delayed"),
        ("dropped", "dropped failed sms_failed rejected Reject blocked canceled"),
        ("processed", "processed sent Send accepted queued email_sent injection"),
        ("unsubscribe", "unsubscribe unsubscribed group_unsubscribe list_unsubscribe opted-out"),
        ("spamreport", "spamreport Complaint SpamComplaint email.complained spam MarkAsSpam"),
    ],
)
def test_words_of_providers(ours: str, theirs: str) -> None:
    for word in theirs.split():
        assert known_word(word, codes.RECEIPTS, {}) == ours, word


@pytest.mark.parametrize("word", ["", "email", "gelesen", "message.status", "opn", "re open ed"])
def test_words_that_nobody_knows_stay_unknown(word: str) -> None:
    assert known_word(word, codes.RECEIPTS, {}) is None


def test_words_with_blanks_and_of_signals() -> None:
    assert known_word("Marked Email as Spam", codes.RECEIPTS, {}) == "spamreport"
    assert known_word("Order Completed", codes.SIGNALS, {}) == "converted"
    assert known_word("stop-all", codes.SIGNALS, {}) == "stop_all"


def test_channels_differ_only_in_case() -> None:
    assert known_word(" PUSH", ("push", "sms"), {}) == "push"
    assert known_word("PUSH", ("Push", "push"), {}) is None  # either may be meant
    assert known_word("push", ("Push", "push"), {}) == "push"
    assert known_word("delivered", ("push", "sms"), {}) is None


def test_words_are_read_by_their_meaning_and_told(desk: Desk) -> None:
    result = desk.replay(
        starts("10,m1,p1", "10,m2,p2", "10,m3,p3", "10,m4,p4"),
        receipts("19,m1,push,Delivered", "19,m2,Push,open", "19,m3,push,read", "19,m4,push,huh"),
    )
    assert statuses(result) == dict.fromkeys(("m1", "m2", "m3"), "succeeded") | {"m4": "failed"}
    assert result.unknown == {"r.csv: unknown event 'huh'": 1}
    assert "event in 2 rows read by its meaning: 'Delivered' as delivered (1), 'read' as open (1)" \
        in notes(result)  # fmt: skip
    assert "channel in 1 row read by its meaning: 'Push' as push (1)" in notes(result)
    assert result.rejected["reason"].to_pylist() == ["bad_value"]


def test_a_users_own_table_goes_first(desk: Desk) -> None:
    table = desk.put("words.yaml", "Gelesen: open\nopen: ignore\non: delivered\n")
    own = read_events([str(table), "failed=bounce"])
    assert own == {"gelesen": "open", "open": IGNORE, "on": "delivered", "failed": "bounce"}
    result = desk.replay(
        starts("10,m1,p1", "10,m2,p2", "10,m3,p3"),
        receipts("19,m1,push,GELESEN", "19,m2,push,open", "19,m3,push,on"),
        events=own,
    )
    assert statuses(result) == {"m1": "succeeded", "m2": "failed", "m3": "succeeded"}
    assert "1 row left out, as --events says: 'open'" in notes(result)
    assert (result.work["receipts"], len(result.rejected)) == (2, 0)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("read=opend", "there is no event 'opend' (did you mean 'open'?)"),
        ("=open", "must look like read=open"),
        ("nowhere.yaml", "no such file"),
    ],
)
def test_a_bad_table_of_words(given: str, says: str) -> None:
    with pytest.raises(OmnilabError) as error:
        read_events([given])
    assert says in str(error.value)


def test_a_bad_file_of_words_names_the_line(desk: Desk) -> None:
    path = desk.put("w.yaml", "read: open\nseen: viewed\n")
    with pytest.raises(DataError) as error:
        read_events([str(path)])
    assert str(error.value).startswith(f"{path}:2: 'seen': there is no event 'viewed'")


def test_many_unknown_words_are_counted_and_a_few_told(desk: Desk) -> None:
    rows = [f"19,m1,push,word-{i}" for i in range(50)]
    result = desk.replay(starts("10,m1,p1"), receipts(*rows))
    assert len(result.unknown) == 11
    assert sum(result.unknown.values()) == 50


# Order and times


def test_the_order_within_a_second_is_that_of_its_fractions(desk: Desk) -> None:
    """The consent is withdrawn and given again; the file has the later row first."""
    signals = "timestamp,profile_id,event\n" + "\n".join(
        ["2025-06-02T10:00:00.900Z,p1,give", "2025-06-02T10:00:00.100Z,p1,withdraw", ""]
    )
    result = desk.replay(starts("2025-06-02T10:00:05Z,m1,p1"), signals=signals)
    assert statuses(result) == {"m1": "failed"}  # it was sent


def test_the_order_within_a_second_is_that_of_the_file_without_fractions(desk: Desk) -> None:
    for order, status in [(("give", "withdraw"), "skipped"), (("withdraw", "give"), "failed")]:
        rows = "".join(f"2025-06-02T10:00:00Z,p1,{word}\n" for word in order)
        signals = "timestamp,profile_id,event\n" + rows
        result = desk.replay(starts("2025-06-02T10:00:05Z,m1,p1"), signals=signals)
        assert statuses(result) == {"m1": status}


def test_a_receipt_in_the_second_of_the_send(desk: Desk) -> None:
    result = desk.replay(
        starts("2025-03-03T12:00:00.100Z,m1,p1"),
        receipts("2025-03-03T12:00:00.900Z,m1,push,open",
                 "2025-03-03T12:00:00.400Z,m1,push,delivered"),
        TWO,
    )  # fmt: skip
    assert statuses(result) == {"m1": "succeeded"}
    assert len(result.rejected) == 0
    (send,) = result.sends.to_pylist()
    assert send["timestamp"] == "2025-03-03T12:00:00.100Z"  # never before its start
    assert send["at"] == 1741003200


@pytest.mark.parametrize(
    ("written", "back"),
    [
        ("2025-06-02T10:00:00Z", "2025-06-02T11:00:00Z"),
        ("2025-06-02T10:00:00+02:00", "2025-06-02T11:00:00+02:00"),
        ("2025-06-02T10:00+0200", "2025-06-02T11:00+0200"),
        ("2025-06-02 10:00:00", "2025-06-02 11:00:00"),
        ("20250602T100000Z", "20250602T110000Z"),
        ("2025-W23-1T10:00:00Z", "2025-W23-1T11:00:00Z"),
        ("2025-153T10:00:00Z", "2025-153T11:00:00Z"),
        ("2025-06-02T10:00:00,5Z", "2025-06-02T11:00:00,0Z"),
        ("1748858400", 1748862000),
        ("1748858400000", 1748862000000),
    ],
)
def test_times_are_given_back_in_the_form_they_came_in(
    desk: Desk, written: str, back: str | int
) -> None:
    plan = CascadePlan("p", (Step("push", HOUR), Step("sms", HOUR)))
    result = desk.replay(starts(f'"{written}",m1,p1'), plans=(plan,))
    first, second = result.sends["timestamp"].to_pylist()
    assert str(first) == written
    assert second == back
    assert result.sends["at"].to_pylist()[1] - result.sends["at"].to_pylist()[0] == HOUR


def test_a_column_of_timestamps_stays_one(desk: Desk) -> None:
    kind = pa.timestamp("ms", "Europe/Berlin")
    table = {"timestamp": pa.array([1748858400000], kind), "message_id": [7], "profile_id": [8]}
    pq.write_table(pa.table(table), desk.folder / "s.parquet")
    result = replay(desk.folder / "s.parquet", desk.put("r.csv", NO_RECEIPTS), PUSH)
    assert result.sends["timestamp"].type == kind
    assert result.outcomes["message_id"].to_pylist() == ["7"]


def test_one_bad_time_leaves_out_its_row(desk: Desk) -> None:
    result = desk.replay(starts("2025-06-02T10:00:00Z,m1,p1", "yesterday,m2,p2", ",m3,p3"))
    assert statuses(result) == {"m1": "failed"}
    assert result.rejected["reason"].to_pylist() == ["bad_value", "bad_value"]
    assert result.rejected["timestamp"].to_pylist() == [None, None]
    assert "timestamps can't be read in 1 row: 'yesterday'" in notes(result)


# Ids and lists


@pytest.mark.parametrize("one", ["007", "1e3", "1.10", "no", "true", "2025-06-02", "0x1F", "1_000"])
def test_ids_are_text(desk: Desk, one: str) -> None:
    files = (
        desk.put("s.csv", starts(f"10,{one},{one}")),
        desk.put(
            "r.jsonl",
            f'{{"timestamp": 19, "message_id": "{one}", "channel": "push", "event": "open"}}',
        ),
    )
    result = replay(*files, PUSH)
    assert result.outcomes["message_id"].to_pylist() == [one]
    assert statuses(result) == {one: "succeeded"}


def test_what_programs_write_for_no_id_is_no_id(desk: Desk) -> None:
    """Else a hundred strangers would be one profile, with one cap."""
    words = ["null", "NaN", "undefined", "None", "0", "N/A", "[object Object]", "{{user.id}}"]
    words.append("000")
    rows = [f"10,m{i},{word}" for i, word in enumerate(words)]
    result = desk.replay(starts(*rows), receipts("19,null,push,open", "19,m4,push,open"))
    # Zero is an id, with any number of digits: a numbering may begin with it.
    assert statuses(result) == {"m4": "succeeded", "m8": "failed"}
    assert result.rejected["reason"].to_pylist() == ["bad_value"] * 8
    assert "profile_id in 7 rows stands for no id: 'null', 'NaN', 'undefined', ..." in notes(result)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_control_list_with_a_mark(
    desk: Desk, capsys: pytest.CaptureFixture[str], mark: str, end: str
) -> None:
    files = [
        desk.put("s.csv", mark + starts("10,m1,p1", "10,m2,p2")),
        desk.put("r.csv", mark + NO_RECEIPTS),
    ]
    plans = desk.put("plans.yaml", mark + PLANS)
    control = desk.put("control.txt", mark + end.join(["p1", "p9", "P2", ""]))
    out = desk.folder / "o.csv"
    words = ["cascade", "replay", *map(str, files), "-p", str(plans), "-o", str(out)]
    assert main([*words, "--control", str(control)]) == 0
    rows = pd.read_csv(out)
    assert rows["reason"].tolist() == ["control_group", "exhausted"]
    said = capsys.readouterr().err
    assert "control group: 2 of 3 profiles have no start: 'p9', 'P2'; 1 of them differ" in said
    assert "'P2' from 'p2'" in said


def test_ids_that_meet_nobody_are_told(desk: Desk) -> None:
    result = desk.replay(
        starts("10,m1,p1"),
        receipts("19,M1,push,open", "19,m8,push,open", "19,m8,push,click"),
        signals="timestamp,profile_id,event\n5,p7,converted\n",
    )
    text = notes(result)
    assert "r.csv: 2 of 2 messages have no start: 'M1', 'm8'; 1 of them differ" in text
    assert "g.csv: 1 of 1 profiles have no start: 'p7'" in text
    assert result.rejected["reason"].to_pylist() == ["unknown_message"] * 3


def test_a_file_without_an_id_is_refused(desk: Desk) -> None:
    with pytest.raises(DataError, match="no row has an id in the column 'message_id'"):
        desk.replay(starts("10,,p1", "11,,p2"))


# What has no effect


def test_plans_and_zones_that_nobody_uses(desk: Desk) -> None:
    plans = (*TWO, CascadePlan("news", (Step("email", DAY),)))
    policy = ContactPolicy(zones=(Zone.named("Europe/Berlin"), Zone.named("Asia/Tokyo")))
    columns = "timestamp,message_id,profile_id,plan,channels,zone"
    rows = "10,m1,p1,two,push fax,Europe/Berlin", "10,m2,p1,two,Push,", "10,m3,p1,two,,"
    result = desk.replay(starts(*rows[:2], columns=columns), plans=plans, policy=policy)
    text = notes(result)
    assert "plan 'news': no start names it" in text
    assert "plan 'two': step 2 (sms) is never sent: none of the 2 starts lists that" in text
    assert "zone 'Asia/Tokyo': no start is in it" in text
    assert "channel 'fax' in 1 row: no plan uses it" in text
    assert "no channels given" not in text
    every = notes(desk.replay(starts(*rows, columns=columns), plans=plans, policy=policy))
    assert "no channels given in 1 row: all are taken to be usable" in every
    assert "step 2 (sms)" not in every


def test_steps_that_expire_and_waits_that_ticks_round_up(desk: Desk) -> None:
    plan = CascadePlan("p", (Step("push", HOUR), Step("sms", 100)), expires_after_s=HOUR - 1)
    text = notes(desk.replay(starts("0,m1,p1"), plans=(plan,), policy=ContactPolicy(tick_s=900)))
    assert "step 2 (sms) is never sent after the waits before it, which take 3600 s" in text
    assert "step 2 (sms) falls back after 900 s and not after 100 s" in text
    assert "step 1" not in text
    exact = CascadePlan("p", plan.steps, expires_after_s=HOUR)
    assert "never sent" not in notes(desk.replay(starts("0,m1,p1"), plans=(exact,)))


def test_good_files_have_no_notes(desk: Desk) -> None:
    result = desk.replay(starts("10,m1,p1"), receipts("19,m1,push,open"))
    assert (result.notes, result.unknown) == ((), {})


def test_a_note_about_a_plan_names_its_line(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    files = desk.put("s.csv", starts("10,m1,p1")), desk.put("r.csv", NO_RECEIPTS)
    plans = desk.put("plans.yaml", PLANS + PLANS.splitlines()[1].replace("name: p", "name: q"))
    out = str(desk.folder / "o.csv")
    assert main(["cascade", "replay", *map(str, files), "-p", str(plans), "-o", out]) == 0
    assert f"{plans}:3: plan 'q': no start names it" in capsys.readouterr().err


def test_a_plan_and_a_channel_may_have_any_name(desk: Desk) -> None:
    """The word by which a user's table leaves rows out is an ordinary name elsewhere."""
    plan = CascadePlan("ignore", (Step("ignore", HOUR),))
    rows = starts("10,m1,p1,ignore", columns="timestamp,message_id,profile_id,plan")
    result = desk.replay(rows, receipts("19,m1,IGNORE,open"), (plan,))
    assert statuses(result) == {"m1": "succeeded"}


def test_an_unknown_name_of_a_column_is_an_error(desk: Desk) -> None:
    with pytest.raises(OptionError, match="no file has a column 'wen'"):
        desk.replay(starts("10,m1,p1"), columns={"timestamp": "wen"})
