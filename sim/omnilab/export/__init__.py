"""The streams of a run, and its event log, as files for other tools.

The package can be called: ``omnilab.export("retailer-v1", ["clv"])`` is `omnilab.api.export`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

__all__: list[str] = []


class _Package(ModuleType):
    """A package that is a function too, as `omnilab.fit` is, and for the same reason."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Make tables for other tools; see `omnilab.api.export`."""
        # By name: the door stands above this package, which otherwise knows nothing of it.
        return import_module("omnilab.api").export(*args, **kwargs)


sys.modules[__name__].__class__ = _Package
