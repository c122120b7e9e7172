"""One silo alone, e-mail by default."""

from __future__ import annotations

from omnilab.strategy import Brand, Plan

__all__ = ["SingleChannel"]


class SingleChannel:
    """The journeys as one silo can run them on its own channels.

    One team, one channel, mostly e-mail: its newsletters and its reminders of what it saw itself.
    Claims of the "250% more than with a single channel" kind are held against this.

    Parameters
    ----------
    silo
        Which one; None: that of channel ``email``, or else of the first channel with messages.
    """

    name = "single_channel"

    def __init__(self, silo: str | None = None) -> None:
        self.silo = silo

    def plan(self, brand: Brand) -> Plan:
        """Return the scenario's journeys, written from one silo."""
        writing = sorted((c for c in brand.channels if c.messages), key=lambda c: c.name != "email")
        silos = (self.silo,) if self.silo is not None else tuple(c.silo for c in writing[:1])
        searches = any(c.search and c.silo in silos for c in brand.channels)
        return Plan(journeys=brand.journeys, cap=brand.cap, silos=silos, paid=searches)
