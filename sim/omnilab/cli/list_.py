"""``omnilab list``: what there is to run, to compare, to write to and to measure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

__all__ = ["list_"]

Row = dict[str, str]


def _scenarios() -> list[Row]:
    from omnilab.scenario.catalogue import list_scenarios

    return [{"id": s.id, "title": s.title, "path": str(s.path)} for s in list_scenarios()]


def _strategies() -> list[Row]:
    # By their entry points alone: a plug-in that fails on import must not break the list.
    from importlib.metadata import entry_points

    found = {(p.name, p.value): p for p in entry_points(group="omnilab.strategies")}
    rows = []
    for (name, value), point in sorted(found.items()):
        package = f"{point.dist.name} {point.dist.version}" if point.dist else ""
        rows.append({"name": name, "class": value, "package": package})
    return rows


def _channels() -> list[Row]:
    from omnilab.scenario import preset
    from omnilab.scenario.document import read_document

    root = read_document(Path(preset.__file__).parent / "presets" / "channels.yaml")
    rows = []
    for name in preset.preset_names("channels"):
        channel = root.get(name)
        fields = {key: channel.get(key) if channel else None for key in ("title", "silo")}
        rows.append({"name": name} | {k: str(n.value) if n else "" for k, n in fields.items()})
    return rows


def _measures() -> list[Row]:
    from omnilab.measure.catalogue import MEASURES

    return [
        {"name": m.name, "title": m.title, "unit": m.unit, "formula": m.formula}
        for m in MEASURES.values()
    ]


KINDS: Final[dict[str, Callable[[], list[Row]]]] = {
    "scenarios": _scenarios,
    "strategies": _strategies,
    "channels": _channels,
    "measures": _measures,
}


@click.command("list")
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of objects.")
def list_(kind: str, as_json: bool) -> None:
    """List what there is: scenarios, strategies, channels or measures."""
    rows = KINDS[kind]()
    if as_json:
        import json

        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif rows:
        _print_table(rows)
    else:
        click.echo(f"no {kind} found", err=True)


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
