"""Identifiers: what a person shows where, and how cookies and addresses churn.

An identifier's code is a cell-local integer: type, owner, epoch. The brand never reads it: it
only compares codes, and the log shows a keyed permutation of them.
"""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from omnilab.draws.philox import draw4
from omnilab.draws.streams import ADDRESS_CHANGE, COOKIE_RESET, V_SHOWN, V_SHOWN_2, V_TYPO
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Floats, Record, f8, i1, i2, i4, i8, several
from omnilab.log.identifier_types import SPOKEN, TYPES, number_of
from omnilab.parameters.declared import Parameters, Times, key
from omnilab.parameters.quantity import DAY, Duration, Share
from omnilab.world.acts import lacks_type
from omnilab.world.device import PHONE, TABLET
from omnilab.world.lowered import ScenarioParts, Values, fills
from omnilab.world.newcomer import is_awaited

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person, WorldCell

__all__ = [
    "TYPES",
    "Address",
    "Device",
    "Identifiers",
    "LoweredIdentifiers",
    "address_code",
    "code_of",
    "company_of",
    "current_address_epoch",
    "owner_of",
    "packed",
    "show",
    "type_of",
    "wrong_code",
]

COOKIE: Final = number_of("cookie")
EMAIL: Final = number_of("email")
ORACLE: Final = number_of("oracle")
COMPANY: Final = number_of("company")
MISTYPED: Final = 1 << 21  # epochs from here on are nobody's
MOST_COOKIES: Final = 1 << 20  # of a device, one after the other: bits of their codes
TOO_MANY_COOKIES: Final = 4  # what `over` says then (see omnilab.cell.room)


class Identifiers(Parameters):
    """What persons show, lose, share and mistype."""

    shared_pc: Share = key(
        0.6, "Share of households with one computer for all.", kind="I", source="COMSCORE07"
    )
    short_lived: Share = key(
        0.35, "Share of devices whose browser limits script cookies.", kind="A"
    )
    short_life: Duration = key(
        7 * 86400, "How long such a cookie lives without a visit.", kind="I", source="ITP"
    )
    resets: tuple[Share, Share, Share] = key(
        (0.69, 0.24, 0.07),
        "Shares of devices whose cookies are deleted seldom, sometimes, often.",
        kind="I",
        source="COMSCORE07",
    )
    resets_a_month: tuple[Times, Times, Times] = key(
        (0.1, 1.4, 11.5),
        "How often each of these three is reset; the first one is A.",
        unit="resets a month",
        kind="I/D",
        source="COMSCORE07",
    )
    changes_a_year: Share = key(
        0.15,
        "Share of persons who change their e-mail address in a year; published are 5 to 31%.",
        kind="V",
        source="EMAILCHURN",
    )
    typo: Share = key(
        0.02, "Share of identifiers given at a till or by phone that are mistyped.", kind="A"
    )
    typo_hits: Share = key(
        0.10, "Of those, the share that is somebody else's identifier.", kind="A"
    )
    click_carries: bool = key(
        True,
        "A click in a message shows the message's address on the landing page, which is a "
        "hand-off.",
        kind="A",
    )
    oracle: bool = key(
        False,
        "Each visit shows first of all who is there, by an identifier that nobody has: for "
        "measuring what errors of identity cost. It needs `brand.unique: [oracle]`.",
        kind="D",
        source="off by default",
        came_later=True,
    )


class LoweredIdentifiers(Record):
    """What the rules read of `Identifiers`."""

    shared_pc: f8
    short_share: f8
    address_life: f8  # mean seconds
    typo: f8
    typo_hits: f8
    short_life: i8  # seconds
    click_carries: i8
    oracle: i8
    reset_cumulative: Floats = several(3, f8)
    reset_rate: Floats = several(3, f8)  # a second


