"""A log of bandit feedback, as the Open Bandit Pipeline takes it, with every arm's true reward.

A round is a customer, an action a strategy under which that customer lives, and the reward is 1 if
he orders in the window. The behaviour policy is known: half of its weight is even, the other half
lies on the last arm for who has ordered before the switch, and on the first for who has not. All
arms are lived from the same draws, so the reward of each is known of each customer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.errors import DataError
from omnilab.interop.chance import uniforms
from omnilab.interop.trial import features

if TYPE_CHECKING:
    from omnilab.interop.lives import Lives

__all__ = ["feedback"]

_EVEN: Final = 0.5


def feedback(lives: Lives) -> dict[str, Any]:
    """Return the dictionary of the Open Bandit Pipeline, arrays of numbers throughout.

    Returns
    -------
    dict
        ``n_rounds``, ``n_actions``; ``context`` (n, features), ``action_context`` (one-hot),
        ``action`` (n,), ``position`` (n,), all 0, ``reward`` (n,), ``expected_reward`` (n, arms):
        what each arm truly brings that customer; ``pi_b`` (n, arms, 1), ``pscore`` (n,).
    """
    if len(lives.lives) < 2:
        raise DataError("a bandit needs two arms: name another --strategy")
    n, k = lives.customers, len(lives.lives)
    expected = np.zeros((n, k))
    for a, life in enumerate(lives.lives.values()):
        bought = life.within("orders", lives.switch, lives.end)["person"].unique()
        expected[bought, a] = 1.0
    context = features(lives, next(iter(lives.lives.values())))
    preferred = np.where(context["orders"] > 0, k - 1, 0)
    pi = np.full((n, k), _EVEN / k)
    pi[np.arange(n), preferred] += 1.0 - _EVEN
    u = uniforms(lives.seed, "arm", n)
    action = np.minimum((u[:, None] >= np.cumsum(pi, axis=1)).sum(axis=1), k - 1)
    rounds = np.arange(n)
    return {
        "n_rounds": np.int64(n),
        "n_actions": np.int64(k),
        "context": context.to_numpy(float),
        "action_context": np.eye(k),
        "action": action,
        "position": np.zeros(n, np.int64),
        "reward": expected[rounds, action],
        "expected_reward": expected,
        "pi_b": pi[:, :, None],
        "pscore": pi[rounds, action],
    }
