"""What a user says of how credit is to be given, read and checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from omnilab.attribution.measuring import Measuring
from omnilab.attribution.models import MODELS
from omnilab.errors import OptionError, nearest
from omnilab.experiment.channel_twins import chosen_channels
from omnilab.experiment.crediting import Asked
from omnilab.parameters.quantity import parse_duration, parse_share

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["CONSENT", "HALF_LIFE", "LOOKBACK", "MATCH", "read_asked"]

# A: assumptions. The lookback is what tools offer first, the half life Google's old model's.
LOOKBACK, HALF_LIFE, CONSENT = "30d", "7d", "100%"
#: V: the middle of the 30% to 80% that MATCHRATE has.
MATCH = "55%"


def read_asked(
    strategy: LoadedStrategy, scenario: Scenario, *, channels: Sequence[str] = (),
    models: Sequence[str] = (), lookback: str = LOOKBACK, half_life: str = HALF_LIFE,
    utm: bool = True, call_tracking: bool = True, views: bool = False, consent: object = CONSENT,
    match: object = MATCH, twins: bool = True,
) -> Asked:  # fmt: skip
    """Return how credit is given.

    Parameters
    ----------
    strategy, scenario
        What is run.
    channels
        Those to try without; all that the strategy uses by default.
    models
        Their names; all by default.
    lookback, half_life
        Durations as a scenario file has them.
    utm, call_tracking, views, twins
        As `omnilab.attribution.measuring.Measuring` and `Asked` have them.
    consent
        A share as a scenario file has it.
    match
        A share for all ad platforms, or several texts: one share, and ``CHANNEL=SHARE`` for single
        ones. One of which neither this nor the channel's own `match` says a share has the former.

    Raises
    ------
    OptionError
        What is wrong, in one line, with the option.
    """
    for name in models:
        if name not in MODELS:
            hint = nearest(name, MODELS) or f"; there are {', '.join(MODELS)}"
            raise OptionError(f"--model: there is no model of credit {name!r}{hint}")
    match_for_all, matches = _matches(scenario, match)
    return Asked(
        channels=chosen_channels(strategy, scenario, tuple(channels)),
        models=tuple(m for m in MODELS if m in models) if models else tuple(MODELS),
        lookback=_duration("--lookback", lookback),
        half_life=_duration("--half-life", half_life),
        measuring=Measuring(
            utm=utm, call_tracking=call_tracking, views=views, consent=_share("--consent", consent)
        ),
        match=match_for_all,
        matches=matches,
        twins=twins,
    )


def _matches(scenario: Scenario, match: object) -> tuple[float, dict[str, float]]:
    """Return the share whom ad platforms find, and by channel of ads where it is another.

    A channel that writes to uploaded audiences says itself whom its platform finds, and the option
    says it against that.
    """
    ads = {c.name: c.message for c in scenario.channels if c.message and c.message.ad}
    found = {name: side.match for name, side in ads.items() if side.match < 1.0}
    shares: list[object] = []
    for one in match if isinstance(match, list | tuple) else (match,):
        name, equals, share = one.partition("=") if isinstance(one, str) else ("", "", one)
        if not equals:
            shares.append(one)
        elif name not in ads:
            hint = nearest(name, ads) or (f"; there are {', '.join(ads)}" if ads else "")
            raise OptionError(f"--match: no ads are shown on {name!r}{hint}")
        else:
            found[name] = _share("--match", share)
    if len(shares) > 1:
        raise OptionError(
            f"--match: {shares[0]} and {shares[1]} for all platforms: write CHANNEL=SHARE for one"
        )
    return _share("--match", shares[0] if shares else MATCH), found


def _duration(option: str, text: str) -> int:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise OptionError(f"{option}: {error}") from None


def _share(option: str, value: object) -> float:
    try:
        return parse_share(value)
    except ValueError as error:
        raise OptionError(f"{option}: {error}") from None
