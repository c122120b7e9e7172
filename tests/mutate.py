"""Change the rules one at a time and see whether a test notices: `make mutants`.

A mutant is one small change of one rule in `world`, `brand` or `interaction`: another comparison,
operator, number or order of arguments, a condition turned round, a statement left out. A seeded
sample, spread over all files, is tried, each in a process of its own, with kernels as plain Python:
a function's code is replaced, a declaration's module as it is imported. The tests of a module are
those in the file of its name (``world/fatigue.py``: ``tests/world/test_fatigue.py``) and those that
name it in ``RULES``; the first one that fails ends the trial. What passes all has survived.

Survivors that are known stand in ``tests/survivors.yaml``, each with why no test can or need notice
it; the others are new. Some mutants have a name and are tried in every run: none may survive.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import importlib.abc
import importlib.util
import io
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SIM = ROOT / "sim" / "omnilab"
FOLDERS = ("world", "brand", "interaction")
#: Files that declare layouts and codes; there is no rule in them.
NO_RULES = (
    "__init__.py", "brand/codes.py", "brand/plan.py", "world/channel.py",
    "world/lowered.py", "world/mechanisms.py", "world/model.py",
)  # fmt: skip
TIME_LIMIT_S = 60
SURVIVORS = ROOT / "tests" / "survivors.yaml"

#: Mutants that are tried in every run: a name, the file, and what stands in place of what.
NAMED = (
    ("failures never fade", "world/satisfaction.py",
     "person.failures * math.exp(-age / model.satisfaction.forget) + weight",
     "person.failures + weight"),
    ("patience counts from the need's own moment", "world/needs.py",
     "need.expires = noticed + 1", "need.expires = t + 1"),
    ("patience counts from a day later", "world/needs.py",
     "need.expires = noticed + 1", "need.expires = noticed + 86401"),
    ("ads wear out twice as late", "world/fatigue.py",
     "peak = model.fatigue.wear_out", "peak = 2.0 * model.fatigue.wear_out"),
    ("all channels are answered alike", "world/affinity.py",
     "return model.affinity.shared * person.effect + model.affinity.own * normal(u)",
     "return person.effect"),
    ("each person has a mailshot of their own", "interaction/message.py",
     "mailshot_effect(model, t, c, creative)",
     "mailshot_effect(model, t, c, creative + int(person.entity))"),
    ("the brand sees what is hidden", "world/receipts.py",
     "return HIDDEN", "return COMES_BACK"),
    ("all journeys rank alike", "brand/policy.py",
     "higher = plan.journey[int(copy.journey)].priority > plan.journey[journey].priority",
     "higher = False"),
)  # fmt: skip

COMPARISONS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}  # fmt: skip
OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Mod: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitAnd, ast.Pow: ast.Mult,
}  # fmt: skip
NAMES = {"min": "max", "max": "min"}


@dataclass(frozen=True)
class Mutant:
    """One change: the ``number``-th that can be made of a file."""

    file: str
    number: int
    line: int
    before: str
    after: str


class Changer(ast.NodeTransformer):
    """Walks a file's rules in a fixed order and makes the change with one number, or none."""

    def __init__(self, wanted: int = -1) -> None:
        self.wanted, self.seen = wanted, 0
        self.found: list[tuple[int, str]] = []
        self.statement: Any = None
        self.changed: Any = None

    def _is_it(self, node: Any, what: str) -> bool:
        self.found.append((node.lineno, what))
        self.seen += 1
        hit = self.seen - 1 == self.wanted
        if hit:
            self.changed = self.statement
        return hit

    def visit(self, node: Any) -> Any:
        """Visit a node; what types, imports and words say is no rule."""
        if isinstance(node, ast.Import | ast.ImportFrom) or _is_word(node):
            return node
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            return node
        if isinstance(node, ast.FunctionDef):
            node.body = self._all(node.body)
            return node
        if isinstance(node, ast.AnnAssign):
            if getattr(getattr(node.value, "func", None), "id", "") in ("rows_of", "several"):
                return node  # a size in memory
            node.value = self.visit(node.value) if node.value is not None else None
            return node
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return node
        if isinstance(node, ast.ClassDef) and "Parameters" in map(ast.unparse, node.bases):
            return node  # what a file may say: tests/scenario and docs/parameters.md hold it
        if (
            isinstance(node, ast.Tuple)
            and len(node.elts) > 6
            and not any(_may_swap(x) for x in node.elts)
        ):
            return node  # a published series, the default of a parameter
        outer = self.statement
        if isinstance(node, ast.stmt) and not isinstance(node, ast.ClassDef):
            self.statement = node
        try:
            return super().visit(node)
        finally:
            self.statement = outer

    def _all(self, body: list[ast.stmt]) -> list[ast.stmt]:
        return [self.visit(node) for node in body]

    def visit_Compare(self, node: ast.Compare) -> Any:
        """Another comparison: with or without the border, equal or not."""
        self.generic_visit(node)
        for i, op in enumerate(node.ops):
            if type(op) in COMPARISONS and self._is_it(node, "comparison"):
                node.ops[i] = COMPARISONS[type(op)]()
        return node

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        """Another operator."""
        self.generic_visit(node)
        if type(node.op) in OPERATORS and self._is_it(node, "operator"):
            node.op = OPERATORS[type(node.op)]()
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        """Another operator, or nothing."""
        node.value = self.visit(node.value)
        if type(node.op) in OPERATORS and self._is_it(node, "operator"):
            node.op = OPERATORS[type(node.op)]()
        return _nothing(node) if self._is_it(node, "left out") else node

    def visit_Assign(self, node: ast.Assign) -> Any:
        """Nothing written, where something else than a name is."""
        self.generic_visit(node)
        written = node.targets[0]
        if isinstance(written, ast.Attribute | ast.Subscript) and self._is_it(node, "left out"):
            return _nothing(node)
        return node

    def visit_Expr(self, node: ast.Expr) -> Any:
        """A call left out."""
        self.generic_visit(node)
        return _nothing(node) if self._is_it(node, "left out") else node

    def visit_If(self, node: ast.If) -> Any:
        """A condition turned round."""
        self.generic_visit(node)
        if self._is_it(node, "turned round"):
            node.test = ast.UnaryOp(ast.Not(), node.test)
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        """Or in place of and."""
        self.generic_visit(node)
        if self._is_it(node, "and, or"):
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        """A sign or a not left out; a number keeps its own."""
        if isinstance(node.operand, ast.Constant):
            return node
        self.generic_visit(node)
        plain = isinstance(node.op, ast.USub | ast.Not | ast.Invert)
        return node.operand if plain and self._is_it(node, "sign") else node

    def visit_Constant(self, node: ast.Constant) -> Any:
        """Another number."""
        value = node.value
        if isinstance(value, bool):
            return ast.Constant(not value) if self._is_it(node, "number") else node
        if isinstance(value, int | float) and self._is_it(node, "number"):
            return ast.copy_location(ast.Constant(value + 1 if value < 2 else value * 2), node)
        return node

    def visit_Call(self, node: ast.Call) -> Any:
        """The smaller in place of the larger, or two neighbouring arguments swapped."""
        self.generic_visit(node)
        name = getattr(node.func, "id", "")
        if name in NAMES and self._is_it(node, "min, max"):
            node.func = ast.Name(NAMES[name], ast.Load())
            return node
        if name in (*NAMES, "range", "draw4", "philox4x32"):
            return node  # one address of a draw is as good as another
        for i in range(len(node.args) - 1):
            one, two = node.args[i : i + 2]
            if _may_swap(one) and _may_swap(two) and self._is_it(node, "arguments swapped"):
                node.args[i], node.args[i + 1] = two, one
                break
        return node


