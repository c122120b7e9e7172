"""Scores and verdicts as JSON can hold them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from omnilab.experiment.evidence.score import Score, Scores
from omnilab.experiment.evidence.verdict import Verdict

__all__ = ["EVIDENCE_FORMAT", "evidence_data"]

EVIDENCE_FORMAT: Final = "omnilab-evidence-v1"


def evidence_data(scores: Scores) -> dict[str, Any]:
    """Return all that is known of each claim, the verdict on it, and the scores.

    Shares are 0..1; null is what there is nothing to say of.
    """
    return {
        "format": EVIDENCE_FORMAT,
        "scores": {
            name: _score(getattr(scores, name)) for name in ("simulated", "predicted", "every")
        },
        "families": {
            family: {"simulated": _score(ran), "every": _score(every)}
            for family, (ran, every) in scores.families.items()
        },
        "claims": [_claim(v) for v in scores.verdicts],
    }


def _score(score: Score) -> dict[str, Any]:
    return {**asdict(score), "by_sign": {s: asdict(rate) for s, rate in score.by_sign.items()}}


def _claim(verdict: Verdict) -> dict[str, Any]:
    return {
        **asdict(verdict.claim),
        "said": verdict.said,
        "is_sign_right": verdict.is_sign_right if verdict.is_simulated else None,
        "size": verdict.size,
    }
