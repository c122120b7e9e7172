"""``omnilab fit``: what it prints and writes, and one line for each bad input."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from omnilab import cli
from omnilab._files.seal import seal
from omnilab.errors import StrategyError
from omnilab.fit import Occasions, occasions_of, purchase_occasions, read_transactions
from omnilab.fit.scenario import Simulated
from omnilab.scenario import load_scenario
from omnilab.scenario.model import Scenario
from tests.fit.shop import as_simulated, simulated, write_log


def call(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = cli.main(["fit", *args])
    return (code, *capsys.readouterr())


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a log, and put a plain shop in the simulation's place that loses a third of needs."""
    monkeypatch.chdir(tmp_path)
    path = write_log(tmp_path / "orders.csv")
    monkeypatch.setattr("omnilab.fit.replay.simulate", simulated)
    monkeypatch.setattr("omnilab.fit.replay.ROUNDS", 3)
    monkeypatch.setattr("omnilab.fit.request.default_days", lambda _days: 0)  # for speed
    return path


@pytest.fixture
def met(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a simulation in the plain shop's place whose customers buy as those of the log do.

    Two samples of 1,500 customers differ by more than a fit may without a warning.
    """
    same = as_simulated(purchase_occasions(read_transactions(log)), 1500)
    monkeypatch.setattr("omnilab.fit.replay.simulate", lambda *_args, **_options: same)


GIVEN = ("--status-quo", "no_contact", "-o", "mine-v1.yaml")


def test_a_log_becomes_a_scenario(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "orders.csv", *GIVEN)
    assert code == 0, err
    assert "Fit and data" in out
    for words in ("repeat purchases by week", "customers with 3+ repeats", "mean spend"):
        assert words in out
    assert "misfit" in out
    assert "status quo was declared" in out
    assert "email) are published defaults" in out
    assert "round 1: repeats" in err
    scenario = load_scenario(Path("mine-v1.yaml"))
    assert (scenario.id, scenario.brand.status_quo) == ("mine-v1", "no_contact")
    assert scenario.population.customers == 1500
    assert scenario.categories[0].spend.mean == pytest.approx(25.0, rel=0.1)
    header = Path("mine-v1.yaml").read_text(encoding="utf-8")
    assert "# The status quo was declared" in header
    assert "published defaults" in header


@pytest.mark.slow
def test_the_last_weeks_are_held_out_and_tables_written(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = call(capsys, "orders.csv", *GIVEN, "--holdout", "5w", "--tables", "found")
    assert code == 0, err
    words = " ".join(out.split())
    assert "The last 35 days held out" in words
    for said in ("Pareto/NBD", "past", "error of a customer", "of the weeks lie in the interval",
                 "No season was fitted", "Laws of purchase, by Schwarz's criterion"):  # fmt: skip
        assert said in words
    tables = {path.stem: pd.read_parquet(path) for path in Path("found").iterdir()}
    assert set(tables) == {"customers", "weeks", "classes", "draws"}
    customers, weeks = tables["customers"], tables["weeks"]
    assert len(customers) == 1500
    assert customers["customer"].str.startswith("c").all()
    assert customers["alive"].between(0, 1).all()
    assert (weeks["part"] == "held_out").sum() == 5
    assert weeks.loc[weeks["part"] == "log", "orders"].sum() == customers["orders"].sum()
    assert (weeks["low"].dropna() <= weeks["high"].dropna()).all()
    assert tables["classes"]["customers"].sum() <= 1500
    scenario = load_scenario(Path("mine-v1.yaml"))
    assert "population.dropout.a" in scenario.fitted
    # Another folder's files are never in danger.
    Path("found/mine.txt").write_text("mine", encoding="utf-8")
    code, out, err = call(capsys, "orders.csv", *GIVEN, "--tables", "found")
    assert (code, out) == (2, "")
    assert "'mine.txt'" in err


def test_leaving_that_the_log_does_not_tell_is_refused(
    log: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    untold = property(lambda _self: False)
    monkeypatch.setattr("omnilab.fit.likely.LikelyLaws.dropout_identified", untold)
    code, out, err = call(capsys, "orders.csv", *GIVEN)
    assert (code, out) == (2, "")
    assert "dropout is not identified" in err
    assert "--accept" in err
    assert not list(Path().glob("*.yaml"))
    code, out, err = call(capsys, "orders.csv", *GIVEN, "--accept")
    assert code == 0, err
    assert "was accepted" in err


def test_a_check_reads_and_writes_nothing(
    log: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_args: object, **_options: object) -> Occasions:
        raise AssertionError("a check simulates nothing")

    monkeypatch.setattr("omnilab.fit.replay.simulate", never)
    with log.open("a", encoding="utf-8") as file:
        file.write("c1,2024-02-02,-5\nc1,2034-02-03,5\n,2024-03-03,9\n")
    rows = len(log.read_text(encoding="utf-8").splitlines())
    code, out, err = call(capsys, "orders.csv", "--check")
    assert (code, err) == (0, "")
    words = " ".join(out.split())
    assert f"rows read {rows - 1:,}" in words
    assert "customers 1,500" in words
    assert f"dated in the future, row {rows - 1} ('2034-02-03')" in words
    assert f"no customer id, row {rows}" in words
    for said in ("customers who bought again", "mean order", "50%", "'customer_id'", "182, from"):
        assert said in words
    assert not list(Path().glob("*.yaml"))
    assert call(capsys, "none.csv", "--check")[0] == 2


@pytest.mark.slow
def test_the_days_after_the_end(
    log: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second scenario beside the first, held against what the log says of these days."""
    ahead: list[int] = []

    def both(scenario: Scenario, n_days: int, **options: object) -> Simulated:
        if scenario.population.entry is not None:
            return simulated(scenario, n_days)
        ahead.append(n_days)
        some = np.arange(500)
        bought = occasions_of(some, some % n_days * 86_400, np.full(500, 9.0), n_days=n_days)
        return as_simulated(bought, 1500)

    monkeypatch.setattr("omnilab.fit.replay.simulate", both)
    given = ("--until", "2024-05-31", "--forecast", "60d")
    code, out, err = call(capsys, "orders.csv", *GIVEN, *given)
    assert code == 0, err
    assert "orders after 2024-05-31" in err
    assert set(ahead) == {60}
    words = " ".join(out.split())
    assert "The log's 1,500 customers in the 60 days after its end" in words
    assert "log, 30 days" in words
    assert "written to mine-next-v1.yaml" in err
    replay, after = (load_scenario(Path(f"mine{n}-v1.yaml")) for n in ("", "-next"))
    assert replay.time.window == 152 * 86_400
    assert (after.id, after.time.start) == ("mine-next-v1", date(2024, 6, 1))
    assert after.time.window == 60 * 86_400
    assert len(after.population.histories) > 10
    assert sum(h.share for h in after.population.histories) == 1500
    lines = Path("mine-next-v1.yaml").read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith("  - {share:") for line in lines) > 10
    # Neither is written where one can't be.
    Path("mine-next-v1.yaml").unlink()
    Path("mine-next-v1.yaml").mkdir()
    code, out, err = call(capsys, "orders.csv", "--status-quo", "no_contact", "-o", "mine-v1.yaml",
                          "--forecast", "60d")  # fmt: skip
    assert (code, out) == (2, "")
    assert "mine-next-v1.yaml is a directory" in err


