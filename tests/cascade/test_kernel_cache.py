"""Compiled kernels are kept by a key of the sources, so that old code can't stand for new."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from omnilab import _jit


@pytest.mark.parametrize("name", ["_decide", "_heap", "_rows", "_send", "_wheel", "codes", "state"])
def test_every_source_of_the_kernels_is_in_the_key(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = tmp_path / "omnilab"
    shutil.copytree(_jit._SOURCES / "cascade", sources / "cascade")
    monkeypatch.setattr(_jit, "_SOURCES", sources)
    before = _jit.cache_folder.__wrapped__()
    with (sources / "cascade" / f"{name}.py").open("a") as file:
        file.write("# another version\n")
    assert _jit.cache_folder.__wrapped__() != before
