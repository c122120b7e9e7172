"""What a scenario says without effect is found, at the user's line, and it is true of the model."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from omnilab.errors import ScenarioError
from omnilab.scenario import list_scenarios
from omnilab.scenario.document import parse_document
from omnilab.scenario.effect import Beside, without_effect
from omnilab.scenario.effect.cap import most_sends
from omnilab.scenario.load import read_scenario, validate_tree
from omnilab.scenario.model import Scenario
from omnilab.scenario.preset import expand_presets, name_presets
from tests.verification.worlds import digests, load, run

SHOP = """\
id: shop-v1
time: {burn_in: 10d, window: 60d, run_out: 5d}
population:
  customers: 60
  personas:
    - {name: keen, share: 60%, needs: 4.0, opt_in: {email: 80%}}
    - {name: cool, share: 40%, needs: 2.0}
categories:
  - {name: beans, every: 12d, spend: {mean: 20 EUR}}
channels:
  - web
  - {preset: store, visit: {typed: false, service: false}}
  - email
  - social_ad
brand:
  cap: {messages: 3, per: 7d}
  journeys:
    - preset: cart
      sequence: [web, email]
      steps: [{delay: 1h}, {message: {shows: cart, channels: [email, social_ad]}}]
    - newsletter
strategies: [no_contact, multichannel, omnichannel]
"""


def read(text: str) -> tuple[Scenario, list[ScenarioError]]:
    root = expand_presets(name_presets(parse_document(text, "shop.yaml")))
    scenario = validate_tree(Scenario, root)
    return scenario, without_effect(scenario, root)


@dataclass(frozen=True)
class Case:
    """A change of the shop; what is found; and, where a key is never read, another value of it."""

    old: str
    new: str
    key: str
    said: str
    words: str = ""  # in the line that is pointed to; the key's last part by default
    other: tuple[str, str] | None = None


JOURNEY = "    - newsletter\n"


def journey(text: str) -> tuple[str, str]:
    return JOURNEY, f"{JOURNEY}    - {{name: mine, {text}}}\n"


TARGET = """  offers: [{name: prize, amount: 1 EUR}]
  programme:
    targets: [{name: two, purchases: 2, to_day: 25, reward: prize}]
  journeys:
