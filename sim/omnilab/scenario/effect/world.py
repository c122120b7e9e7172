"""The world's mechanisms: numbers of one that this scenario never sets going."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from omnilab.errors import ScenarioError
    from omnilab.scenario.effect.look import Look
    from omnilab.scenario.model import Scenario

__all__ = ["silent_keys", "world_findings"]


def world_findings(look: Look) -> Iterator[ScenarioError]:
    """Yield the keys of ``world`` that the user wrote and that nothing can read."""
    for keys, acts, why in _NEEDS:
        if acts(look.scenario):
            continue
        for key in keys:
            path = ("world", *key.split("."))
            if look.wrote(path):
                yield look.at(path, why)


def silent_keys(scenario: Scenario) -> list[str]:
    """Return the dotted keys whose mechanism nothing in the scenario sets going."""
    silent = [f"world.{key}" for keys, acts, _ in _NEEDS if not acts(scenario) for key in keys]
    if not _runs_out(scenario):
        silent.append("stock")
    entry = scenario.population.entry
    if entry is not None and entry.early.share == 0:
        silent.append("population.entry.early")
    if entry is not None and not entry.by:
        silent += ["population.entry.share", "population.entry.after"]
    return silent


def _places(scenario: Scenario) -> bool:
    return bool(scenario.places)


def _replied(scenario: Scenario) -> bool:
    return any(c.message and c.message.reply > 0 for c in scenario.channels)


def _delivers(scenario: Scenario) -> bool:
    return any(c.delivery for c in scenario.channels)


def _friends(scenario: Scenario) -> bool:
    return scenario.world.friends.each > 0


def _rivals(scenario: Scenario) -> bool:
    return scenario.world.rivals.number > 0


def _preference(scenario: Scenario) -> bool:
    return scenario.world.preference.pull > 0 or scenario.world.tips.by_preference != 0


def _media(scenario: Scenario) -> bool:
    return bool(scenario.brand.media)


def _content(scenario: Scenario) -> bool:
    return bool(scenario.brand.content)


def _posts(scenario: Scenario) -> bool:
    return bool(scenario.brand.posts)


def _unaware(scenario: Scenario) -> bool:
    return scenario.world.preference.known < 1 and (
        _media(scenario) or _content(scenario) or _posts(scenario)
    )


def _written(scenario: Scenario) -> bool:
    return scenario.world.reviews.written > 0


def _read(scenario: Scenario) -> bool:
    return scenario.world.reviews.read > 0


def _names_goods(scenario: Scenario) -> bool:
    return scenario.world.site_search.each > 0 and _goods(scenario)


def _refers(scenario: Scenario) -> bool:
    return scenario.brand.referral.reward > 0 or scenario.brand.referral.friend > 0


def _offers(scenario: Scenario) -> bool:
    steps = [step for journey in scenario.brand.journeys for step in journey.steps]
    return any(step.message and step.message.offer > 0 for step in steps) or any(
        act.offer > 0 for c in scenario.channels for act in c.acts
    )


def _hands_out(scenario: Scenario) -> bool:
    return _offers(scenario) or bool(scenario.brand.offers)


def _reduces(scenario: Scenario) -> bool:
    worth = _card(scenario) and scenario.brand.loyalty.worth > 0
    return _hands_out(scenario) or worth or _refers(scenario) or _tiers(scenario)


def _compared(scenario: Scenario) -> bool:
    return scenario.world.reference_price.gain > 0


def _some_do_not_use(scenario: Scenario) -> bool:
    return 0 < scenario.world.offers.redeems < 1


def _bound(scenario: Scenario) -> bool:
    return any(offer.channels for offer in scenario.brand.offers)


def _typed(scenario: Scenario) -> bool:
    return any(c.visit and c.visit.typed for c in scenario.channels)


def _devices(scenario: Scenario) -> bool:
    return any(c.visit and c.visit.devices for c in scenario.channels)


def _looks_around(scenario: Scenario) -> bool:
    return any(c.visit and c.visit.idle > 0 for c in scenario.channels)


def _looks_again(scenario: Scenario) -> bool:
    interest = scenario.world.interest
    return interest.after_order > 0 or interest.after_visit > 0


def _looks_differ(scenario: Scenario) -> bool:
    return scenario.world.interest.shape > 0


def _takes_time(scenario: Scenario) -> bool:
    times = scenario.world.visit_time
    return times.looking + times.choosing + times.buying > 0


def _cookies(scenario: Scenario) -> bool:
    places = [c.visit for c in scenario.channels if c.visit]
    return any(x.type == "cookie" for visit in places for x in visit.identifiers)


def _service(scenario: Scenario) -> bool:
    return scenario.brand.contact is not None or any(
        c.visit and c.visit.service for c in scenario.channels
    )


def _answers(scenario: Scenario) -> bool:
    return scenario.brand.contact is not None


def _lines(scenario: Scenario) -> bool:
    contact = scenario.brand.contact
    return contact is not None and any(team.number is not None for team in contact.agents)


def _page(scenario: Scenario) -> bool:
    contact = scenario.brand.contact
    return contact is not None and contact.page is not None


def _ads(scenario: Scenario) -> bool:
    return any(c.message and c.message.ad for c in scenario.channels)


def _emails(scenario: Scenario) -> bool:
    return any(c.message and c.message.address == "email" for c in scenario.channels) or any(
        x.type == "email" for c in scenario.channels if c.visit for x in c.visit.identifiers
    )


def _card(scenario: Scenario) -> bool:
    return scenario.brand.loyalty.card > 0


def _card_or_target(scenario: Scenario) -> bool:
    return _card(scenario) or _targets(scenario)


def _programme(scenario: Scenario) -> bool:
    return scenario.brand.programme is not None


def _targets(scenario: Scenario) -> bool:
    programme = scenario.brand.programme
    return programme is not None and bool(programme.targets)


def _tiers(scenario: Scenario) -> bool:
    programme = scenario.brand.programme
    return programme is not None and bool(programme.tiers)


def _balance(scenario: Scenario) -> bool:
    programme = scenario.brand.programme
    return programme is not None and programme.balance is not None


def _apologises(scenario: Scenario) -> bool:
    steps = [step for journey in scenario.brand.journeys for step in journey.steps]
    return scenario.brand.notes_failures or any(s.message and s.message.apologises for s in steps)


def _notes(scenario: Scenario) -> bool:
    return scenario.brand.notes_failures


def _searches(scenario: Scenario) -> bool:
    return any(c.search for c in scenario.channels)


def _some_stay_away(scenario: Scenario) -> bool:
    part = scenario.world.search
    return part.brand_comes < 1 or part.other_comes < 1


def _persons_differ(scenario: Scenario) -> bool:
    return scenario.world.response.personal_sd > 0


def _annoys(scenario: Scenario) -> bool:
    continuity = scenario.world.continuity
    return continuity.annoys > 0 or (continuity.unknown_annoys > 0 and _service(scenario))


def _created(scenario: Scenario) -> bool:
    world = scenario.world
    made = world.media.makes + world.content.makes + world.posts.makes
    return world.response.created + made > 0


def _affinities(scenario: Scenario) -> bool:
    return scenario.world.taste.spread > 0


def _bought_counts(scenario: Scenario) -> bool:
    return scenario.world.taste.bought != 0


def _saturates(scenario: Scenario) -> bool:
    return scenario.world.saturation.slope > 0


def _young(scenario: Scenario) -> bool:
    return scenario.world.recency.young != 0


def _learns_channels(scenario: Scenario) -> bool:
    return scenario.world.familiarity.effort != 0


def _acts(scenario: Scenario) -> bool:
    return any(c.acts for c in scenario.channels)


def _asks(scenario: Scenario) -> bool:
    steps = [step for journey in scenario.brand.journeys for step in journey.steps]
    return any(step.message and step.message.asks for step in steps)


def _does(*names: str) -> Callable[[Scenario], bool]:
    return lambda scenario: any(act.act in names for c in scenario.channels for act in c.acts)


def _pays_answers(scenario: Scenario) -> bool:
    messages = (s.message for journey in scenario.brand.journeys for s in journey.steps)
    return any(m and m.asks_reply and m.incentive > 0 and m.asks is None for m in messages)


def _bribes(scenario: Scenario) -> bool:
    messages = (s.message for journey in scenario.brand.journeys for s in journey.steps)
    return any(m and m.asks and m.incentive > 0 for m in messages) or any(
        act.incentive + act.points + act.offer > 0 for c in scenario.channels for act in c.acts
    )


def _wearies(scenario: Scenario) -> bool:
    return scenario.world.fatigue.slow > 0


def _wears_out(scenario: Scenario) -> bool:
    return scenario.world.creatives.novelty > 0 or scenario.world.creatives.wear > 0


def _interrupts(scenario: Scenario) -> bool:
    return scenario.world.interruption.takes > 0


def _wakes(scenario: Scenario) -> bool:
    return scenario.world.waking.leaves > 0


def _forms_habits(scenario: Scenario) -> bool:
    return scenario.world.routine.cues > 0 or scenario.world.routine.pull > 0


def _cues(scenario: Scenario) -> bool:
    return scenario.world.routine.cues > 0


def _lapses(scenario: Scenario) -> bool:
    return scenario.world.attrition.yearly > 0


def _members(scenario: Scenario) -> bool:
    return _card(scenario) or _programme(scenario)


def _saves_up(scenario: Scenario) -> bool:
    return _card(scenario) or _balance(scenario)


def _retains(scenario: Scenario) -> bool:
    steps = [step for journey in scenario.brand.journeys for step in journey.steps]
    return any(step.message and step.message.retains for step in steps)


def _stages(scenario: Scenario) -> bool:
    return scenario.world.stage.fits > 0


def _wears_by_exposures(scenario: Scenario) -> bool:
    return scenario.world.repetition.half == 0


def _diminishes(scenario: Scenario) -> bool:
    return scenario.world.repetition.half > 0


def _spaced(scenario: Scenario) -> bool:
    return scenario.world.repetition.massed > 0


def _accounts(scenario: Scenario) -> bool:
    return scenario.world.accounts.share > 0


def _talks(scenario: Scenario) -> bool:
    return scenario.world.accounts.talks > 0


def _cart_messages(scenario: Scenario) -> bool:
    steps = [step for journey in scenario.brand.journeys for step in journey.steps]
    return any(step.message and step.message.shows == "cart" for step in steps)


def _themes(scenario: Scenario) -> bool:
    return scenario.brand.themes is not None


def _compares(scenario: Scenario) -> bool:
    return scenario.world.consistency.echo > 0 or scenario.world.consistency.clash > 0


def _messages(scenario: Scenario) -> bool:
    return any(c.message for c in scenario.channels)


def _runs_out(scenario: Scenario) -> bool:
    return scenario.stock.holds_units


def _goods(scenario: Scenario) -> bool:
    return any(category.goods for category in scenario.categories)


def _baskets(scenario: Scenario) -> bool:
    return any(category.lines > 1 for category in scenario.categories)


def _groups(scenario: Scenario) -> bool:
    return any(good.group for category in scenario.categories for good in category.goods)


def _ranked(scenario: Scenario) -> bool:
    goods = [good for category in scenario.categories for good in category.goods]
    return any(good.popularity is None for good in goods)


def _priced(scenario: Scenario) -> bool:
    return scenario.world.goods.price > 0


#: Keys below ``world``, when they act, and what to say where they don't.
_NEEDS: Final[tuple[tuple[tuple[str, ...], Callable[[Scenario], bool], str], ...]] = (
    (("replies",), _replied, "no channel has a `reply` in its `message` side"),
    (
        ("replies.incentive",), _pays_answers,
        "no message that `asks_reply`, and asks for no act, has an incentive",
    ),
    (("places",), _places, "there are no `places`"),
    (("fulfilment",), _delivers, "no channel has a `delivery`"),
    (("friends.rewired",), _friends, "`friends.each` is 0: tips go to anybody in the cell"),
    (
        ("rivals.utility", "rivals.completes", "rivals.let_down", "preference.known"),
        _rivals, "`rivals.number` is 0, so no need is taken to one",
    ),
    (
        ("preference.good", "preference.bad", "preference.forget"),
        _preference, "neither `preference.pull` nor `tips.by_preference` asks for a preference",
    ),
    (("media",), _media, "there is no `brand.media`"),
    (("content",), _content, "there is no `brand.content`"),
    (("posts",), _posts, "there are no `brand.posts`"),
    (
        ("media.image", "content.image", "posts.image"), _preference,
        "neither `preference.pull` nor `tips.by_preference` asks for a preference",
    ),
    (
        ("awareness",), _unaware,
        "all know the brand (`preference.known`), or no `brand.media`, content or posts tell of it",
    ),
    (
        (
            "reviews.moderate", "reviews.quality", "reviews.spread", "reviews.bad",
            "reviews.delay", "reviews.signed",
        ),
        _written, "`reviews.written` is 0, so nobody writes one",
    ),
    (
        ("reviews.trust", "reviews.usual", "reviews.enough"),
        _read, "`reviews.read` is 0, so nobody reads one",
    ),
    (("site_search",), _devices, "no channel is visited by computer, phone or tablet"),
    (("site_search.specific",), _names_goods, "nobody searches, or no category has `goods`"),
    (("referral",), _refers, "`brand.referral` has no reward, so nobody gets a link"),
    (("goods",), _goods, "no category has `goods`"),
    (("goods.together",), _baskets, "`lines` of all categories is 1, so no order has two goods"),
    (("goods.group",), _groups, "no good has a `group`"),
    (("goods.rank",), _ranked, "all goods have a `popularity`"),
    (("goods.price_spread",), _priced, "`goods.price` is 0, so prices move nobody"),
    (("stock",), _runs_out, "no place of `stock` holds units, so nothing is ever out"),
    (
        ("response.offer", "response.offer_lasts", "offers"), _hands_out,
        "no journey's message has an `offer`, and none `gives` one",
    ),
    (
        ("reference_price",), _reduces,
        "nothing comes off a price: no offer, no card, no reward of a referral and no tier",
    ),
    (
        ("reference_price.aversion", "reference_price.keeps", "reference_price.seen"), _compared,
        "`reference_price.gain` is 0, so prices are not compared",
    ),
    (
        ("offers.usual", "offers.steep"), _some_do_not_use,
        "`offers.redeems` is not between 0 and 1, so worth makes no difference",
    ),
    (("offers.pulls",), _bound, "no offer of `brand.offers` is bound to `channels`"),
    (
        ("identifiers.typo", "identifiers.typo_hits"), _typed,
        "no channel has `typed: true`, so nobody types an identifier at a till",
    ),
    (
        (
            "identifiers.short_lived", "identifiers.short_life", "identifiers.resets",
            "identifiers.resets_a_month", "identifiers.shared_pc",
        ),
        _cookies, "no channel shows a cookie",
    ),
    (("identifiers.changes_a_year",), _emails, "no channel shows or uses an e-mail address"),
    (
        ("continuity.service", "continuity.service_after", "continuity.unknown_annoys",
         "satisfaction.recovery"),
        _service, "no channel has `service: true`, so there are no service contacts",
    ),
    (("questions",), _answers, "nobody answers questions: there is no `brand.contact`"),
    (
        ("questions.patience", "questions.wait_annoys"), _lines,
        "no team of agents has a `number`, so nobody waits",
    ),
    (("questions.tries_page",), _page, "`brand.contact` has no `page`"),
    (("habit.fades",), _annoys, "nothing annoys that a person could get used to"),
    (("fatigue.wear_out",), _ads, "no channel has `ad: true`, and only ads wear out"),
    (
        ("fatigue.wear_out",), _wears_by_exposures,
        "`repetition.half` is above 0, and says what ads are worth in its place",
    ),
    (("repetition",), _ads, "no channel has `ad: true`, and only ads add up so"),
    (("repetition.memory",), _diminishes, "`repetition.half` is 0, so no ad is counted"),
    (("repetition.apart",), _spaced, "`repetition.massed` is 0, so spacing does not count"),
    (("devices",), _devices, "no channel has `devices: true`"),
    (("interest",), _looks_around, "no channel has visits without a need: `idle` is 0"),
    (
        ("interest.fades",), _looks_again,
        "no visit leads to another: `after_order` and `after_visit` are 0",
    ),
    (("interest.with_needs",), _looks_differ, "`interest.shape` is 0, so persons do not differ"),
    (
        ("visit_time.spread", "visit_time.phone", "visit_time.tablet", "visit_time.elsewhere"),
        _takes_time, "no step of a visit takes time: `looking`, `choosing` and `buying` are 0",
    ),
    (("acts",), _acts, "no channel has `acts`"),
    (("acts.asked",), _asks, "no journey's message `asks` for an act"),
    (("acts.incentive", "acts.crowds"), _bribes, "no act has an incentive, points or an offer"),
    (("acts.joined",), _does("join"), "no channel offers the act join"),
    (("acts.logged_in",), _does("log_in"), "no channel offers the act log_in"),
    (
        ("goal",), _card_or_target,
        "there is no loyalty card: `brand.loyalty.card` is 0, and no `brand.programme.targets`",
    ),
    (("rewarding",), _programme, "there is no `brand.programme`"),
    (
        ("rewarding.draws", "rewarding.reached", "rewarding.missed"), _targets,
        "there are no `brand.programme.targets`",
    ),
    (
        ("rewarding.draws",), _rivals,
        "is felt against rivals, and there are none: `rivals.number` is 0",
    ),
    (("rewarding.promoted", "rewarding.demoted"), _tiers, "there are no `brand.programme.tiers`"),
    (("rewarding.loads", "rewarding.ease"), _balance, "there is no `brand.programme.balance`"),
    (("recovery",), _apologises, "no message `apologises`, and the brand notes no failures"),
    (("recovery.complains",), _notes, "nobody listens: `brand.notes_failures` is false"),
    (("search",), _searches, "no channel has a `search` side"),
    (
        ("search.knows", "search.rival"), _some_stay_away,
        "everybody comes: `brand_comes` and `other_comes` are 100%",
    ),
    (("affinity.own",), _persons_differ, "`response.personal_sd` is 0, so persons do not differ"),
    (("creation",), _created, "nothing makes needs: `response.created` and each `makes` are 0"),
    (("fatigue.slow_memory",), _wearies, "`fatigue.slow` is 0, so no months are remembered"),
    (("interruption.calm",), _interrupts, "`interruption.takes` is 0, so nothing is taken"),
    (("stage.narrows",), _stages, "`stage.fits` is 0, so no message meets a stage"),
    (
        ("waking.sleeps", "waking.by_visits"), _wakes,
        "`waking.leaves` is 0, so nobody is woken to leave",
    ),
    (
        ("routine.until", "routine.fades"), _forms_habits,
        "habits do nothing: `routine.cues` and `routine.pull` are 0",
    ),
    (
        ("routine.needs", "routine.steep"), _cues,
        "`routine.cues` is 0, so nobody goes anywhere out of habit",
    ),
    (
        (
            "attrition.shape", "attrition.ageing", "attrition.before", "attrition.member",
            "attrition.stake", "attrition.care", "attrition.lasts", "attrition.answers",
        ),
        _lapses, "`attrition.yearly` is 0, so nobody leaves without a cause",
    ),
    (
        ("attrition.member",), _members,
        "there is nothing to be a member of: `brand.loyalty.card` is 0, and no `brand.programme`",
    ),
    (
        ("attrition.stake",), _saves_up,
        "nothing is at stake: `brand.loyalty.card` is 0, and no `brand.programme.balance`",
    ),
    (
        ("attrition.care", "attrition.lasts", "attrition.answers"), _retains,
        "no journey's message `retains`",
    ),
    (
        (
            "accounts.deciders", "accounts.shortlist", "accounts.decision", "accounts.ordering",
            "accounts.talks", "accounts.passes", "accounts.looks",
        ),
        _accounts, "`accounts.share` is 0, so nobody buys for an account",
    ),
    (("accounts.passes",), _talks, "`accounts.talks` is 0, so members tell each other nothing"),
    (("interruption.takes",), _cart_messages, "no journey's message shows the cart"),
    (
        ("creatives.memory",), _wears_out,
        "nothing wears out: `creatives.novelty` and `creatives.wear` are 0",
    ),
    (("consistency",), _themes, "no message has a theme: there are no `brand.themes`"),
    (
        ("consistency.memory",), _compares,
        "themes change nothing: `consistency.echo` and `consistency.clash` are 0",
    ),
    (("saturation.memory",), _saturates, "`saturation.slope` is 0, so no message adds to another"),
    (
        ("familiarity.learns", "familiarity.before"), _learns_channels,
        "`familiarity.effort` is 0, so no channel has to be learnt",
    ),
    (("recency.settles",), _young, "`recency.young` is 0, so there is nothing to settle"),
    (("taste.with_need",), _affinities, "`taste.spread` is 0, so persons do not differ"),
    (("taste.memory",), _bought_counts, "`taste.bought` is 0, so no order adds anything"),
    (
        (
            "affinity", "consistency", "creation", "creatives", "exposure", "fatigue",
            "interruption", "mailshot", "offers", "opt_out", "recency", "repetition",
            "response", "saturation", "stage", "taste", "waking",
        ),
        _messages, "no channel has a `message` side",
    ),
)  # fmt: skip
