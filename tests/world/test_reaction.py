"""What a delivered message drives a person to."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from omnilab.world import fatigue
from omnilab.world.fatigue import BAD_AFTER_STOP, BAD_FROM_SPAM, COMPLAINS, OPTS_OUT, STOPS_ALL
from tests.plain import plain

can_react = plain(fatigue.can_react)
reaction = plain(fatigue.reaction)

RULES = ("world/fatigue.py",)
IDEAL = 2.0
NEVER, SURELY = 0.99, 0.0  # uniforms


def make_model(**channel: float) -> Any:
    """Return a model with one channel, where nothing happens unless the channel says so."""
    return SimpleNamespace(
        ch=[SimpleNamespace(**{"ad": 0, "opt_out": 0.0, "complaint": 0.0, **channel})],
        fatigue=SimpleNamespace(convexity=1.0, stop_all=0.25, spam_bad=0.3),
        continuity=SimpleNamespace(annoys=0.2),
        opt_out=SimpleNamespace(on=0),
    )


def make_person(stopped: int = 0) -> Any:
    return SimpleNamespace(ideal=IDEAL, stopped=stopped, consent=0b11)


def react(
    model: Any, person: Any, weekly: float = 1.0, out: float = NEVER, all_: float = NEVER,
    upset: float = 0.5,
) -> int:  # fmt: skip
    return reaction(model, person, 0, weekly, out, all_, upset)


def test_a_welcome_message_has_no_reaction() -> None:
    model, person = make_model(), make_person()
    assert not can_react(model, person, model.ch[0], 2 * IDEAL)
    assert react(model, person, 2 * IDEAL, SURELY, SURELY, 0.999) == 0
    assert (person.consent, person.stopped) == (0b11, 0)


def test_an_opt_out_takes_back_the_channels_permission_only() -> None:
    model, person = make_model(opt_out=0.1), make_person()
    assert can_react(model, person, model.ch[0], 1.0)
    assert react(model, person, out=0.1) == 0
    assert react(model, person, out=0.0999) == OPTS_OUT
    assert (person.consent, person.stopped) == (0b10, 0)


@pytest.mark.parametrize(("all_", "stops"), [(0.2499, True), (0.25, False)])
def test_some_who_opt_out_want_no_messages_at_all(all_: float, stops: bool) -> None:
    model, person = make_model(opt_out=0.1), make_person()
    assert react(model, person, out=SURELY, all_=all_) == OPTS_OUT | STOPS_ALL * stops
    assert person.stopped == stops


def test_past_the_ideal_opting_out_grows_and_ads_are_exempt() -> None:
    """One and a half times the ideal: 1 + convexity * .5**2."""
    weekly = 1.5 * IDEAL
    assert react(make_model(opt_out=0.1), make_person(), weekly, out=0.1249) == OPTS_OUT
    assert react(make_model(opt_out=0.1), make_person(), weekly, out=0.1251) == 0
    assert react(make_model(opt_out=0.1, ad=1), make_person(), weekly, out=0.1001) == 0


def test_complaints_come_beside_everything_else() -> None:
    model = make_model(complaint=0.01, opt_out=0.1)
    assert react(model, make_person(), upset=0.0099) == COMPLAINS
    assert react(model, make_person(), upset=0.01) == 0
    assert react(model, make_person(), out=SURELY, upset=0.0) == COMPLAINS | OPTS_OUT


def test_a_message_after_stop_all_may_be_a_bad_experience() -> None:
    model, person = make_model(), make_person(stopped=1)
    assert can_react(model, person, model.ch[0], 0.0)
    assert react(model, person, upset=0.8) == BAD_AFTER_STOP
    assert react(model, person, upset=0.79) == 0
    assert react(model, person, 3 * IDEAL, upset=0.75) == 0  # spam, but that is not asked then


def test_more_than_twice_the_ideal_is_spam() -> None:
    model, person = make_model(), make_person()
    assert can_react(model, person, model.ch[0], 2.001 * IDEAL)
    assert react(model, person, 2.001 * IDEAL, upset=0.701) == BAD_FROM_SPAM
    assert react(model, person, 2.001 * IDEAL, upset=0.699) == 0
    assert react(model, person, 2.0 * IDEAL, upset=0.999) == 0
    ad = make_model(ad=1)
    assert not can_react(ad, person, ad.ch[0], 3 * IDEAL)
