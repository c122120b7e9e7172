"""How persons differ in opening, by maximum likelihood: what is the person's, what the volume's.

A team that writes more to those who open makes opens rise with volume, whatever volume does. So
nothing is read off a table by volume. Each person has an effect z, normal over persons, on the
logit of opening and of clicking (the rule of `omnilab.world.response.open_chance`), and opens fall
with the messages of the week as max(1, n) to minus the exponent (`omnilab.world.fatigue`). What a
message met is known from the log. As long as the team decides by what it has seen, how it decided
falls out of the likelihood of z and of the rates (ignorable selection, Rubin 1976).

References
----------
Rubin (1976), "Inference and missing data", Biometrika 63(3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logsumexp

from omnilab.fit.messages.delays import Delay
from omnilab.fit.messages.tally import QUICK, WEEKLY

__all__ = ["ChannelResponse", "Responses", "fit_responses", "volume_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NODES = 51
MOST_PERSONS = 50_000  # more of them make no interval that matters narrower
LEAST_OPENS = 100  # of a channel; fewer leave it as the base has it
_MOST_SD = 4.0
_OPTIONS: Any = {"maxiter": 200, "ftol": 1e-11}


@dataclass(frozen=True)
class ChannelResponse:
    """What was fitted of a channel's bulk messages.

    Attributes
    ----------
    open, click
        Means over persons at up to one message a week, shares of delivered.
    open_se, click_se
        Standard errors.
    machine
        Share of persons whose client opens all by itself, None where the log can't tell.
    seen
        Whether the log tells opens; else only clicks were fitted.
    n_persons, n_delivered, n_opened
        What it rests on.
    """

    open: float
    open_se: float
    click: float
    click_se: float
    machine: float | None
    seen: bool
    n_persons: int
    n_delivered: int
    n_opened: int


@dataclass(frozen=True)
class Responses:
    """What was fitted of all channels.

    Attributes
    ----------
    channels
        By number of the channel.
    sd, sd_se
        Spread over persons of the effect on the logit.
    exponent, exponent_se
        Of the volume; None where no channel had enough persons at more than two a week.
    own
        Part of the effect's variance that belongs to each channel by itself; None below two
        channels to the same persons.
    logits
        By number of the channel, those of opening and of clicking where z is 0.
    effects
        Mean of each person's effect given the log, by number of the person; empty persons have
        none.
    """

    channels: Mapping[int, ChannelResponse]
    sd: float
    sd_se: float
    exponent: float | None
    exponent_se: float
    own: float | None
    logits: Mapping[int, tuple[float, float]]
    effects: Mapping[int, float]


def volume_of(weekly: Ints) -> Floats:
    """Return the messages a week that a class of `WEEKLY` stands for."""
    upper = np.concatenate((WEEKLY, [WEEKLY[-1] * 1.25]))
    lower = np.concatenate(([1.0], WEEKLY))
    return np.asarray(np.sqrt(lower * upper))[weekly]


class _Likelihood:
    """The log likelihood of one channel's counts, given each of the nodes of z."""

    def __init__(
        self,
        people: Mapping[str, Ints],
        channel: int,
        delay: Delay | None,
        seen: bool,
        open_: float,
    ) -> None:
        mine = people["channel"] == channel
        self._cols = {name: value[mine] for name, value in people.items()}
        self.persons, self.at = np.unique(self._cols["person"], return_inverse=True)
        self._log_volume = np.log(volume_of(self._cols["weekly"]))
        self._log_volume[self._cols["weekly"] == 0] = 0.0
        self._settled = delay.settled if delay else 1.0
        self._quick = min(max(delay.within(QUICK), 1e-6), 0.5) if delay else None
        self.seen, self._open = seen, open_
        n, k, q = (self._sum(name) for name in ("delivered", "opened", "quick"))
        self.alike = (n == k) & (k == q) & (n > 0)  # as a machine's would be
        self.n, self.k, self.q = n, k, q

    def _sum(self, name: str) -> Floats:
        return np.asarray(np.bincount(self.at, self._cols[name], len(self.persons)), np.float64)

    def given(self, effect: Floats, b: float, c: float, exponent: float, m: float) -> Floats:
        """Return log likelihoods, shape (persons, nodes): effect is sd times the nodes' z."""
        factor = np.exp(-exponent * self._log_volume) * self._settled
        n, k, x = (self._cols[s].astype(float) for s in ("delivered", "opened", "clicked"))
        total = np.zeros((len(self.persons), len(effect)))
        for i, z in enumerate(effect):
            click = expit(c + z)
            if self.seen:
                p = np.clip(expit(b + z) * factor, 1e-12, 1 - 1e-12)
                part = k * np.log(p) + (n - k) * np.log1p(-p)
                part += x * np.log(max(click, 1e-12)) + (k - x) * np.log1p(-min(click, 1 - 1e-12))
            else:
                p = np.clip(self._open * factor * click, 1e-12, 1 - 1e-12)
                part = x * np.log(p) + (n - x) * np.log1p(-p)
            total[:, i] = np.bincount(self.at, part, len(self.persons))
        if self.seen and self._quick is not None:
            total += (self.q * np.log(self._quick) + (self.k - self.q) * np.log1p(-self._quick))[
                :, None
            ]
            human = np.log1p(-m) + total
            machine = np.where(self.alike, np.log(max(m, 1e-300)), -np.inf)[:, None]
            total = np.logaddexp(human, machine)
        return total

    @cached_property
    def tells_machines(self) -> bool:
        """Whether opens have times, so that a machine's can be told."""
        return self.seen and self._quick is not None and bool(self.q.sum())


