"""omnilab: try omnichannel strategies on synthetic customers before real ones meet them.

``import omnilab as ol`` is light: what it offers is loaded when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab._lazy import lazy_names

if TYPE_CHECKING:
    from omnilab import plot
    from omnilab.api import (
        AblationResult,
        BacktestResult,
        ClaimChecks,
        ClaimsResult,
        CreditResult,
        EvidenceResult,
        ExperimentFit,
        Finding,
        Fit,
        GateResult,
        HangsResult,
        LintResult,
        MessageFit,
        PatternsResult,
        PlanResult,
        PreviewResult,
        Result,
        SweepResult,
        VisitFit,
        WorldsResult,
        ablate,
        backtest,
        check,
        check_claims,
        claims,
        compare,
        compare_plausible,
        credit,
        evidence,
        fit,
        fit_experiment,
        fit_messages,
        fit_visits,
        hangs,
        lint,
        load_scenario,
        patterns,
        plan,
        preview,
        run,
        sweep,
        validate,
        workers,
    )
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "api": (
                *("AblationResult", "BacktestResult", "ClaimChecks", "check_claims"),
                *("ClaimsResult", "claims"),
                *("EvidenceResult", "backtest"),
                *("evidence", "ExperimentFit", "Finding", "Fit", "HangsResult", "MessageFit"),
                *("PatternsResult", "Result", "SweepResult", "VisitFit", "WorldsResult", "ablate"),
                *("CreditResult", "credit"),
                *("GateResult", "check"),
                *("LintResult", "PreviewResult", "lint", "preview"),
                *("PlanResult", "plan"),
                *("compare", "compare_plausible"),
                *("fit_experiment", "fit_messages", "fit_visits", "hangs", "load_scenario"),
                *("patterns", "run", "sweep", "validate", "workers"),
            ),
            "plot": ("plot",),
            "fit": ("fit",),  # the package, which can be called and says why
        },
    )

__all__ = [
    "AblationResult",
    "BacktestResult",
    "ClaimChecks",
    "ClaimsResult",
    "CreditResult",
    "EvidenceResult",
    "ExperimentFit",
    "Finding",
    "Fit",
    "GateResult",
    "HangsResult",
    "LintResult",
    "MessageFit",
    "PatternsResult",
    "PlanResult",
    "PreviewResult",
    "Result",
    "SweepResult",
    "VisitFit",
    "WorldsResult",
    "__version__",
    "ablate",
    "backtest",
    "check",
    "check_claims",
    "claims",
    "compare",
    "compare_plausible",
    "credit",
    "evidence",
    "fit",
    "fit_experiment",
    "fit_messages",
    "fit_visits",
    "hangs",
    "lint",
    "load_scenario",
    "patterns",
    "plan",
    "plot",
    "preview",
    "run",
    "sweep",
    "validate",
    "workers",
]

__version__ = "0.1.0"
