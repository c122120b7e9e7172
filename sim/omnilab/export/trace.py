"""Read a cell's log as what the two cores take: sightings of identifiers, messages, receipts.

The log has most of it. Some of what the brand took in has no row: addresses handed over before the
start or with a permission, and the identifiers of a service contact. These are a pure function of
person and time, so the world's own functions draw them here again. The cookie of a service contact
is left out, because it depends on all earlier visits.

What concerns messages is in `omnilab.export.trace_messages`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnilab.draws.philox import permute64
from omnilab.draws.streams import VISIT_SERVICE
from omnilab.export.trace_counts import (
    COPIES,
    LAST_SENT,
    NO_SLOT,
    OPEN,
    SHOWN,
    SIGHTINGS,
    STARTED,
)
from omnilab.export.trace_messages import (
    enter,
    final,
    leave,
    merge,
    message_row,
    profile_of,
    stop_all,
)
from omnilab.kernels.compiling import inner, kernel
from omnilab.log import rows
from omnilab.world.identifiers import COOKIE, address_code, packed, show, type_of
from omnilab.world.population import born

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["trace"]

ENTRY_ORDINAL = 1 << 24


@kernel
def trace(
    tables: Any,
    cell: Cell,
    model: Model,
    plan: LoweredPlan,
    number: int,
    first: int,
    household: int,
    switch: int,
    per: int,
) -> None:
    """Read a cell's rows in the order it wrote them: ``edge[per]`` to ``edge[per + 1]``.

    Parameters
    ----------
    tables
        Rows, and tables to add to (see `omnilab.export.streams`).
    cell
        A cell's memory, to work in.
    model, plan
        The model and the strategy's plan.
    number, first, household
        Numbers of the number, of its first person and of its first household.
    switch
        When the strategy took over from the status quo, seconds.
    per
        Place of the cell in ``tables.edge`` and of its households in ``tables.size``.
    """
    _people(tables, cell, model, household, per)
    for i in range(len(tables.known)):
        tables.known[i] = -1
        tables.started[i] = 0
    tables.count[COPIES] = 0
    tables.count[OPEN] = 0
    tables.count[SHOWN] = 0
    tables.count[STARTED] = 0
    tables.count[LAST_SENT] = -1
    pending = False
    visit = -1  # row of the last visit
    last_message, last_profile = -1, -1
    before = -1  # the highest message id of the burn-in
    for i in range(tables.edge[per], tables.edge[per + 1]):
        x = tables.row[i]
        kind, t = int(x.kind), int(x.time)
        who = int(x.person) - first
        if pending and kind != rows.IDENTIFIER:
            _visit(tables, visit)
            pending = False
        # Who enters with a first order gives earlier permissions right after it.
        settled = kind == rows.VISIT and int(x.a) != ENTRY_ORDINAL
        _starts(tables, cell, model, number, first, t if settled else t - 1)
        if kind == rows.VISIT:
            visit = i
            tables.count[SHOWN] = 0
        elif kind == rows.IDENTIFIER:
            _show(tables, int(x.a), int(x.b))
            pending = True
        elif kind == rows.OPT_IN:
            if (
                visit < 0
                or int(tables.row[visit].time) != t
                or tables.row[visit].person != x.person
            ):
                tables.count[SHOWN] = 0
            c = int(x.channel)
            seen_on = int(tables.row[visit].channel) if tables.count[SHOWN] > 0 else c
            code = address_code(model, cell.person[who], who, int(model.ch[c].address), t)
            shown = permute64(packed(number, code), model.key.mask)
            _sighting(tables, int(x.person), t, seen_on, shown, type_of(code))
        elif kind == rows.SERVICE:
            _service(tables, cell, model, number, who, t, int(x.channel), int(x.a), int(x.person))
        elif t < switch:
            if rows.SENT <= kind <= rows.FINAL:
                before = max(before, int(x.a))
        elif kind == rows.ENTER:
            enter(tables, who, x)
        elif kind == rows.EXIT:
            leave(tables, int(x.a))
        elif kind == rows.MERGE:
            merge(tables, int(x.a), int(x.b))
        elif rows.SENT <= kind <= rows.FINAL and int(x.a) > before:
            if kind == rows.FINAL:
                last_message = int(x.a)
                last_profile = final(tables, plan, i, int(tables.edge[per + 1]), number, first)
            elif kind == rows.STOP_ALL:
                profile = profile_of(tables, int(x.a), number, who)
                if int(x.a) == last_message:
                    profile = last_profile
                stop_all(tables, plan, t, profile, int(x.silo))
            else:
                message_row(tables, who, x)
    if pending:
        _visit(tables, visit)
    _starts(tables, cell, model, number, first, 1 << 60)


@inner
def _visit(tables: Any, visit: int) -> None:
    """Write down what the visit in row ``visit`` has shown so far."""
    x = tables.row[visit]
    _sighting(tables, int(x.person), int(x.time), int(x.channel), 0, 0)


@inner
def _people(tables: Any, cell: Cell, model: Model, household: int, per: int) -> None:
    """Let the cell's people be born, as they were."""
    index = 0
    for h in range(tables.house[per + 1] - tables.house[per]):
        start = index
        for place in range(tables.size[tables.house[per] + h]):
            born(cell, model, index, household + h, h, place, start)
            index += 1
    cell.meta.persons = index


