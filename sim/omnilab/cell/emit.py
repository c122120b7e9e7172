"""Writing rows of the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.log.kinds import messages
from omnilab.log.kinds.declared import LATER
from omnilab.log.layout import fields_of, words_of_kind
from omnilab.log.rows import SENT

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell

__all__: list[str] = []


@inner
def emit(
    cell: Cell,
    t: int,
    who: int,
    kind: int,
    channel: int,
    silo: int,
    words: tuple[int, int, int, int],
) -> None:
    """Write one row about person ``who`` of the cell."""
    m = cell.meta
    person = cell.person[who]
    row = cell.row[m.rows]
    m.rows += 1
    row.time = t
    row.person = m.first + who
    row.seq = person.row_seq
    person.row_seq += 1
    row.priority = 0 if kind < SENT or kind >= LATER else 1 if kind < 30 else 2
    row.kind = kind
    row.channel = channel
    row.silo = silo
    row.a, row.b, row.c, row.d = words


def writer(kind: int, *, placed: bool) -> Callable[..., None]:
    """Return the compiled function that writes rows of a kind, its fields by their names.

    Parameters
    ----------
    kind
        Of `omnilab.log.rows`.
    placed
        The rows have a channel and a silo: ``write(cell, t, who, channel, silo, ...)``; else
        ``write(cell, t, who, ...)``.
    """
    name = f"write_{rows.KIND_NAMES[kind]}"
    fields = ", ".join(fields_of(rows.KINDS[kind]))
    head, place = ("channel, silo, ", "channel, silo") if placed else ("", "-1, -1")
    text = (
        f"def {name}(cell, t, who, {head}{fields}):\n"
        f"    emit(cell, t, who, {kind}, {place}, words({fields}))\n"
    )
    space: dict[str, Any] = {
        "__name__": __name__,
        "emit": emit,
        "words": words_of_kind(rows.KINDS[kind]),
    }
    exec(text, space)
    return inner(space[name])


write_person = writer(rows.PERSON, placed=True)
write_need = writer(rows.NEED, placed=False)
write_aware = writer(rows.AWARE, placed=False)
write_visit = writer(rows.VISIT, placed=True)
write_identifier = writer(rows.IDENTIFIER, placed=True)
write_view = writer(rows.VIEW, placed=True)
write_cart = writer(rows.CART, placed=True)
write_cart_left = writer(rows.CART_LEFT, placed=True)
write_give_up = writer(rows.GIVE_UP, placed=True)
write_order = writer(rows.ORDER, placed=True)
write_return = writer(rows.RETURN, placed=False)
write_need_lost = writer(rows.NEED_LOST, placed=False)
write_service = writer(rows.SERVICE, placed=True)
write_bad = writer(rows.BAD, placed=False)
write_left = writer(rows.LEFT, placed=False)
write_tip = writer(rows.TIP, placed=False)
write_opt_in = writer(rows.OPT_IN, placed=True)
write_address = writer(rows.ADDRESS, placed=True)
write_census = writer(rows.CENSUS, placed=False)
write_at_place = writer(rows.AT_PLACE, placed=True)
write_passed = writer(rows.PASSED, placed=False)
write_position = writer(rows.POSITION, placed=True)
write_lives = writer(rows.LIVES, placed=False)
write_stands = writer(rows.STANDS, placed=False)
write_sent = writer(rows.SENT, placed=True)
write_skipped = writer(rows.SKIPPED, placed=True)
write_held = writer(rows.HELD, placed=True)
write_final = writer(rows.FINAL, placed=True)
_words_of_message = words_of_kind(messages.MessageRow)


@inner
def write_message(
    cell: Cell, t: int, who: int, kind: int, channel: int, silo: int, message: int, journey: int,
    step: int,
) -> None:  # fmt: skip
    """Write that something happened to a message that has been sent: `rows.DELIVERED` and so on."""
    words = _words_of_message(message=message, journey=journey, step=step)
    emit(cell, t, who, kind, channel, silo, words)


_words_of_response = words_of_kind(messages.Response)


@inner
def write_response(
    cell: Cell, t: int, who: int, kind: int, channel: int, silo: int, message: int, journey: int,
    step: int, receipt: int,
) -> None:  # fmt: skip
    """Write that a person or a machine opens or clicks a message: `rows.OPEN` and so on."""
    words = _words_of_response(message=message, journey=journey, step=step, receipt=receipt)
    emit(cell, t, who, kind, channel, silo, words)
