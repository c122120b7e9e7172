"""The tables of ways: the decision funnel of messages, causes of endings, transitions, paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.experiment.columns import STRATEGY, UNIT, Column, Row
from omnilab.experiment.groups import widest
from omnilab.measure.groups import SEGMENTS
from omnilab.measure.observed import (
    LEFT_CAUSES,
    OPT_OUTS,
    STAGES,
    funnel_rows,
    path_name,
)

if TYPE_CHECKING:
    from omnilab.experiment.comparison import Comparison

__all__ = [
    "CAUSES",
    "FUNNEL",
    "PATHS",
    "TRANSITIONS",
    "cause_rows",
    "funnel_table",
    "path_rows",
    "transition_rows",
]

NONE: Final = "none"

#: One row for each stage at which due messages ended. Key: strategy, by, name, stage.
FUNNEL: Final = (
    STRATEGY,
    Column("by", "What messages are parted by. `channel`: of the first send; of a message that was "
           "not sent, where it was held or skipped, or the one channel of the team that was to "
           "send it. `segment`: of the customer. `held`: whether quiet hours held it before its "
           "first send.", values=("all", "journey", "channel", "segment", "held")),
    Column("name", "Name of the journey, channel or segment; `none` without one."),
    Column("stage", "Where the message ended. " + " ".join(
        f"`{name}`: {what[0].lower()}{what[1:]}" for name, what in STAGES),
        values=tuple(name for name, _ in STAGES)),
    Column("messages", "Messages that fell due in the window and ended there; the sends of one "
           "cascade are one message. Each ends at one stage.", "whole"),
    Column("share", "Of all due messages of this name, 0 to 1.", "number"),
)  # fmt: skip
#: One row for each cause. Key: strategy, what, cause.
CAUSES: Final = (
    STRATEGY,
    Column("what", "What happened in the window: a customer left the brand for good, gave a visit "
           "up over repeated steps, lost a need, or opted out.",
           values=("left", "gave_up", "need_lost", "opted_out")),
    Column("cause", "Of leaving: an order, or the last bad experience before. Of giving up: the "
           "change of channel that lost the steps. Of a need: where it went. Of opting out: how, "
           "and after a message of which journey."),
    Column("count", "How often.", "whole"),
    Column("per_1000", "For each 1,000 customers.", "number"),
)  # fmt: skip
#: One row for each move. Key: strategy, from, to.
TRANSITIONS: Final = (
    STRATEGY,
    Column("from", "Channel of a visit for a need, or `start` where it is the need's first."),
    Column("to", "Channel of the next visit for it, `order`, or `lost`."),
    Column("count", "Moves in the window.", "whole"),
    Column("share", "Of all moves from there, 0 to 1.", "number"),
)
#: One row for each path. Key: strategy, path.
PATHS: Final = (
    STRATEGY,
    Column("path", "Channels of the visits for a need in their order, repeats left out, such as "
           "`web > store`; `...` where it goes on, `none` without a visit."),
    Column("needs", "Needs that ended in the window on it, by an order or lost.", "whole"),
    Column("orders", "Of them, those ordered.", "whole"),
    UNIT,
    Column("revenue", "Paid in those orders, in the unit.", "number"),
    Column("share", "Of all needs that ended, 0 to 1.", "number"),
)  # fmt: skip


def funnel_table(comparison: Comparison, journeys: Mapping[str, Sequence[str]]) -> list[Row]:
    """Return the rows of `FUNNEL`; names without a due message are left out."""
    channels = [c.name for c in comparison.scenario.channels]
    rows: list[Row] = []
    for strategy, table in _tables(comparison, "funnel"):
        places = funnel_rows(widest(comparison), len(channels))
        words = {"journey": journeys[strategy], "channel": channels, "segment": SEGMENTS,
                 "held": ("not held", "held")}  # fmt: skip
        whole = [sum(t) for t in zip(*(r for (by, _), r in zip(places, table, strict=True)
                                       if by == "segment"), strict=True)]  # fmt: skip
        parts = [("all", "all", whole)]
        for (by, number), stages in zip(places, table, strict=True):
            if number < len(words[by]):  # other plans have more journeys
                parts.append((by, words[by][number] if number >= 0 else NONE, stages))
        for by, name, stages in parts:
            due = sum(stages)
            rows += [
                {"strategy": strategy, "by": by, "name": name, "stage": stage, "messages": count,
                 "share": count / due}
                for (stage, _), count in zip(STAGES, stages, strict=True)
                if due
            ]  # fmt: skip
    return rows


def cause_rows(comparison: Comparison, journeys: Mapping[str, Sequence[str]]) -> list[Row]:
    """Return the rows of `CAUSES`, those that happened."""
    channels = [*(c.name for c in comparison.scenario.channels), NONE]
    persons = comparison.customers * comparison.replications
    rows: list[Row] = []
    for strategy, left in _tables(comparison, "left"):
        found = [("left", cause, n) for cause, n in zip(LEFT_CAUSES, left, strict=True)]
        gave_up = comparison.observed["gave_up"][strategy]
        for a, b in np.argwhere(gave_up).tolist():
            found.append(("gave_up", f"{channels[a]} > {channels[b]}", int(gave_up[a, b])))
        sums = comparison.moments.sums(strategy)
        for fate, cause in (("rival", "bought elsewhere"), ("dropped", "dropped"),
                            ("left", "the customer left")):  # fmt: skip
            found.append(("need_lost", cause, sums[f"lost_{fate}"]))
        names = [*journeys[strategy], *[NONE] * widest(comparison)]
        opted_out = comparison.observed["opted_out"][strategy]
        for kind, j in np.argwhere(opted_out).tolist():
            found.append(("opted_out", f"{OPT_OUTS[kind]}: {names[j]}", int(opted_out[kind, j])))
        rows += [
            {"strategy": strategy, "what": what, "cause": cause, "count": count,
             "per_1000": 1000 * count / persons}
            for what, cause, count in found
            if count
        ]  # fmt: skip
    return rows


def transition_rows(comparison: Comparison) -> list[Row]:
    """Return the rows of `TRANSITIONS`, the moves that were made."""
    channels = [c.name for c in comparison.scenario.channels]
    rows: list[Row] = []
    for strategy, table in _tables(comparison, "transitions"):
        for a, counts in zip([*channels, "start"], table, strict=True):
            whole = sum(counts)
            rows += [
                {"strategy": strategy, "from": a, "to": b, "count": n, "share": n / whole}
                for b, n in zip([*channels, "order", "lost"], counts, strict=True)
                if n
            ]
    return rows


def path_rows(comparison: Comparison) -> list[Row]:
    """Return the rows of `PATHS`, the commonest first."""
    channels = [c.name for c in comparison.scenario.channels]
    rows: list[Row] = []
    for strategy in sorted(comparison.observed.get("by_path", {})):
        table = comparison.observed["by_path"][strategy]
        whole = int(table[:, 0].sum())
        at = np.flatnonzero(table[:, 0])
        for i in at[np.argsort(-table[at, 0], kind="stable")].tolist():
            needs, orders, cents = table[i].tolist()
            rows.append(
                {"strategy": strategy, "path": path_name(i, channels) or NONE, "needs": needs,
                 "orders": orders, "unit": comparison.scenario.currency, "revenue": cents / 100,
                 "share": needs / whole}
            )  # fmt: skip
    return rows


def _tables(comparison: Comparison, name: str) -> list[tuple[str, Any]]:
    tables = comparison.observed.get(name, {})
    return [(strategy, tables[strategy].tolist()) for strategy in sorted(tables)]
