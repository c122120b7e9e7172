"""The other side of `omnilab.strategy.apart`: the process in which a plug-in's code runs."""

from __future__ import annotations

import atexit
import gc
import os
import pickle
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, fields
from typing import Any, Final, NoReturn, Protocol

import numpy as np

from omnilab.errors import StrategyError
from omnilab.strategy.choice_check import validate_choices
from omnilab.strategy.decisions import Decisions, Events
from omnilab.strategy.plugin import call_hook, told

__all__ = ["Made", "PlugIn", "serve"]

_DEATH_OF_PARENT: Final = 1  # PR_SET_PDEATHSIG of linux/prctl.h
_LOST: Final = 70  # the exit code where nobody can be answered any more

#: Streams of the process that this one was forked off. They are kept so that what is in their
#: buffers is never written a second time.
_kept: list[Any] = []


_TOLD = ("name", "source", "decides", "learns", "doc")


@dataclass(frozen=True)
class Made:
    """A strategy's object, and what is known of it before its plan; see `LoadedStrategy`."""

    name: str
    source: str
    decides: bool
    learns: bool
    doc: str
    strategy: Any


class PlugIn(Protocol):
    """How a plug-in is loaded."""

    @property
    def label(self) -> str:
        """The plug-in as the user named it."""
        ...

    def load(self) -> Made:
        """Import it and make its object."""

    def make(self) -> Any:
        """Make one more object of its class."""

    def plan(self, strategy: Any) -> Any:
        """Return an object's plan, checked."""


def serve(connection: socket.socket, plug_in: PlugIn) -> NoReturn:
    """Answer requests until nobody is there to ask, and end the process."""
    try:
        _settle()
        _Server(connection, plug_in).run()
    except BaseException:  # there is nobody to tell: whoever asks sees that the process ended
        os._exit(_LOST)
    os._exit(0)


def _settle() -> None:
    """Make the forked process one of its own."""
    os.setpgid(0, 0)  # Ctrl-C goes to the command, which ends this one
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    _die_with_parent()
    _limit_memory()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)  # results are the command's alone
    _kept.extend((sys.stdin, sys.stdout, sys.stderr))
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
    np.random.seed()  # noqa: NPY002 - as in a process that was started, not forked
    atexit._clear()


def _die_with_parent() -> None:
    """Have the system end this process when the command's ends, however that comes."""
    import ctypes

    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_DEATH_OF_PARENT, signal.SIGKILL)


def _limit_memory() -> None:
    """Let a plug-in get a MemoryError before the machine has no memory left for anybody."""
    import resource

    with suppress(ValueError, OSError):
        all_there_is = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        limit = all_there_is if most == resource.RLIM_INFINITY else min(all_there_is, most)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, most))


class _Server:
    """Holds the objects of one plug-in and calls their hooks."""

    def __init__(self, connection: socket.socket, plug_in: PlugIn) -> None:
        self.connection, self.plug_in = connection, plug_in
        self.pid, self.depth = os.getpid(), sys.getrecursionlimit()
        self.objects: dict[int, Any] = {}
        self.count = 0
        self.forked = False  # whether a hook has forked before
        os.register_at_fork(after_in_parent=self._note_fork)

    def run(self) -> None:
        """Answer one request after the other."""
        while (request := self._receive()) is not None:
            try:
                answer = ("ok", self._do(*pickle.loads(request)))
                text = pickle.dumps(answer, protocol=5)
            except StrategyError as error:
                text = pickle.dumps(("failed", (error.message, error.hook)))
            except BaseException as error:
                sys.setrecursionlimit(self.depth)
                text = pickle.dumps(("failed", (told(error), None)))
            finally:
                sys.setrecursionlimit(self.depth)
            if os.getpid() != self.pid:
                if not self.forked:
                    _say(
                        f"strategy {self.plug_in.label!r}: a hook forked and both processes came"
                        " back from it; the new one is ended"
                    )
                os._exit(0)
            self.connection.sendall(len(text).to_bytes(8, "little") + text)
        self._leave()

    def _note_fork(self) -> None:
        self.forked = True

    def _do(self, what: str, number: int, payload: Any, dropped: list[int]) -> Any:
        for old in dropped:
            self.objects.pop(old, None)
        do: Callable[[int, Any], Any] = getattr(self, f"_{what}")
        return do(number, payload)

    def _load(self, _number: int, _payload: Any) -> dict[str, Any]:
        made = self.plug_in.load()
        self.objects[0] = made.strategy
        return {name: getattr(made, name) for name in _TOLD}

    def _first_plan(self, number: int, _payload: Any) -> Any:
        return self.plug_in.plan(self.objects[number])

    def _again(self, _number: int, _payload: Any) -> tuple[int, Any]:
        number = self._keep(self.plug_in.make())
        return number, self.plug_in.plan(self.objects[number])

    def _plan(self, number: int, brand: Any) -> Any:
        return self.objects[number].plan(brand)

    def _copy(self, number: int, _payload: Any) -> int:
        return self._keep(deepcopy(self.objects[number]))

    def _decide(self, number: int, columns: dict[str, Any]) -> tuple[Any, ...]:
        pending = Decisions(**columns)
        said = self._call("decide", self.objects[number].decide, pending)
        checked = validate_choices(said, pending, strategy=self.plug_in.label, time_s=None)
        return tuple(getattr(checked, field.name) for field in fields(checked))

    def _learn(self, number: int, columns: dict[str, Any]) -> None:
        self._call("learn", self.objects[number].learn, Events(**columns))

    def _call(self, hook: str, function: Callable[[Any], Any], table: Any) -> Any:
        return call_hook(self.plug_in.label, hook, None, function, table)

    def _keep(self, strategy: Any) -> int:
        self.count += 1
        self.objects[self.count] = strategy
        return self.count

    def _receive(self) -> bytes | None:
        """Return the next request, None if there will be none."""
        head = self._read(8)
        return None if head is None else self._read(int.from_bytes(head, "little"))

    def _read(self, size: int) -> bytes | None:
        buffer = bytearray(size)
        view = memoryview(buffer)
        while view:
            got = self.connection.recv_into(view)
            if not got:
                return None
            view = view[got:]
        return bytes(buffer)

    def _leave(self) -> None:
        """Give the plug-in's objects and exit functions the chance to write what they hold."""
        atexit._run_exitfuncs()
        self.objects.clear()
        for name, module in list(sys.modules.items()):
            if name.startswith("omnilab_plugin_"):
                vars(module).clear()
        gc.collect()


def _say(line: str) -> None:
    with suppress(OSError):
        os.write(2, f"warning: {line}\n".encode())
