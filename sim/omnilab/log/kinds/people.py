"""Rows of what a person is, knows, does and suffers."""

from __future__ import annotations

from omnilab.kernels.record import i1, i2, i4, i8
from omnilab.log.kinds.declared import RowKey

__all__: list[str] = []  # they are used by their file's name: people.Person


class Person(RowKey):
    """A person: once, at time 0. The channel is the one by which a newcomer will enter."""

    persona: i8
    prior: i8  # 1 if a buyer before
    household: i8
    entry: i8  # second of a cohort's member's first order, or of a newcomer's first visit; else 0


class Address(RowKey):
    """An address that the brand had before the start, with permission for this channel."""

    code: i8  # the brand's code of it
    type: i8


class RecordRow(RowKey):
    """An identifier in a record that the brand has of a person at the start."""

    code: i8  # the brand's code of it
    type: i8
    upload: i2  # number of the upload in the scenario
    duplicate: i2  # 1: of the person's second record there
    first: i2  # 1: a record begins with it
    is_wrong: i2  # 0 it is the person's, 1 nobody's, 2 somebody else's


class OptIn(RowKey):
    """Permission for this channel, with the address that is handed over."""

    code: i8  # the brand's code of the address
    type: i8
    visited: i8  # silo of the visit in which it was given, -1 where the visit is not known


class ActRow(RowKey):
    """A person does an act by which the brand can reach it, or know it again."""

    act: i1  # number of the act, see `omnilab.log.act_kinds`
    asked: i1  # 1: a message that asks for it led here
    again: i1  # 1: it has been done before, so it brings no incentive
    thing: i1  # of a request: number of what is asked for, see `omnilab.scenario.acts`
    points: i8  # loyalty points that it brings
    cost: i8  # milli-cents of the incentive
    cause: i8  # id of the message that asks for it, or -1


class Knows(RowKey):
    """Whether a person knows the brand: at the start, and when that changes."""

    by: i4  # 0 at the start, 1 a visit, 2 a tip, 3 a medium, 4 a post, 5 an article, 6 a paid click
    new: i4  # 1: the person did not know the brand until now
    until: i8  # second until which it is known, if nothing more is heard; 0 it is not


class Bad(RowKey):
    """A bad experience."""

    why: i8  # BAD_*


class Left(RowKey):
    """The person leaves the brand for good."""

    why: i8  # 1 after an order, 2 after bad experiences, 3 woken by a message


class FailureNoted(RowKey):
    """The brand notes that something went wrong for a person."""

    why: i8  # BAD_*


class Census(RowKey):
    """How well a message that shows everything would meet the person now (engine/calibrate.py)."""

    match: i8  # millionths
    standing: i8  # millionths of a logit: recency and tenure
