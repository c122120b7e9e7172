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


CHANNELS = """
  - {{name: all_of_it, measure: revenue, period: test}}
  - {{name: in_stores, measure: revenue, period: test, only: {{channel: store}}}}
  - {{name: elsewhere, measure: revenue, period: test, only: {{channel: [web, app, call]}}}}
  - {{name: refunds, count: return, period: test, only: {{channel: store}}}}
  - {{name: all_refunds, count: return, period: test}}
claims:
  - {{id: S1, title: a, kind: sign, found: {found}, effect: {{outcome: all_of_it, {value}}}}}
  - {{id: S2, title: b, kind: sign, found: {found}, effect: {{outcome: in_stores, {value}}}}}
  - {{id: S3, title: c, kind: sign, found: {found}, effect: {{outcome: elsewhere, {value}}}}}
  - {{id: S4, title: d, kind: sign, found: {found}, effect: {{outcome: refunds, {value}}}}}
  - {{id: S5, title: e, kind: sign, found: {found}, effect: {{outcome: all_refunds, {value}}}}}
""".format(found='{sign: "+"}', value="arm: letters, as: value")


def test_revenue_of_the_channels_adds_up(tmp_path: Path) -> None:
    """What a return takes back is of the channel where it was bought, and is taken once."""
    file = tmp_path / "OWN2.yaml"
    text = STUDY.partition("outcomes:\n")[0].replace("customers: 60", "customers: 1500")
    file.write_text(f"{text}outcomes:{CHANNELS}")
    claims = run_study(read_study(file)).claims
    everything, in_stores, elsewhere, of_stores, returns = (c.simulated or 0.0 for c in claims)
    assert 0.0 < of_stores < returns
    assert everything == pytest.approx(in_stores + elsewhere)
