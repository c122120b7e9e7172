"""Receipts that lie: who opens by itself, who hides, what a scanner clicks, and what it costs."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from omnilab.draws.philox import make_key
from omnilab.errors import ScenarioError
from omnilab.experiment.comparison import Comparison
from omnilab.log import rows
from omnilab.strategy.plan import Sharing
from omnilab.world.receipts import (
    COMES_BACK,
    HIDDEN,
    HIDES,
    HONEST,
    KNOWN,
    OPENS_ALL,
    SOON,
    answer,
    mail_client,
    soon,
)
from tests.verification.worlds import log, mixture, run, same_rows, sums, world

CASCADE = {
    "name": "news", "trigger": "weekly", "at": "10:00", "sequence": ["email", "messenger", "sms"],
    "steps": [{"message": {"channels": ["email", "messenger", "sms"], "fallback_after": "3d",
                           "success": "opened"}}],
}  # fmt: skip
LIES: dict[str, dict[str, float]] = {
    "honest": {},
    "machines": {"machine_opens": 0.6},
    "hidden": {"hidden_opens": 0.6},
    "scanners": {"scanner_clicks": 0.5},
    "all": {"machine_opens": 0.4, "hidden_opens": 0.4, "scanner_clicks": 0.3},
}


def scenario_of(lies: dict[str, float], **changes: Any) -> Any:
    """Return a world in which one address serves all three channels, so that a cascade runs on."""
    own = {"address": "email", "opt_in": 1.0, "opt_out": 0.0}
    email = {"preset": "email", "message": {**own, "open": 0.4, **lies}}
    others = [{"preset": c, "message": own} for c in ("messenger", "sms")]
    tree: dict[str, Any] = {
        "population": {"customers": 24, "personas": [{"name": "all", "share": 1.0}]},
        "time": {"burn_in": 0, "window": "70d", "run_out": "10d"},
        "channels": ["web", email, *others],
        "brand": {"cap": None, "journeys": [CASCADE], "quiet_hours": None},
    }
    return world(**{**tree, **changes})


@cache
def ran(lies: str, engine: str = "compiled") -> Comparison:
    return run_of(scenario_of(LIES[lies]), engine)


def run_of(scenario: Any, engine: str = "compiled") -> Comparison:
    """Run one profile a person, whose messages go over the channels as declared."""
    in_order = mixture(scenario, replace(Sharing.every("all"), channel="handoff"))
    return run(scenario, [in_order], engine=engine, pilot=5)


def counted(lies: str) -> dict[str, int]:
    return sums(ran(lies))["mixture"]


def rate(lies: str, name: str) -> float:
    value = ran(lies).moments.estimate(name, "mixture").value
    assert value is not None
    return value


def plain(function: Any) -> Any:
    return getattr(function, "py_func", function)


def test_a_mail_client_is_a_persons_own_for_good_and_has_its_share() -> None:
    k0, k1 = make_key(3, 0)
    model = SimpleNamespace(key=SimpleNamespace(k0=k0, k1=k1))
    channel = SimpleNamespace(machine_opens=0.45, hidden_opens=0.25)

    def clients(c: int) -> list[int]:
        people = (SimpleNamespace(entity=i) for i in range(4000))
        return [plain(mail_client)(model, person, c, channel) for person in people]

    first = clients(2)
    assert first == clients(2)
    assert np.mean([x == OPENS_ALL for x in first]) == pytest.approx(0.45, abs=0.03)
    assert np.mean([x == HIDES for x in first]) == pytest.approx(0.25, abs=0.03)
    both = [a == b == OPENS_ALL for a, b in zip(first, clients(3), strict=True)]
    assert np.mean(both) == pytest.approx(0.45**2, abs=0.03)  # another channel, another client
    silent = SimpleNamespace(machine_opens=0.0, hidden_opens=0.0)
    assert plain(mail_client)(model, SimpleNamespace(entity=1), 2, silent) == HONEST


def test_machines_are_quick_and_the_first_receipt_counts() -> None:
    assert [plain(soon)(u) for u in (0.0001, 0.5, 0.9999)] == [1, 31, SOON]
    message = SimpleNamespace(known=0)
    said = [plain(answer)(message, what, hides) for what, hides in (
        (1, True), (1, False), (1, False), (2, False), (2, False))]  # fmt: skip
    assert said == [HIDDEN, COMES_BACK, KNOWN, COMES_BACK, KNOWN]


def test_without_lies_the_brand_sees_what_is_true() -> None:
    assert rate("honest", "seen_open_rate") == rate("honest", "open_rate") > 0.2
    assert rate("honest", "seen_click_rate") == rate("honest", "click_rate") > 0.0
    kinds = log(ran("honest"), "mixture")["kind"]
    assert not np.isin(kinds, [rows.MACHINE_OPEN, rows.SCANNER_CLICK]).any()


def test_with_machine_opens_a_cascade_stops_too_soon() -> None:
    honest, lied_to = counted("honest"), counted("machines")
    assert rate("machines", "seen_open_rate") > rate("machines", "open_rate") + 0.1
    assert lied_to["fallbacks"] < 0.7 * honest["fallbacks"]
    assert lied_to["opened_messages"] < 0.8 * honest["opened_messages"]  # fewer truly read it
    assert rate("machines", "reach_rate") > rate("honest", "reach_rate")  # and the brand is glad


def test_with_hidden_opens_a_cascade_goes_on_in_vain() -> None:
    honest, lied_to = counted("honest"), counted("hidden")
    assert rate("hidden", "seen_open_rate") < rate("hidden", "open_rate") - 0.03
    assert lied_to["fallbacks"] > 1.1 * honest["fallbacks"]
    table = rows.of_kind(log(ran("hidden"), "mixture"), rows.OPEN)
    hidden = set(table.message[table.receipt == 1].tolist())
    sent = rows.of_kind(log(ran("hidden"), "mixture"), rows.SENT)
    again = {m for m in sent.message.tolist() if (sent.message == m).sum() > 1}
    assert len(hidden & again) > 10  # read, and sent again over another channel


def test_a_scanners_click_proves_an_open_to_the_brand_and_leads_nobody_anywhere() -> None:
    honest, lied_to = counted("honest"), counted("scanners")
    assert rate("scanners", "seen_click_rate") > rate("scanners", "click_rate") + 0.1
    assert lied_to["fallbacks"] < 0.8 * honest["fallbacks"]
    table = log(ran("scanners"), "mixture")
    clicks = rows.of_kind(table, rows.SCANNER_CLICK)
    share = len(clicks) / (rows.of_kind(table, rows.DELIVERED).channel == 1).sum()
    assert share == pytest.approx(0.5, abs=0.08)
    assert lied_to["led_visits"] <= lied_to["n_click"]


def test_each_delivered_message_has_at_most_one_receipt_of_a_kind() -> None:
    table = log(ran("all"), "mixture")
    for kinds in ((rows.OPEN, rows.MACHINE_OPEN), (rows.CLICK, rows.SCANNER_CLICK)):
        told = rows.columns(table[np.isin(table["kind"], kinds)], kinds[0])
        told = told[told.receipt == 0]
        sends = list(zip(told.message.tolist(), told.channel.tolist(), strict=True))
        assert len(sends) == len(set(sends)) > 20
    machines = rows.of_kind(table, rows.MACHINE_OPEN)
    at = {(m, c): t for t, m, c in zip(
        *(rows.of_kind(table, rows.DELIVERED)[n].tolist() for n in ("time", "message", "channel")),
        strict=True,
    )}  # fmt: skip
    waits = [t - at[m, c] for t, m, c in zip(
        machines.time.tolist(), machines.message.tolist(), machines.channel.tolist(), strict=True
    )]  # fmt: skip
    assert 1 <= min(waits) <= max(waits) <= SOON


def test_both_engines_write_the_same_receipts() -> None:
    same_rows(log(ran("all"), "mixture"), log(ran("all", "simpy"), "mixture"))
    assert sums(ran("all")) == sums(ran("all", "simpy"))


def test_what_a_person_does_follows_from_the_truth_alone() -> None:
    """One channel and no fallback: the brand does the same, and so does everybody."""
    flow = {**CASCADE, "steps": [{"message": {"channels": ["email"]}}]}
    brand = {"cap": None, "journeys": [flow], "quiet_hours": None}
    told = []
    for lies in ("honest", "all"):
        table = log(run_of(scenario_of(LIES[lies], brand=brand)), "mixture")
        told.append(table[table["kind"] < rows.MACHINE_OPEN])
    same_rows(*told, fields=("time", "person", "kind", "channel", "a"))


@pytest.mark.parametrize(
    ("lies", "words"),
    [
        ({"machine_opens": 1.2}, "machine_opens"),
        ({"hidden_opens": -0.1}, "hidden_opens"),
        ({"machine_opens": 0.7, "hidden_opens": 0.4}, "can't add up to more than 100%"),
        ({"machine_open": 0.4}, "machine_opens"),
    ],
)
def test_bad_shares_are_refused(lies: dict[str, float], words: str) -> None:
    with pytest.raises(ScenarioError, match=words):
        scenario_of(lies)
