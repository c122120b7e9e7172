"""What a comparison found, as the JSON that commands print and run directories keep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omnilab.errors import DataError
from omnilab.experiment.best import best_chances
from omnilab.experiment.differences import reference_of
from omnilab.experiment.match import equal_rows
from omnilab.experiment.payback import pay_back_rows
from omnilab.experiment.remarks import remarks
from omnilab.experiment.statistics import LEVEL
from omnilab.experiment.tables import difference_rows, unit_of
from omnilab.scenario.wiring import wiring_words

if TYPE_CHECKING:
    from omnilab.experiment.comparison import Comparison, StrategyRun

__all__ = ["RESULT_FORMAT", "read_result", "result_faults", "result_of", "result_text"]

Result = dict[str, Any]

RESULT_FORMAT: Final = "omnilab-result-v4"
_KEYS: Final = (
    *("format", "scenario", "currency", "engine", "seed", "customers", "replications", "clusters"),
    *("level", "reference", "strategies", "differences", "notes", "best", "equal_volume"),
    *("worlds", "left_out", "until", "elapsed_s"),
)
_TIMES: Final = "elapsed_s"  # the one key that two equal runs may differ in


def result_of(comparison: Comparison, *, digest: str, against: str | None = None) -> Result:
    """Return a comparison as plain data, in the order of the strategies' names.

    The order in which strategies were asked for is not in it, so that another order gives the same
    text. A value without a denominator is None, and so are its bounds; bounds alone are None where
    there are too few clusters. `omnilab.experiment.schemas` describes every key.

    Parameters
    ----------
    comparison
        One strategy or more.
    digest
        Of the scenario as its file has it, before ``--customers`` changed the population's size.
    against
        The strategy that differences are taken against; None for the usual one.
    """
    runs = sorted(comparison.strategies, key=lambda run: run.name)
    return {
        "format": RESULT_FORMAT,
        "scenario": {"id": comparison.scenario.id, "digest": digest},
        "currency": comparison.scenario.currency,
        "engine": comparison.engine,
        "seed": comparison.seed,
        "customers": comparison.customers,
        "replications": comparison.replications,
        "clusters": comparison.moments.clusters,
        "level": LEVEL,
        "reference": reference_of(comparison, against),
        "strategies": [
            {
                "name": run.name,
                "log_digest": run.log_digest,
                "events": run.events,
                "wiring": _map_of(comparison, run),
                "measures": _measures(comparison, run.name),
            }
            for run in runs
        ],
        "differences": difference_rows(comparison, against),
        "notes": [
            {"measures": list(remark.measures), "text": remark.text}
            for remark in remarks(comparison)
        ],
        "best": best_chances(comparison.moments, [run.name for run in runs]),
        "equal_volume": equal_rows(comparison),
        **_pay_back(comparison),
        **_split_tests(comparison),
        "worlds": comparison.worlds,
        "left_out": _left_out(comparison),
        "until": comparison.until,
        "elapsed_s": round(comparison.elapsed_s, 3),
    }


def result_text(result: Mapping[str, Any]) -> str:
    """Return a result as JSON text; a number that JSON does not have is a defect and raises."""
    return json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_result(path: Path) -> Result:
    """Return a result that was written as JSON.

    Raises
    ------
    DataError
        If the file is not there or is no result.
    """
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"can't be read: {error.strerror}", file=path) from error
    except (ValueError, RecursionError) as error:
        raise DataError("is not JSON", file=path) from error
    if isinstance(result, dict) and result.get("format") != RESULT_FORMAT:
        kept = result.get("format", "of an earlier version")
        raise DataError(f"its format is {kept}, not {RESULT_FORMAT}", file=path)
    missing = [k for k in _KEYS if k not in result] if isinstance(result, dict) else list(_KEYS)
    if missing:
        raise DataError(f"is no result: it lacks {', '.join(missing)}", file=path)
    return dict(result)


def result_faults(kept: Mapping[str, Any], again: Mapping[str, Any]) -> list[str]:
    """Return where two results differ in anything but times, one short line each."""
    faults: list[str] = []
    _compare("", _without_times(kept), _without_times(again), faults)
    return faults


def _map_of(comparison: Comparison, run: StrategyRun) -> dict[str, str] | None:
    """Return the silo map that a strategy ran on, None where a map can change nothing."""
    if run.wiring is None:
        return None
    return {"name": run.wiring.name, "what": wiring_words(run.wiring, comparison.scenario)}


def _measures(comparison: Comparison, strategy: str) -> dict[str, Any]:
    moments, found = comparison.moments, {}
    for name, measure in moments.measures.items():
        e = moments.estimate(name, strategy)
        unit = unit_of(measure, comparison.scenario.currency)
        found[name] = {"unit": unit, "value": e.value, "low": e.low, "high": e.high}
    return found


def _pay_back(comparison: Comparison) -> dict[str, Any]:
    """Return the pay-backs, where costs are declared."""
    rows = pay_back_rows(comparison)
    return {"pay_back": rows} if rows else {}


def _split_tests(comparison: Comparison) -> dict[str, Any]:
    """Return the split tests, where a strategy has a step of one."""
    return {"split_tests": comparison.tests} if comparison.tests else {}


def _left_out(comparison: Comparison) -> list[str]:
    """Return what ``--quick`` left out."""
    if not comparison.quick:
        return []
    return ["equal volume", "worlds", *(["split tests"] if comparison.tests else [])]


def _without_times(result: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in result.items() if key != _TIMES}


def _label(item: Any, number: int) -> str:
    """Return how a list's item is called: by what it is about, not by its number."""
    if isinstance(item, dict) and "name" in item:
        return str(item["name"])
    if isinstance(item, dict) and "measure" in item:
        return f"{item.get('strategy')} - {item.get('reference')}: {item['measure']}"
    return str(number)


def _compare(place: str, kept: Any, again: Any, faults: list[str]) -> None:
    if isinstance(kept, dict) and isinstance(again, dict):
        for key in [*kept, *(k for k in again if k not in kept)]:
            below = f"{place}.{key}" if place else str(key)
            if key in kept and key in again:
                _compare(below, kept[key], again[key], faults)
            else:
                faults.append(f"{below}: {'not kept' if key in again else 'not found again'}")
    elif isinstance(kept, list) and isinstance(again, list) and len(kept) == len(again):
        for i, (a, b) in enumerate(zip(kept, again, strict=True)):
            _compare(f"{place}.{_label(a, i)}", a, b, faults)
    elif kept != again or type(kept) is not type(again):
        faults.append(f"{place}: {_short(kept)} kept, {_short(again)} now")


def _short(value: Any) -> str:
    return f"{len(value)} items" if isinstance(value, list | dict) else str(value)
