"""One table in many dresses: encodings, separators, ends of lines, compressions and formats."""

from __future__ import annotations

import bz2
import codecs
import csv
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
ENDS = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}
ENCODINGS = {
    "utf-8": lambda text: text.encode(),
    "utf-8 with a mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "utf-16-le with a mark": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "utf-16-be with a mark": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "utf-32 with a mark": lambda text: text.encode("utf-32"),
    "cp1252": lambda text: text.encode("cp1252"),
}


def zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table", data)
    return out.getvalue()


def zstandard(data: bytes) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as stream:
        stream.write(data)
    return out.getvalue().to_pybytes()


COMPRESSIONS = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zip": zipped,
    "zstandard": zstandard,
}
Rows = list[dict[str, str | None]]


def delimited(rows: Rows, separator: str = ",", end: str = "\n", *, every: bool = False) -> str:
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if every else csv.QUOTE_MINIMAL
    writer = csv.DictWriter(out, list(rows[0]), delimiter=separator, lineterminator=end,
                            quoting=quoting)  # fmt: skip
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def json_lines(rows: Rows, end: str = "\n") -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + end for row in rows)


def dresses(rows: Rows) -> Iterator[tuple[str, bytes]]:
    """Yield the same rows as files of many kinds, none with an ending that helps."""
    text = delimited(rows)
    for name, separator in SEPARATORS.items():
        for end_name, end in ENDS.items():
            yield f"{name} {end_name}", delimited(rows, separator, end).encode()
        for code, encode in ENCODINGS.items():
            yield f"{name} {code}", encode(delimited(rows, separator, "\r\n"))
        yield f"{name} quoted", delimited(rows, separator, every=True).encode()
        yield f"{name} sep=", (f"sep={separator}\r\n" + delimited(rows, separator)).encode()
    for name, compress in COMPRESSIONS.items():
        yield f"comma {name}", compress(text.encode())
        yield f"json lines {name}", compress(json_lines(rows).encode())
    header, _, body = text.partition("\n")
    yield "padded header", (header.replace(",", " , ") + " \n" + body).encode()
    yield "title", ("All of the shop\n\n" + text).encode()
    yield "footer", (text + f"{len(rows)} rows\n").encode()
    yield "no end", text.rstrip("\n").encode()
    yield "blank lines", ("\n\n" + text.replace("\n", "\n\n")).encode()
    yield "separators at the ends", (header + "\n" + body.replace("\n", ",\n")).encode()
    for code in ("utf-8", "utf-8 with a mark", "utf-16-le with a mark", "utf-16-be", "cp1252"):
        yield f"json lines {code}", ENCODINGS[code](json_lines(rows))
    yield "json lines crlf", json_lines(rows, "\r\n").encode()
    yield "json lines escaped", "".join(json.dumps(row) + "\n" for row in rows).encode()
    yield "json array", json.dumps(rows).encode()
    yield "json array on lines", json.dumps(rows, indent=2).encode()
    yield "json objects on lines", "\n".join(json.dumps(r, indent=2) for r in rows).encode()
    yield from columnar(rows)


def columnar(rows: Rows) -> Iterator[tuple[str, bytes]]:
    plain = pa.Table.from_pylist(rows)
    kinds = {
        "string": pa.string(),
        "large string": pa.large_string(),
        "string view": pa.string_view(),
        "binary": pa.binary(),
        "dictionary": pa.dictionary(pa.int32(), pa.string()),
    }
    for name, kind in kinds.items():
        table = plain.cast(pa.schema([(column, kind) for column in plain.column_names]))
        out = pa.BufferOutputStream()
        pq.write_table(table, out, row_group_size=2)
        yield f"parquet {name}", out.getvalue().to_pybytes()
        arrow = pa.BufferOutputStream()
        feather.write_feather(table, arrow, chunksize=2)
        yield f"feather {name}", arrow.getvalue().to_pybytes()


def broken() -> Iterator[tuple[str, bytes | None]]:
    """Yield files that no table can be read from; None for one that is not there."""
    good = b"id,value\n" + b"a,1\n" * 400
    whole = next(data for name, data in columnar([{"id": "a"}] * 99) if name == "parquet string")
    yield "missing", None
    yield "empty", b""
    yield "blank", b"\n \n\n"
    yield "zeros", bytes(4000)
    yield "noise", bytes(range(256)) * 20
    yield "workbook", zipped(good).replace(b"table", b"mimet") + b"x"
    yield "old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    yield "web page", b"<!DOCTYPE html><html><body>Log in</body></html>"
    yield "database", b"SQLite format 3\0" + bytes(600)
    yield "PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(600)
    yield "gzip cut", gzip.compress(good, mtime=0)[:-9]
    yield "bzip2 cut", bz2.compress(good)[:-9]
    yield "xz cut", lzma.compress(good)[:-9]
    yield "zstandard cut", zstandard(good)[:-3]
    yield "zip cut", zipped(good)[:-9]
    yield "parquet cut", whole[: len(whole) // 2]
    yield "json array cut", b'[{"id":"a"},{"id":"b"}'
    yield "json lines cut", b'{"id":"a"}\n{"id":"b"'
    yield "another table", good


def put(folder: Path, name: str, data: bytes | None) -> Path:
    path = folder / name.replace(" ", "-").replace("=", "")
    if data is not None:
        path.write_bytes(data)
    return path
