"""Plans and contact policy from a YAML file, for those who replay their own streams."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from omnilab.cascade._lines import Items, Mapping, PlaceError, parse, within
from omnilab.cascade.plan import Cap, CascadePlan, ContactPolicy, Step, Zone
from omnilab.errors import DataError, OptionError, nearest

__all__ = ["load_plans"]

_UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_QUIET = ("from", "to", "channels")
_MAX_BYTES = 1 << 20

T = TypeVar("T")


def load_plans(path: str | Path) -> tuple[tuple[CascadePlan, ...], ContactPolicy]:
    """Read cascades and the contact policy.

    Parameters
    ----------
    path
        YAML file with `plans` (a list) and if wanted `contact_policy`; docs/cascade.md shows
        one.

    Raises
    ------
    DataError
        If the file can't be read or says something that can't be; names the line.
    """
    data = _read(Path(path))
    if data is None:
        raise DataError("is empty; the key 'plans' is needed", file=path, line=1)
    try:
        top = _keys(data, "the file", ("plans",), ("contact_policy",))
        with within(top):
            plans = _plans(top["plans"])
            channels = dict.fromkeys(step.channel for plan in plans for step in plan.steps)
            return plans, _policy(top.get("contact_policy") or Mapping(), tuple(channels))
    except OptionError as error:
        line = error.line if isinstance(error, PlaceError) else 1
        raise DataError(str(error), file=path, line=line) from error


def _read(path: Path) -> Any:
    """Return the file's YAML."""
    import yaml

    try:
        raw = path.read_bytes()
        if len(raw) > _MAX_BYTES:
            raise DataError("is larger than 1 MiB: no plan file", file=path)
        if re.search(rb"(^|[\s\[{,:-])[&*][A-Za-z0-9_]", raw):
            raise DataError("anchors and aliases (& and *) can't be used in plans", file=path)
        return parse(raw.decode("utf-8"))
    except OSError as error:
        raise DataError(error.strerror or str(error), file=path) from error
    except UnicodeDecodeError as error:
        raise DataError(f"is not UTF-8 (byte {error.start})", file=path) from error
    except RecursionError as error:
        raise DataError("is nested too deeply", file=path) from error
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = None if mark is None else mark.line + 1
        what = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise DataError(f"is not YAML: {what}", file=path, line=line) from error


def _plans(items: Any) -> tuple[CascadePlan, ...]:
    """Return the plans, each with a name of its own."""
    names: set[str] = set()

    def read(item: Any) -> CascadePlan:
        plan = _plan(item)
        if plan.name in names:
            raise OptionError(f"plan {plan.name!r} comes twice")
        names.add(plan.name)
        return plan

    plans = _each(items, "plans", read)
    if not plans:
        raise OptionError("plans is empty; at least one is needed")
    return plans


def _plan(item: Any) -> CascadePlan:
    """Return one plan."""
    optional = ("priority", "expires_after", "until_converted")
    got = _keys(item, "a plan", ("name", "steps"), optional)
    name = str(got["name"])
    with within(got):
        until_converted = got.get("until_converted", True)
        if not isinstance(until_converted, bool):
            raise OptionError(f"plan {name!r}: until_converted must be true or false")
        expires = _seconds(got.get("expires_after", "0s"), f"plan {name!r}: expires_after")
        return CascadePlan(
            name,
            _each(got["steps"], f"plan {name!r}: steps", lambda step: _step(step, name)),
            priority=got.get("priority", 100),
            expires_after_s=expires,
            until_converted=until_converted,
        )


def _step(item: Any, plan: str) -> Step:
    """Return one step of a plan."""
    got = _keys(item, f"plan {plan!r}: a step", ("channel", "fallback_after"), ("success_status",))
    with within(got):
        wait = _seconds(got["fallback_after"], f"plan {plan!r}: fallback_after")
        return Step(str(got["channel"]), wait, str(got.get("success_status", "delivered")))


def _policy(item: Any, channels: Sequence[str]) -> ContactPolicy:
    """Return the contact policy; `channels` are those of the plans."""
    got = _keys(item, "contact_policy", (), ("caps", "quiet_hours", "zones", "tick"))
    with within(got):
        quiet = _keys(got.get("quiet_hours", Mapping()), "quiet_hours", (), _QUIET)
        with within(quiet):
            low, high = (_clock(quiet.get(key, "00:00"), key) for key in ("from", "to"))
            silent = _channels(quiet.get("channels", []), "quiet_hours: channels", channels)
        return ContactPolicy(
            caps=_each(got.get("caps", []), "caps", lambda cap: _cap(cap, channels)),
            quiet_from_s=low,
            quiet_to_s=high,
            quiet_channels=silent,
            zones=_each(got.get("zones", []), "zones", lambda z: Zone.named(str(z))) or (Zone(),),
            tick_s=_seconds(got.get("tick", "1s"), "tick"),
        )


def _cap(item: Any, channels: Sequence[str]) -> Cap:
    """Return one cap."""
    got = _keys(item, "a cap", ("limit",), ("period", "channels"))
    with within(got):
        day = got.get("period", "day") == "day"
        period = 0 if day else _seconds(got["period"], "a cap's period")
        holds = _channels(got.get("channels", []), "a cap's channels", channels)
        return Cap(got["limit"], period, holds)


def _channels(items: Any, where: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return a list of channels that plans use."""

    def read(item: Any) -> str:
        if str(item) not in known:
            close = nearest(str(item), known)
            raise OptionError(f"{where}: no plan uses channel {str(item)!r}{close}")
        return str(item)

    return _each(items, where, read)


def _keys(item: Any, where: str, needed: Sequence[str], optional: Sequence[str]) -> Mapping:
    """Return a mapping with these keys and no others."""
    if not isinstance(item, Mapping):
        raise OptionError(f"{where} must be a mapping, not {_kind(item)}")
    for key in item:
        if key not in (*needed, *optional):
            close = nearest(key, (*needed, *optional))
            raise PlaceError(f"{where}: unknown key {key!r}{close}", item.lines.get(key))
    for key in needed:
        if key not in item:
            raise PlaceError(f"{where}: key {key!r} is missing", item.line)
    return item


def _each(items: Any, where: str, read: Callable[[Any], T]) -> tuple[T, ...]:
    """Return what `read` makes of each item of a list."""
    if not isinstance(items, list):
        raise OptionError(f"{where} must be a list, not {_kind(items)}")
    found = []
    for i, item in enumerate(items):
        with within(items if isinstance(items, Items) else None, i):
            found.append(read(item))
    return tuple(found)


def _kind(item: Any) -> str:
    """Return what a value is, for messages."""
    names = {Mapping: "a mapping", Items: "a list", type(None): "nothing"}
    return names.get(type(item), type(item).__name__)


def _seconds(value: Any, where: str) -> int:
    """Return a duration such as `24h` in seconds."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)\s*(s|min|h|d|w)", str(value).strip())
    if match is None:
        raise OptionError(f"{where} must be a duration such as 24h (s, min, h, d, w): {value!r}")
    return round(float(match[1]) * _UNITS[match[2]])


def _clock(value: Any, key: str) -> int:
    """Return a time of day such as `21:00` in seconds; YAML 1.1 may have read it as minutes."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1440:
        return value * 60
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", str(value))
    if match is None:
        raise OptionError(f'quiet_hours: {key} must be a time of day such as "21:00": {value!r}')
    return int(match[1]) * 3600 + int(match[2]) * 60
