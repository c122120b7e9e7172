"""Choose the assumptions of the reference world by matching its targets, and print them.

`python docs/make_matched.py --help`. Only patterns with the role `target` are looked at, and only
the assumptions that scenarios/patterns/ lists may move, within their ranges. The same seed gives
the same values. They are typed into the scenario by hand, each with an M beside it.
"""

from __future__ import annotations

import argparse
import sys

from omnilab.experiment.patterns import TARGET, find_patterns, read_patterns
from omnilab.experiment.patterns.matching import changed_scenario, match_targets
from omnilab.experiment.patterns.running import measure_patterns
from omnilab.experiment.paths import number_at
from omnilab.scenario import load_scenario


def main() -> None:
    """Match, print what was chosen, and where the targets come out with it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--scenario", default="retailer-v1")
    parser.add_argument("--customers", type=int, default=1500, help="of each world")
    parser.add_argument("--worlds", type=int, default=160, help="of each wave")
    parser.add_argument("--waves", type=int, default=3)
    parser.add_argument("--width", type=float, default=1.0, help="of the first box, 0 to 1")
    parser.add_argument("--seed", type=int, default=101, help="of worlds and customers")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    scenario = load_scenario(given.scenario).with_customers(given.customers)
    patterns = read_patterns(find_patterns(scenario.id), scenario)

    def show(what: str, share: float) -> None:
        sys.stderr.write(f"\r{100 * share:3.0f}% {what}  ")

    match = match_targets(
        scenario, patterns, worlds=given.worlds, waves=given.waves, seed=given.seed,
        width=given.width, threads=given.threads, progress=show,
    )  # fmt: skip
    matched = changed_scenario(scenario, patterns, match.places)
    found = measure_patterns(matched, patterns, seeds=(given.seed, given.seed + 1))
    lines = [f"misfit of targets {match.misfit:.2f} tolerances, by the parabolas", ""]
    for assumed, value, place in zip(patterns.assumptions, match.values, match.places, strict=True):
        keys = ", ".join(f"{k}={number_at(matched, k):.4g}" for k in (assumed.key, *assumed.others))
        lines.append(f"{value}  at {place:.2f} of its range: {keys}")
    lines.append("")
    for f in found.of_role(TARGET):
        value = "-" if f.value is None else f"{f.value:.3f}"
        lines.append(f"{f.pattern.name}: {value}, published {f.pattern.published:.3f}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
