"""What became of those who entered a journey, and of its messages that fell due, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from omnilab.experiment.linting.fates import NEVER_DUE, is_mostly_unsent, main_cause
from omnilab.measure.observed import STAGES
from omnilab.report.table import Table

if TYPE_CHECKING:
    from omnilab.experiment.linting.seen import Linted

__all__ = ["fate_tables", "mostly_unsent"]

#: Stage before a send -> how a row says it, what is said of most of them, and what changes it.
_STAGES: Final = {
    "control": ("control group", "were to the control group",
                "`brand.control` is its share of all profiles"),
    "no_address": ("no address", "had no channel with an address",
                   "customers give one ({addresses}) at visits, by `channels[].visit.identifiers`"),
    "no_consent": ("no permission", "had an address but no permission",
                   "`opt_in` is the share that allows messages at the start, `signs_up` later"),
    "held_to_the_end": ("held to the end", "waited for the quiet hours until the window was over",
                        "`brand.quiet_hours` are the hours without sends"),
    "converted": ("converted first", "had got what they were for before they were sent",
                  "the journey's `until` ends it, and its `delay` gives that time"),
    "declined": ("declined", "were declined by the strategy",
                 "its `decide` says which to send"),
    "suppressed": ("said stop", "were to customers who had said stop",
                   "`sharing.contact_policy` says which teams learn of it"),
    "bought_lately": ("bought lately", "were to customers with a recent order",
                      "the message's `not_after_order` says how recent"),
    "capped": ("frequency cap", "were over the frequency cap",
               "`cap` is how many a customer gets in which time"),
    "no_money": ("no budget", "found no money in a budget",
                 "`budgets` say what may be spent"),
    "not_shown": ("not shown", "were ads that their platform showed nowhere",
                  "the channel's `match` and the `bid` decide that"),
}  # fmt: skip
_NEVER: Final = {
    "stopped": "stopped first",
    "waiting": "still on the way",
    "another_way": "went another way",
    "merged": "joined another",
    "control": "control group",
    "forgotten": "profile forgotten",
}


def fate_tables(linted: Linted) -> list[Table]:
    """Return a table of the messages that fell due, and one of entries whose message did not."""
    tables = []
    due = tuple(_due_rows(linted.steps))
    if due:
        note = "A message is counted once, however many channels it went over."
        if any(s["sent"] > s["ended"].get("sent", 0) for s in linted.steps):
            note += " So it may be sent more often in the table above, once by each channel."
        tables.append(
            Table("What became of the messages that fell due", "step", ("messages", "of those due"),
                  due, note)
        )  # fmt: skip
    never = _never_table(linted.steps)
    return tables if never is None else [*tables, never]


def mostly_unsent(steps: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each step most of whose due messages were not sent."""
    for step in steps:
        if not is_mostly_unsent(step):
            continue
        lost = step["due"] - step["ended"].get("sent", 0)
        cause = main_cause(step)
        count = step["ended"][cause]
        _, said, key = _STAGES[cause]
        key = key.replace("{addresses}", ", ".join(step["addresses"]))
        share = f"{count / step['due']:.0%} of {step['due']:,} messages that fell due"
        whole = "" if count == lost else f" ({lost / step['due']:.0%} were not sent)"
        yield f"{_name(step)}: {share} {said}{whole}: {key}."


def _due_rows(steps: tuple[dict[str, Any], ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    order = ["sent", *(s for s, _ in STAGES if s in _STAGES)]
    for step in steps:
        for stage in order:
            count = step["ended"].get(stage, 0)
            if count:
                word = "sent" if stage == "sent" else _STAGES[stage][0]
                yield f"{_name(step)}: {word}", (f"{count:,}", _share(count, step["due"]))


def _never_table(steps: tuple[dict[str, Any], ...]) -> Table | None:
    """Return how what entered and what fell due meet, of the steps where they are not the same."""
    own = [s for s in steps if s["never_due"] or s["before"]]
    causes = [c for c in NEVER_DUE if any(s["never_due"].get(c) for s in own)]
    rows = []
    for step in own:
        counts = [step["never_due"].get(c, 0) for c in causes]
        cells = [f"{n:,} ({_share(n, step['entered'])})" if n else "0" for n in counts]
        whole = f"{step['entered']:,}", *cells, f"{step['before']:,}", f"{step['due']:,}"
        rows.append((_name(step), whole))
    if not rows:
        return None
    titles = ("entered", *(_NEVER[c] for c in causes), "entered before", "fell due")
    return Table(
        "From entering to falling due", "step", titles, tuple(rows),
        "Fell due: those who entered, less those whom the columns between name, and with those who "
        "had entered before the window began.",
    )  # fmt: skip


def _name(step: Mapping[str, Any]) -> str:
    return f"{step['journey']}, step {step['step']}"


def _share(count: int, whole: int) -> str:
    share = f"{count / whole:.0%}"
    return "under 1%" if share == "0%" else share
