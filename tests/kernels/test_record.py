"""Records: a class says what lies in memory, and the type checker knows its fields."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omnilab.kernels.bundle import Bundle, rows_of
from omnilab.kernels.compiling import kernel
from omnilab.kernels.free_list import free_list
from omnilab.kernels.record import (
    Grid,
    Ints,
    Record,
    Records,
    copier,
    dtype_of,
    f8,
    i1,
    i4,
    i8,
    record_array,
    several,
    starter,
)
from tests.conftest import ROOT


class Mood(Record):
    level: f8 = 0.5
    since: i8 = -1


class Habits(Record):
    last: Ints = several(3, i1, first=-1)
    calls: i4


class Somebody(Mood, Habits):
    id: i8


class Room(Record):
    free_guest: i4 = -1
    guests: i4 = 0
    grown: i4 = 0


class Guest(Record):
    next: i4
    name: i8


class House(Bundle):
    meta: Room
    guest: Records[Guest] = rows_of("guest")
    wishes: Grid[int] = rows_of("guest", i8, columns="kinds")


def plain(function: Any) -> Any:
    return getattr(function, "py_func", function)


def test_a_layout_has_the_fields_of_all_bases_aligned() -> None:
    dtype = dtype_of(Somebody)
    assert set(dtype.names or ()) == {"level", "since", "last", "calls", "id"}
    assert dtype["last"].shape == (3,)
    assert dtype["level"] == np.float64
    assert dtype.isalignedstruct


def test_a_record_starts_with_its_first_values_and_keeps_the_rest() -> None:
    somebody = record_array(Somebody, 1)[0]
    somebody.calls, somebody.id, somebody.since = 7, 9, 3
    plain(starter(Somebody, without=("since",)))(somebody)
    assert (somebody.level, somebody.calls, somebody.id, somebody.since) == (0.5, 7, 9, 3)
    assert somebody.last.tolist() == [-1, -1, -1]


def test_a_copy_has_every_field_but_those_left_out() -> None:
    of, to = record_array(Somebody, 2)
    of.level, of.calls, of.id = 0.25, 5, 11
    of.last[:] = (1, 2, 3)
    plain(copier(Somebody, without=("id",)))(to, of)
    assert (to.level, to.calls, to.id, to.last.tolist()) == (0.25, 5, 0, [1, 2, 3])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: type("Twice", (Mood, type("Other", (Record,), MOOD)), {}), "level"),
        (lambda: type("Bad", (Record,), {"__annotations__": {"view": i8}}), "view"),
        (lambda: type("Loose", (Record,), {"__annotations__": {"size_": int}}), "size_"),
    ],
)
def test_a_record_that_cannot_be_is_refused(make: Any, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        dtype_of(make())


MOOD: dict[str, Any] = {"__annotations__": {"level": f8}, "level": 0.0}


take_guest, give_guest = free_list("guest", "guests")


@kernel
def book(house: Any, slots: Any) -> None:
    """Take three rooms, give the middle one back, take another."""
    slots[0] = take_guest(house)
    slots[1] = take_guest(house)
    slots[2] = take_guest(house)
    give_guest(house, slots[1])
    slots[3] = take_guest(house)
    house.guest[slots[3]].name = 5
    house.wishes[slots[3], 1] = 8


def test_a_bundle_is_laid_out_by_its_class_and_slots_are_used_again() -> None:
    house = House.make({"guest": 4, "kinds": 2})
    plain(starter(Room))(house.meta)
    slots = np.zeros(4, np.int64)
    book(house, slots)
    assert slots.tolist() == [0, 1, 2, 1]
    assert (house.meta.guests, house.meta.free_guest) == (3, -1)
    assert house.guest[1].name == 5
    assert house.wishes[1, 1] == 8
    assert house.arrays()["wishes"].shape == (4, 2)


def test_a_bundle_without_a_declared_array_is_refused() -> None:
    with pytest.raises(TypeError, match="wishes"):
        House({"meta": record_array(Room, 1), "guest": record_array(Guest, 2)})


MISSPELT = {
    "person.presure = 0": '"Person" has no attribute "presure"',
    "cell.profil[0].serial = 1": '"Cell" has no attribute "profil"',
    "cell.profile[0].seriel = 1": '"Profile" has no attribute "seriel"',
    "cell.message[0].offr = 0.0": '"Message" has no attribute "offr"',
    "plan.rules.identiti = 1": '"Rules" has no attribute "identiti"',
    "plan.jurney[0].silos = 1": '"LoweredPlan" has no attribute "jurney"',
    "model.fatigue.memry = 1.0": '"LoweredFatigue" has no attribute "memry"',
    "cell.person[0].ideal = 'three'": "Incompatible types in assignment",
}


@pytest.mark.slow
def test_a_misspelt_field_is_an_error_of_the_type_checker(tmp_path: Path) -> None:
    file = tmp_path / "misspelt.py"
    head = (
        "from omnilab.brand.plan import LoweredPlan\n"
        "from omnilab.cell.memory import Cell\n"
        "from omnilab.world.model import Model\n"
        "from omnilab.world.state import Person\n"
        "def f(cell: Cell, person: Person, plan: LoweredPlan, model: Model) -> None:\n"
    )
    file.write_text(head + "".join(f"    {line}\n" for line in MISSPELT))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", str(file)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = {int(n): text for n, text in re.findall(r"misspelt\.py:(\d+): error: (.*)", done.stdout)}
    for number, error in enumerate(MISSPELT.values(), head.count("\n") + 1):
        assert error in said.pop(number), done.stdout
    assert said == {}
