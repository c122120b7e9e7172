"""Run directories: a comparison's files, under their final name only when all are written.

A directory is filled under a hidden sibling's name and renamed at the end. Whoever kills the run,
fills the disk or presses Ctrl-C finds either the finished directory or none; one that was there
before stays until its successor is complete. What a run of several replications has finished is
kept in that hidden sibling: the same command, given again, takes it up there.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import MISSING, asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omnilab import __version__
from omnilab._ending import undone_at_once
from omnilab.errors import CapacityError, DataError, OmnilabError, OptionError
from omnilab.experiment.checkpoint import holds_checkpoint

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = [
    "MANIFEST",
    "RUN_FORMAT",
    "Run",
    "RunOptions",
    "changed_files",
    "check_target",
    "default_target",
    "file_digest",
    "files_of_run",
    "is_run",
    "new_run",
    "read_manifest",
    "read_run",
    "run_digest",
    "source_digest",
]

MANIFEST: Final = "manifest.json"
SCENARIO: Final = "scenario.yaml"
RESULT: Final = "result.json"
PAGE: Final = "report.html"
RUN_FORMAT: Final = "omnilab-run-v2"
#: Of the directories that commands keep; those of experiments can't be verified or looked into.
_FORMATS: Final = re.compile(r"omnilab-(?:run|ablation|sweep)-v[1-9][0-9]*")
_LOOKED_AT: Final = 1 << 26  # bytes of a file whose digest is worth the wait
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True)
class RunOptions:
    """What was asked for beside scenario and strategies; all of it is in the digest."""

    seed: int
    customers: int
    replications: int
    engine: str
    events: bool = False
    against: str | None = None  # the strategy that differences are taken against, if asked for
    customers_table: bool = False  # a row for each customer is kept
    until: tuple[str, ...] | None = None  # how narrow intervals are to be; then more replications
    most_customers: int | None = None  # that these may take
    equal_volume: str | None = None  # of which two strategies
    quick: bool = False  # what nobody asked for is left out


@dataclass(frozen=True)
class Run:
    """A finished run directory, read."""

    path: Path
    manifest: dict[str, Any]
    scenario: Scenario
    options: RunOptions

    @property
    def replications(self) -> int:
        """How many there are: more than were asked for where the run went on until a target."""
        return int(self.manifest.get("replications", self.options.replications))

    @property
    def strategies(self) -> dict[str, str]:
        """How to load each strategy that finished, by its name."""
        return {s["name"]: s["load"] for s in self.manifest["strategies"]}


def source_digest(strategy: LoadedStrategy) -> str:
    """Return the SHA-256 of a strategy's sources."""
    return hashlib.sha256(strategy.source.encode()).hexdigest()


def run_digest(
    scenario_digest: str, options: RunOptions, strategies: Sequence[LoadedStrategy]
) -> str:
    """Return the SHA-256 that a run is named after; the order of strategies is not in it.

    Parameters
    ----------
    scenario_digest
        Of the scenario as its file has it.
    options
        Those of the command.
    strategies
        All whose code takes part, that of the status quo too.
    """
    sources = sorted({(s.name, source_digest(s)) for s in strategies})
    asked = {k: v for k, v in asdict(options).items() if v is not None or k == "against"}
    parts = [RUN_FORMAT, __version__, scenario_digest, asked, sources]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def default_target(scenario: Scenario, digest: str) -> Path:
    """Return where a run goes that was not told where."""
    return Path("runs") / f"{scenario.id}-{digest[:12]}"


def check_target(target: Path, *, digest: str | None = None, replace: bool = False) -> None:
    """Refuse a place where files would be lost that nobody meant to lose.

    Parameters
    ----------
    target
        Where a run directory is to be.
    digest
        Of the run that is to be kept there. A directory of the same run, as it was written, is
        replaced; None leaves this to who calls.
    replace
        Whether the user said that another run may be replaced, or one that was changed.

    Raises
    ------
    OptionError
        If there is a file, a directory with anything else than a run, or another run.
    """
    try:
        if target.is_dir():
            if any(target.iterdir()) and not is_run(target):
                raise OptionError(f"{target} is there and is no run directory: not replaced")
            if digest is not None and is_run(target):
                _check_run(target, digest, replace=replace)
        elif target.exists() or target.is_symlink():
            raise OptionError(f"{target} is there and is no directory")
    except OSError as error:
        raise OptionError(f"{target}: can't be used: {error.strerror}") from error


def files_of_run(folder: Path) -> frozenset[str]:
    """Return the names of a run's own files; none where a directory is no finished run."""
    manifest = _manifest(folder)
    if manifest is None:
        return frozenset()
    files = manifest.get("files")
    return frozenset({MANIFEST, *(files if isinstance(files, dict) else ())})


