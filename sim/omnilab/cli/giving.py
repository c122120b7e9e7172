"""Hand over what a command found: JSON in a file or on stdout, a report on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

__all__ = ["give", "write_json"]


def write_json(data: Mapping[str, Any], place: str) -> None:
    """Write results as JSON to a file, or to stdout where the place is ``-``."""
    import json

    from omnilab._files.writing import write_whole

    text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    if place == "-":
        click.echo(text, nl=False)
    else:
        write_whole(place, text)


def give(data: Mapping[str, Any], document: Any, json_to: str | None, quiet: bool) -> None:
    """Write the JSON where it was asked for, and print the report where stdout is free for it."""
    from omnilab.report import print_document

    if json_to is not None:
        write_json(data, json_to)
    if not quiet and json_to != "-":
        print_document(document)
