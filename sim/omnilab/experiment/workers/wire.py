"""Make bytes of scenarios, strategies with their code, and errors; and these of bytes again.

A strategy without hooks is its plan. One with hooks needs its code: a file's bytes go along, with
their SHA-256, and the worker loads the strategy from them as the command did, in a process of its
own. An installed strategy is loaded by its name. What was loaded must say the same of its source
as it does here, or it is refused.
"""

from __future__ import annotations

import hashlib
import io
import pickle
import sys
import tempfile
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from omnilab.errors import OmnilabError, StrategyError
from omnilab.experiment.sweep.points import Point
from omnilab.strategy.apart import ApartStrategy, hook_timeout_s, hooks_apart
from omnilab.strategy.loading import LoadedStrategy, load_strategy
from omnilab.strategy.naming import IN_A_FILE, parsed_name

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.plan import Plan

__all__ = ["PlanAlone", "dumps", "loads"]

#: How the modules of strategies in files are named.
_MODULE: Final = "omnilab_plugin_"


class PlanAlone:
    """A strategy that has a plan and no hooks, where its code is not.

    Parameters
    ----------
    name
        The strategy's.
    made
        Its plan.
    """

    def __init__(self, name: str, made: Plan) -> None:
        self.name, self._plan = name, made

    def plan(self, brand: Any) -> Plan:
        """Return the plan, which was made for its scenario already."""
        del brand
        return self._plan


@dataclass(frozen=True)
class _File:
    """A file with a strategy's code."""

    name: str
    text: bytes
    digest: str


@dataclass(frozen=True)
class _Code:
    """How a strategy with hooks is loaded in a process of its own."""

    label: str
    file: _File | None  # None for an installed one
    scenario: Scenario
    timeout_s: float


@dataclass(frozen=True)
class _Object:
    """A strategy's object, in bytes, and the files that its classes come from."""

    modules: tuple[tuple[str, _File], ...]
    text: bytes


def dumps(thing: Any, scenario: Scenario | None = None) -> bytes:
    """Return the bytes of what goes to a worker, or comes from one.

    Parameters
    ----------
    thing
        Anything that can be pickled, with strategies in it.
    scenario
        In which its strategies run; a point of a sweep, a world and an arm have their own.

    Raises
    ------
    StrategyError
        If a strategy's file has changed since it was loaded, or its object can't be pickled.
    """
    import cloudpickle

    from omnilab.experiment.evidence.arms import ReadyArm
    from omnilab.experiment.together import World

    class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
        """Also knows strategies, and errors that take more than a text."""

        scenario: Any = None

        def reducer_override(self, obj: Any) -> Any:
            if isinstance(obj, Point | World | ReadyArm):  # its strategies come next
                self.scenario = obj.scenario
            elif isinstance(obj, LoadedStrategy):
                return _pack(obj, self.scenario)
            elif isinstance(obj, OmnilabError):
                return _error, (type(obj), obj.args, obj.__dict__)
            return super().reducer_override(obj)

    file = io.BytesIO()
    pickler = Pickler(file, protocol=5)
    pickler.scenario = scenario
    pickler.dump(thing)
    return file.getvalue()


def loads(text: bytes) -> Any:
    """Return what `dumps` made bytes of."""
    return pickle.loads(text)


def _error(kind: type[OmnilabError], args: tuple[Any, ...], more: dict[str, Any]) -> OmnilabError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(more)
    return error


def _pack(loaded: LoadedStrategy, scenario: Scenario | None) -> tuple[Any, ...]:
    """Return what makes a strategy again, as pickle takes it."""
    bare = {
        "name": loaded.name, "plan": loaded.plan, "source": loaded.source,
        "decides": loaded.decides, "learns": loaded.learns, "doc": loaded.doc,
    }  # fmt: skip
    code: Any = None
    if loaded.decides or loaded.learns:
        code = _code(loaded, scenario)
    return _unpack, (bare, code)


