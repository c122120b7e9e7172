"""Pages of published experiments say every claim once, failures first, whatever the texts hold."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from omnilab.errors import OptionError
from omnilab.experiment.evidence.score import score_claims
from omnilab.experiment.evidence.verdict import verdict_of
from omnilab.report.evidence import (
    evidence_data,
    evidence_document,
    evidence_html,
    evidence_page,
)
from omnilab.report.evidence.changes import change_tables, read_scores
from omnilab.report.evidence.words import (
    headlines,
    published_words,
    simulated_words,
    verdict_words,
)
from omnilab.report.figures.figure import Style
from omnilab.report.figures.published import MOST, signs, sizes
from omnilab.report.locales import Numbers
from omnilab.report.look import plain_look
from tests.experiment.evidence.claims import claim, lacking, random_claims

CLAIMS = random_claims(4, studies=12)
SCORES = score_claims(CLAIMS)
STYLE = Style(plain_look((), None), Numbers("EUR"))


def test_each_claim_is_in_one_table_and_failures_come_first() -> None:
    document = evidence_document(SCORES, "12 files")
    tables = {t.title: t for t in document.tables}
    listed = [
        name.split()[0]
        for title in ("Came out wrong", "Came out right", "Failed to run", "Cannot be expressed")
        for name, _ in tables[title].rows
    ]
    assert sorted(listed) == sorted(c.claim for c in CLAIMS)
    titles = list(tables)
    assert titles[0].startswith("Scores")
    assert titles.index("Came out wrong") < titles.index("Came out right")
    wrong = {name.split()[0] for name, _ in tables["Came out wrong"].rows}
    assert wrong == {v.claim.claim for v in SCORES.verdicts if v.is_failure}
    for _, cells in tables["Cannot be expressed"].rows:
        assert "why | not" in cells


@pytest.mark.parametrize(
    ("numbers", "published", "simulated"),
    [
        ({"published": 0.05, "unit": "relative"}, "+5%", "+100% (+50 to +150)"),
        ({"published": -0.2, "unit": "share", "published_low": -0.3, "published_high": -0.1},
         "-20 points (-30 to -10)", "+100 points (+50 to +150)"),
        ({"published_low": 0.3, "published_high": 0.5}, "+0.3 to +0.5", "+1 (+0.5 to +1.5)"),
        ({"published_low": 0.3, "unit": "EUR"}, "at least +0.3 EUR", "+1 EUR (+0.5 to +1.5)"),
        ({"published_high": 0.0}, "at most 0", "+1 (+0.5 to +1.5)"),
        ({"published": 2.0, "published_low": 1.5}, "+2 (at least +1.5)", "+1 (+0.5 to +1.5)"),
        ({"sign": "0", "zero_within": 0.01, "unit": "share"}, "no difference (within 1 points)",
         "+100 points (+50 to +150)"),
        ({"sign": "-"}, "less", "+1 (+0.5 to +1.5)"),
    ],
)  # fmt: skip
def test_numbers_have_their_unit_once(
    numbers: dict[str, object], published: str, simulated: str
) -> None:
    c = claim("Aa", **numbers)  # type: ignore[arg-type]
    assert (published_words(c), simulated_words(c)) == (published, simulated)


def test_verdicts_in_words() -> None:
    def words(*args: object, **more: object) -> str:
        return verdict_words(verdict_of(claim("Aa", *args, **more)))  # type: ignore[arg-type]

    assert words() == "right"
    assert words("-") == "wrong: more"
    assert words(low=-1.0) == "undecided"
    assert words("-", simulated=0.0, low=0.0, high=0.0) == "wrong: no difference"
    assert words(kind="size", published=9.0) == "sign right, size wrong"
    assert words(kind="size", published=0.3) == "sign right, size wide"
    assert verdict_words(verdict_of(lacking("Aa"))) == "lacks"


def test_the_first_sentences_have_the_baseline_beside_the_score() -> None:
    below = {"simulated": -1.0, "low": -1.5, "high": -0.5}
    claims = [
        claim("Aa"), claim("Ba", "-", **below), claim("Ca", "-"), claim("Da", low=-1.0),
        lacking("Ea"), lacking("Fa", status="failed"),
    ]  # fmt: skip
    assert headlines(score_claims(claims)) == (
        "Of 6 claims of 6 studies 4 were simulated, 1 cannot be expressed, 1 failed.",
        "Balanced, 50% of their signs are right; always + has 50%, a difference of 0 points.",
        "Signs 2 of 4, always + 2.",
        (
            "Intervals that say no sign: 1; that are too wide for a size: 0. More customers may "
            "decide them."
        ),
        "Over every claim, what did not run as wrong: balanced 38% (0 to 80), always + 50%.",
    )


def test_claims_that_are_no_predictions_are_said_and_scored_apart() -> None:
    claims = [claim("Aa", informed="a | sign"), claim("Ba"), lacking("Ca")]
    scores = score_claims(claims)
    tables = {t.title: t for t in evidence_document(scores, "").tables}
    assert tables["No predictions"].rows == (("Aa what Aa found", ("right", "a | sign", "A")),)
    assert "Scores of the claims that were predicted" in tables
    assert any("1 that are predicted" in line for line in headlines(scores))
    plain = {t.title for t in evidence_document(score_claims(claims[1:]), "").tables}
    assert "No predictions" not in plain
    assert "Scores of the claims that were predicted" not in plain


def test_what_changed_names_what_got_worse_and_better(tmp_path: Path) -> None:
    below = {"simulated": -1.0, "low": -1.5, "high": -0.5}
    was = [claim("Aa"), claim("Ba", **below), lacking("Ca"), claim("Da"), claim("Ea"),
           claim("Ga")]  # fmt: skip
    now = [claim("Aa", **below), claim("Ba"), claim("Ca", **below), claim("Da"),
           claim("Ea", low=-1.0), claim("Fa"), lacking("Ga", status="failed")]  # fmt: skip
    file = tmp_path / "was.json"
    file.write_text(json.dumps(evidence_data(score_claims(was))))
    tables = {t.title: t for t in change_tables(read_scores(str(file)), score_claims(now))}
    assert [name.split()[0] for name, _ in tables["Got worse"].rows] == ["Aa", "Ea"]
    assert [name.split()[0] for name, _ in tables["Got better"].rows] == ["Ba"]
    assert tables["Got worse"].rows[0][1] == (
        "right", "+1 (+0.5 to +1.5)", "wrong: less", "-1 (-1.5 to -0.5)",
    )  # fmt: skip
    rows = dict(tables["Before and after"].rows)
    assert rows["all"] == ("5 → 6", "80% → 50%", "4 of 5 → 3 of 6", "- → -", "- → -")
    same = change_tables(score_claims(was), score_claims(was))
    assert [t.title for t in same] == ["Before and after"]
    page = evidence_page(
        score_claims(now), "", "omnilab evidence", changes=list(tables.values())
    )  # fmt: skip
    assert page.index("## Before and after") < page.index("## Came out wrong")


@pytest.mark.parametrize(
    ("text", "why"),
    [("{", "no JSON"), ("[]", "give what omnilab evidence --json wrote"),
     ('{"format": "x"}', "give what omnilab evidence --json wrote"),
     ('{"format": "omnilab-evidence-v1"}', "its claims can't be read"),
     ('{"format": "omnilab-evidence-v1", "claims": [{"claim": "A"}]}', "its claims can't be read"),
     (None, "No such file")],
)  # fmt: skip
def test_an_earlier_run_that_is_none_is_one_line(
    tmp_path: Path, text: str | None, why: str
) -> None:
    file = tmp_path / "was.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(OptionError, match=re.escape(why)) as caught:
        read_scores(str(file))
    assert "\n" not in str(caught.value)


def test_the_kept_earlier_run_is_the_page_of_then(root: Path) -> None:
    before = read_scores(str(root / "docs" / "evidence-before.json"))
    assert headlines(before)[:3] == (
        "Of 104 claims of 65 studies 82 were simulated, 22 cannot be expressed, 0 failed.",
        (
            "Balanced, 49% (26 to 64) of their signs are right; always + has 33%, a difference of "
            "+16 points (-7 to +31)."
        ),
        "Signs 37 of 82, always + 61; pairs 0 of 4, always + 0; sizes 10 of 32, always + 0.",
    )


def test_json_has_all_and_no_infinity() -> None:
    data = evidence_data(SCORES)
    again = json.loads(json.dumps(data, allow_nan=False))
    assert again == data
    assert {c["claim"] for c in data["claims"]} == {c.claim for c in CLAIMS}
    for family in data["families"].values():
        assert set(family) == {"simulated", "every"}
    assert data["scores"]["every"]["signs"]["of"] == len(CLAIMS)
    assert data["scores"]["simulated"]["by_sign"]["+"]["baseline"] == 1.0


def test_the_markdown_page_is_whole_whatever_the_texts_hold() -> None:
    odd = "a | b <script>x</script> [c](d) `e`\nf"
    scores = score_claims([replace(c, title=odd, source=odd, reason=odd) for c in CLAIMS])
    page = evidence_page(scores, "12 files.", "omnilab evidence")
    assert page.startswith("# Published experiments, simulated\n")
    assert "Made by `omnilab evidence`; don't edit. Format evidence-v1. 12 files." in page
    assert page.index("## Scores") < page.index("## Came out wrong")
    assert "<script>" not in re.sub(r"\\<", "", page)
    width = 0
    for line in page.splitlines():
        if not line.startswith("|"):
            width = 0
            continue
        cells = len(re.findall(r"(?<!\\)\|", line))
        assert width in (0, cells)
        width = cells


def test_the_html_page_is_whole_and_fetches_nothing() -> None:
    odd = "<img src=x onerror=alert(1)>"
    scores = score_claims([replace(c, title=odd, reason=odd) for c in CLAIMS])
    page = evidence_html(scores, odd, odd, day="2026-11-30")
    assert page == evidence_html(scores, odd, odd, day="2026-11-30")
    plain = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert "<img" not in plain
    assert not re.search(r"https?:|url\(|@import|<link", plain)
    ids = re.findall(r'<section id="(.*?)"', plain)
    assert ids == ["scores", "signs", "sizes", "claims", "method"]
    for c in CLAIMS:
        assert c.claim in plain


def test_no_claims_and_none_that_ran_have_pages_too() -> None:
    for claims in ([], [lacking("Aa"), lacking("Ba", status="failed")]):
        scores = score_claims(claims)
        assert evidence_html(scores, "", "omnilab evidence").endswith("</html>\n")
        assert evidence_page(scores, "", "omnilab evidence")
        assert evidence_document(scores, "").headlines


def test_figures_draw_each_in_parts_of_what_was_published() -> None:
    figure = sizes(
        [verdict_of(claim("Aa", kind="size", published=0.5, published_low=0.4, unit="EUR")),
         verdict_of(claim("Ba", kind="size", published=-0.1)),
         verdict_of(claim("Ca"))], STYLE,
    )  # fmt: skip
    assert figure is not None
    drawn = {(v["name"], v["which"]): v for v in figure.spec["data"]["values"]}
    assert set(drawn) == {(n, w) for n in ("Aa", "Ba") for w in ("published", "simulated")}
    a, b = drawn["Aa", "simulated"], drawn["Ba", "simulated"]
    assert (a["x"], a["low"], a["high"]) == (2.0, 1.0, 3.0)
    assert (drawn["Aa", "published"]["x"], drawn["Aa", "published"]["low"]) == (1.0, 0.8)
    assert drawn["Ba", "published"]["x"] == -1.0
    assert (b["x"], b["low"], b["high"]) == (MOST, MOST, MOST)  # further out than is drawn
    assert a["colour"] != drawn["Aa", "published"]["colour"]
    assert sizes([verdict_of(claim("Ca"))], STYLE) is None


def test_signs_lie_beyond_one_where_the_interval_is_clear_of_zero() -> None:
    claims = [
        claim("Aa"), claim("Ba", "-", low=-0.5), claim("Ca", "0", simulated=0.0, low=0.0, high=0.0),
        claim("Da", simulated=1.0, low=1.0, high=1.0),
    ]  # fmt: skip
    figure = signs([verdict_of(c) for c in claims], STYLE)
    assert figure is not None
    drawn = {(v["name"], v["which"]): v for v in figure.spec["data"]["values"]}
    assert drawn["Aa", "simulated"]["x"] == 2.0
    assert drawn["Ba", "simulated"]["low"] < 0 < drawn["Ba", "simulated"]["high"]
    assert drawn["Ba", "published"]["x"] == -MOST
    assert drawn["Ca", "simulated"]["x"] == drawn["Ca", "published"]["x"] == 0.0
    assert drawn["Da", "simulated"]["x"] == MOST


def test_figures_are_valid_vega_lite() -> None:
    alt = pytest.importorskip("altair")
    ran = SCORES.of_status("simulated")
    for figure in (sizes(ran, STYLE), signs(ran, STYLE)):
        assert figure is not None
        alt.Chart.from_dict(json.loads(json.dumps(figure.spec)), validate=True)
        for row in figure.rows:
            assert {field.name for field in figure.fields} == set(row)
