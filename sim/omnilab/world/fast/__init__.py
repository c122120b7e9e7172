"""Fast twins of rules whose plain form stands in `omnilab.world`.

The plain form reads like its formula. The twin gives the same numbers to the bit and is laid out
for a processor. tests/world/test_fast.py holds each pair equal; with ``OMNILAB_PLAIN=1`` the plain
forms run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from omnilab.kernels.modes import is_plain

__all__ = ["TWINS", "twin_of"]

F = TypeVar("F", bound=Callable[..., Any])

#: Each plain form and its twin, both as their files have them.
TWINS: Final[list[tuple[Any, Any]]] = []


def twin_of(plain: F) -> Callable[[F], F]:
    """Say that a function gives what ``plain`` gives, only faster; one of the two is returned."""

    def chosen(fast: F) -> F:
        TWINS.append((plain, fast))
        return plain if is_plain() else fast

    return chosen
