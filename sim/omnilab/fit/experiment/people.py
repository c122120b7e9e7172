"""Make the scenario of a test: the customers that could have taken part, before and during it.

Everybody is simulated for two years. Those who then meet the test's condition, such as an order
within a year, take part; what they are like follows from their pasts, and is not put in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from omnilab.errors import OptionError, nearest
from omnilab.fit.experiment.request import ExperimentRequest
from omnilab.fit.experiment.table import RandomisedTest
from omnilab.fit.scenario import read_base, validated
from omnilab.scenario.document import read_document
from omnilab.scenario.journeys import MOST_NAMED
from omnilab.scenario.model import Scenario
from omnilab.scenario.tree import plain

__all__ = ["AND", "BURN_IN_S", "EVERYTHING", "Setup", "set_up"]

_DAY_S: Final = 86_400
#: Two years before the send: one to tell who is new, one that the test looks back on.
BURN_IN_S: Final = 730 * _DAY_S
#: What a message shows that shows no one category.
EVERYTHING: Final = "everything"
#: Between the names of several categories that a message shows.
AND: Final = "+"
_BASE: Final = Path(__file__).with_name("base.yaml")
_ROOM_S: Final = 2 * _DAY_S  # after the outcomes' window


@dataclass(frozen=True, slots=True)
class Setup:
    """A test as it can be simulated.

    Parameters
    ----------
    data
        Plain data of the scenario that is to be fitted, with presets by name.
    scenario
        The same as it is simulated: all of its customers can be written to.
    channel, landing
        The channel that carried the messages, and where their clicks lead.
    categories
        Column of the table -> index of the scenario's category.
    content
        Arm -> the category that its message shows, several with `AND` between them, `EVERYTHING`
        for all.
    named
        Arms whose name has the category in it, and of which nobody has told the content: the share
        of that category in the message is not known.
    notes
        What was decided.
    """

    data: Mapping[str, Any]
    scenario: Scenario
    channel: str
    landing: str
    categories: dict[str, int]
    content: dict[str, str]
    named: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def currency(self) -> str:
        """Three letters."""
        return self.scenario.currency


def set_up(
    request: ExperimentRequest, test: RandomisedTest, scenario_id: str, customers: int,
    columns: tuple[str, ...] | None = None,
) -> Setup:  # fmt: skip
    """Return the scenario of a test.

    Parameters
    ----------
    customers
        How many are simulated; those who could take part are among them.
    columns
        Of categories, in all tests that are fitted together; the test's own if None.

    Raises
    ------
    OptionError, ScenarioError
        If the base can't be used, has no such channel, or ``content`` names what is not there.
    """
    notes: list[str] = []
    own = request.base is not None
    data = dict(read_base(request.base) if own else plain(read_document(_BASE)))
    data["id"] = scenario_id
    data["title"] = f"Fitted to {test.source}"
    if request.currency:
        data["currency"] = request.currency
    data.setdefault("currency", "EUR")
    named = columns if columns is not None else tuple(test.bought)
    if not own and named:
        goods = data["categories"][0]
        data["categories"] = [{**goods, "name": _name_of(name)} for name in named]
    fitted = validated(data)
    channel = _channel(fitted, request)
    side = next(c for c in fitted.channels if c.name == channel).message
    assert side is not None
    categories = _categories(fitted, test, notes)
    content, named_after = _content(request, test, fitted, notes)
    return Setup(
        data=data,
        scenario=_simulated(fitted, channel, side.landing, test.within_s, customers),
        channel=channel,
        landing=side.landing,
        categories=categories,
        content=content,
        named=named_after,
        notes=tuple(notes),
    )


def _name_of(column: str) -> str:
    """Return a category's name, made of a column's."""
    name = "".join(c if c.isalnum() else "_" for c in column.strip().lower()).strip("_")
    return name if name[:1].isalpha() else f"category_{name}"


def _channel(scenario: Scenario, request: ExperimentRequest) -> str:
    writing = [c.name for c in scenario.channels if c.message and not c.message.ad]
    asked = request.channel or ("email" if "email" in writing else next(iter(writing), None))
    if asked is None:
        raise OptionError(
            "--base: no channel of the scenario can carry messages, such as email: add one"
        )
    if asked not in writing:
        raise OptionError(
            f"--channel {asked!r}: no channel of the scenario that carries messages"
            f"{nearest(asked, writing)}; there are {', '.join(writing)}"
        )
    return asked


def _categories(scenario: Scenario, test: RandomisedTest, notes: list[str]) -> dict[str, int]:
    names = [c.name for c in scenario.categories]
    found = {c: names.index(_name_of(c)) for c in test.bought if _name_of(c) in names}
    if left := [c for c in test.bought if c not in found]:
        notes.append(
            f"columns {', '.join(map(repr, left))} are no categories of the scenario "
            f"({', '.join(names)}): not used"
        )
    return found


def _content(
    request: ExperimentRequest, test: RandomisedTest, scenario: Scenario, notes: list[str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return what each arm's message shows, and the arms of which only the name tells it.

    As told, else the category that the arm's name has in it.
    """
    names = [c.name for c in scenario.categories]
    told: dict[str, str] = {}
    for pair in request.content:
        arm, _, what = (part.strip() for part in pair.partition("="))
        if arm not in test.arms[1:]:
            hint = nearest(arm, test.arms[1:]) or f"; there are {', '.join(test.arms[1:])}"
            raise OptionError(f"--content {pair!r}: no arm {arm!r} that got a message{hint}")
        told[arm] = AND.join(_checked(pair, what, names))
    content, named = {}, []
    for arm in test.arms[1:]:
        said = [n for n in names if _name_of(arm).replace("_", "").startswith(n.replace("_", ""))]
        words = set(_name_of(arm).split("_"))
        said = said or [n for n in names if n in words]
        content[arm] = told.get(arm) or (said[0] if len(said) == 1 else EVERYTHING)
        if arm not in told and content[arm] != EVERYTHING:
            named.append(arm)
        notes.append(f"arm {arm!r} shows {content[arm]} (--content)")
    return content, tuple(named)


def _checked(pair: str, what: str, names: list[str]) -> list[str]:
    """Return the categories that a message is told to show, each known, or `EVERYTHING` alone."""
    told = [name.strip() for name in what.split(AND)]
    for name in told:
        if name not in names and [name] != [EVERYTHING] * len(told):
            hint = nearest(name, (EVERYTHING, *names))
            raise OptionError(f"--content {pair!r}: no category {name!r}{hint}")
    if len(set(told)) < len(told) or len(told) > MOST_NAMED:
        raise OptionError(f"--content {pair!r}: up to {MOST_NAMED} categories, each once")
    return told


def _simulated(
    scenario: Scenario, channel: str, landing: str, within_s: int, customers: int
) -> Scenario:
    """Return the scenario in which all customers can be written to and can go where it leads."""
    personas = [p.model_dump() for p in scenario.population.personas]
    for persona in personas:
        persona["opt_in"] = {**persona["opt_in"], channel: 1.0}
        persona["reach"] = {**persona["reach"], landing: 1.0}
    return scenario.changed(
        {
            "time": {
                "burn_in": BURN_IN_S,
                "window": -(-(within_s + _ROOM_S) // _DAY_S) * _DAY_S,
                "run_out": 0,
            },
            "population": {
                "customers": customers, "personas": personas, "household_sizes": (1.0,),
                "entry": None, "histories": (),
            },
        }
    )  # fmt: skip
