"""Values between the points of a sweep: exact at them, and the error of leaving one out."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.experiment.sweep.between import Axis, Between, between


def axis(path: str, *numbers: float) -> Axis:
    return Axis(path, tuple(map(str, numbers)), numbers)


AXES = (axis("a", 0.0, 1.0, 4.0), axis("b", -2.0, 2.0), Axis("c", ("x", "y"), None))
GRID = list(product((0.0, 1.0, 4.0), (-2.0, 2.0), (0.0, 1.0)))
VALUES = st.lists(st.floats(-1e3, 1e3), min_size=12, max_size=12)


def grid(order: list[int] | None = None) -> Between:
    found = between(AXES, [GRID[i] for i in order or range(len(GRID))])
    assert found is not None
    assert found.grid
    return found


def scattered(n: int = 30, seed: int = 1) -> Between:
    draws = np.random.default_rng(seed)
    points = draws.random((n, 2)) * [3.0, 500.0]
    axes = [
        Axis(path, tuple(map(str, sorted(x))), tuple(sorted(x)))
        for path, x in zip("ab", points.T.tolist(), strict=True)
    ]
    found = between(axes, points.tolist())
    assert found is not None
    assert not found.grid
    return found


@given(VALUES, st.permutations(range(12)))
def test_a_grid_is_exact_at_its_points_in_any_order(values: list[float], order: list[int]) -> None:
    space = grid(order)
    for i, where in enumerate(space.points.tolist()):
        assert space.value(where, values) == values[i]


def test_a_grid_is_linear_between_two_points() -> None:
    space = grid()
    values = [10.0 * a + b + 100.0 * c for a, b, c in GRID]
    assert space.value((2.5, 1.0, 1.0), values) == pytest.approx(10.0 * 2.5 + 1.0 + 100.0)
    values = [a * b for a, b, _ in GRID]  # and so is a product of two
    assert space.value((3.0, -0.5, 0.0), values) == pytest.approx(-1.5)


def test_a_value_in_a_grid_is_within_its_cell() -> None:
    draws, space = np.random.default_rng(2), grid()
    values = draws.normal(size=12).tolist()
    for a, b in draws.random((50, 2)):
        low, high = (0.0, 1.0) if a < 0.25 else (1.0, 4.0)
        corners = [v for v, (x, _, c) in zip(values, GRID, strict=True) if x in (low, high) and c]
        found = space.value((4.0 * a, 4.0 * b - 2.0, 1.0), values)
        assert min(corners) - 1e-9 <= found <= max(corners) + 1e-9


def test_what_is_left_out_of_a_grid_is_said_by_the_points_beside_it() -> None:
    values = [a**2 for a, _, _ in GRID]
    errors = grid().left_out(values)
    inner = [i for i, (a, _, _) in enumerate(GRID) if a == 1.0]
    # Between (0, 0) and (4, 16) a line says 4 at 1, where it is 1.
    assert errors[inner] == pytest.approx(3.0)
    assert np.isnan(np.delete(errors, inner)).all()
    assert grid().usual_error(values) == pytest.approx(3.0)


def test_two_values_of_each_thing_say_nothing_of_the_error() -> None:
    space = between([axis("a", 0.0, 1.0), axis("b", 0.0, 1.0)], list(product((0.0, 1.0), repeat=2)))
    assert space is not None
    assert space.usual_error([1.0, 2.0, 3.0, 9.0]) is None


def test_scattered_points_are_met_exactly_and_planes_everywhere() -> None:
    space, draws = scattered(), np.random.default_rng(3)
    values = draws.normal(size=30).tolist()
    found = [space.value(where, values) for where in space.points.tolist()]
    assert found == pytest.approx(values, abs=1e-8)
    plane = (7.0 + 2.0 * space.points[:, 0] - 0.1 * space.points[:, 1]).tolist()
    assert space.value((1.1, 130.0), plane) == pytest.approx(7.0 + 2.2 - 13.0)
    assert space.usual_error(plane) == pytest.approx(0.0, abs=1e-8)


def test_leaving_one_out_in_closed_form_is_leaving_one_out() -> None:
    space, draws = scattered(14), np.random.default_rng(4)
    values = draws.normal(size=14).tolist()
    errors = space.left_out(values)
    for i, where in enumerate(space.points.tolist()):
        rest = [k for k in range(14) if k != i]
        other = Between.__new__(Between)  # the same scale, a point less
        other.__dict__.update(space.__dict__)
        other.points = space.points[rest]
        from omnilab.experiment.sweep.between import _inverse_of

        other._inverse = _inverse_of((other.points - space.low) / space.span)
        said = other.value(where, [values[k] for k in rest])
        assert errors[i] == pytest.approx(said - values[i], abs=1e-8)


@pytest.mark.parametrize(
    ("axes", "points"),
    [
        ([], []),
        (AXES[:1], [(0.0,), (0.0,), (4.0,)]),  # a point twice
        (AXES[1:], [(-2.0, 0.0), (2.0, 1.0), (2.0, 0.0)]),  # words, and no full grid
        (AXES[:2], [(0.0, -2.0), (4.0, 2.0), (1.0, 2.0)]),  # too few
        ([axis("a", 0.0, 1.0, 2.0, 3.0, 4.0), axis("b", 0.0, 1.0, 2.0, 3.0, 4.0)],
         [(x, x) for x in (0.0, 1.0, 2.0, 3.0, 4.0)]),  # on one line
    ],
)  # fmt: skip
def test_nothing_is_said_where_the_points_do_not_carry_it(axes, points) -> None:
    assert between(axes, points) is None


def test_scattered_points_on_many_axes_need_no_table_of_all_cells() -> None:
    draws = np.random.default_rng(5).random((60, 9))
    axes = [axis(f"a{i}", *sorted(draws[:, i].tolist())) for i in range(9)]
    space = between(axes, draws.tolist())  # 60 to the 9th cells
    assert space is not None
    assert not space.grid
