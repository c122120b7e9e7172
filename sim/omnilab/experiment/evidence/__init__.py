"""Published experiments as files: run on twins, and scored against what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab._lazy import lazy_names

if TYPE_CHECKING:
    from omnilab.experiment.evidence.declared import evidence_files, read_study
    from omnilab.experiment.evidence.many import Evidence, plan_studies, run_studies
    from omnilab.experiment.evidence.result import ClaimResult
    from omnilab.experiment.evidence.running import StudyResult, run_study
    from omnilab.experiment.evidence.score import score_claims
    from omnilab.experiment.evidence.study import Study
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "declared": ("evidence_files", "read_study"),
            "many": ("Evidence", "plan_studies", "run_studies"),
            "result": ("ClaimResult",),
            "running": ("StudyResult", "run_study"),
            "score": ("score_claims",),
            "study": ("Study",),
        },
    )

__all__ = [
    "ClaimResult",
    "Evidence",
    "Study",
    "StudyResult",
    "evidence_files",
    "plan_studies",
    "read_study",
    "run_studies",
    "run_study",
    "score_claims",
]
