"""Scenario texts that the tests read, change and break."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from omnilab.scenario import Scenario, load_scenario

SHOP = """\
id: shop-v1
title: A shop with all that presets give
currency: EUR
time: {burn_in: 90d, window: 365d, tick: 15min}
population:
  customers: 10000
  personas:
    - enthusiast
    - uninvolved
    - preset: store_focused
      prefers: {store: 1.5}
categories:
  - name: coffee
    every: 30d
    spend: {mean: 12.50 EUR}
channels:
  - web
  - app
  - store
  - preset: email
    message:
      cost: 0.0008 EUR
      open: 17.1%
  - push
  - social_ad
brand:
  quiet_hours: {start: "21:00", end: 08:00}
  journeys: [welcome, browse, cart, newsletter]
"""


def write(folder: Path, text: str, name: str = "shop-v1.yaml") -> Path:
    """Write a scenario file into a folder."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def attempt(error: type[Exception], function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a call gives: its value, or the error of the one kind that it may raise."""
    try:
        return function(*arguments)
    except error as raised:
        return raised


def load_text(folder: Path, text: str) -> Scenario:
    """Write and read a scenario."""
    return load_scenario(write(folder, text))
