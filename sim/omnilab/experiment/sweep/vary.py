"""What a sweep varies: ``PATH=a,b,c`` or ``PATH=LOW..HIGH``, and the values at its points."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, isfinite, log
from typing import Any, Final

from omnilab._arguments import shown
from omnilab._files.yaml_lines import parse_yaml
from omnilab._files.yaml_tree import plain
from omnilab.errors import OmnilabError, OptionError
from omnilab.parameters.quantity import (
    format_clock,
    format_duration,
    format_share,
    parse_amount,
    parse_clock,
    parse_duration,
    parse_share,
)

__all__ = ["MOST_VALUES", "Given", "Vary", "parse_vary", "refuse_twice", "vary_of"]

MOST_VALUES: Final = 10_000  # of one list, and levels of one range
_RANGE: Final = re.compile(r"(.+?)\.\.(.+?)((?::(?:log|[0-9]+))*)", re.DOTALL)
_HALF: Final = re.compile(r"\.\.[^/]*|[^/]*\.\.")  # a path such as ../shop.yaml is none
_OPEN: Final = {"[": "]", "{": "}", "(": ")"}
#: How the two ends of a range may be written: reading, writing, what such a number is.
_QUANTITIES: Final = (
    (parse_share, format_share, "share", re.compile(r".*%\s*", re.DOTALL)),
    (parse_duration, format_duration, "duration", re.compile(r".*(?:s|min|h|d|w)\s*")),
    (parse_clock, format_clock, "clock", re.compile(r"\d+:\d+")),
    (parse_amount, None, "amount", re.compile(r".*[A-Z]{3}\s*")),
)
GRID_LEVELS: Final = 3


@dataclass(frozen=True)
class Given:
    """A value as a scenario file takes it, and as a reader sees it."""

    value: Any
    text: str


@dataclass(frozen=True)
class Vary:
    """One thing that a sweep varies.

    Attributes
    ----------
    path
        Dotted key of the scenario, or ``strategies.NAME.`` and a key of that strategy's plan.
    values
        Those of a list; empty for a range.
    low, high
        Of a range, as plain numbers; shares 0..1, durations in seconds.
    quantity
        ``number``, ``whole``, ``share``, ``duration``, ``clock``, ``amount``; "" for a list.
    log
        Whether a range is even on the scale of logarithms.
    levels
        Values that a grid takes of a range.
    seconds
        Whether plain whole numbers are durations, as Python code gives them.
    """

    path: str
    values: tuple[Given, ...] = ()
    low: float = 0.0
    high: float = 0.0
    quantity: str = ""
    log: bool = False
    levels: int = GRID_LEVELS
    seconds: bool = False

    @property
    def is_range(self) -> bool:
        """Whether it is a range, not a list of values."""
        return not self.values

    def at(self, u: float) -> Given:
        """Return the value at a share 0 <= u <= 1 of the way; of a list the one there."""
        if self.values:
            return self.values[min(int(u * len(self.values)), len(self.values) - 1)]
        return self._given(self.place_number(u))

    def place_number(self, u: float) -> float:
        """Return the number of a range at a share 0 <= u <= 1 of the way."""
        if self.log:
            value = exp(log(self.low) + u * (log(self.high) - log(self.low)))
        else:
            value = self.low + u * (self.high - self.low)
        return min(max(value, self.low), self.high)

    def grid(self) -> list[Given]:
        """Return the values of a grid: the list, or even steps from end to end of the range."""
        if self.values:
            return list(self.values)
        found = [self.at(k / max(self.levels - 1, 1)) for k in range(self.levels)]
        return list({given.text: given for given in found}.values())

    def ends(self) -> list[Given]:
        """Return both ends of a range, or all values of a list."""
        return list(self.values) or [self._given(self.low), self._given(self.high)]

    def described(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        if self.values:
            return {"path": self.path, "values": [given.text for given in self.values]}
        low, high = self.ends()
        return {
            "path": self.path, "low": low.text, "high": high.text, "log": self.log,
            "quantity": self.quantity,
        }  # fmt: skip

    def written(self, value: float) -> Any:
        """Return a number of the range's quantity as a scenario file takes it."""
        return self._given(value).value

    def place_of(self, value: float) -> float:
        """Return the share of the way at which a number of a range is; outside 0..1 beyond it."""
        if self.log:
            if value <= 0.0:
                return -1.0
            return log(value / self.low) / log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def said(self, value: float) -> str:
        """Return a number of the range's quantity as a reader sees it."""
        return self._given(value).text

    def _given(self, value: float) -> Given:
        write: Any = next((w for _, w, q, _ in _QUANTITIES if q == self.quantity), None)
        if self.quantity in ("whole", "duration", "clock"):
            value = round(value)
        else:  # ten digits are enough, and what a reader sees is what is simulated
            value = float(f"{value:.10g}")
        written = write(value) if write is not None else value
        return Given(written, _text(written))


