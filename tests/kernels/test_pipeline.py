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
    print("omnilab.kernels.spare" in "".join(draw4.inspect_asm().values()))
except NotImplementedError:
    print("from the cache")
print(draw4(*make_key(3, 4), 5, 6, 7))
"""


@pytest.mark.slow
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
    assert told[0][:4] == ["True 0", "True 0", "False", "True"]
    assert told[1][:2] == ["True 1", "True 1"]
    assert told[0][-1] == told[1][-1]


LOAD = """
import sys
import llvmlite.binding as llvm
from omnilab.kernels.numba_pipeline import SPARE
llvm.initialize_native_target()
llvm.initialize_native_asmprinter()
names = [f"outside{n}" for n in range(20)]
for n, name in enumerate(names):
    llvm.add_symbol(name, 4096 * (n + 1))
declared = "\\n".join(f"declare void @{name}()" for name in names)
called = "\\n".join(f"  call void @{name}()" for name in names)
for size in range(4096 - 8 * len(names), 4096, 8):
    text = f"@data = global [{size} x i8] c\\"{'a' * size}\\"\\n{declared}\\n"
    module = llvm.parse_assembly(text + f"define void @inside() {{\\n{called}\\n  ret void\\n}}")
    if sys.argv[1] == "spare":
        module.link_in(llvm.parse_assembly(SPARE))
    target = llvm.Target.from_default_triple()
    machine = target.create_target_machine(reloc="pic", codemodel="small", jit=True)
    engine = llvm.create_mcjit_compiler(module, machine, use_lmm=True)
    engine.finalize_object()
print("loaded")
"""


@pytest.mark.slow
@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="Numba's own engine is used"
)
def test_data_that_end_near_a_pages_end_leave_room_for_addresses_of_functions() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LOAD, "spare"], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (0, "loaded\n"), ended.stderr
    without = subprocess.run(
        [sys.executable, "-c", LOAD, "none"], capture_output=True, text=True, check=False
    )
    # Where this passes, llvmlite counts these addresses, and the spare byte can go.
    assert "must be pre-allocated" in without.stderr
