"""``omnilab start``: all files or none, over nothing that is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from omnilab import cli
from omnilab._files.writing import write_whole
from omnilab.errors import DataError
from omnilab.scenario.load import load_scenario

NAMES = [".github", ".gitignore", "gates.yaml", "harm.yaml", "kicks.yaml", "shop.yaml"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_writes_what_it_says_and_what_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["start", "kicks"]) == 0
    assert names(tmp_path / "kicks") == NAMES
    said = "".join(capsys.readouterr())
    assert "kicks: shop.yaml, kicks.yaml, gates.yaml, harm.yaml, .github" in said
    assert "cd kicks; omnilab check shop.yaml --gate gates.yaml -s kicks.yaml" in said
    # A plan that is on main is today's: what is printed must not put the new one there.
    assert said.index('echo "name: kicks" > kicks.yaml') < said.index("git add wheels")
    monkeypatch.chdir(tmp_path / "kicks")
    assert cli.main(["validate", "shop.yaml"]) == 0


def test_nothing_is_found_in_what_it_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A team's first look at its plan shows no fault that it did not put there."""
    monkeypatch.chdir(tmp_path)
    channels = "web,app,push,store,email,sms"
    assert cli.main(["start", ".", "--name", "kicks", "--channels", channels, "-q"]) == 0
    assert cli.main(["lint", "shop.yaml", "-s", "kicks.yaml"]) == 0, capsys.readouterr().err
    assert "kicks: nothing found." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ("gates.yaml", "gates.yaml is there already, and nothing is replaced"),
        (".github", ".github is a file, where a folder is needed"),
    ],
)
def test_nothing_that_is_there_is_replaced(
    there: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / there).write_text("mine\n", encoding="utf-8")
    assert cli.main(["start", str(tmp_path), "--name", "kicks"]) == 2
    assert said in capsys.readouterr().err
    assert names(tmp_path) == [there]
    assert (tmp_path / there).read_text(encoding="utf-8") == "mine\n"


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_gitignore_keeps_what_it_has(end: bytes, tmp_path: Path) -> None:
    before = b"runs/\n\xff\xfe" + end
    (tmp_path / ".gitignore").write_bytes(before)
    assert cli.main(["start", str(tmp_path), "--name", "kicks", "--ci", "none", "-q"]) == 0
    after = (tmp_path / ".gitignore").read_bytes()
    assert after == b"runs/\n\xff\xfe\n.venv/\njudge/\njunit.xml\n"
    assert names(tmp_path) == NAMES[1:]


def test_an_error_while_writing_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    def fails(place: Path, text: str) -> None:
        if place.name == "harm.yaml":
            raise DataError("no room", file=place)
        write_whole(place, text)

    monkeypatch.setattr("omnilab.starter.writing.write_whole", fails)
    kept = tmp_path / "kept"
    kept.mkdir()
    for folder in (kept, tmp_path / "new" / "deep"):
        assert cli.main(["start", str(folder), "--name", "kicks"]) != 0
    assert names(tmp_path) == ["kept"]
    assert names(kept) == []


@pytest.mark.parametrize(
    ("spend", "mean", "currency"),
    [("65", 65.0, "EUR"), ("65EUR", 65.0, "EUR"), (" 6.5 USD", 6.5, "USD")],
)
def test_words_and_money_are_taken_as_people_write_them(
    spend: str, mean: float, currency: str, tmp_path: Path
) -> None:
    told = ["--name", "kicks", "--sells", "Bicycle parts", "--spend", spend, "-q"]
    assert cli.main(["start", str(tmp_path), *told]) == 0
    shop = load_scenario(tmp_path / "shop.yaml")
    assert [(c.name, c.spend.mean) for c in shop.categories] == [("bicycle_parts", mean)]
    assert shop.title.startswith("Kicks, Bicycle parts over web shop, app")
    assert shop.currency == currency


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["My Shop"], "is not a name; a name has lower-case letters"),
        (["shop"], "--name shop: there is a file of that name: take your brand's"),
        (["x", "--channels", "web,emial"], "unknown 'emial' (did you mean 'email'?)"),
        (["x", "--channels", "web,email,web"], "--channels: web is named twice"),
        (["x", "--channels", ","], "--channels: nobody can come by"),
        (["x", "--every", "60"], "did you mean 60d?"),
        (["x", "--every", "1s"], "error: shop.yaml:6: categories.goods.every: a person would have"),
        (["x", "--spend", "38 euros"], "--spend: '38 euros' can't be read"),
        (["x", "--spend", "0"], "error: shop.yaml:7: categories.goods.spend.mean"),
        (["x", "--spend", "38,50 EUR"], "did you mean 38.50 EUR?"),
        (["x", "--sells", "Räder"], "--sells: 'räder' is not a name"),
        (["x", "--margin", "140%"], "'140%' is above 100%"),
        (["x", "--ci", "gitlab"], "--ci"),
    ],
)
def test_bad_input_writes_nothing(
    args: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert cli.main(["start", *args]) == 2
    shown = capsys.readouterr().err
    assert said in shown
    assert shown.count("\n") == 1
    assert names(tmp_path) == []
