"""Turn pydantic's findings into one-line errors that point to the user's line.

A finding names a path inside the data; the tree knows on which line of which file that was
written, and the JSON Schema knows which names would have been right there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from omnilab.errors import ScenarioError, meant_whole, nearest
from omnilab.parameters.quantity import format_duration, format_share, parse_duration, parse_share
from omnilab.scenario.preset import unknown_preset
from omnilab.scenario.schema import plain_schema, valid_names
from omnilab.scenario.text import one_line, shown
from omnilab.scenario.tree import Node, Step, dotted, find, from_plain

__all__ = ["FieldError", "FieldsError", "InvalidScenarioError", "problems", "unwritten_problem"]

_EXPECTED = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string": "text",
    "list": "a list",
    "tuple": "a list",
    "dict": "a mapping",
    "model": "a mapping",
    "date": "a date such as 2025-01-06",
}
_TIME = (
    "; what is measured lasts time.window, after time.burn_in, which takes nothing from it, and "
    "before time.run_out"
)
# Keys that other simulators have, and what is here instead.
_ELSEWHERE = dict.fromkeys(("horizon", "duration", "periods", "n_days", "end"), _TIME)
_LIMITS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}
_WORD = "literal_error"
_LENGTHS = {"too_short": ("min_length", "at least"), "too_long": ("max_length", "at most")}
_QUOTED = re.compile(r"'([^']*)'")
_SUBJECT = re.compile(r"^\w+(?= should )")  # pydantic's "Input" or "String", for the value
# A number with a unit, or with a comma in the place of its point.
_WITH_UNIT = re.compile(r"([0-9]+(?:[.,][0-9]{1,2})?) ?([a-zA-Z]*)")
# Units that a number of another unit may be written in: what is meant then is not known.
_OTHER_UNITS = frozenset(["cm", "m", "km", "s", "min", "h", "d", "w", "k", "K", "M"])
# A name and a value without the space that YAML asks for.
_NO_SPACE = re.compile(r"([a-z_]+):(\S.*)")
_DOTTED = re.compile(r"\b[a-z_]+(?:\.[a-z_][\w-]*)+")
_KEY_FIRST = re.compile(r"([A-Za-z][\w-]*(?:\.[\w-]+)*)(:? )")

#: What belongs into keys of a journey that are easily left out.
_BELONGS: Final = {
    "sequence": ": the silos whose turn it is, in their order, such as [email, app]",
    "steps": ": a list of a delay and a message each",
}


class FieldError(ValueError):
    """A validator's finding about a key below the model that it checks.

    Parameters
    ----------
    message
        What is wrong and the nearest right thing.
    path
        The steps from that model to the key: field names, and numbers or names of list items.
    """

    def __init__(self, message: str, *path: Step) -> None:
        super().__init__(message)
        self.path = path


class FieldsError(ValueError):
    """Several findings of one validator, which pydantic would end at the first.

    Parameters
    ----------
    errors
        The findings, at least one.
    """

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(str(errors[0]))
        self.errors = tuple(errors)


class InvalidScenarioError(ScenarioError):
    """The first of all findings about a scenario, by line.

    Attributes
    ----------
    others : tuple of ScenarioError
        The findings after the first one, in the order of their lines.
    """

    def __init__(self, first: ScenarioError, others: Sequence[ScenarioError] = ()) -> None:
        super().__init__(first.message, file=first.file, line=first.line, key=first.key)
        self.others = tuple(others)


def problems(
    invalid: ValidationError, root: Node, schema: Callable[[], Mapping[str, Any]]
) -> InvalidScenarioError:
    """Return the error of a scenario's findings, those in the user's own file first.

    Parameters
    ----------
    invalid
        What pydantic found.
    root
        The tree that was validated.
    schema
        Makes the model's JSON Schema, which is needed only where a key is unknown.
    """
    findings = [part for f in invalid.errors(include_url=False) for part in _parts(f)]
    names: Mapping[str, Any] = {}
    if any(found["type"] == "extra_forbidden" for found in findings):
        names = schema()
    kept = _causes(_joined_choices(findings, [_problem(f, root, names) for f in findings]))
    kept.sort(key=lambda e: (e.file != root.file, str(e.file), e.line or 0))
    unique = list({str(error): error for error in kept}.values())
    return InvalidScenarioError(unique[0], unique[1:])


def unwritten_problem(
    invalid: ValidationError, data: Mapping[str, Any], model: type[BaseModel]
) -> InvalidScenarioError:
    """Return the error of data that no file has: as `problems`, with keys but without lines."""
    found = problems(invalid, from_plain(data), lambda: plain_schema(model))
    first, *others = (
        ScenarioError(error.message, key=error.key) for error in (found, *found.others)
    )
    return InvalidScenarioError(first, others)


def _parts(finding: Any) -> Iterator[Any]:
    """Yield a finding, or each of those that a validator raised together."""
    error = finding.get("ctx", {}).get("error")
    if isinstance(error, FieldsError):
        for one in error.errors:
            yield {**finding, "ctx": {"error": one}}
    else:
        yield finding


def _joined_choices(findings: Sequence[Any], errors: list[ScenarioError]) -> list[ScenarioError]:
    """Return the errors with one for each key that takes a word or something else, not two.

    Of a number of tills that may also be `none` pydantic says what is wrong as a number, and what
    is wrong as a word.
    """
    words = {e.key: e for f, e in zip(findings, errors, strict=True) if f["type"] == _WORD}
    others = {e.key for f, e in zip(findings, errors, strict=True) if f["type"] != _WORD}
    joined = []
    for finding, error in zip(findings, errors, strict=True):
        if finding["type"] == _WORD and error.key in others:
            continue
        if finding["type"] != _WORD and error.key in words:
            or_word = words[error.key].message.partition(" is not one of ")[2]
            message = f"{error.message}, or write {or_word}"
            joined.append(ScenarioError(message, file=error.file, line=error.line, key=error.key))
        else:
            joined.append(error)
    return joined


def _causes(found: list[ScenarioError]) -> list[ScenarioError]:
    """Leave out what only follows from another finding.

    A key is missing because it was misspelt or its preset is unknown; a list is too short because
    its items are wrong.
    """
    keys = [error.key or "" for error in found]
    misspelt = {
        (key.rpartition(".")[0], error.message.partition("did you mean ")[2].rstrip("?)"))
        for key, error in zip(keys, found, strict=True)
        if error.message.startswith("unknown key ")
    }
    without_preset = tuple(key.removesuffix("preset") for key in keys if key.endswith(".preset"))
    kept = []
    for key, error in zip(keys, found, strict=True):
        parent, _, name = key.rpartition(".")
        if error.message.startswith("missing key "):
            follows = (parent, repr(name)) in misspelt or key.startswith(without_preset)
        else:
            inside = any(other.startswith((f"{key}.", f"{key}[")) for other in keys)
            follows = error.message.startswith("needs at least ") and inside
        if not follows:
            kept.append(error)
    return kept


def _problem(finding: Any, root: Node, schema: Mapping[str, Any]) -> ScenarioError:
    """Return one finding as an error at its line."""
    location = tuple(step for step in finding["loc"] if step != "[key]")
    node, path = find(root, location)
    kind, given = finding["type"], shown(finding["input"])
    context = finding.get("ctx", {})
    if kind == "missing" and isinstance(location[-1], int):
        return node.error(f"item {location[-1] + 1} is missing", dotted(path, root))
    if kind == "missing":
        name = str(location[-1])
        belongs = _BELONGS.get(name, "")
        return node.error(f"missing key {name!r}{belongs}", _joined(dotted(path, root), name))
    if kind == "extra_forbidden":
        if preset := unknown_preset(path, finding["input"]):
            return node.error(preset, dotted(path, root))
        name = str(location[-1])
        hint = _ELSEWHERE.get(name.lower()) or nearest(name, valid_names(schema, path[:-1]))
        return node.error(f"unknown key {shown(name)}{hint}", dotted(path, root))
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        if finding["input"] is False and context.get("expected") == "True":
            return node.error("expected true, found false: or leave it out", dotted(path, root))
        names = _QUOTED.findall(str(context.get("expected", context.get("expected_tags", ""))))
        value = finding["input"] if kind != "union_tag_invalid" else context.get("tag")
        message = f"{shown(value)} is not one of {', '.join(names)}{nearest(str(value), names)}"
        return node.error(message, dotted(path, root))
    if kind == "string_pattern_mismatch" and path == ("currency",):
        hint = f" (did you mean {str(finding['input']).upper()!r}?)"
        known = re.fullmatch("[A-Za-z]{3}", str(finding["input"]))
        message = (
            f"{given} is no currency: three capital letters such as EUR{hint if known else ''}"
        )
        return node.error(message + (hint if known else ""), dotted(path, root))
    if kind == "value_error":
        return _from_validator(context.get("error"), root, node, path)
    if kind in _LIMITS:
        key, words = _LIMITS[kind]
        message = f"{given} must be {words} {_like(finding['input'], context[key])}"
        return node.error(message, dotted(path, root))
    if kind in _LENGTHS:
        key, words = _LENGTHS[kind]
        message = f"needs {words} {context[key]} item{'' if context[key] == 1 else 's'}"
        return node.error(f"{message}, has {context['actual_length']}", dotted(path, root))
    if kind == "int_parsing_size":
        return node.error(f"expected a whole number, {given} is too large", dotted(path, root))
    expected = _EXPECTED.get(kind.partition("_")[0])
    if expected and kind.rpartition("_")[2] in ("type", "parsing", "float"):
        hint = _meant(kind, finding["input"], str(path[-1]) if path else "")
        return node.error(f"expected {expected}, found {given}{hint}", dotted(path, root))
    message = _SUBJECT.sub(lambda _: given, one_line(finding["msg"]))
    return node.error(message, dotted(path, root))


def _meant(kind: str, given: object, name: str) -> str:
    """Return what was meant by a text in the place of a number or a mapping, "" if unclear."""
    if not isinstance(given, str):
        return ""
    if kind.startswith("int") and (hint := meant_whole(given)):
        return hint
    if kind.startswith(("int", "float")) and (number := _WITH_UNIT.fullmatch(given)):
        whole = number[1].isdecimal()
        told = number[2] in ("", name.rpartition("_")[2]) or number[2] not in _OTHER_UNITS
        meant = number[1].replace(",", ".")
        return f" (did you mean {meant}?)" if told and (whole or kind.startswith("float")) else ""
    if kind.startswith(("model", "dict")) and (pair := _NO_SPACE.fullmatch(given)):
        return f" (did you mean '{pair[1]}: {pair[2]}', with a space?)"
    return ""


def _from_validator(error: object, root: Node, node: Node, path: tuple[Step, ...]) -> ScenarioError:
    """Return a validator's own message, at the key that it names as far as that was written."""
    message = one_line(error)
    below: tuple[Step, ...] = ()
    if isinstance(error, FieldError):
        below = error.path
    elif match := _KEY_FIRST.match(message):
        steps = tuple(match[1].split("."))
        if _numbered(node, steps):
            below = steps
            if match[2] == ": ":
                message = message[match.end() :]
    steps = _numbered(node, below)
    place, _ = find(node, steps)
    if place.file != root.file:
        if own := _own(node, steps, message, root.file):
            steps = below = own
            place, _ = find(node, steps)
        elif own := _mentioned(root, message):
            return find(root, own)[0].error(message, dotted(own, root))
        else:
            place = _above(node, steps, root.file)
    named = dotted((*path, *steps), root)
    for step in below[len(steps) :]:  # a default, or not given: still say which key
        named = _joined(named, str(step))
    return place.error(message, named or None)


