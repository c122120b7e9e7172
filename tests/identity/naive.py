"""A graph rebuilt from the whole list of sightings each time, with lists, sets and dicts only."""

from __future__ import annotations

from dataclasses import dataclass, field

from omnilab.identity import IdentityPolicy


@dataclass
class Node:
    code: int
    kind: str
    first: int
    last: int
    fan: int = 0


@dataclass
class Built:
    """What the sightings lead to."""

    nodes: list[Node] = field(default_factory=list)
    node_of: dict[int, int] = field(default_factory=dict)
    profiles: list[set[int]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    ids: dict[int, int] = field(default_factory=dict)
    blocked: int = 0
    merges: int = 0
    expired: int = 0
    other_type: int = 0
    shared: int = 0

    def newly_shared(self, policy: IdentityPolicy) -> set[int]:
        """Nodes of identifiers that are known and beyond their limit."""
        current = set(self.node_of.values())
        limits = policy.fan_out
        return {
            i for i, node in enumerate(self.nodes)
            if i in current and node.kind in limits and node.fan > limits[node.kind]
        }  # fmt: skip

    def profile_of(self, node: int) -> set[int]:
        return next(p for p in self.profiles if node in p)

    def id_of(self, node: int) -> int:
        members = self.profile_of(node)
        oldest = min(members, key=lambda m: (self.nodes[m].first, self.ids[m]))
        return self.ids[oldest]

    def resolve(self, code: int) -> int:
        return self.id_of(self.node_of[code]) if code in self.node_of else -1

    def row_ids(self) -> list[int]:
        return [-1 if node < 0 else self.id_of(node) for node in self.rows]

    def partition(self) -> set[frozenset[int]]:
        parts = [
            frozenset(self.nodes[m].code for m in p if self.node_of[self.nodes[m].code] == m)
            for p in self.profiles
        ]
        return {p for p in parts if p}


Sighting = tuple[int, list[tuple[str, int]]]


def rebuild(
    sightings: list[Sighting],
    policy: IdentityPolicy,
    cuts: list[tuple[int, int, int, int]] = (),  # type: ignore[assignment]
    known: set[int] = frozenset(),  # type: ignore[assignment]
) -> Built:
    """Take sightings (time, [(type, code), ...]) in; `cuts` are (a, b, first, last second).

    Nodes in `known` link nothing from the start.
    """
    built = Built()
    rows = [(time, _nodes_of(built, time, members, policy)) for time, members in sightings]
    anchors = list(range(len(rows)))  # which row of the cut list answers for each sighting
    for a, b, first, last in cuts:
        rows, anchors = _cut(built, rows, anchors, a, b, first, last)
    answers = [_join(built, members, policy, known) for _, members in rows]
    built.rows = [answers[i] for i in anchors]
    return built


def _nodes_of(
    built: Built, time: int, members: list[tuple[str, int]], policy: IdentityPolicy
) -> list[int]:
    row: list[int] = []
    for kind, code in members:
        at = built.node_of.get(code)
        if at is not None and policy.has_rules and built.nodes[at].kind != kind:
            built.other_type += 1
            continue
        limit = policy.time_to_live.get(kind)
        if at is not None and limit is not None and time > built.nodes[at].last + limit:
            built.expired += 1
            at = None
        if at is None:
            at = len(built.nodes)
            built.nodes.append(Node(code, kind, time, time))
            built.node_of[code] = at
            # Ids are codes, unless codes can come back as somebody else.
            built.ids[at] = at if policy.time_to_live else code
            built.profiles.append({at})
        built.nodes[at].last = time
        if at not in row:
            row.append(at)
    return row


def _cut(built, rows, anchors, a, b, first, last):  # type: ignore[no-untyped-def]
    out, where = [], {}
    for i, (time, members) in enumerate(rows):
        both = [m for m in members if built.nodes[m].code in (a, b)]
        where[i] = len(out)
        if len(both) == 2 and first <= time <= last:
            out.append((time, [m for m in members if m != both[1]]))
            out.append((time, [both[1]]))
        else:
            out.append((time, members))
    return out, [where[i] for i in anchors]


def _join(built: Built, members: list[int], policy: IdentityPolicy, known: set[int]) -> int:
    def shared(m: int) -> bool:
        if m in known:
            return True
        limit = policy.fan_out.get(built.nodes[m].kind)
        return limit is not None and built.nodes[m].fan > limit

    if not members:
        return -1
    if len(members) > 1:
        usable = [m for m in members if not shared(m)]
        n_profiles = len({id(built.profile_of(m)) for m in usable})
        for m in usable:
            built.nodes[m].fan += n_profiles - 1
        built.shared += sum(map(shared, members))
    usable = [m for m in members if len(members) == 1 or not shared(m)]
    for m in usable[1:]:
        one, two = built.profile_of(usable[0]), built.profile_of(m)
        if one is two:
            continue
        if any(len(_values(built, one | two, kind)) > 1 for kind in policy.unique):
            built.blocked += 1
            continue
        built.profiles.remove(two)
        built.profiles.remove(one)
        built.profiles.append(one | two)
        built.merges += 1
    return usable[0] if usable else members[0]


def _values(built: Built, profile: set[int], kind: str) -> set[int]:
    return {built.nodes[m].code for m in profile if built.nodes[m].kind == kind}
