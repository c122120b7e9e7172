"""Write docs/reference/scenarios.md from the scenario files and their ablations: `make pin`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from math import floor, log10
from pathlib import Path
from typing import Any, Final

import make_credits
from heads import head, parts
from make_found import ABLATIONS, kept, names, scenario_of, study_of

from omnilab.scenario import load_scenario
from omnilab.scenario.model import Scenario

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "scenarios"
PARAMETERS = ROOT / "docs" / "reference" / "parameters.md"
PAGE = ROOT / "docs" / "reference" / "scenarios.md"
WIDTH: Final = 33  # characters of a bar, odd
LINK: Final = "../../scenarios/ablations"
INTRODUCTION: Final = """\
# The scenarios

For everybody who looks for a shop to begin with, or for what was found in one. Made by `make \
pin` from the files in `scenarios` and `scenarios/ablations`, and from `docs/found`; don't edit. \
`omnilab compare ID` runs one. What is told as found is copied from the file's own head, with its \
command; where it says *fewer* or *lost*, its numbers are sizes. A picture has every claim of an \
ablation as it was last run (`make found`), and tests hold the texts to the same results: whether \
it came out as told, the number, and a bar of its 95% interval on a scale of its own with 0 in the \
middle, `┼` where the interval has 0 in it. Stories of credit have a picture of what each model \
gives to the channels that bring most and to paid search, on one scale of orders from 0, below the \
true increment with its 95% interval (`make credits`)."""

#: What a scenario has on, beside what every one has.
ROOMS: Final[tuple[tuple[str, Callable[[Scenario], bool]], ...]] = (
    ("towns", lambda s: bool(s.population.town)),
    ("accounts", lambda s: s.world.accounts.share > 0),
    ("places and ways", lambda s: bool(s.places)),
    ("positions told by the app", lambda s: any(c.visit and c.visit.tells_position > 0
                                                for c in s.channels)),
    ("variants of goods", lambda s: any(c.variants for c in s.categories)),
    ("stock that runs out", lambda s: bool(s.stock.places) and s.stock.runs_out),
    ("tills and desks with lines", lambda s: any(c.till for c in s.channels)),
    ("delivery and pick-up", lambda s: any(c.delivery for c in s.channels)),
    ("questions and agents", lambda s: s.brand.contact is not None),
    ("budgets", lambda s: bool(s.brand.budgets)),
    ("friends", lambda s: s.world.friends.each > 0),
    ("rivals on the way", lambda s: s.world.rivals.number > 0),
    ("preference", lambda s: s.world.preference.pull > 0),
    ("reviews", lambda s: s.world.reviews.written > 0 or s.world.reviews.read > 0),
    ("referral links", lambda s: s.brand.referral.reward > 0 or s.brand.referral.friend > 0),
    ("a programme of targets and tiers", lambda s: s.brand.programme is not None),
    ("failures that the brand notes", lambda s: s.brand.notes_failures),
    ("dated changes", lambda s: bool(s.changes)),
    ("paid search", lambda s: any(c.search for c in s.channels)),
    ("new customers over time", lambda s: s.population.entry is not None),
    ("seasons", lambda s: any(len(set(c.season or ())) > 1 for c in s.categories)),
)  # fmt: skip
_SOURCE: Final = re.compile(r"\b[A-Z]{3,}[A-Z0-9]*\b")


def picture(found: Mapping[str, Any]) -> list[str]:
    """Return a line for each claim of an ablation: came out as told?, the number, a bar, its title.

    A bar is the 95% interval on a scale of its own, 0 in the middle.
    """
    lines = []
    for claim in found["claims"]:
        value, low, high = (claim[key] for key in ("estimate", "low", "high"))
        drawn = " " * WIDTH if None in (low, high) else _bar(value, low, high)
        number = said(value, claim["unit"])
        lines.append(f"{_mark(claim):>9} {number:>13} {drawn}  {claim['title']}")
    return lines


def _mark(claim: Mapping[str, Any]) -> str:
    if claim["said"] == "undecided":
        return "not shown"
    return "as told" if claim["said"] == claim["told"] else "contrary"


def said(value: float, unit: str) -> str:
    """Return an effect with its sign and unit, to three digits."""
    scale, name = {"share": (100.0, " points"), "relative": (100.0, "%")}.get(
        unit, (1.0, f" {unit}" if unit else "")
    )
    number = value * scale
    digits = 2 - floor(log10(abs(number))) if number else 0
    return f"{number:+.{max(0, digits)}f}{name}"


def _bar(value: float, low: float, high: float) -> str:
    """Return an interval in `WIDTH` characters."""
    most = max(abs(low), abs(high)) or 1.0

    def place(x: float) -> int:
        return round((x / most + 1.0) / 2.0 * (WIDTH - 1))

    cells = [" "] * WIDTH
    for i in range(place(low), place(high) + 1):
        cells[i] = "─"
    cells[place(0.0)] = "┼" if low <= 0.0 <= high else "│"
    cells[place(value)] = "●"
    return "".join(cells)


def rooms(scenario: Scenario) -> str:
    """Return what is on in a scenario, beside what every one has."""
    return ", ".join(name for name, is_on in ROOMS if is_on(scenario)) or "none"


def own_world(scenario: Scenario) -> str:
    """Return which parts of the world differ from their defaults."""
    world = scenario.world
    usual = type(world)()
    names = type(world).model_fields
    found = [f"`world.{n}`" for n in names if getattr(world, n) != getattr(usual, n)]
    return ", ".join(found) or "the defaults"


def sources(text: str) -> str:
    """Return the keys of sources that a file's comments name, in their order."""
    known = set(_SOURCE.findall(PARAMETERS.read_text(encoding="utf-8"))) - {
        "LTV",
        "SMS",
        "CNY",
        "EUR",
    }
    said = " ".join(line.partition("#")[2] for line in text.splitlines())
    return ", ".join(dict.fromkeys(key for key in _SOURCE.findall(said) if key in known))


