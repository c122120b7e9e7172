"""Load a strategy as the user names it: a plug-in, a class in a file, or a YAML file."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Self

from omnilab._files.kinds import near_file
from omnilab.errors import StrategyError, nearest
from omnilab.parameters.quantity import parse_name
from omnilab.scenario.model import Scenario
from omnilab.strategy.apart import Loaded, hook_timeout_s, load_apart
from omnilab.strategy.declared import read_strategy
from omnilab.strategy.naming import (
    IN_A_FILE,
    YAML,
    no_such,
    parsed_map,
    parsed_name,
    strategy_names,
    targets,
)
from omnilab.strategy.plan import Plan
from omnilab.strategy.plan_check import check_plan
from omnilab.strategy.plugin import call_hook
from omnilab.strategy.protocol import Brand, Strategy
from omnilab.strategy.serving import Made

#: Where omnilab's own strategies are.
_BUILT_IN: Final = "omnilab_strategies."
_LONGEST_DOC: Final = 10_000  # characters

__all__ = [
    "LoadedStrategy",
    "call_hook",
    "check_plan",
    "load_strategy",
    "loaded_object",
    "strategy_names",
    "under_map",
]


@dataclass(frozen=True)
class LoadedStrategy:
    """A strategy that is ready to run in one scenario.

    Parameters
    ----------
    name
        How results call it.
    plan
        Its plan, checked and complete.
    strategy
        The object with the hooks.
    source
        A text that changes with the code or file that the strategy is made of, and its options:
        what digests of runs cover. Data that a plug-in reads by itself is not in it.
    decides, learns
        Which optional hooks it has.
    again
        Loads it once more: an object of the same class, made anew. None for what has no code.
    doc
        What its class says of itself; "" if nothing.
    """

    name: str
    plan: Plan
    strategy: Strategy
    source: str
    decides: bool
    learns: bool
    again: Callable[[], LoadedStrategy] | None = field(default=None, repr=False, compare=False)
    doc: str = field(default="", repr=False)

    def copy(self) -> Self:
        """Return one whose object is a copy, so that it carries nothing from run to run.

        Raises
        ------
        StrategyError
            If its object can't be copied.
        """
        return replace(self, strategy=call_hook(self.name, "copy", None, deepcopy, self.strategy))


def load_strategy(name: str, scenario: Scenario) -> LoadedStrategy:
    """Load a strategy for a scenario.

    Parameters
    ----------
    name
        The name of an installed strategy (entry-point group ``omnilab.strategies``),
        ``path/to/file.py:ClassName``, or the path of a YAML file. The first two may carry options
        for the class: ``single_channel(silo=app)``. With ``@`` and the name of a silo map at its
        end the plan has that map: ``multichannel@one_suite``.
    scenario
        The scenario that it is to run in.

    Raises
    ------
    StrategyError
        If it can't be found, imported or made, or its plan can't run in this scenario.
    """
    name, wiring = parsed_map(name)
    loaded = _loaded(name, scenario)
    return loaded if wiring is None else under_map(loaded, wiring, scenario)


def under_map(strategy: LoadedStrategy, wiring: str, scenario: Scenario) -> LoadedStrategy:
    """Return a strategy whose plan has another silo map, named ``strategy@map``."""
    again = None
    if (before := strategy.again) is not None:

        def again() -> LoadedStrategy:
            return under_map(before(), wiring, scenario)

    return replace(
        strategy,
        name=f"{strategy.name}@{wiring}",
        plan=check_plan(replace(strategy.plan, wiring=wiring), scenario, strategy=strategy.name),
        source=f"{strategy.source}\nsilo map {wiring}",
        again=again,
    )


def _loaded(name: str, scenario: Scenario) -> LoadedStrategy:
    what, options, label = parsed_name(name)
    if what.endswith(YAML):
        if options:
            raise StrategyError("a YAML file takes no options", strategy=label, hook="")
        declared = read_strategy(what, scenario)
        digest = hashlib.sha256(Path(what).read_bytes()).hexdigest()
        return LoadedStrategy(
            declared.name, declared.declared, declared, f"yaml {digest}", False, False
        )
    if what.endswith(".py"):
        raise StrategyError(f"name the class too: {what}:ClassName", strategy=label, hook="")
    plug_in = _PlugIn(what, options, label, scenario)
    timeout_s = hook_timeout_s()
    if timeout_s is None or _is_built_in(what):
        return plug_in.loaded()
    return _apart(load_apart(plug_in, timeout_s))


def loaded_object(strategy: Any, scenario: Scenario) -> LoadedStrategy:
    """Make a caller's own object, or its class, ready to run in a scenario.

    Parameters
    ----------
    strategy
        An object with a ``name`` and the hooks, or a class of which one can be made.
    scenario
        The scenario that it is to run in.

    Raises
    ------
    StrategyError
        If it is no strategy, or its plan can't run in this scenario.
    """
    kind = strategy if isinstance(strategy, type) else type(strategy)
    label = kind.__name__
    made = _instance(kind, {}, label) if strategy is kind else _checked(strategy, label)
    plan = call_hook(label, "plan", None, made.plan, Brand.of(scenario))
    return LoadedStrategy(
        name=made.name,
        plan=check_plan(plan, scenario, strategy=label),
        strategy=made,
        source=f"object {kind.__module__}.{kind.__qualname__} {getattr(made, '__dict__', {})!r}",
        decides=_has_hook(made, "decide", label),
        learns=_has_hook(made, "learn", label),
        doc=_doc(made),
    )


def _apart(far: Loaded) -> LoadedStrategy:
    """Return a strategy whose object lives in another process."""

    def again() -> LoadedStrategy:
        strategy, plan = call_hook(far.name, "import", None, far.strategy.again)
        return replace(loaded, strategy=strategy, plan=plan)

    loaded = LoadedStrategy(
        far.name, far.plan, far.strategy, far.source, far.decides, far.learns, again, far.doc
    )
    return loaded


class _PlugIn:
    """Loads a strategy that has code, here or in a process of its own.

    Parameters
    ----------
    what, options
        The plug-in without its options, and these.
    label
        All of that, as the user named it.
    scenario
        The scenario that it is to run in.
    """

    def __init__(self, what: str, options: dict[str, Any], label: str, scenario: Scenario) -> None:
        self.what, self.options, self.label, self.scenario = what, options, label, scenario
        self._class: Any = None

    def load(self) -> Made:
        """Import it and make its object."""
        in_a_file = IN_A_FILE.fullmatch(self.what)
        if in_a_file:
            self._class, source = _from_file(Path(in_a_file[1]), in_a_file[2], self.label)
        else:
            self._class, source = _installed(self.what, self.label)
        strategy = self.make()
        options = (f"option {k}={v!r}" for k, v in sorted(self.options.items()))
        return Made(
            self.label if not in_a_file else strategy.name + self.label.removeprefix(self.what),
            "\n".join([source, *options]),
            _has_hook(strategy, "decide", self.label),
            _has_hook(strategy, "learn", self.label),
            _doc(strategy),
            strategy,
        )

    def make(self) -> Strategy:
        """Make an object of its class."""
        return _instance(self._class, self.options, self.label)

    def plan(self, strategy: Strategy) -> Plan:
        """Return an object's plan, checked."""
        plan = call_hook(self.label, "plan", None, strategy.plan, Brand.of(self.scenario))
        return check_plan(plan, self.scenario, strategy=self.label)

    def loaded(self) -> LoadedStrategy:
        """Load it in this process."""
        made = self.load()

        def again() -> LoadedStrategy:
            strategy = self.make()
            return replace(loaded, strategy=strategy, plan=self.plan(strategy))

        loaded = LoadedStrategy(
            made.name, self.plan(made.strategy), made.strategy, made.source, made.decides,
            made.learns, again, made.doc,
        )  # fmt: skip
        return loaded


