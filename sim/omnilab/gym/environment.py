"""The environment: a step is one message that waits for `decide`."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from omnilab._arguments import whole
from omnilab.engine.calibrate import calibrated_model
from omnilab.errors import OptionError, nearest
from omnilab.experiment.job import Job
from omnilab.gym.episode import MILLI_CENTS, Episode, Given
from omnilab.gym.seen import Seen
from omnilab.scenario.load import load_scenario
from omnilab.scenario.model import Scenario
from omnilab.strategy.decisions import Choices
from omnilab.strategy.leeway import OpenChoices
from omnilab.strategy.loading import load_strategy

if TYPE_CHECKING:
    from omnilab.engine.ask import Asked

__all__ = ["DecideEnv"]

DAY_S = 86400
Info = dict[str, Any]


class _Message(NamedTuple):
    """A message that waits: what is seen of it, and what the brand had booked before it."""

    seen: dict[str, Any]
    mask: npt.NDArray[np.int8]
    profile: int
    message_id: int
    booked: int  # milli-cents


class _Action(NamedTuple):
    """One way to send: numbers as `Choices` counts them."""

    channel: int
    shows: int
    creative: int


def _numbers(option: str, chosen: Sequence[str], names: Sequence[str]) -> list[int]:
    """Return the numbers of names, or say which one is none."""
    for name in chosen:
        if name not in names:
            there = nearest(name, names) or f"; there are {', '.join(names)}" if names else ""
            raise OptionError(f"{option}: unknown {name!r}{there}")
    return [names.index(name) for name in dict.fromkeys(chosen)]


Messages = Generator[_Message, int | None, None]


class DecideEnv(gymnasium.Env[dict[str, Any], np.int64]):
    """Send or not, and over which channel: a run of a scenario, message by message.

    An episode is a run of the scenario with one strategy: burn-in, window and run-out. A step is
    one message that is due. What a policy chooses is no more than what `decide` may answer: caps,
    consent and quiet hours are the engine's.

    Parameters
    ----------
    scenario
        The id of a shipped scenario, a file, or a scenario.
    customers
        Customers of each episode, >= 1; the scenario's own number by default.
    seed
        The world of the first episode, as ``--seed`` of `omnilab compare`; 0 <= seed < 2**63.
    strategy
        A strategy as on the command line. Its plan says which journeys there are, who shares what
        and which caps hold; its own `decide` and `learn` are not used.
    every_s
        Seconds between the moments at which all customers have got equally far, and the books are
        looked at: a whole number of the scenario's ticks.
    shows, creatives
        Contents and creatives by name that an action may give a message in place of its own, as
        ``Choices.shows`` and ``Choices.creative``; none by default.

    Raises
    ------
    OptionError, ScenarioError, StrategyError
        If an argument is wrong.

    Attributes
    ----------
    action_names
        What each action means: ``no message``, and then the channels, each with the message's own
        content and creative; then, where there are any, each with all other pairs of the two
        (``email, viewed, bright``).
    """

    metadata = {  # noqa: RUF012
        "render_modes": []
    }

    def __init__(
        self,
        scenario: str | Path | Scenario,
        *,
        customers: int | None = None,
        seed: int = 1,
        strategy: str = "omnichannel",
        every_s: int = DAY_S,
        shows: Sequence[str] = (),
        creatives: Sequence[str] = (),
    ) -> None:
        read = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
        if customers is not None:
            read = read.with_customers(whole("customers", customers, 1, 10**9))
        tick = read.time.tick
        if whole("every_s", every_s, 1, 10**9) % tick:
            raise OptionError(f"every_s: {every_s} is no whole number of ticks of {tick} s")
        self.scenario, self.every_s = read, every_s
        self._first: int | None = whole("seed", seed, 0, 2**63 - 1)
        loaded = load_strategy(strategy, read)
        self._given = Given(loaded.name, loaded.plan)
        loaded = replace(loaded, strategy=self._given, decides=True, learns=False, again=None)
        self._job = Job(read, [loaded], calibrated_model(read))
        self._channels = [i for i, c in enumerate(read.channels) if c.message is not None]
        self._open = OpenChoices(read, loaded.plan)
        self._actions = self._all_actions(shows, creatives)
        self.action_names = ("no message", *(self._name(action) for action in self._actions))
        self._seen = Seen(read, loaded.plan, self._channels)
        self.observation_space = self._seen.space
        self.action_space = spaces.Discrete(len(self.action_names))
        self._episode: Episode | None = None
        self._messages: Messages | None = None
        self._at: _Message  # the one that waits
        self._over = True

    def _all_actions(self, shows: Sequence[str], creatives: Sequence[str]) -> list[_Action]:
        """Return the actions that send; those of the message's own look stand first."""
        names = self._open.names
        contents = _numbers("shows", shows, names["show_names"])
        looks = _numbers("creatives", creatives, names["creative_names"])
        return [_Action(channel, content, look)
                for content in (-1, *contents) for look in (-1, *looks)
                for channel in self._channels]  # fmt: skip

    def _name(self, action: _Action) -> str:
        names = self._open.names
        said = [self.scenario.channels[action.channel].name]
        said += [names["show_names"][action.shows]] if action.shows >= 0 else []
        said += [names["creative_names"][action.creative]] if action.creative >= 0 else []
        return ", ".join(said)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], Info]:
        """Begin an episode and return its first message.

        Parameters
        ----------
        seed
            The episode's world. Without one, the first episode has that of the constructor, and
            each later one a new world that is drawn by ``np_random``.
        options
            Not used.

        Returns
        -------
        tuple
            The observation, and ``info`` as of `step`.
        """
        if seed is None:
            seed = self._first
        elif not 0 <= seed < 2**63:
            raise OptionError(f"seed: {seed} is not from 0 to 2**63 - 1")
        super().reset(seed=seed)
        self._first = None
        world = int(self.np_random.integers(2**62)) if seed is None else int(seed)
        self.close()  # what an episode that was left holds is free before the next one begins
        self._episode = Episode(self._job, world, self.every_s)
        self._messages, self._over = self._play(self._episode), False
        self._go_on(None)
        return self._at.seen, self._info()

    def step(self, action: Any) -> tuple[dict[str, Any], float, bool, bool, Info]:
        """Answer for the message that waits, and go on to the next one.

        Parameters
        ----------
        action
            Of ``action_names``. A channel that the mask rules out sends nothing.

        Returns
        -------
        tuple
            The next message; the reward, in the scenario's currency: what the brand has booked
            since the last step, margin of orders less returns and less what contacts cost; whether
            the run is over; False; and ``info``:

            - ``action_mask``: 1 where an action has its effect, int8, shape (actions,);
            - ``profile``, ``message_id``: whom and which message it is about, -1 at the end;
            - ``refused``: whether the last action was ruled out by the mask;
            - ``booked``: all that has been booked since the switch, rewards and what came before
              the first message;
            - ``digest``, ``events``: of the log, at the end.

        Raises
        ------
        OptionError
            If no episode is on, or there is no such action.
        """
        if self._over:
            raise OptionError("step: no message waits; call reset first")
        chosen = whole("action", action, 0, len(self.action_names) - 1)
        refused = bool(self._at.mask[chosen] == 0)
        before = self._at.booked
        self._go_on(0 if refused else chosen)
        reward = (self._at.booked - before) / MILLI_CENTS
        return self._at.seen, reward, self._over, False, {**self._info(), "refused": refused}

    def close(self) -> None:
        """Leave the episode."""
        self._messages, self._episode, self._over = None, None, True

    def _go_on(self, action: int | None) -> None:
        """Answer for the message that waits, where one does, and find the next one."""
        try:
            if self._messages is None:
                raise StopIteration
            self._at = self._messages.send(action)
        except StopIteration:
            self._messages = None
            # A run in which nothing ever waits still takes one step, which ends it.
            self._over = action is not None
            booked = 0 if self._episode is None else self._episode.booked
            mask = np.zeros(len(self.action_names), np.int8)
            mask[0] = 1
            self._at = _Message(self._seen.nothing(), mask, -1, -1, booked)

    def _play(self, episode: Episode) -> Messages:
        """Yield the messages of an episode and take each one's action."""
        for asked in episode.tables():
            n = int(asked.count[0])
            send, chosen = np.zeros(n, np.bool_), np.full((3, n), -1, np.int64)
            mask = self._mask(asked, n)
            seen, booked = self._seen.of(asked), episode.booked
            for row in np.argsort(np.asarray(asked.time_s[:n]), kind="stable").tolist():
                who = int(asked.profile[row]), int(asked.message_id[row])
                action = yield _Message(seen[row], mask[row].copy(), *who, booked)
                if action:
                    send[row], chosen[:, row] = True, self._actions[action - 1]
            channel, shows, creative = chosen
            self._given.choices = Choices(send, channel, shows=shows, creative=creative)

    def _mask(self, asked: Asked, n: int) -> npt.NDArray[np.int8]:
        """Return which actions have their effect on the messages of a table."""
        channel, shows, creative = np.array(self._actions, np.int64).reshape(-1, 3).T
        open_ = self._open.columns(asked.journey[:n], asked.step[:n])
        may = np.asarray(asked.allowed)[:n, channel].copy()
        for chosen, column in ((shows, "may_show"), (creative, "may_creative")):
            some = np.flatnonzero(chosen >= 0)
            may[:, some] &= open_[column][:, chosen[some]]
        return np.column_stack([np.ones(n, np.int8), may.astype(np.int8)])

    def _info(self) -> Info:
        at, episode = self._at, self._episode
        assert episode is not None
        info = {
            "action_mask": at.mask,
            "profile": at.profile,
            "message_id": at.message_id,
            "booked": at.booked / MILLI_CENTS,
        }
        return {**info, "digest": episode.digest, "events": episode.events} if self._over else info
