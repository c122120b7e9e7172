"""What is wrong with a file of evidence is one line with its place and the nearest right thing."""

from __future__ import annotations

import csv
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from omnilab.errors import OmnilabError, ScenarioError
from omnilab.experiment.evidence.declared import evidence_files, read_study
from omnilab.experiment.evidence.model import StudyFile, evidence_schema
from omnilab.experiment.evidence.study import Study
from omnilab.scenario.schema import valid_names
from tests.experiment.evidence.studies import MAILSHOT, WHOLE, study, tree, write

#: What a reader took from the papers: a row a claim.
LISTED = Path(__file__).with_name("listed.csv")
ARMS = WHOLE["arms"]
CLAIM = WHOLE["claims"][0]
RATE = {"outcome": "buys", "published": "10%", "move": "world.intent.threshold", "range": [0.2, 3]}


def claim(**changes: Any) -> list[dict[str, Any]]:
    return [{k: v for k, v in (CLAIM | changes).items() if v is not None}]


def arm(**changes: Any) -> list[dict[str, Any]]:
    return [ARMS[0], ARMS[1] | changes]


def outcome(**changes: Any) -> list[dict[str, Any]]:
    return [*WHOLE["outcomes"][:1], {"name": "buys"} | changes]


#: What is changed, the key at the top on whose line the error is and which of its items, the text.
BAD: list[tuple[dict[str, Any], str, int | None, str]] = [
    ({"arms": ARMS[:1]}, "arms", None, "two arms or more are compared, there is only 'none'"),
    ({"arms": []}, "arms", None, "two arms or more are compared, there is none"),
    ({"arms": [{**ARMS[0], "control": False}, ARMS[1]]}, "arms", None, "no arm is the control"),
    ({"arms": arm(control=True)}, "arms", 1, "'none' and 'sent' can't both be the control"),
    ({"arms": arm(name="none")}, "arms", 1, "'none' comes twice among the arms"),
    ({"arms": [ARMS[0] | {"share": "60%"}, ARMS[1] | {"share": "50%"}]}, "arms", None,
     "the arms overlap: their shares add up to 110%"),
    ({"arms": arm(share="50%")}, "arms", 0, "has no share, others have"),
    ({"arms": arm(strategy="multichanel")}, "arms", 1, "did you mean 'multichannel'?"),
    ({"arms": arm(strategy="not_there.yaml")}, "arms", 1, "no such file"),
    ({"arms": arm(without="crt")}, "arms", 1, "did you mean 'cart'?"),
    ({"arms": arm(keep="cart")}, "arms", 1, "give keep or without, not both"),
    ({"arms": arm(plan={"cap.mesages": 2})}, "arms", 1, "did you mean 'messages'?"),
    ({"arms": arm(plan={"paid": 3})}, "arms", 1, "paid"),
    ({"arms": arm(world={"world.intent.treshold": 1})}, "arms", 1, "did you mean 'threshold'?"),
    ({"arms": arm(world={"world.intent.threshold": "high"})}, "arms", 1, "expected a number"),
    ({"arms": arm(journeys=[MAILSHOT | {"sequence": ["emial"]}])}, "arms", 1,
     "did you mean 'email'?"),
    ({"arms": arm(journeys=[MAILSHOT | {"triger": "once"}])}, "arms", 1, "did you mean 'trigger'?"),
    ({"arms": arm(meets=RATE | {"move": "world.intent"})}, "arms", 1, "is no number"),
    ({"arms": [ARMS[0] | {"meets": RATE}, ARMS[1]]}, "arms", 0, "write base_rate"),
    ({"base": {"scenario": "retaler-v1"}}, "base", None, "did you mean 'retailer-v1'?"),
    ({"base": {"scenario": "./none.yaml"}}, "base", None, "no such file"),
    ({"base": {"scenario": "./shop.yaml", "changes": {"categories.bean.every": "3d"}}}, "base",
     None, "did you mean 'beans'?"),
    ({"base": {"scenario": "./shop.yaml", "overlay": {"wrld": {}}}}, "base", None,
     "did you mean 'world'?"),
    ({"base": {"scenario": "./shop.yaml", "overlay": {"extends": "x"}}}, "base", None,
     "extends has no place in an overlay"),
    ({"base": None}, "id", None, "missing key 'base'"),
    ({"customers": 2}, "customers", None, "must be at least 10"),
    ({"window": "1d"}, "id", None, "window must be at least 2d"),
    ({"outcomes": outcome(measure="revenu")}, "outcomes", 1, "did you mean 'revenue'?"),
    ({"outcomes": outcome(measure="roi")}, "outcomes", 1, "take margin and contact_cost"),
    ({"outcomes": outcome(measure="identity_f1")}, "outcomes", 1, "of the brand's profiles"),
    ({"outcomes": outcome(any="ordr")}, "outcomes", 1, "did you mean 'order'?"),
    ({"outcomes": outcome()}, "outcomes", 1, "exactly one of measure, count, any, sum"),
    ({"outcomes": outcome(any="order", count="order")}, "outcomes", 1, "has count and any"),
    ({"outcomes": outcome(any="order", period=["20d", "43d"])}, "outcomes", 1,
     "ends 43d after the start, but the window, 4w, and the run-out, 2w, end before"),
    ({"outcomes": outcome(any="order", period="run_out"), "run_out": 0}, "outcomes", 1,
     "there is no run-out"),
    ({"outcomes": outcome(any="order", period=["7d", "7d"])}, "outcomes", 1,
     "ends before it begins"),
    ({"outcomes": outcome(any="order", only={"channel": "stor"})}, "outcomes", 1,
     "did you mean 'store'?"),
    ({"outcomes": outcome(sum="orders", over="order")}, "outcomes", 1, "did you mean 'orders'?"),
    ({"outcomes": outcome(sum="buys")}, "outcomes", 1, "is a sum itself"),
    ({"who": {"where": [{"did": "order", "when": "window"}]}}, "who", None,
     "settled before the test starts"),
    ({"who": {"where": [{"persona": "bussy"}]}}, "who", None, "did you mean 'busy'?"),
    ({"who": {"where": [{"reachable": "web"}]}}, "who", None, "no channel of messages 'web'"),
    ({"who": {"where": [{"at_least": 2}]}}, "who", None, "has none"),
    ({"who": {"where": [{"did": "visit", "amount": True}]}}, "who", None, "amount: only goes"),
    ({"who": {"where": [{"did": "order", "at_least": 3, "at_most": 2}]}}, "who", None,
     "2 is below at_least, 3"),
    ({"who": {"share": "0%"}}, "who", None, "must be above"),
    ({"groups": [{"name": "a", "where": [{"group": "b"}]},
                 {"name": "b", "where": [{"cart": "open"}]}]}, "groups", 0,
     "'b' is a group that comes later"),
    ({"groups": [{"name": "a", "where": [{"did": "click", "when": "test", "under": "snt"}]}]},
     "groups", 0, "did you mean 'sent'?"),
    ({"base_rate": RATE | {"move": "world.intent.treshold"}}, "base_rate", None,
     "did you mean 'threshold'?"),
    ({"base_rate": RATE | {"move": "world.intent"}}, "base_rate", None, "is no number"),
    ({"base_rate": RATE | {"range": [3, 0.2]}}, "base_rate", None, "range"),
    ({"base_rate": RATE | {"published": "-3%"}}, "base_rate", None, "a base rate is above 0"),
    ({"base_rate": RATE | {"published": 10}}, "base_rate", None, "a share of 1000% can't be"),
    ({"base_rate": RATE | {"published": ".nan"}}, "base_rate", None, "is no number, such as 5%"),
    ({"base_rate": RATE | {"group": "a"}, "groups": [
        {"name": "a", "where": [{"did": "click", "when": "test", "under": "sent"}]}]},
     "base_rate", None, "which does not run while"),
    ({"claims": claim(found={"sign": "up"})}, "claims", 0, "is not one of +, -, 0"),
    ({"claims": claim(found={"sign": "0"})}, "claims", 0, "the largest difference that counts"),
    ({"claims": claim(found={"sign": "+", "value": ".nan"})}, "claims", 0, "is no number"),
    ({"claims": claim(found={"sign": "+", "interval": [2, 1]})}, "claims", 0, "2 is above 1"),
    ({"claims": claim(found={"sign": "+", "value": 3, "interval": [1, 2]})}, "claims", 0,
     "3 is not between 1 and 2"),
    ({"claims": claim(kind="size")}, "claims", 0, "a size needs a value or an interval"),
    ({"claims": claim(effect=None)}, "claims", 0, "exactly one of effect, all_of, lacks"),
    ({"claims": claim(lacks="a place")}, "claims", 0, "has effect and lacks"),
    ({"claims": claim(effect={"outcome": "orders", "arm": "snt"})}, "claims", 0,
     "did you mean 'sent'?"),
    ({"claims": claim(effect={"outcome": "order", "arm": "sent"})}, "claims", 0,
     "did you mean 'orders'?"),
    ({"claims": claim(effect={"outcome": "orders"})}, "claims", 0, "names no arm"),
    ({"claims": claim(effect={"arm": "sent"})}, "claims", 0, "names no outcome"),
    ({"claims": claim(effect={"outcome": "orders", "arm": "none"})}, "claims", 0,
     "holds an arm against itself"),
    ({"claims": claim(effect={"outcome": "orders", "arm": "sent", "world": "poor"})}, "claims", 0,
     "no world 'poor'; there are base"),
    ({"claims": claim(found={"sign": "-"},
                      effect={"outcome": "orders", "arm": "sent", "as": "value"})},
     "claims", 0, "is never below 0"),
    ({"claims": claim(effect=None, lacks="a place", informed="a sign")}, "claims", 0,
     "what is not simulated predicts nothing anyway"),
    ({"claims": claim(pair="delay")}, "claims", 0, "is the only claim of pair 'delay'"),
    ({"claims": [CLAIM, CLAIM]}, "claims", 1, "'ONE1' comes twice among the claims"),
    ({"tilte": "x"}, "tilte", None, "did you mean 'title'?"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "key", "item", "text"), BAD, ids=[b[-1] for b in BAD])
