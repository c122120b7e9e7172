"""Asking a strategy's `decide` and telling its `learn`: rows of arrays out, arrays in."""

from __future__ import annotations

from typing import Any

import numpy as np

from omnilab import rows
from omnilab.brand.decisions import EVENT_KINDS, Decisions, Events, validate_choices
from omnilab.brand.loading import LoadedStrategy, call_hook
from omnilab.draws.philox import permute64
from omnilab.engine.bundle import Bundle
from omnilab.engine.kernels import Kernels
from omnilab.engine.people import Population
from omnilab.scenario.model import Scenario

__all__ = ["Hooks"]

_EVENT_OF = {
    rows.SENT: "sent",
    rows.DELIVERED: "delivered",
    rows.BOUNCE: "bounce",
    rows.OPEN: "open",
    rows.CLICK: "click",
    rows.UNSUBSCRIBE: "unsubscribe",
    rows.ORDER: "order",
}
_DAY = 86400.0


class Hooks:
    """The hooks of one strategy in one run.

    Parameters
    ----------
    loaded
        The strategy.
    scenario
        The scenario, for names.
    mask
        Key of the permutation behind profile ids.
    """

    def __init__(self, loaded: LoadedStrategy, scenario: Scenario, mask: int) -> None:
        self.loaded, self.mask = loaded, mask
        self.channels = tuple(c.name for c in scenario.channels)
        self.journeys = tuple(j.name for j in loaded.plan.journeys)
        self.silos = [scenario.silos.index(c.silo) for c in scenario.channels]
        self.shares_context = loaded.plan.sharing.effective().context == "all"
        self.profile_of: dict[int, int] = {}

    def answer(self, cell: Bundle, plan: Bundle, kernels: Kernels) -> None:
        """Ask about all messages of the cell that wait, and put them back into the queue."""
        waiting = [
            i for i in range(int(cell.meta[0].copies))
            if cell.copy[i].state != 0 and cell.copy[i].decided == -1
        ]  # fmt: skip
        now = int(cell.meta[0].now)
        pending = self._pending(cell, plan, waiting, now)
        name = self.loaded.name
        decide: Any = self.loaded.strategy.decide  # type: ignore[attr-defined]
        said = call_hook(name, "decide", now, decide, pending)
        choices = validate_choices(said, pending, strategy=name, time_s=now)
        channel = np.full(len(waiting), -1) if choices.channel is None else choices.channel
        for row, i in enumerate(waiting):
            cell.copy[i].answer = 1 if choices.send[row] else 2
            cell.copy[i].choice = int(channel[row])
        kernels.resume(cell)

    def _pending(self, cell: Bundle, plan: Bundle, waiting: list[int], now: int) -> Decisions:
        columns: dict[str, list[Any]] = {name: [] for name in Decisions.columns}
        n = len(self.channels)
        for i in waiting:
            copy = cell.copy[i]
            profile = cell.profile[copy.profile]
            channel = int(copy.order[copy.at])
            usable = int(copy.usable)
            orders, last_order, cents = self._context(cell, profile, self.silos[channel])
            row = {
                "time_s": now, "profile": self._id(cell, int(profile.serial)),
                "journey": int(copy.journey), "step": int(copy.step),
                "offer": float(plan.step[int(copy.journey), int(copy.step)].offer),
                "category": int(copy.category),
                "allowed": [bool(usable >> c & 1) for c in range(n)],
                "default": channel if usable >> channel & 1 else -1,
                "received": profile.received[:n].tolist(),
                "answered": profile.answered[:n].tolist(), "orders": orders,
                "days_since_order": (now - last_order) / _DAY if last_order >= 0 else np.nan,
                "days_since_seen": (now - int(profile.last_seen)) / _DAY,
                "last_channel": int(profile.last_channel), "cart_cents": cents,
                "message_id": int(copy.message),
            }  # fmt: skip
            if self.loaded.learns:
                self.profile_of[row["message_id"]] = row["profile"]
            for name, value in row.items():
                columns[name].append(value)
        shaped: dict[str, Any] = {
            name: np.array(values).reshape((len(waiting), n) if kind.startswith("*") else -1)
            for (name, values), kind in zip(
                columns.items(), Decisions.columns.values(), strict=True
            )
        }
        return Decisions(**shaped, journey_names=self.journeys, channel_names=self.channels)

    def _context(self, cell: Bundle, profile: Any, silo: int) -> tuple[int, int, int]:
        """Return orders, last order and cart that the sending silo can see."""
        orders, last, cart_t, cents = 0, -1, -1, 0
        for s, index in enumerate(profile.context):
            if index < 0 or (s != silo and not self.shares_context):
                continue
            x = cell.context[index]
            orders += int(x.orders)
            last = max(last, int(x.order_t))
            if x.cart_t > cart_t:
                cart_t, cents = int(x.cart_t), int(x.cart_cents)
        return orders, last, cents

    def _id(self, cell: Bundle, serial: int) -> int:
        return int(permute64((int(cell.meta[0].cell) << 24) | serial, self.mask))

    def tell(self, day: Any, population: Population, now: int) -> None:
        """Tell `learn` what the brand saw come back in a day.

        Parameters
        ----------
        day
            The day's rows in the order (time, priority, person, seq).
        population
            Says in which cell a person is, for the ids of profiles behind orders.
        """
        keep: list[tuple[int, ...]] = []
        session: dict[int, tuple[int, int]] = {}
        for row in day[np.isin(day.kind, [*_EVENT_OF, rows.IDENTIFIER])]:
            person, time, kind = int(row.person), int(row.time), int(row.kind)
            if kind == rows.IDENTIFIER:
                session[person] = (time, int(row.c))
                continue
            event = EVENT_KINDS.index(_EVENT_OF[kind])
            if kind == rows.ORDER:
                seen = session.get(person)
                if seen is None or seen[0] != time or seen[1] < 0:
                    continue  # nobody showed the brand an identifier
                code = (population.cell_of(person) << 24) | seen[1]
                profile = int(permute64(code, self.mask))
                keep.append((time, event, -1, int(row.channel), -1, profile, int(row.b)))
            else:
                profile = self.profile_of.get(int(row.a), -1)
                channel, journey = int(row.channel), int(row.b) >> 8
                keep.append((time, event, int(row.a), channel, journey, profile, 0))
        table = np.array(keep, dtype=np.int64).reshape(-1, 7)
        columns: dict[str, Any] = dict(zip(Events.columns, table.T, strict=True))
        events = Events(**columns, journey_names=self.journeys, channel_names=self.channels)
        learn: Any = self.loaded.strategy.learn  # type: ignore[attr-defined]
        call_hook(self.loaded.name, "learn", now, learn, events)
