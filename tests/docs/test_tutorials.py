"""A tutorial's decision can be taken as it stands there, with fewer customers."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from omnilab import cli
from tests.docs.pages import blocks, page


@pytest.mark.slow
def test_a_question_becomes_a_gate_and_a_live_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = page("tutorial/5-from-question-to-gate.md")
    (gate,) = blocks(text, "yaml")
    (tmp_path / "gates.yaml").write_text(gate, encoding="utf-8")
    lines = "".join(blocks(text, "sh")).splitlines()
    told = [shlex.split(line)[1:] for line in lines]
    assert [args[0] for args in told] == ["compare", "ablate", "check", "plan"]
    for args in told:
        if args[0] != "plan":  # which refuses a difference that may be none
            args[args.index("--customers") + 1] = "100"
        code = cli.main([*args, "--quick"] if args[0] == "compare" else args)
        assert code in ((0, 1) if args[0] == "check" else (0,)), args
    assert "omnichannel" in (tmp_path / "coffee.json").read_text(encoding="utf-8")
    assert "<testsuite" in (tmp_path / "junit.xml").read_text(encoding="utf-8")
    said = capsys.readouterr().out
    assert re.search(r"\b(ship|discuss|do not)\b", said)
