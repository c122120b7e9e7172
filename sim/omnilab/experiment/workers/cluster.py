"""Workers by Dask's ``distributed``: processes of this machine, or of a cluster that runs already.

A call's input and its result go as bytes of `wire`. What all calls share goes once, as the result
of a task: a worker that has lost it gets it anew. A worker that ends takes with it the calls it was
at; the scheduler gives these to another, and the results are the same.
"""

from __future__ import annotations

import logging
import os
import signal
import time
import warnings
import zlib
from asyncio import CancelledError
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from threading import Event, Lock
from typing import Any, Final, TypeVar

from omnilab._ending import undone_at_once
from omnilab.errors import CapacityError, OmnilabError, OptionError
from omnilab.experiment.workers.door import VERSIONS, facts, fault
from omnilab.experiment.workers.executor import Beat, Shares, Stopped
from omnilab.experiment.workers.wire import dumps, loads

__all__ = ["Workers", "check_cluster", "dask_workers"]

S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R")

#: Seconds until a cluster that says nothing counts as one that is not there.
REACHED_S: Final = 5.0
#: Seconds that local workers have to start, on a busy machine too.
STARTED_S: Final = 120.0
#: Seconds without any worker after which a run is given up.
ALONE_S: Final = 60.0
#: Seconds that a scheduler has for one answer; it is asked again until `ALONE_S` are over.
ANSWER_S: Final = 10.0
#: Seconds that all workers together have to say what they are.
DOOR_S: Final = 60.0
#: Calls that are sent ahead for each that runs: a worker never waits for the next.
AHEAD: Final = 2
#: What so many experiments share is kept at a worker.
_MOST_OPEN: Final = 2
#: Bytes of a result that is made smaller for the wire; larger ones are files and rows of logs.
_MOST_PACKED: Final = 1 << 24
_LOOK_EVERY_S: Final = 0.5
_INSTALL: Final = "needs dask's distributed: pip install 'omnilab[cluster]'"


def check_cluster(workers: int | None, cluster: str | None, threads: int | None = None) -> None:
    """Refuse options that don't go together, or for which something is not installed.

    Raises
    ------
    OptionError
        In one line.
    """
    if workers is None and cluster is None:
        return
    option = "--workers" if workers is not None else "--cluster"
    if workers is not None and cluster is not None:
        raise OptionError("--workers: give it or --cluster, not both")
    if threads is not None:
        raise OptionError(f"--threads: is for work in this process: leave it out beside {option}")
    if cluster is not None and not _is_address(cluster):
        raise OptionError(f"--cluster {cluster}: write the scheduler's address, tcp://HOST:PORT")
    if find_spec("distributed") is None:
        raise OptionError(f"{option}: {_INSTALL}")


@contextmanager
def dask_workers(
    workers: int | None = None, cluster: str | None = None, *, reached_s: float = REACHED_S
) -> Iterator[Workers]:
    """Start local workers, or reach those of a cluster; local ones end with the block.

    Parameters
    ----------
    workers
        Processes of this machine to start, each with one thread.
    cluster
        The address of a scheduler, in their place.
    reached_s
        Seconds that a cluster has to answer.

    Raises
    ------
    OptionError
        If they can't be had, or one of them is another omnilab.
    """
    check_cluster(workers, cluster)
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is said by us
    with ExitStack() as stack:
        if workers is not None:
            client = stack.enter_context(_local(workers))
            where = "of this machine"
        else:
            assert cluster is not None
            client, where = _reached(cluster, reached_s), cluster
            stack.callback(_close, client)
        found = Workers(client, where)
        found.check_door()
        yield found


