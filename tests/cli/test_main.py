"""The command as a whole: one line an error, exit codes, lazy commands, suggestions."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from omnilab import __version__, cli
from omnilab.errors import DataError, OmnilabError, ScenarioError
from tests.cli.signals import hear_ctrl_c

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Put a function in the place of ``omnilab run``."""

    def put(function: Callable[[], object]) -> None:
        @click.command("run", context_settings={"help_option_names": ["-h", "--help"]})
        @click.option("--customers", type=int)
        @click.option("--engine", type=click.Choice(["auto", "simpy", "compiled"]))
        def stand_in(customers: int | None, engine: str | None) -> None:
            function()

        monkeypatch.setattr("tests.cli.test_main.STAND_IN", stand_in)
        monkeypatch.setitem(cli.COMMANDS, "run", ("tests.cli.test_main:STAND_IN", "Stand in."))

    return put


STAND_IN: click.Command | None = None


def fail(error: BaseException) -> Callable[[], None]:
    def function() -> None:
        raise error

    return function


def stderr_of(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err


def test_done_is_0(command, capsys) -> None:
    command(lambda: click.echo("hello"))
    assert cli.main(["run"]) == 0
    assert capsys.readouterr().out == "hello\n"


@pytest.mark.parametrize("code", [0, 1, 2])
def test_a_commands_exit_code_is_kept(command, code: int) -> None:
    command(lambda: click.get_current_context().exit(code))
    assert cli.main(["run"]) == code


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (OmnilabError("no such thing"), "error: no such thing\n"),
        (
            ScenarioError("no key", file="a.yaml", line=3, key="b"),
            "error: a.yaml:3: b: no key\n",
        ),
        (DataError("line one\nline two\x1b[31m"), "error: line one line two [31m\n"),
        (click.ClickException("said by click"), "error: said by click\n"),
        (
            OSError(errno.ENOSPC, "No space", "runs/x"),
            "error: runs/x: No space\n",
        ),
    ],
)
def test_what_a_user_can_mend_is_one_line_and_2(command, capsys, error, line: str) -> None:
    command(fail(error))
    assert cli.main(["run"]) == 2
    assert stderr_of(capsys) == line


@pytest.mark.parametrize("error", [ZeroDivisionError("defect"), OSError(errno.EIO, "broken disk")])
def test_a_defect_keeps_its_trace(command, error: Exception) -> None:
    command(fail(error))
    with pytest.raises(type(error)):
        cli.main(["run"])


def test_debugging_keeps_the_trace_of_errors_too(command, monkeypatch) -> None:
    monkeypatch.setenv("OMNILAB_DEBUG", "1")
    command(fail(OmnilabError("x")))
    with pytest.raises(OmnilabError):
        cli.main(["run"])


def test_a_prompt_left_is_130_with_one_line(command, capsys) -> None:
    command(fail(click.Abort()))
    assert cli.main(["run"]) == 130
    assert stderr_of(capsys) == "interrupted\n"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["rnu"], "no such command 'rnu' (did you mean 'run'?); see 'omnilab --help'"),
        (["qqqq"], "no such command 'qqqq'; see 'omnilab --help'"),
        (["nope"], "no such command 'nope'; see 'omnilab --help'"),
        (["--verison"], "no such option '--verison' (did you mean '--version'?)"),
        (["run", "--custmers", "5"], "no such option '--custmers' (did you mean '--customers'?)"),
        (["run", "--customers", "many"], "'many' is not a whole number; see 'omnilab run --help'"),
        (["run", "--engine", "simpi"], "(did you mean 'simpy'?)"),
        (["run", "--customers"], "'--customers' requires an argument"),
        (["run", "surplus"], "unexpected extra argument (surplus)"),
        (["list"], "Missing argument"),
    ],
)
def test_usage_errors_are_2_with_the_nearest_name(command, capsys, args, said: str) -> None:
    command(lambda: None)
    assert cli.main(args) == 2
    line = stderr_of(capsys)
    assert line.startswith("error: ")
    assert said in line


def test_a_group_without_its_command(monkeypatch, capsys) -> None:
    group = click.Group("cascade", commands={"replay": click.Command("replay")})
    monkeypatch.setattr("tests.cli.test_main.STAND_IN", group)
    monkeypatch.setitem(cli.COMMANDS, "cascade", ("tests.cli.test_main:STAND_IN", ""))
    assert cli.main(["cascade", "repaly"]) == 2
    assert "no such command 'repaly' (did you mean 'replay'?)" in stderr_of(capsys)
    assert cli.main(["cascade"]) == 2
    assert "a command is missing: replay; see 'omnilab cascade --help'" in stderr_of(capsys)


def test_version(capsys) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"omnilab {__version__}\n"


@pytest.mark.parametrize("args", [[], ["--help"], ["-h"]])
def test_help_names_each_command_and_imports_none(capsys, monkeypatch, args: list[str]) -> None:
    monkeypatch.setattr(cli, "import_module", fail(AssertionError("imported")))
    assert cli.main(args) == 0
    out = capsys.readouterr().out
    assert all(f"\n  {name} " in out for name in cli.COMMANDS)
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_each_command_has_help(name: str, capsys) -> None:
    where, line = cli.COMMANDS[name]
    assert find_spec(where.partition(":")[0]) is not None, "its file is not there"
    assert cli.main([name, "--help"]) == 0
    assert f"Usage: omnilab {name}" in capsys.readouterr().out
    assert line.endswith(".")


def process(code: str, **options: object) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'sim'}:{ROOT}", "PYTHONUNBUFFERED": ""}
    pipe = subprocess.PIPE
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        [sys.executable, "-c", code], stdout=pipe, stderr=pipe, text=True, env=env,
        preexec_fn=hear_ctrl_c, **options,
    )  # fmt: skip


ENDLESS = """
import sys, types, click
from omnilab import cli
@click.command("run")
def run():
    while True:
        click.echo("x" * 1000)
sys.modules["stand_in"] = types.SimpleNamespace(run=run)
cli.COMMANDS["run"] = ("stand_in:run", "")
sys.exit(cli.main(["run"]))
"""


def test_a_closed_pipe_is_quiet() -> None:
    with process(ENDLESS) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        assert child.wait(timeout=60) == 141
        assert child.stderr.read() == ""


def test_a_pipe_closed_before_the_last_flush_is_quiet() -> None:
    """Output still in Python's buffer meets the closed pipe only at the end."""
    loop = 'while True:\n        click.echo("x" * 1000)'
    code = ENDLESS.replace(loop, 'sys.stdin.readline(); sys.stdout.write("in the buffer")')
    with process(code, stdin=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        assert child.stderr is not None
        child.stdout.close()
        child.stdin.write("go\n")
        child.stdin.flush()
        assert child.wait(timeout=60) == 141
        assert child.stderr.read() == ""


def test_ctrl_c_is_130_with_one_line() -> None:
    code = ENDLESS.replace(
        'click.echo("x" * 1000)', 'click.echo("ready"); import time; time.sleep(60)'
    )
    with process(code) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(0.05)
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=60) == 130
        assert child.stderr.read() == "interrupted\n"
