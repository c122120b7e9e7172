"""Rows of questions and who answers them, lines and who waits in them.

``need`` is the person's own number of a need.
"""

from __future__ import annotations

from omnilab.kernels.record import i1, i2, i4, i8
from omnilab.log.kinds.declared import RowKey

__all__: list[str] = []  # they are used by their file's name: desks.Question


class Question(RowKey):
    """A question comes up: before a purchase, or about an order."""

    need: i4
    hard: i1  # 1: no page can answer it
    after: i1  # 1: about an order


class Contact(RowKey):
    """A question is asked at a desk."""

    need: i4
    attempt: i2  # contacts about it before
    known: i1  # 1: the agent sees what went before
    after: i1
    hard: i1
    team: i1  # number of the agents' team


class Answer(RowKey):
    """A question gets an answer, which need not be the last word."""

    need: i4
    by: i1  # 0 a page, else the team's number + 1
    known: i1
    solved: i1  # 1: the question is answered for good
    after: i1
    attempt: i4
    wait: i4  # seconds until an agent began
    length: i4  # seconds of the agent
    cost: i8  # milli-cents


class Unanswered(RowKey):
    """A question is given up without an answer."""

    need: i4
    why: i1  # 1 nobody answers it, 2 given up, 3 left the brand, 4 the need has ended
    after: i1
    attempt: i2


class CallBack(RowKey):
    """A person gives up waiting and will be called back."""

    need: i4
    wait: i4  # seconds so far


class SurveyRow(RowKey):
    """The brand asks how a contact was."""

    need: i4
    answered: i1  # 1: and gets an answer
    unhappy: i1  # 1: it was a bad experience, or brought no answer


class LineJoined(RowKey):
    """A person comes to a line."""

    line: i4  # its index
    ahead: i4  # persons who wait there already
    rank: i8  # class of priority, 0 is called first


class Served(RowKey):
    """A person in a line is called; the service begins."""

    line: i8
    wait: i8  # seconds


class LineLeft(RowKey):
    """A person gives up waiting."""

    line: i8
    wait: i8  # seconds


class ServiceDone(RowKey):
    """A service ends."""

    line: i8
    spent: i8  # seconds, from coming to the line
