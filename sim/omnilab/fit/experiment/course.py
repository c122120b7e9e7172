"""The course of a fit to a randomised test: read, base rates, lifts, what is held out, profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from omnilab.errors import DataError
from omnilab.fit.experiment.arms import People, find_people
from omnilab.fit.experiment.base_rates import BaseRates, fit_base
from omnilab.fit.experiment.found import FittedTest, Part, Profile, Split
from omnilab.fit.experiment.moments import Found, Moment, found_by, moments_of, together
from omnilab.fit.experiment.people import EVERYTHING, Setup, set_up
from omnilab.fit.experiment.posterior import profile
from omnilab.fit.experiment.request import ExperimentRequest
from omnilab.fit.experiment.search import WAVES, Searched, Trial, Trials, search
from omnilab.fit.experiment.space import CREATED, NEED, Space, make_space
from omnilab.fit.experiment.strata import Past, Stratum, make_strata, of_moments
from omnilab.fit.experiment.table import RandomisedTest
from omnilab.fit.experiment.tests_file import read_tests
from omnilab.fit.experiment.weights import Weighted, rake_what_can
from omnilab.scenario.model import Scenario

__all__ = ["carry_out_test"]

#: Customers who are simulated for base rates, and who are wanted to take part for lifts.
_FOR_BASE: Final = 30_000
_TAKE_PART: Final = 4_500
_FEWEST, _MOST = 1_000, 200_000
#: Where the two that one test does not tell apart are held for the profile.
_GRID: Final = (-1.5, -0.75, 0.0, 0.75, 1.5)

Floats = npt.NDArray[np.float64]
Say = Callable[[str], None]
Show = Callable[[str, float], None]


def carry_out_test(
    requests: Sequence[ExperimentRequest],
    *,
    scenario_id: str,
    threads: int = 1,
    say: Say = lambda _line: None,
    show: Show = lambda _what, _share: None,
    customers: int = _FOR_BASE,
    take_part: int = _TAKE_PART,
    waves: Sequence[int] = WAVES,
) -> FittedTest:
    """Fit base rates and response to randomised tests of one brand.

    Parameters
    ----------
    requests
        Checked; one a test, in the order in which they ran.
    scenario_id
        Of the scenario to make.
    threads
        Of the simulation.
    say
        Called with notes of what is going on.
    show
        Called with what is being done and how much of it is, 0 to 1.
    customers, take_part
        Sizes of the simulations, for each test.
    waves
        Of `omnilab.fit.experiment.search.search`.

    Raises
    ------
    DataError, OptionError, ScenarioError, StrategyError
        What is wrong with a table, an option, the base or its status quo, in one line.
    """
    requests, tests = read_tests(requests)
    columns = tuple(dict.fromkeys(name for test in tests for name in test.bought))
    setups = [
        set_up(request, test, scenario_id, customers, columns)
        for request, test in zip(requests, tests, strict=True)
    ]
    space = make_space(setups, [_of_categories(t, s) for t, s in zip(tests, setups, strict=True)])
    parts, trials = [], []
    contents: dict[str, tuple[str, ...]] = {}
    for number, (request, test, setup) in enumerate(zip(requests, tests, setups, strict=True)):
        part, trial = _part(request, test, setup, space, number, threads, take_part, say)
        parts.append(part)
        trials.append(trial)
        contents |= _contents(request, setup)
    n = sum(part.people.n for part in parts)
    say(f"simulating {n:,} customers who could have taken part, under each arm")
    seed = requests[0].seed
    wanted = together([part.wanted for part in parts])
    searched = search(
        Trials(tuple(trials)), wanted, contents, seed=seed, waves=waves, show=show
    )  # fmt: skip
    return FittedTest(
        tuple(parts), space, searched, _profile(space, searched), _splits(parts, searched, say)
    )  # fmt: skip


def _splits(parts: Sequence[Part], searched: Searched, say: Say) -> tuple[Split, ...]:
    """Hold out further random parts, and fit the lifts to what is left, each anew.

    The simulated points are those of the first split: they say what lifts a point has, and nothing
    of what was found. Base rates and simulated customers are those of the first split too.
    """
    request = parts[0].request
    found = []
    for number in range(1, request.splits if request.held_out else 1):
        say(f"held-out part {number + 1} of {request.splits}")
        wanted, held = [], []
        for part in parts:
            halves = part.test.split(request.held_out, request.seed + 1000 * number)
            groups = of_moments(part.strata, _of_categories(part.test, part.setup))
            wanted.append(_found(halves[0], part.wanted.moments, groups, part.setup))
            held.append(_found(halves[1], part.wanted.moments, groups, part.setup))
        whole = together(wanted)
        found.append(Split(whole, together(held), searched.again(whole)))
    return tuple(found)


def _part(
    request: ExperimentRequest, test: RandomisedTest, setup: Setup, space: Space, number: int,
    threads: int, take_part: int, say: Say,
) -> tuple[Part, Trial]:  # fmt: skip
    """Fit one test's base rates, and make its customers ready to be simulated under its arms."""
    train, held = test, None
    if request.held_out:
        train, held = test.split(request.held_out, request.seed)
    known = _of_categories(test, setup)
    strata = make_strata(known, setup.currency)
    past = _past(train, setup)
    shares = [np.bincount(s.codes(past), minlength=len(s.labels)) / train.n for s in strata]
    base = _base(request, setup, train, strata, shares, threads, say)
    scenario = _large_enough(setup, base, take_part)
    people, weights, unlike = _people(request, setup, scenario, strata, shares, threads)
    groups = of_moments(strata, known)
    moments = tuple(
        replace(m, test=number) for m in moments_of(test, groups) if not m.is_base
    )  # fmt: skip
    part = Part(
        request=request, test=test, train=train, setup=setup, base=base, people=people,
        weights=weights, unlike=tuple(unlike), strata=tuple(strata),
        wanted=_found(train, moments, groups, setup),
        held=None if held is None else _found(held, moments, groups, setup),
        control=_control(train, moments, groups, setup),
    )  # fmt: skip
    trial = Trial(
        setup, space, scenario, people, weights.weights,
        {s.name: s.codes(people.past) for s in groups}, test.within_s, threads, test.arms[1:],
    )  # fmt: skip
    return part, trial


