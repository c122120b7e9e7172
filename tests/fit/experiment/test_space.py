"""What may be fitted: which messages have shares, and what a point of the space sends."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from omnilab.errors import OptionError
from omnilab.fit.experiment.people import Setup, set_up
from omnilab.fit.experiment.request import ExperimentRequest
from omnilab.fit.experiment.space import Space, make_space
from omnilab.fit.experiment.table import read_test
from tests.fit.experiment.tables import rows_of, write_table


def made(folder: Path, *content: str) -> tuple[Setup, Space]:
    table = write_table(folder / "t.csv", rows_of())
    request = ExperimentRequest(table=table, control="control", within="14d", content=content)
    test = read_test(request)
    setup = set_up(request, test, "shop-v1", 150)
    return setup, make_space([setup], [test])


def test_a_message_named_after_a_category_shows_it_with_a_share_that_is_fitted(
    tmp_path: Path,
) -> None:
    setup, space = made(tmp_path)
    assert setup.named == ("men", "women")
    u = np.zeros(space.size)
    u[space.index("share in men")] = 1.0
    share = space.fitted[space.index("share in men")].value(1.0)
    sent = space.messages(u, {"men": "men", "women": "everything"})
    assert sent["men"].shows == pytest.approx({"men": share, "women": 1 - share})
    assert sent["women"].shows == "generic"
    assert space.shown("men", "men", u) == f"men {share:.0%}, women {1 - share:.0%}"
    assert space.shown("women", "everything", u) == "everything"
    # The middle half of the prior is from a half to nineteen parts of twenty.
    quartiles = [space.fitted[space.index("share in men")].value(x) for x in (-0.6745, 0.6745)]
    assert quartiles == pytest.approx([0.5, 0.95], abs=1e-3)


def test_what_is_told_is_not_fitted(tmp_path: Path) -> None:
    setup, space = made(tmp_path, "men=men+women", "women=women")
    assert setup.named == ()
    assert not [f for f in space.fitted if f.of == "share"]
    sent = space.messages(np.zeros(space.size), setup.content)
    assert sent["men"].shows == {"men": 0.5, "women": 0.5}
    assert sent["women"].shows == "women"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("men=men+womn", "no category 'womn' .did you mean 'women'"),
        ("men=men+everything", "no category 'everything'"),
        ("men=men+men", "each once"),
    ],
)
def test_content_that_cannot_be_is_one_error(tmp_path: Path, content: str, says: str) -> None:
    with pytest.raises(OptionError, match=says):
        made(tmp_path, content)
