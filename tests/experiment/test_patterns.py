"""Patterns: files with errors by line, each measure against a loop over the log, matching."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import omnilab
from omnilab import cli
from omnilab.errors import OptionError, ScenarioError
from omnilab.experiment.patterns import MEASURES, matching, read_patterns
from omnilab.experiment.patterns.lives import DEVICES, Lives
from omnilab.experiment.patterns.running import Found, pattern_sums
from omnilab.scenario import load_scenario
from omnilab.scenario.catalogue import list_scenarios
from tests.docs.pages import blocks, page
from tests.verification.worlds import frame, load, run, world

DAY = 86400
PLACES = {"store": ("store",), "online": ("web", "app")}
HEAD = "id: mine-v1\nplaces: {store: [store], online: [web, app]}\n"
PATTERN = """
  - name: {name}
    title: something
    measure: {measure}
    {of}
    published: {published}
    tolerance: {tolerance}
    because: why
    source: HBR17
    kind: I
    role: check
"""


def pattern(
    name: str = "one", measure: str = "buyers_by_place", of: str = "of: {place: store}",
    published: str = "20%", tolerance: str = "5%",
) -> str:  # fmt: skip
    return PATTERN.format(
        name=name, measure=measure, of=of, published=published, tolerance=tolerance
    )


@cache
def lived() -> Any:
    """Return a small world's log under omnichannel, as rows and as a table."""
    scenario = world(population={"customers": 80})
    (strategy,) = load(scenario, "omnichannel")
    found = run(scenario, [strategy], seed=5)
    rows = np.concatenate(found.events["omnichannel"])
    return SimpleNamespace(
        scenario=scenario, plan=strategy.plan, log=frame(found, "omnichannel"),
        lives=Lives(rows, scenario, strategy.plan, PLACES),
    )  # fmt: skip


def sums(measure: str, **of: Any) -> list[float]:
    whole = {k: o.default for k, o in MEASURES[measure].options.items()} | of
    return list(MEASURES[measure].sums(lived().lives, whole))


def events(*kinds: str, window: bool = True) -> list[Any]:
    """Return rows in each person's own order, one by one, with the channel's name."""
    w = lived()
    names = [c.name for c in w.scenario.channels]
    time = w.scenario.time
    return [
        (row, names[row.channel] if row.channel >= 0 else "")
        for row in w.log[w.log["kind"].isin(kinds)].itertuples(index=False)
        if not window or time.burn_in <= row.time < time.burn_in + time.window
    ]


def place(channel: str) -> str | None:
    return next((p for p, channels in PLACES.items() if channel in channels), None)


def test_buyers_by_place_are_counted_by_their_visits_for_needs() -> None:
    went: dict[int, set[Any]] = defaultdict(set)
    for row, channel in events("visit"):
        if row.need >= 0:
            went[row.person].add(place(channel))
    buyers = {row.person for row, _ in events("order")}
    kinds = Counter(frozenset(went[p] - {None}) for p in buyers)
    known = {"several": {"store", "online"}, "store": {"store"}, "online": {"online"}}
    all_of_them = sum(n for places, n in kinds.items() if places)
    assert all_of_them > 20
    for word, places in known.items():
        assert sums("buyers_by_place", place=word) == [kinds[frozenset(places)], all_of_them]


@pytest.mark.parametrize("way", [("online", "store"), ("store", "online")])
def test_who_looked_here_and_bought_there(way: tuple[str, str]) -> None:
    looked, bought = way
    seen: set[tuple[int, int]] = set()
    both, buyers = set(), set()
    time = lived().scenario.time
    for row, channel in events("visit", "order", window=False):
        if row.kind == "visit" and place(channel) == looked and row.need >= 0:
            seen.add((row.person, row.need))
        if row.kind == "order" and time.burn_in <= row.time < time.burn_in + time.window:
            buyers.add(row.person)
            if place(channel) == bought and (row.person, row.need) in seen:
                both.add(row.person)
    assert both
    assert sums("roomed", looked=looked, bought=bought) == [len(both), len(buyers)]


def test_carts_devices_and_conversion_are_those_of_the_log() -> None:
    carts = sum(place(c) == "online" for _, c in events("cart"))
    orders = sum(place(c) == "online" for _, c in events("order"))
    assert sums("carts_left", place="online") == [carts - orders, carts]
    visits = [(row, c) for row, c in events("visit") if c == "web"]
    assert sums("conversion", channels=("web",)) == [
        sum(c == "web" for _, c in events("order")), len(visits)
    ]  # fmt: skip
    parts = [sums("conversion", channels=("web",), device=d) for d in DEVICES]
    assert [sum(p) for p in zip(*parts, strict=True)] == sums("conversion", channels=("web",))
    top = sums("conversion_ratio", channels=("web",), device="computer", against="phone")
    assert top == [*parts[0], *parts[1]]
    assert min(top) > 0


