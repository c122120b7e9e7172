"""Compiled kernels are kept by a key of the sources, so that old code can't stand for new."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from omnilab import _jit

SOURCES = sorted(p.relative_to(_jit._SOURCES) for p in _jit._SOURCES.rglob("*.py"))
APART = [p for p in SOURCES if p.parts[0] in _jit.WITHOUT_KERNELS]


def test_every_source_that_kernels_may_take_from_is_in_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Path(shutil.copytree(_jit._SOURCES, tmp_path / "omnilab"))
    monkeypatch.setattr(_jit, "_SOURCES", copy)
    before = _jit.cache_folder.__wrapped__()
    ignored = []
    for name in SOURCES:
        text = (copy / name).read_text()
        (copy / name).write_text(text + "# another version\n")
        if _jit.cache_folder.__wrapped__() == before:
            ignored.append(name)
        (copy / name).write_text(text)
    assert ignored == APART


@pytest.mark.parametrize("folder", sorted(_jit.WITHOUT_KERNELS))
def test_no_kernel_can_take_from_what_is_left_out(folder: str) -> None:
    """There are none in it, and nothing else imports from it but the entry of the command."""
    assert [p for p in APART if "omnilab._jit" in (_jit._SOURCES / p).read_text()] == []
    named = re.compile(rf"^(from|import) omnilab\.{folder}\b", re.MULTILINE)
    others = [p for p in SOURCES if p not in APART and p.name != "__main__.py"]
    assert [p for p in others if named.search((_jit._SOURCES / p).read_text())] == []
