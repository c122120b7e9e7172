"""Streams are named, each number stands for one thing, and none ever changes."""

from __future__ import annotations

import ast
from itertools import pairwise

import pytest

import omnilab.experiment.crediting
import omnilab.experiment.shapley
import omnilab.lowering.model  # noqa: F401  needs all mechanisms, which declare theirs
from omnilab.draws import streams
from tests.conftest import ROOT

OFFSETS = {name: n for name, n in streams.ALL.items() if name.startswith("V_")}
FAMILIES = {name: n for name, n in streams.ALL.items() if name.startswith("VISIT_")}
SINGLE = {n: v for n, v in streams.ALL.items() if n not in OFFSETS and n not in FAMILIES}

# Numbers that have been given. One that changes changes every result; new ones may be added.
GIVEN = {
    "HOUSEHOLD": 1, "PERSON": 2, "PERSON_RATES": 3, "PERSON_REACH": 4, "PERSON_OPT_IN": 5,
    "PERSON_START": 6, "NEED_GAP": 10, "NEED": 11, "NEED_END": 12, "IDLE_GAP": 13,
    "COOKIE_RESET": 14, "ADDRESS_CHANGE": 15, "ENTRY": 16, "AFTER_ORDER": 20,
    "AFTER_ORDER_2": 21, "SIGN_UP": 22, "MESSAGE": 30, "MESSAGE_2": 31, "MESSAGE_3": 32,
    "BAD": 35, "VISIT_NEED": 40, "VISIT_IDLE": 48, "VISIT_MESSAGE": 56, "VISIT_TIP": 64,
    "VISIT_ENTRY": 72, "VISIT_SERVICE": 80, "VISIT_RIVAL": 88, "VISIT_LOOK": 184,
    "VISIT_BORN": 192, "V_COURSE": 0, "V_GAP": 1, "V_DEVICE": 2, "V_SHOWN": 3, "V_SHOWN_2": 4,
    "V_TYPO": 5, "V_FORM": 6, "V_AGAIN": 7, "BRAND_COHORT": 120, "BRAND_CONTROL": 121,
    "AFFINITY": 100, "OWN_HOURS": 101, "MAILSHOT": 102,
}  # fmt: skip


def test_no_number_changes() -> None:
    assert {name: streams.ALL.get(name) for name in GIVEN} == GIVEN


def test_streams_are_unique_and_fit_their_eight_bits() -> None:
    taken = [*SINGLE.values(), *(f + i for f in FAMILIES.values() for i in range(8))]
    assert len(set(taken)) == len(taken)
    assert all(0 <= number < 256 for number in taken)


def test_families_of_eight_do_not_overlap() -> None:
    assert len(FAMILIES) == 10
    assert all(b - a >= 8 for a, b in pairwise(sorted(FAMILIES.values())))
    assert len(set(OFFSETS.values())) == len(OFFSETS)
    assert all(0 <= offset < 8 for offset in OFFSETS.values())


def test_a_mechanism_declares_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "ALL", dict(streams.ALL))
    assert streams.stream("RAIN", 200) == 200
    assert streams.stream("RAIN", 200) == 200  # as when its file is read again
    for number, owner in ((200, "RAIN"), (10, "NEED_GAP"), (55, "VISIT_IDLE"), (256, "not 0..255")):
        with pytest.raises(ValueError, match=rf"stream SNOW: {number} is .*{owner}; \d+ is free"):
            streams.stream("SNOW", number)


def draws() -> list[tuple[str, ast.Call]]:
    """Return every call of `draw4` outside the draws package, with its place."""
    found = []
    for path in sorted((ROOT / "sim" / "omnilab").rglob("*.py")):
        if path.parent.name == "draws":
            continue
        found += [
            (f"{path.name}:{node.lineno}", node)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "draw4"
        ]
    return found


def named(node: ast.expr) -> bool:
    """Tell whether a stream is a named constant, or a visit's family plus a named offset.

    Those that a person is born with stand in the table of `omnilab.world.traits`, by their names.
    """
    if ast.unparse(node) == "address[STREAM, i]":
        return True
    if isinstance(node, ast.Name):
        return node.id in SINGLE
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add):
        return False
    left, right = getattr(node.left, "id", ""), getattr(node.right, "id", "")
    return (left in FAMILIES or left == "family") and right in OFFSETS


def test_every_draw_names_its_stream() -> None:
    found = draws()
    assert len(found) > 20
    assert [where for where, call in found if not named(call.args[2])] == []
