"""Files of claims: what they say, and one clear error each for what they can't."""

from __future__ import annotations

from pathlib import Path

import pytest

from omnilab.errors import ScenarioError
from omnilab.experiment.conclusion.declared import Study, read_study
from omnilab.experiment.conclusion.labels import LABELS, relabelled
from omnilab.experiment.conclusion.terms import Term
from tests.cli.laboratory import SHOP
from tests.verification.worlds import all_on, world

GOOD = """\
scenario: shop.yaml
strategies: [multichannel, omnichannel, own.py:Own]
customers: 50
seed: 7
claims:
  - ltv(omnichannel) > ltv(multichannel)
  - greater: open_rate(own) < 50%
  - none: purchase_rate(omnichannel) - purchase_rate(own) within 2.5%
  - monotone: {measure: ltv(own), over: brand.cap.messages, values: [1, 2], direction: down}
"""
OWN = """\
class Own:
    name = "own"

    def plan(self, brand):
        from omnilab.strategy import Plan

        return Plan(journeys=brand.journeys)
"""


def study(folder: Path, text: str = GOOD) -> Study:
    shop = SHOP.replace("brand:\n", "brand:\n  cap: {messages: 3, per: 7d}\n")
    (folder / "shop.yaml").write_text(shop, encoding="utf-8")
    (folder / "own.py").write_text(OWN, encoding="utf-8")
    file = folder / "claims.yaml"
    file.write_text(text, encoding="utf-8")
    return read_study(file)


def test_a_file_says_what_is_claimed(tmp_path: Path) -> None:
    found = study(tmp_path)
    assert [s.population.customers for s in found.scenarios] == [50]
    assert list(found.strategies) == ["multichannel", "omnichannel", "own"]
    assert (found.seed, found.seeds, found.replications, found.exact) == (7, 3, 1, 100)
    first, second, third, fourth = found.claims
    assert (first.kind, first.bound) == ("greater", 0.0)
    assert first.term == Term("ltv", "omnichannel", "multichannel")
    assert (second.term, second.bound, second.direction) == (Term("open_rate", "own"), 0.5, "down")
    assert (third.kind, third.bound) == ("none", pytest.approx(0.025))
    assert (fourth.over, fourth.values, fourth.direction) == ("brand.cap.messages", (1, 2), "down")
    assert fourth.text == "ltv(own) goes down over brand.cap.messages 1, 2"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("scenario: shop.yaml", "scenario: shp.yaml", ":1: scenario: no such file"),
        ("scenario: shop.yaml\n", "", "give either `scenario`"),
        ("seed: 7", "sed: 7", r":4: the file: unknown key 'sed' \(did you mean 'seed'\?\)"),
        ("seed: 7", "seed: x", ":4: seed: must be a whole number, not 'x'"),
        ("customers: 50", "customers: 0", ":3: customers: 0 is outside 10 to"),
        ("seed: 7", "seeds: 0", ":4: seeds: 0 is outside 1 to"),
        ("seed: 7", "labels: [persona]", r":4: labels: there is no 'persona' \(did you mean"),
        ("own.py:Own]", "own.py:On]", ":2: strategies: .*On"),
        ("own.py:Own]", "omnichannel]", ":2: strategies: 'omnichannel' comes twice"),
        ("ltv(omnichannel) >", "ltw(omnichannel) >", r":6: .*no measure 'ltw' \(did you"),
        ("> ltv(multichannel)", "> ltv(multichanel)", r":6: .*not among `strategies` \(did you"),
        ("> ltv(multichannel)", "> aov(multichannel)", ":6: .*compares ltv with aov"),
        ("> ltv(multichannel)", "> ltv(omnichannel)", ":6: .*with itself"),
        ("> ltv(multichannel)", "= ltv(multichannel)", ":6: .*is no claim such as"),
        ("> ltv(multichannel)", "> 5%", ":6: .*ltv is no share"),
        ("greater: open", "grater: open", r":7: there is no claim 'grater' \(did you"),
        ("greater: open_rate(own) < 50%", "greater: ltv(own) - ltv(omnichannel) > ltv(own)",
         ":7: .*a difference is compared with a number"),
        ("within 2.5%", "within 0%", ":8: .*must be above 0"),
        ("within 2.5%", "within much", ":8: .*'much' is no number"),
        (" - purchase_rate(own) within", " within", ":8: .*none is said of a difference"),
        ("within 2.5%", "", ":8: .*is no claim such as"),
        ("direction: down", "direction: downwards", r":9: direction: there is no 'downwards'"),
        (", direction: down", "", ":9: monotone: key 'direction' is missing"),
        ("brand.cap.messages", "brand.cap.mesages", ":9: over: .*messages"),
        ("values: [1, 2]", "values: [1]", ":9: values: two values are needed"),
        ("values: [1, 2]", "values: [1, 1]", ":9: values: a value comes twice"),
        ("values: [1, 2]", "values: [1, lots]", ":9: brand.cap.messages: "),
        ("  - ltv(omnichannel)", "  - {none: a, greater: b}\n  - ltv(omnichannel)",
         ":6: a claim has one key of greater, none, monotone, not 2"),
    ],
)  # fmt: skip
def test_bad_files_have_one_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(ScenarioError, match=message) as caught:
        study(tmp_path, GOOD.replace(old, new))
    assert "\n" not in str(caught.value)
    assert "claims.yaml" in str(caught.value)


def test_no_claims_and_two_kinds_of_scenario_are_refused(tmp_path: Path) -> None:
    head = GOOD[: GOOD.index("claims:")]
    with pytest.raises(ScenarioError, match="one claim is needed"):
        study(tmp_path, f"{head}claims: []\n")
    with pytest.raises(ScenarioError, match="'claims' is missing"):
        study(tmp_path, head)
    with pytest.raises(ScenarioError, match="give either"):
        study(tmp_path, f"scenarios: [shop.yaml]\n{GOOD}")
    with pytest.raises(ScenarioError, match="'lab-v1' comes twice"):
        study(tmp_path, GOOD.replace("scenario: shop.yaml", "scenarios: [shop.yaml, shop.yaml]"))


@pytest.mark.parametrize("kind", LABELS)
def test_other_names_are_other_and_nothing_else(kind: str) -> None:
    scenario = all_on(world())
    other = relabelled(scenario, [kind])
    assert other != scenario
    places = {
        "personas": [s.population.personas for s in (scenario, other)],
        "classes": [s.population.classes for s in (scenario, other)],
        "categories": [s.categories for s in (scenario, other)],
        "journeys": [s.brand.journeys for s in (scenario, other)],
        "channels": [s.channels for s in (scenario, other)],
    }
    for name, (old, new) in places.items():
        assert len(old) == len(new) > 1
        same = [a.name == b.name for a, b in zip(old, new, strict=True)]
        assert not any(same) if name == kind else all(same)
    old, new = places[kind]
    back = [b.model_copy(update={"name": a.name}) for a, b in zip(old, new, strict=True)]
    if kind in ("personas", "classes", "categories"):
        assert back == list(old)
    order = sorted(range(len(new)), key=lambda n: new[n].name)
    assert order == list(reversed(range(len(new))))  # the other way round
