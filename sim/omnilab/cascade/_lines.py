"""YAML whose mappings and lists know the lines that they are from, so that errors can tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml

from omnilab.errors import OptionError

__all__ = ["Items", "Mapping", "PlaceError", "parse", "within"]


class PlaceError(OptionError):
    """An error of which the line is known."""

    def __init__(self, message: str, line: int | None) -> None:
        super().__init__(message)
        self.line = line


class Mapping(dict[Any, Any]):
    """A mapping with its line and the lines of its keys."""

    def __init__(self) -> None:
        super().__init__()
        self.line: int | None = None
        self.lines: dict[Any, int] = {}


class Items(list[Any]):
    """A list with the lines of its items."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []


class _Loader(yaml.SafeLoader):
    """YAML's plain data, with lines."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Mapping:
    made = Mapping()
    made.update(loader.construct_mapping(node, deep=True))
    made.line = node.start_mark.line + 1
    for key, _ in node.value:
        made.lines[loader.construct_object(key, deep=True)] = key.start_mark.line + 1
    return made


def _items(loader: _Loader, node: yaml.SequenceNode) -> Items:
    made = Items()
    made.extend(loader.construct_sequence(node, deep=True))
    made.lines = [item.start_mark.line + 1 for item in node.value]
    return made


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor("tag:yaml.org,2002:seq", _items)


def parse(text: str) -> Any:
    """Return what a YAML text says, None if it says nothing."""
    loader = _Loader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


@contextmanager
def within(place: Mapping | Items | None, item: int = 0) -> Iterator[None]:
    """Give errors that have no line yet that of an item, or of the key that they speak of."""
    try:
        yield
    except PlaceError:
        raise
    except OptionError as error:
        if isinstance(place, Items):
            raise PlaceError(str(error), place.lines[item]) from error
        if isinstance(place, Mapping):
            raise PlaceError(str(error), _line_of(str(error), place)) from error
        raise


def _line_of(message: str, mapping: Mapping) -> int | None:
    """Return the line of the key that a message names first, else that of the mapping."""
    words = re.sub(r"'[^']*'", "", message)  # what is quoted is the user's
    said = {key: re.search(rf"\b{re.escape(str(key))}", words) for key in mapping.lines}
    starts = [(found.start(), mapping.lines[key]) for key, found in said.items() if found]
    return min(starts)[1] if starts else mapping.line
