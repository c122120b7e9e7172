"""``omnilab fit-messages``: what it writes and says, and how it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

import omnilab as ol
from omnilab import cli
from tests.fit.messages.truth import Truth


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mail") / "messages.csv"
    Truth(persons=400, weeks=16).log().to_csv(path, index=False)
    return path


def test_a_fit(log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "mine-v1.yaml"
    assert cli.main(["fit-messages", str(log), "-o", str(out), "--no-check"]) == 0
    said = capsys.readouterr()
    assert "bulk: opened" in said.out
    assert f"written to {out}" in said.err
    text = out.read_text(encoding="utf-8")
    assert "# F world.response.personal_sd:" in text
    mine = ol.fit_messages(log, scenario_id="mine-v1", check=False)
    assert ol.load_scenario(out) == mine.scenario
    assert {"rates", "volume"} <= set(mine.table().index.get_level_values("group"))
    assert mine.fitted().loc["world.response.personal_sd", "value"] == pytest.approx(
        mine.scenario.world.response.personal_sd, rel=1e-3
    )
    again = tmp_path / "again.yaml"
    mine.save(again)
    assert again.read_bytes() == out.read_bytes()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--column", "persn=x"], "no such role (did you mean 'person'?)"),
        (["--column", "person"], "--column person: write COLUMN=NAME"),
        (["--column", "person=clientid"], "did you mean 'client_id'?"),
        (["--channel", "email=emial"], "did you mean 'email'?"),
        (["--base", "cofee-v1"], "cofee-v1"),
    ],
)
def test_wrong_calls(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], says: str
) -> None:
    out = tmp_path / "mine-v1.yaml"
    assert cli.main(["fit-messages", str(log), "-o", str(out), *more]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
    assert not out.exists()
