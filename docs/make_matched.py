"""Choose the assumptions of the reference world by matching its targets, and print them.

`python docs/make_matched.py --help`. Only patterns with the role `target` are looked at, and only
the assumptions that scenarios/patterns/ lists may move, within their ranges. The same seed gives
the same values. They are typed into the scenario by hand, each with an M beside it.

An assumption that no target pins stays near where the search begins: at the scenario's own values,
or with `--from-presets` at those that presets and defaults have for the keys, cut to the ranges,
and in the middle of the range where neither has one. So the second says what the targets and the
ranges choose by themselves.

With `--rounds` the assumptions that name a target of their own move by it alone, all others stay.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from omnilab.errors import OmnilabError
from omnilab.experiment.paths import number_at
from omnilab.experiment.patterns import TARGET, find_patterns, read_patterns
from omnilab.experiment.patterns.declared import Patterns
from omnilab.experiment.patterns.matching import changed_scenario, match_targets
from omnilab.experiment.patterns.running import measure_patterns
from omnilab.experiment.patterns.turns import match_in_rounds
from omnilab.scenario import load_scenario
from omnilab.scenario.catalogue import find_scenario
from omnilab.scenario.document import read_document
from omnilab.scenario.model import Scenario
from omnilab.scenario.tree import plain


def main() -> None:
    """Match, print what was chosen, and where the targets come out with it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--scenario", default="retailer-v1")
    parser.add_argument("--customers", type=int, default=1500, help="of each world")
    parser.add_argument("--worlds", type=int, default=160, help="of each wave")
    parser.add_argument("--waves", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=0, help="each by its own target, so often")
    parser.add_argument("--width", type=float, default=1.0, help="of the first box, 0 to 1")
    parser.add_argument("--seed", type=int, default=101, help="of worlds and customers")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--from-presets", action="store_true", help="begin at presets' values")
    given = parser.parse_args()
    shipped = load_scenario(given.scenario).with_customers(given.customers)
    patterns = read_patterns(find_patterns(shipped.id), shipped)
    begun = shipped
    if given.from_presets:
        begun = changed_scenario(shipped, patterns, preset_places(given.scenario, patterns))

    def show(what: str, share: float) -> None:
        sys.stderr.write(f"\r{100 * share:3.0f}% {what}  ")

    lines = []
    if given.rounds:
        chosen = match_in_rounds(
            begun, patterns, rounds=given.rounds, seed=given.seed, threads=given.threads,
            progress=show,
        )  # fmt: skip
    else:
        match = match_targets(
            begun, patterns, worlds=given.worlds, waves=given.waves, seed=given.seed,
            width=given.width, threads=given.threads, progress=show,
        )  # fmt: skip
        lines = [f"misfit of targets {match.misfit:.2f} tolerances, by the parabolas", ""]
        chosen = list(match.places)
    matched = changed_scenario(begun, patterns, chosen)
    seeds = (given.seed, given.seed + 1)
    found = measure_patterns(matched, patterns, seeds=seeds).of_role(TARGET)
    now = measure_patterns(shipped, patterns, seeds=seeds).of_role(TARGET)
    lines.append("assumption: begun at, chosen, shipped; places in the range")
    for assumed, place in zip(patterns.assumptions, chosen, strict=True):
        values = [f"{number_at(s, assumed.key):.4g}" for s in (begun, matched, shipped)]
        places = [f"{p:.2f}" for p in (assumed.place(begun), place, assumed.place(shipped))]
        lines.append(f"{assumed.key}: {', '.join(values)}; {', '.join(places)}")
    lines += ["", "target: chosen, shipped, published; misfits in tolerances"]
    for f, s in zip(found, now, strict=True):
        p = f.pattern
        values = ["-" if x.value is None else f"{x.value:.3f}" for x in (f, s)]
        misfits = ["-" if x.misfit is None else f"{x.misfit:+.1f}" for x in (f, s)]
        lines.append(f"{p.name}: {', '.join(values)}, {p.published:.3f}; {', '.join(misfits)}")
    sys.stdout.write("\n".join(lines) + "\n")


def preset_places(name: str, patterns: Patterns) -> list[float]:
    """Return where in their ranges presets and defaults put the assumptions, 0 to 1."""
    places = []
    for assumed in patterns.assumptions:
        scenario = _without(name, assumed.key)
        if scenario is None or number_at(scenario, assumed.key) is None:
            places.append(0.5)
        else:
            places.append(min(max(assumed.place(scenario), 0.0), 1.0))
    return places


def _without(name: str, key: str) -> Scenario | None:
    """Return the scenario without what its file says of a key, None where it must say it."""
    tree: dict[str, Any] = plain(read_document(find_scenario(name)))
    *above, last = re.sub(r"\[\d+\]", "", key).split(".")
    part: Any = tree
    for step in above:
        part = part.get(step) if isinstance(part, dict) else _named(part, step)
        if not isinstance(part, dict | list):
            return load_scenario(name)  # the file says nothing of it
    part.pop(last, None)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.yaml"
        path.write_text(yaml.safe_dump(tree, sort_keys=False), encoding="utf-8")
        try:
            return load_scenario(path)
        except OmnilabError:
            return None


def _named(items: list[Any], name: str) -> Any:
    """Return the item of a list that has a name, its own or its preset's."""
    whole = (x for x in items if isinstance(x, dict))
    return next((x for x in whole if name in (x.get("name"), x.get("preset"))), None)


if __name__ == "__main__":
    main()
