"""Texts that stand where an id is missing: guest 0, ``undefined``, ``[object Object]``."""

from __future__ import annotations

import re

__all__ = ["is_placeholder"]

_WORDS = frozenset(
    {
        "null", "undefined", "none", "nil", "nan", "n/a", "na", "unknown", "anonymous", "anon",
        "guest", "guestuser", "guest user", "not set", "(not set)", "notset", "not provided",
        "(none)", "missing", "empty", "void", "-", "--", "?", "#n/a", "<na>", "<null>", "\\n",
        "[object object]", "object object", "true", "false", "gast", "invite", "invitado",
        "not logged in", "guest checkout", "walk-in", "walk in", "walkin", "walk-in customer",
        "default", "noemail", "no email", "no-email", "test@test.com", "noreply@example.com",
        "00000000-0000-0000-0000-000000000000", "-1",
    }
)  # fmt: skip


def is_placeholder(text: str) -> bool:
    """Return whether a text is no id but stands in the place of one; case doesn't matter."""
    plain = text.strip().lower()
    return plain in _WORDS or re.fullmatch(r"0+(?:\.0+)?", plain) is not None
