"""Rows of the brand's own steps: journeys and profiles."""

from __future__ import annotations

from omnilab.kernels.record import i8
from omnilab.log.kinds.declared import RowKey

__all__: list[str] = []  # they are used by their file's name: brand.Enter


class Enter(RowKey):
    """A profile enters a journey."""

    copy_serial: i8  # of the journey instance
    journey: i8
    profile: i8  # serial


class ArmRow(RowKey):
    """A copy of a journey first meets a split test, and falls into one of its arms."""

    copy_serial: i8  # of the journey instance
    test: i8  # number of the scenario's test
    arm: i8  # number of its arm
    profile: i8  # serial


class Exit(RowKey):
    """A journey instance ends."""

    copy_serial: i8
    journey: i8
    reason: i8  # 0 done, 1 its until-condition, 2 merged, 3 control, 4 forgotten


class Merge(RowKey):
    """Two profiles become one."""

    survivor: i8  # serials
    absorbed: i8
