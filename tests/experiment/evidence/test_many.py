"""Many studies: order and threads change nothing, one that fails ends no other, kept ones stay."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from omnilab.errors import OmnilabError, OptionError
from omnilab.experiment.evidence import many
from omnilab.experiment.evidence.kept import Kept, study_digest
from omnilab.experiment.evidence.many import plan_studies, run_studies
from omnilab.experiment.evidence.running import StudyResult
from tests.experiment.evidence.studies import WHOLE, study, tree, write

CLAIM = WHOLE["claims"][0]
LACKING = {k: v for k, v in CLAIM.items() if k != "effect"} | {"lacks": "space"}


def renamed(name: str, **changes: Any) -> dict[str, Any]:
    return tree(id=name, claims=[CLAIM | {"id": f"{name}a"}], customers=60, **changes)


def three(folder: Path) -> list[Path]:
    """Write a study that runs, one that fails when it runs, and one that lacks a mechanism."""
    never = {"outcome": "buys", "published": "99%", "move": "categories.beans.every",
             "range": ["100d", "300d"]}  # fmt: skip
    bare = dict.fromkeys(("base", "arms", "outcomes"))
    return [
        write(folder, renamed("AA1"), "aa.yaml"),
        write(folder, renamed("BB1", base_rate=never), "bb.yaml"),
        write(folder, tree(id="CC1", **bare, claims=[LACKING | {"id": "CC1a"}]), "cc.yaml"),
    ]


def statuses(results: tuple[StudyResult, ...]) -> dict[str, str]:
    return {c.claim: c.status for r in results for c in r.claims}


def test_one_that_fails_ends_no_other_and_none_is_left_out(tmp_path: Path) -> None:
    files = three(tmp_path)
    (tmp_path / "broken.yaml").write_text("id: [\n")
    found = run_studies(plan_studies([*files, tmp_path / "broken.yaml"]), threads=2)
    assert statuses(found.results) == {"AA1a": "simulated", "BB1a": "failed", "CC1a": "lacks"}
    assert set(found.failures) == {str(files[1]), str(tmp_path / "broken.yaml")}
    assert "no categories.beans.every from 100d to 300d" in found.results[1].claims[0].reason


def test_order_and_threads_change_nothing(tmp_path: Path) -> None:
    files = three(tmp_path)
    one = run_studies(plan_studies(files), threads=1)
    other = run_studies(plan_studies(files[::-1]), threads=3)
    assert one.results == other.results[::-1]


def test_what_is_kept_is_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, folder = three(tmp_path), tmp_path / "run"
    first = run_studies(plan_studies(files), kept=Kept(folder))
    assert sorted(p.name for p in folder.iterdir()) == ["AA1.json", "CC1.json"]

    def once_more(study: Any, **_more: Any) -> Any:
        ran.append(study.file.id)
        raise OmnilabError("not again")

    ran: list[str] = []
    monkeypatch.setattr(many, "run_study", once_more)
    second = run_studies(plan_studies(files), kept=Kept(folder))
    assert ran == ["BB1"]  # what failed is tried again
    assert second.kept == 2
    assert second.results[0] == first.results[0]
    assert second.results[2] == first.results[2]
    run_studies(plan_studies(files), kept=Kept(folder, fresh=True))
    assert sorted(ran) == ["AA1", "BB1", "BB1", "CC1"]


def test_a_study_is_another_once_anything_of_it_is(tmp_path: Path) -> None:
    first = study(tmp_path, customers=60)
    digest = study_digest(first, seed=1, customers=60)
    assert study_digest(study(tmp_path, customers=60), seed=1, customers=60) == digest
    others = {
        study_digest(first, seed=2, customers=60),
        study_digest(first, seed=1, customers=61),
        study_digest(study(tmp_path, customers=60, window="30d"), seed=1, customers=60),
        study_digest(study(tmp_path, customers=60, title="Two"), seed=1, customers=60),
    }
    shop = tmp_path / "shop.yaml"
    shop.write_text(shop.read_text().replace("burn_in:", "run_out: 9d\n  burn_in:", 0))
    text = shop.read_text()
    assert "prior_buyers: 50%" in text
    shop.write_text(text.replace("prior_buyers: 50%", "prior_buyers: 51%"))
    others.add(study_digest(study(tmp_path, customers=60), seed=1, customers=60))
    assert len(others | {digest}) == 6


def test_a_broken_file_of_a_run_is_run_again(tmp_path: Path) -> None:
    (file, *_), folder = three(tmp_path), tmp_path / "run"
    run_studies(plan_studies([file]), kept=Kept(folder))
    kept = folder / "AA1.json"
    whole = kept.read_text()
    for text in (whole.split(",")[0] + "}", whole[:300], whole.replace('"claims"', '"clams"')):
        kept.write_text(text)
        again = run_studies(plan_studies([file]), kept=Kept(folder))
        assert json.loads(kept.read_text())["study"] == "AA1"
        assert again.results[0].claims[0].status == "simulated"


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(OptionError, match="has more than a run of evidence"):
        Kept(tmp_path)
    with pytest.raises(OptionError, match="is a file"):
        Kept(tmp_path / "letter.txt")


def test_only_some_run_by_study_or_claim(tmp_path: Path) -> None:
    files = three(tmp_path)
    plan = plan_studies(files, only=["CC1", "AA1a"])
    assert [s.file.id for s in plan.studies] == ["AA1", "CC1"]
    with pytest.raises(OptionError, match="did you mean 'AA1"):
        plan_studies(files, only=["AA2"])


def test_quick_is_a_quarter_but_not_too_few(tmp_path: Path) -> None:
    sizes = {4000: 1000, 1000: 500, 300: 300}
    for customers, quick in sizes.items():
        plan = plan_studies([write(tmp_path, tree(customers=customers))], quick=True)
        assert plan.customers_of(plan.studies[0]) == quick
        assert replace(plan, quick=False).customers_of(plan.studies[0]) == customers
        assert replace(plan, customers=7).customers_of(plan.studies[0]) == 7


def test_the_same_study_or_claim_twice_is_refused(tmp_path: Path) -> None:
    first = write(tmp_path, renamed("AA1"), "aa.yaml")
    second = write(tmp_path, renamed("AA1"), "ab.yaml")
    with pytest.raises(OptionError, match="study AA1 is in"):
        plan_studies([first, second])
    third = write(tmp_path, renamed("DD1") | {"claims": [CLAIM | {"id": "AA1a"}]}, "dd.yaml")
    with pytest.raises(OptionError, match="claim AA1a is in"):
        plan_studies([first, third])


def test_where_no_file_can_be_read_the_first_fault_is_said(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("id: [\n")
    with pytest.raises(OmnilabError, match="not YAML"):
        plan_studies([tmp_path / "broken.yaml", tmp_path / "none.yaml"])
