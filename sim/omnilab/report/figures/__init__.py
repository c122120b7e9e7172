"""The figures of a report: one file each, from a run's tables to a Vega-Lite specification."""

from __future__ import annotations

__all__: list[str] = []
