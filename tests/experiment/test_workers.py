"""Work on local workers: the same bytes as on threads, whatever becomes of a worker."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from omnilab.errors import OmnilabError, OptionError, StrategyError
from omnilab.experiment.ablation import measures_of
from omnilab.experiment.checkpoint import Checkpoint
from omnilab.experiment.compare import compare
from omnilab.experiment.comparison import Comparison
from omnilab.experiment.sweep import Settings, parse_vary, plan_sweep, run_sweep
from omnilab.experiment.together import World, run_together
from omnilab.experiment.until import Until
from omnilab.experiment.workers import Beat, Threads, work_on
from omnilab.experiment.workers.door import facts, fault
from omnilab.runs.event_parts import EventParts
from omnilab.scenario import Scenario, load_scenario
from omnilab.strategy.apart import hooks_apart
from omnilab.strategy.loading import load_strategy

pytest.importorskip("distributed")

from distributed import Client

from omnilab.experiment.workers.cluster import Workers, check_cluster, dask_workers
from omnilab.experiment.workers.wire import dumps, loads

MINE = """
import numpy as np
from omnilab.strategy import Choices, Plan, Sharing

class Mine:
    name = "mine"

    def plan(self, brand):
        self.seen = len(brand.journeys)
        return Plan(Sharing.every("all"), journeys=brand.journeys)

    def decide(self, pending):
        {what}
        return Choices(send=pending.message_id % (self.seen + 1) != 0)