def _doc(strategy: Strategy) -> str:
    """Return what a strategy's own class says of itself, not a class that it is made from."""
    doc = type(strategy).__dict__.get("__doc__")
    return doc[:_LONGEST_DOC] if isinstance(doc, str) else ""


def _is_built_in(name: str) -> bool:
    """Tell whether a strategy is one of omnilab's own, which have plans alone."""
    return all(t.startswith(_BUILT_IN) for t in targets().get(name, ["another's"]))


def _installed(name: str, label: str) -> tuple[Any, str]:
    known = targets()
    if name not in known:
        raise StrategyError(no_such(name), strategy=label, hook="")
    if len(known[name]) > 1:
        both = " and ".join(known[name])
        raise StrategyError(f"two packages give this name: {both}", strategy=label)
    module_name, _, attribute = known[name][0].partition(":")
    module = call_hook(label, "import", None, importlib.import_module, module_name.strip())
    made: Any = module
    for part in attribute.strip().split("."):
        if not hasattr(made, part):
            raise StrategyError(f"{module_name} has no {attribute}", strategy=label)
        made = getattr(made, part)
    return made, _sources(module)


def _from_file(path: Path, class_name: str, label: str) -> tuple[Any, str]:
    """Run a file as a module of its own and take a class from it."""
    try:
        source = path.read_bytes()
    except FileNotFoundError:
        near = near_file(path, (".py",))
        raise StrategyError(f"no such file: {path}{near}", strategy=label, hook="") from None
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise StrategyError(f"{path} can't be read: {reason}", strategy=label) from None
    digest = hashlib.sha256(source).hexdigest()
    module = ModuleType(f"omnilab_plugin_{digest[:12]}")
    module.__file__ = str(path.resolve())
    # Not by the import system, whose cache of compiled files can miss a change within a second.
    sys.modules[module.__name__] = module  # dataclasses look their module up
    try:
        call_hook(label, "import", None, _execute, source, path, module)
    except BaseException:
        del sys.modules[module.__name__]
        raise
    made = vars(module).get(class_name)
    if made is None:
        classes = [k for k, v in vars(module).items() if isinstance(v, type) and hasattr(v, "plan")]
        hint = nearest(class_name, classes) or f"; it has {', '.join(classes) or 'no strategy'}"
        raise StrategyError(f"{path} has no class {class_name!r}{hint}", strategy=label)
    return made, f"{path.name} {digest}"


