"""What `decide` chooses of messages' looks, in whole worlds: it is sent, and felt by persons."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from omnilab.brand.codes import SHOW_NAMED
from omnilab.experiment.compare import compare
from omnilab.log import rows
from omnilab.strategy import Brand, Choices, Decisions, Plan, Sharing
from omnilab.strategy.apart import hooks_apart
from omnilab.strategy.loading import LoadedStrategy, load_strategy
from tests.verification.worlds import digests, load, log, run, same_rows, world

SIDE = {"open": 0.6, "delivered": 1.0, "opt_out": 0.0, "opt_in": 1.0}
BURN_IN = 12 * 86400


def shop(message: dict[str, Any], **changes: Any) -> Any:
    """Return a shop that writes twice a week by mail and app; its message is open to `decide`."""
    flows = [
        {"name": f"day{n}", "trigger": "weekly", "weekday": n, "sequence": ["email", "app"],
         "steps": [{"message": {"channels": ["email", "push"], "shows": "generic", **message}}]}
        for n in (1, 4)
    ]  # fmt: skip
    brand = {
        "creatives": [{"name": "plain"}, {"name": "bright", "quality": 3.0},
                      {"name": "dull", "quality": -3.0}],
        "themes": {"calendar": ["spring", "summer"], "lasts": "9d"}, "journeys": flows, "cap": None,
        **changes.pop("brand", {}),
    }  # fmt: skip
    return world(
        population={"customers": changes.pop("customers", 16),
                    "personas": [{"name": "all", "share": 1.0}]},
        time={"burn_in": "12d", "window": "30d", "run_out": 0},
        channels=["web", "app", {"preset": "email", "message": SIDE},
                  {"preset": "push", "message": SIDE}],
        world={"creatives": {"novelty": 0.5, "wear": 0.5},
               "consistency": {"echo": 0.5, "clash": 0.5}},
        brand=brand, **changes,
    )  # fmt: skip


class Says:
    """It answers by one function of the messages."""

    name = "says"

    def __init__(self, of: Any) -> None:
        self.of = of

    def plan(self, brand: Brand) -> Plan:
        return Plan(Sharing.every("all"), journeys=brand.journeys)

    def decide(self, pending: Decisions) -> Choices:
        return Choices(np.ones(len(pending), bool), **self.of(pending))


def saying(scenario: Any, of: Any) -> LoadedStrategy:
    plan = load_strategy("omnichannel", scenario).plan
    return LoadedStrategy("says", plan, Says(of), "", True, False)


def life(scenario: Any, of: Any) -> Any:
    return log(run(scenario, [saying(scenario, of)], engine="simpy", pilot=2), "says")


def every(**looks: str) -> Any:
    return lambda pending: {name: np.full(len(pending), said) for name, said in looks.items()}


def facts(events: Any, kind: int) -> list[dict[str, int]]:
    some = events[(events["kind"] == kind) & (events["time"] >= BURN_IN)]
    return rows.all_named(some)


@pytest.mark.parametrize(
    "message",
    [{}, {"shows": "cart"}, {"shows": "beans", "creative": "bright", "theme": "summer"}],
    ids=["generic", "cart", "named"],
)
def test_to_choose_what_the_message_has_anyway_changes_nothing(message: dict[str, Any]) -> None:
    scenario = shop(message)
    own = {"shows": message.get("shows", "generic")}
    own |= {name: message[name] for name in ("creative", "theme") if name in message}
    same_rows(life(scenario, lambda _pending: {}), life(scenario, every(**own)))


def test_what_is_chosen_is_what_is_sent() -> None:
    scenario = shop({})
    names = [*("generic", "cart", "viewed", "bought"), *(c.name for c in scenario.categories)]

    def chosen(message: Any) -> Any:
        return np.asarray(message) % 7 % len(names)

    events = life(scenario, lambda pending: {"shows": chosen(pending.message_id)})
    sent = facts(events, rows.SENT)
    assert len(sent) > 60
    for row in sent:
        n = int(chosen(row["message"]))
        assert row["shows"] == min(n, SHOW_NAMED)
        if n >= SHOW_NAMED:
            assert row["category"] == n - SHOW_NAMED
        if n == 0:
            assert row["category"] == -1
    assert {row["shows"] for row in sent} == set(range(5))
    # Under one profile the silo that sends sees the carts and views of all.
    seen = [row for row in sent if row["shows"] in (1, 2, 3) and row["category"] >= 0]
    assert len(seen) > 5


def rate(events: Any) -> tuple[float, int]:
    sent = {row["message"] for row in facts(events, rows.SENT)}
    opened = {row["message"] for row in facts(events, rows.OPEN)}
    return len(opened & sent) / len(sent), len(sent)


def test_a_better_creative_is_seen_more_and_a_plan_that_names_it_fares_alike() -> None:
    scenario = shop({}, customers=40, brand={"themes": None})
    bright, n = rate(life(scenario, every(creative="bright")))
    plain, _ = rate(life(scenario, every(creative="plain")))
    dull, _ = rate(life(scenario, every(creative="dull")))
    named, m = rate(life(shop({"creative": "bright"}, customers=40, brand={"themes": None}),
                         lambda _pending: {}))  # fmt: skip
    assert dull < 0.5 * plain < 0.5 * bright
    error = np.sqrt(2 * bright * (1 - bright) / min(n, m))
    assert abs(bright - named) < 5 * error  # other luck, the same law; messages of one are alike


def test_themes_are_felt() -> None:
    scenario = shop({})
    one = rate(life(scenario, every(theme="spring")))
    flip = rate(life(scenario, lambda p: {"theme": np.where(p.journey == 0, "spring", "summer")}))
    none = rate(life(scenario, every(theme="none")))
    assert flip[0] < none[0]  # who hears now this, now that
    assert one[0] > flip[0]


def test_the_engines_agree_and_a_process_of_its_own_says_the_same(tmp_path: Any) -> None:
    scenario = shop({"leeway": {"shows": ["cart", "beans"]}})
    file = tmp_path / "looks.py"
    file.write_text(
        "import numpy as np\n"
        "from omnilab.strategy import Choices, Plan, Sharing\n\n\n"
        "class Looks:\n"
        "    name = 'looks'\n\n"
        "    def plan(self, brand):\n"
        "        return Plan(Sharing.every('all'), journeys=brand.journeys)\n\n"
        "    def decide(self, p):\n"
        "        n = len(p)\n"
        "        shows = np.where(p.message_id % 2 == 0, 'cart', 'beans')\n"
        "        return Choices(np.ones(n, bool), shows=shows, creative=p.message_id % 3,\n"
        "                       theme=np.where(p.may_theme[:, 0], 'summer', ''))\n",
        encoding="utf-8",
    )
    loaded = load_strategy(f"{file}:Looks", scenario)
    fast = run(scenario, [loaded], engine="compiled", keep=False)
    slow = run(scenario, [loaded], engine="simpy", keep=False)
    assert not fast.failures
    assert digests(fast) == digests(slow)
    here = compare(scenario, [loaded]).strategies[0].log_digest
    with hooks_apart(60.0):
        there = load_strategy(f"{file}:Looks", scenario)
        assert compare(scenario, [there]).strategies[0].log_digest == here


def test_who_gives_what_is_closed_fails_alone() -> None:
    scenario = shop({"leeway": {"shows": ["cart"]}})
    wrong = replace(saying(scenario, every(shows="viewed")), name="wrong")
    found = run(scenario, [wrong, *load(scenario, "omnichannel")], engine="simpy", keep=False)
    ((name, error),) = found.failures.items()
    assert name == "wrong"
    assert "content 'viewed' is not open to decide in row 0 (journey 'day" in str(error)
    assert [s.name for s in found.strategies] == ["omnichannel"]
