"""The engine by itself: its rules one by one, its bounds, bad input, any cut of a stream."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.cascade_stream import PLANS, POLICY, make_stream
from omnilab.cascade import Cap, CascadeEngine, CascadePlan, ContactPolicy, Step, Zone, codes
from omnilab.cascade.tables import Answer
from omnilab.errors import CapacityError, DataError, OmnilabError, OptionError

HOUR, DAY = 3600, 86400
TWO = CascadePlan("two", (Step("push", HOUR, "opened"), Step("sms", DAY)))


def one(plan: CascadePlan = TWO, policy: ContactPolicy | None = None, **kw: Any) -> CascadeEngine:
    return CascadeEngine([plan], policy, **kw)


def start(at: int = 100, message: int = 0, profile: int = 0, **kw: int) -> dict[str, list[int]]:
    return {k: [v] for k, v in {"at": at, "message": message, "profile": profile, **kw}.items()}


def receipts(*rows: tuple[int, int, str, str]) -> dict[str, list[Any]]:
    return dict(zip(("at", "message", "channel", "kind"), map(list, zip(*rows, strict=True)),
                    strict=True))  # fmt: skip


def signals(at: int, kind: str, profile: int = 0, channel: int = -1) -> dict[str, list[Any]]:
    return {"at": [at], "profile": [profile], "kind": [kind], "channel": [channel]}


def sent(*answers: Answer) -> list[tuple[int, int, int]]:
    rows = []
    for a in answers:
        s = a.in_time_order().sends
        rows += list(zip(s.at.tolist(), s.message.tolist(), s.step.tolist(), strict=True))
    return rows


def ended(*answers: Answer) -> dict[int, tuple[str, str, int]]:
    return {
        message: (codes.FINALS[status], codes.REASONS[reason], at)
        for a in answers
        for at, message, status, reason in zip(
            a.finals.at.tolist(),
            a.finals.message.tolist(),
            a.finals.status.tolist(),
            a.finals.reason.tolist(),
            strict=True,
        )
    }


def test_a_timer_falls_back_and_a_late_receipt_still_counts() -> None:
    engine = one()
    first = engine.feed(start(), until=200)
    late = engine.feed(receipts=receipts((100 + HOUR + 5, 0, "push", "open")))
    assert sent(first, late) == [(100, 0, 0), (100 + HOUR, 0, 1)]
    assert ended(late) == {0: ("succeeded", "", 100 + HOUR + 5)}
    assert late.work["late"] == 1
    more = engine.feed(receipts=receipts((100 + 2 * HOUR, 0, "sms", "delivered")))
    assert not len(more.finals)  # the one final status stays
    assert engine.outcomes().status[0, :2].tolist() == [3, 2]


def test_a_receipt_in_the_second_of_the_timer_comes_first() -> None:
    engine = one()
    answer = engine.feed(start(), receipts((100 + HOUR, 0, "push", "open")))
    assert sent(answer, engine.finish()) == [(100, 0, 0)]


CHAIN = [("push", "bounce"), ("sms", "delivered")]


@pytest.mark.parametrize("order", [CHAIN, CHAIN[::-1]])
@pytest.mark.parametrize("cut", [0, 1, 2, 3])
def test_a_receipt_in_the_second_of_its_send_counts(order: list[tuple[str, str]], cut: int) -> None:
    """The push, its bounce, the SMS and its delivery, all in one second; the cut is anywhere."""
    engine = one()
    tables = [receipts((100, 0, *row)) for row in order]
    answers = []
    if cut == 0:
        answers.append(engine.feed(start(), receipts(*((100, 0, *row) for row in order))))
    elif cut == 1:
        answers += [engine.feed(start()), *(engine.feed(receipts=table) for table in tables)]
    elif cut == 2:
        answers += [*(engine.feed(receipts=table) for table in tables), engine.feed(start())]
    else:
        answers.append(engine.feed(receipts=tables[0]))
        answers.append(engine.feed(start(), tables[1], until=101))
    answers.append(engine.finish())
    assert sent(*answers) == [(100, 0, 0), (100, 0, 1)]
    assert ended(*answers) == {0: ("succeeded", "", 100)}
    assert sum(len(a.rejected) for a in answers) == 0
    assert sum(a.work["receipts"] for a in answers) == 2


def test_a_receipt_of_no_send_is_refused_when_its_second_is_over() -> None:
    engine = one()
    rows = receipts((100, 0, "sms", "open"), (100, 7, "push", "open"), (100, 0, "push", "open"))
    first = engine.feed(start(), rows)
    assert (len(first.rejected), first.work["rejected"]) == (0, 0)
    second = engine.feed(until=101)
    assert second.rejected.counts() == {"unknown_message": 1, "not_sent": 1}
    assert second.rejected.at.tolist() == [100, 100]
    assert ended(first, second) == {0: ("succeeded", "", 100)}
    assert len(engine.finish().rejected) == 0


def test_an_unsubscribe_in_the_second_of_the_send_comes_after_it() -> None:
    engine = one(CascadePlan("p", (Step("push", HOUR),)))
    both = {"at": [100, 200], "message": [0, 1], "profile": [0, 0]}
    answer = engine.feed(both, receipts((100, 0, "push", "unsubscribe")))
    got = ended(answer, engine.finish())
    assert got == {0: ("succeeded", "", 100), 1: ("skipped", "no_channel", 200)}


def test_a_refused_unsubscribe_is_heard_once_its_second_is_over() -> None:
    engine = one(policy=ContactPolicy(quiet_from_s=0, quiet_to_s=HOUR))
    answer = engine.feed(start(), receipts((100, 0, "push", "unsubscribe")))
    answers = answer, engine.finish()
    assert sent(*answers) == [(HOUR, 0, 1)]
    assert answers[1].rejected.counts() == {"not_sent": 1}


def test_a_bad_batch_keeps_the_receipts_of_the_last_second() -> None:
    engine = one()
    engine.feed(receipts=receipts((100, 0, "push", "open")))
    with pytest.raises(DataError):
        engine.feed(start(), until=5)
    assert ended(engine.feed(start(), until=101)) == {0: ("succeeded", "", 100)}


@given(st.integers(0, 1 << 30))
def test_a_cut_within_a_second_changes_nothing(seed: int) -> None:
    """Few seconds and many receipts of each, in batches that end anywhere among a second's rows."""
    draw = np.random.default_rng(seed)
    plans = [TWO, CascadePlan("sms", (Step("sms", 2), Step("push", 1)))]
    rows = []
    for message in range(12):
        at = 100 + int(draw.integers(0, 4))
        rows.append((at, 2, (message, message % 3, int(draw.integers(0, 2)))))
        for _ in range(int(draw.integers(0, 4))):
            kind, channel = int(draw.integers(0, 9)), int(draw.integers(0, 2))
            rows.append((at + int(draw.integers(0, 3)), 0, (message, channel, kind)))
    rows.sort(key=lambda row: row[:2])
    want = _fed(plans, [rows])
    at = draw.choice(len(rows), 3, replace=False)
    assert _fed(plans, [rows[a:b] for a, b in zip([0, *sorted(at)], [*sorted(at), None],
                                                  strict=True)]) == want  # fmt: skip


