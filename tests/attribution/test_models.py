"""Models of credit on paths made by hand, against closed results and against definitions."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnilab.attribution import rules
from omnilab.attribution.markov import removal_effects
from omnilab.attribution.models import MODELS, UNKNOWN, credit_of
from omnilab.attribution.paths import Path, Sale, Touch, join
from omnilab.attribution.shapley import shapley
from omnilab.attribution.upload import Buyer, Contacts, claimed, is_found

DAY = 86400


def touches(names: str, *, direct: str = "", days: tuple[float, ...] = ()) -> tuple[Touch, ...]:
    """Return touches a day apart, or on these days; those named in ``direct`` are direct."""
    at = days or range(len(names))
    return tuple(
        Touch(round(day * DAY), name, name in direct)
        for name, day in zip(names, at, strict=True)
    )  # fmt: skip


def path(names: str, orders: int = 1, revenue: int = 1000, **more: object) -> Path:
    found = touches(names, **more)  # type: ignore[arg-type]
    end = found[-1].time if found else 0
    money = (revenue, revenue // 2) if orders else (0, 0)
    return Path(found, end, orders, *money)


def orders_by(paths: list[Path], model: str, **more: float) -> dict[str, float]:
    return {s: c.orders for s, c in credit_of(paths, model, **more).items()}


@pytest.mark.parametrize(
    ("model", "shares"),
    [
        (rules.last_click, [0, 0, 0, 1]),
        (rules.last_non_direct, [0, 0, 1, 0]),
        (rules.first_click, [1, 0, 0, 0]),
        (rules.linear, [0.25, 0.25, 0.25, 0.25]),
        (rules.position_based, [0.4, 0.1, 0.1, 0.4]),
        (shapley, [1 / 3, 1 / 3, 0, 1 / 3]),
    ],
)
def test_each_rule_on_one_path(model, shares):
    assert model(touches("abaw", direct="w")) == pytest.approx(shares)


@pytest.mark.parametrize("model", [rules.position_based, rules.linear, rules.last_non_direct])
def test_short_paths(model):
    assert model(touches("a", direct="a")) == [1.0]
    two = model(touches("aw", direct="aw"))
    assert two == ([0.0, 1.0] if model is rules.last_non_direct else [0.5, 0.5])


def test_time_decay_halves_with_each_half_life():
    found = rules.time_decay(touches("abc", days=(0, 7, 14)), 7 * DAY)
    assert found == pytest.approx([1 / 7, 2 / 7, 4 / 7])
    # Of many half lives nothing is left, and nothing overflows.
    assert rules.time_decay(touches("ab", days=(0, 40000)), 60) == [0.0, 1.0]


def test_markov_on_a_chain_with_a_closed_form():
    """Start goes to a or b; a goes on to b or ends. Removal by hand: the paths that need it."""
    paths = [path("a"), path("a", 0), path("ab"), path("b"), path("b", 0), path("b", 0)]
    # From start: a 1/2, b 1/2. From a: b 1/3, order 1/3, nothing 1/3. From b: order 1/2.
    whole = 1 / 2 * (1 / 3 + 1 / 3 * 1 / 2) + 1 / 2 * 1 / 2
    without_a = 1 / 2 * 1 / 2
    without_b = 1 / 2 * 1 / 3
    effects = removal_effects(paths)
    assert effects == pytest.approx({"a": 1 - without_a / whole, "b": 1 - without_b / whole})
    credited = orders_by(paths, "markov")
    total = sum(effects.values())
    assert credited == pytest.approx({s: 3 * e / total for s, e in effects.items()})


def test_markov_with_a_loop_is_that_of_a_long_walk():
    """The exact chance of an order is the limit of walking the chain."""
    paths = [path("aab"), path("aba", 0), path("bba"), path("c", 0), path("ac")]
    effects = removal_effects(paths)
    moves: dict[str, Counter[str]] = {}
    for p in paths:
        stops = ["start", *p.sources, "order" if p.orders else "nothing"]
        for a, b in itertools.pairwise(stops):
            moves.setdefault(a, Counter())[b] += 1

    def reached(without: str = "") -> float:
        share, ordered = {"start": 1.0}, 0.0
        for _ in range(400):
            following: dict[str, float] = {}
            for a, x in share.items():
                for b, n in moves[a].items():
                    part = x * n / moves[a].total()
                    if b == "order":
                        ordered += part
                    elif b not in ("nothing", without):
                        following[b] = following.get(b, 0.0) + part
            share = following
        return ordered

    for source, effect in effects.items():
        assert effect == pytest.approx(1 - reached(source) / reached())


names = st.text("abcd", min_size=1, max_size=5)
some_paths = st.lists(
    st.tuples(names, st.integers(0, 1), st.integers(1, 10**6)), min_size=1, max_size=12
)


@pytest.mark.parametrize("model", MODELS)
@given(drawn=some_paths, unknown=st.integers(0, 2))
@settings(max_examples=40, deadline=None)
def test_credits_add_up_to_orders_revenue_and_margin(model, drawn, unknown):
    paths = [path(n, orders, revenue, direct="d") for n, orders, revenue in drawn]
    paths += [path("", 1, 77)] * unknown
    found = credit_of(paths, model)
    for place, name in enumerate(("orders", "revenue", "margin")):
        total = sum(credit[place] for credit in found.values())
        assert total == pytest.approx(sum(getattr(p, name) for p in paths))
    assert found.get(UNKNOWN, (0,))[0] == unknown
    assert all(c.orders >= 0 for c in found.values())


@given(drawn=some_paths)
@settings(max_examples=40, deadline=None)
def test_shapley_is_the_mean_gain_over_all_orders_in_which_sources_join(drawn):
    """By its definition: the worth of a set is the orders of paths within it."""
    paths = [path(n, orders, revenue) for n, orders, revenue in drawn]
    sources = sorted({s for p in paths for s in p.sources})

    def worth(on: frozenset[str]) -> int:
        return sum(p.orders for p in paths if on.issuperset(p.sources))

    found = orders_by(paths, "shapley")
    for source in sources:
        gains = []
        for order in itertools.permutations(sources):
            before = frozenset(order[: order.index(source)])
            gains.append(worth(before | {source}) - worth(before))
        assert found[source] == pytest.approx(sum(gains) / len(gains))


@pytest.mark.parametrize("model", ["shapley", "markov", "linear"])
def test_a_source_without_an_order_gets_nothing_and_equals_get_the_same(model):
    paths = [path("ab"), path("ba"), path("z", 0), path("zz", 0)]
    found = orders_by(paths, model)
    assert found["z"] == 0.0
    assert found["a"] == pytest.approx(found["b"])


@pytest.mark.parametrize("model", MODELS)
def test_names_mean_nothing(model):
    rng = random.Random(3)
    drawn = ["".join(rng.choice("abc") for _ in range(rng.randint(1, 4))) for _ in range(9)]
    paths = [path(n, i % 3 and 1) for i, n in enumerate(drawn)]
    turned = [path(n.translate(str.maketrans("abc", "cab")), i % 3 and 1)
              for i, n in enumerate(drawn)]  # fmt: skip
    a, b = orders_by(paths, model), orders_by(turned, model)
    assert a["a"] == pytest.approx(b["c"])
    assert a["b"] == pytest.approx(b["a"])


@pytest.mark.parametrize("model", MODELS)
def test_without_orders_or_paths_there_is_no_credit(model):
    assert credit_of([], model) == {}
    assert orders_by([path("ab", 0)], model) == {"a": 0.0, "b": 0.0}


def test_touches_join_the_next_order_within_the_window_and_no_other():
    a, b, c, d, e = touches("abcde", days=(0, 8, 9, 20, 60))
    sales = [(3, Sale(10 * DAY, 500, 100)), (9, Sale(50 * DAY, 700, 200))]
    found = join([(0, a), (1, b), (2, c), (5, d), (10, e)], sales, 7 * DAY)
    assert [(p.sources, p.orders, p.revenue) for p in found] == [
        (("a",), 0, 0), (("b", "c"), 1, 500), (("d",), 0, 0), ((), 1, 700), (("e",), 0, 0),
    ]  # fmt: skip


def test_within_a_second_the_log_says_what_came_first():
    touch = Touch(5, "a")
    sale = Sale(5, 1, 1)
    assert [p.sources for p in join([(1, touch)], [(2, sale)], 10)] == [("a",)]
    assert [p.sources for p in join([(2, touch)], [(1, sale)], 10)] == [(), ("a",)]


def test_a_click_and_its_visit_are_one_touch():
    click, visit = Touch(5, "email", message=8), Touch(6, "email", message=8)
    other = Touch(7, "email", message=9)
    (found,) = join([(1, click), (2, visit), (3, other)], [(4, Sale(9, 1, 1))], 10)
    assert found.sources == ("email", "email")


def test_what_leads_nowhere_is_cut_where_the_window_is_empty():
    found = join(enumerate(touches("abc", days=(0, 3, 30))), [], 7 * DAY)
    assert [p.sources for p in found] == [("a", "b"), ("c",)]


def test_a_platform_counts_orders_after_its_ads_and_only_of_those_it_finds():
    buyers = [Buyer(1, 10 * DAY, True), Buyer(1, 90 * DAY, True), Buyer(2, 10 * DAY, True),
              Buyer(3, 10 * DAY, False), Buyer(4, 10 * DAY, True)]  # fmt: skip
    contacts = {1: Contacts([9 * DAY + 1], [4 * DAY]), 2: Contacts([8 * DAY]),
                3: Contacts([], [10 * DAY]), 4: Contacts([], [3 * DAY, 11 * DAY])}  # fmt: skip
    more = {"key": (1, 2), "channel": 3, "view_window": DAY, "click_window": 7 * DAY}
    found = claimed(buyers, contacts, rate=1.0, **more)
    assert (found.buyers, found.uploaded, found.matched, found.orders) == (4, 3, 3, 2)
    assert claimed(buyers, contacts, rate=0.0, **more).matched == 0


def test_each_platform_finds_others_and_the_same_each_time():
    """Of 4,000 persons two platforms find 40% and 70%, and 28% both, as if by two draws."""
    a, b = ({n for n in range(4000) if is_found((1, 2), n, channel, rate)}
            for channel, rate in ((3, 0.4), (4, 0.7)))  # fmt: skip
    assert abs(len(a) / 4000 - 0.4) < 0.03
    assert abs(len(b) / 4000 - 0.7) < 0.03
    assert abs(len(a & b) / 4000 - 0.28) < 0.03
    assert a == {n for n in range(4000) if is_found((1, 2), n, 3, 0.4)}


def test_who_is_found_stays_found_and_in_the_share_that_is_given():
    found = [is_found((5, 6), person, 2, 0.3) for person in range(3000)]
    assert found == [is_found((5, 6), person, 2, 0.3) for person in range(3000)]
    assert math.isclose(sum(found) / 3000, 0.3, abs_tol=0.04)
    assert all(is_found((5, 6), p, 2, 0.6) for p, yes in enumerate(found) if yes)
