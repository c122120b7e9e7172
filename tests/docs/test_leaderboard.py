"""The leaderboard's page is what is kept of its seeds, of every method that there is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from omnilab.interop.public_methods import METHODS


@pytest.fixture
def maker(root: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(root / "docs"))
    import make_leaderboard

    yield make_leaderboard
    sys.modules.pop("make_leaderboard")


def test_the_tables_are_those_of_the_scores(maker: Any) -> None:
    text = maker.PAGE.read_text(encoding="utf-8")
    assert maker.page(text, maker.kept()) == text, "run: python docs/make_leaderboard.py --page"
    made = [(found[2], found[3]) for found in maker._TABLE.finditer(text)]
    assert sorted(made) == sorted((world, task) for world in maker.WORLDS for task in maker.SHOWN)


def test_every_method_has_a_score_for_every_seed(maker: Any) -> None:
    scores = maker.kept()
    assert tuple(scores.columns) == maker.COLUMNS
    assert not scores.duplicated(["world", "seed", "task", "name", "measure"]).any()
    for world in maker.WORLDS:
        for seed in maker.SEEDS:
            own = scores[(scores["world"] == world) & (scores["seed"] == seed)]
            there = set(zip(own["task"], own["name"], strict=True))
            assert there == set(METHODS), (world, seed)


def test_the_interval_is_students(maker: Any) -> None:
    # Of 1, 2, 3: mean 2, standard error 1/sqrt(3), and t of two degrees of freedom is 4.3027.
    mean, half = maker.interval([1.0, 2.0, 3.0])
    assert (mean, half) == (2.0, pytest.approx(4.3027 / 3**0.5, rel=1e-4))
    assert maker.interval([1.5]) == (1.5, None)


def test_a_table_has_the_best_first(maker: Any) -> None:
    rows = [("w", seed, "clv", name, "rmse", value, "lower")
            for name, values in {"far": (30.0, 32.0), "near": (0.5, 0.7)}.items()
            for seed, value in enumerate(values)]  # fmt: skip
    found = maker.table(pd.DataFrame(rows, columns=list(maker.COLUMNS)), "w", "clv").splitlines()
    assert found[2] == "| near | 0.60 ± 1.27 | none | none |"
    assert found[3] == "| far | 31 ± 13 | none | none |"
