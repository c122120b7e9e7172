"""What came back for messages, as a sending tool's file has it, or as it truly was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from omnilab.interop.repeat_purchase import stamps

if TYPE_CHECKING:
    from omnilab.interop.lives import Life, Lives

__all__ = ["receipts"]

#: Table of a life -> what a tool calls it.
_EVENTS: Final = {
    "sends": "processed", "delivered": "delivered", "bounces": "bounce", "opens": "open",
    "clicks": "click", "machine_opens": "open", "machine_clicks": "click",
}  # fmt: skip
_MACHINES: Final = ("machine_opens", "machine_clicks")


def receipts(lives: Lives, life: Life, *, clean: bool = False) -> pd.DataFrame:
    """Return the receipts of the window's messages, in the order of time.

    As a tool has them, a machine's open or click is one like any other, and some of a person's
    never come back. *Clean* are those of persons, all of them.

    Returns
    -------
    DataFrame
        ``message_id``, ``customer_id``, ``timestamp``, ``channel``, ``event``.
    """
    found = []
    for order, (table, event) in enumerate(_EVENTS.items()):
        rows = life.within(table, lives.switch, lives.end)
        if table in _MACHINES and clean:
            continue
        if "receipt" in rows and not clean:
            rows = rows[rows["receipt"] == 0]
        kept = rows[["time", "person", "channel", "message"]]
        found.append(kept.assign(event=event, order=order))
    frame = pd.concat(found).sort_values(["time", "person", "order"], kind="stable")
    # Messages are numbered within a cell: person and number together are one message's.
    keys = list(zip(lives.town[frame["person"].to_numpy()], frame["message"], strict=True))
    number = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    names = np.array(lives.channels, dtype=object)
    return pd.DataFrame(
        {
            "message_id": [number[key] for key in keys],
            "customer_id": frame["person"].to_numpy(),
            "timestamp": stamps(lives, frame["time"]),
            "channel": names[frame["channel"].to_numpy()],
            "event": frame["event"].to_numpy(),
        }
    )
