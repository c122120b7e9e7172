"""Read one YAML file into nodes that know their lines, within limits on size and nesting.

All files of the product in YAML go through here: scenarios, strategies and plans of cascades.
Only the data part of YAML is taken, by the rules of its version 1.2 (``on`` and ``no`` are text,
``21:00`` is not a number), and each scalar keeps the text that the file has. The parser's events
are read one by one, and not through PyYAML's recursive composer, so that deep nesting and alias
bombs stop before they cost anything.
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Protocol

import yaml

from omnilab._files.kinds import YAML, near_file
from omnilab._files.messages import one_line, shown
from omnilab._files.yaml_tree import Node, Scalar, dotted
from omnilab.errors import OmnilabError, ScenarioError, nearest

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_VALUES", "Raised", "parse_yaml", "read_yaml"]

MAX_BYTES = 1 << 20
MAX_DEPTH = 40
MAX_VALUES = 100_000  # after aliases are expanded
_KEPT = 64  # texts whose nodes a process keeps
_SMALL = 1 << 17  # characters of one that is kept

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, Scalar] = {"": None, "~": None, "null": None, "true": True, "false": False}


class Raised(Protocol):
    """Makes the error that a reader raises, of a message and its place."""

    def __call__(
        self, message: str, /, *, file: str, line: int | None = None, key: str | None = None
    ) -> OmnilabError:
        """Return the error."""

    def __hash__(self) -> int:
        """Return what it is found by among the readers' kept texts."""


def read_yaml(path: str | Path, raised: Raised = ScenarioError) -> Node:
    """Read a YAML file whose top level is a mapping.

    The file is UTF-8, or UTF-16 where a byte order mark says so.

    Parameters
    ----------
    path
        The file.
    raised
        The kind of error to raise.

    Raises
    ------
    OmnilabError
        If the file is missing, a folder, unreadable, too large, not UTF-8, empty, not YAML, has
        two equal keys in one mapping, or is nested or expanded beyond the limits.
    """
    file = str(path)
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise raised(f"no such file{near_file(file, YAML)}", file=file) from None
    except IsADirectoryError:
        raise raised("is a folder, not a file", file=file) from None
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise raised(f"can't be read: {reason}", file=file) from None
    if len(data) > MAX_BYTES:
        raise raised(f"larger than {MAX_BYTES >> 20} MiB", file=file, line=1)
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = "UTF-16" if wide else "UTF-8"
        message = f"not {what} (byte 0x{data[error.start]:02x}); save the file as UTF-8"
        raise raised(message, file=file, line=line) from None
    return parse_yaml(text, file, raised)


def parse_yaml(text: str, file: str, raised: Raised = ScenarioError) -> Node:
    """Read YAML text whose top level is a mapping; ``file`` is how errors call it.

    Raises
    ------
    OmnilabError
        As `read_yaml`, as far as it concerns the text.
    """
    return (_kept if len(text) <= _SMALL else _parsed)(text, file, raised)


def _parsed(text: str, file: str, raised: Raised) -> Node:
    """Return the nodes of a text that was not read before."""
    reader = _Reader(text, file, raised)
    try:
        root = reader.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        raise reader.error(f"not YAML: {error.problem or error.context}", line) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        character = error.character if isinstance(error.character, str) else chr(error.character)
        raise reader.error(f"character {character!r} is not allowed", line) from None
    except (ValueError, OverflowError):  # an escape or a version beyond what PyYAML expects
        raise reader.error("not YAML: an escape or a directive has no meaning", 1) from None
    if not isinstance(root.value, dict):
        message = f"expected a mapping of keys to values, found {shown(root.value)}"
        raise reader.error(message, root.line)
    return root


#: The same text is asked for again and again: a scenario that others extend, worlds of one base.
#: Nobody changes a node's mappings and lists, so who reads it again may have the same ones.
_kept: Callable[[str, str, Raised], Node] = lru_cache(maxsize=_KEPT)(_parsed)


class _Built(NamedTuple):
    """A node with its number of values and its height, aliases expanded."""

    node: Node
    size: int
    height: int


