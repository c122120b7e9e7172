"""`ol.fit` gives what `omnilab fit` gives, and the package of that name stays what it was."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import omnilab as ol
from omnilab import cli
from omnilab.errors import DataError, OmnilabError, OmnilabWarning, OptionError, StrategyError
from omnilab.fit.read import read_transactions
from tests.fit.shop import as_simulated, simulated, write_log


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a log, some rows of which can't be used."""
    folder = tmp_path_factory.mktemp("fit")
    with write_log(folder / "mine.csv").open("a", encoding="utf-8") as file:
        file.write("c1,2024-02-02,0\nc1,2024-02-30,5\n,2024-03-03,9\n")
    return folder


@pytest.fixture(scope="module", autouse=True)
def plain_shop() -> Iterator[None]:
    """Put a plain shop in the simulation's place."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("omnilab.fit.replay.simulate", simulated)
        patch.setattr("omnilab.fit.request.default_days", lambda _days: 0)  # for speed
        patch.setattr("omnilab.fit.replay.ROUNDS", 2)
        yield


@pytest.fixture(scope="module")
def found(folder: Path) -> ol.Fit:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = ol.fit(folder / "mine.csv", status_quo="no_contact")
    ours = [str(w.message) for w in said if issubclass(w.category, OmnilabWarning)]
    assert ours == found.warnings
    assert {w.filename for w in said if issubclass(w.category, OmnilabWarning)} == {__file__}
    return found


def test_the_file_is_that_of_the_command(found: ol.Fit, folder: Path) -> None:
    theirs, mine = folder / "mine-v1.yaml", folder / "from-python.yaml"
    command = ["fit", str(folder / "mine.csv"), "--status-quo", "no_contact", "-q"]
    assert cli.main([*command, "-o", str(theirs)]) == 0
    assert found.save(mine) == [mine]
    assert mine.read_bytes() == theirs.read_bytes()
    assert ol.load_scenario(mine) == found.scenario


def test_the_tables(found: ol.Fit) -> None:
    table = found.table()
    assert {"share_repeats_0", "share_repeats_3+", "mean_spend_eur"} <= set(table.index)
    row = table.loc["mean_spend_eur"]
    assert row.fit_misfit == pytest.approx(row.fit / row.data - 1)
    row = table.loc["share_repeats_0"]
    assert row.simulated_misfit == pytest.approx(row.simulated - row.data)
    assert {"r", "alpha"} <= set(found.estimates().index)
    needs = found.needs().value
    goods = found.scenario.categories[0]
    assert needs.every_days == goods.every / 86_400
    assert needs.spend_eur == goods.spend.mean
    assert tuple(needs.filter(like="season")) == goods.season
    left_out = found.left_out()
    assert dict(left_out.rows) == {"missing_id": 1, "bad_date": 1, "zero": 1}
    assert all(len(lines) == 1 for lines in left_out.lines)
    assert "1,500 customers" in repr(found)
    assert any("status quo was declared" in note for note in found.notes)
    assert not any("--" in line for line in (*found.notes, *found.warnings))


def test_the_scenario_is_ready_to_compare(found: ol.Fit) -> None:
    result = ol.compare(found.scenario, ["no_contact"], customers=20)
    assert result.table().purchase_rate_share.between(0, 1).all()


@pytest.mark.slow
def test_a_base_may_be_loaded(folder: Path) -> None:
    base = ol.load_scenario("boots-v1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OmnilabWarning)
        mine = ol.fit(folder / "mine.csv", status_quo="no_contact", base=base)
        theirs = ol.fit(folder / "mine.csv", status_quo="no_contact", base="boots-v1")
    assert mine.scenario.channels == base.channels
    assert mine.scenario == theirs.scenario


@pytest.mark.slow
def test_the_days_after_the_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def both(scenario, n_days: int, **_: object):
        if scenario.population.entry is not None:
            return simulated(scenario, n_days)
        some = pd.Series(range(500)).to_numpy()
        bought = ol.fit.occasions_of(some, some % n_days * 86_400, some + 1.0, n_days=n_days)
        return as_simulated(bought, 1500)

    monkeypatch.setattr("omnilab.fit.replay.simulate", both)
    seen: list[float] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OmnilabWarning)
        found = ol.fit(
            str(folder / "mine.csv"), status_quo="no_contact", until=date(2024, 5, 31),
            forecast="60d", scenario_id="ours-v2", progress=lambda _what, share: seen.append(share),
        )  # fmt: skip
    assert found.next_scenario is not None
    assert found.next_scenario.id == "ours-next-v2"
    assert list(found.outlook().index) == ["log", "BG/NBD", "laws", "simulated"]
    assert found.outlook().days.tolist() == [30, 60, 60, 60]
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    written = found.save(folder / "ours-v2.yaml")
    assert [path.name for path in written] == ["ours-v2.yaml", "ours-next-v2.yaml"]
    assert ol.load_scenario(written[1]) == found.next_scenario


def test_nothing_of_a_users_is_lost(found: ol.Fit, folder: Path) -> None:
    own = folder / "own.yaml"
    own.write_text("by hand\n", encoding="utf-8")
    with pytest.raises(OptionError, match="give replace=True"):
        found.save(own)
    assert own.read_text(encoding="utf-8") == "by hand\n"
    found.save(own, replace=True)
    found.save(own)  # nobody edited it since
    with pytest.raises(OptionError, match="is the log"):
        found.save(folder / "mine.csv", replace=True)
    with pytest.raises(OptionError, match="there is no directory"):
        found.save(folder / "none" / "x.yaml")
    with pytest.raises(OptionError, match="forecast='365d'"):
        found.outlook()


@pytest.mark.parametrize(
    ("given", "kind", "said"),
    [
        ({}, OptionError, "missing a required argument: 'status_quo'"),
        ({"statusquo": "no_contact"}, OptionError, "did you mean 'status_quo'"),
        ({"status_quo": None}, OptionError, "such as 'no_contact'"),
        ({"status_quo": "nocontact"}, StrategyError, "did you mean 'no_contact'"),
        ({"amount": "amout"}, DataError, "did you mean 'amount'"),
        ({"amount": 3}, OptionError, "amount: 3 is not a text"),
        ({"base": "boot-v1"}, OmnilabError, "boots-v1"),
        ({"base": 3}, OptionError, "base: 3 is not a path"),
        ({"currency": "euro"}, OptionError, "currency 'euro': three capital letters"),
        ({"not_sold": "odd"}, OptionError, "give a list, such as ['odd']"),
        ({"not_sold": [3]}, OptionError, "not_sold: [3] is not a list of texts"),
        ({"until": "31.12.2024"}, OptionError, "such as '2024-12-31'"),
        ({"until": "2999-01-01"}, OptionError, "until 2999-01-01 is in the future"),
        ({"forecast": "soon"}, OptionError, "forecast 'soon'"),
        ({"forecast": 365}, OptionError, "forecast: 365 is not a text"),
        ({"preset": "shopfy"}, OptionError, "did you mean 'shopify'"),
        ({"keep_zero": "yes"}, OptionError, "neither True nor False"),
        ({"scenario_id": "Mine"}, OptionError, "scenario_id: "),
    ],
)
def test_a_wrong_call(
    folder: Path, given: dict[str, object], kind: type[OmnilabError], said: str
) -> None:
    wanted = {"status_quo": "no_contact"} if given and "statusquo" not in given else {}
    with pytest.raises(kind) as caught:
        ol.fit(folder / "mine.csv", **{**wanted, **given})  # type: ignore[arg-type]
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "--" not in str(caught.value)


def test_a_log_that_is_not_there() -> None:
    with pytest.raises(DataError, match=r"none\.csv: no such file"):
        ol.fit("none.csv", status_quo="no_contact")


def test_the_package_stays_a_package(folder: Path) -> None:
    assert ol.fit is sys.modules["omnilab.fit"]
    assert ol.fit.read_transactions is read_transactions
    assert callable(ol.fit)
    with pytest.raises(AttributeError, match="no attribute 'fitt'"):
        ol.fit.fitt  # type: ignore[attr-defined]  # noqa: B018


IMPORTS = (
    "import omnilab; omnilab.fit({})",
    "import omnilab.fit; omnilab.fit({})",
    "from omnilab import fit; fit({})",
    "from omnilab.fit.read import read_transactions; import omnilab as ol; ol.fit({})",
)


@pytest.mark.parametrize(
    "code", [*IMPORTS[:1], *(pytest.param(code, marks=pytest.mark.slow) for code in IMPORTS[1:])]
)
def test_it_can_be_called_however_it_was_imported(root: Path, code: str) -> None:
    code = code.format("'none.csv', status_quo='no_contact'")
    env = {"PYTHONPATH": f"{root / 'sim'}:{root / 'strategies'}", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env, check=False
    )
    assert "DataError: none.csv: no such file" in done.stderr


USERS = """
import pandas as pd

