"""Graphs in the format before this one are read: `format2/` was written by the code of that time.

`plain` and `history` hold the sightings of `stream`, under `POLICY` without and with a
history. Many identifiers in them were forgotten, some of them unique, and came back.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from omnilab.identity import IdentityGraph, IdentityPolicy
from tests.identity.naive import Sighting, rebuild
from tests.identity.test_graph import TYPES, agrees, feed

OTHERS = (2, 3, 5, 6, 8)
FOLDER = Path(__file__).with_name("format2")
POLICY = IdentityPolicy(TYPES, ("email",), time_to_live={"email": 2, "cookie": 9})


def pair(time: int, *codes: int) -> Sighting:
    return time, [(TYPES[c % 3], c) for c in codes]


def stream() -> list[Sighting]:
    """E-mail 0 on three devices, forgotten in between; then pairs of others from a generator."""
    state, time = 1, 20
    # The devices are older, so that no e-mail is its profile's root.
    sightings = [pair(0, 1), pair(0, 4), pair(0, 7), pair(1, 0, 1), pair(6, 0, 4), pair(20, 0, 7)]
    for _ in range(120):
        state = state * 69069 + 1 & 0xFFFFFFFF
        time += (state >> 20) % 3
        sightings.append(pair(time, *{OTHERS[state >> 8 & 3], OTHERS[(state >> 16) % 5]}))
    return sightings


@pytest.mark.parametrize("name", ["plain", "history"])
def test_a_graph_of_the_format_before_is_read_and_goes_on(name: str, tmp_path: Path) -> None:
    policy = replace(POLICY, history=name == "history")
    seen = stream()
    graph = IdentityGraph.load(FOLDER / name)
    built = rebuild(seen, policy)
    assert built.expired > 20
    agrees(graph, built)
    graph.save(tmp_path / "now")
    agrees(IdentityGraph.load(tmp_path / "now"), built)
    # Two profiles that both hold the same forgotten e-mail, and one that holds it now.
    later = [pair(seen[-1][0], 1, 4), pair(seen[-1][0] + 1, 4, 7), pair(seen[-1][0] + 2, 0, 2)]
    for sighting in later:
        feed(graph, [sighting])
        seen.append(sighting)
        agrees(graph, rebuild(seen, policy))


def test_a_link_of_a_graph_of_the_format_before_is_taken_back() -> None:
    seen = stream()
    graph = IdentityGraph.load(FOLDER / "history")
    a, b = (code for _, code in next(m for _, m in seen if len(m) == 2))
    graph.split(a, b)
    agrees(graph, rebuild(seen, replace(POLICY, history=True), [(a, b, -1, 1000)]))
