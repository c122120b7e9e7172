"""The guide's examples are the files in examples/, and they do what the guide says."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omnilab import cli
from omnilab.experiment.compare import compare
from omnilab.scenario import load_scenario
from omnilab.strategy.apart import hooks_apart
from omnilab.strategy.choice_check import validate_choices
from omnilab.strategy.decisions import EVENT_KINDS, Decisions, Events
from omnilab.strategy.loading import LoadedStrategy, load_strategy
from omnilab.testing import check_strategy, sample_decisions, sample_scenario
from tests.scenario.test_leeway import letters
from tests.verification.worlds import digests, load, run, world

SCENARIO = sample_scenario()
CLASSES = {
    "carts": "CartsOnly",
    "churn": "Churn",
    "cut_by": "CutBy",
    "fitting": "Fitting",
    "last_click": "LastClick",
    "most_answered": "MostAnswered",
    "propensity": "Propensity",
    "searched": "Searched",
    "tailored": "Tailored",
    "thompson": "Thompson",
    "where_now": "WhereNow",
}
FILES = ["linked_inbox.yaml", *(f"{name}.py" for name in CLASSES)]
ELSEWHERE = [
    "learn_policy.py",
    "shop-test-v1.yaml",
    "churn-offer-v1.yaml",
    "withhold.py",
]  # no strategies: pages of docs/how-to use them


def example(root: Path, name: str, scenario: Any = SCENARIO) -> LoadedStrategy:
    """Load an example by its file's name without ending."""
    if name == "propensity":
        pytest.importorskip("sklearn")
    return load_strategy(f"{root}/examples/{name}.py:{CLASSES[name]}", scenario)


def block(root: Path, document: str, language: str, file: str) -> str:
    """Return the block of a document that stands below a file's name."""
    text = (root / document).read_text(encoding="utf-8")
    match = re.search(rf"`{re.escape(file)}`[^`\n]*:\n\n```{language}\n(.*?)```", text, re.DOTALL)
    assert match is not None, f"{document} does not show {file}"
    return match[1]


@pytest.mark.parametrize("file", FILES)
def test_the_guide_shows_the_file(root: Path, file: str) -> None:
    language = {"py": "python", "yaml": "yaml"}[file.rpartition(".")[2]]
    shown = block(root, "docs/tutorial/3-your-strategy.md", language, f"examples/{file}")
    assert shown == (root / "examples" / file).read_text(encoding="utf-8")


def test_every_example_is_shown(root: Path) -> None:
    files = [p.name for p in (root / "examples").iterdir() if p.is_file()]
    assert sorted(f for f in files if not f.endswith(".ipynb")) == sorted(FILES + ELSEWHERE)