def _fed(plans: list[CascadePlan], batches: list[list[Any]]) -> Any:
    """Return what comes of batches of rows (second, 0 for receipts and 2 for starts, values)."""
    engine = CascadeEngine(plans)
    answers = []
    for rows in batches:
        begins = [(at, *row) for at, table, row in rows if table == 2]
        came = [(at, *row) for at, table, row in rows if table == 0]
        names = ("at", "message", "profile", "plan"), ("at", "message", "channel", "kind")
        tables = [
            dict(zip(words, map(list, zip(*values, strict=True)), strict=True)) if values else None
            for words, values in zip(names, (begins, came), strict=True)
        ]
        answers.append(engine.feed(*tables))
    answers.append(engine.finish())
    rejected = sorted(row for a in answers for row in a.rejected.to_frame().to_numpy().tolist())
    work = {name: sum(a.work[name] for a in answers) for name in answers[0].work}
    return sorted(sent(*answers)), ended(*answers), rejected, work


@pytest.mark.parametrize("before", [(), ("processed",), ("deferred",)])
@pytest.mark.parametrize("kinds", [("bounce",), ("dropped",), ("dropped", "bounce")])
def test_a_failed_send_falls_back_at_once(before: tuple[str, ...], kinds: tuple[str, ...]) -> None:
    engine = one()
    rows = [(150, 0, "push", kind) for kind in before]
    rows += [(160 + i, 0, "push", kind) for i, kind in enumerate(kinds)]
    a = engine.feed(start(), receipts(*rows), until=200)
    assert sent(a) == [(100, 0, 0), (160, 0, 1)]


