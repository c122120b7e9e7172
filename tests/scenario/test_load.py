"""From files to scenarios: expansion, and one line with file, line and key for all that is bad."""

from __future__ import annotations

import random
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.errors import ScenarioError
from omnilab.scenario import (
    FieldError,
    InvalidScenarioError,
    Scenario,
    json_schema,
    load_scenario,
    scenario_digest,
    scenario_to_yaml,
)
from omnilab.scenario.document import parse_document
from omnilab.scenario.load import read_scenario, validate_tree
from omnilab.scenario.model import Frozen
from omnilab.scenario.preset import SECTIONS, preset_names
from omnilab.scenario.tree import Node
from tests.scenario.samples import SHOP, attempt, load_text, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scenarios")


def error_of(folder: Path, text: str) -> ScenarioError:
    with pytest.raises(ScenarioError) as caught:
        load_text(folder, text)
    assert str(caught.value).isprintable()
    return caught.value


# --- what a good file means ---


def test_units_presets_and_overrides(folder: Path) -> None:
    shop = load_text(folder, SHOP)
    assert (shop.time.burn_in, shop.time.tick) == (90 * 86400, 900)
    assert shop.categories[0].spend.mean == 12.5
    email = {channel.name: channel for channel in shop.channels}["email"].message
    assert email is not None
    assert (email.cost, email.open) == (0.0008, 0.171)  # the file's
    assert (email.click, email.open_sigma) == (0.02, 2.42)  # the preset's
    assert shop.population.personas[2].prefers == {"store": 1.5}
    assert shop.brand.journeys[0].name == "welcome"


@pytest.mark.parametrize("extended", [False, True])
def test_an_error_points_to_the_users_line_and_not_into_a_preset(
    folder: Path, extended: bool
) -> None:
    """The preset's click rate of 2% is above the user's open rate, which is the line to mend."""
    text = SHOP.replace("open: 17.1%", "open: 1%")
    if extended:
        write(folder, SHOP, "base-v1.yaml")
        text = "extends: base-v1.yaml\nid: x-v1\nchannels:\n  - name: email\n    message:\n"
        text += "      open: 1%\n"
    path = write(folder, text, "mine-v1.yaml")
    line = text.splitlines().index("      open: 1%") + 1
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert str(caught.value).startswith(f"{path}:{line}: channels.email.message.open: click is")


def test_a_later_finding_points_to_the_line_that_names_the_preset(folder: Path) -> None:
    path = write(folder, SHOP)
    line = SHOP.splitlines().index("  - push") + 1
    error = read_scenario(path).error_at(("channels", 4, "message", "cost"), "is odd")
    assert (error.file, error.line) == (str(path), line)
    assert error.key == "channels[4].message.cost"


@pytest.mark.parametrize("hours", ["{start: 0:00, end: 24:00}", "{start: 24:00, end: 0:00}"])
def test_quiet_hours_of_the_whole_day(folder: Path, hours: str) -> None:
    text = SHOP.replace('{start: "21:00", end: 08:00}', hours)
    with pytest.raises(ScenarioError, match=r"brand\.quiet_hours\.end: quiet hours of the whole"):
        load_text(folder, text)


def test_a_preset_under_another_name(folder: Path) -> None:
    text = SHOP.replace("  - push\n", "  - {preset: store, name: outlet, silo: outlet}\n  - push\n")
    names = [channel.name for channel in load_text(folder, text).channels]
    assert names[2:5] == ["store", "email", "outlet"]


@pytest.mark.parametrize("brief", [False, True])
def test_written_scenarios_load_to_the_same(folder: Path, brief: bool) -> None:
    shop = load_text(folder, SHOP)
    again = load_text(folder, scenario_to_yaml(shop, header="made", brief=brief))
    assert again == shop
    assert scenario_digest(again) == scenario_digest(shop)


def test_the_digest_is_of_the_meaning(folder: Path) -> None:
    shop = scenario_digest(load_text(folder, SHOP))
    same = SHOP.replace("90d", "2160h").replace("17.1%", "0.171").replace("12.50 EUR", "12.5")
    assert scenario_digest(load_text(folder, "# x\n" + same)) == shop
    assert scenario_digest(load_text(folder, SHOP.replace("17.1%", "17.2%"))) != shop
    assert len(shop) == 64


def test_a_null_is_kept_where_it_differs_from_the_default(folder: Path) -> None:
    text = SHOP.replace('{start: "21:00", end: 08:00}', "null")
    shop = load_text(folder, text)
    assert shop.brand.quiet_hours is None
    assert load_text(folder, scenario_to_yaml(shop)) == shop


