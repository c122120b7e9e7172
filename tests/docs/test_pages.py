"""Each page says for whom it is, has its place in the index, and shows commands that there are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click import Context

from omnilab import cli
from tests.conftest import ROOT
from tests.docs.pages import blocks, page

PAGES = sorted(p.relative_to(ROOT / "docs").as_posix() for p in (ROOT / "docs").rglob("*.md"))
FOR_WHOM = re.compile(r"(This page is for|For) [a-z]")


@pytest.mark.parametrize("name", PAGES)
def test_the_first_sentence_says_for_whom_the_page_is(name: str) -> None:
    title, blank, first = page(name).splitlines()[:3]
    assert title.startswith("# ")
    assert blank == ""
    assert FOR_WHOM.match(first), first[:80]


def test_the_index_links_each_page() -> None:
    linked = re.findall(r"\]\(([^)]+\.md)\)", page("index.md"))
    assert sorted({*linked, "index.md"} - {"../CONTRIBUTING.md", "../CHANGELOG.md"}) == PAGES


@pytest.mark.parametrize("name", PAGES)
def test_commands_that_are_shown_have_options_that_there_are(name: str) -> None:
    """Each line of a page that calls omnilab parses as far as its command's name and options."""
    for line in "".join(blocks(page(name), "sh")).replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if "omnilab" not in [Path(word).name for word in words[:1]]:
            continue
        command = cli.omnilab.get_command(Context(cli.omnilab), words[1])
        assert command is not None, line
        below = getattr(command, "commands", {})
        command = below.get(words[2], command) if len(words) > 2 else command
        options = {o for p in command.params for o in (*p.opts, *p.secondary_opts)} | {"--help"}
        shown = {w.partition("=")[0] for w in words[2:] if re.match(r"--?[a-z]", w)}
        assert shown <= options, line


def test_the_tutorials_first_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = "".join(blocks(page("tutorial/1-first-comparison.md"), "sh")).splitlines()
    assert lines[:2] == ["make demo", "source .venv/bin/activate"]
    told = [shlex.split(line)[1:] for line in lines[2:]]
    assert [args[0] for args in told] == ["compare"]  # what `twin` shows is run by test_readme
    few = [*told[0][:-1], "60"]
    assert few[-2] == "--customers"
    assert cli.main(few) == 0, few
