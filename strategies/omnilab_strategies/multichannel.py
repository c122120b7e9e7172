"""Many channels, each silo by itself."""

from __future__ import annotations

from omnilab.strategy import Brand, Plan, Sharing

__all__ = ["Multichannel"]


class Multichannel:
    """Every silo runs its own copies of the journeys on what it sees itself.

    The brand is on many channels, and each works well by itself. Nobody can begin on the site and
    go on in the app: every change of channel starts anew. The e-mail team does not know what the
    store sold, so two teams may write about the same cart, or about one that was bought long ago.
    Unlike under `fixed_blasts`, each team does react to what happens on its own channels.
    """

    name = "multichannel"

    def plan(self, brand: Brand) -> Plan:
        """Return the scenario's journeys, shared by ``silo``."""
        return Plan(Sharing.every("silo"), journeys=brand.journeys, cap=brand.cap)