def _check_run(target: Path, digest: str, *, replace: bool) -> None:
    """Refuse to replace another run, one that was changed, and files that are no run's."""
    own = files_of_run(target)
    strange = sorted(path.name for path in target.iterdir() if path.name not in own)
    if strange:
        more = f" and {len(strange) - 1} more" if len(strange) > 1 else ""
        raise OptionError(
            f"{target} has files that are not the run's ({strange[0]}{more}): move them away or"
            " choose another --out"
        )
    if replace:
        return
    manifest = _manifest(target) or {}
    if manifest.get("digest") != digest:
        raise OptionError(
            f"{target} holds another run ({_described(manifest)}): choose another --out, or give"
            " --replace"
        )
    for name, kept in sorted(manifest.get("files", {}).items()):
        path = target / name
        small = path.is_file() and path.stat().st_size <= _LOOKED_AT
        if small and file_digest(path) != kept:
            raise OptionError(
                f"{path} was changed since the run wrote it: choose another --out, or give"
                " --replace"
            )


def _described(manifest: dict[str, Any]) -> str:
    """Say in few words which run a manifest is of."""
    try:
        options = manifest["options"]
        names = ", ".join(s["name"] for s in manifest["strategies"])
        size = f"{options['customers']} customers, seed {options['seed']}"
        by = manifest["omnilab"]
        version = "" if by == __version__ else f", omnilab {by}"
        return f"{manifest['scenario']['id']}, {names}, {size}{version}"
    except (KeyError, TypeError):
        return "of another form"


def is_run(path: Path) -> bool:
    """Tell whether a directory is a finished run, of whatever version."""
    return _manifest(path) is not None


@contextmanager
def new_run(target: Path, digest: str = "", *, keep: bool = False) -> Iterator[Path]:
    """Give a directory to fill, which gets its final name when the block ends well.

    Parameters
    ----------
    target
        The final name; a finished run there is replaced.
    digest
        Of the run: what a run with this digest left when it was killed is taken over.
    keep
        Whether one with a checkpoint stays where the run failed, too: a full disk at its end
        must not cost what its many points have found.

    Yields
    ------
    Path
        A hidden sibling, removed if the block ends with any exception; but one with a checkpoint
        of this run stays where the run was only stopped.

    Raises
    ------
    CapacityError
        If the disk is full.
    OptionError
        If the place can't be written to, or holds something else.
    """
    check_target(target)
    final = Path(os.path.realpath(target))
    made: list[Path] = []
    partial = final.with_name(f".{final.name}.{os.getpid()}.partial")

    def drop(*, stopped: bool = True) -> None:
        _put_back(final)
        if stopped and digest and holds_checkpoint(partial, digest):
            return
        shutil.rmtree(partial, ignore_errors=True)
        for folder in reversed(made):
            with suppress(OSError):
                folder.rmdir()  # only while it is empty

    try:
        with undone_at_once(drop):
            _make_folders(final.parent, made)
            _take_over(final, partial, digest)
            _tidy(final, partial)
            partial.mkdir(exist_ok=True)
            yield partial
            _replace(partial, final)
    except BaseException as error:
        drop(stopped=keep or isinstance(error, KeyboardInterrupt | SystemExit))
        if isinstance(error, OSError):
            raise _disk_error(error, target) from error
        raise


def read_manifest(path: Path) -> Any:
    """Return what a finished directory of whatever command says of itself.

    Raises
    ------
    DataError
        If there is none, or it is not JSON.
    """
    if not path.is_dir():
        raise DataError("there is no such run directory", file=path)
    file = path / MANIFEST
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"is no finished run: it has no {MANIFEST}", file=path) from None
    except OSError as error:
        raise DataError(f"is no finished run: {error.strerror}", file=file) from error
    except (ValueError, RecursionError) as error:
        raise DataError("is not JSON", file=file) from error


def read_run(path: Path) -> Run:
    """Return a finished run's manifest and scenario.

    Raises
    ------
    DataError
        If it is no run directory of this version's format.
    ScenarioError
        If its scenario can't be read by this version.
    """
    from omnilab.scenario import load_scenario

    file, manifest = path / MANIFEST, read_manifest(path)
    kept = _format(manifest) if isinstance(manifest, dict) else None
    if kept is not None and not kept.startswith("omnilab-run-"):
        raise DataError(f"is of the format {kept}: give a directory of compare or run", file=file)
    if kept is not None and kept != RUN_FORMAT:
        by = f"omnilab {manifest.get('omnilab')} wrote"
        raise DataError(
            f"is of the format {kept}, which {by}; this version reads {RUN_FORMAT}: run it again",
            file=file,
        )
    if kept is None:
        raise DataError(f"is no manifest of the format {RUN_FORMAT}", file=file)
    try:
        options = _checked(manifest)
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"is incomplete: {error}", file=file) from error
    return Run(path, manifest, load_scenario(path / SCENARIO), options)


def changed_files(folder: Path, manifest: dict[str, Any]) -> list[str]:
    """Return which files of a directory are no longer as its manifest has them."""
    faults = []
    for name, digest in manifest.get("files", {}).items():
        path = folder / name
        if not path.exists():
            faults.append(f"{name}: missing")
            continue
        now = digest_of(path)
        if now != digest:
            faults.append(f"{name}: changed since it was written")
    return faults


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, or of the digests of a folder's files by name."""
    if not path.is_dir():
        return file_digest(path)
    kept = [file_digest(one) for one in sorted(path.iterdir())]
    return hashlib.sha256("".join(kept).encode()).hexdigest()


