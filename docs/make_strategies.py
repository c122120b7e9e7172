"""Write docs/explanation/strategies.md: each shipped strategy in the user's words. `make pin`."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import Final

from omnilab.brand.sharing import CHOICES
from omnilab.glossary import strategy_words
from omnilab.strategy.loading import load_strategy
from omnilab.testing import sample_scenario
from omnilab_strategies import STRATEGIES

PAGE = Path(__file__).resolve().parent / "explanation" / "strategies.md"
#: In the order in which they are told: each does more than those before it.
ORDER: Final = (
    "no_contact", "search_only", "single_channel", "fixed_blasts", "multichannel", "cross_channel",
    "omnichannel", "own_hours",
)  # fmt: skip
INTRODUCTION: Final = """\
# The strategies

For everybody who reads a comparison. Made by `make pin` from the strategies' own docstrings and \
from `sim/omnilab/glossary/words.yaml`; don't edit. \
[Your strategy](../tutorial/3-your-strategy.md) says how to write another, and \
[strategy files](../reference/strategy-files.md) lists the keys of one in YAML.

Customers don't know which strategy runs. All strategies have the same customers, channels, cap \
and quiet hours. They differ in who is told of what, in who writes, and in what starts a message. \
[Words](../reference/words.md) says what each sharing choice means."""
_ROLE: Final = re.compile(r"``([^`]+)``")


def page() -> str:
    """Return the page."""
    if set(ORDER) != set(STRATEGIES):
        raise SystemExit(f"ORDER lacks {set(STRATEGIES) ^ set(ORDER)}")
    return "\n\n".join([INTRODUCTION, "\n".join(_table()), *map(_section, ORDER)]) + "\n"


def _table() -> list[str]:
    """Return who writes, and on what, as the plans for the conformance kit's shop have it."""
    scenario = sample_scenario()
    lines = ["| strategy | sharing choices | messages start by | search ads |", "|---|---|---|---|"]
    for name in ORDER:
        plan = load_strategy(name, scenario).plan
        values = {getattr(plan.sharing, choice) for choice in CHOICES}
        triggers = sorted({j.trigger for j in plan.journeys})
        by = "nothing is sent"
        if triggers:
            by = (
                "the calendar" if set(triggers) <= {"weekly", "once"} else "events and the calendar"
            )
        if plan.silos is not None:
            by += f" of one silo, here {', '.join(plan.silos)}"
        paid = "yes" if plan.paid else "no"
        shared = "all `" + "`, `".join(sorted(values)) + "`" if triggers else "none"
        lines.append(f"| [`{name}`](#{name}) | {shared} | {by} | {paid} |")
    return lines


def _section(name: str) -> str:
    """Return a strategy's section: its docstring, then the definition that reports show."""
    module, _, attribute = STRATEGIES[name].partition(":")
    text = inspect.getdoc(getattr(import_module(module), attribute)) or ""
    told, _, options = text.partition("\nParameters\n----------\n")
    parts = [
        f"## {name}",
        _ROLE.sub(r"`\1`", _flowed(told)),
        f"*In a report:* {strategy_words()[name]}",
    ]
    if options:
        parts.append(_ROLE.sub(r"`\1`", "*Parameters*\n\n" + "\n".join(_options(options))))
    return "\n\n".join(parts)


def _flowed(text: str) -> str:
    """Return paragraphs, each on one line."""
    return "\n\n".join(" ".join(p.split()) for p in text.split("\n\n") if p.strip())


def _options(text: str) -> list[str]:
    found: list[str] = []
    for line in text.splitlines():
        if line and not line.startswith(" "):
            found.append(f"- `{line.strip()}`:")
        elif line.strip():
            found[-1] += f" {line.strip()}"
    return found


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
