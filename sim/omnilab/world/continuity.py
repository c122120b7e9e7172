"""Continuity: what a person does where the context did not follow to the new place.

References
----------
No study isolates the effect; Baymard's reasons for leaving a checkout bound it. The chance is an
assumption, to be swept: docs/reference/parameters.md, "Continuity".
"""

from __future__ import annotations

from typing import Any

from omnilab.kernels.compiling import inner

__all__ = ["gives_up"]


@inner
def gives_up(M: Any, steps: int, u: float) -> bool:
    """Tell whether the person gives up before having repeated ``steps`` steps, uniform ``u``.

    Each step is given up with the same chance g, so all are done with (1 - g) per step.
    """
    goes_on = 1.0
    for _ in range(steps):
        goes_on *= 1.0 - M.w[0].give_up
    return u >= goes_on