def section(path: Path) -> str:
    """Return a scenario's section."""
    text = path.read_text(encoding="utf-8")
    scenario = load_scenario(path)
    told = parts(head(text))
    lines = [f"## {scenario.id}", f"**{scenario.title}.** {scenario.description.strip()}"]
    if about := told.pop("", ""):
        lines.append(about)
    lines += [f"**{name}.** {_sentence(listed(said))}" for name, said in told.items()]
    lines.append("\n".join(_facts(scenario, text)))
    lines += map(tried, ablations()[scenario.id])
    if scenario.id in make_credits.STORIES:
        lines.append(credited(scenario.id))
    return "\n\n".join(lines)


def listed(text: str) -> str:
    """Return rows below a first line as a list; later paragraphs stay paragraphs."""
    first, *rows = text.splitlines()
    out = first
    for row in rows:
        is_row = bool(row) and not row[0].isupper()
        before = "\n" if is_row and out.rpartition("\n")[2].startswith("- ") else "\n\n"
        out += before + (f"- {row.removeprefix('- ')}" if is_row else row)
    return re.sub(r"\n{3,}", "\n\n", out)


def _facts(scenario: Scenario, text: str) -> Iterator[str]:
    strategies = ", ".join(f"`{name}`" for name in scenario.strategies) or "the built-in ones"
    days = scenario.time.window // 86400
    yield f"- {scenario.population.customers:,} customers, {days} days, {scenario.currency}"
    yield f"- on here: {rooms(scenario)}"
    yield f"- parts of the world that it sets: {own_world(scenario)}"
    yield f"- strategies: {strategies}"
    yield f"- sources that it names: {sources(text) or 'none; presets and defaults have theirs'}"


@cache
def ablations() -> Mapping[str, list[str]]:
    """Return the names of the ablations of each scenario."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name in names():
        found[scenario_of(name)].append(name)
    return found


def tried(name: str) -> str:
    """Return what an ablation tries, and a picture of what was kept of it."""
    arms = ", ".join(f"`{arm.name}`" for arm in study_of(name).file.arms)
    path = ABLATIONS / f"{name}.yaml"
    told = parts(head(path.read_text(encoding="utf-8"))).get("What was found")
    more = f" Found: {_sentence(told)}" if told else ""
    found = kept(name)
    if found is None:
        return f"[Its ablation]({LINK}/{path.name}) has arms {arms}, and was not run yet.{more}"
    drawn = "\n".join(line.rstrip() for line in picture(found))
    return (
        f"What [its ablation]({LINK}/{path.name}) gave, over arms {arms}, of "
        f"{found['customers']:,} customers, seed {found['seed']}:{more}\n\n```text\n{drawn}\n```"
    )


def credited(name: str) -> str:
    """Return a picture of what models of credit give to a story's channels, beside the truth."""
    found = make_credits.kept(name)
    if found is None:
        return "`omnilab credit` was not run yet."
    drawn = "\n".join(make_credits.picture(found))
    return (
        f"Orders by model of credit and what is true, of {found['customers']:,} customers with "
        f"{found['orders']:,} orders, seed {found['seed']} (`omnilab credit {name}`):"
        f"\n\n```text\n{drawn}\n```"
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def page() -> str:
    """Return the page."""
    files = sorted(FOLDER.glob("*.yaml"))
    rows = [f"- [`{path.stem}`](#{path.stem}): {load_scenario(path).title}" for path in files]
    return "\n\n".join([INTRODUCTION, "\n".join(rows), *map(section, files)]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
