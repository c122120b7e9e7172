"""All draws that a person is born with are those of their addresses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from omnilab.draws import streams
from omnilab.kernels.compiling import kernel
from omnilab.world import traits
from tests.plain import plain
from tests.worlds import cell_of, drawn, model_of

MODEL = model_of()
HOUSEHOLD = (1 << 33) + 5  # a number beyond 32 bits
ENTITY = HOUSEHOLD * 8 + 3
#: Place of each draw: (stream, entity, occasion).
WANTED = {
    traits.NATURE: (streams.PERSON, ENTITY, 0),
    traits.NATURE + 1: (streams.PERSON, ENTITY, 1),
    traits.START: (streams.PERSON_START, ENTITY, 0),
    traits.HOME: (streams.HOUSEHOLD, HOUSEHOLD, 1 - 1),
    traits.COOKIES: (streams.COOKIE_RESET, 2 * ENTITY, 0),
    traits.COOKIES + 1: (streams.COOKIE_RESET, 2 * ENTITY + 1, 0),
    traits.RATES: (streams.PERSON_RATES, ENTITY, 0),
    traits.RATES + 1: (streams.PERSON_RATES, ENTITY, 1),
}
LEADS = {0: 0, 1: 1, 2: 2, 3: 3, 4: 1, 5: 0}  # each channel's silo's first channel
for channel, lead in LEADS.items():
    WANTED[traits.RATES + 2 + 2 * channel] = (streams.PERSON_REACH, ENTITY, lead)
    WANTED[traits.RATES + 3 + 2 * channel] = (streams.PERSON_OPT_IN, ENTITY, channel)


@pytest.mark.parametrize("place", sorted(WANTED))
def test_each_draw_has_its_address(place: int) -> None:
    cell = cell_of(1)
    plain(traits.draw_traits)(cell, MODEL, ENTITY, HOUSEHOLD)
    assert plain(traits.drawn)(cell, place) == pytest.approx(
        drawn(MODEL, *WANTED[place]), rel=1e-15
    )


@pytest.mark.parametrize(("categories", "channels"), [(1, 1), (2, 6), (2, 8), (50, 32)])
def test_places_are_padded_to_eights(categories: int, channels: int) -> None:
    used = 6 + categories + 2 * channels
    places = traits.trait_places(categories, channels)
    assert places % 8 == 0
    assert used <= places < used + 8
    table = traits.trait_addresses(categories, range(channels))
    assert not table[:, used:].any()
    assert (table[:, :used] >> 24)[0].all()


@kernel
def draw(cell: Any, model: Any) -> None:
    traits.draw_traits(cell, model, ENTITY, HOUSEHOLD)


def test_compiled_and_plain_are_equal() -> None:
    one, two = cell_of(1), cell_of(1)
    draw(one, MODEL)
    plain(traits.draw_traits)(two, MODEL, ENTITY, HOUSEHOLD)
    np.testing.assert_array_equal(one.trait, two.trait)
