"""Print docs/reference/measures.md, every measure and the sums it is made of: `make pin`."""

from __future__ import annotations

import click

from omnilab.measure.catalogue import ABOUT, GUARDRAILS, MEASURES
from omnilab.measure.ratio import Measure, Terms

UNITS = {
    "share": "a part of 1; reports show it as a percentage",
    "EUR": "the scenario's currency",
    "number": "things for each thing in the denominator",
    "ratio": "money for money",
}
BETTER = {"higher": "more", "lower": "less", "neither": ""}

INTRODUCTION = """\
# Measures

For everybody who uses a number of a report. Made by `make pin` from \
`sim/omnilab/measure/catalogue.py`; don't edit. [Words](words.md#measures) says what each measure \
means. [Outputs](outputs.md) says where files have it.

Each measure is a ratio of two sums over the whole run:

    measure = numerator / denominator

A sum adds up whole numbers over cells, such as orders (`n_order`) or cents (`revenue`). \
`sim/omnilab/measure/layout.py` lists the sums. Threads, chunks and machines therefore merge \
without rounding. A measure whose denominator is 0 is empty. The interval of a measure and of a \
paired difference comes from the same sums, by the delta method over clusters of customers.
"""

FACTORS = """\
A factor in front of a sum carries a unit: 100 cents are one unit of the currency, and so are \
100000 thousandths of a cent.\
"""

GOOD = """\
For the guardrails of a [gate](../how-to/gate-in-ci.md#say-what-must-hold). Each is counted per \
customer. What is counted per message, as `unsubscribe_rate` and `complaint_rate` are, is diluted \
by more messages: a guard on it should not stand alone.\
"""


def page() -> str:
    """Return the page."""
    units = [f"| `{unit}` | {UNITS[unit]} |" for unit in _units()]
    return "\n".join(
        [
            INTRODUCTION,
            "| unit | what it is |",
            "|---|---|",
            *units,
            "",
            FACTORS,
            "",
            "## Good guardrails",
            "",
            GOOD,
            "",
            *(f"- `{name}`: {MEASURES[name].what}" for name in GUARDRAILS),
            "",
            *(line for about, some in ABOUT.items() for line in _about(about, some)),
        ]
    )


def _about(about: str, some: tuple[Measure, ...]) -> list[str]:
    """Return the section of the measures that are about one thing."""
    return [
        f"## {about}",
        "",
        "| measure | title | unit | better | formula | numerator | denominator |",
        "|---|---|---|---|---|---|---|",
        *map(_row, some),
        "",
    ]


def _units() -> list[str]:
    used = {measure.unit for measure in MEASURES.values()}
    assert used <= set(UNITS), f"UNITS lacks {used - set(UNITS)}"
    return [unit for unit in UNITS if unit in used]


def _row(m: Measure) -> str:
    top = _sum(m.numerator) + (f", less the same under `{m.baseline}`" if m.baseline else "")
    cells = [
        f"`{m.name}`", m.title, m.unit, BETTER[m.better], m.formula, top, _sum(m.denominator)
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _sum(terms: Terms) -> str:
    """Return terms as a sum, such as ``100 · persons − refunds``."""
    text = ""
    for name, factor in terms:
        sign = ("" if not text else " + ") if factor > 0 else ("−" if not text else " − ")
        text += f"{sign}{f'{abs(factor)} · ' if abs(factor) != 1 else ''}`{name}`"
    return text


if __name__ == "__main__":
    click.echo(page(), nl=False)
