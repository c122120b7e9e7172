"""The law of what orders cost: Gamma-Gamma or lognormal classes, and its tie to frequency.

References
----------
Fader & Hardie (2013), The Gamma-Gamma model of monetary value, brucehardie.com/notes/025.
Searle, Casella & McCulloch (1992), Variance Components, ch. 3: one random effect, normal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import gammainc, gammaincinv, gammaln, logsumexp, ndtri, polygamma

from omnilab.fit.laws import Standing
from omnilab.fit.summary import Occasions

__all__ = ["SpendClass", "SpendLaw", "choose_spend", "tie_to_rate", "with_frequency"]

Vector = npt.NDArray[np.float64]

_STRONGEST = 0.9
_POINTS = (np.arange(15) + 0.5) / 15
_EDGE = 1e-6
_SMALLEST_Q = 2.3  # a variance must exist: a log has one
_LEAST_LOG_Q = 0.8329  # its logarithm
NAMES = ("usual", "second")
_MOST_CLASSES = 2
_WORTH = 5.0  # of Akaike's criterion, that a further class must bring
_ROUNDS, _STEPS, _STILL = 25, 10, 1.0  # of expectation-maximisation


@dataclass(frozen=True, slots=True)
class SpendClass:
    """A class of customers by what they spend.

    Parameters
    ----------
    share
        Of the customers.
    mean
        Of an order, in the log's currency.
    own, among
        Spread of a customer's orders, and of customers: the shapes p and q of Gamma-Gamma, or
        the standard deviations of logarithms.
    needs
        How often they order, against all.
    """

    share: float
    mean: float
    own: float
    among: float
    needs: float = 1.0


@dataclass(frozen=True, slots=True)
class SpendLaw:
    """What an order costs.

    Parameters
    ----------
    law
        ``gamma`` (Gamma-Gamma) or ``lognormal``.
    mean
        Of all orders.
    classes
        One or more, the largest first.
    member
        Shape (n_classes, n_customers): the chances of membership.
    with_rate
        Correlation over a class's customers with how often they buy, of normal scores.
    tried
        Each alternative with its log-likelihood and its number of parameters.
    """

    law: str
    mean: float
    classes: tuple[SpendClass, ...]
    member: Vector
    with_rate: float = 0.0
    tried: tuple[tuple[str, float, int], ...] = ()

    def written(self) -> dict[str, Any]:
        """Return the keys of a scenario's `Spend`, but for its mean."""
        found = self._shapes(self.classes[0])
        if self.law == "lognormal":
            found = {"law": "lognormal"} | found
        if abs(self.with_rate) >= 0.005:
            found["with_rate"] = round(self.with_rate, 3)
        return found

    def written_classes(self, tail: float = 1.0) -> list[dict[str, Any]]:
        """Return the classes as a scenario's population has them; none where there is one.

        Parameters
        ----------
        tail
            Factor on what the orders of all classes but the largest cost.
        """
        if len(self.classes) == 1:
            return []
        shares = [round(100 * c.share, 2) for c in self.classes]
        shares[0] = round(100 - sum(shares[1:]), 2)
        times = [c.mean / self.mean * (tail if n else 1.0) for n, c in enumerate(self.classes)]
        return [
            {
                "name": name, "share": f"{share:.2f}%", "needs": _four(c.needs),
                "spend": {"times": _four(factor)} | self._shapes(c),
            }
            for name, share, factor, c in zip(NAMES, shares, times, self.classes, strict=False)
        ]  # fmt: skip

    def _shapes(self, c: SpendClass) -> dict[str, Any]:
        if self.law == "gamma":
            return {"p": _four(c.own), "q": _four(max(c.among, _SMALLEST_Q))}
        return {"order_sd": _four(c.own), "customer_sd": _four(c.among)}

    def known_spend(self, orders: Vector, money: Vector, logs: Vector) -> tuple[Vector, Vector]:
        """Return mean and mean square of what each customer's orders cost on average.

        Parameters
        ----------
        orders, money, logs
            Shape (n,): each customer's orders, their money, and the sum of its logarithms.
        """
        mean, square = np.zeros(len(orders)), np.zeros(len(orders))
        for c, chance in zip(self.classes, self.member, strict=True):
            if self.law == "gamma":
                gamma = c.mean * (c.among - 1) / c.own
                q = c.among + c.own * orders
                own = c.own * (gamma + money) / (q - 1)
                mean += chance * own
                square += chance * own**2 * (q - 1) / np.maximum(q - 2, 0.05)
                continue
            between, within = c.among**2, c.own**2
            spread = 1 / (1 / between + orders / within)
            usual = np.log(c.mean) - (between + within) / 2
            centre = spread * (usual / between + logs / within)
            mean += chance * np.exp(centre + (spread + within) / 2)
            square += chance * np.exp(2 * centre + 2 * spread + within)
        return mean, square