class Workers:
    """An executor whose calls run on Dask's workers.

    Parameters
    ----------
    client
        A client of theirs.
    where
        How errors call them.
    """

    divides: Final = True

    def __init__(self, client: Any, where: str) -> None:
        self.client, self.where = client, where
        self._woken = Event()  # a call is done
        self._workers: dict[str, Any] = {}
        self._answers = True
        self._ask_again = 0.0

    @property
    def slots(self) -> int:
        """How many calls run at once."""
        return max(1, sum(w["nthreads"] for w in self._known().values()))

    @property
    def room(self) -> int | None:
        """Bytes that the smallest worker may take; 0 where nobody set a limit."""
        return min((int(w["memory_limit"] or 0) for w in self._known().values()), default=0)

    def check_door(self) -> None:
        """Refuse workers that are not the same omnilab, or reckon otherwise.

        Raises
        ------
        OptionError
            Naming the first of them, and both sides.
        """
        here = facts()
        if not self._known():
            raise OptionError(f"the cluster at {self.where} has no worker yet: start some first")
        told = self._told_at_door(
            lambda: self.client.get_versions(packages=[p for p in VERSIONS if p != "python"])
        )
        for worker, found in sorted(told["workers"].items()):
            there = {name: found["packages"].get(name) or "none" for name in VERSIONS}
            there["python"] = ".".join(str(found["host"]["python"]).split(".")[:2])
            _refuse(fault(worker, there, here))
        answers = self._told_at_door(lambda: self.client.run(facts, on_error="return"))
        for worker, found in sorted(answers.items()):
            if isinstance(found, BaseException):
                raise OptionError(f"worker {worker} has another omnilab: {_line(found)}")
            _refuse(fault(worker, found, here))

    def in_order(
        self, function: Callable[[S, T], Iterable[R]], inputs: Iterable[T], shared: S
    ) -> Iterator[R]:
        """Yield what the calls yield, in the order of the inputs; a few are sent ahead."""
        held = self._hold(shared)
        ahead: deque[Any] = deque()
        try:
            for one in inputs:
                ahead.append(self._send(_listed, held, function, one))
                if len(ahead) > AHEAD * self.slots:
                    yield from self._result(ahead.popleft())
            while ahead:
                yield from self._result(ahead.popleft())
        finally:
            self._drop([*ahead, held])

    def as_done(
        self, function: Callable[[S, T, Beat], R], inputs: Sequence[T], shared: S, tell: Shares
    ) -> Iterator[tuple[int, R]]:
        """Yield the results with their input's number, as they come."""
        if not inputs:
            return
        held = self._hold(shared)
        waiting = list(enumerate(inputs))[::-1]
        running: dict[Any, int] = {}
        shares: dict[int, float] = {}
        try:
            while waiting or running:
                while waiting and len(running) < (1 + AHEAD) * self.slots:
                    number, one = waiting.pop()
                    running[self._send(_single, held, function, one)] = number
                done = self._wait(list(running))
                for future in sorted(done, key=lambda f: running[f]):
                    number = running.pop(future)
                    found = self._result(future)
                    shares[number] = 1.0
                    if not isinstance(found, Stopped):
                        yield number, found
                tell(shares)
        finally:
            self._drop([*running, held])

    def _known(self) -> dict[str, Any]:
        """Return what is known of each worker, as it was a moment ago; none of a lost cluster."""
        if time.monotonic() >= self._ask_again:
            try:
                told = self._asked(lambda: self.client.scheduler.identity(n_workers=-1), ANSWER_S)
                self._workers, self._answers = dict(told["workers"]), True
            except Exception:
                self._workers, self._answers = {}, False
            self._ask_again = time.monotonic() + _LOOK_EVERY_S
        return self._workers

    def _asked(self, question: Callable[[], Any], seconds: float) -> Any:
        """Return what the cluster answers; give up after some seconds."""

        async def ask() -> Any:
            return await question()

        return self.client.sync(ask, callback_timeout=seconds)

    def _told_at_door(self, question: Callable[[], Any]) -> Any:
        """Return what all workers say of themselves.

        Raises
        ------
        OptionError
            If one of them does not answer.
        """
        try:
            return self._asked(question, DOOR_S)
        except TimeoutError:
            raise OptionError(
                f"not all workers {_at(self.where)} have answered within {DOOR_S:.0f} s: end those"
                " that hang"
            ) from None

    def _hold(self, shared: Any) -> Any:
        """Return the task whose result is what all calls share."""
        scenario = getattr(getattr(shared, "job", None), "scenario", None)
        text = dumps(shared, scenario)
        return self.client.submit(_same, facts(), text, pure=False)

    def _send(self, call: Any, held: Any, function: Any, one: Any) -> Any:
        future = self.client.submit(call, held, function, dumps(one), pure=False)
        future.add_done_callback(lambda _future: self._woken.set())
        return future

    def _wait(self, futures: list[Any]) -> list[Any]:
        """Return which of these are done, once some are; give up where no worker is left."""
        heard = time.monotonic()
        while True:
            self._woken.clear()
            done = [future for future in futures if future.done()]
            if done:
                return done
            if self._woken.wait(_LOOK_EVERY_S) or self._known():
                heard = time.monotonic()
            elif time.monotonic() - heard >= ALONE_S:
                why = (
                    f"no worker {_at(self.where)} is left"
                    if self._answers
                    else f"the scheduler {_at(self.where)} has not answered for {ALONE_S:.0f} s"
                )
                raise OmnilabError(f"{why}: what was finished is kept")

    def _result(self, future: Any) -> Any:
        """Return what a call came to.

        Raises
        ------
        OmnilabError
            As the call did; also where its workers ended again and again, or the cluster is lost.
        """
        from distributed import KilledWorker

        try:
            self._wait([future])
            text = future.result()
        except KilledWorker as error:
            raise CapacityError(
                f"each worker that was given one part of the work ended, the last at"
                f" {error.last_worker.address}: perhaps it had no memory left; take a smaller"
                " --chunk or larger workers"
            ) from None
        except OmnilabError:
            raise
        except (Exception, CancelledError) as error:  # which is no Exception
            raise OmnilabError(f"the cluster {self.where} is lost: {_line(error)}") from None
        finally:
            future.release()
        failed, found = loads(_unpacked(text))
        if failed:
            raise found
        return found

    def _drop(self, futures: list[Any]) -> None:
        """Let the scheduler forget some calls."""
        with suppress(Exception):  # one that hangs is not waited for
            self._asked(
                lambda: self.client.cancel(futures, asynchronous=True, force=True), ANSWER_S
            )