def _may_swap(node: ast.expr) -> bool:
    """Tell whether an argument is a plain value; who swaps a cell for a model is found at once."""
    named = {"cell", "model", "plan"}
    return isinstance(node, ast.Name | ast.Attribute) and getattr(node, "id", "") not in named


def _is_word(node: Any) -> bool:
    return isinstance(node, ast.Expr) and isinstance(getattr(node.value, "value", None), str)


def _nothing(node: ast.stmt) -> ast.stmt:
    return ast.copy_location(ast.Pass(), node)


def tree_of(file: str) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse((SIM / file).read_text(encoding="utf-8"))


def mutate(file: str, number: int) -> tuple[ast.Module, Mutant]:
    """Return a file's tree with one change, and the change."""
    changer = Changer(number)
    before = ast.dump(tree_of(file))
    tree = ast.fix_missing_locations(changer.visit(tree_of(file)))
    line, what = changer.found[number]
    was = (SIM / file).read_text(encoding="utf-8").splitlines()[line - 1].strip()
    assert ast.dump(tree) != before, (file, number, what)
    now = _text(changer.changed) if changer.changed is not None else "(declaration)"
    now = "(left out)" if what == "left out" else now
    return tree, Mutant(file, number, line, was, f"[{what}] {now}")


def named(number: int) -> tuple[ast.Module, Mutant]:
    """Return the tree and the mutant of a place in `NAMED`."""
    name, file, old, new = NAMED[number]
    text = (SIM / file).read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise SystemExit(f"{file}: {old!r} stands there {text.count(old)} times, for {name!r}")
    line = text[: text.index(old)].count("\n") + 1
    was = text.splitlines()[line - 1].strip()
    return ast.parse(text.replace(old, new)), Mutant(file, -1 - number, line, was, f"[{name}]")


