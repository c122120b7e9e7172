"""``omnilab report``: the page of a run, made again from its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from omnilab.cli.console import progress_bar, say, say_warning
from omnilab.cli.options import hook_timeout_option, quiet_option
from omnilab.cli.places import PAGE, RUN, THEME, PlacesCommand, check_beside

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from omnilab.report.lives import Lives
    from omnilab.report.source import About, Row, Source
    from omnilab.runs.directories import Run

__all__ = ["report"]

#: As `omnilab.report.page.views` has them, which a command's help must not load.
VIEWS = ("all", "board", "crm", "scientist")


@click.command(cls=PlacesCommand)
@click.argument("run", metavar="RUN", type=RUN)
@click.option(
    "--out", type=PAGE, metavar="FILE", help="The page; RUN.html beside the run by default."
)
@click.option(
    "--with", "beside", type=RUN, multiple=True, metavar="DIR",
    help="A directory of ablate, sweep or hangs of the same scenario; several times.",
)  # fmt: skip
@click.option(
    "--identity-cost", is_flag=True,
    help="Run the strategies again with and without a perfect identity: twice the run's time.",
)  # fmt: skip
@click.option(
    "--theme", type=THEME, metavar="FILE",
    help="YAML with a logo, colours and a font: see docs/how-to/share-a-report.md.",
)  # fmt: skip
@click.option(
    "--locale", default="en", show_default=True, metavar="NAME",
    help="How numbers are written, such as de or pt-BR.",
)  # fmt: skip
@click.option(
    "--view", default="all", show_default=True, type=click.Choice(VIEWS),
    help="For whom the page is: which sections it has, and in which order.",
)  # fmt: skip
@hook_timeout_option
@quiet_option
@click.pass_context
def report(
    context: click.Context,
    run: str,
    out: Path | None,
    beside: tuple[str, ...],
    identity_cost: bool,
    theme: Path | None,
    locale: str,
    view: str,
    quiet: bool,
) -> None:
    """Make the page of RUN: one HTML file that needs no network.

    RUN is a run directory, or one that ablate, sweep or hangs has kept.

    The page is made from the run's tables, whatever the number of customers. A few customers'
    days are simulated again, where the run names any.
    """
    from dataclasses import replace
    from pathlib import Path

    from omnilab._files.writing import write_whole
    from omnilab.report.experiments import read_experiment
    from omnilab.report.locales import check_locale
    from omnilab.report.page import build_page
    from omnilab.report.theme import read_theme

    language = check_locale(locale)
    dress = None if theme is None else read_theme(theme)
    folder = Path(run)
    source = _source(folder)
    for other in beside:
        source = read_experiment(Path(other)).beside(source)
    if identity_cost:
        tables = {**source.tables, "identity_errors": _identity_errors(folder, quiet=quiet)}
        source = replace(source, tables=tables)
    if out is None:
        whole = folder.absolute()
        out = whole.with_name(f"{whole.name}.html")
        check_beside(context, "--out", out, PAGE)
    write_whole(out, build_page(source, theme=dress, locale=language, view=view))
    if not quiet:
        _show(source, language)
    say(f"kept in {out}", quiet=quiet)


def _source(folder: Path) -> Source:
    """Return what the page of a directory is made of, whichever command kept it."""
    from omnilab.report.experiments import kind_of, read_experiment
    from omnilab.report.page import TABLES
    from omnilab.report.source import read_source
    from omnilab.runs.directories import read_run

    if kind_of(folder) in ("ablation", "sweep"):
        return read_experiment(folder).source()
    kept = read_run(folder)
    about = _about(kept)
    _check_files(kept, TABLES)
    sized = kept.scenario.with_customers(kept.options.customers)
    return read_source(folder, TABLES, sized, about, _lives(kept))


def _identity_errors(folder: Path, *, quiet: bool) -> list[dict[str, Any]]:
    """Run a run's strategies with and without an oracle; return what the errors cost, as rows."""
    from omnilab._arguments import cores
    from omnilab.cli.course import load_strategies
    from omnilab.experiment.identity_errors import identity_errors
    from omnilab.experiment.tables import unit_of
    from omnilab.runs.directories import read_run

    kept = read_run(folder)
    sized = kept.scenario.with_customers(kept.options.customers)
    loaded = load_strategies(tuple(kept.strategies.values()), sized)
    again = int(kept.manifest.get("replications", kept.options.replications))
    with progress_bar(quiet=quiet) as show:
        found = identity_errors(
            sized, list(loaded.values()), replications=again, seed=kept.options.seed,
            engine=kept.options.engine, threads=cores(), progress=show,
        )  # fmt: skip
    return [
        {
            "strategy": e.strategy, "measure": e.measure.name,
            "unit": unit_of(e.measure, sized.currency), "value": e.estimate.value,
            "low": e.estimate.low, "high": e.estimate.high,
        }
        for e in found
    ]  # fmt: skip


