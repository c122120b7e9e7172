"""The report's page: one HTML file with sections, each a module of its own."""

from __future__ import annotations

from omnilab.report.page.build import TABLES, build_page

__all__ = ["TABLES", "build_page"]
