"""``omnilab validate``: one line for each thing that is wrong, with file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from omnilab import cli
from omnilab.scenario.compose import compose
from omnilab.scenario.tree import Node
from tests.cli.laboratory import SHOP

GOOD = "lab.yaml"


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    def write(text: str | bytes) -> None:
        Path(GOOD).write_bytes(text if isinstance(text, bytes) else text.encode())

    return write


def validate(capsys, *args: str) -> tuple[int, str, list[str]]:
    code = cli.main(["validate", *args])
    out, err = capsys.readouterr()
    return code, out, err.splitlines()


def line_of(text: str, words: str) -> int:
    """Return the number of the first line that has the words."""
    return next(i for i, line in enumerate(text.splitlines(), 1) if words in line)


def test_a_good_file_and_a_shipped_id(write, capsys) -> None:
    write(SHOP)
    code, out, err = validate(capsys, GOOD, "boots-v1")
    assert (code, err) == (0, [])
    mine, note, shipped, same = out.splitlines()
    assert mine.startswith("lab.yaml: ok, lab-v1, digest ")
    assert shipped.startswith("boots-v1: ok, boots-v1, digest ")
    assert note.startswith("lab.yaml: note: Messages make no demand here: ")
    assert same.removeprefix("boots-v1") == note.removeprefix("lab.yaml")
    assert validate(capsys, GOOD, "-q") == (0, "", [])


@pytest.mark.parametrize(
    ("created", "said"),
    [("0%", "no demand"), ("6%", None), ("20%", None), ("35%", "much demand"), (None, "no demand")],
)
def test_it_is_said_whether_messages_make_demand(
    write, capsys, created: str | None, said: str | None
) -> None:
    write(SHOP if created is None else f"{SHOP}world: {{response: {{created: {created}}}}}\n")
    code, out, _ = validate(capsys, GOOD)
    notes = [line for line in out.splitlines() if ": note: " in line]
    assert code == 0
    assert len(notes) == (said is not None)
    assert not said or f"Messages make {said} here: world.response.created is" in notes[0]


# Old text, new text, words whose line is meant, key, message.
CHANGES = {
    "unknown key": ("customers: 200", "custommers: 200", "custommers", "population.custommers",
                    "unknown key 'custommers' (did you mean 'customers'?)"),
    "wrong unit": ("every: 30d", "every: 30 EUR", "every", "categories.beans.every",
                   "'30 EUR' is an amount"),
    "wrong currency": ("20 EUR", "20 USD", "USD", "categories.beans.spend.mean",
                       "the scenario's currency is EUR"),
    "rate above 1": ("open: 20%", "open: 120%", "open:", "channels.email.message.open",
                     "'120%' is above 100%"),
    "rate below 0": ("open: 20%", "open: -0.2", "open:", "channels.email.message.open",
                     "-0.2 is outside 0..1"),
    "shares that do not add up": ("share: 40%", "share: 50%", "population:", "population",
                                  "must add up to 1, they add up to 1.1"),
    "duplicate key": ("title: A shop", "title: A shop\ntitle: Two", "title: Two", "title",
                      "duplicate key 'title', first on line 2"),
    "duplicate id": ("- name: email", "- name: web", "- name: web\n    silo: email",
                     "channels.web", "duplicate name 'web'"),
    "zero customers": ("customers: 200", "customers: 0", "customers", "population.customers",
                       "must be at least 1"),
    "no window": ("window: 60d", "window: 0d", "window", "time.window", "must be above 0s"),
    "a window of a day": ("window: 60d", "window: 1d", "window", "time.window", "at least 2d"),
    "a horizon": ("window: 60d", "horizon: 60d", "horizon", "time.horizon",
                  "what is measured lasts time.window, after time.burn_in"),
    "a horizon at the top": ("title: A shop", "horizon: 10d", "horizon", "horizon",
                             "what is measured lasts time.window, after time.burn_in"),
    "a burn-in below zero": ("burn_in: 30d", "burn_in: -30d", "burn_in", "time.burn_in",
                             "is negative"),
    "unknown strategy": ("no_contact, multi", "no_contakt, multi", "strategies:", "strategies[0]",
                         "no such strategy (did you mean 'no_contact'?)"),
    "unknown status quo": ("brand:\n", "brand:\n  status_quo: multi_chanel\n", "status_quo",
                           "brand.status_quo", "no such strategy (did you mean 'multichannel'?)"),
    "unknown assumed key": ("world.choice]", "world.choise]", "assumed", "assumed[1]",
                            "no key 'choise' in world (did you mean 'choice'?)"),
    "no version": ("id: lab-v1", "id: lab", "id:", "id", "write a name and a version"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_each_bad_input(write, capsys, name: str) -> None:
    old, new, words, key, message = CHANGES[name]
    assert old in SHOP
    text = SHOP.replace(old, new, 1)
    write(text)
    first, _, after = words.partition("\n")
    line = line_of(text, after.strip()) - 1 if after else line_of(text, first)
    code, out, (said, *_more) = validate(capsys, GOOD)
    assert (code, out) == (2, "")
    assert said.startswith(f"error: lab.yaml:{line}: {key}: ")
    assert message in said
    assert [path.name for path in Path().iterdir()] == [GOOD]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "lab.yaml:1: empty file"),
        (b"# nothing\n", "lab.yaml:1: empty file"),
        (b"id: a-v1\ntitle: caf\xe9\n", "lab.yaml:2: not UTF-8 (byte 0xe9)"),
        (b"a: " + b"[" * 500 + b"]" * 500, "nested deeper than 40 levels"),
        (b"a: &a [1,1,1,1,1,1,1,1,1,1]\n"
         + b"".join(b"%c: &%c [%s]\n" % (c + 1, c + 1, b",".join([b"*%c" % c] * 10))
                    for c in range(ord("a"), ord("i"))),
         "more than 100000 values once aliases are expanded"),
        (b"extends: lab.yaml\nid: a-v1\n", "lab.yaml:1: extends: extends goes round in a circle"),
        (b"extends: none.yaml\nid: a-v1\n", "lab.yaml:1: extends: no such file"),
    ],
)  # fmt: skip
def test_files_that_are_no_scenario(write, capsys, content: bytes, said: str) -> None:
    write(content)
    code, out, (line,) = validate(capsys, GOOD)
    assert (code, out) == (2, "")
    assert said in line


def test_missing_files_and_all_findings(write, capsys) -> None:
    write(SHOP.replace("open: 20%", "open: 200%").replace("every: 30d", "every: soon"))
    code, _, lines = validate(capsys, GOOD, "none.yaml", "bots-v1", ".")
    assert code == 2
    lines_of = [f"lab.yaml:{line_of(SHOP, words)}" for words in ("every: 30d", "open: 20%")]
    assert [line.split(": ")[1] for line in lines[:3]] == [*lines_of, "none.yaml"]
    assert "did you mean 'boots-v1'" in lines[3]
    assert lines[4] == "error: .: is a folder, not a file"


def test_strategies_in_files_are_not_looked_for(write, capsys) -> None:
    write(SHOP.replace("[no_contact, ", "['mine.py:Mine', ours.yaml, 'single_channel(silo=web)', "))
    assert validate(capsys, GOOD, "-q") == (0, "", [])


IDLE = SHOP.replace("brand:\n", "brand:\n  cookie_ttl: 10d\n")  # no channel shows a cookie


def test_what_has_no_effect_is_a_warning_and_with_strict_an_error(write, capsys) -> None:
    write(IDLE)
    place = f"lab.yaml:{line_of(IDLE, 'cookie_ttl')}: brand.cookie_ttl: no channel shows a cookie"
    code, out, err = validate(capsys, GOOD)
    assert (code, err) == (0, [f"warning: {place}"])
    assert out.startswith("lab.yaml: ok, ")
    assert validate(capsys, GOOD, "-q") == (0, "", [f"warning: {place}"])
    assert validate(capsys, GOOD, "--strict") == (2, "", [f"error: {place}"])
    write(SHOP)
    assert validate(capsys, GOOD, "--strict", "-q") == (0, "", [])


@pytest.mark.parametrize(
    "command",
    [["validate", "--assumptions"], ["twin"], pytest.param(["compare"], marks=pytest.mark.slow)],
)
def test_a_scenario_is_put_together_once(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that all that is said of its lines is said of what was run."""
    monkeypatch.chdir(tmp_path)
    seen: list[Path] = []

    def counted(path: Path) -> Node:
        seen.append(path)
        return compose(path)

    monkeypatch.setattr("omnilab.scenario.load.compose", counted)
    rest = {"validate": [], "twin": ["3", "--customers", "5"], "compare": ["--customers", "5"]}
    assert cli.main([*command, "boots-v1", *rest[command[0]]]) == 0
    assert len(seen) == 1
