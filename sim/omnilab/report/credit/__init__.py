"""Credit beside the truth, as a report, a page of Markdown or HTML, and JSON."""

from __future__ import annotations

from omnilab.report.credit.data import CREDIT_FORMAT, credit_data, credit_rows
from omnilab.report.credit.document import credit_document
from omnilab.report.credit.pages import credit_html, credit_page

__all__ = [
    "CREDIT_FORMAT",
    "credit_data",
    "credit_document",
    "credit_html",
    "credit_page",
    "credit_rows",
]
