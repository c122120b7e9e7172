"""Print words.md, every word of omnilab, from the product's own definitions: `make pin`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click

from omnilab.cli.list_ import KINDS
from omnilab.glossary import choice_words, extends_and_presets, strategy_words, term_words
from omnilab.scenario.keys import values_of
from omnilab.scenario.preset import SECTIONS, preset_words
from omnilab.scenario.wiring import WORDS

INTRODUCTION = """\
# The words

For everybody who reads a result or writes a scenario. Made by `make pin` from the product's own \
definitions; don't edit. The same text is shown by `omnilab list strategies --long`, and by \
`presets`, `channels`, `measures`, `triggers`, `choices` and `terms` in the place of \
`strategies`; with `--json` as data. A report's page explains the measures and strategies it shows.
"""


def page() -> str:
    """Return the page."""
    sections = {
        "Terms": _table("term", ((name, text) for name, text in term_words().items())),
        "Strategies": _table("strategy", _code(strategy_words())),
        "The seven sharing choices": _choices(),
        "Silo maps": _table("map", _code(WORDS)),
        "Triggers": _triggers(),
        "Extends and presets": extends_and_presets().rstrip(),
        **{f"Presets of {kind}": _presets(path, kind) for path, kind in SECTIONS.items()},
        "Measures": _measures(),
    }
    return "\n".join([INTRODUCTION, *(f"## {t}\n\n{text}\n" for t, text in sections.items())])


def _code(words: dict[str, str]) -> Iterator[tuple[str, str]]:
    return ((f"`{name}`", text) for name, text in words.items())


def _table(title: str, rows: Iterable[tuple[str, ...]], *more: str) -> str:
    heads = [title, *(more or ("meaning",))]
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def _choices() -> str:
    rows = (
        (f"`{name}`: {words['what']}", words["silo"], words["handoff"], words["all"])
        for name, words in choice_words().items()
    )
    table = _table(
        "choice", rows, "`silo` (multichannel)", "`handoff` (cross_channel)", "`all` (omnichannel)"
    )
    return (
        f"{table}\n\nmultichannel, cross_channel and omnichannel take one column each and carry "
        "the same journeys, content and numbers. Any mixture is a strategy of your own: "
        "[your strategy](../tutorial/3-your-strategy.md). Consent belongs to an identifier on a "
        "channel; the engine keeps it under every strategy."
    )


def _triggers() -> str:
    triggers = _table("trigger", _code(values_of("triggers")))
    events = _table("event", _code(values_of("events")))
    identifiers = _table("identifier", _code(values_of("identifiers")))
    return (
        f"{triggers}\n\nEvents that end a journey (`until`) or a wait (`wait_for`):\n\n{events}"
        f"\n\nTypes of identifier:\n\n{identifiers}"
    )


def _presets(path: tuple[str, ...], kind: str) -> str:
    told = f"For the list `{'.'.join(path)}`; their numbers: [parameters](parameters.md#presets)."
    return f"{told}\n\n{_table('preset', _code(preset_words(kind)))}"


def _measures() -> str:
    rows = (
        (f"`{m['name']}`", m["title"], m["meaning"], m["formula"], m["unit"], m["better"], m["by"])
        for m in KINDS["measures"]()
    )
    heads = ("title", "meaning", "formula", "unit", "better", "for each")
    told = (
        "Sums are over all true persons of the run, counted at the start of the window, contacted "
        "or not. All but LTV and run-out orders count the window alone. `EUR` stands for the "
        "scenario's currency; a measure without a denominator is empty. ± is half of the 95% "
        "interval."
    )
    return f"{told}\n\n{_table('measure', rows, *heads)}"


if __name__ == "__main__":
    click.echo(page(), nl=False)
