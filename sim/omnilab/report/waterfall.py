"""An ablation for the terminal: a waterfall of Shapley values, and a table of all effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import TYPE_CHECKING, Final

from rich.text import Text

from omnilab.experiment.ablation import ALL, NONE, Ablation, Effect
from omnilab.experiment.ablation_tables import ablation_notes
from omnilab.experiment.shapley import rounded_to_sum
from omnilab.report.document import Table
from omnilab.report.numbers import NOTHING, label, write_difference
from omnilab.report.terminal import open_console, print_columns

if TYPE_CHECKING:
    from rich.console import Console

    from omnilab.measure.ratio import Measure

__all__ = [
    "Bar",
    "effects_table",
    "maps_table",
    "print_ablation",
    "print_maps",
    "waterfall",
    "waterfall_lines",
]

WIDTH: Final = 80  # of the waterfall, also where the output is wider or no terminal
_NAME: Final = 26  # of a switch; longer ones are cut
_LEAST: Final = 12  # of the bars
_HEADS: Final = {"shapley": "Shapley", "alone": "alone", "last": "last"}


@dataclass(frozen=True)
class Bar:
    """A bar of a waterfall, in units that are shown: points for shares.

    Attributes
    ----------
    name
        ``none``, a switch, or ``all``.
    start, end
        Where the bar begins and ends; the first and the last begin at the axis' left end.
    value
        As shown: values of switches add up to the last less the first.
    text
        The value in words, with half the width of its interval.
    is_step
        Whether it is a switch's.
    """

    name: str
    start: float
    end: float
    value: float
    text: str
    is_step: bool


def print_ablation(ablation: Ablation, console: Console | None = None) -> None:
    """Print the waterfall of the first measure, a table of effects a measure, and the notes."""
    console = console or open_console()
    designed = ablation.design
    scenario, again = designed.scenario, ablation.replications
    effects = ablation.effects()
    title = f": {scenario.title}" if scenario.title else ""
    print_line(console, f"{scenario.id}{title}", "bold")
    runs = f" in {again} replications" if again > 1 else ""
    size = f"{ablation.customers:,} customers{runs}, {round(scenario.time.window / 86400)} days"
    print_line(console, f"{designed.strategy} taken apart, {size}, seed {ablation.seed}")
    first, *_ = ablation.measures.values()
    print_line(console, "")
    named = label(first, scenario.currency)
    print_line(console, f"{named}: from none of the switches to all, by Shapley value", "bold")
    plain = "utf" not in (console.encoding or "utf").lower()
    for line in waterfall_lines(waterfall(ablation, first, effects), plain=plain):
        print_line(console, line)
    for measure in ablation.measures.values():
        print_columns(console, effects_table(ablation, measure, effects))
    print_line(console, "")
    for line in [*big_interactions(effects, scenario.currency), *ablation_notes(ablation)]:
        console.print(_clean(line, "dim"))


def print_maps(ablations: Sequence[Ablation], console: Console | None = None) -> None:
    """Print the Shapley values of the first measure under each silo map, side by side."""
    console = console or open_console()
    print_columns(console, maps_table(ablations))


def maps_table(ablations: Sequence[Ablation]) -> Table:
    """Return the Shapley values of the first measure, a column for each ablation's silo map."""
    first, *_ = ablations[0].measures.values()
    columns = []
    for ablation in ablations:
        mine = [e for e in ablation.effects() if e.measure.name == first.name]
        found = {e.switches: _cell(first, e) for e in mine if e.kind in ("shapley", "whole")}
        columns.append((ablation.design.wiring.name, found))
    rows = [
        (switch.name, tuple(found[switch.name,] for _, found in columns))
        for switch in ablations[0].design.switches
    ]
    rows.append(("all of them", tuple(found[()] for _, found in columns)))
    title = label(first, ablations[0].design.scenario.currency, difference=True)
    return Table(
        f"{title}: Shapley values under each silo map", "", tuple(n for n, _ in columns),
        tuple(rows),
    )  # fmt: skip


def waterfall(ablation: Ablation, measure: Measure, effects: Sequence[Effect]) -> list[Bar]:
    """Return the bars from none of the switches to all; none where a combination has failed."""
    mine = [e for e in effects if e.measure.name == measure.name and e.kind == "shapley"]
    every = (1 << len(ablation.design.switches)) - 1
    base, full = ablation.value(measure.name, 0), ablation.value(measure.name, every)
    gains = [e.estimate.value for e in mine if e.estimate.value is not None]
    if base.value is None or full.value is None or len(gains) < len(mine):
        return []
    scale = 100.0 if measure.unit == "share" else 1.0
    halves = [_half(e) for e in mine]
    decimals = _decimals(scale * max([*map(abs, gains), *(h or 0.0 for h in halves)], default=0.0))
    low, high = round(scale * base.value, decimals), round(scale * full.value, decimals)
    shown = rounded_to_sum([scale * g for g in gains], high - low, decimals)
    bars = [Bar(NONE, low, low, low, f"{low:,.{decimals}f}", False)]
    at = low
    for e, value, half in zip(mine, shown, halves, strict=True):
        text = _step_text(value, half and scale * half, decimals, star=bool(e.hardly_chance))
        bars.append(Bar(e.switches[0], at, at + value, value, text, True))
        at += value
    return [*bars, Bar(ALL, high, high, high, f"{high:,.{decimals}f}", False)]


