"""What a comparison found, in sentences and tables that any output can show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, inf, log10
from typing import TYPE_CHECKING, Any, Final

from omnilab.experiment.best import best_chances
from omnilab.experiment.differences import ALPHA, COMPARED, REPORTED, differences, reference_of
from omnilab.experiment.plausible.standing import FEWEST_CUSTOMERS
from omnilab.experiment.remarks import remarks
from omnilab.experiment.spread import spread_rows
from omnilab.experiment.statistics import Estimate, holm
from omnilab.measure.breakdowns import PERSONA_MEASURES
from omnilab.measure.layout import PERSONA_SUMS, as_integers, names_of
from omnilab.measure.ratio import SEARCH_ONLY
from omnilab.report.equal import equal_headlines, equal_table
from omnilab.report.numbers import (
    NOTHING,
    label,
    write_difference,
    write_estimate,
    write_interval,
    write_value,
)
from omnilab.report.split_tests import split_tables, unread_words
from omnilab.report.table import Table
from omnilab.scenario.lookup import value_at
from omnilab.scenario.wiring import wiring_words

if TYPE_CHECKING:
    from omnilab.experiment.comparison import Comparison
    from omnilab.scenario.assumptions import Assumption
    from omnilab.scenario.model import Scenario

__all__ = ["Document", "Interval", "Table", "build_document", "page_notes", "share_words"]

HEADLINES: Final = ("ltv", "purchase_rate")
WORDS: Final = (
    "What measures and strategies mean: omnilab list measures --long, omnilab list strategies "
    "--long."
)
VOLUME: Final = "messages_per_customer"
MAIN: Final = (
    *("ltv", "purchase_rate", VOLUME, "orders_per_customer", "aov", "revenue", "margin"),
    *(
        "contact_cost",
        "search_cost",
        "cac",
        "roi",
        "message_roi",
        "retention",
        "open_rate",
        "click_rate",
        "engagement_rate",
    ),
    *("unsubscribe_rate", "conversion_rate", "cart_recovery_rate", "continuity", "identity_f1"),
)


@dataclass(frozen=True)
class Interval:
    """A difference to draw: whose it is, in words, and as numbers."""

    name: str
    text: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Document:
    """A report: what was run, who wins, the tables, and what to know about them.

    Attributes
    ----------
    intervals
        Differences of the first headline's measure, the best first; none where there are none.
    drawn
        What they are, for the line above them.
    """

    title: str
    setting: str
    headlines: tuple[str, ...]
    tables: tuple[Table, ...]
    notes: tuple[str, ...]
    intervals: tuple[Interval, ...] = ()
    drawn: str = ""


_QUICK: Final = (
    "Left out by --quick: the main two strategies at equal volume, and in what share of worlds"
    " within its assumptions the winner wins."
)

_FEW: Final = (
    f"From {FEWEST_CUSTOMERS:,} customers on this says in what share of worlds within its"
    " assumptions the winner wins."
)


def build_document(
    comparison: Comparison,
    *,
    timed: bool = True,
    against: str | None = None,
    assumptions: Sequence[Assumption] = (),
) -> Document:
    """Return the report of a comparison or of a single run, the best strategy's column first.

    Parameters
    ----------
    comparison
        What was found.
    timed
        Whether to say how long it took; without, the same run gives the same report.
    against
        The strategy that differences are taken against. Default: the status quo, or multichannel,
        or the first.
    assumptions
        What the scenario assumes; those that it declares are named, the others counted.
    """
    scenario = comparison.scenario
    names = tuple(run.name for run in comparison.strategies)
    base = reference_of(comparison, against) or names[0]
    ranked = _best_first(comparison, names)
    tables = [_main_table(comparison, ranked)]
    if len(names) > 1:
        tables.append(_difference_table(comparison, base, [n for n in ranked if n != base]))
        tables += equal_table(comparison)
        tables += _best_table(comparison, ranked)
    tables += split_tables(comparison)
    tables += _persona_table(comparison, ranked)
    drawn, intervals = _intervals(comparison, base, ranked)
    return Document(
        title=f"{scenario.id}{f': {scenario.title}' if scenario.title else ''}",
        setting="\n".join([_setting(comparison), *_maps(comparison)]),
        headlines=(
            *(_headline(comparison, names, measure) for measure in HEADLINES),
            *equal_headlines(comparison),
        ),
        tables=tuple(tables),
        notes=tuple(_notes(comparison, names, base, assumptions, timed=timed)),
        intervals=intervals,
        drawn=drawn,
    )


def page_notes(comparison: Comparison, against: str | None = None) -> list[str]:
    """Return what a page says of a run that its tables don't: remarks, twins, engine."""
    names = tuple(run.name for run in comparison.strategies)
    base = reference_of(comparison, against) or names[0]
    notes = _notes(comparison, names, base, (), timed=False)
    elsewhere = {WORDS, *unread_words(comparison.tests)}  # the words, and a section of its own
    return [note for note in notes if note not in elsewhere]


