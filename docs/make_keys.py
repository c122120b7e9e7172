"""Write what is made from the scenario's model: `make pin` keeps it.

``keys.md`` (every key), the tables of defaults in ``parameters.md``, and
``scenarios/scenario.schema.json``, which the shipped scenarios name for editors.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from omnilab.parameters.declared import words_of
from omnilab.scenario import Scenario, json_schema
from omnilab.scenario.document import read_document
from omnilab.scenario.keys import Key, explained, parts_of
from omnilab.scenario.tree import Node
from omnilab.world.mechanisms import World

ROOT = Path(__file__).resolve().parents[1]
KEYS, PARAMETERS = ROOT / "docs/reference/keys.md", ROOT / "docs/reference/parameters.md"
SCHEMA = ROOT / "scenarios" / "scenario.schema.json"


def mechanisms() -> dict[str, tuple[str]]:
    """Return the heading and the class of each of the world's mechanisms."""
    parts = [f for f in World.model_fields.values() if isinstance(f.default, BaseModel)]
    return {words_of(f).what.rstrip("."): (type(f.default).__name__,) for f in parts}


#: Headings of the tables of defaults, and the parts that stand under each.
TABLES = {
    **mechanisms(),
    "Time of day": ("World",),
    "Calendar and population": (
        *("Time", "Population", "Persona", "CustomerClass", "ClassSpend", "Dropout", "Entry"),
        *("EarlyRepeats", "History"),
    ),
    "Categories": ("Category", "Spend"),
    "Channels": ("Channel", "VisitSide", "Shown", "MessageSide", "Auction", "SearchSide", "Act"),
    "Places of a town": ("Place",),
    "Goods and stock": ("Aspect", "StockPlan", "StockPlace", "Goods"),
    "Tills and delivery": ("TillSide", "DeliveryWay", "Slots"),
    "The contact centre": ("Contact", "Agents", "AnswerPage", "Survey"),
    "Budgets and referral": ("Budget", "Programme"),
    "Records before the start": ("Upload",),
    "Goods to choose from": ("Good", "Arrival"),
    "Declared offers": ("Offer", "Gift"),
    "The programme": ("MembersProgramme", "Target", "Tier", "Balance", "Score"),
    "Dated changes": ("Change",),
    "Media and content": ("Flight", "Article", "Series"),
    "The brand": (
        *("Brand", "Wiring", "Feed", "Cap", "QuietHours", "Loyalty", "Journey", "Step", "Message"),
        *("Split", "WaitFor", "Near", "Themes", "Creative", "Leeway", "SplitTest", "Arm"),
    ),
    "The scenario": ("Scenario",),
}
PRESETS = ROOT / "sim" / "omnilab" / "scenario" / "presets"
#: What stands around the two made parts of docs/reference/parameters.md.
DEFAULTS = "<!-- made by make pin, from the keys of the model -->"
JOURNEYS = "<!-- made by make pin, from sim/omnilab/scenario/presets/journeys.yaml -->"
END = "<!-- end -->"

INTRODUCTION = """\
# All keys of a scenario file

For whoever writes a scenario. Made by `make pin` from the model itself; don't edit. An editor \
shows the same text where the mouse rests on a key: \
[edit with a schema](../how-to/edit-with-a-schema.md). Words such as silo, hand-off and trigger: \
[words](words.md). Sources: [parameters](parameters.md).

A file is YAML. `extends` names a scenario to start from, `without` what of it shall not stay; \
they and presets are explained under \
[extends and presets](words.md#extends-and-presets). A key that is not here is an error.

| unit | how it is written |
|---|---|
| duration | a number with s, min, h, d or w: `90min`, `24h`, `2w` |
| share | a percentage or a part of 1: `0.27%`, `0.0027` |
| amount | a number, alone or with the scenario's currency: `12.50`, `12.50 EUR` |
| time of day | `HH:MM`, local: `"21:00"` |
| number, whole number | without a unit; the table says what it counts |
"""


