"""Set values of a scenario or of a plan by their dotted keys, such as ``brand.cap.messages``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from omnilab.brand.sharing import CHOICES, Sharing, Value
from omnilab.errors import OptionError, ScenarioError, StrategyError, nearest
from omnilab.parameters.quantity import Amount
from omnilab.scenario.lookup import numbered
from omnilab.scenario.model import Cap, Journey, Scenario, Wiring
from omnilab.scenario.problem import unwritten_problem
from omnilab.scenario.programme_money import Budget, Costs
from omnilab.scenario.wiring import wiring_of
from omnilab.strategy.plan import Plan

__all__ = ["changed_at", "changed_plan", "number_at", "plan_with", "value_of"]

M = TypeVar("M", bound=BaseModel)

_STEP: Final = re.compile(r"\.?([A-Za-z_][\w-]*)|\[(\d+)\]")


#: Stands where an item is taken out.
_OUT: Final = object()


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Choices(_Form):
    identity: Value
    context: Value
    triggers: Value
    channel: Value
    stop: Value
    contact_policy: Value
    stock: Value


class PlanForm(_Form):
    """A plan as data with the keys of a strategy file."""

    sharing: _Choices
    journeys: tuple[Journey, ...]
    cap: Cap | None
    silos: tuple[str, ...] | None
    paid: bool
    wiring: Wiring | None
    budgets: tuple[Budget, ...]
    bids: dict[str, Amount]
    costs: Costs


def changed_at(model: M, changes: Mapping[str, Any], *, currency: str, seconds: bool) -> M:
    """Return a validated copy with other values under dotted keys.

    Parameters
    ----------
    model
        A scenario, or the form of a plan.
    changes
        Dotted key -> value, as a scenario file has it; items of lists go by name or number. None
        takes an item out of its list.
    currency
        The scenario's.
    seconds
        Whether plain whole numbers are durations, as Python code gives them.

    Raises
    ------
    OptionError
        If a key is not there, with the nearest.
    ScenarioError
        If the values are not valid, with the key.
    """
    data = model.model_dump(mode="json", context={"currency": currency})
    for key, value in changes.items():
        _put(model, data, key, value)
    data = _left(data)
    try:
        context = {"currency": currency, "seconds": seconds}
        return type(model).model_validate(data, context=context)
    except ValidationError as invalid:
        raise unwritten_problem(invalid, data, type(model)) from None


def changed_plan(
    plan: Plan,
    changes: Mapping[str, Any],
    scenario: Scenario,
    *,
    seconds: bool,
    strategy: str = "plan",
) -> Plan:
    """Return a strategy's plan with other values; see `plan_with`.

    Raises
    ------
    OptionError
        If a key is not there, with the nearest.
    StrategyError
        If the values are not valid, with the key.
    """
    try:
        return plan_with(plan, changes, scenario, seconds=seconds)
    except ScenarioError as error:
        raise StrategyError(str(error), strategy=strategy, hook="plan") from None


def plan_with(plan: Plan, changes: Mapping[str, Any], scenario: Scenario, *, seconds: bool) -> Plan:
    """Return a plan with other values under the keys of a strategy file; see `changed_at`.

    ``sharing`` alone sets all seven choices.
    """
    whole = dict(changes)
    if isinstance(one := whole.get("sharing"), str):
        whole["sharing"] = dict.fromkeys(CHOICES, one)
    new = changed_at(_form(plan), whole, currency=scenario.currency, seconds=seconds)
    return replace(
        plan, sharing=Sharing(**new.sharing.model_dump()), journeys=new.journeys, cap=new.cap,
        silos=new.silos, paid=new.paid, wiring=new.wiring,
        budgets=new.budgets, bids=new.bids, costs=new.costs,
    )  # fmt: skip


def value_of(root: Scenario | Plan, key: str) -> Any:
    """Return what is under a key of a scenario or a plan.

    Raises
    ------
    OptionError
        If nothing is, with the nearest key.
    """
    value: Any = _form(root) if isinstance(root, Plan) else root
    for name, number, above in _steps(key):
        value = _below(value, name, number, above)
    return value


def number_at(root: Scenario | Plan, key: str) -> float | None:
    """Return the number under a key; None where there is none, or something else."""
    try:
        value = value_of(root, key)
    except OptionError:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number else None


def _form(plan: Plan) -> PlanForm:
    choices = _Choices(**{name: getattr(plan.sharing, name) for name in CHOICES})
    return PlanForm(
        sharing=choices, journeys=tuple(plan.journeys), cap=plan.cap,
        silos=plan.silos, paid=plan.paid,
        wiring=None if plan.wiring is None else wiring_of(plan.wiring),
        budgets=tuple(plan.budgets), bids=dict(plan.bids), costs=plan.costs,
    )  # fmt: skip


def _steps(key: str) -> list[tuple[str | None, int | None, str]]:
    """Return (name, number, what is above) of each step of a dotted key."""
    steps: list[tuple[str | None, int | None, str]] = []
    end = 0
    while end < len(key):
        found = _STEP.match(key, end)
        if found is None:
            raise OptionError(f"{key!r} is not a dotted key, such as world.intent.threshold")
        number = None if found[2] is None else int(found[2])
        steps.append((found[1], number, key[:end]))
        end = found.end()
    if not steps:
        raise OptionError("a key is empty: give one such as world.intent.threshold")
    return steps


def _names(value: Any) -> dict[str, Any]:
    """Return what there is below a value, by name."""
    if isinstance(value, BaseModel):
        return {field: getattr(value, field) for field in type(value).model_fields}
    if isinstance(value, dict):
        return value
    if isinstance(value, tuple):
        return {str(name): x for x in value if (name := getattr(x, "name", None)) is not None}
    return {}


def _below(value: Any, name: str | None, number: int | None, above: str) -> Any:
    inside = f" in {above}" if above else ""
    if number is not None:
        if isinstance(value, tuple) and number < len(value):
            return value[number]
        raise OptionError(f"no item [{number}]{inside}{numbered(value)}")
    there = _names(value)
    if name not in there:
        if value is None:
            raise OptionError(f"no key {name!r}{inside}: there is no {above} here")
        what = "item" if isinstance(value, tuple) else "key"
        raise OptionError(f"no {what} {name!r}{inside}{_near(str(name), there)}")
    return there[str(name)]


def _near(name: str, there: Mapping[str, Any]) -> str:
    hint = nearest(name, there)
    return hint or (f"; there are {', '.join(sorted(there))}" if 0 < len(there) <= 20 else "")


def _put(model: BaseModel, data: Any, key: str, value: Any) -> None:
    """Put a value into a model's plain data."""
    steps = _steps(key)
    part: Any = model
    for k, (name, number, above) in enumerate(steps):
        last = k == len(steps) - 1
        if last and isinstance(part, dict) and name is not None:
            data[name] = value  # a mapping's keys are the validator's to judge
            return
        below = _below(part, name, number, above)
        at: Any = name if number is None else number
        if isinstance(part, tuple) and number is None:
            at = next(i for i, item in enumerate(part) if getattr(item, "name", None) == name)
        if last:
            if value is None and isinstance(part, tuple):
                data[at] = _OUT  # the places of others stay what they are
                return
            if isinstance(below, BaseModel) and not _may_be(value, below):
                keys = ", ".join(type(below).model_fields)
                raise OptionError(f"{key} is no value but has keys: {keys}")
            data[at] = value
            return
        if isinstance(data, dict) and at not in data:  # at its default, which came later
            data[at] = below.model_dump(mode="json") if isinstance(below, BaseModel) else {}
        if isinstance(data[at], str) and isinstance(below, BaseModel):  # written by its name alone
            fields = type(below).model_fields.items()
            data[at] = {n: v for n, f in fields if (v := getattr(below, n)) != f.get_default()}
        part, data = below, data[at]


def _may_be(value: Any, part: BaseModel) -> bool:
    """Tell whether a part with keys may be written so; a silo map goes by its name alone too."""
    by_name = isinstance(part, Wiring) and isinstance(value, str)
    return by_name or value is None or isinstance(value, Mapping)


def _left(data: Any) -> Any:
    """Return data without the items that are taken out."""
    if isinstance(data, dict):
        return {key: _left(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_left(item) for item in data if item is not _OUT]
    return data
