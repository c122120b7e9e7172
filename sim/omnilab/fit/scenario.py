"""Make a scenario of fitted needs: as the file that `compare` runs, and as its simulation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from omnilab._files.seal import seal
from omnilab._files.writing import drafts, names_file
from omnilab.fit.needs import Needs
from omnilab.fit.season import LEVEL
from omnilab.fit.spend import SpendLaw
from omnilab.fit.summary import Occasions, acquisition, occasions_of
from omnilab.parameters.quantity import format_amount, parse_share
from omnilab.scenario.catalogue import find_scenario
from omnilab.scenario.compose import compose
from omnilab.scenario.document import parse_document, read_document
from omnilab.scenario.load import load_scenario, validate_tree
from omnilab.scenario.lookup import value_at
from omnilab.scenario.model import Scenario
from omnilab.scenario.preset import expand_presets, name_presets, preset_names
from omnilab.scenario.tree import plain
from omnilab.scenario.write import mapping_to_yaml, scenario_to_yaml

__all__ = [
    "HABIT",
    "Setting",
    "Simulated",
    "fitted_scenario",
    "published_rates",
    "read_base",
    "simulate",
    "simulated_occasions",
    "validated",
    "write_scenarios",
]

_DAY_S = 86_400
_BASE = Path(__file__).with_name("base.yaml")
# Keys of a base that a fit sets, whatever they were.
_FITTED = ("id", "title", "description", "currency", "time", "population", "categories", "brand")
# Of a category.
_FOUND = ("every", "shape", "spend", "season", "regularity", "order_regularity")
# How long customers stay used to something, where they must (A: 30 to 180 days).
HABIT = "90d"
_RATES = ("delivered", "open", "click", "opt_out")


@dataclass(frozen=True, slots=True)
class Setting:
    """What is declared of a fitted scenario, and what is read straight off the log.

    Parameters
    ----------
    id, title
        Of the scenario.
    currency
        Three letters, as the log's amounts are in.
    status_quo
        The strategy under which the log's orders were made.
    base
        Plain data of a scenario file: channels, world, journeys; from `read_base`.
    occasions
        The log's.
    spend
        The law of spend; without it the needs' own p and q.
    habit
        Whether customers get used to what goes wrong again and again.
    """

    id: str
    title: str
    currency: str
    status_quo: str
    base: Mapping[str, Any]
    occasions: Occasions
    spend: SpendLaw | None = None
    habit: bool = False


def read_base(source: str | Scenario | None) -> dict[str, Any]:
    """Return what a fitted scenario is built on, as plain data with its presets by name.

    Parameters
    ----------
    source
        A scenario's file or shipped id, or a scenario that is loaded; None for a web shop with
        e-mail.

    Raises
    ------
    ScenarioError
        If it can't be used.
    """
    if isinstance(source, Scenario):
        loaded: dict[str, Any] = plain(parse_document(scenario_to_yaml(source), source.id))
        return loaded
    if source is None:
        path = _BASE
    elif re.fullmatch(r"[A-Za-z0-9_-]+", source) and not Path(source).is_file():
        path = find_scenario(source)
    else:
        path = Path(source)
    root = read_document(path)
    if root.get("extends") is not None:
        root = compose(path)  # a file that stands on its own, its presets written out
    if source is not None:
        load_scenario(path)
    data: dict[str, Any] = plain(root)
    return data


def fitted_scenario(setting: Setting, needs: Needs) -> tuple[dict[str, Any], Scenario]:
    """Return a fitted scenario as the plain data of its file, and validated.

    Raises
    ------
    ScenarioError
        If base and fit do not go together.
    """
    base, occasions = setting.base, setting.occasions
    data: dict[str, Any] = {
        "id": setting.id,
        "title": setting.title,
        "currency": setting.currency,
        "time": _time(base.get("time") or {}, occasions),
        "population": _population(base.get("population") or {}, setting, needs),
        "categories": [_category(base, setting, needs)],
        **{key: value for key, value in base.items() if key not in _FITTED and key != "assumed"},
        "brand": {"status_quo": setting.status_quo, **_without(base.get("brand"), "status_quo")},
    }
    listed = list(base.get("assumed") or ())
    if setting.habit and "habit" not in (data.get("world") or {}):
        data["world"] = {**(data.get("world") or {}), "habit": {"fades": HABIT}}
        listed.append("world.habit.fades")
    scenario = validated(data)
    if assumed := [key for key in listed if _has(scenario, key)]:
        data["assumed"] = assumed
        scenario = scenario.changed({"assumed": assumed})
    return data, scenario


def validated(data: Mapping[str, Any]) -> Scenario:
    """Return the scenario of plain data, its presets filled in.

    Raises
    ------
    ScenarioError
        If it is none.
    """
    root = parse_document(mapping_to_yaml(data), "the fitted scenario")
    return validate_tree(Scenario, expand_presets(name_presets(root)))


def _has(scenario: Scenario, key: str) -> bool:
    """Return whether a key of the base is one of the fitted scenario too, of one category."""
    try:
        value_at(scenario, key)
    except ValueError:
        return False
    return True


def _time(base: Mapping[str, Any], occasions: Occasions) -> dict[str, Any]:
    start = {} if occasions.start is None else {"start": occasions.start.isoformat()}
    window = f"{occasions.n_days}d"
    return {**base, **start, "burn_in": "0d", "window": window}


def _population(base: Mapping[str, Any], setting: Setting, needs: Needs) -> dict[str, Any]:
    """Return a cohort that enters with first orders, spread over the weeks as in the log."""
    occasions = setting.occasions
    by_week = np.trim_zeros(acquisition(occasions), "b")
    over = min(7 * len(by_week), occasions.n_days)
    shares = [round(float(n) / int(by_week.sum()), 4) for n in by_week]
    entry: dict[str, Any] = {"over": f"{over}d", "by_week": shares}
    if needs.burst:
        half_life = max(needs.burst_days * float(np.log(2)), 1.0)
        entry["early"] = {
            "share": "100%", "times": round(needs.burst, 3), "half_life": f"{half_life:.2f}d"
        }  # fmt: skip
    classes = [] if setting.spend is None else setting.spend.written_classes(needs.tail)
    return {
        "customers": occasions.n_customers,
        "entry": entry,
        "dropout": {"a": needs.a, "b": needs.b},
        **({"classes": classes} if classes else {}),
        **_without(base, "customers", "entry", "dropout", "histories", "classes"),
    }


def _category(base: Mapping[str, Any], setting: Setting, needs: Needs) -> dict[str, Any]:
    """Return the one category of a log that names none, after the base's first."""
    given = base.get("categories") or [{"name": "goods"}]
    kept = _without(given[0], *_FOUND)
    category = {
        "name": kept.pop("name"),
        "every": f"{needs.every:.2f}d",
        "shape": needs.shape,
        **({"order_regularity": needs.regularity} if needs.regularity != 1 else {}),
        "spend": {
            "mean": format_amount(needs.spend, setting.currency),
            **({"p": needs.p, "q": needs.q} if setting.spend is None else setting.spend.written()),
        },
    }
    if needs.season != LEVEL:
        category["season"] = list(needs.season)
    return {**category, **kept}


