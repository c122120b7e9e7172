"""Rows are dealt out to chains of blocks: profiles with many rows, and codes far apart."""

from typing import Any

import numpy as np

from omnilab.cascade import CascadeEngine, CascadePlan, Step, _parts
from omnilab.cascade.state import EVENT

N = 40_000
PLAN = CascadePlan("a", (Step("push", 3600, "delivered"), Step("email", 3600)))


def _receipts(message: Any) -> dict[str, Any]:
    n = len(message)
    kind = np.where(np.arange(n) % 7, 0, 3)
    columns = {"at": np.arange(n) // 100 + 2000, "message": message, "kind": kind}
    return {**columns, "channel": np.zeros(n, dtype=np.int64)}


def test_one_profile_with_nearly_all_events_is_told_like_the_others() -> None:
    starts = {"at": np.full(2000, 1000), "message": np.arange(2000), "profile": np.arange(2000)}
    late = _receipts(np.where(np.arange(N) % 50, 7, np.arange(N) // 20))
    assert _parts.n_places(N, 2000) // _parts.BLOCK > N // _parts.BLOCK + 2, "several parts"
    whole, cut = CascadeEngine([PLAN]), CascadeEngine([PLAN])
    answer = whole.feed(starts, late, until=20_000)

    batches = [{k: v[i : i + 500] for k, v in late.items()} for i in range(0, N, 500)]
    pieces = [cut.feed(starts, until=1500)]
    pieces += [cut.feed(None, batch) for batch in batches]
    pieces += [cut.feed(until=20_000)]
    for name in ("sends", "finals"):
        rows = np.concatenate([getattr(piece, name).at for piece in pieces])
        assert sorted(rows.tolist()) == sorted(getattr(answer, name).at.tolist())
    for count in answer.work:
        assert sum(piece.work[count] for piece in pieces) == answer.work[count]
    outcomes, again = whole.outcomes(), cut.outcomes()
    for name in ("final", "reason", "step", "status"):
        assert np.array_equal(getattr(outcomes, name), getattr(again, name))


def test_codes_far_apart_are_sorted_like_near_ones() -> None:
    near = np.random.default_rng(5).permutation(3000) % 700
    far = near * 1493 + 11  # more bits than are sorted in one pass
    answers = []
    for profile in (near, far):
        starts = {"at": np.full(3000, 1000), "message": np.arange(3000), "profile": profile}
        late = _receipts(np.random.default_rng(6).integers(0, 3000, N // 4))
        signals = {"at": np.full(700, 2500), "profile": np.unique(profile), "kind": [3] * 700}
        answers.append(CascadeEngine([PLAN]).feed(starts, late, signals, until=1 << 30))
    first, second = answers
    assert first.work == second.work
    assert first.work["signals"] == 700
    for name in ("sends", "finals"):
        for column in ("at", "message", "step"):
            got = [getattr(getattr(a, name), column).tolist() for a in answers]
            assert got[0] == got[1]


def test_parts_hold_all_rows_wherever_they_go() -> None:
    for n in (0, 1, _parts.BLOCK, 5000, 100_000):
        for n_profiles in (1, 1000, 1 << 20):
            places = _parts.n_places(n, n_profiles)
            room = np.empty(places * EVENT.itemsize, dtype=np.uint8)
            parts = _parts.new_parts(n, n_profiles, room, EVENT)
            n_parts = len(parts.ends) - 1
            assert (n_profiles - 1) >> parts.lower < n_parts
            # At worst every part's rows end with a full block, and the next one is empty.
            begun = (parts.ends[:-1] & (_parts.BLOCK - 1)).sum()
            assert (n_parts + (begun + n) // _parts.BLOCK) * _parts.BLOCK <= places
            first = parts.ends[:-1]
            assert np.array_equal(first >> _parts.BLOCK_BITS, np.arange(n_parts))
