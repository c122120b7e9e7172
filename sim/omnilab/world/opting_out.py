"""Opting out where one reads: more from what does not matter, less from a good creative.

With both coefficients 0, whoever gets a message opts out with the channel's chance, read or not
(omnilab.world.fatigue). With either of them, opting out is something that a person does who sees
the message: a logit of how well it meets an open need and of the creative's quality, around a base
for each channel. The base is solved so that the mean over the population of a message that shows
everything, with a creative of quality 0, is the channel's `opt_out`, a share of what is delivered
(omnilab.engine.calibrate). Past the person's ideal the chance grows as it does without.

Ads have no reading, and channels whose messages nobody opens keep the chance at delivery.

References
----------
Sahni, Wheeler and Chintagunta (2018), "Personalization in email marketing: the role of
noninformative advertising content", Marketing Science 37(2): with a name in the subject line more
open, and fewer of all unsubscribe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Logit
from omnilab.world.intent import logistic
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.channel import Channel
    from omnilab.world.model import Model
    from omnilab.world.response import Message
    from omnilab.world.state import Person

__all__ = ["LoweredOptOut", "OptOut", "is_read_first", "opts_out_reading"]

READING: Final = stream("READING", 183)  # whether who sees a message opts out: person, its address


class OptOut(Parameters):
    """What opting out hangs on beside the volume."""

    need: Logit = key(
        0.0,
        "What a full match with a present need adds to the logit of opting out where one sees the "
        "message; below 0, what is of use drives fewer away.",
        unit="logit",
        kind="A",
        came_later=True,
        swept=("-2", "0"),
    )
    quality: Logit = key(
        0.0,
        "What each unit of a creative's `quality` adds to that logit. A name in the subject line "
        "is worth .2 of quality in opens, and made unsubscribing 17% rarer (SAHNI18).",
        unit="logit per logit",
        kind="A",
        came_later=True,
        swept=("-3", "0"),
    )


class LoweredOptOut(Record):
    """What the rules read of `OptOut`."""

    on: i8  # 1 where either moves anything
    need: f8
    quality: f8


@fills(LoweredOptOut)
def _lower(scenario: ScenarioParts) -> Values:
    opt_out = scenario.world.opt_out
    return {"on": int(opt_out.need != 0.0 or opt_out.quality != 0.0)}


@inner
def is_read_first(model: Model, channel: Channel) -> bool:
    """Tell whether a person opts out of the channel at an open, in place of at the delivery."""
    return model.opt_out.on == 1 and channel.ad == 0 and channel.base_open > 0.0


@inner
def opts_out_reading(
    model: Model, person: Person, message: Message, meets: float, over: float
) -> bool:
    """Tell whether the person who sees a message takes back the channel's permission.

    Parameters
    ----------
    meets
        How well the message meets a present need, 0 to 1.
    over
        The factor of a volume past the person's ideal (`omnilab.world.fatigue.opt_out_factor`).
    """
    c = int(message.channel)
    if not is_read_first(model, model.ch[c]) or model.ch[c].opt_out <= 0.0:
        return False
    if (person.consent >> c) & 1 == 0:  # has done so since it came
        return False
    x = model.ch[c].opt_out_logit
    x += model.opt_out.need * meets + model.opt_out.quality * message.quality
    u, _, _, _ = draw4(model.key.k0, model.key.k1, READING, person.entity, int(message.occasion))
    return u < logistic(x) * over


@inner
def stops_everything(model: Model, person: Person, message: Message) -> bool:
    """Tell whether who opts out so asks for no messages at all."""
    _, u, _, _ = draw4(model.key.k0, model.key.k1, READING, person.entity, int(message.occasion))
    return u < model.fatigue.stop_all
