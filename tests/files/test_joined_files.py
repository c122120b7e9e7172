"""Files put one behind the other: the header comes again, maybe with a byte order mark."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from omnilab.cli.identity import identity
from omnilab.fit import read_transactions


@pytest.mark.parametrize("again", ["mail,cookie", "\ufeffmail,cookie", '"mail", cookie'])
@pytest.mark.parametrize("quoted", [False, True])
def test_a_header_in_the_middle_is_no_person(tmp_path, again, quoted):
    last = '"a@x.com"' if quoted else "a@x.com"
    text = f"mail,cookie\na@x.com,c1\n{again}\n{last},c2\nmail,c3\n"
    (tmp_path / "e.csv").write_text(text, encoding="utf-8")
    columns = ["--id", "email=mail", "--id", "cookie=cookie"]
    outputs = ["-o", f"{tmp_path}/p.parquet", "--rows", f"{tmp_path}/r.parquet"]
    said = CliRunner().invoke(identity, ["resolve", f"{tmp_path}/e.csv", *columns, *outputs])
    assert said.exit_code == 0
    assert "1 row left out: the header again (line 3)" in said.stderr
    # "mail" alone in its column may be anybody's nickname: the row stays.
    assert pq.read_table(tmp_path / "r.parquet")["profile"].to_pylist() == [0, -1, 0, 1]


def test_a_log_of_two_files(tmp_path):
    head = "customer_id,order_date,amount\n"
    path = tmp_path / "l.csv"
    path.write_text(f"{head}a,2024-01-01,5\n{head}b,2024-01-02,6\n", encoding="utf-8")
    log = read_transactions(path)
    assert log.amount.tolist() == [5, 6]
    assert any("the header again (line 3)" in note for note in log.notes)
