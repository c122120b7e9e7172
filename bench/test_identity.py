"""The identity core beside its peers, in one run, on the same arrays, with the same answer.

The task of every peer is the same: from two arrays of codes (or Arrow arrays of strings) to the
component of every identifier. omnilab also keeps stable ids and its merge log meanwhile. A peer
starts from the arrays too: building its graph is part of its time. An identifier without a link is
a component of its own to a peer, and -1, never seen, to omnilab: `checked` sees to that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bench.streams import TOPOLOGIES, Links, as_strings, links, typed_links
from omnilab.identity import IdentityGraph, IdentityPolicy

MILLION = 1_000_000


def by_omnilab(a: Any, b: Any, n: int) -> Any:
    graph = IdentityGraph()
    graph.observe((a, b), returning=False)
    return graph.resolve()


def by_scipy(a: Any, b: Any, n: int) -> Any:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    # Of coo, csr and csc, int8 and float64, directed and not, none is faster on all topologies by
    # more than the spread of its runs: no symmetric copy, one byte a link.
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(n, n))
    return connected_components(graph, directed=False)[1]


def by_igraph(a: Any, b: Any, n: int) -> Any:
    import igraph

    graph = igraph.Graph(n=n, edges=np.column_stack([a, b]))
    return np.array(graph.connected_components(mode="weak").membership)


def by_rustworkx(a: Any, b: Any, n: int) -> Any:
    import rustworkx

    graph = rustworkx.PyGraph(multigraph=True)
    graph.add_nodes_from(range(n))
    graph.add_edges_from_no_data(list(zip(a.tolist(), b.tolist(), strict=True)))
    return _labels(rustworkx.connected_components(graph), n)


def by_networkx(a: Any, b: Any, n: int) -> Any:
    import networkx

    graph = networkx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from(zip(a.tolist(), b.tolist(), strict=True))
    return _labels(networkx.connected_components(graph), n)


def by_dict(a: Any, b: Any, n: int) -> Any:
    parent = dict(zip(range(n), range(n), strict=True))

    def find(x: int) -> int:
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    for x, y in zip(a.tolist(), b.tolist(), strict=True):
        x, y = find(x), find(y)
        if x != y:
            parent[max(x, y)] = min(x, y)
    return np.array([find(x) for x in range(n)])


def _labels(components: Any, n: int) -> Any:
    labels = np.empty(n, np.int64)
    for i, members in enumerate(components):
        labels[list(members)] = i
    return labels


def checked(labels: Any, n: int) -> Any:
    """Give those never seen a label of their own."""
    own = np.arange(n, dtype=np.int64)
    own[: len(labels)] = np.where(labels >= 0, labels, own[: len(labels)])
    return own


def same_partition(one: Any, other: Any) -> bool:
    """Tell whether two labellings put the same together."""
    pairs = len(np.unique(one.astype(np.int64) << 32 | other.astype(np.int64)))
    return pairs == len(np.unique(one)) == len(np.unique(other))


PEERS: dict[str, Callable[[Any, Any, int], Any]] = {
    "omnilab": by_omnilab,
    "scipy": by_scipy,
    "igraph": by_igraph,
    "rustworkx": by_rustworkx,
    "networkx": by_networkx,
    "dict": by_dict,
}
QUICK = ("omnilab", "scipy")


def measure(benchmark: Any, function: Callable[..., Any], arguments: tuple, quick: bool) -> Any:
    million = 10 if "10M" in benchmark.group else 1
    benchmark.extra_info["links"] = million * MILLION  # in strings: rows of two identifiers
    return benchmark.pedantic(
        function, arguments, rounds=7 if quick else 1, warmup_rounds=1 if quick else 0
    )


def compare(benchmark: Any, peer: str, stream: Links) -> None:
    labels = measure(benchmark, PEERS[peer], stream, peer in QUICK)
    assert same_partition(checked(labels, stream.n), by_scipy(*stream))


@pytest.mark.parametrize("peer", PEERS)
def test_links_1m(benchmark, peer):
    benchmark.group = "identity-links-1M"
    compare(benchmark, peer, links("households", MILLION))


@pytest.mark.parametrize("topology", [t for t in TOPOLOGIES if t != "households"])
@pytest.mark.parametrize("peer", QUICK)
def test_links_1m_of(benchmark, topology, peer):
    benchmark.group = f"identity-links-1M-{topology}"
    compare(benchmark, peer, links(topology, MILLION))


@pytest.mark.parametrize("topology", TOPOLOGIES)
@pytest.mark.parametrize("peer", [p for p in PEERS if p != "networkx"])
def test_links_10m(benchmark, topology, peer):
    benchmark.group = f"identity-links-10M-{topology}"
    stream = links(topology, 10 * MILLION)
    compare(benchmark, peer, stream)
    if peer == "omnilab":
        graph = IdentityGraph()
        graph.observe((stream.a, stream.b), returning=False)
        benchmark.extra_info.update(graph.counts, bytes_an_identifier=graph.nbytes / len(graph))


TYPES = ("email", "cookie")
RULES = {
    "none": {},
    "log=False": {"log": False},
    "history": {"history": True},
    "unique": {"unique": ("email",)},
    "unique, fan-out": {"unique": ("email",), "fan_out": {"cookie": 20}, "undo_shared": False},
    "unique, fan-out, time-to-live": {
        "unique": ("email",), "fan_out": {"cookie": 20}, "time_to_live": {"cookie": 5000},
        "undo_shared": False,
    },
}  # fmt: skip


@pytest.mark.parametrize("rules", RULES)
def test_rules_10m(benchmark, rules):
    benchmark.group = "identity-rules-10M"
    stream = typed_links(10 * MILLION)
    policy = IdentityPolicy(TYPES, **RULES[rules])

    def observe() -> IdentityGraph:
        graph = IdentityGraph(policy)
        batch = dict(zip(TYPES, stream[:2], strict=True)) if policy.has_rules else stream[:2]
        graph.observe(batch, time=stream.time, returning=False)
        return graph

    graph = measure(benchmark, observe, (), True)
    benchmark.extra_info.update(graph.counts, bytes_an_identifier=graph.nbytes / len(graph))


@pytest.mark.parametrize("size", [1, 100, 10_000])
def test_stream(benchmark, size):
    benchmark.group = "identity-stream"
    stream = links("households", 6 * MILLION)
    codes = stream.a % MILLION, stream.b % MILLION
    graph = IdentityGraph()
    graph.observe(tuple(c[:MILLION] for c in codes), returning=False)
    n = max(200_000 // size, 100)
    if size == 1:
        batches: list[Any] = list(zip(codes[0][:n].tolist(), codes[1][:n].tolist(), strict=True))
    else:
        batches = [tuple(c[i * size : (i + 1) * size].copy() for c in codes) for i in range(n)]

    def feed() -> None:
        observe = graph.observe
        for batch in batches:
            observe(batch)

    benchmark.pedantic(feed, rounds=7, warmup_rounds=1)
    benchmark.extra_info["links"] = n * size
    check = IdentityGraph()
    check.observe(tuple(c[:MILLION] for c in codes), returning=False)
    check.observe(tuple(c[: n * size] for c in codes), returning=False)
    assert check.resolve().tolist() == graph.resolve().tolist()


def test_empty_call(benchmark):
    """What Python's own call costs, to be taken off the single call above."""
    benchmark.group = "identity-stream"

    class Nothing:
        def observe(self, identifiers, *, types=None, time=None, offsets=None, returning=True):
            return None

    batches = [(i, i + 1) for i in range(200_000)]

    def feed() -> None:
        observe = Nothing().observe
        for batch in batches:
            observe(batch)

    benchmark.pedantic(feed, rounds=7, warmup_rounds=1)


