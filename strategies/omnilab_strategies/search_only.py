"""The same paid search as the others, and nothing else: what messages are worth on top of it."""

from __future__ import annotations

from omnilab.strategy import Brand, Plan

__all__ = ["SearchOnly"]


class SearchOnly:
    """No journeys, but the paid search that every strategy with messages buys.

    The brand is found by who looks for it, and stays silent. It parts what search ads bring from
    what messages bring.
    """

    name = "search_only"

    def plan(self, brand: Brand) -> Plan:
        """Return a plan without journeys.

        Raises
        ------
        ValueError
            Where no channel has a search side: it would be `no_contact`.
        """
        if not any(channel.search for channel in brand.channels):
            raise ValueError("no channel here has paid search, so it is no_contact: leave it out")
        return Plan(cap=brand.cap)