def _of_categories(test: RandomisedTest, setup: Setup) -> RandomisedTest:
    """Return the test with those categories alone that the scenario has."""
    return replace(test, bought={n: f for n, f in test.bought.items() if n in setup.categories})


def _past(test: RandomisedTest, setup: Setup) -> Past:
    return Past.of(_of_categories(test, setup))


def _found(
    test: RandomisedTest, moments: Sequence[Moment], groups: Sequence[Stratum], setup: Setup
) -> Found:
    past = _past(test, setup)
    return found_by(test, moments, {s.name: s.codes(past) for s in groups})


def _control(
    test: RandomisedTest, moments: Sequence[Moment], groups: Sequence[Stratum], setup: Setup
) -> Found:
    """Return the control arm's rates, of all and of the groups of the lifts."""
    seen = dict.fromkeys(replace(m, arm="") for m in moments)
    return _found(test, tuple(seen), groups, setup)


def _base(
    request: ExperimentRequest, setup: Setup, train: RandomisedTest, strata: Sequence[Stratum],
    shares: Sequence[Floats], threads: int, say: Say,
) -> BaseRates:  # fmt: skip
    """Fit the control arm's rates, and say how far off each round is."""
    wanted = {o: float(y[train.arm == 0].mean()) for o, y in train.outcomes.items()}
    if not any(wanted.values()):
        raise DataError(
            f"no customer of the control arm {train.arms[0]!r} has a "
            f"{' or '.join(wanted)}: base rates can't be fitted",
            file=request.table,
        )
    say("simulating without messages (kernels are compiled once a version, two to three minutes)")

    def tell(number: int, misfit: Mapping[str, float]) -> None:
        errors = ", ".join(f"{o} {100 * e:+.1f}%" for o, e in misfit.items())
        say(f"base rates, round {number}: {errors}")

    usable, of_them = [], []
    for stratum, share in zip(strata, shares, strict=True):
        if stratum.name != "history":  # one round's customers spend as the scenario has it
            usable.append(stratum)
            of_them.append(share)
    return fit_base(
        setup, wanted, usable, of_them, within_s=train.within_s, threads=threads,
        seed=request.seed, tell=tell,
    )  # fmt: skip


def _large_enough(setup: Setup, base: BaseRates, take_part: int) -> Scenario:
    """Return the scenario with fitted base rates, and customers of whom enough take part."""
    share = base.take_part / setup.scenario.population.customers
    customers = int(min(max(take_part / max(share, 1e-4), _FEWEST), _MOST))
    scenario = setup.scenario.changed(base.base.patch(setup.scenario, setup.landing))
    return scenario.with_customers(customers)


def _people(
    request: ExperimentRequest, setup: Setup, scenario: Scenario, strata: Sequence[Stratum],
    shares: Sequence[Floats], threads: int,
) -> tuple[People, Weighted, list[str]]:  # fmt: skip
    """Return simulated customers who could have taken part, weighed to be like the table's."""
    people = find_people(setup, scenario, seeds=(request.seed,), threads=threads)
    names = [s.name for s in strata]
    codes = [s.codes(people.past) for s in strata]
    weights, unlike = rake_what_can(names, codes, shares) if strata else (
        Weighted(np.ones(people.n), float(people.n), 0.0, ()), []
    )  # fmt: skip
    return people, weights, unlike


def _contents(request: ExperimentRequest, setup: Setup) -> dict[str, tuple[str, ...]]:
    """Return what each arm's message may show: as told, else its name's category or everything."""
    told = {pair.partition("=")[0].strip() for pair in request.content}
    found: dict[str, tuple[str, ...]] = {}
    for arm, content in setup.content.items():
        if arm in told or content == EVERYTHING:
            found[arm] = (content,)
        else:
            found[arm] = (content, EVERYTHING)
    return found


def _profile(space: Space, searched: Searched) -> Profile:
    """Return how well the lifts can be met where the two are held that they don't tell apart."""
    places = space.index(CREATED), space.index(NEED)
    grid = np.array(_GRID)
    values = profile(searched.problem, searched.draws.mode, places, (grid, grid))
    created, need = (space.fitted[i] for i in places)
    return Profile(
        created=tuple(created.value(u) for u in _GRID), need=tuple(need.value(u) for u in _GRID),
        worse=values,
    )  # fmt: skip
