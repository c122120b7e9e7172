"""Run the scenarios' ablations and keep what came out in docs/found: `make found`.

What a scenario's head tells as found, and the pictures of docs/reference/scenarios.md, are held to
what is kept here. Without a name it runs what is not kept, or is kept of another file or scenario.
"""

from __future__ import annotations

import hashlib
import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from omnilab._files.writing import write_whole
from omnilab.experiment.evidence.declared import read_study
from omnilab.experiment.evidence.effects import Contrast, Value
from omnilab.experiment.evidence.kept import Kept
from omnilab.experiment.evidence.many import Plan, run_studies
from omnilab.experiment.evidence.result import ClaimResult
from omnilab.experiment.evidence.running import StudyResult
from omnilab.experiment.evidence.study import Study
from omnilab.experiment.evidence.verdict import verdict_of
from omnilab.scenario.tree import plain

ROOT: Final = Path(__file__).resolve().parents[1]
ABLATIONS: Final = ROOT / "scenarios" / "ablations"
FOLDER: Final = ROOT / "docs" / "found"
#: Where `omnilab evidence` keeps the whole results, so that a run that was stopped goes on.
RUNS: Final = ROOT / "runs" / "found"
FORMAT: Final = "omnilab-found-v1"
SEED: Final = 1
#: Significant digits that are kept: more than any head tells, and less than a processor moves.
DIGITS: Final = 8


def names() -> list[str]:
    """Return the ablations, in their order."""
    return sorted(p.stem for p in ABLATIONS.glob("*.yaml"))


@cache
def study_of(name: str) -> Study:
    """Return an ablation, read and checked."""
    return read_study(ABLATIONS / f"{name}.yaml")


def scenario_of(name: str) -> str:
    """Return the id of the scenario that an ablation is of."""
    base = study_of(name).file.base
    assert base is not None
    return base.scenario


def kept(name: str) -> dict[str, Any] | None:
    """Return what is kept of an ablation; None without any."""
    path = FOLDER / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def digests(name: str) -> dict[str, str]:
    """Return digests of what was asked: of the ablation's file, and of the scenario's own values.

    Comments and titles do not count, and of the scenario no value that is the model's default: else
    each new key would make all of them stale. So a default or a rule that changes is not noticed;
    for those tests/verification/test_found.py runs the ablations again, at a small size.
    """
    study = study_of(name)
    worlds = [
        one.scenario.model_dump(
            mode="json", exclude_defaults=True, exclude={"title", "description"},
            context={"currency": one.scenario.currency},
        )
        for one in study.worlds()
    ]  # fmt: skip
    return {"ablation": _digest(plain(study.root)), "scenario": _digest(worlds)}


def faults(name: str, found: Mapping[str, Any] | None) -> list[str]:
    """Return why what is kept of an ablation is not what a run would give now."""
    return stale(name, found, FORMAT, digests)


def stale(
    name: str, found: Mapping[str, Any] | None, form: str,
    digests_of: Callable[[str], Mapping[str, str]],
) -> list[str]:  # fmt: skip
    """Return why what is kept under a name is not what a run would give now.

    Parameters
    ----------
    name
        Of what was run.
    found
        What is kept of it, or None.
    form
        The format that is written today.
    digests_of
        Returns the digests of what would be asked today, by their keys in ``found``.
    """
    if found is None:
        return [f"{name}: nothing is kept"]
    if found["format"] != form:
        return [f"{name}: kept in another form"]
    now = digests_of(name)
    return [f"{name}: the {what} is not what was run" for what in now if found[what] != now[what]]


def customers_of(name: str) -> int:
    """Return how many customers to run: as many as are kept, or the file's."""
    found = kept(name)
    return study_of(name).file.customers if found is None else int(found["customers"])


def run(name: str, customers: int, *, fresh: bool = False) -> StudyResult:
    """Return an ablation's result, of a run or of one that was done.

    Raises
    ------
    SystemExit
        If it does not run.
    """
    plan = Plan((study_of(name),), {}, SEED, customers, quick=False)
    (result,) = run_studies(plan, threads=1, kept=Kept(RUNS, fresh=fresh)).results
    if result.error:
        raise SystemExit(f"{name}: {result.error}")
    return result


def data_of(name: str, result: StudyResult) -> dict[str, Any]:
    """Return what is kept of a result."""
    values = {(v.outcome, v.arm, v.group, v.world): v.value for v in result.values}
    study = study_of(name)
    return {
        "format": FORMAT,
        "study": result.study,
        **digests(name),
        "customers": result.customers,
        "seed": result.seed,
        "claims": [_claim(study, claim, values) for claim in result.claims],
        "values": [
            {"outcome": v.outcome, "arm": v.arm, "group": v.group, "value": _short(v.value)}
            for v in result.values
        ],
    }


def write(name: str, data: Mapping[str, Any]) -> None:
    """Keep a result: a line for each claim and value, so that a change of one is seen as one."""
    lines = []
    for key, value in data.items():
        if isinstance(value, list):
            rows = ",\n".join(f"    {json.dumps(row, ensure_ascii=False)}" for row in value)
            lines.append(f'  "{key}": [\n{rows}\n  ]')
        else:
            lines.append(f'  "{key}": {json.dumps(value)}')
    FOLDER.mkdir(exist_ok=True)
    write_whole(FOLDER / f"{name}.json", "{\n" + ",\n".join(lines) + "\n}\n")


def _claim(study: Study, claim: ClaimResult, values: Mapping[Any, float | None]) -> dict[str, Any]:
    contrasts = study.contrasts.get(claim.claim, ())
    row = {
        "id": claim.claim, "title": claim.title, "told": claim.sign, "unit": claim.unit,
        "estimate": _short(claim.simulated), "low": _short(claim.low), "high": _short(claim.high),
        "said": verdict_of(claim).said,
    }  # fmt: skip
    if len(contrasts) == 1 and contrasts[0].less is None and contrasts[0].over is None:
        row |= _sides(contrasts[0], values)
    return row


def _sides(contrast: Contrast, values: Mapping[Any, float | None]) -> dict[str, Any]:
    """Return the two numbers that are held against each other."""

    def number(v: Value) -> float | None:
        return _short(values.get((v.outcome, v.arm, v.group, v.world)))

    effect = contrast.effect
    if effect.how == "value":
        return {"value": number(effect.first)}
    return {"value": number(effect.first), "against": number(effect.second)}


def _short(x: float | None) -> float | None:
    return None if x is None else float(f"{x:.{DIGITS}g}")


def _digest(data: Any) -> str:
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is asked for."""
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="of a file, such as boots-v2")
    parser.add_argument("--customers", type=int, help="else as many as before, or the file's")
    parser.add_argument("--fresh", action="store_true", help="also what was run by this code")
    parser.add_argument("--check", action="store_true", help="say what is stale, and run nothing")
    given = parser.parse_args(arguments)
    if unknown := sorted(set(given.names) - set(names())):
        parser.error(f"no ablation {', '.join(unknown)}")
    stale = [fault for name in names() for fault in faults(name, kept(name))]
    if given.check:
        _say("\n".join(stale) or "all is kept as it would be asked now")
        return
    for name in given.names or sorted({fault.partition(":")[0] for fault in stale}):
        result = run(name, given.customers or customers_of(name), fresh=given.fresh)
        write(name, data_of(name, result))
        _say(f"{name}: {result.customers:,} customers, {len(result.claims)} claims")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
