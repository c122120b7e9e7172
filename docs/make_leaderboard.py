"""Score the public methods on bundles of several seeds, and write the leaderboard's tables.

`make leaderboard` runs the bundles whose scores docs/leaderboard.csv has not, a minute or two of
CPU each, and writes the tables of docs/explanation/leaderboard.md. Means and their 95% intervals
are over seeds, by Student's t: another seed is other customers with other luck in the same world.
Splink's rows need its package: `make tools`. ``--page`` writes the tables alone.
"""

from __future__ import annotations

import re
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import pandas as pd

from omnilab._files.writing import write_whole

ROOT: Final = Path(__file__).resolve().parents[1]
KEPT: Final = ROOT / "docs" / "leaderboard.csv"
PAGE: Final = ROOT / "docs" / "explanation" / "leaderboard.md"
#: World -> customers of each bundle; those of bookshop-v1 live in ten towns.
WORLDS: Final = {"retailer-v1": 1000, "bookshop-v1": 2000}
SEEDS: Final = (1, 2, 3, 4, 5)
COLUMNS: Final = ("world", "seed", "task", "name", "measure", "value", "better")
#: Significant digits that are kept: more than a table shows, and less than a processor moves.
DIGITS: Final = 6
LEVEL: Final = 0.95
#: Task -> the measures that its table shows, the first to rank by.
SHOWN: Final = {
    "attribution": ("error", "inside"),
    "uplift": ("area", "gain_at_30", "rmse", "mean_error"),
    "clv": ("rmse", "total_error", "rank"),
    "linkage": ("bcubed_f1", "bcubed_precision", "bcubed_recall", "pairwise_f1"),
}
_TABLE: Final = re.compile(r"(<!-- table: (\S+) (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def kept() -> pd.DataFrame:
    """Return all scores that are kept, a row each."""
    return pd.read_csv(KEPT) if KEPT.is_file() else pd.DataFrame(columns=list(COLUMNS))


def run(world: str, seed: int) -> pd.DataFrame:
    """Return the scores of all public methods on one bundle."""
    with TemporaryDirectory() as folder:
        bundle = f"{folder}/bundle"
        size = ["--customers", str(WORLDS[world]), "--seed", str(seed)]
        _omnilab("export", world, *size, "--bundle", bundle, "-q")
        _omnilab("score", bundle, "--public-methods", "-q")
        found = pd.read_csv(f"{bundle}/leaderboard.csv")
    found.insert(0, "world", world)
    found.insert(1, "seed", seed)
    return found[list(COLUMNS)]


def _omnilab(*args: str) -> None:
    subprocess.run([sys.executable, "-m", "omnilab", *args], check=True)


def run_missing() -> None:
    """Run the bundles that have no scores yet, and keep each when it is done."""
    for world in WORLDS:
        for seed in SEEDS:
            before = kept()
            if ((before["world"] == world) & (before["seed"] == seed)).any():
                continue
            sys.stdout.write(f"{world}, seed {seed}\n")
            sys.stdout.flush()
            new = run(world, seed)
            whole = new if before.empty else pd.concat([before, new], ignore_index=True)
            text = whole.to_csv(index=False, float_format=f"%.{DIGITS}g", lineterminator="\n")
            write_whole(KEPT, text)


def interval(values: Sequence[float]) -> tuple[float, float | None]:
    """Return the mean over seeds, and half the width of its 95% interval; None for one seed."""
    from scipy.stats import t

    n, mean = len(values), float(np.mean(values))
    if n < 2:
        return mean, None
    return mean, float(t.ppf(0.5 + LEVEL / 2, n - 1)) * float(np.std(values, ddof=1)) / sqrt(n)


def table(scores: pd.DataFrame, world: str, task: str) -> str:
    """Return a task's table in a world as Markdown, the best first."""
    some = scores[(scores["world"] == world) & (scores["task"] == task)]
    measures = SHOWN[task]
    rows: list[tuple[float, str]] = []
    for name, own in some.groupby("name", sort=False):
        cells = [_cell(own, measure) for measure in measures]
        first, _ = interval(own[own["measure"] == measures[0]]["value"].dropna().tolist())
        lower = (own[own["measure"] == measures[0]]["better"] == "lower").all()
        rows.append((first if lower else -first, f"| {name} | {' | '.join(cells)} |"))
    head = [f"| method | {' | '.join(measures)} |", "|---" * (1 + len(measures)) + "|"]
    return "\n".join([*head, *(row for _, row in sorted(rows))]) + "\n"


def _cell(own: Any, measure: str) -> str:
    values = own[own["measure"] == measure]["value"].dropna().tolist()
    if not values:
        return "none"
    mean, half = interval(values)
    # Rounded to the digit that the interval still tells.
    digits = 0 if abs(mean) >= 20 else 2 if max(abs(mean), half or 0.0) >= 0.1 else 3
    said = f"{mean:,.{digits}f}" if round(mean, digits) else f"{0.0:.{digits}f}"
    return said if half is None else f"{said} ± {half:,.{digits}f}"


def page(text: str, scores: pd.DataFrame) -> str:
    """Return the page with its tables made anew."""
    return _TABLE.sub(lambda m: f"{m[1]}\n{table(scores, m[2], m[3])}\n{m[4]}", text)


def main() -> None:
    """Run what is missing, unless only the page is asked for, and write the tables."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--page", action="store_true", help="write the tables alone")
    if not parser.parse_args().page:
        run_missing()
    write_whole(PAGE, page(PAGE.read_text(encoding="utf-8"), kept()))


if __name__ == "__main__":
    main()
