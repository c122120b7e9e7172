"""The one table of `make bench`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.summary import main, rows


def benchmark(group: str, median: float, **params: str) -> dict:
    return {
        "group": group, "name": f"test[{params}]", "params": params or None,
        "stats": {"median": median, "rounds": 3},
    }  # fmt: skip


def test_groups_stand_together_and_are_compared_with_ours() -> None:
    found = rows(
        [
            benchmark("b", 2.0, peer="dict"),
            benchmark("a", 0.5, name="omnilab"),
            benchmark("b", 0.004, peer="omnilab"),
            benchmark("a", 0.25, name="heapq"),
        ]
    )
    assert found == [
        ("a", "heapq", "250.00 ms", "3", "0.50"),
        ("", "omnilab", "500.00 ms", "3", "1.00"),
        ("b", "omnilab", "4.00 ms", "3", "1.00"),
        ("", "dict", "2.00 s", "3", "500.00"),
    ]


def test_a_group_without_ours_has_no_ratio() -> None:
    assert rows([benchmark("a", 3e-7)]) == [("a", "test[{}]", "300 ns", "3", "")]


def test_a_file_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "latest.json"
    file.write_text(json.dumps({"benchmarks": [benchmark("a", 1.0, peer="omnilab")]}))
    assert main([str(file)]) == 0
    assert "omnilab" in capsys.readouterr().out


@pytest.mark.parametrize("text", [None, "no json"])
def test_no_results_are_2(tmp_path: Path, capsys, text: str | None) -> None:
    file = tmp_path / "latest.json"
    if text is not None:
        file.write_text(text)
    assert main([str(file)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
