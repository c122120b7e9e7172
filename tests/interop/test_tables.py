"""Tables of an export against the log that they are made of, and against naive models."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from omnilab.attribution.paths import Path as TouchPath
from omnilab.attribution.paths import Touch
from omnilab.errors import DataError
from omnilab.identity import resolve_file
from omnilab.interop import arms, mmm, paths, records, repeat_purchase
from omnilab.interop.events import segment_events
from omnilab.interop.kinds import mean_truth
from omnilab.interop.receipts import receipts
from omnilab.interop.trial import experiment_table, uplift_table
from tests.interop.building import PEOPLE, source

HOUR = 3600


def walk(*sources: str, orders: int = 0, revenue: int = 0) -> TouchPath:
    touches = tuple(Touch(i * HOUR, s) for i, s in enumerate(sources))
    return TouchPath(touches, len(sources) * HOUR, orders, revenue)


WALKS = [
    walk("ad", "web", orders=1, revenue=1250), walk("ad", "web"),
    walk("ad", "web", orders=1, revenue=750), walk("web"), walk(orders=1, revenue=99),
]  # fmt: skip


def test_paths_are_counted_by_their_sources() -> None:
    found = paths.channel_attribution(WALKS)
    assert found.to_dict("list") == {
        "path": ["ad > web", "web"], "total_conversions": [2, 0],
        "total_conversion_value": [20.0, 0.0], "total_null": [1, 1],
    }  # fmt: skip
    assert list(paths.fractribution(WALKS)) == [
        "transformedPath", "conversions", "nonConversions", "revenue",
    ]  # fmt: skip
    first = paths.journeys(WALKS).iloc[0]
    assert list(first) == [0, "ad > web", "2.000 > 1.000", True, 12.5]


def test_paths_without_an_order_are_refused() -> None:
    with pytest.raises(DataError, match="no order has a touch"):
        paths.channel_attribution([walk("web"), walk(orders=1)])


def test_every_order_with_a_touch_is_in_a_path() -> None:
    life = source().life
    known = sum(p.orders for p in life.paths if p.touches)
    assert paths.channel_attribution(life.paths)["total_conversions"].sum() == known > 0
    orders = life.within("orders", source().lives.switch, source().lives.end)
    assert sum(p.orders for p in life.paths) == len(orders)


@pytest.mark.parametrize("town", [None, 20])
def test_media_add_up_to_the_log(town: int | None) -> None:
    made = source() if town is None else source(population=(("town", town),))
    lives, life = made.lives, made.life
    found = mmm.meridian(lives, life)
    end = lives.end // mmm.WEEK * mmm.WEEK
    sends = life.within("sends", 0, end)
    orders = life.within("orders", 0, end)
    assert found["kpi"].sum() == len(orders)
    assert (found["kpi"] * found["revenue_per_kpi"]).sum() == pytest.approx(
        orders["paid"].sum() / 100
    )
    assert found["email_spend"].sum() == pytest.approx(sends["cost"].sum() / 100_000)
    assert found["email_impression"].sum() == len(life.within("delivered", 0, end))
    geos = found.groupby("geo")["population"].first()
    assert geos.sum() == PEOPLE
    assert list(geos.index) == ["national_geo"] if town is None else len(geos) > 1
    assert not found.duplicated(["time", "geo"]).any()
    days = pd.to_datetime(found["time"]).drop_duplicates()
    assert (days.diff().dropna() == pd.Timedelta(days=7)).all()
    columns = mmm.meridian_columns(found)
    assert columns["media"] == ["email_impression"]
    assert columns["media_spend"] == ["email_spend"]
    whole = mmm.robyn(lives, life)
    assert whole["revenue"].sum() == pytest.approx(orders["paid"].sum() / 100)
    assert list(whole.columns[2:]) == ["email_S", "email_I", "email_clicks_P"]


def test_each_customer_is_seen_in_one_of_two_lives() -> None:
    made = source()
    trial = made.trial
    for treated in (trial.randomised, trial.targeted):
        table = uplift_table(trial, treated)
        both = np.where(treated == 1, trial.y1["conversion"], trial.y0["conversion"])
        assert (table["y"] == both).all()
        assert (table["tau"] == trial.y1["conversion"] - trial.y0["conversion"]).all()
    assert 0.2 < trial.randomised.mean() < 0.8
    sent = made.life.within("sends", made.lives.switch, made.lives.end)["person"]
    assert set(np.flatnonzero(trial.targeted)) == set(sent)
    control = made.lives.lives["no_contact"]
    bought = control.within("orders", made.lives.switch, made.lives.end)
    assert trial.y0["orders"].sum() == len(bought)
    assert trial.y0["revenue"].sum() == pytest.approx(bought["paid"].sum() / 100)


def test_features_know_nothing_of_the_window() -> None:
    """They are the same whatever strategy is treated: the status quo was before."""
    from omnilab.interop.trial import features

    lives = source().lives
    one, other = (features(lives, life) for life in lives.lives.values())
    pd.testing.assert_frame_equal(one, other)
    assert one["visits_web"].sum() > 0
    assert (one["days_since_visit"] <= lives.switch / 86400).all()


def test_the_truth_of_a_trial_is_the_mean_of_all() -> None:
    trial = source().trial
    found = mean_truth(trial).set_index("outcome")
    assert found.loc["orders", "truth"] == pytest.approx(
        (trial.y1["orders"].sum() - trial.y0["orders"].sum()) / PEOPLE
    )
    one = trial.y1["orders"][trial.randomised == 1].mean()
    zero = trial.y0["orders"][trial.randomised == 0].mean()
    assert found.loc["orders", "difference"] == pytest.approx(one - zero)
    assert found["inside"].all()
    table = experiment_table(source().lives, trial, source().life)
    assert list(table)[:2] == ["user", "variant"]
    assert table["orders"].sum() == trial.seen(trial.randomised)["orders"].sum()


def test_a_summary_is_that_of_a_naive_count() -> None:
    lives, life = source().lives, source().life
    bought = repeat_purchase.transactions(lives, life)
    found = repeat_purchase.summary(lives, bought).set_index("customer_id")
    end = pd.Timestamp(lives.scenario.time.start) + pd.Timedelta(
        seconds=repeat_purchase.cut_of(lives)
    )
    repeaters = 0
    for who, rows in bought.groupby("customer_id"):
        days: dict[pd.Timestamp, float] = {}
        for when, value in zip(pd.to_datetime(rows["datetime"]), rows["value"], strict=True):
            days[when.normalize()] = days.get(when.normalize(), 0.0) + value
        first, *later = sorted(days)
        repeaters += bool(later)
        row = found.loc[who]
        assert row["frequency"] == len(later)
        assert row["recency"] == ((later[-1] - first).days if later else 0)
        assert row["T"] == (end - pd.Timedelta(days=1) - first).days
        mean = sum(days[d] for d in later) / len(later) if later else 0.0
        assert row["monetary_value"] == pytest.approx(mean)
    assert repeaters > 2
    after = repeat_purchase.future(lives, life, found.index)
    assert (after["value"] >= 0).all()
    assert after["orders"].sum() > 0


def test_clean_identifiers_tell_persons_apart_and_dirty_ones_are_those_of_the_log() -> None:
    lives, life = source().lives, source().life
    clean, dirty = (records.records(lives, life, clean=c) for c in (True, False))
    assert (clean["cluster"] == dirty["cluster"]).all()
    for kind in ("cookie", "email"):
        assert clean[kind].notna().equals(dirty[kind].notna())
        assert clean.groupby(kind)["cluster"].nunique().max() == 1
        assert clean.groupby("cluster")[kind].nunique().max() == 1
        codes = life.shown[life.shown["time"] < lives.end].groupby("code")["person"]
        shares = sorted(codes.nunique()[codes.nunique() > 1])
        assert len(shares) == sum(
            int((dirty.groupby(k)["cluster"].nunique() > 1).sum()) for k in ("cookie", "email")
        )
    assert records.membership(clean).index.name == "unique_id"


def test_receipts_as_measured_and_as_they_were() -> None:
    lives, life = source().lives, source().life
    told, true = (receipts(lives, life, clean=c) for c in (False, True))
    assert (true["event"] == "open").sum() == len(life.within("opens", lives.switch, lives.end))
    machine = life.within("machine_opens", lives.switch, lives.end)
    opens = life.within("opens", lives.switch, lives.end)
    seen = (opens["receipt"] == 0).sum() + (machine["receipt"] == 0).sum()
    assert (told["event"] == "open").sum() == seen
    assert set(told["event"]) <= {"processed", "delivered", "bounce", "open", "click"}
    sent = told[told["event"] == "processed"]
    assert sent["message_id"].is_unique


def test_a_bandit_log_is_consistent_and_weighs_back_to_the_truth() -> None:
    found = arms.feedback(source().lives)
    n, k = PEOPLE, 2
    assert found["context"].shape[0] == found["n_rounds"] == n
    assert found["pi_b"].shape == (n, k, 1)
    assert np.allclose(found["pi_b"].sum(axis=1), 1.0)
    rounds = np.arange(n)
    assert (found["pscore"] == found["pi_b"][rounds, found["action"], 0]).all()
    assert (found["reward"] == found["expected_reward"][rounds, found["action"]]).all()
    for arm in range(k):
        weighed = (found["action"] == arm) / found["pi_b"][:, arm, 0] * found["reward"]
        error = weighed.std(ddof=1) / np.sqrt(n)
        assert abs(weighed.mean() - found["expected_reward"][:, arm].mean()) < 4 * error


def test_events_are_read_by_the_identity_core(tmp_path: Path) -> None:
    lives, life = source().lives, source().life
    lines, truth = segment_events(lives, life)
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = resolve_file(file, tmp_path / "profiles.parquet")
    assert (result.n_rows, result.n_without) == (len(lines), 0)
    calls = [json.loads(line) for line in lines]
    assert [c["messageId"] for c in calls] == list(truth["messageId"])
    assert [c["timestamp"] for c in calls] == sorted(c["timestamp"] for c in calls)
    orders = life.tables["orders"]
    orders = orders[orders["time"] < lives.end]
    tracks = [c for c in calls if c["type"] == "track"]
    assert sum(c["properties"]["revenue"] for c in tracks) == pytest.approx(
        orders["paid"].sum() / 100
    )
    assert all("anonymousId" in c or "userId" in c for c in calls)
