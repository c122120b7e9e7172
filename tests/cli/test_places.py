"""No file of a user's is lost: a sweep over every command, every input and every output."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from omnilab import cli
from omnilab._files import writing
from omnilab._files.seal import is_sealed, seal
from omnilab.cli import own, places
from omnilab.cli.places import Adds, PlacesCommand, Reads, Writes, WritesRun, check_places
from omnilab.errors import OptionError

#: Options of text that name no file. An option that is not here has a type of `places`.
WORDS = {
    *("against", "amount", "column", "currency", "customer", "date", "date_format", "fan_out"),
    *("fail_if", "ids", "profile", "quantity", "time", "time_to_live", "truth", "unique"),
    *("encoding", "forecast", "order", "status", "sold", "not_sold"),
    *("normalise", "placeholder", "not_placeholder", "locale", "equal_volume", "until", "over"),
    *("columns", "channels", "arm", "bought", "channel", "content", "control", "conversion"),
    *("history", "holdout", "newbie", "recency", "recency_unit", "season", "sells", "spend"),
    *("test_holdout", "visit", "wiring", "within"),
    *("measure", "measures", "varies", "seeds", "won_by", "lost_by", "strategy", "path", "persona"),
    *("only", "max_bias", "steady", "worse"),
    *("cluster", "plausible", "test", "kinds", "name"),
    *("varied", "lookback", "half_life", "models", "consent", "match"),
}
INPUT = "id: lab-v1\n"


def commands() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command with the words that call it."""

    def below(
        words: tuple[str, ...], command: click.Command
    ) -> Iterator[tuple[tuple[str, ...], click.Command]]:
        if isinstance(command, click.Group):
            with click.Context(command) as context:
                for name in command.list_commands(context):
                    child = command.get_command(context, name)
                    assert child is not None
                    yield from below((*words, name), child)
        else:
            yield words, command

    yield from below((), cli.omnilab)


COMMANDS = {" ".join(words): command for words, command in commands()}


def named(command: click.Command, kind: Any) -> list[click.Parameter]:
    return [p for p in command.params if isinstance(p.type, kind)]


OUTPUTS = [(n, p) for n, c in COMMANDS.items() for p in named(c, (Writes, WritesRun))]
FILES = [(n, p) for n, p in OUTPUTS if isinstance(p.type, Writes)]
PAIRS = [(n, out, read) for n, out in OUTPUTS for read in named(COMMANDS[n], Reads)]
TWO = [
    (n, a, b)
    for n, c in COMMANDS.items()
    for i, a in enumerate(named(c, (Writes, WritesRun)))
    for b in named(c, (Writes, WritesRun))[i + 1 :]
]


def called(case: tuple[Any, ...]) -> str:
    return "-".join(
        part.replace(" ", "_") if isinstance(part, str) else str(part.name) for part in case
    )


def arguments(name: str, **values: str) -> list[str]:
    """Return a command line whose inputs are there; values are put in by parameters' names."""
    args = name.split()
    for param in COMMANDS[name].params:
        value = values.get(param.name or "")
        if value is None and param.required:
            value = "0" if isinstance(param.type, click.IntRange) else usual(param)
        if value is None:
            continue
        args += [value] if isinstance(param, click.Argument) else [max(param.opts, key=len), value]
    return args


