"""Plans and contact policy from a YAML file, for those who replay their own streams."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from omnilab._files.kinds import other_kind
from omnilab._files.messages import one_line, shown
from omnilab._files.quantities import DAY, format_clock, parse_clock, parse_duration
from omnilab._files.yaml_lines import read_yaml
from omnilab._files.yaml_tree import Node
from omnilab.cascade.plan import Cap, CascadePlan, ContactPolicy, Step, Zone
from omnilab.errors import DataError, OptionError, nearest

__all__ = ["PlanFile", "load_plans", "read_plans"]

T = TypeVar("T")


@dataclass(frozen=True)
class PlanFile:
    """What a plan file says, and where.

    Parameters
    ----------
    path
        As the user named it.
    plans, contact_policy
        What it says.
    lines
        The line of each plan by (name, -1), and of its steps by (name, number from 0).
    """

    path: str
    plans: tuple[CascadePlan, ...]
    contact_policy: ContactPolicy
    lines: Mapping[tuple[str, int], int]

    def place(self, plan: str, step: int = -1) -> str:
        """Return what stands before a finding about a plan or step: file and line."""
        line = self.lines.get((plan, step))
        return f"{self.path}:{line}: " if line is not None else ""


_PLAN = ("priority", "expires_after", "until_converted", "capped")
_ONCE = ("once", "cooldown", "re_entry", "reentry")  # keys that other products have
_POLICY = ("caps", "quiet_hours", "zones", "tick", "bounces")


def load_plans(path: str | Path) -> tuple[tuple[CascadePlan, ...], ContactPolicy]:
    """Read cascades and the contact policy, as `read_plans`, and leave the lines aside.

    Raises
    ------
    DataError
        As `read_plans`.
    """
    file = read_plans(path)
    return file.plans, file.contact_policy


def read_plans(path: str | Path) -> PlanFile:
    """Read cascades, the contact policy and the lines where they stand.

    Names are taken as written: a plan called ``no``, ``1.10`` or ``12:30`` has that name.

    Parameters
    ----------
    path
        YAML file with `plans` (a list) and if wanted `contact_policy`; cascade.md shows
        one.

    Raises
    ------
    DataError
        If the file can't be read or says something that can't be; names the line.
    """
    root = read_yaml(path, _data_error)
    if said := other_kind(root.value, "plans"):
        raise _wrong(root, f"no file of cascades: {said}")
    top = _keys(root, "the file", ("plans",), ("contact_policy",))
    plans = _plans(top["plans"])
    channels = tuple(dict.fromkeys(step.channel for plan in plans for step in plan.steps))
    policy = top.get("contact_policy")
    contact_policy = ContactPolicy() if policy is None else _policy(policy, channels)
    lines = {}
    for plan, node in zip(plans, _items(top["plans"], "plans"), strict=True):
        lines[plan.name, -1] = node.line
        steps = node.get("steps")
        assert steps is not None  # it has been read
        for k, step in enumerate(_items(steps, "steps")):
            lines[plan.name, k] = step.line
    return PlanFile(str(path), plans, contact_policy, lines)


def _data_error(
    message: str, /, *, file: str, line: int | None = None, key: str | None = None
) -> DataError:
    """Return the reader's error as one of a data file."""
    return DataError(f"{key}: {message}" if key else message, file=file, line=line)


def _wrong(node: Node, message: str) -> DataError:
    """Return the error that points to a node."""
    return DataError(one_line(message), file=node.file, line=node.line)


@contextmanager
def _at(node: Node, where: str = "") -> Iterator[None]:
    """Give the errors of checks that know no place that of a node, and say what it is."""
    try:
        yield
    except (OptionError, ValueError) as error:
        raise _wrong(node, f"{where}: {error}" if where else str(error)) from None


def _plans(node: Node) -> tuple[CascadePlan, ...]:
    """Return the plans, each with a name of its own."""
    first: dict[str, int] = {}
    channels: dict[str, tuple[str, int]] = {}
    plans = []
    for item in _items(node, "plans"):
        plan = _plan(item)
        if plan.name in first:
            line = first[plan.name]
            raise _wrong(item, f"plan {plan.name!r} comes twice, first on line {line}")
        first[plan.name] = item.line
        plans.append(plan)
        _refuse_cases(item, plan, channels)
    if not plans:
        raise _wrong(node, "plans is empty; at least one is needed")
    return tuple(plans)