def strings_by_omnilab(emails: Any, cookies: Any) -> Any:
    graph = IdentityGraph(IdentityPolicy(TYPES))
    return graph.observe({"email": emails, "cookie": cookies})


def strings_by_pandas(emails: Any, cookies: Any) -> Any:
    import pandas as pd

    codes = [pd.factorize(pd.Series(c, dtype=pd.ArrowDtype(c.type)))[0] for c in (emails, cookies)]
    return _rows_by_scipy(*codes)


def strings_by_polars(emails: Any, cookies: Any) -> Any:
    import polars as pl

    codes = [
        pl.from_arrow(column).cast(pl.Categorical).to_physical().to_numpy()
        for column in (emails, cookies)
    ]
    return _rows_by_scipy(*codes)


def strings_by_pyarrow(emails: Any, cookies: Any) -> Any:
    return _rows_by_scipy(*(c.dictionary_encode().indices.to_numpy() for c in (emails, cookies)))


def strings_by_dict(emails: Any, cookies: Any) -> Any:
    known: dict[Any, int] = {}
    codes = [
        np.array([known.setdefault((i, v), len(known)) for v in column.to_pylist()])
        for i, column in enumerate((emails, cookies))
    ]
    return by_dict(*codes, len(known))[codes[0]]


def _rows_by_scipy(left: Any, right: Any) -> Any:
    right = right.astype(np.int64) + int(left.max()) + 1
    return by_scipy(left, right, int(right.max()) + 1)[left]


STRINGS = {
    "omnilab": strings_by_omnilab,
    "pandas": strings_by_pandas,
    "polars": strings_by_polars,
    "pyarrow": strings_by_pyarrow,
    "dict": strings_by_dict,
}


@pytest.mark.parametrize("peer", STRINGS)
def test_strings_1m(benchmark, peer):
    benchmark.group = "identity-strings-1M"
    columns = as_strings(typed_links(MILLION))
    labels = measure(benchmark, STRINGS[peer], columns, peer != "dict")
    assert same_partition(labels, strings_by_pyarrow(*columns))
