"""Read what the comment at the top of a scenario's file tells, and hold its figures to results."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_MARKS: Final = (
    ("Story", re.compile(r"\b(?:Story|Stories)[:.] ")),
    ("What to look for", re.compile(r"\b(?:What to look for:|Look for\.) ")),
    ("What was found", re.compile(r"\b(?:What was found|Found)(?=[ :,])")),
)
_COMMAND: Final = re.compile(r"omnilab (?:evidence|compare|credit|patterns|fit|verify)\b[^`)\n]*")
_N: Final = r"[-+]?(?:\d+(?:\.\d+)?|\.\d+)"
#: Units and words may stand between a number and its interval, another number may not.
_TRIPLE: Final = re.compile(
    rf"(?<![\w.,])(?P<value>{_N})(?P<unit>%| points\b)?(?P<words>[^0-9():;.]*)"
    rf" \((?P<low>{_N}) to (?P<high>{_N})\)"
)
#: A line further to the right goes on with a row of a table.
_HANGING: Final = 12
_INTERVAL: Final = re.compile(rf"{_N} to {_N}")
#: What a figure is a part of: `of 0.348`, `on 83.8%`, `of 272 EUR`; no counts, `of 9 parks`.
_LEVEL: Final = re.compile(
    rf"\b(?:of|on) (?:(?P<share>{_N})%|(?P<value>[-+]?\d*\.\d+|\d+(?= (?:EUR|GBP|USD)\b)))(?!\d)"
)
#: But for the level of all intervals.
_PERCENT: Final = re.compile(rf"(?<![\w.])(?!95%)({_N})%")


def head(text: str) -> str:
    """Return the comment at the top of a file as one text, paragraphs and items by lines."""
    out, indent = "", 0
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        if "yaml-language-server" in line:
            continue
        told = line[1:].strip()
        before, indent = indent, len(line) - 1 - len(line[1:].lstrip())
        is_row = told.startswith("- ") or re.search(r"\S {2,}\S", told)  # of a list, a table
        # Less to the right than the line above: what hung on that is at its end.
        ends = before > indent and (indent == 1 or before > _HANGING)
        begins = not told or is_row or not out or out.endswith("\n") or ends
        out += f"\n{told}" if begins else f" {told}"
    out = re.sub(r"(?m)^(.*?\S):? {2,}", r"\1: ", _without_keys(out))  # a row's name
    out = re.sub(r"(?<=\S) {2,}", " ", out)
    return re.sub(r"\n{3,}", "\n\n", out).strip()


def parts(text: str) -> dict[str, str]:
    """Return the text before the first mark under "", and that after each mark under its name."""
    at = sorted((m.start(), m.end(), name) for name, mark in _MARKS if (m := mark.search(text)))
    ends = [*(begin for begin, _, _ in at), len(text)][1:]
    found = {"": text[: at[0][0] if at else len(text)].strip()}
    for (_, begin, name), end in zip(at, ends, strict=True):
        found[name] = text[begin:end].strip(" :,\n")
    return {name: said for name, said in found.items() if said}


@dataclass(frozen=True)
class Told:
    """A line of what was found, and the command that its figures come from."""

    command: str
    text: str


def told(path: Path) -> list[Told]:
    """Return the lines of what a scenario's head tells as found.

    A line names its command, or has that of the paragraph above it.
    """
    text = head(path.read_text(encoding="utf-8"))
    section = parts(text).get("What was found", "")
    own = re.search(r"omnilab evidence [^`)\n]*", text)
    found, command = [], own[0].strip() if own else ""
    for number, line in enumerate(filter(None, section.splitlines())):
        named = _COMMAND.search(line)
        if named and (number == 0 or line[0].isupper() or line.startswith("omnilab")):
            command = named[0].strip()  # a paragraph's: it holds for what stands below it
        found.append(Told(named[0].strip() if named else command, line))
    return found


def unkept(line: str, found: Mapping[str, Any]) -> list[str]:
    """Return the figures of a line that are not in what is kept of an ablation.

    Held are numbers with an interval, to a claim, and what they are a part of, to a value. A share
    may be told in percent, and a number without a sign as a size.
    """
    faults, read = [], set()
    for match in _TRIPLE.finditer(line):
        read.add(match["low"] + " to " + match["high"])
        if not any(_is_claim(match, claim) for claim in found["claims"]):
            faults.append(match[0])
    faults += [m[0] for m in _INTERVAL.finditer(line) if m[0] not in read]
    known = [v["value"] for v in found["values"] if v["value"] is not None]
    for match in _LEVEL.finditer(line):
        said, scale = (match["share"], 100.0) if match["share"] else (match["value"], 1.0)
        if not any(_is(said, abs(v), scale) for v in known):
            faults.append(match[0])
    return faults


def unkept_credit(
    line: str, claims: Sequence[Mapping[str, Any]], ranges: Sequence[tuple[float, float]],
    shares: Sequence[float],
) -> list[str]:  # fmt: skip
    """Return the figures of a line that are not in what is kept of a story of credit.

    Held are numbers with an interval, to a claim; ranges from model to model, to what a source is
    credited with; and percent, to the models' errors.
    """
    faults = []
    rest = line
    for match in _TRIPLE.finditer(line):
        rest = rest.replace(match[0], match["words"], 1)
        if not any(_is_claim(match, claim) for claim in claims):
            faults.append(match[0])
    for match in _INTERVAL.finditer(rest):
        ends = match[0].split(" to ")
        if not any(all(_is(s, x, 1.0) for s, x in zip(ends, r, strict=True)) for r in ranges):
            faults.append(match[0])
    percent = _PERCENT.finditer(rest)
    return faults + [m[0] for m in percent if not any(_is(m[1], x, 100.0) for x in shares)]


def _is_claim(match: re.Match[str], claim: Mapping[str, Any]) -> bool:
    ends = (claim["low"], claim["high"])
    if None in ends:
        return False
    scale = 100.0 if match["unit"] else 1.0
    turns = (1.0,) if match["value"][0] in "-+" else (1.0, -1.0)
    return any(
        _is(match["value"], claim["estimate"] * turn, scale)
        and any(
            all(_is(match[k], x * side, scale)
                for k, x in zip(("low", "high"), ends[:: int(side)], strict=True))
            for side in turns
        )
        for turn in turns
    )  # fmt: skip


def _is(said: str, value: float, scale: float) -> bool:
    """Tell whether a number as told is a value rounded to the digits that are told."""
    digits = len(said.partition(".")[2])
    return abs(float(said) - value * scale) <= 0.5 * 10.0**-digits * (1.0 + 1e-6)


def figures(line: str) -> list[str]:
    """Return the numbers with intervals of a line, as they are told."""
    return [m[0] for m in _TRIPLE.finditer(line)]


def _without_keys(text: str) -> str:
    """Leave out where the kinds and keys of sources are explained."""
    return re.sub(r"Kinds and keys of sources[^.]*\.md[^.]*\.?", "", text)
