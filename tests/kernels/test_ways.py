"""Kernels give the same results by omnilab's pipeline and by Numba's plain njit."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from omnilab.errors import OmnilabWarning
from omnilab.kernels import ways
from omnilab.kernels.compiling import inner, kernel
from omnilab.kernels.modes import is_plain
from omnilab.kernels.ways import Way, chosen_way, compile_by

pytestmark = pytest.mark.skipif(is_plain(), reason="nothing is compiled")


def choose() -> tuple[Way, list[str]]:
    """Choose as a new process would, and return the warnings too."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        way = chosen_way.__wrapped__()
    # Others may come from what an earlier test left to be cleared away.
    return way, [str(w.message) for w in caught if w.category is OmnilabWarning]


def twice_the_next(way: Way, x: Any) -> Any:
    """Compile a kernel with an inner function, and call it."""
    below = compile_by(way, lambda y: y + 1, entry=False)
    return compile_by(way, lambda y: below(y) * 2, entry=True)(x)


def test_the_installed_numba_has_what_the_pipeline_needs() -> None:
    way, said = choose()
    assert (way.name, said) == ("pipeline", [])
    assert twice_the_next(way, 20) == 42


def test_numba_that_is_let_in_has_been_tested(root: Path) -> None:
    """A wider range in pyproject.toml asks for a look at docs/developers/kernels.md."""
    import tomllib

    listed = tomllib.loads((root / "pyproject.toml").read_text())["project"]["dependencies"]
    (numba,) = (d for d in listed if d.startswith("numba"))
    assert numba == "numba>=0.68.1,<0.69"
    assert ways.TESTED == ("0.68.",)


def test_plain_njit_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMNILAB_NJIT", "1")
    way, (said,) = choose()
    assert way.name == "njit"
    assert "OMNILAB_NJIT asks for it" in said
    assert twice_the_next(way, 20) == 42
    assert twice_the_next(way, 0.25) == 2.5


@pytest.mark.parametrize(
    "gone", ["numba.core.codegen.JITCodeLibrary", "numba.core.typed_passes.PreLowerStripPhis"]
)
def test_a_private_name_that_is_gone_leaves_plain_njit(
    monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    monkeypatch.delitem(sys.modules, "omnilab.kernels.numba_pipeline", raising=False)
    monkeypatch.delattr(gone)
    way, (said,) = choose()
    assert way.name == "njit"
    assert gone.rpartition(".")[2] in said
    assert way.make_cache is not None
    assert twice_the_next(way, 20) == 42


def test_an_unknown_numba_is_tried_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ways, "TESTED", ())
    assert choose()[0].name == "pipeline"
    # What has the right name and no longer does its work.
    from omnilab.kernels import numba_pipeline

    monkeypatch.setattr(numba_pipeline.PartLowering, "run_pass", lambda _self, _state: True)
    way, (said,) = choose()
    assert way.name == "njit"
    assert "has other inner parts" in said


def test_a_cache_that_cannot_be_kept_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from omnilab.kernels import numba_cache

    monkeypatch.setattr(ways, "TESTED", ())
    monkeypatch.setattr(numba_cache.KernelCache, "_save_overload", lambda *_: None)
    way, (said,) = choose()
    assert (way.name, way.make_cache) == ("njit", None)
    assert "compiled anew at each start" in said
    assert twice_the_next(way, 20) == 42


@inner
def _below(x: int) -> int:
    return x + 1


@kernel
def _above(x: int) -> int:
    return _below(x) * 2


def test_an_inner_function_called_from_python_is_an_error() -> None:
    """Before it was compiled and after: a call would jump to code that is not there."""
    for _ in range(2):
        with pytest.raises(TypeError, match=r"_below is called from compiled code only.*py_func"):
            _below(1)
        assert _above(20) == 42
    assert _below.py_func(1) == 2


_DRAWS = """
import json, warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    from omnilab.draws import inverse, philox
    from omnilab.kernels.ways import chosen_way
    key = philox.make_key(1, 2)
    draws = [philox.draw4(*key, 5, n, 7) for n in range(50)]
    found = [inverse.normal(u[0]) for u in draws]
print(json.dumps([chosen_way().name, len(caught), draws, found]))
"""


@pytest.mark.slow
def test_draws_are_the_same_to_the_bit(root: Path, tmp_path: Path) -> None:
    found = {}
    for njit in ("0", "1", "1"):  # the second time from the cache
        environment = {**os.environ, "OMNILAB_NJIT": njit, "OMNILAB_CACHE": str(tmp_path)}
        environment.pop("NUMBA_CACHE_DIR", None)
        done = subprocess.run(
            [sys.executable, "-c", _DRAWS], cwd=root, capture_output=True, text=True,
            check=False, env={**environment, "PYTHONPATH": "sim"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        name, warned, *numbers = json.loads(done.stdout)
        assert warned == (njit == "1")
        assert found.setdefault(name, numbers) == numbers
    assert found["njit"] == found["pipeline"]


@pytest.mark.long
def test_a_run_is_the_same_event_for_event(root: Path, tmp_path: Path) -> None:
    """Long, since plain ``njit`` compiles the whole engine anew for minutes."""
    found = []
    for njit in ("0", "1"):
        command = "compare mapples-coffee-v1 --customers 50 --replications 1 --quiet --json -"
        asked = ["--strategy", "no_contact", "--strategy", "omnichannel"]
        done = subprocess.run(
            [sys.executable, "-m", "omnilab", *command.split(), *asked, "--out", tmp_path / njit],
            cwd=root, capture_output=True, text=True, check=False,
            env={**os.environ, "OMNILAB_NJIT": njit, "PYTHONPATH": "sim:strategies"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        assert ("plain njit" in done.stderr) == (njit == "1")
        found.append(re.findall(r'"log_digest": *"([0-9a-f]{32})"', done.stdout))
    assert len(found[0]) == 2
    assert found[0] == found[1]
