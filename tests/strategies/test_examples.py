"""The guide's examples are the files in examples/, and they run."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from omnilab.brand.decisions import validate_choices
from omnilab.brand.loading import load_strategy
from omnilab.testing import check_strategy, sample_decisions, sample_scenario

SCENARIO = sample_scenario()


def block(root: Path, language: str, file: str) -> str:
    """Return the block of the guide that stands below a file's name."""
    text = (root / "docs" / "plugins.md").read_text(encoding="utf-8")
    match = re.search(rf"`{file}`:\n\n```{language}\n(.*?)```", text, re.DOTALL)
    assert match is not None
    return match[1]


@pytest.mark.parametrize("file", ["examples/most_answered.py", "examples/linked_inbox.yaml"])
def test_the_guide_shows_the_file(root: Path, file: str) -> None:
    language = {"py": "python", "yaml": "yaml"}[file.rpartition(".")[2]]
    assert block(root, language, file) == (root / file).read_text(encoding="utf-8")


def test_the_guides_checks_run(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    text = (root / "docs" / "plugins.md").read_text(encoding="utf-8")
    match = re.search(r"## Check it\n\n```python\n(.*?)```", text, re.DOTALL)
    assert match is not None
    exec(match[1], {"check_strategy": check_strategy})


def test_most_answered_does_what_it_says(root: Path) -> None:
    loaded = load_strategy(f"{root}/examples/most_answered.py:MostAnswered", SCENARIO)
    assert (loaded.decides, loaded.learns, loaded.plan.cap) == (True, False, SCENARIO.brand.cap)
    pending = sample_decisions(SCENARIO, loaded.plan)
    answer = loaded.strategy.decide(pending)  # type: ignore[attr-defined]
    got = validate_choices(answer, pending, strategy="most_answered", time_s=0)
    assert got.channel is not None
    for row in range(len(pending)):
        allowed = np.flatnonzero(pending.allowed[row])
        assert got.send[row] == (len(allowed) > 0 and not pending.days_since_order[row] < 7)
        if got.send[row]:
            rates = [
                (pending.answered[row, c] + 1) / (pending.received[row, c] + 4) for c in allowed
            ]
            assert got.channel[row] == allowed[int(np.argmax(rates))]


def test_linked_inbox_is_what_its_comments_say(root: Path) -> None:
    plan = load_strategy(f"{root}/examples/linked_inbox.yaml", SCENARIO).plan
    own = {j.name: j for j in SCENARIO.brand.journeys}
    assert (plan.sharing.identity, plan.sharing.triggers, plan.sharing.channel) == (
        "all", "silo", "silo",
    )  # fmt: skip
    assert [j.name for j in plan.journeys] == [*own, "second_look"]
    assert all(
        step.message is None for j in plan.journeys if j.name == "newsletter" for step in j.steps
    )
    cart = next(j for j in plan.journeys if j.name == "cart")
    assert cart == own["cart"].model_copy(update={"cooldown": 7 * 86400})
