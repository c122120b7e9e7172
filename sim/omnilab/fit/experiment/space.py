"""What may be fitted: the parameters, their priors, and how a point of them is a scenario.

A point is in units of the priors: 0 is what is published or assumed, 1 is a standard deviation
above. A share is fitted on its logit, a factor on its logarithm, a logit as it is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from omnilab.fit.experiment.arms import ArmMessage
from omnilab.fit.experiment.people import EVERYTHING, Setup
from omnilab.scenario.model import Scenario
from omnilab.world.mechanisms import World

__all__ = ["CREATED", "NEED", "Base", "Fitted", "Space", "make_space"]

Floats = npt.NDArray[np.float64]
Scale = Literal["logit", "log", "plain"]

CREATED: Final = "world.response.created"
NEED: Final = "world.response.need"

#: How much published rates of a channel differ between senders, as the logit's standard deviation:
#: by industry, Mailchimp's open rates go from 12 to 27% and click rates from 1 to 5%.
_RATES_SD: Final = 0.5
#: How much one message of a sender differs from the next, in logits of seeing and of clicking.
_QUALITY_SD: Final = 0.4


@dataclass(frozen=True, slots=True)
class Fitted:
    """One parameter that a test may pin down.

    Parameters
    ----------
    name
        Dotted key of the scenario, or ``quality of ARM``.
    what
        In words, short.
    scale
        Of what the prior is normal.
    centre, sd
        Of the prior, on that scale.
    source
        Where the prior comes from.
    arm
        Whose message's quality it is; "" for a key of the scenario.
    """

    name: str
    what: str
    scale: Scale
    centre: float
    sd: float
    source: str
    arm: str = ""

    def value(self, u: float) -> float:
        """Return the parameter, in the scenario's units, at ``u`` of its prior."""
        x = self.centre + self.sd * u
        if self.scale == "logit":
            return 1.0 / (1.0 + math.exp(-x))
        return math.exp(x) if self.scale == "log" else x


@dataclass(frozen=True, slots=True)
class Base:
    """What the control arm pins down: factors on what the scenario says.

    Parameters
    ----------
    needs
        On how often all categories are needed.
    idle
        On visits without a need, at the place where messages lead.
    spend
        On the mean of an order, in all categories.
    """

    needs: float = 1.0
    idle: float = 1.0
    spend: float = 1.0

    def patch(self, scenario: Scenario, landing: str) -> dict[str, Any]:
        """Return the change of a scenario, as `Scenario.changed` takes it."""
        categories = [c.model_dump() for c in scenario.categories]
        for category in categories:
            category["every"] = round(category["every"] / self.needs)
            category["spend"] = {
                **category["spend"], "mean": round(category["spend"]["mean"] * self.spend, 2)
            }  # fmt: skip
        channels = [c.model_dump() for c in scenario.channels]
        for channel in channels:
            if channel["name"] == landing:
                idle = channel["visit"]["idle"] * self.idle
                channel["visit"] = {**channel["visit"], "idle": round(idle, 5)}
        return {"categories": categories, "channels": channels}


@dataclass(frozen=True, slots=True)
class Space:
    """All parameters that are fitted to lifts.

    Parameters
    ----------
    fitted
        In the order of a point's places.
    channel
        The channel that carried the messages.
    arms
        Those that got one.
    """

    fitted: tuple[Fitted, ...]
    channel: str
    arms: tuple[str, ...]

    @property
    def size(self) -> int:
        """Number of parameters."""
        return len(self.fitted)

    def index(self, name: str) -> int:
        """Return the place of a parameter."""
        return [f.name for f in self.fitted].index(name)

    def values(self, u: Floats) -> dict[str, float]:
        """Return a point's parameters by name, as the scenario's keys have them."""
        found = {f.name: f.value(float(x)) for f, x in zip(self.fitted, u, strict=True)}
        click, opened = f"channels.{self.channel}.message.click", self._open
        found[click] = found[click] * found[opened]  # fitted as a share of opens
        return found

    @property
    def _open(self) -> str:
        return f"channels.{self.channel}.message.open"

    def scenario(self, base: Scenario, u: Floats) -> Scenario:
        """Return the scenario at a point."""
        return base.changed(patch_of(self.values(u), base))

    def messages(self, u: Floats, content: Mapping[str, str]) -> dict[str, ArmMessage]:
        """Return what the arms send at a point, showing what ``content`` says."""
        quality = {f.arm: f.value(float(x)) for f, x in zip(self.fitted, u, strict=True) if f.arm}
        return {
            arm: ArmMessage(
                quality=min(max(quality[arm], -3.0), 3.0),
                shows="generic" if content[arm] == EVERYTHING else content[arm],
            )
            for arm in self.arms
        }


def patch_of(values: Mapping[str, float], base: Scenario) -> dict[str, Any]:
    """Return values by dotted keys as a change of a scenario; channels are a list."""
    patch: dict[str, Any] = {}
    channels = [c.model_dump() for c in base.channels]
    by_name = {c["name"]: c for c in channels}
    for name, value in values.items():
        head, *rest = name.split(".")
        if head not in ("world", "channels"):
            continue
        at = patch.setdefault("world", {}) if head == "world" else by_name[rest.pop(0)]
        for step in rest[:-1]:
            at = at.setdefault(step, {})
        at[rest[-1]] = value
    return patch | {"channels": channels}


def make_space(setup: Setup, arms: Sequence[str]) -> Space:
    """Return what is fitted to a test's lifts.

    Priors are the published rates where there are some; of an assumption its declared value, and
    the ends of its declared range as one standard deviation to either side.
    """
    scenario = setup.scenario
    side = next(c.message for c in scenario.channels if c.name == setup.channel)
    assert side is not None
    key = f"channels.{setup.channel}.message"
    response = scenario.world.response
    fitted = [
        Fitted(f"{key}.open", "seen, of delivered", "logit", _logit(side.open), _RATES_SD,
               "published rate"),
        Fitted(f"{key}.click", "clicked, of delivered", "logit", _logit(side.click / side.open),
               _RATES_SD, "published rate"),
        Fitted(NEED, "what a present need adds", "plain", response.need, 0.5, "BATCH25"),
        Fitted(CREATED, "visitors by message who come to need", "logit",
               _logit(response.created or 0.1), 1.2, "assumed: 3% to 27%"),
    ]  # fmt: skip
    worlds = World.model_fields
    if "exposure" in worlds:
        fitted.append(
            Fitted("world.exposure.seen", "come later without a click", "logit", _logit(0.04), 1.2,
                   "XU, assumed: 0% to 15%")
        )  # fmt: skip
    if "interest" in worlds and any(c != EVERYTHING for c in setup.content.values()):
        fitted.append(
            Fitted("world.interest.bought", "interest in what was bought", "plain", 0.7, 0.7,
                   "FONG17, assumed: 0.2 to 1.2")
        )  # fmt: skip
    fitted += [
        Fitted(f"quality of {arm}", f"quality of {arm}", "plain", 0.0, _QUALITY_SD,
               "assumed: as messages of one sender differ", arm)
        for arm in arms
    ]  # fmt: skip
    return Space(tuple(fitted), setup.channel, tuple(arms))


def _logit(share: float) -> float:
    share = min(max(share, 1e-6), 1 - 1e-6)
    return math.log(share / (1 - share))
