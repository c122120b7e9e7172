"""Read amounts of money as people write them, and the currency that stands beside them.

Whether the comma or the point is the decimal sign is decided for a whole column, and only by a
proof: ``1.250.000`` and ``1.234,50`` prove that the point parts thousands, ``12.5`` that it does
not. ``150.000`` alone proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from omnilab.errors import DataError

__all__ = ["currency_of", "parse_amounts", "read_amounts"]

# What only one of the two readings allows.
_COMMA_DECIMAL = re.compile(
    r",(?:\d{1,2}|\d{4,})$|\.\d{3},|\d\.\d{3}\.\d{3}(?!\d)|(?:^|\D)0,\d+$|\d{4,},\d+$"
)
_POINT_DECIMAL = re.compile(
    r"\.(?:\d{1,2}|\d{4,})$|,\d{3}\.|\d,\d{3},\d{3}(?!\d)|(?:^|\D)0\.\d+$|\d{4,}\.\d+$"
)
_UNSURE = re.compile(r"[+-]?\d{1,3}\.\d{3}")
_MIXED = 0.05  # both readings proved: beyond this share it is no slip of a key
_LARGEST = 1e15  # beyond it no amount is exact to the cent, and sums run over
_FLOAT = re.compile(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d+")

_SIGNS = {
    "$": "$", "€": "EUR", "£": "GBP", "¥": "JPY", "₽": "RUB", "₹": "INR", "₺": "TRY", "₩": "KRW",
    "₪": "ILS", "zł": "PLN", "kr": "kr", "Rp": "IDR", "R$": "BRL", "US$": "USD", "A$": "AUD",
    "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "HK$": "HKD", "Kč": "CZK", "Ft": "HUF", "CHF": "CHF",
    "Fr.": "CHF", "₫": "VND", "฿": "THB", "₱": "PHP", "₴": "UAH", "лв": "BGN", "lei": "RON",
}  # fmt: skip
_MARK = "|".join(
    [*sorted(map(re.escape, _SIGNS), key=len, reverse=True), r"[A-Za-z]{3}", r"[A-Z]{2}\$"]
)
_BEFORE = re.compile(rf"^([+-]?)({_MARK})\.?(?=[\d.,(+-])")
_AFTER = re.compile(rf"(?<=[\d.,)-])({_MARK})\.?$")
_SWAPPED = str.maketrans(",.", ".,")


def parse_amounts(texts: Iterable[str]) -> npt.NDArray[np.float64]:
    """Return amounts of money, NaN where unreadable; as `read_amounts`, but nothing is refused.

    Parameters
    ----------
    texts
        Shape (n,): distinct spellings.
    """
    bare = [_bare_number(text) for text in texts]
    comma, point = _proofs(bare)
    swap = len(comma) > len(point)
    return np.array([_number(text, swap) for text in bare], dtype=np.float64)


def read_amounts(
    texts: Iterable[str], *, file: str | Path, column: str, decimal: str | None = None
) -> tuple[npt.NDArray[np.float64], str | None]:
    """Return amounts of money, NaN where unreadable, and how they were read.

    Currency signs and codes are left out; ``(12.50)`` and ``12.50-`` are negative.

    Parameters
    ----------
    texts
        Shape (n,): distinct spellings.
    file, column
        For messages.
    decimal
        ``"."`` or ``","`` where the user says which it is.

    Returns
    -------
    amounts, note
        Shape (n,); a sentence where the column decided something, else None.

    Raises
    ------
    DataError
        Where the point may be either (``150.000`` and no proof), or both are proved.
    """
    texts = list(texts)
    bare = [_bare_number(text) for text in texts]
    comma, point = _proofs(bare)
    if decimal is not None:
        swap = decimal == ","
    else:
        few, many = sorted((comma, point), key=len)
        if len(few) > max(1, _MIXED * len(many)):
            raise DataError(
                f"amounts in column {column!r} are written in two ways: {texts[comma[0]][:40]!r} "
                f"has a decimal comma, {texts[point[0]][:40]!r} a decimal point: write them in "
                "one, or say which holds with --decimal , or --decimal .",
                file=file,
            )
        swap = len(comma) > len(point)
        unsure = [i for i, text in enumerate(bare) if _UNSURE.fullmatch(text)]
        if unsure and not comma and not point:
            example = texts[unsure[0]][:40]
            raise DataError(
                f"amounts such as {example!r} in column {column!r} can be thousands or have "
                "three decimals: say which sign is the decimal one with --decimal , or --decimal .",
                file=file,
            )
    amounts = np.array([_number(text, swap) for text in bare], dtype=np.float64)
    note = None
    if swap and decimal is None:
        note = (
            f"amounts in column {column!r} have a decimal comma and a point between thousands: "
            f"{texts[comma[0]][:40]!r} can't be read otherwise"
        )
    return amounts, note


def currency_of(text: str) -> str | None:
    """Return the currency that an amount names by sign or code, None where it names none."""
    squeezed = _squeeze(text)
    match = _BEFORE.search(squeezed)
    mark = match[2] if match else (m[1] if (m := _AFTER.search(squeezed)) else None)
    if mark is None or not any(c.isdigit() for c in squeezed):
        return None
    return _SIGNS.get(mark) or mark.upper()


def _proofs(bare: list[str]) -> tuple[list[int], list[int]]:
    """Return the places of the texts that only a decimal comma reads, and only a point."""
    comma = [i for i, text in enumerate(bare) if _COMMA_DECIMAL.search(text)]
    point = [i for i, text in enumerate(bare) if _POINT_DECIMAL.search(text)]
    both = set(comma) & set(point)  # such as 12,34.5, which neither reads
    return [i for i in comma if i not in both], [i for i in point if i not in both]


def _squeeze(text: str) -> str:
    """Return a text without blanks and apostrophes, and with a plain minus."""
    return re.sub(r"[\s\u00a0\u202f\u2009'\u2019]", "", text).translate({0x2212: "-", 0x2013: "-"})


def _bare_number(text: str) -> str:
    """Return a number's digits, signs, commas and points; other letters where it is none."""
    bare = _squeeze(text)
    if _FLOAT.fullmatch(bare):
        return bare
    bare = _BEFORE.sub(r"\1", bare)
    bare = _AFTER.sub("", bare)
    bare = re.sub(r"(?<=\d)[.,]-{1,2}$", "", bare)  # 12,- and 12.--
    if re.fullmatch(r"\(.+\)", bare):
        inside = _bare_number(bare[1:-1])
        bare = inside if inside.startswith("-") else "-" + inside
    elif re.fullmatch(r"[\d.,]+-", bare):  # as accounts write it
        bare = "-" + bare[:-1]
    if re.fullmatch(r"-?[A-Za-z]{3}[\d.,]+|-?[\d.,]+[A-Za-z]{3}", bare):
        bare = re.sub(r"[A-Za-z]", "", bare)
    return bare


def _number(text: str, swap: bool) -> float:
    """Return the number; ``swap`` where the comma is the decimal sign."""
    if swap and not _FLOAT.fullmatch(text):
        text = text.translate(_SWAPPED)
    if re.search(r",(?!\d{3}(?:\D|$))", text):
        return float("nan")  # a comma that parts no thousands
    if re.search(r"\d{4,},|^[+-]?,", text):
        return float("nan")  # nor does 1234,567
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        return float("nan")
    return value if abs(value) <= _LARGEST else float("nan")
