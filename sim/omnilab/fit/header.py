"""The comment above a scenario that was fitted to a log: what is fitted, what is the base's."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

__all__ = ["header_of"]


def header_of(
    size: str, base: str, fitted: Mapping[str, tuple[float, float | None]], more: Sequence[str] = ()
) -> str:
    """Return the lines, which name every fitted key with its value and error.

    Parameters
    ----------
    size
        Of the log, in words.
    base
        Name of the scenario that it stands on.
    fitted
        Dotted key -> (value, standard error or None); NaN for a key that holds more than a number.
    more
        Other things that are the log's.
    """
    lines = [f"Fitted on {size}; the rest is {base}'s.", "F: fitted, value and standard error."]
    for key, (value, error) in fitted.items():
        near = "" if error is None else f" +- {error:.2g}"
        lines.append(f"F {key}" + ("" if math.isnan(value) else f": {value:.4g}{near}"))
    return "\n".join([*lines, *(f"F {line}" for line in more)])
