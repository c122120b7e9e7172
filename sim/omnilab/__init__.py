"""omnilab: try omnichannel strategies on synthetic customers before real ones meet them.

``import omnilab as ol`` is light: what it offers is loaded when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omnilab.api import Finding, Fit, Result, compare, fit, load_scenario, run, validate

__all__ = [
    "Finding",
    "Fit",
    "Result",
    "__version__",
    "compare",
    "fit",
    "load_scenario",
    "run",
    "validate",
]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "fit":  # a package that can be called, which says why
        return import_module("omnilab.fit")
    return getattr(import_module("omnilab.api"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
