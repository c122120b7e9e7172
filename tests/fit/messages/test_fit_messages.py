"""A fit of message logs, held against logs of a known truth."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from omnilab.errors import DataError, OptionError
from omnilab.fit import spool
from omnilab.fit.messages import course
from omnilab.fit.messages.course import FittedMessages, fit_messages
from omnilab.fit.messages.delays import fit_delay
from omnilab.fit.messages.histories import histories_of
from omnilab.fit.messages.normal import MESSAGE
from omnilab.fit.messages.tally import DELAY_EDGES
from omnilab.fit.scenario import read_base
from tests.fit.messages.truth import Truth, as_events

TRUTH = Truth()


def fitted(path: Path, **more: Any) -> FittedMessages:
    return fit_messages(path, read_base(None), scenario_id="mine-v1", **{"check": False, **more})


@cache
def the_log() -> pd.DataFrame:
    return TRUTH.log()


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("messages") / "messages.parquet"
    the_log().to_parquet(path)
    return path


@pytest.fixture(scope="module")
def found(wide: Path) -> FittedMessages:
    return fitted(wide, check=True)


def test_the_truth_is_found_behind_a_team_that_writes_to_the_engaged(found: FittedMessages) -> None:
    r = found.responses
    assert r is not None
    assert r.exponent is not None
    email = r.channels[0]
    assert abs(r.sd - TRUTH.sd) < 3 * r.sd_se < 0.3
    assert abs(r.exponent - TRUTH.exponent) < 3 * r.exponent_se < 0.15
    assert abs(email.open - TRUTH.mean_open()) < 3.5 * email.open_se < 0.03
    # what a table by volume says instead: opens rise with volume, and are more than the mean's
    month = found.tally.by_month[0]
    rates = month[:5, 1] / month[:5, 0]
    assert rates[4] > 2 * rates[2]
    assert found.tally.named_rates(0, 0)["opened"][0] > email.open


def test_the_scenario_does_the_same_as_the_log(found: FittedMessages) -> None:
    """Nothing of the response depends on volume but fatigue, yet opens rise with it."""
    mine = found.simulated
    assert mine is not None
    theirs = found.tally
    for counted in (mine, theirs):
        month = counted.by_month[0]
        assert month[4, 1] / month[4, 0] > 1.8 * month[2, 1] / month[2, 0]
    volume = [t.weeks[0, :, 1] / t.weeks[0, :, 0] for t in (mine, theirs)]
    assert np.abs(volume[0] - volume[1]).max() < 0.3
    names = ("opened", "clicked")
    for name in names:
        a, b = (t.named_rates(0, 0)[name] for t in (mine, theirs))
        assert abs(a[0] - b[0]) < 4 * np.hypot(a[1], b[1]) + 0.015
    own = [t.by_own_rate[:, 1] / t.by_own_rate[:, 0] for t in (mine, theirs)]
    assert np.all(np.diff(own[0]) > 0)
    assert np.all(np.diff(own[1]) > 0)


def test_what_is_written(found: FittedMessages) -> None:
    email = next(c for c in found.scenario.channels if c.name == "email").message
    assert email is not None
    assert found.fitted["channels.email.message.open"][0] == pytest.approx(email.open, rel=1e-3)
    assert email.open_delay == pytest.approx(TRUTH.median_s, rel=0.1)
    assert email.open_sigma == pytest.approx(TRUTH.sigma, rel=0.05)
    assert email.opt_out == pytest.approx(TRUTH.opt_out, rel=0.3)
    assert email.delivered == pytest.approx(0.99, abs=0.003)
    weekly = [j for j in found.scenario.brand.journeys if j.trigger == "weekly"]
    splits = [j.steps[0].split for j in weekly]
    assert [s is not None and s.has == "answered" for s in splits] == [False, True, True]
    assert len(found.scenario.brand.journeys) == 3  # the log has no triggered message
    assert not set(found.fitted) & set(found.scenario.assumed)


def test_events_are_the_same_log(tmp_path: Path, found: FittedMessages) -> None:
    path = tmp_path / "events.csv"
    as_events(the_log()).to_csv(path, index=False)
    other = fitted(path)
    assert other.tally.n_messages == found.tally.n_messages
    assert np.array_equal(other.tally.rates, found.tally.rates)
    assert other.responses is not None
    assert found.responses is not None
    assert other.responses.sd == pytest.approx(found.responses.sd, rel=1e-6)


def test_parts_on_disk_are_the_same_log(
    monkeypatch: pytest.MonkeyPatch, wide: Path, found: FittedMessages
) -> None:
    monkeypatch.setattr(spool, "PART_ROWS", 5000)
    monkeypatch.setattr(course, "fit_responses", lambda *_, **__: None)
    other = fitted(wide).tally
    for name in ("rates", "by_month", "by_own_rate", "weeks", "opens_after", "out_by_weekly"):
        assert np.array_equal(getattr(other, name), getattr(found.tally, name)), name
    assert np.allclose(other.squares, found.tally.squares)


def test_mailshots_that_differ(tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    Truth(weeks=30, shot_sd=0.4, days=(0, 1, 2, 3, 4)).log().to_csv(path, index=False)
    other = fitted(path).spread
    assert other is not None
    assert abs(other[0] - 0.4) < 3 * other[1] < 0.25


def test_machines_are_told_by_who_opens_all_at_once(tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    truth = Truth(persons=800, machine=0.3)
    truth.log().to_csv(path, index=False)
    r = fitted(path).responses
    assert r is not None
    machine = r.channels[0].machine
    assert machine is not None
    assert abs(machine - 0.3) < 0.05
    assert abs(r.channels[0].open - truth.mean_open()) < 0.03


def test_histories_by_hand() -> None:
    day = 86400
    rows = np.zeros(5, MESSAGE)
    rows["person"] = [2, 1, 1, 1, 2]
    rows["sent"] = [0, 0, 7 * day, 40 * day, 3 * day]
    rows["opened"] = [-1, 100, -1, -1, 4 * day]
    rows["clicked"] = -1
    h = histories_of(rows, np.ones(1), 7.0 * day)
    assert h.person.tolist() == [0, 0, 0, 1, 1]
    assert h.month.tolist() == [0, 1, 0, 0, 1]
    assert h.answered.tolist() == [-1, 100, 100, -1, -1]
    e = np.exp
    pressures = [0, e(-1), (e(-1) + 1) * e(-33 / 7), 0, e(-3 / 7)]
    assert h.weekly == pytest.approx([p and 1 / np.log1p(1 / p) for p in pressures])


def test_a_delay_is_found_though_its_ends_are_cut() -> None:
    seconds = np.exp(np.random.default_rng(2).normal(np.log(30_000), 2.3, 40_000))
    delay = fit_delay(np.histogram(seconds, DELAY_EDGES)[0])
    assert delay is not None
    assert delay.median == pytest.approx(30_000, rel=0.08)
    assert delay.sigma == pytest.approx(2.3, rel=0.04)
    assert delay.settled == pytest.approx((seconds < 7 * 86400).mean(), abs=0.01)


def _broken(change: Any) -> pd.DataFrame:
    log = the_log().iloc[::3].copy()
    return change(log)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda log: log.drop(columns="client_id"), "no column of the role person"),
        (
            lambda log: log.drop(columns=["is_opened", "opened_first_time_at"]),
            "opened_at, is_opened",
        ),
        (lambda log: log.assign(channel="fax"), "channel 'fax' is none of the scenario's"),
        (lambda log: log.assign(is_clicked="perhaps"), "'perhaps' is neither yes nor no"),
        (lambda log: log[log["sent_at"] < "2023-12-01"], "covers 1"),
        (lambda log: log.assign(sent_at=None), "no message is left"),
        (lambda log: log.iloc[::60], "at least 1,000"),
    ],
)
def test_bad_logs(tmp_path: Path, change: Any, says: str) -> None:
    path = tmp_path / "messages.csv"
    _broken(change).to_csv(path, index=False)
    with pytest.raises(DataError, match=says) as error:
        fitted(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_names_that_are_given(tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    log = the_log().rename(columns={"client_id": "Wer"}).assign(channel="Newsletter")
    log.head(9000).to_csv(path, index=False)
    with pytest.raises(OptionError, match="did you mean 'person'"):
        fitted(path, columns={"persn": "Wer"})
    with pytest.raises(DataError, match="did you mean 'Wer'"):
        fitted(path, columns={"person": "Werr"})
    with pytest.raises(DataError, match="--channel Newsletter=NAME"):
        fitted(path, columns={"person": "Wer"})
    one = fitted(path, columns={"person": "Wer"}, words={"Newsletter": "email"})
    assert one.tally.n_messages > 1000
