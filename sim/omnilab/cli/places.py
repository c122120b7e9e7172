"""The files that commands read and write, declared as their options' types and checked first.

An option that names a file has one of these types: `Reads` for an input, `Writes` for an output,
`WritesRun` for a run directory. A command of the class `PlacesCommand` checks all of them before
it does anything: an output is no file that the command reads, no two outputs are one file, a file
can be written there, and what is there already is omnilab's own or may be replaced (`--replace`).
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from omnilab.cli import inputs, own
from omnilab.errors import OptionError

if TYPE_CHECKING:  # click's types take arguments since 8.4, and only for the checker
    _Type = click.ParamType[Any, Any]
else:
    _Type = click.ParamType

__all__ = [
    "BOARD",
    "BUNDLE",
    "DATA",
    "FILE",
    "FITTED",
    "FOLDER",
    "JSON",
    "MARKDOWN",
    "PAGE",
    "PROFILES",
    "REPLAY",
    "RUN",
    "RUN_DIRECTORY",
    "SCENARIO",
    "STARTS",
    "STRATEGY",
    "THEME",
    "WORDS",
    "Adds",
    "PlacesCommand",
    "Reads",
    "Writes",
    "WritesFolder",
    "WritesRun",
    "check_beside",
    "check_places",
    "check_room",
    "is_replacing",
]

_RUN_OPTION: Final = "--out"  # of every command that keeps a run
_REPLACE: Final = "omnilab.replace"
_FULL_DEVICE: Final = os.makedev(1, 7)  # Linux's /dev/full, which takes nothing


class Reads(_Type):
    """An input.

    Parameters
    ----------
    files
        Yields all files that are read because of it.
    path
        Whether the command gets a `Path`, not text.
    """

    name = "path"

    def __init__(self, files: Callable[[str], Iterable[Path]], *, path: bool = False) -> None:
        self.files, self.path = files, path

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:  # fmt: skip
        """Return the name as it was given."""
        if not os.fspath(value):  # else it would be taken for the current folder
            self.fail("a name is needed", param, ctx)
        return Path(value) if self.path else value


class Writes(_Type):
    """An output file.

    Parameters
    ----------
    own
        Tells whether a file that is there is one that this option wrote.
    stdout
        Whether ``-`` stands for stdout.
    path
        Whether the command gets a `Path`, not text.
    """

    name = "path"

    def __init__(
        self, own: Callable[[Path], bool], *, stdout: bool = False, path: bool = False
    ) -> None:
        self.own, self.stdout, self.path = own, stdout, path

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:  # fmt: skip
        """Return the name; those of stdout, such as /dev/stdout, become ``-``."""
        named = os.fspath(value)
        if not named:
            self.fail("a file's name is needed", param, ctx)
        if named == "-" and not self.stdout:
            self.fail("stdout is not taken here: name a file", param, ctx)
        if self.stdout and _is_stdout(named):
            return "-"
        return Path(value) if self.path else value


class Adds(Writes):
    """An output file that is added to: what is there stays, whoever wrote it."""

    def __init__(self) -> None:
        super().__init__(lambda _path: True)


class WritesFolder(_Type):
    """A folder of tables to write; the command says what it may hold already."""

    name = "path"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:  # fmt: skip
        """Return the name as a `Path`."""
        if not os.fspath(value):
            self.fail("a folder's name is needed", param, ctx)
        return Path(value)


class WritesRun(_Type):
    """A run directory to write; which runs it may replace is `check_target`'s to say."""

    name = "path"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:  # fmt: skip
        """Return the name."""
        if not os.fspath(value):
            self.fail("a directory's name is needed", param, ctx)
        return value


FILE: Final = Reads(inputs.plain_files)
FOLDER: Final = WritesFolder()
DATA: Final = Reads(inputs.plain_files, path=True)
STARTS: Final = Reads(inputs.start_files)
SCENARIO: Final = Reads(inputs.scenario_files)
STRATEGY: Final = Reads(inputs.strategy_files)
THEME: Final = Reads(inputs.theme_files, path=True)
WORDS: Final = Reads(inputs.word_files)
RUN: Final = Reads(inputs.run_files)
BUNDLE: Final = Reads(inputs.bundle_files)
BOARD: Final = Adds()
JSON: Final = Writes(own.is_result, stdout=True)
MARKDOWN: Final = Writes(own.is_markdown)
PAGE: Final = Writes(own.is_page, path=True)
FITTED: Final = Writes(own.is_fitted, path=True)
PROFILES: Final = Writes(own.is_profiles, path=True)
REPLAY: Final = Writes(own.is_replay)
RUN_DIRECTORY: Final = WritesRun()


