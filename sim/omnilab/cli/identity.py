"""Resolve a file of one's own events to profiles, and score them: ``omnilab identity``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from omnilab.cli.places import DATA, PROFILES, PlacesCommand

if TYPE_CHECKING:
    from omnilab._files.placeholders import Placeholders
    from omnilab.identity import Columns, IdentityPolicy
    from omnilab.identity.description import Description

__all__ = ["identity"]


@click.group()
def identity() -> None:
    """Join identifiers that were seen together into profiles."""


def _options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(
        [
            click.option(
                "--id", "ids", multiple=True, metavar="TYPE=COLUMN",
                help="A column of identifiers, the strongest first; in JSON lines a path such as "
                "email=traits.email. Default: what the file says of itself, as those of a run do; "
                "for JSON lines the Segment spec's fields.",
            ),
            click.option("--time", metavar="COLUMN", help="Column of seconds or timestamps."),
            click.option(
                "--unique", multiple=True, metavar="TYPE",
                help="A person has at most one of this type: others are never merged.",
            ),
            click.option(
                "--fan-out", multiple=True, metavar="TYPE=N",
                help="Beside more than N other profiles it is shared and never linked anything.",
            ),
            click.option(
                "--keep-shared-links", is_flag=True,
                help="What an identifier linked before it passed --fan-out stays linked, and less "
                "memory is needed.",
            ),
            click.option(
                "--time-to-live", multiple=True, metavar="TYPE=TIME",
                help="Unseen for longer it is forgotten: seconds, or 30m, 24h, 7d.",
            ),
            click.option(
                "--normalise", multiple=True, metavar="TYPE=WAY",
                help="How values of a type are written before they are compared: steps such as "
                "case+blanks, or email, phone:+43, device, card, exact. Default: email for types "
                "called email or mail, exact for all others.",
            ),
            click.option(
                "--placeholder", multiple=True, metavar="VALUE",
                help="A further value that stands for nobody and joins nobody, beside null, "
                "undefined, [object Object], zeros and others known for it.",
            ),
            click.option(
                "--not-placeholder", multiple=True, metavar="VALUE",
                help="A value that is an identifier here though it is known as a placeholder.",
            ),
            click.option(
                "--no-placeholders", is_flag=True,
                help="Know no placeholders but those of --placeholder.",
            ),
        ]
    ):  # fmt: skip
        command = option(command)
    return command


@identity.command(cls=PlacesCommand)
@click.argument("events", type=DATA)
@click.option(
    "-o", "--output", required=True, type=PROFILES,
    help="Parquet file to write: profile, type and value of each identifier.",
)  # fmt: skip
@click.option(
    "--rows", type=PROFILES,
    help="Parquet file to write: the profile of each row of EVENTS.",
)  # fmt: skip
@_options
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
def resolve(
    events: Path, output: Path, rows: Path | None, ids: tuple[str, ...], time: str | None,
    as_json: bool, quiet: bool, **rules: Any,
) -> None:  # fmt: skip
    """Resolve the identifiers in EVENTS (Parquet, CSV or JSON).

    Text may be compressed. EVENTS may be larger than memory if it is in order of time: only the
    distinct identifiers are held.
    """
    from omnilab.identity import resolve_file

    said = _description(events, ids)
    columns = _columns(ids, time) if said is None else said.columns
    policy = _policy(ids, rules, said)
    with _Progress(quiet) as progress:
        result = resolve_file(
            events, output, columns=columns, policy=policy, rows_output=rows, progress=progress
        )
    _say_notes(result.notes)
    counts = {"rows": result.n_rows, "rows_without_identifier": result.n_without}
    _print(counts | {"profiles": result.n_profiles} | result.counts, as_json)


@identity.command(cls=PlacesCommand)
@click.argument("events", type=DATA)
@click.option(
    "--truth", metavar="COLUMN",
    help="Column of the true person. Default: the one that the file names.",
)  # fmt: skip
@click.option(
    "--profile", metavar="COLUMN",
    help="Column of profiles to score. Without it EVENTS is resolved first.",
)  # fmt: skip
@_options
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
def score(
    events: Path, truth: str | None, profile: str | None, ids: tuple[str, ...], time: str | None,
    as_json: bool, quiet: bool, **rules: Any,
) -> None:  # fmt: skip
    """Score the profiles of EVENTS' rows against the true persons.

    Pairwise and B-cubed precision, recall and F1; persons wrongly joined (false merges) and
    profiles too many (false splits).
    """
    from omnilab.errors import OptionError
    from omnilab.identity import score_file

    said = _description(events, ids if truth is not None else ())
    if truth is None:
        if said is None:
            raise OptionError("--truth: name the column of the true person")
        truth = said.truth
    said = None if ids else said
    notes: list[str] = []
    columns = _columns(ids, time) if said is None else said.columns
    policy = _policy(ids, rules, said)
    with _Progress(quiet or profile is not None) as progress:
        result = score_file(
            events, truth, profile=profile, columns=columns, policy=policy, progress=progress,
            notes=notes,
        )  # fmt: skip
    _say_notes(notes)
    _print(result.as_dict(), as_json)


def _description(events: Path, ids: tuple[str, ...]) -> Description | None:
    """Return what the file says of itself, where the user doesn't say it."""
    from omnilab.identity.description import read_description

    return None if ids else read_description(events)