def where_parts_stand() -> dict[str, str]:
    """Return the dotted key under which a file writes each part, by the part's class."""
    schema = Scenario.model_json_schema()
    places = {"Scenario": ""}

    def walk(properties: dict[str, object], above: str) -> None:
        for name, place in properties.items():
            for found in re.finditer(r'"\$ref": "#/\$defs/(\w+)"', json.dumps(place)):
                several = '"items"' in json.dumps(place)
                if found[1] not in places:
                    places[found[1]] = f"{above}{name}{'[]' if several else ''}"
                    walk(schema["$defs"][found[1]]["properties"], f"{places[found[1]]}.")

    walk(schema["properties"], "")
    return places


def keys_page() -> str:
    """Return docs/reference/keys.md."""
    places = where_parts_stand()
    parts = {part.__name__: part for part in parts_of(Scenario)}
    lines = [INTRODUCTION]
    for name, keys in explained(Scenario).items():
        title = f"`{places[name]}`" if places[name] else "The file"
        lines += [f"## {title}", "", f"{_first_line(parts[name].__doc__)}", ""]
        lines += [
            "| key | what | type | unit | range | default | source |",
            "|---|---|---|---|---|---|---|",
        ]
        lines += [_key_row(key) for key in keys.values()]
        lines.append("")
    return "\n".join(lines)


def _first_line(text: str | None) -> str:
    return (text or "").strip().splitlines()[0]


def _key_row(key: Key) -> str:
    what = " ".join([key.what, *(f"`{w}`: {t.rstrip('.')}." for w, t in key.values.items())])
    facts = [key.facts[name] for name in ("Range", "Default", "Source")]
    cells = [f"`{key.name}`", what, key.type, key.unit, *facts]
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def defaults() -> str:
    """Return the tables of defaults for docs/reference/parameters.md."""
    keys = explained(Scenario)
    lines: list[str] = []
    for title, parts in TABLES.items():
        rows = [_default_row(key) for part in parts for key in keys[part].values() if key.default]
        lines += [f"### {title}", "", "| parameter | default | what | kind | source |"]
        lines += ["|---|---|---|---|---|", *rows, ""]
    left_out = set(keys) - {part for parts in TABLES.values() for part in parts}
    assert not left_out, f"TABLES lacks {', '.join(sorted(left_out))}"
    return "\n".join(lines)


def _default_row(key: Key) -> str:
    what = f"{key.what.rstrip('.')}{f'; {key.unit}' if key.type.endswith('number') else ''}"
    return f"| `{key.part}.{key.name}` | {key.default} | {what} | {key.kind} | {key.source} |"


def journeys() -> str:
    """Return the table of the journeys' times, offers and hours for parameters.md."""
    file = PRESETS / "journeys.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    rows = ["| preset | value | kind | source |", "|---|---|---|---|"]
    for path, node in _numbers(read_document(file), ""):
        _, _, said = lines[node.line - 1].partition("# source: ")
        kind, _, source = (said or "A").partition(", ")
        rows.append(f"| `{path}` | {node.value} | {kind} | {source} |")
    return "\n".join(rows)


def _numbers(node: Node, path: str) -> Iterator[tuple[str, Node]]:
    """Yield the numbers of a file, with their units, by dotted key."""
    inner = node.value
    if isinstance(inner, dict):
        for key, child in inner.items():
            yield from _numbers(child, f"{path}.{key}" if path else key)
    elif isinstance(inner, list):
        for number, child in enumerate(inner):
            yield from _numbers(child, f"{path}.{number}")
    elif re.match(r"-?[0-9]", str(inner)):
        yield path, node


def _with_part(text: str, begin: str, part: str) -> str:
    """Return a page with the made part after ``begin`` replaced."""
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(END)
    return f"{before}{begin}\n\n{part.rstrip()}\n\n{END}{after}"


def pages() -> Iterator[tuple[Path, str]]:
    """Yield each made file and its text."""
    yield KEYS, keys_page()
    parameters = _with_part(PARAMETERS.read_text(encoding="utf-8"), DEFAULTS, defaults())
    yield PARAMETERS, _with_part(parameters, JOURNEYS, journeys())
    yield SCHEMA, json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for path, text in pages():
        path.write_text(text, encoding="utf-8")