"""

CASES = {
    "a target that no message promises": Case(
        "  journeys:\n", TARGET, "brand.programme.targets.two.name",
        "nobody takes part in 'two' unless a strategy's plan promises it", "name: two",
    ),
    "how habits act where no cue calls them up": Case(
        "strategies:", "world: {routine: {pull: 0.5, steep: 3}}\nstrategies:",
        "world.routine.steep", "`routine.cues` is 0, so nobody goes anywhere", "steep: 3",
        ("steep: 3", "steep: 1"),
    ),
    "no journeys": Case(
        SHOP[SHOP.index("  journeys") : SHOP.index("strategies")], "  status_quo: no_contact\n",
        "brand", "there are no journeys", "brand:",
    ),
    "an address that nobody shows": Case(
        "  - web\n", "  - {preset: web, visit: {identifiers: [{type: email, share: 9%}]}}\n",
        "channels.social_ad", "nobody can be reached: it needs the address 'cookie'", "social_ad",
    ),
    "nobody allows it": Case(
        "  - email\n", "  - email\n  - {preset: sms, message: {opt_in: 0%, signs_up: 0%}}\n",
        "channels.sms", "nobody has allowed it at the start", "preset: sms",
    ),
    "a reach of 0 for all, whatever they allow later": Case(
        "  - email\n", "  - {preset: email, message: {signs_up: 50%}}\n",
        "channels.email", "nobody can be reached: `reach` is 0 for every persona", "preset: email",
        ("signs_up: 50%", "signs_up: 90%"),
    ),
    "a push without the app of its silo": Case(
        "  - email\n", "  - email\n  - {preset: app, visit: {reach: 0%}}\n"
        "  - {preset: push, message: {signs_up: 50%}}\n",
        "channels.push", "nobody can be reached: `reach` is 0 for every persona", "preset: push",
        ("signs_up: 50%", "signs_up: 90%"),
    ),
    "nothing arrives": Case(
        "  - email\n", "  - {preset: email, message: {delivered: 0%}}\n",
        "channels.email", "nobody can be reached: `delivered` is 0", "delivered",
    ),
    "a message side that no journey uses": Case(
        "  - email\n", "  - email\n  - sms\n",
        "channels.sms", "no journey's message uses this channel", "  - sms",
    ),
    "reach that every persona has": Case(
        "channels:\n  - web\n",
        "channels:\n  - {preset: web, visit: {reach: 70%}}\n",
        "channels.web.visit.reach", "every persona has a `reach` of its own for 'web'", "reach: 70",
        ("reach: 70%", "reach: 10%"),
    ),
    "opt_in that every persona has": Case(
        "  - email\n", "  - {preset: email, message: {opt_in: 90%}}\n",
        "channels.email.message.opt_in", "every persona has a `opt_in` of its own", "opt_in: 90",
        ("opt_in: 90%", "opt_in: 5%"),
    ),
    "a place where nobody goes": Case(
        "  - email\n", "  - email\n  - {preset: marketplace, visit: {reach: 0%}}\n",
        "channels.marketplace.visit", "nobody can go there", "marketplace",
    ),
    "a preference for what can't be visited": Case(
        "opt_in: {email: 80%}", "opt_in: {email: 80%}, prefers: {email: 2.0}",
        "population.personas.keen.prefers.email", "has no `visit`", "prefers",
        ("prefers: {email: 2.0}", "prefers: {email: -3.0}"),
    ),
    "permission for what sends nothing": Case(
        "opt_in: {email: 80%}", "opt_in: {email: 80%, store: 10%}",
        "population.personas.keen.opt_in.store", "has no `message`", "store: 10%",
        ("store: 10%", "store: 90%"),
    ),
    "a persona of nobody": Case(
        "    - {name: cool", "    - {name: gone, share: 0%}\n    - {name: cool",
        "population.personas.gone", "no customer is of this persona", "gone",
        ("name: gone, share: 0%", "name: gone, share: 0%, needs: 50"),
    ),
    "a second search": Case(
        "  - email\n", "  - email\n  - search_ad\n  - {preset: search_ad, name: other}\n",
        "channels.other.search", "only the first search channel is used, 'search_ad'", "other",
        ("name: other", "name: other, search: {click: 90%}"),
    ),
    "a night": Case(
        "{typed: false", '{opens: "22:00", closes: "06:00", typed: false',
        "channels.store.visit.closes", "closes at midnight", "closes",
        ('closes: "06:00"', 'closes: "21:00"'),
    ),
    "a phone without devices": Case(
        "{typed: false", "{phone_logit: -2.0, typed: false",
        "channels.store.visit.phone_logit", "only where `devices` is true", "phone_logit",
        ("phone_logit: -2.0", "phone_logit: 3.0"),
    ),
    "a tablet without devices": Case(
        "{typed: false", "{tablet_logit: -2.0, typed: false",
        "channels.store.visit.tablet_logit", "no visit is made by tablet", "tablet_logit",
        ("tablet_logit: -2.0", "tablet_logit: 3.0"),
    ),
    "a tablet that nobody has": Case(
        "  - web\n", "  - {preset: web, visit: {tablet_logit: -0.2}}\n",
        "channels.web.visit.tablet_logit", "no persona has a `tablet`", "tablet_logit",
        ("tablet_logit: -0.2", "tablet_logit: 3.0"),
    ),
    "one silo": Case(
        "  - web\n  - {preset: store, visit: {typed: false, service: false}}\n  - email\n",
        "  - web\n  - {preset: store, silo: web, visit: {typed: false, service: false}}\n"
        "  - {preset: email, silo: web}\n",
        "channels", "all channels are in the one silo 'web'", "channels:",
    ),
    "a trigger that its silos don't see": Case(
        *journey("trigger: signup, sequence: [store], "
                 "steps: [{message: {channels: [social_ad]}}]"),
        "brand.journeys.mine.trigger", "none of its silos (store and web) sees its trigger", "mine",
    ),
    "a trigger that nobody sees": Case(
        "  - email\n", "  - {preset: email, message: {signs_up: 0%}}\n",
        "brand.journeys.welcome", "no silo can see its trigger 'signup'", "preset: welcome",
    ),
    "an until that nobody sees": Case(
        "sequence: [web, email]", "sequence: [web, email]\n      until: [click, order]",
        "brand.journeys.cart.until", "nobody can see 'click'", "until",
        ("[click, order]", "[order]"),
    ),
    "an until of other silos": Case(
        *journey("trigger: weekly, sequence: [email], until: [visit], at: 12:00, "
                 "steps: [{delay: 1d}, {message: {channels: [email]}}]"),
        "brand.journeys.mine.until", "none of its silos (email) sees 'visit'", "mine",
    ),
    "a wait for what nobody sees": Case(
        *journey("trigger: order, sequence: [store, email], steps: [{wait_for: {event: click, "
                 "up_to: 2d}}, {message: {channels: [email]}}]"),
        "brand.journeys.mine.steps[0].wait_for", "always waits to the end", "mine",
    ),
    "no message": Case(
        *journey("trigger: order, sequence: [store, email], steps: [{delay: 1d}]"),
        "brand.journeys.mine.steps", "has no `message`", "mine",
    ),
    "after the exit": Case(
        *journey("trigger: order, sequence: [store, email], steps: [{message: {channels: [email]}},"
                 " {exit: true}, {message: {channels: [email], offer: 10%}}]"),
        "brand.journeys.mine.steps[2]", "nobody gets here", "mine", ("offer: 10%", "offer: 50%"),
    ),
    "a cohort of all": Case(
        *journey("trigger: order, sequence: [store, email], "
                 "steps: [{cohort: 100%}, {message: {channels: [email]}}]"),
        "brand.journeys.mine.steps[0].cohort", "all go on", "mine",
    ),
    "a skip beyond the end": Case(
        *journey("trigger: order, sequence: [store, email], steps: [{split: {has: cart, otherwise: "
                 "skip, skip: 4}}, {message: {channels: [email]}}]"),
        "brand.journeys.mine.steps[0].split", "skips beyond the last step", "mine",
        ("skip: 4", "skip: 9"),
    ),
    "after the end of the run": Case(
        *journey("trigger: order, sequence: [store, email], "
                 "steps: [{delay: 70d}, {message: {channels: [email], offer: 10%}}]"),
        "brand.journeys.mine.steps[1]", "never sent: it comes 10w after", "mine",
        ("offer: 10%", "offer: 50%"),
    ),
    "after the end, from a day on": Case(
        *journey("trigger: once, day: 50, sequence: [email], "
                 "steps: [{delay: 10d}, {message: {channels: [email], offer: 10%}}]"),
        "brand.journeys.mine.steps[1]", "messages end after 10d, the end of the window", "mine",
        ("offer: 10%", "offer: 50%"),
    ),
    "a branch that contradicts one long before": Case(
        *journey("trigger: order, sequence: [store, email], steps: [{split: {has: order}}, "
                 "{cohort: 50%}, {delay: 1d}, {split: {has: no_order}}, "
                 "{message: {channels: [email], offer: 10%}}]"),
        "brand.journeys.mine.steps[3].split",
        "who gets here has passed `order` (step 1), and `no_order` contradicts that", "mine",
        ("offer: 10%", "offer: 50%"),
    ),
    "an hour without a week": Case(
        *journey("trigger: order, at: 09:00, sequence: [store, email], "
                 "steps: [{message: {channels: [email]}}]"),
        "brand.journeys.mine.at",
        "only a journey with `trigger: weekly`, `once` or `arrival` has an hour", "mine",
        ("at: 09:00", "at: 21:00"),
    ),
    "a cooldown of a weekly journey": Case(
        JOURNEY, "    - {preset: newsletter, cooldown: 3d}\n",
        "brand.journeys.newsletter.cooldown", "once a week anyway", "cooldown",
        ("cooldown: 3d", "cooldown: 0d"),
    ),
    "equal quiet hours": Case(
        "brand:\n", 'brand:\n  quiet_hours: {start: "08:00", end: "08:00"}\n',
        "brand.quiet_hours", "so there are no quiet hours", "quiet_hours",
        ('start: "08:00", end: "08:00"', 'start: "21:00", end: "21:00"'),
    ),
    "worth without a card": Case(
        "brand:\n", "brand:\n  loyalty: {worth: 3 EUR}\n",
        "brand.loyalty", "no points are given: `card` is 0", "loyalty", ("3 EUR", "9 EUR"),
    ),
    "a card that nobody fills": Case(
        "brand:\n", "brand:\n  loyalty: {card: 900, worth: 9 EUR}\n",
        "brand.loyalty", "hardly anybody fills a card: it takes 900 points", "loyalty",
        ("worth: 9 EUR", "worth: 3 EUR"),
    ),
    "a minimum that no basket reaches": Case(
        JOURNEY,
        journey("trigger: order, sequence: [store, email], "
                "steps: [{message: {channels: [email], gives: code}}]")[1]
        + "  offers: [{name: code, share: 20%, minimum: 4000000 EUR}]\n",
        "brand.offers.code.minimum", "and one basket would have to hold 8,000 times that",
        "minimum", ("minimum: 4000000 EUR", "minimum: 5000000 EUR"),
    ),
    "all in control": Case(
        "brand:\n", "brand:\n  control: 100%\n", "brand.control", "all are in the control group",
    ),
    "a unique type that nobody has": Case(
        "brand:\n", "brand:\n  unique: [login, messenger]\n",
        "brand.unique[1]", "no channel shows or uses the identifier 'messenger'", "unique",
        ("[login, messenger]", "[login]"),
    ),
    "a status quo of no time": Case(
        "brand:\n", "brand:\n  status_quo: omnichannel\n",
        "brand.status_quo", "acts in the burn-in only", "status_quo",
        ("status_quo: omnichannel", "status_quo: no_contact"),
    ),
    "an offer's life without offers": Case(
        "brand:\n", "world: {response: {offer_lasts: 3d}}\nbrand:\n",
        "world.response.offer_lasts", "no journey's message has an `offer`", "offer_lasts",
        ("offer_lasts: 3d", "offer_lasts: 30d"),
    ),
    "typing errors without a till": Case(
        "brand:\n", "world: {identifiers: {typo: 50%}}\nbrand:\n",
        "world.identifiers.typo", "no channel has `typed: true`", "typo",
        ("typo: 50%", "typo: 1%"),
    ),
    "service without a place": Case(
        "brand:\n", "world: {continuity: {service: 50%}}\nbrand:\n",
        "world.continuity.service", "no channel has `service: true`", "service: 50%",
        ("service: 50%", "service: 1%"),
    ),
    "wear-out without ads": Case(
        "  - social_ad\n", "  - {preset: social_ad, message: {ad: false}}\n",
        "world.fatigue.wear_out", "only ads wear out", "wear_out",
        ("wear_out: 2", "wear_out: 50"),
    ),
    "a high cap": Case(
        "{messages: 3, per: 7d}", "{messages: 8, per: 1d}", "brand.cap",
        "never binding: all journeys together send a profile at most 1 message in 1d",
    ),
}  # fmt: skip
WELCOME = "    - {preset: welcome, sequence: [email], steps: [{message: {channels: [email]}}]}\n"
NEWS = "    - {preset: newsletter, sequence: [web]}\n"
#: What else the shop must have for a case.
BESIDE = {
    "reach that every persona has": [
        ("opt_in: {email: 80%}", "reach: {web: 50%}, opt_in: {email: 80%}"),
        ("needs: 2.0}", "needs: 2.0, reach: {web: 90%}}"),
    ],
    "a reach of 0 for all, whatever they allow later": [
        ("opt_in: {email: 80%}", "reach: {email: 0%}"),
        ("needs: 2.0}", "needs: 2.0, reach: {email: 0%}}"),
    ],
    "a push without the app of its silo": [
        ("channels: [email, social_ad]", "channels: [push, email, social_ad]"),
    ],
    "opt_in that every persona has": [("needs: 2.0}", "needs: 2.0, opt_in: {email: 20%}}")],
    "a message side that no journey uses": [],
    "a trigger that nobody sees": [
        (JOURNEY, JOURNEY + WELCOME),
    ],
    "an until that nobody sees": [
        ("  - email\n", "  - {preset: email, message: {click: 0%}}\n"),
        ("  - social_ad\n", "  - {preset: social_ad, message: {click: 0%}}\n"),
    ],
    "a wait for what nobody sees": [
        ("  - email\n", "  - {preset: email, message: {click: 0%}}\n"),
        ("  - social_ad\n", "  - {preset: social_ad, message: {click: 0%}}\n"),
    ],
    "a status quo of no time": [("burn_in: 10d", "burn_in: 0d")],
    "one silo": [("sequence: [web, email]", "sequence: [web]"), (JOURNEY, NEWS)],
    "wear-out without ads": [("brand:\n", "world: {fatigue: {wear_out: 2}}\nbrand:\n")],
    "a high cap": [
        (SHOP[SHOP.index("    - preset: cart") : SHOP.index(JOURNEY)], ""),
        ("[newsletter]", "[newsletter]"),
    ],
}  # fmt: skip


def changed(name: str) -> str:
    case = CASES[name]
    text = SHOP
    for old, new in [(case.old, case.new), *BESIDE.get(name, [])]:
        assert old in text or old == new, old
        text = text.replace(old, new, 1)
    return text


def test_nothing_is_found_in_a_good_shop_and_in_the_shipped_scenarios() -> None:
    assert read(SHOP)[1] == []
    for shipped in list_scenarios():
        assert read_scenario(shipped.id).no_effects() == []


@pytest.mark.parametrize("name", CASES)
def test_each_is_found_at_its_line(name: str) -> None:
    case = CASES[name]
    text = changed(name)
    _, findings = read(text)
    found = [f for f in findings if f.key == case.key and case.said in f.message]
    assert len(found) == 1, [str(f) for f in findings]
    words = case.words or case.key.rpartition(".")[2]
    assert words in text.splitlines()[(found[0].line or 0) - 1]
    assert found[0].file == "shop.yaml"
    if case.other is None:
        return
    scenario, _ = read(text)
    old, new = case.other
    assert text.count(old) == 1
    other, _ = read(text.replace(old, new))
    if scenario.changed({"id": "a-v1"}) != other.changed({"id": "a-v1"}):
        names = ("multichannel", "omnichannel")
        assert digests(run(scenario, load(scenario, *names))) == digests(
            run(other, load(other, *names))
        )


def test_what_is_off_on_purpose_is_no_finding() -> None:
    off = SHOP.replace("brand:\n", "world: {tips: {per_order: 0}}\nbrand:\n  control: 0%\n")
    off = off.replace("{messages: 3, per: 7d}", "null")
    assert read(off)[1] == []


def test_a_presets_own_key_is_found_at_the_users_line() -> None:
    text = SHOP.replace("window: 60d", "window: 20d").replace(
        JOURNEY, f"{JOURNEY}    - {{preset: win_back, sequence: [web, email]}}\n"
    )
    text = text.replace("- {preset: win_back", "- {preset: win_back, name: back")
    text = text.replace("  - email\n", "  - email\n  - push\n  - app\n")
    _, findings = read(text)
    (late,) = [f for f in findings if f.key == "brand.journeys.back.steps[1]"]
    assert (late.file, "win_back" in text.splitlines()[(late.line or 0) - 1]) == ("shop.yaml", True)


@pytest.mark.parametrize(
    ("step", "per_s", "most"),
    [
        ("{message: {channels: [email], fallback_after: 1h}}", 86400, 1),
        ("{message: {channels: [email], fallback_after: 1h}}", 8 * 86400, 2),
        ("{message: {channels: [email, social_ad], fallback_after: 1h}}", 86400, 2),
    ],
)
def test_a_bound_of_a_weekly_journeys_sends(step: str, per_s: int, most: int) -> None:
    text = SHOP.replace(
        JOURNEY,
        f"    - {{name: mine, trigger: weekly, sequence: [email], steps: [{step}]}}\n",
    )
    journeys = read(text)[0].brand.journeys
    assert most_sends(journeys[-1], per_s) == most
    assert most_sends(journeys[-1].model_copy(update={"trigger": "cart"}), per_s) is None


def test_the_digests_can_tell_a_key_that_is_read() -> None:
    scenario, _ = read(SHOP)
    other, _ = read(SHOP.replace("email: 80%", "email: 20%"))
    assert digests(run(scenario, load(scenario, "omnichannel"))) != digests(
        run(other, load(other, "omnichannel"))
    )


def beside(text: str, capped: bool = False) -> Beside:
    """Return the plan of a strategy with one more journey than the shop."""
    scenario, _ = read(SHOP.replace(JOURNEY, JOURNEY + text).replace("  - email\n", WITH_SMS))
    return Beside(scenario.brand.journeys, capped)


WITH_SMS = "  - email\n  - sms\n"
OVER_SMS = (
    "    - {name: more, trigger: weekly, sequence: [email], steps: "
    "[{message: {shows: generic, channels: [sms]}}]}\n"
)
OVER_EMAIL = OVER_SMS.replace("[sms]", "[email]")


@pytest.mark.parametrize(
    ("plans", "found"), [([], True), ([OVER_EMAIL], True), ([OVER_EMAIL, OVER_SMS], False)]
)
def test_a_channel_that_a_plan_s_message_uses_has_an_effect(plans: list[str], found: bool) -> None:
    text = SHOP.replace("  - email\n", WITH_SMS)
    root = expand_presets(name_presets(parse_document(text, "shop.yaml")))
    said = without_effect(validate_tree(Scenario, root), root, [beside(p) for p in plans])
    assert ("channels.sms" in [finding.key for finding in said]) is found


def test_a_cap_that_a_plan_reaches_or_undercuts_has_an_effect() -> None:
    """The shop sends 5 a day at most, 4 of carts and a letter; a plan with another letter 6."""

    def capped(messages: int, *plans: Beside) -> list[str]:
        text = SHOP.replace("{messages: 3, per: 7d}", f"{{messages: {messages}, per: 1d}}")
        root = expand_presets(name_presets(parse_document(text, "shop.yaml")))
        said = without_effect(validate_tree(Scenario, root), root, plans)
        return [f.message for f in said if f.key == "brand.cap"]

    own, more, lower = beside(""), beside(OVER_EMAIL), beside("", capped=True)
    (alone,) = capped(5)
    assert "a profile at most 5 messages in 1d" in alone
    assert alone.endswith("; a strategy's plan that sends more may reach it")
    (same,) = capped(5, own)
    assert same.endswith("5 are allowed")
    assert capped(5, own, more) == []
    (six,) = capped(6, more, more)
    assert "at most 6 messages in 1d" in six  # of one plan, not of both together
    assert capped(9, lower) == []