@fills(LoweredIdentifiers)
def _lower(scenario: ScenarioParts) -> Values:
    part = scenario.world.identifiers
    never = min(part.changes_a_year, 0.999)
    return {
        "short_share": part.short_lived,
        "address_life": 365.0 * DAY / max(-math.log(1.0 - never), 1e-9),
        "reset_cumulative": list(accumulate(part.resets)),
        "reset_rate": [max(often, 1e-6) / (30.44 * DAY) for often in part.resets_a_month],
    }


class Address(Record):
    """A person's e-mail address, which changes."""

    address_epoch: i2 = 0  # changes so far
    address_t: i8  # the next change


class Device(Record):
    """A phone or a computer."""

    owner: i2  # person in the cell who mainly uses it
    short: i1  # its browser keeps script cookies for a short life only
    epoch: i4 = 0  # cookies so far
    resets: i4 = 0  # natural resets so far
    reset_rate: f8  # resets a second
    until: i8  # next natural reset
    seen: i8 = -1  # last visit with it
    entity: i8


@inner
def code_of(kind: int, owner: int, epoch: int) -> int:
    """Return the code of an identifier: never 0."""
    return ((kind + 1) << 48) | (owner << 32) | epoch


@inner
def type_of(code: int) -> int:
    """Return the identifier type's number."""
    return (code >> 48) - 1


@inner
def packed(cell: int, code: int) -> int:
    """Return a number below 2**62 that no other identifier of any cell has.

    The person's number has ten bits beside the cell's, and four above: a run of cells with more
    than 1,024 persons has fewer cells (`omnilab.lowering.cells`).
    """
    kind = (code >> 48) & 0xF
    owner = (code >> 32) & 0xFFFF
    above, below = owner >> 10, owner & 0x3FF
    return (above << 58) | (cell << 36) | (kind << 32) | (below << 22) | (code & 0x3FFFFF)


@inner
def owner_of(code: int) -> int:
    """Return the person in the cell to whom an identifier belongs (a device: its main user)."""
    return (code >> 32) & 0xFFFF


@inner
def current_address_epoch(model: Model, person: Person, t: int) -> int:
    """Return how often the person has changed the e-mail address by ``t``: a natural process."""
    while person.address_t <= t:
        person.address_epoch += 1
        u, _, _, _ = draw4(
            model.key.k0, model.key.k1, ADDRESS_CHANGE, person.entity, person.address_epoch
        )
        person.address_t += 1 + int(-math.log(u) * model.identifiers.address_life)
    return int(person.address_epoch)


@inner
def address_code(model: Model, person: Person, index: int, kind: int, t: int) -> int:
    """Return the code of the person's present identifier of an address type.

    That of a company is its first member's, for all; who is of no account is a company of one.
    """
    if kind == COMPANY:
        return code_of(kind, company_of(person, index), 0)
    if kind == EMAIL:
        return code_of(kind, index, current_address_epoch(model, person, t))
    return code_of(kind, index, 0)


@inner
def company_of(person: Person, index: int) -> int:
    """Return whose number the identifier of a person's company has."""
    return int(person.account_first) if person.account_size > 0 else index


@inner
def _cookie_on(
    cell: WorldCell, model: Model, person: Person, index: int, device: int, t: int
) -> int:
    """Return the present cookie of the computer, phone or tablet that a person uses."""
    if device == TABLET:
        return _cookie(cell, model, cell.tablet[index], 2, t)
    if device == PHONE:
        return _cookie(cell, model, cell.device[int(person.phone_device)], 0, t)
    return _cookie(cell, model, cell.device[int(person.pc_device)], 1, t)


