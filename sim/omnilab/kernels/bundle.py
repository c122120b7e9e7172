"""Pass many arrays to kernels as one pointer.

A named tuple of forty arrays is three hundred arguments to a compiled function: slow to compile
and slow to call. A bundle is an object with arrays as attributes; compiled code gets the address
of a small directory of (data, rows, columns) and reads an array's place when it needs it. As
plain Python the same kernels simply use the attributes.

A kind of bundle is a class that says what its arrays hold:

    class Cell(Bundle):
        meta: Numbers                                     # one record
        person: Records[Person] = rows_of("person")       # one record a person
        rate: Grid[float] = rows_of("person", f8, columns="categories")

so a type checker knows each array and each field, and `Bundle.make` can lay the arrays out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from inspect import get_annotations
from typing import Any, Self, get_args, get_type_hints

from omnilab.kernels.record import Record, record_array

__all__ = ["Bundle", "BundleList", "Rows", "rows_of"]


@dataclass(frozen=True)
class Rows:
    """What is declared of one array of a bundle.

    Attributes
    ----------
    size
        How many rows: the name of a size that `Bundle.make` is given, or a number.
    columns
        How many columns, likewise; None for one dimension.
    world
        The array belongs to the world, so it is copied when a strategy takes over.
    shared
        The array is working space during one event, so cells may share it.
    kind
        A record class, or a NumPy type.
    """

    size: str | int
    columns: str | int | None = None
    world: bool = False
    shared: bool = False
    kind: Any = None

    def shape(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """Return the array's shape where the named sizes are these."""
        axes = [self.size] if self.columns is None else [self.size, self.columns]
        return tuple(sizes[axis] if isinstance(axis, str) else axis for axis in axes)

    def zeros(self, rows: int, columns: int | None = None) -> Any:
        """Return memory for so many rows."""
        if isinstance(self.kind, type) and issubclass(self.kind, Record):
            return record_array(self.kind, rows if columns is None else (rows, columns))
        import numpy as np

        return np.zeros(rows if columns is None else (rows, columns), self.kind)


def rows_of(
    size: str | int,
    kind: Any = None,
    *,
    columns: str | int | None = None,
    world: bool = False,
    shared: bool = False,
) -> Any:
    """Declare an array of a bundle; see `Rows`. Without ``kind`` the annotation names a record."""
    return Rows(size, columns, world, shared, None if kind is None else get_args(kind)[1])


class Bundle:
    """Arrays under names, all C-contiguous, of one or two dimensions.

    Parameters
    ----------
    arrays
        Array by name; the order of names is part of the compiled type. What the class declares as
        one record is given as an array of one.

    Raises
    ------
    TypeError
        If the names are not those that the class declares.
    """

    def __init__(self, arrays: dict[str, Any]) -> None:
        import numpy as np

        singles, names = _declared(_known(type(self)))
        if names and set(arrays) != names:
            wrong = sorted(set(arrays) ^ names)
            raise TypeError(f"{type(self).__name__} does not have, or lacks: {', '.join(wrong)}")
        self._places = {name: 3 * i for i, name in enumerate(arrays)}
        self._singles = singles
        self._arrays = dict(arrays)
        self._directory = np.array([_place(n, a) for n, a in arrays.items()], np.int64).ravel()
        self._at = self._directory.ctypes.data
        for name, array in arrays.items():
            setattr(self, name, array[0] if name in singles else array)
        self._type = None

    @classmethod
    def rows(cls) -> dict[str, Rows]:
        """Return what the class declares of its arrays, by name; one record is one row."""
        return _rows(_known(cls))

    @classmethod
    def make(cls, sizes: Mapping[str, int], given: Mapping[str, Any] | None = None) -> Self:
        """Lay out all arrays for these sizes: zeros, but for those that are given."""
        given = given or {}
        return cls(
            {
                name: given[name] if name in given else rows.zeros(*rows.shape(sizes))
                for name, rows in cls.rows().items()
            }
        )

    def set(self, name: str, array: Any) -> None:
        """Put another array of the same dtype and dimension under a name."""
        i = self._places[name]
        self._directory[i : i + 3] = _place(name, array)
        self._arrays[name] = array
        setattr(self, name, array[0] if name in self._singles else array)

    def replaced(self, **arrays: Any) -> Self:
        """Return a bundle in which some arrays are others."""
        return type(self)({name: arrays.get(name, a) for name, a in self._arrays.items()})

    def arrays(self) -> dict[str, Any]:
        """Return the arrays by name; one record is an array of one."""
        return dict(self._arrays)


def _place(name: str, array: Any) -> tuple[int, int, int]:
    """Return an array's entries in the directory: where it is, its rows and its columns."""
    if not array.flags.c_contiguous or array.ndim not in (1, 2):
        raise ValueError(f"{name}: a bundle holds C-contiguous arrays of 1 or 2 dimensions")
    rows, columns = array.shape if array.ndim == 2 else (len(array), 1)
    return array.ctypes.data, rows, columns


def _known(kind: type[Bundle]) -> Any:
    """Return the class as a key of the caches below; type checkers doubt that it can be one."""
    return kind


@lru_cache(maxsize=64)
def _hints(kind: Any) -> dict[str, Any]:
    """Return the annotations of a kind of bundle, those of its bases first."""
    hints = get_type_hints(kind, include_extras=True)
    order = [n for base in reversed(kind.__mro__) for n in get_annotations(base)]
    return {name: hints[name] for name in dict.fromkeys(order)}


@lru_cache(maxsize=64)
def _declared(kind: Any) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of single records, and all names; both empty for plain bundles."""
    hints = _hints(kind)
    singles = {n for n, h in hints.items() if isinstance(h, type) and issubclass(h, Record)}
    return frozenset(singles), frozenset(hints)


@lru_cache(maxsize=64)
def _rows(kind: Any) -> dict[str, Rows]:
    found = {}
    for name, hint in _hints(kind).items():
        rows = getattr(kind, name, None)
        if isinstance(hint, type) and issubclass(hint, Record):
            found[name] = Rows(1, kind=hint)
        elif isinstance(rows, Rows):
            record = rows.kind if rows.kind is not None else get_args(hint)[0]
            found[name] = replace(rows, kind=record)
        else:
            raise TypeError(f"{kind.__name__}.{name} does not say how many rows it has")
    return found


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
        import numpy as np

        self._bundles, self.like = list(bundles), like
        # Before the first address stands how many there are, for the debug build's checks.
        self._addresses = np.array([len(bundles), *(b._at for b in bundles), 0], dtype=np.int64)
        self._at = self._addresses[1:].ctypes.data

    def __getitem__(self, index: int) -> Bundle:
        return self._bundles[index]

    def __len__(self) -> int:
        return len(self._bundles)
