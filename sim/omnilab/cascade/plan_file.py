"""Plans and contact policy from a YAML file, for those who replay their own streams."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from omnilab.cascade.plan import Cap, CascadePlan, ContactPolicy, Step, Zone
from omnilab.errors import DataError, OptionError, nearest

__all__ = ["load_plans"]

_UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_MAX_BYTES = 1 << 20


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
        If the file can't be read or says something that can't be.
    """
    try:
        data = _read(Path(path))
        top = _keys(data, "the file", ("plans",), ("contact_policy",))
        plans = tuple(_plan(item) for item in _list(top["plans"], "plans"))
        return plans, _policy(top.get("contact_policy") or {})
    except OptionError as error:
        raise DataError(str(error), file=path) from error


def _read(path: Path) -> Any:
    """Return the file's YAML."""
    import yaml

    try:
        raw = path.read_bytes()
        if len(raw) > _MAX_BYTES:
            raise DataError("is larger than 1 MiB: no plan file", file=path)
        if re.search(rb"(^|[\s\[{,:-])[&*][A-Za-z0-9_]", raw):
            raise DataError("anchors and aliases (& and *) can't be used in plans", file=path)
        return yaml.safe_load(raw.decode("utf-8"))
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


def _plan(item: Any) -> CascadePlan:
    """Return one plan."""
    optional = ("priority", "expires_after", "until_converted")
    got = _keys(item, "a plan", ("name", "steps"), optional)
    name = str(got["name"])
    until_converted = got.get("until_converted", True)
    if not isinstance(until_converted, bool):
        raise OptionError(f"plan {name!r}: until_converted must be true or false")
    return CascadePlan(
        name,
        tuple(_step(step, name) for step in _list(got["steps"], f"plan {name!r}: steps")),
        priority=got.get("priority", 100),
        expires_after_s=_seconds(got.get("expires_after", "0s"), f"plan {name!r}: expires_after"),
        until_converted=until_converted,
    )


def _step(item: Any, plan: str) -> Step:
    """Return one step of a plan."""
    got = _keys(item, f"plan {plan!r}: a step", ("channel", "fallback_after"), ("success_status",))
    wait = _seconds(got["fallback_after"], f"plan {plan!r}: fallback_after")
    return Step(str(got["channel"]), wait, str(got.get("success_status", "delivered")))


def _policy(item: Any) -> ContactPolicy:
    """Return the contact policy."""
    got = _keys(item, "contact_policy", (), ("caps", "quiet_hours", "zones", "tick"))
    caps = []
    for cap in _list(got.get("caps", []), "caps"):
        c = _keys(cap, "a cap", ("limit",), ("period", "channels"))
        period = 0 if c.get("period", "day") == "day" else _seconds(c["period"], "a cap's period")
        caps.append(Cap(c["limit"], period, _names(c.get("channels", []), "a cap's channels")))
    quiet = _keys(got.get("quiet_hours", {}), "quiet_hours", (), ("from", "to", "channels"))
    zones = _names(got.get("zones", []), "zones")
    return ContactPolicy(
        caps=tuple(caps),
        quiet_from_s=_clock(quiet.get("from", "00:00")),
        quiet_to_s=_clock(quiet.get("to", "00:00")),
        quiet_channels=_names(quiet.get("channels", []), "quiet_hours.channels"),
        zones=tuple(Zone.named(zone) for zone in zones) or (Zone(),),
        tick_s=_seconds(got.get("tick", "1s"), "tick"),
    )


def _keys(
    item: Any, where: str, needed: Sequence[str], optional: Sequence[str]
) -> Mapping[str, Any]:
    """Return a mapping with these keys and no others."""
    if not isinstance(item, Mapping):
        raise OptionError(f"{where} must be a mapping, not {type(item).__name__}")
    for key in item:
        if key not in (*needed, *optional):
            raise OptionError(f"{where}: unknown key {key!r}{nearest(key, (*needed, *optional))}")
    for key in needed:
        if key not in item:
            raise OptionError(f"{where}: key {key!r} is missing")
    return item


def _list(item: Any, where: str) -> Sequence[Any]:
    """Return a list."""
    if not isinstance(item, list):
        raise OptionError(f"{where} must be a list, not {type(item).__name__}")
    return item


def _names(item: Any, where: str) -> tuple[str, ...]:
    """Return a list of names."""
    return tuple(str(name) for name in _list(item, where))


def _seconds(value: Any, where: str) -> int:
    """Return a duration such as `24h` in seconds."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)\s*(s|min|h|d|w)", str(value).strip())
    if match is None:
        raise OptionError(f"{where} must be a duration such as 24h (s, min, h, d, w): {value!r}")
    return round(float(match[1]) * _UNITS[match[2]])


def _clock(value: Any) -> int:
    """Return a time of day such as `21:00` in seconds; YAML 1.1 may have read it as minutes."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1440:
        return value * 60
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", str(value))
    if match is None:
        raise OptionError(f'quiet_hours must be times of day such as "21:00": {value!r}')
    return int(match[1]) * 3600 + int(match[2]) * 60
