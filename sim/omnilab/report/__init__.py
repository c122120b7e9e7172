"""Reports: what a comparison found, in words and tables.

Nothing heavy is imported until a name is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab._lazy import lazy_names

if TYPE_CHECKING:
    from omnilab.report.document import Document, build_document
    from omnilab.report.page import build_page
    from omnilab.report.terminal import print_document
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "document": ("Document", "build_document"),
            "page": ("build_page",),
            "terminal": ("print_document",),
        },
    )

__all__ = ["Document", "build_document", "build_page", "print_document"]