SURROUNDINGS = ["web", "app", "store", "email", "sms", "push", "messenger", "social_ad", "call"]


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind in SECTIONS.values() for name in preset_names(kind)]
)
def test_every_preset_is_valid(folder: Path, kind: str, name: str) -> None:
    lists = {"channels": SURROUNDINGS, "journeys": []}
    lists[kind] = [*lists.get(kind, ()), name] if name not in SURROUNDINGS else SURROUNDINGS
    personas = lists.get("personas", ["uninvolved"])
    text = SHOP.partition("  personas:")[0] + "  personas:\n"
    text += f"    - {{preset: {personas[0]}, share: 100%}}\ncategories:"
    text += SHOP.partition("categories:")[2].partition("channels:")[0]
    text += f"channels: {lists['channels']}\nbrand:\n  journeys: {lists['journeys']}\n"
    shop = load_text(folder, text)
    made = {"channels": shop.channels, "journeys": shop.brand.journeys}
    assert name in [part.name for part in made.get(kind, shop.population.personas)]


# --- extends ---


def test_extends_merges_by_name(tmp_path: Path) -> None:
    write(tmp_path, SHOP)
    child = write(
        tmp_path,
        "extends: shop-v1.yaml\nid: child-v1\ncurrency: EUR\ntime: {burn_in: 30d}\n"
        "channels:\n  - sms\n  - name: email\n    message: {click: 1%}\n  - preset: web\n"
        "    title: Other\nbrand: {journeys: [cart]}\n",
        "child-v1.yaml",
    )
    base, made = load_scenario(tmp_path / "shop-v1.yaml"), load_scenario(child)
    assert (made.id, made.title) == ("child-v1", base.title)
    assert (made.time.burn_in, made.time.window) == (30 * 86400, base.time.window)
    names = [channel.name for channel in base.channels]
    assert [channel.name for channel in made.channels] == [*names, "sms"]
    assert made.channels[0].title == "Other"
    email = made.channels[3].message
    assert email is not None
    assert (email.click, email.open) == (0.01, 0.171)
    assert made.brand.journeys == base.brand.journeys


def test_extends_that_changes_nothing(tmp_path: Path) -> None:
    base = load_text(tmp_path, SHOP)
    same = load_scenario(write(tmp_path, "extends: shop-v1.yaml\nid: shop-v1\n", "b.yaml"))
    assert same == base


def test_an_id_is_not_inherited(tmp_path: Path) -> None:
    write(tmp_path, SHOP)
    with pytest.raises(ScenarioError, match=r"b\.yaml:1: id: missing key 'id'"):
        load_scenario(write(tmp_path, "extends: shop-v1.yaml\n", "b.yaml"))


@pytest.mark.parametrize(
    ("files", "line", "message"),
    [
        ({"a": "id: a-v1\nextends: a.yaml\n"}, 2, "a.yaml -> a.yaml"),
        (
            {"a": "extends: b.yaml\n", "b": "id: b-v1\nextends: sub/../c.yaml\n",
             "c": "# x\n\nextends: a.yaml\n"},
            3, "in a circle: a.yaml -> b.yaml -> c.yaml -> a.yaml",
        ),
        ({"a": "id: a-v1\nextends: none.yaml\n"}, 2, "no such file"),
        ({"a": "id: a-v1\nextends: '.'\n"}, 2, "no shipped scenario '.'"),
        ({"a": "id: a-v1\nextends: ./\n"}, 2, "no such file"),
        ({"a": "id: a-v1\nextends: nothing-like-it-v9\n"}, 2, "no shipped scenario"),
        ({"a": "id: a-v1\nextends: [b]\n"}, 2, "one scenario id or one path"),
        ({"a": "id: a-v1\nextends:\n"}, 2, "one scenario id or one path"),
        ({"a": f"id: a-v1\nextends: {'x' * 300}.yaml\n"}, 2, "no such file"),
        ({"a": 'extends: "a\\0b.yaml"\n'}, 1, "one scenario id or one path"),
    ],
)  # fmt: skip
def test_bad_extends(tmp_path: Path, files: dict[str, str], line: int, message: str) -> None:
    for name, text in files.items():
        write(tmp_path, text, f"{name}.yaml")
    (tmp_path / "sub").mkdir()
    with pytest.raises(ScenarioError) as caught:
        load_scenario(tmp_path / "a.yaml")
    assert message in str(caught.value)
    assert (caught.value.line, caught.value.key) == (line, "extends")


