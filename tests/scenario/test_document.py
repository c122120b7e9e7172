"""Reading YAML: the same data as a plain reader, right lines, and limits that hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from omnilab.errors import ScenarioError
from omnilab.scenario.document import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_VALUES,
    parse_document,
    read_document,
)
from omnilab.scenario.tree import Node, find, plain
from omnilab.scenario.write import mapping_to_yaml
from tests.scenario.samples import attempt

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["on", "no", "21:00", "1e3", "0x10", "1_000", "null", "~", "", " ", "2025-01-06", ".5", "<<",
     "=", "- a", "a: b", "# c", "012", "+1", ".inf", "true", "TRUE", "100%", "&a", "*a", "!x",
     "\x85", "a\u2028b"]
)  # fmt: skip
data = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(texts, data, min_size=1, max_size=4))
@example({"a": "1e3", "b": ["21:00", "on", "", None, 1.0, 1e-7, 1e300, -0.0]})
def test_what_is_written_reads_back(mapping: dict[str, Any]) -> None:
    text = mapping_to_yaml(mapping, header="two\nlines")
    assert plain(parse_document(text, "x")) == mapping
    assert repr(plain(parse_document(text, "x"))) == repr(mapping)  # types and signs too


@given(st.dictionaries(texts.filter(lambda key: key != "<<"), data, min_size=1, max_size=4))
def test_any_reader_reads_what_is_written(mapping: dict[str, Any]) -> None:
    """The file means the same to PyYAML's own reader, which follows YAML 1.1."""
    assert yaml.safe_load(mapping_to_yaml(mapping)) == mapping


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 4)), min_size=1, max_size=8))
def test_lines(shape: list[tuple[bool, int]]) -> None:
    """Each key, list item and leaf knows its own line, whatever stands between."""
    lines, expected = ["# first"], {}
    for number, (is_list, size) in enumerate(shape):
        lines += ["", f"part{number}:"]
        expected[(f"part{number}",)] = len(lines)
        for item in range(size):
            lines.append(f"  - {item}" if is_list else f"  k{item}: {item}  # x")
            expected[(f"part{number}", item if is_list else f"k{item}")] = len(lines)
    root = parse_document("\n".join(lines), "x")
    for path, line in expected.items():
        node, found = find(root, path)
        assert (found, node.line) == (path, line)


def test_yaml_1_2_words() -> None:
    text = "on: no\nyes: 21:00\nday: 2025-01-06\nn: 007\nf: 1e3\nempty:\nquoted: '5'\n"
    assert plain(parse_document(text, "x")) == {
        "on": "no",
        "yes": "21:00",
        "day": "2025-01-06",
        "n": 7,
        "f": 1000.0,
        "empty": None,
        "quoted": "5",
    }


def test_aliases_are_data_and_keep_the_line_of_their_use() -> None:
    root = parse_document("a: &x {b: 1}\nc: *x\n", "x")
    assert plain(root) == {"a": {"b": 1}, "c": {"b": 1}}
    assert [find(root, path)[0].line for path in (("a",), ("c",), ("c", "b"))] == [1, 2, 1]


def bomb(levels: int, width: int) -> str:
    lines = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(["a0: &a0 [x]", *lines])


def deep(levels: int) -> str:
    return "a: " + "[" * levels + "]" * levels


