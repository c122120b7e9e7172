"""Credit beside the truth: what models give to channels, what channels bring, and what a cut costs.

One strategy runs, and its log is read as the brand's tools measure it. The same customers then live
without one channel after the other. The difference is what the channel truly brings, whatever any
model says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.attribution.log_facts import Facts, facts_of
from omnilab.attribution.measuring import Measuring
from omnilab.attribution.models import HALF_LIFE, MODELS, UNKNOWN, Credit, credit_of
from omnilab.attribution.shop import Shop, shop_of
from omnilab.attribution.sightings import brand_paths, buyers_of, contacts_of, true_paths
from omnilab.attribution.upload import Buyer, Claim, Contacts, claimed
from omnilab.draws.philox import make_key
from omnilab.engine.calibrate import calibrated_model
from omnilab.errors import OptionError
from omnilab.experiment.channel_twins import without_channel
from omnilab.experiment.job import Job, step_of
from omnilab.experiment.request import Request, Say, silent
from omnilab.experiment.statistics import Estimate
from omnilab.experiment.together import World, run_together
from omnilab.lowering.model import with_key
from omnilab.measure.catalogue import MEASURES
from omnilab.world.advertising import MILLICENTS

if TYPE_CHECKING:
    from omnilab.attribution.paths import Path
    from omnilab.experiment.statistics import Moments
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["Asked", "Crediting", "Cut", "credit_channels"]

#: Cells of a few households of which the log is held at once, for each thread.
_CELLS: Final = 128
_TRUTH: Final = ("orders_per_customer", "margin", "ltv")
_CENTS: Final = 100


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How credit is given.

    Attributes
    ----------
    channels
        Those that the strategy is tried without.
    models
        Of `omnilab.attribution.models.MODELS`.
    lookback
        Seconds, > 0.
    half_life
        Of time decay, seconds, > 0.
    measuring
        What the brand measures.
    match
        Share of persons whom an ad platform finds by an uploaded address.
    matches
        Channel of ads -> that share, where it is another.
    view_window, click_window
        Seconds in which ad platforms count an ad that was shown, or clicked.
    twins
        Whether the strategy runs without channels, too; else there is no truth.
    """

    channels: tuple[str, ...]
    models: tuple[str, ...] = tuple(MODELS)
    lookback: int = 30 * 86400
    half_life: int = HALF_LIFE
    measuring: Measuring = field(default_factory=Measuring)
    match: float = 0.55
    matches: Mapping[str, float] = field(default_factory=dict)
    view_window: int = 86400
    click_window: int = 7 * 86400
    twins: bool = True

    def match_of(self, channel: str) -> float:
        """Return the share of persons whom the ad platform of a channel finds, 0 to 1."""
        return self.matches.get(channel, self.match)

    def __post_init__(self) -> None:
        """Check the windows.

        Raises
        ------
        OptionError
            If one is 0.
        """
        if self.lookback <= 0:
            raise OptionError("--lookback: 0 joins nothing; give a time such as 30d")
        if self.half_life <= 0:
            raise OptionError("--half-life: 0 leaves nothing to any touch; give one such as 7d")


@dataclass(frozen=True)
class Cut:
    """What a budget cut by somebody's numbers does.

    Attributes
    ----------
    by
        The model, or ``truth``.
    channel
        The one whose money brings least by these numbers.
    per_unit
        Margin that it is credited with, for each unit of currency that it costs.
    ltv
        LTV a customer without the channel less that with it; all None without twins.
    """

    by: str
    channel: str
    per_unit: float
    ltv: Estimate


