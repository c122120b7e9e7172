"""docs/reference/cli.md is what the commands say of themselves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from omnilab.cli import COMMANDS


def test_the_reference_is_current(root: Path) -> None:
    # In a process of its own: click keeps a command's help option from its first use, and a test
    # may have called a command without the group above it.
    script = [sys.executable, str(root / "docs" / "make_cli.py")]
    made = subprocess.run(script, check=True, capture_output=True, encoding="utf-8").stdout
    assert (root / "docs/reference/cli.md").read_text(encoding="utf-8") == made, "run: make pin"


def test_every_command_stands_in_it(root: Path) -> None:
    page = (root / "docs/reference/cli.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"\n## omnilab {name}\n" not in page] == []
    for below in ("identity resolve", "cascade replay"):
        assert f"\n## omnilab {below}\n" in page
