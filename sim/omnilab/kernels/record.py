"""Records: classes of named numbers, from which a layout in memory is derived.

A record class says once what a record holds: each field's name, its size, and its first value.
The same class is the type that functions name (``person: Person``), so a type checker knows every
field, and compiled code gets the layout from `dtype_of`.

    class Pressure(Record):
        pressure: f8 = 0.0  # what is left of the messages got
        pressure_t: i8 = 0  # when that was, in seconds
        recent: Ints = several(4, i8, first=-1)

A class that inherits from several record classes holds the fields of all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from inspect import get_annotations
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Generic,
    Self,
    TypeVar,
    get_args,
    get_type_hints,
    overload,
)

from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "Floats",
    "Grid",
    "Ints",
    "Record",
    "Records",
    "Vector",
    "as_records",
    "copier",
    "dtype_of",
    "f8",
    "i1",
    "i2",
    "i4",
    "i8",
    "names_of",
    "record_array",
    "several",
    "starter",
    "zeros_of",
]

# The sizes of fields. To a type checker they are whole numbers and floats.
i1 = Annotated[int, "i1"]
i2 = Annotated[int, "i2"]
i4 = Annotated[int, "i4"]
i8 = Annotated[int, "i8"]
f8 = Annotated[float, "f8"]
_SIZES = ("i1", "i2", "i4", "i8", "f8")

T = TypeVar("T")


class Vector(Generic[T]):
    """What a type checker knows of an array of one dimension."""

    shape: tuple[int, ...]

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: Any) -> Any:
        """Return an element or a part."""
        raise NotImplementedError

    def __setitem__(self, index: int, value: T) -> None:
        """Write an element."""
        raise NotImplementedError

    def __len__(self) -> int:
        """Return how many elements there are."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[T]:
        """Go through the elements."""
        raise NotImplementedError


class Records(Vector[T]):
    """What a type checker knows of an array of records."""


class Grid(Generic[T]):
    """What a type checker knows of an array of two dimensions."""

    shape: tuple[int, int]

    @overload
    def __getitem__(self, index: tuple[int, int]) -> T: ...
    @overload
    def __getitem__(self, index: int) -> Vector[T]: ...
    def __getitem__(self, index: Any) -> Any:
        """Return an element or a row."""
        raise NotImplementedError

    def __setitem__(self, index: tuple[int, int], value: T) -> None:
        """Write an element."""
        raise NotImplementedError

    def __len__(self) -> int:
        """Return how many rows there are."""
        raise NotImplementedError


Ints = Vector[int]
Floats = Vector[float]


class Record:
    """The base of record classes. Its subclasses describe memory and are never instantiated.

    Attributes
    ----------
    common
        Fields that several bases declare and share; any other name may be declared once.
    """

    common: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        raise TypeError(f"{type(self).__name__} describes memory: use record_array")


@dataclass(frozen=True)
class _Several:
    """A field of several numbers of one size."""

    size: int
    kind: Any
    first: float | None


def several(size: int, kind: Any, first: float | None = None) -> Any:
    """Declare a field of ``size`` numbers of one kind, all with the same first value."""
    return _Several(size, get_args(kind)[1], first)


def dtype_of(record: type[Record]) -> np.dtype[Any]:
    """Return the layout of a record class: its fields in order, those of its bases first.

    Raises
    ------
    TypeError
        If a field has no size, or if two bases have a field of the same name.
    """
    import numpy as np

    fields: list[Any] = []
    for name, (kind, size, _) in _fields(record).items():
        if hasattr(np.record, name):
            raise TypeError(f"{record.__name__}.{name}: NumPy's records have a method so named")
        fields.append((name, kind) if size is None else (name, kind, (size,)))
    return np.dtype(fields, align=True)


def names_of(record: type[Record]) -> tuple[str, ...]:
    """Return the names of a record's fields, those of its bases first."""
    return tuple(_fields(record))


def record_array(record: type[Record], shape: int | tuple[int, ...]) -> Any:
    """Return records in memory, all zeros, in an array of this shape."""
    if record not in _IN_MEMORY:
        _IN_MEMORY[record] = dtype_of(record)
    return zeros_of(_IN_MEMORY[record], shape)


