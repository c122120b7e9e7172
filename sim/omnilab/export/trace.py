"""Read a cell's log as what the two cores take: sightings of identifiers, messages, receipts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.brand.sharing import ALL, SILO
from omnilab.cascade.codes import CONVERTED, RECEIPTS, STOP_ALL, WITHDRAW
from omnilab.export.tables import PERSONS
from omnilab.kernels.compiling import inner, kernel
from omnilab.log import fields, rows

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.export.tables import Tables, UnderWay
    from omnilab.log.rows import Row

__all__ = ["trace"]

TAKEN: Final = RECEIPTS.index("processed")
ARRIVED: Final = RECEIPTS.index("delivered")
SEEN: Final = RECEIPTS.index("open")
CLICKED: Final = RECEIPTS.index("click")
BOUNCED: Final = RECEIPTS.index("bounce")


@kernel
def trace(tables: Tables, plan: LoweredPlan, number: int, switch: int, place: int) -> None:
    """Read a cell's rows in the order in which it wrote them.

    Parameters
    ----------
    tables
        Rows, and tables to add to (see `omnilab.export.tables`).
    plan
        The strategy's plan.
    number
        Number of the cell.
    switch
        When the strategy took over from the status quo, seconds.
    place
        Place of the cell in ``tables.edge``.
    """
    count = tables.count
    count.open = 0
    count.last_sent = -1
    count.last_message = -1
    before = -1  # the highest message id of the burn-in
    for i in range(tables.edge[place], tables.edge[place + 1]):
        row = tables.row[i]
        kind, t, who = int(row.kind), int(row.time), int(row.person) % PERSONS
        if kind == rows.IDENTIFIER:
            _show(tables, who, fields.identifier_code(row), fields.identifier_type(row))
            following = i + 1
            last = following == tables.edge[place + 1]
            if last or tables.row[following].kind != rows.IDENTIFIER:
                _sighting(tables, row, int(row.channel))
        elif kind == rows.RECORD:
            if fields.record_first(row) == 1:
                tables.n_shown[who] = 0
            _show(tables, who, fields.record_code(row), fields.record_type(row))
            if _ends_record(tables, i + 1, tables.edge[place + 1]):
                _sighting(tables, row, int(row.channel))
        elif kind in rows.MEETINGS:  # whatever is shown from now on belongs to that
            # Where visits take time, others come before this one has shown all.
            tables.contact[who] = i
            tables.n_shown[who] = 0
        elif kind == rows.OPT_IN or kind == rows.ADDRESS:
            _permission(tables, row, who)
        elif rows.SENT <= kind <= rows.FINAL or kind == rows.NOT_SHOWN or kind == rows.UNFUNDED:
            message = fields.message_id(row)
            if t < switch:
                before = max(before, message)
            elif message > before:
                _message(tables, plan, row, number)


@inner
def _ends_record(tables: Tables, following: int, end: int) -> bool:
    """Tell whether the row before ``following`` is the last of a record."""
    if following == end or tables.row[following].kind != rows.RECORD:
        return True
    return fields.record_first(tables.row[following]) == 1


@inner
def _permission(tables: Tables, row: Row, who: int) -> None:
    """Take in an address that is handed over: with what the visit showed, or alone."""
    alone = row.kind == rows.ADDRESS or fields.opt_in_visited(row) < 0
    kept = int(tables.n_shown[who])
    if alone:
        tables.n_shown[who] = 0
    _show(tables, who, fields.opt_in_code(row), fields.opt_in_type(row))
    channel = int(row.channel) if alone else int(tables.row[tables.contact[who]].channel)
    _sighting(tables, row, channel)
    tables.n_shown[who] = kept


@inner
def _show(tables: Tables, who: int, code: int, kind: int) -> None:
    n = tables.n_shown[who]
    tables.shown[who, n] = code
    tables.shown_type[who, n] = kind
    tables.n_shown[who] = n + 1


@inner
def _sighting(tables: Tables, row: Row, channel: int) -> None:
    """Write down that all that the row's person has shown so far was seen together."""
    who = int(row.person) % PERSONS
    i = tables.count.sight
    tables.count.sight = i + 1
    x = tables.sight[i]
    x.time = row.time
    x.person = row.person
    x.channel = channel
    for k in range(tables.n_shown[who]):
        _put(tables, i, int(tables.shown[who, k]), int(tables.shown_type[who, k]))


@inner
def _put(tables: Tables, i: int, code: int, kind: int) -> None:
    """Put an identifier into the first free slot of its type, where it is not there already."""
    for k in range(tables.slot[kind], tables.slot[kind + 1]):
        if tables.code[i, k] == code:
            return
        if tables.code[i, k] == 0:
            tables.code[i, k] = code
            return
    tables.count.no_slot += 1


