"""Inflow: people who do not know the brand come to know it, each by a channel and at a moment.

A share of the customers is not there from the start. Such a newcomer enters by way w with chance
``by[w]``, on a day that is drawn as a cohort's (`omnilab.world.population`), and within that day's
opening hours of the channel evenly on the activity clock: at

    A^-1( A(opens) + u (A(closes) - A(opens)) )

with A the activity clock of `omnilab.world.clock`. Where the channel is shut that day it is the
next day on which it is not; who finds none before the window's end does not come. The newcomer
comes for a need, of a category in proportion to how often it needs each.

Until then nothing happens to the person: it has no needs that the brand could meet, has bought
nothing, has allowed nothing and is in no record. A way that the person has not within reach is
within reach from then on, as who enters by the app installs it. All of this is drawn at the
person's own address, so it is the same under every strategy.

References
----------
The form is an assumption: newcomers come from outside, as the hazard of adoption "by innovation" of
Bass (1969), "A new product growth for model consumer durables", Management Science 15(5). What
customers and media of the brand bring about is in `omnilab.world.tips` and
`omnilab.world.awareness`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.world.choice import can_go
from omnilab.world.clock import from_activity, local, to_activity
from omnilab.world.lowered import ScenarioParts, Values, fills
from omnilab.world.newcomer import is_newcomer

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person, WorldCell

__all__ = [
    "LoweredInflow",
    "WayIn",
    "choose_way_in",
    "plan_entry",
    "share_computer",
    "way_of",
    "weeks_passed",
]

INFLOW: Final = stream("INFLOW", 209)  # whether, by which way, for what, when in the day: person
DAY: Final = 86400


class LoweredInflow(Record):
    """What the rules read of the entry's `by`."""

    on: i8  # 1 where some enter by a channel
    share: f8  # of persons who do
    after: i8  # second from which on they enter
    over: i8  # seconds over which they do


@fills(LoweredInflow)
def _lower(scenario: ScenarioParts) -> Values:
    entry = scenario.population.entry
    if entry is None or not entry.by:
        return {"on": 0, "share": 0.0, "after": 0, "over": 0}
    return {"on": 1, "share": entry.share, "after": entry.after, "over": entry.over}


class WayIn(Record):
    """A channel by which newcomers come to know the brand."""

    channel: i8  # as the scenario names it
    lands: i8  # the channel of the first visit: its own, or where its paid result leads
    bought: i8  # 1: a click on a paid search result leads there
    brings: i8  # channels that who enters by it has within reach, a bit each
    cumulative: f8  # share of newcomers by the ways up to this one


@inner
def way_of(model: Model, person: Person) -> WayIn:
    """Return the way by which a newcomer enters."""
    return model.way_in[int(person.way_in) - 1]


@inner
def choose_way_in(model: Model, person: Person) -> None:
    """Draw whether a person is a newcomer, and by which way it enters; it has bought nothing."""
    if model.inflow.on == 0:
        return
    enters, way, _, _ = draw4(model.key.k0, model.key.k1, INFLOW, person.entity, 0)
    if enters >= model.inflow.share:
        return
    k = 0
    while k < len(model.way_in) - 1 and way >= model.way_in[k].cumulative:
        k += 1
    person.way_in = k + 1
    person.prior = 0
    person.purchases = 0


@inner
def plan_entry(cell: WorldCell, model: Model, person: Person, index: int, u: float) -> None:
    """Set when a newcomer enters, for which category, and what comes within its reach by that.

    Parameters
    ----------
    u
        Uniform in (0, 1) that decides on the day.
    """
    if not is_newcomer(person):
        return
    _, _, when, what = draw4(model.key.k0, model.key.k1, INFLOW, person.entity, 0)
    way = way_of(model, person)
    c = int(way.lands)
    for k in range(len(model.ch)):
        brought = (way.brings >> k) & 1 == 1 and (person.reach >> k) & 1 == 0
        # Who has the app has its push too, as at birth: not where a persona has less of it.
        if (brought and model.reach[person.persona, k] >= model.reach[person.persona, c]) or k == c:
            if (person.reach >> k) & 1 == 0:
                person.idle_rate += model.ch[k].idle
            person.reach |= 1 << k
    person.comes_for = _needed(cell, model, index, what)
    person.entry = _moment(model, person, c, u, when)


@inner
def _needed(cell: WorldCell, model: Model, index: int, u: float) -> int:
    """Return a category in proportion to how often the person needs each, by uniform ``u``."""
    total = 0.0
    for c in range(len(model.cat)):
        total += cell.rate[index, c]
    x = u * total
    for c in range(len(model.cat) - 1):
        x -= cell.rate[index, c]
        if x < 0.0:
            return c
    return len(model.cat) - 1


@inner
def _moment(model: Model, person: Person, c: int, u: float, when: float) -> int:
    """Return the second at which a newcomer enters channel ``c``; after the run's end never.

    Two uniforms: the day, and the time within the hours of that day.
    """
    day = model.inflow.after + int(
        weeks_passed(model, u) * model.inflow.over / len(model.entry_cum)
    )
    midnight = int(day - local(model, day) % DAY)
    while midnight < model.clock.end:
        first = to_activity(model, midnight + int(model.ch[c].opens))
        last = to_activity(model, midnight + int(model.ch[c].closes))
        at = max(from_activity(model, first + when * (last - first)), 1)
        if at < model.clock.end and can_go(model, person, c, at):
            return at
        midnight += DAY
    return int(model.clock.run_end) + 1


@inner
def weeks_passed(model: Model, u: float) -> float:
    """Return how many of the weeks of entry have passed by uniform ``u``, evenly within each."""
    weeks = model.entry_cum
    i = 0
    while i < len(weeks) - 1 and u >= weeks[i]:
        i += 1
    low = weeks[i - 1] if i > 0 else 0.0
    width = weeks[i] - low
    part = (u - low) / width if width > 0.0 else 0.5
    return i + part


@inner
def share_computer(cell: WorldCell, model: Model, first: int, end: int) -> None:
    """Let a computer that a household shares be that of whoever enters first.

    What the brand writes to the computer's cookie reaches its owner, who must be there.

    Parameters
    ----------
    first, end
        The household's persons within the cell.
    """
    if model.inflow.on == 0:
        return
    shared, owner = 2 * first + 1, first
    for i in range(first, end):
        if cell.person[i].pc_device == shared and cell.person[i].entry < cell.person[owner].entry:
            owner = i
    for i in range(first, end):
        if cell.person[i].pc_device == shared:
            cell.person[i].pc_device = 2 * owner + 1
