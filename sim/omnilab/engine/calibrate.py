"""Solve the response intercepts, so that the population's mean is the published base rate.

A base rate is what a campaign that shows everything gets, at one message a week, from the whole
population: persons differ in their personal effect and in whether they have a need at that
moment, and in how long ago they bought. How many do is counted in a pilot of the same scenario
without any message (the census); the personal effect is integrated out by Gauss-Hermite quadrature,
and so is what else differs from person to person, or from mailshot to mailshot, in seeing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.engine.intercepts import intercept_at, logistic
from omnilab.engine.pilot import pilot_rows
from omnilab.engine.regularity import solve_regularity
from omnilab.log import rows
from omnilab.lowering.model import build_model
from omnilab.lowering.plan import OF_MESSAGES, lower_plan
from omnilab.scenario.model import Scenario
from omnilab.strategy.plan import Plan
from omnilab.world.affinity import effects_of_hours

if TYPE_CHECKING:
    from omnilab.world.model import Model

__all__ = ["UNREAD", "calibrated_model", "census", "census_inputs", "solve_intercepts"]

#: Fields of the model's records that no rule reads where nobody writes; a test holds each.
UNREAD: Final = {
    "response": (
        "need", "personal", "hour", "campaign_hour", "view_through", "reveals", "created", "revives"
    ),
    "affinity": ("shared", "own", "hours"),
    "mailshot": ("sd",),
    "creation": ("created", "profile", "borrowed"),
    "fatigue": (
        "memory", "memory_weeks", "exponent", "ideal", "ideal_sigma", "convexity", "wear_out",
        "spam_bad", "stop_all", "slow", "slow_memory", "slow_weeks", "slow_weekly",
    ),
    "repetition": ("on", "half", "memory", "massed", "apart"),
    "opt_out": ("on", "need", "quality"),
    "interruption": ("takes", "calm"),
    "waking": ("on", "leaves", "sleeps", "by_visits"),
    "attrition": ("care", "lasts", "answers"),
    "creatives": ("on", "novelty", "wear", "memory"),
    "consistency": ("on", "echo", "clash", "memory"),
    "intent": ("message_gain",),
    "ch": (
        "base_open", "base_click", "open_logit", "click_logit", "delivered", "opt_out",
        "opt_out_logit", "looks_again", "half_life",
        "complaint", "weight", "delay_median", "delay_sigma", "machine_opens", "hidden_opens",
        "scanner_clicks", "cost",
    ),
}  # fmt: skip

PILOT_CUSTOMERS = 2000

#: What recency and tenure add is rounded to this logit: the mean of a logistic moves by less than
#: a ten-thousandth of itself.
STANDING_STEP = 0.02

#: Bits for the steps: logits up to 10^7, far beyond what a logistic tells apart.
_STEP_BITS = 30
_STEPS = 1 << _STEP_BITS


def calibrated_model(
    scenario: Scenario, counted: Callable[[Scenario, Model], tuple[Any, Any, Any]] | None = None
) -> Model:
    """Return the scenario's model with solved intercepts; set the key with `with_key`.

    ``counted`` stands for `census` where somebody keeps what it found.

    Raises
    ------
    ScenarioError
        If a category's orders can't be as regular as asked.
    """
    model = build_model(scenario)
    solve_regularity(scenario, model)
    if any(c.message for c in scenario.channels):
        solve_intercepts(model, *(counted or census)(scenario, model))
    return model


def census_inputs(scenario: Scenario, model: Model) -> dict[str, Any]:
    """Return what a census depends on, as arrays by name: equal ones have equal censuses.

    That is the model without what only messages meet (`UNREAD`), since the census has none.
    """
    arrays = {name: array.copy() for name, array in model.arrays().items() if name != "key"}
    for name, fields in UNREAD.items():
        for field in fields:
            arrays[name][field] = 0
    plan = dict(lower_plan(Plan(paid=False), scenario).arrays())
    plan["rules"] = plan["rules"].copy()
    for name in OF_MESSAGES:
        plan["rules"][name] = 0
    matters = model.response.need != 0.0 or model.opt_out.need != 0.0
    needed = np.array([matters, scenario.population.per_cell])
    return {**arrays, **{f"plan.{name}": x for name, x in plan.items()}, "pilot": needed}


def census(scenario: Scenario, model: Model) -> tuple[Any, Any, Any]:
    """Return what a message that shows everything meets in the customers.

    Returns
    -------
    match, share, standing
        The values of the match with their present needs (0 to 1), the share of persons and weeks
        at each, and what recency and tenure add to the logits there.
    """
    nobody = np.zeros(1), np.ones(1), np.zeros(1)
    matters = model.response.need != 0.0 or model.opt_out.need != 0.0
    if not matters and model.recency.on == 0:  # nothing of it changes anything
        return nobody
    pilot = pilot_rows(scenario, model, PILOT_CUSTOMERS, counts=True)
    found = [_noted(kept, int(model.clock.switch)) for kept in pilot]
    values, counts = np.unique(np.concatenate(found), return_counts=True)
    if not len(values):
        return nobody
    match, steps = values >> _STEP_BITS, (values & (_STEPS - 1)) - _STEPS // 2
    return match / 1e6, counts / counts.sum(), steps * STANDING_STEP


def _noted(kept: Any, since: int) -> Any:
    """Return what the census noted in rows of the log, a number each, shape ``(n,)``.

    In front stands the match, in millionths, then what recency and tenure add. That is in whole
    steps: it differs from week to week, and a mean over as many values as weeks would take long.
    One number sorts a hundred times as fast as two.
    """
    taken = rows.of_kind(kept, rows.CENSUS)
    late = taken.time >= since
    steps = np.rint(taken.standing[late] / 1e6 / STANDING_STEP).astype(np.int64)
    return (taken.match[late] << _STEP_BITS) + (steps + _STEPS // 2)


def solve_intercepts(model: Model, match: Any, share: Any, standing: Any = 0.0) -> None:
    """Set each channel's open, click and opt-out intercept by bisection.

    The base click rate is a share of delivered messages, so a click needs an open first, and both
    depend on the same personal effect and the same need. So is the opt-out rate, where opting out
    hangs on what is read. The effects on seeing alone are laid out
    beside the needs: one row for each pair of both.
    """
    node, weight = np.polynomial.hermite_e.hermegauss(41)
    weight = weight / weight.sum()
    alone, part = _effects_on_seeing(model)
    need = np.repeat(model.response.need * match, len(alone))
    joint = np.outer(share, part).ravel()[:, None] * weight[None, :]
    reading = np.repeat(model.opt_out.need * match, len(alone))
    need = need + np.repeat(np.broadcast_to(standing, len(match)), len(alone))
    shift = need[:, None] + model.response.personal * node[None, :]
    seen = (need + np.tile(alone, len(match)))[:, None] + model.response.personal * node[None, :]
    for channel in model.ch:
        opens = np.full(seen.shape, min(float(channel.base_open), 1.0))
        if 0.0 < channel.base_open < 0.999999:
            channel.open_logit = intercept_at(seen, joint, float(channel.base_open))
            opens = logistic(channel.open_logit + seen)
        clicks = min(float(channel.base_click), float((joint * opens).sum()) * 0.999)
        if clicks > 0.0:
            channel.click_logit = intercept_at(shift, joint * opens, clicks, channel.looks_again)
        outs = min(float(channel.opt_out), float((joint * opens).sum()) * 0.999)
        reads = model.opt_out.on == 1 and channel.ad == 0 and channel.base_open > 0.0
        if reads and outs > 0.0:
            channel.opt_out_logit = intercept_at(
                reading[:, None] + 0.0 * shift, joint * opens, outs
            )


def _effects_on_seeing(model: Model) -> tuple[Any, Any]:
    """Return values of the effects on seeing alone, own hours and mailshots', and their shares.

    Seven nodes for mailshots give the mean of a logistic within 1e-4 of itself up to a spread of
    1.5; the two effects' nodes are multiplied, so each more costs time at the start of every run.
    """
    hours = np.array(effects_of_hours(model))
    node, weight = np.polynomial.hermite_e.hermegauss(7 if model.mailshot.sd > 0.0 else 1)
    alone = np.add.outer(hours, model.mailshot.sd * node)
    return alone.ravel(), np.tile(weight / weight.sum() / len(hours), len(hours))