def _own(node: Node, steps: tuple[Step, ...], message: str, file: str) -> tuple[Step, ...]:
    """Return the steps to what the user's own file says beside a finding, () if nothing.

    Two values may not fit together, and the finding may name first the one that a preset or the
    extended scenario has.
    """
    parent, _ = find(node, steps[:-1])
    if isinstance(parent.value, dict):
        for key, child in parent.value.items():
            if child.file == file and re.search(rf"\b{re.escape(key)}\b", message):
                return (*steps[:-1], key)
    return ()


def _mentioned(root: Node, message: str) -> tuple[Step, ...]:
    """Return the steps to the first dotted key of a message that the user's file has, or ()."""
    for words in _DOTTED.findall(message):
        named = tuple(words.split("."))
        steps = _numbered(root, named)
        if len(steps) == len(named) and find(root, steps)[0].file == root.file:
            return steps
    return ()


def _above(node: Node, steps: tuple[Step, ...], file: str) -> Node:
    """Return the user's own node that is nearest above a key which another file has."""
    while steps and find(node, steps)[0].file != file:
        steps = steps[:-1]
    return find(node, steps)[0]


def _numbered(node: Node, steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps that exist below ``node``, with list items' names turned to numbers."""
    taken: list[Step] = []
    for step in steps:
        if isinstance(node.value, list):
            named = [item.get("name") for item in node.value]
            texts = [None if name is None else name.value for name in named]
            if isinstance(step, str) and step in texts:
                step = texts.index(step)
        child, found = find(node, (step,))
        if not found:
            break
        taken.append(step)
        node = child
    return tuple(taken)


def _like(given: object, limit: Any) -> str:
    """Write a limit in the form in which the user gave the value."""
    if isinstance(given, str):
        for parse, write in ((parse_duration, format_duration), (parse_share, format_share)):
            try:
                parse(given)
            except ValueError:
                continue
            return str(write(limit))
    return f"{limit:g}" if isinstance(limit, float) else str(limit)


def _joined(parent: str, name: str) -> str:
    return f"{parent}.{name}" if parent else name
