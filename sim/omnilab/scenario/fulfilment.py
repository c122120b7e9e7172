"""How what was chosen gets to the customer: tills in front of which people wait.

Each key says where its default comes from (`omnilab.parameters.declared`).
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from omnilab.parameters.declared import Few, key
from omnilab.parameters.quantity import Duration, Share
from omnilab.scenario.part import Frozen

__all__ = ["MOST_SERVERS", "TillSide", "WithoutNumber"]

MOST_SERVERS = 10_000  # of one line

WithoutNumber: TypeAlias = Literal["none"]
Long = Annotated[Duration, Field(gt=0)]


class TillSide(Frozen):
    """Where one pays after standing in line; who waits too long goes without."""

    servers: Annotated[int, Field(ge=1, le=MOST_SERVERS)] | WithoutNumber = key(
        "none",
        "Tills that are open at once in each town; `none` is without number, so that nobody waits.",
        unit="tills",
        kind="A",
        swept=("1", "none"),
    )
    service: Long = key(
        120,
        "Median time that one customer takes at the till.",
        kind="A",
        swept=("30s", "5min"),
    )
    spread: Few = key(
        0.6,
        "Lognormal sigma of that time.",
        unit="of the natural logarithm",
        kind="A",
        swept=("0", "1.2"),
    )
    patience: Long = key(
        2278,
        "Mean of the exponential time after which a customer who still waits goes without: 10% "
        "leave where the wait is longer than 4 minutes.",
        kind="S/D",
        source="MARC08: 240 s / -ln(0.9)",
    )
    too_long: Duration = key(
        240,
        "Wait from which it may be taken badly; satisfaction falls from 4 minutes on.",
        kind="S",
        source="MARC08",
    )
    annoys: Share = key(
        0.43,
        "Chance that a wait which was longer, or in vain, is a bad experience: 43% say that long "
        "lines change where they shop.",
        kind="S",
        source="MARC08",
    )
