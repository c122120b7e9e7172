"""Points: added, moved at a hand-off, never spent twice."""

from __future__ import annotations

from omnilab.brand.points import add_points, move_points, points_in
from omnilab.brand.state import Context
from omnilab.kernels.record import record_array
from tests.plain import plain
from tests.worlds import plan_of


def test_points_add_up_and_may_be_spent() -> None:
    plan, context = plan_of(), record_array(Context, 1)[0]
    for t, points in ((5, 30), (9, -10)):
        plain(add_points)(plan, context, t, points)
    assert plain(points_in)(plan, context, 9) == 20


def test_points_move_as_a_whole() -> None:
    plan, (to, of) = plan_of(), record_array(Context, 2)
    to.points, of.points = 4, 7
    plain(move_points)(to, of)
    assert [plain(points_in)(plan, x, 0) for x in (to, of)] == [11, 0]