def test_skipped_failed_and_aborted_are_different() -> None:
    engine = one(policy=ContactPolicy(caps=(Cap(1, DAY),)))
    starts = {
        "at": [10, 20, 30],
        "message": [0, 1, 2],
        "profile": [0, 1, 1],
        "usable": [0, 3, 3],
    }
    a = engine.feed(starts)
    b = engine.finish()
    got = {m: row[:2] for m, row in ended(a, b).items()}
    assert got == {
        0: ("skipped", "no_channel"),
        1: ("aborted", "frequency_capped"),  # its fallback found the cap full
        2: ("aborted", "frequency_capped"),
    }
    engine = one()
    assert ended(engine.feed(start()), engine.finish())[0][:2] == ("failed", "exhausted")


def test_the_higher_priority_gets_the_last_send() -> None:
    low = CascadePlan("low", (Step("push", HOUR),), priority=1)
    high = CascadePlan("high", (Step("push", HOUR),), priority=2)
    policy = ContactPolicy(caps=(Cap(1, DAY),), tick_s=900)
    engine = CascadeEngine([low, high], policy)
    rows = {"at": [10, 20], "message": [0, 1], "profile": [0, 0], "plan": ["low", "high"]}
    assert sent(engine.feed(rows), engine.finish()) == [(900, 1, 0)]


def test_quiet_hours_hold_over_the_change_of_clocks() -> None:
    berlin = Zone.named("Europe/Berlin", 2024, 2027)
    policy = ContactPolicy(quiet_from_s=21 * HOUR, quiet_to_s=8 * HOUR, zones=(berlin,))
    for evening in ("2025-03-29", "2025-10-25", "2025-06-01"):
        at = pd.Timestamp(f"{evening} 22:00", tz="Europe/Berlin")
        engine = one(policy=policy)
        a = engine.feed(start(int(at.timestamp())))
        got = [s[0] for s in sent(a, engine.finish())]
        morning = pd.Timestamp(f"{evening} 08:00", tz="Europe/Berlin") + pd.DateOffset(days=1)
        assert got[0] == int(morning.timestamp())


def test_a_calendar_day_is_the_local_one() -> None:
    zone = Zone("late", (0,), (-6 * HOUR,))
    engine = one(CascadePlan("p", (Step("push", 1),)), ContactPolicy(caps=(Cap(1),), zones=(zone,)))
    at = [DAY + HOUR, DAY + 5 * HOUR, DAY + 6 * HOUR]  # 19:00, 23:00 and midnight
    a = engine.feed({"at": at, "message": [0, 1, 2], "profile": [0, 0, 0]})
    assert [s[1] for s in sent(a, engine.finish())] == [0, 2]


def test_consent_withdrawn_in_the_middle() -> None:
    engine = one()
    a = engine.feed(start(), signals=signals(200, "withdraw", channel=1))
    assert ended(a, engine.finish()) == {0: ("failed", "exhausted", 100 + HOUR)}
    engine = one()
    a = engine.feed(start(), signals=signals(200, "stop_all"))
    assert ended(a, engine.finish()) == {0: ("aborted", "suppressed", 100 + HOUR)}
    engine = one()
    a = engine.feed(start(), signals=signals(200, "converted"))
    assert ended(a, engine.finish()) == {0: ("aborted", "converted", 100 + HOUR)}


def test_unsubscribing_twice_counts_once() -> None:
    engine = one(CascadePlan("p", (Step("push", 5),)))
    engine.feed(start(), receipts((101, 0, "push", "unsubscribe")))
    engine.feed(signals=signals(200, "give", channel=0))
    engine.feed(receipts=receipts((300, 0, "push", "unsubscribe")))
    a = engine.feed(start(400, 1), until=500)
    assert sent(a) == [(400, 1, 0)]


def test_a_full_cap_that_defers() -> None:
    """Two newsletters within a week of one another: the second waits until the week is over."""
    plan = CascadePlan("p", (Step("email", DAY),))
    engine = one(plan, ContactPolicy(caps=(Cap(1, 7 * DAY, defers=True),)))
    both = {"at": [100, 200], "message": [0, 1], "profile": [0, 0]}
    answers = engine.feed(both), engine.finish()
    assert sent(*answers) == [(100, 0, 0), (100 + 7 * DAY, 1, 0)]
    assert sum(a.work["releases"] for a in answers) == 1


