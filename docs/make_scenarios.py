"""Write docs/reference/scenarios.md from the scenario files and their ablations: `make pin`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from omnilab._files.yaml_lines import read_yaml
from omnilab.experiment.evidence.model import StudyFile
from omnilab.scenario import load_scenario
from omnilab.scenario.load import validate_tree
from omnilab.scenario.model import Scenario

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "scenarios"
PARAMETERS = ROOT / "docs" / "reference" / "parameters.md"
PAGE = ROOT / "docs" / "reference" / "scenarios.md"
WIDTH: Final = 33  # characters of a bar, odd
ROOM: Final = 40  # characters of words before a number
INTRODUCTION: Final = """\
# The scenarios

For everybody who looks for a shop to begin with, or for what was found in one. Made by `make \
pin` from the files in `scenarios` and `scenarios/ablations`; don't edit. `omnilab compare ID` \
runs one. What is told as found is copied from the file's own head, with its command; it was \
measured when the file was written. A bar shows a number of the text with its 95% interval, each \
on a scale of its own with 0 in the middle: `┼` where the interval has 0 in it. Where a file says \
*fewer* or *lost*, its numbers are sizes."""

#: What a scenario has on, beside what every one has.
ROOMS: Final[tuple[tuple[str, Callable[[Scenario], bool]], ...]] = (
    ("towns", lambda s: bool(s.population.town)),
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
_MARKS: Final = (
    ("Story", re.compile(r"\b(?:Story|Stories)[:.] ")),
    ("What to look for", re.compile(r"\b(?:What to look for:|Look for\.) ")),
    ("What was found", re.compile(r"\b(?:What was found|Found)(?=[ :,])")),
)
_NUMBER: Final = r"[-+]?(?:\d+(?:\.\d+)?|\.\d+)"
_INTERVAL: Final = re.compile(
    rf"(?P<value>{_NUMBER})(?P<unit>%| points| EUR| GBP| USD| s\b| minutes)?"
    rf"(?P<word>(?: [a-z]+){{0,2}}) \((?P<low>{_NUMBER}) to (?P<high>{_NUMBER})\)"
)
_SOURCE: Final = re.compile(r"\b[A-Z]{3,}[A-Z0-9]*\b")


def head(text: str) -> str:
    """Return the comment at the top of a file as one text, paragraphs and items by lines."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        if "yaml-language-server" not in line:
            lines.append(line[1:].strip())
    out = ""
    for line in lines:
        is_row = line.startswith("- ") or re.search(r"\S {2,}\S", line)  # of a list, a table
        begins = not line or is_row or not out or out.endswith("\n")
        out += f"\n{line}" if begins else f" {line}"
    out = re.sub(r"(?<=\S) {2,}", " ", _without_keys(out))
    return re.sub(r"\n{3,}", "\n\n", out).strip()


def _without_keys(text: str) -> str:
    """Leave out where the kinds and keys of sources are explained."""
    return re.sub(r"Kinds and keys of sources[^.]*\.md[^.]*\.?", "", text)


def parts(text: str) -> dict[str, str]:
    """Return the text before the first mark under "", and that after each mark under its name."""
    at = sorted((m.start(), m.end(), name) for name, mark in _MARKS if (m := mark.search(text)))
    ends = [*(begin for begin, _, _ in at), len(text)][1:]
    found = {"": text[: at[0][0] if at else len(text)].strip()}
    for (_, begin, name), end in zip(at, ends, strict=True):
        found[name] = text[begin:end].strip(" :,\n")
    return {name: said for name, said in found.items() if said}


def bars(text: str) -> list[str]:
    """Return a line for each number with an interval: the number, a bar, the words around it."""
    lines = []
    for line in text.splitlines():
        for match in _INTERVAL.finditer(line):
            value, low, high = (float(match[k]) for k in ("value", "low", "high"))
            if not low <= value <= high:  # a size in words, a difference in its interval
                value = -value
            if low <= value <= high:
                label = f"{match['value']}{match['unit'] or ''}"
                lines.append(f"{label:>13} {_bar(value, low, high)}  {_words(line, match)}")
    return lines


def _bar(value: float, low: float, high: float) -> str:
    """Return an interval in `WIDTH` characters on a scale of its own, 0 in the middle."""
    most = max(abs(low), abs(high)) or 1.0

    def place(x: float) -> int:
        return round((x / most + 1.0) / 2.0 * (WIDTH - 1))

    cells = [" "] * WIDTH
    for i in range(place(low), place(high) + 1):
        cells[i] = "─"
    cells[place(0.0)] = "┼" if low <= 0.0 <= high else "│"
    cells[place(value)] = "●"
    return "".join(cells)


def _words(text: str, match: re.Match[str]) -> str:
    """Return the words around a number, up to the end of its sentence on both sides."""
    before = re.split(r"[.;:] ", text[: match.start()])[-1].strip(" -,")
    after = re.split(r"[.;:,)] |[.;,]$", text[match.end() :])[0].strip(" -,:")
    if len(before) > ROOM:
        before = f"...{before[-ROOM:].partition(' ')[2]}"
    said = f"{before} {match['value']}{match['unit'] or ''}{match['word'] or ''} {after}"
    return said.strip() if len(said) <= 2 * ROOM else f"{said[: 2 * ROOM - 3].strip()}..."


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
    lines += [f"**{name}.** {_sentence(said)}" for name, said in told.items()]
    drawn = bars(told.get("What was found", ""))
    if drawn:
        lines.append("```text\n" + "\n".join(line.rstrip() for line in drawn) + "\n```")
    lines.append("\n".join(_facts(scenario, text)))
    ablation = FOLDER / "ablations" / path.name
    if ablation.is_file():
        lines.append(tried(ablation))
    return "\n\n".join(lines)


def _facts(scenario: Scenario, text: str) -> Iterator[str]:
    strategies = ", ".join(f"`{name}`" for name in scenario.strategies) or "the built-in ones"
    days = scenario.time.window // 86400
    yield f"- {scenario.population.customers:,} customers, {days} days, {scenario.currency}"
    yield f"- on here: {rooms(scenario)}"
    yield f"- parts of the world that it sets: {own_world(scenario)}"
    yield f"- strategies: {strategies}"
    yield f"- sources that it names: {sources(text) or 'none; presets and defaults have theirs'}"


def tried(path: Path) -> str:
    """Return what a file of ablations tries."""
    file: Any = validate_tree(StudyFile, read_yaml(path))
    arms = ", ".join(f"`{arm.name}`" for arm in file.arms)
    rows = "\n".join(f"- {claim.title}" for claim in file.claims)
    said = parts(head(path.read_text(encoding="utf-8"))).get("What was found")
    more = f" Found: {_sentence(said)}" if said else ""
    return (f"What [its ablation](../../scenarios/ablations/{path.name}) tries, over arms {arms}:"
            f"{more}\n\n{rows}")  # fmt: skip


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def page() -> str:
    """Return the page."""
    files = sorted(FOLDER.glob("*.yaml"))
    rows = [f"- [`{path.stem}`](#{path.stem}): {load_scenario(path).title}" for path in files]
    return "\n\n".join([INTRODUCTION, "\n".join(rows), *map(section, files)]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