class PlacesCommand(click.Command):
    """A command that looks at all files it was given before it begins."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if any(isinstance(p.type, Writes | WritesRun) for p in self.params):
            self.params.append(_replace_option())

    def invoke(self, ctx: click.Context) -> Any:
        """Check, then do what the command does.

        Raises
        ------
        OptionError
            With the first output that can't be written, or that would cost the user a file.
        """
        check_places(ctx)
        return super().invoke(ctx)


def is_replacing(context: click.Context) -> bool:
    """Tell whether ``--replace`` was given."""
    return bool(context.meta.get(_REPLACE))


def check_places(context: click.Context) -> None:
    """Check a command's outputs against its inputs, each other, and what is there.

    Raises
    ------
    OptionError
        With the first that is wrong.
    """
    given = [(p, value) for p in context.command.params for value in _values(context, p)]
    outputs = [(p, v) for p, v in given if isinstance(p.type, Writes | WritesRun)]
    if not outputs:
        return
    read = _inputs(given)
    taken: list[tuple[str, Path | None]] = []
    for param, value in outputs:
        option, place = _label(param), None if value == "-" else Path(value)
        try:
            _check_output(option, place, param.type, read, taken, replace=is_replacing(context))
        except (OSError, ValueError) as error:  # a name too long, a folder that can't be entered
            reason = getattr(error, "strerror", None) or str(error)
            raise OptionError(f"{option} {value}: can't be written: {reason}") from None
        taken.append((option, place))


def check_beside(context: click.Context, option: str, place: Path, kind: Writes) -> None:
    """Check an output that no option names, since the command makes up its name.

    Raises
    ------
    OptionError
        As `check_places`.
    """
    given = [(p, value) for p in context.command.params for value in _values(context, p)]
    _check_output(option, place, kind, _inputs(given), [], replace=is_replacing(context))


def _inputs(given: Iterable[tuple[click.Parameter, Any]]) -> list[tuple[str, Path]]:
    """Return all files that a command reads, each with the option that names it."""
    return [
        (_label(p), path)
        for p, value in given
        if isinstance(p.type, Reads)
        for path in p.type.files(value)
    ]


def _check_output(
    option: str, place: Path | None, kind: object, read: list[tuple[str, Path]],
    taken: list[tuple[str, Path | None]], *, replace: bool,
) -> None:  # fmt: skip
    _refuse_taken(option, place, taken)
    if place is None:
        _check_stdout(option)
        return
    _refuse_inputs(option, place, read)
    if isinstance(kind, Writes):
        _check_file(option, place, kind, replace=replace)
    else:
        _check_folder(option, place, read)


def same_place(a: Path, b: Path) -> bool:
    """Tell whether two paths are one file: by links of either kind, or a name in other case."""
    try:
        if a.exists() and b.exists():
            return a.samefile(b)
        real_a, real_b = Path(os.path.realpath(a)), Path(os.path.realpath(b))
        if real_a == real_b:
            return True
        if _folded(real_a.name) != _folded(real_b.name) or a.exists() or b.exists():
            return False
        together = real_a.parent.is_dir() and real_b.parent.is_dir()
        return (
            together and real_a.parent.samefile(real_b.parent) and _ignores_case(real_a.parent)
        )  # fmt: skip
    except (OSError, ValueError):
        return False


def _values(context: click.Context, param: click.Parameter) -> list[str]:
    value = context.params.get(param.name or "")
    if value is None or not isinstance(param.type, Reads | Writes | WritesRun):
        return []
    return [os.fspath(v) for v in (value if isinstance(value, tuple | list) else (value,))]


def _label(param: click.Parameter) -> str:
    """Return how a user calls an option or an argument."""
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    return (param.metavar or param.name or "").upper().rstrip(".")


def _refuse_inputs(option: str, place: Path, read: list[tuple[str, Path]]) -> None:
    for label, path in read:
        if same_place(place, path):
            raise OptionError(
                f"{option} {place} would overwrite a file that this command reads"
                f" ({label}): choose another file"
            )


def _refuse_taken(option: str, place: Path | None, taken: list[tuple[str, Path | None]]) -> None:
    """Refuse what another output is written to, or into a directory that is written as a whole."""
    for other, path in taken:
        if place is None and path is None:
            raise OptionError(f"{option} -: {other} goes to stdout already")
        if place is None or path is None:
            continue
        if same_place(place, path):
            raise OptionError(f"{option} {place} is written by {other} already: choose another")
        if other == _RUN_OPTION and _is_inside(place, path):
            raise OptionError(
                f"{option} {place} is inside {other} {path}, and a run directory is written as a"
                " whole: choose another"
            )


def _check_folder(option: str, place: Path, read: list[tuple[str, Path]]) -> None:
    """Check that a directory can be made, and that none of the inputs lies in it."""
    for label, path in read:
        if path.exists() and _is_inside(path, place):
            raise OptionError(
                f"{option} {place} holds {path}, which this command reads ({label}): choose"
                " another directory"
            )
    if place.is_symlink() and not place.exists():
        raise OptionError(f"{option} {_dangling(place)}")
    if place.exists() and not place.is_dir():
        raise OptionError(f"{option} {place} is there and is no directory")
    check_room(place, option=option)


def check_room(place: Path, *, option: str = "") -> None:
    """Check that a directory can be made and a file written in it, whatever is there already.

    Raises
    ------
    OptionError
        If not, with the reason.
    """
    above = Path(os.path.realpath(place)).parent
    while not above.exists() and above != above.parent:
        above = above.parent
    if not above.is_dir():
        named = f"{option} {place}" if option else str(place)
        raise OptionError(f"{named}: {above} is a file, not a directory")
    _try(option, place, above / ".omnilab-probe")


def _check_file(option: str, place: Path, kind: Writes, *, replace: bool) -> None:
    """Check that a file can be written, and that nothing of the user's is lost by it."""
    if place.is_symlink() and not place.exists():
        raise OptionError(f"{option} {_dangling(place)}")
    if str(place) != os.path.normpath(place) and os.fspath(place).endswith(os.sep):
        raise OptionError(f"{option} {place} is a directory")
    for above in place.absolute().parents:
        if above.exists():
            if not above.is_dir():
                raise OptionError(f"{option} {place}: {above} is a file, not a directory")
            break
    if place.exists() and not place.is_file() and not place.is_dir():
        _check_device(option, place)
        return
    _try(option, place, place)
    _refuse_file_of_run(option, place)
    if place.is_file() and not replace and place.stat().st_size and not kind.own(place):
        raise OptionError(
            f"{option} {place} is there, and omnilab did not write it, or it was changed since:"
            " choose another file, or give --replace"
        )
    if place.is_file() and _is_where_stdout_goes(place):
        raise OptionError(f"{option} {place}: stdout goes there already")


