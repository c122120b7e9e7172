"""The page of parameters states what a fit takes as given, as the code has it."""

from __future__ import annotations

import math
import re
from importlib import import_module

import pytest

from omnilab.fit import holdout, likely
from tests.conftest import ROOT

PAGE = (ROOT / "docs/reference/parameters.md").read_text(encoding="utf-8")
ROWS = re.findall(
    r"^\| `fit/(\w+)\.py` \| `([\w.]+)` \| ([\d., ]+) \|",
    PAGE.split("\n## Numbers of the fit\n")[1].split("\n## ")[0],
    re.MULTILINE,
)


@pytest.mark.parametrize(("file", "name", "number"), ROWS, ids=[name for _, name, _ in ROWS])
def test_a_number_of_the_fit_is_as_stated(file: str, name: str, number: str) -> None:
    module = import_module(f"omnilab.fit.{file}")
    if not name.startswith("PRIORS."):
        assert getattr(module, name) == float(number)
        return
    prior = name.removeprefix("PRIORS.")
    middle, sd = module.PRIORS[prior]
    stated = [float(part) for part in number.split(", ")]
    usual = 1 / (1 + math.exp(-middle)) if prior == "leaves" else math.exp(middle)
    assert [usual, sd] == pytest.approx(stated)


def test_every_prior_is_there() -> None:
    listed = {name for _, name, _ in ROWS}
    assert {f"PRIORS.{name}" for name in likely.PRIORS} <= listed
    assert {name for name in vars(holdout) if name.endswith("MONTH_SD")} <= listed
