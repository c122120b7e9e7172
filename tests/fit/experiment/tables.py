"""Tables of tests of known truth, as text."""

from __future__ import annotations

from pathlib import Path

import numpy as np

ARMS = ("control", "men", "women")


def rows_of(n: int = 1500, seed: int = 1) -> dict[str, np.ndarray]:
    """Return the columns of a test of three arms, of whose customers half bought each category."""
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, 3, n)
    men, women = rng.random(n) < 0.5, rng.random(n) < 0.5
    lift = np.where(arm == 1, 0.05 + 0.05 * men, np.where(arm == 2, 0.1 * women, 0.0))
    visit = (rng.random(n) < 0.1 + lift).astype(int)
    bought = visit * (rng.random(n) < 0.2)
    return {
        "customer": np.arange(n) + 1000,
        "segment": np.array(ARMS)[arm],
        "recency": rng.integers(1, 13, n),
        "history": rng.gamma(2.0, 100.0, n).round(2),
        "men": men.astype(int),
        "women": women.astype(int),
        "newbie": (rng.random(n) < 0.5).astype(int),
        "visit": visit,
        "conversion": bought.astype(int),
        "spend": (bought * rng.gamma(5.0, 20.0, n)).round(2),
    }


def write_table(path: Path, columns: dict[str, np.ndarray], **changed: object) -> Path:
    """Write columns as CSV, some of them others; None leaves one out."""
    columns = {k: v for k, v in {**columns, **changed}.items() if v is not None}
    lines = [",".join(columns)]
    lines += [",".join(map(str, row)) for row in zip(*columns.values(), strict=True)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
