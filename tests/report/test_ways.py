"""Rows about places as words."""

from omnilab.log import rows
from omnilab.report.timeline import Teller
from omnilab.report.ways import ON_THE_WAY, on_the_way
from omnilab.scenario.model import Scenario
from tests.worlds import corner


def row(kind, **fields):
    return {"kind": kind, **fields}


def test_each_row_of_a_way_is_told():
    assert on_the_way(row(rows.AT_PLACE, place=0, metres=1234)) == "at place 1, 1,234 m away"
    told = {
        rows.PASSED_BY: "notices place 3",
        rows.PASSED_NEED: "notices place 3, which stirs a need",
        rows.PASSED_LATER: "notices place 3, and will come by for it",
        rows.PASSED_IN: "notices place 3 and goes in",
        rows.PASSED_LOST: "notices place 3 and buys there",
    }
    for does, words in told.items():
        assert on_the_way(row(rows.PASSED, place=2, does=does)) == words
    assert on_the_way(row(rows.POSITION, place=1, metres=80)) == "the app tells: 80 m from place 2"
    home = {"home_x": 10, "home_y": -2500, "work_x": 0, "work_y": 7}
    assert on_the_way(row(rows.LIVES, **home, works=0)) == "lives at 10, -2,500 m"
    assert on_the_way(row(rows.LIVES, **home, works=1)).endswith(", works at 0, 7 m")
    assert on_the_way(row(rows.STANDS, place=0, x=1, y=2)) == "place 1 stands at 1, 2 m"
    assert len(ON_THE_WAY) == 5


def test_a_need_that_is_noticed_in_passing_says_so():
    scenario: Scenario = corner()
    teller = Teller(scenario, [], [])
    words = teller._of_world({"kind": rows.AWARE, "need": 3, "cause": 4})
    assert words.endswith(", in passing")
