"""Hold answers against a bundle's truth. The first measure of each task is the one to rank by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from omnilab.errors import DataError
from omnilab.identity.quality import score as score_links
from omnilab.interop.bundle import SECRET, Bundle
from omnilab.interop.submission import TASKS, Submission

__all__ = ["BETTER", "Scored", "score"]

#: Part of the customers that a brand would treat first.
_TREATED: Final = 0.3


#: Which way a measure is better.
BETTER: Final = ("higher", "lower", "nearer 0")


class Scored(NamedTuple):
    """One measure: its value, None where nothing can be divided by, and which way is better."""

    measure: str
    value: float | None
    better: str


def score(bundle: Bundle, submission: Submission) -> list[Scored]:
    """Return how good answers are.

    Raises
    ------
    DataError
        Where the bundle's truth can't tell answers apart.
    """
    truth = bundle.table(SECRET, TASKS[submission.task].table)
    return _SCORERS[submission.task](bundle, truth, submission.answers.to_numpy())


def _attribution(bundle: Bundle, truth: pd.DataFrame, orders: Any) -> list[Scored]:
    """``error``: orders at the wrong channel, as a part of all; ``inside``: within the interval."""
    total = int(bundle.secret["orders"])
    if not total:
        raise DataError("there was no order in the window: nothing to attribute")
    off = np.abs(orders - truth["orders"].to_numpy())
    inside = (orders >= truth["orders_low"]) & (orders <= truth["orders_high"])
    return [
        Scored("error", float(off.sum() / total), "lower"),
        Scored("inside", float(inside.mean()), "higher"),
    ]


def _uplift(_bundle: Bundle, truth: pd.DataFrame, uplift: Any) -> list[Scored]:
    """``area``: between chance, 0, and the truth itself, 1, of the curve of gains.

    The curve is the true gain if customers are treated in the order of their answers; equal answers
    are treated in equal parts.
    """
    tau = truth["conversion_tau"].to_numpy(float)
    own, best = _gains(uplift, tau), _gains(tau, tau)
    chance = tau.sum() * np.arange(1, len(tau) + 1) / len(tau)
    room = float((best - chance).sum())
    at = max(round(_TREATED * len(tau)), 1) - 1
    return [
        Scored("area", float((own - chance).sum() / room) if room > 0 else None, "higher"),
        Scored("gain_at_30", float(own[at] / best[at]) if best[at] > 0 else None, "higher"),
        Scored("rmse", float(np.sqrt(((uplift - tau) ** 2).mean())), "lower"),
        Scored("mean_error", float(uplift.mean() - tau.mean()), "nearer 0"),
    ]


def _gains(by: Any, tau: Any) -> Any:
    """Return what has been gained after each customer, the highest first, ties in equal parts."""
    mean = pd.Series(tau).groupby(np.asarray(by)).transform("mean").to_numpy()
    return np.cumsum(mean[np.argsort(-np.asarray(by, float), kind="stable")])


def _clv(_bundle: Bundle, truth: pd.DataFrame, value: Any) -> list[Scored]:
    """``rmse`` in money; ``total_error`` as a part of the true total; ``rank`` after Spearman."""
    true = truth["value"].to_numpy(float)
    total = true.sum()
    a, b = (pd.Series(x).rank().to_numpy() for x in (value, true))
    varies = a.std() > 0 and b.std() > 0
    return [
        Scored("rmse", float(np.sqrt(((value - true) ** 2).mean())), "lower"),
        Scored("total_error", float(value.sum() / total - 1.0) if total else None, "nearer 0"),
        Scored("rank", float(np.corrcoef(a, b)[0, 1]) if varies else None, "higher"),
    ]


def _linkage(_bundle: Bundle, truth: pd.DataFrame, cluster: Any) -> list[Scored]:
    """Pairwise and B-cubed precision, recall and F1, as `omnilab identity score` has them."""
    codes = pd.factorize(pd.Series(cluster))[0].astype(np.int64)
    found = score_links(codes, truth["cluster"].to_numpy(np.int64)).as_dict()
    names = [f"{way}_{what}" for way in ("bcubed", "pairwise") for what in
             ("f1", "precision", "recall")]  # fmt: skip
    return [Scored(name, found[name], "higher") for name in names]


_SCORERS: Final[dict[str, Callable[[Bundle, pd.DataFrame, Any], list[Scored]]]] = {
    "attribution": _attribution,
    "uplift": _uplift,
    "clv": _clv,
    "linkage": _linkage,
}
