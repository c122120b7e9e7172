"""A study's claims as a file has them: scenarios, strategies, and what was concluded.

.. code-block:: yaml

    scenario: retailer-v1
    strategies: [multichannel, omnichannel]
    claims:
      - ltv(omnichannel) > ltv(multichannel)
      - none: purchase_rate(omnichannel) - purchase_rate(multichannel) within 1%
      - monotone: {measure: unsubscribe_rate(multichannel), over: brand.cap.messages,
                   values: [1, 2, 4], direction: up}
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from omnilab._files.messages import shown
from omnilab._files.yaml_lines import read_yaml
from omnilab._files.yaml_tree import Node, plain
from omnilab.errors import OmnilabError, OptionError, ScenarioError, nearest
from omnilab.experiment.conclusion.labels import LABELS
from omnilab.experiment.conclusion.terms import Term, parse_greater, parse_none, parse_term
from omnilab.experiment.paths import changed_at, value_of
from omnilab.experiment.patterns.options import items_of, keys_of, names_of, text_of, word_of
from omnilab.scenario.load import load_scenario
from omnilab.scenario.model import Scenario
from omnilab.strategy.loading import LoadedStrategy, load_strategy

__all__ = ["Claim", "Study", "read_study"]

_T = TypeVar("_T")
_KINDS: Final = ("greater", "none", "monotone")
_PLAIN: Final = ("personas", "classes", "categories", "journeys")
#: Makes a strategy ready for a scenario, anew each time.
Loader = Callable[[Scenario], LoadedStrategy]


@dataclass(frozen=True)
class Claim:
    """One conclusion.

    Attributes
    ----------
    text
        As a reader sees it.
    kind
        ``greater``: the term is above ``bound``, or below it, by ``direction``. ``none``: it is
        within ``bound`` of zero.
        ``monotone``: it goes ``direction`` over the values.
    term, bound
        What it is about, in the measure's unit.
    over, values
        Of ``monotone``: a dotted key of the scenario, and its values.
    direction
        ``up`` or ``down``.
    """

    text: str
    kind: Literal["greater", "none", "monotone"]
    term: Term
    bound: float = 0.0
    over: str = ""
    values: tuple[Any, ...] = ()
    direction: Literal["up", "down"] = "up"


@dataclass(frozen=True)
class Study:
    """The claims of a study and what they are about.

    Attributes
    ----------
    path
        The file.
    scenarios
        Each with the customers of the study.
    strategies
        Name -> what loads it for a scenario.
    claims
        In the file's order.
    seed, seeds
        The study's seed, and how many other populations are taken for its check.
    replications
        Of the study itself; 10 or more where customers are coupled.
    exact
        Customers of the checks in which nothing at all may change.
    labels
        Kinds of names that are nothing but names.
    """

    path: str
    scenarios: tuple[Scenario, ...]
    strategies: dict[str, Loader]
    claims: tuple[Claim, ...]
    seed: int = 1
    seeds: int = 3
    replications: int = 1
    exact: int = 100
    labels: tuple[str, ...] = _PLAIN


def read_study(path: str | Path, *, strategies: Sequence[tuple[str, Loader]] = ()) -> Study:
    """Read a file of claims and check it against its scenarios and strategies.

    Parameters
    ----------
    path
        The file.
    strategies
        More than the file names, such as objects from Python: name and loader.

    Raises
    ------
    ScenarioError
        If anything in it is wrong, with file, line and the nearest right thing.
    """
    root = read_yaml(path)
    optional = ("scenario", "scenarios", "strategies", "customers", "seed", "seeds",
                "replications", "exact", "labels")  # fmt: skip
    top = keys_of(root, "the file", ("claims",), optional)
    folder = Path(path).parent
    customers = _whole(top.get("customers"), "customers", 10, 10**9, None)
    scenarios = _scenarios(root, top, folder, customers)
    loaders = _strategies(top, root, folder, scenarios, strategies)
    listed = items_of(top["claims"], "claims")
    if not listed:
        raise top["claims"].error("the list is empty: one claim is needed", "claims")
    labels: tuple[str, ...] = _PLAIN
    if "labels" in top:
        empty = top["labels"].value == []
        labels = () if empty else names_of(top["labels"], "labels", list(LABELS))
    return Study(
        path=str(path),
        scenarios=scenarios,
        strategies=loaders,
        claims=tuple(_claim(node, scenarios, list(loaders)) for node in listed),
        seed=_whole(top.get("seed"), "seed", 0, 2**62, 1),
        seeds=_whole(top.get("seeds"), "seeds", 1, 1000, 3),
        replications=_whole(top.get("replications"), "replications", 1, 10_000, 1),
        exact=_whole(top.get("exact"), "exact", 10, 10**6, 100),
        labels=labels,
    )


def _whole(node: Node | None, where: str, low: int, high: int, default: _T) -> int | _T:
    if node is None:
        return default
    value = node.value
    if isinstance(value, bool) or not isinstance(value, int):
        raise node.error(f"must be a whole number, not {shown(value)}", where)
    if not low <= value <= high:
        raise node.error(f"{value} is outside {low} to {high}", where)
    return value


def _scenarios(
    root: Node, top: dict[str, Node], folder: Path, customers: int | None
) -> tuple[Scenario, ...]:
    if ("scenario" in top) == ("scenarios" in top):
        raise root.error("give either `scenario`, one id or file, or `scenarios`, a list of them")
    nodes = [top["scenario"]] if "scenario" in top else items_of(top["scenarios"], "scenarios")
    if not nodes:
        raise top["scenarios"].error("the list is empty", "scenarios")
    found: list[Scenario] = []
    for node in nodes:
        named = text_of(node, "scenario")
        beside = folder / named
        try:
            scenario = load_scenario(beside if beside.is_file() else named)
        except ScenarioError as error:
            if error.line is not None:
                raise
            raise node.error(error.message, "scenario") from None
        if scenario.id in [other.id for other in found]:
            raise node.error(f"{scenario.id!r} comes twice", "scenarios")
        found.append(scenario if customers is None else scenario.with_customers(customers))
    return tuple(found)


def _strategies(
    top: dict[str, Node], root: Node, folder: Path, scenarios: Sequence[Scenario],
    more: Sequence[tuple[str, Loader]],
) -> dict[str, Loader]:  # fmt: skip
    """Return loaders by the strategies' own names, each tried in every scenario."""
    found = dict(more)
    nodes = items_of(top["strategies"], "strategies") if "strategies" in top else []
    for node in nodes:
        loader = _loader(text_of(node, "strategies"), folder)
        try:
            names = {loader(scenario).name for scenario in scenarios}
        except OmnilabError as error:
            raise node.error(str(error), "strategies") from None
        (name,) = names
        if name in found:
            raise node.error(f"{name!r} comes twice", "strategies")
        found[name] = loader
    if not found:
        raise root.error("key 'strategies' is missing: a list such as [multichannel, omnichannel]")
    return found


