"""The baseline: what customers do when nobody writes to them."""

from __future__ import annotations

from omnilab.strategy import Brand, Plan

__all__ = ["NoContact"]


class NoContact:
    """No journeys and no paid search."""

    name = "no_contact"

    def plan(self, brand: Brand) -> Plan:
        """Return an empty plan."""
        return Plan(cap=brand.cap, paid=False)
