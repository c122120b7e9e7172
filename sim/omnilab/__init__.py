"""omnilab: try omnichannel strategies on synthetic customers before real ones meet them.

``import omnilab as ol`` is light: what it offers is loaded when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab._lazy import lazy_names

if TYPE_CHECKING:
    from omnilab.api import (
        AblationResult,
        Finding,
        Fit,
        Result,
        ablate,
        compare,
        fit,
        load_scenario,
        run,
        validate,
    )
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "api": (
                *("AblationResult", "Finding", "Fit", "Result", "ablate", "compare"),
                *("load_scenario", "run", "validate"),
            ),
            "fit": ("fit",),  # the package, which can be called and says why
        },
    )

__all__ = [
    "AblationResult",
    "Finding",
    "Fit",
    "Result",
    "__version__",
    "ablate",
    "compare",
    "fit",
    "load_scenario",
    "run",
    "validate",
]

__version__ = "0.1.0"
