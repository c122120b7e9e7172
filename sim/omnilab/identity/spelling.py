"""Write identifiers that mean the same in one way, by type.

A way of writing is a list of steps such as ``case+blanks``, or a name for a usual list: ``email``,
``phone``, ``device``, ``card``. ``exact`` leaves everything as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from omnilab.errors import OptionError, nearest

__all__ = ["DEFAULT_TYPES", "STEPS", "WAYS", "Spelling", "respelled", "spellings"]

Bytes = NDArray[np.uint8]

#: Bytes looked at in one go: few enough for a core's cache, enough for the calls not to count.
BLOCK = 1 << 18

#: What each step takes away, in the order in which they are done.
STEPS = {
    "unicode": "composed and full-width characters in one form (NFKC), no invisible ones",
    "blanks": "no blanks at either end",
    "case": "small letters",
    "punctuation": "letters and digits only",
    "zeros": "no leading zeros",
    "around": "an e-mail address without a name and <>, mailto:, quotes, stops at its ends",
    "float": "whole numbers without .0 at the end, which tables with gaps give them",
    "plus": "an e-mail address without +tag",
    "dots": "an address at gmail.com or googlemail.com without dots before the @",
    "phone": "digits only, +43... and 0043... alike; phone:+43 reads national numbers too",
}
#: Names for usual lists of steps.
WAYS = {
    "exact": (),
    "email": ("unicode", "blanks", "case"),
    "device": ("unicode", "case", "punctuation"),
    "card": ("unicode", "case", "punctuation", "zeros"),
}
#: Types that are e-mail addresses by their name, whose case and outer blanks never tell two
#: persons apart: no provider in use gives out addresses that differ only in case, and those who
#: match addresses for others (advertising platforms, validators) compare them in small letters.
DEFAULT_TYPES = ("email", "e-mail", "e_mail", "mail", "email_address", "emailaddress")

_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), 0x2060, 0xFEFF, 0xAD])
#: Countries whose numbers keep their leading zero behind the country's (Italy, San Marino, ...).
_ZERO_STAYS = ("39", "378", "225", "242")
#: Marks that no address begins or ends with.
_AROUND = " \t\r\n<>()[]\"'`:;,."
_GMAIL = ("gmail.com", "googlemail.com")


@dataclass(frozen=True)
class Spelling:
    """Hold one way of writing.

    Parameters
    ----------
    steps
        Names of `STEPS`, in the order in which they are done.
    country
        For ``phone``, digits of the country of national numbers, or an empty text.
    """

    steps: tuple[str, ...]
    country: str = ""

    @staticmethod
    def read(text: Any, place: str = "normalise") -> Spelling:
        """Read ``case+blanks``, ``email``, ``phone:+43``.

        Raises
        ------
        OptionError
            For an unknown step.
        """
        if not isinstance(text, str):
            raise OptionError(f"{place}: text such as 'case+blanks' is needed, not {text!r}")
        steps: list[str] = []
        country = ""
        for part in re.split(r"\+(?=[A-Za-z])", text.strip()):
            name, colon, given = part.strip().partition(":")
            if name == "phone" and colon:
                country = given.strip().lstrip("+")
                if not re.fullmatch(r"[1-9]\d{0,3}", country):
                    raise OptionError(f"{place}: phone:{given}: a country such as +43 is needed")
            elif colon or name not in {*STEPS, *WAYS}:
                close = nearest(name, [*STEPS, *WAYS])
                raise OptionError(f"{place}: no way of writing {part.strip()!r}{close}")
            steps += WAYS.get(name, (name,))
        return Spelling(tuple(s for s in STEPS if s in steps), country)

    def __call__(self, text: str) -> str:
        """Return the text as it is compared."""
        for step in self.steps:
            text = _DO[step](text, self.country)
        return text


def spellings(types: Any, given: Mapping[str, str] | None) -> dict[str, Spelling]:
    """Return the way of writing of each type that has one, defaults included."""
    ways = {name: "email" for name in types if name.lower() in DEFAULT_TYPES}
    read = {
        name: Spelling.read(text, f"normalise[{name!r}]")
        for name, text in (ways | dict(given or {})).items()
    }
    return {name: spelling for name, spelling in read.items() if spelling.steps}


def respelled(column: Any, spelling: Spelling) -> Any:
    """Return an Arrow column of strings or bytes with each value written in its one way.

    A column that needs no change, the usual case, costs one look at its bytes. What is no UTF-8
    stays as it is, to be refused where all such are.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = _odd_rows(column, spelling)
    if not len(rows):
        return column
    wide = str(column.type).startswith("large")
    raw = column.view(pa.large_binary() if wide else pa.binary())
    found = raw.take(pa.array(rows)).dictionary_encode()
    written = [_bytes(value, spelling) for value in found.dictionary.to_pylist()]
    values = pa.array(written, raw.type).take(found.indices)
    mask = np.zeros(len(raw), np.bool_)
    mask[rows] = True
    return pc.replace_with_mask(raw, pa.array(mask), values)


