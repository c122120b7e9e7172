"""A split test beside the truth, as a report."""

from __future__ import annotations

from omnilab.report.arms.document import arms_document

__all__ = ["arms_document"]
