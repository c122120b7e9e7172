"""Print docs/reference/log-rows.md, every kind of row and its fields: `make pin`."""

from __future__ import annotations

import inspect
import re
from itertools import groupby

import click

from omnilab.log import rows
from omnilab.log.layout import fields_of

INTRODUCTION = """\
# Rows of the event log

For everybody who reads `events.parquet` or `Result.events`. Made by `make pin` from \
`sim/omnilab/log/rows.py` and `log/kinds`; don't edit.

A row is one event about one person. All of its numbers are whole numbers, so two engines write \
the same bytes. [Debug one customer](../how-to/debug-one-customer.md) reads a log line by line.

## What every row has

| column | what it says |
|---|---|
| `strategy` | the strategy under which it happened (`events.parquet` only) |
| `time_s` | seconds from the start of the burn-in |
| `person` | the person, from 0 |
| `seq` | counts the rows of one person |
| `priority` | orders rows of one second: 0 the world, 1 messages, 2 the brand |
| `kind` | one of the kinds below |
| `channel` | empty where no channel has a part in it |
| `silo` | empty where no silo has a part in it |

A column is empty where a row's kind has no such field. `need` is the person's own number of \
a need. `message` is a message's id, `journey` and `step` are numbers from 0 in the \
strategy's plan. `profile`, `survivor` and `absorbed` are serial numbers of the brand's profiles \
within a cell.
"""


#: What a field says whatever the kind.
EVERYWHERE = {
    "persona": "number of the persona in the scenario",
    "household": "number of the household",
    "need": "number of the need",
    "category": "number of the category in the scenario",
    "type": "number of the identifier's type",
    "message": "id of the message",
    "journey": "number of the journey",
    "step": "number of the step",
    "profile": "serial number of the profile",
    "steps": "steps that had to be repeated",
    "absorbed": "serial number of the profile that is no more",
    "survivor": "serial number of the profile that remains",
    "copy_serial": "serial number of the journey instance",
    "place": "number of the place: within the town, or among those of `stock`",
    "variant": "number of the variant, of all categories",
    "free": "units left there for anybody",
    "n": "units",
    "metres": "metres between the person and the place",
    "home_y": "the same, northwards",
    "work_x": "the same of the workplace",
    "work_y": "the same of the workplace, northwards",
    "y": "the same, northwards",
    "works": "1: the person has a workplace",
    "line": "number of the line",
    "after": "1: the question is about an order",
    "hard": "1: no page can answer it",
    "attempt": "times that it has been asked before",
    "known": "1: the agent sees what went before",
}


def comments(kind: type) -> dict[str, str]:
    """Return what stands behind each field of a class in its source, those of its bases too."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__[:-2]):
        for line in inspect.getsource(base).splitlines():
            match = re.match(r"    (\w+): i\d(?:  # (.*))?$", line)
            if match:
                found[match.group(1)] = match.group(2) or ""
    return found


def numbers_of(prefix: str) -> str:
    """Return the numbers with a prefix and their names, in order."""
    named = {v: k for k, v in vars(rows).items() if k.startswith(f"{prefix}_")}
    words = {
        n: name.removeprefix(f"{prefix}_").lower().replace("_", " ") for n, name in named.items()
    }
    return ", ".join(f"{n} {words[n]}" for n in sorted(words))


def said(comment: str) -> str:
    """Return a field's comment as a cell of a table; a prefix of numbers is spelt out."""
    return re.sub(r"\b([A-Z]+)_\*", lambda m: numbers_of(m.group(1)), comment)


def page() -> str:
    """Return the page."""
    lines = [INTRODUCTION]
    for kind, group in groupby(rows.KINDS.items(), key=lambda item: item[1]):
        names = [f"`{rows.KIND_NAMES[number]}`" for number, _ in group]
        lines += [f"## {', '.join(names)}", "", (inspect.getdoc(kind) or "").splitlines()[0], ""]
        about = comments(kind)
        fields = fields_of(kind)
        if fields:
            lines += ["| column | what it says |", "|---|---|"]
            lines += [
                f"| `{rows.WITH_UNITS.get(f, f)}` | {said(about[f] or EVERYWHERE[f])} |"
                for f in fields
            ]
            lines.append("")
    return "\n".join(lines)


@click.command()
def main() -> None:
    """Print the page."""
    click.echo(page(), nl=False)


if __name__ == "__main__":
    main()
