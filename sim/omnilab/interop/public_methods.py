"""Methods that everybody knows, tried on a bundle. They read its public part and nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from omnilab.attribution.models import credit_of
from omnilab.attribution.paths import Path as TouchPath
from omnilab.attribution.paths import Touch
from omnilab.errors import OptionError
from omnilab.fit.bgnbd import fit_bgnbd
from omnilab.fit.gamma_gamma import fit_gamma_gamma
from omnilab.fit.summary import Summary
from omnilab.interop.bundle import PUBLIC, Bundle
from omnilab.interop.linkage_methods import by_splink, has_splink
from omnilab.interop.media_mix import media_mix

__all__ = ["METHODS", "methods_of"]

_HOUR: Final = 3600
_IDS: Final = ("unique_id", "source_dataset", "timestamp")
#: The strongest first, for a method that believes one identifier.
_STRONG: Final = ("login", "email", "loyalty", "phone", "messenger", "social", "device", "cookie")
_LEAF: Final = 50  # customers of a leaf, and trees: plain choices, nothing was tuned
_TREES: Final = 100

Method = Callable[[Bundle], pd.DataFrame]


def _credit(model: str) -> Method:
    def method(bundle: Bundle) -> pd.DataFrame:
        journeys = bundle.table(PUBLIC, "journeys.csv")
        paths = [
            TouchPath(
                tuple(
                    Touch(-round(float(h) * _HOUR), source)
                    for source, h in zip(channels.split(" > "), str(hours).split(" > "),
                                         strict=True)
                ),
                0, int(converted),
            )
            for channels, hours, converted in zip(
                journeys["channels_agg"], journeys["time_till_conv_agg"],
                journeys["converted_agg"], strict=True,
            )
        ]  # fmt: skip
        found = credit_of(paths, model)
        channels = bundle.table(PUBLIC, "channels.csv")["channel"]
        orders = [found[c].orders if c in found else 0.0 for c in channels]
        return pd.DataFrame({"channel": channels, "orders": orders})

    return method


def _media_mix(*, saturates: bool) -> Method:
    """Fit a media mix model by town and week; a channel that showed nothing brings nothing."""

    def method(bundle: Bundle) -> pd.DataFrame:
        days = float(bundle.public["window_days"])
        said = media_mix(bundle.table(PUBLIC, "media.csv"), days, saturates=saturates)
        channels = bundle.table(PUBLIC, "channels.csv")["channel"]
        orders = said.set_index("channel")["orders"].reindex(channels).fillna(0.0)
        return pd.DataFrame({"channel": channels, "orders": orders.array})

    return method


def _trial(bundle: Bundle, name: str) -> tuple[Any, Any, Any, Any]:
    frame = bundle.table(PUBLIC, f"{name}.csv")
    x = frame[[c for c in frame.columns if c.startswith("x_")]].to_numpy(float)
    return frame["customer_id"], x, frame["y"].to_numpy(float), frame["treatment"].to_numpy(int)


def _forest(x: Any, y: Any) -> Any:
    from sklearn.ensemble import RandomForestRegressor

    leaf = max(1, min(_LEAF, len(y) // 4))
    return RandomForestRegressor(_TREES, min_samples_leaf=leaf, random_state=0).fit(x, y)


def _mean_difference(name: str) -> Method:
    def method(bundle: Bundle) -> pd.DataFrame:
        who, _, y, w = _trial(bundle, name)
        return pd.DataFrame({"customer_id": who, "uplift": y[w == 1].mean() - y[w == 0].mean()})

    return method


def _t_learner(name: str) -> Method:
    """Two forests: what the treated come to, and what the others do."""

    def method(bundle: Bundle) -> pd.DataFrame:
        who, x, y, w = _trial(bundle, name)
        one, zero = (_forest(x[w == a], y[w == a]) for a in (1, 0))
        return pd.DataFrame({"customer_id": who, "uplift": one.predict(x) - zero.predict(x)})

    return method


def _x_learner(name: str) -> Method:
    """Forests of each one's difference to what the other group would have come to."""

    def method(bundle: Bundle) -> pd.DataFrame:
        who, x, y, w = _trial(bundle, name)
        one, zero = (_forest(x[w == a], y[w == a]) for a in (1, 0))
        of_one = _forest(x[w == 1], y[w == 1] - zero.predict(x[w == 1]))
        of_zero = _forest(x[w == 0], one.predict(x[w == 0]) - y[w == 0])
        share = w.mean()
        uplift = share * of_zero.predict(x) + (1.0 - share) * of_one.predict(x)
        return pd.DataFrame({"customer_id": who, "uplift": uplift})

    return method


