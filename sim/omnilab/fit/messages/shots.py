"""How far mailshots differ: what all who got the same one have in common (world/mailshot.py)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from omnilab.fit.messages.delays import Delay
from omnilab.fit.messages.histories import Histories
from omnilab.fit.messages.normal import BULK, HARD, SOFT
from omnilab.fit.messages.response import Responses
from omnilab.fit.messages.tally import SETTLED

__all__ = ["SHOT", "shot_spread", "shots_of"]

_LEAST_SHOTS = 10
_LEAST_WEIGHT = 20.0  # of a shot: the variance of its opens if only chance made them


#: One bulk message of a shot, as the spread over shots needs it.
SHOT: Final = np.dtype(
    [
        ("person", "u8"),  # number of the person over all parts
        ("shot", "u8"),
        ("day", "i8"),
        ("weekly", "f8"),  # messages a week that its pressure stands for
        ("channel", "i1"),
        ("opened", "?"),  # within `SETTLED`
    ]
)


def shots_of(h: Histories, first: int, end: int) -> NDArray[Any]:
    """Return a part's bulk messages of shots, of dtype `SHOT`.

    Parameters
    ----------
    first
        Number of the part's first person over all parts.
    end
        The last second of the log.
    """
    rows = h.rows
    use = (rows["kind"] == BULK) & (rows["shot"] > 0) & (rows["sent"] <= end - SETTLED)
    use &= (rows["flags"] & (HARD | SOFT)) == 0
    some = rows[use]
    found = np.zeros(len(some), SHOT)
    found["person"], found["weekly"] = first + h.person[use], h.weekly[use]
    found["shot"], found["channel"] = some["shot"], some["channel"]
    found["day"] = some["sent"] // 86400
    after = some["opened"] - some["sent"]
    found["opened"] = (some["opened"] < -1) | ((some["opened"] >= 0) & (after <= SETTLED))
    return found


def shot_spread(
    parts: Iterable[NDArray[Any]], responses: Responses, delays: Mapping[int, Delay | None]
) -> tuple[float, float] | None:
    """Return the spread over mailshots on the logit of opening, and its standard error.

    A shot is a campaign on a channel on a day. Of each, opens are held against those that its
    recipients' own effects and volumes let expect; what is left over chance is the spread (a
    method of moments: the variance of r = (k - E) / V is sd**2 + 1 / V).

    Parameters
    ----------
    parts
        Of dtype `SHOT`.

    Returns
    -------
    tuple or None
        None for fewer than ten shots that are large enough, or a log without campaigns.
    """
    sums: dict[tuple[int, int, int], list[float]] = {}
    exponent = responses.exponent or 0.0
    for rows in parts:
        for c, (b, _) in responses.logits.items():
            if not responses.channels[c].seen:
                continue
            settled = delay.settled if (delay := delays.get(c)) else 1.0
            mine = rows[rows["channel"] == c]
            effect = np.array([responses.effects.get(p, np.nan) for p in mine["person"].tolist()])
            known = ~np.isnan(effect)
            some = mine[known]
            volume = np.maximum(some["weekly"], 1.0)
            p = expit(b + responses.sd * effect[known]) * volume**-exponent * settled
            key = np.stack([some["shot"].astype(np.int64), some["day"]])
            found, at = np.unique(key, axis=1, return_inverse=True)
            at = at.ravel()
            n = found.shape[1]
            table = [np.bincount(at, x, n) for x in (some["opened"], p, p * (1 - p))]
            for i in range(n):
                whole = sums.setdefault((int(found[0, i]), c, int(found[1, i])), [0.0, 0.0, 0.0])
                for j in range(3):
                    whole[j] += float(table[j][i])
    k, expected, v = np.array([x for x in sums.values() if x[2] >= _LEAST_WEIGHT]).reshape(-1, 3).T
    if len(k) < _LEAST_SHOTS:
        return None
    r = (k - expected) / v
    r = r - np.average(r, weights=v / (1.0 + v))
    variance = float(np.mean(r * r - 1.0 / v))
    sd = float(np.sqrt(max(variance, 0.0)))
    error = float(np.std(r * r, ddof=1) / np.sqrt(len(r)) / max(2.0 * sd, 0.05))
    return sd, error
