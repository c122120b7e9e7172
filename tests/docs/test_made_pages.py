"""The pages of measures and of Python names are those that their generators make now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import omnilab
from omnilab import strategy
from omnilab.brand.sharing import CHOICES
from omnilab.log.rows import KIND_NAMES
from omnilab.measure.catalogue import MEASURES
from omnilab.scenario import load_scenario
from omnilab.scenario.programme_money import Costs
from omnilab.strategy.declared import StrategyFile, read_strategy
from tests.docs.made import maker


def text_of(root: Path, name: str) -> str:
    return (root / "docs" / "reference" / name).read_text(encoding="utf-8")


def test_the_page_of_measures_is_current_and_has_them_all(root: Path) -> None:
    page = text_of(root, "measures.md")
    assert page == maker("make_measures").page(), "run: make pin"
    shown = re.findall(r"^\| `(\w+)` \| .* \| .* \| .* \| .* \| .* \|$", page, re.MULTILINE)
    assert shown == list(MEASURES)


def test_the_page_of_strategy_files_is_current_and_has_every_key(root: Path) -> None:
    page = text_of(root, "strategy-files.md")
    assert page == maker("make_strategy_files").page(), "run: make pin"
    for name in (*StrategyFile.model_fields, *CHOICES, *Costs.model_fields):
        assert f"\n| `{name}` | " in page, name


def test_the_strategy_that_the_page_shows_can_be_read(tmp_path: Path, root: Path) -> None:
    (shown,) = re.findall(r"```yaml\n(.*?)```", text_of(root, "strategy-files.md"), re.DOTALL)
    (tmp_path / "kicks.yaml").write_text(shown, encoding="utf-8")
    plan = read_strategy(tmp_path / "kicks.yaml", load_scenario("mapples-coffee-v1")).declared
    assert {"care", "cart", "newsletter"} <= {journey.name for journey in plan.journeys}


def test_the_pages_of_names_are_current() -> None:
    for path, text in maker("make_api").pages():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run make pin"


def test_the_page_of_rows_is_current_and_has_every_kind(root: Path) -> None:
    page = text_of(root, "log-rows.md")
    assert page == maker("make_rows").page(), "run: make pin"
    assert [k for k in KIND_NAMES.values() if f"`{k}`" not in page] == []


def test_the_pages_of_errands_are_current() -> None:
    for path, text in maker("make_errands").pages():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run make pin"


def test_each_public_name_has_a_heading(root: Path) -> None:
    for page, names in (
        ("strategy-api.md", strategy.__all__),
        ("python-api.md", [f"ol.{n}" for n in omnilab.__all__ if n != "__version__"]),
    ):
        heads = re.findall(r"^##+ (\S+)$", text_of(root, page), re.MULTILINE)
        assert sorted(set(names) - set(heads)) == [], page


def test_a_changed_docstring_is_noticed() -> None:
    """A generator that read nothing would make an equal page for any source."""
    module = maker("make_api")

    def shown(number: int, *, least: float = 0.5) -> int:
        """Return ``number``.

        Parameters
        ----------
        number
            Any.
        """
        return number if least else 0

    blocks = module._entry("shown", shown)
    assert blocks == [
        "## shown",
        "```text\nshown(number: int, *, least: float = 0.5) -> int\n```",
        "Return `number`.\n",
        "*Parameters*",
        "- `number`: Any.",
    ]


def test_sums_are_written_with_their_signs_and_factors() -> None:
    module = maker("make_measures")
    assert module._sum((("a", 1), ("b", -1))) == "`a` − `b`"
    assert module._sum((("a", -2), ("b", 100))) == "−2 · `a` + 100 · `b`"


def test_the_charts_library_is_current() -> None:
    pytest.importorskip("vl_convert", reason="vl-convert-python is not installed")
    made = maker("make_vega")
    assert made.BUNDLE.read_text(encoding="utf-8") == made.bundled(), "run: make pin"
