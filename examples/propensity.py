"""A propensity model: logistic regression of who answers on which channel, fitted weekly."""

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from omnilab.strategy import Brand, Choices, Decisions, Events, Plan, Sharing

Floats = npt.NDArray[np.float64]


class Propensity:
    name = "propensity"

    def __init__(self, least: float = 0.03, every_days: int = 7) -> None:
        self.least = least  # send nothing where an answer is less likely than this
        self.every_days, self.days = every_days, 0
        self.model = LogisticRegression(C=10.0)
        self.fitted = False
        self.asked: dict[int, Floats] = {}  # features by message, one row a channel
        self.sent: dict[tuple[int, int], Floats] = {}  # by message and channel
        self.answered: set[tuple[int, int]] = set()

    def plan(self, brand: Brand) -> Plan:
        return Plan(Sharing.every("all"), journeys=brand.journeys)

    def decide(self, pending: Decisions) -> Choices:
        x = features(pending)
        self.asked.update(zip(pending.message_id.tolist(), x, strict=True))
        if not self.fitted or not len(pending):
            return Choices.default(pending)
        p = self.model.predict_proba(x.reshape(-1, x.shape[2]))[:, 1].reshape(x.shape[:2])
        # A matrix product's last bits may depend on the batch; rounded, equal chances stay equal.
        p = np.where(pending.allowed, p.round(9), -1.0)
        return Choices(send=p.max(axis=1) >= self.least, channel=p.argmax(axis=1))

    def learn(self, observed: Events) -> None:
        pairs = list(zip(observed.message_id.tolist(), observed.channel.tolist(), strict=True))
        for row in np.flatnonzero(observed.of_kind("sent")):
            message, channel = pairs[row]
            if message in self.asked:
                self.sent[message, channel] = self.asked[message][channel]
        came = observed.of_kind("open") | observed.of_kind("click")
        self.answered.update(pairs[row] for row in np.flatnonzero(came))
        self.asked.clear()  # what was declined tells nothing
        self.days += 1
        if self.days % self.every_days == 0:
            self._fit()

    def _fit(self) -> None:
        y = [pair in self.answered for pair in self.sent]
        if 10 <= sum(y) < len(y):
            self.model.fit(np.array(list(self.sent.values())), y)
            self.fitted = True


def features(pending: Decisions) -> Floats:
    """Return the features of an answer, shape (n, n_channels, n_features)."""
    n, channels = pending.allowed.shape
    received, answered = pending.received, pending.answered
    of_profile = np.column_stack([
        np.log1p(pending.orders),
        np.exp(-np.nan_to_num(pending.days_since_order, nan=np.inf) / 30.0),
        np.exp(-np.nan_to_num(pending.days_since_seen, nan=np.inf) / 7.0),
        pending.cart_cents > 0,
        pending.offer,
    ])  # fmt: skip
    of_channel = np.stack([np.log1p(received), (answered + 0.5) / (received + 5.0)], axis=2)
    return np.concatenate([
        np.broadcast_to(of_profile[:, None, :], (n, channels, of_profile.shape[1])),
        of_channel,
        np.broadcast_to(np.eye(channels), (n, channels, channels)),
    ], axis=2)  # fmt: skip
