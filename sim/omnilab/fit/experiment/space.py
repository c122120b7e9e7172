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

from omnilab.experiment.draws import patch_of
from omnilab.fit.experiment.arms import ArmMessage
from omnilab.fit.experiment.people import AND, EVERYTHING, Setup
from omnilab.fit.experiment.table import RandomisedTest
from omnilab.parameters.quantity import parse_share
from omnilab.scenario.journeys import MOST_NAMED
from omnilab.scenario.keys import explained
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
#: The middle half of what is thought of the share that a category has of a message named after it:
#: e-mails hold other goods too.
_SHARE_OF_NAME: Final = (0.5, 0.95)
_OF_SCENARIO: Final = ("world", "channels")
#: Of a normal law, in standard deviations.
_QUARTILE: Final = 0.6745
#: Where the logit of a share begins that may be 0.
_LEAST_SHARE: Final = 0.01


@dataclass(frozen=True, slots=True)
class Fitted:
    """One parameter that a test may pin down.

    Parameters
    ----------
    name
        Dotted key of the scenario, ``quality of ARM``, or ``share in ARM``.
    what
        In words, short.
    scale
        Of what the prior is normal.
    centre, sd
        Of the prior, on that scale.
    source
        Where the prior comes from.
    arm
        Whose message it is of; "" for a key of the scenario.
    of
        What it is: a key, or an arm's quality or share of the category that its name has in it.
    """

    name: str
    what: str
    scale: Scale
    centre: float
    sd: float
    source: str
    arm: str = ""
    of: Literal["key", "quality", "share"] = "key"

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
    categories
        Names of the scenario's.
    """

    fitted: tuple[Fitted, ...]
    channel: str
    arms: tuple[str, ...]
    categories: tuple[str, ...] = ()

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
        values = self.values(u)
        keys = {name: x for name, x in values.items() if name.partition(".")[0] in _OF_SCENARIO}
        return base.changed(patch_of(keys, base))

    def messages(self, u: Floats, content: Mapping[str, str]) -> dict[str, ArmMessage]:
        """Return what the arms send at a point, showing what ``content`` says."""
        of = {(f.arm, f.of): f.value(float(x)) for f, x in zip(self.fitted, u, strict=True)}
        return {
            arm: ArmMessage(
                quality=min(max(of[arm, "quality"], -3.0), 3.0),
                shows=self._shown(content[arm], of.get((arm, "share"))),
            )
            for arm in self.arms
        }

    def shown(self, arm: str, content: str, u: Floats) -> str:
        """Return in words what the message of an arm shows at a point."""
        shares = {f.arm: f.value(float(x)) for f, x in zip(self.fitted, u, strict=True)
                  if f.of == "share"}  # fmt: skip
        shows = self._shown(content, shares.get(arm))
        if isinstance(shows, str):
            return EVERYTHING if content == EVERYTHING else shows
        return ", ".join(f"{name} {share:.0%}" for name, share in shows.items())

    def _shown(self, content: str, share: float | None) -> str | dict[str, float]:
        """Return what a message shows whose content is named, as a scenario has it."""
        if content == EVERYTHING:
            return "generic"
        if AND in content:
            names = content.split(AND)
            return dict.fromkeys(names, 1.0 / len(names))
        others = [name for name in self.categories if name != content][: MOST_NAMED - 1]
        if share is None or not others:
            return content
        return {content: share, **dict.fromkeys(others, (1.0 - share) / len(others))}


def make_space(setups: Sequence[Setup], tests: Sequence[RandomisedTest]) -> Space:
    """Return what is fitted to the lifts of tests of one channel.

    Priors of rates are the published ones. Of an assumption the prior is around the scenario's own
    value, or around the middle of its declared range where the scenario has it off; the range is
    taken as the middle half of the prior, since ranges that people give are too narrow.

    References
    ----------
    Alpert and Raiffa (1982), A progress report on the training of probability assessors: intervals
    that were to hold the truth in half of cases held it in a third.
    """
    setup = setups[0]
    scenario, arms = setup.scenario, tuple(arm for test in tests for arm in test.arms[1:])
    side = next(c.message for c in scenario.channels if c.name == setup.channel)
    assert side is not None
    key = f"channels.{setup.channel}.message"
    need = scenario.world.response.need
    fitted = [
        Fitted(f"{key}.open", "seen, of delivered", "logit", _logit(side.open), _RATES_SD,
               "published rate"),
        Fitted(f"{key}.click", "clicked, of delivered", "logit", _logit(side.click / side.open),
               _RATES_SD, "published rate"),
        Fitted(NEED, "what a present need adds", "plain", need, 0.5, "BATCH25"),
        _assumed(scenario, CREATED, "visitors by message who come to need", "logit"),
        _assumed(scenario, "world.exposure.seen", "come by later without a click", "logit"),
    ]  # fmt: skip
    if any(content != EVERYTHING for s in setups for content in s.content.values()):
        fitted.append(
            _assumed(scenario, "world.taste.bought", "taste for what was bought", "plain")
        )
    if any(t.recency is not None for t in tests) and "recency" in World.model_fields:
        fitted.append(
            _assumed(scenario, "world.recency.fades", "fall with time since the order", "plain")
        )
    low, high = (_logit(share) for share in _SHARE_OF_NAME)
    fitted += [
        Fitted(f"share in {arm}", f"share of what {arm} is named after", "logit", (low + high) / 2,
               (high - low) / 2 / _QUARTILE, "assumed: half to nineteen parts of twenty", arm,
               "share")
        for s in setups for arm in s.named if len(scenario.categories) > 1
    ]  # fmt: skip
    fitted += [
        Fitted(f"quality of {arm}", f"quality of {arm}", "plain", 0.0, _QUALITY_SD,
               "assumed: as messages of one sender differ", arm, "quality")
        for arm in arms
    ]  # fmt: skip
    names = tuple(c.name for c in scenario.categories)
    return Space(tuple(fitted), setup.channel, arms, names)


def _assumed(scenario: Scenario, name: str, what: str, scale: Scale) -> Fitted:
    """Return a parameter of the world with a prior of the range that its key declares."""
    _, part, field = name.split(".")
    mechanism = getattr(scenario.world, part)
    declared = explained(Scenario)[type(mechanism).__name__][field].swept
    assert declared is not None, name
    low, high = (_number(end, scale) for end in declared)
    own = float(getattr(mechanism, field))
    centre = (low + high) / 2
    if own != 0.0:
        centre = _logit(own) if scale == "logit" else own
    sd = (high - low) / 2 / _QUARTILE
    return Fitted(name, what, scale, centre, sd, f"assumed: {declared[0]} to {declared[1]}")


def _number(text: str, scale: Scale) -> float:
    share = text.endswith("%")
    value = parse_share(text) if share else float(text)
    return _logit(max(value, _LEAST_SHARE)) if scale == "logit" else value


def _logit(share: float) -> float:
    share = min(max(share, 1e-6), 1 - 1e-6)
    return math.log(share / (1 - share))
