"""``omnilab schema``: the JSON Schema of scenario files, for editors, and of what runs write."""

from __future__ import annotations

import click

__all__ = ["schema"]

#: What there is a schema of; those after the first two are `omnilab.experiment.schemas.OUTPUTS`.
KINDS = (
    *("scenario", "evidence"),
    *("result", "results", "differences", "breakdowns"),
    *("combinations", "effects", "sweep", "points", "indices", "tornado"),
)


@click.command()
@click.argument("kind", type=click.Choice(KINDS), default="scenario")
def schema(kind: str) -> None:
    """Print a JSON Schema (2020-12): of scenario files if KIND is not given.

    An editor that knows it completes keys and marks errors while a scenario is written. KIND
    evidence is a file of a published experiment. KIND
    result is result.json, which --json writes too; the others are a row of the Parquet file
    of that name in a run directory.
    """
    import json

    click.echo(json.dumps(_schema(kind), indent=2, ensure_ascii=False))


def _schema(kind: str) -> object:
    if kind == "scenario":
        from omnilab.scenario import json_schema

        return json_schema()
    if kind == "evidence":
        from omnilab.experiment.evidence.model import evidence_schema

        return evidence_schema()
    from omnilab.experiment.schemas import output_schema

    return output_schema(kind)