def test_it_says_what_is_wrong_and_where(
    tmp_path: Path, changes: dict[str, Any], key: str, item: int | None, text: str
) -> None:
    path = write(tmp_path, tree(**changes))
    lines = path.read_text().splitlines()
    line = next((n for n, one in enumerate(lines, 1) if one.startswith(f"{key}:")), 1)
    with pytest.raises(ScenarioError) as caught:
        read_study(path)
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (caught.value.file, caught.value.line) == (
        str(path), line + (0 if item is None else 1 + item),
    )  # fmt: skip


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    found = study(tmp_path, groups=[{"name": "some", "where": [{"did": "order"}]}])
    (world,) = found.worlds(customers=77)
    assert world.scenario.population.customers == 77
    assert world.scenario.time.window == 28 * 86400
    assert [a.name for a in found.arms(world.scenario)] == ["none", "sent"]
    assert [len(a.strategy.plan.journeys) for a in found.arms(world.scenario)] == [0, 1]


def test_what_lacks_a_mechanism_needs_nothing_else(tmp_path: Path) -> None:
    lacking = [
        {"id": "X1", "title": "Near", "kind": "size", "found": {"sign": "+"}, "lacks": "space"}
    ]
    found = study(tmp_path, base=None, arms=None, outcomes=None, claims=lacking)
    assert not found.runs