def _without(mapping: Mapping[str, Any] | None, *keys: str) -> dict[str, Any]:
    return {key: value for key, value in (mapping or {}).items() if key not in keys}


@dataclass(frozen=True, slots=True)
class Simulated:
    """What a scenario's customers did.

    Parameters
    ----------
    occasions
        What they bought.
    person
        Shape (n_buyers,): the number in the scenario of each customer of ``occasions``; those of
        each further seed go on after the last one's.
    customers, people
        How many there were, buyers or not, of all seeds, and of each.
    left
        How many left, by cause: ``order``, by the chance after each order, and ``annoyed``, by a
        bad experience.
    """

    occasions: Occasions
    person: npt.NDArray[np.int64]
    customers: int
    people: int
    left: Mapping[str, int]


def simulate(
    scenario: Scenario, n_days: int, *, same_day: bool = True, seeds: Sequence[int] = (1,)
) -> Simulated:
    """Return what a scenario's customers do under its status quo.

    Parameters
    ----------
    scenario
        Of `fitted_scenario`, with as many customers as are to be simulated.
    n_days
        Length of the log's window.
    same_day
        Whether a customer's orders of one day are one occasion, as in the log.
    seeds
        Each makes customers of its own; more of them leave less to chance.

    Raises
    ------
    StrategyError
        If the status quo fails.
    """
    from omnilab.experiment.workers.executor import executor_of_worlds

    people, times, cents = [], [], []
    left = {"order": 0, "annoyed": 0}
    executor = executor_of_worlds([scenario.brand.status_quo], 1)
    for number, found in enumerate(executor.in_order(_bought, seeds, (scenario, n_days))):
        people.append(found.person + number * scenario.population.customers)
        times.append(found.time_s)
        cents.append(found.cents)
        left["order"] += found.by_order
        left["annoyed"] += found.left - found.by_order
    person = np.concatenate(people)
    occasions = occasions_of(
        person,
        np.concatenate(times),
        np.concatenate(cents) / 100.0,
        n_days=n_days,
        start=scenario.time.start,
        same_day=same_day,
    )
    each = scenario.population.customers
    return Simulated(occasions, np.unique(person), each * len(seeds), each, left)


