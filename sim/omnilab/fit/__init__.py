"""Scenario parameters from a user's own purchase log: read, summarise, fit, report.

Loaded on first use, since these modules need pandas, pyarrow and scipy. The package can be called:
``omnilab.fit("orders.csv", status_quo="no_contact")`` is `omnilab.api.fit`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from omnilab._lazy import lazy_names

if TYPE_CHECKING:
    from omnilab.fit.account import Dropped, Finding
    from omnilab.fit.bgnbd import BgNbd, BgNbdFit, fit_bgnbd
    from omnilab.fit.columns import Columns
    from omnilab.fit.gamma_gamma import GammaGamma, GammaGammaFit, fit_gamma_gamma
    from omnilab.fit.maximum import Estimate
    from omnilab.fit.read import Transactions, read_transactions
    from omnilab.fit.report import FitReport, FitRow, expected_cumulative_repeats, fit_report
    from omnilab.fit.summary import (
        Occasions,
        Summary,
        acquisition,
        cumulative_repeats,
        later_occasions,
        occasions_of,
        purchase_occasions,
        repeat_distribution,
        summarise,
    )
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "account": ("Dropped", "Finding"),
            "bgnbd": ("BgNbd", "BgNbdFit", "fit_bgnbd"),
            "columns": ("Columns",),
            "gamma_gamma": ("GammaGamma", "GammaGammaFit", "fit_gamma_gamma"),
            "maximum": ("Estimate",),
            "read": ("Transactions", "read_transactions"),
            "report": ("FitReport", "FitRow", "expected_cumulative_repeats", "fit_report"),
            "summary": (
                "Occasions",
                "Summary",
                "acquisition",
                "cumulative_repeats",
                "later_occasions",
                "occasions_of",
                "purchase_occasions",
                "repeat_distribution",
                "summarise",
            ),
        },
    )

__all__ = [
    "BgNbd",
    "BgNbdFit",
    "Columns",
    "Dropped",
    "Estimate",
    "Finding",
    "FitReport",
    "FitRow",
    "GammaGamma",
    "GammaGammaFit",
    "Occasions",
    "Summary",
    "Transactions",
    "acquisition",
    "cumulative_repeats",
    "expected_cumulative_repeats",
    "fit_bgnbd",
    "fit_gamma_gamma",
    "fit_report",
    "later_occasions",
    "occasions_of",
    "purchase_occasions",
    "read_transactions",
    "repeat_distribution",
    "summarise",
]


class _Package(ModuleType):
    """A package that is a function too.

    Python sets a package's submodules as its attributes, so `omnilab.fit` is this package as soon
    as anything of it was imported, and it alone can be what ``ol.fit(...)`` calls.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Fit a scenario to a purchase log; see `omnilab.api.fit`."""
        # By name: the door stands above this package, which otherwise knows nothing of it.
        return import_module("omnilab.api").fit(*args, **kwargs)


sys.modules[__name__].__class__ = _Package
