"""Strategies by name, by file and class, with options; and how each can fail."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from textwrap import dedent

import pytest

from omnilab.errors import StrategyError
from omnilab.strategy.loading import call_hook, load_strategy, strategy_names
from omnilab.testing import sample_scenario

SCENARIO = sample_scenario()
GOOD = """
from omnilab.strategy import Plan

class Mine:
    name = "mine"

    def __init__(self, share=0.5, loud=False, word="x"):
        self.options = (share, loud, word)

    def plan(self, brand):
        return Plan(journeys=brand.journeys)
"""


def refused(name: str) -> StrategyError:
    with pytest.raises(StrategyError) as caught:
        load_strategy(name, SCENARIO)
    assert "\n" not in str(caught.value)
    return caught.value


def written(folder: Path, text: str, name: str = "mine.py") -> Path:
    path = folder / name
    path.write_text(dedent(text), encoding="utf-8")
    return path


@pytest.fixture
def plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that makes a module importable and an entry point of it."""

    def make(text: str, value: str = "Mine", module: str = "acme_plug_in") -> None:
        written(tmp_path, text, f"{module}.py")
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        monkeypatch.delitem(sys.modules, module, raising=False)
        points = EntryPoints([EntryPoint("acme", f"{module}:{value}", "omnilab.strategies")])
        monkeypatch.setattr(
            "importlib.metadata.entry_points", lambda group: points.select(group=group)
        )

    return make


def test_a_class_in_a_file(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    loaded = load_strategy(f"{path}:Mine", SCENARIO)
    assert (loaded.name, loaded.decides, loaded.learns) == ("mine", False, False)
    assert loaded.plan.journeys == SCENARIO.brand.journeys
    assert loaded.plan.cap == SCENARIO.brand.cap


def test_options_reach_the_class_with_their_types(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    loaded = load_strategy(f"{path}:Mine( share=0.25,loud=true, word=a b )", SCENARIO)
    assert loaded.strategy.options == (0.25, True, "a b")  # type: ignore[attr-defined]
    assert loaded.name == "mine(share=0.25, loud=true, word=a b)"
    assert load_strategy(f"{path}:Mine()", SCENARIO).name == "mine"


def test_source_follows_code_and_options_and_not_the_place(tmp_path: Path) -> None:
    first = written(tmp_path, GOOD)
    (tmp_path / "other").mkdir()
    second = written(tmp_path / "other", GOOD)
    source = load_strategy(f"{first}:Mine", SCENARIO).source
    assert load_strategy(f"{second}:Mine", SCENARIO).source == source
    assert load_strategy(f"{first}:Mine(share=1)", SCENARIO).source != source
    written(tmp_path, GOOD.replace("0.5", "0.6"))  # in the same second, of the same length
    changed = load_strategy(f"{first}:Mine", SCENARIO)
    assert changed.source != source
    assert changed.strategy.options[0] == 0.6  # type: ignore[attr-defined]


def test_an_entry_point(plug_in) -> None:
    plug_in(GOOD)
    loaded = load_strategy("acme(word=hi)", SCENARIO)
    assert loaded.name == "acme(word=hi)"
    assert loaded.strategy.options == (0.5, False, "hi")  # type: ignore[attr-defined]
    assert "acme" in strategy_names()


def test_built_ins_are_found_without_an_installed_distribution(monkeypatch) -> None:
    installed = load_strategy("omnichannel", SCENARIO)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: EntryPoints([]))
    names = ["cross_channel", "fixed_blasts", "multichannel", "no_contact", "omnichannel"]
    names += ["own_hours", "search_only", "single_channel"]
    assert strategy_names() == names
    found = load_strategy("omnichannel", SCENARIO)
    assert (found.plan, found.source) == (installed.plan, installed.source)


def test_two_packages_with_one_name(monkeypatch) -> None:
    points = EntryPoints([EntryPoint("x", v, "omnilab.strategies") for v in ("a:A", "b:B", "a:A")])
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: points)
    assert "two packages give this name: a:A and b:B" in str(refused("x"))


def test_hooks_are_seen(tmp_path: Path) -> None:
    hooks = "\n    def decide(self, pending): ...\n    def learn(self, observed): ...\n"
    loaded = load_strategy(f"{written(tmp_path, GOOD + hooks)}:Mine", SCENARIO)
    assert (loaded.decides, loaded.learns) == (True, True)
    error = refused(f"{written(tmp_path, GOOD + '    decide = 3')}:Mine")
    assert "decide is int, not a method" in str(error)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("omnichanel", "no such strategy (did you mean 'omnichannel'?)"),
        ("", "no such strategy; there are cross_channel, fixed_blasts"),
        ("nowhere/mine.py:Mine", "no such file: nowhere/mine.py"),
        ("\0.py:Mine", "can't be read"),
        ("mine.py", "name the class too: mine.py:ClassName"),
        ("single_channel(sillo=app)", "no option 'sillo' (did you mean 'silo'?)"),
        ("single_channel(app)", "option 'app': write option=value"),
        ("single_channel(silo=app, silo=web)", "option 'silo' is given twice"),
        ("single_channel(silo=ap)", "silos: unknown silo 'ap' (did you mean 'app'?)"),
        ("multichannel(silo=app)", "no option 'silo'; it takes none"),
        ("mine.yaml(a=1)", "a YAML file takes no options"),
    ],
)
def test_wrong_names(name: str, said: str) -> None:
    assert said in str(refused(name))


