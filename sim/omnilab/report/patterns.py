"""Patterns beside their published sizes: as a report, as JSON, and as the page validation.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from omnilab.experiment.patterns.declared import CHECK, ROLES, TARGET
from omnilab.parameters.quantity import format_share
from omnilab.report.document import Document, Table
from omnilab.report.numbers import NOTHING

if TYPE_CHECKING:
    from omnilab.experiment.patterns.matching import Pins
    from omnilab.experiment.patterns.running import Found, Measured

__all__ = [
    "PATTERNS_FORMAT",
    "patterns_data",
    "patterns_document",
    "patterns_head",
    "patterns_page",
]

PATTERNS_FORMAT: Final = "omnilab-patterns-v1"
PAGE_FORMAT: Final = "patterns-v1"
_TITLES: Final = {TARGET: "Targets", CHECK: "Checks"}
#: Swings below this say that an assumption does not pin a pattern.
_LITTLE: Final = 0.5
_FOR_WHOM: Final = (
    "For whoever asks whether the reference world looks like people. A pattern is a published size "
    "that it must come out with; all are measured on the log of the status quo, so that no result "
    "of omnichannel is among them."
)
_NOTES: Final = (
    (
        "Simulated: the mean over seeds with its 95% interval, by Student's t over the seeds. "
        "Misfit: simulated less published, in tolerances; within 1 is within tolerance."
    ),
    (
        "Why each tolerance is what it is, and how each pattern is measured, stands in the file of "
        "patterns and under --json."
    ),
)


def patterns_document(measured: Measured, pins: Pins | None = None) -> Document:
    """Return the report of measured patterns; with ``pins`` also which pattern pins what."""
    scenario = measured.scenario
    seeds = ", ".join(map(str, measured.seeds))
    setting = (
        f"{scenario.population.customers:,} customers under {measured.strategy}, "
        f"seed{'s' if len(measured.seeds) > 1 else ''} {seeds}"
    )
    tables = [
        _table(measured.of_role(role), _TITLES[role], what)
        for role, what in ROLES.items()
        if measured.of_role(role)
    ]
    if pins is not None:
        tables += _pins_tables(measured, pins)
    title = f"{scenario.id}: patterns, simulated and published"
    return Document(title, setting, _counts(measured), tuple(tables), _NOTES)


def patterns_head(scenario_id: str, digest: str, patterns_id: str) -> str:
    """Return the line by which a page is known to be of a scenario as it is."""
    return f"Format {PAGE_FORMAT}, scenario {scenario_id}, digest {digest}, patterns {patterns_id}."


def patterns_page(measured: Measured, digest: str, command: str, pins: Pins | None = None) -> str:
    """Return the report as the Markdown page docs/explanation/validation.md.

    Parameters
    ----------
    measured, pins
        What was measured.
    digest
        Of the scenario as its file has it.
    command
        What makes the page again.
    """
    document = patterns_document(measured, pins)
    head = patterns_head(measured.scenario.id, digest, measured.patterns.id)
    setting = f"{document.setting[:1].upper()}{document.setting[1:]}"
    parts = [
        "# Patterns, simulated and published",
        f"{_FOR_WHOM} Made by `{command}`; don't edit. {head} {setting}.",
        *document.headlines,
        *(_markdown(table) for table in document.tables),
        *(["## How far each assumption may move", _ranges(measured)] if pins else []),
        "## How each is measured",
        "\n".join(
            f"- **{f.pattern.title}** ({f.pattern.role}): {f.pattern.measure.what}"
            f" Tolerance: {f.pattern.because}."
            for f in measured.found
        ),
        "## Notes",
        "\n".join(f"- {note}" for note in (document.notes[0], *_MORE)),
    ]
    return "\n\n".join(parts) + "\n"


_MORE: Final = (
    (
        "A check that misses is a finding and stays: nothing is chosen by it. The rates of "
        "messages beside published ones are on [another page](rates.md)."
    ),
)


def patterns_data(measured: Measured, pins: Pins | None = None) -> dict[str, Any]:
    """Return what was measured as JSON can hold it."""
    data: dict[str, Any] = {
        "format": PATTERNS_FORMAT,
        "scenario": measured.scenario.id,
        "patterns_file": measured.patterns.id,
        "strategy": measured.strategy,
        "customers": measured.scenario.population.customers,
        "seeds": list(measured.seeds),
        "patterns": [_row(f) for f in measured.found],
    }
    if pins is not None:
        keys = [a.key for a in measured.patterns.assumptions]
        data["pins"] = {
            "worlds": pins.worlds,
            "patterns": [
                {
                    "name": f.pattern.name, "explained": float(pins.explained[k]),
                    "swing": dict(zip(keys, map(float, pins.swing[k]), strict=True)),
                }
                for k, f in enumerate(measured.found)
            ],
        }  # fmt: skip
    return data


def _row(found: Found) -> dict[str, Any]:
    p = found.pattern
    return {
        "name": p.name, "title": p.title, "role": p.role, "measure": p.measure.name,
        "what": p.measure.what, "unit": p.measure.unit, "published": p.published,
        "tolerance": p.tolerance, "because": p.because, "source": p.source, "kind": p.kind,
        "value": found.value, "half_width": found.half_width, "by_seed": list(found.by_seed),
        "misfit": found.misfit, "within": found.is_within,
    }  # fmt: skip


def _counts(measured: Measured) -> tuple[str, ...]:
    parts = []
    for role in ROLES:
        mine = measured.of_role(role)
        if mine:
            parts.append(f"{sum(f.is_within for f in mine)} of {len(mine)} {role}s")
    within = sum(f.is_within for f in measured.found)
    said = f"{within} of {len(measured.found)} patterns are within tolerance at once"
    return (f"{said}: {' and '.join(parts)}.",)


def _table(found: tuple[Found, ...], title: str, what: str) -> Table:
    columns = ("published", "tolerance", "simulated", "misfit", "within", "source")
    rows = tuple(
        (
            f.pattern.title,
            (
                _size(f.pattern.published, f), f"±{_size(f.pattern.tolerance, f)}", _simulated(f),
                NOTHING if f.misfit is None else f"{f.misfit:+.1f}",
                "yes" if f.is_within else "no", f"{f.pattern.kind}, {f.pattern.source}",
            ),
        )
        for f in found
    )  # fmt: skip
    return Table(title, "pattern", columns, rows, what)


def _size(value: float, found: Found) -> str:
    if found.pattern.measure.unit == "share":
        return str(format_share(round(value, 6)))
    return f"{value:g}"


def _simulated(found: Found) -> str:
    """Return the mean and half its interval."""
    value, half = found.value, found.half_width
    if value is None:
        return NOTHING
    scale, sign, digits = (100, "%", 1) if found.pattern.measure.unit == "share" else (1, "", 2)
    spread = "" if half is None else f" ±{scale * half:.{digits}f}"
    return f"{scale * value:.{digits}f}{spread}{sign}"


def _pins_tables(measured: Measured, pins: Pins) -> list[Table]:
    """Return for each pattern the assumptions that move it most, and for each one its patterns."""
    keys = [a.key for a in measured.patterns.assumptions]
    moved = tuple(
        (
            f.pattern.title,
            (f"{100 * pins.explained[k]:.0f}%", _most(pins.swing[k], keys)),
        )
        for k, f in enumerate(measured.found)
    )
    titles = [f.pattern.name for f in measured.found]
    pinned = tuple(
        (
            key,
            tuple(
                _most([pins.swing[k][i] if f.pattern.role == role else 0.0
                       for k, f in enumerate(measured.found)], titles)
                for role in ROLES
            ),
        )
        for i, key in enumerate(keys)
    )  # fmt: skip
    note = (
        f"Tolerances that a pattern moves while an assumption goes over its range, the three that "
        f"move it most, over {pins.worlds} worlds in which all assumptions move together. "
        "Explained: of the variance over the worlds, by one parabola an assumption."
    )
    columns = ("explained", "moved by")
    return [
        Table("Which assumption moves a pattern", "pattern", columns, moved, note),
        Table("Which pattern pins an assumption", "assumption", ("targets", "checks"), pinned,
              "The three that it moves most; one that moves no target is not pinned by any."),
    ]  # fmt: skip


def _most(swings: Any, names: list[str]) -> str:
    order = sorted(range(len(names)), key=lambda i: -abs(swings[i]))[:3]
    return ", ".join(
        f"{names[i]} {swings[i]:+.1f}" for i in order if abs(swings[i]) >= _LITTLE
    ) or (NOTHING)


def _ranges(measured: Measured) -> str:
    lines = ["| assumption | here | range | why |", "|---|---|---|---|"]
    for a in measured.patterns.assumptions:
        low, high = a.vary.ends()
        now = a.vary.at(min(max(a.place(measured.scenario), 0.0), 1.0))
        named = ", ".join((a.key, *a.others))
        lines.append(f"| {named} | {now.text} | {low.text} to {high.text} | {a.because} |")
    return "\n".join(lines)


def _markdown(table: Table) -> str:
    head = f"| {table.corner} | {' | '.join(table.columns)} |"
    rule = "|" + "---|" * (len(table.columns) + 1)
    rows = [f"| {name} | {' | '.join(cells)} |" for name, cells in table.rows]
    return "\n".join([f"## {table.title}\n", *([f"{table.note}\n"] if table.note else []),
                      head, rule, *rows])  # fmt: skip