def _same(there: dict[str, str], text: bytes) -> tuple[dict[str, str], bytes]:
    """Give back what all calls share: a task of its own, so that it is made again when lost."""
    return there, text


_opening: Final = Lock()
_latest: Final[dict[bytes, Any]] = {}


def _opened(text: bytes) -> Any:
    """Return what calls share, made once in a worker; that of the latest calls is kept."""
    with _opening:
        if text not in _latest:
            while len(_latest) >= _MOST_OPEN:
                del _latest[next(iter(_latest))]
            _latest[text] = loads(text)
        return _latest[text]


def _called(held: tuple[dict[str, str], bytes], call: Callable[[Any], Any]) -> bytes:
    """Call at a worker, and return the result or the error as bytes."""
    here, text = held
    try:
        _refuse(fault("that came later", facts(), here))
        return _packed(dumps((False, call(_opened(text)))))
    except OmnilabError as error:
        return dumps((True, error))


def _packed(text: bytes) -> bytes:
    """Return a result as it goes over the wire: tables of few numbers other than 0 become small."""
    return zlib.compress(text, level=1) if len(text) <= _MOST_PACKED else text


def _unpacked(text: bytes) -> bytes:
    """Return what was given to `_packed`: pickles begin otherwise than zlib's streams."""
    return zlib.decompress(text) if text[:1] == b"\x78" else text


def _listed(held: Any, function: Callable[[Any, Any], Iterable[Any]], one: bytes) -> bytes:
    return _called(held, lambda shared: list(function(shared, loads(one))))


def _single(held: Any, function: Callable[[Any, Any, Beat], Any], one: bytes) -> bytes:
    return _called(held, lambda shared: function(shared, loads(one), Beat()))


@contextmanager
def _local(workers: int) -> Iterator[Any]:
    """Start workers on this machine, and end them with the block, whatever ends it."""
    from distributed import Client, LocalCluster

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of ports that are in use
            cluster = LocalCluster(
                n_workers=workers, threads_per_worker=1, processes=True, memory_limit=None,
                host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL,
            )  # fmt: skip
    except Exception as error:
        raise OptionError(f"--workers {workers}: can't be started: {_line(error)}") from None
    with undone_at_once(lambda: _end_local(cluster)):
        client = Client(cluster, set_as_default=False)
        try:
            client.wait_for_workers(workers, timeout=STARTED_S)
            yield client
        finally:
            _end_local(cluster)
            _close(client)
            with suppress(Exception):
                cluster.close(timeout=1)


def _end_local(cluster: Any) -> None:
    """End the processes of local workers, and have none started in their place."""
    for nanny in list(cluster.workers.values()):
        nanny.auto_restart = False
        with suppress(Exception):
            os.kill(nanny.pid, signal.SIGKILL)


def _close(client: Any) -> None:
    with suppress(Exception):
        client.close(timeout=1)


def _reached(cluster: str, reached_s: float) -> Any:
    """Return a client of a cluster that runs already."""
    from distributed import Client

    started = time.monotonic()
    try:
        return Client(cluster, timeout=reached_s, set_as_default=False)
    except Exception as error:
        waited = f"{time.monotonic() - started:.0f} s"
        raise OptionError(
            f"--cluster {cluster}: no scheduler answers there ({waited}): {_line(error)}"
        ) from None


def _is_address(text: str) -> bool:
    scheme, colons, rest = text.partition("://")
    host, _, port = rest.rpartition(":")
    return bool(colons and scheme.isalpha() and host and port.isdecimal())


def _at(where: str) -> str:
    """Return where workers are, as it is said of them."""
    return f"at {where}" if "://" in where else where


def _refuse(why: str | None) -> None:
    if why is not None:
        raise OptionError(why)


def _line(error: BaseException) -> str:
    """Return what an error says, in one line."""
    return " ".join((str(error) or type(error).__name__).split())[:200]
