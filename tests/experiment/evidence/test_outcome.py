"""Outcomes of an arm against each other: what is added up has one unit."""

from __future__ import annotations

from pathlib import Path

import pytest

from omnilab.experiment.evidence.declared import read_study
from omnilab.experiment.evidence.running import run_study

STUDY = """
id: OWN1
title: Letters, and what is left of the margin
family: own
source: {citation: own, how_read: data, design: RCT}
base: {scenario: retailer-v1}
customers: 60
warm_up: 30d
window: 28d
run_out: 0
arms:
  - {name: none, control: true, without: all}
  - name: letters
    without: all
    journeys:
      - name: letter
        trigger: once
        sequence: [call]
        steps: [{message: {channels: [mail]}}]
outcomes:
  - {name: margin, measure: margin}
  - {name: cost, measure: contact_cost}
  - {name: profit, sum: [margin], less: [cost]}
claims:
  - {id: S1, title: m, kind: sign, found: {sign: "+"}, effect: {outcome: margin, arm: letters, as: value}}
  - {id: S2, title: c, kind: sign, found: {sign: "+"}, effect: {outcome: cost, arm: letters, as: value}}
  - {id: S3, title: p, kind: sign, found: {sign: "+"}, effect: {outcome: profit, arm: letters, as: value}}
"""  # noqa: E501


def test_profit_is_margin_less_cost_in_the_currency(tmp_path: Path) -> None:
    """Margins are kept in cents and costs in thousandths of a cent."""
    file = tmp_path / "OWN1.yaml"
    file.write_text(STUDY)
    margin, cost, profit = (c.simulated for c in run_study(read_study(file)).claims)
    assert margin
    assert cost
    assert 0.05 < cost < 1.0  # one letter at most, at 0.38, and paid clicks
    assert profit == pytest.approx(margin - cost)
