"""What becomes of a message that is due: finish it, hold it, ask the strategy, or deliver it.

`judge` says it in one verdict and sends nothing. Three facts are not the brand's to know; who asks
for the verdict leaves them in ``cell.facts``: who truly gave permission, which channels are ads,
and when the quiet hours end by the local calendar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.brand.at_hand import any_category, last_order
from omnilab.brand.codes import (
    E_BROWSE,
    E_CART,
    E_ORDER,
    SHOW_BOUGHT,
    SHOW_CART,
    SHOW_GENERIC,
    SHOW_NAMED,
    SHOW_VIEWED,
)
from omnilab.brand.context import context_of, is_told
from omnilab.brand.goods import goods_shown
from omnilab.brand.journeys import draw_entity
from omnilab.brand.leeway import as_planned, shown_by
from omnilab.brand.node_index import fetch_bucket
from omnilab.brand.policy import is_suppressed, may_send
from omnilab.brand.profiles import find_address, key_of
from omnilab.cascade.rules import next_channel, reached
from omnilab.draws.philox import draw4
from omnilab.draws.streams import BRAND_CONTROL
from omnilab.kernels.compiling import inner
from omnilab.log import rows

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import BrandCell, Verdict

__all__ = ["ASK", "DELIVER", "FINISH", "HOLD", "ask", "find_addresses", "judge"]

# Verdicts
FINISH: Final = 1  # the message gets the final status ``final``; nothing is sent any more
HOLD: Final = 2  # until the quiet hours end
ASK: Final = 3  # the strategy's `decide`
DELIVER: Final = 4  # over ``channel``, showing ``category`` and ``token``


@inner
def find_addresses(cell: BrandCell, plan: LoweredPlan, i: int) -> None:
    """Write the address that each channel of copy ``i`` would write to into ``cell.address``.

    It is the identifier's code; 0 where there is none, or the copy does not use the channel.
    """
    copy = cell.copy[i]
    for c in range(len(cell.address)):
        cell.address[c] = 0
    for k in range(copy.length):
        c = int(copy.order[k])
        node = find_address(cell, int(copy.profile), int(plan.address[c]), int(plan.sender[c]))
        if node >= 0:
            cell.address[c] = cell.node[node].code


@inner
def judge(cell: BrandCell, plan: LoweredPlan, t: int, i: int) -> Verdict:
    """Say what becomes of the running message of copy ``i``, which is due at ``t``.

    The copy moves on to the first channel that can be used; those before it are skipped. What is
    asked first counts: after the run's end nothing is sent; a success ends the cascade; the
    control group is left out; a channel needs an address and its owner's permission; quiet hours
    hold the message, ads excepted; `decide` is asked; a known "stop all" and the cap forbid it.

    Parameters
    ----------
    t
        Seconds from the scenario's start.
    i
        Index of the copy. `find_addresses` has been asked for it, and ``cell.facts`` is filled.
    """
    copy = cell.copy[i]
    facts = cell.facts[0]
    verdict = cell.verdict[0]
    verdict.act = FINISH
    verdict.final = _over(cell, plan, i)
    if verdict.final != 0:
        return verdict
    copy.at = next_channel(copy.order, int(copy.length), int(copy.at), int(facts.permitted))
    if copy.at >= copy.length:
        verdict.final = rows.FINAL_EXHAUSTED if copy.sends > 0 else rows.FINAL_SKIPPED
        return verdict
    c = int(copy.order[int(copy.at)])
    verdict.channel = c
    copy.last_silo = plan.silo[c]
    if facts.free > t and (facts.ads >> c) & 1 == 0:
        verdict.act = HOLD
        return verdict
    if plan.rules.decides == 1 and copy.decided == 0:
        verdict.act = ASK
        return verdict
    verdict.final = _refusal(cell, plan, t, i)
    if verdict.final == 0:
        verdict.act = DELIVER
        fetch_bucket(cell, int(cell.address[c]), key_of(plan, int(plan.silo[c])))  # for `see_send`
        _choose_content(cell, plan, i, verdict)
        verdict.goods = goods_shown(cell, plan, i)
    return verdict


@inner
def _over(cell: BrandCell, plan: LoweredPlan, i: int) -> int:
    """Return the final status of a message that is not to be sent at all, 0 where it may be."""
    copy = cell.copy[i]
    if cell.facts[0].ended == 1:
        return rows.FINAL_OPEN
    if copy.sends > 0 and reached(int(copy.status), int(copy.success)):
        return rows.FINAL_REACHED  # it came while the fallback was held
    return rows.FINAL_CONTROL if _is_control(cell, plan, int(copy.profile)) else 0


@inner
def _is_control(cell: BrandCell, plan: LoweredPlan, profile: int) -> bool:
    """Tell whether the profile is in the control group, which gets no messages."""
    if plan.rules.control <= 0.0:
        return False
    u, _, _, _ = draw4(
        plan.rules.key0, plan.rules.key1, BRAND_CONTROL, draw_entity(cell, profile), 0
    )
    return u < plan.rules.control


@inner
def _refusal(cell: BrandCell, plan: LoweredPlan, t: int, i: int) -> int:
    """Return the final status by which strategy or contact policy refuse the send, 0 if none."""
    copy = cell.copy[i]
    profile, journey, silo = int(copy.profile), int(copy.journey), int(copy.last_silo)
    if copy.decided == 2:
        return rows.FINAL_DECLINED
    if plan.step[journey, int(copy.step)].service == 1:
        return 0
    if is_suppressed(cell, plan, profile, journey, silo):
        return rows.FINAL_SUPPRESSED
    left_out = int(plan.step[journey, int(copy.step)].not_after)
    if left_out > 0 and t - last_order(cell, plan, profile, silo) < left_out:
        return rows.FINAL_BUYER
    channel = int(copy.order[int(copy.at)])
    if not may_send(cell, plan, profile, journey, silo, channel, t):
        return rows.FINAL_CAPPED
    return 0


@inner
def _choose_content(cell: BrandCell, plan: LoweredPlan, i: int, verdict: Verdict) -> None:
    """Say what the message shows: the step's content, as far as the sending silo can see it.

    A message of a cart's copy that shows the cart shows the cart that triggered it, if the silo is
    told of it (`omnilab.brand.context.is_told`) and it has not been ordered; likewise what was
    looked at and what was bought. Any other message shows the latest that its silo has seen itself.
    A category that the step names needs nobody's knowledge.
    """
    copy = cell.copy[i]
    j, silo = int(copy.journey), int(copy.last_silo)
    shows, category = shown_by(plan, copy)
    verdict.shows = shows
    verdict.category = -1
    verdict.token = -1
    if shows == SHOW_GENERIC:
        return
    if shows == SHOW_NAMED:
        verdict.category = category
        return
    if _shows_trigger(shows, int(plan.journey[j].trigger)) and is_told(
        plan, j, int(copy.seen), silo
    ):
        verdict.category = copy.category
        if shows == SHOW_CART:
            verdict.token = copy.token
        return
    verdict.category, verdict.token = any_category(cell, plan, int(copy.profile), silo, shows)


@inner
def _shows_trigger(shows: int, trigger: int) -> bool:
    """Tell whether a step shows the kind of thing that the journey's trigger is about."""
    return (
        (shows == SHOW_CART and trigger == E_CART)
        or (shows == SHOW_VIEWED and trigger == E_BROWSE)
        or (shows == SHOW_BOUGHT and trigger == E_ORDER)
    )


