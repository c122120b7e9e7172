"""The comment above a scenario that was fitted to messages: what is fitted, what is the base's."""

from __future__ import annotations

from omnilab.fit.messages.course import FittedMessages

__all__ = ["header_of"]


def header_of(found: FittedMessages, base: str) -> str:
    """Return the lines, which name every fitted key with its value and error.

    Parameters
    ----------
    found
        The fit.
    base
        Name of the scenario that it stands on.
    """
    tally = found.tally
    size = f"{tally.n_messages:,} messages to {tally.n_persons:,} persons"
    lines = [f"Fitted on {size}; the rest is {base}'s.", "F: fitted, value and standard error."]
    for key, (value, error) in found.fitted.items():
        near = "" if error is None else f" +- {error:.2g}"
        lines.append(f"F {key}: {value:.4g}{near}")
    lines.append("F brand.journeys: bulk messages a week, by who answered within 30 days")
    return "\n".join(lines)
