"""A split test beside the truth, as a report and as JSON."""

from __future__ import annotations

from omnilab.report.arms.data import ARMS_FORMAT, arm_rows, arms_data
from omnilab.report.arms.document import arms_document

__all__ = ["ARMS_FORMAT", "arm_rows", "arms_data", "arms_document"]
