"""Measure the rates that a scenario's messages get, to be held against published ones.

Three simulations. In the first each channel writes once a week to customers of its own, so that
the channel's base rates, which are inputs, must come back. In the second one channel writes n
times a week at even gaps, and the open rate must fall as n^-.27 (GetResponse). In the third the
scenario runs as it is, and what its triggered messages get is counted: nobody put those rates in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from omnilab.experiment.compare import Comparison, compare
from omnilab.log import rows
from omnilab.scenario.model import Channel, Scenario
from omnilab.strategy.loading import load_strategy

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ANSWERED_WITHIN_S",
    "BaseRate",
    "Measured",
    "Rates",
    "TriggeredRates",
    "VolumeRate",
    "campaign_world",
    "measure_rates",
    "volume_world",
]

DAY: Final = 86400
WEEK: Final = 7 * DAY
#: Messages a week of the published curve (GetResponse).
VOLUMES: Final = (1, 2, 3, 15, 16)
#: An order within five days of an open or a click is that message's, as vendors count (Klaviyo).
ANSWERED_WITHIN_S: Final = 5 * DAY
#: Opens that would come after the window are not counted, so sends in its last days are left out.
TAIL_S: Final = 14 * DAY
TRIGGERED_STRATEGY: Final = "omnichannel"
_KINDS: Final = (
    *(rows.PERSON, rows.SENT, rows.DELIVERED, rows.OPEN, rows.CLICK, rows.UNSUBSCRIBE),
    *(rows.SPAMREPORT, rows.ORDER),
)

Progress = Callable[[str, float], None]


class Measured(NamedTuple):
    """A ratio and its standard error, clustered by cell; both None without a denominator."""

    value: float | None
    error: float | None


@dataclass(frozen=True)
class BaseRate:
    """What came back of one channel's rate, the input, at one message a week."""

    channel: str
    rate: str  # delivered, open, click, opt_out, complaint
    published: float
    simulated: Measured
    sends: int

    @property
    def deviation(self) -> float:
        """The simulated rate less the published one, in standard errors; 0 where both agree.

        The error is at least the binomial one at the published rate, since a rare event that
        never came leaves no spread to see.
        """
        value = self.simulated.value
        if value is None or value == self.published:
            return 0.0
        binomial = sqrt(max(self.published * (1 - self.published), 1e-12) / max(self.sends, 1))
        return (value - self.published) / max(self.simulated.error or 0.0, binomial)


@dataclass(frozen=True)
class VolumeRate:
    """The open rate at ``weekly`` messages a week."""

    weekly: int
    simulated: Measured
    law: float  # base rate times weekly^-exponent


@dataclass(frozen=True)
class TriggeredRates:
    """What one journey's messages over one channel got; shares are of delivered messages."""

    journey: str
    channel: str
    delivered: int
    opened: Measured
    clicked: Measured
    ordered: Measured  # an order within `ANSWERED_WITHIN_S` of the open or click
    revenue: Measured  # the scenario's currency a delivered message
    buyers: Measured  # of those who clicked


@dataclass(frozen=True)
class Rates:
    """All that was measured of one scenario."""

    scenario: Scenario
    seed: int
    base: tuple[BaseRate, ...]
    volume_channel: str
    volumes: tuple[VolumeRate, ...]
    triggered: tuple[TriggeredRates, ...]


def measure_rates(
    scenario: Scenario, *, each: int = 1000, seed: int = 1, progress: Progress | None = None
) -> Rates:
    """Measure base rates, the fatigue curve and the rates of triggered messages.

    Parameters
    ----------
    scenario
        With its own number of customers for the triggered messages.
    each
        Customers a channel in the first simulation, and a volume in the second; >= 1.
    seed
        0 <= seed < 2**63.
    progress
        Called with what is being done and how much of it is, 0 to 1.
    """
    show = progress or (lambda _what, _share: None)
    channel = _volume_channel(scenario)
    show("base rates", 0.0)
    base = _base_rates(campaign_world(scenario, each), seed)
    volumes = []
    for number, weekly in enumerate(VOLUMES if channel else ()):
        show("fatigue curve", 0.2 + 0.1 * number)
        volumes.append(_volume_rate(volume_world(scenario, str(channel), weekly, each), seed))
    show("triggered messages", 0.7)
    triggered = _triggered(scenario, seed)
    return Rates(scenario, seed, tuple(base), channel or "", tuple(volumes), tuple(triggered))


