"""Reports: what a comparison found, in words and tables.

Nothing heavy is imported until a name is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omnilab.report.document import Document, build_document
    from omnilab.report.html import html_page
    from omnilab.report.terminal import print_document

__all__ = ["Document", "build_document", "html_page", "print_document"]

_HOME = {
    "Document": "document",
    "build_document": "document",
    "html_page": "html",
    "print_document": "terminal",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
