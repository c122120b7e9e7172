"""``omnilab schema``: print the JSON Schema of scenario files, for editors."""

from __future__ import annotations

import click

__all__ = ["schema"]


@click.command()
def schema() -> None:
    """Print the JSON Schema (2020-12) of scenario files.

    An editor that knows it completes keys and marks errors while a scenario is written.
    """
    import json

    from omnilab.scenario import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
