"""How the fields of a kind of row lie in a row's four words, and the functions that go there.

A kind of row is a class: `RowKey` and up to 32 bytes of fields of its own. In NumPy a log seen as
that class has the fields under their names (`columns`). Compiled code writes and reads them through
the functions that `words_of_kind` and `field` make, since there a row is a row of any kind.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, dtype_of

__all__ = ["field", "fields_of", "words_of_kind"]

KEY_BYTES: Final = 24  # time, person, sequence, priority, kind, channel, silo
WORDS: Final = "abcd"

assert sys.byteorder == "little"  # fields lie in words from the lowest byte on


def fields_of(kind: type[Record]) -> tuple[str, ...]:
    """Return the names of a kind's own fields, in their order.

    Raises
    ------
    TypeError
        If they take more than a row's four words.
    """
    dtype = dtype_of(kind)
    if dtype.itemsize > KEY_BYTES + 8 * len(WORDS):
        raise TypeError(f"{kind.__name__}: a row has {8 * len(WORDS)} bytes for its fields")
    return tuple(n for n in dtype.names or () if _place(dtype, n)[0] >= 0)


def words_of_kind(kind: type[Record]) -> Callable[..., tuple[int, int, int, int]]:
    """Return a compiled function of a kind's fields, by their names, that returns the four words.

    A value must fit its field: the bits above are cut off.
    """
    dtype = dtype_of(kind)
    names = fields_of(kind)
    parts: list[list[str]] = [[] for _ in WORDS]
    for name in names:
        word, shift, bits = _place(dtype, name)
        # The uppermost field of a word brings its sign, all others are cut to their bits.
        value = name if shift + bits == 64 else f"({name} & {(1 << bits) - 1})"
        parts[word].append(value if shift == 0 else f"({value} << {shift})")
    words = ", ".join(" | ".join(part) or "0" for part in parts)
    label = f"words_of_{kind.__name__.lower()}"
    return _made(label, f"def {label}({', '.join(names)}):\n    return {words}\n")


def field(kind: type[Record], name: str) -> Callable[[Any], int]:
    """Return a compiled function that reads one field of a row that is of this kind."""
    word, shift, bits = _place(dtype_of(kind), name)
    label = f"{kind.__name__.lower()}_{name}"
    lines = [f"def {label}(row):", f"    x = int(row[{WORDS[word]!r}])"]
    if shift + bits == 64:
        lines.append(f"    return x >> {shift}" if shift else "    return x")
    else:
        lines += [
            f"    x = (x >> {shift}) & {(1 << bits) - 1}",
            f"    return x - ((x & {1 << (bits - 1)}) << 1)",  # the uppermost bit is the sign
        ]
    return _made(label, "\n".join(lines) + "\n")


def _place(dtype: np.dtype[Any], name: str) -> tuple[int, int, int]:
    """Return a field's word, its lowest bit there and its bits; a word of -1 is the key."""
    kind, at = (dtype.fields or {})[name][:2]
    at -= KEY_BYTES
    return (at // 8 if at >= 0 else -1), 8 * (at % 8), 8 * kind.itemsize


def _made(name: str, text: str) -> Any:
    """Return a compiled function of this text: each kind's words are other fields."""
    space: dict[str, Any] = {"__name__": __name__}
    exec(text, space)
    return inner(space[name])
