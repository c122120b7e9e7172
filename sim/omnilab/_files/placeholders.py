"""Know the values that programs and shops write where an identifier is missing.

Such a value (``null``, ``[object Object]``, a row of zeros) is the same for many strangers. Taken
for an identifier, it would join them all. The list holds what customer data platforms block or
recommend to block, and what common software is known to send by mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from unicodedata import normalize

__all__ = ["CUT_NUMBER", "PLACEHOLDERS", "Placeholders", "fold", "where_placeholders"]

#: Words for nothing, nobody or not known, in small letters.
_WORDS = (
    "null", "nil", "none", "undefined", "nan", "na", "n/a", "n.a.", "#n/a", "#na", "nat", "<na>",
    "(null)", "<null>", "<nil>", "\\n", "-1", "true", "false", "void", "missing", "empty",
    "invalid", "unknown", "not set", "(not set)", "not provided", "(not provided)",
    "not available", "not applicable", "not_authenticated", "unassigned", "pending", "anonymous",
    "anon", "guest", "test", "default", "no email", "no-email", "noemail", "no phone", "no id",
    "notset", "(none)", "object object", "#n/a n/a", "-nan", "1.#ind", "-1.#ind", "1.#qnan",
    "-1.#qnan",
)  # fmt: skip
#: What shops and tills write for who buys without an account.
_GUESTS = (
    "guest user", "guestuser", "guest checkout", "guest customer", "not logged in", "walk-in",
    "walk in", "walkin", "walk-in customer", "gast", "invit\u00e9", "invite", "invitado",
)  # fmt: skip
#: Names of the field itself, which a wrong call sends in the place of its value.
_FIELDS = (
    "id", "userid", "user_id", "distinctid", "distinct_id", "anonymousid", "anonymous_id",
    "customerid", "customer_id", "deviceid", "device_id", "email", "phone",
)  # fmt: skip
#: Addresses that people type into a form which insists on one.
_ADDRESSES = (
    "test@test.com", "test@test.de", "test@test.test", "test@example.com", "test@example.org",
    "test@gmail.com", "test@mail.com", "user@example.com", "email@example.com",
    "example@example.com", "example@email.com", "email@email.com", "mail@mail.com",
    "none@none.com", "no@no.com", "na@na.com", "null@null.com", "noemail@noemail.com",
    "no@email.com", "none@email.com", "undefined@undefined.com", "unknown@unknown.com",
    "anonymous@anonymous.com", "guest@guest.com", "fake@fake.com", "asdf@asdf.com",
    "abc@abc.com", "a@a.com", "noreply@example.com",
)  # fmt: skip
#: Device ids that many devices have: an early Android's, the address that phones show to apps.
_DEVICES = (
    "9774d56d682e549c",
    "02:00:00:00:00:00",
    "ff:ff:ff:ff:ff:ff",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "ffffffffffffffff",
)
#: What is taken for a placeholder unless told otherwise, in small letters. Beside it stand three
#: rules: no letter and no digit but zero; an object that a program turned into text; a field of a
#: template that was never filled in.
PLACEHOLDERS = (*_WORDS, *_GUESTS, *_FIELDS, *_ADDRESSES, *_DEVICES)

#: A long number as a spreadsheet writes it, which has lost most of its digits: ``1.23E+12``.
CUT_NUMBER = re.compile(r"\d(?:[.,]\d{1,5})?E\+(?:0?[5-9]|[1-9]\d)")
_OBJECT = re.compile(r"\[(object|function)\b.*|function\s*\(.*", re.DOTALL)
_TEMPLATE = re.compile(
    r"\{\{.*\}\}|\$\{.*\}|\{%.*%\}|%%.*%%|\*\|.*\|\*|\[\[.*\]\]|<%.*%>", re.DOTALL
)
# Of folded ASCII text, what may be a placeholder by a rule; the rules decide.
_SUSPECT = r"^(?:[\[{$%*<]|function|[^1-9a-z]*$)"
_QUOTES = " \t\r\n\v\f\"'`"


def fold(text: str) -> str:
    """Return a value as the list compares it: small letters, without outer blanks and quotes."""
    return normalize("NFKC", text).strip(_QUOTES).casefold()


class Placeholders:
    """Hold the values that stand for nobody.

    Parameters
    ----------
    add
        Further values; case, outer blanks and outer quotes do not count.
    keep
        Values that are real identifiers here though the list or a rule names them, such as ``0``.
    defaults
        Whether `PLACEHOLDERS` and the three rules count.

    Examples
    --------
    >>> known = Placeholders(add=["walk-in"], keep=["guest"])
    >>> [value in known for value in ("NULL", "0000-00", "walk-in", "guest", "{{ user.id }}", "7")]
    [True, True, True, False, True, False]
    """

    def __init__(
        self, add: Iterable[str] = (), keep: Iterable[str] = (), *, defaults: bool = True
    ) -> None:
        self.add = frozenset(map(fold, add))
        self.keep = frozenset(map(fold, keep))
        self.defaults = defaults
        listed = self.add | frozenset(PLACEHOLDERS if defaults else ())
        self.values = listed - self.keep

    def __contains__(self, text: object) -> bool:
        if not isinstance(text, str):
            return False
        plain = fold(text)
        if plain in self.values:
            return True
        return self.defaults and plain not in self.keep and _is_by_rule(plain)

    def __bool__(self) -> bool:
        return bool(self.values) or self.defaults

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Placeholders) and self.as_dict() == other.as_dict()

    def __hash__(self) -> int:
        return hash((self.add, self.keep, self.defaults))

    def as_dict(self) -> dict[str, Any]:
        """Return the arguments that make such a list, for JSON."""
        return {"add": sorted(self.add), "keep": sorted(self.keep), "defaults": self.defaults}


def where_placeholders(texts: Any, known: Placeholders) -> Any:
    """Return which values of a column of text stand for nobody.

    Arrow finds the few that may; only these are looked at one by one.

    Parameters
    ----------
    texts
        Arrow array of strings; a missing value is no placeholder.
    known
        The values.

    Returns
    -------
    pyarrow.BooleanArray
        Of the column's length, without nulls.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = pc.ascii_lower(pc.ascii_trim(texts, characters=_QUOTES))
    maybe = pc.is_in(plain, value_set=pa.array(sorted(known.values), texts.type))
    maybe = pc.or_(maybe, pc.invert(pc.string_is_ascii(texts)))
    if known.defaults:
        maybe = pc.or_(maybe, pc.match_substring_regex(plain, _SUSPECT))
    few = pc.unique(texts.filter(pc.fill_null(maybe, False)))
    found = pa.array([text for text in few.to_pylist() if text in known], texts.type)
    return pc.fill_null(pc.is_in(texts, value_set=found), False)


def _is_by_rule(plain: str) -> bool:
    if all(c == "0" or not c.isalnum() for c in plain):
        return True
    if plain[0] not in "[{$%*<f":  # saves most values the patterns
        return False
    return bool(_OBJECT.fullmatch(plain) or _TEMPLATE.fullmatch(plain))