def _execute(source: bytes, path: Path, module: ModuleType) -> None:
    exec(compile(source, str(path.resolve()), "exec", dont_inherit=True), vars(module))


def _sources(module: ModuleType) -> str:
    """Return the digests of a module's file and of the other files of its package."""
    file = getattr(module, "__file__", None)
    if file is None:
        return module.__name__
    path = Path(file)
    files = [path]
    if module.__package__:
        files = sorted({path, *path.parent.rglob("*.py")})
    lines = [
        f"{f.relative_to(path.parent).as_posix()} {hashlib.sha256(f.read_bytes()).hexdigest()}"
        for f in files
    ]
    return "\n".join([module.__name__, *lines])


def _instance(made: Any, options: dict[str, Any], label: str) -> Strategy:
    """Return the strategy's object, made of its class with the user's options."""
    if not isinstance(made, type):
        raise StrategyError(f"is {type(made).__name__}, not a class", strategy=label)
    _refuse_unknown_options(made, options, label)
    construct: Callable[..., Any] = made
    return _checked(call_hook(label, "import", None, construct, **options), label)


def _checked(strategy: Any, label: str) -> Strategy:
    """Return a strategy's object, which has a plan and a name."""
    kind = type(strategy).__name__
    if not callable(getattr(strategy, "plan", None)):
        raise StrategyError(f"class {kind} has no method plan", strategy=label)
    name = getattr(strategy, "name", None)
    if name is None:
        raise StrategyError(f"class {kind} has no name", strategy=label)
    try:
        parse_name(name)
    except ValueError as error:
        raise StrategyError(f"name: {error}", strategy=label) from None
    checked: Strategy = strategy
    return checked


def _refuse_unknown_options(made: type, options: dict[str, Any], label: str) -> None:
    try:
        parameters = inspect.signature(made).parameters
    except (TypeError, ValueError):  # a class of C code need not have a signature
        return
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return
    for option in options:
        if option not in parameters:
            hint = nearest(option, parameters) or f"; it takes {', '.join(parameters) or 'none'}"
            raise StrategyError(f"no option {option!r}{hint}", strategy=label)


def _has_hook(strategy: Strategy, hook: str, label: str) -> bool:
    found = getattr(strategy, hook, None)
    if found is not None and not callable(found):
        raise StrategyError(f"{hook} is {type(found).__name__}, not a method", strategy=label)
    return found is not None