def _refuse_file_of_run(option: str, place: Path) -> None:
    """Refuse a file that a run's manifest lists: the run would no longer be what was kept."""
    from omnilab.runs.directories import files_of_run

    folder = Path(os.path.realpath(place)).parent
    if place.exists() and Path(os.path.realpath(place)).name in files_of_run(folder):
        raise OptionError(
            f"{option} {place} is a file of the run {folder.name}: choose another file"
        )


def _try(option: str, place: Path, probed: Path) -> None:
    """Find out whether a file can be written, and say it of the place that was asked for."""
    from omnilab._files.writing import check_writable

    try:
        check_writable(probed, option=option)
    except OptionError as error:
        raise OptionError(str(error).replace(str(probed), str(place))) from None


def _check_device(option: str, place: Path) -> None:
    """Check that a pipe or a device takes what is written."""
    found = place.stat()
    if stat.S_ISCHR(found.st_mode) and found.st_rdev == _FULL_DEVICE:
        raise OptionError(f"{option} {place}: can't be written: No space left on device")
    if stat.S_ISBLK(found.st_mode):
        raise OptionError(f"{option} {place} is a disk: choose a file")
    if not os.access(place, os.W_OK):
        raise OptionError(f"{option} {place}: can't be written: Permission denied")


def _check_stdout(option: str) -> None:
    found = _stdout()
    if found is not None and stat.S_ISCHR(found.st_mode) and found.st_rdev == _FULL_DEVICE:
        raise OptionError(f"{option} -: can't be written: No space left on device")


def _stdout() -> os.stat_result | None:
    try:
        return os.fstat(sys.stdout.fileno())
    except (AttributeError, OSError, ValueError):  # closed, or no file at all
        return None


def _is_stdout(name: str) -> bool:
    return name in ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")


def _is_where_stdout_goes(place: Path) -> bool:
    found = _stdout()
    return found is not None and stat.S_ISREG(found.st_mode) and os.path.samestat(
        found, place.stat()
    )  # fmt: skip


def _is_inside(path: Path, folder: Path) -> bool:
    """Tell whether a path lies below a directory, by their real places."""
    real = Path(os.path.realpath(folder))
    return real in Path(os.path.realpath(path)).parents


def _dangling(place: Path) -> str:
    return f"{place} is a link to {place.readlink()}, which is not there: name that file itself"


def _folded(name: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFC", name).casefold()


def _ignores_case(folder: Path) -> bool:
    """Tell whether names in a directory that differ in case are one file."""
    import tempfile

    with tempfile.NamedTemporaryFile(dir=folder, prefix=".omnilab-case-") as probe:
        return Path(probe.name).with_name(Path(probe.name).name.swapcase()).exists()


def _replace_option() -> click.Option:
    def keep(context: click.Context, _param: click.Parameter, value: bool) -> None:
        context.meta[_REPLACE] = value

    return click.Option(
        ["--replace"], is_flag=True, expose_value=False, callback=keep,
        help="Replace what omnilab did not write, or another run; never a file that is read.",
    )  # fmt: skip