def _show(source: Source, locale: str) -> None:
    """Print the answer, and how the first measure grew week by week where the run says it."""
    from omnilab.report.bars import sparkline
    from omnilab.report.locales import Numbers
    from omnilab.report.page.answer import sentence
    from omnilab.report.source import ORDER
    from omnilab.report.terminal import is_plain, open_console, plain_text

    console, numbers = open_console(), Numbers(source.currency, locale)
    for line in sentence(source, numbers):
        if line:
            console.print(plain_text(line))
    rows = [r for r in source.rows("weeks") if r["measure"] == ORDER[0] and r["value"] is not None]
    if not rows:
        return
    wide = max(len(s) for s in source.strategies)
    between = min(r["value"] for r in rows), max(r["value"] for r in rows)
    console.print(plain_text(f"LTV by week, {numbers.value(rows[0]['unit'], between[0])} to "
                             f"{numbers.value(rows[0]['unit'], between[1])}"))  # fmt: skip
    most = max(8, min(console.width, 80) - wide - 2)
    for s in source.strategies:
        values = [r["value"] for r in rows if r["strategy"] == s]
        line = sparkline(values, most=most, plain=is_plain(console), between=between)
        console.print(plain_text(f"{s:<{wide}}  {line}"))


def _about(kept: Run) -> About:
    """Return what the run's manifest says for its page.

    Raises
    ------
    DataError
        If the manifest has nothing, since an earlier version wrote it, or something else.
    """
    from omnilab.errors import DataError
    from omnilab.report.source import About
    from omnilab.runs.directories import MANIFEST

    file = kept.path / MANIFEST
    found: Any = kept.manifest.get("about")
    if found is None:
        by = kept.manifest.get("omnilab")
        raise DataError(
            f"omnilab {by} wrote it, without what a page needs: run it again", file=file
        )
    try:
        about = About(
            **found, version=str(kept.manifest["omnilab"]), digest=str(kept.manifest["digest"])
        )
        rows = [set(row) for row in about.assumptions]
        fine = all({"key", "value", "origin", "what", "is_declared"} <= row for row in rows)
        texts = [about.command, about.day, *about.meanings.values(), *about.notes]
    except (AttributeError, KeyError, TypeError) as error:
        raise DataError(f"is incomplete: {error}", file=file) from error
    if not fine or not all(isinstance(text, str) for text in texts):
        raise DataError("is incomplete: its key 'about' is of another form", file=file)
    return about


def _check_files(kept: Run, tables: Sequence[str]) -> None:
    """Refuse a run of which a file is missing or was changed: its page would not be the run's.

    Raises
    ------
    DataError
        With the first such file.
    """
    from omnilab.errors import DataError
    from omnilab.runs.directories import RESULT, SCENARIO, file_digest

    looked_at = {RESULT, SCENARIO, *(f"{name}.parquet" for name in tables)}
    for name, digest in sorted(kept.manifest.get("files", {}).items()):
        path = kept.path / name
        if name not in looked_at:
            continue
        if not path.is_file():
            raise DataError("is missing: the run is incomplete", file=path)
        if file_digest(path) != digest:
            raise DataError("was changed since the run wrote it", file=path)


def _lives(kept: Run) -> Callable[[Sequence[Row], Sequence[str]], Lives] | None:
    """Return what gives customers' days, where the run's strategies are what they were."""
    from omnilab import __version__
    from omnilab.cli.course import load_strategies
    from omnilab.cli.page import lives_of
    from omnilab.errors import OmnilabError
    from omnilab.runs.directories import source_digest

    if not (kept.path / "notable.parquet").exists():
        return None
    if kept.manifest.get("omnilab") != __version__:
        say_warning(f"omnilab {kept.manifest.get('omnilab')} made the run: no customer's days")
        return None
    sized = kept.scenario.with_customers(kept.options.customers)
    try:
        loaded = load_strategies(tuple(kept.strategies.values()), sized)
    except OmnilabError as error:
        say_warning(f"no customer's days: a strategy can't be loaded as in the run: {error}")
        return None
    for s in kept.manifest["strategies"]:
        if source_digest(loaded[s["load"]]) != s["source"]:
            say_warning(f"no customer's days: {s['name']} has changed since the run")
            return None
    return lives_of(sized, list(loaded.values()), kept.options.seed)
