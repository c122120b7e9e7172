"""Texts that tell whether anybody changed them since they were written."""

from __future__ import annotations

import hashlib
from pathlib import Path

__all__ = ["is_sealed", "seal"]

_SAID = "# To be replaced without --replace while this is the SHA-256 of what is above: "


def seal(text: str) -> str:
    """Return a YAML text with a last line, a comment, that holds the digest of what is above."""
    return f"{text}{_SAID}{_digest(text)}\n"


def is_sealed(path: Path) -> bool:
    """Tell whether a file is a sealed text that nobody changed."""
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    above, said, digest = text.rpartition(_SAID)
    return bool(said) and digest == f"{_digest(above)}\n"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
