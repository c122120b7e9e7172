"""Strategies as YAML."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.brand.sharing import CHOICES, NAMES
from omnilab.errors import StrategyError
from omnilab.scenario.model import Cap
from omnilab.strategy import Sharing
from omnilab.strategy.loading import LoadedStrategy, load_strategy
from omnilab.testing import check_strategy, sample_scenario

SCENARIO = sample_scenario()


def loaded(folder: Path, text: str) -> LoadedStrategy:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return load_strategy(str(path), SCENARIO)


def refused(folder: Path, text: str) -> str:
    with pytest.raises(StrategyError) as caught:
        loaded(folder, text)
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(f"{folder}/", "")


@pytest.mark.parametrize("word", NAMES)
def test_one_word_is_the_built_in_strategy_of_that_word(tmp_path: Path, word: str) -> None:
    name = dict(zip(NAMES, ("multichannel", "cross_channel", "omnichannel"), strict=True))[word]
    mine = loaded(tmp_path, f"name: mine\nsharing: {word}\n")
    assert mine.plan == load_strategy(name, SCENARIO).plan
    assert (mine.name, mine.decides, mine.learns) == ("mine", False, False)
    check_strategy(mine.strategy, SCENARIO)


@given(choices=st.dictionaries(st.sampled_from(CHOICES), st.sampled_from(NAMES)))
def test_any_mixture(tmp_path_factory, choices: dict[str, str]) -> None:
    lines = "".join(f"  {key}: {value}\n" for key, value in choices.items()) or "  {}\n"
    plan = loaded(tmp_path_factory.mktemp("mixed"), f"name: mine\nsharing:\n{lines}").plan
    assert plan.sharing == Sharing(**choices)  # type: ignore[arg-type]


def test_other_keys(tmp_path: Path) -> None:
    text = "name: m\ncap: {messages: 2, per: 7d}\nsilos: [app, email]\npaid: false\n"
    plan = loaded(tmp_path, text).plan
    assert (plan.cap, plan.silos, plan.paid) == (
        Cap(messages=2, per=604800),
        ("app", "email"),
        False,
    )
    assert plan.journeys == SCENARIO.brand.journeys


def test_a_journey_changes_the_scenarios_key_by_key(tmp_path: Path) -> None:
    plan = loaded(tmp_path, "name: m\njourneys:\n  - {name: cart, cooldown: 9d}\n").plan
    assert [j.name for j in plan.journeys] == [j.name for j in SCENARIO.brand.journeys]
    for mine, own in zip(plan.journeys, SCENARIO.brand.journeys, strict=True):
        changes = {"cooldown": 9 * 86400} if own.name == "cart" else {}
        assert mine == own.model_copy(update=changes)


def test_a_journey_is_added_in_full_or_from_a_preset(tmp_path: Path) -> None:
    text = """
name: m
journeys:
  - replenishment
  - {preset: cart, name: cart_again, cooldown: 30d}
  - cart
  - name: own
    trigger: order
    sequence: [email]
    steps: [{message: {channels: [email]}}]
