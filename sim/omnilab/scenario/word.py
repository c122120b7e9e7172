"""What a scenario's rivals, friends, reviews and referrals need of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario

__all__ = ["word_problem"]

Problem = tuple[tuple[str | int, ...], str] | None


def word_problem(scenario: Scenario) -> Problem:
    """Return the place and the sentence of what is wrong, or None.

    Parameters
    ----------
    scenario
        All of it.
    """
    world, town = scenario.world, scenario.population.town
    each = world.friends.each
    if each > 0 and town is not None and town <= each:
        return ("world", "friends", "each"), (
            f"{each} friends in a town of {town} people: write at most {(town - 1) // 2 * 2}, or"
            " set population.town higher"
        )
    if (world.reviews.written > 0 or world.reviews.read > 0) and town is None:
        return ("world", "reviews"), (
            "reviews are shown within a town, and there is none: set population.town, such as 1000"
        )
    if world.reviews.read > 0 and world.reviews.written == 0:
        return ("world", "reviews", "read"), (
            "nobody writes what could be read: set world.reviews.written, such as 2%"
        )
    return _without_rivals(scenario) or _too_dear(scenario) or _without_programme(scenario)


def _without_rivals(scenario: Scenario) -> Problem:
    preference = scenario.world.preference
    if scenario.world.rivals.number > 0:
        return None
    for name, asked in (("pull", preference.pull > 0), ("known", preference.known < 1)):
        if asked:
            return ("world", "preference", name), (
                "is felt against rivals, and there are none: set world.rivals.number, such as 2"
            )
    return None


def _too_dear(scenario: Scenario) -> Problem:
    """Refuse money off that is more than what a first order comes to."""
    referral = scenario.brand.referral
    least = min(scenario.categories, key=lambda c: c.spend.mean)
    for name, off in (("reward", referral.reward), ("friend", referral.friend)):
        if off > least.spend.mean:
            return ("brand", "referral", name), (
                f"{off:g} {scenario.currency} off is more than an order of {least.name} comes to,"
                f" {least.spend.mean:g} {scenario.currency} (categories.{least.name}.spend.mean):"
                " write less than that"
            )
    return None


def _without_programme(scenario: Scenario) -> Problem:
    """Refuse a journey that waits for referrals which nobody pays for."""
    referral = scenario.brand.referral
    if referral.reward > 0 or referral.friend > 0:
        return None
    for n, journey in enumerate(scenario.brand.journeys):
        if journey.trigger == "referral":
            return ("brand", "journeys", n, "trigger"), (
                "no friend can buy with a link, for there is no programme: set"
                f" brand.referral.reward, such as 5 {scenario.currency}"
            )
    return None
