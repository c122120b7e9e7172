"""Write the examples of output anew from real runs, in the README and in the first tutorial.

`make pin` keeps them.

A block that starts with ``$ omnilab`` shows what that command prints; of a report the first lines.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = (ROOT / "README.md", ROOT / "docs" / "tutorial" / "1-first-comparison.md")
WIDTHS = {"compare": "120", "twin": "102", "claims": "120"}
#: Lines of the report: the sentences, and the figure; the claims that can be asked.
CUT = {"compare": 21, "claims": 28}

_BLOCK = re.compile(r"^```text\n\$ omnilab (.*?)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def printed(command: str) -> str:
    """Return what a command prints at its width, without the spaces at the ends of lines."""
    args = shlex.split(command)
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "omnilab", *args], cwd=folder, check=True, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, "COLUMNS": WIDTHS[args[0]]},
        )  # fmt: skip
    lines = [line.rstrip() for line in done.stdout.strip("\n").splitlines()]
    return "\n".join(lines[: CUT.get(args[0])]) + "\n"


def made(page: Path) -> str:
    """Return a page with its examples run again."""
    text = page.read_text(encoding="utf-8")
    return _BLOCK.sub(lambda b: f"```text\n$ omnilab {b[1]}\n{printed(b[1])}```", text)


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(made(page), encoding="utf-8")
