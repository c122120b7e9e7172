"""What a strategy's journeys did in a small run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.experiment.compare import compare
from omnilab.experiment.linting.fates import fates_of
from omnilab.experiment.linting.fixed import Warned, fixed_findings, reached
from omnilab.log.rows import ENTER, ORDER, SENT, of_kind
from omnilab.scenario.programme import tiers_of

if TYPE_CHECKING:
    from omnilab.experiment.request import Say
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["SMALL", "Linted", "lint"]

#: Customers of the small run, at most.
SMALL: Final = 500
#: Less of a journey's messages after an order is no fault of its plan: some customers shop where
#: nobody knows them, and their orders stop nothing.
_FEW: Final = 0.05


@dataclass(frozen=True)
class Linted:
    """What was found of one strategy.

    Attributes
    ----------
    strategy
        Name.
    findings
        By the plan first, then by the run.
    customers
        Of the small run, 0 where there was none.
    steps
        A row for each message step: ``journey``, ``step`` from 1, ``entered`` the journey, ``due``
        messages, ``sent`` of the step's messages, and ``after_order`` of these, in the window;
        ``addresses`` are the types of identifier that its channels need. What
        became of those due is ``ended``, of entries whose message never fell due ``never_due``;
        ``before`` fell due of entries before the window (see `omnilab.experiment.linting.fates`):
        ``entered`` less all of ``never_due`` plus ``before`` is ``due``.
    """

    strategy: str
    findings: tuple[Warned, ...]
    customers: int
    steps: tuple[dict[str, Any], ...]


def lint(
    scenario: Scenario, strategy: LoadedStrategy, *, customers: int = SMALL, seed: int = 1,
    engine: str = "auto", threads: int = 1, progress: Say | None = None,
) -> Linted:  # fmt: skip
    """Look at a strategy's plan, and at what it does to a few customers.

    Parameters
    ----------
    scenario, strategy
        What is looked at.
    customers
        Of the small run; 0 for none.
    seed, engine, threads, progress
        As `omnilab.experiment.compare.compare` takes them.
    """
    plan = strategy.plan
    found = fixed_findings(plan, scenario)
    if customers == 0:
        return Linted(strategy.name, tuple(found), 0, ())
    small = scenario.with_customers(customers)
    ran = compare(
        small, [strategy], seed=seed, engine=engine, threads=threads, keep_events=True, quick=True,
        progress=progress,
    )  # fmt: skip
    rows = [r for part in ran.events[strategy.name] for r in [part] if len(r)]
    log = np.concatenate(rows)
    steps = tuple(_steps(log, strategy, scenario))
    found += _seen(steps, found, strategy, tiers_of(scenario))
    return Linted(strategy.name, tuple(found), customers, steps)


def _steps(
    log: Any, strategy: LoadedStrategy, scenario: Scenario
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Yield a row for each message step."""
    start = scenario.time.burn_in
    entered = of_kind(log, ENTER)
    entered = entered[(entered["time"] >= start) & (entered["time"] < start + scenario.time.window)]
    sent = of_kind(log, SENT)
    sent = sent[sent["time"] >= start]
    late = after_orders(of_kind(log, ENTER), sent, of_kind(log, ORDER))
    journeys = strategy.plan.journeys
    places = [
        (j, k) for j, own in enumerate(journeys) for k, s in enumerate(own.steps) if s.message
    ]
    end = start + scenario.time.window
    needed = {c.name: c.message.address for c in scenario.channels if c.message is not None}
    fates = dict(zip(places, fates_of(log, places, start, end), strict=True))
    for j, journey in enumerate(journeys):
        there = int((entered["journey"] == j).sum())
        for k, step in enumerate(journey.steps):
            if step.message is None:
                continue
            mine = (sent["journey"] == j) & (sent["step"] == k)
            fate = fates[j, k]
            addresses = dict.fromkeys(needed[c] for c in step.message.channels if c in needed)
            yield {
                "journey": journey.name, "step": k + 1, "entered": there,
                "due": fate.ended.total(), "sent": int(mine.sum()),
                "after_order": int(late[mine].sum()), "ended": dict(fate.ended),
                "never_due": dict(fate.never_due), "before": fate.before,
                "addresses": list(addresses),
            }  # fmt: skip


def after_orders(entered: Any, sent: Any, orders: Any) -> Any:
    """Return of each message whether its person ordered between the entry and the sending.

    The entry is the latest one of the message's journey by the person, of whichever profile.

    Parameters
    ----------
    entered, sent, orders
        Rows of the log of these kinds.

    Returns
    -------
    numpy.ndarray
        Shape ``(n_sent,)``.
    """
    bought: dict[int, list[int]] = {}
    for person, time in sorted(
        zip(orders["person"].tolist(), orders["time"].tolist(), strict=True)
    ):
        bought.setdefault(person, []).append(time)
    entries: dict[tuple[int, int], list[int]] = {}
    for person, journey, time in sorted(
        zip(entered["person"].tolist(), entered["journey"].tolist(), entered["time"].tolist(),
            strict=True)
    ):  # fmt: skip
        entries.setdefault((person, journey), []).append(time)
    found = np.zeros(len(sent), np.bool_)
    keys = zip(sent["person"].tolist(), sent["journey"].tolist(), sent["time"].tolist(),
               strict=True)  # fmt: skip
    for i, (person, journey, time) in enumerate(keys):
        begun = [t for t in entries.get((person, journey), ()) if t <= time]
        if begun:
            found[i] = any(begun[-1] < t < time for t in bought.get(person, ()))
    return found


def _seen(
    steps: tuple[dict[str, Any], ...], fixed: list[Warned], strategy: LoadedStrategy,
    tiers: list[str],
) -> Iterator[Warned]:  # fmt: skip
    """Yield what the run shows and the plan alone did not."""
    known = {(w.journey, w.step) for w in fixed}
    dead = {w.journey for w in fixed if w.rule in ("never_starts", "silent_silo", "no_message")}
    for journey in strategy.plan.journeys:
        own = [s for s in steps if s["journey"] == journey.name]
        if not own or journey.name in dead:
            continue
        if own[0]["entered"] == 0:
            yield Warned("not_started", journey.name, 0, "nobody entered it in the small run")
            continue
        some_get_to = reached(journey, tiers)
        for step in own:
            there = step["step"] - 1 in some_get_to and (journey.name, step["step"]) not in known
            if step["sent"] == 0 and there:
                yield Warned(
                    "not_sent", journey.name, step["step"],
                    f"nobody got its message, of {step['entered']:,} entries: look at the caps, "
                    "consents and addresses with omnilab preview",
                )  # fmt: skip
        if journey.trigger in (
            "order",
            "weekly",
            "once",
            "signup",
            "bad_survey",
            "referral",
            "tier",
            "bad_experience",
        ):
            continue
        sent, late = sum(s["sent"] for s in own), sum(s["after_order"] for s in own)
        if late >= _FEW * sent and late:
            yield Warned(
                "sent_after_purchase", journey.name, 0,
                f"{late:,} of {sent:,} messages ({late / sent:.0%}) went out after an order that "
                "came after the entry",
            )  # fmt: skip
