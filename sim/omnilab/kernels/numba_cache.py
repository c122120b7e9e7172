"""Keep compiled kernels on disk: Numba's code is put into the files of `omnilab.kernels.files`."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from numba.core.caching import CompileResultCacheImpl, FunctionCache

from omnilab.kernels.files import KernelFiles

__all__ = ["KernelCache"]

CodegenOf = Callable[[Any], Any]


@cache
def _digest(path: str) -> str:
    """Return the SHA-256 of a source file, as it was when its first kernel was asked for."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


class _KernelCacheImpl(CompileResultCacheImpl):
    """Puts code from the cache where it would have been compiled."""

    def __init__(self, codegen_of: CodegenOf | None) -> None:
        # Numba's search for a place is left out: `KernelCache` has its own.
        self._codegen_of = codegen_of

    def rebuild(self, target_context: Any, payload: Any) -> Any:
        if self._codegen_of is not None:
            codegen = self._codegen_of(target_context)
            target_context = target_context.subtarget(_internal_codegen=codegen)
        return super().rebuild(target_context, payload)


class KernelCache(FunctionCache):
    """A cache on disk in place of Numba's, of which a damaged file ends every later start.

    Parameters
    ----------
    function
        The kernel.
    files
        Where it is kept.
    codegen_of
        What makes the code for one of Numba's contexts; None for Numba's own.
    """

    def __init__(self, function: Any, files: KernelFiles, codegen_of: CodegenOf | None) -> None:
        self._name, self._py_func = repr(function), function
        self._impl, self._files = _KernelCacheImpl(codegen_of), files
        self._cache_path = str(files.folder)
        self.enable()

    def flush(self) -> None:
        """Keep what is there: Numba asks for it where a function is to be compiled anew."""

    def _load_overload(self, sig: Any, target_context: Any) -> Any:
        key = self._key(sig, target_context.codegen())
        kept = self._files.load(self._file(key))
        if kept is None or kept[0] != key:
            return None
        return self._impl.rebuild(target_context, kept[1])

    def _save_overload(self, sig: Any, data: Any) -> None:
        if self._impl.check_cachable(data):
            key = self._key(sig, data.codegen)
            self._files.save(self._file(key), (key, self._impl.reduce(data)))

    def _key(self, sig: Any, codegen: Any) -> tuple[Any, ...]:
        """Return what the machine code depends on, besides what the folder's name says.

        The source counts by its content: each installation of one version dates its files anew.
        """
        return (*self._index_key(sig, codegen), _digest(inspect.getfile(self._py_func)))

    def _file(self, key: tuple[Any, ...]) -> str:
        function = self._py_func
        digest = hashlib.sha256(repr(key).encode()).hexdigest()
        return f"{function.__module__}.{function.__qualname__}-{digest[:16]}.kernel"