def _plan(node: Node) -> CascadePlan:
    """Return one plan."""
    got = _keys(node, "a plan", ("name", "steps"), _PLAN)
    name = _name(got["name"], "a plan's name")
    where = f"plan {name!r}"
    steps = tuple(_step(item, name) for item in _items(got["steps"], f"{where}: steps"))
    _refuse_twice(got["steps"], steps, name)
    expires = got.get("expires_after")
    if expires is not None and not _seconds(expires, f"{where}: expires_after", 0):
        raise _wrong(
            expires,
            f"{where}: expires_after is 0, which may mean at once or never; leave it out for never",
        )
    ends = got.get("until_converted")
    with _at(got.get("priority", node)):
        return CascadePlan(
            name,
            steps,
            priority=_number(got.get("priority"), f"{where}: priority", 100),
            expires_after_s=_seconds(expires, f"{where}: expires_after", 0),
            until_converted=_truth(ends, f"{where}: until_converted", default=True),
            capped=_truth(got.get("capped"), f"{where}: capped", default=True),
        )


def _step(node: Node, plan: str) -> Step:
    """Return one step of a plan."""
    where = f"plan {plan!r}: a step"
    got = _keys(node, where, ("channel", "fallback_after"), ("success_status",))
    channel = _name(got["channel"], f"plan {plan!r}: channel")
    wait = _seconds(got["fallback_after"], f"plan {plan!r}: fallback_after", 0)
    with _at(got["fallback_after"]):
        Step(channel, wait)
    status = got.get("success_status")
    if status is None:
        return Step(channel, wait)
    with _at(status):
        return Step(channel, wait, _name(status, f"plan {plan!r}: success_status"))


def _refuse_twice(node: Node, steps: Sequence[Step], plan: str) -> None:
    """Point to the second of two steps on one channel."""
    first: dict[str, int] = {}
    for item, step in zip(_items(node, "steps"), steps, strict=True):
        if step.channel in first:
            raise _wrong(
                item,
                f"plan {plan!r} uses channel {step.channel!r} twice, first on line "
                f"{first[step.channel]}: a receipt names its channel only, so that it could not "
                "be told which of the two it is for; write the reminder as a plan of its own",
            )
        first[step.channel] = item.line


def _refuse_cases(node: Node, plan: CascadePlan, seen: dict[str, tuple[str, int]]) -> None:
    """Point to a channel that differs from another in case only, and keep the plan's channels.

    Receipts name channels in any case, so that nobody could tell which of the two is meant.
    """
    for step in plan.steps:
        channel, line = seen.setdefault(step.channel.casefold(), (step.channel, node.line))
        if channel != step.channel:
            raise _wrong(
                node,
                f"plan {plan.name!r}: channel {step.channel!r} differs in case only from "
                f"{channel!r} of the plan on line {line}: write both in one way",
            )


def _policy(node: Node, channels: Sequence[str]) -> ContactPolicy:
    """Return the contact policy; `channels` are those of the plans."""
    got = _keys(node, "contact_policy", (), _POLICY)
    low, high, silent = _quiet_hours(got.get("quiet_hours"), channels)
    caps = got.get("caps")
    zones = got.get("zones")
    with _at(got.get("tick", node)):
        return ContactPolicy(
            caps=tuple(_cap(cap, channels) for cap in _items(caps, "caps")) if caps else (),
            quiet_from_s=low,
            quiet_to_s=high,
            quiet_channels=silent,
            zones=_zones(zones) if zones else (Zone(),),
            tick_s=_seconds(got.get("tick"), "tick", 1),
            suppress_bounced=_word(got.get("bounces"), "bounces", ("keep", "suppress")) == 1,
        )


def _quiet_hours(node: Node | None, channels: Sequence[str]) -> tuple[int, int, tuple[str, ...]]:
    """Return begin and end in seconds of the day, equal where there are none, and channels."""
    if node is None:
        return 0, 0, ()
    if isinstance(node.value, list):
        raise _wrong(node, "quiet_hours are one mapping: the core knows one window for all days")
    got = _keys(node, "quiet_hours", ("from", "to"), ("channels",))
    low, high = (_clock(got[key], f"quiet_hours: {key}") for key in ("from", "to"))
    if low % DAY == high % DAY:
        raise _wrong(
            got["to"],
            f"quiet_hours: from {format_clock(low)} to {format_clock(high)} may mean no hour or "
            "the whole day; leave quiet_hours out for none, and write at most 23 hours else",
        )
    silent = got.get("channels")
    names = _channels(silent, "quiet_hours: channels", channels) if silent else ()
    if silent is not None and not names:
        raise _wrong(silent, "quiet_hours: channels is empty; leave it out for all channels")
    with _at(node):
        ContactPolicy(quiet_from_s=low % DAY, quiet_to_s=high % DAY)
    return low % DAY, high % DAY, names


