"""The fitted numbers in the words of one who looks after customers."""

from __future__ import annotations

import numpy as np
from scipy.special import betaincinv, gammainc, gammaincinv

from omnilab.fit.bgnbd import BgNbd, BgNbdFit
from omnilab.fit.gamma_gamma import GammaGamma, GammaGammaFit
from omnilab.fit.summary import Occasions, summarise

__all__ = ["in_words", "top_share"]

_DAYS = {"week": 7.0, "day": 1.0}


def in_words(
    occasions: Occasions, bgnbd: BgNbdFit, gamma_gamma: GammaGammaFit, currency: str
) -> tuple[tuple[str, str], ...]:
    """Return what each fitted parameter means, with its number read out.

    Returns
    -------
    Pairs of a term and a sentence: how often, heterogeneity, dropout, who is left, spend.
    """
    model, spend = bgnbd.model, gamma_gamma.model
    summary = summarise(occasions, unit="week" if bgnbd.unit == "week" else "day")
    alive = model.alive_probabilities(summary.frequency, summary.recency, summary.T)
    n = occasions.n_customers
    return (
        ("purchase rate", _rate(model, bgnbd.unit)),
        ("heterogeneity", _heterogeneity(model)),
        ("dropout", _dropout(model)),
        (
            "still customers",
            (
                f"At the log's end about {alive.sum():,.0f} of its {n:,} customers "
                f"({alive.mean():.0%}) are still customers: the chance that one hasn't left, given "
                "when and how often the customer ordered, added up."
            ),
        ),
        ("spend", _spend(spend, currency)),
        ("spread of spend", _spread(spend, currency)),
    )


def top_share(shape: float, top: float = 0.2) -> float:
    """Return what part of all orders the most frequent customers make, of a gamma law of rates.

    Parameters
    ----------
    shape
        Of the law, above 0.
    top
        Share of customers, 0..1.
    """
    edge = float(gammaincinv(shape, 1 - top))
    return 1 - float(gammainc(shape + 1, edge))


def _rate(model: BgNbd, unit: str) -> str:
    days = _DAYS[unit] * model.alpha / model.r
    return (
        f"A customer of the mean rate orders every {_number(days)} days (r / alpha = "
        f"{model.r / model.alpha:.3g} orders a {unit}), as long as it is a customer."
    )


def _heterogeneity(model: BgNbd) -> str:
    share = top_share(model.r)
    strength = "strongly" if model.r < 0.7 else "clearly" if model.r < 2 else "little"
    return (
        f"Customers differ {strength} in how often they buy (r = {model.r:.3g}; the smaller, the "
        f"more): the most frequent fifth would make {share:.0%} of all orders if nobody left."
    )


def _dropout(model: BgNbd) -> str:
    mean = model.a / (model.a + model.b)
    low, high = (float(betaincinv(model.a, model.b, q)) for q in (0.25, 0.75))
    return (
        f"After each repeat order {mean:.0%} leave for good on average (a / (a + b)); for the "
        f"middle half of customers the chance lies between {low:.0%} and {high:.0%}. Nobody says "
        "so: it is read off customers who fall silent."
    )


def _spend(model: GammaGamma, currency: str) -> str:
    own = 1 / np.sqrt(model.p)
    return (
        f"A repeat order brings {model.mean:,.2f} {currency} on average; the orders of one "
        f"customer differ by about {own:.0%} of that customer's own mean (p = {model.p:.3g})."
    )


def _spread(model: GammaGamma, currency: str) -> str:
    scale = model.p * model.gamma
    low, high = (scale / float(gammaincinv(model.q, q)) for q in (0.75, 0.25))
    return (
        f"The mean orders of the middle half of customers lie between {low:,.2f} and "
        f"{high:,.2f} {currency} (q = {model.q:.3g}; the smaller, the more big spenders)."
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