def _bytes(value: bytes, spelling: Spelling) -> bytes:
    try:
        return spelling(value.decode()).encode()
    except UnicodeDecodeError:
        return value


def _odd_rows(column: Any, spelling: Spelling) -> NDArray[np.int64]:
    """Return the rows whose value may have to be written in another way."""
    _, offsets_buffer, data_buffer = column.buffers()
    none = np.empty(0, np.int64)
    if not len(column) or offsets_buffer is None or data_buffer is None:
        return none
    kind = np.int64 if str(column.type).startswith("large") else np.int32
    offsets = np.frombuffer(offsets_buffer, kind)
    offsets = offsets[column.offset : column.offset + len(column) + 1]
    first, last = int(offsets[0]), int(offsets[-1])
    data = np.frombuffer(data_buffer, np.uint8)[first:last]
    odd, odd_first = _tables(spelling)
    spots = _odd_spots(data, odd)
    if not len(spots) and not odd_first.any():
        return none
    offsets = offsets.astype(np.int64)
    rows = np.searchsorted(offsets, first + spots, side="right") - 1
    if odd_first.any():
        filled = np.flatnonzero(np.diff(offsets))
        rows = np.append(rows, filled[odd_first[data[offsets[filled] - first]]])
    rows = np.unique(rows)
    if column.null_count:
        rows = rows[column.is_valid().to_numpy(zero_copy_only=False)[rows]]
    return rows


