"""Looking a matter up without a need, and what comes of reading about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell import queue
from omnilab.cell.queue import push
from omnilab.draws.philox import draw4
from omnilab.draws.streams import V_COURSE, VISIT_LOOK
from omnilab.interaction.content import FROM_RESULT, write_read
from omnilab.interaction.knowing import BY_CONTENT
from omnilab.interaction.looking import look_around
from omnilab.interaction.media import WORD_VISIT, meet_word
from omnilab.interaction.need import visit_for
from omnilab.interaction.visit import begin_visit
from omnilab.kernels.compiling import inner
from omnilab.world.choice import can_go
from omnilab.world.content import article_of, look_up_draws, next_look_up, topic_draws
from omnilab.world.interest import stir_by
from omnilab.world.needs import take_up

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["ARTICLES", "go_on_to", "look_up_matter", "plan_look_up"]

ARTICLES = 2 << 16  # what a contact is of, above the article's number


@inner
def plan_look_up(cell: Cell, model: Model, who: int, number: int, t: int) -> None:
    """Plan the next time that a person looks something up."""
    if model.content.on == 0:
        return
    at = next_look_up(model, int(cell.person[who].entity), number, t)
    if 0 <= at < model.clock.run_end:
        push(cell, at, queue.LOOK_UP, who, number, 0)


@inner
def look_up_matter(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, number: int
) -> None:
    """Look a matter up, read what is found, and maybe go on to the goods."""
    person = cell.person[who]
    if person.left == 1:
        return
    plan_look_up(cell, model, who, number + 1, t)
    what, click = topic_draws(model, int(person.entity), number)
    k = article_of(model, what)
    article, part = model.article[k], model.content
    if not article.begins <= t < article.ends or click >= article.click:
        return
    reveals, makes, moves, _ = look_up_draws(model, int(person.entity), number)
    category = int(article.category)
    power = (float(part.informs), float(part.reveals), float(part.makes), float(part.image))
    before = int(person.first_need)
    uniforms = (reveals, makes)
    i = meet_word(cell, model, t, who, category, power, uniforms, BY_CONTENT, ARTICLES | k, number)
    if before < 0 and category >= 0 and part.informs > 0.0 and person.first_need < 0:
        stir_by(cell, model, who, category, t, part.informs)
    c = int(article.channel)
    goes = moves < (part.browses if i < 0 else part.moves) and can_go(model, person, c, t)
    ordinal = int(cell.need[i].ordinal) if i >= 0 else -1
    write_read(cell, t, who, article=k, need=ordinal, moves=1 if goes else 0)
    if goes:
        occasion = WORD_VISIT | ((ARTICLES | k) << 32) | number
        go_on_to(cell, model, plan, t, who, i, c, category, FROM_RESULT, occasion)


@inner
def go_on_to(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, i: int, c: int, category: int,
    source: int, occasion: int,
) -> None:  # fmt: skip
    """Visit channel ``c`` for need ``i``, or to look around in a category (-1 any)."""
    visit = begin_visit(cell, who, VISIT_LOOK, occasion)
    visit.channel = c
    visit.source = source
    if i >= 0:
        take_up(cell.need[i])
        visit_for(cell, model, plan, t, visit, i)
        return
    visit.category = category
    _, device, what, _ = draw4(
        model.key.k0, model.key.k1, VISIT_LOOK + V_COURSE, int(cell.person[who].entity), occasion
    )
    look_around(cell, model, plan, t, visit, device, what)
