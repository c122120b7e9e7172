"""Write the two pages of Python names from their docstrings: `make pin` keeps them.

``docs/reference/strategy-api.md`` has what a strategy is written with, and
``docs/reference/python-api.md`` has what ``import omnilab`` offers.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import BaseModel

import omnilab
from omnilab import api, errors, strategy, testing
from omnilab.scenario import Scenario
from omnilab.scenario.keys import explained
from omnilab.strategy.protocol import BrandChannel, Decides, Learns

#: Classes whose objects users get and never make.
NOT_MADE = (omnilab.ExperimentFit, omnilab.Fit, omnilab.Result)
REFERENCE = Path(__file__).parent / "reference"

STRATEGY = """\
# The strategy API

For authors of strategies. Made by `make pin` from the docstrings; don't edit. \
[Your strategy](../tutorial/3-your-strategy.md) is the introduction, and \
[plug-ins](plug-ins.md) has the rules.

Everything here is imported from `omnilab.strategy`, but for `BrandChannel`, which only `Brand` \
makes, and `check_strategy`, which is in `omnilab.testing`.
"""
PYTHON = """\
# The Python API

For analysts in a notebook or a script. Made by `make pin` from the docstrings; don't edit. \
[Work from Python](../how-to/work-from-python.md) is the introduction.

    import omnilab as ol
"""
SCENARIO_PARTS = """\
Parts of a scenario are frozen objects. In Python a duration is a whole number of seconds, a share \
is a part of 1, a time of day is in seconds, and `model_copy(update={...})` returns a changed \
copy. [Keys](keys.md) has the same keys as a file writes them.
"""


def pages() -> Iterator[tuple[Path, str]]:
    """Yield each made page and its text."""
    hooks = [("decide", Decides.decide), ("learn", Learns.learn)]
    names = [name for name in strategy.__all__ if name != "Strategy"]
    parts = [n for n in names if issubclass(getattr(strategy, n), BaseModel)]
    others = [n for n in names if n not in parts]
    blocks = [STRATEGY, *_entry("Strategy", strategy.Strategy)]
    for name, hook in hooks:
        blocks += _entry(f"Strategy.{name}", hook, level=3)
    for name in others:
        blocks += _entry(name, getattr(strategy, name))
    blocks += _entry("BrandChannel", BrandChannel)
    blocks += ["## Parts of a journey", SCENARIO_PARTS]
    for name in parts:
        blocks += _part(name, getattr(strategy, name))
    blocks += _entry("check_strategy", testing.check_strategy)
    yield REFERENCE / "strategy-api.md", _joined(blocks)

    blocks = [PYTHON]
    for name in sorted(omnilab.__all__, key=str.lower):
        if name not in ("__version__", "plot"):
            # By the door: as an attribute of omnilab, fit is the package that can be called.
            blocks += _entry(f"ol.{name}", getattr(api, name))
    blocks += ["## ol.plot", _docstring_of(omnilab.plot)]
    for name in omnilab.plot.__all__:
        blocks += _entry(f"ol.plot.{name}", getattr(omnilab.plot, name), level=3)
    blocks += ["## Scenarios", "`ol.load_scenario` returns one. It is frozen."]
    for name in ("changed", "with_customers"):
        blocks += _entry(f"Scenario.{name}", getattr(Scenario, name), level=3)
    blocks += ["## Errors", "All are in `omnilab.errors`.", _errors()]
    yield REFERENCE / "python-api.md", _joined(blocks)


def _docstring_of(package: Any) -> str:
    """Return a package's docstring as one line a paragraph."""
    paragraphs = inspect.getdoc(package).split("\n\n")
    return "\n\n".join(" ".join(p.split()) for p in paragraphs).replace("``", "`")


def _joined(blocks: list[str]) -> str:
    return "\n\n".join(block.strip("\n") for block in blocks if block.strip()) + "\n"


def _entry(name: str, thing: Any, level: int = 2) -> list[str]:
    """Return the blocks of a class or a function, and of a class's public methods."""
    blocks = [f"{'#' * level} {name}", *_signature(name, thing), *_docstring(thing)]
    if inspect.isclass(thing):
        for method, found in _methods(thing):
            blocks += _entry(f"{name.removeprefix('ol.')}.{method}", found, level + 1)
    return blocks


def _methods(cls: type) -> Iterator[tuple[str, Any]]:
    """Yield a class's own public methods and properties, in the order in which they are written."""
    for owner in cls.__mro__:
        if not owner.__module__.startswith("omnilab"):
            continue
        for name, found in vars(owner).items():
            if name.startswith("_") or not found.__doc__:
                continue
            if isinstance(found, classmethod | staticmethod):
                yield name, found.__func__
            elif isinstance(found, property) or inspect.isfunction(found):
                yield name, found