def test_a_chain_without_end(tmp_path: Path) -> None:
    for number in range(30):
        write(tmp_path, f"extends: {number + 1}.yaml\n", f"{number}.yaml")
    with pytest.raises(ScenarioError, match="more than 16 scenarios"):
        load_scenario(tmp_path / "0.yaml")


def test_an_error_in_the_base_points_to_the_base(tmp_path: Path) -> None:
    write(tmp_path, SHOP.replace("17.1%", "24h"))
    child = write(tmp_path, "extends: shop-v1.yaml\nid: c-v1\n", "c.yaml")
    with pytest.raises(ScenarioError, match=r"shop-v1.yaml:23: channels\.email\.message\.open: "):
        load_scenario(child)


# --- what is bad ---

CHANGES = {
    # name: (old text, new text, line, key, part of the message)
    "unknown key": ("currency: EUR", "curency: EUR", 3, "curency", "(did you mean 'currency'?)"),
    "unknown inner key": (
        "      open: 17", "      opn: 17", 23, "channels.email.message.opn", "mean 'open'?"),
    "misspelt required key": (
        "every: 30d", "evry: 30d", 14, "categories.coffee.evry", "mean 'every'?"),
    "missing key": ("    every: 30d\n", "", 13, "categories.coffee.every", "missing key 'every'"),
    "number without unit": ("burn_in: 90d", "burn_in: 90", 4, "time.burn_in", "no unit"),
    "wrong unit": ("17.1%", "24h", 23, "channels.email.message.open", "'24h' is a duration"),
    "rate outside 0..1": ("17.1%", "1.71", 23, "channels.email.message.open", "outside 0..1"),
    "rate above 100%": ("17.1%", "171%", 23, "channels.email.message.open", "above 100%"),
    "not a number": ("17.1%", ".nan", 23, "channels.email.message.open", "can't be read"),
    "other currency": (
        "12.50 EUR", "12.50 USD", 15, "categories.coffee.spend.mean", "currency is EUR"),
    "clock": ('"21:00"', '"25:00"', 27, "brand.quiet_hours.start", "HH:MM"),
    "bad currency": ("currency: EUR", "currency: eur", 3, "currency", "'eur'"),
    "bad id": ("id: shop-v1", "id: Shop", 1, "id", "coffee-v1"),
    "bad name": ("name: coffee", "name: Coffee beans", 13, "categories.Coffee beans.name",
                 "is not a name"),
    "zero customers": (
        "customers: 10000", "customers: 0", 6, "population.customers", "at least 1"),
    "text for a number": (
        "10000", "many", 6, "population.customers", "a whole number, found 'many'"),
    "below a limit": ("tick: 15min", "tick: 30s", 4, "time.tick", "'30s' must be at least 1min"),
    "list for a mapping": (
        "time: {burn_in: 90d, window: 365d, tick: 15min}", "time: [1]", 4, "time",
        "expected a mapping, found a list"),
    "unknown preset": ("- push", "- pusch", 24, "channels.pusch.preset", "(did you mean 'push'?)"),
    "unknown long preset": ("preset: email", "preset: emial", 20, "channels.emial.preset",
                            "unknown channel preset 'emial' (did you mean 'email'?)"),
    "preset of another kind": ("- push", "- cart", 24, "channels.cart.preset", "channel preset"),
    "preset is a list": ("preset: email", "preset: [email]", 20, "channels[3].preset", "a list"),
    "preset elsewhere": ("every: 30d", "preset: web", 14, "categories.coffee.preset",
                         "unknown key 'preset'"),
    "duplicate key": ("title:", "id: x-v1\ntitle:", 2, "id", "duplicate key 'id', first on line 1"),
    "duplicate preset": ("- push", "- web", 24, "channels.web",
                         "duplicate name 'web', first on line 17"),
    "duplicate name": ("- push", "- name: email", 24, "channels.email",
                       "duplicate name 'email', first on line 20"),
    "shares that do not add up": ("- uninvolved", "- {preset: uninvolved, share: 10%}", 5, "",
                                  "add up to 0.7"),
    "unknown time zone": ("burn_in: 90d", "zone: Europe/Amsterdm", 4, "time.zone",
                          "mean 'Europe/Amsterdam'?"),
    "empty list": ("[welcome, browse, cart, newsletter]", "[{preset: cart, steps: []}]", 28,
                   "brand.journeys.cart.steps", "needs at least 1 item, has 0"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_each_bad_input(folder: Path, name: str) -> None:
    old, new, line, key, message = CHANGES[name]
    assert old in SHOP
    error = error_of(folder, SHOP.replace(old, new, 1))
    assert message in error.message
    assert error.line == line
    if key:
        assert error.key == key
        assert not getattr(error, "others", ()), "one mistake, one finding"


def test_a_choice_names_the_choices(folder: Path) -> None:
    text = SHOP.replace("[welcome, browse, cart, newsletter]", "[{preset: cart, until: [ordr]}]")
    error = error_of(folder, text)
    assert error.key == "brand.journeys.cart.until[0]"
    assert "not one of open, click" in error.message
    assert error.message.endswith("(did you mean 'order'?)")


def test_all_findings_in_the_order_of_their_lines(folder: Path) -> None:
    text = SHOP.replace("17.1%", "24h").replace("10000", "0").replace("- push", "- pusch")
    error = error_of(folder, text)
    assert isinstance(error, InvalidScenarioError)
    assert [e.line for e in (error, *error.others)] == [6, 23, 24]


def test_findings_go_by_line_and_the_users_own_file_first(tmp_path: Path) -> None:
    """Pydantic's order is that of the model's fields, unknown keys last."""
    error = error_of(tmp_path, "brnd: {}\n" + SHOP.replace("17.1%", "24h"))
    assert isinstance(error, InvalidScenarioError)
    assert [e.line for e in (error, *error.others)] == [1, 24]
    child = "extends: shop-v1.yaml\nid: c-v1\nbrand: {cap: {messages: 0, per: 7d}}\n"
    with pytest.raises(InvalidScenarioError) as caught:
        load_scenario(write(tmp_path, child, "a.yaml"))
    found = [(Path(str(e.file)).name, e.line) for e in (caught.value, *caught.value.others)]
    assert found == [("a.yaml", 3), ("shop-v1.yaml", 1), ("shop-v1.yaml", 24)]


def test_missing_folder_and_unknown_id(tmp_path: Path) -> None:
    for source, message in [
        (tmp_path / "none.yaml", "no such file"),
        (str(tmp_path / "none.yaml"), "no such file"),
        (tmp_path, "is a folder"),
        ("no-such-scenario-v1", "no shipped scenario 'no-such-scenario-v1'"),
        ("", "is a folder|no such file"),
        ("x" * 500, "no such file"),
    ]:
        with pytest.raises(ScenarioError, match=message):
            load_scenario(source)


def test_a_file_whose_name_looks_like_an_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, SHOP, "mine-v1")
    monkeypatch.chdir(tmp_path)
    assert load_scenario("mine-v1").id == "shop-v1"


# --- validators' own findings ---


class Sub(Frozen):
    low: int = 0
    high: int = 9


class Top(Frozen):
    sub: Sub = Sub()
    items: tuple[dict[str, Any], ...] = ()

    def model_post_init(self, context: object) -> None:
        if self.sub.high == 1:
            raise FieldError("too close", "sub", "high")
        if self.sub.high == 2:
            raise FieldError("too close", "sub", "low")
        if self.sub.high == 3:
            raise ValueError("sub.high: too close")
        if self.sub.high == 4:
            raise ValueError("items.b: too close")
        if self.sub.high == 5:
            raise ValueError("too close: no key")


@pytest.mark.parametrize(
    ("high", "line", "key"),
    [(1, 3, "sub.high"), (2, 2, "sub.low"), (3, 3, "sub.high"), (4, 6, "items.b"), (5, 2, None)],
)
def test_a_validator_can_say_where(high: int, line: int, key: str | None) -> None:
    root = parse_document(f"\nsub:\n  high: {high}\nitems:\n  - name: a\n  - {{name: b}}\n", "x")
    with pytest.raises(InvalidScenarioError) as caught:
        validate_tree(Top, root)
    assert (caught.value.line, caught.value.key) == (line, key)
    assert caught.value.message.startswith("too close")


# --- every place, by property ---


def mappings(node: Node, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    if isinstance(node.value, dict):
        found.append(path)
        for key, child in node.value.items():
            found += mappings(child, (*path, key))
    elif isinstance(node.value, list):
        for number, child in enumerate(node.value):
            found += mappings(child, (*path, number))
    return found


@pytest.fixture(scope="module")
def full_text(folder: Path) -> str:
    return scenario_to_yaml(load_text(folder, SHOP))


@given(rng=st.randoms(use_true_random=False))
def test_a_misspelt_key_anywhere(folder: Path, full_text: str, rng: random.Random) -> None:
    """Whichever key of the full file is misspelt, the error has its line and its right name."""
    lines = full_text.splitlines()
    free = {"prefers", "opt_in", "reach"}  # mappings whose keys are the user's
    known = {line.strip(" -").partition(":")[0] for line in lines} - free
    number = rng.choice([n for n, line in enumerate(lines) if ":" in line])
    head, _, rest = lines[number].partition(":")
    key = head.strip(" -")
    if key not in known or key in ("store", "name"):
        return
    wrong = key + "_"
    lines[number] = head.replace(key, wrong) + ":" + rest
    error = error_of(folder, "\n".join(lines))
    found = [error, *getattr(error, "others", ())]
    mine = [e for e in found if e.line == number + 1 and (e.key or "").endswith(wrong)]
    assert len(mine) == 1
    assert f"(did you mean {key!r}?)" in mine[0].message
    assert not [e for e in found if e.message == f"missing key {key!r}"]


MUTATIONS = st.sampled_from(["delete", "swap", "replace", "insert", "indent", "repeat", "line"])


def mutate(text: str, kind: str, rng: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    n = rng.randrange(len(lines))
    at = rng.randrange(len(text))
    if kind == "delete":
        return text[:at] + text[at + rng.randrange(1, 12) :]
    if kind == "insert":
        return text[:at] + "".join(rng.choices(string.printable + "é\u2028\x00", k=3)) + text[at:]
    if kind == "replace":
        odd = ["24h", "5%", "-1", "null", "[]", "{}", "[[1]]", "1e400", "x" * 400, "*a", "&a b",
               "true", "!!int 1", "99999999999999999999", "'", "12.50 USD", "web", "{name: web}",
               "0", '"\\ud800"', "inf", "nan", "{preset: web}", "[web, web]", "~: 1"]  # fmt: skip
        head, colon, _ = lines[n].rpartition(":")
        lines[n] = f"{head}{colon} {rng.choice(odd)}\n"
    elif kind == "swap":
        m = rng.randrange(len(lines))
        lines[n], lines[m] = lines[m], lines[n]
    elif kind == "indent":
        lines[n] = rng.choice(["  ", " ", "\t", "- "]) + lines[n]
    elif kind == "repeat":
        lines.insert(rng.randrange(len(lines)), lines[n])
    else:
        del lines[n]
    return "".join(lines)


@given(
    kinds=st.lists(MUTATIONS, min_size=1, max_size=3),
    rng=st.randoms(use_true_random=False),
    full=st.booleans(),
)
def test_mutations_give_a_scenario_or_a_line(
    folder: Path, full_text: str, kinds: list[str], rng: random.Random, full: bool
) -> None:
    text = full_text if full else SHOP
    for kind in kinds:
        text = mutate(text, kind, rng)
    path = folder / "mutated-v1.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    result = attempt(ScenarioError, load_scenario, path)
    if isinstance(result, ScenarioError):
        for finding in (result, *getattr(result, "others", ())):
            assert str(finding).isprintable()
            here = Path(str(finding.file))
            n_lines = len(here.read_text(encoding="utf-8").splitlines())
            assert 1 <= (finding.line or 0) <= max(1, n_lines)
    else:
        assert isinstance(result, Scenario)
        assert load_text(folder, scenario_to_yaml(result)) == result
        assert len(scenario_digest(result)) == 64


def test_the_schema_knows_the_presets() -> None:
    schema = json_schema()
    items = schema["$defs"]["Scenario"]["properties"]["channels"]["items"]["anyOf"]
    assert items[0]["enum"] == preset_names("channels")


TITLE = "title: A shop with all that presets give"


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        (TITLE, 'title: "A\\e[2Jshop"', "title", "character 2 is the control character U+001B"),
        (TITLE, 'title: "A\\nshop"', "title", "U+000A"),
        (TITLE, 'title: "A\\u202Eshop"', "title", "U+202E"),
        (TITLE, 'description: "Two\\nlines, \\a bell"', "description", "U+0007"),
        ("  - push", '  - {preset: push, title: "\\u2028"}', "channels.push.title", "U+2028"),
    ],
)
def test_words_without_control_characters(
    folder: Path, old: str, new: str, key: str, said: str
) -> None:
    text = SHOP.replace(old, new)
    assert text != SHOP
    path = write(folder, text)
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "\\" in row)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert str(caught.value).startswith(f"{path}:{line}: {key}: ")
    assert said in str(caught.value)


def test_words_may_have_accents_and_a_description_more_lines(folder: Path) -> None:
    family = "\U0001f469\u200d\U0001f467"  # one sign, of two that are joined
    words = f"title: Café – {family}\ndescription: |\n  One.\n\n  Two\there."
    scenario = load_text(folder, SHOP.replace(TITLE, words))
    assert scenario.title == f"Café – {family}"
    assert scenario.description == "One.\n\nTwo\there.\n"