def _loader(named: str, folder: Path) -> Loader:
    """Return what loads a strategy by its name; files are looked for beside the claims."""
    file, colon, rest = named.partition(":")
    beside = folder / file
    text = f"{beside}{colon}{rest}" if beside.is_file() else named

    def load(scenario: Scenario) -> LoadedStrategy:
        return load_strategy(text, scenario)

    return load


def _claim(node: Node, scenarios: Sequence[Scenario], strategies: list[str]) -> Claim:
    if not isinstance(node.value, dict):
        return _greater(node, strategies)
    if len(node.value) != 1:
        raise node.error(f"a claim has one key of {', '.join(_KINDS)}, not {len(node.value)}")
    ((kind, value),) = node.value.items()
    listed = ", ".join(_KINDS)
    if kind not in _KINDS:
        raise value.error(
            f"there is no claim {kind!r}{nearest(kind, _KINDS) or f'; there are {listed}'}"
        )
    if kind == "greater":
        return _greater(value, strategies)
    if kind == "none":
        text = text_of(value, "none")
        term, within = _read(value, "none", lambda: parse_none(text, strategies))
        return Claim(f"none: {text}", "none", term, within)
    return _monotone(value, scenarios, strategies)


def _greater(node: Node, strategies: list[str]) -> Claim:
    text = text_of(node, "greater")
    term, bound, below = _read(node, "greater", lambda: parse_greater(text, strategies))
    return Claim(text, "greater", term, bound, direction="down" if below else "up")


def _monotone(node: Node, scenarios: Sequence[Scenario], strategies: list[str]) -> Claim:
    got = keys_of(node, "monotone", ("measure", "over", "values", "direction"))
    text, over = text_of(got["measure"], "measure"), text_of(got["over"], "over")
    term = _read(got["measure"], "measure", lambda: parse_term(text, strategies))
    direction = word_of(got["direction"], "direction", ("up", "down"))
    values = items_of(got["values"], "values")
    if len(values) < 2:
        raise got["values"].error("two values are needed at least", "values")
    for scenario in scenarios:
        _read(got["over"], "over", lambda scenario=scenario: value_of(scenario, over))  # type: ignore[misc]
        for one in values:
            try:
                changed_at(scenario, {over: plain(one)}, currency=scenario.currency, seconds=False)
            except OmnilabError as error:
                said = error.message if isinstance(error, ScenarioError) else str(error)
                raise one.error(said, over) from None
    given = tuple(plain(one) for one in values)
    if len({repr(value) for value in given}) < len(given):
        raise got["values"].error("a value comes twice", "values")
    said = f"{text} goes {direction} over {over} {', '.join(map(str, given))}"
    return Claim(said, "monotone", term, 0.0, over, given, direction)  # type: ignore[arg-type]


def _read(node: Node, where: str, read: Callable[[], _T]) -> _T:
    """Return what reading gives, with the place of what is wrong."""
    try:
        return read()
    except (ValueError, OptionError) as wrong:
        raise node.error(str(wrong), where) from None
