"""Compile a kernel and all it calls as one piece of machine code.

Numba optimises every function together with all that it calls and makes machine code of it, so
that a function at the bottom of ten levels of calls is optimised ten times. Here a function that
compiled code calls is only lowered; the kernel that Python calls takes in the whole tree and
optimises it once. The passes of Numba's pipeline that never find anything in kernels (closures,
``with`` blocks, functions inlined by name, branches on None, array expressions) are left out.

Kernels have an engine of their own, beside Numba's. Numba lets code and constants lie anywhere in
memory, so each constant and each function called needs its whole address in a register first. Here
a kernel is one piece of memory, and what is in it is reached by its distance.

All of this stands on private names of Numba: kernels.md lists them. Where one is missing,
`omnilab.kernels.ways` takes plain ``njit`` instead.
"""

from __future__ import annotations

import platform
import sys
from functools import lru_cache
from typing import Any, Final

import llvmlite.binding as llvm
from numba.core import config, typed_passes, untyped_passes
from numba.core.codegen import JITCodeLibrary, JITCPUCodegen
from numba.core.compiler import CompilerBase, _LowerResult
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.typed_passes import NativeLowering

from omnilab.kernels.refusing import refuse_python

__all__ = ["KernelCompiler", "PartCompiler", "codegen_of"]

PASSES: Final = (
    untyped_passes.TranslateByteCode,
    untyped_passes.FixupArgs,
    untyped_passes.IRProcessing,
    untyped_passes.GenericRewrites,
    untyped_passes.ReconstructSSA,
    typed_passes.NopythonTypeInference,
    typed_passes.PreLowerStripPhis,
    typed_passes.IRLegalization,
    typed_passes.AnnotateTypes,
)


class _NearCodegen(JITCPUCodegen):
    """Makes code that reaches its constants and functions by their distance."""

    def __init__(self, name: str) -> None:
        # Only this manager of memory keeps all of an object together, however far apart free
        # memory lies; it is asked for while the engine is made.
        before = config.USE_LLVMLITE_MEMORY_MANAGER
        config.USE_LLVMLITE_MEMORY_MANAGER = True
        try:
            super().__init__(name)
        finally:
            config.USE_LLVMLITE_MEMORY_MANAGER = before

    def _customize_tm_options(self, options: dict[str, Any]) -> None:
        super()._customize_tm_options(options)
        options["reloc"] = "pic"
        options["codemodel"] = "small"


# The manager of memory reserves all of an object at once. LLVM's count leaves out the entries of
# the table of addresses that calls of functions outside need (eight bytes each), so an object whose
# data end within them of a page's end ended the process: "All memory must be pre-allocated". A
# byte with the alignment of a page makes LLVM count a page more, which these entries never fill.
SPARE: Final = '@"omnilab.kernels.spare" = weak hidden global i8 0, align 4096'


@lru_cache(maxsize=1)
def _near_codegen() -> _NearCodegen:
    return _NearCodegen("omnilab.kernels")


def codegen_of(context: Any) -> Any:
    """Return what makes kernels' code: Numba's own where the other has not been tried."""
    if sys.platform == "linux" and platform.machine() == "x86_64":
        return _near_codegen()
    return context.codegen()


class _PartLibrary(JITCodeLibrary):
    """Code as it was lowered, waiting for a kernel to take it in."""

    def add_llvm_module(self, module: Any) -> None:
        self._final_module.link_in(module)

    def finalize(self) -> None:
        self._raise_if_finalized()
        self._finalized = True


class _KernelLibrary(JITCodeLibrary):
    """Code that takes in what it calls, what that calls, and so on."""

    def add_linking_library(self, library: Any) -> None:
        super().add_linking_library(library)
        if isinstance(library, _PartLibrary):
            for below in library._linking_libraries:
                if below not in self._linking_libraries:
                    self.add_linking_library(below)

    def _optimize_final_module(self) -> None:
        # Nobody outside calls the parts, so the optimiser may give them other arguments, drop
        # what they always return (Numba's "no error") and take in those that are called once.
        for function in self._final_module.functions:
            if not function.is_declaration and "linkonce" in function.linkage.name:
                function.linkage = "internal"
        # Numba's first, cheap round serves to find reference counts, of which there are next to
        # none here.
        manager, builder = self._codegen._module_pass_manager()
        with self._recorded_timings.record("Module passes", builder):
            manager.run(self._final_module, builder)
        # After the optimiser, which would drop what nobody reads.
        self._final_module.link_in(llvm.parse_assembly(SPARE))


@register_pass(mutates_CFG=True, analysis_only=False)
class KernelLowering(NativeLowering):
    """Lower, take in the tree, optimise and make machine code."""

    _name = "kernel_lowering"

    def run_pass(self, state: Any) -> bool:
        library = _KernelLibrary(codegen_of(state.targetctx), state.func_id.func_qualname)
        library.enable_object_caching()
        state["library"] = library
        return bool(super().run_pass(state))


@register_pass(mutates_CFG=True, analysis_only=False)
class PartLowering(NativeLowering):
    """Lower only."""

    _name = "part_lowering"

    def run_pass(self, state: Any) -> bool:
        library = _PartLibrary(codegen_of(state.targetctx), state.func_id.func_qualname)
        state["library"] = library
        state.flags.no_compile = True
        super().run_pass(state)
        state.flags.no_compile = False
        library.finalize()
        low = state["cr"]
        # Numba knows a compiled function by an object that Python could call.
        handle = refuse_python(state.func_id.func_name)
        state.targetctx.insert_user_function(handle, low.fndesc, [library])
        state["cr"] = _LowerResult(low.fndesc, low.call_helper, cfunc=handle, env=low.env)
        return True


class KernelCompiler(CompilerBase):
    """Compiles what Python calls."""

    lowering: Any = KernelLowering

    def define_pipelines(self) -> list[Any]:
        """Return the passes, with the lowering of this kind of function."""
        manager = PassManager("kernel")
        for one in (*PASSES, self.lowering, typed_passes.NoPythonBackend):
            manager.add_pass(one, one._name)
        manager.finalize()
        return [manager]


class PartCompiler(KernelCompiler):
    """Compiles what compiled code calls."""

    lowering = PartLowering