def waterfall_lines(bars: Sequence[Bar], *, plain: bool = False) -> list[str]:
    """Return a waterfall as lines of at most 80 characters.

    Parameters
    ----------
    bars
        From `waterfall`.
    plain
        Use ASCII alone.
    """
    if not bars:
        return ["No waterfall: a combination that it needs has failed."]
    name = min(_NAME, max(len(b.name) for b in bars) + 2)
    number = max(len(b.text.rstrip("*")) for b in bars) + 1
    room = max(_LEAST, WIDTH - name - number - 2)
    ends = [x for b in bars for x in (b.start, b.end)]
    low, high = min(ends), max(ends)
    left = low - 0.15 * (high - low)  # the axis begins a little left of all, and not at 0
    step = (high - left) / room if high > left else 0.0
    up, down, total = "+-=" if plain else "█░▓"
    lines = []
    for b in bars:
        start, end = sorted((b.start if b.is_step else left, b.end))
        first, last = (0 if step == 0 else round((x - left) / step) for x in (start, end))
        mark = (up if b.value >= 0 else down) if b.is_step else total
        drawn = mark * max(last - first, 1 if b.value else 0)
        title = f"  {b.name}" if b.is_step else b.name
        title = title if len(title) <= name else f"{title[: name - 3]}..."
        text = b.text if b.text.endswith("*") else f"{b.text} "
        lines.append(f"{title:<{name}} {text:>{number}} {' ' * first}{drawn}".rstrip()[:WIDTH])
    return lines


def effects_table(ablation: Ablation, measure: Measure, effects: Sequence[Effect]) -> Table:
    """Return what each switch changes in a measure: by Shapley, alone and last."""
    mine = [e for e in effects if e.measure.name == measure.name]
    bars = waterfall(ablation, measure, effects)
    shown = {bar.name: bar.text for bar in bars if bar.is_step}  # which add up, as in the waterfall
    rows = []
    for switch in ablation.design.switches:
        name = switch.name
        found = {e.kind: e for e in mine if e.switches == (name,)}
        shapley = shown.get(name) or _cell(measure, found["shapley"])
        rows.append((name, (shapley, *(_cell(measure, found[kind]) for kind in ("alone", "last")))))
    whole = next(e for e in mine if e.kind == "whole")
    total = _whole_text(measure, whole, bars) if bars else _cell(measure, whole)
    rows.append(("all of them", (total, "", "")))
    title = label(measure, ablation.design.scenario.currency, difference=True)
    return Table(f"{title}: what each switch changes", "", tuple(_HEADS.values()), tuple(rows))


def big_interactions(effects: Sequence[Effect], currency: str) -> list[str]:
    """Say which two switches give clearly more, or less, together than each by itself."""
    lines = []
    for e in effects:
        if e.kind == "interaction" and e.big:
            a, b = e.switches
            more = "more" if (e.estimate.value or 0.0) > 0 else "less"
            unit = label(e.measure, currency, difference=True)
            size = write_difference(e.measure, e.estimate)
            lines.append(f"{a} and {b} give {more} together than each by itself: {unit} {size}.")
    return lines


def print_line(console: Console, line: str, style: str = "") -> None:
    """Print a line as it is, also where it is longer than the console is wide."""
    console.print(_clean(line, style), soft_wrap=True)


def _step_text(value: float, half: float | None, decimals: int, *, star: bool) -> str:
    number = f"{value:+,.{decimals}f}" if value else f"{0:.{decimals}f}"
    error = "" if half is None else f" ±{half:,.{decimals}f}"
    return f"{number}{error}{'*' if star else ''}"


def _whole_text(measure: Measure, whole: Effect, bars: Sequence[Bar]) -> str:
    """Return the whole as the steps that are shown add up to it."""
    scale = 100.0 if measure.unit == "share" else 1.0
    decimals = len(bars[0].text.partition(".")[2])
    half = _half(whole)
    value = round(bars[-1].value - bars[0].value, decimals)
    return _step_text(value, half and scale * half, decimals, star=bool(whole.hardly_chance))


def _cell(measure: Measure, effect: Effect) -> str:
    if effect.estimate.value is None:
        return NOTHING
    return write_difference(measure, effect.estimate) + ("*" if effect.hardly_chance else "")


def _half(effect: Effect) -> float | None:
    low, high = effect.estimate.low, effect.estimate.high
    return None if low is None or high is None else (high - low) / 2


def _decimals(size: float) -> int:
    """Return the decimals for about three digits that count of the largest step."""
    return 2 if size <= 0 else min(max(2 - floor(log10(size)), 0), 6)


def _clean(line: str, style: str = "") -> Text:
    """Return text that can't steer the terminal, whatever a scenario's title holds."""
    return Text("".join(c if c.isprintable() else " " for c in line), style=style)