def zeros_of(dtype: np.dtype[Any], shape: int | tuple[int, ...]) -> Any:
    """Return records of a layout in memory, all zeros, in an array of this shape."""
    import numpy as np

    return np.zeros(shape, _as_records(dtype)).view(np.recarray)


def as_records(array: Any, dtype: np.dtype[Any]) -> Any:
    """Return an array's memory seen as records of a layout."""
    import numpy as np

    return array.view(_as_records(dtype)).view(np.recarray)


@lru_cache(maxsize=256)
def _as_records(dtype: Any) -> Any:
    """Return a layout as that of NumPy's records.

    A view of plain ones has to be made into it each time, and each one made is new to Numba.
    """
    import numpy as np

    return np.dtype((np.record, dtype))


def starter(record: type[Record], *, without: tuple[str, ...] = ()) -> Callable[[Any], None]:
    """Return a compiled function that gives a record's fields their first values.

    Parameters
    ----------
    record
        The class. Fields without a first value are left as they are.
    without
        Fields that are left as they are although they have a first value.
    """
    lines = []
    for name, (_, size, first) in _fields(record).items():
        if first is None or name in without:
            continue
        if size is None:
            lines.append(f"record.{name} = {first!r}")
        else:
            lines.append(f"for k in range({size}): record.{name}[k] = {first!r}")
    # The function is written out, so that compiled code has one plain assignment a field.
    body = "\n".join(f"    {line}" for line in lines) or "    pass"
    space: dict[str, Any] = {"__name__": record.__module__}
    exec(f"def start_{record.__name__.lower()}(record):\n{body}\n", space)
    return inner(space[f"start_{record.__name__.lower()}"])


def copier(record: type[Record], *, without: tuple[str, ...] = ()) -> Callable[[Any, Any], None]:
    """Return a compiled function ``copy(to, of)`` that copies a record field by field."""
    lines = []
    for name, (_, size, _) in _fields(record).items():
        if name in without:
            continue
        if size is None:
            lines.append(f"to.{name} = of.{name}")
        else:
            lines.append(f"for k in range({size}): to.{name}[k] = of.{name}[k]")
    body = "\n".join(f"    {line}" for line in lines) or "    pass"
    space: dict[str, Any] = {"__name__": record.__module__}
    exec(f"def copy_{record.__name__.lower()}(to, of):\n{body}\n", space)
    return inner(space[f"copy_{record.__name__.lower()}"])


def _fields(record: type[Record]) -> dict[str, tuple[Any, int | None, float | None]]:
    """Return by name: the NumPy type, how many (None: one), and the first value (None: none)."""
    if record not in _KNOWN:
        _KNOWN[record] = _read_fields(record)
    return _KNOWN[record]


_KNOWN: dict[type[Record], dict[str, tuple[Any, int | None, float | None]]] = {}
_IN_MEMORY: dict[type[Record], Any] = {}


def _read_fields(record: type[Record]) -> dict[str, tuple[Any, int | None, float | None]]:
    owner: dict[str, str] = {}
    found: dict[str, tuple[Any, int | None, float | None]] = {}
    for base in reversed(record.__mro__):
        if base in (object, Record) or not issubclass(base, Record):
            continue
        hints = get_type_hints(base, include_extras=True)
        for name in get_annotations(base):
            if name in owner and name not in record.common:
                raise TypeError(f"{base.__name__}.{name}: {owner[name]} has that field already")
            owner[name] = base.__name__
            found[name] = _field(base, name, hints[name])
    return found


def _field(base: type, name: str, hint: Any) -> tuple[Any, int | None, float | None]:
    value = base.__dict__.get(name)
    if isinstance(value, _Several):
        return value.kind, value.size, value.first
    sizes = [size for size in get_args(hint)[1:] if size in _SIZES]
    if not sizes:
        raise TypeError(f"{base.__name__}.{name}: say i1, i2, i4, i8 or f8, or use several()")
    return sizes[0], None, value