def _signature(name: str, thing: Any) -> list[str]:
    if isinstance(thing, property) or getattr(thing, "_is_protocol", False) or thing in NOT_MADE:
        return []
    if inspect.isclass(thing) and thing.__init__ is object.__init__:
        return []
    found = inspect.signature(thing)
    kept = [p for p in found.parameters.values() if p.name not in ("self", "cls")]
    returns = found.return_annotation
    shown = [_parameter(p) for p in _with_star(kept)]
    short = name.rpartition(".")[2]
    arrow = "" if returns in (inspect.Signature.empty, "None", None) else f" -> {returns}"
    line = f"{short}({', '.join(shown)}){arrow}"
    if len(line) > 96:
        line = f"{short}(\n" + "".join(f"    {text},\n" for text in shown) + f"){arrow}"
    return [f"```text\n{line}\n```"]


def _with_star(parameters: list[inspect.Parameter]) -> Iterator[inspect.Parameter | None]:
    """Yield parameters, and None where those begin that need their name."""
    before = None
    for parameter in parameters:
        named = parameter.kind is inspect.Parameter.KEYWORD_ONLY
        if named and before is not inspect.Parameter.KEYWORD_ONLY:
            yield None
        before = parameter.kind
        yield parameter


def _parameter(parameter: inspect.Parameter | None) -> str:
    if parameter is None:
        return "*"
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    text = f"{stars.get(parameter.kind, '')}{parameter.name}: {parameter.annotation}"
    if parameter.default is inspect.Parameter.empty:
        return text
    default = parameter.default
    shown = "..." if " at 0x" in repr(default) or "<factory>" in repr(default) else repr(default)
    return f"{text} = {shown}"


@dataclass(frozen=True)
class _Section:
    title: str
    lines: tuple[str, ...]


def _docstring(thing: Any) -> list[str]:
    """Return a docstring in NumPy's form as Markdown."""
    text = inspect.getdoc(thing) or ""
    assert text, f"{thing!r} has no docstring"
    blocks = []
    for section in _sections(text):
        if section.title == "Parameters" and thing in NOT_MADE:
            continue
        if not section.title:
            blocks.append(_code("\n".join(section.lines)))
        elif section.title == "References":
            blocks.append(f"*References*: {_code(' '.join(section.lines).strip())}")
        else:
            blocks += [f"*{section.title}*", _items(section.lines)]
    return blocks


def _sections(text: str) -> Iterator[_Section]:
    lines = text.splitlines()
    heads = [
        n for n in range(len(lines) - 1)
        if lines[n].strip() and re.fullmatch(r"-{3,}", lines[n + 1].strip())
    ]  # fmt: skip
    yield _Section("", tuple(lines[: heads[0]] if heads else lines))
    for here, after in pairwise([*heads, len(lines)]):
        yield _Section(lines[here], tuple(lines[here + 2 : after]))


def _items(lines: tuple[str, ...]) -> str:
    """Return a section's names and their descriptions as a list."""
    items: list[tuple[str, list[str]]] = []
    for line in lines:
        if line and not line.startswith(" "):
            items.append((line, []))
        elif line.strip() and items:
            items[-1][1].append(line.strip())
    shown = []
    for name, words in items:
        names = ", ".join(f"`{part}`" for part in name.split(", "))
        shown.append(f"- {names}: {_code(' '.join(words))}")
    return "\n".join(shown)


def _code(text: str) -> str:
    return re.sub(r"``(.+?)``", r"`\1`", text)


def _part(name: str, cls: type[BaseModel]) -> list[str]:
    """Return a part of a scenario as the table of its keys."""
    keys = explained(Scenario).get(name) or explained(cls)[name]
    rows = ["| key | what | type | range | default |", "|---|---|---|---|---|"]
    for key in keys.values():
        words = " ".join([key.what, *(f"`{w}`: {t.rstrip('.')}." for w, t in key.values.items())])
        default = key.facts["Default"]
        cells = [f"`{key.name}`", words, key.type, key.range, default]
        rows.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return [f"### {name}", *_docstring(cls), "\n".join(rows)]


def _errors() -> str:
    rows = ["| error | what it is |", "|---|---|"]
    for name, found in vars(errors).items():
        if inspect.isclass(found) and issubclass(found, errors.OmnilabError):
            rows.append(f"| `{name}` | {_code((inspect.getdoc(found) or '').splitlines()[0])} |")
    return "\n".join(rows)


if __name__ == "__main__":
    for path, text in pages():
        path.write_text(text, encoding="utf-8")
