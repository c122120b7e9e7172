"""The same scenario under other names: what is only a label must change no number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from omnilab.scenario.model import Scenario

__all__ = ["LABELS", "relabelled"]

Tree = dict[str, Any]


def relabelled(scenario: Scenario, kinds: Sequence[str]) -> Scenario:
    """Return a scenario whose names of some kinds are others, which sort the other way round.

    Parameters
    ----------
    scenario
        Validated.
    kinds
        Of `LABELS`.
    """
    tree = scenario.model_dump()
    for kind in kinds:
        LABELS[kind](tree)
    tree |= {"assumed": (), "fitted": {}}  # keys by their names, shown beside results alone
    context = {"currency": scenario.currency, "seconds": True}
    return Scenario.model_validate(tree, context=context)


def _others(items: Sequence[Tree], kind: str) -> dict[str, str]:
    """Give each item another name; return the new names by the old."""
    new = {item["name"]: f"{kind}-{len(items) - n:03d}" for n, item in enumerate(items)}
    for item in items:
        item["name"] = new[item["name"]]
    return new


def _personas(tree: Tree) -> None:
    _others(tree["population"]["personas"], "persona")


def _classes(tree: Tree) -> None:
    people = tree["population"]
    new = _others(people.get("classes", ()), "class")  # which a dump leaves out where it is off
    for history in people.get("histories", ()):
        if history.get("member_of") is not None:
            history["member_of"] = new[history["member_of"]]


def _journeys(tree: Tree) -> None:
    _others(tree["brand"]["journeys"], "journey")


def _categories(tree: Tree) -> None:
    new = _others(tree["categories"], "goods")
    for message in _messages(tree):
        shows = message["shows"]
        if isinstance(shows, str):
            message["shows"] = new.get(shows, shows)
        else:  # several named categories, with their shares
            message["shows"] = {new[name]: share for name, share in dict(shows).items()}


def _channels(tree: Tree) -> None:
    new = _others(tree["channels"], "channel")
    for channel in tree["channels"]:
        for side in ("message", "search"):
            if channel.get(side):
                channel[side]["landing"] = new[channel[side]["landing"]]
    for message in _messages(tree):
        message["channels"] = [new[name] for name in message["channels"]]
    for persona in tree["population"]["personas"]:
        for field in ("prefers", "opt_in", "reach"):
            persona[field] = {new[name]: x for name, x in persona.get(field, {}).items()}


def _messages(tree: Tree) -> list[Tree]:
    steps = [step for journey in tree["brand"]["journeys"] for step in journey["steps"]]
    return [step["message"] for step in steps if step.get("message")]


#: Kinds of names, each with what renames them; a plug-in may know channels and journeys by name.
LABELS: Final[Mapping[str, Callable[[Tree], None]]] = {
    "personas": _personas,
    "classes": _classes,
    "categories": _categories,
    "journeys": _journeys,
    "channels": _channels,
}
