"""The two sides, base and head: a source tree each, and the environment that runs it.

Where both ask for the same dependencies in the same versions, one environment (the one that runs
the gate) serves both, and a side is its source tree on `PYTHONPATH`. Where they differ, each side
gets a virtual environment with its own. Either way no side is built: what is timed is the tree.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.gate.errors import GateError

__all__ = ["ROOT", "Side", "make_sides"]

ROOT: Final = Path(__file__).resolve().parents[2]
#: Trees and environments are kept from one gate run to the next: kernels are cached by their paths.
KEPT: Final = ROOT / "build" / "gate"


@dataclass(frozen=True)
class Side:
    """One version of omnilab, ready to be run.

    Parameters
    ----------
    name
        ``base`` or ``head``.
    what
        How it is called in the report: the reference and its commit, or the working tree.
    tree
        Its sources.
    python
        The interpreter of its environment.
    """

    name: str
    what: str
    tree: Path
    python: Path

    def environment(self) -> dict[str, str]:
        """Return the process environment: this side's library, head's workloads, one thread."""
        paths = [self.tree / "sim", self.tree / "strategies", ROOT]
        return os.environ | {
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
            "OMP_NUM_THREADS": "1",
            # Large arrays are taken again from freed memory instead of from the system, whose
            # fresh pages cost time that depends on what else the machine is doing.
            "MALLOC_MMAP_THRESHOLD_": str(1 << 34),
            "MALLOC_TRIM_THRESHOLD_": str(1 << 34),
        }


def make_sides(base: str, head: str | None) -> tuple[Side, Side]:
    """Return base and head, installed side by side.

    Parameters
    ----------
    base
        A git reference.
    head
        Another, or None for the working tree as it is.

    Raises
    ------
    GateError
        If a reference can't be found, or its dependencies can't be installed.
    """
    base_what, base_tree = _tree(base)
    head_what, head_tree = _tree(head) if head else ("the working tree", ROOT)
    pythons = [Path(sys.executable)] * 2
    wanted = [_requirements(tree) for tree in (base_tree, head_tree)]
    if wanted[0] != wanted[1]:
        pythons = [
            _python_with(*w, tree) for w, tree in zip(wanted, (base_tree, head_tree), strict=True)
        ]
    return (
        Side("base", base_what, base_tree, pythons[0]),
        Side("head", head_what, head_tree, pythons[1]),
    )


def _tree(reference: str) -> tuple[str, Path]:
    """Return a reference with its commit, and a copy of its sources."""
    found = _git("rev-parse", "--verify", "--quiet", f"{reference}^{{commit}}")
    commit = found.stdout.strip()
    if found.returncode or not commit:
        raise GateError(
            f"git knows no commit {reference!r} here; a shallow clone has only the last"
            " (git fetch --unshallow)"
        )
    what = reference if commit.startswith(reference) else f"{reference} ({commit[:10]})"
    tree = KEPT / "trees" / commit[:20]
    if not tree.is_dir():
        partial = tree.with_name(f"{tree.name}.{os.getpid()}.partial")
        partial.mkdir(parents=True)
        try:
            # With the commit's own time on every file, so that compiled kernels stay valid.
            _checked("git", "-C", str(ROOT), "archive", "-o", f"{partial}.tar", commit)
            shutil.unpack_archive(f"{partial}.tar", partial, filter="data")
            partial.rename(tree)
        finally:
            Path(f"{partial}.tar").unlink(missing_ok=True)
            shutil.rmtree(partial, ignore_errors=True)
    return what, tree


def _requirements(tree: Path) -> tuple[tuple[str, ...], str]:
    """Return a tree's dependencies and the exact versions that it pins."""
    project: dict[str, Any] = tomllib.loads((tree / "pyproject.toml").read_text(encoding="utf-8"))
    pins = tree / "constraints.txt"
    names = tuple(sorted(project["project"]["dependencies"]))
    return names, pins.read_text(encoding="utf-8") if pins.exists() else ""


def _python_with(names: Sequence[str], pins: str, tree: Path) -> Path:
    """Return the interpreter of an environment with these dependencies, made where there is none.

    Only what the library needs: pins of what is not installed do nothing.
    """
    key = hashlib.sha256("\n".join([sys.version, *names, pins]).encode()).hexdigest()[:20]
    folder = KEPT / "environments" / key
    python = folder / "bin" / "python"
    done = folder / "done"
    if not done.exists():
        _checked(sys.executable, "-m", "venv", "--clear", str(folder))
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "-qq", "install"]
        constraints = ["-c", str(tree / "constraints.txt")] if pins else []
        _checked(*pip, *constraints, *names)
        done.touch()
    return python


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise GateError(f"git can't be run: {error.strerror}") from None


def _checked(*command: str) -> None:
    """Run a command that has to succeed."""
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        lines = (result.stderr or result.stdout).strip().splitlines() or ["no reason given"]
        raise GateError(f"{' '.join(command[:4])} ... failed: {lines[-1]}")
