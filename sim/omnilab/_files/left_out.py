"""Count the rows that a reader leaves out, and keep a few of them as examples."""

from __future__ import annotations

__all__ = ["LeftOut"]

#: Examples that are kept of each reason.
EXAMPLES = 3


class LeftOut:
    """Rows or values that can't be used, by reason.

    Parameters
    ----------
    column
        The column whose values are counted; without one rows are.
    keep_places
        Whether such a row stays among the others, without a value in any column.
    """

    def __init__(self, column: str = "", *, keep_places: bool = False) -> None:
        self.column, self.keep_places = column, keep_places
        self.counts: dict[str, int] = {}
        self.examples: dict[str, list[int]] = {}
        self.last: tuple[int, str] | None = None

    def __len__(self) -> int:
        return sum(self.counts.values())

    def add(self, place: int, reason: str, n: int = 1) -> None:
        """Count a row at a line (or a row's number), or more than one from there on."""
        self.last = (place, reason)
        self.counts[reason] = self.counts.get(reason, 0) + n
        kept = self.examples.setdefault(reason, [])
        if len(kept) < EXAMPLES:
            kept.append(place)

    def _what(self, n: int) -> str:
        what = ("value" if self.column else "row") + "s" * (n != 1)
        return f"{what} of {self.column!r}" if self.column else what

    def lines(self, unit: str = "line") -> list[str]:
        """Return one line of text for each reason, with the places of up to three examples."""
        return [
            f"{n:,} {self._what(n)} left out: {reason} "
            f"({unit}{'s' * (len(self.examples[reason]) > 1)} "
            f"{', '.join(f'{p:,}' if unit == 'row' else str(p) for p in self.examples[reason])}"
            f"{', ...' if n > len(self.examples[reason]) else ''})"
            for reason, n in self.counts.items()
        ]
