"""What a claim's parts come to, against plain arithmetic on sums of clusters."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from omnilab.experiment.evidence.effects import (
    Contrast,
    Linear,
    Pairing,
    Value,
    combined,
    ratio_of,
)
from omnilab.experiment.evidence.findings import Claim

NUMBERS = {"late_mail": 3.0, "all_mail": 4.0, "late_email": 1.0, "all_email": 5.0}


def pairing(name: str) -> Pairing:
    value = Value(name, "arm", "everybody", "base")
    return Pairing(value, value, "value")


def number(p: Pairing) -> Linear:
    return Linear(NUMBERS[p.first.outcome], np.zeros(2))


def test_less_and_over() -> None:
    late, all_, less = pairing("late_mail"), pairing("all_mail"), pairing("late_email")
    assert combined(Contrast(late, less), number).value == 2.0
    assert combined(Contrast(late, None, all_), number).value == 0.75
    assert combined(Contrast(late, less, all_), number).value == 0.5


def test_a_ratio_less_a_ratio() -> None:
    contrast = Contrast(*map(pairing, ("late_mail", "late_email", "all_mail", "all_email")))
    assert combined(contrast, number).value == pytest.approx(3 / 4 - 1 / 5)
    assert [v.outcome for v in contrast.values] == [
        "late_mail", "late_email", "all_mail", "all_email"
    ]  # fmt: skip


def test_equal_effects_differ_by_nothing() -> None:
    """Of persons in whom two messages do what each does, the interaction is 0 and not rounding."""
    none = np.array([12.0, 3.0, 25.0])
    mail, email = np.array([1.0, 0.0, 2.0]), np.array([2.0, 0.0, 1.0])
    persons = np.array([200.0, 100.0, 127.0])
    arms = {
        name: ratio_of(top, persons)
        for name, top in (
            ("none", none), ("mail", none + mail), ("email", none + email),
            ("both", none + mail + email),
        )
    }  # fmt: skip
    left = (arms["both"] - arms["mail"]) - (arms["email"] - arms["none"])
    assert left.value == 0.0
    assert left.interval() == (0.0, 0.0)
    assert (arms["mail"] - arms["none"]).value == pytest.approx(3 / 427)


def test_the_influence_is_the_change_without_a_cluster() -> None:
    """Of many clusters, what one moves is what leaving it out changes."""
    rng = np.random.default_rng(3)
    sums = rng.gamma(4.0, size=(4, 2000)) + 1.0

    def made(keep: np.ndarray) -> Linear:
        of = dict(zip(NUMBERS, sums[:, keep], strict=True))
        contrast = Contrast(*map(pairing, ("late_mail", "late_email", "all_mail", "all_email")))
        return combined(contrast, lambda p: ratio_of(of[p.first.outcome], np.ones(int(keep.sum()))))

    everybody = np.ones(2000, bool)
    whole = made(everybody)
    for left_out in (0, 7, 1999):
        keep = everybody.copy()
        keep[left_out] = False
        change = whole.value - made(keep).value
        assert change == pytest.approx(whole.by[left_out], rel=0.01, abs=1e-7)


def test_what_less_is_divided_by_needs_both() -> None:
    claim = {
        "id": "S1", "title": "x", "kind": "ordering", "found": {"sign": "+"},
        "effect": {"outcome": "late", "arm": "mail"}, "over": {"outcome": "orders"},
        "less_over": {"outcome": "orders"},
    }  # fmt: skip
    with pytest.raises(ValidationError, match="less_over: only goes with both"):
        Claim.model_validate(claim)
    Claim.model_validate(claim | {"less": {"arm": "email"}})
    part = {k: claim[k] for k in ("effect", "over", "less_over")}
    both = {k: v for k, v in claim.items() if k not in part} | {"all_of": [part, part]}
    with pytest.raises(ValidationError, match="less_over: only goes with both"):
        Claim.model_validate(both)
