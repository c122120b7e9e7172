"""Whether a worker may take part: it must be the same omnilab, and reckon to the same last bit.

Results are the same bytes wherever they are made, if the code is the same and its arithmetic too.
Two processors may round an exponential differently, so a worker also says what its libraries make
of some thousand numbers.
"""

from __future__ import annotations

import hashlib
import math
import platform
from collections.abc import Mapping
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Final

import numpy as np

from omnilab import __version__
from omnilab.kernels.compiling import cache_folder

__all__ = ["VERSIONS", "facts", "fault"]

#: The packages whose versions must be the same.
VERSIONS: Final = ("python", "omnilab", "numpy", "numba")
#: What is said of each fact that is no version.
_WORDS: Final = {
    "kernels": "compiled code of other sources (kernel key {0}, here {1})",
    "code": "another tree of omnilab (experiments {0}, here {1})",
    "arithmetic": "other arithmetic: its exponentials and logarithms differ in the last bits"
    " ({0}, here {1}); take machines of one kind",
}  # fmt: skip
_SOURCES: Final = Path(__file__).parents[1]
_NUMBERS: Final = 4096


@lru_cache(maxsize=1)
def facts() -> dict[str, str]:
    """Return what must be the same at each worker."""
    return {
        "python": ".".join(platform.python_version_tuple()[:2]),
        "omnilab": __version__,
        "numpy": metadata.version("numpy"),
        "numba": metadata.version("numba"),
        "kernels": cache_folder().name[:12],
        "code": _code()[:12],
        "arithmetic": _arithmetic()[:12],
    }


def fault(worker: str, there: Mapping[str, str], here: Mapping[str, str]) -> str | None:
    """Return why a worker is refused, naming both sides; None where it is not.

    Parameters
    ----------
    worker
        Its address.
    there, here
        `facts` of the worker and of this process, or the first few of them.
    """
    other = [name for name in VERSIONS if name in there and there[name] != here[name]]
    if other:
        theirs = ", ".join(f"{name} {there[name]}" for name in other)
        ours = ", ".join(f"{name} {here[name]}" for name in other)
        return f"worker {worker} has {theirs}, and here is {ours}: install the same there"
    for name, words in _WORDS.items():
        if name in there and there[name] != here[name]:
            return f"worker {worker} has {words.format(there[name], here[name])}"
    return None


def _code() -> str:
    """Return a digest of the experiments' own code, which the kernels' key leaves out."""
    digest = hashlib.sha256()
    for path in sorted(_SOURCES.rglob("*.py")):
        digest.update(path.relative_to(_SOURCES).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _arithmetic() -> str:
    """Return a digest of what functions make of numbers from 0.001 to 40, bit by bit."""
    x = 0.001 + np.arange(_NUMBERS) * (40.0 / _NUMBERS)
    tables = [np.exp(-x), np.log(x), np.power(x, 0.37), np.cos(x), np.sqrt(x), np.log1p(x)]
    own = (math.exp, math.log, math.cos, math.lgamma, math.erf, math.log1p, _power)
    tables += [np.array([function(one) for one in x.tolist()]) for function in own]
    return hashlib.sha256(np.concatenate(tables).tobytes()).hexdigest()


def _power(x: float) -> float:
    return math.pow(x, 0.37)
