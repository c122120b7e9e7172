"""Paid search: a visit for a need may start at a search result that the brand pays for."""

from __future__ import annotations

from omnilab.kernels.record import Record, f8, i8

__all__ = ["LoweredSearch"]


class LoweredSearch(Record):
    """The parameters: those of the channel that has `search`."""

    searches: f8
    click: f8
    landing: i8  # channel, -1 without paid search
    cost: i8  # milli-cents a click
    first_visit: i8  # the first channel that can be visited
