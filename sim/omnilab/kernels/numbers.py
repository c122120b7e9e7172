"""Numbers that are given out by hand, each to one thing: bits of a mask, kinds of items or rows."""

from __future__ import annotations

__all__ = ["Numbers"]


class Numbers:
    """The numbers of one sort of thing.

    Parameters
    ----------
    what
        What has them, as an error names it.
    size
        They go from 0 to ``size - 1``.
    first_free
        From where on an error looks for a free one.
    """

    def __init__(self, what: str, size: int, first_free: int = 0) -> None:
        self._what, self._size, self._first_free = what, size, first_free
        self.names: dict[int, str] = {}  # of those that are taken

    def give(self, number: int, name: str) -> int:
        """Give a number to a thing; return it.

        Raises
        ------
        ValueError
            If the number or the name is another's, or the number is out of range; names a free one.
        """
        if name in self.names.values():
            raise ValueError(f"{self._what} {name}: there is one of that name")
        if number in self.names or not 0 <= number < self._size:
            owner = f"not 0..{self._size - 1}"
            if number in self.names:
                owner = f"that of {self.names[number]}"
            raise ValueError(f"{self._what} {name}: {number} is {owner}; {self._free()}")
        self.names[number] = name
        return number

    def _free(self) -> str:
        found = (n for n in range(self._first_free, self._size) if n not in self.names)
        number = next(found, None)
        return "none is free" if number is None else f"{number} is free"
