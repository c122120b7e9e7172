"""A strategy's messages as cascades for the cascade core, and the plan file that declares them.

A message step of a journey is a cascade. The core's plans have one order of channels each; a
strategy may put another channel first for each profile, or run a copy for each silo, so a step has
as many plans as orders were met: ``cart.2`` is the journey's second step as declared,
``cart.2:email-push`` one that came in that order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from omnilab.scenario.wiring import laid_wiring, wiring_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omnilab.scenario.model import Journey, Message, Scenario
    from omnilab.strategy.plan import Plan

__all__ = ["Cascade", "Cascades", "cascades_of", "plans_text"]

#: The longest tick that the core takes, seconds.
LONGEST_TICK = 3600


class Cascade(NamedTuple):
    """A message step, and the channels that a message of it came to, in their order."""

    journey: int
    step: int
    channels: tuple[int, ...]


def cascades_of(starts: NDArray[Any], *also: str) -> tuple[list[tuple[Any, ...]], NDArray[Any]]:
    """Return the different cascades of messages, each with other fields, and whose each is.

    Parameters
    ----------
    starts
        Records of `omnilab.export.tables.Start`.
    also
        Fields of whole numbers that also tell two apart.

    Returns
    -------
    kinds, which
        (cascade, value of each field ...), and for each message its place among them.
    """
    names = ("journey", "step", "length", *also)
    plain = [starts[name].astype(np.int64)[:, None] for name in names]
    table = np.concatenate([*plain, starts["order"].astype(np.int64)], axis=1)
    kinds, which = np.unique(table, axis=0, return_inverse=True)
    found = []
    for kind in kinds.tolist():
        journey, step, length = kind[:3]
        more, order = kind[3 : len(names)], kind[len(names) :]
        found.append((Cascade(journey, step, tuple(order[:length])), *more))
    return found, which.reshape(-1)


class Cascades:
    """The cascades that a run's messages went through.

    Parameters
    ----------
    plan
        The strategy's plan.
    channels
        Names of the scenario's channels.
    """

    def __init__(self, plan: Plan, channels: Iterable[str]) -> None:
        self._journeys, self._names = plan.journeys, list(channels)
        self._met: set[Cascade] = set()

    def see(self, starts: NDArray[Any]) -> None:
        """Take note of the cascades of messages, records of `omnilab.export.tables.Start`."""
        self._met.update(cascade for (cascade,) in cascades_of(starts)[0])

    def met(self) -> list[Cascade]:
        """Return the cascades, in the order of journeys and steps."""
        return sorted(self._met)

    def channels(self, cascade: Cascade) -> list[str]:
        """Return the names of a cascade's channels in their order."""
        return [self._names[c] for c in cascade.channels]

    def usable(self, cascade: Cascade, skipped: int) -> str:
        """Return those of its channels that were not skipped, as the core's files have them."""
        return " ".join(self._names[c] for c in cascade.channels if not (skipped >> c) & 1)

    def journey(self, cascade: Cascade) -> Journey:
        """Return the journey of a cascade."""
        return self._journeys[cascade.journey]

    def message(self, cascade: Cascade) -> Message:
        """Return the message step of a cascade."""
        message = self.journey(cascade).steps[cascade.step].message
        assert message is not None
        return message

    def name(self, cascade: Cascade) -> str:
        """Return a cascade's name, unique in the strategy."""
        name = f"{self.journey(cascade).name}.{cascade.step + 1}"
        order = self.channels(cascade)
        declared = list(self.message(cascade).channels)
        return name if order == declared else f"{name}:{'-'.join(order)}"


def plans_text(scenario: Scenario, plan: Plan, cascades: Cascades, start: int) -> str:
    """Return the plan file: the cascades, and of the contact policy what the core can say.

    Parameters
    ----------
    scenario, plan
        The scenario, and the strategy's plan.
    cascades
        Those that were met.
    start
        The scenario's start, seconds since 1970.
    """
    import yaml

    plans = [
        {
            "name": cascades.name(cascade),
            "steps": [
                {"channel": c, "fallback_after": f"{message.fallback_after}s",
                 "success_status": message.success}
                for c in cascades.channels(cascade)
            ],
            "until_converted": bool(cascades.journey(cascade).until),
        }
        for cascade in cascades.met()
        for message in [cascades.message(cascade)]
    ]  # fmt: skip
    used = list(dict.fromkeys(c for cascade in cascades.met() for c in cascades.channels(cascade)))
    policy: dict[str, Any] = {"caps": _caps(scenario, plan, used)}
    quiet = scenario.brand.quiet_hours
    ads = {c.name for c in scenario.channels if c.message and c.message.ad}
    if quiet is not None and quiet.start != quiet.end and set(used) - ads:
        policy["quiet_hours"] = {
            "from": _clock(quiet.start), "to": _clock(quiet.end),
            "channels": [c for c in used if c not in ads],
        }  # fmt: skip
    policy["zones"] = [scenario.time.zone]
    tick = scenario.time.tick
    aligned = tick <= LONGEST_TICK and start % tick == 0
    policy["tick"] = f"{tick if aligned else 1}s"
    return yaml.safe_dump(
        {"plans": plans, "contact_policy": policy}, sort_keys=False, allow_unicode=True, width=100
    )


def _caps(scenario: Scenario, plan: Plan, used: list[str]) -> list[dict[str, Any]]:
    """Return the cap over all channels, or where the silos don't share it one for each team.

    Under `handoff` a cap is over the silos of the message's own journey, which the core can't say:
    each team's own cap is the part of it that always holds.
    """
    if plan.cap is None:
        return []
    cap = {"limit": plan.cap.messages, "period": f"{plan.cap.per}s"}
    ads = {c.name for c in scenario.channels if c.message and c.message.ad}
    free = set() if scenario.brand.cap_counts_ads else ads
    used = [c for c in used if c not in free]
    if plan.sharing.effective().contact_policy == "all":
        return [cap | {"channels": used}] if free and used else [] if free else [cap]
    silos = {c.name: c.silo for c in scenario.channels}
    teams, _ = laid_wiring(wiring_of(plan.wiring or scenario.brand.wiring), scenario)
    return [
        cap | {"channels": channels}
        for team in teams
        if (channels := [c for c in used if silos[c] in team])
    ]


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"
