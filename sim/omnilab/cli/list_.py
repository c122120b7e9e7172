"""``omnilab list``: what there is to run, to compare and to measure, and what each one is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

__all__ = ["list_"]

Row = dict[str, str]

#: Sentences and texts: shown with ``--long`` only, and always in JSON.
LONG: Final = ("meaning", "about", "under silo", "under handoff", "under all", "yaml")


def _scenarios() -> list[Row]:
    from omnilab.scenario.catalogue import list_scenarios

    return [
        {"id": s.id, "title": s.title, "path": str(s.path), "meaning": s.description}
        for s in list_scenarios()
    ]


def _strategies() -> list[Row]:
    # By their entry points alone: a plug-in that fails on import must not break the list.
    from importlib.metadata import entry_points

    from omnilab.cli.docstring import class_docstring
    from omnilab.glossary import strategy_words

    words = strategy_words()
    found = {(p.name, p.value): p for p in entry_points(group="omnilab.strategies")}
    rows = []
    for (name, value), point in sorted(found.items()):
        package = f"{point.dist.name} {point.dist.version}" if point.dist else ""
        own = value.startswith("omnilab_strategies.")
        meaning = words.get(name, "") if own else class_docstring(value)
        rows.append({"name": name, "class": value, "package": package, "meaning": meaning})
    return rows


def _channels() -> list[Row]:
    from omnilab.scenario import preset
    from omnilab.scenario.document import read_document

    root = read_document(Path(preset.__file__).parent / "presets" / "channels.yaml")
    words = preset.preset_words("channels")
    rows = []
    for name in preset.preset_names("channels"):
        channel = root.get(name)
        fields = {key: channel.get(key) if channel else None for key in ("title", "silo")}
        row = {"name": name} | {k: str(n.value) if n else "" for k, n in fields.items()}
        rows.append(row | {"meaning": words[name]})
    return rows


def _presets() -> list[Row]:
    from omnilab.scenario import mapping_to_yaml
    from omnilab.scenario.preset import SECTIONS, preset_data, preset_words

    return [
        {
            "name": name, "list": ".".join(path), "meaning": meaning,
            "yaml": mapping_to_yaml(preset_data(kind, name)),
        }
        for path, kind in SECTIONS.items()
        for name, meaning in preset_words(kind).items()
    ]  # fmt: skip


def _measures() -> list[Row]:
    from omnilab.measure import breakdowns
    from omnilab.measure.catalogue import ABOUT, GUARDRAILS, MEASURES
    from omnilab.measure.words import measure_words

    tables = {
        "strategy": MEASURES,
        "channel": breakdowns.CHANNEL_MEASURES,
        "journey": breakdowns.JOURNEY_MEASURES,
        "persona": breakdowns.PERSONA_MEASURES,
    }
    words = measure_words()
    about = {m.name: what for what, some in ABOUT.items() for m in some}
    rows: dict[str, Row] = {}
    for by, measures in tables.items():
        for m in measures.values():
            row = rows.setdefault(
                m.name,
                {
                    "name": m.name, "title": m.title, "unit": m.unit, "by": "",
                    "better": m.better, "guardrail": "good" if m.name in GUARDRAILS else "",
                    "formula": m.formula, "meaning": words[m.name],
                    "about": about.get(m.name, "By channel, journey or persona alone"),
                },
            )  # fmt: skip
            row["by"] += f", {by}" if row["by"] else by
    return list(rows.values())


def _triggers() -> list[Row]:
    from omnilab.scenario.keys import values_of

    return [{"name": name, "meaning": text} for name, text in values_of("triggers").items()]


def _choices() -> list[Row]:
    from omnilab.glossary import choice_words

    return [
        {"name": name, "meaning": words["what"]}
        | {f"under {value}": words[value] for value in ("silo", "handoff", "all")}
        for name, words in choice_words().items()
    ]


def _terms() -> list[Row]:
    from omnilab.glossary import term_words

    return [{"name": name, "meaning": text} for name, text in term_words().items()]


KINDS: Final[dict[str, Callable[[], list[Row]]]] = {
    "scenarios": _scenarios,
    "strategies": _strategies,
    "presets": _presets,
    "channels": _channels,
    "measures": _measures,
    "triggers": _triggers,
    "choices": _choices,
    "terms": _terms,
}


@click.command("list")
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.option("--long", "as_long", is_flag=True, help="Say what each one is.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of objects.")
def list_(kind: str, as_long: bool, as_json: bool) -> None:
    """List what there is, and with --long what each one is.

    Strategies to compare; presets of channels, personas and journeys; channels alone; measures,
    with --long by what they are about, and which make X
    """
    rows = KINDS[kind]()
    if as_json:
        import json

        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif not rows:
        click.echo(f"no {kind} found", err=True)
    elif as_long:
        _print_long(rows)
    else:
        _print_table([_short(row) for row in rows])


def _short(row: Row) -> Row:
    """Return what fits a line; where that is the name alone, what it is too."""
    short = {key: value for key, value in row.items() if key not in LONG}
    return short if len(short) > 1 else {"name": row["name"], "meaning": row["meaning"]}


def _print_long(rows: list[Row]) -> None:
    """Print an entry for each row: its name, what it is, and the rest below."""
    import shutil
    import sys
    from textwrap import fill, indent

    width = min(shutil.get_terminal_size().columns, 100) if sys.stdout.isatty() else 100
    about = ""
    for number, row in enumerate(rows):
        if row.get("about", about) != about:
            about = row["about"]
            click.echo(("\n" if number else "") + click.style(f"== {about} ==", bold=True))
        named = next(iter(row))  # a scenario has an id for a name
        title = f" - {row['title']}" if row.get("title") else ""
        apart = "\n" if number or about else ""
        click.echo(apart + click.style(row[named], bold=True) + title)
        if row.get("meaning"):
            click.echo(fill(row["meaning"], width, initial_indent="  ", subsequent_indent="  "))
        for key, value in row.items():
            if key in (named, "title", "meaning", "about") or not value:
                continue
            if key == "yaml":
                click.echo(indent(value.rstrip(), "      "))
                continue
            click.echo(
                fill(
                    f"{key}: {value}", width, initial_indent="  ", subsequent_indent="    ",
                    break_long_words=False, break_on_hyphens=False,
                )
            )  # fmt: skip


def _print_table(rows: list[Row]) -> None:
    """Print rows as a table: fitted to a terminal, never cut or wrapped where it is piped."""
    import sys

    from rich import box
    from rich.table import Table
    from rich.text import Text

    from omnilab.report.terminal import PipedConsole

    console = PipedConsole(width=None if sys.stdout.isatty() else 10_000)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in rows[0] if rows else ():
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(*(Text(value) for value in row.values()))
    console.print(table)
