"""The conformance kit: whether a strategy keeps the rules that the engine relies on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from omnilab.errors import StrategyError
from omnilab.log.act_kinds import ACTS
from omnilab.parameters.quantity import parse_name
from omnilab.scenario.document import parse_document
from omnilab.scenario.goods import goods_in
from omnilab.scenario.load import load_scenario, validate_tree
from omnilab.scenario.model import Scenario
from omnilab.scenario.preset import expand_presets, name_presets
from omnilab.strategy.choice_check import validate_choices
from omnilab.strategy.decisions import (
    EVENT_KINDS,
    Choices,
    Decisions,
    Events,
)
from omnilab.strategy.goods import as_bits
from omnilab.strategy.leeway import OpenChoices
from omnilab.strategy.loading import load_strategy
from omnilab.strategy.membership import Membership
from omnilab.strategy.offers import offer_names
from omnilab.strategy.plan import Plan
from omnilab.strategy.plan_check import check_plan
from omnilab.strategy.plugin import call_hook
from omnilab.strategy.protocol import Brand, Decides, Learns, Strategy

__all__ = ["check_strategy", "sample_decisions", "sample_events", "sample_scenario"]

_ROWS = 64
_NOON = 100 * 86400 + 12 * 3600

_SCENARIO = """\
id: conformance-v1
population: {customers: 100, personas: [{name: anyone, share: 100%}]}
categories:
  - {name: coffee, every: 30d, spend: {mean: 12.50 EUR}}
  - {name: machines, every: 365d, spend: {mean: 180 EUR}}