@dataclass(frozen=True)
class Crediting:
    """What came out; every number is a function of scenario, strategy, seed and what was asked.

    Attributes
    ----------
    scenario, strategy
        The scenario, and the strategy's name.
    asked
        How.
    customers, replications, seed
        Of the run.
    seen, true
        Credits by model, then by source: on the brand's paths, and on the true ones.
    paths, true_paths
        How many: those with an order, and all.
    costs, sends
        By channel that costs something: money in units of currency, and messages sent.
    claims
        What each ad channel's platform counts of uploaded buyers.
    truth
        By channel and measure: with the channel less without it. Orders and money of all
        customers; LTV of one. Empty without twins.
    digests
        Of the log of each strategy that ran beside.
    moments
        Of the orders under the strategy and its twins; None without twins.
    """

    scenario: Scenario
    strategy: str
    asked: Asked
    customers: int
    replications: int
    seed: int
    seen: Mapping[str, Mapping[str, Credit]]
    true: Mapping[str, Mapping[str, Credit]]
    paths: tuple[int, int]
    true_paths: tuple[int, int]
    costs: Mapping[str, float]
    sends: Mapping[str, int]
    claims: Mapping[str, Claim]
    truth: Mapping[str, Mapping[str, Estimate]]
    digests: Mapping[str, str]
    moments: Moments | None = field(default=None, compare=False, repr=False)

    @property
    def orders(self) -> int:
        """Orders in the window."""
        return self.paths[0]

    @property
    def sources(self) -> tuple[str, ...]:
        """Channels that can be cut, then places and what else has credit, then the unknown."""
        found = {s for part in (self.seen, self.true) for by in part.values() for s in by}
        names = [c.name for c in self.scenario.channels]
        others = [n for n in names if n in found and n not in self.asked.channels]
        unknown = (UNKNOWN,) if UNKNOWN in found else ()
        return (*self.asked.channels, *others, *unknown)

    def error(self, model: str, *, true_paths: bool = False) -> float | None:
        """Return by how many orders a model is wrong, as a share of all orders.

        It is the sum over channels of ``|credit - truth|``, over the orders of the window; None
        without twins or orders.
        """
        credited = (self.true if true_paths else self.seen)[model]
        if not self.truth or not self.orders:
            return None
        off = 0.0
        for name, by in self.truth.items():
            off += abs(
                credited.get(name, Credit()).orders - (by["orders_per_customer"].value or 0.0)
            )
        return off / self.orders

    def wrong(self, model: str, *, true_paths: bool = False) -> Estimate:
        """Return `error` with the 95% interval that it has from the truth's.

        With ``s`` the sign of ``credit - truth`` the error is ``sum(s * (credit - truth))``, whose
        truth is a weighted sum of the strategies' orders on the same customers. Credits and signs
        are held as they are: the interval says how well the truth is known, and not what other
        customers would make of the brand's own table. All models of a story share that truth, so
        two of them may differ surely although their intervals overlap.

        Returns
        -------
        Estimate
            A share of all orders, with no p-value; all None without twins or orders.
        """
        value = self.error(model, true_paths=true_paths)
        if value is None or self.moments is None:
            return Estimate(None, None, None)
        credited = (self.true if true_paths else self.seen)[model]
        weights: list[tuple[str, int]] = []
        for name, by in self.truth.items():
            truth = by["orders_per_customer"].value or 0.0
            sign = 1 if credited.get(name, Credit()).orders > truth else -1
            weights += [(self.strategy, -sign), (f"{self.strategy} without {name}", sign)]
        spread = self.moments.contrast("orders_per_customer", weights)
        if spread.value is None or spread.low is None or spread.high is None:
            return Estimate(value, None, None)
        scale = self.customers * self.replications / self.orders
        below, above = (spread.value - spread.low) * scale, (spread.high - spread.value) * scale
        return Estimate(value, max(0.0, value - below), value + above)

    def cuts(self) -> list[Cut]:
        """Return what each model would cut, and then what the truth would."""
        found = [self._cut(m, {n: c.margin / _CENTS for n, c in self.seen[m].items()})
                 for m in self.asked.models]  # fmt: skip
        if self.truth:
            margins = {n: by["margin"].value or 0.0 for n, by in self.truth.items()}
            found.append(self._cut("truth", margins))
        return [cut for cut in found if cut is not None]

    def _cut(self, by: str, margins: Mapping[str, float]) -> Cut | None:
        per = {
            name: margins.get(name, 0.0) / self.costs[name]
            for name in self.asked.channels
            if self.costs.get(name, 0.0) > 0.0
        }
        if not per:
            return None
        least = min(per, key=lambda name: per[name])
        ltv = self.truth[least]["ltv"] if least in self.truth else Estimate(None, None, None)
        return Cut(by, least, per[least], _turned(ltv))


def credit_channels(
    scenario: Scenario,
    strategy: LoadedStrategy,
    asked: Asked,
    *,
    replications: int = 1,
    seed: int = 1,
    engine: str = "auto",
    threads: int = 1,
    progress: Say | None = None,
) -> Crediting:
    """Run a strategy, give credit for its orders, and run it without each channel.

    Parameters
    ----------
    scenario
        With the customers to simulate.
    strategy
        Whose orders are credited.
    asked
        How; its channels are those of `omnilab.experiment.channel_twins.chosen_channels`.
    replications, seed, engine, threads, progress
        As `omnilab.experiment.compare.compare` takes them.

    Raises
    ------
    StrategyError
        If the strategy fails.
    """
    say: Say = progress or silent
    shop = shop_of(scenario)
    books = _Books(scenario, shop, asked)
    share = 1.0 / (1 + len(asked.channels)) if asked.twins else 1.0
    request = Request(seed=seed, engine=engine, threads=threads, keep_events=True, tables=False)
    model = calibrated_model(scenario)
    for replication in range(replications):
        keyed = with_key(model, seed, replication)
        _read(scenario, strategy, keyed, request, replication, books, say, share / replications)
    truth, digests, moments = {}, {}, None
    if asked.twins:
        measures = {name: MEASURES[name] for name in _TRUTH}
        twins = tuple(without_channel(strategy, scenario, name) for name in asked.channels)
        found = run_together(
            [World(scenario, (strategy, *twins))], measures, replications=replications, seed=seed,
            engine=engine, threads=threads,
            progress=lambda what, done: say(what, share + (1.0 - share) * done),
        )  # fmt: skip
        for failure in found.failures.values():
            raise failure
        digests, moments = found.digests, found.moments
        persons = scenario.population.customers * replications
        for name, twin in zip(asked.channels, twins, strict=True):
            truth[name] = {
                m: _scaled(
                    found.moments.difference(m, strategy.name, twin.name),
                    1.0 if m == "ltv" else persons,
                )
                for m in _TRUTH
            }
    return replace(
        books.crediting(strategy.name, replications, seed, truth, digests), moments=moments
    )


