"""Plug-ins in processes of their own, so that none can hang, end or change the command.

A plug-in's code may do anything: loop, fork, call ``os._exit``, close the standard streams, patch
NumPy, print, use up the memory. Here it does so in a process that was forked off for it. That
process takes one request at a time over a socket, and the command waits for the answer only so
long. What the plug-in prints goes to stderr.
"""

from __future__ import annotations

import os
import pickle
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Lock
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any
from weakref import finalize

from omnilab.errors import StrategyError
from omnilab.strategy.decisions import Choices
from omnilab.strategy.plugin import HookFailedError
from omnilab.strategy.serving import PlugIn, serve

if TYPE_CHECKING:
    from omnilab.strategy.decisions import Decisions, Events
    from omnilab.strategy.plan import Plan
    from omnilab.strategy.protocol import Brand

__all__ = ["ApartStrategy", "Loaded", "hook_timeout_s", "hooks_apart", "load_apart"]

#: Seconds that a process has to end by itself when it is not needed any more.
_LEAVE_S = 1.0

_timeout_s: float | None = None
_processes: list[_Process] = []


@contextmanager
def hooks_apart(timeout_s: float) -> Iterator[None]:
    """Run the hooks of plug-ins that are loaded inside the block in processes of their own.

    Parameters
    ----------
    timeout_s
        Seconds that a hook has for one call, > 0.
    """
    global _timeout_s
    before, _timeout_s = _timeout_s, timeout_s
    first = len(_processes)
    try:
        yield
    finally:
        _timeout_s = before
        for process in _processes[first:]:
            process.close()
        del _processes[first:]


def hook_timeout_s() -> float | None:
    """Return what `hooks_apart` was given, None outside of it: then hooks run in this process."""
    return _timeout_s


@dataclass(frozen=True)
class Loaded:
    """What the command knows of a strategy that was loaded in another process."""

    name: str
    source: str
    decides: bool
    learns: bool
    doc: str
    plan: Plan
    strategy: ApartStrategy


def load_apart(plug_in: PlugIn, timeout_s: float) -> Loaded:
    """Load a strategy in a process of its own.

    Parameters
    ----------
    plug_in
        Loads it; is called over there.
    timeout_s
        Seconds that a hook has for one call.

    Raises
    ------
    StrategyError
        As its loading does; also if it takes too long or ends its process.
    """
    process = _Process(plug_in, timeout_s)
    _processes.append(process)
    about = process.first("load", "import")
    plan = process.first("first_plan", "plan")
    return Loaded(plan=plan, strategy=ApartStrategy(process, 0, about["name"]), **about)


class ApartStrategy:
    """A strategy of which the object lives in another process.

    Parameters
    ----------
    process
        Where.
    number
        Which of the objects over there: copies of a strategy share one process.
    name
        The strategy's.
    """

    def __init__(self, process: _Process, number: int, name: str) -> None:
        self._process, self._number, self.name = process, number, name
        if number:
            finalize(self, process.dropped.append, number).atexit = False

    def plan(self, brand: Brand) -> Plan:
        """Return its plan."""
        return self._process.ask("plan", self._number, brand)

    def decide(self, pending: Decisions) -> Choices:
        """Return its answer, which was checked over there."""
        answer = self._process.ask("decide", self._number, _columns(pending))
        return Choices(*answer)

    def learn(self, observed: Events) -> None:
        """Tell it what came back."""
        self._process.ask("learn", self._number, _columns(observed))

    def again(self) -> tuple[ApartStrategy, Plan]:
        """Return a second object of its class, made anew, and that one's plan."""
        number, plan = self._process.ask("again", self._number, None)
        return ApartStrategy(self._process, number, self.name), plan

    def __deepcopy__(self, memo: dict[int, Any]) -> ApartStrategy:
        """Have the object copied where it is."""
        number = self._process.ask("copy", self._number, None)
        return ApartStrategy(self._process, number, self.name)