def usual(param: click.Parameter) -> str:
    """Return what a parameter is given where nothing else is asked for; an input is made."""
    if isinstance(param.type, Reads):
        Path(f"{param.name}.in").write_text(INPUT, encoding="utf-8")
        return f"{param.name}.in"
    return f"{param.name}.parquet"


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes() if p.is_file() else b"-"
        for p in sorted(folder.rglob("*"))
    }


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Any:
    """Call the command line, which must refuse in one line, and leave everything as it was."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "theirs.yaml").write_text(INPUT, encoding="utf-8")

    def function(name: str, **values: str) -> str:
        args = arguments(name, **values)
        before = tree(tmp_path)
        assert cli.main(args) == 2, args
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("error: ")
        assert err.count("\n") == 1
        assert tree(tmp_path) == before
        return str(err)

    return function


def context_of(name: str, **values: str) -> click.Context:
    words = name.split()
    args = arguments(name, **values)[len(words) :]
    return COMMANDS[name].make_context(words[-1], args)


def test_every_option_that_names_a_file_is_declared() -> None:
    undeclared = [
        f"{name} {param.name}"
        for name, command in COMMANDS.items()
        for param in command.params
        if isinstance(param.type, click.Path | click.File)
        or (param.type is click.STRING and param.name not in WORDS)
    ]
    assert undeclared == []


def test_run_directories_have_one_option_and_come_first() -> None:
    for name, command in COMMANDS.items():
        found = [places._label(p) for p in named(command, (Writes, WritesRun))]
        if named(command, WritesRun):
            assert found[0] == places._RUN_OPTION, name


def test_every_command_with_files_looks_at_them_first() -> None:
    for name, command in COMMANDS.items():
        if named(command, (Reads, Writes, WritesRun)):
            assert isinstance(command, PlacesCommand), name
    assert len(OUTPUTS) >= 12
    assert len(PAIRS) >= 25


@pytest.mark.parametrize("link", ["itself", "dots", "symbolic", "hard"])
@pytest.mark.parametrize(("name", "out", "read"), PAIRS, ids=map(called, PAIRS))
def test_an_output_is_never_an_input(refused, tmp_path: Path, name, out, read, link: str) -> None:
    theirs, path = tmp_path / "theirs.yaml", tmp_path / "theirs.yaml"
    if link == "dots":
        (tmp_path / "sub").mkdir()
        path = tmp_path / "sub" / ".." / "theirs.yaml"
    elif link == "symbolic":
        (path := tmp_path / "link.yaml").symlink_to(theirs)
    elif link == "hard":
        os.link(theirs, path := tmp_path / "hard.yaml")
    err = refused(name, **{out.name: str(path), read.name: str(theirs)})
    assert f"{places._label(out)} {path} would overwrite a file that this command reads" in err
    # Nor with --replace, which is for what is not read.
    context = context_of(name, **{out.name: str(path), read.name: str(theirs)})
    context.meta[places._REPLACE] = True
    with pytest.raises(OptionError, match="would overwrite"):
        check_places(context)


READ = [(n, p) for n, c in COMMANDS.items() for p in named(c, Reads)]


@pytest.mark.parametrize(("name", "read"), READ, ids=map(called, READ))
def test_an_empty_name_of_an_input_is_not_the_current_folder(refused, name, read) -> None:
    assert "a name is needed" in refused(name, **{read.name: ""})


@pytest.mark.parametrize(("name", "one", "other"), TWO, ids=map(called, TWO))
def test_two_outputs_are_never_one_file(refused, name, one, other) -> None:
    err = refused(name, **{one.name: "x.parquet", other.name: "./x.parquet"})
    assert f"is written by {places._label(one)} already" in err
    assert err.startswith(f"error: {places._label(other)} ")


UNWRITABLE = {
    "folder": "is a directory",
    "nowhere/x.parquet": "there is no directory",
    "theirs.yaml/x.parquet": "is a file, not a directory",
    "dangling": "is a link to",
    "/dev/full": "No space left on device",
    "/proc/self/x.parquet": "can't be written",
    "protected.parquet": "protected against writing",
    "x" * 300: "File name too long",
    "": "name is needed",
}


@pytest.mark.parametrize("place", UNWRITABLE, ids=lambda p: p[:12] or "empty")
@pytest.mark.parametrize(("name", "out"), FILES, ids=map(called, FILES))
def test_an_unwritable_place_is_found_out_first(refused, tmp_path, name, out, place) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "dangling").symlink_to(tmp_path / "gone")
    (tmp_path / "protected.parquet").touch()
    (tmp_path / "protected.parquet").chmod(0o444)
    err = refused(name, **{out.name: place})
    assert UNWRITABLE[place] in err
    assert places._label(out).lstrip("-") in err


@pytest.mark.parametrize("place", ["theirs.yaml/x", "dangling", "/proc/self/x", "", "theirs.yaml"])
@pytest.mark.parametrize("name", [n for n, p in OUTPUTS if isinstance(p.type, WritesRun)])
def test_a_run_directory_that_can_t_be_made(refused, tmp_path: Path, name: str, place) -> None:
    (tmp_path / "dangling").symlink_to(tmp_path / "gone")
    read = tmp_path / "read.yaml"
    read.write_text(INPUT)
    err = refused(name, out=place, scenario=str(read))
    assert "--out" in err


def fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no file take a byte more; pipes do, such as the one that signals are told by."""
    write = os.write

    def full(file: int, data: bytes) -> int:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return write(file, data)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(writing.os, "write", full)


@pytest.mark.parametrize(("name", "out"), OUTPUTS, ids=map(called, OUTPUTS))
def test_a_full_disk_is_found_out_first(refused, monkeypatch, name, out) -> None:
    fill_the_disk(monkeypatch)
    err = refused(name, **{out.name: "new.parquet"})
    assert ".parquet: can't be written: No space left on device" in err


REPLACED = [(n, p) for n, p in FILES if not isinstance(p.type, Adds)]


