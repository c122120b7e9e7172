"""A fit from the table to its files: small, and against a world of known truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from omnilab.errors import DataError
from omnilab.experiment.plausible.file import read_worlds
from omnilab.fit.experiment.arms import find_people, simulate
from omnilab.fit.experiment.course import carry_out_test
from omnilab.fit.experiment.found import FittedTest
from omnilab.fit.experiment.people import BURN_IN_S, Setup, set_up
from omnilab.fit.experiment.request import ExperimentRequest
from omnilab.fit.experiment.space import CREATED, Base, make_space
from omnilab.fit.experiment.table import read_test
from omnilab.fit.experiment.write import draws_beside, write_test
from omnilab.scenario.assumptions import assumptions_of
from omnilab.scenario.load import read_scenario
from tests.fit.experiment.tables import rows_of, write_table

#: Of a brand whose customers need something about three times a year.
TRUE_BASE = Base(needs=3.0, idle=0.5, spend=1.5)


def true_table(folder: Path, customers: int, seed: int = 5) -> tuple[Path, Setup, dict[str, float]]:
    """Return the table of a test that was simulated: women's e-mail shows mostly what it names."""
    request = ExperimentRequest(
        table=write_table(folder / "seed.csv", rows_of()), control="control", within="14d",
        content=("men=everything",),
    )  # fmt: skip
    test = read_test(request)
    setup = set_up(request, test, "truth-v1", customers)
    space = make_space([setup], [test])
    truth = np.zeros(space.size)
    truth[space.index("channels.email.message.open")] = 1.0
    truth[space.index("channels.email.message.click")] = 1.0
    truth[space.index(CREATED)] = 1.0
    truth[space.index("world.taste.bought")] = 1.5
    truth[space.index("share in women")] = 0.7
    scenario = space.scenario(
        setup.scenario.changed(TRUE_BASE.patch(setup.scenario, "web")), truth
    )  # fmt: skip
    people = find_people(setup, scenario, seeds=(seed,))
    found = simulate(
        setup, scenario, people, space.messages(truth, setup.content), within_s=14 * 86_400
    )  # fmt: skip
    arm = np.random.default_rng(seed).integers(0, 3, people.n)
    names = ["control", "men", "women"]
    outcomes = np.array([found.control, found.arms["men"], found.arms["women"]])
    y = outcomes[arm, np.arange(people.n)]
    past = people.past
    assert past.recency is not None
    assert past.history is not None
    table = {
        "customer": np.arange(people.n),
        "arm": np.array(names)[arm],
        "recency": np.floor(past.recency / (365.25 / 12)).astype(int) + 1,
        "history": past.history.round(2),
        "men": past.bought["men"].astype(int),
        "women": past.bought["women"].astype(int),
        "visit": y[:, 0].astype(int),
        "conversion": y[:, 1].astype(int),
        "spend": y[:, 2].round(2),
    }
    known = {f.name: float(u) for f, u in zip(space.fitted, truth, strict=True)}
    return write_table(folder / "test.csv", table), setup, known


