"""Numbers for people, in the form of their language: 1,234.5 or 1.234,5; shares as percents."""

from __future__ import annotations

from functools import cached_property
from math import floor, log10
from typing import Any, Final

from omnilab.errors import OptionError, nearest

__all__ = ["NOTHING", "Numbers", "check_locale"]

NOTHING: Final = "–"
MINUS: Final = "\N{MINUS SIGN}"
_UNITS: Final = ("share", "number", "ratio", "count", "points")


class Numbers:
    """Writes numbers with their units.

    Parameters
    ----------
    currency
        Of amounts, three letters.
    locale
        Such as ``en``, ``de`` or ``pt_BR``.
    """

    def __init__(self, currency: str, locale: str = "en") -> None:
        self.currency, self.locale = currency, locale

    def value(self, unit: str, value: float | None, *, near: float | None = None) -> str:
        """Return a value with its unit, as ``80.2%`` or ``€48.19``.

        Parameters
        ----------
        unit
            As in the tables: ``share``, ``number``, ``ratio``, ``count`` or a currency.
        value
            None gives a dash.
        near
            A number whose size says how finely to write, such as the half width of an interval.
        """
        return self._written(unit, value, near, sign=False)

    def signed(self, unit: str, value: float | None, *, near: float | None = None) -> str:
        """Return a difference with its sign; that of shares is in points."""
        return self._written("points" if unit == "share" else unit, value, near, sign=True)

    def interval(self, row: Any, *, signed: bool = False) -> str:
        """Return ``low to high`` of a row; "" where it has none."""
        if row is None or row.get("low") is None or row.get("high") is None:
            return ""
        write = self.signed if signed else self.value
        near = max(abs(row.get("value") or 0.0), (row["high"] - row["low"]) / 2)
        low = write(row["unit"], row["low"], near=near)
        high = write(row["unit"], row["high"], near=near)
        return f"{low} to {high}"

    def of(self, row: Any, *, signed: bool = False) -> str:
        """Return a row's value, as finely as its interval asks for."""
        if row is None:
            return NOTHING
        write = self.signed if signed else self.value
        return write(row["unit"], row["value"], near=_size(row))

    def half(self, row: Any, *, signed: bool = False) -> str:
        """Return half the width of a row's interval, as finely as its value; of shares the number.

        The unit stands beside the value already, where that is a difference in points.
        """
        half = (row["high"] - row["low"]) / 2
        near = max(abs(row["value"]), half)
        if signed and row["unit"] == "share":
            return self._decimal(100 * half, _decimals("points", 100 * near))
        return self.value(row["unit"], half, near=near)

    def whole(self, number: float) -> str:
        """Return a count."""
        return self._decimal(number, 0)

    def percent(self, share: float, *, signed: bool = False) -> str:
        """Return a share as a percent in few digits, also where it is a relative change."""
        size = 100 * abs(share)
        decimals = 0 if size >= 10 or size == 0 else 1 if size >= 0.1 else 2
        number = self._percent(self._decimal(size, decimals))
        return (MINUS if share < 0 else "+" if signed and size else "") + number

    @cached_property
    def vega(self) -> dict[str, Any]:
        """How charts write numbers and dates: D3's definitions of a locale."""
        from babel.dates import get_day_names, get_month_names
        from babel.numbers import get_currency_symbol

        symbols = self._babel.number_symbols.get("latn", {})
        symbol = get_currency_symbol(self.currency, self.locale)
        before = self._pattern.startswith("¤")
        gap = "" if before and len(symbol) == 1 else "\N{NO-BREAK SPACE}"
        months = get_month_names("wide", locale=self.locale)
        short = get_month_names("abbreviated", locale=self.locale)
        days = get_day_names("wide", locale=self.locale)
        brief = get_day_names("abbreviated", locale=self.locale)
        return {
            "number": {
                "decimal": symbols.get("decimal", "."),
                "thousands": symbols.get("group", ","),
                "grouping": [3],
                "currency": [symbol + gap, ""] if before else ["", gap + symbol],
                "minus": MINUS,
            },
            "time": {
                "dateTime": "%x, %X", "date": "%Y-%m-%d", "time": "%H:%M:%S",
                "periods": ["AM", "PM"],
                "days": [days[(n + 6) % 7] for n in range(7)],
                "shortDays": [brief[(n + 6) % 7] for n in range(7)],
                "months": [months[n] for n in range(1, 13)],
                "shortMonths": [short[n] for n in range(1, 13)],
            },
        }  # fmt: skip

    def axis(self, unit: str) -> str:
        """Return D3's format of an axis in a unit."""
        if unit == "share":
            return ",.3~%"
        return "~s" if unit == "count" else ",.4~f" if unit in _UNITS else "$,.4~f"

    def _written(self, unit: str, value: float | None, near: float | None, *, sign: bool) -> str:
        if value is None:
            return NOTHING
        scale = 100.0 if unit in ("share", "points") else 1.0
        decimals = _decimals(unit, scale * max(abs(value), near or 0.0))
        size = round(abs(value) * scale, decimals)
        number = self._decimal(size, decimals)
        if unit == "share":
            number = self._percent(number)
        elif unit == "points":
            number = f"{number}\N{NO-BREAK SPACE}points"
        elif unit not in _UNITS:
            number = self._money(size, decimals, unit)
        if size == 0:
            return number
        return (MINUS if value < 0 else "+" if sign else "") + number

    def _decimal(self, number: float, decimals: int) -> str:
        # As Babel's format_decimal with the pattern #,##0.00, which takes far longer.
        return f"{number:,.{decimals}f}".translate(self._separators)

    @cached_property
    def _separators(self) -> dict[int, str]:
        from babel.numbers import get_decimal_symbol, get_group_symbol

        point, comma = get_decimal_symbol(self._babel), get_group_symbol(self._babel)
        return {ord("."): point, ord(","): comma}

    def _percent(self, number: str) -> str:
        pattern = self._babel.percent_formats[None].pattern  # "#,##0%" or with a space
        return pattern.replace("#,##0", number) if "#,##0" in pattern else f"{number}%"

    def _money(self, number: float, decimals: int, currency: str) -> str:
        from babel.numbers import format_currency

        digits = "." + "0" * decimals if decimals else ""
        pattern = self._pattern.split(";")[0].replace(".00", digits)
        return str(
            format_currency(
                number, currency, format=pattern, locale=self.locale, currency_digits=False
            )
        )

    @cached_property
    def _pattern(self) -> str:
        return str(self._babel.currency_formats["standard"].pattern)

    @cached_property
    def _babel(self) -> Any:
        from babel import Locale

        return Locale.parse(self.locale)


def check_locale(name: str) -> str:
    """Return a locale's name as `Numbers` takes it.

    Raises
    ------
    OptionError
        If there is none of that name.
    """
    from babel import Locale, UnknownLocaleError
    from babel.localedata import locale_identifiers

    wanted = name.replace("-", "_")
    try:
        return str(Locale.parse(wanted))
    except (UnknownLocaleError, ValueError, TypeError):
        raise OptionError(
            f"--locale {name!r}: no such locale{nearest(wanted, locale_identifiers())}"
        ) from None


def _size(row: Any) -> float | None:
    if row.get("low") is None or row.get("high") is None:
        return None
    return float((row["high"] - row["low"]) / 2)


def _decimals(unit: str, size: float) -> int:
    """Return the decimals for about three digits that count; money shows its cents."""
    money = unit not in _UNITS
    if unit == "count":
        return 0
    if size == 0:
        return 2 if money else 1
    wanted = 2 - floor(log10(size))
    if money:
        return 0 if size >= 10_000 else 2 if size >= 0.1 else min(wanted, 5)
    return min(max(1 if unit in ("share", "points") else 0, wanted), 5)