def _unpack(bare: dict[str, Any], code: _Code | _Object | None) -> LoadedStrategy:
    """Make a strategy again at a worker."""
    if code is None:
        return LoadedStrategy(strategy=PlanAlone(bare["name"], bare["plan"]), **bare)
    if isinstance(code, _Object):
        for name, file in code.modules:
            _make_module(name, _checked(file, bare["name"]))
        return LoadedStrategy(strategy=pickle.loads(code.text), **bare)
    _hooks_apart_for_good(code.timeout_s)
    name = code.label
    if code.file is not None:
        what, _, label = parsed_name(code.label)
        found = IN_A_FILE.fullmatch(what)
        assert found is not None
        place = _kept(_checked(code.file, bare["name"]))
        name = f"{place}:{found[2]}{label.removeprefix(what)}"
    loaded = load_strategy(name, code.scenario)
    if bare["source"].splitlines()[: len(loaded.source.splitlines())] != loaded.source.splitlines():
        raise StrategyError(
            f"a worker has other code of it: {_brief(loaded.source)}, and here it is"
            f" {_brief(bare['source'])}",
            strategy=bare["name"],
        )
    return replace(loaded, **bare)


def _code(loaded: LoadedStrategy, scenario: Scenario | None) -> _Code | _Object:
    """Return how a worker gets at a strategy's hooks."""
    strategy = loaded.strategy
    if not isinstance(strategy, ApartStrategy):
        return _object(loaded)
    label = strategy._process.label
    what, _, _ = parsed_name(label)
    in_a_file = IN_A_FILE.fullmatch(what)
    file = None if in_a_file is None else _read(Path(in_a_file[1]), loaded)
    assert scenario is not None
    return _Code(label, file, scenario, hook_timeout_s() or strategy._process.timeout_s)


def _object(loaded: LoadedStrategy) -> _Object:
    """Return an object of this process, such as one that a caller from Python made."""
    import cloudpickle

    try:
        text = cloudpickle.dumps(loaded.strategy)
    except Exception as error:
        raise StrategyError(
            f"its object can't be sent to workers: {type(error).__name__}: {error}",
            strategy=loaded.name,
        ) from None
    modules = {type(base).__module__ for base in (loaded.strategy,)}
    files = [
        (name, _read(Path(str(sys.modules[name].__file__)), loaded))
        for name in sorted(modules)
        if name.startswith(_MODULE)
    ]
    return _Object(tuple(files), text)


def _read(path: Path, loaded: LoadedStrategy) -> _File:
    """Return a strategy's file, which must be as it was when it was loaded."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise StrategyError(
            f"{path} can't be read: {error.strerror or error}", strategy=loaded.name
        ) from None
    digest = hashlib.sha256(text).hexdigest()
    if f"{path.name} {digest}" not in loaded.source.splitlines():
        raise StrategyError(f"{path} has changed since it was loaded", strategy=loaded.name)
    return _File(path.name, text, digest)


def _checked(file: _File, strategy: str) -> _File:
    """Return a file that came over the wire whole."""
    found = hashlib.sha256(file.text).hexdigest()
    if found != file.digest:
        raise StrategyError(
            f"{file.name} came to a worker as {found[:12]} and was sent as {file.digest[:12]}",
            strategy=strategy,
        )
    return file


def _make_module(name: str, file: _File) -> None:
    """Run a strategy's file as the module that its classes are said to be in."""
    if name in sys.modules:
        return
    module = ModuleType(name)
    module.__file__ = str(_kept(file))
    sys.modules[name] = module
    exec(compile(file.text, module.__file__, "exec", dont_inherit=True), vars(module))


def _kept(file: _File) -> Path:
    """Return where a worker keeps a strategy's file; its own until it ends."""
    folder = Path(_folder().name) / file.digest[:24]
    folder.mkdir(exist_ok=True)
    path = folder / file.name
    if not path.exists():
        partial = folder / f".{file.name}.{id(file)}"
        partial.write_bytes(file.text)
        partial.replace(path)
    return path


@lru_cache(maxsize=1)
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="omnilab-worker-")


@lru_cache(maxsize=8)
def _hooks_apart_for_good(timeout_s: float) -> Any:
    """Have this worker load plug-ins into processes of their own from now on."""
    block = hooks_apart(timeout_s)
    block.__enter__()
    return block  # which would end where nobody held it


def _brief(source: str) -> str:
    name, _, digest = source.splitlines()[0].rpartition(" ")
    return f"{name} {digest[:12]}"
