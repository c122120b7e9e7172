"""Load a generator of pages, docs/make_*.py."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

from tests.conftest import ROOT


def maker(name: str) -> Any:
    """Return the module docs/``name``.py."""
    spec = spec_from_file_location(f"{name}_of_test", ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
