"""How compiled code is made, as the environment asks for it."""

from __future__ import annotations

import os

__all__ = ["is_checked", "is_njit_asked_for", "is_plain"]


def is_plain() -> bool:
    """Tell whether kernels run as plain Python (the debug mode, ``OMNILAB_PLAIN=1``)."""
    return _is_set("OMNILAB_PLAIN")


def is_checked() -> bool:
    """Tell whether compiled code checks every index (the debug build, ``OMNILAB_BOUNDS=1``)."""
    return _is_set("OMNILAB_BOUNDS") and not is_plain()


def is_njit_asked_for() -> bool:
    """Tell whether kernels are to be compiled by Numba's plain ``njit`` (``OMNILAB_NJIT=1``)."""
    return _is_set("OMNILAB_NJIT") and not is_plain()


def _is_set(name: str) -> bool:
    return os.environ.get(name, "") not in ("", "0")
