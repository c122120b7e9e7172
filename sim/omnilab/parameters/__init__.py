"""How parameters are declared: quantities with units, and what a scenario file's key says.

A leaf, so that the world's mechanisms and the scenario both stand on it: a mechanism's parameters
are declared beside its rules.
"""

from __future__ import annotations

__all__: list[str] = []
