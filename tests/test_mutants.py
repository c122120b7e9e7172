"""What `make mutants` knows of the code is still there."""

from __future__ import annotations

import ast

import pytest

from tests import mutate


@pytest.mark.parametrize("number", range(len(mutate.NAMED)))
def test_a_named_mutant_changes_a_rule(number: int) -> None:
    tree, mutant = mutate.named(number)
    assert ast.dump(tree) != ast.dump(mutate.tree_of(mutant.file))
    assert mutate.is_in_a_function(mutant.file, mutant.line)
    assert mutate.tests_of(mutant.file)


@pytest.mark.parametrize("key", mutate.known(), ids=lambda key: f"{key[0]} {key[2]}")
def test_a_known_survivor_is_of_a_line_that_is_there_and_says_why(
    key: tuple[str, str, str],
) -> None:
    file, rule, _ = key
    lines = [line.strip() for line in (mutate.SIM / file).read_text(encoding="utf-8").splitlines()]
    assert rule in lines
    assert len(mutate.known()[key]) > 20


def test_changes_are_numbered_and_each_changes_something() -> None:
    changer = mutate.Changer()
    changer.visit(mutate.tree_of("world/tips.py"))
    made = [mutate.mutate("world/tips.py", n) for n in range(changer.seen)]
    assert len({ast.dump(tree) for tree, _ in made}) == len(made) > 5
