"""The baseline: what customers do when nobody writes to them."""

from __future__ import annotations

from omnilab.strategy import Brand, Plan

__all__ = ["NoContact"]


class NoContact:
    """No journeys and no paid search.

    Nobody is written to and nothing is advertised. Customers have their needs, talk to friends and
    come by themselves. What they buy then is what any strategy must beat: a shop that credits its
    newsletter with all orders of its readers forgets that most of them would have come anyway.
    """

    name = "no_contact"

    def plan(self, brand: Brand) -> Plan:
        """Return an empty plan."""
        return Plan(cap=brand.cap, paid=False)
