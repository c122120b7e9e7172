"""What `without` takes away of an extended scenario: it goes wholly, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from omnilab.errors import ScenarioError
from omnilab.scenario import InvalidScenarioError, Scenario, load_scenario
from omnilab.scenario.load import read_scenario
from omnilab.scenario.without import staying_note
from tests.scenario.samples import write

BASE = "sneakers-cart-v1"
WINE = "  - {name: wine, every: 60d, spend: {mean: 20 EUR}}\n"


def load(folder: Path, without: str, rest: str = "", base: str = BASE) -> Scenario:
    text = f"id: mine-v1\nextends: {base}\nwithout: [{without}]\n{rest}"
    return load_scenario(write(folder, text, "mine.yaml"))


def refused(folder: Path, without: str, rest: str = "", base: str = BASE) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load(folder, without, rest, base)
    error = caught.value
    return [str(error), *map(str, getattr(error, "others", ()))]


def test_an_item_of_a_list_and_a_key_go_and_the_rest_stays(tmp_path: Path) -> None:
    base = load_scenario(BASE)
    made = load(tmp_path, "brand.journeys.drops, world.affinity.hours, strategies")
    assert [j for j in base.brand.journeys if j.name != "drops"] == list(made.brand.journeys)
    assert made.channels == base.channels
    assert made.population == base.population
    assert (base.world.affinity.hours, made.world.affinity.hours) == (0.5, 0.0)
    assert made.world.affinity.own == base.world.affinity.own
    assert made.strategies == Scenario.model_fields["strategies"].get_default(
        call_default_factory=True
    )
    # An assumption about a number that went is none.
    assert set(base.assumed) - set(made.assumed) == {"world.affinity.hours"}


def test_what_speaks_of_a_channel_that_went_goes_along(tmp_path: Path) -> None:
    made = load(tmp_path, "channels.messenger")
    base = load_scenario(BASE)
    assert [c.name for c in made.channels] == [
        c.name for c in base.channels if c.name != "messenger"
    ]
    for old, new in zip(base.population.personas, made.population.personas, strict=True):
        assert "messenger" in old.opt_in
        assert dict(new.opt_in) == {k: v for k, v in old.opt_in.items() if k != "messenger"}
    used = {
        name
        for j in made.brand.journeys
        for s in j.steps
        if s.message
        for name in s.message.channels
    }
    assert used == {"social_ad", "push", "email"}
    # `social` is of the messenger's silo, so the silo goes with the last of the two.
    assert made.brand.journeys[1].sequence == ("web", "app", "messenger", "email")
    both = load(tmp_path, "channels.messenger, channels.social")
    assert both.brand.journeys[1].sequence == ("web", "app", "email")
    assert base.channels[0].acts
    assert made.channels[0].acts == ()  # it allowed the messenger alone
    assert "channels.web.acts[0].base" not in made.assumed


def test_a_list_of_one_s_own_starts_from_nothing(tmp_path: Path) -> None:
    made = load(tmp_path, "categories, brand.journeys.drops", f"categories:\n{WINE}")
    assert [c.name for c in made.categories] == ["wine"]
    again = "categories:\n  - {name: sneakers, every: 60d, spend: {mean: 20 EUR}}\n"
    assert load(tmp_path, "categories", again).categories[0].margin != 0.45


def test_a_channel_of_a_preset_starts_from_the_preset(tmp_path: Path) -> None:
    made = load(tmp_path, "channels.web", "channels: [web]\n")
    web = next(c for c in made.channels if c.name == "web")
    assert load_scenario(BASE).channels[0].acts
    assert web.acts == ()


def test_a_preset_s_journey_loses_the_channel_too(tmp_path: Path) -> None:
    write(
        tmp_path,
        "id: base-v1\ncategories:\n"
        + WINE
        + "channels: [web, app, store, email, push, social_ad]\n"
        "population: {customers: 100, personas: [enthusiast, uninvolved, store_focused]}\n"
        "brand: {journeys: [cart, welcome]}\n",
        "base.yaml",
    )
    made = load(tmp_path, "channels.app, channels.push", base="base.yaml")
    cart, welcome = made.brand.journeys
    assert (cart.sequence, welcome.sequence) == (("web", "email"), ("email",))
    sent = [s.message.channels for s in (*cart.steps, *welcome.steps) if s.message]
    assert sent == [("email", "social_ad"), ("email", "social_ad"), ("email",)]


def test_each_unknown_name_is_an_error_with_the_nearest(tmp_path: Path) -> None:
    said = refused(tmp_path, "channels.ap, journeys, brand.drops, chanels, 7, id")
    assert [line.partition(": without")[2] for line in said] == [
        "[0]: the base has no 'channels.ap' (did you mean 'channels.app'?)",
        "[1]: the base has no 'journeys' (did you mean 'brand.journeys'?)",
        "[2]: the base has no 'brand.drops'; there are brand.journeys",
        "[3]: the base has no 'chanels' (did you mean 'channels'?)",
        "[4]: the base has no 7",
        said[5].partition(": without")[2],
    ]
    assert "[5]: the base has no 'id'" in said[5]


def test_what_would_be_left_with_nothing_is_named_with_the_line_that_takes_it_away(
    tmp_path: Path,
) -> None:
    rest = f"categories:\n{WINE}"
    (said,) = refused(tmp_path, "categories, channels.app", rest)
    assert "channels.push.message.landing is app" in said
    assert "brand.journeys.drops.steps[0].message.shows is sneakers" in said
    line = said.partition("`without: [")[2].partition("]`")[0]
    assert line == "categories, channels.app, channels.push, brand.journeys.drops"
    made = load(tmp_path, line, rest)
    assert [j.name for j in made.brand.journeys] == ["seen_ad", "reminder"]


def test_what_the_file_says_itself_is_never_changed(tmp_path: Path) -> None:
    persona = "population: {personas: [{name: young, opt_in: {messenger: 9%}}]}\n"
    (said,) = refused(tmp_path, "channels.messenger", persona)
    assert "mine.yaml:4: population.personas.young.opt_in: unknown 'messenger'" in said


@pytest.mark.parametrize("text", ["channels.app", "[]", "{channels: app}"])
def test_it_takes_a_list(tmp_path: Path, text: str) -> None:
    file = write(tmp_path, f"id: mine-v1\nextends: {BASE}\nwithout: {text}\n", "mine.yaml")
    with pytest.raises(ScenarioError, match=r"mine\.yaml:3: without: takes a list"):
        load_scenario(file)


def test_without_a_base_it_is_an_error(tmp_path: Path) -> None:
    file = write(tmp_path, "id: mine-v1\nwithout: [channels]\n", "mine.yaml")
    with pytest.raises(ScenarioError, match=r"mine\.yaml:2: without: .* extends nothing"):
        load_scenario(file)


def test_a_base_that_takes_away_is_a_base_without(tmp_path: Path) -> None:
    load(tmp_path, "channels.messenger")
    top = write(tmp_path, "id: top-v1\nextends: mine.yaml\n", "top.yaml")
    assert load_scenario(top).channels == load(tmp_path, "channels.messenger").channels


def note(folder: Path, rest: str) -> str | None:
    file = write(folder, f"id: mine-v1\nextends: {BASE}\n{rest}", "mine.yaml")
    return staying_note(read_scenario(file).root)


def test_what_stays_of_a_base_is_said_where_the_file_lists_some(tmp_path: Path) -> None:
    said = note(tmp_path, f"categories:\n{WINE}channels: [web, store, email, messenger, app]\n")
    assert said == (
        f"from {BASE} stay: category sneakers; channels push, social, social_ad, search_ad; "
        "journeys seen_ad, reminder, drops. `without` takes away what is not yours."
    )
    assert note(tmp_path, "population: {customers: 10}\n") is None
    assert staying_note(read_scenario(BASE).root) is None
    all_own = f"without: [categories, brand.journeys, channels]\ncategories:\n{WINE}"
    all_own += "channels: [web, email]\nbrand: {journeys: [newsletter]}\n"
    assert note(tmp_path, all_own) is None


def test_all_unknown_names_of_presets_journeys_are_said_at_once(tmp_path: Path) -> None:
    text = (
        "id: own-v1\npopulation:\n  personas: [{name: all, share: 100%, opt_in: {push: 5%}}]\n"
        f"categories:\n{WINE}channels: [web, email, sms]\nbrand:\n  journeys: [welcome, cart]\n"
    )
    with pytest.raises(InvalidScenarioError) as caught:
        load_scenario(write(tmp_path, text, "own.yaml"))
    said = {e.key: e.message for e in (caught.value, *caught.value.others)}
    at = "brand.journeys."
    assert set(said) == {
        "population.personas.all.opt_in", f"{at}welcome.sequence", f"{at}cart.sequence",
        f"{at}welcome.steps[1].message.channels", f"{at}cart.steps[1].message.channels",
        f"{at}cart.steps[3].message.channels",
    }  # fmt: skip
    assert "there are web, email, sms" in said["population.personas.all.opt_in"]
    assert "write `sequence: [web, email]`" in said[f"{at}cart.sequence"]
    steps = said[f"{at}cart.steps[1].message.channels"]
    assert steps.startswith("unknown 'push' and 'social_ad'; messages go over email, sms: ")
