"""What is wrong with an answer of `decide`: columns of a wrong type, values that may not be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from omnilab.brand.scoring import NO_SCORE
from omnilab.errors import StrategyError, nearest
from omnilab.scenario.offers import NO_OFFER
from omnilab.scenario.score import MOST_SCORE
from omnilab.strategy.decisions import Bools, Choices, Decisions, Floats, Integers
from omnilab.world.goods import MOST_SHOWN

__all__ = ["validate_choices"]

#: Seconds for which `decide` may let a message wait.
MOST_DELAY: Final = 30 * 86400


def validate_choices(
    choices: object, pending: Decisions, *, strategy: str, time_s: int | None
) -> Choices:
    """Return the answer of a `decide` in one form, or say what is wrong with it.

    Parameters
    ----------
    choices
        What the hook returned.
    pending
        What it was asked.
    strategy, time_s
        The plug-in as the user named it and the simulated time, for the error.

    Returns
    -------
    Choices
        With ``channel`` and ``offer`` arrays of int64 that are -1 for the default and where nothing
        is sent, and ``delay_s`` one that is 0 there. ``shows``, ``creative`` and ``theme`` are such
        arrays, or None where none was chosen.

    Raises
    ------
    StrategyError
        Where a column has a wrong type, shape or value, or a channel, an offer, a content, a
        creative or a theme is not allowed.
    """
    checker = _Checker(pending, strategy, time_s)
    if not isinstance(choices, Choices):
        raise checker.error(f"returned {type(choices).__name__}, not Choices")
    send = checker.column("send", choices.send, "b", "booleans").astype(np.bool_)
    offer = _checked_offer(choices.offer, send, pending, checker)
    delay = _checked_delay(choices.delay_s, send, checker)
    goods = _checked_goods(choices.goods, send, pending, checker)
    looks = {name: _checked_look(look, getattr(choices, name), send, checker)
             for name, look in _LOOKS.items()}  # fmt: skip
    looks["score"] = _checked_score(choices.score, checker)
    channel = _checked_channel(choices.channel, send, pending, checker)
    return Choices(send, channel, offer, delay, goods, **looks)


def _checked_channel(given: Any, send: Bools, pending: Decisions, checker: _Checker) -> Integers:
    """Return the channels of an answer, or say which one is not allowed."""
    if given is None:
        return np.full(len(pending), -1, dtype=np.int64)
    names = pending.channel_names

    def not_allowed(row: int, c: int) -> str:
        return (
            f"asks to break a cap or a consent: channel {names[c]!r} is not allowed in"
            f" {checker.row(row)}"
        )

    column = checker.column("channel", given, "iu", "whole numbers")
    there = f"channels are 0 to {len(names) - 1}, -1 the default"
    return checker.among("channel", column, send, pending.allowed, there, not_allowed)


def _checked_goods(given: Any, send: Bools, pending: Decisions, checker: _Checker) -> Bools | None:
    """Return the goods that messages recommend, or say which row has too many."""
    if given is None:
        return None
    goods, shape = np.asarray(given), (len(pending), len(pending.good_names))
    if goods.shape != shape:
        there = "" if pending.good_names else ": the scenario's categories have no goods"
        raise checker.error(f"goods has shape {goods.shape}, expected {shape}{there}")
    if goods.dtype.kind != "b" and goods.size:
        raise checker.error(f"goods is {goods.dtype}; give booleans")
    many = np.flatnonzero(goods.sum(axis=1) > MOST_SHOWN)
    if len(many):
        row = int(many[0])
        raise checker.error(
            f"recommends {goods[row].sum()} goods in {checker.row(row)}; a message shows at most"
            f" {MOST_SHOWN}"
        )
    return goods.astype(np.bool_) & send[:, None]


@dataclass(frozen=True)
class _Look:
    """One of what a message looks like: fields of `Choices` and `Decisions`, words for errors."""

    field: str
    what: str
    names: str
    may: str
    key: str  # of the step, which says what is open
    without: str  # where there are no names


_LOOKS: Final = {
    "shows": _Look("shows", "content", "show_names", "may_show", "shows", ""),
    "creative": _Look(
        "creative", "creative", "creative_names", "may_creative", "creatives",
        "the scenario declares none (brand.creatives)",
    ),
    "theme": _Look(
        "theme", "theme", "theme_names", "may_theme", "themes",
        "the scenario declares none (brand.themes)",
    ),
}  # fmt: skip


_OFFER: Final = _Look(
    "offer", "offer", "offer_names", "may_offer", "", "the scenario declares none (brand.offers)"
)


def _checked_offer(given: Any, send: Bools, pending: Decisions, checker: _Checker) -> Integers:
    """Return the offers of an answer, or say which one the strategy may not give.

    The last of the names is `none`, which any message may be sent with.
    """
    if given is None:
        return np.full(len(pending), -1, dtype=np.int64)
    names = pending.offer_names
    column = checker.column("offer", _as_text(given), "iuU", "whole numbers or names")
    if column.dtype.kind == "U":
        column = _numbers_of(column, _OFFER, names, checker)
    there = f"offers are 0 to {len(names) - 1} ({', '.join(names)})"
    if len(names) < 2:
        there = f"{_OFFER.without}; 0 is `none`"
    there += ", -1 the message's own"
    service = ~pending.may_offer[:, None] & (np.arange(len(names)) < len(names) - 1)

    def of_service(row: int, n: int) -> str:
        return (
            f"gives offer {names[n]!r} with a message of service in {checker.row(row)};"
            " answer -1 where may_offer is false"
        )

    return checker.among("offer", column, send, ~service, there, of_service)


def _checked_look(look: _Look, given: Any, send: Bools, checker: _Checker) -> Any:
    """Return contents, creatives or themes as numbers, or say which one may not be given."""
    if given is None:
        return None
    names = getattr(checker.pending, look.names)
    column = checker.column(look.field, _as_text(given), "iuU", "whole numbers or names")
    if column.dtype.kind == "U":
        column = _numbers_of(column, look, names, checker)
    there = f"there are {', '.join(names)}" if names else look.without
    may = getattr(checker.pending, look.may)

    def not_open(row: int, n: int) -> str:
        return _not_open(look, names[n], names, may[row], checker.row(row))

    there += ", from 0, and -1 is the message's own"
    return checker.among(look.field, column, send, may, there, not_open)


def _as_text(given: Any) -> Any:
    """Return names in an array of Python objects or a pandas column as text, all else as it is."""
    if not str(getattr(given, "dtype", "")).startswith(("object", "str")):
        return given
    return np.array(list(given)) if all(isinstance(one, str) for one in given) else given


def _numbers_of(
    column: npt.NDArray[Any], look: _Look, names: tuple[str, ...], checker: _Checker
) -> Integers:
    """Return the numbers of names, -1 of ``""``, or say which one is unknown."""
    numbers = {"": -1, **{name: n for n, name in enumerate(names)}}
    distinct, where = np.unique(column, return_inverse=True)
    unknown = [name for name in distinct.tolist() if name not in numbers]
    if unknown:
        row = int(np.flatnonzero(np.isin(column, unknown))[0])
        name = str(column[row])
        some = names not in ((), (NO_OFFER,))
        there = nearest(name, names) or f"; there are {', '.join(names)}" if some else ""
        raise checker.error(
            f"unknown {look.what} {name!r} in {checker.row(row)}{there or f': {look.without}'}"
        )
    found = np.array([numbers[name] for name in distinct.tolist()], dtype=np.int64)
    return found[where].reshape(column.shape)


def _not_open(look: _Look, name: str, names: tuple[str, ...], may: Any, row: str) -> str:
    """Say that a step does not leave a content, a creative or a theme open, and which it does."""
    open_ = [names[n] for n in np.flatnonzero(may)]
    if not open_:
        return f"gives a message of service the {look.what} {name!r} in {row}; it keeps its own"
    near = nearest(name, open_) or f"; it leaves open {', '.join(open_)}"
    return f"{look.what} {name!r} is not open to decide in {row} (leeway.{look.key}){near}"


def _checked_delay(given: Any, send: Bools, checker: _Checker) -> Integers:
    """Return the waits of an answer, or say which one is too long or negative."""
    if given is None:
        return np.zeros(len(send), dtype=np.int64)
    column = checker.column("delay_s", given, "iu", "whole seconds")
    outside = np.flatnonzero((column < 0) | (column > MOST_DELAY))
    if len(outside):
        row = int(outside[0])
        raise checker.error(
            f"delay_s is {column[row]} in {checker.row(row)}; a message waits 0 to {MOST_DELAY}"
            " seconds, thirty days"
        )
    return np.where(send, column.astype(np.int64), 0)


def _checked_score(given: Any, checker: _Checker) -> Floats | None:
    """Return the scores of an answer, or say which one is none."""
    if given is None:
        return None
    column = checker.column("score", given, "fiu", "a number, or -1 to leave the score as it is")
    column = column.astype(np.float64)
    some = column != NO_SCORE
    if some.any() and not checker.pending.keeps_scores:
        raise checker.error(
            f"score is {column[some][0]:g} in {checker.row(int(np.argmax(some)))}; the brand keeps"
            " no scores of strategies: write `decided: true` under brand.score"
        )
    outside = np.flatnonzero(some & ~((column >= 0) & (column <= MOST_SCORE)))
    if len(outside):
        row = int(outside[0])
        near = "0" if column[row] < 0 else f"{MOST_SCORE:.0f}"
        raise checker.error(
            f"score is {column[row]:g} in {checker.row(row)}; a score is 0 to {MOST_SCORE:.0f}, the"
            f" nearest is {near}, and -1 leaves the score as it is"
        )
    return column


@dataclass(frozen=True)
class _Checker:
    pending: Decisions
    strategy: str
    time_s: int | None

    def error(self, message: str) -> StrategyError:
        return StrategyError(message, strategy=self.strategy, hook="decide", time_s=self.time_s)

    def row(self, row: int) -> str:
        journey = self.pending.journey_names[int(self.pending.journey[row])]
        return f"row {row} (journey {journey!r}, step {self.pending.step[row]})"

    def among(
        self, name: str, column: npt.NDArray[Any], send: Bools, may: Bools, there: str,
        refusal: Callable[[int, int], str],
    ) -> Integers:  # fmt: skip
        """Return a column of numbers from 0 that rows may have, -1 where nothing is sent.

        Parameters
        ----------
        may
            Shape (n, numbers).
        there
            Which numbers there are, for an error.
        refusal
            Says that a row may not have a number.
        """
        outside = np.flatnonzero((column < -1) | (column >= may.shape[1]))
        if len(outside):
            row = int(outside[0])
            raise self.error(f"{name} is {column[row]} in {self.row(row)}; {there}")
        chosen = np.where(send, column.astype(np.int64), -1)
        rows = np.flatnonzero(chosen >= 0)
        refused = rows[~may[rows, chosen[rows]]]
        if len(refused):
            row = int(refused[0])
            raise self.error(refusal(row, int(chosen[row])))
        return chosen

    def column(self, name: str, value: object, kinds: str, what: str) -> npt.NDArray[Any]:
        """Return a column as an array of one of the kinds of dtype, of the right length."""
        n = len(self.pending)
        try:
            array = np.asarray(value)
        except Exception as error:  # whatever the object's own conversion raises
            raise self.error(f"{name} is no array: {' '.join(str(error).split())}") from error
        if array.shape != (n,):
            raise self.error(f"{name} has shape {array.shape}, expected ({n},)")
        if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
            raise self.error(f"{name} has masked values; give {what}")
        if array.dtype.kind == "f" and np.isnan(array).any():
            row = int(np.flatnonzero(np.isnan(array))[0])
            raise self.error(f"{name} is NaN in {self.row(row)}; give {what}")
        if array.dtype.kind not in kinds and n > 0:  # an empty list has no type of its own
            raise self.error(f"{name} is {array.dtype}; give {what}")
        return array
