"""What a search for settings found, as a document and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from omnilab.report.document import Document
from omnilab.report.gate import gate_data, gate_document
from omnilab.report.table import Table

if TYPE_CHECKING:
    from omnilab.experiment.gate.best import Optimum
    from omnilab.experiment.gate.settings import Tried
    from omnilab.scenario.model import Scenario

__all__ = ["OPTIMUM_FORMAT", "optimum_data", "optimum_document", "optimum_headline", "tried_rows"]

OPTIMUM_FORMAT: Final = "omnilab-optimum-v1"


def optimum_headline(found: Optimum) -> str:
    """Return in one sentence whether the shipped settings are to be kept."""
    if found.best is None:
        return f"No settings beat the shipped ones of {found.strategy} in the search: keep those."
    settings = _said(found.best)
    if found.is_better:
        return f"Better than the shipped settings on fresh customers: {settings}."
    return (
        f"The best of the search, {settings}, does not beat the shipped settings on fresh "
        "customers: keep those."
    )


def optimum_document(found: Optimum, scenario: Scenario, measure: str) -> Document:
    """Return a document: the headline, the fresh check, and all settings that were tried."""
    rows = tuple(
        (_said(t),
         ("proposed" if t.proposed else "spread", str(t.rounds),
          "-" if t.gain is None else f"{t.gain:+.4g}", t.refused or ", ".join(t.breaks) or "-"))
        for t in found.tried
    )  # fmt: skip
    tables = [
        Table("Settings that were tried", "settings",
              ("chosen", "rounds", f"gain in {measure}", "breaks"), rows,
              "The gain is that of the search, which flatters the best.")
    ]  # fmt: skip
    lines = [optimum_headline(found)]
    if found.worlds:
        lines.append(
            f"The better settings ran in {found.worlds} plausible worlds, the winner in others."
        )
    if found.checked is not None:
        fresh = gate_document(found.checked)
        lines += fresh.headlines
        tables = [*fresh.tables, *tables]
    setting = f"{scenario.id}: {scenario.population.customers:,} customers in the last rounds"
    return Document(f"Settings of {found.strategy}", setting, tuple(lines), tuple(tables), ())


def optimum_data(found: Optimum, scenario: Scenario) -> dict[str, Any]:
    """Return all of it as ``--json`` writes it."""
    return {
        "format": OPTIMUM_FORMAT, "scenario": scenario.id, "strategy": found.strategy,
        "is_better": found.is_better, "said": optimum_headline(found),
        "searched_worlds": found.worlds,
        "best": None if found.best is None else _row(found.best),
        "tried": tried_rows(found),
        "fresh": None if found.checked is None else gate_data(found.checked),
    }  # fmt: skip


def tried_rows(found: Optimum) -> list[dict[str, Any]]:
    """Return all settings, a row each, the best first."""
    return [_row(one) for one in found.tried]


def _row(one: Tried) -> dict[str, Any]:
    return {
        "name": one.name, "settings": one.settings, "gain": one.gain, "rounds": one.rounds,
        "breaks": list(one.breaks), "refused": one.refused, "proposed": one.proposed,
    }  # fmt: skip


def _said(one: Tried) -> str:
    return ", ".join(f"{path} = {value}" for path, value in one.settings.items())
