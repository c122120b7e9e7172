"""Reach curves: the shape that made one comes out of it, and contacts reach what it says."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from omnilab.cli import main
from omnilab.errors import ScenarioError
from omnilab.lowering.model import build_model
from omnilab.scenario.reach import fit_curve, reach_note, reach_of, shape_of
from omnilab.world import media
from tests.plain import plain
from tests.worlds import WEEK, corner

FLIGHT: dict[str, Any] = {"name": "spots", "medium": "radio", "grp": 150, "lasts": "56d"}
GRP = (50.0, 100.0, 200.0, 400.0, 900.0)


def curve_of(shape: float, grp: tuple[float, ...] = GRP) -> dict[str, float]:
    return {f"{g:g}": 1.0 - (1.0 + g / 100.0 / shape) ** -shape for g in grp}


def planned(*flights: dict[str, Any], **world: Any) -> Any:
    return corner(brand={"media": [{**FLIGHT, **flight} for flight in flights]}, world=world)


@pytest.mark.parametrize("shape", [0.07, 0.3, 0.8, 1.0, 2.5, 40.0])
@pytest.mark.parametrize("grp", [GRP, (150.0,)])
def test_a_curve_that_a_shape_made_gives_the_shape_back(
    shape: float, grp: tuple[float, ...]
) -> None:
    fit = fit_curve(curve_of(shape, grp))
    assert fit.shape == pytest.approx(shape, rel=1e-3)
    assert fit.off < 1e-6


def test_of_several_points_the_shape_is_that_of_the_least_squares() -> None:
    noise = np.array([0.011, -0.012, 0.008, -0.01, 0.009])
    curve = {g: r + float(e) for (g, r), e in zip(curve_of(0.6).items(), noise, strict=True)}
    fit = fit_curve(curve)
    shapes = np.geomspace(0.05, 1000.0, 20001)
    contacts = np.array([float(g) for g in curve])[:, None] / 100.0
    off = 1.0 - (1.0 + contacts / shapes) ** -shapes - np.array(list(curve.values()))[:, None]
    assert fit.shape == pytest.approx(shapes[np.argmin((off**2).sum(axis=0))], rel=1e-3)
    at = np.abs(off[:, np.argmin((off**2).sum(axis=0))])
    assert fit.off == pytest.approx(at.max(), abs=1e-4)
    assert fit.at == float(list(curve)[int(at.argmax())])


def test_reach_is_that_of_the_negative_binomial_down_to_few_and_up_to_a_poisson() -> None:
    for contacts in (0.01, 1.0, 30.0):
        assert reach_of(contacts, 0.4) == pytest.approx(1 - (1 + contacts / 0.4) ** -0.4)
        assert reach_of(contacts, 1e9) == pytest.approx(1 - math.exp(-contacts))


def test_people_have_one_habit_a_medium_and_others_keep_the_worlds() -> None:
    scenario = planned({"curve": curve_of(0.3)}, {"name": "b"}, {"name": "c", "medium": "print"},
                       media={"shape": 2.0})  # fmt: skip
    shapes = [shape_of(scenario, medium) for medium in ("radio", "print", "television")]
    assert shapes == [pytest.approx(0.3, rel=1e-3), 2.0, 2.0]
    model = build_model(scenario)
    assert list(model.flight["middle"]) == pytest.approx([shapes[0], shapes[0], 2.0])
    tables = model.flight["table"].tolist()
    assert tables[0] == tables[1] != tables[2]
    twice = planned({"curve": {100: "40%"}}, {"name": "b", "curve": {"100": 0.4}})
    assert twice.brand.media[0].curve == twice.brand.media[1].curve == {"100": 0.4}


def test_simulated_contacts_reach_what_the_curve_says() -> None:
    """Points by hand, of no shape in particular; the weights are those of whole weeks."""
    curve = {150: "40.5%", 300: "51%", 600: "60.5%", 1200: "67%"}
    scenario, n = planned({"curve": curve}, media={"shape": 3.0}), 1500
    model, off = build_model(scenario), fit_curve(scenario.brand.media[0].curve).off
    assert 0.0 < off < 0.02
    begins = int(model.flight[0].begins)
    first = np.array([
        plain(media.next_contact)(model, 8 * entity, 0, 0, begins - 1) for entity in range(n)
    ])  # fmt: skip
    for grp, reach in scenario.brand.media[0].curve.items():
        end = begins + float(grp) / 150.0 * WEEK
        found = np.mean((first >= 0) & (first < end))
        assert found == pytest.approx(reach, abs=off + 4 * math.sqrt(reach * (1 - reach) / n))


@pytest.mark.parametrize(
    ("flights", "said"),
    [
        ([{"curve": {100: "52%", 200: "38%"}}],
         r"curve.*it falls, from 52% at 100 GRP to 38% at 200: more weight reaches no fewer"),
        ([{"curve": {30: "38%"}}],
         "30 GRP are 30 contacts of 100 people and can't reach more than 30% of them, not 38%"),
        ([{"curve": {200: "140%"}}], "curve.*140%"),
        ([{"curve": {100: "0%"}}], "100 GRP reach nobody: leave the point out"),
        ([{"curve": {"much": "20%"}}], "'much' is no weight: write GRP above 0, such as 100"),
        ([{"curve": {0: "20%"}}], "no weight"),
        ([{"curve": {100: "38%", 1000: "41%"}}],
         r"spots\.curve: no shape of habits meets it: the nearest, .* reaches .*% with 100 GRP"),
        ([{"curve": {100: "80%"}}], "no shape of habits meets it: the nearest, 1e\\+03"),
        ([{"curve": {100: "38%"}}, {"name": "b", "curve": {100: "40%"}}],
         r"b\.curve: radio has another curve in spots: people have one habit at a medium"),
    ],
)  # fmt: skip
def test_curves_that_can_not_be(flights: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(ScenarioError, match=said) as raised:
        planned(*flights)
    assert "\n" not in str(raised.value)


def test_validate_says_how_well_a_curve_is_met(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reach_note(planned({})) is None
    file = tmp_path / "spots.yaml"
    file.write_text(
        "id: spots-v1\nextends: mapples-coffee-v1\nbrand:\n  media:\n"
        "    - {name: a, medium: radio, grp: 90, lasts: 4w, curve: {100: 38%, 200: 51%}}\n",
        encoding="utf-8",
    )
    assert main(["validate", str(file)]) == 0
    said = capsys.readouterr().out
    assert "note: The reach curve of radio is met with shape 0.384" in said
    assert "of people (at" in said
