"""Lines: both ways of keeping them agree, and both with queueing theory and a naive model."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.world.lines import exponential
from tests.plain import plain
from tests.towns.lines import Coming, after_arrays, after_simpy, lined, naive_waits, rows_of


@st.composite
def crowds(draw: st.DrawFn) -> tuple[list[int], list[Coming]]:
    """Return lines and who comes to them: many in the same seconds."""
    servers = draw(st.lists(st.sampled_from((0, 1, 1, 2, 3)), min_size=1, max_size=3))
    gaps = draw(st.lists(st.sampled_from((0, 0, 1, 2, 9)), min_size=1, max_size=25))
    one = st.builds(
        Coming, st.just(0), st.integers(0, len(servers) - 1), st.integers(1, 9),
        st.sampled_from((-1, 0, 1, 3, 8)), st.integers(0, 3),
    )  # fmt: skip
    t, customers = 0, []
    for gap in gaps:
        t += gap
        customers.append(draw(one)._replace(t=t))
    return servers, customers


@given(crowds(), st.integers(-1, 30))
def test_simpys_resources_and_the_cells_arrays_write_the_same_rows(crowd, stop):
    servers, customers = crowd
    model = lined(*servers)
    ours, simpys = after_arrays(model, customers), after_simpy(model, customers, stop)
    assert rows_of(ours) == rows_of(simpys)


@given(crowds())
def test_a_line_does_what_a_naive_model_does_and_serves_everybody_once(crowd):
    servers, customers = crowd
    rows = rows_of(after_arrays(lined(*servers), customers))
    fates = Counter((kind, who) for kind, _, who, _, _ in rows)
    assert set(fates.values()) == {1}
    for n, c in enumerate(servers):
        own = [k for k, x in enumerate(customers) if x.line == n]
        expected = naive_waits(c, [customers[k] for k in own])
        got = {who: (kind, wait) for kind, _, who, _, wait in rows if kind in FATES}
        assert [got[k] for k in own] == expected
    served = {who for kind, who in fates if kind == "served"}
    assert served == {who for kind, who in fates if kind == "service_done"}


FATES = ("served", "line_left")


def poisson(n: int, gap: float, service: float, patience: float = 0.0, seed: int = 1, **of: float):
    """Return n customers with exponential gaps, services and patience; seconds are means."""
    random = np.random.default_rng(seed)
    t = np.rint(np.cumsum(random.exponential(gap, n))).astype(int)
    services = np.maximum(np.rint(random.exponential(service, n)), 1).astype(int)
    patiences = np.rint(random.exponential(patience or 1.0, n)).astype(int)
    ranks = (random.random(n) < of.get("second", 0.0)).astype(int)
    return [
        Coming(int(t[k]), 0, int(services[k]), int(patiences[k]) if patience else -1, int(ranks[k]))
        for k in range(n)
    ]


def erlang_c(c: int, load: float) -> float:
    """Return the chance to wait in M/M/c."""
    last = load**c / math.factorial(c) * c / (c - load)
    return last / (sum(load**k / math.factorial(k) for k in range(c)) + last)


def erlang_a(c: int, load: float, theta: float, most: int = 400) -> tuple[float, float]:
    """Return (share who give up, mean number waiting) of M/M/c+M, patience 1 / theta services."""
    p = [1.0]
    for k in range(1, most):
        p.append(p[-1] * load / (min(k, c) + max(k - c, 0) * theta))
    total = sum(p)
    waiting = sum((k - c) * x for k, x in enumerate(p) if k > c) / total
    return theta * waiting / load, waiting


N, SERVICE = 2000, 1000.0


@pytest.mark.parametrize(("c", "load"), [(1, 0.6), (3, 1.8)])
def test_waits_are_those_of_erlang_c(c, load):
    customers = poisson(N, SERVICE / load, SERVICE)
    waits = np.array(
        [w for kind, *_, w in rows_of(after_arrays(lined(c), customers)) if kind == "served"]
    )
    waiting = erlang_c(c, load)
    assert (waits > 0).mean() == pytest.approx(waiting, rel=0.1)
    assert waits.mean() == pytest.approx(waiting * SERVICE / (c - load), rel=0.3)


def test_who_gives_up_is_the_share_of_erlang_a_and_littles_law_holds():
    c, load, patience = 2, 2.4, 1500.0
    customers = poisson(N, SERVICE / load, SERVICE, patience)
    rows = rows_of(after_arrays(lined(c), customers))
    gave_up, waiting = erlang_a(c, load, SERVICE / patience)
    left = [w for kind, *_, w in rows if kind == "line_left"]
    assert len(left) / N == pytest.approx(gave_up, rel=0.08)
    waits = left + [w for kind, *_, w in rows if kind == "served"]
    length = max(t for _, t, *_ in rows)
    assert sum(waits) / length == pytest.approx(waiting, rel=0.1)  # the theory's mean number
    # Little: the mean number waiting over time is arrivals a second times the mean wait.
    steps = sorted((t, 1 if kind == "line_joined" else -1)
                   for kind, t, *_ in rows if kind != "service_done")  # fmt: skip
    area = np.cumsum([d for _, d in steps])[:-1] @ [b - a for (a, _), (b, _) in pairwise(steps)]
    assert area == sum(waits)


def test_priority_divides_the_wait_as_cobham_says():
    load, second = 0.7, 0.5
    customers = poisson(N, SERVICE / load, SERVICE, second=second)
    waits = {0: [], 1: []}
    for kind, _, who, _, wait in rows_of(after_arrays(lined(1), customers)):
        if kind == "served":
            waits[customers[who].rank].append(wait)
    first = load * SERVICE / (1 - load * (1 - second))
    assert np.mean(waits[0]) == pytest.approx(first, rel=0.15)
    assert np.mean(waits[1]) == pytest.approx(first / (1 - load), rel=0.2)


def test_without_number_nobody_waits():
    customers = poisson(200, 1.0, 1000.0, 5.0)
    rows = rows_of(after_arrays(lined(0), customers))
    assert Counter(kind for kind, *_ in rows) == {
        "line_joined": 200, "served": 200, "service_done": 200
    }  # fmt: skip
    assert all(x == 0 for kind, *_, x in rows if kind in ("line_joined", "served"))


def test_a_person_is_in_one_line_of_a_purpose():
    from omnilab.interaction.lines import join

    model = lined(1, 1)
    cell = after_arrays(model, [Coming(0, 0, 5)])
    assert plain(join)(cell, model, 9, 0, 0, -1, 5, 0) >= 0
    assert plain(join)(cell, model, 9, 1, 0, -1, 5, 0) == -1


def test_exponential_times_have_their_mean_and_at_least_a_second():
    times = [plain(exponential)(600.0, (k + 0.5) / 2000) for k in range(2000)]
    assert np.mean(times) == pytest.approx(600.0, rel=0.01)
    assert plain(exponential)(600.0, 0.0) == 1