import omnilab as ol
import omnilab.fit.summary
from omnilab.fit import Summary, fit_bgnbd
from omnilab.fit.read import Transactions, read_transactions

found: ol.Fit = ol.fit("orders.csv", status_quo="no_contact", until="2024-12-31")
table: pd.DataFrame = found.table()
result: ol.Result = ol.compare(found.scenario, ["multichannel"], customers=100)
log: Transactions = read_transactions("orders.csv")
"""


@pytest.mark.slow
def test_a_users_file_is_type_checked(root: Path, tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    good, bad = tmp_path / "good.py", tmp_path / "bad.py"
    good.write_text(USERS, encoding="utf-8")
    wrong = 'ol.fit("orders.csv", statusquo="x")\nol.comparre\n'
    bad.write_text(USERS + wrong, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file=",
        f"--cache-dir={tmp_path}",
    ]
    env = {"MYPYPATH": f"{root / 'sim'}", "PATH": "/usr/bin:/bin"}
    done = [
        subprocess.run([*command, str(file)], capture_output=True, text=True, env=env, check=False,
                       cwd=tmp_path)
        for file in (good, bad)
    ]  # fmt: skip
    assert done[0].returncode == 0, done[0].stdout
    assert 'did you mean "status_quo"' in done[1].stdout
    assert 'has no attribute "comparre"' in done[1].stdout