@inner
def _message(tables: Tables, plan: LoweredPlan, row: Row, number: int) -> None:
    """Take in a row of one of the strategy's messages."""
    kind, c, t = int(row.kind), int(row.channel), int(row.time)
    message = fields.message_id(row)
    if kind == rows.FINAL:
        _final(tables, plan, row, number)
        return
    if kind == rows.STOP_ALL:
        _stop_all(tables, plan, t, _profile_of(tables, message), int(row.silo))
        return
    if kind == rows.NOT_SHOWN or kind == rows.UNFUNDED:
        # The core knows neither money nor ad platforms: to it the channel can't be used.
        x = tables.open[_begun(tables, row, number)]
        if kind == rows.NOT_SHOWN or fields.unfunded_seconds(row) == 0:
            _attempted(x, c)
            x.skipped |= 1 << c
        return
    if kind == rows.SKIPPED or kind == rows.HELD or kind == rows.SENT:
        x = tables.open[_begun(tables, row, number)]
        x.profile = (number << 24) | fields.message_profile(row)
        if kind == rows.HELD:
            x.held = c
        else:
            _attempted(x, c)
        if kind == rows.SKIPPED:
            x.skipped |= 1 << c
    if kind == rows.SENT:
        tables.count.last_sent = t
    event = -1
    if kind == rows.SENT:
        event = TAKEN
    elif kind == rows.DELIVERED:
        event = ARRIVED
    elif kind == rows.OPEN or kind == rows.MACHINE_OPEN:
        event = SEEN if fields.response_receipt(row) == 0 else -1
    elif kind == rows.CLICK or kind == rows.SCANNER_CLICK:
        event = CLICKED if fields.response_receipt(row) == 0 else -1
    elif kind == rows.BOUNCE:
        event = BOUNCED
    if event >= 0:
        # A second later: in one second the core takes receipts before it sends.
        _receipt(tables, t + 1 if tables.count.last_sent == t else t, message, c, event)


@inner
def _open_at(tables: Tables, message: int) -> int:
    for i in range(tables.count.open):
        if tables.open[i].message == message:
            return i
    return -1


@inner
def _begun(tables: Tables, row: Row, number: int) -> int:
    """Return the place of the row's message among those under way, begun now if it is not there."""
    message = fields.message_id(row)
    i = _open_at(tables, message)
    if i >= 0:
        return i
    i = int(tables.count.open)
    tables.count.open = i + 1
    x = tables.open[i]
    x.message = message
    x.time = row.time
    x.profile = (number << 24) | fields.message_profile(row)
    x.skipped = 0
    x.held = -1
    x.length = 0
    return i


@inner
def _profile_of(tables: Tables, message: int) -> int:
    """Return the profile of a message under way, or of the last one that got its final status."""
    i = _open_at(tables, message)
    if i >= 0:
        return int(tables.open[i].profile)
    return int(tables.count.last_profile)


@inner
def _attempted(x: UnderWay, c: int) -> None:
    """Put a channel at the end of the order in which the message came to them."""
    for k in range(x.length):
        if x.order[k] == c:
            return
    x.order[x.length] = c
    x.length += 1


@inner
def _receipt(tables: Tables, t: int, message: int, c: int, event: int) -> None:
    i = tables.count.receipt
    tables.count.receipt = i + 1
    x = tables.receipt[i]
    x.time = t
    x.message = message
    x.channel = c
    x.event = event


@inner
def _signal(tables: Tables, t: int, profile: int, event: int, c: int) -> None:
    i = tables.count.signal
    tables.count.signal = i + 1
    x = tables.signal[i]
    x.time = t
    x.profile = profile
    x.event = event
    x.channel = c


@inner
def _final(tables: Tables, plan: LoweredPlan, row: Row, number: int) -> None:
    """Write down a message that has got its final status."""
    i = _begun(tables, row, number)
    x = tables.open[i]
    x.profile = (number << 24) | fields.message_profile(row)
    tables.count.last_message = x.message
    tables.count.last_profile = x.profile
    status = fields.final_status(row)
    never = status == rows.FINAL_CONTROL or status == rows.FINAL_DECLINED
    unsent = fields.final_sends(row) == 0
    never = never or (rows.FINAL_UNFUNDED <= status <= rows.FINAL_BUYER and unsent)
    if not never and (status != rows.FINAL_OPEN or fields.final_sends(row) > 0):
        _start(tables, plan, x, row)
    if status == rows.FINAL_CONVERTED:
        _signal(tables, int(row.time), int(x.profile), CONVERTED, -1)
    k = tables.count.open - 1  # the last one takes its place
    tables.count.open = k
    of = tables.open[k]
    x.message = of.message
    x.time = of.time
    x.profile = of.profile
    x.skipped = of.skipped
    x.held = of.held
    x.length = of.length
    for n in range(len(of.order)):
        x.order[n] = of.order[n]


@inner
def _start(tables: Tables, plan: LoweredPlan, x: UnderWay, row: Row) -> None:
    """Write a message: the channels it came to in their order, then the others as declared."""
    if x.length == 0 and x.held >= 0:
        _attempted(x, int(x.held))
    journey, number = fields.message_journey(row), fields.message_step(row)
    step = plan.step[journey, number]
    for k in range(step.n_channels):
        c = int(step.channels[k])
        silo = int(plan.silo[c])
        if (plan.rules.silos >> silo) & 1 == 0:
            continue
        if plan.rules.channel == SILO and plan.team[silo] != plan.team[int(row.silo)]:
            continue
        _attempted(x, c)
    if x.length == 0:  # none that the strategy writes over
        for k in range(step.n_channels):
            _attempted(x, int(step.channels[k]))
            x.skipped |= 1 << int(step.channels[k])
    n = tables.count.start
    tables.count.start = n + 1
    start = tables.start[n]
    start.time = x.time
    start.id = x.message
    start.profile = x.profile
    start.person = row.person
    start.skipped = x.skipped
    start.journey = journey
    start.step = number
    start.length = x.length
    for k in range(len(start.order)):
        start.order[k] = x.order[k] if k < x.length else -1


@inner
def _stop_all(tables: Tables, plan: LoweredPlan, t: int, profile: int, silo: int) -> None:
    """Tell who learns of a "stop all", a second later: the profile, or the silo's channels."""
    if plan.rules.contact_policy == ALL:
        _signal(tables, t + 1, profile, STOP_ALL, -1)
        return
    for c in range(len(plan.silo)):
        if plan.silo[c] == silo and plan.address[c] >= 0:
            _signal(tables, t + 1, profile, WITHDRAW, c)
