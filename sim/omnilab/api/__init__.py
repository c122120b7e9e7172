"""omnilab from Python: what ``import omnilab`` offers, loaded when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omnilab.api.experiments import compare, run
    from omnilab.api.fits import Fit, fit
    from omnilab.api.result import Result
    from omnilab.api.scenarios import Finding, load_scenario, validate

__all__ = ["Finding", "Fit", "Result", "compare", "fit", "load_scenario", "run", "validate"]

_HOME = {
    "Finding": "scenarios",
    "Fit": "fits",
    "Result": "result",
    "compare": "experiments",
    "fit": "fits",
    "load_scenario": "scenarios",
    "run": "experiments",
    "validate": "scenarios",
}


def __getattr__(name: str) -> Any:
    """Import the module of a public name when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