"""


@pytest.fixture(scope="module")
def coffee() -> Scenario:
    return load_scenario("mapples-coffee-v1").with_customers(40)


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with dask_workers(2) as found:
        yield found


def loaded(scenario: Scenario, *names: str) -> list[Any]:
    return [load_strategy(name, scenario) for name in names]


def told(found: Comparison) -> Any:
    tables = {name: [t.tolist() for t in found.observed[name].values()] for name in found.observed}
    runs = [(r.name, r.log_digest, r.events) for r in found.strategies]
    return runs, found.moments.state(), tables, found.notable


def far(workers: Workers, *args: Any, **more: Any) -> Comparison:
    with work_on(workers):
        return compare(*args, **more)


def test_a_comparison_is_the_same(workers: Workers, coffee: Scenario) -> None:
    strategies = loaded(coffee, "no_contact", "omnichannel")
    near = compare(coffee, strategies, replications=3)
    # Small ranges, of several replications at once.
    assert told(far(workers, coffee, strategies, replications=3, chunk=2)) == told(near)


@pytest.mark.slow
def test_a_run_until_intervals_are_narrow_is_the_same(workers: Workers, coffee: Scenario) -> None:
    strategies = loaded(coffee, "no_contact", "omnichannel")
    rule = Until.of(("ltv=0.1%",), 40, 160, 1)
    near, there = (
        run(coffee, strategies, until=rule, chunk=4)
        for run in (compare, lambda *a, **k: far(workers, *a, **k))
    )
    assert near.replications > 1
    assert (told(there), there.until) == (told(near), near.until)


def test_hooks_are_called_where_the_customers_are(
    workers: Workers, coffee: Scenario, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(MINE.format(what="assert self.seen"), encoding="utf-8")
    name = f"{tmp_path / 'mine.py'}:Mine"
    for apart in (False, True):  # in the worker, and in a process beside it
        with hooks_apart(30.0) if apart else nullcontext():
            strategies = loaded(coffee, "no_contact", name)
            near = compare(coffee, strategies)
            assert told(far(workers, coffee, strategies, chunk=4)) == told(near)


def test_a_hook_that_fails_is_told_as_here(
    workers: Workers, coffee: Scenario, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(MINE.format(what="raise ValueError('no')"), encoding="utf-8")
    strategies = loaded(coffee, "no_contact", f"{tmp_path / 'mine.py'}:Mine")
    near = compare(coffee, strategies, chunk=4)
    there = far(workers, coffee, strategies, chunk=4)
    assert str(near.failures["mine"]) == str(there.failures["mine"])
    assert told(there) == told(near)


@pytest.mark.slow
def test_code_that_changed_meanwhile_is_refused(coffee: Scenario, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(MINE.format(what="pass"), encoding="utf-8")
    (mine,) = loaded(coffee, f"{file}:Mine")
    again = loads(dumps(mine, coffee))
    assert (again.name, again.plan, again.source) == (mine.name, mine.plan, mine.source)
    file.write_text(MINE.format(what="0"), encoding="utf-8")
    with pytest.raises(StrategyError, match="has changed since it was loaded"):
        dumps(mine, coffee)


@pytest.mark.slow
def test_a_sweep_is_the_same(workers: Workers, coffee: Scenario) -> None:
    varies = [parse_vary("world.continuity.give_up=0.1,0.3")]
    names = ["no_contact", "omnichannel"]
    planned = plan_sweep({"coffee": coffee}, varies, names, Settings(seeds=(1, 2)))
    near = run_sweep(planned)
    shares: list[float] = []
    with work_on(workers):
        there = run_sweep(planned, progress=lambda _what, share: shares.append(share))
    assert near.outcomes == there.outcomes
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_an_ablation_is_the_same(workers: Workers, coffee: Scenario) -> None:
    worlds = [
        World(coffee, tuple(loaded(coffee, "no_contact", "omnichannel"))),
        World(coffee.changed({"world": {"continuity": {"give_up": 0.25}}}),
              tuple(replace(s, name="apart") for s in loaded(coffee, "multichannel"))),
    ]  # fmt: skip
    measures = measures_of(("ltv", "purchase_rate"))
    near = run_together(worlds, measures, replications=2, seed=3)
    with work_on(workers):
        there = run_together(worlds, measures, replications=2, seed=3, chunk=3)
    assert (there.digests, there.events) == (near.digests, near.events)
    assert there.moments.state() == near.moments.state()


@pytest.mark.slow
def test_checkpoints_are_those_of_threads(
    workers: Workers, coffee: Scenario, tmp_path: Path
) -> None:
    """What a run on workers has kept when it is stopped, one on threads takes up."""
    strategies = loaded(coffee, "no_contact", "omnichannel")

    def stop(_what: str, share: float) -> None:
        if share > 0.7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        far(
            workers, coffee, strategies, replications=3, progress=stop,
            checkpoint=Checkpoint(tmp_path, "of the run"),
        )  # fmt: skip
    said: list[str] = []
    found = compare(
        coffee, strategies, replications=3, checkpoint=Checkpoint(tmp_path, "of the run"),
        progress=lambda what, _share: said.append(what),
    )  # fmt: skip
    assert "taking up a stopped run after 2 of 3 replications" in said
    assert told(found) == told(compare(coffee, strategies, replications=3))


@pytest.mark.slow
def test_the_log_in_parts_is_the_log(workers: Workers, coffee: Scenario, tmp_path: Path) -> None:
    strategies = loaded(coffee, "omnichannel")
    logs = []
    for number, run in enumerate((compare, lambda *a, **k: far(workers, *a, **k))):
        (tmp_path / str(number)).mkdir()
        parts = EventParts(tmp_path / str(number), coffee, "omnichannel")
        found = run(coffee, strategies, parts=parts, chunk=600)
        files = sorted((tmp_path / str(number) / "events").iterdir())
        logs.append(files)
        assert pq.read_table(files[0]).num_rows == found.strategies[0].events
    # Rows, and not the files' bytes: those of a process that had written much else differed once.
    for near, there in zip(*logs, strict=True):
        assert pq.read_table(near).equals(pq.read_table(there))


@pytest.mark.slow
def test_the_log_in_parts_has_the_rows_in_order(
    coffee: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omnilab.experiment.pieces.CELLS_IN_FILE", 4)
    kept: list[Any] = []
    recorder = SimpleNamespace(begin=lambda *_: None, add=kept.append)
    strategies = loaded(coffee, "omnichannel")
    compare(coffee, strategies, recorder=recorder, chunk=2)
    compare(coffee, strategies, parts=EventParts(tmp_path, coffee, "omnichannel"), chunk=2)
    files = sorted((tmp_path / "events").iterdir())
    assert len(files) > 2
    table = pq.read_table(tmp_path / "events")
    rows = np.concatenate(kept)
    assert np.array_equal(table["person"].to_numpy(), rows["person"])
    assert np.array_equal(table["time_s"].to_numpy(), rows["time"])


def other(**changed: str) -> str | None:
    return fault("tcp://there:1", facts() | changed, facts())


def test_the_door_names_both_sides() -> None:
    here = facts()
    assert fault("tcp://there:1", here, here) is None
    assert other(numpy="1.0", numba="2.0") == (
        f"worker tcp://there:1 has numpy 1.0, numba 2.0, and here is numpy {here['numpy']}, numba"
        f" {here['numba']}: install the same there"
    )
    for name in ("kernels", "code", "arithmetic"):
        why = other(**{name: "another"})
        assert why is not None
        assert "another" in why
        assert here[name] in why


@pytest.mark.slow
def test_a_worker_of_another_version_is_refused(
    workers: Workers, coffee: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the door, and where it comes later, with its first call."""
    mine = facts() | {"numba": "0.0"}
    monkeypatch.setattr("omnilab.experiment.workers.cluster.facts", lambda: mine)
    with pytest.raises(OptionError, match=r"has numba [1-9.0]+, and here is numba 0\.0"):
        workers.check_door()
    with pytest.raises(OptionError, match=r"has numba [1-9.0]+, and here is numba 0\.0"):
        far(workers, coffee, loaded(coffee, "no_contact"))


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ((2, "tcp://a:1", None), "--workers: give it or --cluster, not both"),
        ((2, None, 4), "--threads: is for work in this process"),
        ((None, "there", None), "--cluster there: write the scheduler's address"),
    ],
)
def test_options_that_do_not_go_together(given: Any, why: str) -> None:
    with pytest.raises(OptionError, match=why):
        check_cluster(*given)


