"""The course of a fit of messages: read, count, fit, write a scenario, simulate it, compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from omnilab.errors import DataError
from omnilab.fit.header import header_of
from omnilab.fit.logs.written import written_out
from omnilab.fit.messages.calendar import Volume, volumes_of, weekly_journeys
from omnilab.fit.messages.delays import Delay, fit_delay
from omnilab.fit.messages.histories import histories_of, joined
from omnilab.fit.messages.normal import BULK, TRIGGER
from omnilab.fit.messages.read import MessageLog, read_messages
from omnilab.fit.messages.response import Responses, fit_responses
from omnilab.fit.messages.shots import SHOT, shot_spread, shots_of
from omnilab.fit.messages.simulated import simulate
from omnilab.fit.messages.tally import SETTLED, Tally
from omnilab.fit.scenario import validated
from omnilab.fit.spool import RowSpool
from omnilab.scenario.model import Scenario

__all__ = ["FittedMessages", "fit_messages"]

_LEAST = 1000  # messages, below which no rate is worth a fit
_CHECKED = 4000  # customers of the simulated check
Say = Callable[[str], None]
Show = Callable[[str, float], None]


@dataclass
class FittedMessages:
    """What was fitted of a message log.

    Attributes
    ----------
    log, tally
        What was read, and counted.
    channels
        Names of the scenario's message channels, by number.
    delays, responses, volumes, spread
        What was fitted: the delay of opens by channel; rates, spread and exponent; bulk messages
        a week; the spread over mailshots with its standard error.
    data, scenario
        The fitted scenario, as plain data and validated.
    fitted
        Dotted keys -> (value, standard error or None) of what the scenario has from the log.
    simulated
        Counts of the scenario's own log; None where it was not simulated.
    notes
        What a user should know.
    """

    log: MessageLog
    tally: Tally
    channels: tuple[str, ...]
    delays: Mapping[int, Delay | None]
    responses: Responses | None
    volumes: Mapping[int, Volume]
    spread: tuple[float, float] | None
    data: dict[str, Any]
    scenario: Scenario
    fitted: dict[str, tuple[float, float | None]] = field(default_factory=dict)
    simulated: Tally | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def size(self) -> str:
        """The log's, in words."""
        return f"{self.tally.n_messages:,} messages to {self.tally.n_persons:,} persons"

    def header(self, base: str) -> str:
        """Return the comment above the scenario's file."""
        more = ["brand.journeys: bulk messages a week, by who answered within 30 days"]
        return header_of(self.size, base, self.fitted, more)


def fit_messages(
    path: str | Path,
    base: Mapping[str, Any],
    *,
    scenario_id: str,
    columns: Mapping[str, str] | None = None,
    words: Mapping[str, str] | None = None,
    check: bool = True,
    say: Say = lambda _line: None,
    show: Show = lambda _what, _share: None,
) -> FittedMessages:
    """Fit a message log on a base.

    Parameters
    ----------
    path
        The log; see docs/reference/message-logs.md.
    base
        Of `omnilab.fit.scenario.read_base`.
    scenario_id
        Of the scenario to make.
    columns, words
        See `omnilab.fit.messages.read.read_messages`.
    check
        Whether to simulate the fitted scenario and count its log as the real one was.
    say, show
        Told what goes on, and how much of it is done.

    Raises
    ------
    DataError
        For a log that can't be read or is too short or too small to fit.
    """
    origin = validated({**base, "id": scenario_id, "title": f"Fitted on {Path(path).name}"})
    writing = [c for c in origin.channels if c.message]
    names = tuple(c.name for c in writing)

    def tell(done: int, total: int | None) -> None:
        if total:
            show("reading", done / total)

    log = read_messages(path, names, columns=columns, words=words, show=tell)
    with log.spool, RowSpool(SHOT, "person") as shots:
        tally, unsent = _counted(log, origin, shots, show)
        _refuse_little(log, tally, path)
        delays = {c: fit_delay(tally.opens_after[c]) for c in range(len(names))}
        world = origin.world
        say("fitting how persons differ")
        responses = fit_responses(
            tally.people(), delays, {c: m.message.open for c, m in enumerate(writing) if m.message},
            start=(world.response.personal_sd, world.fatigue.exponent),
        )  # fmt: skip
        spread = None
        if responses is not None:
            spread = shot_spread(shots.parts(), responses, delays)
    volumes = volumes_of(tally)
    data, fitted = _written(origin, tally, delays, responses, volumes, spread)
    scenario = validated(data)
    found = FittedMessages(
        log, tally, names, delays, responses, volumes, spread, data, scenario, fitted
    )
    found.notes = _notes(found, unsent)
    if check:
        say("simulating the fitted scenario")
        found.simulated = _simulated(scenario)
    return found


def _weights(scenario: Scenario) -> Any:
    return np.array([c.message.weight for c in scenario.channels if c.message])


def _counted(
    log: MessageLog, scenario: Scenario, shots: RowSpool, show: Show
) -> tuple[Tally, int]:  # fmt: skip
    """Count a log; return the counts, and how many messages have events but no sending.

    What each message met is found once: what the spread over shots needs of it goes into ``shots``.
    """
    tally = Tally(len(log.channels), log.last)
    unsent = done = 0
    for rows in log.spool.parts():
        whole, without = joined(rows)
        unsent += without
        met = histories_of(whole, _weights(scenario), float(scenario.world.fatigue.memory))
        shots.add(shots_of(met, tally.n_persons, tally.end))
        tally.add(met)
        done += len(rows)
        show("counting", done / log.spool.n_rows)
    return tally, unsent


