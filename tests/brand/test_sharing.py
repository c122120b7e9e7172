"""The sharing choices: their values, and how they act."""

from __future__ import annotations

import pytest

from omnilab.brand.sharing import ALL, CHOICES, HANDOFF, NUMBERS, SILO, Sharing


def test_the_numbers_that_rules_compare_are_those_of_the_names() -> None:
    assert {"silo": SILO, "handoff": HANDOFF, "all": ALL} == NUMBERS


@pytest.mark.parametrize("value", NUMBERS)
def test_one_value_for_all(value: str) -> None:
    sharing = Sharing.every(value)  # type: ignore[arg-type]
    assert {getattr(sharing, name) for name in CHOICES} == {value}


def test_without_linked_identities_nothing_is_shared() -> None:
    assert Sharing(identity="silo", context="all", stop="handoff").effective() == Sharing()


@pytest.mark.parametrize("identity", ["handoff", "all"])
def test_with_them_each_choice_acts_as_it_is(identity: str) -> None:
    sharing = Sharing(identity=identity, context="all")  # type: ignore[arg-type]
    assert sharing.effective() == sharing


@pytest.mark.parametrize("name", CHOICES)
def test_another_value_is_an_error_that_names_the_nearest(name: str) -> None:
    with pytest.raises(ValueError, match=rf"^sharing choice {name} is 'hand.off'.*'?handoff"):
        Sharing(**{name: "hand-off"})
