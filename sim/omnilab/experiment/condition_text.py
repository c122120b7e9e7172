"""Read conditions on a comparison: the language of ``omnilab compare --fail-if``.

A condition compares two expressions; ``and``, ``or``, ``not`` and parentheses join comparisons. An
expression is made of numbers (``0.5``, ``2%``), ``+ - * /``, parentheses, ``measure(strategy)`` and
four functions of one measure of a strategy, or of its difference between two on the same customers:
``low(..)`` and ``high(..)``, the bounds of the 95% interval, ``p(..)``, the two-sided p-value of a
difference, and ``error(..)``, the standard error.

::

    condition  = conjunction { "or" conjunction }
    conjunction = negation { "and" negation }
    negation   = "not" negation | "(" condition ")" | comparison
    comparison = sum ( "<" | "<=" | ">" | ">=" | "==" | "!=" ) sum
    sum        = product { ( "+" | "-" ) product }
    product    = factor { ( "*" | "/" ) factor }
    factor     = "-" factor | number [ "%" ] | "(" sum ")" | name "(" argument ")"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from omnilab.errors import OptionError, nearest
from omnilab.experiment.condition import (
    ARITHMETIC,
    BOUNDS,
    COMPARE,
    Arithmetic,
    Bound,
    Comparing,
    Condition,
    Joined,
    Logic,
    Measured,
    Negative,
    Not,
    Number,
    Sum,
    measured,
)
from omnilab.measure.catalogue import MEASURES

__all__ = ["parse_condition"]

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<sign><=|>=|==|!=|[-+*/()<>%]))"
)
# A strategy is named as results name it: anything but parentheses, or in quotes with its options.
_STRATEGY: Final = re.compile(r"""\s*(?:"([^"]+)"|'([^']+)'|([^()"'<>=]+?))\s*\)""")
_DEEPEST: Final = 50


def parse_condition(text: str) -> Condition:
    """Read a condition.

    Raises
    ------
    OptionError
        With what is wrong and where, counted from 1, and the nearest measure; also if there is no
        measure in it, so that it would say the same of every comparison.
    """
    root = _Parser(text).whole()
    if next(measured(root), None) is None:
        raise OptionError(
            f"--fail-if {text!r}: there is no measure in it; write measure(strategy), such as "
            "ltv(multichannel)"
        )
    return Condition(text, root)


class _Parser:
    """Reads a condition from left to right, a token at a time."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._depth = text, 0, 0

    def whole(self) -> Logic:
        root = self._either()
        if self._peek():
            raise self._wrong("one comparison ends here; join another with and, or")
        return root

    # -- logic

    def _either(self) -> Logic:
        return self._joined("or", self._both)

    def _both(self) -> Logic:
        return self._joined("and", self._one)

    def _joined(self, word: str, part: Callable[[], Logic]) -> Logic:
        parts = [part()]
        while self._take(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Joined(word, tuple(parts))

    def _one(self) -> Logic:
        with _Deeper(self):
            if self._take("not"):
                return Not(self._one())
            return self._in_parentheses() or self._comparison()

    def _in_parentheses(self) -> Logic | None:
        """Return a condition in parentheses; None where they are around a sum."""
        start = self._at
        if not self._take("("):
            return None
        try:
            inside = self._either()
            if self._take(")") and self._peek() not in (*COMPARE, *ARITHMETIC):
                return inside
        except OptionError:
            pass  # read as a sum it may be right, else the fault is said from there
        self._at = start
        return None

    def _comparison(self) -> Logic:
        left = self._sum()
        sign = self._peek()
        if sign not in COMPARE:
            raise self._wrong("a comparison is needed: < <= > >= == or !=")
        self._take(sign)
        found = Comparing(sign, left, self._sum())
        if self._peek() in COMPARE:
            raise self._wrong("compare two sides only; join comparisons with and")
        return found

    # -- arithmetic

    def _sum(self) -> Sum:
        return self._row(("+", "-"), self._product)

    def _product(self) -> Sum:
        return self._row(("*", "/"), self._factor)

    def _row(self, signs: Sequence[str], part: Callable[[], Sum]) -> Sum:
        left = part()
        while (sign := self._peek()) in signs:
            self._take(sign)
            left = Arithmetic(sign, left, part())
        return left

    def _factor(self) -> Sum:
        with _Deeper(self):
            if self._take("-"):
                return Negative(self._factor())
            if self._take("("):
                inside = self._sum()
                self._need(")")
                return inside
            kind, word = self._token()
            if kind == "number":
                self._take(word)
                value = float(word)
                if value in (float("inf"), -float("inf")):
                    raise self._wrong("a finite number is needed")
                return Number(value / 100 if self._take("%") else value)
            if kind == "name":
                return self._named(word)
            raise self._wrong("a number or measure(strategy) is needed")

    def _named(self, word: str) -> Sum:
        start = self._at
        self._take(word)
        if word in BOUNDS:
            self._need("(")
            return self._bound(word)
        if word not in MEASURES:
            self._at = start
            known = [*MEASURES, *BOUNDS]
            hint = nearest(word, known) or "; omnilab list measures has them"
            raise self._wrong(f"there is no measure {word!r}{hint}")
        if not self._take("("):
            raise self._wrong(f"{word} of which strategy? Write {word}(strategy)")
        found = _STRATEGY.match(self._text, self._at)
        if found is None:
            raise self._wrong(f"a strategy is needed: {word}(strategy)")
        self._at = found.end()
        return Measured(word, next(filter(None, found.groups())).strip())

    def _bound(self, word: str) -> Bound:
        inside = self._sum()
        self._need(")")
        wanted = f"{word}(..) takes measure(a) - measure(b)"
        if isinstance(inside, Measured) and word != "p":
            return Bound(word, inside, None)
        if isinstance(inside, Arithmetic) and inside.sign == "-":
            left, right = inside.left, inside.right
            if isinstance(left, Measured) and isinstance(right, Measured):
                if left.measure == right.measure:
                    return Bound(word, left, right)
                raise self._wrong(f"{wanted} of one measure, not {left.measure} - {right.measure}")
        raise self._wrong(wanted if word == "p" else f"{wanted}, or measure(strategy)")

    # -- tokens

    def _token(self) -> tuple[str, str]:
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            rest = self._text[self._at :].strip()
            if rest:
                raise self._wrong(f"{rest[0]!r} has no meaning here")
            return "", ""
        return str(found.lastgroup), found[str(found.lastgroup)]

    def _peek(self) -> str:
        return self._token()[1]

    def _take(self, word: str) -> bool:
        """Step over a token if it is this one."""
        found = _TOKEN.match(self._text, self._at)
        if found is None or found[str(found.lastgroup)] != word:
            return False
        self._at = found.end()
        return True

    def _need(self, word: str) -> None:
        if not self._take(word):
            raise self._wrong(f"{word!r} is needed")

    def _wrong(self, message: str) -> OptionError:
        rest = self._text[self._at :]
        at = self._at + len(rest) - len(rest.lstrip()) + 1
        where = f"at character {at}" if rest.strip() else "at the end"
        return OptionError(f"--fail-if {self._text!r}, {where}: {message}")


class _Deeper:
    """Counts how deep parentheses and signs are nested, so that no text ends the interpreter."""

    def __init__(self, parser: _Parser) -> None:
        self._parser = parser

    def __enter__(self) -> None:
        self._parser._depth += 1
        if self._parser._depth > _DEEPEST:
            raise self._parser._wrong(f"nested deeper than {_DEEPEST} levels")

    def __exit__(self, *_: object) -> None:
        self._parser._depth -= 1
