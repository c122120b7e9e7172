"""A team's first files: whatever it says, they can be read and mean what it said."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.brand.sharing import Sharing
from omnilab.errors import OptionError
from omnilab.experiment.gate.declared import Gate, read_gate
from omnilab.parameters.quantity import DAY
from omnilab.scenario.load import load_scenario, read_scenario
from omnilab.scenario.model import Scenario
from omnilab.scenario.preset import preset_data, preset_names
from omnilab.starter.answers import Answers
from omnilab.starter.files import GATE, HARM, SHOP, WORKFLOW, plan_name, starter_files
from omnilab.strategy.declared import DeclaredStrategy, read_strategy
from tests.starter.building import answers


def read(
    said: Answers, folder: Path
) -> tuple[Scenario, DeclaredStrategy, DeclaredStrategy, Gate]:  # fmt: skip
    """Write the files and read them as the commands do."""
    for name, text in starter_files(said, workflow=False).items():
        (folder / name).write_text(text, encoding="utf-8")
    shop = load_scenario(folder / SHOP)
    plans = (read_strategy(folder / name, shop) for name in (plan_name(said), HARM))
    return shop, next(plans), next(plans), read_gate(folder / GATE, currency=shop.currency)


@given(
    channels=st.lists(st.sampled_from(preset_names("channels")), min_size=1, unique=True).map(
        tuple
    ),
    every=st.integers(5, 900),
    currency=st.sampled_from(["EUR", "USD"]),
)
def test_whatever_is_said_can_be_read(
    channels: tuple[str, ...], every: int, currency: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    try:
        said = answers(channels=channels, every_s=every * DAY, currency=currency)
    except OptionError:  # nobody to come by or to be written to, or half of a pair
        return
    shop, _, harm, gate = read(said, tmp_path_factory.mktemp("shop"))
    assert [channel.name for channel in shop.channels] == list(channels)
    (sold,) = shop.categories
    assert (sold.name, sold.every, sold.margin, sold.returns) == (
        "sneakers",
        every * DAY,
        0.45,
        0.2,
    )
    assert sold.spend.mean == 89.9
    assert (shop.currency, shop.population.customers) == (currency, 4000)
    assert gate.of_kind("measure") is not None
    # Every message goes over a channel that the shop has, and no journey is for nothing.
    for journey in harm.declared.journeys:
        sent = [step.message for step in journey.steps if step.message is not None]
        assert sent
        assert {c for message in sent for c in message.channels} <= set(channels)


def test_a_shop_of_usual_channels_has_nothing_without_effect(tmp_path: Path) -> None:
    read(answers(), tmp_path)
    assert read_scenario(tmp_path / SHOP).no_effects() == []


def test_the_goal_is_what_can_come_about(tmp_path: Path) -> None:
    """Carts come along only where there is somewhere else to go."""
    *_, gate = read(answers(), tmp_path)
    assert (gate.goal.measure, "ltv" in gate.measures) == ("continuity", True)
    *_, gate = read(answers(channels=("web", "email")), tmp_path)
    assert gate.goal.measure == "ltv"
    assert len(gate.measures) == len(set(gate.measures)) == 5


def test_the_harm_is_todays_messages_and_a_blast_whatever_the_plan_is(tmp_path: Path) -> None:
    shop, plan, harm, _ = read(answers(), tmp_path)
    names = [journey.name for journey in shop.brand.journeys]
    assert [journey.name for journey in harm.declared.journeys] == [*names, "blast"]
    assert sum(step.message is not None for step in harm.declared.journeys[-1].steps) == 3
    assert harm.declared.cap == shop.brand.cap != plan.declared.cap
    assert (harm.declared.sharing, plan.declared.sharing.identity) == (Sharing(), "all")


def test_what_the_plan_offers_in_a_comment_can_be_switched_on(tmp_path: Path) -> None:
    shop, *_ = read(answers(), tmp_path)
    place = tmp_path / plan_name(answers())
    text = place.read_text(encoding="utf-8")
    place.write_text(text.replace("# channel: handoff", "channel: handoff"), encoding="utf-8")
    assert read_strategy(place, shop).declared.sharing.channel == "handoff"


def test_links_lead_to_a_channel_that_is_there(tmp_path: Path) -> None:
    """By its preset a letter leads to the web shop; without one it leads to the store."""
    shop, *_ = read(answers(channels=("store", "mail")), tmp_path)
    (mail,) = [channel for channel in shop.channels if channel.name == "mail"]
    assert mail.message is not None
    assert mail.message.landing == "store"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sells": "cart"}, "--sells cart: a message's `shows` has this word already"),
        ({"channels": ("email",)}, "--channels: nobody can come by: add one of web, app"),
        ({"channels": ("web",)}, "--channels: nobody can be written to: add one of push, email"),
        ({"channels": ("web", "push", "email")}, "push reaches who uses app: add app"),
    ],
)
def test_what_cannot_be_is_said(changes: dict[str, object], said: str) -> None:
    with pytest.raises(OptionError) as error:
        answers(**changes)
    assert said in str(error.value)


def test_the_workflow_names_the_plan() -> None:
    workflow = starter_files(answers(name="wine"))[WORKFLOW]
    assert "wine.yaml" in workflow
    assert "kicks" not in workflow


def test_texts_are_for_carts_alone(tmp_path: Path) -> None:
    """They are dear, and press people: news and thanks go by e-mail where there is e-mail."""
    _, plan, *_ = read(answers(channels=("web", "store", "sms", "email")), tmp_path)
    over = {
        journey.name: [s.message.channels for s in journey.steps if s.message is not None]
        for journey in plan.declared.journeys
    }
    assert over["news"] == over["care"] == over["win_back"] == [("email",)]
    assert over["reminder"] == [("email", "sms")]


def test_a_text_is_the_last_that_a_cart_is_reminded_by(tmp_path: Path) -> None:
    """Whoever names the channel means to send over it, so some message does."""
    shop, *_ = read(answers(channels=("web", "app", "push", "store", "email", "sms")), tmp_path)
    (reminder,) = [j for j in shop.brand.journeys if j.name == "reminder"]
    (message,) = [s.message for s in reminder.steps if s.message is not None]
    assert message.channels == ("push", "email", "sms")
    assert message.fallback_after > 0
    assert "sms" in reminder.sequence


def test_a_shop_that_sends_texts_asks_for_numbers_and_for_all_that_it_did(tmp_path: Path) -> None:
    """No preset but the call centre's learns a number, so a text would reach nobody."""
    channels = ("web", "app", "push", "store", "email", "mail", "sms")
    shop, *_ = read(answers(channels=channels), tmp_path)
    for channel in shop.channels:
        if channel.name not in ("web", "app", "store"):
            continue
        assert channel.visit is not None
        known = preset_data("channels", channel.name)["visit"]["identifiers"]
        learnt = [one.type for one in channel.visit.identifiers]
        assert learnt == [*(one["type"] for one in known), "phone"]
        assert channel.visit.identifiers[-1].when == "order"
        assert channel.visit.identifiers[-1].share == 0.5
    assert read_scenario(tmp_path / SHOP).no_effects() == []
    without, *_ = read(answers(), tmp_path)
    kinds = [one.type for c in without.channels if c.visit for one in c.visit.identifiers]
    assert "phone" not in kinds