def _bgnbd(bundle: Bundle) -> pd.DataFrame:
    clv = bundle.table(PUBLIC, "clv.csv")
    x, t_x, t = (clv[c].to_numpy(float) for c in ("frequency", "recency", "T"))
    money = clv["monetary_value"].to_numpy(float)
    repeats = x > 0
    summary = Summary(x.astype(np.int64), t_x, t, np.where(repeats, money, np.nan), "day")
    spend = fit_gamma_gamma(x[repeats], money[repeats]).model
    ahead = float(bundle.public["ahead_days"])
    orders = fit_bgnbd(summary).model.expected_orders(ahead, x, t_x, t)
    return pd.DataFrame(
        {"customer_id": clv["customer_id"], "value": orders * spend.expected_amount(x, money)}
    )


def _past(bundle: Bundle) -> pd.DataFrame:
    """Go on as before: each one's money a day since the first order, for as long as is asked."""
    bought = bundle.table(PUBLIC, "transactions.csv").groupby("customer_id")["value"].sum()
    clv = bundle.table(PUBLIC, "clv.csv")
    days = np.maximum(clv["T"].to_numpy(float), 1.0)
    value = bought.loc[clv["customer_id"]].to_numpy() / days * float(bundle.public["ahead_days"])
    return pd.DataFrame({"customer_id": clv["customer_id"], "value": value})


def _past_mean(bundle: Bundle) -> pd.DataFrame:
    """Give everybody the money a day that all have spent together."""
    bought = bundle.table(PUBLIC, "transactions.csv")["value"].sum()
    clv = bundle.table(PUBLIC, "clv.csv")
    daily = bought / max(float(clv["T"].sum()), 1.0)
    value = daily * float(bundle.public["ahead_days"])
    return pd.DataFrame({"customer_id": clv["customer_id"], "value": value})


def _exact(bundle: Bundle) -> pd.DataFrame:
    """Join records of which the strongest identifier is the same."""
    frame = bundle.table(PUBLIC, "records.csv")
    cluster = pd.Series([f"record {i}" for i in frame["unique_id"]])
    for kind in reversed([k for k in _STRONG if k in frame]):
        cluster = cluster.where(frame[kind].isna(), f"{kind} " + frame[kind].astype(str))
    return pd.DataFrame({"unique_id": frame["unique_id"], "cluster": cluster})


def _core(bundle: Bundle) -> pd.DataFrame:
    """Join by omnilab's own identity core, with no rule but that what is shared links."""
    import pyarrow.parquet as pq

    from omnilab.identity import Columns, resolve_file

    source = bundle.folder / PUBLIC / "records.csv"
    frame = pd.read_csv(source)
    kinds = [k for k in frame.columns if k not in _IDS]
    order = [k for k in _STRONG if k in kinds] + [k for k in kinds if k not in _STRONG]
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.parquet"
        resolve_file(source, Path(folder) / "profiles.parquet",
                     columns=Columns([(k, k) for k in order]), rows_output=rows)  # fmt: skip
        profile = pq.read_table(rows)["profile"].to_pandas()
    return pd.DataFrame({"unique_id": frame["unique_id"], "cluster": profile.to_numpy()})


#: (task, name) -> method.
METHODS: Final[dict[tuple[str, str], Method]] = {
    ("attribution", "last click"): _credit("last_click"),
    ("attribution", "first click"): _credit("first_click"),
    ("attribution", "linear"): _credit("linear"),
    ("attribution", "position based"): _credit("position_based"),
    ("attribution", "time decay"): _credit("time_decay"),
    ("attribution", "Markov removal"): _credit("markov"),
    ("attribution", "Shapley"): _credit("shapley"),
    ("attribution", "media mix"): _media_mix(saturates=False),
    ("attribution", "media mix with saturation"): _media_mix(saturates=True),
    ("uplift", "mean difference, randomised"): _mean_difference("randomised"),
    ("uplift", "T-learner, randomised"): _t_learner("randomised"),
    ("uplift", "X-learner, randomised"): _x_learner("randomised"),
    ("uplift", "mean difference, targeted"): _mean_difference("targeted"),
    ("uplift", "T-learner, targeted"): _t_learner("targeted"),
    ("uplift", "X-learner, targeted"): _x_learner("targeted"),
    ("clv", "BG/NBD and Gamma-Gamma"): _bgnbd,
    ("clv", "own past"): _past,
    ("clv", "past mean"): _past_mean,
    ("linkage", "strongest identifier"): _exact,
    ("linkage", "identity core"): _core,
    ("linkage", "Splink"): by_splink,
}


def methods_of() -> dict[tuple[str, str], Method]:
    """Return the methods whose tools are installed.

    Raises
    ------
    OptionError
        If scikit-learn is not.
    """
    from importlib.util import find_spec

    if find_spec("sklearn") is None:
        raise OptionError("--public-methods needs scikit-learn: install omnilab[models]")
    return {k: m for k, m in METHODS.items() if m is not by_splink or has_splink()}
