"""Learn by trying: an action for each journey, from what whole episodes bring."""

from typing import Any

import gymnasium
import numpy as np

EXPLORES = 0.3  # how often a journey's action is drawn, not the best so far


class Table:
    """Mean return of the episodes in which a journey had an action, and how many these were."""

    def __init__(self, journeys: int, actions: int, draws: np.random.Generator) -> None:
        self.mean = np.zeros((journeys, actions))
        self.tried = np.zeros((journeys, actions), dtype=np.int64)
        self.draws = draws

    def best(self) -> Any:
        return np.where(self.tried > 0, self.mean, -np.inf).argmax(axis=1)

    def chosen(self) -> Any:
        drawn = self.draws.integers(self.mean.shape[1], size=len(self.mean))
        explores = self.draws.random(len(self.mean)) < EXPLORES
        return np.where(explores | (self.tried.sum(axis=1) == 0), drawn, self.best())

    def learn(self, chosen: Any, brought: float) -> None:
        at = np.arange(len(chosen)), chosen
        self.tried[at] += 1
        self.mean[at] += (brought - self.mean[at]) / self.tried[at]


def play(env: Any, chosen: Any, seed: int) -> float:
    """Return what an episode brings in which each journey has its one action."""
    seen, info = env.reset(seed=seed)
    over = False
    while not over:
        action = int(chosen[int(seen["journey"][0])])
        # A channel that a cap or a consent rules out is no action now: then nothing is sent.
        seen, _, over, _, info = env.step(action if info["action_mask"][action] else 0)
    return float(info["booked"])


def learn(env: Any, episodes: int, seed: int = 1) -> Any:
    """Return the best action for each journey after some episodes, all with the same customers."""
    journeys = int(env.observation_space["journey"].high[0]) + 1
    table = Table(journeys, int(env.action_space.n), np.random.default_rng(seed))
    for _ in range(episodes):
        chosen = table.chosen()
        table.learn(chosen, play(env, chosen, seed))
    return table.best()


if __name__ == "__main__":
    id_ = "omnilab.gym:omnilab/Decide-v0"
    made = gymnasium.make(id_, scenario="mapples-coffee-v1", customers=200)
    found = learn(made, episodes=60)
    for other in (101, 102, 103):  # other customers: what it brings more than silence
        print(found, play(made, found, other) - play(made, 0 * found, other))  # noqa: T201