@inner
def _cookie(cell: WorldCell, model: Model, device: Device, which: int, t: int) -> int:
    """Return the device's present cookie: natural resets, and script cookies of a short life.

    ``which`` tells an owner's devices apart: 0 the phone, 1 the computer, 2 the tablet.
    """
    while device.until <= t:
        device.epoch += 1
        device.resets += 1
        u, _, _, _ = draw4(model.key.k0, model.key.k1, COOKIE_RESET, device.entity, device.resets)
        device.until += 1 + int(-math.log(u) / device.reset_rate)
    if device.short == 1 and device.seen >= 0 and t - device.seen > model.identifiers.short_life:
        device.epoch += 1
    device.seen = t
    epoch = int(device.epoch)
    if epoch >= MOST_COOKIES:  # the run ends before this one's code, the first one's, is used
        cell.meta.over = TOO_MANY_COOKIES
        cell.meta.grown = 1
        epoch = 0
    return code_of(COOKIE, int(device.owner), (which << 20) | epoch)


@inner
def show(
    cell: WorldCell,
    model: Model,
    index: int,
    c: int,
    device: int,
    t: int,
    family: int,
    occasion: int,
    n: int,
    late: int,
) -> int:
    """Write the identifiers that a visit shows into ``cell.code``, their silos into ``cell.carry``.

    Each is shown with its own chance; typed ones may be mistyped, into nobody's or somebody
    else's in the cell.

    Parameters
    ----------
    device
        What the visit is made on, of `omnilab.world.device`.
    n
        Identifiers that are there already.
    late
        0 for those shown on arrival, 1 for those that an order asks for.

    Returns
    -------
    int
        How many there are now.
    """
    person = cell.person[index]
    channel = model.ch[c]
    if model.identifiers.oracle == 1 and late == 0:
        cell.code[n] = code_of(ORACLE, index, 0)
        cell.carry[n] = -1
        n += 1
    if channel.n_shown == 0:
        return n
    k0, k1, entity = model.key.k0, model.key.k1, person.entity
    a, b, e, d = draw4(k0, k1, family + V_SHOWN, entity, occasion)
    cell.unit[0], cell.unit[1], cell.unit[2], cell.unit[3] = a, b, e, d
    if channel.n_shown > 4:
        a, b, e, d = draw4(k0, k1, family + V_SHOWN_2, entity, occasion)
        cell.unit[4], cell.unit[5], cell.unit[6], cell.unit[7] = a, b, e, d
    for i in range(channel.n_shown):
        if cell.unit[i] >= channel.shown_share[i] or channel.shown_late[i] != late:
            continue
        kind = int(channel.shown_type[i])
        if model.acts.gates != 0 and lacks_type(model, person, kind):
            continue
        if kind == COOKIE:
            code = _cookie_on(cell, model, person, index, device, t)
        else:
            code = address_code(model, person, index, kind, t)
            if channel.typed == 1 and (SPOKEN >> kind) & 1 == 1:
                where = (occasion << 3) | i
                code = _typed(cell, model, code, kind, index, t, entity, family, where)
        cell.code[n] = code
        cell.carry[n] = channel.shown_carries[i]
        n += 1
    return n


@inner
def _typed(
    cell: WorldCell,
    model: Model,
    code: int,
    kind: int,
    index: int,
    t: int,
    entity: int,
    family: int,
    occasion: int,
) -> int:
    u, v, x, _ = draw4(model.key.k0, model.key.k1, family + V_TYPO, entity, occasion)
    if u >= model.identifiers.typo:
        return code
    return wrong_code(cell, model, kind, index, t, v, x)


@inner
def wrong_code(
    cell: WorldCell, model: Model, kind: int, index: int, t: int, v: float, x: float
) -> int:
    """Return a wrong identifier in place of a person's: nobody's, or somebody else's in the cell.

    Two uniforms: which of the two, and whose or which. Who has not come yet has none that counts:
    what is sent there reaches nobody.
    """
    if v < model.identifiers.typo_hits and cell.meta.persons > 1:
        other = int(x * (cell.meta.persons - 1))
        if other >= index:
            other += 1
        if not is_awaited(model, cell.person[other], t):
            return code_of(kind, other, 0)
    return code_of(kind, index, MISTYPED | int(x * 1048576.0))
