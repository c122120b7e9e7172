"""The brand's other means, and the calendar: keys that nothing reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from omnilab.scenario.programme import unpromised
from omnilab.scenario.split_tests import untested

if TYPE_CHECKING:
    from omnilab.errors import ScenarioError
    from omnilab.scenario.effect.look import Look
    from omnilab.scenario.model import Scenario

__all__ = ["brand_findings"]


def brand_findings(look: Look) -> Iterator[ScenarioError]:
    """Yield what has no effect in ``brand``, ``time`` and ``population``."""
    scenario = look.scenario
    brand = scenario.brand
    quiet = brand.quiet_hours
    if quiet is not None and quiet.start == quiet.end:
        yield look.at(
            ("brand", "quiet_hours"),
            "start and end are the same, so there are no quiet hours; leave them out by "
            "`quiet_hours: null`",
        )
    if (brand.loyalty.card > 0) != (brand.loyalty.worth > 0):
        missing = "worth" if brand.loyalty.card > 0 else "card"
        text = f"no points are given: `{missing}` is 0"
        yield look.at(("brand", "loyalty"), text)
    if brand.pages != "none" and not any(c.goods for c in scenario.categories):
        yield look.at(("brand", "pages"), "no category has `goods`, so there is nothing to show")
    if brand.control == 1:
        yield look.at(("brand", "control"), "all are in the control group: nobody is written to")
    shown = {x.type for c in scenario.channels if c.visit for x in c.visit.identifiers}
    used = shown | {c.message.address for c in scenario.channels if c.message}
    if look.wrote(("brand", "unique")):
        for n, kind in enumerate(brand.unique):
            if kind not in used:
                text = f"no channel shows or uses the identifier {kind!r}"
                yield look.at(("brand", "unique", n), text)
    consistency = scenario.world.consistency
    if brand.themes is not None and consistency.echo == 0 and consistency.clash == 0:
        yield look.at(
            ("brand", "themes"),
            "nobody compares themes: `world.consistency.echo` and `.clash` are 0",
        )
    for n, name in unpromised(scenario):
        text = (
            f"nobody takes part in {name!r} unless a strategy's plan promises it: let a journey's"
            f" message have `promises: {name}`"
        )
        yield look.at(("brand", "programme", "targets", n, "name"), text)
    for n in untested(scenario):
        text = "no journey has a step that names an `arm` of it: all of its arms are the same"
        yield look.at(("brand", "tests", n), text)
    if look.wrote(("brand", "cookie_ttl")) and "cookie" not in shown:
        yield look.at(("brand", "cookie_ttl"), "no channel shows a cookie")
    people = scenario.population
    starts_empty = scenario.time.burn_in == 0 and not people.entry and not people.histories
    if look.wrote(("brand", "status_quo")) and starts_empty:
        yield look.at(
            ("brand", "status_quo"),
            "the status quo acts in the burn-in only, and `time.burn_in` is 0",
        )
    entry = people.entry
    if look.wrote(("population", "prior_buyers")) and entry and not entry.by:
        yield look.at(
            ("population", "prior_buyers"),
            "with `entry` nobody has bought before: every customer enters by a first order",
        )
    if look.wrote(("population", "prior_buyers")) and entry and entry.by and entry.share == 1:
        yield look.at(
            ("population", "prior_buyers"),
            "nobody is there before the start: `entry.share` is 100%, so all customers are new",
        )
    if people.histories and look.wrote(("population", "prior_buyers")):
        text = "`population.histories` says it for each group of customers"
        yield look.at(("population", "prior_buyers"), text)
    yield from _card(look)
    yield from _minima(look)
    yield from _values(look)
    for n, flight in enumerate(brand.media):
        if flight.around is None and look.wrote(("brand", "media", n, "within_m")):
            text = "it is handed out everywhere: `around` is not given"
            yield look.at(("brand", "media", n, "within_m"), text)


def _card(look: Look) -> Iterator[ScenarioError]:
    """Find a loyalty card that takes more points than even a keen customer can collect."""
    scenario = look.scenario
    card = scenario.brand.loyalty.card
    if not card or not look.wrote(("brand", "loyalty")) or scenario.population.histories:
        return
    most = _most_spent(scenario)
    if card > most:
        yield look.at(
            ("brand", "loyalty"),
            f"hardly anybody fills a card: it takes {card} points, and the keenest persona needs "
            f"goods for about {most:.0f} {scenario.currency} in the whole run",
        )


def _minima(look: Look) -> Iterator[ScenarioError]:
    """Find offers for which a basket would have to hold more than a keen customer ever needs."""
    scenario = look.scenario
    for n, offer in enumerate(scenario.brand.offers):
        most = _most_spent(scenario, offer.category)
        if offer.minimum > most and not scenario.population.histories:
            goods = f"{offer.category} " if offer.category else "goods "
            yield look.at(
                ("brand", "offers", n, "minimum"),
                f"hardly any basket is worth {offer.minimum:,.0f} {scenario.currency}: the keenest "
                f"persona needs {goods}for about {most:,.0f} in the whole run, and one basket "
                f"would have to hold {_times(offer.minimum, most)} that",
            )


def _times(asked: float, most: float) -> str:
    """Return how many times one amount is of another, such as ``1.4 times`` or ``50 times``."""
    if most <= 0:
        return "more than"
    return f"{asked / most:,.0f} times" if asked >= 10 * most else f"{asked / most:.1f} times"


def _values(look: Look) -> Iterator[ScenarioError]:
    """Find branches that ask for more than a keen customer ever pays."""
    most = _most_spent(look.scenario)
    if look.scenario.population.histories:
        return
    for n, journey in enumerate(look.scenario.brand.journeys):
        for k, step in enumerate(journey.steps):
            if step.split and step.split.at_least > most:
                yield look.at(
                    ("brand", "journeys", n, "steps", k, "split", "at_least"),
                    f"hardly anybody has paid {step.split.at_least:,.0f} "
                    f"{look.scenario.currency}: the keenest persona needs goods for about "
                    f"{most:,.0f} in the whole run",
                )


def _most_spent(scenario: Scenario, category: str | None = None) -> float:
    """Return about what the keenest persona's needs are worth in the whole run, of one category."""
    time = scenario.time
    keen = max(persona.needs for persona in scenario.population.personas)
    length = time.burn_in + time.window + time.run_out
    return sum(
        keen * length / c.every * c.spend.mean
        for c in scenario.categories
        if category is None or c.name == category
    )
