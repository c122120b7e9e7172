"""Posts of the brand: who sees them, what is done with them, which friends see what is shared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.cell import queue
from omnilab.cell.emit import writer
from omnilab.cell.queue import push
from omnilab.interaction.knowing import BY_POST
from omnilab.interaction.media import WORD_VISIT, meet_word
from omnilab.interaction.reading_up import go_on_to
from omnilab.interaction.stay import is_there
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.choice import can_go
from omnilab.world.clock import later
from omnilab.world.friends import friend_of
from omnilab.world.newcomer import is_awaited
from omnilab.world.posts import (
    CLICKS,
    SHARES,
    answer_draws,
    answers,
    organic_chance,
    sees_post,
    view_delay,
)

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["first_posts", "post", "sees"]

FROM_POST: Final = 3  # where a visit comes from, as the log says it
POSTS: Final = 3 << 16  # what a contact is of, above the number of its series

# How a post reaches a person, as the log says it
IN_FEED: Final = 0
PAID: Final = 1
BY_FRIEND: Final = 2

NUMBER_BITS: Final = 20  # of a post within its series
GIVER_BITS: Final = 22  # of the friend who shared it, within the cell
TIMES_BITS: Final = 6  # how often it has been shared on the way
MOST_TIMES: Final = (1 << TIMES_BITS) - 1

write_post_seen = writer(rows.POST_SEEN, placed=False)


@inner
def first_posts(cell: Cell, model: Model, who: int, start: int) -> None:
    """Plan the first post of each series that a person who is there from ``start`` on may see."""
    for k in range(len(model.series)):
        series = model.series[k]
        number = 0
        if series.begins < start:
            number = (start - int(series.begins)) // int(series.every) + 1
        _plan_post(cell, model, who, k, number)


@inner
def _plan_post(cell: Cell, model: Model, who: int, k: int, number: int) -> None:
    series = model.series[k]
    at = int(series.begins) + number * int(series.every)
    if at < series.ends and at < model.clock.end:
        push(cell, at, queue.POST, who, k, number)


@inner
def post(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, k: int, number: int
) -> None:
    """Let a post come into a person's feed, by itself or paid for."""
    person = cell.person[who]
    if person.left == 1:
        return
    _plan_post(cell, model, who, k, number + 1)
    u, when = sees_post(model, person, k, number, t)
    series, how = model.series[k], IN_FEED
    chance = organic_chance(model, person, t)
    if chance <= 0.0 and plan.rules.media == 1:
        chance, how = float(series.boost), PAID
    if u < chance:
        at = later(model, t, view_delay(model, when))
        push(cell, at, queue.SEES, who, (k << 2) | how, number)


@inner
def sees(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, packed: int, came: int
) -> None:
    """See a post: know of the brand, like it, comment it, share it, follow its link.

    Parameters
    ----------
    packed
        The series, and in the last two bits how it came.
    came
        The post's number, above it the friend who shared it, and how often it was shared so far.
        So who sees it again decides anew.
    """
    person = cell.person[who]
    if person.left == 1 or is_awaited(model, person, t):
        return
    k, how, number = packed >> 2, packed & 3, came & ((1 << NUMBER_BITS) - 1)
    series, part, entity = model.series[k], model.posts, int(person.entity)
    address = (packed << (NUMBER_BITS + GIVER_BITS + TIMES_BITS)) | came
    does = answers(model, person, t, answer_draws(model, entity, address, 0))
    reveals, makes, _, _ = answer_draws(model, entity, address, 1)
    power = (float(part.stirs), float(part.reveals), float(part.makes), float(part.image))
    of, category, uniforms = POSTS | k, int(series.category), (reveals, makes)
    unique = (number << 2) | how
    i = meet_word(cell, model, t, who, category, power, uniforms, BY_POST, of, unique)
    cost = int(series.cost) if how == PAID and t < model.clock.end else 0
    write_post_seen(cell, t, who, series=k, how=how, does=does, cost=cost)
    times = came >> (NUMBER_BITS + GIVER_BITS)
    if (does & SHARES) != 0 and times < MOST_TIMES:
        _share(cell, model, t, who, k, (times + 1, number), address)
    c = int(series.channel)
    if (does & CLICKS) != 0 and can_go(model, person, c, t) and not is_there(cell, model, who):
        occasion = WORD_VISIT | ((unique * 2654435 + (came >> NUMBER_BITS) * 40503) & 0xFFFFFFFF)
        go_on_to(cell, model, plan, t, who, i, c, category, FROM_POST, occasion | (of << 32))


@inner
def _share(
    cell: Cell, model: Model, t: int, who: int, k: int, what: tuple[int, int], address: int
) -> None:
    """Let friends see what a person shares, each in its own time.

    Parameters
    ----------
    what
        How often it has been shared, this time too, and the post's number.
    """
    entity = int(cell.person[who].entity)
    u = answer_draws(model, entity, address, 2)
    delays = answer_draws(model, entity, address, 3)
    for j in range(model.posts.audience):
        friend = friend_of(model, int(cell.meta.number), int(cell.meta.persons), who, u[j])
        if friend >= 0:
            at = later(model, t, view_delay(model, delays[j]))
            came = (((what[0] << GIVER_BITS) | who) << NUMBER_BITS) | what[1]
            push(cell, at, queue.SEES, friend, (k << 2) | BY_FRIEND, came)
