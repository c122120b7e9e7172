"""The CPU that `make test` says of its files."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cpu import cpu_s

TESTS = """
import os, subprocess, sys, time
import pytest

def burn(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass

@pytest.fixture
def dear():
    burn(0.2)
    yield
    burn(0.1)

def test_with_a_dear_fixture(dear):
    burn(0.1)

def test_that_waits():
    time.sleep(0.3)

def test_that_fails():
    burn(0.1)
    assert False

def test_with_a_process():
    code = "import time\\nwhile time.process_time() < 0.3: pass"
    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)
"""


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_it_adds_up_fixtures_failures_and_processes(
    root: Path, tmp_path: Path, workers: tuple[str, ...]
) -> None:
    (tmp_path / "test_dear.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "test_cheap.py").write_text("def test_nothing(): pass\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.cpu", "-p", "no:cacheprovider", *workers,
         "--rootdir", str(tmp_path), "-c", os.devnull, str(tmp_path)],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.findall(r"^ +([\d.]+) s (\S.*)$", done.stdout, re.MULTILINE)
    (total, whole), (most, first), (least, last) = found
    assert (whole, Path(first).name, Path(last).name) == ("in all", "test_dear.py", "test_cheap.py")
    assert float(most) >= 0.8
    assert float(least) < 0.3
    assert float(total) == pytest.approx(float(most) + float(least), abs=0.15)


def test_the_processes_own_cpu_is_in_it() -> None:
    before = cpu_s()
    while cpu_s() == before:
        pass
    assert cpu_s() > before
