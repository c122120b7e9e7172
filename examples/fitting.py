"""What fits: show the cart or what was looked at, and the creative that is clicked most so far."""

import numpy as np
import numpy.typing as npt

from omnilab.strategy import Brand, Choices, Decisions, Events, Plan, Sharing

Texts = npt.NDArray[np.str_]


class Fitting:
    name = "fitting"

    def __init__(self, explore: float = 0.1) -> None:
        self.explore = explore  # share of messages whose creative is drawn
        self.sent: npt.NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self.clicked = self.sent
        self.creative_of: dict[int, int] = {}

    def plan(self, brand: Brand) -> Plan:
        self.sent = np.zeros(len(brand.creatives), dtype=np.int64)
        self.clicked = np.zeros_like(self.sent)
        return Plan(Sharing.every("all"), journeys=brand.journeys)

    def decide(self, pending: Decisions) -> Choices:
        creative = self.creative(pending)
        self.creative_of.update(zip(pending.message_id.tolist(), creative.tolist(), strict=True))
        return Choices(np.ones(len(pending), bool), shows=self.shows(pending), creative=creative)

    @staticmethod
    def shows(pending: Decisions) -> Texts:
        """Show the open cart, else what was looked at last, else what the message shows anyway."""
        shows = np.full(len(pending), "", dtype="U16")
        for content, known in (("viewed", pending.last_viewed >= 0),
                               ("cart", pending.cart_cents > 0)):  # fmt: skip
            open_ = pending.may_show[:, pending.show_names.index(content)]
            shows[known & open_] = content
        return shows

    def creative(self, pending: Decisions) -> npt.NDArray[np.int64]:
        """Take the creative with the best click rate, and now and then any that is open."""
        if not pending.creative_names or not len(pending):
            return np.full(len(pending), -1)
        chance = pending.chance(1 + len(self.sent))
        rate = np.broadcast_to((self.clicked + 1) / (self.sent + 20), chance[:, 1:].shape)
        rank = np.where(chance[:, :1] < self.explore, chance[:, 1:], rate)
        best = np.where(pending.may_creative, rank, -1.0).argmax(axis=1)
        return np.where(pending.may_creative.any(axis=1), best, -1)

    def learn(self, observed: Events) -> None:
        for kind, count in (("sent", self.sent), ("click", self.clicked)):
            for message in observed.message_id[observed.of_kind(kind)].tolist():
                creative = self.creative_of.get(message, -1)
                if creative >= 0:
                    count[creative] += 1
