"""Censuses that this process has taken: a world that is run again in it is not counted again.

A census runs 2,000 customers, which takes as long as a tenth of a run of 10,000. It depends on
nothing but `omnilab.engine.calibrate.census_inputs`, so it is kept under their digest.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from omnilab.engine import calibrate
from omnilab.lowering.digests import digest_of

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario
    from omnilab.world.model import Model

__all__ = ["kept_census"]

MOST: Final = 8  # censuses that are kept: some thousand numbers each

_kept: dict[tuple[int, str], tuple[Any, Any, Any]] = {}
_lock = Lock()


def kept_census(scenario: Scenario, model: Model) -> tuple[Any, Any, Any]:
    """Return the census of a model, that of an earlier run where both are equal in its eyes.

    Returns
    -------
    tuple
        As `omnilab.engine.calibrate.census`.
    """
    key = calibrate.PILOT_CUSTOMERS, digest_of(calibrate.census_inputs(scenario, model))
    with _lock:
        found = _kept.get(key)
    if found is None:
        found = calibrate.census(scenario, model)
        with _lock:
            _kept[key] = found
            while len(_kept) > MOST:
                del _kept[next(iter(_kept))]
    return found