def fitted_to(path: Path, splits: int = 1, **sizes: object) -> FittedTest:
    """Return a fit of a table."""
    request = ExperimentRequest(table=path, control="control", within="14d", splits=splits)
    return carry_out_test([request], scenario_id="shop-v1", **sizes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> FittedTest:
    """Return a fit of a small test, by few points."""
    path, _, _ = true_table(tmp_path_factory.mktemp("t"), 3000)
    return fitted_to(path, customers=500, take_part=150, waves=(8, 4))


def test_the_files_hold_what_was_fitted(small: FittedTest, tmp_path: Path) -> None:
    scenario, draws = write_test(small, tmp_path / "shop-v1.yaml")
    assert draws == draws_beside(scenario)
    text = scenario.read_text(encoding="utf-8")
    read = read_scenario(str(scenario))
    fitted = [e for e in small.estimates if e.name.partition(".")[0] in ("world", "channels")]
    for estimate in fitted:
        last = estimate.name.rpartition(".")[2]
        (line,) = [x for x in text.split("\n") if x.strip().startswith(f"{last}: ") and "# F" in x]
        assert line.strip().startswith(f"{last}: {estimate.value:.4g}"[:6])
    assert text.count("# F") >= len(fitted) + 3  # and what meets the control arm
    # No fitted value is among the assumptions any more; those of other keys still are.
    assumed = {a.key for a in assumptions_of(read.scenario, read.root)}
    assert not assumed & {e.name for e in fitted}
    assert not {k for k in assumed if k.endswith((".every", ".spend.mean"))}
    assert "world.response.generic" in assumed
    # The draws are of this scenario, and the mean of each key is the fitted value.
    found = read_worlds(draws, read.scenario)
    drawn, weights = found.values, found.weights
    assert set(drawn) == {e.name for e in fitted}
    assert weights.sum() == pytest.approx(1)
    for estimate in fitted:
        spread = float(np.sqrt(weights @ (drawn[estimate.name] - estimate.value) ** 2))
        assert float(weights @ drawn[estimate.name]) == pytest.approx(
            estimate.value, abs=0.3 * spread + 1e-9
        )
    worlds = found.fewer(5)
    assert 1 < worlds.n <= 5
    assert len(set(worlds.values["world.response.created"])) > 1


def test_the_report_adds_up(small: FittedTest) -> None:
    part = small.last
    assert part.held is not None
    assert part.train.n + round(0.33 * part.test.n) == pytest.approx(part.test.n, abs=3)
    for row in small.lifts:
        assert row.held is not None
        assert row.held_error is not None
        assert row.z is not None
        error = np.hypot(row.held_error, row.predicted_error)
        assert row.z == pytest.approx((row.predicted - row.held) / error)
    right, of = small.within_two
    assert of == len(small.lifts)
    assert right == sum(abs(row.z or 0) <= 2 for row in small.lifts)
    assert small.profile.worse.min() == 0.0
    for estimate in small.estimates:
        assert estimate.interval[0] <= estimate.value <= estimate.interval[1]
        assert 0 <= estimate.pinned <= 1


def test_a_table_of_draws_is_refused_in_one_line(small: FittedTest, tmp_path: Path) -> None:
    scenario = small.last.setup.scenario
    path = tmp_path / "draws.csv"

    def wrong(text: str) -> str:
        path.write_text(text, encoding="utf-8")
        with pytest.raises(DataError) as error:
            read_worlds(path, scenario)
        return str(error.value)

    assert "'weigth' (did you mean 'weigth'?): a set of worlds has" in wrong(
        "world.response.need,weigth\n1,1\n"
    )
    assert "world.response.ned" in wrong("world.response.ned,weight\n1,1\n")
    assert "'x' is no number" in wrong("world.response.need,weight\nx,1\n")
    assert "0 or more" in wrong("world.response.need,weight\n1,-1\n")


@pytest.mark.long
def test_a_known_world_is_found_again(tmp_path: Path) -> None:
    path, setup, truth = true_table(tmp_path, 60_000)
    found = fitted_to(path, splits=5, customers=20_000, take_part=3_000)
    right, of = found.within_two
    assert of == 5 * 18
    assert right >= 0.85 * of
    assert found.searched.content == {"men": "everything", "women": "women"}
    draws = found.searched.draws
    spread = np.sqrt(np.diag(draws.covariance(draws.points)))
    mean = draws.mean(draws.points)
    z = {
        name: (mean[i] - truth[name]) / spread[i]
        for i, name in enumerate(f.name for f in found.space.fitted)
        if name in truth
    }
    assert len(z) == len(truth)
    assert max(map(abs, z.values())) < 3, z
    assert setup.scenario.time.burn_in == BURN_IN_S
    base = found.last.base.base
    assert base.spend == pytest.approx(TRUE_BASE.spend, rel=0.25)
    assert base.idle == pytest.approx(TRUE_BASE.idle, rel=0.25)


@pytest.mark.long
def test_hillstroms_test_is_predicted_on_what_was_held_out(shared_data: Path) -> None:
    path = shared_data / "hillstrom_half_a.csv.gz"
    request = ExperimentRequest(
        table=path, control="No E-Mail", within="14d", currency="USD", splits=5
    )
    found = carry_out_test([request], scenario_id="hillstrom-v1", threads=2)
    rows = [
        {"split": split, "z": row.z, **vars_of(row)}
        for split, lifts in enumerate(found.all_lifts)
        for row in lifts
    ]
    table = pd.DataFrame(rows)
    assert len(table) == 5 * 20
    assert (table.z.abs() <= 2).mean() >= 0.9, table.to_string()


def vars_of(row: object) -> dict[str, object]:
    """Return what a failure shows of a lift."""
    moment = row.moment  # type: ignore[attr-defined]
    return {"outcome": moment.outcome, "arm": moment.arm, "group": moment.group_words}