BAD = {
    "empty": ("", 1, "empty file"),
    "comments only": ("# nothing\n\n", 1, "empty file"),
    "nothing": ("~\n", 1, "empty file"),
    "a list": ("- a\n- b\n", 1, "expected a mapping of keys to values, found a list"),
    "a text": ("\nhello\n", 2, "expected a mapping of keys to values, found 'hello'"),
    "duplicate key": (
        "a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n",
        5,
        "duplicate key 'c', first on line 3",
    ),
    "duplicate after quotes": ("a: 1\n'a': 2\n", 2, "duplicate key 'a', first on line 1"),
    "two documents": ("a: 1\n---\nb: 1\n", 2, "a second document begins here"),
    "tab": ("a:\n\tb: 1\n", 2, "not YAML"),
    "open bracket": ("a: [1, 2\n", 1, "not YAML"),
    "open quote": ("a: 'x\n\n\n", 3, "not YAML"),
    "control character": ("a: 1\nb: \x07\n", 2, "not allowed"),
    "tag": ("a: 1\nb: !!python/object/apply:os.system [echo]\n", 2, "only plain data"),
    "standard tag": ("a: !!binary eA==\n", 1, "only plain data"),
    "half a character": ('a: "\\ud800"\n', 1, "half a character"),
    "beyond Unicode": ('a: "\\UFFFFFFFF"\n', 1, "escape"),
    "list as key": ("? [a]\n: 1\n", 1, "plain text"),
    "merge key": ("x: &x {a: 1}\ny:\n  <<: *x\n", 3, "use extends or a preset"),
    "unknown alias": ("price: &price 1\nb: *prise\n", 2, "did you mean 'price'?"),
    "alias in itself": ("a: &a\n  - *a\n", 2, "inside the value"),
    "infinite number": ("a: 1e999\n", 1, "too large"),
    "deep": (deep(MAX_DEPTH + 1), 1, f"deeper than {MAX_DEPTH}"),
    "very deep": ("a: " + "[" * 200_000, 1, f"deeper than {MAX_DEPTH}"),
    "deep mappings": ("{a: " * 100_000, 1, f"deeper than {MAX_DEPTH}"),
    "deep by aliases": (bomb(60, 1), MAX_DEPTH, f"deeper than {MAX_DEPTH}"),
    "alias bomb": (bomb(12, 10), 6, f"more than {MAX_VALUES} values"),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_bad_text(name: str) -> None:
    text, line, message = BAD[name]
    with pytest.raises(ScenarioError) as caught:
        parse_document(text, "file.yaml")
    assert message in str(caught.value)
    assert (caught.value.file, caught.value.line) == ("file.yaml", line)
    assert str(caught.value).startswith(f"file.yaml:{line}: ")
    assert str(caught.value).isprintable()


def test_just_within_the_limits() -> None:
    assert parse_document(deep(MAX_DEPTH), "x")
    assert parse_document(bomb(5, 10), "x")


def test_the_dotted_key_of_a_duplicate() -> None:
    with pytest.raises(ScenarioError, match=r"x:1: a\[1\]\.b\.c: duplicate key 'c'"):
        parse_document("a: [{}, {b: {c: 1, c: 2}}]", "x")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: 1\nb: \xff\n", ":2: not UTF-8 (byte 0xff)"),
        (b"a: 1\nb: \xe9\n", ":2: not UTF-8 (byte 0xe9); save the file as UTF-8"),
        ("a: 1".encode("utf-16")[:-1], ":1: not UTF-16"),
        ("a: 1".encode("utf-32"), ":1: character '\\x00' is not allowed"),
        (b"", ":1: empty file"),
        (b"a: 1\n#" + b"x" * MAX_BYTES, ":1: larger than 1 MiB"),
    ],
)
def test_bad_bytes(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bad-v1.yaml"
    path.write_bytes(content)
    with pytest.raises(ScenarioError) as caught:
        read_document(path)
    assert f"{path}{message}" in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_encoding_that_the_file_names_is_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes("a: é\nb: 2\n".encode(encoding))
    assert plain(read_document(path)) == {"a": "é", "b": 2}


def test_a_scalar_keeps_the_text_that_the_file_has() -> None:
    words = ["no", "on", "1.10", "010", "12:30", "0x1F", "1e3", "2025-01-06", "true", "null", "~"]
    for text in words:
        node, _ = find(parse_document(f"name: {text}", "x"), ("name",))
        assert node.text == text
    assert find(parse_document("a: [1.10]", "x"), ("a",))[0].text is None


def test_places_without_a_file(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 300)
    for path, message in [
        (tmp_path / "none.yaml", "no such file"),
        (tmp_path, "is a folder, not a file"),
        (long, "can't be read: "),
        (tmp_path / "a\0b", "can't be read: "),
    ]:
        with pytest.raises(ScenarioError, match=message):
            read_document(path)


def test_a_byte_order_mark_and_windows_lines_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    root = read_document(path)
    assert plain(root) == {"a": 1, "b": 2}
    assert find(root, ("b",))[0].line == 2


@given(st.text(st.sampled_from("ab:[]{}&*!|>'\"%#-?,\\ \n\t\x85\u2028~0u<"), max_size=40))
@example("%YAML 99999999999999999999.1\n---\na: 1\n")
@example('a: "\\x"')
def test_any_text_reads_or_gives_a_line(text: str) -> None:
    result = attempt(ScenarioError, parse_document, text, "x")
    if isinstance(result, ScenarioError):
        assert 1 <= (result.line or 0) <= max(1, len(text.splitlines()))
        assert str(result).isprintable()
    else:
        assert isinstance(result, Node)
