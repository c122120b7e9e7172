"""All channels on one profile."""

from __future__ import annotations

from omnilab.strategy import Brand, Plan, Sharing

__all__ = ["Omnichannel"]


class Omnichannel:
    """One profile, one copy of each journey, on the channel where the person is or answers."""

    name = "omnichannel"

    def plan(self, brand: Brand) -> Plan:
        """Return the scenario's journeys, shared by ``all``."""
        return Plan(Sharing.every("all"), journeys=brand.journeys, cap=brand.cap)
