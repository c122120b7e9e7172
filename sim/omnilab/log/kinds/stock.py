"""Rows of the units on shelves.

``need`` is the person's own number of a need.
"""

from __future__ import annotations

from omnilab.kernels.record import i1, i2, i4, i8
from omnilab.log.kinds.declared import RowKey

__all__: list[str] = []  # they are used by their file's name: stock.StockOut


class StockOut(RowKey):
    """A place is out of the variant that a need wants, and the person does something."""

    need: i4
    category: i2
    wanted: i2  # variant of the category
    took: i2  # the variant taken in its place, -1
    does: i1  # DOES_*
    broken: i1  # 1: what the brand had promised was not there
    place: i2  # of stock, of the visit's channel
    other: i2  # place meant, -1


class UnitsSold(RowKey):
    """An order takes a unit from a place."""

    need: i4
    place: i2
    variant: i2  # of all categories
    free: i4  # units left there for anybody
    held: i1  # 1: it had been kept for the person


class UnitsBack(RowKey):
    """A unit that a customer sent back is on the shelf again."""

    need: i4
    place: i2
    variant: i2
    free: i4
    n: i4  # units


class UnitsOrdered(RowKey):
    """A place orders units from the supplier; such rows stand under some person of the town."""

    place: i2
    variant: i2
    n: i4
    due: i8  # second


class UnitsCame(RowKey):
    """Ordered units are delivered to a place."""

    place: i2
    variant: i2
    n: i4
    free: i4


class UnitsSpoiled(RowKey):
    """Units are spoiled and thrown away."""

    place: i2
    variant: i2
    n: i4
    free: i4


class UnitsHeld(RowKey):
    """A unit is kept for a person, or not any more."""

    need: i4
    place: i2
    variant: i2
    free: i4
    n: i4  # 1 or -1