def test_the_forecasts_file_is_checked_before_the_work(
    log: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name is made up, but what is there is lost as well."""

    def never(*_args: object, **_options: object) -> Occasions:
        raise AssertionError("nothing is simulated for a file that can't be written")

    monkeypatch.setattr("omnilab.fit.replay.simulate", never)
    file = Path("mine-next-v1.yaml")
    file.write_text("id: mine-next-v1\ntitle: by hand\n", encoding="utf-8")
    code, out, err = call(capsys, "orders.csv", *GIVEN, "--forecast", "60d")
    assert (code, out) == (2, "")
    assert "--forecast" in err
    assert "--replace" in err
    # Nor is it a file that the command reads, even where files may be replaced.
    given = (*GIVEN, "--forecast", "60d", "--base", str(file), "--replace")
    code, out, err = call(capsys, "orders.csv", *given)
    assert (code, out) == (2, "")
    assert "would overwrite a file that this command reads" in err
    assert file.read_text(encoding="utf-8") == "id: mine-next-v1\ntitle: by hand\n"
    assert not Path("mine-v1.yaml").exists()


def test_the_numbers_are_read_out(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "orders.csv", *GIVEN, "--currency", "USD")
    assert code == 0
    words = " ".join(out.split())
    for said in (
        "Purchase rate: A customer of the mean rate orders every", "Heterogeneity: Customers",
        "Dropout: After each repeat order", "Still customers: At the log's end about",
        "Spend: A repeat order brings", "USD on average", "Spread of spend: The mean orders of",
    ):  # fmt: skip
        assert said in words


def test_a_silent_end_is_warned_of(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, "orders.csv", *GIVEN, "--until", "2024-12-31", "-q")
    assert code == 0
    assert "the last order is of 2024-06-30, 184 days before" in err


@pytest.mark.slow
def test_what_the_log_does_not_say_clearly_is_a_warning(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = log.read_text(encoding="utf-8").replace("\n", ",paid\n")
    log.write_text(text.replace("amount,paid", "amount,status", 1) + "c1,2024-03-03,9,odd\n",
                   encoding="utf-8")  # fmt: skip
    code, _, err = call(capsys, "orders.csv", *GIVEN, "-q")
    assert code == 0
    assert "warning: 1 row: status 'odd' in 'status' isn't understood: counted as sold" in err
    code, _, err = call(capsys, "orders.csv", *GIVEN, "-q", "--not-sold", "odd")
    assert (code, err.strip()) == (0, err.strip())
    assert "left out 1 row: cancelled" in err


@pytest.mark.slow
def test_a_warning_is_said_once_on_stderr(
    log: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with log.open("a", encoding="utf-8") as file:
        file.write("c1,2024-02-30,5\nc2,2024-03-03,900000\nc2,2024-03-09,5\n")
    code, out, err = call(capsys, "orders.csv", *GIVEN)
    assert code == 0
    warnings = [line for line in err.splitlines() if line.startswith("warning: ")]
    assert len(warnings) == len(set(warnings)) >= 2
    (spread,) = [line for line in warnings if "the spread of spend" in line]
    assert "don't use the scenario for what depends on large orders" in spread
    # A report that is kept says it too; where both are one screen, once is enough.
    assert "The spread of spend per repeat order is off" in " ".join(out.split())
    monkeypatch.setattr("omnilab.cli.fit_report._one_screen", lambda: True)
    code, out, err = call(capsys, "orders.csv", *GIVEN)
    assert code == 0
    assert spread in err.splitlines()
    assert "The spread of spend per repeat order" not in " ".join(out.split())
    assert "impossible date" not in out


@pytest.mark.slow
def test_categories_of_the_base_that_are_dropped_are_said(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = call(capsys, "orders.csv", *GIVEN, "-q", "--base", "mapples-coffee-v1")
    assert code == 0
    said = "warning: the log names no categories: of the base's, 'beans' alone is kept"
    assert said in err
    assert "(drinks-card)" in err
    assert "drinks-card" in Path("mine-v1.yaml").read_text(encoding="utf-8")  # above the file
    assert [c.name for c in load_scenario(Path("mine-v1.yaml")).categories] == ["beans"]


@pytest.mark.usefixtures("met")
def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(capsys, "orders.csv", *GIVEN, "-q") == (0, "", "")
    assert Path("mine-v1.yaml").is_file()


@pytest.mark.slow
def test_own_rates_are_told_from_published_ones(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("own.yaml").write_text(
        "id: own-v1\npopulation: {personas: [{name: all, share: 100%}]}\n"
        "categories: [{name: tea, every: 9d, spend: {mean: 5 EUR}, margin: 33%}]\n"
        "channels: [web, {preset: email, message: {open: 21%}}]\n",
        encoding="utf-8",
    )
    code, out, err = call(capsys, "orders.csv", *GIVEN, "--base", "own.yaml")
    assert code == 0, err
    assert "published defaults" not in out
    assert "base's own rates" in out
    assert load_scenario(Path("mine-v1.yaml")).categories[0].margin == 0.33


def test_what_was_left_out_is_said(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with log.open("a", encoding="utf-8") as file:
        file.write("c1,2024-02-02,-5\nc1,2024-02-30,5\nc2,2024-03-03,7\nc2,2024-03-03,7\n")
        file.write("c3,2024-03-03,0\n,2024-03-03,9\n")
    code, out, err = call(capsys, "orders.csv", *GIVEN)
    assert code == 0
    for words in ("returns", "impossible date", "exact copy", "zero amount", "no customer id"):
        assert words in out
        assert words in err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("who,date,amount\n1,2024-01-01,5\n", "customer"),
        ("customer_id,date\n1,2024-01-01\n", "amount"),
        ("customer_id,date,amount\n1,soon,5\n2,later,6\n", "date"),
        ("customer_id,date,amount\n1,2024-01-01,-5\n2,2024-01-02,-1\n", "no order is left"),
        ("customer_id,date,amount\n1,2024-01-01,5\n1,2024-02-02,6\n", "only one customer"),
        (
            "customer_id,date,amount\n1,2024-01-01,5\n2,2024-02-02,6\n",
            "bad.csv: too little for a fit: 2 customers, 0 of whom bought again, in 33 days",
        ),
        ("customer_id,amount\n1,5\n2,6\n", "name it with --date"),
        ("customer_id,date,amount\n1,soon,5\n2,later,6\n", "--date-format"),
        ("", "empty"),
        ("customer_id,date,amount\n", "no"),
    ],
)
def test_bad_logs(log: Path, capsys: pytest.CaptureFixture[str], text: str, words: str) -> None:
    Path("bad.csv").write_text(text, encoding="utf-8")
    before = seal("before\n")
    Path("mine-v1.yaml").write_text(before, encoding="utf-8")
    code, out, err = call(capsys, "bad.csv", *GIVEN)
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith("error: ")
    assert words in err.splitlines()[-1]
    assert Path("mine-v1.yaml").read_text(encoding="utf-8") == before


@pytest.mark.slow
@pytest.mark.usefixtures("met")
def test_a_fit_that_is_still_far_off_is_warned_of(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, err = call(capsys, "orders.csv", *GIVEN)
    assert code == 0
    assert "warning" not in err
    monkeypatch.setattr("omnilab.fit.replay.simulate", simulated)
    monkeypatch.setattr("omnilab.fit.replay.ROUNDS", 1)
    code, out, err = call(capsys, "orders.csv", *GIVEN)
    assert code == 0
    assert "warning: simulated customers are still more than 3% of repeats" in err
    words = " ".join(out.split())
    assert "look at the misfits before you rely on the scenario." in words
    header = Path("mine-v1.yaml").read_text(encoding="utf-8").replace("\n# ", " ")
    assert "look at the misfits before" in header


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("orders.csv", "-o", "x.yaml"), "--status-quo"),
        (("orders.csv", "--status-quo", "no_contact"), "--output"),
        (("orders.csv", "--status-quo", "nocontact", "-o", "x.yaml"), "no_contact"),
        (("none.csv", *GIVEN), "no such file"),
        (("orders.csv", *GIVEN, "--amount", "amout"), "did you mean 'amount'"),
        (("orders.csv", *GIVEN, "--base", "mapples-cofee-v1"), "mapples-coffee-v1"),
        (("orders.csv", *GIVEN, "--currency", "euro"), "--currency 'euro': three capital letters"),
        (("orders.csv", *GIVEN, "--first-from", "2024-13-01"), "2024-13-01"),
        (("orders.csv", *GIVEN, "--until", "2999-01-01"), "is in the future"),
        (("orders.csv", *GIVEN, "--until", "2020-01-01"), "0 customers"),
        (("orders.csv", *GIVEN, "--forecast", "soon"), "--forecast 'soon'"),
        (("orders.csv", *GIVEN, "--forecast", "1d"), "between 2d and 3650d"),
        (("orders.csv", *GIVEN, "--encoding", "latin-0"), "latin-0"),
        (
            ("orders.csv", "--status-quo", "no_contact", "-o", "orders.csv"),
            "would overwrite a file that this command reads",
        ),
        (("orders.csv", *GIVEN, "--first-from", "2030-01-01"), "0 customers"),
        (("orders.csv", *GIVEN, "--date-format", "%d.%m.%Y"), "date"),
        (("orders.csv", "--status-quo", "no_contact", "-o", "."), "is a directory"),
        (("orders.csv", "--status-quo", "no_contact", "-o", "no/x.yaml"), "there is no directory"),
    ],
)
def test_bad_options(
    log: Path, capsys: pytest.CaptureFixture[str], args: tuple[str, ...], words: str
) -> None:
    code, out, err = call(capsys, *args)
    assert (code, out) == (2, "")
    assert words in err.splitlines()[-1]
    assert len([line for line in err.splitlines() if line.startswith("error")]) == 1
    assert not list(Path().glob("*.yaml"))


def test_a_file_is_kept_when_the_simulation_fails(
    log: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_options: object) -> Occasions:
        raise StrategyError("raised ValueError", strategy="mine.py:Mine", hook="decide", time_s=0)

    monkeypatch.setattr("omnilab.fit.replay.simulate", fail)
    before = seal("before\n")
    Path("mine-v1.yaml").write_text(before, encoding="utf-8")
    code, out, err = call(capsys, "orders.csv", *GIVEN)
    assert (code, out) == (2, "")
    assert "mine.py:Mine" in err
    assert Path("mine-v1.yaml").read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("file", "identity"),
    [
        ("My Orders 2024.yaml", "my-orders-2024-v1"),
        ("shop-v3.yaml", "shop-v3"),
        ("2024.yml", "log-2024-yml-v1"),
        ("é.yaml", "log--v1"),
    ],
)
def test_the_id_is_made_of_the_files_name(file: str, identity: str) -> None:
    from omnilab.fit.request import id_of
    from omnilab.parameters.quantity import parse_scenario_id

    assert parse_scenario_id(id_of(file)) == identity.replace("--", "-")