channels: [web, app, store, email, push, sms, social_ad, search_ad]
brand: {journeys: [welcome, browse, cart, post_purchase, win_back, newsletter]}
"""


def check_strategy(strategy: Strategy | str, scenario: Scenario | str | Path | None = None) -> None:
    """Check that a strategy does what the engine relies on; say nothing if all is well.

    Its name is valid; its plan fits the scenario and comes out the same twice. ``decide``, if it
    has one, answers each row by itself (the same in any order, in batches and alone), the same
    twice, in the right shape, within what is allowed and without writing to what it is given;
    it takes an empty batch. ``learn``, if it has one, takes events and none, and ``decide`` keeps
    all that afterwards.

    Parameters
    ----------
    strategy
        The object, or its name as the command line takes it.
    scenario
        Where it is to run: loaded, or a file or a shipped id; a shop with eight channels if not
        given.

    Raises
    ------
    AssertionError
        With the first rule that is broken.
    """
    if isinstance(scenario, str | Path):
        scenario = load_scenario(scenario)
    scenario = scenario or sample_scenario()
    try:
        if isinstance(strategy, str):
            strategy = load_strategy(strategy, scenario).strategy
        name = _check_name(strategy)
        _check_plan(strategy, name, scenario)
        plan = check_plan(strategy.plan(Brand.of(scenario)), scenario, strategy=name)
        check_rows = _row_check(strategy, name, scenario, plan)
        check_rows("")
        if _check_learn(strategy, name, scenario, plan):
            check_rows(" after learn")
    except StrategyError as error:
        raise AssertionError(str(error)) from error


def sample_scenario() -> Scenario:
    """Return the small shop that `check_strategy` uses by itself."""
    root = parse_document(_SCENARIO, "conformance-v1")
    return validate_tree(Scenario, expand_presets(name_presets(root)))


def sample_decisions(scenario: Scenario, plan: Plan, rows: int = _ROWS) -> Decisions:
    """Return made-up decisions with everything that can happen: no order yet, nothing allowed.

    Parameters
    ----------
    rows
        Number of rows; the same rows each time.
    """
    chance = np.random.default_rng(1)
    journeys = plan.journeys or scenario.brand.journeys
    channels = scenario.channels
    n = (rows, len(channels))
    writing = np.array([c.message is not None for c in channels])
    usable = writing & (chance.random(n) < 0.7)
    allowed = usable & (chance.random((rows, 1)) < 0.85)  # whole rows are capped
    received = np.where(writing, chance.integers(0, 30, n), 0)
    orders = chance.integers(0, 4, rows)
    seen = np.where(chance.random(rows) < 0.9, chance.exponential(20.0, rows), np.nan)
    goods = tuple(good.name for _, good in goods_in(scenario.categories))
    share: Any  # of the price, drawn in its turn below
    return Decisions(
        time_s=_NOON + 900 * chance.integers(0, 4, rows),
        profile=chance.permutation(np.arange(rows)) * 7919 + 2**40,
        journey=chance.integers(0, max(len(journeys), 1), rows),
        step=chance.integers(0, 3, rows),
        offer=(share := chance.choice([0.0, 0.1], rows)),
        category=chance.integers(-1, len(scenario.categories), rows),
        allowed=allowed,
        default=np.where(usable.any(axis=1), usable.argmax(axis=1), -1),
        received=received,
        answered=(received * chance.random(n)).astype(np.int64),
        orders=orders,
        days_since_order=np.where(orders > 0, chance.exponential(40.0, rows), np.nan),
        days_since_seen=seen,
        last_channel=chance.integers(-1, len(channels), rows),
        cart_cents=np.where(chance.random(rows) < 0.5, chance.integers(100, 9000, rows), 0),
        points=chance.integers(0, 200, rows),
        last_viewed=chance.integers(-1, len(scenario.categories), rows),
        last_bought=np.where(orders > 0, chance.integers(0, len(scenario.categories), rows), -1),
        days_since_question=np.where(chance.random(rows) < 0.1, 3.0, np.nan),
        last_device=chance.integers(-1, 3, rows),
        **_told(scenario, rows, chance.spawn(1)[0]),
        message_id=chance.permutation(rows) + 2**30,
        journey_names=tuple(j.name for j in journeys) or ("none",),
        channel_names=tuple(c.name for c in channels),
        good_names=goods,
        viewed=chance.random((rows, len(goods))) < 0.3,
        bought=chance.random((rows, len(goods))) < 0.15,
        searched=chance.random((rows, len(goods))) < 0.1,
        **_open(scenario, rows, chance.spawn(1)[0]),
        **_members(scenario, rows, chance.spawn(1)[0]),
        **_offers(scenario, share > 0, chance.spawn(1)[0]),
    )


def _offers(scenario: Scenario, shares: Any, chance: np.random.Generator) -> dict[str, Any]:
    """Return made-up columns of offers and acts: some messages are of service, and give none."""
    names, rows = offer_names(scenario), len(shares)
    none = len(names) - 1
    may = shares | (chance.random(rows) < 0.8)
    declared = np.arange(len(names)) < none
    given = (chance.random((rows, len(names))) < 0.4) & declared
    return {
        "may_offer": may,
        "gives": np.where(shares, -1, np.where(may, chance.integers(0, len(names), rows), none)),
        "offer_names": names,
        "offers_given": given,
        "offers_used": given & (chance.random(given.shape) < 0.4),
        "did": chance.random((rows, len(ACTS))) < 0.2,
    }


def _members(scenario: Scenario, rows: int, chance: np.random.Generator) -> dict[str, Any]:
    """Return made-up columns of tiers, money, targets and arms."""
    of, programme = Membership(scenario), scenario.brand.programme is not None
    spent = np.where(chance.random(rows) < 0.6, chance.integers(100, 60_000, rows), 0)
    tally = chance.random((rows, len(of.goals))) * 1.5 * of.goals
    arm = [chance.integers(-1, len(names), rows) for names in of.names["arm_names"]]
    return {
        "tier": chance.integers(-1, len(of.names["tier_names"]), rows),
        "balance_cents": chance.integers(0, 5000, rows) * programme,
        "spent_cents": spent * programme,
        "score": spent / 1000.0 * (scenario.brand.score is not None),
        **of.columns(tally, np.array(arm, dtype=np.int64).reshape(len(arm), rows).T),
    }


def _open(scenario: Scenario, rows: int, chance: np.random.Generator) -> dict[str, Any]:
    """Return made-up columns of what `decide` may choose: some steps leave little open, or none."""
    names = OpenChoices(scenario, Plan()).names
    masks = (("may_show", "show_names"), ("may_creative", "creative_names"),
             ("may_theme", "theme_names"))  # fmt: skip
    some = chance.choice([0.0, 0.5, 1.0], (rows, 1), p=[0.1, 0.2, 0.7])
    return {**names, **{m: chance.random((rows, len(names[n]))) < some for m, n in masks}}


def _told(scenario: Scenario, rows: int, chance: np.random.Generator) -> dict[str, Any]:
    """Return made-up columns of what profiles typed, how they reviewed, and where they are."""
    searched = chance.integers(-1, len(scenario.categories), rows)
    stars = np.where(chance.random(rows) < 0.3, chance.integers(1, 6, rows), 0)
    return {
        "last_searched": searched,
        "days_since_search": np.where(searched >= 0, chance.exponential(20.0, rows), np.nan),
        "last_stars": stars,
        "where": chance.integers(-1, 4, rows),
        "days_since_review": np.where(stars > 0, chance.exponential(60.0, rows), np.nan),
    }


def sample_events(decisions: Decisions, rows: int = 4 * _ROWS) -> Events:
    """Return made-up events about the messages of some decisions, in the order of time."""
    chance = np.random.default_rng(2)
    at = chance.integers(0, len(decisions), rows)
    kind = chance.integers(0, len(EVENT_KINDS), rows)
    order, use = (kind == EVENT_KINDS.index(name) for name in ("order", "redeem"))
    without = order | (kind >= EVENT_KINDS.index("redeem"))  # a message
    return Events(
        time_s=np.sort(_NOON + chance.integers(0, 86400, rows)),
        kind=kind,
        message_id=np.where(without, -1, decisions.message_id[at]),
        channel=chance.integers(0, len(decisions.channel_names), rows),
        journey=np.where(without, -1, decisions.journey[at]),
        profile=decisions.profile[at],
        cents=np.where(order, chance.integers(100, 9000, rows), 0),
        journey_names=decisions.journey_names,
        channel_names=decisions.channel_names,
        good_names=decisions.good_names,
        goods=(chance.random((rows, len(decisions.good_names))) < 0.3) & order[:, None],
        offer=np.where(use, chance.integers(-1, len(decisions.offer_names) - 1, rows), -1),
        offer_names=decisions.offer_names,
    )


def _check_name(strategy: Strategy) -> str:
    name = getattr(strategy, "name", None)
    assert name is not None, f"{type(strategy).__name__} has no name"
    try:
        return parse_name(name)
    except ValueError as error:
        raise AssertionError(f"{type(strategy).__name__}: name: {error}") from None


def _check_plan(strategy: Strategy, name: str, scenario: Scenario) -> None:
    assert callable(getattr(strategy, "plan", None)), f"strategy {name!r} has no method plan"
    for hook in ("decide", "learn"):
        found = getattr(strategy, hook, None)
        assert found is None or callable(found), f"strategy {name!r}: {hook} is not a method"
    brand = Brand.of(scenario)
    first = check_plan(call_hook(name, "plan", None, strategy.plan, brand), scenario, strategy=name)
    second = call_hook(name, "plan", None, strategy.plan, brand)
    assert first == check_plan(second, scenario, strategy=name), (
        f"strategy {name!r}: plan is another one when it is asked for again"
    )


@dataclass(frozen=True)
class _Asked:
    """One call of `decide`, checked; ``when`` completes the message."""

    strategy: Decides
    name: str
    when: str

    def __call__(self, pending: Decisions) -> Choices:
        """Return the answer, valid and with nothing written to what was asked."""
        before = _copies(pending)
        choices = call_hook(self.name, "decide", None, self.strategy.decide, pending)
        changed = [k for k, v in _copies(pending).items() if not _equal(v, before[k])]
        assert not changed, f"{self._said} writes to pending.{changed[0] if changed else ''}"
        return validate_choices(choices, pending, strategy=self.name, time_s=None)

    def same(self, pending: Decisions, rows: Any, whole: Choices, how: str) -> None:
        """Check that ``rows`` asked in one batch get the answers that they had in ``whole``."""
        rows = np.asarray(rows, dtype=np.int64)
        again = self(pending.take(rows))
        said, then_said = _columns_of(whole, rows), _columns_of(again, np.arange(len(rows)))
        differs = np.flatnonzero((said != then_said).any(axis=1))
        if len(differs):
            k = int(differs[0])
            first, then = (_answer(pending, *of[k].tolist()) for of in (said, then_said))
            raise AssertionError(
                f"{self._said} answers row {int(rows[k])} with {first} in a batch of"
                f" {len(pending)}, but with {then} {how}"
            )

    @property
    def _said(self) -> str:
        return f"strategy {self.name!r}{self.when}: decide"


def _row_check(
    strategy: Strategy, name: str, scenario: Scenario, plan: Plan
) -> Callable[[str], None]:
    """Return the check of `decide`, which does nothing where there is none."""
    if not callable(getattr(strategy, "decide", None)):
        return lambda _when: None
    pending = sample_decisions(scenario, plan)
    rows = np.arange(len(pending))

    def check(when: str) -> None:
        ask = _Asked(cast("Decides", strategy), name, when)
        whole = ask(pending)
        ask.same(pending, rows, whole, "when asked the same again")
        ask.same(pending, rows[::-1], whole, "in reverse order")
        ask.same(pending, (rows * 37 + 11) % len(rows), whole, "in another order")
        for part in (rows[: len(rows) // 3], rows[len(rows) // 3 :]):
            ask.same(pending, part, whole, f"in a batch of {len(part)}: rows must not depend"
                     " on each other")  # fmt: skip
        for row in rows:
            ask.same(pending, [row], whole, "alone: rows must not depend on each other")
        ask.same(pending, rows[:0], whole, "")

    return check


def _check_learn(strategy: Strategy, name: str, scenario: Scenario, plan: Plan) -> bool:
    """Check `learn`; return whether there is one."""
    if not callable(getattr(strategy, "learn", None)):
        return False
    events = sample_events(sample_decisions(scenario, plan))
    before = _copies(events)
    for batch in (events, events.take(slice(0, 0))):
        call_hook(name, "learn", None, cast("Learns", strategy).learn, batch)
    changed = [k for k, v in _copies(events).items() if not _equal(v, before[k])]
    assert not changed, f"strategy {name!r}: learn writes to observed.{''.join(changed[:1])}"
    return True


def _copies(table: Decisions | Events) -> dict[str, Any]:
    return {name: getattr(table, name).copy() for name in table.columns}


def _equal(a: Any, b: Any) -> bool:
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))


def _columns_of(choices: Choices, rows: Any) -> Any:
    """Return some rows of a checked answer as whole numbers, shape (rows, 9).

    Of scores the number that has the same bits.
    """
    own = np.full(len(choices.send), -1)
    goods = own if choices.goods is None else as_bits(choices.goods)
    looks = (own if look is None else np.asarray(look)
             for look in (choices.shows, choices.creative, choices.theme))  # fmt: skip
    score = own if choices.score is None else choices.score.view(np.int64)
    columns: tuple[Any, ...] = (
        choices.send, choices.channel, choices.offer, choices.delay_s, goods, *looks, score,
    )  # fmt: skip
    return np.stack([column[rows].astype(np.int64) for column in columns], axis=1)


def _answer(
    pending: Decisions, send: int, channel: int, offer: int, delay: int, goods: int, *more: int
) -> str:
    *looks, bits = more
    scored = "" if bits == -1 else f", score {np.int64(bits).view(np.float64):g}"
    if not send:
        return f"no send{scored}"
    said = "the default" if channel < 0 else f"channel {pending.channel_names[channel]!r}"
    said += f", offer {pending.offer_names[offer]!r}" if offer >= 0 else ""
    said += f", after {delay} s" if delay > 0 else ""
    shown = [name for n, name in enumerate(pending.good_names) if goods > 0 and goods >> n & 1]
    said += f", goods {', '.join(shown)}" if shown else ""
    names = (pending.show_names, pending.creative_names, pending.theme_names)
    for what, look, of in zip(("content", "creative", "theme"), looks, names, strict=True):
        said += f", {what} {of[look]!r}" if look >= 0 else ""
    return said + scored
