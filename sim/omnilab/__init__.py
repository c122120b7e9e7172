"""omnilab: try omnichannel strategies on synthetic customers before real ones meet them.

``import omnilab as ol`` is light: what it offers is loaded when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omnilab.api import Finding, Result, compare, load_scenario, run, validate

__all__ = [
    "Finding",
    "Result",
    "__version__",
    "compare",
    "load_scenario",
    "run",
    "validate",
]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from omnilab import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return sorted(__all__)
