"""omnilab: try omnichannel strategies on synthetic customers before real ones meet them."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
