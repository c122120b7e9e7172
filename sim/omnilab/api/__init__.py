"""omnilab from Python: what ``import omnilab`` offers, loaded when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab._lazy import lazy_names

if TYPE_CHECKING:
    from omnilab.api.ablations import AblationResult, ablate
    from omnilab.api.backtests import BacktestResult, backtest
    from omnilab.api.claim_checks import ClaimChecks, check_claims
    from omnilab.api.claim_readings import ClaimsResult, claims
    from omnilab.api.credits import CreditResult, credit
    from omnilab.api.elsewhere import workers
    from omnilab.api.evidence_runs import EvidenceResult, evidence
    from omnilab.api.experiment_fits import ExperimentFit, fit_experiment
    from omnilab.api.experiments import compare, run
    from omnilab.api.exports import ExportResult, export
    from omnilab.api.fits import Fit, fit
    from omnilab.api.gates import GateResult, check
    from omnilab.api.hanging import HangsResult, hangs
    from omnilab.api.linting import LintResult, PreviewResult, lint, preview
    from omnilab.api.live_tests import PlanResult, plan
    from omnilab.api.log_fits import MessageFit, VisitFit, fit_messages, fit_visits
    from omnilab.api.optimization import OptimizeResult, optimize
    from omnilab.api.over_worlds import AblatedWorlds
    from omnilab.api.pattern_runs import PatternsResult, patterns
    from omnilab.api.result import Result
    from omnilab.api.scenarios import Finding, load_scenario, validate
    from omnilab.api.split_tests import ArmsResult, arms
    from omnilab.api.sweeps import SweepResult, sweep
    from omnilab.api.world_comparisons import WorldsResult, compare_plausible
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "ablations": ("AblationResult", "ablate"),
            "backtests": ("BacktestResult", "backtest"),
            "claim_checks": ("ClaimChecks", "check_claims"),
            "split_tests": ("ArmsResult", "arms"),
            "credits": ("CreditResult", "credit"),
            "claim_readings": ("ClaimsResult", "claims"),
            "evidence_runs": ("EvidenceResult", "evidence"),
            "experiment_fits": ("ExperimentFit", "fit_experiment"),
            "experiments": ("compare", "run"),
            "exports": ("ExportResult", "export"),
            "fits": ("Fit", "fit"),
            "gates": ("GateResult", "check"),
            "linting": ("LintResult", "PreviewResult", "lint", "preview"),
            "live_tests": ("PlanResult", "plan"),
            "log_fits": ("MessageFit", "VisitFit", "fit_messages", "fit_visits"),
            "over_worlds": ("AblatedWorlds",),
            "optimization": ("OptimizeResult", "optimize"),
            "pattern_runs": ("PatternsResult", "patterns"),
            "result": ("Result",),
            "scenarios": ("Finding", "load_scenario", "validate"),
            "hanging": ("HangsResult", "hangs"),
            "sweeps": ("SweepResult", "sweep"),
            "elsewhere": ("workers",),
            "world_comparisons": ("WorldsResult", "compare_plausible"),
        },
    )

__all__ = [
    "AblatedWorlds",
    "AblationResult",
    "ArmsResult",
    "BacktestResult",
    "ClaimChecks",
    "ClaimsResult",
    "CreditResult",
    "EvidenceResult",
    "ExperimentFit",
    "ExportResult",
    "Finding",
    "Fit",
    "GateResult",
    "HangsResult",
    "LintResult",
    "MessageFit",
    "OptimizeResult",
    "PatternsResult",
    "PlanResult",
    "PreviewResult",
    "Result",
    "SweepResult",
    "VisitFit",
    "WorldsResult",
    "ablate",
    "arms",
    "backtest",
    "check",
    "check_claims",
    "claims",
    "compare",
    "compare_plausible",
    "credit",
    "evidence",
    "export",
    "fit",
    "fit_experiment",
    "fit_messages",
    "fit_visits",
    "hangs",
    "lint",
    "load_scenario",
    "optimize",
    "patterns",
    "plan",
    "preview",
    "run",
    "sweep",
    "validate",
    "workers",
]
