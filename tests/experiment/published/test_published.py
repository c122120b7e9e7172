"""Claims of the trade: what is declared, where a number lies, and the numbers themselves."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

import omnilab
from omnilab.errors import ScenarioError
from omnilab.experiment.plausible.file import WorldSet
from omnilab.experiment.published import over
from omnilab.experiment.published.asked import GAP, missing_in, study_of
from omnilab.experiment.published.declared import FILE, PublishedClaim, read_published
from omnilab.experiment.published.over import Spread, ask_claims, customers_of
from omnilab.experiment.published.running import ClaimReadings, Estimate, ask
from omnilab.experiment.tables import result_rows
from omnilab.report.published import claims_data, claims_document, claims_markdown
from omnilab.scenario.model import Scenario
from tests.worlds import corner

CLAIMS = {c.id: c for c in read_published()[0].claims}


def shop() -> Scenario:
    return corner().with_customers(60)


def worlds_of(kappas: list[float], weights: list[float]) -> WorldSet:
    return WorldSet({"world.satisfaction.kappa": np.array(kappas)}, np.array(weights))


@cache
def found() -> dict[str, ClaimReadings]:
    return {one.claim.id: one for one in ask(shop(), replications=1, seed=1)}


def test_each_claim_has_a_figure_and_two_readings_or_says_what_is_missing() -> None:
    assert len(CLAIMS) == len(read_published()[0].claims)
    for claim in CLAIMS.values():
        assert claim.source
        assert claim.lacks or (claim.as_measured and (claim.causal or claim.no_causal)), claim.id
        assert claim.range is not None or claim.lacks, claim.id


def test_a_claim_that_can_not_be_asked_says_why() -> None:
    no_store = shop().changed({
        "channels": [c.model_dump() for c in shop().channels if c.name != "store"],
        "brand": {"journeys": []},
    })  # fmt: skip
    assert missing_in(CLAIMS["store_trips"], shop()) is None
    assert missing_in(CLAIMS["store_trips"], no_store) == (
        "corner-v1 has no channel store that is visited"
    )
    assert str(missing_in(CLAIMS["billboards"], shop())).endswith(
        "omnilab claims billboard-walk-v1"
    )
    assert str(missing_in(CLAIMS["expectation"], shop())).startswith(
        "the model lacks what a person"
    )
    study = study_of(no_store, replications=1)
    assert study is not None
    assert not any("store" in str(o.only) for o in study.file.outcomes)


@pytest.mark.parametrize(
    ("low", "high", "published", "where"),
    [
        (0.1, 0.2, {"value": 0.15}, "near"),
        (0.1, 0.2, {"value": 0.25}, "below"),
        (0.1, 0.2, {"value": 0.05}, "above"),
        (-0.1, 0.2, {"value": 0.15}, "unclear"),
        (-0.1, 0.2, {"value": 0.3}, "below"),
        (0.4, 0.6, {"interval": (0.5, 3.0)}, "near"),
        (3.1, 3.2, {"interval": (0.5, 3.0)}, "above"),
        (0.3, 9.0, {"at_least": 0.2}, "near"),
        (0.1, 0.15, {"at_least": 0.2}, "below"),
        (None, None, {"value": 0.15}, ""),
    ],
)  # fmt: skip
def test_where_a_number_lies(low, high, published, where) -> None:
    given = CLAIMS["spend"].model_dump(by_alias=True, exclude_none=True)
    given = {k: v for k, v in given.items() if k not in ("interval", "unwritten")}
    claim = PublishedClaim.model_validate(given | published)
    one = ClaimReadings(claim, readings={"causal": Estimate(0.1, low, high)})
    assert one.where("causal") == where
    assert one.where(GAP) == ""


def test_a_value_alone_has_no_effect_that_could_be_none() -> None:
    one = ClaimReadings(CLAIMS["leave_once"], readings={"as_measured": Estimate(0.1, -0.01, 0.2)})
    assert one.where("as_measured") == "near"


def test_the_causal_readings_are_those_of_a_comparison() -> None:
    names = ["no_contact", "single_channel", "multichannel", "omnichannel"]
    compared = omnilab.compare(shop(), names, seed=1, quick=True)
    rows = result_rows(compared._comparison)
    value = {(row["strategy"], row["measure"]): row["value"] for row in rows}
    # Not the lifetime value: that of a claim is of the window, without the run-out.
    for claim, measure in (
        ("purchase_rate", "purchase_rate"), ("purchases", "orders_per_customer"),
    ):  # fmt: skip
        wanted = value["omnichannel", measure] / value["single_channel", measure] - 1
        assert found()[claim].readings["causal"].value == pytest.approx(wanted, abs=1e-9), claim
    wanted = value["multichannel", "continuity"]
    assert found()["continuity"].readings["as_measured"].value == pytest.approx(wanted)


def test_the_gap_is_measured_less_causal() -> None:
    both = 0
    for one in found().values():
        r = one.readings
        if GAP in r and all(r[name].value is not None for name in (GAP, "causal", "as_measured")):
            wanted = r["as_measured"].value - r["causal"].value
            assert r[GAP].value == pytest.approx(wanted, abs=1e-12), one.claim.id
            both += 1
    assert both >= 5
    assert GAP not in found()["several_channels"].readings


def test_a_share_is_of_those_who_visited() -> None:
    several, store = (found()[k].readings["as_measured"].value
                      for k in ("several_channels", "store_only"))  # fmt: skip
    assert several is not None
    assert store is not None
    assert 0 < several < 1
    assert 0 <= store <= 1 - several


def test_who_is_annoyed_leaves_less_where_nobody_leaves_for_it() -> None:
    r = found()["leave_once"].readings
    assert r["causal"].value is not None
    assert r["as_measured"].value is not None
    assert -1e-12 <= r["causal"].value <= r["as_measured"].value


def test_over_worlds_it_is_the_mean_by_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def asked(scenario: Scenario, *, replications: int, seed: int, **_: object):
        kappa = scenario.world.satisfaction.kappa
        seen.append((round(kappa, 6), seed, replications))
        e = Estimate(kappa, kappa - 0.2, kappa + 0.2)
        return [ClaimReadings(CLAIMS["spend"], readings={"causal": e})]

    monkeypatch.setattr(over, "ask", asked)
    worlds = worlds_of([0.1, 0.5, 0.9], [0.5, 0.25, 0.25])
    result = ask_claims(shop(), worlds, replications=2, seed=7)
    assert sorted(seen) == [(0.1, 7, 2), (0.5, 8, 2), (0.9, 9, 2)]
    spread = result.found[0].readings["causal"]
    assert isinstance(spread, Spread)
    assert spread.value == pytest.approx(0.4)
    half = 0.2 * (0.5**2 + 2 * 0.25**2) ** 0.5
    assert (spread.low, spread.high) == pytest.approx((0.4 - half, 0.4 + half))
    assert (spread.world_low, spread.world_high, spread.worlds) == (0.1, 0.9, 3)
    assert "3 worlds" in claims_document(result).setting
    assert spread.same_sign is not None
    assert 0.9 < spread.same_sign <= 1.0  # 0.1 ± 0.2 is chance, not a world in which it is less
    row = claims_data(result)["claims"][0]["readings"]["causal"]
    assert row["same_sign"] == spread.same_sign
    assert f"{100 * spread.same_sign:.0f}% above 0" in str(claims_document(result).tables)


def test_worlds_that_have_another_sign_are_counted() -> None:
    four = worlds_of([0.0, 0.3, 0.6, 0.9], [0.1, 0.2, 0.3, 0.4])
    far = [Estimate(x, x - 1e-3, x + 1e-3) for x in (-2.0, -1.0, 1.0, 2.0)]
    assert over._spread(far, four).same_sign == pytest.approx(0.7, abs=1e-6)
    no_interval = [Estimate(x) for x in (-2.0, -1.0, 1.0, 2.0)]
    assert over._spread(no_interval, four).same_sign == pytest.approx(0.7)


def test_a_world_without_a_value_is_left_out_of_the_mean() -> None:
    three = worlds_of([0.2, 0.5, 0.9], [1.0, 5.0, 5.0])
    spread = over._spread([Estimate(0.2, 0.1, 0.3), Estimate(None, reason="none"), None], three)
    assert (spread.value, spread.worlds) == (0.2, 1)
    nothing = over._spread([Estimate(None, reason="nobody bought")], worlds_of([0.2], [1.0]))
    assert (nothing.value, nothing.reason) == (None, "nobody bought")


def test_the_report_names_every_claim_once() -> None:
    result = ask_claims(shop(), replications=1)
    document = claims_document(result)
    asked, unasked = document.tables
    names = [name for name, _ in (*asked.rows, *unasked.rows)]
    assert sorted(names) == sorted(c.replace("_", " ") for c in CLAIMS)
    text = claims_markdown(result, "omnilab claims corner-v1")
    assert all(c.title in text and c.source in text for c in CLAIMS.values())
    rows = {row["id"]: row for row in claims_data(result)["claims"]}
    assert rows["omnichannel_spend"]["published_high"] is None
    assert rows["leave_once"]["readings"]["causal"]["unit"] == "pts"
    assert rows["several_channels"]["readings"]["as_measured"]["unit"] == "%"


def test_a_population_is_a_town_at_least() -> None:
    assert customers_of(shop()) == 1000
    assert customers_of(shop().changed({"population": {"town": 3000, "customers": 3000}})) == 3000


def test_a_wrong_file_is_told_with_its_line(tmp_path: Path) -> None:
    wrong = tmp_path / "claims.yaml"
    wrong.write_text(FILE.read_text().replace("    who: people who do", "    whom: people who do"))
    with pytest.raises(ScenarioError, match=r"claims\.yaml:\d+: .*whom"):
        read_published(wrong)
