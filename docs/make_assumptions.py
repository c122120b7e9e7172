"""Write assumptions.md: how far the answer on the coffee shop moves with what is assumed.

Each row is two runs of the whole scenario, with one assumption at the ends of its range and all
else as shipped. Run it by ``make assumptions``; it takes some minutes.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from omnilab.experiment.compare import compare
from omnilab.experiment.statistics import Moments
from omnilab.parameters.declared import words_of
from omnilab.scenario import load_scenario
from omnilab.strategy.loading import load_strategy
from omnilab.world.mechanisms import World

PAGE: Final = Path(__file__).parent / "reference" / "assumptions.md"
SCENARIO: Final = "mapples-coffee-v1"
STRATEGIES: Final = ("no_contact", "multichannel", "omnichannel")
PAIRS: Final = (("omnichannel", "multichannel"), ("omnichannel", "no_contact"))


@dataclass(frozen=True)
class Range:
    """An assumption, and the scenario's changes at both ends of its range, as YAML."""

    what: str
    low: str
    high: str
    changes: tuple[str, str]


def _world(what: str, key: str, low: str = "", high: str = "") -> Range:
    """Return a range of one key of ``world``, such as ``continuity.give_up``: its declared one."""
    part, name = key.split(".")
    if not low:
        declared = words_of(type(getattr(World(), part)).model_fields[name])
        assert declared is not None
        assert declared.swept is not None
        low, high = declared.swept
    changes = [f"world: {{{part}: {{{name}: {value}}}}}" for value in (low, high)]
    return Range(f"{what} (`world.{key}`)", low, high, (changes[0], changes[1]))


def _reach(factor: float) -> str:
    people = {"enthusiast": 0.55, "uninvolved": 0.25, "store_focused": 0.15}
    shares = [
        f"{{name: {name}, reach: {{app: {share * factor:g}, push: {share * factor:g}}}}}"
        for name, share in people.items()
    ]
    return f"population: {{personas: [{', '.join(shares)}]}}"


def _card(share: str) -> str:
    shown = f"[{{type: loyalty, share: {share}}}]"
    return f"channels: [{{name: store, visit: {{identifiers: {shown}}}}}]"


#: As shipped, the e-mail team does not see the web shop's orders, carts and views.
_APART = "title: as shipped"
_ONE_TEAM = """\
channels: [{name: email, silo: web}]
brand:
  journeys:
    - {name: welcome, sequence: [web, app]}
    - {name: browse, sequence: [web, app]}
    - {name: cart, sequence: [web, app]}
    - {name: post_purchase, sequence: [web, store, app]}
    - {name: replenishment, sequence: [web, store, app, sms]}
    - {name: win_back, sequence: [web, store, app, sms]}
    - {name: newsletter, sequence: [web]}
"""

RANGES: Final = (
    Range(
        "who sees what: e-mail and web shop are two teams, or one", "two teams", "one team",
        (_APART, _ONE_TEAM),
    ),
    _world("coming later without a click", "response.view_through"),
    _world("what a message about one's need adds", "response.need", "0.7", "2"),
    Range("share of customers who have the app", "18%", "63%", (_reach(0.5), _reach(1.8))),
    _world("how ripe a need must be", "intent.threshold"),
    _world("giving up at a repeated step", "continuity.give_up"),
    _world("real leaving as a part of stated leaving", "satisfaction.kappa"),
    _world("welcome messages a week", "fatigue.ideal"),
    _world("own part of the personal effect on a channel", "affinity.own"),
    _world("spread of own hours", "affinity.hours"),
    _world("spread of mailshots' common effect", "mailshot.sd"),
    _world("messages that make a need noticed", "response.reveals"),
    Range("store visits that show a loyalty card", "30%", "80%", (_card("30%"), _card("80%"))),
    Range(
        "SMS that are seen (`channels.sms.message.open`)", "50%", "95%",
        ("channels: [{name: sms, message: {open: 50%}}]",
         "channels: [{name: sms, message: {open: 95%}}]"),
    ),
)  # fmt: skip


def main() -> None:
    """Run all and write the page."""
    lines = [_HEAD.strip(), "", *_heading()]
    shipped = _row("as shipped", "", _run(""))
    lines.append(shipped)
    for given in RANGES:
        for value, change in zip((given.low, given.high), given.changes, strict=True):
            if change != _APART:
                lines.append(_row(given.what, value, _run(change)))
    PAGE.write_text("\n".join(lines) + "\n" + _FOOT, encoding="utf-8")


def _run(change: str) -> Moments:
    """Return the moments of the scenario with a change in YAML."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "changed.yaml"
        file.write_text(f"extends: {SCENARIO}\nid: changed-v1\n{change}\n", encoding="utf-8")
        scenario = load_scenario(file)
    loaded = [load_strategy(name, scenario) for name in STRATEGIES]
    return compare(scenario, loaded, replications=1, seed=1).moments


def _heading() -> list[str]:
    cells = [f"LTV, {a} less {b}, EUR" for a, b in PAIRS]
    return [
        f"| assumption | value | {' | '.join(cells)} |",
        f"|---|---|{'---|' * len(cells)}",
    ]


def _row(what: str, value: str, moments: Moments) -> str:
    cells = []
    for one, other in PAIRS:
        found = moments.difference("ltv", one, other)
        cells.append(f"{found.value:+.2f} ({found.low:+.2f} to {found.high:+.2f})")
    return f"| {what} | {value} | {' | '.join(cells)} |"


_HEAD = """
# How far the answer moves with what is assumed

For whoever must trust a result. Some numbers of a scenario have no published source: they are
assumptions, kind A in [parameters.md](parameters.md). This page moves one of them at a time to
both ends of its range, on `mapples-coffee-v1` with 10,000 customers and seed 1, and leaves all
else as shipped. The intervals are paired, at 95%, and hold chance only. `make assumptions` makes
the page; nothing in it is typed in by hand.
"""

_FOOT = """
One number at a time says nothing of two that move together, and the ranges are assumptions too.
`omnilab hangs` moves them for any scenario, also [all together](../how-to/sweep.md).
"""

if __name__ == "__main__":
    main()
