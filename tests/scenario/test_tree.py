"""The laws of merging, which `extends` and presets rest on."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from omnilab.scenario.tree import Node, dotted, merge, plain

names = st.sampled_from(["web", "app", "store"])
scalars = st.integers(0, 9) | st.sampled_from(["x", "y"])


def node(data: Any, file: str = "f", line: int = 1) -> Node:
    if isinstance(data, dict):
        return Node({key: node(value, file, line) for key, value in data.items()}, file, line)
    if isinstance(data, list):
        return Node([node(value, file, line) for value in data], file, line)
    return Node(data, file, line)


def unique(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({item["name"]: item for item in items}.values())


# Trees of one shape, as files of one schema are: a key always has the same kind of value.
item = st.fixed_dictionaries(
    {"name": names},
    optional={"cost": scalars, "side": st.fixed_dictionaries({}, optional={"a": scalars})},
)
tree = st.fixed_dictionaries(
    {},
    optional={
        "id": scalars,
        "time": st.fixed_dictionaries({}, optional={"start": scalars, "end": scalars}),
        "channels": st.lists(item, min_size=1, max_size=3).map(unique),
        "hours": st.lists(scalars, max_size=3),
    },
)


@given(tree)
def test_nothing_is_neutral_and_merging_is_idempotent(a: dict[str, Any]) -> None:
    assert plain(merge(node(a), node({}))) == a
    assert plain(merge(node({}), node(a))) == a
    assert plain(merge(node(a), node(a))) == a


@given(tree, tree, tree)
def test_merging_is_associative(a: dict[str, Any], b: dict[str, Any], c: dict[str, Any]) -> None:
    left = merge(merge(node(a), node(b)), node(c))
    assert plain(left) == plain(merge(node(a), merge(node(b), node(c))))


def naive(base: Any, top: Any) -> Any:
    """Merge plain data, by the rule as documented."""
    if isinstance(base, dict) and isinstance(top, dict):
        keys = [*base, *(key for key in top if key not in base)]
        return {
            k: naive(base[k], top[k]) if k in base and k in top else (top if k in top else base)[k]
            for k in keys
        }
    lists = isinstance(base, list) and isinstance(top, list) and base and top
    if lists and all(isinstance(i, dict) and "name" in i for i in [*base, *top]):
        merged = naive({i["name"]: i for i in base}, {i["name"]: i for i in top})
        return list(merged.values())
    return top


anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=3)
)


@given(tree | anything, tree | anything)
def test_the_documented_rule(a: Any, b: Any) -> None:
    assert plain(merge(node(a), node(b))) == naive(a, b)


@given(tree, tree)
def test_every_value_keeps_its_own_place(a: dict[str, Any], b: dict[str, Any]) -> None:
    merged = merge(node(a, "base", 1), node(b, "top", 2))

    def check(here: Node, in_base: Any, in_top: Any) -> None:
        assert here.file == ("base" if in_top is None else "top")
        if isinstance(here.value, dict):
            for key, child in here.value.items():
                check(child, (in_base or {}).get(key), (in_top or {}).get(key))

    check(merged, a, b)


def test_dotted_keys() -> None:
    root = node({"channels": [{"name": "web", "x": [1, {"y": 2}]}, 5], "a b\n": 1})
    assert dotted(("channels", 0, "x", 1, "y"), root) == "channels.web.x[1].y"
    assert dotted(("channels", 0, "x", 1, "y")) == "channels[0].x[1].y"
    assert dotted(("channels", 1), root) == "channels[1]"
    assert dotted(("a b\n",), root).isprintable()
