"""JSON Schemas (2020-12) of what leaves the product: ``result.json`` and the rows of the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from omnilab.experiment.ablation_tables import ABLATION_FORMAT, ABLATION_TABLES
from omnilab.experiment.customers import CUSTOMERS
from omnilab.experiment.plausible.compared import WORLD_DIFFERENCES
from omnilab.experiment.plausible.swept import OVER_WORLDS_TABLES
from omnilab.experiment.plausible.verdict import INFORMATION, SHARES
from omnilab.experiment.result import RESULT_FORMAT
from omnilab.experiment.sweep.hangs import TORNADO
from omnilab.experiment.sweep.indices import INDICES
from omnilab.experiment.sweep.tables import POINTS, SWEEP
from omnilab.experiment.tables import DIFFERENCES, TABLES, TABLES_FORMAT, Column
from omnilab.experiment.tests_beside import BETTER, CHANCE, SAME, WORSE

__all__ = ["OUTPUTS", "output_schema"]

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_TYPES: Final = {"text": "string", "number": "number", "whole": "integer", "flag": "boolean"}
_TITLES: Final = {
    "results": "a row of results.parquet: a measure under a strategy",
    "differences": "a row of differences.parquet: a measure under a strategy less the reference",
    "combinations": "a row of an ablation's combinations.parquet: switches that are on",
    "effects": "a row of an ablation's effects.parquet: what a switch changes",
    "breakdowns": "a row of breakdowns.parquet: a number of a channel, journey or persona",
    "groups": "a row of groups.parquet: a measure of a group of customers under a strategy",
    "weeks": "a row of weeks.parquet: a measure of a week under a strategy",
    "days": "a row of days.parquet: a measure of a day under a strategy",
    "funnel": "a row of funnel.parquet: due messages that ended at a stage",
    "causes": "a row of causes.parquet: why customers left, gave up, lost a need or opted out",
    "transitions": "a row of transitions.parquet: moves from a channel within needs",
    "paths": "a row of paths.parquet: needs that ended on a path of channels",
    "spread": "a row of spread.parquet: how contacts and gains are spread over customers",
    "notable": "a row of notable.parquet: a customer whom a strategy changes much",
    "customers": "a row of customers.parquet: a customer under a strategy",
    "sweep": "a row of sweep.parquet: a measure under a strategy at a point",
    "points": "a row of points.parquet: the value of what varies at a point",
    "indices": "a row of indices.parquet: sensitivity of a measure to what varies",
    "tornado": "a row of tornado.parquet: a difference at both ends of an assumption's range",
    "shares": "a row of shares.parquet: in what share of plausible worlds a strategy is the best",
    "world_differences": "a row of world_differences.parquet: a difference over plausible worlds",
    "information": "a row of information.parquet: what it is worth to know a parameter",
    "point_differences": "a row of point_differences.parquet: a point's difference over worlds",
    "point_shares": "a row of point_shares.parquet: in what share of worlds a point's best wins",
}
#: The tables of sweeps, by the names of their files.
_SWEEPS: Final = {
    "sweep": SWEEP, "points": POINTS, "indices": INDICES, "tornado": TORNADO, "shares": SHARES,
    "world_differences": WORLD_DIFFERENCES, "information": INFORMATION, **OVER_WORLDS_TABLES,
}  # fmt: skip
_ALL: Final = {**TABLES, "customers": CUSTOMERS, **_SWEEPS}

#: What there is a schema of.
OUTPUTS: Final = ("result", *_ALL, *ABLATION_TABLES)


def output_schema(name: str) -> dict[str, Any]:
    """Return the schema of an output.

    Parameters
    ----------
    name
        Of `OUTPUTS`: ``result`` is the file ``result.json``, which ``--json`` writes too; the
        others describe one row of the Parquet file of that name.
    """
    if name == "result":
        return {"$schema": _DIALECT, "title": "result.json of omnilab", **_result()}
    if name in ABLATION_TABLES:
        columns, form = ABLATION_TABLES[name], ABLATION_FORMAT
    else:
        columns, form = _ALL[name], TABLES_FORMAT
    return {"$schema": _DIALECT, "title": _TITLES[name], "$comment": form, **_row(columns)}


def _result() -> dict[str, Any]:
    """Return the schema of the file, key by key in its order."""
    schema = _object(
        {
            "format": {"const": RESULT_FORMAT, "description": "Changes when the form does."},
            "scenario": _object({"id": _text("Its id."), "digest": _hex(64, "Of its content.")}),
            "currency": _text("Of all amounts, three letters.", pattern="^[A-Z]{3}$"),
            "engine": {"enum": ["compiled", "simpy"], "description": "Which engine ran."},
            "seed": _whole("As asked for.", 0),
            "customers": _whole("In each replication.", 1),
            "replications": _whole("Populations with draws of their own.", 1),
            "clusters": _whole("Independent clusters that the intervals rest on.", 0),
            "level": {"const": 0.95, "description": "Confidence level of every low and high."},
            "reference": {
                "type": ["string", "null"],
                "description": "The strategy that is subtracted in every difference; null where "
                "there is one strategy.",
            },
            "strategies": _list(_strategy(), "By name."),
            "differences": _list(_row(DIFFERENCES), "Each other strategy less the reference."),
            "notes": _list(_note(), "What to know of single measures."),
            "best": _best(),
            "equal_volume": _list(
                _equal(),
                "The main two strategies at equal volume: a row a way and measure; none where "
                "both send as many messages, or there are no two that send any.",
            ),
            "worlds": _or_null(
                _worlds(),
                "Small worlds over what is assumed; null where the run is small, nothing has a "
                "range, a strategy failed, or --quick left them out.",
            ),
            "left_out": _list(
                {"enum": ["equal volume", "worlds", "split tests"]},
                "What --quick left out; none without it.",
            ),
            "until": _or_null(_until(), "How --until ended; null where it was not asked for."),
            "elapsed_s": {"type": "number", "minimum": 0, "description": "Seconds by the clock."},
        }
    )
    schema["properties"]["pay_back"] = _list(
        _pay_back(), "When a strategy has earned what it costs more; only where costs are declared."
    )
    schema["properties"]["split_tests"] = _list(
        _split_test(),
        "Split tests of the strategies' plans: a row a strategy, test and arm; only where there "
        "are some.",
    )
    return schema


def _split_test() -> dict[str, Any]:
    number = {"type": ["number", "null"]}
    whole = {"type": ["integer", "null"]}
    verdict = {"enum": [BETTER, WORSE, CHANCE, SAME, None]}
    return _object(
        {
            "strategy": _text("Who runs the test."),
            "test": _text("Of brand.tests."),
            "by": {"enum": ["profile", "address"], "description": "Whose draw decides."},
            "arm": _text("Its name."),
            "share": {"type": "number", "description": "Of those who are divided."},
            "against": {
                "type": ["string", "null"],
                "description": "The first arm, that it is compared with; null for that itself.",
            },
            "customers": whole | {"description": "On how many it was read; null if it was not."},
            "within_s": _whole("How long orders count after a profile fell into an arm.", 1),
            "contamination": number
            | {"description": "Share of the test's persons who are in two arms or more."},
            "profiles": whole | {"description": "In this arm alone, as the tool counts them."},
            "buyers": whole | {"description": "Of them, who bought in that time."},
            "unit": _text("Of the differences."),
            "seen": number
            | {"description": "Revenue a profile less the first arm's, as the tool reads it."},
            "seen_low": number | {"description": "Lower bound of its interval of two samples."},
            "seen_high": number | {"description": "Upper bound."},
            "seen_verdict": verdict | {"description": "How one reads that interval."},
            "true": number
            | {"description": "Revenue a customer with all in this arm less all in the first."},
            "true_low": number | {"description": "Lower bound of its paired interval."},
            "true_high": number | {"description": "Upper bound."},
            "true_verdict": verdict | {"description": "How one reads that interval."},
        }
    )


def _pay_back() -> dict[str, Any]:
    number = {"type": "number"}
    weeks = {"type": ["integer", "null"], "minimum": 1}
    return _object(
        {
            "strategy": _text("Which costs more, or less, than the reference."),
            "reference": _text("The strategy that is subtracted."),
            "extra_cost": number
            | {
                "description": "What it costs more a customer in the window, beside sends and "
                "clicks; discounted, of the currency."
            },
            "gain": number | {"description": "LTV above the reference's, for each customer."},
            "weeks": weeks
            | {"description": "Until it has paid back; null where the run ends first."},
            "low": weeks | {"description": "Lower end of its interval; null where unknown."},
            "high": weeks | {"description": "Upper end; null where the run ends first or unknown."},
            "run_weeks": _whole("Of the run, from the window's start.", 1),
            "known": _flag("Whether there are clusters enough for an interval."),
        }
    )


def _worlds() -> dict[str, Any]:
    moved = _object(
        {
            "path": _text("Dotted key."),
            "low": _text("Lower end of its range, as a scenario file has it."),
            "high": _text("Upper end; of silo maps the last."),
        }
    )
    return _object(
        {
            "measure": _text("By which the best strategy is told."),
            "worlds": _whole("How many have a value.", 2),
            "customers": _whole("In each.", 1),
            "moved": _list(moved, "What differs between them."),
            "shares": _list(_row(SHARES), "Who is the best in what share; the winner first."),
        }
    )


def _note() -> dict[str, Any]:
    names = _list(_text("Its name."), "The measures that it is about.")
    return _object({"measures": names, "text": _text("A sentence or two.")})


def _best() -> dict[str, Any]:
    chance = {"type": "number", "minimum": 0, "description": "Of the strategy, 0 to 1."}
    of_measure = {"type": ["object", "null"], "additionalProperties": chance}
    return {
        "type": "object",
        "additionalProperties": of_measure,
        "description": "By main measure and strategy: the chance to be the best, adding up to 1; "
        "null where it is unknown.",
    }


def _equal() -> dict[str, Any]:
    number = {"type": ["number", "null"]}
    return _object(
        {
            "way": {"enum": ["by cap", "by type"], "description": "What makes volumes equal."},
            "strategy": _text("The one of the two that is compared."),
            "reference": _text("The one that is subtracted."),
            "equal_strategy": _text("Which stands for it, derived or the same."),
            "equal_reference": _text("Likewise."),
            "how": _text("What was changed."),
            "customers": _whole("On how many, in all replications.", 1),
            "messages": {"type": "number", "description": "Of the strategy, for each customer."},
            "reference_messages": {"type": "number", "description": "Of the reference."},
            "gap": number | {"description": "How far they are apart, share of the reference's."},
            "measure": _text("Its name."),
            "unit": _text("Of the differences."),
            "plain": number | {"description": "The difference as the strategies are."},
            "value": number | {"description": "The difference at equal volume."},
            "low": number | {"description": "Lower bound of its interval."},
            "high": number | {"description": "Upper bound."},
            "survives": {
                "type": ["boolean", "null"],
                "description": "Whether it has the plain difference's sign beyond chance; null "
                "where that may be chance itself.",
            },
        }
    )


def _until() -> dict[str, Any]:
    number = {"type": ["number", "null"]}
    target = {
        "measure": _text("Its name."),
        "half": {"type": "number", "description": "Half the width of the interval asked for."},
        "relative": _flag("Whether that is a share of the reference's value."),
    }
    look = {
        "customers": _whole("In all replications so far.", 1),
        "needed_customers": {
            "type": ["integer", "null"],
            "description": "What the target takes; null where no number will do.",
        },
    }
    difference = {
        "strategy": _text("Less the reference."),
        "reference": _text("The strategy that is subtracted."),
        "measure": _text("Its name."),
        "half": number | {"description": "Half the width of its interval."},
        "wanted": number | {"description": "How narrow that was to be."},
        "narrow": _flag("Whether it is."),
        "unpaired_times": number
        | {"description": "How many times as many customers independent groups would need."},
    }
    return _object(
        {
            "targets": _list(_object(target), "What was asked for."),
            "most_customers": _whole("In all replications, at most.", 1),
            "met": _flag("Whether the intervals became so narrow."),
            "why": _text("Why it stopped."),
            "customers": _whole("In all replications.", 1),
            "looks": _list(_object(look), "When the rule looked at the widths."),
            "differences": _list(_object(difference), "What was waited for."),
        }
    )


def _strategy() -> dict[str, Any]:
    number = {"type": ["number", "null"]}
    measure = _object(
        {
            "unit": _text("As in the tables: share, number, ratio or the currency."),
            "value": number | {"description": "Null where nothing can be divided by."},
            "low": number | {"description": "Lower bound; null with too few clusters."},
            "high": number | {"description": "Upper bound."},
        }
    )
    measures = {"type": "object", "additionalProperties": measure, "description": "By name."}
    return _object(
        {
            "name": _text("Of the strategy."),
            "log_digest": _hex(32, "Of its event log, whatever the engine."),
            "events": _whole("Rows of the log.", 0),
            "wiring": _or_null(
                _object({"name": _text("Of the preset, or own."), "what": _text("In words.")}),
                "The silo map that it ran on; null where a map can change nothing of it.",
            ),
            "measures": measures,
        }
    )


def _row(columns: Sequence[Column]) -> dict[str, Any]:
    return _object({column.name: _column(column) for column in columns})


def _column(column: Column) -> dict[str, Any]:
    kind = _TYPES[column.kind]
    schema: dict[str, Any] = {"type": [kind, "null"] if column.null else kind}
    if column.values:
        schema["enum"] = list(column.values)
    return schema | {"description": column.what}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object that has all of these keys and no other."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _or_null(schema: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Return an object's schema that also takes null."""
    return {**schema, "type": ["object", "null"], "description": what}


def _flag(what: str) -> dict[str, Any]:
    return {"type": "boolean", "description": what}


def _list(items: Mapping[str, Any], what: str) -> dict[str, Any]:
    return {"type": "array", "items": dict(items), "description": what}


def _text(what: str, **more: str) -> dict[str, Any]:
    return {"type": "string", **more, "description": what}


def _hex(digits: int, what: str) -> dict[str, Any]:
    return _text(f"{what} {digits} hexadecimal digits.", pattern=f"^[0-9a-f]{{{digits}}}$")


def _whole(what: str, least: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "description": what}