def _best_first(comparison: Comparison, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the strategies by the first headline's measure, the highest first.

    Equal ones keep the order in which they were asked for; those without a value come last.
    """
    found = {name: comparison.moments.estimate(HEADLINES[0], name).value for name in names}
    value = {name: -inf if x is None else x for name, x in found.items()}
    return tuple(sorted(names, key=lambda name: -value[name]))


def _setting(comparison: Comparison) -> str:
    days = round(comparison.scenario.time.window / 86400)
    n = comparison.replications
    again = f" in {n} replications" if n > 1 else ""
    return f"{comparison.customers:,} customers{again}, {days} days, seed {comparison.seed}"


def _maps(comparison: Comparison) -> list[str]:
    """Say on which silo maps the strategies ran, those of which a map changes nothing apart."""
    runs = [run for run in comparison.strategies if run.wiring is not None]
    lines = []
    for wiring in dict.fromkeys(run.wiring for run in runs):
        if wiring is None:
            continue
        names = [run.name for run in runs if run.wiring == wiring]
        whose = "" if len(names) == len(runs) else f" ({_listed(names)})"
        said = wiring_words(wiring, comparison.scenario)
        lines.append(f"Silo map {wiring.name}{whose}: {said}.")
    return lines


def _standing_words(worlds: Mapping[str, Any]) -> str:
    """Say what the worlds of the first sentence are."""
    n = len(worlds["moved"])
    what = f"{n} of its assumptions move" if n > 1 else "one of its assumptions moves"
    return (
        f"The share of worlds is over {what} within the range that its key declares, all together"
        f" and each evenly: {worlds['worlds']} worlds of {worlds['customers']:,} customers each say"
        " how, and what chance does in them is not counted as doubt about the world. omnilab hangs"
        " looks closer."
    )


def _within(comparison: Comparison, strategy: str) -> str:
    """Say in what share of the worlds within what is assumed a strategy is the best."""
    worlds = comparison.worlds
    row = next((r for r in (worlds or {}).get("shares", ()) if r["strategy"] == strategy), None)
    return (
        "" if row is None else f", the best in {share_words(row)} of worlds within its assumptions,"
    )


def share_words(row: Mapping[str, Any]) -> str:
    """Return a share of worlds with its interval, such as ``83% (71 to 94)``."""
    low, high = 100 * row["low"], 100 * row["high"]
    return f"{100 * row['share']:.0f}% ({low:.0f} to {high:.0f})"


def _headline(comparison: Comparison, names: tuple[str, ...], name: str) -> str:
    """Say who has the highest value, whether that is certain, and with how many messages."""
    moments, measure = comparison.moments, comparison.moments.measures[name]
    unit = "%" if measure.unit == "share" else f" {comparison.scenario.currency}"
    found = {s: moments.estimate(name, s) for s in names}
    with_value = [s for s in names if found[s].value is not None]
    if not with_value:
        return f"{measure.title}: no value under any strategy."
    ranked = sorted(with_value, key=lambda s: -(found[s].value or 0.0))
    best = ranked[0]
    value = f"{write_interval(measure, found[best], unit)}{_volume(comparison, best)}"
    if len(ranked) == 1:
        return f"{measure.title} under {best}: {value}."
    rivals = {s: moments.difference(name, best, s) for s in ranked[1:]}
    second, within = ranked[1], ""
    if comparison.worlds is not None and comparison.worlds["measure"] == name:
        within = _within(comparison, best)
    gap_unit = " points" if measure.unit == "share" else unit
    gap = write_interval(measure, rivals[second], gap_unit, sign="+")
    equal = [s for s, d in rivals.items() if d.value == 0.0 and d.error == 0.0]
    near = [s for s in _not_told_apart(rivals) if s not in equal]
    if len(equal) == len(rivals):
        interval = write_interval(measure, found[best], unit)
        return f"{measure.title} is the same under all: {interval}{_volumes(comparison, ranked)}."
    if not equal and not near:
        return (
            f"{best}{within} has the highest {_inside(measure.title)}: {value}, {gap} above"
            f" {second}{_volume(comparison, second)}."
        )
    if equal and not near:
        return (
            f"{_listed([best, *equal])} share the highest {_inside(measure.title)}, exactly: "
            f"{value}."
        )
    said = f"No certain winner by {_inside(measure.title)}: {best}{within} has {value}."
    if near:
        closest, *others = near
        lead = write_interval(measure, rivals[closest], gap_unit, sign="+")
        said += f" Its lead over {closest}{_volume(comparison, closest)} may be chance: {lead}."
        if others:
            said += f" So may its lead over {_listed(others)}."
    if equal:
        said += f" It is exactly that of {_listed(equal)}."
    return said


def _not_told_apart(rivals: dict[str, Estimate]) -> list[str]:
    """Return the rivals whose difference may be chance, several looks at once counted."""
    adjusted = holm([d.p_value for d in rivals.values()])
    return [s for s, p in zip(rivals, adjusted, strict=True) if p is None or p >= ALPHA]


def _volume(comparison: Comparison, strategy: str) -> str:
    sent = comparison.moments.estimate(VOLUME, strategy).value
    return "" if sent is None else f" at {sent:.3g} messages a customer"


def _volumes(comparison: Comparison, strategies: list[str]) -> str:
    """Say the fewest and the most messages where the result itself is one."""
    sent = [comparison.moments.estimate(VOLUME, s).value or 0.0 for s in strategies]
    fewest, most = f"{min(sent):.3g}", f"{max(sent):.3g}"
    return f" at {fewest}{'' if fewest == most else f' to {most}'} messages a customer"


def _main_table(comparison: Comparison, names: tuple[str, ...]) -> Table:
    moments, currency = comparison.moments, comparison.scenario.currency
    shown = [moments.measures[m] for m in MAIN if m in moments.measures and _says(comparison, m)]
    rows = tuple(
        (
            label(m, currency),
            tuple(write_estimate(m, moments.estimate(m.name, s)) for s in names),
        )
        for m in shown
    )
    first = moments.measures[HEADLINES[0]].title
    order = f"Strategies by {_inside(first)}, the highest first. " if len(names) > 1 else ""
    note = f"{order}± half of the 95% interval; {NOTHING} where nothing can be divided by."
    return Table("Measures", "", names, rows, note)


def _says(comparison: Comparison, measure: str) -> bool:
    """Tell whether a row of paid search says anything here."""
    if measure == "search_cost":
        return any(channel.search for channel in comparison.scenario.channels)
    if measure == "message_roi":
        return any(run.name == SEARCH_ONLY for run in comparison.strategies)
    return True


def _difference_table(comparison: Comparison, base: str, others: list[str]) -> Table:
    """Return differences against one strategy, those that are hardly chance with a star."""
    moments, currency = comparison.moments, comparison.scenario.currency
    shown = [moments.measures[m] for m in COMPARED if m in moments.measures]
    found = {(d.measure.name, d.strategy): d for d in differences(comparison, base)}
    looks = next((d.looks for d in found.values() if d.family == REPORTED), 0)
    rows = tuple(
        (
            label(m, currency, difference=True),
            tuple(
                write_difference(m, found[m.name, s].estimate)
                + ("*" if found[m.name, s].hardly_chance else "")
                for s in others
            ),
        )
        for m in shown
    )
    note = (
        "The same customers under both. * hardly chance: p < 0.05 after Holm's correction for "
        f"the {looks} differences here. The sentences above count the looks at their own "
        "measure only."
    )
    return Table(f"Differences against {base}", "", tuple(others), rows, note)


def _best_table(comparison: Comparison, names: tuple[str, ...]) -> list[Table]:
    """Return each strategy's chance to be the best by the main measures."""
    moments = comparison.moments
    known = {m: c for m, c in best_chances(moments, names).items() if c is not None}
    rows = tuple(
        (moments.measures[measure].title, tuple(_chance(chances[name]) for name in names))
        for measure, chances in known.items()
    )
    title = "Chance to be the best, %"
    return [Table(title, "", names, rows)] if rows else []


def _chance(chance: float) -> str:
    """Write a chance as whole percents, none as certain that is not."""
    percent = round(100 * chance)
    if chance > 0.0 and percent == 0:
        return "<1"
    return ">99" if percent == 100 and chance < 1.0 else str(percent)


def _persona_table(comparison: Comparison, names: tuple[str, ...]) -> list[Table]:
    """Return LTV and purchase rate for each persona, where there are several."""
    personas = comparison.scenario.population.personas
    fields = names_of(PERSONA_SUMS)
    sums = {
        s: as_integers(comparison.by_persona[s]).reshape(-1, len(fields)).tolist()
        for s in names
        if s in comparison.by_persona
    }
    if len(personas) < 2 or len(sums) < len(names):
        return []
    rows = []
    for i, persona in enumerate(personas):
        cells = []
        for s in names:
            of_persona = dict(zip(fields, sums[s][i], strict=True))
            cells.append(_persona_cell(of_persona))
        rows.append((persona.name, tuple(cells)))
    title = f"LTV, {comparison.scenario.currency}, and purchase rate by persona"
    return [Table(title, "", names, tuple(rows))]


def _persona_cell(sums: dict[str, int]) -> str:
    ltv, rate = PERSONA_MEASURES["ltv"], PERSONA_MEASURES["purchase_rate"]
    share = write_value(rate, rate.value(sums))
    if share == NOTHING:
        return NOTHING
    return f"{write_value(ltv, ltv.value(sums))}, {share}%"


def _intervals(
    comparison: Comparison, base: str, ranked: Sequence[str]
) -> tuple[str, tuple[Interval, ...]]:
    """Return the first headline's differences as they are drawn, and what they are."""
    moments = comparison.moments
    measure = moments.measures[HEADLINES[0]]
    found = []
    for name in ranked:
        if name == base:
            continue
        d = moments.difference(HEADLINES[0], name, base)
        if d.value is not None and d.low is not None and d.high is not None:
            found.append(Interval(name, write_difference(measure, d), d.value, d.low, d.high))
    title = f"{label(measure, comparison.scenario.currency, difference=True)}, less {base}"
    return title, tuple(found)


def _notes(
    comparison: Comparison,
    names: tuple[str, ...],
    base: str,
    assumptions: Sequence[Assumption],
    *,
    timed: bool,
) -> list[str]:
    """Return what the result depends on, what was gained by twins, and how fast it ran."""
    notes = []
    if comparison.failures:
        notes.append(f"Left out, since they failed: {_listed(sorted(comparison.failures))}.")
    notes += [f"{run.name}: {run.note}." for run in comparison.strategies if run.note]
    if comparison.scenario.assumed:
        assumed = ", ".join(
            _with_value(comparison.scenario, k) for k in comparison.scenario.assumed
        )
        notes.append(f"Depends on what the scenario names as assumed: {assumed}.")
    if others := sum(not a.is_declared for a in assumptions):
        notes.append(
            f"Uses {others} other assumption{'' if others == 1 else 's'} of its presets and "
            "defaults: omnilab validate --assumptions FILE lists them."
        )
    notes += [remark.text for remark in remarks(comparison)]
    notes += _spread(comparison, names)
    notes += _twins(comparison, names, base)
    notes += _until(comparison)
    notes += unread_words(comparison.tests)
    if comparison.quick:
        notes.append(_QUICK)
    elif comparison.worlds is not None:
        notes.append(_standing_words(comparison.worlds))
    elif len(names) > 1 and comparison.customers * comparison.replications < FEWEST_CUSTOMERS:
        notes.append(_FEW)
    return [*notes, _engine(comparison, timed=timed), WORDS]


def _engine(comparison: Comparison, *, timed: bool) -> str:
    """Say which engine ran, why, and how fast."""
    events = sum(run.events for run in comparison.strategies)
    took, note = comparison.elapsed_s, comparison.engine_note
    compiling = comparison.compile_s
    speed = f", {events / (took - compiling):,.0f} a second" if took > compiling else ""
    if compiling >= 1.0:
        speed = f" and {compiling:.1f} s of compiling kernels{speed}"
    why = f" ({note})" if note else ""
    said = f" in {took - compiling:.1f} s{speed}" if timed else ""
    return f"Engine {comparison.engine}{why}: {events:,} events{said}."


def _spread(comparison: Comparison, names: tuple[str, ...]) -> list[str]:
    """Say who gets more, less or nothing under the best strategy by LTV but the reference.

    As many as differ by chance alone are in it: what a twin's life hangs on may go either way.
    """
    of = comparison.held_against
    worth = {
        name: value
        for name in names
        if name != of and (value := comparison.moments.estimate("ltv", name).value) is not None
    }
    if not worth:
        return []
    best = max(worth, key=lambda name: worth[name])
    found = {row["measure"]: row["value"] for row in spread_rows(comparison)
             if row["strategy"] == best and row["reference"] is not None}  # fmt: skip
    if not found:
        return []
    more, fewer, none = (
        f"{found[m]:.1%}" for m in ("more_orders", "fewer_orders", "never_reached")
    )
    said = f"{more} of the customers order more, {fewer} less; {none} are never reached"
    return [f"{best} against {of}: {said}. omnilab find RUN shows them."]


def _twins(comparison: Comparison, names: tuple[str, ...], base: str) -> list[str]:
    if len(names) < 2:
        return []
    other = "omnichannel" if "omnichannel" in names and base != "omnichannel" else ""
    other = other or next(n for n in names if n != base)
    ratio = comparison.moments.paired_variance_ratio("ltv", other, base)
    if ratio is None or ratio <= 0:
        return []
    text = (
        f"Twins: the variance of the LTV difference {other} - {base} is {ratio:.2g} of that "
        f"between independent customers; {_times(1 / ratio)} times as many of those would do as "
        "well."
    )
    return [text]


def _until(comparison: Comparison) -> list[str]:
    """Say how a run that went on until its intervals were narrow ended, and what twins saved."""
    until = comparison.until
    if until is None:
        return []
    met = "met" if until["met"] else "not met"
    notes = [f"--until: {met} after {until['customers']:,} customers: {until['why']}."]
    known = [d for d in until["differences"] if d["unpaired_times"]]
    if known:
        least, most = (f(known, key=lambda d: d["unpaired_times"]) for f in (min, max))
        times = _times(least["unpaired_times"])
        said = (
            f"Saved by twins: independent groups would need {times} times as many customers for "
            f"{least['measure']} of {least['strategy']}"
        )
        if most is not least:
            said += (
                f", up to {_times(most['unpaired_times'])} times for {most['measure']} of "
                f"{most['strategy']}"
            )
        notes.append(f"{said}.")
    return notes


def _times(factor: float) -> str:
    """Write a factor with two digits that count, and never as a power of ten."""
    digits = max(0, floor(log10(factor)) - 1)
    return f"{round(factor, -digits):,.0f}" if factor >= 10 else f"{factor:.2g}"


def _with_value(scenario: Scenario, key: str) -> str:
    """Return a dotted key with its number, where it leads to one."""
    try:
        value = value_at(scenario, key)
    except ValueError:  # taken away since the file was read
        return key
    return f"{key} {value:g}" if isinstance(value, int | float) else key


def _inside(title: str) -> str:
    """Return a title as it stands inside a sentence."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
