"""The seam between experiments and the place where their work is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Final, Protocol, TypeVar

from omnilab.errors import StrategyError
from omnilab.strategy.naming import IN_A_FILE, YAML, parsed_map, parsed_name

__all__ = [
    "Beat",
    "Executor",
    "Shares",
    "Stopped",
    "Threads",
    "executor_for",
    "executor_of_worlds",
    "work_on",
]

S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R")

#: Told what share of each input is done, by its number.
Shares = Callable[[Mapping[int, float]], None]

_TELL_EVERY_S: Final = 0.2


class Stopped(Exception):  # noqa: N818 (no error: somebody asked for it)
    """The work ends before this part of it has."""


@dataclass
class Beat:
    """What a piece of work has of those who asked for it.

    Attributes
    ----------
    threads
        How many it may use, >= 1.
    stop
        Set when nobody wants the result any more; work that sees it raises `Stopped`.
    say
        Told what share of the work is done, 0 to 1.
    """

    threads: int = 1
    stop: Event = field(default_factory=Event)
    say: Callable[[float], None] = lambda _share: None


class Executor(Protocol):
    """Calls functions somewhere, and gives back what they return.

    A function is one of a module, and takes what all calls share and then its own input. Whatever
    the executor, the results are the same: those of ``in_order`` come in the order of the inputs,
    those of ``as_done`` with their input's number.

    Attributes
    ----------
    slots
        How many calls run at once, >= 1.
    divides
        Whether the caller cuts its work into pieces for it; else what it calls has threads itself.
    room
        Bytes that the smallest worker may take; None where that is this process.
    """

    @property
    def slots(self) -> int:
        """See above."""
        ...

    @property
    def divides(self) -> bool:
        """See above."""
        ...

    @property
    def room(self) -> int | None:
        """See above."""
        ...

    def in_order(
        self, function: Callable[[S, T], Iterable[R]], inputs: Iterable[T], shared: S
    ) -> Iterator[R]:
        """Yield what the calls yield, in the order of the inputs; a few are taken ahead."""
        ...

    def as_done(
        self, function: Callable[[S, T, Beat], R], inputs: Sequence[T], shared: S, tell: Shares
    ) -> Iterator[tuple[int, R]]:
        """Yield the results with their input's number, as they come.

        ``tell`` is told what share of each is done. What raises `Stopped` has no result.
        """
        ...


@dataclass(frozen=True)
class Threads:
    """The threads of this process.

    Attributes
    ----------
    slots
        How many, >= 1.
    """

    slots: int = 1
    divides: bool = field(default=False, init=False)
    room: int | None = field(default=None, init=False)

    def in_order(
        self, function: Callable[[S, T], Iterable[R]], inputs: Iterable[T], shared: S
    ) -> Iterator[R]:
        """Call one after the other: what is called has the threads."""
        for one in inputs:
            yield from function(shared, one)

    def as_done(
        self, function: Callable[[S, T, Beat], R], inputs: Sequence[T], shared: S, tell: Shares
    ) -> Iterator[tuple[int, R]]:
        """Run inputs side by side, one a thread; few and large ones share the threads inside."""
        if not inputs:
            return
        width = min(self.slots, len(inputs))
        stop, shares = Event(), dict[int, float]()

        def call(number: int, one: T) -> R:
            if stop.is_set():
                raise Stopped
            beat = Beat(max(1, self.slots // width), stop, lambda s: shares.update({number: s}))
            found = function(shared, one, beat)
            shares[number] = 1.0
            return found

        with ThreadPoolExecutor(width) as pool:
            try:
                running = {pool.submit(call, n, one): n for n, one in enumerate(inputs)}
                left: set[Future[R]] = set(running)
                while left:
                    done, left = wait(left, timeout=_TELL_EVERY_S, return_when=FIRST_COMPLETED)
                    for future in sorted(done, key=lambda f: running[f]):
                        if not isinstance(future.exception(), Stopped):
                            yield running[future], future.result()
                    tell(dict(shares))  # a copy: threads write to it meanwhile
            finally:
                stop.set()
                pool.shutdown(wait=True, cancel_futures=True)


_open: list[Executor] = []


@contextmanager
def work_on(executor: Executor) -> Iterator[None]:
    """Have the experiments inside the block do their work on an executor."""
    _open.append(executor)
    try:
        yield
    finally:
        _open.remove(executor)


def executor_for(threads: int) -> Executor:
    """Return the executor of the innermost `work_on`; without one, so many threads."""
    return _open[-1] if _open else Threads(threads)


def executor_of_worlds(names: Iterable[str], threads: int) -> Executor:
    """Return the executor of calls that run whole worlds, and load strategies where they run.

    A strategy's file need not be where a worker is. So calls that would load one are made here, one
    after the other; what they simulate then goes to the workers in ranges, with the code.

    Parameters
    ----------
    names
        Of the strategies that a call loads.
    threads
        As `executor_for` takes them.
    """
    found = executor_for(threads)
    return Threads(1) if found.divides and any(map(_is_in_a_file, names)) else found


def _is_in_a_file(name: str) -> bool:
    try:
        what, _, _ = parsed_name(parsed_map(name)[0])
    except StrategyError:  # which is said when it is loaded
        return False
    return what.endswith((*YAML, ".py")) or IN_A_FILE.fullmatch(what) is not None