@pytest.mark.parametrize(("name", "out"), REPLACED, ids=map(called, REPLACED))
def test_what_omnilab_did_not_write_needs_replace(refused, tmp_path: Path, name, out) -> None:
    (tmp_path / "mine.csv").write_text("mine\n")
    err = refused(name, **{out.name: "mine.csv"})
    assert "mine.csv is there, and omnilab did not write it" in err
    assert "--replace" in err
    context = context_of(name, **{out.name: "mine.csv"})
    context.meta[places._REPLACE] = True
    check_places(context)
    (tmp_path / "empty.csv").touch()  # as mktemp makes it: nothing is lost
    check_places(context_of(name, **{out.name: "empty.csv"}))
    check_places(context_of(name, **{out.name: "/dev/null"}))


@pytest.mark.parametrize(
    ("name", "out"), [(n, p) for n, p in FILES if not p.type.stdout], ids=lambda x: str(x)[:20]
)
def test_a_dash_is_no_file_where_stdout_is_not_taken(refused, name, out) -> None:
    assert "stdout is not taken here" in refused(name, **{out.name: "-"})


@pytest.mark.parametrize("name", [n for n, p in OUTPUTS if isinstance(p.type, WritesRun)])
def test_a_run_directory_holds_no_input_and_no_other_output(
    refused, tmp_path: Path, name: str
) -> None:
    (tmp_path / "x").mkdir()
    scenario = tmp_path / "x" / "scenario.yaml"
    scenario.write_text(INPUT)
    assert "which this command reads (SCENARIO)" in refused(name, out="x", scenario=str(scenario))
    err = refused(name, out="y", json_to="y/result.json")
    assert "a run directory is written as a whole" in err


def test_names_in_other_case_are_one_file_where_the_disk_says_so(
    refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"output": "out.parquet", "rows": "OUT.parquet"}
    check_places(context_of("identity resolve", **values))
    monkeypatch.setattr(places, "_ignores_case", lambda _folder: True)
    assert "is written by --output already" in refused("identity resolve", **values)
    check_places(context_of("identity resolve", output="a.parquet", rows="b.parquet"))


def test_a_disk_that_tells_case_apart(tmp_path: Path) -> None:
    (tmp_path / "Aa").touch()
    assert places._ignores_case(tmp_path) == (tmp_path / "aA").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["Aa"]


def test_all_files_that_a_strategy_and_a_scenario_are_made_of(refused, tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("id: base-v1\nstrategies: [other.py:B]\n")
    (tmp_path / "lab.yaml").write_text("id: lab-v1\nextends: ./base.yaml\n")
    (tmp_path / "mine.py").write_text("import helper\nfrom parts.one import x\n")
    (tmp_path / "helper.py").write_text("from deeper import y\n")
    (tmp_path / "deeper.py").touch()
    (tmp_path / "other.py").touch()
    (tmp_path / "parts").mkdir()
    for module in ("__init__.py", "one.py"):
        (tmp_path / "parts" / module).touch()
    read = {"scenario": "lab.yaml", "strategies": "mine.py:Mine"}
    files = ["base.yaml", "lab.yaml", "mine.py", "helper.py", "deeper.py", "other.py"]
    for file in [*files, "parts/__init__.py", "parts/one.py"]:
        assert "would overwrite" in refused("compare", json_to=file, **read), file
    options = {"strategies": "mine.py:Mine(level=3)", "scenario": "lab.yaml"}
    assert "would overwrite" in refused("compare", json_to="helper.py", **options)


def test_the_shipped_scenario_of_an_id_is_an_input(refused) -> None:
    from omnilab.scenario.catalogue import find_scenario

    shipped = str(find_scenario("boots-v1"))
    assert "would overwrite" in refused("compare", scenario="boots-v1", json_to=shipped)
    assert "would overwrite" in refused(
        "fit", base="boots-v1", output=shipped, status_quo="no_contact"
    )


def test_the_default_place_is_tried_before_the_work(call: Any, lab: Any, monkeypatch: Any) -> None:
    lab.compare = None  # would fail if it were called
    fill_the_disk(monkeypatch)
    code, out, err = call("compare", "lab.yaml")
    assert (code, out) == (2, "")
    assert err.startswith("error: runs/lab-v1-")
    assert "No space left on device" in err
    Path("runs").write_text("mine", encoding="utf-8")
    assert "runs is a file, not a directory" in call("compare", "lab.yaml")[2]


def test_presets_are_inputs(refused: Any) -> None:
    from omnilab import scenario

    preset = Path(scenario.__file__).parent / "presets" / "channels.yaml"
    assert "would overwrite" in refused("compare", json_to=str(preset))


def test_the_plan_file_beside_the_starts_is_an_input(refused, tmp_path: Path) -> None:
    for file in ("starts.csv", "plans.yaml"):
        (tmp_path / file).write_text("x\n")
    assert "would overwrite" in refused("cascade replay", starts="starts.csv", output="plans.yaml")


def test_a_scenario_by_fit_is_own_until_somebody_edits_it(tmp_path: Path) -> None:
    path = tmp_path / "my-shop.yaml"
    path.write_text(seal("# Made by `omnilab fit`\nid: my-shop-v1\n"))
    assert is_sealed(path)
    assert own.is_fitted(path)
    for edited in (path.read_text().replace("my-shop-v1", "ours-v1"), path.read_text() + "a: 1\n"):
        path.write_text(edited)
        assert not own.is_fitted(path)
    assert not own.is_fitted(tmp_path / "gone")


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ('{\n  "format": "omnilab-result-v4",\n  "scenario": 1}', True),
        ('{"format": "omnilab-bench-v1"}', True),
        ('{"format": "theirs"}', False),
        ('{"mine": {"format": "omnilab-result-v4"}}', False),
        ("id: lab-v1\n", False),
        ("\x00\xff", False),
    ],
)
def test_json_is_own_by_its_first_key(tmp_path: Path, text: str, ours: bool) -> None:
    (tmp_path / "x.json").write_text(text, encoding="latin-1")
    assert own.is_result(tmp_path / "x.json") == ours


