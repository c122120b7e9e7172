"""Take things of an extended scenario away, by name: the key ``without``.

Lists merge by ``name`` and mappings by key, so a file that ``extends`` another one can change and
add, but what it does not name stays. ``without`` lists what shall not stay: any key of the base,
or an item of one of its lists by its name, such as ``channels.push``, ``channels`` for all of them,
or ``brand.journeys.drops``. It is taken away before the file's own keys are merged in, so a name
that the file gives itself starts from nothing.

What the base or a preset says of a channel that went goes along where something is left: its name
in a list of channels, its share in a persona, its silo in a journey's sequence, an act that only
allowed it. Where nothing would be left, as for a journey that sends over no other channel, no guess
is made: the error names all places and the whole line that takes them away, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from omnilab.errors import ScenarioError, nearest
from omnilab.scenario.preset import SECTIONS, expand_presets
from omnilab.scenario.text import shown
from omnilab.scenario.tree import Node, dotted, merge

__all__ = ["merge_without", "staying_note"]

Named: TypeAlias = tuple[str, ...]

_OF_PERSONS: Final = ("reach", "opt_in", "prefers")  # shares by the name of a channel
_LEADS_TO: Final = ("landing", "invites", "channel")  # keys whose value is a channel's name
_PLURALS: Final = {"category": "categories", "channel": "channels", "journey": "journeys"}
#: What the note on a base names: where it is, and how one of it is called.
_NOTED: Final[dict[Named, str]] = {
    ("categories",): "category",
    ("channels",): "channel",
    ("brand", "journeys"): "journey",
    ("places",): "place",
}


def merge_without(base: Node, own: Node) -> Node:
    """Return ``own`` merged over ``base``, without what ``own`` lists under ``without``.

    Raises
    ------
    ScenarioError
        If the base does not have one of the names, or something that stays needs one of them.
        Further findings are in its ``others``.
    """
    given = own.get("without")
    assert given is not None
    assert isinstance(own.value, dict)
    entries = _entries(given, base)
    own = own.with_value({key: node for key, node in own.value.items() if key != "without"})
    lost = _Lost.of(base, own, [path for path, _ in entries])
    tree = lost.cleaned()
    if not lost.needed:
        return tree
    away = [".".join(path) for path, _ in entries]
    reasons = list(lost.needed.values())
    while lost.needed:  # what would go may itself be needed: the line that is proposed is whole
        away += list(lost.needed)
        lost = _Lost.of(base, own, [tuple(text.split(".")) for text in away])
        lost.cleaned()
    reasons_text = "; ".join(reasons)
    raise given.error(
        f"what stays needs what is taken away: {reasons_text}; take these away, too "
        f"(`without: [{', '.join(away)}]`), or write them in this file",
        "without",
    )


def staying_note(root: Node) -> str | None:
    """Return a sentence on what a scenario keeps of its base in lists of which it names some.

    Parameters
    ----------
    root
        The composed tree.

    Returns
    -------
    str or None
        None where the file extends nothing, lists no category, channel, journey or place of its
        own, or keeps nothing but what it lists.
    """
    lists = {path: _at(root, path) for path in _NOTED}
    items = {
        path: node.value for path, node in lists.items() if node and isinstance(node.value, list)
    }
    if not any(item.file == root.file for some in items.values() for item in some):
        return None
    kept, files = [], []
    for path, some in items.items():
        stay = [item for item in some if item.file != root.file]
        names = [str(name.value) for item in stay if (name := item.get("name"))]
        if names:
            what = _NOTED[path]
            kept.append(f"{what if len(names) == 1 else _PLURALS.get(what, f'{what}s')} "
                        f"{', '.join(names)}")  # fmt: skip
            files += [item.file for item in stay]
    if not kept:
        return None
    bases = ", ".join(dict.fromkeys(_base_name(file) for file in files))
    return f"from {bases} stay: {'; '.join(kept)}. `without` takes away what is not yours."


def _base_name(file: str) -> str:
    from omnilab.scenario.catalogue import scenario_folder

    folder = scenario_folder()
    name = file.replace("\\", "/").rpartition("/")[2]
    shipped = folder is not None and file == str(folder / name)
    return name.removesuffix(".yaml") if shipped else name


def _entries(given: Node, base: Node) -> list[tuple[Named, Node]]:
    """Return the names that are taken away, each with its node, or raise all that is wrong."""
    if not isinstance(given.value, list) or not given.value:
        raise given.error(
            "takes a list of what the base has, such as [channels.app, categories]", "without"
        )
    there = dict.fromkeys(".".join(path) for path in _names(expand_presets(base), ()))
    found: list[tuple[Named, Node]] = []
    wrong: list[ScenarioError] = []
    for number, node in enumerate(given.value):
        text = node.value
        if isinstance(text, str) and text in there:
            found.append((tuple(text.split(".")), node))
            continue
        known = _nearest(text, list(there)) if isinstance(text, str) else ""
        message = f"the base has no {shown(text)}{known}"
        wrong.append(node.error(message, dotted(("without", number))))
    if wrong:
        from omnilab.scenario.problem import InvalidScenarioError

        raise InvalidScenarioError(wrong[0], wrong[1:])
    return found


def _nearest(text: str, there: Sequence[str]) -> str:
    """Return what was meant by a name that is not there, or what there is beside it."""
    ends = sorted((n for n in there if n.endswith(f".{text}")), key=lambda n: n.count("."))
    if ends:
        return f" (did you mean {ends[0]!r}?)"
    above, _, last = text.rpartition(".")
    beside = {n.rpartition(".")[2]: n for n in there if n.rpartition(".")[0] == above}
    if not beside:
        return nearest(text, there)
    meant = nearest(last, beside)
    near = next((full for short, full in beside.items() if repr(short) in meant), None)
    return f"; there are {', '.join(beside.values())}" if near is None else (
        f" (did you mean {near!r}?)"
    )  # fmt: skip


def _names(node: Node, above: Named) -> Iterator[Named]:
    """Yield the dotted names of all keys, and of all items with a name, of a tree."""
    below: Mapping[str, Node] = {}
    if isinstance(node.value, dict):
        hidden = () if above else ("id",)  # which is never inherited
        below = {key: child for key, child in node.value.items() if key not in hidden}
        if "name" in below and above:
            below = {key: child for key, child in below.items() if key not in ("name", "preset")}
    elif isinstance(node.value, list):
        below = {
            str(name.value): item
            for item in node.value
            if (name := item.get("name")) is not None and isinstance(name.value, str)
        }
    for key, child in below.items():
        yield (*above, key)
        yield from _names(child, (*above, key))


def _at(node: Node, path: Named) -> Node | None:
    found: Node | None = node
    for step in path:
        found = None if found is None else found.get(step)
    return found


def _cut(node: Node, path: Named) -> Node:
    """Return the tree without a key or a named item."""
    step, rest = path[0], path[1:]
    if isinstance(node.value, dict) and step in node.value:
        kept = {
            key: _cut(child, rest) if key == step else child
            for key, child in node.value.items()
            if rest or key != step
        }
        return node.with_value(kept)
    if isinstance(node.value, list):
        items = [
            _cut(item, rest) if rest and _name(item) == step else item
            for item in node.value
            if rest or _name(item) != step
        ]
        return node.with_value(items)
    return node  # it went with what is above it


def _name(item: Node) -> str | None:
    name = item.get("name")
    return name.value if name is not None and isinstance(name.value, str) else None


def _named(root: Node, path: Named) -> dict[str, Node]:
    """Return the items of a list by their names."""
    node = _at(root, path)
    items = node.value if node is not None and isinstance(node.value, list) else []
    return {name: item for item in items if (name := _name(item)) is not None}


def _silos(root: Node) -> frozenset[str]:
    channels = _named(root, ("channels",)).values()
    return frozenset(str(silo.value) for c in channels if (silo := c.get("silo")) is not None)


@dataclass
class _Lost:
    """A merged tree, what it lost, and what of it would be left with nothing."""

    whole: Node  # the base, with its presets put in
    tree: Node
    file: str  # the file that takes away: what it says itself is never changed
    channels: frozenset[str]
    silos: frozenset[str]
    categories: frozenset[str]
    needed: dict[str, str] = field(default_factory=dict)  # what must go, too -> why

    @classmethod
    def of(cls, base: Node, own: Node, away: list[Named]) -> _Lost:
        """Return the merged tree of a base that lost some names, not yet cleaned."""
        # Presets are put in first: they speak of channels, too, and a base of them must be cut.
        whole = expand_presets(base)
        rest = whole
        for path in away:
            rest = _cut(rest, path)
        tree = expand_presets(merge(rest, own))

        def gone(path: Named) -> frozenset[str]:
            return frozenset(_named(whole, path)) - frozenset(_named(tree, path))

        return cls(
            whole, tree, own.file,
            gone(("channels",)), _silos(whole) - _silos(tree), gone(("categories",)),
        )  # fmt: skip

    def cleaned(self) -> Node:
        """Return the tree in which nothing speaks of what went, and note what needs it."""
        tree = self._clean(self.tree, ())
        assert isinstance(tree.value, dict)
        kept = dict(tree.value)
        for key in ("assumed", "fitted"):  # dotted keys of numbers, of which some are gone
            node = kept.get(key)
            if node is None or node.file == self.file:
                continue
            if isinstance(node.value, list):
                there = [n for n in node.value if not self._went(str(n.value), tree)]
                kept[key] = node.with_value(there)
            elif isinstance(node.value, dict):
                some = {k: n for k, n in node.value.items() if not self._went(k, tree)}
                kept[key] = node.with_value(some)
        return tree.with_value(kept)

    def _clean(self, node: Node, path: Named) -> Node:
        if isinstance(node.value, list):
            if node.file != self.file and path and path[-1] in ("channels", "sequence"):
                node = self._thinned(node, path)
            assert isinstance(node.value, list)
            items = [
                self._clean(item, (*path, _name(item) or f"[{number}]"))
                for number, item in enumerate(node.value)
                if not self._only_allowed(item)
            ]
            return node.with_value(items)
        if not isinstance(node.value, dict):
            self._look(node, path)
            return node
        if path and path[-1] == "shows" and node.file != self.file:
            for name in node.value:
                self._shown(name, path)
        lost = self.channels if path and path[-1] in _OF_PERSONS else frozenset()
        return node.with_value(
            {
                key: self._clean(child, (*path, key))
                for key, child in node.value.items()
                if child.file == self.file or key not in lost
            }
        )

    def _thinned(self, node: Node, path: Named) -> Node:
        """Return a list of names without those that went."""
        assert isinstance(node.value, list)
        lost = self.silos if path[-1] == "sequence" else self.channels
        kept = [item for item in node.value if item.value not in tuple(lost)]
        if node.value and not kept:
            names = ", ".join(str(item.value) for item in node.value)
            self._note(path, f"has nothing but {names}")
        return node.with_value(kept)

    def _only_allowed(self, item: Node) -> bool:
        """Tell whether an act of the base allows or opens nothing that is left."""
        if item.file == self.file or item.get("act") is None:
            return False
        for key in ("allows", "opens"):
            some = item.get(key)
            if some is not None and isinstance(some.value, list) and some.value:
                return all(name.value in tuple(self.channels) for name in some.value)
        return False

    def _look(self, node: Node, path: Named) -> None:
        """Note a value of the base that is the name of what went."""
        if node.file == self.file or not isinstance(node.value, str) or not path:
            return
        key = path[-1]
        if key in _LEADS_TO and node.value in self.channels:
            self._note(path, f"is {node.value}")
        if key == "shows" or (len(path) > 1 and path[-2] == "shows"):
            self._shown(node.value, path)

    def _shown(self, name: str, path: Named) -> None:
        if name in self.categories:
            self._note(path, f"is {name}")

    def _note(self, path: Named, what: str) -> None:
        """Note a place of the base that is left with nothing; of others validation tells."""
        unit = self._unit(path)
        steps = _steps(unit)
        if _depth(self.whole, steps) == len(steps) == _depth(self.tree, steps):
            place = ".".join(path).replace(".[", "[")
            self.needed[unit] = f"{reason} and {place} {what}" if (
                reason := self.needed.get(unit)
            ) else f"{place} {what}"  # fmt: skip

    def _went(self, key: str, tree: Node) -> bool:
        """Tell whether a tree has less of what a dotted key names than the base."""
        return _depth(tree, _steps(key)) < _depth(self.whole, _steps(key))

    @staticmethod
    def _unit(path: Named) -> str:
        """Return the named thing that a place is a part of, which can go as a whole."""
        for section in (*SECTIONS, ("categories",)):
            if path[: len(section)] == section and len(path) > len(section):
                return ".".join(path[: len(section) + 1])
        named = [n for n, step in enumerate(path) if step.startswith("[")]
        return ".".join(path[: named[0]] if named else path[:-1] or path)


def _steps(key: str) -> Named:
    """Return the steps of a dotted key; numbers of items stay in their brackets."""
    return tuple(key.replace("[", ".[").split("."))


def _depth(node: Node, path: Named) -> int:
    """Return how many steps of a path a tree has."""
    for number, step in enumerate(path):
        items = node.value if isinstance(node.value, list) else None
        if items is None:
            below = node.get(step)
        elif step.startswith("["):
            below = items[int(n)] if (n := step[1:-1]).isdecimal() and int(n) < len(items) else None
        else:
            below = next((item for item in items if _name(item) == step), None)
        if below is None:
            return number
        node = below
    return len(path)
