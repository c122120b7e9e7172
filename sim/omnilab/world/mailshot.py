"""Mailshots: all who get the same message on the same day see it more often, or less, than others.

The effect belongs to what is sent, not to who gets it: its draw's address is the content (what is
shown, offer, quality), the channel and the day. So persons of all cells share it without meeting,
and it is the same under every strategy and in every journey that sends it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.draws.inverse import normal
from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.draws.whole import quotient
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Stimulus

if TYPE_CHECKING:
    from omnilab.world.model import Model

__all__ = ["LoweredMailshot", "Mailshot", "mailshot_effect"]

MAILSHOT: Final = stream("MAILSHOT", 102)  # content and channel, day

DAY: Final = 86400


class Mailshot(Parameters):
    """What is common to all who get the same message on the same day."""

    sd: Stimulus = key(
        0.0,
        "Standard deviation over mailshots (one content on one channel on one day) of their common "
        "effect on seeing.",
        unit="logit",
        kind="A",
        source="XCAMPAIGN has about 0.4; 0 means that all mailshots do equally well",
        came_later=True,
        swept=("0.2", "0.6"),
    )


class LoweredMailshot(Record):
    """What the rules read of `Mailshot`."""

    sd: f8


@inner
def mailshot_effect(model: Model, t: int, channel: int, creative: int) -> float:
    """Return what a mailshot adds to the logit of seeing, normal(0, sd) over mailshots.

    Parameters
    ----------
    t
        When it is sent; the day counts.
    creative
        The scenario's number of what is shown, offer and quality, below 2**16.
    """
    if model.mailshot.sd <= 0.0:
        return 0.0
    u, _, _, _ = draw4(
        model.key.k0, model.key.k1, MAILSHOT, (channel << 16) | creative, quotient(t, DAY)
    )
    return model.mailshot.sd * normal(u)