# -- run directories --------------------------------------------------------------------------


def run_again(call: Any, *args: str) -> tuple[int, str]:
    code, _, err = call("compare", "lab.yaml", "--out", "x", "-q", *args)
    return code, err


def test_another_run_is_only_replaced_on_demand(call: Any) -> None:
    assert run_again(call) == (0, "")
    before = tree(Path("x"))
    for other in (["--seed", "2"], ["-s", "omnichannel"], ["--against", "omnichannel"]):
        code, err = run_again(call, *other)
        assert code == 2
        assert "x holds another run (lab-v1, " in err
        assert "200 customers, seed 1): choose another --out, or give --replace" in err
        assert tree(Path("x")) == before
    assert run_again(call, "--seed", "2", "--replace") == (0, "")
    assert tree(Path("x")) != before


def test_the_same_run_is_replaced_unless_it_was_changed(call: Any) -> None:
    assert run_again(call) == (0, "")
    before = tree(Path("x"))["result.json"]
    assert run_again(call) == (0, "")
    Path("x/scenario.yaml").write_text("mine", encoding="utf-8")
    code, err = run_again(call)
    assert code == 2
    assert "scenario.yaml was changed since the run wrote it" in err
    assert Path("x/scenario.yaml").read_text() == "mine"
    assert run_again(call, "--replace") == (0, "")
    assert tree(Path("x"))["result.json"] == before


def test_files_that_are_not_the_runs_are_never_lost(call: Any) -> None:
    assert run_again(call) == (0, "")
    Path("x/notes.txt").write_text("mine", encoding="utf-8")
    for more in ([], ["--replace"], ["--seed", "2", "--replace"]):
        code, err = run_again(call, *more)
        assert code == 2
        assert "x has files that are not the run's (notes.txt): move them away" in err
    assert Path("x/notes.txt").read_text() == "mine"


def test_a_file_of_a_run_is_never_written_over(call: Any) -> None:
    assert run_again(call) == (0, "")
    before = tree(Path("x"))
    for name in ("result.json", "manifest.json"):
        for more in ([], ["--replace"]):
            code, _, err = call("compare", "lab.yaml", "--json", f"x/{name}", *more)
            assert code == 2
            assert f"x/{name} is a file of the run x: choose another file" in err
    code, _, err = call("verify", "x", "--page", "x/report.html", "--rates")
    assert code == 2
    assert "would overwrite a file that this command reads (RUN)" in err
    assert tree(Path("x")) == before


def test_a_result_of_ours_is_replaced_and_stdout_is_not_written_twice(call: Any) -> None:
    for seed in ("1", "2"):
        code, _, _ = call("compare", "lab.yaml", "--json", "r.json", "--seed", seed, "-q")
        assert code == 0
        assert f'"seed": {seed}' in Path("r.json").read_text()


def test_an_earlier_versions_run_is_a_run(call: Any) -> None:
    assert run_again(call) == (0, "")
    manifest = Path("x/manifest.json")
    manifest.write_text(manifest.read_text().replace("omnilab-run-v2", "omnilab-run-v1"))
    code, out, err = call("verify", "x")
    assert (code, out) == (2, "")
    assert "is of the format omnilab-run-v1, which omnilab" in err
    assert "run it again" in err