def campaign_world(scenario: Scenario, each: int) -> Scenario:
    """Return a scenario in which each channel writes once a week to ``each`` customers.

    Base rates are defined for one address a person that stays its own, one campaign a week on
    Tuesday at 10:00, and nothing else: so addresses don't change, an ad goes to a handle instead
    of to any number of cookies, and nobody signs up for a second channel. Opens come within days,
    so that none is cut off.
    """
    names = [c.name for c in scenario.channels if c.message]
    tree = scenario.model_dump()
    for channel in tree["channels"]:
        message = channel["message"]
        if message is not None:
            message |= {
                "signs_up": 0.0,
                "signs_up_visit": 0.0,
                "open_sigma": min(message["open_sigma"], 0.5),
            }
            message["address"] = "social" if message["ad"] else message["address"]
    closed = dict.fromkeys(names, 0.0)
    open_to_all = dict.fromkeys((c.name for c in scenario.channels), 1.0)
    personas = [
        {"name": n, "share": 1 / len(names), "opt_in": {**closed, n: 1.0}, "reach": open_to_all}
        for n in names
    ]
    silos = {c.name: c.silo for c in scenario.channels}
    return scenario.changed({
        "time": {"burn_in": 35 * DAY, "window": 252 * DAY, "run_out": 14 * DAY},
        "channels": tree["channels"],
        "population": {"customers": each * len(names), "personas": personas, "entry": None},
        "world": {"identifiers": {"typo": 0.0, "changes_a_year": 0.0}},
        "brand": {
            "status_quo": "multichannel", "cap": None, "quiet_hours": None, "control": 0.0,
            "journeys": [_weekly(n, n, silos[n], 1, 36000) for n in names],
        },
    })  # fmt: skip