def fit_responses(
    people: Mapping[str, Ints],
    delays: Mapping[int, Delay | None],
    opens: Mapping[int, float],
    *,
    start: tuple[float, float],
) -> Responses | None:
    """Fit channels' rates, the spread over persons and the exponent of volume.

    Parameters
    ----------
    people
        Columns of `omnilab.fit.messages.tally.Persons`.
    delays
        By channel, of opens.
    opens
        By channel, the share seen where the log tells no opens.
    start
        The spread and the exponent to begin with, which stay where the log does not tell.

    Returns
    -------
    Responses or None
        None where no channel has `LEAST_OPENS` opens or clicks.
    """
    people = _sample(people)
    parts: dict[int, _Likelihood] = {}
    for channel in np.unique(people["channel"]).tolist():
        mine = people["channel"] == channel
        opened, clicked = (int(people[s][mine].sum()) for s in ("opened", "clicked"))
        seen = opened > clicked
        if max(opened if seen else 0, clicked) < LEAST_OPENS:
            continue
        parts[channel] = _Likelihood(people, channel, delays.get(channel), seen, opens[channel])
    if not parts:
        return None
    z, weight = _nodes(NODES)
    log_weight = np.log(weight)
    varied = _volume_varies(people, list(parts))
    names = _names(parts, varied)
    x0 = np.array([_first(name, parts, start) for name in names])

    def loss(x: Floats) -> float:
        sd, exponent, of = _unpacked(names, x, start)
        total = 0.0
        for channel, part in parts.items():
            b, c, m = of[channel]
            total += float(
                logsumexp(part.given(sd * z, b, c, exponent, m) + log_weight, axis=1).sum()
            )
        return -total

    scale = loss(x0)
    bounds: Any = [_range(name) for name in names]

    def scaled(x: Any) -> float:
        return loss(x) / scale

    found = minimize(scaled, x0, method="L-BFGS-B", bounds=bounds, options=_OPTIONS)
    cov = _covariance(loss, found.x)
    sd, exponent, of = _unpacked(names, found.x, start)
    error = dict(zip(names, np.sqrt(np.maximum(np.diag(cov), 0.0)), strict=True))
    channels, logits = {}, {}
    for channel, part in parts.items():
        channels[channel] = _channel(part, channel, names, found.x, cov, start, z, weight)
        logits[channel] = of[channel][:2]
    own = _own_part(parts, sd, exponent, of) if len(parts) > 1 else None
    effects = _effects(parts, sd, exponent, of, z, log_weight)
    return Responses(channels, sd, error["sd"], exponent if varied else None,
                     error.get("exponent", 0.0), own, logits, effects)  # fmt: skip