def test_a_cap_by_day_defers_to_the_next_local_day() -> None:
    plan = CascadePlan("p", (Step("email", DAY),))
    zone = Zone("east", (0,), (HOUR,))
    engine = one(plan, ContactPolicy(caps=(Cap(1, defers=True),), zones=(zone,)))
    both = {"at": [100, 200], "message": [0, 1], "profile": [0, 0]}
    assert sent(engine.feed(both), engine.finish()) == [(100, 0, 0), (23 * HOUR, 1, 0)]


def test_a_deferred_message_may_expire_and_one_strict_cap_ends_it() -> None:
    both = {"at": [100, 200], "message": [0, 1], "profile": [0, 0]}
    week = Cap(1, 7 * DAY, defers=True)
    for plan, caps in [
        (CascadePlan("p", (Step("email", DAY),), expires_after_s=6 * DAY), (week,)),
        (CascadePlan("p", (Step("email", DAY),)), (week, Cap(1, DAY))),
    ]:
        engine = one(plan, ContactPolicy(caps=caps))
        got = ended(engine.feed(both), engine.finish())
        assert got[1] == ("aborted", "frequency_capped", 200)


def test_transactional_messages_are_outside_the_caps() -> None:
    plans = [CascadePlan(name, (Step("email", DAY),), capped=name == "news") for name in
             ("news", "receipt")]  # fmt: skip
    engine = CascadeEngine(plans, ContactPolicy(caps=(Cap(1, 7 * DAY),)))
    table = {"at": [100, 200, 300, 400], "message": [0, 1, 2, 3], "profile": [0] * 4}
    answers = engine.feed(table | {"plan": ["receipt", "news", "receipt", "news"]}), engine.finish()
    assert [message for _, message, _ in sent(*answers)] == [0, 1, 2]


@pytest.mark.parametrize("suppress", [False, True])
def test_an_address_that_bounced_is_not_written_to_again(suppress: bool) -> None:
    plan = CascadePlan("p", (Step("email", DAY),))
    engine = one(plan, ContactPolicy(suppress_bounced=suppress))
    three = {"at": [100, 200, 400], "message": [0, 1, 2], "profile": [0] * 3}
    answers = (
        engine.feed(three, receipts((150, 0, "email", "bounce")), signals(300, "give")),
        engine.finish(),
    )
    assert [message for _, message, _ in sent(*answers)] == ([0, 2] if suppress else [0, 1, 2])


def test_the_control_group_gets_nothing() -> None:
    engine = one(control=[0])
    a = engine.feed(start())
    b = engine.finish()
    assert not sent(a, b)
    assert ended(a, b)[0][:2] == ("aborted", "control_group")


def test_held_past_its_end() -> None:
    plan = CascadePlan("p", (Step("push", HOUR),), expires_after_s=HOUR)
    engine = one(plan, ContactPolicy(quiet_from_s=0, quiet_to_s=8 * HOUR))
    assert ended(engine.feed(start()), engine.finish())[0] == ("aborted", "quiet_hours", 100)


