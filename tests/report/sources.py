"""A run as a report sees it, with every table, made without a simulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

from omnilab.experiment.result import result_of
from omnilab.report.lives import Life, Lives, Moment
from omnilab.report.source import About, Source
from omnilab.runs.files import tables_of
from omnilab.scenario import load_scenario
from tests.cli import laboratory
from tests.report.tables_by_hand import tables_by_hand

NAMES = ("omnichannel", "multichannel", "no_contact")
CHANNELS = ("web", "email", "app", "store")
SHARES = {
    "identity_precision": 0.91, "identity_recall": 0.42, "identity_f1": 0.57,
    "open_rate": 0.14, "unsubscribe_rate": 0.0026,
}  # fmt: skip


def source_by_hand(
    names: Sequence[str] = NAMES, *, reference: str | None = "multichannel", full: bool = True,
    title: str = "A shop", channels: Sequence[str] = CHANNELS, lives: bool = True,
) -> Source:  # fmt: skip
    """Return a run of strategies of any names; with ``full`` all tables that there can be."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "lab.yaml"
        file.write_text(laboratory.SHOP, encoding="utf-8")
        scenario = load_scenario(file).model_copy(update={"title": title})
    asked = [
        SimpleNamespace(name=n, plan=SimpleNamespace(journeys=[SimpleNamespace(name="cart")]))
        for n in names
    ]
    comparison: Any = laboratory.compare(scenario, asked)
    result = result_of(comparison, digest="d" * 64, against=reference)
    tables: dict[str, Any] = tables_of(comparison, {s.name: s for s in asked}, reference)  # type: ignore[arg-type]
    for n, row in enumerate(tables["results"]):
        if row["measure"] in SHARES:
            value = SHARES[row["measure"]] * (1 - 0.0001 * n)
            row |= {"value": value, "low": value * 0.9, "high": value * 1.1}
    for row in tables["breakdowns"]:
        if row["by"] == "journey" and row["measure"] in ("total_reached_1", "total_final_capped"):
            row["value"] = 30.0 if row["measure"] == "total_reached_1" else 10.0
    if full and result["reference"] is not None:
        tables |= tables_by_hand(names, result["reference"], channels)
        result["equal_volume"] = equal_by_hand(names[0], result["reference"])
        result["split_tests"] = split_by_hand(names[0], names[-1])
        result["hangs"] = {
            "measure": "ltv", "worlds": 64,
            "wins": [{"strategy": s, "share": 0.83 if n == 0 else 0.02}
                     for n, s in enumerate(names)],
        }  # fmt: skip
    about = About(
        command="omnilab compare lab.yaml --seed 1", day="2026-11-30", version="1.2.3",
        digest="e" * 64, meanings={names[0]: "Shares `all` it <knows>."},
        assumptions=[
            {"key": "world.choice", "value": "3", "origin": "scenario", "what": "How they choose.",
             "is_declared": True},
            {"key": "world.other", "value": "4", "origin": "default", "what": "What else.",
             "is_declared": False},
        ],
        notes=["A note."],
    )  # fmt: skip
    source = Source(scenario, result, tables, about)
    if lives and full:
        source = replace(source, lives=lambda rows, shown: lives_by_hand(shown, rows))
    return source


def equal_by_hand(strategy: str, reference: str) -> list[dict[str, Any]]:
    """Return a win that does not survive equal volume, in the main measures and both ways."""
    return [
        {
            "way": way, "strategy": strategy, "reference": reference,
            "equal_strategy": f"{strategy}@{reference}", "equal_reference": reference,
            "how": f"{strategy}'s cap is 4 messages in 14.0 days", "customers": 100,
            "messages": 58.5, "reference_messages": 58.7, "gap": -0.003, "measure": measure,
            "unit": unit, "plain": 0.4, "value": 0.1, "low": -0.1, "high": 0.3, "survives": False,
        }
        for way in ("by cap", "by type")
        for measure, unit in (("ltv", "EUR"), ("purchase_rate", "share"))
    ]  # fmt: skip


def split_by_hand(strategy: str, unread: str) -> list[dict[str, Any]]:
    """Return a test that the tool reads as a win and that is a loss, and one that is not read."""
    test = {"test": "words", "by": "profile", "share": 0.5, "within_s": 604_800, "unit": "EUR"}
    nothing = {k: None for side in ("seen", "true")
               for k in (side, f"{side}_low", f"{side}_high", f"{side}_verdict")}  # fmt: skip
    read = {"customers": 100, "contamination": 0.125, "profiles": 40, "buyers": 10}
    said = {
        "seen": 0.4, "seen_low": 0.1, "seen_high": 0.7, "seen_verdict": "better",
        "true": -0.03, "true_low": -0.05, "true_high": -0.01, "true_verdict": "worse",
    }  # fmt: skip
    arms: list[dict[str, Any]] = [
        {"arm": "plain", "against": None, **nothing}, {"arm": "offer", "against": "plain", **said},
    ]  # fmt: skip
    first = [{**test, **read, **arm, "strategy": strategy} for arm in arms]
    none = {**dict.fromkeys(read), **nothing}
    return first + [{**test, **arm, **none, "strategy": unread} for arm in arms]


def lives_by_hand(names: Sequence[str], rows: Sequence[Any]) -> Lives:
    """Return customers with two equal moments, then one under the first strategy alone, and so on.

    The words hold the customer's number, so that a test sees whose days are shown.
    """
    customers = []
    for row in rows:
        who = row["customer"]
        every = tuple((("visit", f"visit web {who}"),) for _ in names)
        alone = ((("order", f"order 20.00 EUR {who}"),), *(() for _ in names[1:]))
        moments = [
            Moment(86400 * (30 + day), f"2026-02-{1 + day:02d} 10:00", every)
            for day in range(5)
        ]  # fmt: skip
        moments.append(Moment(86400 * 40, "2026-02-11 12:00", alone))
        moments.append(Moment(86400 * 41, "2026-02-12 12:00", every))
        sums = tuple(f"{1 if n == 0 else 0} orders of {who}" for n in range(len(names)))
        customers.append(Life(row, "keen", sums, tuple(moments)))
    return Lives(tuple(names), tuple(customers))