def file_digest(path: Path) -> str:
    """Return a file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _manifest(path: Path) -> dict[str, Any] | None:
    """Return the manifest of a finished run, of whatever version; None where there is none."""
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return manifest if isinstance(manifest, dict) and _format(manifest) is not None else None


def _format(manifest: dict[str, Any]) -> str | None:
    """Return the format that a manifest names, None if that is none of a run."""
    kept = manifest.get("format")
    return kept if isinstance(kept, str) and _FORMATS.fullmatch(kept) else None


def _checked(manifest: dict[str, Any]) -> RunOptions:
    """Return the options of a manifest that has all that a run is repeated from."""
    texts = [manifest["scenario"]["digest"]]
    for s in manifest["strategies"]:
        texts += [s[key] for key in ("name", "load", "source", "log_digest")]
    options = _options(manifest["options"])
    if options.until is not None:
        options = replace(options, until=tuple(options.until))
    numbers = [options.seed, options.customers, options.replications]
    numbers += [s["events"] for s in manifest["strategies"]]
    against = [] if options.against is None else [options.against]
    if not all(isinstance(t, str) for t in [*texts, options.engine, *against]):
        raise ValueError("a text was expected")
    if not all(type(n) is int and n >= 0 for n in numbers) or not options.customers:
        raise ValueError("a whole number was expected")
    return options


def _options(given: dict[str, Any]) -> RunOptions:
    """Return the options of a manifest; those that it lacks, or that are unknown, are named."""
    declared = {field.name: field for field in fields(RunOptions)}
    unknown = [name for name in given if name not in declared]
    lacking = [n for n, f in declared.items() if f.default is MISSING and n not in given]
    if unknown or lacking:
        words = f"unknown {unknown[0]!r}" if unknown else f"no {lacking[0]!r}"
        raise ValueError(f"its options have {words}")
    return RunOptions(**given)


def _make_folders(folder: Path, made: list[Path]) -> None:
    """Make a folder and those above it, noting what was not there."""
    if not folder.exists():
        _make_folders(folder.parent, made)
        with suppress(FileExistsError):  # somebody else made it meanwhile
            folder.mkdir()
            made.append(folder)


def _replace(partial: Path, final: Path) -> None:
    """Rename; what was there goes out of the way first and comes back if that fails."""
    old = _moved_away(final)
    there = final.exists()
    if there:
        final.rename(old)
    try:
        partial.rename(final)
    except BaseException:
        _put_back(final)
        raise
    if there:
        shutil.rmtree(old, ignore_errors=True)


def _moved_away(final: Path) -> Path:
    return final.with_name(f".{final.name}.{os.getpid()}.old")


def _put_back(final: Path) -> None:
    """Give a directory its name again that had to make room for one that did not come."""
    old = _moved_away(final)
    if old.exists() and not final.exists():
        old.rename(final)


def _take_over(final: Path, partial: Path, digest: str) -> None:
    """Go on in the directory of a killed run that is this one."""
    if partial.exists() and not holds_checkpoint(partial, digest):
        shutil.rmtree(partial)  # a killed run's whose number this process has now
    for left in sorted(final.parent.glob(f".{_escaped(final.name)}.*.partial")):
        pid = left.name.removeprefix(f".{final.name}.").removesuffix(".partial")
        dead = pid.isdecimal() and not _is_alive(int(pid))
        if dead and holds_checkpoint(left, digest) and not partial.exists():
            left.rename(partial)


def _tidy(final: Path, mine: Path) -> None:
    """Remove what a killed run left, and put back a directory it had moved out of the way."""
    for left in sorted(final.parent.glob(f".{_escaped(final.name)}.*")):
        pid, _, kind = left.name.removeprefix(f".{final.name}.").partition(".")
        if kind not in ("partial", "old") or not pid.isdecimal() or left == mine:
            continue
        if _is_alive(int(pid)):
            continue
        if kind == "old" and not final.exists():
            left.rename(final)
        else:
            shutil.rmtree(left, ignore_errors=True)


def _escaped(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _is_alive(pid: int) -> bool:
    """Tell whether another process has this number."""
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True


def _disk_error(error: OSError, target: Path) -> OmnilabError:
    if error.errno in _FULL:
        return CapacityError(f"the disk is full: {target} was not written")
    return OptionError(f"{target}: can't be written: {error.strerror or error}")


def add_page(folder: Path, page: str) -> None:
    """Write an experiment's report beside its tables, and into its manifest.

    Parameters
    ----------
    folder
        Complete but for the report, which is made of what is there.
    page
        As HTML, without times.
    """
    (folder / PAGE).write_text(page, encoding="utf-8")
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    files = {**manifest["files"], PAGE: file_digest(folder / PAGE)}
    manifest["files"] = {name: files[name] for name in sorted(files)}
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