def _nodes(n: int) -> tuple[Floats, Floats]:
    """Return even steps of z and their weights under N(0, 1).

    Who got many messages has a sharp likelihood, of which Gauss-Hermite nodes miss the peak: even
    steps are exact as long as no peak is narrower than a step.
    """
    z = np.linspace(-4.2, 4.2, n)
    weight = np.exp(-z * z / 2.0)
    return z, weight / weight.sum()


def _sample(people: Mapping[str, Ints]) -> Mapping[str, Ints]:
    """Return the rows of at most `MOST_PERSONS` persons, evenly over the log."""
    ids = np.unique(people["person"])
    if len(ids) <= MOST_PERSONS:
        return people
    kept = ids[np.linspace(0, len(ids) - 1, MOST_PERSONS).astype(np.int64)]
    use = np.isin(people["person"], kept)
    return {name: value[use] for name, value in people.items()}


def _volume_varies(people: Mapping[str, Ints], channels: Sequence[int]) -> bool:
    """Tell whether a fifth of the messages met less, and a twentieth more, than two a week."""
    mine = np.isin(people["channel"], channels)
    volume = volume_of(people["weekly"][mine])
    weight = people["delivered"][mine]
    many = float(weight[volume > 2.0].sum()) / max(float(weight.sum()), 1.0)
    return 0.05 <= many <= 0.95


def _names(parts: Mapping[int, _Likelihood], varied: bool) -> list[str]:
    names = ["sd"] + ["exponent"] * varied
    for channel, part in parts.items():
        names += [f"b{channel}"] * part.seen + [f"c{channel}"]
        names += [f"m{channel}"] * part.tells_machines
    return names


def _first(name: str, parts: Mapping[int, _Likelihood], start: tuple[float, float]) -> float:
    if name in ("sd", "exponent"):
        return start[("sd", "exponent").index(name)]
    part = parts[int(name[1:])]
    n, k = part.n.sum(), part.k.sum()
    clicks = part._sum("clicked").sum()
    if name[0] == "b":
        return float(np.log(k + 1) - np.log(n - k + 1)) - 0.5
    if name[0] == "c":
        of = k if part.seen else n
        return float(np.log(clicks + 1) - np.log(of - clicks + 1)) - 0.5
    return float(
        np.clip(part.alike[part.n >= 3].mean() if (part.n >= 3).any() else 0.01, 1e-4, 0.9)
    )


def _range(name: str) -> tuple[float, float]:
    if name == "sd":
        return 1e-3, _MOST_SD
    if name == "exponent":
        return -0.5, 2.0
    return (1e-6, 0.99) if name[0] == "m" else (-15.0, 15.0)


def _unpacked(
    names: Sequence[str], x: Floats, start: tuple[float, float]
) -> tuple[float, float, dict[int, tuple[float, float, float]]]:
    values = dict(zip(names, x.tolist(), strict=True))
    numbers = {int(n[1:]) for n in names if n[0] == "c"}
    of = {c: (values.get(f"b{c}", 0.0), values[f"c{c}"], values.get(f"m{c}", 0.0)) for c in numbers}
    return values["sd"], values.get("exponent", start[1]), of


def _covariance(loss: object, x: Floats) -> Floats:
    """Return the inverse of the likelihood's curvature, by central differences."""
    assert callable(loss)
    n, step = len(x), 1e-3 * np.maximum(np.abs(x), 0.1)
    hessian = np.zeros((n, n))
    middle = loss(x)
    moved = np.zeros((n, 2))
    for i in range(n):
        for s, sign in enumerate((1.0, -1.0)):
            y = x.copy()
            y[i] += sign * step[i]
            moved[i, s] = loss(y)
        hessian[i, i] = (moved[i].sum() - 2 * middle) / step[i] ** 2
    for i in range(n):
        for j in range(i):
            y = x.copy()
            y[i] += step[i]
            y[j] += step[j]
            hessian[i, j] = hessian[j, i] = (loss(y) - moved[i, 0] - moved[j, 0] + middle) / (
                step[i] * step[j]
            )
    return np.asarray(np.linalg.pinv((hessian + hessian.T) / 2))