def test_visitors_are_cookies_in_spans_of_thirty_days() -> None:
    seen: dict[Any, list[int]] = defaultdict(list)
    opens = lived().scenario.time.burn_in
    for row, channel in events("identify"):
        if row.type == 0 and place(channel) == "online" and row.carried_from < 0:
            since = row.time - opens
            seen[row.code, since // (30 * DAY)].append(since // DAY)
    kinds = Counter(
        "single" if len(days) == 1 else "same_day" if len(set(days)) == 1 else "longer"
        for days in seen.values()
    )
    for kind in ("single", "same_day", "longer"):
        assert sums("visitors", journey=kind) == [kinds[kind], len(seen)]


def test_an_order_is_of_the_last_click_before_it() -> None:
    clicks: dict[int, tuple[int, int]] = {}
    since, bought = [], set()
    time = lived().scenario.time
    clicked = 0
    journeys = [j.name for j in lived().plan.journeys]
    first: set[tuple[int, int, int]] = set()
    for row, channel in events("click", "order", window=False):
        if row.kind == "click":
            clicks[row.person] = (row.time, row.message)
            first.add((row.person, row.message, row.channel))
        elif time.burn_in <= row.time < time.burn_in + time.window and row.person in clicks:
            at, message = clicks[row.person]
            since.append(row.time - at)
            if row.time - at <= 5 * DAY:
                bought.add((row.person, message))
        del channel
    sent = {(r.person, r.message, r.channel): (c, journeys[r.journey]) for r, c in events("sent")}
    clicked = sum(sent.get(k, ("", ""))[0] == "email" for k in first)
    within = [s for s in since if s <= 30 * DAY]
    assert len(within) > 20
    assert sums("click_to_order", within=3600) == [sum(s <= 3600 for s in within), len(within)]
    paid = {k for k in first if k[:2] in bought and sent.get(k, ("", ""))[0] == "email"}
    assert sums("buyers_of_clickers", channels=("email",), journeys=()) == [len(paid), clicked]


def test_opens_follow_the_month_before_and_volume() -> None:
    """Against loops over persons and messages."""
    email = [c.name for c in lived().scenario.channels].index("email")
    opens_s = lived().scenario.time.burn_in
    opened = {(r.person, r.message) for r, c in events("open", window=False) if c == "email"}
    arrived = {(r.person, r.message) for r, c in events("delivered", window=False) if c == "email"}
    sent: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    for row, channel in events("sent", window=False):
        if channel == "email" and (row.person, row.message) in arrived:
            sent[row.person].append((row.time, (row.person, row.message) in opened))
    assert email >= 0
    after, volume, rates = [0, 0], [[0, 0], [0, 0]], []
    closes = opens_s + lived().scenario.time.window
    for mails in sent.values():
        months: dict[int, list[bool]] = defaultdict(list)
        inside = [(at, was) for at, was in mails if opens_s <= at < closes]
        for at, was in inside:
            months[(at - opens_s) // (30 * DAY)].append(was)
            n = sum(at - 30 * DAY < other <= at for other, _ in mails)
            for k, (low, high) in enumerate(((5, 9), (1, 4))):
                if low <= n <= high:
                    volume[k][0] += was
                    volume[k][1] += 1
        if len(inside) >= 10:
            rates.append(sum(was for _, was in inside) / len(inside))
        for month, answers in months.items():
            before = months.get(month - 1, [])
            if before and 0.14 <= sum(before) / len(before) < 0.36:
                after[0] += sum(answers)
                after[1] += len(answers)
    got = sums("open_rate_after", channels=("email",), band=(0.14, 0.36))
    assert got == after
    assert after[1] > 50
    got = sums("open_ratio_by_volume", channels=("email",), many=(5, 9), few=(1, 4))
    assert got == [*volume[0], *volume[1]]
    persons, total, squares = sums("opens_by_person", channels=("email",), statistic="sd")
    assert persons == len(rates)
    assert total == pytest.approx(sum(rates))
    assert squares == pytest.approx(sum(r * r for r in rates))


def test_shares_of_triggers_days_hours_and_months_add_up() -> None:
    both = sums("triggered_share", what="sends", channels=("email", "push"))
    weekly = [j.trigger for j in lived().plan.journeys]
    sends = [r for r, c in events("sent") if c in ("email", "push")]
    assert both == [sum(weekly[r.journey] != "weekly" for r in sends), len(sends)]
    online = [r for r, c in events("order") if place(c) == "online"]
    days = [sums("day_index", day=d)[0] for d in range(7)]
    assert sum(days) == len(online)
    hours = [sums("hour_index", hours=(h, h + 1))[0] for h in range(24)]
    assert sum(hours) == len(online)
    by = Counter(r.person for r, _ in events("order"))
    assert sums("buyers_again", orders=2) == [sum(k > 1 for k in by.values()), len(by)]
    paid = sum(r.paid for r, _ in events("order"))
    march = sum(r.paid for r, _ in events("order") if 74 * DAY <= r.time - 3600 < 0)
    assert march == 0
    assert sums("month_share", month=3)[1] == pytest.approx(paid * 365 / 120)


def test_every_measure_can_be_asked_and_has_words() -> None:
    for measure in MEASURES.values():
        assert measure.what.endswith(".")
        assert measure.unit in ("share", "ratio")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: mine-v1\nplaces: {store: [store]}\npatterns: []\n", "x.yaml:2: places: key 'online'"),
        (HEAD + "patterns: []\n", "x.yaml:3: the list is empty"),
        (HEAD.replace("web", "wev") + "patterns: []",
         "x.yaml:2: places.online: there is no 'wev' (did you mean 'web'?)"),
        (HEAD + "patterns:" + pattern(measure="buyers_by_plac"),
         "x.yaml:6: one.measure: there is no 'buyers_by_plac' (did you mean 'buyers_by_place'?)"),
        (HEAD + "patterns:" + pattern(of="of: {place: shop}"),
         "x.yaml:7: one.of.place: there is no 'shop'; there are several, store, online"),
        (HEAD + "patterns:" + pattern(of="kindd: I"),
         "x.yaml:7: a pattern: unknown key 'kindd' (did you mean 'kind'?)"),
        (HEAD + "patterns:" + pattern(of="of: {}"), "x.yaml:7: one.of: key 'place' is missing"),
        (HEAD + "patterns:" + pattern(published="20"),
         "x.yaml:8: one.published: 20 is outside 0..1; did you mean 20%?"),
        (HEAD + "patterns:" + pattern() + pattern(),
         "x.yaml:15: pattern 'one' comes twice, first on line 4"),
        (HEAD + "patterns:" + pattern().replace("kind: I", "kind: X"),
         "x.yaml:12: one.kind: 'X' is no kind of source; there are V, S, I, P, D"),
        (HEAD + "patterns:" + pattern(tolerance="0%"), "x.yaml:9: one: must be above 0"),
        (HEAD + "patterns:" + pattern(measure="hour_index", of="of: {hours: [17, 12]}",
                                      published="1.2", tolerance="0.1"),
         "x.yaml:7: one.of.hours: the first end, 17, is not below the second, 12"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_told_by_its_line(
    text: str, said: str, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as error:
        read_patterns("x.yaml", world())
    assert str(error.value).startswith(said)


ASSUMED = "assumptions:\n  - {key: %s, range: %s, because: why}\n"


@pytest.mark.parametrize(
    ("assumed", "said"),
    [
        (("world.intent.thresold", "[0, 2]"), "no key 'thresold' in world.intent (did you mean"),
        (("world.intent.threshold", "[2, 3]"), "the scenario's value, 1.2, is not within 2..3"),
        (("world.intent.threshold", "[0]"), "a range has two ends, not 1"),
        (("world.intent.threshold", "[2, 0]"), "the lower end comes first"),
        (("brand.status_quo", "[0, 2]"), "there is no number to be moved"),
    ],
)
def test_a_wrong_assumption_is_told(assumed: tuple[str, str], said: str, tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(HEAD + "patterns:" + pattern() + ASSUMED % assumed, encoding="utf-8")
    with pytest.raises(ScenarioError) as error:
        read_patterns(file, world())
    assert said in str(error.value)
    assert f"{file}:15" in str(error.value)


def test_keys_of_one_assumption_keep_their_proportion(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    keys = "[categories.beans.every, categories.cups.every]"
    file.write_text(
        HEAD + "patterns:" + pattern() + ASSUMED % (keys, "[6d, 24d]"), encoding="utf-8"
    )
    scenario = world()
    patterns = read_patterns(file, scenario)
    assert patterns.assumptions[0].place(scenario) == pytest.approx(1 / 3)
    changed = matching.changed_scenario(scenario, patterns, [1.0])
    assert [c.every for c in changed.categories] == [24 * DAY, 80 * DAY]


def test_a_pattern_without_a_denominator_has_no_value() -> None:
    patterns = read_patterns_of_ours()
    known = Found(patterns.patterns[0], (0.2, 0.3))
    assert known.value == 0.25
    assert known.half_width == pytest.approx(0.6353, abs=1e-4)  # 12.706 x .0707 / sqrt 2
    assert replace(known, by_seed=(0.2, None)).value is None
    assert not replace(known, by_seed=(None,)).is_within


def read_patterns_of_ours() -> Any:
    scenario = load_scenario("retailer-v1")
    return read_patterns(
        Path(__file__).parents[2] / "scenarios/patterns/retailer-v1.yaml", scenario
    )


def test_the_shipped_file_fits_its_scenario_and_names_what_is_assumed() -> None:
    patterns = read_patterns_of_ours()
    assert len(patterns.patterns) >= 15
    assert {p.role for p in patterns.patterns} == {"target", "check"}
    assert "retailer-v1" in [s.id for s in list_scenarios()]


def test_the_pages_example_is_whole(tmp_path: Path) -> None:
    (example,) = blocks(page("explanation/retailer.md"), "yaml")
    file = tmp_path / "mine.yaml"
    file.write_text(example, encoding="utf-8")
    (one,) = read_patterns(file, load_scenario("retailer-v1")).patterns
    assert (one.measure.name, one.of, one.published) == ("month_share", {"month": 11}, 0.103)


def test_parabolas_find_what_moves_a_pattern() -> None:
    places = np.random.default_rng(1).random((60, 3))
    u = 2 * places - 1
    curves = matching._Parabolas(places, 3 * u[:, 0] - 2 * u[:, 1] + 0.1)
    assert curves.swings() == pytest.approx([6, -4, 0], abs=0.1)
    assert curves.explained > 0.99
    noise = np.random.default_rng(2).normal(size=60)
    assert matching._Parabolas(places, noise).explained < 0.2


@pytest.mark.slow
def test_matching_looks_at_targets_alone_and_moves_nothing_else(monkeypatch: Any) -> None:
    """A target that falls along the first assumption; a check that would pull the second one."""
    patterns = read_patterns_of_ours()
    some = replace(
        patterns,
        patterns=(replace(patterns.patterns[0], role="target"),
                  replace(patterns.patterns[1], role="check")),
        assumptions=patterns.assumptions[:2],
    )  # fmt: skip
    scenario = load_scenario("retailer-v1")
    monkeypatch.setattr(matching, "_misfits", lambda _s, _p, places, *_: np.column_stack(
        [8 * (places[:, 0] - 0.8), 20 * (places[:, 1] - 0.9)]))  # fmt: skip
    found = matching.match_targets(scenario, some, worlds=40, waves=2)
    assert found.places[0] == pytest.approx(0.8, abs=0.02)
    assert found.places[1] == pytest.approx(some.assumptions[1].place(scenario), abs=0.02)


@pytest.mark.slow
def test_chunks_and_engines_give_one_answer() -> None:
    scenario = world(population={"customers": 30})
    patterns = replace(read_patterns_of_ours(), places=PLACES)
    named = tuple(p for p in patterns.patterns if "channels" not in p.of)
    some = replace(patterns, patterns=named, strategy="multichannel")
    assert pattern_sums(scenario, some, seed=2, engine="simpy") == pattern_sums(
        scenario, some, seed=2, engine="compiled"
    )


@pytest.mark.slow
def test_the_command_writes_what_it_shows(tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    args = ["patterns", "retailer-v1", "--customers", "40", "--seeds", "1,2", "--threads", "1"]
    assert cli.main([*args, "--json", "out.json", "--page", "out.md"]) == 0
    shown = capsys.readouterr().out
    data = json.loads(Path("out.json").read_text())
    assert data["format"] == "omnilab-patterns-v1"
    within = sum(p["within"] for p in data["patterns"])
    headline = f"{within} of {len(data['patterns'])} patterns are within tolerance at once"
    page = Path("out.md").read_text()
    assert headline in shown
    assert headline in page
    assert "Made by `omnilab patterns retailer-v1 --seeds 1,2 --customers 40 --page out.md`" in page
    again = omnilab.patterns("retailer-v1", seeds=[1, 2], customers=40, threads=1)
    assert again.table["by_seed"].tolist() == [p["by_seed"] for p in data["patterns"]]
    with pytest.raises(OptionError, match="give worlds"):
        _ = again.pins


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["boots-v1"], "no patterns come with 'boots-v1', they do with rees46-v1, retailer-v1"),
        (["retailer-v1", "--seeds", "1,1"], "1 is given twice"),
        (["retailer-v1", "--patterns", "no.yaml"], "no.yaml: no such file"),
    ],
)
def test_bad_options_are_2(args: list[str], said: str, capsys: Any) -> None:
    assert cli.main(["patterns", *args]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
