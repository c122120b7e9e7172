"""Reviews: a J from people who brag and moan, an average that is shown, and trust in it."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from omnilab.errors import ScenarioError
from omnilab.world import reviews
from omnilab.world.state import Person
from tests.plain import plain
from tests.verification.worlds import load, log, run, same_rows, world
from tests.worlds import corner, model_of, record

ON = {"written": 1.0, "moderate": 0.25, "quality": 1.2, "spread": 1.6, "bad": 1.5, "delay": 7.0}


class Town:
    """The reviews of a town, as the rules see a cell."""

    def __init__(self, *stars: int) -> None:
        self.review_count = np.array([len(stars), 0])
        self.review_stars = np.array([sum(stars), 0])


def stars_of_many(model: Any, n: int, **person: float) -> tuple[list[int], list[int]]:
    """Return the stars that n orders are felt to deserve, and those that are written."""
    felt, written = [], []
    for k in range(n):
        who = record(Person, entity=k, **person)
        stars = plain(reviews.stars_of)(model, who, 0, 3)
        felt.append(stars)
        if plain(reviews.writes)(model, who, 3, stars):
            written.append(stars)
    return felt, written


def law(model: Any, mean: float) -> list[float]:
    """Return the chances of one to five stars: a normal, rounded."""
    r = model.reviews
    edges = [-math.inf, 1.5, 2.5, 3.5, 4.5, math.inf]
    at = [norm.cdf((e - 3.0 - mean) / float(r.spread)) for e in edges]
    return [float(b - a) for a, b in pairwise(at)]


@pytest.mark.parametrize("failures", [0.0, 1.0])
def test_what_is_felt_is_a_rounded_normal_that_bad_experiences_move(failures: float) -> None:
    model = model_of(reviews=ON)
    felt, _ = stars_of_many(model, 3000, failures=failures)
    shares = [felt.count(k) / len(felt) for k in range(1, 6)]
    assert shares == pytest.approx(law(model, 1.2 - 1.5 * failures), abs=0.03)


def test_who_felt_it_strongly_writes_more_so_the_stars_have_the_shape_of_a_j() -> None:
    model = model_of(reviews=ON)
    felt, written = stars_of_many(model, 3000)
    for stars, chance in ((1, 1.0), (2, 0.625), (3, 0.25), (4, 0.625), (5, 1.0)):
        n = felt.count(stars)
        spread = 3 * math.sqrt(max(chance * (1 - chance), 1e-9) / n)
        assert written.count(stars) / n == pytest.approx(chance, abs=max(spread, 1e-9))
    model = model_of(reviews={**ON, "quality": 0.9, "spread": 2.4})
    _, written = stars_of_many(model, 3000)
    shares = [written.count(k) / len(written) for k in range(1, 6)]
    assert shares[4] > shares[0] > shares[1]
    assert shares[0] > shares[2]  # hardly any in between


def test_few_of_the_buyers_write_and_later() -> None:
    model = model_of(reviews={**ON, "written": 0.2})
    delays = [plain(reviews.review_delay)(model, record(Person, entity=k), 3) for k in range(3000)]
    written = [x for x in delays if x >= 0.0]
    assert len(written) / len(delays) == pytest.approx(0.2, abs=0.025)
    assert np.mean(written) == pytest.approx(7.0, rel=0.15)


def test_trust_is_in_proportion_to_the_stars_above_the_usual_and_few_count_little() -> None:
    model = model_of(reviews={**ON, "trust": 0.1, "usual": 4.0, "enough": 3.0})
    trust = plain(reviews.trust_in)
    assert trust(Town(5, 5, 5), model, 0) == pytest.approx(0.1 * 1.0 * 0.5)
    assert trust(Town(1, 2, 3), model, 0) == pytest.approx(0.1 * -2.0 * 0.5)
    assert trust(Town(*[5] * 97), model, 0) == pytest.approx(0.1 * 0.97)
    assert plain(reviews.average_of)(Town(), 1) == 0.0


def test_nobody_reads_where_there_is_nothing_to_read() -> None:
    model = model_of(reviews={**ON, "read": 1.0})
    read = plain(reviews.reads)
    assert not read(Town(), model, record(Person), 0, 40, 5)
    assert read(Town(3), model, record(Person), 0, 40, 5)
    assert not read(Town(3), model_of(), record(Person), 0, 40, 5)


def town(**more: Any) -> Any:
    on = {"written": 0.9, "read": 0.5, "delay": "2d", **more}
    return world(
        population={"customers": 16, "town": 8},
        time={"burn_in": "10d", "window": "30d", "run_out": 0}, world={"reviews": on},
    )  # fmt: skip


def test_what_is_shown_is_the_average_of_what_was_written_in_town() -> None:
    """By a naive model over the log: burn-in and all, each town its own."""
    scenario = town()
    rows = log(run(scenario, load(scenario, "omnichannel"), engine="simpy", pilot=2), "omnichannel")
    from omnilab.log.rows import PERSON, REVIEW, REVIEW_READ, columns

    households = columns(rows[rows["kind"] == PERSON], PERSON)
    per_town = scenario.population.per_cell
    home = dict(
        zip(households["person"].tolist(), (households["household"] // per_town).tolist(),
            strict=True)
    )  # fmt: skip
    kept: dict[tuple[int, int], list[int]] = {}
    category_of: dict[tuple[int, int], int] = {}
    reads = 0
    order = np.lexsort((rows["seq"], rows["person"], rows["priority"], rows["time"]))
    for row in rows[order]:
        one = columns(np.array([row], rows.dtype), int(row["kind"]))[0]
        who = int(row["person"])
        if row["kind"] == 1:
            category_of[who, int(one["need"])] = int(one["category"])
        elif row["kind"] == REVIEW:
            kept.setdefault((home[who], int(one["category"])), []).append(int(one["stars"]))
        elif row["kind"] == REVIEW_READ:
            stars = kept[home[who], category_of[who, int(one["need"])]]
            assert int(one["count"]) == len(stars)
            assert int(one["average"]) == int(sum(stars) / len(stars) * 100 + 0.5)
            reads += 1
    assert reads > 10
    assert sum(map(len, kept.values())) > 4


def test_without_writers_the_other_keys_change_nothing() -> None:
    plain_town = {
        "population": {"customers": 10, "town": 5},
        "time": {"burn_in": 0, "window": "15d"},
    }
    scenarios = [
        world(**plain_town),
        world(**plain_town, world={"reviews": {"quality": -1.0, "trust": 5.0, "delay": "1d"}}),
    ]
    one, other = (
        log(run(s, load(s, "omnichannel"), engine="simpy", pilot=2), "omnichannel")
        for s in scenarios
    )
    same_rows(one, other)


@pytest.mark.parametrize(
    ("population", "said", "key"),
    [({}, {"written": 0.1}, "population.town"), ({"town": 50}, {"read": 0.1}, "reviews.written")],
)
def test_bad_reviews_are_refused(population: Any, said: Any, key: str) -> None:
    with pytest.raises(ScenarioError) as error:
        corner(population=population, world={"reviews": said})
    assert "world.reviews" in str(error.value)
    assert key in str(error.value)
    assert "\n" not in str(error.value).strip()
