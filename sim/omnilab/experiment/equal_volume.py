"""Equal volume: whether a win survives when both strategies send as many messages.

Of two strategies that differ in volume, derived ones are made that do not, in two ways:

- *by cap*: the one that sends more gets a longer cap period, so that what falls is what the cap
  drops: the messages that come last, of whatever journey (and of low priority, where journeys have
  priorities);
- *by type*: of each journey, the one that sends more of it leaves it out for a share of the
  profiles, so that both send as many messages of each type.

The period and the shares are solved on a part of the same customers
(`omnilab.experiment.equal_solving`), and the derived strategies run beside the others, so that all
differences are paired. How near the volumes came is reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from omnilab.errors import OptionError, StrategyError, nearest
from omnilab.experiment.differences import reference_among
from omnilab.experiment.equal_solving import NEAR, CapSearch, Pilot, TypeSearch
from omnilab.experiment.match import Beside
from omnilab.experiment.request import Say, silent

if TYPE_CHECKING:
    from omnilab.experiment.match import Match
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy
    from omnilab.world.model import Model

__all__ = ["STANDING", "Equal", "beside_of", "derive", "equal_of", "parse_pair", "standing_pair"]

MAIN_PAIR: Final = "main"  # how a user calls the usual two
#: Customers that the derived strategies run on where nobody asked for equal volume.
STANDING: Final = 10_000
_ROUNDS: Final = 3  # of several guesses at once


def parse_pair(
    text: str, names: Sequence[str], scenario: Scenario, against: str | None = None
) -> tuple[str, str]:
    """Return the two strategies whose volumes are to be equal; the second is the reference.

    Parameters
    ----------
    text
        ``A,B``, or ``main`` for omnichannel, or the first other, and the reference.
    names
        Of the strategies that are compared.
    scenario, against
        As the reference is chosen.

    Raises
    ------
    OptionError
        If there are not two such strategies.
    """
    option = f"--equal-volume {text!r}"
    if text.strip() == MAIN_PAIR:
        if len(names) < 2:
            raise OptionError(f"{option}: takes two strategies, and there is one")
        main = standing_pair(names, scenario, against)
        if main is None:
            raise OptionError(f"{option}: no_contact sends nothing; name two others")
        return main
    pair = [part.strip() for part in text.split(",")]
    if len(pair) != 2 or pair[0] == pair[1]:
        raise OptionError(f"{option}: name two strategies, such as omnichannel,multichannel")
    for name in pair:
        if name not in names:
            hint = nearest(name, names) or f"; there are {', '.join(names)}"
            raise OptionError(f"{option}: no strategy {name!r} in this comparison{hint}")
    return pair[0], pair[1]


def standing_pair(
    names: Sequence[str], scenario: Scenario, against: str | None = None
) -> tuple[str, str] | None:
    """Return the two main strategies, the second the reference; None where one sends nothing."""
    reference = reference_among(names, scenario.brand.status_quo, against)
    others = [n for n in names if n not in (reference, "no_contact")]
    if reference in (None, "no_contact") or not others:
        return None
    return min(others, key=lambda n: n != "omnichannel"), str(reference)


@dataclass(frozen=True)
class Equal:
    """Which two strategies are to be of equal volume.

    Attributes
    ----------
    pair
        Their names; the second is the reference.
    asked
        Whether somebody asked for it: then on all customers, else on `STANDING` at most; and then
        a strategy that fails on the pilot's is an error, else it fails later by itself.
    """

    pair: tuple[str, str]
    asked: bool = True


def equal_of(
    text: str | None, names: Sequence[str], scenario: Scenario, against: str | None, *, quick: bool
) -> Equal | None:
    """Return whose volumes a comparison makes equal: those asked for, else the main two.

    Parameters
    ----------
    text, names, scenario, against
        As `parse_pair` takes them; None if nobody asked.
    quick
        Whether checks that nobody asked for are left out.

    Raises
    ------
    OptionError
        If there are not the two strategies that were asked for, or it is asked for and left out.
    """
    if text is None:
        pair = None if quick else standing_pair(names, scenario, against)
        return None if pair is None else Equal(pair, asked=False)
    if quick:
        raise OptionError("--equal-volume and --quick: the second leaves the first out; give one")
    return Equal(parse_pair(text, names, scenario, against))


def beside_of(
    equal: Equal,
    scenario: Scenario,
    strategies: Sequence[LoadedStrategy],
    model: Model,
    *,
    seed: int = 1,
    threads: int = 1,
    progress: Say | None = None,
) -> Beside | None:
    """Return what runs beside a comparison; None where one of the two fails and nobody asked.

    The parameters are those of `derive`.
    """
    try:
        matches = derive(
            scenario, strategies, equal.pair, model, seed=seed, threads=threads, progress=progress
        )
    except StrategyError:
        if equal.asked:
            raise
        return None
    return Beside(equal.pair, matches, None if equal.asked else STANDING)


def derive(
    scenario: Scenario,
    strategies: Sequence[LoadedStrategy],
    pair: tuple[str, str],
    model: Model,
    *,
    seed: int = 1,
    threads: int = 1,
    progress: Say | None = None,
) -> tuple[Match, ...]:
    """Make the strategies of equal volume, by cap and by type.

    Parameters
    ----------
    scenario
        With the customers of the run.
    strategies
        Those that are compared.
    pair
        From `parse_pair`.
    model
        The scenario's, calibrated.
    seed, threads, progress
        Of the run. The same run gives the same matches, whatever engine it has.

    Raises
    ------
    StrategyError
        If one of the two fails on the pilot's customers.
    """
    say = progress or silent
    what = f"equal volume: solving for {' and '.join(pair)}"
    say(what, 0.0)
    by_name = {s.name: s for s in strategies}
    two = [by_name[name] for name in pair]
    pilot = Pilot(scenario, model, seed, threads)
    found = pilot.run(two)
    first, second = (found[name].volume for name in pair)
    searches: list[CapSearch | TypeSearch] = []
    if abs(first - second) > NEAR * max(first, second):
        searches.append(CapSearch(pilot, two, found))
    types = TypeSearch(pilot, two, found)
    if types.apart:
        searches.append(types)
    for number in range(_ROUNDS if searches else 0):
        say(what, (number + 1) / (_ROUNDS + 1))
        found = pilot.run([s for search in searches for s in search.guesses(number)])
        for search in searches:
            search.take(found)
    return tuple(search.match() for search in searches)
