"""What published experiments say of the simulator: as text, JSON, Markdown and HTML.

Nothing heavy is imported until a name is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab._lazy import lazy_names

if TYPE_CHECKING:
    from omnilab.report.evidence.data import EVIDENCE_FORMAT, evidence_data
    from omnilab.report.evidence.html import evidence_html
    from omnilab.report.evidence.markdown import evidence_page
    from omnilab.report.evidence.text import evidence_document
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "data": ("EVIDENCE_FORMAT", "evidence_data"),
            "html": ("evidence_html",),
            "markdown": ("evidence_page",),
            "text": ("evidence_document",),
        },
    )

__all__ = [
    "EVIDENCE_FORMAT",
    "evidence_data",
    "evidence_document",
    "evidence_html",
    "evidence_page",
]
