"""What the README tells to type runs as it stands there, with fewer customers."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from omnilab import cli
from omnilab.experiment.published.asked import missing_in
from omnilab.experiment.published.declared import read_published
from omnilab.scenario import load_scenario
from omnilab.testing import check_strategy

FEW = "60"


TUTORIAL = "docs/tutorial/1-first-comparison.md"


def blocks(root: Path, language: str, page: str = "README.md") -> list[str]:
    text = (root / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def commands(root: Path) -> list[list[str]]:
    """Return the arguments of each ``.venv/bin/omnilab`` line, in their order."""
    lines = [shlex.split(n, comments=True) for b in blocks(root, "sh") for n in b.splitlines()]
    return [words[1:] for words in lines if words and words[0] == ".venv/bin/omnilab"]


def with_few(args: list[str]) -> list[str]:
    """Return a command with few customers, where it has customers."""
    if "--customers" in args:
        at = args.index("--customers")
        return [*args[: at + 1], FEW, *args[at + 2 :]]
    return [*args, "--customers", FEW] if args[0] in ("compare", "run") else args


@pytest.fixture
def place(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that has what the README's reader has."""
    (tmp_path / "scenarios").symlink_to(root / "scenarios")
    (tmp_path / "examples").symlink_to(root / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_line_is_a_make_target_or_a_command(root: Path) -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (root / "Makefile").read_text(), re.MULTILINE)
    for line in "".join(blocks(root, "sh")).splitlines():
        program, first = line.split()[:2]
        assert program in ("make", ".venv/bin/omnilab"), line
        assert first in (targets if program == "make" else cli.COMMANDS), line


def test_the_commands_run(root: Path, place: Path) -> None:
    told = [args for args in commands(root) if "my-shop.yaml" not in args]
    assert {args[0] for args in told} >= {"list", "compare", "run", "twin", "verify", "validate"}
    for args in told:
        assert cli.main(with_few(args)) == 0, args
    assert (place / "result.json").is_file()


def test_the_strategy_keeps_the_rules(place: Path) -> None:
    check_strategy(f"{place / 'examples' / 'carts.py'}:CartsOnly")
    assert len((place / "examples" / "carts.py").read_text(encoding="utf-8").splitlines()) < 20


def test_it_can_be_read_in_one_go(root: Path) -> None:
    assert len((root / "README.md").read_text(encoding="utf-8").splitlines()) < 150


@pytest.mark.long
def test_the_log_becomes_a_scenario_that_runs(root: Path, place: Path) -> None:
    rng = np.random.default_rng(1)
    lines = ["customer,date,amount"]
    for customer in range(400):
        # Some leave after each order: a log that did not tell of leaving would be refused.
        days = np.cumsum(rng.exponential(rng.gamma(2, 20), 30))[: rng.geometric(0.2) - 1]
        for day in [0, *days[days < 300]]:
            at = np.datetime64("2024-01-01") + int(day) + customer % 60
            lines.append(f"{customer},{at},{rng.gamma(5, 6):.2f}")
    (place / "orders.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    told = [args for args in commands(root) if "my-shop.yaml" in args]
    assert [args[0] for args in told] == ["fit", "compare"]
    for args in told:
        assert cli.main(with_few(args)) == 0, args


def lines_of(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").splitlines()]


@pytest.mark.parametrize(
    ("page", "number", "width"),
    [pytest.param("README.md", 0, 120, marks=pytest.mark.slow),
     pytest.param(TUTORIAL, 0, 102, marks=pytest.mark.slow),
     pytest.param("README.md", 1, 120, marks=pytest.mark.long)],
)  # fmt: skip
def test_what_it_shows_comes_out_again(  # after a change on purpose: make pin
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys,
    page: str, number: int, width: int,
) -> None:  # fmt: skip
    command, *shown = lines_of(blocks(root, "text", page)[number])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", str(width))
    capsys.readouterr()
    assert cli.main(shlex.split(command.removeprefix("$ omnilab "))) == 0
    assert lines_of(capsys.readouterr().out)[: len(shown)] == shown


def test_the_claims_that_it_shows_are_all_that_can_be_asked_there(root: Path) -> None:
    """The numbers are run again by a long test; what stands beside them is held by each."""
    shown = blocks(root, "text")[1]
    scenario = load_scenario("retailer-v1")
    asked = [c for c in read_published()[0].claims if missing_in(c, scenario) is None]
    assert len(asked) > 10
    for claim in asked:
        name, published = claim.id.replace("_", " "), re.escape(claim.published)
        assert re.search(rf"^ {name} +{published} +\S", shown, re.MULTILINE), claim.id
    rows = re.findall(r"^ \w.*%", shown, re.MULTILINE)
    assert len(rows) == len(asked)