def _channel(
    part: _Likelihood, channel: int, names: Sequence[str], x: Floats, cov: Floats,
    start: tuple[float, float], z: Floats, weight: Floats,
) -> ChannelResponse:  # fmt: skip
    """Return a channel's mean rates with standard errors by the delta method."""

    def rates(y: Floats) -> tuple[float, float]:
        sd, _, of = _unpacked(names, y, start)
        b, c, _ = of[channel]
        p = expit(b + sd * z) if part.seen else np.full(len(z), part._open)
        return float((weight * p).sum()), float((weight * p * expit(c + sd * z)).sum())

    middle = np.array(rates(x))
    slope = np.zeros((2, len(x)))
    for i in range(len(x)):
        y = x.copy()
        y[i] += 1e-5
        slope[:, i] = (np.array(rates(y)) - middle) / 1e-5
    error = np.sqrt(np.maximum(np.diag(slope @ cov @ slope.T), 0.0))
    m = _unpacked(names, x, start)[2][channel][2] if part.tells_machines else None
    return ChannelResponse(
        middle[0], float(error[0]), middle[1], float(error[1]), m, part.seen,
        len(part.persons), int(part.n.sum()), int(part.k.sum()),
    )  # fmt: skip


def _own_part(
    parts: Mapping[int, _Likelihood], sd: float, exponent: float,
    of: Mapping[int, tuple[float, float, float]],
) -> float | None:  # fmt: skip
    """Return the part of the effect's variance that channels do not share.

    The likelihood of pairs of channels to the same persons, over the correlation of their effects.
    """
    z, weight = _nodes(25)
    log_weight = np.log(weight)
    grid = np.linspace(0.0, 1.0, 21)
    total = np.zeros(len(grid))
    n_both = 0
    numbers = list(parts)
    for i, first in enumerate(numbers):
        for second in numbers[:i]:
            a, b = parts[first], parts[second]
            both, at_a, at_b = np.intersect1d(a.persons, b.persons, return_indices=True)
            n_both += len(both)
            if not len(both):
                continue
            kept = np.linspace(0, len(both) - 1, min(len(both), 5000)).astype(np.int64)
            of_a = a.given(sd * z, *of[first][:2], exponent, of[first][2])[at_a[kept]]
            for g, rho in enumerate(grid):
                rest = np.sqrt(1.0 - rho * rho)
                given = np.stack(
                    [
                        logsumexp(
                            b.given(sd * (rho * x + rest * z), *of[second][:2], exponent,
                                    of[second][2])[at_b[kept]] + log_weight, axis=1
                        )
                        for x in z
                    ],
                    axis=1,
                )  # fmt: skip
                total[g] += float(logsumexp(of_a + given + log_weight, axis=1).sum())
    if n_both < 200:
        return None
    return float(1.0 - grid[int(np.argmax(total))])


def _effects(
    parts: Mapping[int, _Likelihood], sd: float, exponent: float,
    of: Mapping[int, tuple[float, float, float]], z: Floats, log_weight: Floats,
) -> dict[int, float]:  # fmt: skip
    """Return each person's mean effect given all that the log has of the person."""
    persons = np.unique(np.concatenate([part.persons for part in parts.values()]))
    total = np.zeros((len(persons), len(z))) + log_weight
    for channel, part in parts.items():
        b, c, m = of[channel]
        total[np.searchsorted(persons, part.persons)] += part.given(sd * z, b, c, exponent, m)
    chance = np.exp(total - logsumexp(total, axis=1, keepdims=True))
    return dict(zip(persons.tolist(), (chance @ z).tolist(), strict=True))
