"""What changed between an earlier run of published experiments and this one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from omnilab.errors import OptionError
from omnilab.experiment.evidence.result import ClaimResult
from omnilab.experiment.evidence.score import Rate, Score, Scores, score_claims
from omnilab.experiment.evidence.verdict import Verdict
from omnilab.report.evidence.data import EVIDENCE_FORMAT
from omnilab.report.evidence.words import claim_words, rate_words, simulated_words, verdict_words
from omnilab.report.numbers import NOTHING
from omnilab.report.table import Table

__all__ = ["change_tables", "read_scores"]

_COLUMNS: Final = ("simulated", "balanced", "signs right", "pairs right", "sizes right")
_CHANGED: Final = ("before", "simulated then", "now", "simulated now")
_TOTAL: Final = "all"


def read_scores(path: str) -> Scores:
    """Return the scores of a run from what ``--json`` wrote.

    Raises
    ------
    OptionError
        If the file is not there, or is none of these.
    """
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise OptionError(f"--before {path}: {error.strerror or error}") from None
    except ValueError as error:
        raise OptionError(f"--before {path}: no JSON: {error}") from None
    if not isinstance(data, dict) or data.get("format") != EVIDENCE_FORMAT:
        raise OptionError(f"--before {path}: give what omnilab evidence --json wrote")
    try:
        return score_claims(_claim(one) for one in data["claims"])
    except (KeyError, TypeError, ValueError) as error:
        raise OptionError(f"--before {path}: its claims can't be read: {error}") from None


def _claim(data: Mapping[str, Any]) -> ClaimResult:
    known = ClaimResult.__dataclass_fields__
    return ClaimResult(**{key: value for key, value in data.items() if key in known})


def change_tables(before: Scores, after: Scores) -> list[Table]:
    """Return the scores of both runs by family, and the claims that got worse and better.

    A claim got worse if it was right and is not, by sign or by size, better the other way round;
    one that could not be simulated was not right, and one that failed now is in neither. A run of
    the same claims leaves no such rows.
    """
    tables = [Table("Before and after", "family", _COLUMNS, tuple(_families(before, after)), _NOTE)]
    worse, better = [], []
    then = {v.claim.claim: v for v in before.verdicts}
    for now in after.verdicts:
        old = then.get(now.claim.claim)
        if old is None or now.claim.status == "failed":  # it was not asked
            continue
        change = _points(now) - _points(old)
        row = (claim_words(now.claim), (*_said(old), *_said(now)))
        if change < 0:
            worse.append(row)
        elif change > 0:
            better.append(row)
    for title, rows in (("Got worse", worse), ("Got better", better)):
        if rows:
            tables.append(Table(title, "claim", _CHANGED, tuple(rows)))
    return tables


_NOTE: Final = (
    "Of the claims that were simulated then and now: more of them now, so the shares are of "
    "different claims. The claims below are the same ones."
)


def _families(before: Scores, after: Scores) -> list[tuple[str, tuple[str, ...]]]:
    rows = [(_TOTAL, _cells(before.simulated, after.simulated))]
    for name, (now, _) in after.families.items():
        if name in before.families:
            rows.append((name, _cells(before.families[name][0], now)))
    return rows


def _cells(old: Score, new: Score) -> tuple[str, ...]:
    def both(a: str, b: str) -> str:
        return f"{a} → {b}"

    def counts(rate: Rate) -> str:
        return f"{rate.right} of {rate.of}" if rate.of else NOTHING

    return (
        both(str(old.claims), str(new.claims)),
        both(*(rate_words(s.balanced)[0].split(" ")[0] for s in (old, new))),
        *(
            both(counts(a), counts(b))
            for a, b in ((old.signs, new.signs), (old.pairs, new.pairs), (old.sizes, new.sizes))
        ),
    )


def _points(verdict: Verdict) -> int:
    """Return 0 for a wrong sign or no answer, 1 for a right sign, 2 where all is right."""
    if not verdict.is_simulated or not verdict.is_sign_right:
        return 0
    return 2 if verdict.size in (None, "right") else 1


def _said(verdict: Verdict) -> tuple[str, str]:
    return verdict_words(verdict), simulated_words(verdict.claim)
