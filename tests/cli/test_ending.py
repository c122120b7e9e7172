"""Signals while the main thread can't listen, and standard streams that nobody reads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from omnilab import _ending
from tests.cli.signals import hear_ctrl_c

ROOT = Path(__file__).resolve().parents[2]

# Python's main thread waits for one that does not end, as it does for a thread in a kernel.
CHILD = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
def compare(*args, **options):
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(time.sleep, 600)
        print("ready", flush=True)
        work.result()
sys.modules["omnilab.experiment.compare"] = SimpleNamespace(compare=compare)
from omnilab.cli import main
sys.argv = ["omnilab", "compare", "lab.yaml", "--out", "runs/x", "--quiet"]
sys.exit(main())
"""


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": f"{ROOT / 'sim'}:{ROOT / 'strategies'}:{ROOT}"}


@pytest.mark.parametrize(
    ("number", "code", "line"),
    [
        (signal.SIGINT, 130, "interrupted\n"),
        pytest.param(signal.SIGTERM, 143, "terminated\n", marks=pytest.mark.slow),
    ],
)
def test_work_that_does_not_listen_is_ended(lab, number: int, code: int, line: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CHILD], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment(), preexec_fn=hear_ctrl_c,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.wait(timeout=60) == code
        assert process.stderr.read() == line
    assert sorted(p.name for p in Path().iterdir()) == ["lab.yaml"]


def test_what_is_half_written_is_undone_only_while_it_is() -> None:
    undone: list[str] = []
    with _ending.undone_at_once(lambda: undone.append("x")):
        assert len(_ending._undo) == 1
    assert _ending._undo == {}
    assert undone == []


def test_a_second_signal_does_not_break_into_the_tidying_up() -> None:
    before = signal.getsignal(signal.SIGINT)  # ignored, where a shell runs the tests behind itself
    listener = _ending.Listener()
    listener.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            listener._unwind(signal.SIGINT, None)
        listener._unwind(signal.SIGINT, None)
        listener._unwind(signal.SIGTERM, None)
        assert listener.number == signal.SIGINT
    finally:
        listener.stop()
    assert signal.getsignal(signal.SIGINT) is before
    assert signal.set_wakeup_fd(-1) == -1


CLOSED = """
import os, sys
from omnilab.cli import main
read, write = os.pipe()
os.close(read)
os.dup2(write, 1)
sys.argv = ["omnilab", {args}]
sys.exit(main())
"""


@pytest.mark.parametrize("args", ["'list', 'scenarios'", "'schema'"])
def test_a_pipe_that_nobody_reads_is_141_for_tables_too(tmp_path: Path, args: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CLOSED.format(args=args)], capture_output=True, text=True,
        env=environment(), timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize(
    ("where", "code", "line"),
    [(">&-", 141, ""), ("> /dev/full", 2, "error: No space left on device\n")],
)
def test_stdout_that_cannot_be_written(where: str, code: int, line: str) -> None:
    command = f'exec "$0" -m omnilab list scenarios {where}'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable], capture_output=True, text=True,
        env=environment(), timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (code, line)