class _Reader:
    """Turns the parser's events into nodes."""

    def __init__(self, text: str, file: str, raised: Raised) -> None:
        self._file, self._raised = file, raised
        self._n_lines = max(1, len(text.splitlines()))
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.SafeLoader)
        self._path: list[str | int] = []
        self._anchors: dict[str, _Built | None] = {}  # None while the anchored value is open

    def error(self, message: str, line: int, key: str | None = None) -> OmnilabError:
        """Return an error at ``line``, or at the last line where YAML ends beyond it."""
        line = min(line, self._n_lines)
        key = dotted((*self._path, key) if key is not None else self._path) or None
        return self._raised(one_line(message), file=self._file, line=line, key=key)

    def document(self) -> Node:
        """Return the root of the only document."""
        next(self._events)  # stream start
        if isinstance(next(self._events), yaml.StreamEndEvent):
            raise self.error("empty file", 1)
        root = self._build(next(self._events), 0).node
        next(self._events)  # document end
        following = next(self._events)
        if isinstance(following, yaml.DocumentStartEvent):
            raise self.error("a second document begins here; a file has one", _line(following))
        if root.value is None:
            raise self.error("empty file", 1)
        return root

    def _build(self, event: yaml.Event, depth: int) -> _Built:
        """Return the value that starts with ``event``."""
        line = _line(event)
        if depth > MAX_DEPTH:
            raise self.error(f"nested deeper than {MAX_DEPTH} levels", line)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, depth)
        assert isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
        if event.tag not in (None, "!"):
            raise self.error(
                f"the tag {shown(event.tag)} is not allowed; only plain data is read", line
            )
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        if isinstance(event, yaml.ScalarEvent):
            built = _Built(self._scalar(event), 1, 0)
        elif isinstance(event, yaml.SequenceStartEvent):
            built = self._list(line, depth)
        else:
            built = self._mapping(line, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = built
        return built

    def _alias(self, event: yaml.AliasEvent, depth: int) -> _Built:
        line = _line(event)
        if event.anchor not in self._anchors:
            hint = nearest(str(event.anchor), self._anchors)
            raise self.error(f"unknown alias {shown(event.anchor)}{hint}", line)
        built = self._anchors[event.anchor]
        if built is None:
            raise self.error(f"alias {shown(event.anchor)} is inside the value that it names", line)
        if depth + built.height > MAX_DEPTH:
            raise self.error(
                f"nested deeper than {MAX_DEPTH} levels by alias {shown(event.anchor)}", line
            )
        return built

    def _list(self, line: int, depth: int) -> _Built:
        items: list[Node] = []
        size, height = 1, 0
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            self._path.append(len(items))
            item = self._build(event, depth + 1)
            self._path.pop()
            items.append(replace(item.node, line=_line(event)))
            size, height = size + item.size, max(height, item.height)
            self._stop_bomb(size, _line(event))
        return _Built(Node(items, self._file, line), size, height + 1)

    def _mapping(self, line: int, depth: int) -> _Built:
        entries: dict[str, Node] = {}
        size, height = 1, 0
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key, key_line = self._key(event), _line(event)
            if key in entries:
                first = entries[key].line
                raise self.error(
                    f"duplicate key {shown(key)}, first on line {first}", key_line, key
                )
            self._path.append(key)
            entry = self._build(next(self._events), depth + 1)
            self._path.pop()
            entries[key] = replace(entry.node, line=key_line)
            size, height = size + entry.size, max(height, entry.height)
            self._stop_bomb(size, key_line)
        return _Built(Node(entries, self._file, line), size, height + 1)

    def _stop_bomb(self, size: int, line: int) -> None:
        if size > MAX_VALUES:
            raise self.error(f"more than {MAX_VALUES} values once aliases are expanded", line)

    def _key(self, event: yaml.Event) -> str:
        """Return a mapping's key: any scalar, as the text that the file has."""
        if not isinstance(event, yaml.ScalarEvent) or event.tag is not None:
            raise self.error("a key must be plain text", _line(event))
        if event.value == "<<" and event.style is None:
            message = (
                "the merge key << is not read: write the keys out (in a scenario, use extends or "
                "a preset)"
            )
            raise self.error(message, _line(event), "<<")
        if event.anchor is not None:
            self._anchors[event.anchor] = _Built(self._scalar(event), 1, 0)
        return self._checked(event)

    def _scalar(self, event: yaml.ScalarEvent) -> Node:
        """Return a scalar's value; only what is written without quotes can be a number."""
        text = self._checked(event)
        value: Scalar = text
        if event.style is None and event.tag is None:
            if text.lower() in _WORDS:
                value = _WORDS[text.lower()]
            elif _INTEGER.fullmatch(text):
                value = int(text)
            elif _FLOAT.fullmatch(text):
                value = float(text)
                if math.isinf(value):
                    raise self.error(f"the number {text[:64]} is too large", _line(event))
        return Node(value, self._file, _line(event), text)

    def _checked(self, event: yaml.ScalarEvent) -> str:
        """Return a scalar's text, refusing half characters, which can't be written again."""
        text: str = event.value
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise self.error("an escape names half a character", _line(event)) from None
        return text


def _line(event: yaml.Event) -> int:
    """Return the 1-based line where an event starts."""
    mark = event.start_mark
    return 1 if mark is None else mark.line + 1
