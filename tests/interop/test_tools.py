"""Exports loaded in the tools that they are for, where these are installed."""

from __future__ import annotations

import warnings
from io import StringIO

import pandas as pd
import pytest

from omnilab.attribution.models import credit_of
from omnilab.interop import paths, records, repeat_purchase
from omnilab.interop.linkage_methods import splink_clusters
from omnilab.interop.trial import OUTCOMES, experiment_table, uplift_table
from tests.interop.building import source


def through_csv(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table as a tool reads it from the file."""
    return pd.read_csv(StringIO(frame.to_csv(index=False)))


def test_journeys_in_marketing_attribution_models() -> None:
    mam = pytest.importorskip("mam")
    life = source().life
    frame = through_csv(paths.journeys(life.paths))
    model = mam.MAM(
        frame, format_type="journey", channels_colname="channels_agg",
        journey_with_conv_colname="converted_agg",
        time_till_conv_colname="time_till_conv_agg", conversion_value_colname="conversion_value",
    )  # fmt: skip
    found = model.run_last_click().to_pandas()  # it gives credit for money
    tools = dict(zip(found.iloc[:, 0], found["attribution"], strict=True))
    for name, credit in credit_of([p for p in life.paths if p.touches], "last_click").items():
        assert tools.get(name, 0.0) == pytest.approx(credit.revenue / 100)


def test_removal_in_channel_attribution() -> None:
    tool = pytest.importorskip("ChannelAttribution")
    life = source().life
    frame = through_csv(paths.channel_attribution(life.paths))
    found = tool.markov_model(
        frame, "path", "total_conversions", var_value="total_conversion_value",
        var_null="total_null", flg_adv=False,
    )  # fmt: skip
    table = found["result"] if isinstance(found, dict) else found
    tools = dict(zip(table["channel_name"], table["total_conversions"], strict=True))
    ours = credit_of([p for p in life.paths if p.touches], "markov")
    for name, credit in ours.items():
        assert tools[name] == pytest.approx(credit.orders, rel=0.05, abs=0.1)


def test_an_experiment_in_tea_tasting() -> None:
    tt = pytest.importorskip("tea_tasting")
    made = source()
    frame = through_csv(experiment_table(made.lives, made.trial, made.life))
    metrics = {
        name: tt.Mean(name, covariate=f"{name}_covariate" if adjusted else None)
        for name in ("sessions", "orders", "revenue") for adjusted in (False,)
    }  # fmt: skip
    found = tt.Experiment(metrics).analyze(frame)
    for name in metrics:
        truth = float(made.trial.tau[name].mean())
        low, high = found[name].effect_size_ci_lower, found[name].effect_size_ci_upper
        assert low <= truth <= high, name
    adjusted = tt.Experiment({"orders": tt.Mean("orders", covariate="orders_covariate")})
    one = adjusted.analyze(frame)["orders"]
    assert one.effect_size_ci_lower <= made.trial.tau["orders"].mean() <= one.effect_size_ci_upper
    assert set(metrics) <= set(OUTCOMES)


def test_uplift_in_scikit_uplift() -> None:
    pytest.importorskip("sklift")
    from sklearn.linear_model import LogisticRegression
    from sklift.metrics import uplift_auc_score
    from sklift.models import TwoModels

    trial = source().trial
    frame = through_csv(uplift_table(trial, trial.randomised))
    x = frame[[c for c in frame if c.startswith("x_")]]
    model = TwoModels(LogisticRegression(max_iter=5000), LogisticRegression(max_iter=5000))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scores = model.fit(x, frame["y"], frame["treatment"]).predict(x)
    assert len(scores) == len(frame)
    area = uplift_auc_score(frame["y"], frame["tau"], frame["treatment"])
    assert area >= uplift_auc_score(frame["y"], -frame["tau"], frame["treatment"])


def test_a_summary_is_that_of_lifetimes() -> None:
    utils = pytest.importorskip("lifetimes.utils")
    made = source()
    bought = repeat_purchase.transactions(made.lives, made.life)
    ours = repeat_purchase.summary(made.lives, bought).set_index("customer_id")
    cut = pd.Timedelta(seconds=repeat_purchase.cut_of(made.lives)) - pd.Timedelta(days=1)
    theirs = utils.summary_data_from_transaction_data(
        through_csv(bought).assign(datetime=lambda f: pd.to_datetime(f["datetime"])),
        "customer_id", "datetime", "value",
        observation_period_end=pd.Timestamp(made.scenario.time.start) + cut,
    )  # fmt: skip
    pd.testing.assert_frame_equal(
        ours.sort_index(), theirs[list(ours.columns)].sort_index(), check_dtype=False,
        check_names=False,
    )  # fmt: skip


def test_records_in_splink() -> None:
    pytest.importorskip("splink")
    made = source()
    frame = through_csv(records.records(made.lives, made.life, clean=True))
    found = splink_clusters(frame)
    assert found["unique_id"].tolist() == frame["unique_id"].tolist()
    both = frame.assign(found=found["cluster"].to_numpy())
    assert both.groupby("found")["cluster"].nunique().max() == 1  # clean identifiers join nobody
    assert both["found"].nunique() < len(both)


def test_membership_in_er_evaluation() -> None:
    er = pytest.importorskip("er_evaluation")
    made = source()
    frame = through_csv(records.records(made.lives, made.life))
    truth = records.membership(frame)
    assert er.pairwise_precision(truth, truth) == 1.0
    every = pd.Series(0, index=truth.index)
    assert er.pairwise_recall(every, truth) == 1.0
