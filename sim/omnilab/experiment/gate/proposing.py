"""Settings that Optuna proposes: where earlier ones did well, and kept the guardrails.

A tree-structured Parzen estimator models where the better settings lie and where the rest do, over
all keys together, and proposes what is much likelier among the better ones. Settings that break a
guardrail count as worse than all that keep them. A pruner decides which settings are worth more
customers: asynchronous successive halving, so the better fourth of what was seen so far.

References
----------
Bergstra, J., Bardenet, R., Bengio, Y. and Kegl, B. (2011). Algorithms for hyper-parameter
optimization. NIPS.
Akiba, T., Sano, S., Yanase, T., Ohta, T. and Koyama, M. (2019). Optuna: a next-generation
hyperparameter optimization framework. KDD.
Li, L. et al. (2020). A system for massively parallel hyperparameter tuning. MLSys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from omnilab.errors import OptionError
from omnilab.experiment.sweep.vary import Given

if TYPE_CHECKING:
    from omnilab.experiment.sweep.vary import Vary

__all__ = ["KEPT", "Proposer", "at_place", "check_optuna", "shipped_numbers"]

#: One setting in so many goes on to more customers.
KEPT: Final = 4
_SEEDS: Final = 1 << 32  # Optuna's seeds are those of NumPy
#: Steps of durations, and the length of a range from which on: days, hours, minutes.
_STEPS: Final = ((86400, 10 * 86400), (3600, 10 * 3600), (60, 10 * 60))


def check_optuna() -> None:
    """Find out whether settings can be proposed.

    Raises
    ------
    OptionError
        If Optuna is not installed.
    """
    if find_spec("optuna") is None:
        raise OptionError(
            "--search tpe needs Optuna: pip install 'omnilab[optimize]', or give --search lhs"
        )


class Proposer:
    """A study of Optuna's over what varies; the goal's gain is what it makes large.

    Parameters
    ----------
    varies
        Keys of a plan with their ranges or lists.
    start
        The first settings, as shares of the way along each key, shape ``(n_start, n_keys)``.
    seed
        The same seed gives the same proposals for the same gains.
    shipped
        The settings that there are: they gain 0 and cost no run. None where one of them is beyond
        what varies.
    """

    def __init__(
        self, varies: Sequence[Vary], start: Sequence[Sequence[float]], seed: int,
        shipped: Sequence[float | int] | None = None,
    ) -> None:  # fmt: skip
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._varies = list(varies)
        self._kinds = {vary.path: _distribution(vary) for vary in varies}
        self._pruned = optuna.trial.TrialState.PRUNED
        self._study = optuna.create_study(
            direction="maximize",
            sampler=optuna.samplers.TPESampler(
                seed=seed % _SEEDS, multivariate=True, constant_liar=True, n_startup_trials=1
            ),
            pruner=optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=KEPT),
        )
        if shipped is not None:
            params = {v.path: x for v, x in zip(varies, shipped, strict=True)}
            self._study.add_trial(
                optuna.trial.create_trial(
                    params=params,
                    distributions=self._kinds,
                    value=0.0,
                    intermediate_values={1: 0.0},
                )
            )
        for row in start:
            places = zip(varies, row, strict=True)
            self._study.enqueue_trial({v.path: _number(v, at_place(v, u), u) for v, u in places})

    def ask(self) -> tuple[Any, list[Given]]:
        """Return a trial and its settings: the first ones, then proposals."""
        trial = self._study.ask(self._kinds)
        return trial, [_given(vary, trial.params[vary.path]) for vary in self._varies]

    def refuse(self, trial: Any) -> None:
        """Say that settings could not be tried, so that there are no more like them."""
        trial.set_constraint("refused", 1.0)
        self._study.tell(trial, state=self._pruned)

    def goes_on(self, trial: Any, gain: float, breaks: Mapping[str, float]) -> bool:
        """Say what settings gained on few customers; return whether they are worth more of them.

        Parameters
        ----------
        trial
            From `ask`.
        gain
            In the goal's unit, in the good direction.
        breaks
            Guardrail -> how far beyond its bound, in standard errors; below 0 within it.
        """
        trial.report(gain, 1)
        for name, beyond in breaks.items():
            trial.set_constraint(name, beyond)
        broken = any(beyond > 0 for beyond in breaks.values())
        if broken or trial.should_prune():
            self._study.tell(trial, state=self._pruned)
            return False
        return True

    def finish(self, trial: Any, gain: float) -> None:
        """Say what settings gained on all customers."""
        self._study.tell(trial, gain)


def at_place(vary: Vary, u: float) -> Given:
    """Return the setting at a share of the way, as people say it: in days, or in three digits."""
    if vary.values or vary.quantity in ("whole", "clock"):
        return vary.at(u)
    number = vary.place_number(u)
    if vary.quantity == "duration":
        step = next((s for s, least in _STEPS if vary.high - vary.low >= least), 1)
        number = round(number / step) * step
    else:
        number = float(f"{number:.3g}")
    number = min(max(number, vary.low), vary.high)
    return Given(vary.written(number), vary.said(number))


def shipped_numbers(varies: Sequence[Vary], now: Sequence[Any]) -> list[float | int] | None:
    """Return the present settings as the numbers that Optuna keeps; None if one is out of range.

    Parameters
    ----------
    varies
        Keys with their ranges or lists.
    now
        The value of each, durations in seconds.
    """
    found: list[float | int] = []
    for vary, value in zip(varies, now, strict=True):
        if vary.values:
            return None  # a list says its values as a file has them, and the plan as it keeps them
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        u = vary.place_of(float(value))
        if not 0.0 <= u <= 1.0:
            return None
        found.append(int(value) if vary.quantity == "whole" else u)
    return found


def _distribution(vary: Vary) -> Any:
    """Return how Optuna sees a key: values in an order as whole numbers, others as categories."""
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    if vary.values:
        numbers = [g.value for g in vary.values]
        if len(numbers) > 1 and _is_ordered(numbers):
            return IntDistribution(0, len(numbers) - 1)
        return CategoricalDistribution(list(range(len(numbers))))
    if vary.quantity == "whole":
        return IntDistribution(round(vary.low), round(vary.high), log=vary.log)
    return FloatDistribution(0.0, 1.0)  # of the way, which is even on the range's own scale


def _is_ordered(values: Sequence[Any]) -> bool:
    """Tell whether values are numbers that grow or fall: neighbours then do about as well."""
    if not all(isinstance(x, int | float) and not isinstance(x, bool) for x in values):
        return False
    steps = [b - a for a, b in pairwise(values)]
    return all(s > 0 for s in steps) or all(s < 0 for s in steps)


def _number(vary: Vary, given: Given, u: float) -> float | int:
    """Return a setting as the number that Optuna keeps of it."""
    if vary.values:
        return vary.values.index(given)
    return int(given.value) if vary.quantity == "whole" else u


def _given(vary: Vary, number: float) -> Given:
    """Return the setting of a number that Optuna keeps."""
    if vary.values:
        return vary.values[int(number)]
    if vary.quantity == "whole":
        return Given(vary.written(number), vary.said(number))
    return at_place(vary, number)