@inner
def ask(cell: BrandCell, plan: LoweredPlan, t: int, i: int) -> None:
    """Let the copy's message wait for the strategy's `decide`."""
    copy = cell.copy[i]
    copy.usable = _allowed_channels(cell, plan, t, i)
    copy.decided = -1
    copy.answer = 1
    copy.choice = -1
    as_planned(copy)
    copy.wait = 0
    if plan.rules.score_decided == 1:  # there is room for it now
        context_of(cell, int(copy.profile), int(plan.silo[int(copy.order[int(copy.at)])]))
    cell.meta.pending += 1
    cell.meta.now = t


@inner
def _allowed_channels(cell: BrandCell, plan: LoweredPlan, t: int, i: int) -> int:
    """Return the mask of permitted channels that caps and a known "stop all" leave."""
    copy = cell.copy[i]
    profile, journey = int(copy.profile), int(copy.journey)
    service = int(plan.step[journey, int(copy.step)].service)
    mask = 0
    for k in range(copy.length):
        c = int(copy.order[k])
        if (cell.facts[0].permitted >> c) & 1 == 0:
            continue
        silo = int(plan.silo[c])
        if service == 1:
            mask |= 1 << c
            continue
        if is_suppressed(cell, plan, profile, journey, silo):
            continue
        if may_send(cell, plan, profile, journey, silo, c, t):
            mask |= 1 << c
    return mask
