"""From a scenario and a plan to the arrays that kernels read, and nothing else."""

from __future__ import annotations

__all__: list[str] = []
