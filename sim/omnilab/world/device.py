"""Devices: on a computer, a phone or a tablet, where a channel can be visited on all of them.

Each persona has shares of them. A visit for a need may besides prefer the computer, the riper and
the dearer the need is, and the device on which the person looked for it before. Without these
three, and in a visit without a need, the shares alone decide.

References
----------
De Haan, Kannan, Verhoef and Wiesel (2018), "Device switching in online purchasing", Journal of
Marketing 82(5): who goes from a more mobile device to a less mobile one buys more often, the more
so the dearer the product is.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Duration, Logit, Stimulus
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.needs import Need
    from omnilab.world.state import Person

__all__ = [
    "COMPUTER",
    "DEVICE_NAMES",
    "PHONE",
    "TABLET",
    "Devices",
    "LastDevice",
    "LoweredDevices",
    "device_for",
    "idle_device",
    "more_to_choose",
    "use_device",
]

# As the log says it. A place that is not visited on a device has 0, but a call is made by phone.
COMPUTER: Final = 0
PHONE: Final = 1
TABLET: Final = 2
DEVICE_NAMES: Final = ("computer", "phone", "tablet")


class Devices(Parameters):
    """What draws a visit for a need to one device more than to another."""

    ripe: Stimulus = key(
        0.0,
        "How strongly a ripe need prefers the computer: what a unit of its stock of stimuli adds "
        "to the logit of the computer. Sweep 0 to 1.",
        unit="logit per stimulus",
        kind="A",
        source="off by default; the form is that people look on the phone and buy on a PC, DEHAAN",
        came_later=True,
        swept=("0", "1"),
    )
    dear: Stimulus = key(
        0.0,
        "How strongly a dear need prefers the computer: what a value e times the category's mean "
        "adds to the logit of the computer. Sweep 0 to 1.",
        unit="logit",
        kind="A",
        source="off by default; orders on a PC are 1.68 times those on a phone, MONETATE",
        came_later=True,
        swept=("0", "1"),
    )
    keeps: Logit = key(
        0.0,
        "What having looked for the need on a device adds to that device's logit at the next "
        "visit for it. Sweep 0 to 4.",
        unit="logit",
        kind="A",
        source="off by default; of purchases 99% on a PC, 64% on a phone, 84% on a tablet end "
        "where they began, MONETATE",
        came_later=True,
        swept=("0", "4"),
    )
    session: Duration = key(
        0,
        "How soon after the last visit the next one is still on the same device, whatever it is "
        "for: web analytics end a session after 30 minutes.",
        kind="A",
        source="off by default",
        came_later=True,
        swept=("0s", "2h"),
    )
    phone_threshold: Stimulus = key(
        0.0,
        "How many stimuli more it takes to go from looking to choosing on the phone than on a "
        "computer. Carts are filled almost twice as often in visits on a computer.",
        unit="stimuli",
        kind="A",
        source="off by default; .4 halves the readiness at a first visit; the carts are MONETATE's",
        came_later=True,
        swept=("0", "0.8"),
    )
    tablet_threshold: Stimulus = key(
        0.0,
        "The same on a tablet, where carts are filled almost as often as on a computer.",
        unit="stimuli",
        kind="A",
        source="off by default; MONETATE",
        came_later=True,
        swept=("0", "0.2"),
    )


class LoweredDevices(Record):
    """What the rules read of `Devices`."""

    ripe: f8
    dear: f8
    keeps: f8
    session: i8  # seconds
    phone_threshold: f8
    tablet_threshold: f8
    drawn: i8  # 1 where shares alone do not decide


@fills(LoweredDevices)
def _lower(scenario: ScenarioParts) -> Values:
    devices = scenario.world.devices
    draws = (devices.ripe, devices.dear, devices.keeps, devices.session)
    return {"drawn": int(any(draws))}


class LastDevice(Record):
    """On which device a person was last."""

    on_device: i8 = -1
    device_t: i8 = 0  # when that visit began


@inner
def idle_device(model: Model, person: Person, c: int, t: int, u: float) -> int:
    """Return the device of a visit without a need."""
    if _in_session(model, person, t) and model.ch[c].devices == 1:
        return int(person.on_device)
    return by_shares(model, person, c, u)


@inner
def by_shares(model: Model, person: Person, c: int, u: float) -> int:
    """Return the device of a visit by the persona's shares and uniform ``u``.

    The phone has the first part of (0, 1), the tablet the next, the computer the rest.
    """
    persona = model.persona[person.persona]
    # Without a branch: none can be predicted.
    on_phone = int(u < persona.phone)
    on_tablet = int(u < persona.no_computer) - on_phone
    return int(model.ch[c].devices == 1) * (PHONE * on_phone + TABLET * on_tablet)


@inner
def device_for(model: Model, person: Person, need: Need, c: int, t: int, u: float) -> int:
    """Return the device of a visit for a need: a logit around the persona's shares.

    The weight of device d is its share times the exponential of

        keeps [d was the last one for the need]
        + (ripe S + dear ln(value / the category's mean)) [d is the computer]

    with the need's stock S before the visit. ``u`` is laid on the weights as on the shares.
    """
    if model.devices.drawn == 0 or model.ch[c].devices == 0:
        return by_shares(model, person, c, u)
    if _in_session(model, person, t):
        return int(person.on_device)
    persona = model.persona[person.persona]
    phone, tablet = persona.phone, persona.no_computer - persona.phone
    stock = need.stock
    if t > need.stock_t:
        stock = stock * math.exp(-model.intent.decay * (t - need.stock_t))
    x = model.devices.ripe * stock
    if model.devices.dear > 0.0:
        x += model.devices.dear * math.log(need.value / model.cat[int(need.category)].typical)
    computer = (1.0 - persona.no_computer) * math.exp(min(max(x, -_MOST), _MOST))
    stays = math.exp(model.devices.keeps)
    if need.on_device == COMPUTER:
        computer *= stays
    elif need.on_device == PHONE:
        phone *= stays
    elif need.on_device == TABLET:
        tablet *= stays
    x = u * (phone + tablet + computer)
    if x < phone:
        return PHONE
    return TABLET if x < phone + tablet else COMPUTER


_MOST: Final = 50.0  # logits: what is beyond decides as surely


@inner
def _in_session(model: Model, person: Person, t: int) -> bool:
    """Tell whether the person has just been there on a device, and so is on it still."""
    return person.on_device >= 0 and t - person.device_t < model.devices.session


@inner
def more_to_choose(model: Model, device: int) -> float:
    """Return the stimuli that it takes more to choose on a device than on a computer."""
    if device == PHONE:
        return float(model.devices.phone_threshold)
    return float(model.devices.tablet_threshold) if device == TABLET else 0.0


@inner
def use_device(model: Model, person: Person, c: int, device: int, t: int) -> None:
    """Remember the device of a visit, where the place is visited on one."""
    if model.ch[c].devices == 1:
        person.on_device = device
        person.device_t = t