def _odd_spots(data: Bytes, odd: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return where the odd bytes are.

    Most data has none, so each block is first compared with ranges of bytes, dozens of bytes at a
    time; only a block with an odd byte is looked up byte by byte.
    """
    ranges = _ranges(odd)
    # Translated as bytes: NumPy would make eight bytes of each to look it up.
    table = odd.astype(np.uint8).tobytes()
    room = np.empty(min(BLOCK, len(data)), np.uint8)
    spots = [np.empty(0, np.int64)]
    for i in range(0, len(data), BLOCK):
        block = data[i : i + BLOCK]
        moved = room[: len(block)]
        # Bytes below `low` wrap round to the top, beyond the range's width.
        if any(np.subtract(block, low, out=moved).min() <= width for low, width in ranges):
            seen = np.frombuffer(block.tobytes().translate(table), np.uint8)
            spots.append(i + np.flatnonzero(seen))
    return np.concatenate(spots)


def _ranges(odd: NDArray[np.bool_]) -> list[tuple[np.uint8, int]]:
    """Return the runs of odd bytes as (first, last - first); 255 and 0 are neighbours."""
    if odd.all():
        return [(np.uint8(0), 255)]
    starts = np.flatnonzero(odd & ~np.roll(odd, 1))
    # A run ends where the next even byte comes, counted on past 255.
    even = np.flatnonzero(np.tile(~odd, 2))
    return [(np.uint8(at), int(even[np.searchsorted(even, at)] - at - 1)) for at in starts]


@lru_cache(maxsize=64)
def _tables(spelling: Spelling) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which bytes anywhere, and which first bytes, show that a value may change."""
    code = np.arange(256)
    upper = (code >= 65) & (code <= 90)
    digit = (code >= 48) & (code <= 57)
    letter = upper | ((code >= 97) & (code <= 122))
    odd = code > 127
    odd_first = np.zeros(256, np.bool_)
    for step in spelling.steps:
        if step == "blanks":
            odd |= (code <= 32) | (code == 127)
        elif step == "case":
            odd |= upper
        elif step == "punctuation":
            odd |= ~(digit | letter)
        elif step == "phone":
            odd |= ~digit & (code != ord("+"))
            odd_first |= digit if spelling.country else code == ord("0")
        elif step == "zeros":
            odd_first |= code == ord("0")
        elif step == "around":
            odd |= np.isin(code, [ord(c) for c in "<>()[]\"'`:;,"])
            odd |= code == ord(".")  # each address has one; it may be the last letter
        elif step == "float":
            odd |= code == ord(".")
        elif step == "plus":
            odd |= code == ord("+")
        elif step == "dots":
            # Each address has a dot; only those of Gmail have to be looked at, but by all of them.
            odd |= code == ord(".")
    return odd, odd_first


def _plain_unicode(text: str, _: str) -> str:
    return normalize("NFKC", text).translate(_INVISIBLE)


def _letters_and_digits(text: str, _: str) -> str:
    return "".join(c for c in text if c.isalnum())


def _no_zeros(text: str, _: str) -> str:
    return text.lstrip("0") or text


def _address_alone(text: str, _: str) -> str:
    """Return the address without what programs and people write around it."""
    named = re.search(r"<([^<>]*@[^<>]*)>\s*$", text)
    bare = named[1] if named else text
    bare = re.sub(r"(?i)^\s*mailto:", "", bare.strip(_AROUND))
    return bare.strip(_AROUND) or text


def _no_float(text: str, _: str) -> str:
    return re.sub(r"^([+-]?\d+)\.0+$", r"\1", text)


def _no_tag(text: str, _: str) -> str:
    name, at, domain = text.rpartition("@")
    cut = name.find("+")
    return f"{name[:cut]}{at}{domain}" if cut > 0 else text


def _no_dots(text: str, _: str) -> str:
    name, at, domain = text.rpartition("@")
    if domain.strip().lower() not in _GMAIL or not name:
        return text
    return f"{name.replace('.', '')}{at}gmail.com"


def _phone(text: str, country: str) -> str:
    """Return ``+`` and digits for an international number, else digits."""
    text = re.sub(r"(?i)^\s*(tel|phone)\s*[:.]", "", text)
    abroad = text.strip().startswith(("+", "(+", "00"))
    if abroad:
        text = re.sub(r"\(\s*0\s*\)", "", text)  # +43 (0) 664: the zero of national calls
    digits = "".join(c for c in normalize("NFKC", text) if c.isdigit())
    if not digits:
        return text
    if abroad:
        return "+" + digits.removeprefix("00")
    if not country:
        return digits
    if digits.startswith("0"):
        return f"+{country}{digits if country in _ZERO_STAYS else digits[1:]}"
    # Without zero and plus a number may still begin with its country.
    is_whole = digits.startswith(country) and len(digits) > 10
    return f"+{digits}" if is_whole else f"+{country}{digits}"


_DO: dict[str, Callable[[str, str], str]] = {
    "unicode": _plain_unicode,
    "blanks": lambda text, _: text.strip(),
    "case": lambda text, _: text.lower(),
    "punctuation": _letters_and_digits,
    "zeros": _no_zeros,
    "around": _address_alone,
    "float": _no_float,
    "plus": _no_tag,
    "dots": _no_dots,
    "phone": _phone,
}
