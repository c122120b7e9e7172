"""Many channels, each silo by itself."""

from __future__ import annotations

from omnilab.strategy import Brand, Plan, Sharing

__all__ = ["Multichannel"]


class Multichannel:
    """Every silo runs its own copies of the journeys on what it sees itself."""

    name = "multichannel"

    def plan(self, brand: Brand) -> Plan:
        """Return the scenario's journeys, shared by ``silo``."""
        return Plan(Sharing.every("silo"), journeys=brand.journeys, cap=brand.cap)
