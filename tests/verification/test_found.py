"""What the ablations gave is what they give: the surest of it shows with few customers, too.

The engine's rules are in no digest of tests/docs/test_found.py. Here each ablation is run again
with few customers. A claim is held whose kept interval is so far from zero that, by the root of
the numbers of customers, its estimate would be `SURE` standard errors off zero even so: chance
turns the sign of one of them in 10,000 runs.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from omnilab.experiment.evidence.running import run_study
from tests.docs.made import maker

#: It runs every ablation.
pytestmark = pytest.mark.slow

FOUND = maker("make_found")
CUSTOMERS: Final = 1500
SURE: Final = 4.0


def sure(claim: dict[str, Any], customers: int, fewer: int) -> bool:
    """Tell whether a claim's sign would be told by fewer customers."""
    if claim["low"] is None or claim["said"] == "0":
        return False
    error = (claim["high"] - claim["low"]) / 3.92
    return abs(claim["estimate"]) > SURE * error * max(1.0, customers / fewer) ** 0.5


def test_what_is_sure_hangs_on_how_many_there_are() -> None:
    claim = {"estimate": -1.0, "low": -1.098, "high": -0.902, "said": "-"}  # of 20 errors
    assert sure(claim, 10_000, 500)
    assert not sure(claim, 10_000, 300)
    assert not sure(claim | {"low": None}, 10_000, 500)


def test_enough_is_held() -> None:
    held = [
        (name, claim["id"])
        for name in FOUND.names()
        for claim in FOUND.kept(name)["claims"]
        if sure(claim, FOUND.kept(name)["customers"], CUSTOMERS)
    ]
    assert len(held) >= 60
    assert len({name for name, _ in held}) >= 25


def test_stories_name_no_ablation_of_which_nothing_is_held() -> None:
    tests = [row.get("test", "") for row in maker("make_stories").stories()]
    signs = test_an_ablation_gives_the_signs_that_are_kept.__name__
    cases = {case[:-1] for _, found, case in (t.partition(f"::{signs}[") for t in tests) if found}
    assert cases
    assert [c for c in cases if not any(
        sure(x, FOUND.kept(c)["customers"], CUSTOMERS) for x in FOUND.kept(c)["claims"]
    )] == []  # fmt: skip


@pytest.mark.parametrize("name", FOUND.names())
def test_an_ablation_gives_the_signs_that_are_kept(name: str) -> None:
    kept = FOUND.kept(name)
    held = [c for c in kept["claims"] if sure(c, kept["customers"], CUSTOMERS)]
    if not held:
        pytest.skip(f"nothing that {CUSTOMERS:,} customers would show")
    customers = min(CUSTOMERS, kept["customers"])
    result = run_study(FOUND.study_of(name), seed=2, customers=customers)
    now = {c.claim: c.simulated for c in result.claims}
    turned = {c["id"]: (c["estimate"], now[c["id"]]) for c in held
              if not (now[c["id"]] or 0.0) * c["estimate"] > 0.0}  # fmt: skip
    assert turned == {}
