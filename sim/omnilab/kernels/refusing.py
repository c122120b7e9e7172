"""Functions that only compiled code calls have no way in from Python, and say so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["refuse_python"]


def refuse_python(name: str) -> Callable[..., Any]:
    """Return what stands for an inner function where Python would call it.

    There is no code that takes Python's objects: a jump to it ended the process.
    """

    def refuse(*_arguments: Any, **_named: Any) -> Any:
        raise TypeError(
            f"{name} is called from compiled code only; from Python call {name}.py_func,"
            " or make it a kernel"
        )

    return refuse
