"""The tidy tables and the JSON of an ablation; the columns are declared once, here."""

from __future__ import annotations

from typing import Any, Final

from omnilab.experiment.ablation import KINDS, Ablation, Effect
from omnilab.experiment.statistics import LEVEL, Estimate
from omnilab.experiment.tables import Column, unit_of
from omnilab.scenario.tree import dotted
from omnilab.scenario.wiring import wiring_words

__all__ = [
    "ABLATION_FORMAT",
    "ABLATION_TABLES",
    "COMBINATIONS",
    "EFFECTS",
    "ablation_notes",
    "ablation_of",
    "combination_rows",
    "effect_rows",
]

Row = dict[str, Any]

ABLATION_FORMAT: Final = "omnilab-ablation-v1"
PAIRED: Final = "paired delta method, Student's t, Holm"
SAMPLED: Final = "sampled orders, paired delta method, Student's t"
VALUE_ONLY: Final = "value only"

_MEASURE: Final = Column("measure", "Name of the measure, as `omnilab list measures` has it.")
_UNIT: Final = Column(
    "unit",
    "Unit of the numbers: `share` (of 1; a difference of 0.01 is one point), `number`, `ratio`, or "
    "the scenario's currency, such as `EUR`.",
)
_LEVEL: Final = Column(
    "level", "Confidence level of the intervals: 0.95; null without bounds.", "number", null=True
)
_CLUSTERS: Final = Column(
    "clusters", "Independent clusters of customers that the intervals rest on.", "whole"
)

#: One row for each set of switches that was run and each measure. Key: combination, measure.
COMBINATIONS: Final = (
    Column("combination", "Names of the switches that are on, joined by ` + `; `none` or `all`."),
    Column("switched_on", "How many are on.", "whole"),
    _MEASURE,
    _UNIT,
    Column(
        "value",
        "The measure with these on; null where that failed or nothing can be divided by.",
        "number", null=True,
    ),
    Column("low", "Lower bound of the value's interval.", "number", null=True),
    Column("high", "Upper bound.", "number", null=True),
    Column("difference", "The value less that of `none`, same customers.", "number", null=True),
    Column("difference_low", "Lower bound of the difference's interval.", "number", null=True),
    Column("difference_high", "Upper bound.", "number", null=True),
    _LEVEL,
    _CLUSTERS,
    Column("log_digest", "Of the event log, 32 hexadecimal digits; null where it failed.",
           null=True),
)  # fmt: skip
#: One row for each effect and measure. Key: kind, switch, and_switch, measure.
EFFECTS: Final = (
    Column(
        "kind",
        "`whole`: all switches on less none. `alone`: one on less none. `last`: all less all but "
        "one. `shapley`: its mean gain over all orders in which switches come on. `interaction`: "
        "what two give together beyond each by itself, averaged likewise.",
        values=KINDS,
    ),
    Column("switch", "Name of the switch; null for the whole.", null=True),
    Column("and_switch", "The other switch of an interaction; else null.", null=True),
    _MEASURE,
    _UNIT,
    Column(
        "value",
        "The effect on the same customers; null where a combination that it needs failed.",
        "number", null=True,
    ),
    Column("exact", "The value as a fraction, such as `-7/30`: Shapley values add up to the whole.",
           null=True),
    Column("low", "Lower bound of the interval.", "number", null=True),
    Column("high", "Upper bound of the interval.", "number", null=True),
    _LEVEL,
    Column("error", "Standard error.", "number", null=True),
    Column("p_value", "Two-sided, of this effect alone, 0 to 1.", "number", null=True),
    Column("p_adjusted", "Holm's, among the effects of this kind and measure, 0 to 1.", "number",
           null=True),
    Column("hardly_chance", "p_adjusted is below 0.05. Null without a p-value.", "flag", null=True),
    Column("share_of_whole", "The effect as a share of the whole's; null where that is 0.",
           "number", null=True),
    Column("method", "How the interval was made.", values=(PAIRED, SAMPLED, VALUE_ONLY)),
    _CLUSTERS,
)  # fmt: skip

#: The tables by the names of their files.
ABLATION_TABLES: Final[dict[str, tuple[Column, ...]]] = {
    "combinations": COMBINATIONS,
    "effects": EFFECTS,
}


