"""Every word that the product uses has its definition, once, and no definition is left over."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from omnilab import cli
from omnilab.brand.codes import EVENTS
from omnilab.brand.sharing import CHOICES, NAMES
from omnilab.glossary import choice_words, strategy_words, term_words
from omnilab.log.identifier_types import TYPES
from omnilab.measure import breakdowns
from omnilab.measure.catalogue import MEASURES
from omnilab.measure.words import measure_words
from omnilab.scenario.document import read_document
from omnilab.scenario.keys import values_of
from omnilab.scenario.model import Event, Trigger
from omnilab.scenario.preset import SECTIONS, preset_names, preset_words
from omnilab.scenario.tree import plain
from omnilab_strategies import STRATEGIES
from tests.conftest import ROOT

KINDS = ("strategies", "presets", "channels", "measures", "triggers", "choices", "terms")


def test_every_strategy_choice_and_measure_has_its_definition_and_nothing_else_has() -> None:
    assert sorted(strategy_words()) == sorted(STRATEGIES)
    assert tuple(choice_words()) == CHOICES
    for words in choice_words().values():
        assert set(words) == {"what", *NAMES}
    tables = (breakdowns.CHANNEL_MEASURES, breakdowns.JOURNEY_MEASURES, breakdowns.PERSONA_MEASURES)
    every = set(MEASURES).union(*tables)
    assert sorted(measure_words()) == sorted(every)


def test_triggers_events_and_identifiers_are_those_of_the_model() -> None:
    assert tuple(values_of("triggers")) == get_args(Trigger)
    assert tuple(values_of("events")) == get_args(Event)
    assert tuple(values_of("identifiers")) == TYPES
    by_calendar = {"once"}  # comes to pass as `weekly` does, with a day of its own
    happening = set(values_of("triggers")) - by_calendar
    assert happening | set(values_of("events")) == set(EVENTS)


@pytest.mark.parametrize("kind", SECTIONS.values())
def test_every_preset_has_its_definition(kind: str) -> None:
    file = ROOT / "sim" / "omnilab" / "scenario" / "presets" / "words.yaml"
    written = plain(read_document(file))
    assert sorted(written[kind]) == sorted(preset_names(kind))
    assert set(written) == set(SECTIONS.values())
    assert list(preset_words(kind)) == preset_names(kind)


def definitions() -> list[str]:
    found = [*strategy_words().values(), *measure_words().values(), *term_words().values()]
    found += [text for words in choice_words().values() for text in words.values()]
    found += [t for name in ("triggers", "events", "identifiers") for t in values_of(name).values()]
    return found + [t for kind in SECTIONS.values() for t in preset_words(kind).values()]


def test_a_definition_is_sentences() -> None:
    faults = [t for t in definitions() if not re.fullmatch(r"[A-Z].*\.", t) or "  " in t]
    assert faults == []


def test_what_users_asked_about_is_said() -> None:
    """LTV is no lifetime, CAC counts those who came anyway, ROI is above no_contact."""
    words = measure_words()
    assert "window and run-out" in words["ltv"]
    assert "not the value of a whole lifetime" in words["ltv"]
    assert "would have come anyway" in words["cac"]
    assert "no_contact" in words["roi"]
    assert "precision" in words["identity_f1"]
    assert "recall" in words["identity_f1"]
    assert {"silo", "silo map", "feed", "hand-off", "twin"} <= set(term_words())
    assert "window and run-out" in term_words()


def test_the_page_is_current_and_has_every_definition() -> None:
    script = [sys.executable, str(ROOT / "docs" / "make_words.py")]
    made = subprocess.run(script, check=True, capture_output=True, encoding="utf-8").stdout
    page = (ROOT / "docs/reference/words.md").read_text(encoding="utf-8")
    assert page == made, "run: make pin"
    assert [text for text in definitions() if text not in page] == []
    for heading in ("Extends and presets", "The seven sharing choices", "Measures"):
        assert f"\n## {heading}\n" in page


@pytest.mark.parametrize("kind", KINDS)
def test_long_lists_and_json_say_the_same(capsys: pytest.CaptureFixture[str], kind: str) -> None:
    assert cli.main(["list", kind, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert cli.main(["list", kind, "--long"]) == 0
    shown = "".join(capsys.readouterr().out.split())
    for row in rows:
        assert row["meaning"]
        for value in row.values():
            assert "".join(value.split()) in shown


def test_a_measure_says_where_it_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "measures", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["open_rate"]["by"] == "strategy, channel, journey"
    assert rows["identity_f1"]["by"] == "strategy"
    assert rows["led_revenue"]["by"] == "channel, journey"


def test_a_plug_in_is_described_by_its_own_docstring_and_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from omnilab.cli.docstring import class_docstring

    package = tmp_path / "theirs_of_test" / "inner"
    package.mkdir(parents=True)
    (tmp_path / "theirs_of_test" / "__init__.py").write_text("raise SystemExit('run!')")
    (package / "__init__.py").write_text("")
    text = 'raise SystemExit("run!")\nclass Mine:\n    """Writes\n    to nobody.\n\n    More."""\n'
    (package / "mine.py").write_text(text)
    (package / "broken.py").write_text("class Mine(:")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert class_docstring("theirs_of_test.inner.mine:Mine") == "Writes to nobody."
    for other in ("inner.mine:Other", "inner.broken:Mine", "inner.absent:Mine", "inner:Mine"):
        assert class_docstring(f"theirs_of_test.{other}") == ""
    assert class_docstring("no_such_package_of_test:Mine") == ""
    assert not [name for name in sys.modules if name.startswith("theirs_of_test")]