"""
    plan = loaded(tmp_path, text).plan
    names = [j.name for j in SCENARIO.brand.journeys]
    assert [j.name for j in plan.journeys] == [*names, "replenishment", "cart_again", "own"]
    by_name = {j.name: j for j in plan.journeys}
    assert by_name["cart"] == next(j for j in SCENARIO.brand.journeys if j.name == "cart")
    update = {"name": "cart_again", "cooldown": 30 * 86400}
    assert by_name["cart_again"] == by_name["cart"].model_copy(update=update)


def test_source_is_the_files_text(tmp_path: Path) -> None:
    first = loaded(tmp_path, "name: m\n").source
    assert loaded(tmp_path, "name: m\npaid: false\n").source != first
    assert loaded(tmp_path, "name: m\n").source == first


OWN = "name: m\njourneys:\n  - name: own\n    trigger: order\n    sequence: [email]\n    steps:\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "mine.yaml:1: empty file"),
        ("- a\n", "mine.yaml:1: expected a mapping"),
        ("sharing: all\n", "mine.yaml:1: name: missing key 'name'"),
        (
            "name: mine\njourneys:\n  - {name: a, trigger: cart, steps: []}\n",
            "mine.yaml:3: journeys.a.sequence: missing key 'sequence': the silos whose turn",
        ),
        ("name: My Own\n", "mine.yaml:1: name: 'My Own'"),
        ("name: m\nshering: all\n",
         "mine.yaml:2: shering: unknown key 'shering' (did you mean 'sharing'?)"),
        ("name: m\nsharing: al\n",
         "mine.yaml:2: sharing: 'al' is not one of silo, handoff, all (did you mean 'all'?)"),
        ("name: m\nsharing:\n  stop: al\n", "mine.yaml:3: sharing.stop: 'al' is not one of"),
        ("name: m\nsharing:\n  stopp: all\n",
         "mine.yaml:3: sharing.stopp: unknown key 'stopp' (did you mean 'stop'?)"),
        ("name: m\nsharing: 3\n", "mine.yaml:2: sharing: expected a mapping, found 3"),
        ("name: m\ncap: {messages: 2, per: 7}\n", "mine.yaml:2: cap.per: 7 has no unit"),
        ("name: m\n\ncap: {messages: 5, per: 7d}\n", "mine.yaml:3: cap: 5 per 1w lets 5 messages"),
        ("name: m\nsilos: [push]\n", "mine.yaml:2: silos: unknown silo 'push'; channel 'push' is"),
        ("name: m\nsilos: app\n", "mine.yaml:2: silos: expected a list, found 'app'"),
        ("name: m\npaid: maybe\n", "mine.yaml:2: paid: expected true or false, found 'maybe'"),
        ("name: m\njourneys: cart\n", "mine.yaml:2: journeys: expected a list, found 'cart'"),
        ("name: m\njourneys: [crat]\n",
         "mine.yaml:2: journeys[0].preset: unknown journey preset 'crat' (did you mean 'cart'?)"),
        ("name: m\njourneys:\n  - {name: cart, cooldwn: 1d}\n",
         "mine.yaml:3: journeys.cart.cooldwn: unknown key 'cooldwn' (did you mean 'cooldown'?)"),
        ("name: m\njourneys:\n  - {name: cart}\n  - cart\n", "mine.yaml:4: journeys.cart: dupl"),
        ("name: m\njourneys:\n  - {name: crat, weekday: 3}\n",
         "mine.yaml:3: journeys.crat: no journey 'crat' in the shop (did you mean 'cart'?); a new"),
        ("name: m\njourneys:\n  - {name: kqzx, sequence: [email], steps: []}\n",
         "mine.yaml:3: journeys.kqzx: no journey 'kqzx' in the shop; a new one needs a trigger"),
        (OWN.replace("trigger", "trigerr") + "      - delay: 1d\n",
         "mine.yaml:4: journeys.own.trigerr: unknown key 'trigerr' (did you mean 'trigger'?)"),
        ("name: m\njourneys:\n  - {weekday: 3}\n", "mine.yaml:3: journeys[0].name: missing key"),
        (OWN + "      - message: {channels: [emial]}\n",
         "mine.yaml:7: journeys.own.steps[0].message.channels: unknown channel 'emial'"),
        (OWN + "      - delay: 1d\n      - message:\n         quality: 1\n         channels: [sms]",
         "mine.yaml:9: journeys.own.steps[1].message.quality: 1 is above 0"),
        (OWN.replace("[email]", "[mail]") + "      - delay: 1d\n",
         "mine.yaml:5: journeys.own.sequence: unknown silo 'mail'"),
        ("name: m\nname: n\n", "mine.yaml:2: name: duplicate key 'name'"),
    ],
)  # fmt: skip
def test_every_fault_has_its_line(tmp_path: Path, text: str, said: str) -> None:
    assert refused(tmp_path, text).startswith(said)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(StrategyError, match="no such file"):
        load_strategy(str(tmp_path / "none.yaml"), SCENARIO)


def test_a_preset_that_names_other_channels_points_to_the_users_line(tmp_path: Path) -> None:
    narrow = SCENARIO.model_copy(
        update={
            "channels": tuple(c for c in SCENARIO.channels if c.name not in ("push", "app")),
            "brand": SCENARIO.brand.model_copy(update={"journeys": ()}),
        }
    )
    path = tmp_path / "mine.yaml"
    path.write_text("name: m\njourneys:\n  - welcome\n", encoding="utf-8")
    with pytest.raises(StrategyError, match=r"mine\.yaml:3: journeys\.welcome\.sequence: unknown"):
        load_strategy(str(path), narrow)
