"""All channels on one profile."""

from __future__ import annotations

from omnilab.strategy import Brand, Plan, Sharing

__all__ = ["Omnichannel"]


class Omnichannel:
    """One profile, one copy of each journey, on the channel where the person is or answers.

    All that a customer did anywhere is on one profile, and every channel works from it: the cart
    that was filled in the app is in the web shop, the call centre sees the order, a purchase in the
    store ends the reminder by e-mail. A message goes first to where the person was last seen.
    """

    name = "omnichannel"

    def plan(self, brand: Brand) -> Plan:
        """Return the scenario's journeys, shared by ``all``."""
        return Plan(Sharing.every("all"), journeys=brand.journeys, cap=brand.cap)
