"""Know forgotten identifiers again, in the room that they no longer need.

An identifier that was forgotten and is seen again gets another node; the old one stays, for its id
stays valid. When it was last seen does not matter any more, so SEEN holds ``-1 - code`` from then
on. That tells the codes of all nodes: the others are those that `of_code` leads to.

Two profiles that both hold a unique type hold different identifiers of it, for each is in one
profile; unless it came back, and then at least one of its nodes was forgotten. So a root knows
those of its forgotten nodes whose type is unique, at most one a type (they are of one code, and so
are all the nodes of this type in the profile). They are a list through what they no longer need:
at the root INFO is negative and PARENT is ``-1 - node`` of the first, in each INFO is the next, and
in the last of them the root's ``-1 - first_seen``. Their own type is that of their code's node now.
A root that was forgotten itself is in no list.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnilab.identity._nodes import AGAIN, BIT, BITS, INFO, KINDS, PARENT, SEEN, UNSIGNED, root_of
from omnilab.identity.rules import clash
from omnilab.kernels.compiling import inner, kernel
from omnilab.kernels.unchecked import wide

__all__ = ["forget", "hand_over", "kept_apart", "relist"]

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
SIGN = -(1 << 31)


@inner
def forget(nodes: Ints, of_code: Ints, rules: Longs, node: int, code: int, kind: int) -> None:
    """Turn a node into a forgotten one; its code must lead to another already."""
    nodes[node, SEEN] = -1 - code
    if rules[kind, AGAIN] > 0:
        _enlist(nodes, of_code, rules, root_of(nodes, node), node, kind)


@inner
def kept_apart(nodes: Ints, of_code: Ints, values: Ints, rules: Longs, x: int, y: int) -> bool:
    """Tell whether two roots hold different identifiers of a unique type."""
    both = wide(nodes[x, INFO]) & wide(nodes[y, INFO]) & rules[-1, BITS]
    if both == 0 or rules[-1, AGAIN] == 0:
        return both != 0
    for kind in range(len(rules) - 1):
        if both & rules[kind, BIT] != 0:
            if rules[kind, AGAIN] == 0:
                return True
            if len(values) == 0 and not _hold_one(nodes, of_code, rules, x, y, kind):
                return True
    for i in range(values.shape[1] if len(values) > 0 else 0):
        if clash(values[x, i], values[y, i]):
            return True
    return False


@inner
def hand_over(nodes: Ints, of_code: Ints, rules: Longs, x: int, y: int) -> None:
    """Give root `x` the list of root `y`, and `y` itself if it belongs there."""
    node = -1 - wide(nodes[y, PARENT]) if nodes[y, INFO] < 0 else wide(-1)
    nodes[y, INFO] &= UNSIGNED
    kind = wide(nodes[y, INFO]) & rules[-1, KINDS]
    if nodes[y, SEEN] < 0 and rules[kind, AGAIN] > 0:
        _enlist(nodes, of_code, rules, x, y, kind)
    while node >= 0:
        after = wide(nodes[node, INFO])
        _enlist(nodes, of_code, rules, x, node, _kind_of(nodes, of_code, rules, node))
        node = after


@inner
def _enlist(nodes: Ints, of_code: Ints, rules: Longs, root: int, node: int, kind: int) -> None:
    """Put a forgotten node in its root's list, unless the list has the same code already."""
    if root == node or _forgotten_code(nodes, of_code, rules, root, kind) >= 0:
        return
    up = wide(nodes[root, PARENT])
    nodes[node, INFO] = -1 - up if nodes[root, INFO] < 0 else up
    nodes[root, PARENT] = -1 - node
    nodes[root, INFO] |= SIGN


@inner
def _hold_one(nodes: Ints, of_code: Ints, rules: Longs, x: int, y: int, kind: int) -> bool:
    """Tell whether two roots that both hold a type hold the same identifier of it."""
    code_x = _forgotten_code(nodes, of_code, rules, x, kind)
    code_y = _forgotten_code(nodes, of_code, rules, y, kind)
    if code_x >= 0 and code_y >= 0:
        return code_x == code_y
    # One that has no forgotten node of the type has the node to which its code leads now.
    if code_x >= 0:
        return root_of(nodes, wide(of_code[code_x]) - 1) == y
    return code_y >= 0 and root_of(nodes, wide(of_code[code_y]) - 1) == x


@inner
def _forgotten_code(nodes: Ints, of_code: Ints, rules: Longs, root: int, kind: int) -> int:
    """Return the code of a root's forgotten node of a type, -1 where it has none."""
    if nodes[root, SEEN] < 0 and wide(nodes[root, INFO]) & rules[-1, KINDS] == kind:
        return -1 - wide(nodes[root, SEEN])
    node = -1 - wide(nodes[root, PARENT]) if nodes[root, INFO] < 0 else wide(-1)
    while node >= 0:
        if _kind_of(nodes, of_code, rules, node) == kind:
            return -1 - wide(nodes[node, SEEN])
        node = wide(nodes[node, INFO])
    return wide(-1)


@inner
def _kind_of(nodes: Ints, of_code: Ints, rules: Longs, node: int) -> int:
    """Return the type of a forgotten node."""
    now = wide(of_code[-1 - wide(nodes[node, SEEN])]) - 1
    return wide(nodes[now, INFO]) & rules[-1, KINDS]


@kernel
def relist(nodes: Ints, of_code: Ints, rules: Longs, forgotten: Longs) -> None:
    """Make the lists of a graph that has none from its forgotten nodes."""
    for i in range(len(forgotten)):
        node = forgotten[i]
        kind = _kind_of(nodes, of_code, rules, node)
        if rules[kind, AGAIN] > 0:
            _enlist(nodes, of_code, rules, root_of(nodes, node), node, kind)
