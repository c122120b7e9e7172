"""Towns of known truth in the simulated world, in which a need is an order at once."""

from __future__ import annotations

from omnilab.fit.laws import Laws
from omnilab.fit.scenario import Simulated, simulate, validated

#: A web shop that everybody finds, and where nobody gives up: nothing lies between need and order.
AT_ONCE = {
    "channels": [{"preset": "web", "visit": {"completes": "100%"}}],
    "world": {
        "intent": {"threshold": -20, "returns_by_itself": "100%"},
        "continuity": {"give_up": "0%"},
    },
}


def town(laws: Laws, customers: int, days: int, seed: int) -> Simulated:
    """Return what customers of these laws do from their first order on, in the simulated world.

    Each order counts, also a second one of a day, as the laws have it.
    """
    scenario = validated(
        {
            "id": "town-v1",
            "title": "A town whose orders are its needs",
            "currency": "EUR",
            "time": {"start": "2023-01-02", "burn_in": "0d", "window": f"{days}d"},
            "population": {
                "customers": customers,
                "entry": {"over": "7d", "by_week": [1]},
                "dropout": {"a": float(laws.a), "b": float(laws.b)},
                "personas": [{"name": "all", "share": "100%", "phone": "0%"}],
            },
            "categories": [
                {
                    "name": "goods",
                    "every": f"{round(laws.alpha / laws.r * 86_400)}s",
                    "shape": float(laws.r),
                    "regularity": laws.stages,
                    "spend": {"mean": 30},
                    "latent": "0d",
                    "patience": "365d",
                }
            ],
            "brand": {"status_quo": "no_contact", "journeys": []},
            **AT_ONCE,
        }
    )
    return simulate(scenario, days, seeds=(seed,), same_day=False)
