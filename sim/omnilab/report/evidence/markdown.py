"""The page docs/explanation/evidence.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from omnilab.experiment.evidence.score import Scores
from omnilab.report.evidence.text import claim_tables, score_tables
from omnilab.report.evidence.words import HOW, headlines
from omnilab.report.table import Table

__all__ = ["PAGE_FORMAT", "evidence_page"]

PAGE_FORMAT: Final = "evidence-v1"
_FOR_WHOM: Final = (
    "For whoever asks whether the simulator answers as real customers did. Each claim is from a "
    "published experiment that was run again on synthetic customers; nothing was chosen so that "
    "one comes out."
)


def evidence_page(
    scores: Scores, setting: str, command: str, *, more: Sequence[Table] = (),
    changes: Sequence[Table] = (), mappings: Mapping[str, str] | None = None,
) -> str:  # fmt: skip
    """Return the scores and every claim as Markdown.

    Parameters
    ----------
    scores
        What came out.
    setting
        In one line what was run.
    command
        What makes the page again.
    more
        Other tables of the run, such as how base rates were met.
    changes
        What changed since an earlier run, after the scores.
    mappings
        Study -> how its setting was mapped, in its file's words.
    """
    top, rest = score_tables(scores), claim_tables(scores)
    parts = [
        "# Published experiments, simulated",
        f"{_FOR_WHOM} Made by `{command}`; don't edit. Format {PAGE_FORMAT}. {setting}",
        *headlines(scores),
        *(_markdown(table) for table in (*top, *changes, *rest, *more)),
        *(["## How each study was mapped", _listed(mappings)] if mappings else []),
        "## How it is scored",
        "\n".join(f"- {line}" for line in HOW),
        "## Sources",
        _listed(_sources(scores)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _listed(texts: Mapping[str, str]) -> str:
    return "\n".join(f"- {study}: {_safe(text)}" for study, text in sorted(texts.items()) if text)


def _sources(scores: Scores) -> dict[str, str]:
    found = {v.claim.study: v.claim.source for v in scores.verdicts if v.claim.source}
    return dict(sorted(found.items()))


def _markdown(table: Table) -> str:
    head = f"| {table.corner} | {' | '.join(table.columns)} |"
    rule = "|" + "---|" * (len(table.columns) + 1)
    rows = [f"| {' | '.join(_safe(cell) for cell in (name, *cells))} |"
            for name, cells in table.rows]  # fmt: skip
    note = [f"{table.note}\n"] if table.note else []
    return "\n".join([f"## {table.title}\n", *note, head, rule, *rows])


def _safe(text: str) -> str:
    """Return a text that can stand in a cell, whatever a file holds."""
    for character in "\\|<>*_`[]":
        text = text.replace(character, f"\\{character}")
    return " ".join(text.split())