def _columns(table: Decisions | Events) -> dict[str, Any]:
    names = (
        "journey_names", "channel_names", "offer_names", "good_names", "show_names",
        "creative_names", "theme_names", "tier_names", "target_names", "test_names", "arm_names",
        "keeps_scores", "act_names",
    )  # fmt: skip
    present = [n for n in (*table.columns, *table.by_name, *names) if hasattr(table, n)]
    return {n: getattr(table, n) for n in present}


class _Process:
    """A forked process that serves one plug-in's hooks."""

    def __init__(self, plug_in: PlugIn, timeout_s: float) -> None:
        self.label, self.timeout_s = plug_in.label, timeout_s
        self.dropped: list[int] = []  # objects that nobody here knows any more
        self._lock = Lock()
        self._socket, theirs = socket.socketpair()
        self._gone = ""
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):
                stream.flush()  # else both processes have what is in the buffer
        self.pid = os.fork()
        if not self.pid:
            self._socket.close()
            for other in _processes:
                other._socket.close()
            serve(theirs, plug_in)
        theirs.close()
        with suppress(OSError):
            os.setpgid(self.pid, self.pid)

    def first(self, what: str, hook: str) -> Any:
        """Have the plug-in loaded; errors name it as the user did."""
        try:
            return self.ask(what, 0, None)
        except HookFailedError as error:
            where = hook if error.hook is None else error.hook
            raise StrategyError(str(error), strategy=self.label, hook=where) from None

    def ask(self, what: str, number: int, payload: Any) -> Any:
        """Return the answer to one request.

        Raises
        ------
        HookFailedError
            If the hook fails, takes too long or ends its process.
        """
        with self._lock:
            if self._gone:
                raise HookFailedError(self._gone)
            dropped = [self.dropped.pop() for _ in range(len(self.dropped))]
            request = pickle.dumps((what, number, payload, dropped), protocol=5)
            try:
                said, value = pickle.loads(self._exchange(request))
            except TimeoutError:
                self._end(
                    f"gave no answer within {self.timeout_s:g} s, and was ended; --hook-timeout"
                    " allows more"
                )
            except (OSError, EOFError):
                self._end(None)
            except Exception as error:
                self._end(f"its answer can't be read: {type(error).__name__}: {error}")
        if said == "failed":
            raise HookFailedError(*value)
        return value

    def _exchange(self, request: bytes) -> bytes:
        until = monotonic() + self.timeout_s
        self._socket.settimeout(self.timeout_s)
        self._socket.sendall(len(request).to_bytes(8, "little") + request)
        size = int.from_bytes(self._receive(8, until), "little")
        return self._receive(size, until)

    def _receive(self, size: int, until: float) -> bytes:
        buffer = bytearray(size)
        view = memoryview(buffer)
        while view:
            self._socket.settimeout(max(until - monotonic(), 1e-3))
            got = self._socket.recv_into(view)
            if not got:
                raise EOFError
            view = view[got:]
        return bytes(buffer)

    def _end(self, why: str | None) -> None:
        """End the process, and say why; by how it ended if it did so by itself."""
        status = self._wait(_LEAVE_S) if why is None else None
        self._kill()
        self._gone = why or _told(status)
        raise HookFailedError(self._gone) from None

    def close(self) -> None:
        """Let the process end, and end it with all that it has started if it does not."""
        self._socket.close()
        if not self._gone:
            self._wait(_LEAVE_S)
            self._kill()
            self._gone = "its process has ended"

    def _wait(self, seconds: float) -> int | None:
        """Return the process's exit status, None if it goes on for so long."""
        until = monotonic() + seconds
        with suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    return status
                if monotonic() >= until:
                    break
                sleep(0.005)
        return None

    def _kill(self) -> None:
        with suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def _told(status: int | None) -> str:
    """Return how a process ended that should not have."""
    if status is None:
        return "its process broke off"
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return f"ended its process with exit code {code} (by os._exit or the like)"
    name = signal.Signals(-code).name
    hint = "; perhaps there was no memory left" if -code == signal.SIGKILL else ""
    return f"its process was ended by {name}{hint}"
