"""Paths of touches for tools of attribution: as the brand sees them, one row a path.

Paths of orders without a touch say nothing of channels and are left out, as the tools would have to
do it; `omnilab credit` keeps them under ``unknown``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import pandas as pd

from omnilab.errors import DataError
from omnilab.interop.lives import CENTS

if TYPE_CHECKING:
    from omnilab.attribution.paths import Path

__all__ = ["channel_attribution", "fractribution", "journeys"]

_HOUR: Final = 3600.0


def channel_attribution(paths: Sequence[Path]) -> pd.DataFrame:
    """Return one row for each sequence of sources, with how often it ended how.

    Returns
    -------
    DataFrame
        ``path`` (sources with `` > `` between), ``total_conversions``, ``total_conversion_value``
        (money), ``total_null``.
    """
    frame = _plain(paths)
    frame["total_null"] = 1 - frame["orders"]
    names = {"orders": "total_conversions", "revenue": "total_conversion_value"}
    grouped = frame.rename(columns=names).groupby("path", sort=True, as_index=False)
    return grouped[["total_conversions", "total_conversion_value", "total_null"]].sum()


def fractribution(paths: Sequence[Path]) -> pd.DataFrame:
    """Return the same for fractribution: ``transformedPath``, conversions, revenue."""
    return channel_attribution(paths).rename(
        columns={
            "path": "transformedPath", "total_conversions": "conversions",
            "total_null": "nonConversions", "total_conversion_value": "revenue",
        }
    )[["transformedPath", "conversions", "nonConversions", "revenue"]]  # fmt: skip


def journeys(paths: Sequence[Path]) -> pd.DataFrame:
    """Return one row for each path, for marketing-attribution-models' journeys.

    Returns
    -------
    DataFrame
        ``journey_id`` (from 0), ``channels_agg``, ``time_till_conv_agg`` (hours from each touch to
        the path's end, with `` > `` between), ``converted_agg``, ``conversion_value`` (money).
    """
    known = _known(paths)
    return pd.DataFrame(
        {
            "journey_id": range(len(known)),
            "channels_agg": [" > ".join(p.sources) for p in known],
            "time_till_conv_agg": [
                " > ".join(f"{(p.end - t.time) / _HOUR:.3f}" for t in p.touches) for p in known
            ],
            "converted_agg": [bool(p.orders) for p in known],
            "conversion_value": [p.revenue / CENTS for p in known],
        }
    )


def _plain(paths: Sequence[Path]) -> pd.DataFrame:
    known = _known(paths)
    return pd.DataFrame(
        {
            "path": [" > ".join(p.sources) for p in known],
            "orders": [p.orders for p in known],
            "revenue": [p.revenue / CENTS for p in known],
        }
    )


def _known(paths: Sequence[Path]) -> list[Path]:
    """Return the paths with touches.

    Raises
    ------
    DataError
        Where none of them ends in an order: no tool can give credit then.
    """
    known = [p for p in paths if p.touches]
    if not any(p.orders for p in known):
        raise DataError(
            "no order has a touch that the brand sees before it: take more customers, or a "
            "strategy that sends more"
        )
    return known