@cache
def known() -> dict[tuple[str, str, str], str]:
    """Return why a survivor survives, by its file, its line's text and its change."""
    import yaml

    entries = yaml.safe_load(SURVIVORS.read_text(encoding="utf-8"))
    return {(x["file"], x["rule"], x["change"]): x["why"] for x in entries}


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.If | ast.While | ast.For):
        node = copy.copy(node)
        node.body, node.orelse = [ast.Pass()], []  # type: ignore[attr-defined]
    return " ".join(ast.unparse(node).split())


def rule_files() -> list[str]:
    """Return the files of rules, as paths within the package."""
    found = []
    for folder in FOLDERS:
        for path in sorted((SIM / folder).rglob("*.py")):
            name = path.relative_to(SIM).as_posix()
            if name not in NO_RULES and path.name not in NO_RULES:
                found.append(name)
    return found


def sample(size: int, seed: int) -> list[tuple[str, int]]:
    """Return so many (file, number of the change): of each file its share, at least three."""
    chance = random.Random(seed)
    counts = {}
    for file in rule_files():
        changer = Changer()
        changer.visit(tree_of(file))
        counts[file] = changer.seen
    total, chosen = sum(counts.values()), []
    for file, n in counts.items():
        share = min(n, max(3, round(size * n / total)))
        chosen += [(file, k) for k in sorted(chance.sample(range(n), share))]
    return chosen


@cache
def tests_of(file: str) -> list[str]:
    """Return the tests of a file of rules: its own first, then those that name fewest files."""
    folder, _, name = file.partition("/")
    own = ROOT / "tests" / folder / f"test_{name}"
    others = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        named = _rules(path)
        if file in named and path != own:
            others.append((len(named), str(path)))
    return [*([str(own)] if own.exists() else []), *(p for _, p in sorted(others))]


@cache
def _rules(path: Path) -> tuple[str, ...]:
    text = path.read_text(encoding="utf-8")
    if "\nRULES = " not in text:
        return ()
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "RULES":
            return tuple(ast.literal_eval(node.value))
    return ()