def parse_vary(text: str, *, option: str = "--vary") -> Vary:
    """Read ``PATH=a,b,c``, ``PATH=LOW..HIGH``, ``PATH=LOW..HIGH:log`` or ``PATH=LOW..HIGH:9``.

    Raises
    ------
    OptionError
        If it is none of these.
    """
    path, equals, rest = text.partition("=")
    while path.count("(") > path.count(")"):  # strategies.single_channel(silo=app).cap.messages
        more, equals, rest = rest.partition("=")
        if not equals:
            break
        path = f"{path}={more}"
    path, rest = path.strip(), rest.strip()
    if not equals or not path or not rest:
        raise OptionError(f"{option} {text!r}: write PATH=a,b,c or PATH=LOW..HIGH")
    where = f"{option} {path}"
    found = _RANGE.fullmatch(rest)
    if found and not any(mark in rest for mark in "[{(,\"'"):
        return _range(path, found[1].strip(), found[2].strip(), found[3], where)
    parts = _split(rest)
    for part in parts:
        if _HALF.fullmatch(part):
            raise OptionError(f"{where}: {part} has not both ends of a range: write LOW..HIGH")
    return _list(path, [_read(part, where) for part in parts], where)


def vary_of(path: Any, given: Any) -> Vary:
    """Return what a caller from Python means by ``{path: values}``.

    Raises
    ------
    OptionError
        If it is neither a list of values nor a text such as ``"0%..15%"``.
    """
    if not isinstance(path, str) or not path:
        raise OptionError(f"vary: {shown(path)} is not a dotted key")
    if isinstance(given, Vary):
        return given
    if isinstance(given, str):
        return parse_vary(f"{path}={given}", option="vary:")
    if isinstance(given, bytes | dict) or not isinstance(given, Iterable):
        raise OptionError(f"vary: {path}: give a list of values, or a text such as '0%..15%'")
    values = [item.item() if hasattr(item, "item") else item for item in given]  # NumPy's too
    return _list(path, values, f"vary: {path}", seconds=True)


def refuse_twice(varies: Iterable[Vary]) -> None:
    """Refuse a key that is varied by two options.

    Raises
    ------
    OptionError
        With the key.
    """
    for path, times in Counter(vary.path for vary in varies).items():
        if times > 1:
            raise OptionError(f"--vary {path} is given twice: give its values in one list")


def _list(path: str, values: Sequence[Any], where: str, *, seconds: bool = False) -> Vary:
    if not values:
        raise OptionError(f"{where}: no value is given")
    if len(values) > MOST_VALUES:
        raise OptionError(f"{where}: {len(values):,} values, at most {MOST_VALUES:,} are taken")
    texts = [_text(value) for value in values]
    for text, times in Counter(texts).items():
        if times > 1:
            raise OptionError(f"{where}: {text} is given twice")
    made = tuple(Given(value, text) for value, text in zip(values, texts, strict=True))
    return Vary(path, made, seconds=seconds)


def _one_unit(low: str, high: str) -> str:
    """Return a range of which one end lacks the unit of the other with both, "" where none does."""
    bare = [re.fullmatch(r"[0-9.]+", end) is not None for end in (low, high)]
    if bare[0] == bare[1]:
        return ""
    unit = re.sub(r"^[0-9. ]+", "", high if bare[0] else low)
    ends = [f"{end}{unit}" if lacks else end for end, lacks in zip((low, high), bare, strict=True)]
    fits = any(all(form.fullmatch(end) for end in ends) for _, _, _, form in _QUANTITIES)
    return "..".join(ends) if fits else ""


def _range(path: str, low: str, high: str, more: str, where: str) -> Vary:
    quantity, ends = "number", []
    numbers = [_read(end, where) for end in (low, high)]
    if all(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers):
        ends = numbers
    else:
        for read, _, name, form in _QUANTITIES:
            if form.fullmatch(low) and form.fullmatch(high):
                try:
                    ends, quantity = [read(low), read(high)], name
                except ValueError as error:
                    raise OptionError(f"{where}: {error}") from None
                break
    if not ends:
        write = _one_unit(low, high)
        raise OptionError(
            f"{where}: {low}..{high} is no range of numbers in one unit: "
            + (f"did you mean {write}?" if write else f"list values, such as {path}=a,b")
        )
    flags = [flag for flag in more.split(":") if flag]
    levels = [int(flag) for flag in flags if flag != "log"]
    is_log = "log" in flags
    if ends[0] == ends[1]:
        raise OptionError(
            f"{where}: both ends of {low}..{high} are the same: give a range or a list"
        )
    if not (isfinite(ends[0]) and isfinite(ends[1]) and ends[0] < ends[1]):
        raise OptionError(f"{where}: {low}..{high} is no range: the lower end comes first")
    if is_log and ends[0] <= 0:
        raise OptionError(f"{where}: a range on the log scale begins above 0, not at {low}")
    if len(levels) > 1 or any(not 2 <= n <= MOST_VALUES for n in levels):
        raise OptionError(f"{where}: give one number of levels, 2 to {MOST_VALUES:,}")
    return Vary(
        path, (), float(ends[0]), float(ends[1]), quantity, is_log,
        levels[0] if levels else GRID_LEVELS,
    )  # fmt: skip


def _split(text: str) -> list[str]:
    """Split at commas that are outside of brackets and quotes."""
    parts, depth, quote = [""], 0, ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in _OPEN:
            depth += 1
        elif character in _OPEN.values():
            depth -= 1
        if character == "," and depth == 0 and not quote:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def _read(text: str, where: str) -> Any:
    """Read one value as a scenario file would."""
    if not text:
        raise OptionError(f"{where}: a value is empty")
    try:
        return plain(parse_yaml(f"value: {text}", where))["value"]
    except OmnilabError as error:
        raise OptionError(f"{where}: {text!r} can't be read: {error}") from None


def _text(value: Any) -> str:
    """Return a value as a reader sees it."""
    if isinstance(value, float) and isfinite(value):
        return f"{value:.10g}"
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(value)