@given(st.integers(0, 3), st.lists(st.integers(0, 100), max_size=12))
def test_any_cut_of_a_stream_gives_the_same(seed: int, cuts: list[int]) -> None:
    stream = make_stream(150, seed)
    whole = CascadeEngine(PLANS, POLICY, control=stream.control)
    tables = (stream.starts, stream.receipts, stream.signals)
    end = stream.until
    want = [whole.feed(*tables, until=end), whole.finish()]
    parts = CascadeEngine(PLANS, POLICY, control=stream.control)
    begin = int(min(t["at"][0] for t in tables))
    edges = sorted({begin + (end - begin) * cut // 100 for cut in cuts} | {end})
    got, low = [], 0
    shuffle = np.random.default_rng(seed)
    for high in edges:
        batch = []
        for table in tables:
            rows = (table["at"] >= low) & (table["at"] < high)
            # No two rows of a profile share a second where order would matter.
            order = shuffle.permutation(int(rows.sum()))
            order = order[np.argsort(np.flatnonzero(rows)[order], kind="stable")]
            batch.append({name: column[rows][order] for name, column in table.items()})
        got.append(parts.feed(*batch, until=high))
        low = high
    got.append(parts.finish())
    assert sorted(sent(*got)) == sorted(sent(*want))
    assert ended(*got) == ended(*want)
    for name in want[0].work:
        assert sum(a.work[name] for a in got) == sum(a.work[name] for a in want), name


def _laid_out(table: dict[str, Any], how: str) -> dict[str, Any]:
    names, columns = list(table), [np.asarray(v, dtype=np.int64) for v in table.values()]
    rows = np.stack(columns, axis=1)  # a row's numbers lie together
    if how == "rows":
        laid = list(rows.T)
    elif how == "backwards":
        laid = [np.ascontiguousarray(column[::-1])[::-1] for column in columns]
    elif how == "falling":  # later rows first, in rows
        laid = list(np.ascontiguousarray(rows[::-1]).T)
    elif how == "mixed":
        laid = [column if i % 2 else rows[:, i] for i, column in enumerate(columns)]
    elif how == "every third":
        laid = [np.repeat(column, 3)[::3] for column in columns]
    elif how == "narrow":
        laid = [np.repeat(column.astype(np.int32), 2)[::2] for column in columns]
    else:
        laid = list(rows.T)
        for column in laid:
            column.flags.writeable = False
    return dict(zip(names, laid, strict=True))


@pytest.mark.parametrize(
    "how", ["rows", "backwards", "falling", "mixed", "every third", "narrow", "read-only"]
)
def test_the_layout_of_columns_does_not_matter(how: str) -> None:
    stream = make_stream(300)
    answers = []
    for lay in (False, True):
        engine = CascadeEngine(PLANS, POLICY)
        tables: list[dict[str, Any]] = [stream.starts, stream.receipts, stream.signals]
        if how == "falling":  # what comes in the same second keeps its order only here
            tables = [{k: v[np.unique(t["at"], return_index=True)[1]] for k, v in t.items()}
                      for t in tables]  # fmt: skip
        answers.append(engine.feed(*[_laid_out(t, how) if lay else t for t in tables]))
    plain, laid = (a.in_time_order() for a in answers)
    assert len(plain.sends) > 100
    assert plain.work == laid.work
    assert plain.sends.to_frame(list("abcde")).equals(laid.sends.to_frame(list("abcde")))
    assert plain.finals.to_frame().equals(laid.finals.to_frame())


def test_steps_beyond_the_first_eight_channels() -> None:
    names = [f"c{i}" for i in range(24)]
    plans = [
        CascadePlan(str(i), tuple(Step(name, 60) for name in names[i : i + 8])) for i in (0, 8, 16)
    ]
    engine = CascadeEngine(plans)
    usable = engine.mask(["c6", "c9", "c15", "c22"])
    table = {"at": [0, 0, 0], "message": [0, 1, 2], "profile": [0, 1, 2], "plan": [0, 1, 2]}
    first = engine.feed({**table, "usable": [usable] * 3}, until=1)
    assert sorted(zip(first.sends.message, first.sends.step, strict=True)) == [
        (0, 6), (1, 1), (2, 6),
    ]  # fmt: skip
    rest = engine.feed(signals=signals(30, "withdraw", profile=1, channel=15), until=1000)
    assert len(rest.sends) == 0  # c15 was left for message 1 until its consent went


def test_many_messages_of_one_profile() -> None:
    n = 3000  # more than the first room for open messages and for sends
    engine = one()
    a = engine.feed({"at": np.arange(n), "message": np.arange(n), "profile": np.zeros(n, int)})
    b = engine.finish()
    assert len(a.sends) + len(b.sends) == 2 * n
    assert sorted(ended(a, b)) == list(range(n))


def test_profiles_far_apart_in_time_wake() -> None:
    plan = CascadePlan("slow", (Step("push", 40 * DAY), Step("sms", 1)))
    n = 50
    engine = one(plan)
    engine.feed({"at": DAY * np.arange(n), "message": np.arange(n), "profile": np.arange(n)})
    times = []
    for day in range(n, 2 * n):
        times += [s[0] for s in sent(engine.feed(until=DAY * day)) if s[2] == 1]
    assert times == [DAY * (40 + i) for i in range(n) if n <= 41 + i]


BAD = [
    ("at is missing", {"message": [1], "profile": [1]}),
    ("unknown column 'massage'", {"at": [1], "message": [1], "profile": [1], "massage": [1]}),
    ("whole numbers", {"at": [1.5], "message": [1], "profile": [1]}),
    ("row 1", {"at": [1.0, np.nan], "message": [1, 2], "profile": [1, 1]}),
    ("2 rows", {"at": [1], "message": [1, 2], "profile": [1]}),
    ("one dimension", {"at": [[1]], "message": [1], "profile": [1]}),
    ("whole numbers", {"at": [1], "message": ["x"], "profile": [1]}),
    ("64-bit", {"at": np.array([2**63], np.uint64), "message": [1], "profile": [1]}),
    ("whole numbers", {"at": np.array(["2025"], "M8[s]"), "message": [1], "profile": [1]}),
    ("dense", {"at": [1], "message": [10**9], "profile": [1]}),
    ("dense", {"at": [1], "message": [1], "profile": [10**12]}),
    ("34 years", {"at": [1, 2**31], "message": [1, 2], "profile": [1, 1]}),
    ("columns by name", 7),
]


@pytest.mark.parametrize(("words", "table"), BAD)
def test_a_bad_table_is_an_error_and_leaves_the_state(words: str, table: object) -> None:
    engine = one()
    engine.feed(start(1, 5), until=2)
    for kind in ("starts", "receipts", "signals"):
        if kind != "starts" and not isinstance(table, int):
            continue
        with pytest.raises((DataError, CapacityError)) as error:
            engine.feed(**{kind: table})  # type: ignore[arg-type]
        assert words in str(error.value) or "missing" in str(error.value)
        assert "\n" not in str(error.value)
    assert engine.clock == 2
    assert engine.outcomes().message.tolist() == [5]
    again = engine.feed(start(3, 1), until=4)
    assert len(again.sends) == 1
    assert not again.rejected.counts()


def test_rows_that_cannot_be_are_counted_and_the_rest_goes_on() -> None:
    engine = one()
    engine.feed(start(100, 0), until=150)
    a = engine.feed(
        {
            "at": [200, 200, -1, 200, 200, 10, 1 << 50],
            "message": [1, 0, 2, 3, -4, 5, 6],
            "profile": [0, 0, 0, 0, 0, 0, 0],
            "plan": [0, 0, 0, 9, 0, 0, 0],
        },
        receipts(
            (160, 0, "push", "open"),
            (160, 77, "push", "open"),
            (160, 0, "fax", "open"),
            (160, 0, "push", "opened"),
            (160, 0, "sms", "open"),
            (10, 0, "push", "click"),
        ),
        {"at": [170, 170], "profile": [-1, 0], "kind": ["give", "forget"]},
    )
    assert a.rejected.counts() == {
        "bad_value": 8,
        "time_backwards": 2,
        "duplicate_message": 1,
        "unknown_message": 1,
        "not_sent": 1,
    }
    assert len(a.rejected) == a.work["rejected"] == len(a.rejected.to_frame())
    assert ended(a)[0][0] == "succeeded"
    assert engine.outcomes().message.tolist() == [0, 1]


def test_until_must_not_lie_before_a_row() -> None:
    engine = one()
    with pytest.raises(DataError, match="last row"):
        engine.feed(start(100), until=99)
    engine.feed(start(100), until=200)
    with pytest.raises(DataError, match="the clock"):
        engine.feed(until=199)
    assert engine.clock == 200
    for wrong in (200.5, True, "201", np.nan):
        with pytest.raises(DataError, match="whole seconds"):
            engine.feed(until=wrong)  # type: ignore[arg-type]
    assert engine.feed(until=np.int64(201)).work["sends"] == 0


@pytest.mark.parametrize(
    "make",
    [
        lambda: Step("push", 0),
        lambda: Step("push", 5, "open"),
        lambda: Step("push", True),
        lambda: CascadePlan("p", ()),
        lambda: CascadePlan("p", (Step("a", 1), Step("a", 1))),
        lambda: CascadePlan("p", (Step("a", 1),), priority=256),
        lambda: CascadePlan("p", (Step("a", 1),), expires_after_s=-1),
        lambda: Cap(0),
        lambda: Cap(1, -1),
        lambda: Zone("z", (0, 5, 5), (0, 0, 0)),
        lambda: Zone("z", (0,), (0, 1)),
        lambda: Zone("z", (0,), (2 * DAY,)),
        lambda: Zone.named("Europe/Berlim"),
        lambda: ContactPolicy(quiet_from_s=0, quiet_to_s=DAY - 1),
        lambda: ContactPolicy(tick_s=0),
        lambda: ContactPolicy(zones=()),
        lambda: CascadeEngine([]),
        lambda: CascadeEngine([TWO, TWO]),
        lambda: CascadeEngine([TWO], ContactPolicy(quiet_channels=("puhs",))),
        lambda: one().mask(["puhs"]),
        lambda: one(control=[-1]),
        lambda: one().outcomes([3]),
    ],
)
def test_each_check_fires(make: Any) -> None:
    with pytest.raises(OmnilabError) as error:
        make()
    assert "\n" not in str(error.value)


def test_the_nearest_name_is_told() -> None:
    with pytest.raises(OptionError, match="did you mean 'push'"):
        one().mask(["puhs"])