def _refuse_little(log: MessageLog, tally: Tally, path: str | Path) -> None:
    days = (log.last_sent - log.first) / 86400
    if days < 28:
        raise DataError(
            f"the log covers {days:.0f} days: fatigue and persistence need at least 28, of which "
            "the last 7 only tell what became of earlier messages",
            file=path,
        )
    if tally.n_messages < _LEAST:
        raise DataError(
            f"{tally.n_messages:,} messages are older than 7 days at the log's end: a fit needs at "
            f"least {_LEAST:,}",
            file=path,
        )
    if not tally.rates[:, :, 4].sum():
        raise DataError("no message was opened or clicked within 7 days", file=path)


def _written(
    origin: Scenario, tally: Tally, delays: Mapping[int, Delay | None],
    responses: Responses | None, volumes: Mapping[int, Volume], spread: tuple[float, float] | None,
) -> tuple[dict[str, Any], dict[str, tuple[float, float | None]]]:  # fmt: skip
    """Return the scenario's plain data, and what of it is the log's."""
    data = written_out(origin)
    fitted: dict[str, tuple[float, float | None]] = {}

    def put(at: dict[str, Any], key: str, name: str, value: float, error: float | None) -> None:
        at[name] = float(f"{value:.4g}")
        fitted[key] = (value, error)

    writing = [c.name for c in origin.channels if c.message]
    for c, name in enumerate(writing):
        message = next(x for x in data["channels"] if x["name"] == name)["message"]
        where = f"channels.{name}.message"
        rates = tally.named_rates(c, BULK) or tally.named_rates(c, TRIGGER)
        if rates:
            put(message, f"{where}.delivered", "delivered", *rates["delivered"])
        r = responses.channels.get(c) if responses else None
        if r is not None:
            if r.seen:
                put(message, f"{where}.open", "open", min(r.open, 1.0), r.open_se)
            click = min(r.click, float(message["open"]))
            put(message, f"{where}.click", "click", click, r.click_se)
            if r.machine is not None and r.machine > 0.005:
                put(message, f"{where}.machine_opens", "machine_opens", r.machine, None)
        calm = tally.out_by_weekly[c, :5].sum(axis=0)
        if calm[1] >= 20:
            rate = calm[1] / calm[0]
            put(message, f"{where}.opt_out", "opt_out", rate, float(np.sqrt(rate / calm[0])))
        if rates and rates["complaint"][0] > 0:
            put(message, f"{where}.complaint", "complaint", *rates["complaint"])
        clicked, hidden = tally.hidden[c].tolist()
        if clicked >= 100 and hidden / clicked > 0.01:
            put(message, f"{where}.hidden_opens", "hidden_opens", hidden / clicked, None)
        if (delay := delays[c]) is not None:
            message["open_delay"] = f"{max(round(delay.median), 1)}s"
            fitted[f"{where}.open_delay"] = (delay.median, None)
            put(message, f"{where}.open_sigma", "open_sigma", min(delay.sigma, 4.0), None)
    world = data.setdefault("world", {})
    if responses is not None:
        put(world.setdefault("response", {}), "world.response.personal_sd", "personal_sd",
            responses.sd, responses.sd_se)  # fmt: skip
        if responses.exponent is not None:
            put(world.setdefault("fatigue", {}), "world.fatigue.exponent", "exponent",
                max(responses.exponent, 0.0), responses.exponent_se)  # fmt: skip
        if responses.own is not None:
            put(world.setdefault("affinity", {}), "world.affinity.own", "own", responses.own, None)
    if spread is not None and spread[0] > 2 * spread[1]:  # else chance makes as much
        put(world.setdefault("mailshot", {}), "world.mailshot.sd", "sd", *spread)
    journeys = [j for j in data["brand"]["journeys"] if j["trigger"] != "weekly"]
    if not tally.rates[:, TRIGGER, 0].sum():
        journeys = []
    silos = {c.name: c.silo for c in origin.channels}
    for c in volumes:
        journeys += weekly_journeys(tally, c, writing[c], silos[writing[c]])
    data["brand"]["journeys"] = journeys
    data["assumed"] = [key for key in data.get("assumed") or () if key not in fitted]
    return data, fitted


def _simulated(scenario: Scenario) -> Tally:
    """Return the counts of the scenario's own log under its status quo."""
    few = scenario.with_customers(min(scenario.population.customers, _CHECKED))
    messages, end = simulate(few)
    tally = Tally(sum(c.message is not None for c in few.channels), end)
    if len(messages):
        tally.add(histories_of(messages, _weights(few), float(few.world.fatigue.memory)))
    return tally


def _notes(found: FittedMessages, unsent: int) -> list[str]:
    """Return what a user should know of the fit."""
    notes = list(found.log.notes)
    tally = found.tally
    if unsent:
        notes.append(f"{unsent:,} messages have events but no sending, and are left out")
    if tally.n_young:
        notes.append(
            f"{tally.n_young:,} messages of the last {SETTLED // 86400} days are not counted: "
            "their answers may still come"
        )
    if tally.untimed:
        notes.append(
            f"{tally.untimed:,} opens have no time: delays and machine opens stay the base's"
        )
    responses = found.responses
    if responses is None:
        notes.append("no channel has enough opens: all rates of response stay the base's")
    elif responses.exponent is None:
        notes.append(
            "too few messages came at more, or at less, than two a week: the exponent of fatigue "
            "stays the base's"
        )
    return notes
