"""Effects and their intervals against the jackknife, which knows nothing of derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from omnilab.experiment.evidence.effects import Linear, paired, ratio_of, smallest

N = 4000


def clusters(seed: int) -> Any:
    """Return sums of clusters under two arms: shared luck, a lift, sizes that differ."""
    rng = np.random.default_rng(seed)
    size = rng.integers(1, 6, N).astype(float)
    luck = rng.normal(0, 0.5, N)
    a = rng.binomial(size.astype(int), 0.3) + luck.clip(0)
    b = a + rng.binomial(size.astype(int), 0.05)
    return size, a, b


def jackknife(function: Callable[[Any], float], columns: Any, blocks: int = 200) -> float:
    """Return the standard error of a function of sums, leaving a block of clusters out."""
    parts = np.array_split(np.arange(N), blocks)
    whole = columns.sum(axis=1)
    values = np.array([function(whole - columns[:, part].sum(axis=1)) for part in parts])
    return float(np.sqrt((blocks - 1) / blocks * ((values - values.mean()) ** 2).sum()))


FORMS: dict[str, tuple[Callable[[Any], float], Callable[[Linear, Linear], Linear]]] = {
    "difference": (lambda s: (s[2] - s[1]) / s[0], lambda a, b: paired(b, a, "difference")),
    "relative": (lambda s: s[2] / s[1] - 1, lambda a, b: paired(b, a, "relative")),
    "ratio": (lambda s: s[2] / s[1], lambda a, b: paired(b, a, "ratio")),
    "odds": (
        lambda s: (s[2] / (s[0] - s[2])) / (s[1] / (s[0] - s[1])) - 1,
        lambda a, b: paired(b, a, "odds"),
    ),
    "value": (lambda s: s[2] / s[0], lambda a, b: paired(b, a, "value")),
    "of a ratio": (
        lambda s: (s[2] / s[0] - s[1] / s[0]) / (s[2] / s[0]) - 0.5,
        lambda a, b: ((b - a) / b).minus(0.5),
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_interval_is_the_jackknifes(form: str) -> None:
    size, a, b = clusters(1)
    closed, made = FORMS[form]
    found = made(ratio_of(a, size), ratio_of(b, size))
    low, high = found.interval()
    assert found.value == pytest.approx(closed(np.array([size, a, b]).sum(axis=1)))
    error = jackknife(closed, np.array([size, a, b]))
    assert (high - low) / 2 == pytest.approx(1.96 * error, rel=0.12)
    assert (low + high) / 2 == pytest.approx(found.value)


def test_what_arms_share_cancels() -> None:
    size, a, _ = clusters(2)
    found = ratio_of(a, size) - ratio_of(a, size)
    assert (found.value, found.interval()) == (0.0, (0.0, 0.0))


def test_nothing_to_divide_by_is_no_number() -> None:
    with pytest.raises(ZeroDivisionError):
        ratio_of(np.ones(3), np.zeros(3))
    one = ratio_of(np.ones(3), np.ones(3))
    with pytest.raises(ZeroDivisionError):
        paired(one, one - one, "relative")
    with pytest.raises(ZeroDivisionError):
        paired(one, one, "odds")  # of a share of 1


def test_few_clusters_have_no_interval() -> None:
    one = ratio_of(np.ones(3), np.ones(3))
    assert one.interval(least_clusters=10) == (-np.inf, np.inf)


def test_of_several_that_nearest_to_failing_is_shown() -> None:
    numbers = [Linear(x, np.zeros(2)) for x in (0.5, -0.2, 0.3)]
    assert smallest(numbers, "+").value == -0.2
    assert smallest(numbers, "-").value == 0.5
    assert smallest(numbers, "0").value == 0.5