def _zones(node: Node) -> tuple[Zone, ...]:
    """Return the zones, none of them twice."""
    zones: dict[str, Zone] = {}
    for item in _items(node, "zones"):
        name = _name(item, "a zone")
        if name in zones:
            raise _wrong(item, f"zone {name!r} comes twice")
        with _at(item):
            zones[name] = Zone.named(name)
    if not zones:
        raise _wrong(node, "zones is empty; leave it out for UTC")
    return tuple(zones.values())


def _cap(node: Node, channels: Sequence[str]) -> Cap:
    """Return one cap."""
    got = _keys(node, "a cap", ("limit",), ("period", "channels", "full"))
    period = got.get("period")
    day = period is None or period.value == "day"
    length = 0 if day else _seconds(period, "a cap's period", 0)
    if period is not None and not day:
        if length == 0:
            raise _wrong(period, "a cap's period must be longer than 0s, or day")
        with _at(period):
            Cap(1, length)
    over = got.get("channels")
    names = _channels(over, "a cap's channels", channels) if over else ()
    if over is not None and not names:
        raise _wrong(over, "a cap's channels is empty; leave it out for all channels")
    with _at(got["limit"]):
        limit = _number(got["limit"], "limit", 0)
        defers = _word(got.get("full"), "a cap's full", ("abort", "defer")) == 1
        return Cap(limit, length, names, defers)


def _channels(node: Node, where: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return a list of channels that plans use."""
    names = []
    for item in _items(node, where):
        name = _name(item, where)
        if name not in known:
            raise _wrong(item, f"{where}: no plan uses channel {name!r}{nearest(name, known)}")
        if name in names:
            raise _wrong(item, f"{where}: channel {name!r} comes twice")
        names.append(name)
    return tuple(names)


def _keys(
    node: Node, where: str, needed: Sequence[str], optional: Sequence[str]
) -> dict[str, Node]:
    """Return a mapping's nodes, which has these keys and no others."""
    if not isinstance(node.value, dict):
        raise _wrong(node, f"{where} must be a mapping, not {shown(node.value)}")
    valid = (*needed, *optional)
    for key, child in node.value.items():
        if key not in valid:
            raise _wrong(child, f"{where}: unknown key {shown(key)}{_instead(key, valid)}")
    for key in needed:
        if key not in node.value:
            raise _wrong(node, f"{where}: key {key!r} is missing")
    return node.value


def _instead(key: str, valid: Iterable[str]) -> str:
    """Return what to write instead of an unknown key."""
    names = list(valid)
    if "steps" in names and key.lower().startswith(_ONCE):
        return "; how often a profile may enter a plan is decided where its starts are made"
    return nearest(key, names) or f"; there are {', '.join(names)}"


def _items(node: Node, where: str) -> list[Node]:
    """Return a list's nodes."""
    if not isinstance(node.value, list):
        raise _wrong(node, f"{where} must be a list, not {shown(node.value)}")
    return node.value


def _name(node: Node, where: str) -> str:
    """Return a name as the file has it, whatever YAML would make of it."""
    if node.text is None:
        raise _wrong(node, f"{where} must be a name, not {shown(node.value)}")
    if not node.text.strip():
        raise _wrong(node, f"{where} is empty; a name is needed")
    return node.text


def _word(node: Node | None, where: str, words: Sequence[str]) -> int:
    """Return the place of one of some words; the first is the default."""
    if node is None:
        return 0
    name = _name(node, where)
    if name not in words:
        raise _wrong(node, f"{where} must be {' or '.join(words)}, not {name!r}")
    return words.index(name)


def _number(node: Node | None, where: str, default: int) -> int:
    """Return a whole number."""
    return default if node is None else _typed(node, where, "a whole number", int)


def _truth(node: Node | None, where: str, *, default: bool) -> bool:
    """Return true or false, which YAML's version 1.1 also writes yes, no, on and off."""
    return default if node is None else _typed(node, where, "true or false", bool)


def _typed(node: Node, where: str, what: str, kind: Callable[..., T]) -> T:
    """Return a scalar of one Python type."""
    value = node.value
    if type(value) is not kind:
        raise _wrong(node, f"{where} must be {what}, not {shown(value)}")
    return value  # type: ignore[return-value]


def _seconds(node: Node | None, where: str, default: int) -> int:
    """Return a duration such as `24h` in seconds."""
    if node is None:
        return default
    with _at(node, f"{where} must be a duration"):
        return parse_duration(node.value)


def _clock(node: Node, where: str) -> int:
    """Return a time of day such as `21:00` in seconds."""
    with _at(node, f"{where} must be a time of day"):
        return parse_clock(node.value)