def combination_rows(ablation: Ablation) -> list[Row]:
    """Return the rows of `COMBINATIONS`, by measure and set."""
    designed, together = ablation.design, ablation.together
    rows = []
    for name, measure in ablation.measures.items():
        for on in designed.sets:
            value, gain = ablation.value(name, on), ablation.above_none(name, on)
            rows.append(
                {
                    "combination": designed.label(on),
                    "switched_on": on.bit_count(),
                    "measure": name,
                    "unit": unit_of(measure, designed.scenario.currency),
                    "value": value.value,
                    "low": value.low,
                    "high": value.high,
                    "difference": gain.value,
                    "difference_low": gain.low,
                    "difference_high": gain.high,
                    "level": _level(value),
                    "clusters": together.moments.clusters,
                    "log_digest": together.digests.get(designed.column[on]),
                }
            )
    return rows


def effect_rows(ablation: Ablation) -> list[Row]:
    """Return the rows of `EFFECTS`, in the order of `Ablation.effects`."""
    return [_effect(e, ablation) for e in ablation.effects()]


def ablation_of(ablation: Ablation, *, digest: str) -> Row:
    """Return an ablation as plain data.

    Parameters
    ----------
    ablation
        What was found.
    digest
        Of the scenario as its file has it.
    """
    designed, together = ablation.design, ablation.together
    names = [switch.name for switch in designed.switches]
    return {
        "format": ABLATION_FORMAT,
        "scenario": {"id": designed.scenario.id, "digest": digest},
        "currency": designed.scenario.currency,
        "engine": together.engine,
        "seed": ablation.seed,
        "customers": ablation.customers,
        "replications": ablation.replications,
        "clusters": together.moments.clusters,
        "level": LEVEL,
        "strategy": designed.strategy,
        "wiring": {
            "name": designed.wiring.name,
            "what": wiring_words(designed.wiring, designed.scenario),
        },
        "switches": [
            {
                "name": switch.name,
                "path": dotted(switch.path),
                "of": "plan" if switch.in_plan else "scenario",
            }
            for switch in designed.switches
        ],
        "orders": [[names[i] for i in order] for order in designed.orders],
        "measures": list(ablation.measures),
        "combinations": combination_rows(ablation),
        "effects": effect_rows(ablation),
        "failures": {name: str(together.failures[name]) for name in sorted(together.failures)},
        "notes": ablation_notes(ablation),
        "elapsed_s": round(together.elapsed_s, 3),
    }


def ablation_notes(ablation: Ablation) -> list[str]:
    """Return what a reader has to know of the numbers."""
    designed, together = ablation.design, ablation.together
    n, logs = len(designed.switches), len(together.digests)
    many = f"{len(designed.sets)} of {1 << n:,}" if designed.orders else f"all {1 << n:,}"
    ran = f"Ran {many} combination{'' if n == 0 else 's'} of the switches"
    notes = [f"{ran}, as {logs} different plans." if logs < len(designed.sets) else f"{ran}."]
    if designed.orders:
        notes.append(
            f"Not all combinations were affordable, so Shapley values are means over "
            f"{len(designed.orders)} sampled orders, each with its reverse, and interactions are "
            "left out. Their intervals hold the choice of orders too; --most-combinations takes "
            "more."
        )
    said = wiring_words(designed.wiring, designed.scenario)
    notes.append(f"Silo map {designed.wiring.name}: {said}.")
    if any(s.path[-1] == "identity" and s.is_choice for s in designed.switches):
        notes.append(
            "No sharing choice reaches beyond what identity has linked: alone, the others change "
            "nothing."
        )
    looks = n if n > 1 else 0
    if looks:
        notes.append(
            f"* hardly chance: p < 0.05 after Holm's correction for the {looks} switches of a "
            "column."
        )
    if together.failures:
        notes.append(
            f"{len(together.failures)} of the plans failed; effects that need them have no value."
        )
    return notes


def _effect(effect: Effect, ablation: Ablation) -> Row:
    found = effect.estimate
    first, second = [*effect.switches, None, None][:2]
    of_orders = effect.kind == "shapley" and bool(ablation.design.orders)
    method = SAMPLED if of_orders else PAIRED
    return {
        "kind": effect.kind,
        "switch": first,
        "and_switch": second,
        "measure": effect.measure.name,
        "unit": unit_of(effect.measure, ablation.design.scenario.currency),
        "value": found.value,
        "exact": None if effect.exact is None else str(effect.exact),
        "low": found.low,
        "high": found.high,
        "level": _level(found),
        "error": found.error,
        "p_value": found.p_value,
        "p_adjusted": effect.p_adjusted,
        "hardly_chance": effect.hardly_chance,
        "share_of_whole": effect.share,
        "method": VALUE_ONLY if found.low is None else method,
        "clusters": ablation.together.moments.clusters,
    }


def _level(found: Estimate) -> float | None:
    return None if found.low is None else LEVEL
