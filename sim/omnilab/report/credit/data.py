"""What credit and truth came to, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from omnilab.attribution.models import Credit

if TYPE_CHECKING:
    from omnilab.experiment.crediting import Crediting
    from omnilab.experiment.statistics import Estimate

__all__ = ["CREDIT_FORMAT", "credit_data", "credit_rows"]

CREDIT_FORMAT: Final = "omnilab-credit-v1"
_CENTS: Final = 100


def credit_rows(found: Crediting) -> list[dict[str, Any]]:
    """Return a row for each source, paths (``seen``, ``true``) and model."""
    rows = []
    for paths, by_model in (("seen", found.seen), ("true", found.true)):
        for model, credited in by_model.items():
            for source in found.sources:
                credit = credited.get(source, Credit())
                rows.append(
                    {
                        "source": source, "paths": paths, "model": model,
                        "orders": credit.orders, "revenue": credit.revenue / _CENTS,
                        "margin": credit.margin / _CENTS,
                    }
                )  # fmt: skip
    return rows


def credit_data(found: Crediting) -> dict[str, Any]:
    """Return all of it as JSON can hold it; money in the scenario's currency."""
    asked = found.asked
    return {
        "format": CREDIT_FORMAT,
        "scenario": found.scenario.id,
        "strategy": found.strategy,
        "customers": found.customers,
        "replications": found.replications,
        "seed": found.seed,
        "currency": found.scenario.currency,
        "lookback_s": asked.lookback,
        "half_life_s": asked.half_life,
        "measuring": asdict(asked.measuring),
        "orders": found.orders,
        "paths": {"seen": found.paths[1], "true": found.true_paths[1]},
        "channels": [_channel(found, name) for name in found.asked.channels],
        "credits": credit_rows(found),
        "errors": [
            {
                "model": model, "seen": found.error(model),
                "true": found.error(model, true_paths=True),
                "seen_low": found.wrong(model).low, "seen_high": found.wrong(model).high,
            }
            for model in asked.models
        ],
        "cuts": [
            {
                "by": cut.by, "channel": cut.channel, "margin_per_unit": cut.per_unit,
                "ltv": _estimate(cut.ltv),
            }
            for cut in found.cuts()
        ],
        "platforms": [
            {"channel": name, "match": asked.match_of(name), **asdict(claim)}
            for name, claim in found.claims.items()
        ],
        "log_digests": dict(found.digests),
    }  # fmt: skip


def _channel(found: Crediting, name: str) -> dict[str, Any]:
    truth: Mapping[str, Estimate] = found.truth.get(name, {})
    names = {"orders_per_customer": "true_orders", "margin": "true_margin", "ltv": "true_ltv"}
    return {
        "channel": name,
        "cost": found.costs.get(name, 0.0),
        "sends": found.sends.get(name, 0),
        **{word: _estimate(truth[m]) if m in truth else None for m, word in names.items()},
    }


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high,
            "p_value": estimate.p_value}  # fmt: skip