def choose_spend(occasions: Occasions) -> SpendLaw:
    """Return the law of all amounts with the best Akaike criterion; amounts of 0 say nothing.

    Gamma-Gamma and lognormal laws, of one or two classes, are tried.

    Parameters
    ----------
    occasions
        Of the log, with amounts that differ.
    """
    paid = occasions.amount > 0
    mean = float(occasions.amount.mean())
    amounts = _Amounts.of(occasions.customer[paid], occasions.amount[paid] / mean,
                          occasions.n_customers)  # fmt: skip
    tried: list[tuple[str, float, int]] = []
    best: SpendLaw | None = None
    score = -np.inf
    for law in _FAMILIES:
        last = -np.inf
        for number in range(1, _MOST_CLASSES + 1):
            classes, member, value = _mixture(law, amounts, number)
            parameters = 4 * number - 1
            words = f"{law}, {number} class{'es' * (number > 1)}"
            tried.append((words, value, parameters))
            if value - parameters <= last + _WORTH:
                break
            last = value - parameters
            if last > score + _WORTH:
                score = last
                scaled = tuple(replace(c, mean=c.mean * mean) for c in classes)
                best = SpendLaw(law, mean, scaled, member)
    assert best is not None
    return replace(best, tried=tuple(tried))


def with_frequency(law: SpendLaw, occasions: Occasions, standing: Standing) -> SpendLaw:
    """Return the law with what classes and customers have to do with how often they order."""
    rate, _ = standing.rate_moments(1.0)
    # What is known of those who left is their rate until then: the laws' own for all.
    here = standing.alive
    overall = float((here * rate).sum() / here.sum())
    classes = [
        replace(c, needs=float((chance * here * rate).sum() / (chance * here).sum() / overall))
        for c, chance in zip(law.classes, law.member, strict=True)
    ]
    found = replace(law, classes=tuple(classes))
    return replace(found, with_rate=tie_to_rate(found, occasions, standing))


def tie_to_rate(law: SpendLaw, occasions: Occasions, standing: Standing) -> float:
    """Return the correlation of what customers spend on an order with how often they order.

    By regression of each customer's mean logarithm on the mean of what is known of the normal
    score of the rate, within the classes: its slope is the correlation times the spread.
    """
    paid = occasions.amount > 0
    who, logs = occasions.customer[paid], np.log(occasions.amount[paid])
    n = occasions.n_customers
    x = np.bincount(who, minlength=n).astype(np.float64)
    mean = np.bincount(who, logs, minlength=n) / np.maximum(x, 1)
    score = _scores(standing)
    parts = []
    for c, chance in zip(law.classes, law.member, strict=True):
        if law.law == "gamma":  # the variances of logarithms that the shapes make
            parts.append((chance, float(polygamma(1, c.among)), float(polygamma(1, c.own))))
        else:
            parts.append((chance, c.among**2, c.own**2))
    above, below = 0.0, 0.0
    for chance, between, within in parts:
        weight = np.where(x > 0, chance / (between + within / np.maximum(x, 1)), 0.0)
        if weight.sum() <= 0:
            continue
        centred = score - np.average(score, weights=weight)
        above += float((weight * centred * mean).sum())
        below += float((weight * centred**2).sum()) * np.sqrt(between)
    if below < _EDGE:
        return 0.0
    return float(np.clip(above / below, -_STRONGEST, _STRONGEST))


def _scores(standing: Standing) -> Vector:
    """Return the mean normal score of each customer's rate, given the history."""
    laws, past = standing.laws, standing.past
    k = laws.stages
    alpha = laws.alpha / k

    def mean(shape: Vector, rate: Vector) -> Vector:
        total = np.zeros(past.n)
        for point in _POINTS:
            level = gammainc(laws.r, alpha * gammaincinv(shape, point) / rate)
            total += ndtri(np.clip(level, _EDGE, 1 - _EDGE))
        return total / len(_POINTS)

    here = mean((standing.weight * standing.shape).sum(axis=0), standing.rate)
    left = mean(laws.r + k * past.repeats, alpha + laws.operational(past.last))
    return standing.alive * here + (1 - standing.alive) * left


