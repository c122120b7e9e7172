"""What a wrong option or file gets for an answer: one line, with what was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from omnilab import cli
from omnilab.scenario.load import load_scenario
from tests.scenario.samples import write

COFFEE = "mapples-coffee-v1"
GATE = "guardrails:\n  - {measure: ltv, worse_by: 1 EUR}\n"
PLAN = "name: cellar\nsharing: all\n"
SHOP = f"id: mine-v1\nextends: {COFFEE}\n"

#: What is typed, in a folder with gates.yaml, cellar.yaml and shop.yaml, and words of the answer.
ANSWERS = {
    "a share without its sign": (
        ["credit", COFFEE, "--consent", "80"], "--consent: '80' can't be read;", "mean 80%?)"),
    "a share as a part of one": (
        ["credit", COFFEE, "--consent", "0.8"], "--consent: '0.8' can't be read", "mean 80%?)"),
    "more than all": (
        ["credit", COFFEE, "--consent", "800"], "--consent: '800' can't be read", "from 0 to 1"),
    "days without their unit": (
        ["credit", COFFEE, "--lookback", "30"], "--lookback: '30' can't be read", "mean 30d?)"),
    "a channel without ads": (
        ["credit", "retailer-v1", "--match", "emial=50%"], "--match: no ads are shown on 'emial'",
        ""),
    "two strategies for one": (
        ["credit", COFFEE, "omnichannel", "-s", "multichannel"],
        "omnichannel and multichannel: one strategy is taken", ""),
    "a strategy where -s gives it": (
        ["preview", COFFEE, "cellar.yaml"], "got unexpected extra argument (cellar.yaml)",
        "a strategy is given by -s"),
    "a strategy without its ending": (
        ["compare", COFFEE, "-s", "cellar"], "no such strategy (did you mean 'cellar.yaml'?)", ""),
    "a folder": (
        ["compare", COFFEE, "-s", "."], ". is a folder: name an installed strategy", ""),
    "a class that is not named": (
        ["compare", COFFEE, "-s", "mine.py"], "name the class too: mine.py:ClassName", ""),
    "a scenario for a strategy": (
        ["compare", COFFEE, "-s", "shop.yaml"], "no strategy: with `extends` this is a scenario",
        "right after a command's name"),
    "a gate for a strategy": (
        ["compare", COFFEE, "-s", "gates.yaml"], "no strategy: with `guardrails` this is a gate",
        "--gate"),
    "a strategy for a gate": (
        ["check", COFFEE, "--gate", "cellar.yaml", "-s", "omnichannel"],
        "no gate: with `sharing` this is a strategy", "--strategy"),
    "a gate for evidence": (
        ["evidence", "gates.yaml"], "no file of evidence: with `guardrails` this is a gate", ""),
    "a gate for patterns": (
        ["patterns", COFFEE, "--patterns", "gates.yaml"], "no file of patterns: with `guardrails`",
        ""),
    "a scenario's name with another ending": (
        ["compare", "shop.yml"], "shop.yml: no such file (did you mean 'shop.yaml'?)", ""),
    "a gate's name without its last letter": (
        ["check", COFFEE, "--gate", "gate.yaml", "-s", "omnichannel"],
        "gate.yaml: no such file (did you mean 'gates.yaml'?)", ""),
    "seeds upside down": (
        ["sweep", COFFEE, "--vary", "brand.cap.messages=3", "--seeds", "5..1"],
        "--seeds 5..1: the lower end comes first", "did you mean 1..5?"),
    "a step that is not there": (
        ["sweep", COFFEE, "--vary", "brand.journeys[9].cooldown=3d,4d"],
        "no item [9] in brand.journeys: it has ", ", [0] to ["),
    "one end without its unit": (
        ["sweep", COFFEE, "--vary", "brand.cap.per=3d..14"], "did you mean 3d..14d?", ""),
    "the other end without its unit": (
        ["sweep", COFFEE, "--vary", "world.intent.sale=1..5%"], "did you mean 1%..5%?", ""),
    "ends in two units": (
        ["sweep", COFFEE, "--vary", "brand.cap.per=3d..14%"], "list values, such as brand.cap", ""),
    "two equal ends": (
        ["sweep", COFFEE, "--vary", "brand.cap.messages=1..1"], "give a range or a list", ""),
    "a rate of messages": (
        ["plan", COFFEE, "--measure", "open_rate"],
        "--measure 'open_rate': no mean over customers, which a test reads", "purchase_rate"),
    "a measure that is none": (
        ["plan", COFFEE, "--measure", "purchas_rate"], "mean 'purchase_rate'?", ""),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in (("gates", GATE), ("cellar", PLAN), ("shop", SHOP)):
        Path(f"{name}.yaml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("case", ANSWERS)
def test_one_line_says_what_was_meant(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    typed, words, more = ANSWERS[case]
    assert cli.main(typed) == 2
    said = capsys.readouterr().err
    errors = [line for line in said.splitlines() if not line.startswith("warning:")]
    assert len(errors) == 1, said
    assert words in errors[0]
    assert more in errors[0].partition(words)[2]
    assert {p.name for p in Path().iterdir()} == {"gates.yaml", "cellar.yaml", "shop.yaml"}


@pytest.mark.parametrize(("day", "number"), [("thursday", 3), ("Thu", 3), ("3", None), (3, 3)])
def test_a_day_of_the_week_goes_by_name_or_number(
    tmp_path: Path, day: object, number: int | None
) -> None:
    quoted = f'"{day}"' if isinstance(day, str) else day
    text = f"{SHOP}brand: {{journeys: [{{preset: newsletter, weekday: {quoted}}}]}}\n"
    file = write(tmp_path, text, "day.yaml")
    if number is None:
        with pytest.raises(Exception, match="'3' is no day of the week; write its name, or 0 for"):
            load_scenario(file)
    else:
        scenario = load_scenario(file)
        assert next(j for j in scenario.brand.journeys if j.name == "newsletter").weekday == number


@pytest.mark.parametrize(("day", "said"), [("thirsday", "did you mean 'thursday'?"), (7, "0 for")])
def test_what_is_no_day_says_how_days_are_written(tmp_path: Path, day: object, said: str) -> None:
    text = f"{SHOP}brand: {{journeys: [{{preset: newsletter, weekday: {day}}}]}}\n"
    with pytest.raises(Exception, match=r"day\.yaml:3: brand\.journeys.*weekday: ") as caught:
        load_scenario(write(tmp_path, text, "day.yaml"))
    assert said in str(caught.value)
