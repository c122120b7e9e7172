"""Load a generator of pages, docs/make_*.py."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from tests.conftest import ROOT


def maker(name: str) -> Any:
    """Return the module docs/``name``.py; like a script it finds its neighbours."""
    folder = str(ROOT / "docs")
    if folder not in sys.path:
        sys.path.append(folder)
    return import_module(name)
