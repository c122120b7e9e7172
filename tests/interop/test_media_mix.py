"""The media mix model: it finds what was planted, and takes demand for an effect where they go
together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from omnilab.errors import DataError
from omnilab.interop.media_mix import _adstock, _effects, _stock, media_mix

WEEKS, HEADS = 60, 500
MAIL = 0.04


def media(
    seed: int = 1, towns: int = 12, *, carried: float = 0.3, follows: float = 0.0,
    weeks: int = WEEKS, post: float = 0.0,
) -> tuple[pd.DataFrame, dict[str, float]]:  # fmt: skip
    """Return a table as exports have it, and the orders of the last half that each channel brings.

    ``follows``: how far what is sent answers to the demand of the town's week.
    """
    rng = np.random.default_rng(seed)
    planted = {"mail": MAIL, "post": post}
    demand = rng.gamma(4.0, 0.01, (towns, weeks)) + rng.uniform(0.0, 0.03, (towns, 1))
    shown = {n: rng.gamma(2.0, 0.5, (towns, weeks)) + follows * demand for n in planted}
    stock = {n: _adstock(x[None], carried)[0] for n, x in shown.items()}
    orders = demand + sum(planted[n] * stock[n] for n in planted)
    late = slice(weeks // 2, None)
    truth = {n: float(planted[n] * stock[n][:, late].sum() * HEADS) for n in planted}
    frame = pd.DataFrame({
        "time": np.tile(pd.date_range("2024-01-01", periods=weeks, freq="7D").astype(str), towns),
        "geo": np.repeat([f"town_{i}" for i in range(towns)], weeks),
        "kpi": (orders * HEADS).ravel(), "revenue_per_kpi": 1.0, "population": HEADS,
        "mail_impression": (shown["mail"] * HEADS).ravel(),
        "post_reach": float(HEADS), "post_frequency": shown["post"].ravel(),
    })  # fmt: skip
    return frame, truth


@pytest.mark.parametrize("towns", [12, 1])
def test_it_finds_what_was_planted(towns: int) -> None:
    frame, truth = media(towns=towns)
    found = media_mix(frame, 7.0 * WEEKS / 2).set_index("channel")
    assert list(found.index) == ["mail", "post"]
    mail, post = found.loc["mail"], found.loc["post"]
    # One town of sixty weeks leaves an error of about a tenth.
    assert mail["orders"] == pytest.approx(truth["mail"], rel=0.05 if towns > 1 else 0.35)
    if towns > 1:
        assert mail["low"] < truth["mail"] < mail["high"]
    assert post["low"] == 0.0
    assert post["orders"] < 0.1 * truth["mail"]


def test_messages_that_follow_demand_take_its_credit() -> None:
    frame, truth = media(follows=80.0)
    found = media_mix(frame, 7.0 * WEEKS / 2).set_index("channel")
    assert found.loc["post", "low"] > truth["post"] == 0.0


def test_it_counts_the_window_alone() -> None:
    frame, _ = media()
    half, whole = (media_mix(frame, 7.0 * w)["orders"][0] for w in (WEEKS / 2, WEEKS))
    assert half == pytest.approx(whole / 2, rel=0.1)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_with_saturation_it_finds_what_saturates(seed: int) -> None:
    """Planted: half of the most at 0.8 of the usual; a straight line through that is off."""
    rng = np.random.default_rng(seed)
    towns, usual = 12, 1.0
    shown = rng.gamma(1.0, usual, (1, towns, WEEKS))
    stock = _stock(shown, 0.3, 0.8)[0]
    orders = rng.gamma(4.0, 0.005, (towns, WEEKS)) + 0.1 * stock
    frame = pd.DataFrame({
        "time": np.tile(pd.date_range("2024-01-01", periods=WEEKS, freq="7D").astype(str), towns),
        "geo": np.repeat([f"town_{i}" for i in range(towns)], WEEKS),
        "kpi": (orders * HEADS).ravel(), "revenue_per_kpi": 1.0, "population": HEADS,
        "mail_impression": (shown[0] * HEADS).ravel(),
    })  # fmt: skip
    truth = float(0.1 * stock[:, WEEKS // 2 :].sum() * HEADS)
    bent, straight = (
        media_mix(frame, 7.0 * WEEKS / 2, saturates=saturates).iloc[0]
        for saturates in (True, False)
    )
    assert bent["orders"] == pytest.approx(truth, rel=0.08)
    assert bent["low"] < truth < bent["high"]
    assert straight["orders"] < 0.8 * truth


def test_what_saturates_is_half_at_its_half() -> None:
    shown = np.array([[[0.0, 1.0, 2.0, 8.0]], [[0.0, 0.0, 0.0, 0.0]]])
    found = _stock(shown, 0.0, 0.5)
    assert found[0, 0] == pytest.approx([0.0, 0.5, 2 / 3, 8 / 9])  # in medians 0, 0.5, 1 and 4
    assert not found[1].any()
    assert _stock(shown, 0.0, None) == pytest.approx(shown)


def test_few_weeks_are_refused() -> None:
    frame, _ = media(weeks=11)
    with pytest.raises(DataError, match="takes 12 weeks at least, there are 11"):
        media_mix(frame, 70.0)


def test_without_shrinkage_it_is_least_squares_with_effects_of_towns_and_weeks() -> None:
    """The table is read by statsmodels' formulas as it is."""
    formulas = pytest.importorskip("statsmodels.formula.api")
    frame, _ = media(post=0.02)  # neither estimate is below 0, where the model lets none be
    frame["post_impression"] = frame["post_reach"] * frame["post_frequency"]
    said = formulas.wls(
        "I(kpi / population) ~ I(mail_impression / population) + I(post_impression / population)"
        " + C(geo) + C(time)", frame, weights=frame["population"],
    ).fit()  # fmt: skip
    shape = (12, WEEKS)

    def a_head(column: str) -> Any:
        return (frame[column] / HEADS).to_numpy(float).reshape(shape)

    shown = np.array([a_head("mail_impression"), a_head("post_impression")])
    found = _effects(a_head("kpi"), shown, np.full(12, float(HEADS)), np.arange(WEEKS), 1e-12)
    wanted = said.params[["I(mail_impression / population)", "I(post_impression / population)"]]
    assert found == pytest.approx(wanted.to_numpy(), abs=1e-6)
