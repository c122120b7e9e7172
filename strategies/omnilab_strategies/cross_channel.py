"""Silos that are linked where the customer makes a hand-off."""

from __future__ import annotations

from omnilab.strategy import Brand, Plan, Sharing

__all__ = ["CrossChannel"]


class CrossChannel:
    """One copy of each journey along its declared silos; a hand-off links two silos.

    Messages refer to each other: one story goes from e-mail to SMS to the app, in an order that
    somebody planned. Channels are linked where the customer carries something over: a click in an
    e-mail, a code, a scan. What nobody carries over stays where it is.
    """

    name = "cross_channel"

    def plan(self, brand: Brand) -> Plan:
        """Return the scenario's journeys, shared by ``handoff``."""
        return Plan(Sharing.every("handoff"), journeys=brand.journeys, cap=brand.cap)
