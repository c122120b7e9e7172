"""The debug build, in which compiled code checks every index (``OMNILAB_BOUNDS=1``)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_BEYOND = """
import json
import numpy as np
from omnilab.kernels.compiling import kernel
from omnilab.kernels.modes import is_checked
from omnilab.kernels.bundle import Bundle, BundleList
from tests.worlds import cell_of
from omnilab.kernels.copying import copy_front
from omnilab.log.digest import digest_rows
from omnilab.kernels.unchecked import load, read_word, store

@kernel
def read_record(C, i):
    return C.note[i].time if False else C.note[i].kind
@kernel
def write_number(C, i):
    C.code[i] = 1
    return 0
@kernel
def write_record(C, i):
    C.row[i].time = 1
    return 0
@kernel
def read_field(C, i):
    return C.copy[0].order[i]
@kernel
def write_field(C, i):
    C.profile[0].unique[i] = 1
    return 0
@kernel
def read_two(C, i):
    return C.line[1, i].a
@kernel
def write_two(C, i):
    C.trait[3, i] = 0.5
    return 0
@kernel
def list_item(bundles, i):
    return bundles[i].meta.number
@kernel
def plain_array(a, i):
    return a[i]
@kernel
def flat_read(a, i):
    return load(a, i)
@kernel
def flat_write(a, i):
    store(a, i, 1)
    return 0
@kernel
def word(a, i):
    return read_word(a, i)
@kernel
def copies(C, i):
    copy_front(C.carry, C.code, i + 1)
    return 0
@kernel
def digests(C, i):
    digest_rows(C.word, i + 1, C.times)
    return 0

C = cell_of(2, row=64, copy=48)
cells = BundleList([C, C], C)
longs, raw = np.zeros(9, np.int64), np.zeros(16, np.uint8)
cases = [
    (read_record, C, len(C.note)), (write_number, C, len(C.code)), (write_record, C, len(C.row)),
    (read_field, C, 8), (write_field, C, 11), (read_two, C, C.line.shape[1]),
    (write_two, C, C.trait.shape[1]), (list_item, cells, 2), (plain_array, longs, 9),
    (flat_read, longs, 9), (flat_write, longs, 9), (word, raw, 9), (copies, C, len(C.code)),
    (digests, C, len(C.row)),
]
found = {}
for kernel_, about, size in cases:
    kernel_(about, size - 1)  # the last one is there
    try:
        kernel_(about, size)
    except IndexError as error:
        found[kernel_.__name__] = str(error)
    except SystemError as error:
        found[kernel_.__name__] = repr(error)
    else:
        found[kernel_.__name__] = ""
    try:
        if kernel_.__name__ not in ("copies", "digests", "plain_array", "read_field",
                                    "write_field"):
            kernel_(about, -1)
            found[kernel_.__name__] = "-1 passed"
    except IndexError:
        pass
print(json.dumps([is_checked(), found]))
"""


def checked(root: Path, code: str, cache: Path | None = None, *, on: bool = True) -> Any:
    """Run a program in the debug build, or the usual one, and return the JSON that it prints."""
    environment = {**os.environ, "OMNILAB_BOUNDS": "1" if on else "0", "OMNILAB_PLAIN": "0",
                   "PYTHONPATH": os.pathsep.join(("sim", "strategies", "."))}  # fmt: skip
    if cache is not None:
        environment["NUMBA_CACHE_DIR"] = str(cache)
    done = subprocess.run(
        [sys.executable, *(["-m", code] if code.startswith("tests.") else ["-c", code])],
        cwd=root, capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_an_index_out_of_bounds_is_an_error_that_names_the_array(
    root: Path, tmp_path: Path
) -> None:
    file = tmp_path / "beyond.py"
    file.write_text(_BEYOND)
    environment = {**os.environ, "OMNILAB_BOUNDS": "1", "OMNILAB_PLAIN": "0",
                   "NUMBA_CACHE_DIR": str(tmp_path / "cache"),
                   "PYTHONPATH": os.pathsep.join(("sim", "strategies", "."))}  # fmt: skip
    done = subprocess.run(
        [sys.executable, str(file)], cwd=root, capture_output=True, text=True, check=False,
        env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    is_on, found = json.loads(done.stdout)
    assert is_on
    assert {name for name, said in found.items() if "out of bounds" not in said} == set(), found
    assert found["write_record"] == "index out of bounds: array 'row' in write_record"
    # A user's own cache folder keeps the two builds apart.
    assert [p.name for p in (tmp_path / "cache").iterdir()] == ["omnilab-checked"]


@pytest.mark.checked
def test_small_runs_of_everything_are_in_bounds_and_the_same(root: Path) -> None:
    told = [checked(root, "tests.checked_runs", on=on) for on in (True, False)]
    assert told[0] == told[1]
    assert len(told[0]["runs"]) >= 5
    assert all(rows > 0 for run in told[0]["runs"].values() for _, rows in run.values())
