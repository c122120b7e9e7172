"""The world's mechanisms: numbers of one that this scenario never sets going."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from omnilab.errors import ScenarioError
    from omnilab.scenario.effect.look import Look
    from omnilab.scenario.model import Scenario

__all__ = ["silent_keys", "world_findings"]


def world_findings(look: Look) -> Iterator[ScenarioError]:
    """Yield the keys of ``world`` that the user wrote and that nothing can read."""
    for keys, acts, why in _NEEDS:
        if acts(look.scenario):
            continue
        for key in keys:
            path = ("world", *key.split("."))
            if look.wrote(path):
                yield look.at(path, why)


def silent_keys(scenario: Scenario) -> list[str]:
    """Return the dotted keys whose mechanism nothing in the scenario sets going."""
    silent = [f"world.{key}" for keys, acts, _ in _NEEDS if not acts(scenario) for key in keys]
    entry = scenario.population.entry
    if entry is not None and entry.early.share == 0:
        silent.append("population.entry.early")
    return silent


def _offers(scenario: Scenario) -> bool:
    steps = [step for journey in scenario.brand.journeys for step in journey.steps]
    return any(step.message and step.message.offer > 0 for step in steps)


def _typed(scenario: Scenario) -> bool:
    return any(c.visit and c.visit.typed for c in scenario.channels)


def _cookies(scenario: Scenario) -> bool:
    places = [c.visit for c in scenario.channels if c.visit]
    return any(x.type == "cookie" for visit in places for x in visit.identifiers)


def _service(scenario: Scenario) -> bool:
    return any(c.visit and c.visit.service for c in scenario.channels)


def _ads(scenario: Scenario) -> bool:
    return any(c.message and c.message.ad for c in scenario.channels)


def _emails(scenario: Scenario) -> bool:
    return any(c.message and c.message.address == "email" for c in scenario.channels) or any(
        x.type == "email" for c in scenario.channels if c.visit for x in c.visit.identifiers
    )


def _persons_differ(scenario: Scenario) -> bool:
    return scenario.world.response.personal_sd > 0


def _messages(scenario: Scenario) -> bool:
    return any(c.message for c in scenario.channels)


#: Keys below ``world``, when they act, and what to say where they don't.
_NEEDS: Final[tuple[tuple[tuple[str, ...], Callable[[Scenario], bool], str], ...]] = (
    (("response.offer", "response.offer_lasts"), _offers, "no journey's message has an `offer`"),
    (
        ("identifiers.typo", "identifiers.typo_hits"), _typed,
        "no channel has `typed: true`, so nobody types an identifier at a till",
    ),
    (
        (
            "identifiers.short_lived", "identifiers.short_life", "identifiers.resets",
            "identifiers.resets_a_month", "identifiers.shared_pc",
        ),
        _cookies, "no channel shows a cookie",
    ),
    (("identifiers.changes_a_year",), _emails, "no channel shows or uses an e-mail address"),
    (
        ("continuity.service", "continuity.service_after", "continuity.unknown_annoys",
         "satisfaction.recovery"),
        _service, "no channel has `service: true`, so there are no service contacts",
    ),
    (("fatigue.wear_out",), _ads, "no channel has `ad: true`, and only ads wear out"),
    (("affinity.own",), _persons_differ, "`response.personal_sd` is 0, so persons do not differ"),
    (("affinity", "fatigue", "mailshot", "response"), _messages, "no channel has a `message` side"),
)  # fmt: skip
