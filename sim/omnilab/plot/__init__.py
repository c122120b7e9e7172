"""The figures of a report, for a notebook: each returns an Altair chart of a result or a run.

Every function takes a `Result`, or the path of a run directory, as its first argument. The charts
are those of the report's page, so they can be changed and saved as any other Altair chart. Needs
the package ``altair``: ``pip install 'omnilab[plot]'``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab._lazy import lazy_names

if TYPE_CHECKING:
    from omnilab.plot.charts import (
        cascade,
        causes,
        decisions,
        fatigue,
        flow,
        forest,
        frontier,
        groups,
        harm,
        identity,
        identity_cost,
        lead_by_week,
        sweep,
        tornado,
        transitions,
        waterfall,
        weeks,
    )
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "charts": (
                *("cascade", "causes", "decisions", "fatigue", "flow", "forest", "frontier"),
                *(
                    "groups",
                    "harm",
                    "identity",
                    "identity_cost",
                    "lead_by_week",
                    "sweep",
                    "tornado",
                ),
                *("transitions", "waterfall", "weeks"),
            )
        },
    )

__all__ = [
    "cascade",
    "causes",
    "decisions",
    "fatigue",
    "flow",
    "forest",
    "frontier",
    "groups",
    "harm",
    "identity",
    "identity_cost",
    "lead_by_week",
    "sweep",
    "tornado",
    "transitions",
    "waterfall",
    "weeks",
]
