"""The lives of some whole persons as tables, made of the rows of a log when they are asked for.

Times are seconds from the scenario's start; tables hold the burn-in too, since what a person does
in the window can have begun before it. Tables of what is counted are of the window alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from omnilab.log import rows
from omnilab.log.identifier_types import TYPES

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.plan import Plan

__all__ = ["DAY_S", "DEVICES", "Lives"]

DAY_S: Final = 86_400
#: Devices by their number in the rows of visits.
DEVICES: Final = ("computer", "phone", "tablet")
_COOKIE: Final = TYPES.index("cookie")
_LOST: Final = 1  # an open of which no receipt ever comes
_MESSAGE: Final = ("person", "message", "channel")
_VISIT: Final = ("time", "person", "channel", "need", "cause", "cost")


class Lives:
    """Tables of the persons whose rows these are.

    Parameters
    ----------
    log
        All rows of some whole persons under one strategy, burn-in included.
    scenario, plan
        What was run; the plan's journeys are numbered as in the rows.
    places
        Word -> the channels that are this place: ``store`` and ``online``.
    receipts
        Whether an open is what came back to the brand, a machine's too, in place of what people
        did: so a mail tool's log has it.
    """

    def __init__(
        self, log: Any, scenario: Scenario, plan: Plan, places: dict[str, tuple[str, ...]],
        *, receipts: bool = False,
    ) -> None:  # fmt: skip
        self._log = log.view(np.ndarray)
        self.scenario, self.plan, self.receipts = scenario, plan, receipts
        names = [c.name for c in scenario.channels]
        self.places = {
            word: np.isin(np.arange(len(names)), [names.index(c) for c in channels])
            for word, channels in places.items()
        }
        self.with_devices = np.array([bool(c.visit and c.visit.devices) for c in scenario.channels])
        time = scenario.time
        self.opens_s, self.closes_s = time.burn_in, time.burn_in + time.window

    def inside(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return a table's rows of the window."""
        return table[(table["time"] >= self.opens_s) & (table["time"] < self.closes_s)]

    def at(self, table: pd.DataFrame, place: str) -> pd.DataFrame:
        """Return a table's rows of a place."""
        return table[self.places[place][table["channel"]]]

    def channels(self, named: Sequence[str]) -> list[int]:
        """Return the numbers of channels."""
        return [i for i, c in enumerate(self.scenario.channels) if c.name in named]

    def journeys(self, named: Sequence[str]) -> list[int]:
        """Return the numbers of journeys by name, or of all with such a trigger.

        ``triggered`` are all but the weekly ones.
        """
        found = []
        for number, journey in enumerate(self.plan.journeys):
            words = {journey.name, journey.trigger}
            if journey.trigger != "weekly":
                words.add("triggered")
            if words & set(named):
                found.append(number)
        return found

    @cached_property
    def visits(self) -> pd.DataFrame:
        """Visits in the order of time, with the number of the device, -1 where none is used."""
        log = rows.of_kind(self._log, rows.VISIT)
        table = self._table(log, _VISIT)
        by_row = np.asarray(log["on_device"], np.int64)
        device = by_row[np.argsort(log["time"], kind="stable")]
        return table.assign(device=np.where(self.with_devices[table["channel"]], device, -1))

    @cached_property
    def carts(self) -> pd.DataFrame:
        """Carts: time, person, channel, need, and the device of the visit."""
        return self._with_visit(self._rows(rows.CART, ("time", "person", "channel", "need")))

    @cached_property
    def orders(self) -> pd.DataFrame:
        """Orders: time, person, channel, need, paid cents, and the device of the visit."""
        wanted = ("time", "person", "channel", "need", "paid")
        return self._with_visit(self._rows(rows.ORDER, wanted))

    @cached_property
    def cookies(self) -> pd.DataFrame:
        """Visits that show a cookie of the channel's own: time, channel and the cookie's code."""
        fields = ("time", "person", "channel", "code", "type", "carried_from")
        table = self._rows(rows.IDENTIFIER, fields)
        return table[(table["type"] == _COOKIE) & (table["carried_from"] < 0)]

    @cached_property
    def sends(self) -> pd.DataFrame:
        """Messages sent, one row for each channel that a message was sent over.

        Columns: time, person, message, channel, journey; ``delivered``; ``left``, whether the
        permission ended by it; the second of the first ``open`` and ``click``, of the first
        ``receipt`` of a person's open and of the first ``machine`` open, NaN without. With
        `receipts` an ``open`` is the first of these two.
        """
        key = list(_MESSAGE)
        sends = self._rows(rows.SENT, ("time", *key, "journey"))
        for kind, name in (
            (rows.DELIVERED, "delivered"), (rows.OPEN, "open"), (rows.CLICK, "click")
        ):  # fmt: skip
            sends = self._first(sends, self._rows(kind, ("time", *key)), name)
        came = self._rows(rows.OPEN, ("time", *key, "receipt"))
        sends = self._first(sends, came[came["receipt"] != _LOST], "receipt")
        sends = self._first(sends, self._rows(rows.MACHINE_OPEN, ("time", *key)), "machine")
        sends = self._first(sends, self._rows(rows.UNSUBSCRIBE, ("time", *key)), "left")
        for name in ("delivered", "left"):
            sends[name] = sends[name].notna()
        if self.receipts:
            sends["open"] = sends[["receipt", "machine"]].min(axis=1)
        return sends

    @staticmethod
    def _first(sends: pd.DataFrame, came: pd.DataFrame, name: str) -> pd.DataFrame:
        """Add the second of a message's first row of a kind, NaN without."""
        came = came[[*_MESSAGE, "time"]].drop_duplicates(list(_MESSAGE))
        return sends.merge(came.rename(columns={"time": name}), on=list(_MESSAGE), how="left")

    @cached_property
    def paid_after(self) -> pd.DataFrame:
        """Orders of the window with the last message clicked before: ``send``, ``since`` seconds.

        ``send`` is the message's row in `sends`; orders without an earlier click are left out.
        """
        return self._answered(("click",))

    @cached_property
    def paid_after_open(self) -> pd.DataFrame:
        """As `paid_after`, where an open counts as a click does."""
        return self._answered(("open", "click"))

    def _answered(self, by: Sequence[str]) -> pd.DataFrame:
        parts = [
            pd.DataFrame({
                "time": self.sends[name], "person": self.sends["person"], "send": self.sends.index,
            })
            for name in by
        ]  # fmt: skip
        answers = pd.concat(parts).dropna(subset="time").astype("int64").sort_values("time")
        answers = answers.assign(answered=answers["time"])
        last = pd.merge_asof(self.inside(self.orders), answers, on="time", by="person")
        last = last.dropna(subset="send")
        return last.assign(send=last["send"].astype("int64"), since=last["time"] - last["answered"])

    def _with_visit(self, table: pd.DataFrame) -> pd.DataFrame:
        """Add the device of the last visit for the need, which is the one that it happened in."""
        visits = self.visits[["time", "person", "need", "channel", "device"]]
        by = ["person", "need", "channel"]
        return pd.merge_asof(table, visits, on="time", by=by)

    def _rows(self, kind: int, fields: Sequence[str]) -> pd.DataFrame:
        return self._table(rows.of_kind(self._log, kind), fields)

    @staticmethod
    def _table(log: Any, fields: Sequence[str]) -> pd.DataFrame:
        found = {name: np.asarray(log[name], np.int64) for name in fields}
        table = pd.DataFrame(found)
        return table.sort_values("time", kind="stable", ignore_index=True)
