"""Tables for other tools, and bundles with the truth apart, from Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from os import PathLike, fsdecode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omnilab._arguments import choice, known_arguments, path, python_words, texts, whole
from omnilab._arguments import progress as callback
from omnilab.api.experiments import ENGINES, check_strategies, loaded_strategy, threads_of
from omnilab.api.scenarios import scenario_of
from omnilab.errors import OptionError
from omnilab.experiment.request import silent
from omnilab.interop.asked import check_fillable, check_names, source_of_run
from omnilab.interop.bundle import write_bundle
from omnilab.interop.exporting import check_folder
from omnilab.interop.exporting import export as write_export
from omnilab.interop.kinds import WORKBOOK, chosen_kinds, files_of
from omnilab.interop.source import Source

if TYPE_CHECKING:
    import pandas as pd

    from omnilab.scenario.model import Scenario
    from omnilab.strategy.protocol import Strategy

__all__ = ["ExportResult", "export"]

_CLEAN = ("receipts", "identifiers")


class ExportResult:
    """The result of `export`.

    Parameters
    ----------
    contents
        What the files hold, by name; none of a bundle, whose truth stays in its folder.
    folder
        Where they were written; None where they were not.
    files
        Names of the files that were written.
    """

    def __init__(self, contents: dict[str, Any], folder: Path | None, files: Sequence[str]) -> None:
        self._contents, self.folder, self.files = contents, folder, tuple(files)

    def __repr__(self) -> str:
        """Return where the files are, and their names."""
        names = ", ".join(self.files or self._contents)
        return f"<omnilab export: {self.folder or 'not written'}: {names}>"

    def table(self, name: str) -> pd.DataFrame:
        """Return a table by its file's name, such as ``"meridian.csv"``; the ending may be left.

        Raises
        ------
        OptionError
            If there is none.
        """
        import pandas as pd

        found = self._contents.get(name, self._contents.get(f"{name}.csv"))
        if isinstance(found, pd.DataFrame):
            return found
        there = [n for n, c in self._contents.items() if isinstance(c, pd.DataFrame)]
        raise OptionError(f"there is no table {name!r}; there are {', '.join(there) or 'none'}")

    def contents(self) -> dict[str, Any]:
        """Return what all files hold, by name: tables, lines of text, arrays, or JSON's objects."""
        return dict(self._contents)


@known_arguments
def export(
    source: str | PathLike[str] | Scenario,
    kinds: str | Sequence[str] = (),
    out: str | PathLike[str] | None = None,
    *,
    bundle: str | PathLike[str] | None = None,
    clean: Sequence[str] = (),
    strategies: Sequence[str | Strategy] = (),
    control: str | Strategy = "no_contact",
    customers: int | None = None,
    seed: int | None = None,
    engine: str = "auto",
    threads: int | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> ExportResult:
    """Make what a simulated brand knows as other tools take it, as ``omnilab export`` does.

    Parameters
    ----------
    source
        A shipped scenario's id, a file, what `load_scenario` returned, or a run directory.
    kinds
        For which tools: ``"meridian"``, or ``["clv", "splink"]``.
    out
        A folder to write, that is not there yet; without it the tables are made and not written.
    bundle
        A folder, in place of ``kinds``: what an analyst would have, and apart from it the truth.
    clean
        Of a bundle: ``receipts`` as things truly were, ``identifiers`` that are neither mistyped
        nor shared.
    strategies
        Whose tables: names or objects; more of them are more arms of a bandit. ``omnichannel`` by
        default; of a run the names that it has.
    control
        What a trial holds the strategy against.
    customers, seed
        Of a scenario; a run has its own.
    engine, threads, progress
        As `compare` takes them.

    Raises
    ------
    DataError
        For a table that the scenario can't fill; then nothing is written.
    OptionError, ScenarioError, StrategyError
        What is wrong, in one line.
    """
    given: Any = (kinds,) if isinstance(kinds, str) else kinds
    with python_words():
        if (bundle is None) == (not given):
            raise OptionError("give kinds, or bundle alone")
        if bundle is not None and out is not None:
            raise OptionError("out: belongs to kinds: bundle names its own folder")
        if clean and bundle is None:
            raise OptionError("clean: belongs to bundle")
        chosen = chosen_kinds(texts("kinds", given)) if given else ()
        if WORKBOOK in chosen and out is None:
            raise OptionError("kinds: xlsx is a file: give out")
        tidy = [choice("clean", one, _CLEAN) for one in texts("clean", clean)] if clean else []
        name, target = ("out", out) if bundle is None else ("bundle", bundle)
        folder = None if target is None else path(name, target)
        if folder is not None:
            check_folder(folder, name)
        made = _source(source, strategies, control, customers, seed)
        check_names(made.strategies, made.control)
        check_fillable(made, chosen, whole=bundle is not None)
        made.engine, made.threads = choice("engine", engine, ENGINES), threads_of(threads)
        made.say = callback("progress", progress) or silent
        if bundle is not None:
            assert folder is not None
            return ExportResult({}, folder, write_bundle(made, folder, clean=tidy))
        files = write_export(made, chosen, folder) if folder is not None else []
        contents = files_of(made, chosen)
    return ExportResult(
        {n: c for n, c in contents.items() if Path(n).stem not in made.tables}, folder, files
    )


def _source(
    source: Any, strategies: Any, control: Any, customers: int | None, seed: int | None
) -> Source:
    """Return what is exported: of a run directory its own scenario, customers and seed."""
    named = list(check_strategies(strategies)) if strategies else []
    if isinstance(source, str | PathLike) and Path(fsdecode(source)).is_dir():
        if seed is not None or customers is not None:
            raise OptionError("a run directory has its own seed and customers")
        if not all(isinstance(one, str) for one in named) or not isinstance(control, str):
            raise OptionError("strategies: of a run directory they are names")
        return source_of_run(Path(fsdecode(source)), [str(one) for one in named], control)
    scenario = scenario_of(source)
    if customers is not None:
        scenario = scenario.with_customers(whole("customers", customers, 1, 10**9))
    loaded = tuple(loaded_strategy("strategies", one, scenario) for one in named or ["omnichannel"])
    return Source(
        scenario, loaded, loaded_strategy("control", control, scenario),
        seed=1 if seed is None else whole("seed", seed, 0, 2**63 - 1),
    )  # fmt: skip