def test_the_guides_checks_run(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    text = (root / "docs/tutorial/3-your-strategy.md").read_text(encoding="utf-8")
    match = re.search(r"## Check it\n\n```python\n(.*?)```", text, re.DOTALL)
    assert match is not None
    exec(match[1], {"check_strategy": check_strategy})


@pytest.mark.parametrize("name", CLASSES)
def test_the_conformance_kit_finds_nothing(root: Path, name: str) -> None:
    check_strategy(example(root, name).strategy)


@pytest.mark.slow
@pytest.mark.parametrize("name", CLASSES)
def test_the_engines_agree_and_the_hooks_matter(root: Path, name: str) -> None:
    scenario = world(time={"burn_in": "20d", "window": "70d"}, population={"customers": 60})
    compared = [example(root, name, scenario), *load(scenario, "omnichannel")]
    fast, slow = (run(scenario, compared, engine=e, keep=False) for e in ("compiled", "simpy"))
    assert not fast.failures
    assert digests(fast) == digests(slow)
    assert len({s.log_digest for s in fast.strategies}) == 2


def test_what_is_of_goods_is_the_same_in_a_process_of_its_own(root: Path) -> None:
    """The command line has strategies there; the goods that they see and recommend come along."""
    scenario = load_scenario("laptop-search-v1").with_customers(60)
    here = compare(scenario, [example(root, "searched", scenario)]).strategies[0].log_digest
    with hooks_apart(60.0):
        there = compare(scenario, [example(root, "searched", scenario)]).strategies[0].log_digest
    assert there == here


def commands(root: Path) -> list[str]:
    """Return the guide's and README's comparisons with an example in them."""
    text = "".join(
        (root / d).read_text(encoding="utf-8")
        for d in ("README.md", "docs/tutorial/3-your-strategy.md")
    )
    lines = re.findall(r"omnilab (compare .*?[^\\])\n", text, re.DOTALL)
    return sorted({line.replace("\\\n", " ") for line in lines if "examples/" in line})


@pytest.mark.slow
def test_the_commands_shown_run(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("sklearn")
    monkeypatch.chdir(root)
    shown = commands(root)
    assert {name for name in CLASSES for line in shown if name in line} == set(CLASSES)
    for number, line in enumerate(shown):
        few = ["--customers", "20", "--out", str(tmp_path / str(number)), "--quiet"]
        assert cli.main([*shlex.split(line), *few]) == 0, capsys.readouterr().err


def answered(loaded: LoadedStrategy, pending: Decisions) -> Any:
    """Return the checked answer of a strategy's `decide`."""
    answer = loaded.strategy.decide(pending)  # type: ignore[attr-defined]
    return validate_choices(answer, pending, strategy=loaded.name, time_s=0)


def test_carts_only_writes_about_carts_worth_ten(root: Path) -> None:
    loaded = example(root, "carts")
    assert {j.trigger for j in loaded.plan.journeys} == {"cart"}
    pending = sample_decisions(SCENARIO, loaded.plan)
    got = answered(loaded, pending)
    assert got.send.tolist() == [c >= 1000 for c in pending.cart_cents.tolist()]
    assert 0 < got.send.sum() < len(pending)


def test_churn_scores_who_has_been_silent_and_spares_who_is_gone(root: Path) -> None:
    scenario = load_scenario(str(root / "examples" / "churn-offer-v1.yaml"))
    loaded = example(root, "churn", scenario)
    pending = sample_decisions(scenario, loaded.plan, 400)
    got = answered(loaded, pending)
    bought = pending.orders > 0
    assert got.score is not None
    assert (got.score[~bought] == -1).all()
    once = np.flatnonzero(pending.orders == 1)
    by_silence = once[np.argsort(pending.days_since_order[once])]
    assert (np.diff(got.score[by_silence]) >= 0).all()
    assert ((got.score[by_silence] > 50) == (pending.days_since_order[by_silence] > 45)).all()
    assert got.send.tolist() == (got.score <= 97).tolist()
    assert 0 < got.send.sum() < len(pending)
    assert answered(example(root, "churn"), sample_decisions(SCENARIO, loaded.plan)).score is None


def test_most_answered_does_what_it_says(root: Path) -> None:
    loaded = example(root, "most_answered")
    assert (loaded.decides, loaded.learns, loaded.plan.cap) == (True, False, SCENARIO.brand.cap)
    pending = sample_decisions(SCENARIO, loaded.plan)
    got = answered(loaded, pending)
    assert got.channel is not None
    for row in range(len(pending)):
        allowed = np.flatnonzero(pending.allowed[row])
        assert got.send[row] == (len(allowed) > 0 and not pending.days_since_order[row] < 7)
        if got.send[row]:
            rates = [
                (pending.answered[row, c] + 1) / (pending.received[row, c] + 4) for c in allowed
            ]
            assert got.channel[row] == allowed[int(np.argmax(rates))]


def test_searched_shows_what_was_typed_and_spares_who_was_unhappy(root: Path) -> None:
    scenario = load_scenario("promo-codes-v1")
    loaded = example(root, "searched", scenario)
    pending = sample_decisions(scenario, loaded.plan)
    got = answered(loaded, pending)
    unhappy = (pending.last_stars > 0) & (pending.last_stars < 3)
    spared = unhappy & (pending.days_since_review < 30) & pending.may_offer
    assert 0 < spared.sum() < len(pending)
    assert got.send.tolist() == (~spared).tolist()
    new = (pending.days_since_search < 7) & (pending.orders == 0) & pending.may_offer & ~spared
    assert got.offer is not None
    assert new.any()
    assert got.offer.tolist() == np.where(new, 0, -1).tolist()


def test_fitting_shows_what_fits_and_learns_the_creative(root: Path) -> None:
    scenario = letters({}, creatives=[{"name": name} for name in ("a", "b", "c")])
    loaded = example(root, "fitting", scenario)
    pending = sample_decisions(scenario, loaded.plan, 600)
    got = answered(loaded, pending)
    cart = (pending.cart_cents > 0) & pending.may_show[:, 1]
    viewed = ~cart & (pending.last_viewed >= 0) & pending.may_show[:, 2]
    assert min(cart.sum(), viewed.sum()) > 20
    assert got.shows.tolist() == np.select([cart, viewed], [1, 2], -1).tolist()
    free = pending.may_creative.all(axis=1)
    assert (got.creative[~pending.may_creative.any(axis=1)] == -1).all()
    some = np.flatnonzero(got.creative >= 0)
    liked = some[got.creative[some] == 2]
    assert len(liked) > 5  # now and then any is tried
    events = [told(pending, some, np.zeros(len(some)), "sent"),
              told(pending, liked, np.zeros(len(liked)), "click")]  # fmt: skip
    loaded.strategy.learn(joined(*events))  # type: ignore[attr-defined]
    share = [(answer.creative[free] == 2).mean() for answer in (got, answered(loaded, pending))]
    assert share[0] < 0.2
    assert 0.85 < share[1] < 1.0


def cut_after(root: Path, option: str) -> LoadedStrategy:
    """Return CutBy after three days in which mails led to the later orders, and ended no path."""
    loaded = load_strategy(f"{root}/examples/cut_by.py:CutBy({option})", SCENARIO)
    pending = sample_decisions(SCENARIO, loaded.plan, 400)
    sms, mail = (pending.channel_names.index(c) for c in ("sms", "email"))
    rows = np.arange(40)
    # As much is spent on both; who orders clicked the mail first, and the SMS an hour later.
    price = loaded.strategy.price  # type: ignore[attr-defined]
    dear = round(price[sms] / price[mail])
    sent = [told(pending, rows, np.full(40, sms), "sent"),
            *[told(pending, rows, np.full(40, mail), "sent")] * dear]  # fmt: skip
    first = replace(told(pending, rows[:9], np.full(9, mail), "click"), time_s=np.full(9, 60))
    last = told(pending, rows[:9], np.full(9, sms), "click")
    # A message's second click is no touch of its own: the SMS is another one.
    last = replace(last, time_s=np.full(9, 3660), message_id=last.message_id + 10_000)
    orders = told(pending, rows[:9], np.full(9, 0), "order")
    orders = replace(orders, time_s=np.full(9, 7200), cents=np.full(9, 1000))
    empty = told(pending, rows[:0], rows[:0], "sent")
    for table in (joined(*sent, first, last), orders, empty):
        loaded.strategy.learn(table)  # type: ignore[attr-defined]
    return loaded


@pytest.mark.parametrize(
    ("model", "cut"),
    [("last_click", "email"), ("last_non_direct", "email"), ("first_click", "sms")],
)
def test_a_cut_goes_by_the_model_of_credit(root: Path, model: str, cut: str) -> None:
    loaded = cut_after(root, f"model={model}, after_days=3")
    pending = sample_decisions(SCENARIO, loaded.plan, 400)
    place = pending.channel_names.index(cut)
    after = answered(loaded, pending)
    assert loaded.strategy.cut == place  # type: ignore[attr-defined]
    assert (pending.default == place).any()
    assert not (after.channel == place).any()
    assert (after.send | (pending.default == place)).all()


def test_an_order_by_phone_is_a_touch_of_the_phone(root: Path) -> None:
    scenario = load_scenario("crib-attribution-v1")
    loaded = load_strategy(f"{root}/examples/cut_by.py:CutBy(model=linear)", scenario)
    pending = sample_decisions(scenario, loaded.plan, 400)
    phone, web = (pending.channel_names.index(c) for c in ("call", "web"))
    rows = np.arange(2)
    loaded.strategy.learn(told(pending, rows, [phone, web], "order"))  # type: ignore[attr-defined]
    touches = loaded.strategy.touches  # type: ignore[attr-defined]
    assert [t.source for of in touches.values() for _, t in of] == ["call"]
    assert sum(map(len, loaded.strategy.sales.values())) == 2  # type: ignore[attr-defined]


def test_a_cut_waits_for_its_day(root: Path) -> None:
    loaded = cut_after(root, "model=linear, after_days=4")
    assert loaded.strategy.cut == -1  # type: ignore[attr-defined]


def test_paid_search_is_cut_by_name_from_the_first_day(root: Path) -> None:
    scenario = load_scenario("crib-attribution-v1")
    file = f"{root}/examples/cut_by.py:CutBy"
    assert load_strategy(file, scenario).plan.paid
    assert not load_strategy(f"{file}(cut=search_ad)", scenario).plan.paid
    ads = load_strategy(f"{file}(cut=social_ad)", scenario)
    assert ads.plan.paid
    pending = sample_decisions(scenario, ads.plan, 400)
    place = pending.channel_names.index("social_ad")
    assert (pending.default == place).any()
    assert not answered(ads, pending).send[pending.default == place].all()


def test_last_click_cuts_the_channel_with_the_least_credit_for_its_cost(root: Path) -> None:
    file = f"{root}/examples/last_click.py:LastClick(after_days=3, lookback_days=1)"
    loaded = load_strategy(file, SCENARIO)
    pending = sample_decisions(SCENARIO, loaded.plan, 400)
    before = answered(loaded, pending)
    assert before.send.all()
    assert (before.channel == -1).all()
    sms, mail = (pending.channel_names.index(c) for c in ("sms", "email"))
    rows = np.arange(40)
    sent = [told(pending, rows, np.full(40, c), "sent") for c in (sms, mail)]
    clicks = [told(pending, rows[:4], np.full(4, sms), "click"),
              told(pending, rows[4:8], np.full(4, mail), "click")]  # fmt: skip
    orders = told(pending, rows[:8], np.full(8, 0), "order")
    # The four who clicked the SMS order too late for a lookback of a day, but for the first.
    late = np.where(np.arange(8) < 4, 2 * 86400, 3600)
    late[0] = 86_399
    orders = replace(orders, time_s=late, cents=np.full(8, 1000))
    empty = told(pending, rows[:0], rows[:0], "sent")
    for table in (joined(*sent, *clicks), orders, empty):
        loaded.strategy.learn(table)  # type: ignore[attr-defined]
    after = answered(loaded, pending)
    moved = pending.default == sms
    left = np.delete(pending.allowed, sms, axis=1).any(axis=1)
    assert moved.any()
    assert after.send.tolist() == (~moved | left).tolist()
    assert not (after.channel == sms).any()
    assert (after.channel[moved & left] >= 0).all()
    assert (after.channel[~moved] == -1).all()
    credit = loaded.strategy.credit  # type: ignore[attr-defined]
    assert (credit[sms], credit[mail]) == (10.0, 40.0)


def test_where_now_writes_to_where_the_person_is(root: Path) -> None:
    loaded = example(root, "where_now")
    pending = sample_decisions(SCENARIO, loaded.plan)
    got = answered(loaded, pending)
    mail = [c.name for c in SCENARIO.channels].index("email")
    sits = ((pending.where == 0) | (pending.where == 1)) & pending.allowed[:, mail]
    assert sits.any()
    assert got.channel is not None
    assert (got.channel[sits] == mail).all()
    assert (got.channel[pending.where < 0] == -1).all()
    assert (got.channel[pending.where >= 2] != mail).all()


def test_tailored_has_a_rule_for_each_segment(root: Path) -> None:
    loaded = example(root, "tailored", load_scenario("promo-codes-v1"))
    scenario = load_scenario("promo-codes-v1")
    pending = sample_decisions(scenario, loaded.plan)
    got = answered(loaded, pending)
    lapsed = (pending.days_since_order > 60) & (pending.orders < 3) & pending.may_offer
    assert got.offer is not None
    assert got.channel is not None
    assert got.delay_s is not None
    assert 0 < lapsed.sum() < len(pending)
    assert got.offer.tolist() == np.where(lapsed, 0, -1).tolist()
    asks = pending.days_since_question < 2
    assert (got.delay_s[~asks] == 0).all()
    assert (got.delay_s[asks] == 2 * 86400).all()
    mail = [c.name for c in scenario.channels].index("email")
    at_desk = (pending.last_device == 0) & pending.allowed[:, mail]
    assert at_desk.any()
    assert (got.channel[at_desk] == mail).all()
    assert (got.channel[pending.last_device < 0] == -1).all()
    assert not (got.channel[pending.last_device == 1] == mail).any()


def told(pending: Decisions, rows: Any, channels: Any, kind: str) -> Events:
    """Return events of one kind about the messages of some rows."""
    n = len(rows)
    return Events(
        time_s=np.arange(n),
        kind=np.full(n, EVENT_KINDS.index(kind)),
        message_id=pending.message_id[rows],
        channel=np.asarray(channels),
        journey=pending.journey[rows],
        profile=pending.profile[rows],
        cents=np.zeros(n),
        journey_names=pending.journey_names,
        channel_names=pending.channel_names,
    )


def joined(*tables: Events) -> Events:
    """Return the events of several tables, one after the other."""
    columns = {c: np.concatenate([getattr(t, c) for t in tables]) for c in Events.columns}
    names = {c: getattr(tables[0], c) for c in ("journey_names", "channel_names")}
    return Events(**columns, **names)


def test_thompson_goes_where_the_clicks_are(root: Path) -> None:
    loaded = example(root, "thompson")
    pending = sample_decisions(SCENARIO, loaded.plan, 2000)
    push, email = (pending.channel_names.index(c) for c in ("push", "email"))
    both = pending.take(pending.allowed[:, push] & pending.allowed[:, email])
    before = answered(loaded, both)
    assert len(set(before.channel.tolist())) > 2  # nothing is known: it tries
    rows = np.arange(len(both))
    for _ in range(5):
        loaded.strategy.learn(  # type: ignore[attr-defined]
            joined(
                told(both, rows, np.full(len(rows), push), "sent"),
                told(both, rows, np.full(len(rows), email), "sent"),
                told(both, rows, np.full(len(rows), email), "click"),
            )
        )
    after = answered(loaded, both)
    assert (after.channel == push).sum() == 0
    assert (after.channel == email).mean() > (before.channel == email).mean() + 0.2


def test_propensity_learns_who_answers(root: Path) -> None:
    """Those who have a cart answer e-mail, nobody else answers anything."""
    loaded = example(root, "propensity")
    pending = sample_decisions(SCENARIO, loaded.plan, 2000)
    email = pending.channel_names.index("email")
    pending = pending.take(pending.allowed[:, email])
    rows = np.arange(len(pending))
    assert answered(loaded, pending).send.all()  # nothing is known: the default
    channel = len(pending.channel_names) - 1 - np.argmax(pending.allowed[:, ::-1], axis=1)
    channel[::2] = email  # half by e-mail, half on the last channel that is allowed
    will = (pending.cart_cents > 0) & (channel == email)
    for day in range(7):
        answered(loaded, pending)
        some = rows[rows % 7 == day]
        loaded.strategy.learn(  # type: ignore[attr-defined]
            joined(
                told(pending, some, channel[some], "sent"),
                told(pending, some[will[some]], channel[some][will[some]], "open"),
            )
        )
    got = answered(loaded, pending)
    has_cart = pending.cart_cents > 0
    assert (got.send & (got.channel == email))[has_cart].mean() > 0.95
    assert got.send[~has_cart].mean() < 0.05


def test_linked_inbox_is_what_its_comments_say(root: Path) -> None:
    plan = load_strategy(f"{root}/examples/linked_inbox.yaml", SCENARIO).plan
    own = {j.name: j for j in SCENARIO.brand.journeys}
    assert (plan.sharing.identity, plan.sharing.triggers, plan.sharing.channel) == (
        "all", "silo", "silo",
    )  # fmt: skip
    assert [j.name for j in plan.journeys] == [*own, "second_look"]
    assert all(
        step.message is None for j in plan.journeys if j.name == "newsletter" for step in j.steps
    )
    cart = next(j for j in plan.journeys if j.name == "cart")
    assert cart == own["cart"].model_copy(update={"cooldown": 7 * 86400})