@inner
def _starts(tables: Any, cell: Cell, model: Model, number: int, first: int, until: int) -> None:
    """Hand over the addresses of those who had given permission before they began by ``until``."""
    if tables.count[STARTED] >= cell.meta.persons:
        return
    for who in range(cell.meta.persons):
        person = cell.person[who]
        if tables.started[who] == 1 or person.entry > until:
            continue
        tables.started[who] = 1
        tables.count[STARTED] += 1
        tables.count[SHOWN] = 0
        t = int(person.entry)
        for c in range(len(model.ch)):
            if (person.consent >> c) & 1 == 0 or model.ch[c].address == COOKIE:
                continue
            code = address_code(model, person, who, int(model.ch[c].address), t)
            shown = permute64(packed(number, code), model.key.mask)
            _sighting(tables, first + who, t, c, shown, type_of(code))


@inner
def _service(
    tables: Any,
    cell: Cell,
    model: Model,
    number: int,
    who: int,
    t: int,
    c: int,
    ordinal: int,
    person: int,
) -> None:
    """Show again what a service contact showed; the cookie is not known here."""
    n = show(cell, model, who, c, True, t, VISIT_SERVICE, ordinal, 0, 0)
    tables.count[SHOWN] = 0
    for k in range(n):
        kind = type_of(cell.code[k])
        if kind != COOKIE:
            _show(tables, permute64(packed(number, cell.code[k]), model.key.mask), kind)
    if tables.count[SHOWN] > 0:
        _sighting(tables, person, t, c, 0, 0)


@inner
def _show(tables: Any, shown: int, kind: int) -> None:
    n = tables.count[SHOWN]
    tables.shown[n] = shown
    tables.shown_kind[n] = kind
    tables.count[SHOWN] = n + 1


@inner
def _sighting(tables: Any, person: int, t: int, c: int, extra: int, extra_kind: int) -> None:
    """Write down that all shown, and one more unless it is 0, were seen together."""
    i = tables.count[SIGHTINGS]
    tables.count[SIGHTINGS] = i + 1
    tables.sight_time[i] = t
    tables.sight_person[i] = person
    tables.sight_channel[i] = c
    for k in range(tables.sight_code.shape[1]):
        tables.sight_code[i, k] = 0
    for k in range(tables.count[SHOWN]):
        _put(tables, i, int(tables.shown[k]), int(tables.shown_kind[k]))
    if extra != 0:
        _put(tables, i, extra, extra_kind)


@inner
def _put(tables: Any, i: int, shown: int, kind: int) -> None:
    """Put an identifier into the first free slot of its type, where it is not there already."""
    for k in range(tables.slot[kind], tables.slot[kind + 1]):
        if tables.sight_code[i, k] == shown:
            return
        if tables.sight_code[i, k] == 0:
            tables.sight_code[i, k] = shown
            return
    tables.count[NO_SLOT] += 1
