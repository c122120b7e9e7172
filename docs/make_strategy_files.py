"""Print docs/reference/strategy-files.md, every key of a strategy in YAML: `make pin`."""

from __future__ import annotations

from typing import Final

import click
from pydantic import BaseModel

from omnilab.glossary import choice_words
from omnilab.scenario.keys import Key, keys_of
from omnilab.scenario.programme_money import Costs
from omnilab.strategy.declared import StrategyFile

#: Keys whose own keys a scenario has too: the heading of docs/reference/keys.md that lists them.
ELSEWHERE: Final = {
    "journeys": "brand.journeys[]", "cap": "brand.cap", "wiring": "brand.wiring",
    "budgets": "brand.budgets[]",
}  # fmt: skip

INTRODUCTION = """\
# Strategy files

For whoever writes a strategy in YAML. Made by `make pin` from the model itself; don't edit. \
[Your strategy](../tutorial/3-your-strategy.md#without-python) introduces it, \
[from a question to a gate](../tutorial/5-from-question-to-gate.md) uses one. `-s FILE.yaml` takes \
it wherever a command takes a strategy.

```yaml
name: kicks
sharing: {identity: all, context: all, stop: all, contact_policy: all}
cap: {messages: 3, per: 7d}
journeys:
  - {name: cart, cooldown: 7d}      # one of the scenario's, with one key changed
  - name: newsletter
    steps: [{exit: true}]           # one of the scenario's: silent
  - name: care                      # a new one
    trigger: order
    sequence: [store, web, email]   # the silos whose events start and stop it
    cooldown: 30d
    steps:
      - delay: 5d
      - message: {shows: bought, channels: [email]}
```

A file is read for a scenario: its journeys, channels and silos are the scenario's. A key, channel \
or silo that there is not is an error with its line. The format of durations, amounts and shares \
is that of [scenarios](keys.md).
"""

WHERE_LEFT_OUT = """\
Each is `silo` where it is left out. Where identity is `silo` the five after it act as `silo` too.\
"""

NEW_JOURNEY = """\
## A new journey, and its silos

A silo is the channels of one team, on data of its own; `omnilab list channels` says which silo a \
channel is of. For a new journey the silos decide three things:

- **who sees its trigger.** Where `sharing.triggers` is `silo`, the silo that will send must see \
the event itself, or be told by the silo map: a mail tool sees no order in a store. Where it is \
`handoff`, the events of all silos in `sequence` start it. Where it is `all`, any event on the \
profile does, and `sequence` says nothing.
- **what stops it.** `until` names events; `sharing.stop` says in the same way whose count.
- **who sends.** Each message names its `channels`, which are of silos that may write (`silos`).

`omnilab lint SCENARIO -s FILE.yaml` names triggers and stops that no silo sees.
"""


def page() -> str:
    """Return the page."""
    return "\n".join(
        [
            INTRODUCTION,
            "## The file",
            "",
            *_table(StrategyFile),
            "",
            "## `sharing`",
            "",
            WHERE_LEFT_OUT,
            "",
            "| key | what | `silo` | `handoff` | `all` |",
            "|---|---|---|---|---|",
            *(
                _line(f"`{name}`", *(said[w] for w in ("what", "silo", "handoff", "all")))
                for name, said in choice_words().items()
            ),
            "",
            "## `costs`",
            "",
            *_table(Costs),
            "",
            NEW_JOURNEY,
        ]
    )


def _table(part: type[BaseModel]) -> list[str]:
    heads = ["| key | what | type | unit | range | default |", "|---|---|---|---|---|---|"]
    return heads + [_row(key) for key in keys_of(part).values()]


def _row(key: Key) -> str:
    what = key.what
    if key.part == StrategyFile.__name__:
        if key.name in ELSEWHERE:
            heading = ELSEWHERE[key.name]
            anchor = "".join(c for c in heading if c.isalnum() or c == "_")
            what += f" Its keys: [`{heading}`](keys.md#{anchor})."
        elif key.name in ("sharing", "costs"):
            what += f" Its keys: [below](#{key.name})."
    return _line(f"`{key.name}`", what, key.type, key.unit, key.facts["Range"],
                 key.facts["Default"])  # fmt: skip


def _line(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


if __name__ == "__main__":
    click.echo(page(), nl=False)