class _Bought(NamedTuple):
    """Orders of one seed's customers, shape (n_orders,) each, and how many customers left."""

    person: npt.NDArray[np.int64]
    time_s: npt.NDArray[np.int64]
    cents: npt.NDArray[np.int64]
    left: int
    by_order: int


def _bought(common: tuple[Scenario, int], seed: int) -> Iterator[_Bought]:
    """Yield what the customers of one seed do in so many days; only that goes over a wire."""
    from omnilab.experiment.compare import compare
    from omnilab.interaction.leaving import AFTER_ORDER
    from omnilab.log.rows import LEFT, ORDER
    from omnilab.strategy.loading import load_strategy

    scenario, n_days = common
    status_quo = load_strategy(scenario.brand.status_quo, scenario)
    events = compare(scenario, [status_quo], seed=seed, keep_events=True).events
    orders, left, by_order = [], 0, 0
    for rows in events.pop(status_quo.name):
        rows = rows[rows["time"] < n_days * _DAY_S]
        orders.append(rows[rows["kind"] == ORDER])
        gone = rows[rows["kind"] == LEFT]
        left += len(gone)
        by_order += int((gone["a"] == AFTER_ORDER).sum())
    order = np.concatenate(orders)
    person, time_s, cents = (order[name].copy() for name in ("person", "time", "b"))
    yield _Bought(person, time_s, cents, left, by_order)


def simulated_occasions(
    scenario: Scenario, n_days: int, *, same_day: bool = True, seeds: Sequence[int] = (1,)
) -> Occasions:
    """Return what a scenario's customers buy under its status quo, as `simulate` has it."""
    return simulate(scenario, n_days, same_day=same_day, seeds=seeds).occasions


def published_rates(scenario: Scenario) -> tuple[list[str], list[str]]:
    """Return the message channels with a preset's rates, and those with rates of their own."""
    published: list[str] = []
    own: list[str] = []
    for channel in scenario.channels:
        if channel.message is None:
            continue
        same = False
        if channel.name in preset_names("channels"):
            text = mapping_to_yaml({"channels": [channel.name]})
            preset = plain(expand_presets(name_presets(parse_document(text, "presets"))))
            rates = preset["channels"][0].get("message") or {}
            same = all(
                key in rates and parse_share(rates[key]) == getattr(channel.message, key)
                for key in _RATES
            )
        (published if same else own).append(channel.name)
    return published, own


def write_scenarios(files: Sequence[tuple[Path, Mapping[str, Any], str]]) -> None:
    """Write scenarios' files, all of them or none; no name ever has a part of its file.

    The last line of each tells a later fit whether somebody has edited it.

    Parameters
    ----------
    files
        Where (what is there is replaced when all new files are complete), a scenario's plain
        data, and the comment above it.
    """
    with drafts([path for path, _, _ in files]) as written:
        for draft, (path, data, header) in zip(written, files, strict=True):
            with names_file(path):
                draft.write_text(seal(mapping_to_yaml(data, header=header)), encoding="utf-8")
