"""Pass many arrays to kernels as one pointer.

A named tuple of forty arrays is three hundred arguments to a compiled function: slow to compile
and slow to call. A bundle is an object with arrays as attributes; compiled code gets the address
of a small directory of (data, rows, columns) and reads an array's place when it needs it. As
plain Python the same kernels simply use the attributes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from omnilab.kernels.modes import is_plain

__all__ = ["Bundle", "BundleList"]


class Bundle:
    """Arrays under names, all C-contiguous, of one or two dimensions.

    Parameters
    ----------
    arrays
        Array by name; the order of names is part of the compiled type.
    """

    def __init__(self, arrays: dict[str, Any]) -> None:
        self._names = tuple(arrays)
        self._directory = np.zeros(3 * len(arrays), dtype=np.int64)
        self._at = self._directory.ctypes.data
        for name, array in arrays.items():
            self.set(name, array)
        self._type = None

    def set(self, name: str, array: Any) -> None:
        """Put another array of the same dtype and dimension under a name."""
        if not array.flags.c_contiguous or array.ndim not in (1, 2):
            raise ValueError(f"{name}: a bundle holds C-contiguous arrays of 1 or 2 dimensions")
        i = 3 * self._names.index(name)
        self._directory[i] = array.ctypes.data
        self._directory[i + 1] = array.shape[0]
        self._directory[i + 2] = array.shape[1] if array.ndim == 2 else 1
        setattr(self, name, array)

    def replaced(self, **arrays: Any) -> Bundle:
        """Return a bundle in which some arrays are others."""
        return Bundle({name: arrays.get(name, getattr(self, name)) for name in self._names})

    def arrays(self) -> dict[str, Any]:
        """Return the arrays by name."""
        return {name: getattr(self, name) for name in self._names}

    def __getattr__(self, name: str) -> Any:  # for type checkers: attributes are set by `set`
        raise AttributeError(name)


class BundleList:
    """Bundles of one type as one pointer: ``bundles[i]`` is a bundle in kernels too.

    Parameters
    ----------
    bundles
        Any number; kept alive by the list.
    like
        A bundle of their type, for lists that are empty.
    """

    def __init__(self, bundles: Sequence[Bundle], like: Bundle) -> None:
        self._bundles, self.like = list(bundles), like
        # Before the first address stands how many there are, for the debug build's checks.
        self._addresses = np.array([len(bundles), *(b._at for b in bundles), 0], dtype=np.int64)
        self._at = self._addresses[1:].ctypes.data

    def __getitem__(self, index: int) -> Bundle:
        return self._bundles[index]

    def __len__(self) -> int:
        return len(self._bundles)


if not is_plain():
    # Not at the top: it needs the class above. It teaches Numba the bundle's type.
    from omnilab.kernels import numba_bundle as _numba_bundle  # noqa: F401
