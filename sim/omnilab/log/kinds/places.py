"""Rows of the town: who lives where, what stands where, and who passes.

``need`` is the person's own number of a need.
"""

from __future__ import annotations

from omnilab.kernels.record import i1, i4, i8
from omnilab.log.kinds.declared import RowKey

__all__: list[str] = []  # they are used by their file's name: places.Lives


class Lives(RowKey):
    """Where a person lives and works: once, when the person is there."""

    home_x: i4  # metres from the town's centre
    home_y: i4
    work_x: i4
    work_y: i4
    works: i1
    tells: i1  # 1: the app may tell where the person is


class Stands(RowKey):
    """Where a place of the town stands; the town's first person writes it."""

    place: i4
    kind_of_place: i4  # number in the scenario's list
    x: i4  # metres from the town's centre
    y: i4


class AtPlace(RowKey):
    """A visit is made at a place."""

    need: i8  # -1 without one
    place: i4  # number within the town
    metres: i4  # the way there


class Passed(RowKey):
    """A person passes a place and notices it."""

    place: i4
    metres: i4  # how near
    cost: i8  # milli-cents of a board, 0 of others
    does: i8  # PASSED_*


class Position(RowKey):
    """The app tells the brand that a person is near a place."""

    place: i4
    metres: i4
    dwell: i8  # seconds for which the person has been there
    profile: i8  # serial of the profile that the brand takes the person for, -1
