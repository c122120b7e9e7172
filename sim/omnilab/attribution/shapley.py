"""Credit by Shapley's value over sets of sources, exactly.

The worth of a set of sources is what comes of the paths all of whose touches are in it. A source's
value is its mean gain in worth over all orders in which the sources can join. A path's order needs
all of its sources, and no other: so it adds to the worth of every set that holds them, a game whose
Shapley value gives each of them the same part. The values of a sum of games are the sums of the
values. So every order falls in equal parts to the *different* sources of its path, and no set has
to be gone through.

**Limit.** How often a source was met, when, and in which order does not count; nor do paths that
led nowhere. And the worth of a set is what was seen with it, not what would have come without the
others.

References
----------
Shapley, L. S. (1953). A value for n-person games. Contributions to the Theory of Games II, 307-317.
Zhao, K., Mahboobi, S. H. and Bagheri, S. R. (2018). Shapley value methods for attribution modeling
in online advertising. arXiv:1804.05327.
"""

from __future__ import annotations

from collections.abc import Sequence

from omnilab.attribution.paths import Touch

__all__ = ["shapley"]


def shapley(touches: Sequence[Touch]) -> list[float]:
    """Return each touch's part of its path's order: a source's part falls to its first touch.

    Parameters
    ----------
    touches
        Of a path, the oldest first and one at least.
    """
    sources = [touch.source for touch in touches]
    first = [float(source not in sources[:i]) for i, source in enumerate(sources)]
    whole = sum(first)
    return [part / whole for part in first]
