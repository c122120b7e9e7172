"""How kernels are made into machine code: in one piece, compiled or from the cache."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numba")

SHOW = """
from omnilab.draws.philox import draw4, make_key
from omnilab.kernels.numba_pipeline import _near_codegen
make_key(1, 2)
draw4(*make_key(3, 4), 5, 6, 7)
for kernel in (make_key, draw4):
    # Asked for once a kernel at least, be it compiled or taken from the cache.
    print(_near_codegen.cache_info().hits > 0, sum(kernel.stats.cache_hits.values()))
try:
    print("movabs" in "".join(draw4.inspect_asm().values()))
except NotImplementedError:
    print("from the cache")
print(draw4(*make_key(3, 4), 5, 6, 7))
"""


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="Numba's own engine is used"
)
def test_kernels_reach_their_constants_by_distance_compiled_and_from_the_cache(
    tmp_path: Path,
) -> None:
    environment = dict(os.environ, OMNILAB_CACHE=str(tmp_path), OMNILAB_PLAIN="0")
    environment.pop("NUMBA_CACHE_DIR", None)
    told = [
        subprocess.run(
            [sys.executable, "-c", SHOW],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        for _ in range(2)
    ]
    assert told[0][:3] == ["True 0", "True 0", "False"]
    assert told[1][:2] == ["True 1", "True 1"]
    assert told[0][3] == told[1][3]
