"""All that touches Numba: compiling, the cache, and what compiled code needs beside it.

Importing this package imports no Numba. Nothing else in omnilab imports Numba or llvmlite;
``docs/developers/kernels.md`` says what breaks when Numba moves.
"""

from __future__ import annotations

__all__: list[str] = []
