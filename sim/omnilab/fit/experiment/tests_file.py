"""A file of past tests: YAML that names tables of one brand, each with its control arm.

    tests:
      - {table: march.csv, control: none, within: 14d}
      - {table: june.csv, control: none, within: 7d, content: {Sale: everything}}

Each item has the options of ``omnilab fit --experiment`` by their names; what stands above the list
holds for all. Tables lie beside the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from omnilab.errors import DataError, OmnilabError, OptionError, nearest
from omnilab.fit.experiment.request import ExperimentRequest
from omnilab.fit.experiment.table import RandomisedTest, read_test
from omnilab.scenario.document import read_document
from omnilab.scenario.tree import plain

__all__ = ["is_tests_file", "read_requests", "read_tests", "tables_of"]

_ENDINGS: Final = (".yaml", ".yml")
_TESTS: Final = "tests"
#: One for all tests: they are of one brand and one channel, and are fitted together.
_SHARED: Final = ("base", "channel", "currency", "holdout", "splits", "seed")
_MOST: Final = 20  # tests


def is_tests_file(path: Path) -> bool:
    """Tell whether a file names tests, by its ending."""
    return path.suffix.lower() in _ENDINGS


def read_requests(request: ExperimentRequest) -> list[ExperimentRequest]:
    """Return a request for each test of a file, or the request itself if it has a table.

    Raises
    ------
    DataError
        For a key that is none, with the nearest right one, and a list that is empty or too long.
    """
    if not is_tests_file(request.table):
        return [request]
    file = request.table
    root = plain(read_document(file))
    if not isinstance(root, Mapping) or not isinstance(root.get(_TESTS), list):
        raise DataError(
            f"a file of tests has a list under {_TESTS!r}, each item with a table", file=file
        )
    above = {key: value for key, value in root.items() if key != _TESTS}
    items = root[_TESTS]
    if not 1 <= len(items) <= _MOST:
        raise DataError(f"{_TESTS}: 1 to {_MOST} tests, not {len(items)}", file=file)
    known = [f.name for f in fields(ExperimentRequest)]
    found = []
    for number, item in enumerate(items, 1):
        where = f"{_TESTS}[{number}]"
        if not isinstance(item, Mapping) or "table" not in item:
            raise DataError(f"{where}: has no table", file=file)
        given = {**above, **item}
        for key in given:
            if key not in known:
                raise DataError(f"{where}: no key {key!r}{nearest(key, known)}", file=file)
        for key in _SHARED:
            if key in item:
                raise DataError(f"{where}: {key} is one for all tests: name it above", file=file)
        found.append(_request(request, given, file))
    return found


def _request(request: ExperimentRequest, given: Mapping[str, Any], file: Path) -> ExperimentRequest:
    """Return one test's request: what the file says, over what the command line says."""
    values = dict(given)
    values["table"] = file.parent / str(values["table"])
    if isinstance(content := values.get("content"), Mapping):
        values["content"] = tuple(f"{arm}={what}" for arm, what in content.items())
    if isinstance(bought := values.get("bought"), str):
        values["bought"] = (bought,)
    for key, value in values.items():
        if key not in ("content", "bought", "table", "splits", "seed", "until", "base"):
            values[key] = None if value is None else str(value)
    made = replace(request, **values)
    made.check()
    return made


def tables_of(path: Path) -> list[Path]:
    """Return the files that are read because of one: itself, and tables that it names."""
    if not is_tests_file(path):
        return [path]
    try:
        root = plain(read_document(path))
    except OmnilabError:  # what is wrong with it is said when it is read
        return [path]
    items = root.get(_TESTS) if isinstance(root, Mapping) else None
    named = [i["table"] for i in items or () if isinstance(i, Mapping) and "table" in i]
    return [path, *(path.parent / str(name) for name in named)]


def read_tests(
    requests: Sequence[ExperimentRequest],
) -> tuple[list[ExperimentRequest], list[RandomisedTest]]:
    """Read the tables of tests that are fitted together.

    Arms of one name in two tests are told apart by the table's name, in the requests too.

    Raises
    ------
    DataError, OptionError
        As `omnilab.fit.experiment.table.read_test`, and if two tests are one table or overlap: a
        customer was in both at one time.
    """
    tests = [read_test(request) for request in requests]
    files = [request.table for request in requests]
    for number, file in enumerate(files):
        if file in files[:number]:
            raise OptionError(f"--experiment: {file} is the table of two tests")
        for earlier in range(number):
            _refuse_overlap(tests[earlier], tests[number], file)
    names = [arm for test in tests for arm in test.arms[1:]]
    named, renamed = [], []
    for request, test in zip(requests, tests, strict=True):
        new = {arm: _told_apart(arm, names, test) for arm in test.arms[1:]}
        pairs = [tuple(part.strip() for part in c.split("=", 1)) for c in request.content]
        content = tuple(f"{new.get(arm, arm)}={what}" for arm, what in pairs)
        named.append(replace(request, content=content))
        renamed.append(replace(test, arms=(test.arms[0], *new.values())))
    return named, renamed


def _refuse_overlap(one: RandomisedTest, other: RandomisedTest, file: Path) -> None:
    """Refuse two tests whose windows overlap in time and that share customers."""
    if one.ids is None or other.ids is None:
        return
    shared = np.intersect1d(one.ids, other.ids)
    if not len(shared):
        return
    if one.sent is None or other.sent is None:
        raise DataError(
            f"{len(shared):,} customers, such as {str(shared[0])!r}, are in {one.source} too, and "
            "without dates of the sends nobody can tell whether the tests overlap in time: add a "
            "column of dates, or leave these customers out of one",
            file=file,
        )
    first, second = sorted((one, other), key=lambda t: t.sent or (0, 0))
    assert first.sent is not None
    assert second.sent is not None
    if first.sent[1] + first.within_s > second.sent[0]:
        raise DataError(
            f"{len(shared):,} customers, such as {str(shared[0])!r}, are in {one.source} too, and "
            "the windows of the two tests overlap in time: what they did is of both; leave these "
            "customers out of one",
            file=file,
        )


def _told_apart(arm: str, names: Sequence[str], test: RandomisedTest) -> str:
    return arm if list(names).count(arm) == 1 else f"{arm} ({test.source.partition('.')[0]})"