@dataclass(frozen=True, slots=True)
class _Amounts:
    """Each customer's amounts: number, sum, mean of logarithms, squares about it."""

    x: Vector
    total: Vector
    mean: Vector
    inside: Vector

    @classmethod
    def of(cls, who: npt.NDArray[np.int64], z: Vector, n: int) -> _Amounts:
        def summed(values: Vector) -> Vector:
            return np.bincount(who, values, minlength=n).astype(np.float64)

        x, logs = summed(np.ones(len(who))), np.log(z)
        mean = summed(logs) / np.maximum(x, 1)
        return cls(x, summed(z), mean, summed((logs - mean[who]) ** 2))


def _of_gamma(amounts: _Amounts, theta: Vector) -> Vector:
    """Return each customer's log-density under Gamma-Gamma, 0 without any amount."""
    p, q, gamma = np.exp(theta)
    x = amounts.x
    value = gammaln(p * x + q) - gammaln(q) + q * np.log(gamma) - x * gammaln(p)
    value -= (p * x + q) * np.log(gamma + amounts.total)
    return np.asarray(value + (p - 1) * x * amounts.mean)


def _of_lognormal(amounts: _Amounts, theta: Vector) -> Vector:
    """Return each customer's log-density under the lognormal law, 0 without any amount."""
    x, within, between = amounts.x, np.exp(2 * theta[1]), np.exp(2 * theta[2])
    spread = within + x * between
    value = -amounts.inside / (2 * within) - np.maximum(x - 1, 0) * np.log(within) / 2
    value -= np.log(spread) / 2 + x * (amounts.mean - theta[0]) ** 2 / (2 * spread)
    return np.where(x > 0, value - x * (np.log(2 * np.pi) / 2 + amounts.mean), 0.0)


_FAMILIES = {
    "gamma": (_of_gamma, [(-3.0, 6.0), (_LEAST_LOG_Q, 6.0), (-7.0, 12.0)]),
    "lognormal": (_of_lognormal, [(-20.0, 20.0), (-4.0, 2.0), (-4.0, 2.0)]),
}


def _mixture(law: str, amounts: _Amounts, number: int) -> tuple[list[SpendClass], Vector, float]:
    """Return classes, memberships and the log-likelihood, by expectation-maximisation."""
    density, bounds = _FAMILIES[law]
    here = amounts.x > 0
    thetas = [_first(law, edge) for edge in
              np.quantile(amounts.mean[here], [0.5, 0.97][:number])]  # fmt: skip
    shares = np.array([1.0, 0.05][:number])
    shares /= shares.sum()
    value, member = -np.inf, np.ones((number, len(here)))
    for _ in range(_ROUNDS):
        joint = np.array([density(amounts, theta) for theta in thetas]) + np.log(shares)[:, None]
        together = logsumexp(joint, axis=0)
        before, value = value, float(together[here].sum())
        member = np.exp(joint - together)
        if value - before < _STILL:
            break
        shares = np.maximum(member[:, here].mean(axis=1), 1e-4)
        shares /= shares.sum()
        for c, weight in enumerate(member):

            def loss(theta: Vector, weight: Vector = weight) -> float:
                return -float(weight @ density(amounts, theta))

            thetas[c] = minimize(
                loss, thetas[c], method="L-BFGS-B", bounds=bounds, options={"maxiter": _STEPS}
            ).x
    order = np.argsort(-shares)
    classes = [_class(law, float(shares[c]), thetas[c]) for c in order]
    return classes, member[order], value


def _first(law: str, log_mean: float) -> Vector:
    if law == "gamma":
        return np.array([np.log(3.0), np.log(4.0), log_mean])
    return np.array([log_mean, np.log(0.6), np.log(0.5)])


def _class(law: str, share: float, theta: Vector) -> SpendClass:
    if law == "gamma":
        p, q, gamma = map(float, np.exp(theta))
        return SpendClass(share, p * gamma / (q - 1), p, q)
    own, among = float(np.exp(theta[1])), float(np.exp(theta[2]))
    return SpendClass(share, float(np.exp(theta[0] + (own**2 + among**2) / 2)), own, among)


def _four(value: float) -> float:
    return float(f"{value:.4g}")