def volume_world(scenario: Scenario, channel: str, weekly: int, customers: int) -> Scenario:
    """Return a scenario in which one channel writes ``weekly`` times a week, at even gaps.

    Hours and days are alike and nobody signs off, so that volume alone differs.
    """
    tree = scenario.model_dump()
    kept = [c for c in tree["channels"] if c["visit"] is not None or c["name"] == channel]
    silo = next(c["silo"] for c in kept if c["name"] == channel)
    for spec in kept:
        spec["search"] = None
        if spec["name"] != channel:
            spec["message"] = None
        else:
            spec["message"] |= {
                "opt_in": 1.0, "opt_out": 0.0, "complaint": 0.0, "signs_up": 0.0, "click": 0.0,
                "signs_up_visit": 0.0,
                "open_sigma": 0.5,
            }  # fmt: skip
    ticks = [round(i * WEEK / weekly) // 900 * 900 for i in range(weekly)]
    return scenario.changed({
        "time": {"burn_in": 35 * DAY, "window": 147 * DAY, "run_out": 7 * DAY},
        "channels": kept,
        "population": {
            "customers": customers, "household_sizes": (1.0,), "entry": None,
            "personas": [{"name": "all", "share": 1.0, "reach": {channel: 1.0}}],
        },
        "world": {
            "hour_index": (100.0,) * 24, "day_index": (100.0,) * 7, "fatigue": {"spam_bad": 0.0},
            "identifiers": {"typo": 0.0, "changes_a_year": 0.0},
        },
        "brand": {
            "status_quo": "multichannel", "cap": None, "quiet_hours": None, "control": 0.0,
            "journeys": [
                _weekly(f"m{i}", channel, silo, at // DAY, at % DAY) for i, at in enumerate(ticks)
            ],
        },
    })  # fmt: skip


def _weekly(name: str, channel: str, silo: str, weekday: int, at: int) -> dict[str, Any]:
    return {
        "name": name, "trigger": "weekly", "weekday": weekday, "at": at, "sequence": (silo,),
        "steps": ({"message": {"channels": (channel,)}},),
    }  # fmt: skip


def _volume_channel(scenario: Scenario) -> str | None:
    """Return the channel whose fatigue is measured: e-mail, else the first that isn't an ad."""
    names = [c.name for c in scenario.channels if c.message and not c.message.ad]
    return "email" if "email" in names else next(iter(names), None)


def _run(scenario: Scenario, strategy: str, seed: int) -> Comparison:
    return compare(scenario, [load_strategy(strategy, scenario)], seed=seed, keep_events=True)


def _base_rates(scenario: Scenario, seed: int) -> list[BaseRate]:
    sends = _sends(_run(scenario, "multichannel", seed), "multichannel")
    sends = sends[sends["time"] < scenario.time.burn_in + scenario.time.window - TAIL_S]
    found = []
    for number, channel in enumerate(scenario.channels):
        if channel.message is not None:
            found += _channel_rates(channel, sends[sends["channel"] == number])
    return found


def _channel_rates(channel: Channel, sends: pd.DataFrame) -> list[BaseRate]:
    message = channel.message
    assert message is not None
    delivered: Any = sends["delivered"]
    everything: Any = np.ones(len(sends))
    asked = [
        ("delivered", message.delivered, delivered, everything),
        ("open", message.open, sends["open"], delivered),
        ("click", message.click, sends["click"], delivered),
        ("opt_out", message.opt_out, sends["unsubscribe"], delivered),
        ("complaint", message.complaint, sends["spamreport"], delivered),
    ]
    return [
        BaseRate(channel.name, name, rate, _ratio(top, under, sends["cell"]), int(under.sum()))
        for name, rate, top, under in asked
    ]


def _volume_rate(scenario: Scenario, seed: int) -> VolumeRate:
    weekly = len(scenario.brand.journeys)
    time = scenario.time
    sends = _sends(_run(scenario, "multichannel", seed), "multichannel")
    sends = sends[sends["time"] < time.burn_in + time.window - 7 * DAY]
    channel = next(c.message for c in scenario.channels if c.message)
    law = channel.open * weekly**-scenario.world.fatigue.exponent
    return VolumeRate(weekly, _ratio(sends["open"], sends["delivered"], sends["cell"]), law)


def _triggered(scenario: Scenario, seed: int) -> list[TriggeredRates]:
    """Count by journey and channel what each message got; ads are not among them."""
    journeys = load_strategy(TRIGGERED_STRATEGY, scenario).plan.journeys
    comparison = _run(scenario, TRIGGERED_STRATEGY, seed)
    sends = _sends(comparison, TRIGGERED_STRATEGY)
    _attribute_orders(sends, _table(comparison, TRIGGERED_STRATEGY, (rows.ORDER,)))
    found = []
    for j, journey in enumerate(journeys):
        for c, channel in enumerate(scenario.channels):
            mine = sends[(sends["journey"] == j) & (sends["channel"] == c) & sends["delivered"]]
            if channel.message is None or channel.message.ad or mine.empty:
                continue
            found.append(_triggered_rates(journey.name, channel.name, mine))
    return found


def _triggered_rates(journey: str, channel: str, sends: pd.DataFrame) -> TriggeredRates:
    all_of, cell = np.ones(len(sends)), sends["cell"]
    clicked, ordered = sends["click"], sends["paid"] > 0
    return TriggeredRates(
        journey,
        channel,
        len(sends),
        opened=_ratio(sends["open"], all_of, cell),
        clicked=_ratio(clicked, all_of, cell),
        ordered=_ratio(ordered, all_of, cell),
        revenue=_ratio(sends["paid"] / 100, all_of, cell),
        buyers=_ratio(clicked & ordered, clicked, cell),
    )


def _sends(comparison: Comparison, strategy: str) -> pd.DataFrame:
    """Return one row a send of the window: channel, journey, cell, time, and what came of it."""
    time = comparison.scenario.time
    table = _table(comparison, strategy, _KINDS)
    born = table[table["kind"] == rows.PERSON]
    cells = dict(zip(born["person"], born["household"] // _per_cell(comparison), strict=True))
    key = ["person", "message", "channel"]
    inside = (table["time"] >= time.burn_in) & (table["time"] < time.burn_in + time.window)
    sends = table[(table["kind"] == rows.SENT) & inside][[*key, "time", "journey"]]
    sends = sends.assign(cell=sends["person"].map(cells))
    for kind in (rows.DELIVERED, rows.OPEN, rows.CLICK, rows.UNSUBSCRIBE, rows.SPAMREPORT):
        name = rows.KIND_NAMES[kind]
        came = table[table["kind"] == kind][[*key, "time"]].drop_duplicates(key)
        came = came.rename(columns={"time": f"{name}_at"})
        sends = sends.merge(came, on=key, how="left")
        sends[name] = sends[f"{name}_at"].notna()
    return sends


def _attribute_orders(sends: pd.DataFrame, orders: pd.DataFrame) -> None:
    """Add ``paid``: cents of orders that came soon after the last message opened or clicked."""
    import pandas as pd

    parts = [
        pd.DataFrame({"time": sends[at], "person": sends["person"], "index": sends.index})
        for at in ("open_at", "click_at")
    ]
    answers = pd.concat(parts).dropna(subset="time").astype("int64").sort_values("time")
    last = pd.merge_asof(
        orders.sort_values("time"), answers, on="time", by="person", tolerance=ANSWERED_WITHIN_S
    )  # fmt: skip
    paid = last.dropna(subset="index").groupby("index")["paid"].sum()
    sends["paid"] = sends.index.to_series().map(paid).fillna(0)


def _per_cell(comparison: Comparison) -> int:
    return comparison.scenario.population.per_cell


def _table(comparison: Comparison, strategy: str, kinds: Sequence[int]) -> pd.DataFrame:
    """Return the rows of some kinds as a table of numbers."""
    import pandas as pd

    parts = [part[np.isin(part["kind"], kinds)] for part in comparison.events[strategy]]
    log = np.concatenate(parts).view(np.ndarray)
    fields = ("time", "person", "kind", "channel", "household", "message", "journey", "paid")
    return pd.DataFrame({name: rows.filled(log, name)[0] for name in fields})


def _ratio(top: Any, bottom: Any, cell: Any) -> Measured:
    """Return a ratio of sums with its standard error, clustered by cell (delta method)."""
    import pandas as pd

    under = float(np.sum(bottom))
    if under == 0:
        return Measured(None, None)
    value = float(np.sum(top)) / under
    left = np.asarray(top, dtype=float) - value * np.asarray(bottom, dtype=float)
    sums = pd.Series(left).groupby(np.asarray(cell)).sum()
    n = len(sums)
    return Measured(value, sqrt(float((sums**2).sum()) * n / max(n - 1, 1)) / under)