class Replaced(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Import one module from a changed tree."""

    def __init__(self, file: str, tree: ast.Module) -> None:
        self.path = str(SIM / file)
        self.name = "omnilab." + file.removesuffix(".py").replace("/", ".")
        self.code = compile(tree, self.path, "exec")

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        """Find the module if it is the changed one."""
        del path, target
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def exec_module(self, module: Any) -> None:
        """Run the changed module."""
        exec(self.code, module.__dict__)


def replace_code(file: str, tree: ast.Module) -> None:
    """Give the functions of a module that is imported already the code of a changed tree."""
    module = importlib.import_module("omnilab." + file.removesuffix(".py").replace("/", "."))
    for code in compile(tree, str(SIM / file), "exec").co_consts:
        function = vars(module).get(getattr(code, "co_name", ""))
        if isinstance(function, FunctionType):
            function.__code__ = code  # type: ignore[assignment]


def is_in_a_function(file: str, line: int) -> bool:
    """Tell whether a line of a file stands in a function."""
    functions = [x for x in tree_of(file).body if isinstance(x, ast.FunctionDef)]
    return any(x.lineno <= line <= (x.end_lineno or 0) for x in functions)


def trial(tree: ast.Module | None, file: str, tests: list[str]) -> bool:
    """Return whether all tests pass with a changed file, in a process of its own."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.alarm(TIME_LIMIT_S)
            with Path(os.devnull).open("w") as nowhere:
                os.dup2(nowhere.fileno(), 1)
                os.dup2(nowhere.fileno(), 2)
            code = run_tests(tree, file, tests)
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0


def run_tests(tree: ast.Module | None, file: str, tests: list[str]) -> int:
    """Run tests in this process, after which it is of no use for others."""
    import pytest

    if tree is not None and "tests.worlds" in sys.modules:
        replace_code(file, tree)
    elif tree is not None:
        sys.meta_path.insert(0, Replaced(file, tree))
    worlds: Any = importlib.import_module("tests.verification.worlds")
    worlds.run = lambda *_, **__: pytest.skip("whole populations take minutes in plain Python")
    options = ["-x", "-q", "-n", "0", "-p", "no:cacheprovider", "-p", "no:benchmark"]
    return int(pytest.main([*options, *tests]))


def prepare() -> None:
    """Import what all trials need, but nothing of omnilab."""
    os.chdir(ROOT)
    sys.path[:0] = [str(ROOT / "sim"), str(ROOT / "strategies"), str(ROOT)]
    os.environ["OMNILAB_PLAIN"] = "1"
    for name in ("hypothesis", "numpy", "pandas", "pydantic", "pytest", "scipy.special", "yaml"):
        importlib.import_module(name)


def survivors(chosen: list[tuple[str, int]]) -> Iterator[tuple[Mutant, bool]]:
    """Yield each mutant and whether it survived: declarations first, then those in functions."""
    made = [mutate(file, number) if number >= 0 else named(-1 - number) for file, number in chosen]
    in_function = [is_in_a_function(mutant.file, mutant.line) for _, mutant in made]
    for (tree, mutant), later in zip(made, in_function, strict=True):
        if not later:
            yield mutant, trial(tree, mutant.file, tests_of(mutant.file))
    importlib.import_module("tests.worlds")  # and with it all that is tested
    for file in sorted({mutant.file for _, mutant in made}):
        if not trial(None, file, tests_of(file)):
            raise SystemExit(f"the tests of {file} fail without a change")
    for (tree, mutant), later in zip(made, in_function, strict=True):
        if later:
            yield mutant, trial(tree, mutant.file, tests_of(mutant.file))


def main() -> int:
    """Try a sample of mutants and list those that no test noticed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--size", type=int, default=300, help="about how many mutants")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file", help="of one file only, such as world/fatigue.py")
    parser.add_argument("--named", action="store_true", help="only those that have a name")
    parser.add_argument("--most", type=float, default=0.1, help="share that may survive")
    options = parser.parse_args()
    prepare()
    chosen = [] if options.named else sample(options.size, options.seed)
    if options.file:
        changer = Changer()
        changer.visit(tree_of(options.file))
        numbers = range(changer.seen)
        if options.size < changer.seen:
            numbers = sorted(random.Random(options.seed).sample(numbers, options.size))  # type: ignore[assignment]
        chosen = [(options.file, k) for k in numbers]
    else:
        chosen += [(file, -1 - n) for n, (_, file, _, _) in enumerate(NAMED)]
    untested = sorted({file for file, _ in chosen if not tests_of(file)})
    if untested:
        print("no tests:", *untested)
    began, alive, why, new = time.monotonic(), 0, known(), 0
    forbidden = False
    for n, (mutant, survived) in enumerate(survivors(chosen), 1):
        if survived:
            alive += 1
            reason = why.get((mutant.file, mutant.before, mutant.after), "")
            new += not reason
            forbidden |= mutant.number < 0
            print(f"{mutant.file}:{mutant.line}  {mutant.before}  ->  {mutant.after}")
            print(f"    survived, {f'known: {reason}' if reason else 'new'}", flush=True)
        if n % 50 == 0:
            print(f"... {n} of {len(chosen)}, {time.monotonic() - began:.0f} s", flush=True)
    share = alive / len(chosen)
    print(f"{alive} of {len(chosen)} mutants survive ({share:.1%}), {new} of them new;"
          f" seed {options.seed}")  # fmt: skip
    return int(share > options.most or forbidden)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, io.UnsupportedOperation):
        sys.exit(main())
