"""From the brand's programme to the records that rules of the world and of the brand read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from omnilab.brand.programme import TargetRule, TierRule
from omnilab.kernels.record import record_array
from omnilab.scenario.model import Scenario, Step
from omnilab.world.programme import LoweredTarget, LoweredTier

if TYPE_CHECKING:
    from omnilab.scenario.programme import MembersProgramme, Target, Tier

__all__ = [
    "count_rules",
    "lower_members_step",
    "lower_programme",
    "lower_score",
    "lower_target_rules",
    "lower_tier_rules",
]

DAY: Final = 86400


def _targets(scenario: Scenario) -> tuple[Target, ...]:
    programme = scenario.brand.programme
    return programme.targets if programme else ()


def _tiers(scenario: Scenario) -> tuple[Tier, ...]:
    programme = scenario.brand.programme
    return programme.tiers if programme else ()


def lower_programme(scenario: Scenario) -> dict[str, Any]:
    """Return what persons meet of targets and tiers."""
    targets, tiers = _targets(scenario), _tiers(scenario)
    offers = [offer.name for offer in scenario.brand.offers]
    target, tier = record_array(LoweredTarget, len(targets)), record_array(LoweredTier, len(tiers))
    for to, said in zip(target, targets, strict=True):
        to.money = int(said.purchases is None)
        to.amount = said.purchases or round((said.spend or 0.0) * 100)
        to.last = scenario.time.burn_in + (said.to_day + 1) * DAY - 1
        to.reward = 1 + offers.index(said.reward)
    for to, status in zip(tier, tiers, strict=True):
        to.off, to.free = status.off, int(status.free_delivery)
    return {"target": target, "tier": tier}


def lower_target_rules(scenario: Scenario) -> Any:
    """Return what the brand counts for targets."""
    targets = _targets(scenario)
    lowered = record_array(TargetRule, len(targets))
    for to, said in zip(lowered, targets, strict=True):
        to.first = scenario.time.burn_in + said.from_day * DAY
        to.last = scenario.time.burn_in + (said.to_day + 1) * DAY - 1
        to.money = int(said.purchases is None)
    return lowered


def lower_tier_rules(scenario: Scenario) -> Any:
    """Return what tiers take, and what the brand gives for them."""
    tiers = _tiers(scenario)
    lowered = record_array(TierRule, len(tiers))
    for to, said in zip(lowered, tiers, strict=True):
        to.spend, to.points = round(said.spend * 100), round(said.points * 1000)
    return lowered


def count_rules(to: Any, scenario: Scenario) -> None:
    """Write the programme's rules of a plan."""
    programme = scenario.brand.programme
    to.programme = int(programme is not None)
    to.period = programme.period if programme else DAY
    to.begins = scenario.time.burn_in


def lower_score(to: Any, scenario: Scenario) -> None:
    """Write the weights of the brand's score; without one every score is 0."""
    score = scenario.brand.score
    to.score_memory = score.memory if score else DAY
    to.scores, to.score_decided = int(score is not None), int(score is not None and score.decided)
    if score is not None:
        to.score_recency, to.score_frequency = score.recency, score.frequency
        to.score_monetary = score.monetary


def lower_members_step(to: Any, step: Step, programme: MembersProgramme | None) -> None:
    """Lower what a step of a journey has of the programme."""
    if step.message is not None:
        to.apologises = int(step.message.apologises)
        to.retains = int(step.message.retains)
        if step.message.promises is not None and programme is not None:
            names = [target.name for target in programme.targets]
            to.promises = 1 + names.index(step.message.promises)
    if step.split is not None and programme is not None:
        to.least = round(step.split.at_least * 100)
        if step.split.has in ("tier", "not_tier"):
            tiers = [tier.name for tier in programme.tiers]
            to.least = 1 if step.split.tier is None else 1 + tiers.index(step.split.tier)