def test_a_sign_of_0_may_be_a_number(tmp_path: Path) -> None:
    found = study(tmp_path, claims=claim(found={"sign": 0, "within": "1%"}))
    assert found.file.claims[0].found.sign == "0"


def test_changes_of_the_world_come_over_the_overlay_and_variants_over_both(tmp_path: Path) -> None:
    base = {
        "scenario": "./shop.yaml",
        "overlay": {"categories": [{"name": "beans", "every": "5d"}], "currency": "EUR"},
        "changes": {"categories.cups.every": "9d"},
    }
    worlds = [
        {"name": "as_it_is"},
        {"name": "poor", "changes": {"categories.beans.every": "6d"},
         "who": {"share": "50%"}, "overlay": {"population": {"prior_buyers": "10%"}}},
    ]  # fmt: skip
    first, poor = study(tmp_path, base=base, worlds=worlds).worlds()
    every = {c.name: c.every // 86400 for c in first.scenario.categories}
    assert every == {"beans": 5, "cups": 9}
    assert {c.name: c.every // 86400 for c in poor.scenario.categories} == {"beans": 6, "cups": 9}
    assert (first.scenario.population.prior_buyers, poor.scenario.population.prior_buyers) == (
        0.5, 0.1,
    )  # fmt: skip
    assert (first.who.share, poor.who.share) == (1.0, 0.5)


def test_a_strategy_stands_beside_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "deep"
    folder.mkdir()
    (folder / "mine.yaml").write_text("name: mine\nsharing: all\n")
    found = study(folder, arms=arm(strategy="mine.yaml", without=[], journeys=[]))
    (world,) = found.worlds()
    assert found.arms(world.scenario)[1].strategy.plan.sharing.identity == "all"


def test_the_schema_knows_every_key() -> None:
    schema = evidence_schema()
    json.dumps(schema, allow_nan=False)
    assert set(valid_names(schema, ())) == set(StudyFile.model_fields)
    assert "as" in valid_names(schema, ("claims", 0, "effect"))
    for place in (schema, *schema["$defs"].values()):
        for name, key in place.get("properties", {}).items():
            assert "$ref" not in key or key["$ref"].startswith("#/$defs/"), name


def test_a_schema_for_editors_is_the_present_one(root: Path) -> None:
    kept = json.loads((root / "scenarios" / "evidence.schema.json").read_text())
    assert kept == json.loads(json.dumps(evidence_schema()))


def test_a_folder_without_files_is_said(tmp_path: Path) -> None:
    with pytest.raises(OmnilabError, match="has no file of evidence"):
        evidence_files([tmp_path])


@cache
def all_studies() -> list[Study]:
    """Return the studies that come with omnilab, which nobody here changes."""
    return [read_study(file) for file in evidence_files()]


def test_all_that_come_with_omnilab_can_be_read() -> None:
    files, studies = evidence_files(), all_studies()
    assert [s.file.id for s in studies] == [file.stem for file in files]
    claims = [c.id for s in studies for c in s.file.claims]
    assert len(claims) == len(set(claims))


def test_what_was_found_is_as_in_the_list_of_experiments() -> None:
    """A claim's sign, kind, study and family are those that a reader took from the paper.

    `listed.csv` has them as they are to be scored; its notes say where that is not what was read.
    """
    with LISTED.open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    found = {
        claim.id: {
            "study": study.file.id,
            "family": study.file.family,
            "sign": claim.found.sign,
            "kind": claim.kind,
        }
        for study in all_studies()
        for claim in study.file.claims
    }
    assert set(found) == set(rows)
    faults = [
        f"{name}: {key} {mine!r}, listed {rows[name][key]!r}"
        for name, keys in found.items()
        for key, mine in keys.items()
        if rows[name][key] != mine
    ]
    assert faults == []


#: The list has so many; a claim that is dropped is no claim that came out.
LISTED_CLAIMS = 104
#: Of how many the model may say that it can't express them: less is better, more is a step back.
MOST_LACKING = 7


def test_every_claim_of_the_list_is_asked_or_says_what_it_lacks() -> None:
    studies = all_studies()
    claims = [c for s in studies for c in s.file.claims]
    assert len(claims) == LISTED_CLAIMS
    lacking = [c for c in claims if c.lacks is not None]
    assert len(lacking) <= MOST_LACKING
    for one in studies:
        assert one.runs == any(c.lacks is None for c in one.file.claims)
        assert one.file.mapping.strip(), one.file.id
        for c in one.file.claims:
            assert (c.lacks is None) == (c.id in one.contrasts), c.id


#: Studies that a parameter names and whose claims are asked all the same, each with its reason.
NAMED_AND_ASKED = {
    "SAH19": "the decay of the effect came into the model; its claims are of the effect",
}


def test_whose_study_a_parameter_names_says_so(root: Path) -> None:
    """Of a study that a parameter's source names, a claim says what came into the model."""
    text = (root / "docs" / "reference" / "parameters.md").read_text()
    tables, addresses = text.split("## Addresses")
    keys: dict[tuple[str, str], list[str]] = {}
    for key, citation in re.findall(r"^\| ([A-Z0-9]+) \| (.*) \|$", addresses, re.MULTILINE):
        keys.setdefault(author_and_year(citation), []).append(key)
    rows = [line for line in tables.splitlines() if line.startswith("| `")]
    found = set()
    for one in all_studies():
        of = keys.get(author_and_year(one.file.source.citation), [])
        named = any(re.search(rf"\b{key}\b", row) for key in of for row in rows)
        says = any(c.informed for c in one.file.claims)
        if one.file.id not in NAMED_AND_ASKED:
            assert says == named, f"{one.file.id}: named by a parameter: {named}"
        found |= {one.file.id} if named else set()
    assert len(found) >= 10  # the pattern still finds them
    assert set(NAMED_AND_ASKED) <= found


def author_and_year(citation: str) -> tuple[str, str]:
    """Return the first author and the year, the citation itself where there are none."""
    match = re.match(r"\W*([A-Z][\w'-]+).*?\b((?:19|20)\d\d)\b", citation)
    return (match[1].lower(), match[2]) if match else (citation, "")


def test_the_reference_page_has_files_that_can_be_read(root: Path, tmp_path: Path) -> None:
    text = (root / "docs" / "reference" / "evidence-files.md").read_text()
    whole = text.split("```yaml\n")[1].split("```")[0]
    path = tmp_path / "shop.yaml"
    path.write_text(whole)
    assert read_study(path).file.id == "SHOP26"
