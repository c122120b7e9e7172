"""The graph against a model that is rebuilt from all sightings after every batch."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from omnilab.errors import DataError, OptionError
from omnilab.identity import IdentityGraph, IdentityPolicy, merge_graphs
from tests.identity.naive import Built, Sighting, rebuild

TYPES = ("email", "device", "cookie")
N_CODES = 14


@st.composite
def policies(draw: st.DrawFn, history: bool | None = None) -> IdentityPolicy:
    def some(limits: st.SearchStrategy[int]) -> dict[str, int]:
        return draw(st.dictionaries(st.sampled_from(TYPES), limits, max_size=2))

    return IdentityPolicy(
        types=TYPES,
        unique=tuple(draw(st.lists(st.sampled_from(TYPES), unique=True, max_size=2))),
        fan_out=some(st.integers(1, 3)),
        time_to_live=some(st.integers(1, 6)),
        history=draw(st.booleans()) if history is None else history,
        undo_shared=False,
    )


@st.composite
def streams(draw: st.DrawFn) -> list[list[Sighting]]:
    """Batches of sightings; now and then an identifier comes as another type."""
    time, batches = draw(st.integers(-5, 5)), []
    for _ in range(draw(st.integers(1, 5))):
        batch = []
        for _ in range(draw(st.integers(1, 8))):
            time += draw(st.sampled_from([0, 0, 1, 2, 9]))
            codes = draw(st.lists(st.integers(0, N_CODES - 1), max_size=4))
            members = [(TYPES[(c + (draw(st.integers(0, 15)) == 0)) % 3], c) for c in codes]
            batch.append((time, members))
        batches.append(batch)
    return batches


def feed(graph: IdentityGraph, batch: list[Sighting]) -> np.ndarray:
    flat = [code for _, members in batch for _, code in members]
    kinds = [TYPES.index(kind) for _, members in batch for kind, _ in members]
    sizes = [len(members) for _, members in batch]
    return graph.observe(
        np.array(flat, np.int64),
        types=np.array(kinds, np.int64),
        offsets=np.append(0, np.cumsum(sizes)),
        time=np.array([time for time, _ in batch]),
    )


def partition(graph: IdentityGraph) -> set[frozenset[int]]:
    clusters = graph.clusters()
    bounds = clusters.offsets
    return {frozenset(clusters.codes[i:j].tolist()) for i, j in pairwise(bounds)}


def agrees(graph: IdentityGraph, built: Built) -> None:
    assert [graph.resolve(c) for c in range(N_CODES)] == [built.resolve(c) for c in range(N_CODES)]
    assert partition(graph) == built.partition()
    assert len(graph) == len(built.node_of)


@given(policies(), streams())
def test_every_batch_is_as_if_all_were_rebuilt(policy, stream):
    graph, seen = IdentityGraph(policy), []
    for batch in stream:
        ids = feed(graph, batch)
        seen += batch
        built = rebuild(seen, policy)
        assert ids.tolist() == built.row_ids()[-len(batch) :]
        agrees(graph, built)
    counts = graph.counts
    for name in ("merges", "blocked", "expired", "other_type", "shared"):
        assert counts[name] == getattr(built, name), name


@st.composite
def comebacks(draw: st.DrawFn) -> tuple[IdentityPolicy, list[list[Sighting]]]:
    """Draw unique types with short lives, and a few identifiers again and again."""
    unique = draw(st.lists(st.sampled_from(TYPES), unique=True, min_size=1))
    lives = {name: draw(st.integers(1, 2)) for name in unique}
    lives |= draw(st.dictionaries(st.sampled_from(TYPES), st.integers(1, 9), max_size=1))
    policy = IdentityPolicy(
        TYPES, tuple(unique), draw(st.sampled_from([{}, {"cookie": 3}])), lives, history=True,
        undo_shared=False,
    )  # fmt: skip
    time, batches = 0, []
    for _ in range(draw(st.integers(1, 5))):
        batch = []
        for _ in range(draw(st.integers(1, 12))):
            time += draw(st.sampled_from([0, 1, 1, 3]))
            codes = draw(st.lists(st.integers(0, 8), min_size=1, max_size=3))
            batch.append((time, [(TYPES[c % 3], c) for c in codes]))
        batches.append(batch)
    return policy, batches


# A split in whose profile an identifier was forgotten and came back, which few draws have.
PARTED = [
    (0, [("email", 0), ("device", 1)]),
    (0, [("device", 1), ("email", 3)]),
    (0, [("cookie", 2), ("email", 3)]),
    (3, [("email", 3)]),
]
FORGOTTEN = IdentityPolicy(TYPES, ("email",), time_to_live={"email": 1}, history=True)
# Two profiles that both hold a forgotten node of one identifier are linked.
TWICE_FORGOTTEN = [
    (0, [("email", 0), ("device", 1)]),
    (5, [("email", 0), ("device", 4)]),
    (20, [("email", 0), ("device", 7)]),
    (20, [("device", 1), ("device", 4)]),
]


@settings(max_examples=4 * settings.default.max_examples)
@given(comebacks(), st.integers(0, 8), st.integers(0, 8), st.booleans(), st.booleans())
@example((FORGOTTEN, [PARTED]), 0, 1, False, False)
@example((FORGOTTEN, [TWICE_FORGOTTEN]), 0, 1, False, True)
def test_unique_identifiers_that_come_back_are_as_rebuilt(stream, a, b, saved, apart):
    """Two profiles may hold the same one then; from batch to batch, saved, and after a split."""
    policy, batches = stream
    graph, seen = IdentityGraph(policy), []
    for batch in batches:
        feed(graph, batch)
        seen += batch
        built = rebuild(seen, policy)
        agrees(graph, built)
        if saved:
            with tempfile.TemporaryDirectory() as folder:
                graph.save(Path(folder) / "g")
                graph = IdentityGraph.load(Path(folder) / "g")
    for name in ("merges", "blocked", "expired"):
        assert graph.counts[name] == getattr(built, name), name
    for node in range(len(built.nodes)):
        root = graph.canonical(node)
        oldest = min(built.nodes[m].first for m in built.profile_of(root))
        assert graph.profile(node).first_seen == oldest
    try:
        graph.split(a, b, apart=apart)
    except DataError:
        return
    built = rebuild(seen, policy, [(a, b, -100, 1000)])
    agrees(graph, built)
    # Both go on as one; what was parted can be joined again unless it is kept apart.
    later = [(t + seen[-1][0] + 1, members) for t, members in batches[0]]
    feed(graph, later)
    end = 10_000 if apart else seen[-1][0]
    agrees(graph, rebuild(seen + later, policy, [(a, b, -100, end)]))


@given(policies(), streams(), st.booleans())
@example(
    IdentityPolicy(TYPES, fan_out={"email": 2}),
    [
        [(0, [("email", 0), ("cookie", c)]) for c in (2, 5, 8)]
        + [(1, [("cookie", 2), ("device", 1)]), (2, [("cookie", 5), ("device", 1)])]
    ],
    True,
)
def test_what_shared_identifiers_linked_is_taken_back(policy, stream, saved):
    """After each batch all is as if those found to be shared had never linked anything."""
    policy = replace(policy, undo_shared=True)
    graph, seen, known = IdentityGraph(policy), [], set()
    for batch in stream:
        ids = feed(graph, batch)
        seen += batch
        built = rebuild(seen, policy, known=known)
        while more := built.newly_shared(policy) - known:
            known |= more
            built = rebuild(seen, policy, known=known)
        agrees(graph, built)
        assert ids.tolist() == built.row_ids()[-len(batch) :]
        if saved:
            with tempfile.TemporaryDirectory() as folder:
                graph.save(Path(folder) / "g")
                graph = IdentityGraph.load(Path(folder) / "g")


@given(policies(history=True), streams(), st.data())
def test_split_is_as_if_the_link_had_never_been(policy, stream, data):
    graph, seen, cuts = IdentityGraph(policy), [], []
    for batch in stream:
        feed(graph, batch)
        seen += batch
        # Only what the graph has recorded can be cut: not one of another type than before.
        linked = [
            (t, [m for m in members if not policy.has_rules or m[0] == TYPES[m[1] % 3]])
            for t, members in seen
        ]
        pairs = sorted({(a, b) for _, m in linked for _, a in m for _, b in m if a < b})
        if pairs and data.draw(st.booleans()):
            a, b = data.draw(st.sampled_from(pairs))
            # Sightings still to come are not cut.
            cut = (a, b, -100, 1000)
            known = rebuild(seen, policy, cuts)
            try:
                found = graph.split(a, b)
            except Exception:
                assert rebuild(seen, policy, [*cuts, cut]).partition() == known.partition()
                continue
            assert found > 0
            cuts.append(cut)
            agrees(graph, rebuild(seen, policy, cuts))
            break


@given(
    policies(history=True), streams(), st.integers(0, N_CODES - 1), st.integers(0, N_CODES - 1),
    st.booleans(),
)  # fmt: skip
def test_a_graph_goes_on_after_a_split(policy, stream, a, b, apart):
    graph, seen = IdentityGraph(policy), []
    for batch in stream[:-1]:
        feed(graph, batch)
        seen += batch
    try:
        graph.split(a, b, apart=apart)
    except Exception:
        return
    last = 10_000 if apart else seen[-1][0]
    later = [(time + 1, members) for time, members in stream[-1]]
    feed(graph, later)
    agrees(graph, rebuild(seen + later, policy, [(a, b, -100, last)]))


@given(streams(), st.randoms())
def test_without_rules_profiles_are_connected_components(stream, shuffler):
    pairs = [
        (members[0][1], other) for batch in stream for _, members in batch for _, other in members
    ]
    reference = nx.Graph(pairs)
    shuffled = shuffler.sample(pairs, len(pairs))
    left, right = IdentityGraph(), IdentityGraph()
    for graph, order in ((left, pairs), (right, shuffled)):
        if order:
            graph.observe(tuple(np.array(order, np.int32).T.copy()))
        assert partition(graph) == {frozenset(c) for c in nx.connected_components(reference)}
    # Nor do the ids depend on the order within a batch of one time.
    assert left.resolve().tolist() == right.resolve().tolist()


@given(policies(), streams(), st.integers(1, 4))
def test_how_a_stream_is_cut_into_batches_changes_nothing(policy, stream, size):
    one, many = IdentityGraph(policy), IdentityGraph(policy)
    flat = [sighting for batch in stream for sighting in batch]
    feed(one, flat)
    for i in range(0, len(flat), size):
        feed(many, flat[i : i + size])
    assert one.resolve().tolist() == many.resolve().tolist()
    assert one.history().tolist() == many.history().tolist()
    assert one.counts == many.counts


@given(streams())
def test_all_ways_in_are_one(stream):
    """One pair at a time, two columns, a matrix with gaps, ragged, and with history."""
    flat = [(t, m[:2]) for batch in stream for t, m in batch if m]
    pairs = [(t, m[0][1], m[-1][1]) for t, m in flat]
    a, b = (np.array([p[i] for p in pairs], np.int32) for i in (1, 2))
    times = np.array([p[0] for p in pairs], np.int64)
    graphs = [IdentityGraph() for _ in range(5)]
    graphs[4] = IdentityGraph(IdentityPolicy(history=True))
    ones = [graphs[0].observe((x, y), time=t) for t, x, y in pairs]
    ids = [ones] + [[]] * 4
    if pairs:
        ids[1] = graphs[1].observe((a, b), time=times)
        ids[2] = graphs[2].observe(np.stack([a, b, -1 + 0 * a], axis=1), time=times)
        ids[3] = graphs[3].observe(
            np.stack([a, b], axis=1).reshape(-1), offsets=np.arange(len(a) + 1) * 2, time=times
        )
        ids[4] = graphs[4].observe([a.tolist(), b.tolist()], time=times)
    for i in range(1, 5):
        assert graphs[i].resolve().tolist() == graphs[0].resolve().tolist()
        assert graphs[i].history().tolist() == graphs[0].history().tolist()
        assert graphs[i].counts == graphs[0].counts
        assert list(ids[i]) == graphs[0].canonical(np.array(ones, np.int64)).tolist()


@given(policies(), streams())
def test_old_ids_lead_to_the_survivor_for_ever(policy, stream):
    graph, given_out = IdentityGraph(policy), []
    for batch in stream:
        ids = feed(graph, batch)
        given_out += [(node, i) for node, i in zip(ids, range(len(ids)), strict=True) if node >= 0]
    for row in graph.history():
        assert graph.canonical(int(row["absorbed"])) == graph.canonical(int(row["survivor"]))
    for node, _ in given_out:
        root = graph.canonical(int(node))
        assert graph.canonical(root) == root
        assert int(node) in (root, *graph.profile(root).aliases)


@given(policies(), streams(), streams())
def test_a_graph_read_back_goes_on_as_if_it_had_never_been_away(policy, stream, later):
    graph = IdentityGraph(policy)
    for batch in stream:
        feed(graph, batch)
    with tempfile.TemporaryDirectory() as folder:
        graph.save(Path(folder) / "g")
        graph.save(Path(folder) / "g")
        back = IdentityGraph.load(Path(folder) / "g")
    move = stream[-1][-1][0] - later[0][0][0] + 10
    for batch in later:
        batch = [(time + move, members) for time, members in batch]
        assert feed(graph, batch).tolist() == feed(back, batch).tolist()
    assert graph.history().tolist() == back.history().tolist()
    assert graph.counts == back.counts
    assert back.policy == policy


@given(policies(history=True), streams(), streams())
def test_merged_graphs_are_one_graph_of_both_streams(policy, one, two):
    # A row with an identifier of another type is dropped by each graph for itself.
    graphs = [IdentityGraph(policy), IdentityGraph(policy)]
    streams_ = [
        [(t, [(TYPES[c % 3], c) for _, c in m]) for batch in s for t, m in batch]
        for s in (one, two)
    ]
    for graph, stream in zip(graphs, streams_, strict=True):
        feed(graph, stream)
    both = sorted(streams_[0] + streams_[1], key=lambda sighting: sighting[0])
    agrees(merge_graphs(*graphs), rebuild(both, policy))


@given(streams(), streams())
def test_merged_graphs_without_rules_need_no_history(one, two):
    policy = IdentityPolicy()
    graphs = [IdentityGraph(policy), IdentityGraph(policy)]
    for graph, stream in zip(graphs, (one, two), strict=True):
        for batch in stream:
            feed(graph, [(t, [("", c) for _, c in m]) for t, m in batch]) if False else _plain(
                graph, batch
            )
    flat = sorted(
        [s for batch in one for s in batch] + [s for batch in two for s in batch],
        key=lambda sighting: sighting[0],
    )
    merged = merge_graphs(*graphs)
    agrees(merged, rebuild(flat, policy))
    for row in merged.history():
        assert merged.canonical(int(row["absorbed"])) == merged.canonical(int(row["survivor"]))


def _plain(graph: IdentityGraph, batch: list[Sighting]) -> None:
    flat = [code for _, members in batch for _, code in members]
    sizes = [len(members) for _, members in batch]
    graph.observe(
        np.array(flat, np.int64),
        offsets=np.append(0, np.cumsum(sizes)),
        time=np.array([time for time, _ in batch]),
    )


@given(policies(), streams())
def test_strings_are_as_codes(policy, stream):
    """The same stream as strings in columns gives the same partition and the same counts."""
    by_code, by_text = IdentityGraph(policy), IdentityGraph(policy)
    for batch in stream:
        rows = []
        for time, members in batch:
            row = dict.fromkeys(TYPES)
            for kind, code in members:
                if TYPES[code % 3] == kind:
                    row[kind] = code
            rows.append((time, row))
        times = np.array([time for time, _ in rows])
        by_code.observe(
            {k: [-1 if r[k] is None else r[k] for _, r in rows] for k in TYPES}, time=times
        )
        by_text.observe(
            {k: pa.array([None if r[k] is None else f"é{r[k]}" for _, r in rows]) for k in TYPES},
            time=times,
        )
    clusters, found = by_text.clusters(), set()
    for i, j in pairwise(clusters.offsets):
        found.add(frozenset(int(v[1:]) for _, v in by_text.decode(clusters.codes[i:j])))
    assert found == partition(by_code)
    assert by_text.counts == by_code.counts


def test_split_needs_history():
    graph = IdentityGraph()
    graph.observe((0, 1))
    with pytest.raises(OptionError, match="history"):
        graph.split(0, 1)


@given(policies(), streams(), st.permutations(TYPES))
def test_under_rules_two_columns_are_as_ragged_sets(policy, stream, kinds):
    columns, ragged = IdentityGraph(policy), IdentityGraph(policy)
    for batch in stream:
        pairs = [(t, [(kinds[0], m[0][1]), (kinds[1], m[-1][1])]) for t, m in batch if m]
        if not pairs:
            continue
        left, right = (np.array([m[i][1] for _, m in pairs], np.int32) for i in (0, 1))
        ids = columns.observe(
            {kinds[0]: left, kinds[1]: right}, time=np.array([t for t, _ in pairs])
        )
        assert ids.tolist() == feed(ragged, pairs).tolist()
    assert columns.resolve().tolist() == ragged.resolve().tolist()
    assert columns.history().tolist() == ragged.history().tolist()
    assert columns.counts == ragged.counts
    n = columns._state.meta[11]
    assert columns._state.history[:n].tolist() == ragged._state.history[:n].tolist()


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans()), max_size=60),
    st.sampled_from([{}, {"cookie": 3}]),
    st.sampled_from([(), ("email",), ("cookie",), ("email", "cookie")]),
)
def test_identifiers_that_are_all_shared(rows, lives, unique):
    """Few identifiers and low limits, so that both of a pair are shared now and then."""
    limits = {"email": 1, "cookie": 2}
    policy = IdentityPolicy(("email", "cookie"), unique, limits, lives, True, undo_shared=False)
    time, stream = 0, []
    for a, b, later in rows:
        time += later
        stream.append((time, [("email", a), ("cookie", b + 6)]))
    graph = IdentityGraph(policy)
    left, right = (np.array([m[i][1] for _, m in stream], np.int32) for i in (0, 1))
    times = np.array([t for t, _ in stream], np.int64)
    ids = graph.observe({"email": left, "cookie": right}, time=times)
    built = rebuild(stream, policy)
    assert ids.tolist() == built.row_ids()
    agrees(graph, built)
    assert graph.counts["shared"] == built.shared


@given(policies(), streams(), st.integers(2, 3))
def test_columns_with_gaps_between_their_values_are_as_whole_ones(policy, stream, step):
    whole, gaps = IdentityGraph(policy), IdentityGraph(policy)
    pairs = [(t, m[0][1], m[-1][1]) for batch in stream for t, m in batch if m]
    if not pairs:
        return
    matrix = np.full((len(pairs) * step, 3), 99, np.int64)
    matrix[::step] = pairs
    a, b, times = matrix[::step, 1], matrix[::step, 2], matrix[::step, 0]
    assert len(a) == 1 or not a.flags.c_contiguous
    for graph, (left, right, when) in (
        (gaps, (a, b, times)),
        (whole, (a.copy(), b.copy(), times.copy())),
    ):
        columns = {"email": left, "cookie": right} if policy.has_rules else (left, right)
        graph.observe(columns, time=when)
    assert whole.resolve().tolist() == gaps.resolve().tolist()
    assert whole.history().tolist() == gaps.history().tolist()
    seen = {code for _, *both in pairs for code in both}
    assert policy.has_rules or len(whole) == len(seen)


@given(streams(), st.integers(0, 3))
def test_a_bulk_load_is_as_links_one_by_one(stream, n_first):
    """A batch of one time at the start has a kernel of its own; later ones go on from there."""
    pairs = [(m[0][1], m[-1][1]) for batch in stream for _, m in batch if m]
    first, later = pairs[: len(pairs) * n_first // 3], pairs[len(pairs) * n_first // 3 :]
    bulk, ones = IdentityGraph(), IdentityGraph()
    for time, part in ((7, first), (7, first[::-1]), (9, later)):
        if part:
            bulk.observe(tuple(np.array(part, np.int32).T.copy()), time=time)
        for pair in part:
            ones.observe(pair, time=time)
        assert bulk.resolve().tolist() == ones.resolve().tolist()
        assert bulk.history().tolist() == ones.history().tolist()
    assert bulk.counts == ones.counts


def test_a_merged_graph_has_room_for_all_that_comes():
    """Its log can be longer than its nodes are many, and still be full."""
    n = 500
    evens = np.arange(0, n, 2)
    graphs = [IdentityGraph(), IdentityGraph()]
    for graph in graphs:
        graph.observe((evens, evens + 1), time=0)
    merged = merge_graphs(*graphs)
    merged.observe((evens[:-1], evens[1:]), time=1)
    assert np.all(merged.resolve() == 0)
    table = merged.history()
    assert len(table) == merged.counts["merges"] == n // 2 * 2 + n // 2 - 1
    assert table["time"].tolist() == [0] * n + [1] * (n // 2 - 1)
    state = merged._state
    assert state.meta[0] + state.meta[14] < len(state.log)


@st.composite
def paired_batches(draw: st.DrawFn) -> list[list[Sighting]]:
    """Batches of two columns of any two types, few identifiers and times that nearly expire."""
    time, batches = 0, []
    for _ in range(draw(st.integers(1, 6))):
        kinds = draw(st.permutations(range(3)))[:2]
        rows = draw(
            st.lists(
                st.tuples(st.integers(0, 4), st.integers(0, 4), st.sampled_from([0, 0, 1, 2, 3])),
                min_size=1, max_size=12,
            )
        )  # fmt: skip
        batch = []
        for a, b, wait in rows:
            time += wait
            batch.append(
                (time, [(TYPES[k], 3 * c + k) for k, c in zip(kinds, (a, b), strict=True)])
            )
        batches.append(batch)
    return batches


@settings(max_examples=4 * settings.default.max_examples)
@given(
    st.lists(st.sampled_from(TYPES), unique=True, max_size=3),
    st.dictionaries(st.sampled_from(TYPES), st.integers(1, 2), max_size=2),
    st.dictionaries(st.sampled_from(TYPES), st.integers(2, 4), max_size=2),
    paired_batches(),
)
def test_two_columns_under_rules_are_as_rebuilt(unique, fan_out, lives, batches):
    """The kernels for pairs, column by column, against the model."""
    policy = IdentityPolicy(TYPES, tuple(unique), fan_out, lives, undo_shared=False)
    graph, seen = IdentityGraph(policy), []
    for batch in batches:
        columns = {
            batch[0][1][i][0]: np.array([m[i][1] for _, m in batch], np.int32) for i in (0, 1)
        }
        ids = graph.observe(columns, time=np.array([t for t, _ in batch], np.int64))
        seen += batch
        built = rebuild(seen, policy)
        assert [graph.resolve(c) for c in range(15)] == [built.resolve(c) for c in range(15)]
        if policy.has_rules:
            assert ids.tolist() == built.row_ids()[-len(batch) :]
        assert partition(graph) == built.partition()
    counts = graph.counts
    for name in ("merges", "blocked", "expired", "shared"):
        assert counts[name] == getattr(built, name), name


@pytest.mark.parametrize("kinds", [("email", "cookie"), ("cookie", "email")])
@pytest.mark.parametrize(("wait", "kept"), [(5, True), (6, False)])
def test_an_identifier_lives_just_as_long_as_said(kinds, wait, kept):
    graph = IdentityGraph(IdentityPolicy(TYPES, time_to_live={"cookie": 5}))
    codes = {"email": np.array([0, 1]), "cookie": np.array([2, 2])}
    graph.observe({kind: codes[kind] for kind in kinds}, time=np.array([0, wait]))
    assert (graph.resolve(0) == graph.resolve(1)) is kept
    assert graph.counts["expired"] == (not kept)


@pytest.mark.parametrize("n_links", [1, 140, 1000])
@pytest.mark.parametrize("rules", [{}, {"unique": ("email",)}, {"time_to_live": {"email": 99}}])
def test_many_links_among_few_identifiers(n_links, rules):
    """The nodes may have more room than the log was made for."""
    graph = IdentityGraph(IdentityPolicy(("email", "cookie"), **rules))

    def observe(a, b, time):
        columns = {"email": a, "cookie": b} if rules else (a, b)
        graph.observe(columns, time=time)

    observe(np.array([99]), np.array([98]), 0)
    again = np.full(n_links, 100)
    observe(again, again - 1 - 2 * (np.arange(n_links) % 50), np.arange(n_links))
    assert graph.resolve(100) >= 0
    assert len(graph) >= 3