class _Books:
    """What the logs of all chunks add up to."""

    def __init__(self, scenario: Scenario, shop: Shop, asked: Asked) -> None:
        self.scenario, self.shop, self.asked = scenario, shop, asked
        self.seen: list[Path] = []
        self.true: list[Path] = []
        self.costs = np.zeros(len(shop.names))
        self.sends = np.zeros(len(shop.names), dtype=np.int64)
        self.claims: dict[str, Claim] = {}

    def add(self, facts: Facts, key: tuple[int, int]) -> None:
        """Take the facts of some cells."""
        asked, shop = self.asked, self.shop
        self.seen += brand_paths(facts, shop, asked.lookback, asked.measuring, key)
        self.true += true_paths(facts, shop, asked.lookback, views=asked.measuring.views)
        self.costs += facts.costs
        self.sends += facts.sends
        buyers = buyers_of(facts)
        for c, is_ad in enumerate(shop.ads):
            if is_ad:
                self._claim(c, buyers, contacts_of(facts, c), key)

    def _claim(
        self, channel: int, buyers: Sequence[Buyer], contacts: Mapping[int, Contacts],
        key: tuple[int, int],
    ) -> None:  # fmt: skip
        name = self.shop.names[channel]
        more = claimed(
            buyers, contacts, key=key, channel=channel, rate=self.asked.match_of(name),
            view_window=self.asked.view_window, click_window=self.asked.click_window,
        )  # fmt: skip
        so_far = self.claims.get(name, Claim(0, 0, 0, 0))
        self.claims[name] = Claim(
            so_far.buyers + more.buyers, so_far.uploaded + more.uploaded,
            so_far.matched + more.matched, so_far.orders + more.orders,
        )  # fmt: skip

    def crediting(
        self, strategy: str, replications: int, seed: int,
        truth: Mapping[str, Mapping[str, Estimate]], digests: Mapping[str, str],
    ) -> Crediting:  # fmt: skip
        """Return all of it with its credits."""
        asked, names = self.asked, self.shop.names
        return Crediting(
            scenario=self.scenario,
            strategy=strategy,
            asked=asked,
            customers=self.scenario.population.customers,
            replications=replications,
            seed=seed,
            seen=self._credits(self.seen),
            true=self._credits(self.true),
            paths=_counted(self.seen),
            true_paths=_counted(self.true),
            costs={n: float(x) / MILLICENTS for n, x in zip(names, self.costs, strict=True) if x},
            sends={n: int(x) for n, x in zip(names, self.sends, strict=True) if x},
            claims=self.claims,
            truth=truth,
            digests=digests,
        )

    def _credits(self, paths: Sequence[Path]) -> dict[str, dict[str, Credit]]:
        asked = self.asked
        return {m: credit_of(paths, m, half_life=asked.half_life) for m in asked.models}


def _read(
    scenario: Scenario, strategy: LoadedStrategy, model: Any, request: Request, replication: int,
    books: _Books, say: Say, share: float,
) -> None:  # fmt: skip
    """Run one replication of a strategy, and read its log chunk by chunk."""
    job = Job(scenario, [strategy], model, request)
    population = job.population(model)
    setups = [job.setup(strategy.copy(), model, replication)]
    runner = job.runner(model, setups, population, replication)
    time = scenario.time
    window = (time.burn_in, time.burn_in + time.window)
    key0, key1 = make_key(request.seed, replication)
    step = step_of(population, _CELLS, request.threads, learns=runner.learns)
    for result in runner.run(step, request.threads):
        log = np.concatenate(result.rows[0])
        cells = np.searchsorted(population.first, log["person"], side="right") - 1
        facts = facts_of(log, cells.astype(np.int64), window, books.shop.uploads, books.shop.search)
        books.add(facts, (int(key0), int(key1)))
        say("simulating", share * (replication + result.high / population.n_cells))


def _counted(paths: Iterable[Path]) -> tuple[int, int]:
    """Return how many paths have an order, and how many there are."""
    paths = list(paths)
    return sum(path.orders for path in paths), len(paths)


def _scaled(estimate: Estimate, factor: float) -> Estimate:
    """Return a multiple, by a factor above 0, of an estimate."""
    return estimate._replace(
        **{
            name: None if (x := getattr(estimate, name)) is None else x * factor
            for name in ("value", "low", "high", "error")
        }
    )


def _turned(estimate: Estimate) -> Estimate:
    """Return an estimate of the contrary."""
    value, low, high = (None if x is None else -x for x in estimate[:3])
    return estimate._replace(value=value, low=high, high=low)
