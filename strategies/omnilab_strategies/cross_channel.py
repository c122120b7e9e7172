"""Silos that are linked where the customer makes a hand-off."""

from __future__ import annotations

from omnilab.strategy import Brand, Plan, Sharing

__all__ = ["CrossChannel"]


class CrossChannel:
    """One copy of each journey along its declared silos; a hand-off links two silos."""

    name = "cross_channel"

    def plan(self, brand: Brand) -> Plan:
        """Return the scenario's journeys, shared by ``handoff``."""
        return Plan(Sharing.every("handoff"), journeys=brand.journeys, cap=brand.cap)