@pytest.mark.parametrize(
    ("text", "hook", "said"),
    [
        ("\nimport nothing_of_the_kind", "import",
         "ModuleNotFoundError: No module named 'nothing_of_the_kind' (mine.py, line 2)"),
        ("x = 1\ny = (", "import", "SyntaxError: '(' was never closed (mine.py, line 2)"),
        ("def f():\n  return {}['k']\nf()", "import", "KeyError: 'k' (mine.py, line 2)"),
        ("import json\njson.loads('{')", "import", "(mine.py, line 2)"),
        ("raise SystemExit(0)", "import", "SystemExit: 0 (mine.py, line 1)"),
        ("class Mien:\n  def plan(self, brand): ...", "import",
         "has no class 'Mine' (did you mean 'Mien'?)"),
        ("", "import", "has no class 'Mine'; it has no strategy"),
        ("def Mine(): ...", "import", "is function, not a class"),
        ("class Mine:\n  name = 'mine'", "import", "class Mine has no method plan"),
        ("class Mine:\n  def plan(self, brand): ...", "import", "class Mine has no name"),
        ("class Mine:\n  name = 'My Own'\n  def plan(self, brand): ...", "import", "name: 'My"),
        ("class Mine:\n  name = 'm'\n  def plan(self): ...", "plan", "TypeError: "),
        ("class Mine:\n  def __init__(self, a): ...", "import", "missing 1 required positional"),
        ("class Mine:\n  name = 'm'\n  def plan(self, brand):\n    pass", "plan",
         "returned NoneType, not a Plan"),
        ("class Mine:\n  name = 'm'\n  def plan(self, brand):\n    return brand.journey('crat')",
         "plan", "LookupError: no journey 'crat' (did you mean 'cart'?) (mine.py, line 4)"),
        ("class Mine:\n  name = 'm'\n  def plan(self, brand):\n    raise ValueError('a\\n  b')",
         "plan", "ValueError: a b (mine.py, line 4)"),
        ("class Mine:\n  name = 'm'\n  def plan(self, brand):\n    brand.cap = 3", "plan",
         "FrozenInstanceError: cannot assign to field 'cap' (mine.py, line 4)"),
    ],
)  # fmt: skip
def test_a_file_that_fails(tmp_path: Path, text: str, hook: str, said: str) -> None:
    before = set(sys.modules)
    error = refused(f"{written(tmp_path, text)}:Mine")
    assert said in str(error)
    assert error.hook == hook
    if hook == "import" and "line" in said:
        assert not {m for m in set(sys.modules) - before if m.startswith("omnilab_plugin")}


@pytest.mark.parametrize(
    ("text", "value", "said"),
    [
        ("\n\nraise RuntimeError('broken')", "Mine", "RuntimeError: broken (acme_plug_in.py, line"),
        (GOOD, "Other", "acme_plug_in has no Other"),
        ("import acme_missing", "Mine", "No module named 'acme_missing' (acme_plug_in.py, line 1)"),
    ],
)
def test_a_plug_in_that_fails(plug_in, text: str, value: str, said: str) -> None:
    plug_in(text, value)
    error = refused("acme")
    assert str(error).startswith("strategy 'acme', import: ")
    assert said in str(error)


def test_a_call_passes_its_value_and_strategy_errors_through() -> None:
    assert call_hook("mine", "decide", 0, divmod, 7, 2) == (3, 1)
    own = StrategyError("said already", strategy="other")

    def fail() -> None:
        raise own

    with pytest.raises(StrategyError) as caught:
        call_hook("mine", "decide", 0, fail)
    assert caught.value is own


def test_a_failing_hook_names_the_time_and_its_own_line(tmp_path: Path) -> None:
    text = (
        "\n    def decide(self, pending):\n        import numpy\n        numpy.ones(2) @ pending\n"
    )
    path = written(tmp_path, GOOD + text)
    loaded = load_strategy(f"{path}:Mine", SCENARIO)
    decide = loaded.strategy.decide  # type: ignore[attr-defined]
    with pytest.raises(StrategyError) as caught:
        call_hook("mine", "decide", 90000, decide, [[1.0]] * 3)
    line = path.read_text().splitlines().index("        numpy.ones(2) @ pending") + 1
    text = str(caught.value)
    assert text.startswith("strategy 'mine', decide at day 1 01h: ValueError: matmul")
    assert text.endswith(f"(mine.py, line {line})")


def test_ctrl_c_in_a_hook_is_not_an_error_of_the_plug_in() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call_hook("mine", "decide", 0, interrupt)


def test_a_package_that_is_installed_later_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    assert "later" not in strategy_names()
    about = tmp_path / "later-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: later\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[omnilab.strategies]\nlater = later:Later\n")
    assert "later" in strategy_names()
