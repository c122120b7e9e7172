"""docs/how-to/add-a-measure.md: its changes, made in a copy of the tree, add both measures."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.docs.pages import make_changes, page

SHOP = """\
id: small-v1
time: {burn_in: 10d, window: 90d, run_out: 10d}
world: {response: {need: 0}}
population: {customers: 30, personas: [{name: anyone, share: 100%}]}
categories: [{name: things, every: 15d, spend: {mean: 50}}]
channels: [web, store]
"""


def omnilab(tree: Path, *args: str) -> Any:
    """Run a command of the tree's own omnilab as plain Python, and return the JSON it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "omnilab", *args],
        cwd=tree, check=True, capture_output=True, encoding="utf-8",
        env={**os.environ, "OMNILAB_PLAIN": "1", "PYTHONPATH": "sim:strategies"},
    )  # fmt: skip
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the sources with the page's changes."""
    copy = tmp_path_factory.mktemp("tree")
    for folder in ("sim", "strategies"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    files = make_changes(page("how-to/add-a-measure.md"), copy)
    assert len(set(files)) == 3
    (copy / "small.yaml").write_text(SHOP, encoding="utf-8")
    return copy


def test_the_measures_are_listed_with_their_words(tree: Path) -> None:
    listed = {row["name"]: row for row in omnilab(tree, "list", "measures", "--json")}
    assert listed["carts_left_per_customer"]["unit"] == "number"
    assert listed["carts_left_per_customer"]["meaning"].startswith("Needs whose cart was left")
    assert listed["large_order_share"]["unit"] == "share"


@pytest.mark.slow
def test_the_measures_are_those_of_the_log(tree: Path) -> None:
    """Counted again from the rows, in plain Python, without the tally."""
    import pandas as pd

    made = ("run", "small.yaml", "-s", "no_contact", "--events", "--out", "out", "-q")
    result = omnilab(tree, *made, "--json", "-")
    (strategy,) = result["strategies"]
    found = {name: m["value"] for name, m in strategy["measures"].items()}
    log = pd.read_parquet(tree / "out" / "events.parquet")
    log = log[(log["time_s"] >= 10 * 86400) & (log["time_s"] < 100 * 86400)]
    orders = log.loc[log["kind"] == "order", "paid_cents"]
    assert 0 < (orders >= 5000).sum() < len(orders)
    assert found["large_order_share"] == pytest.approx((orders >= 5000).mean())
    assert found["carts_left_per_customer"] == pytest.approx(
        (log["kind"] == "cart_left").sum() / 30
    )