def test_a_cluster_that_is_not_there() -> None:
    with (
        pytest.raises(
            OptionError, match=r"--cluster tcp://127\.0\.0\.1:9: no scheduler answers there"
        ),
        dask_workers(cluster="tcp://127.0.0.1:9", reached_s=0.2),
    ):
        pass


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omnilab.experiment.workers.cluster.find_spec", lambda _name: None)
    with pytest.raises(OptionError, match=r"--workers: needs .* pip install 'omnilab\[cluster\]'"):
        check_cluster(2, None)


@pytest.mark.long  # twenty seconds of silence
def test_a_worker_that_hangs_is_replaced(coffee: Scenario) -> None:
    """Dask gives up one that sends no heartbeat for worker-ttl, five minutes by default."""
    import dask

    strategies = loaded(coffee, "no_contact")
    near = compare(coffee, strategies, replications=2)
    stopped: list[int] = []
    with dask.config.set({"distributed.scheduler.worker-ttl": "20s"}), dask_workers(2) as some:
        pids = some.client.run(os.getpid)

        def stop(_what: str, share: float) -> None:
            if share > 0.1 and not stopped:
                stopped.append(min(pids.values()))
                os.kill(stopped[0], signal.SIGSTOP)

        there = far(some, coffee, strategies, replications=2, chunk=2, progress=stop)
    assert stopped
    assert told(there) == told(near)


def test_a_scheduler_that_hangs_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    from omnilab.experiment.workers import cluster

    def slow(_shared: None, one: int, _beat: Beat) -> int:  # local, so that its code goes along
        import time

        time.sleep(0.2 if one == 2 else 30.0)  # the second comes first; then the scheduler stops
        return one

    monkeypatch.setattr(cluster, "ANSWER_S", 0.5)
    monkeypatch.setattr(cluster, "ALONE_S", 2.0)
    with scheduler_process() as (process, address), dask_workers(cluster=address) as some:
        calls = some.as_done(
            slow, [1, 2], None, lambda _shares: process.send_signal(signal.SIGSTOP)
        )
        with pytest.raises(OmnilabError, match=rf"the scheduler at {address} has not answered"):
            dict(calls)


@contextmanager
def scheduler_process() -> Iterator[tuple[Any, str]]:
    """Start a scheduler and a worker of it as a cluster has them: processes of their own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--no-dashboard",
               "--host", "127.0.0.1", "--port", address.rpartition(":")[2]]  # fmt: skip
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-dashboard",
              "--no-nanny", "--nthreads", "2", "--host", "127.0.0.1"]  # fmt: skip
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    processes = [subprocess.Popen(command, **quiet), subprocess.Popen(worker, **quiet)]
    try:
        with Client(address, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=60)
        yield processes[0], address
    finally:
        for process in processes:
            process.kill()
            process.wait()


def halved(shared: int, one: int, beat: Beat) -> float:
    beat.say(0.5)
    if one == 3:
        raise OptionError("three")
    return shared / one


def test_results_come_with_their_number_and_errors_as_they_are(workers: Workers) -> None:
    for executor in (Threads(2), workers):
        found = dict(executor.as_done(halved, [1, 2, 4], 8, lambda _shares: None))
        assert found == {0: 8.0, 1: 4.0, 2: 2.0}
        with pytest.raises(OptionError, match=r"^three$"):
            dict(executor.as_done(halved, [1, 3], 8, lambda _shares: None))


def test_errors_go_over_the_wire_whole() -> None:
    error = StrategyError("no", strategy="mine", hook="decide", time_s=90_000)
    again = loads(dumps(error))
    assert isinstance(again, OmnilabError)
    assert (str(again), vars(again)) == (str(error), vars(error))


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_its_own_range(workers: Workers, coffee: Scenario) -> None:
    """The last of these tests: the worker that is started in its place reads its kernels anew."""
    strategies = loaded(coffee, "no_contact", "omnichannel")
    near = compare(coffee, strategies, replications=4)
    killed: list[int] = []
    pids = workers.client.run(os.getpid)

    def kill(_what: str, share: float) -> None:
        if share > 0.1 and not killed:
            killed.append(min(pids.values()))
            os.kill(killed[0], signal.SIGKILL)

    there = far(workers, coffee, strategies, replications=4, chunk=2, progress=kill)
    assert killed
    assert told(there) == told(near)