def _columns(ids: tuple[str, ...], time: str | None) -> Columns | None:
    from omnilab.errors import OptionError
    from omnilab.identity import Columns

    if not ids:
        if time is not None:
            raise OptionError("--time needs --id")
        return None
    return Columns([_pair("--id", text) for text in ids], time)


def _policy(
    ids: tuple[str, ...], rules: Mapping[str, Any], said: Description | None
) -> IdentityPolicy:
    """Return the rules that the user gives; a rule not given is the file's own, if it has one."""
    from omnilab.identity import IdentityPolicy
    from omnilab.identity.files import SEGMENT

    pairs = [_pair("--id", text) for text in ids]
    pairs = pairs or list(SEGMENT.identifiers if said is None else said.columns.identifiers)
    own = IdentityPolicy() if said is None else said.policy
    fans = {k: _number("--fan-out", v) for k, v in _pairs("--fan-out", rules["fan_out"])}
    lives = {k: _seconds(v) for k, v in _pairs("--time-to-live", rules["time_to_live"])}
    ways = dict(_pairs("--normalise", rules["normalise"]))
    return IdentityPolicy(
        types=tuple(dict.fromkeys(kind for kind, _ in pairs)),
        unique=rules["unique"] or own.unique,
        fan_out=fans or own.fan_out,
        time_to_live=lives or own.time_to_live,
        placeholders=_placeholders(rules, own),
        normalise={**own.normalise, **ways},
        undo_shared=own.undo_shared and not rules["keep_shared_links"],
    )


def _placeholders(rules: Mapping[str, Any], own: IdentityPolicy) -> Placeholders:
    from omnilab._files.placeholders import Placeholders

    known, unknown = rules["placeholder"], rules["not_placeholder"]
    if not (known or unknown or rules["no_placeholders"]):
        return own.barred
    return Placeholders(known, unknown, defaults=not rules["no_placeholders"])


def _pairs(option: str, texts: Iterable[str]) -> list[tuple[str, str]]:
    return [_pair(option, text) for text in texts]


def _pair(option: str, text: str) -> tuple[str, str]:
    from omnilab.errors import OptionError

    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise OptionError(f"{option} {text!r}: TYPE=VALUE is needed")
    return name, value


def _number(option: str, text: str) -> int:
    from omnilab.errors import OptionError

    if not text.isdecimal():
        raise OptionError(f"{option}: a whole number is needed, not {text!r}")
    return int(text)


def _seconds(text: str) -> int:
    unit = {"s": 1, "m": 60, "h": 3600, "d": 86400}.get(text[-1:], 0)
    return _number("--time-to-live", text[:-1] if unit else text) * (unit or 1)


def _say_notes(notes: Iterable[str]) -> None:
    """Print what was left out of a file or read in another way; --quiet keeps it."""
    from omnilab.cli.console import say

    for note in notes:
        say(f"note: {note}", quiet=False)


def _print(values: dict[str, Any], as_json: bool) -> None:
    import json

    if as_json:
        click.echo(json.dumps(values))
        return
    width = max(map(len, values))
    for name, value in values.items():
        text = (
            "none"
            if value is None
            else f"{value:.4f}"
            if isinstance(value, float)
            else f"{value:,}"
        )
        click.echo(f"{name.replace('_', ' '):<{width}}  {text:>14}")


class _Progress:
    """Show rows done on stderr, where that is a terminal."""

    def __init__(self, quiet: bool) -> None:
        from rich.console import Console
        from rich.progress import MofNCompleteColumn, Progress

        console = Console(stderr=True)
        self._bar = Progress(
            *Progress.get_default_columns(), MofNCompleteColumn(), console=console,
            disable=quiet or not console.is_terminal,
        )  # fmt: skip

    def __enter__(self) -> Callable[[int, int | None], None]:
        self._bar.start()
        task = self._bar.add_task("rows", total=None)

        def update(done: int, total: int | None) -> None:
            self._bar.update(task, completed=done, total=total)

        return update

    def __exit__(self, *_: object) -> None:
        self._bar.stop()
