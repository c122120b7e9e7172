"""What a replay's reader must know: what has no effect, and what was read in another way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from omnilab.cascade.plan import CascadePlan, ContactPolicy
from omnilab.cascade.tables import Ints

__all__ = ["Note", "example", "plan_notes", "start_notes", "strangers"]

_EXAMPLES = 3


@dataclass(frozen=True)
class Note:
    """One finding, with counts where there are any.

    Parameters
    ----------
    text
        What it is, and what to do about it.
    plan, step
        The plan that it is about, and the step's number from 0, or -1; so that the line in the
        plan file can be told.
    """

    text: str
    plan: str = ""
    step: int = -1


def plan_notes(plans: Sequence[CascadePlan], policy: ContactPolicy) -> list[Note]:
    """Return what in the plans can have no effect, or another one than written."""
    found = []
    for plan in plans:
        waited = 0
        for k, step in enumerate(plan.steps):
            if 0 < plan.expires_after_s < waited:
                text = (
                    f"plan {plan.name!r}: step {k + 1} ({step.channel}) is never sent after the "
                    f"waits before it, which take {waited} s, since the plan expires after "
                    f"{plan.expires_after_s} s; it is sent only where earlier steps bounce, drop "
                    "or have no usable address"
                )
                found.append(Note(text, plan.name, k))
            tick = policy.tick_s
            if step.fallback_after_s % tick:
                whole = -(-step.fallback_after_s // tick) * tick
                text = (
                    f"plan {plan.name!r}: step {k + 1} ({step.channel}) falls back after {whole} s "
                    f"and not after {step.fallback_after_s} s, since a tick takes {tick} s"
                )
                found.append(Note(text, plan.name, k))
            waited += -(-step.fallback_after_s // tick) * tick
    return found


def start_notes(
    plans: Sequence[CascadePlan],
    policy: ContactPolicy,
    channels: Sequence[str],
    columns: Mapping[str, Ints],
) -> list[Note]:
    """Return what of plans and contact policy no start makes use of.

    Parameters
    ----------
    plans, policy
        As the engine has them.
    channels
        Names of the channels, in the order of their bits.
    columns
        Columns plan, zone and usable of the starts, each shape (n,).
    """
    if not columns["plan"].size:
        return []
    found = []
    bit = {name: 1 << i for i, name in enumerate(channels)}
    for i, plan in enumerate(plans):
        usable = columns["usable"][columns["plan"] == i]
        if not usable.size:
            found.append(Note(f"plan {plan.name!r}: no start names it", plan.name))
            continue
        anywhere = int(np.bitwise_or.reduce(usable))
        for k, step in enumerate(plan.steps):
            if not anywhere & bit[step.channel]:
                text = (
                    f"plan {plan.name!r}: step {k + 1} ({step.channel}) is never sent: none of its "
                    f"{usable.size:,} starts lists that channel"
                )
                found.append(Note(text, plan.name, k))
    used = set(np.unique(columns["zone"]).tolist())
    for i, zone in enumerate(policy.zones):
        if i not in used:
            found.append(Note(f"zone {zone.name!r}: no start is in it"))
    return found


def strangers(
    what: str, ids: Sequence[str], n_all: int, meant: str, known: Sequence[str]
) -> list[Note]:
    """Return the note about ids that meet nobody, with those that differ only in their spelling.

    Parameters
    ----------
    what
        What they are, for the note: the file.
    ids
        Those that meet nobody.
    n_all
        How many there are in all.
    meant
        What they should have met, in words.
    known
        The ids that are there.
    """
    if not ids:
        return []
    text = f"{what}: {len(ids):,} of {n_all:,} {meant}: {example(ids)}"
    alike = {one.strip().casefold(): one for one in known}
    near = [(one, alike[one.strip().casefold()]) for one in ids if one.strip().casefold() in alike]
    if near:
        text += (
            f"; {len(near):,} differ from one that is there only in case or blanks, such as "
            f"{near[0][0]!r} from {near[0][1]!r}"
        )
    return [Note(text)]


def example(words: Sequence[str]) -> str:
    """Return the first few words, quoted and cut."""
    shown = ", ".join(repr(word[:64]) for word in words[:_EXAMPLES])
    return shown + (", ..." if len(words) > _EXAMPLES else "")
