"""Gymnasium's environment: its own check, the wall of caps and consent, and the same log."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from omnilab.engine import calibrate
from omnilab.errors import OptionError
from omnilab.experiment.compare import compare
from omnilab.log import rows
from omnilab.scenario.model import Scenario
from omnilab.strategy import Brand, Choices, Decisions, Plan, Sharing
from omnilab.strategy.loading import load_strategy, loaded_object
from tests.worlds import DAY, WEEK, corner

gymnasium = pytest.importorskip("gymnasium")
from omnilab.gym import DecideEnv, register  # noqa: E402

SEED = 11
Policy = Callable[[dict[str, Any], dict[str, Any]], int]


@pytest.fixture(autouse=True)
def _small_pilot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrate, "PILOT_CUSTOMERS", 40)  # of both sides; plain Python is slow


def shop(**changes: Any) -> Scenario:
    time = {"burn_in": "20d", "window": "30d", "run_out": "5d"}
    return corner(time=time, population={"customers": 12}, **changes)


def made(scenario: Scenario | None = None, **options: Any) -> DecideEnv:
    return DecideEnv(scenario or shop(), **{"seed": SEED, **options})


def played(env: DecideEnv, policy: Policy, **reset: Any) -> tuple[list[Any], dict[str, Any]]:
    """Play an episode; return its steps (observation, action, reward, info before) and its end."""
    seen, info = env.reset(**reset)
    steps, over = [], False
    while not over:
        action = policy(seen, info)
        after, reward, over, cut, later = env.step(action)
        assert cut is False
        steps.append((seen, action, reward, info))
        seen, info = after, later
    return steps, info


def at_random(seed: int = 1) -> Policy:
    draws = np.random.default_rng(seed)
    return lambda _seen, info: int(draws.choice(np.flatnonzero(info["action_mask"])))


def always(_seen: Any, info: dict[str, Any]) -> int:
    return int(np.flatnonzero(info["action_mask"])[-1])


class Told:
    """An ordinary strategy that answers what somebody else has answered, message by message."""

    name = "told"

    def __init__(self, answers: dict[tuple[int, int], int]) -> None:
        self.answers = answers  # channel, -1 nothing

    def plan(self, brand: Brand) -> Plan:
        return Plan(Sharing.every("all"), journeys=brand.journeys)

    def decide(self, pending: Decisions) -> Choices:
        keys = zip(pending.message_id.tolist(), pending.time_s.tolist(), strict=True)
        channel = np.array([self.answers[key] for key in keys])
        return Choices(channel >= 0, channel)


def test_gymnasiums_own_check_passes() -> None:
    from gymnasium.utils.env_checker import check_env

    env = gymnasium.make("omnilab/Decide-v0", scenario=shop(), seed=SEED)
    check_env(env.unwrapped)


@pytest.mark.slow
def test_gymnasium_finds_it_in_a_process_of_its_own() -> None:
    code = "import gymnasium, omnilab.gym; print(gymnasium.spec('omnilab/Decide-v0').entry_point)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "omnilab.gym.environment:DecideEnv\n"
    register()  # as often as anybody likes
    assert gymnasium.spec("omnilab/Decide-v0").namespace == "omnilab"


def test_the_same_actions_and_seed_give_the_same_episode() -> None:
    env = made()
    one, end = played(env, at_random())
    two, again = played(env, at_random(), seed=SEED)
    other, elsewhere = played(env, at_random())  # a world of its own
    assert end["digest"] == again["digest"] != elsewhere["digest"]
    assert len(one) == len(two) > 20
    for (a, x, r, _), (b, y, s, _) in zip(one, two, strict=True):
        assert (x, r) == (y, s)
        assert all(np.array_equal(a[name], b[name]) for name in a)
        assert a in env.observation_space
    assert other


@pytest.mark.parametrize("every_s", [DAY, 7200])
def test_it_is_the_run_of_an_ordinary_strategy(every_s: int) -> None:
    scenario = shop(discount_rate=0.0)
    env = made(scenario, every_s=every_s)
    numbers = [[c.name for c in scenario.channels].index(n) for n in env.action_names[1:]]
    begun = env.reset()[1]["booked"]
    steps, end = played(env, at_random(), seed=SEED)
    answers = {
        (info["message_id"], int(seen["time_s"][0])): numbers[action - 1] if action else -1
        for seen, action, _, info in steps
    }
    told = loaded_object(Told(answers), scenario)
    assert told.plan == load_strategy("omnichannel", scenario).plan
    found = compare(scenario, [told], seed=SEED)
    (run,) = found.strategies
    assert end["digest"] == run.log_digest
    assert end["events"] == run.events
    # All that was booked, and no more: the measure that counts margin less contacts' costs.
    worth = found.moments.estimate("ltv", "told").value
    total = begun + sum(reward for _, _, reward, _ in steps)
    assert total == pytest.approx(worth * scenario.population.customers, abs=1e-6)
    assert total == pytest.approx(end["booked"], abs=1e-6)
    assert total > 0


def test_who_always_sends_is_held_by_caps_consent_and_quiet_hours() -> None:
    scenario = shop(brand={"quiet_hours": {"start": "21:00", "end": "09:00"}})
    channels = scenario.model_dump()["channels"]
    for channel in channels:
        if channel["message"] is not None:  # many leave, nobody comes back
            channel["message"] |= {"opt_out": 0.3, "signs_up": 0.0, "open": 0.9}
    scenario = scenario.changed({"channels": channels})
    env = made(scenario)
    numbers = [[c.name for c in scenario.channels].index(n) for n in env.action_names[1:]]
    steps, end = played(env, always)
    answers = {
        (info["message_id"], int(seen["time_s"][0])): numbers[action - 1] if action else -1
        for seen, action, _, info in steps
    }
    found = compare(scenario, [loaded_object(Told(answers), scenario)], seed=SEED, keep_events=True)
    assert end["digest"] == found.strategies[0].log_digest
    log = np.concatenate(found.events["told"])
    log = log[(log["time"] >= scenario.time.burn_in)]
    sent = rows.columns(log, rows.SENT)[log["kind"] == rows.SENT]
    assert len(sent) > 10
    hours = sent.time % DAY // 3600
    assert ((hours >= 9) & (hours < 21)).all()
    assert any((info["action_mask"] == 0).any() for _, _, _, info in steps)
    cap = scenario.brand.cap
    assert cap is not None
    assert cap.per == WEEK
    whom = sent.person.astype(np.int64) << 32 | sent.profile  # the brand caps whom it knows
    for one in np.unique(whom):
        times = np.sort(sent.time[whom == one])
        late, early = times[cap.messages :], times[: -cap.messages]
        assert len(times) <= cap.messages or (late - early >= cap.per).all()
    left = log[log["kind"] == rows.UNSUBSCRIBE]
    assert len(left) > 0
    for one in left:
        same = sent[(sent.person == one["person"]) & (sent.channel == one["channel"])]
        assert (same.time <= one["time"]).all()
    clicks = np.count_nonzero(log["kind"] == rows.CLICK)
    assert clicks < len(sent) / 2


def test_a_channel_that_is_ruled_out_sends_nothing() -> None:
    env = made()

    def forbidden(_seen: Any, info: dict[str, Any]) -> int:
        out = np.flatnonzero(info["action_mask"] == 0)
        return int(out[0]) if len(out) else 0

    steps, end = played(env, forbidden)
    nothing, silent = played(env, lambda _seen, _info: 0, seed=SEED)
    assert any(action for _, action, _, _ in steps)
    assert end["digest"] == silent["digest"]
    assert [s[2] for s in steps] == [s[2] for s in nothing]


def test_an_episode_that_is_left_leaves_nothing_running() -> None:
    before = threading.active_count()
    env = made()
    env.reset()
    env.step(0)
    assert threading.active_count() == before
    env.close()
    with pytest.raises(OptionError, match="call reset first"):
        env.step(0)
    _, info = env.reset(seed=SEED)  # and another one can begin
    env.reset(seed=SEED)  # in the middle of it, too
    assert env.step(0)[4]["message_id"] >= 0
    assert info["message_id"] >= 0


def test_a_run_in_which_nothing_waits_takes_one_step() -> None:
    env = made(strategy="no_contact")
    seen, begun = env.reset()
    info = begun
    assert seen in env.observation_space
    assert info["action_mask"].tolist() == [1] + [0] * (len(env.action_names) - 1)
    seen, reward, over, _, info = env.step(0)
    assert over
    assert reward == 0.0
    assert info["booked"] == begun["booked"] > 0.0  # customers buy without any message
    assert seen in env.observation_space


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"every_s": 1000}, "every_s: 1000 is no whole number of ticks of 900 s"),
        ({"customers": 0}, "customers: 0 is not in the range"),
        ({"seed": -1}, "seed: -1 is not in the range"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionError, match=said):
        made(**options)


def test_a_wrong_action_is_named() -> None:
    env = made()
    env.reset()
    with pytest.raises(OptionError, match="action: 9 is not in the range 0 to 3"):
        env.step(9)


def test_contents_and_creatives_are_actions_where_asked_for() -> None:
    scenario = shop(brand={"creatives": [{"name": "plain"}, {"name": "bright"}]})
    tree = scenario.model_dump()["brand"]["journeys"]
    for journey in tree:
        for step in journey["steps"]:
            if step["message"]:
                step["message"]["leeway"] = {"shows": ["viewed"], "creatives": ["bright"]}
    scenario = scenario.changed({"brand": {"journeys": tree}})
    env = made(scenario, shows=["cart", "viewed"], creatives=["bright"])
    plain = made(scenario)
    n = len(plain.action_names) - 1
    assert env.action_names[: n + 1] == plain.action_names  # the message's own look stands first
    assert len(env.action_names) == 1 + n * 3 * 2
    closed = [i for i, name in enumerate(env.action_names) if ", cart" in name]
    looks = [i for i, name in enumerate(env.action_names) if name.endswith(", viewed, bright")]
    assert len(closed) == 2 * n
    assert len(looks) == n

    def looked(_seen: Any, info: dict[str, Any]) -> int:
        assert not info["action_mask"][closed].any()
        return int(max(np.flatnonzero(info["action_mask"])))

    steps, end = played(env, looked)
    assert {a for _, a, _, _ in steps} - {0} <= set(looks)
    own, _end = played(plain, always)
    assert end["digest"] != _end["digest"]
    assert len(own) > 20
    with pytest.raises(OptionError, match=r"shows: unknown .crat. .did you mean .cart."):
        made(scenario, shows=["crat"])


def test_own_looks_asked_for_by_name_are_the_plans_own_run() -> None:
    """The same choices give the same log, however many further actions there are."""
    env, plain = made(shows=["generic"]), made()
    n = len(plain.action_names)

    def first(_seen: Any, info: dict[str, Any]) -> int:
        return int(np.flatnonzero(info["action_mask"][:n])[-1])

    assert played(env, first)[1]["digest"] == played(plain, first)[1]["digest"]


def test_what_the_programme_counts_and_arms_are_seen_where_there_are_any() -> None:
    programme = {"targets": [{"name": "two", "purchases": 2, "to_day": 25, "reward": "prize"}],
                 "tiers": [{"name": "silver", "spend": 10.0}]}  # fmt: skip
    tests = [{"name": "words", "arms": {"a": 0.5, "b": 0.5}}]
    env = made(shop(brand={"programme": programme, "tests": tests,
                           "offers": [{"name": "prize", "amount": 1.0}]}))  # fmt: skip
    steps, _ = played(env, at_random())
    assert all(seen in env.observation_space for seen, _, _, _ in steps)
    assert {float(seen["arm"][0]) for seen, _, _, _ in steps} == {-1.0}  # no step is of the test
    assert max(float(seen["spent_cents"][0]) for seen, _, _, _ in steps) > 0
    assert {float(seen["tier"][0]) for seen, _, _, _ in steps} == {-1.0, 0.0}
    assert len({float(seen["progress"][0]) for seen, _, _, _ in steps}) > 1
    assert "progress" not in made().observation_space.spaces
