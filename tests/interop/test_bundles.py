"""Bundles: what is public, what is secret, what a submission may be, and how it scores."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from omnilab.errors import DataError, OptionError
from omnilab.interop.board import add_scores, read_board
from omnilab.interop.bundle import read_bundle, write_bundle
from omnilab.interop.public_methods import METHODS
from omnilab.interop.scoring import Scored, score
from omnilab.interop.submission import TASKS, checked, read_submission
from tests.interop.building import PEOPLE, source


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("bundles") / "shop"
    write_bundle(source(), made)
    return made


@pytest.fixture
def own(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "own"))


def truth_of(folder: Path, task: str) -> pd.DataFrame:
    """Return the truth as a submission."""
    table = pd.read_csv(folder / "secret" / TASKS[task].table)
    column = {"attribution": "orders", "uplift": "conversion_tau", "clv": "value",
              "linkage": "cluster"}[task]  # fmt: skip
    return pd.DataFrame({TASKS[task].key: table[TASKS[task].key],
                         TASKS[task].answer: table[column]})  # fmt: skip


def test_the_public_part_does_not_tell_how_to_make_the_truth(folder: Path) -> None:
    text = "".join(p.read_text("utf-8") for p in (folder / "public").iterdir())
    for word in ("interop-v1", "multichannel", "seed", "cluster\n", "tau"):
        assert word not in text
    secret = json.loads((folder / "secret" / "manifest.json").read_text("utf-8"))
    assert (secret["scenario"]["id"], secret["seed"]) == ("interop-v1", 3)


def test_both_trials_are_of_the_same_customers(folder: Path) -> None:
    one, other = (pd.read_csv(folder / "public" / f"{n}.csv") for n in ("randomised", "targeted"))
    features = [c for c in one if c.startswith("x_")]
    pd.testing.assert_frame_equal(one[features], other[features])
    truth = pd.read_csv(folder / "secret" / "uplift.csv")
    for table in (one, other):
        both = np.where(table["treatment"] == 1, truth["conversion_treated"],
                        truth["conversion_control"])  # fmt: skip
        assert (table["y"] == both).all()
    assert not one["treatment"].equals(other["treatment"])


def test_a_bundle_is_the_same_bytes_each_time(folder: Path, tmp_path: Path) -> None:
    write_bundle(source(), tmp_path / "again")
    for path in folder.rglob("*.csv"):
        assert path.read_bytes() == (tmp_path / "again" / path.relative_to(folder)).read_bytes()


@pytest.mark.parametrize(
    "name", ["public/records.csv", "secret/uplift.csv", "public/manifest.json", "public/README.md"]
)
def test_a_changed_file_is_named(own: Path, name: str) -> None:
    with (own / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    with pytest.raises(DataError, match=name):
        read_bundle(own)


def test_a_missing_or_a_further_file_is_named(own: Path) -> None:
    (own / "public" / "more.csv").write_text("a\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"more\.csv.*no file of the bundle"):
        read_bundle(own)
    (own / "public" / "more.csv").unlink()
    (own / "secret" / "links.csv").unlink()
    with pytest.raises(DataError, match=r"links\.csv.*missing"):
        read_bundle(own)
    shutil.rmtree(own / "secret")
    with pytest.raises(DataError, match="no bundle with both parts"):
        read_bundle(own)


@pytest.mark.parametrize("task", TASKS)
def test_the_truth_scores_best(folder: Path, task: str) -> None:
    bundle = read_bundle(folder)
    found = {s.measure: s for s in score(bundle, checked(truth_of(folder, task), bundle))}
    best = {"error": 0.0, "inside": 1.0, "area": 1.0, "gain_at_30": 1.0, "rmse": 0.0,
            "mean_error": 0.0, "total_error": 0.0, "rank": 1.0}  # fmt: skip
    for name, one in found.items():
        if one.value is not None:
            assert one.value == pytest.approx(best.get(name, 1.0), abs=1e-12), name


def test_equal_answers_gain_what_chance_does(folder: Path) -> None:
    bundle = read_bundle(folder)
    same = truth_of(folder, "uplift").assign(uplift=0.25)
    found = {s.measure: s.value for s in score(bundle, checked(same, bundle))}
    assert found["area"] == pytest.approx(0.0, abs=1e-12)
    worst = truth_of(folder, "uplift")
    worst["uplift"] = -worst["uplift"]
    found = {s.measure: s.value for s in score(bundle, checked(worst, bundle))}
    assert (found["area"] or 0.0) < 0


def test_wrong_links_cost_precision_and_lost_ones_recall(folder: Path) -> None:
    bundle = read_bundle(folder)
    one = truth_of(folder, "linkage")
    joined = {s.measure: s.value for s in score(bundle, checked(one.assign(cluster="x"), bundle))}
    apart = {
        s.measure: s.value
        for s in score(bundle, checked(one.assign(cluster=one["unique_id"]), bundle))
    }
    assert joined["bcubed_recall"] == apart["bcubed_precision"] == 1.0
    assert (joined["bcubed_precision"] or 1.0) < 0.5
    assert (apart["bcubed_recall"] or 1.0) < 1.0
    sizes = one["cluster"].value_counts()
    naive = (sizes.loc[one["cluster"]].to_numpy() / len(one)).mean()
    assert joined["bcubed_precision"] == pytest.approx(naive)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.drop(index=0), "customer_id 0 is missing"),
        (lambda t: pd.concat([t, t.head(1)]), "customer_id 0 stands more than once"),
        (lambda t: t.assign(customer_id=t["customer_id"] + 1), f"customer_id {PEOPLE} is not in"),
        (lambda t: t.assign(uplift=["nan", *t["uplift"][1:]]), "uplift of customer_id 0 is 'nan'"),
        (lambda t: t.assign(uplift=["", *t["uplift"][1:]]), "is 'empty': a finite number"),
        (lambda t: t.assign(uplift=["inf", *t["uplift"][1:]]), "a finite number is needed"),
        (lambda t: t.rename(columns={"uplift": "lift"}), "are the columns of no task"),
        (lambda t: t.assign(value=1.0), "has the columns of uplift and clv"),
    ],
)
def test_a_bad_submission_is_one_line(folder: Path, tmp_path: Path, change, words) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "mine.csv"
    change(truth_of(folder, "uplift")).to_csv(file, index=False)
    with pytest.raises(DataError, match=words) as caught:
        read_submission(file, read_bundle(folder))
    assert "mine.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_channel_has_its_nearest(folder: Path) -> None:
    wrong = pd.DataFrame({"channel": ["emial"], "orders": [1.0]})
    with pytest.raises(DataError, match=r"did you mean 'email'\?"):
        checked(wrong, read_bundle(folder))


@pytest.mark.slow
def test_public_methods_answer_everything(folder: Path) -> None:
    pytest.importorskip("sklearn")
    bundle = read_bundle(folder)
    for (task, name), method in METHODS.items():
        if name == "Splink":  # `test_tools` has it
            continue
        answers = checked(method(bundle), bundle)
        assert answers.task == task
        assert score(bundle, answers)
    assert {task for task, _ in METHODS} == set(TASKS)


def test_a_board_is_added_to_and_never_twice(tmp_path: Path) -> None:
    board = tmp_path / "board.csv"
    scores = [Scored("rmse", 1.5, "lower"), Scored("rank", None, "higher")]
    add_scores(board, [("clv", "mine", scores)])
    add_scores(board, [("clv", "yours", scores), ("uplift", "mine", scores)])
    assert list(read_board(board)["name"]) == ["mine"] * 2 + ["yours"] * 2 + ["mine"] * 2
    before = board.read_bytes()
    with pytest.raises(OptionError, match="--name mine: it is on"):
        add_scores(board, [("linkage", "new", scores), ("clv", "mine", scores)])
    assert board.read_bytes() == before
    board.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match="is no leaderboard"):
        read_board(board)
