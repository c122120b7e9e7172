"""What a replay's reader must know: what has no effect, and what was read in another way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from omnilab.cascade.plan import CascadePlan, ContactPolicy
from omnilab.cascade.tables import Ints

__all__ = ["Note", "example", "plan_notes", "rows_of", "start_notes", "strangers"]

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
    # Of all plans: by chance alone a plan of few starts may miss one of its channels.
    anywhere = int(np.bitwise_or.reduce(columns["usable"]))
    for i, plan in enumerate(plans):
        if not np.any(columns["plan"] == i):
            found.append(Note(f"plan {plan.name!r}: no start names it", plan.name))
            continue
        for k, step in enumerate(plan.steps):
            if not anywhere & bit[step.channel]:
                text = (
                    f"plan {plan.name!r}: step {k + 1} ({step.channel}) is never sent: none of the "
                    f"{columns['usable'].size:,} starts lists that channel"
                )
                found.append(Note(text, plan.name, k))
    used = set(np.unique(columns["zone"]).tolist())
    for i, zone in enumerate(policy.zones):
        if i not in used:
            found.append(Note(f"zone {zone.name!r}: no start is in it"))
    return found


def strangers(what: str, ids: Any, known: Any, meant: str, *, all_only: bool = False) -> list[Note]:
    """Return the note about ids that meet nobody, with those that differ only in their spelling.

    Parameters
    ----------
    what
        What they are, in words.
    ids
        Arrow strings; those that are not among `known` meet nobody.
    known
        The ids that are there.
    meant
        What is not there, in words.
    all_only
        Whether it is usual that some meet nobody, and odd only where all do, or where some differ
        in their spelling.
    """
    import pyarrow.compute as pc

    every = pc.unique(ids).drop_null()
    missing = every.filter(pc.invert(pc.is_in(every, value_set=known)))
    if not len(missing):
        return []
    such = example(missing.slice(0, _EXAMPLES + 1).to_pylist())
    text = f"{what}: {len(missing):,} of {len(every):,} {meant}: {such}"
    places = pc.index_in(_bare(missing), value_set=_bare(known))
    near = pc.is_valid(places)
    if all_only and len(missing) < len(every) and not pc.any(near).as_py():
        return []
    if pc.any(near).as_py():
        one = missing.filter(near)
        other = known.take(places.filter(near))
        text += (
            f"; {len(one):,} of them differ from one that is there in case or blanks only, such as "
            f"{one[0].as_py()[:64]!r} from {other[0].as_py()[:64]!r}"
        )
    return [Note(text)]


def _bare(ids: Any) -> Any:
    """Return ids in small letters and without blanks around them."""
    import pyarrow.compute as pc

    return pc.utf8_lower(pc.utf8_trim_whitespace(ids))


def example(words: Sequence[str]) -> str:
    """Return the first few words, quoted and cut."""
    shown = ", ".join(repr(word[:64]) for word in words[:_EXAMPLES])
    return shown + (", ..." if len(words) > _EXAMPLES else "")


def rows_of(n: int) -> str:
    """Return a number of rows in words."""
    return f"{n:,} row{'s' * (n != 1)}"
