"""Read and write users' files: texts, tables, JSON, times; one way for all of the product.

A leaf: it imports nothing of omnilab but `omnilab.errors`, so that the cores that use it still
stand alone.
"""

from __future__ import annotations

__all__: list[str] = []
