"""The scores and every claim as a report for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from omnilab.experiment.evidence.score import Score, Scores
from omnilab.experiment.evidence.verdict import Verdict
from omnilab.report.document import Document
from omnilab.report.evidence.words import (
    HOW,
    claim_words,
    headlines,
    published_words,
    rate_words,
    score_rows,
    simulated_words,
    verdict_words,
)
from omnilab.report.table import Table

__all__ = ["claim_tables", "evidence_document", "score_tables"]

SCORED: Final = ("right (95%)", "always +", "difference (95%)", "claims", "always + claims")


def evidence_document(scores: Scores, setting: str) -> Document:
    """Return the report of published experiments.

    Parameters
    ----------
    scores
        What came out.
    setting
        In one line what was run, such as the number of files and the engine.
    """
    return Document(
        "Published experiments, simulated", setting, headlines(scores),
        (*score_tables(scores), *claim_tables(scores)), HOW,
    )  # fmt: skip


def score_tables(scores: Scores) -> list[Table]:
    """Return the scores of what was simulated, of every claim, and of each family."""
    every = "Scores over every claim, what did not run as wrong"
    tables = [_scores("Scores of the simulated claims", scores.simulated)]
    if scores.predicted.claims < scores.simulated.claims:
        tables.append(_scores("Scores of the claims that were predicted", scores.predicted))
    if scores.every.claims > scores.simulated.claims:
        tables.append(_scores(every, scores.every))
    return [*tables, *_families(scores)]


def _scores(title: str, score: Score) -> Table:
    rows = []
    for name, rate in score_rows(score):
        value, base, gain, right = rate_words(rate)
        by_plus = f"{rate.baseline_right} of {rate.of}" if rate.of else right
        rows.append((name, (value, base, gain, right, by_plus)))
    return Table(
        title, "share right", SCORED, tuple(rows),
        f"{score.claims} claims of {score.studies} studies.",
    )  # fmt: skip


def _families(scores: Scores) -> list[Table]:
    rows = []
    for family, (ran, every) in scores.families.items():
        cells = [f"{ran.claims} of {every.claims}"]
        for rate in (ran.balanced, ran.signs, ran.pairs, ran.sizes):
            value, base, *_ = rate_words(rate)
            cells.append(f"{value}, {base}" if rate.of else value)
        cells.append(rate_words(every.balanced)[0])
        rows.append((family, tuple(cells)))
    if not rows:
        return []
    columns = ("simulated", "balanced, always +", "signs, always +", "pairs, always +",
               "sizes, always +", "balanced of every claim")  # fmt: skip
    return [Table("By family", "family", columns, tuple(rows))]


def claim_tables(scores: Scores) -> list[Table]:
    """Return every claim: those that came out wrong first, then the rest, then what did not run."""
    ran = scores.of_status("simulated")
    wrong = [v for v in ran if v.is_failure]
    right = [v for v in ran if not v.is_failure]
    tables = [
        _claims("Came out wrong", wrong), _claims("Came out right", right), _pairs(scores),
        _informed(ran),
    ]  # fmt: skip
    for status, title, what in (
        ("failed", "Failed to run", "error"),
        ("lacks", "Cannot be expressed", "lacks"),
    ):
        rows = tuple(
            (claim_words(v.claim), (published_words(v.claim), v.claim.reason, v.claim.study))
            for v in scores.of_status(status)
        )
        tables.append(Table(title, "claim", ("published", what, "study"), rows))
    return [table for table in tables if table.rows]


def _claims(title: str, verdicts: Sequence[Verdict]) -> Table:
    rows = tuple(
        (
            claim_words(v.claim),
            (
                verdict_words(v), published_words(v.claim), simulated_words(v.claim),
                v.claim.study, v.claim.how_read,
            ),
        )
        for v in verdicts
    )  # fmt: skip
    columns = ("verdict", "published", "simulated (95%)", "study", "read")
    return Table(title, "claim", columns, rows)


def _informed(ran: Sequence[Verdict]) -> Table:
    """Return the claims from whose study something came into the model."""
    rows = tuple(
        (claim_words(v.claim), (verdict_words(v), v.claim.informed, v.claim.study))
        for v in ran if v.claim.informed
    )  # fmt: skip
    return Table("No predictions", "claim", ("verdict", "what came into the model", "study"), rows)


def _pairs(scores: Scores) -> Table:
    """Return the pairs, those that are wrong or incomplete first."""
    found: dict[tuple[str, str], list[Verdict]] = {}
    for v in scores.verdicts:
        if v.claim.pair:
            found.setdefault((v.claim.study, v.claim.pair), []).append(v)
    rows = []
    for (study, pair), members in found.items():
        whole = all(v.is_simulated for v in members)
        right = all(v.is_sign_right for v in members)
        said = ("right" if right else "wrong") if whole else "incomplete"
        claims = ", ".join(f"{v.claim.claim} {verdict_words(v)}" for v in members)
        rows.append((right, (f"{study} {pair}", (said, claims))))
    rows.sort(key=lambda row: row[0])
    return Table("Pairs", "pair", ("verdict", "claims"), tuple(row for _, row in rows))
