"""What a team says of its shop before there is a file of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from omnilab.errors import OptionError
from omnilab.parameters.quantity import DAY, parse_name
from omnilab.scenario.part import SHOWN_WORDS
from omnilab.scenario.preset import preset_data

__all__ = ["LATER", "Answers"]

#: Channels over which plain messages go, the cheapest first.
WRITTEN: Final = ("push", "email", "messenger", "sms")
#: Those of them that cost next to nothing and press nobody.
CHEAP: Final = ("push", "email", "messenger")
#: The dearest of them, for what nothing else has reached; it needs a number.
TEXT: Final = "sms"
#: A channel of messages that is too slow for a cart: only for who stays away, or where it is alone.
LATER: Final = "mail"
#: Channels that people come to, the likeliest goal of a link first.
VISITED: Final = ("web", "app", "store", "marketplace", "call", "social")
#: Those of which a cart is known.
ONLINE: Final = ("web", "app")
#: Where a shop with texts asks for a number: at its own tills, first those of which it has most.
TILLS: Final = (*ONLINE, "store")
#: A need later than this falls out of a year's run.
LATEST_WIN_BACK_S: Final = 180 * DAY


@dataclass(frozen=True, slots=True)
class Answers:
    """What a team says of its shop.

    Parameters
    ----------
    name
        Of the plan, and of its file.
    sells
        What is sold, in words: the one category has its name from them.
    every_s
        Mean time between two needs of a customer, seconds.
    spend
        Mean amount of an order, in `currency`.
    currency
        Three letters.
    margin, returns
        Shares of an order's amount and of the orders, 0..1.
    channels
        Names of shipped channels, each once.
    customers
        How many are simulated.

    Raises
    ------
    OptionError
        If what is sold has a name with another meaning, nobody could come by or be written to, or
        a channel lacks its other half.
    """

    name: str
    sells: str
    every_s: int
    spend: float
    currency: str
    margin: float
    returns: float
    channels: tuple[str, ...]
    customers: int

    def __post_init__(self) -> None:
        try:
            parse_name(self.category)
        except ValueError as error:
            raise OptionError(f"--sells: {error}") from None
        if self.category in SHOWN_WORDS:
            raise OptionError(f"--sells {self.sells}: a message's `shows` has this word already")
        if not self.visited:
            raise OptionError(f"--channels: nobody can come by: add one of {', '.join(VISITED)}")
        if not self.written:
            one_of = ", ".join((*WRITTEN, LATER))
            raise OptionError(f"--channels: nobody can be written to: add one of {one_of}")
        for channel, other in (("push", "app"), ("social_ad", "web")):
            if channel in self.channels and other not in self.channels:
                raise OptionError(f"--channels: {channel} reaches who uses {other}: add {other}")

    @property
    def category(self) -> str:
        """The category's name."""
        return "_".join(self.sells.lower().split())

    @property
    def visited(self) -> tuple[str, ...]:
        """The channels that people come to."""
        return tuple(name for name in VISITED if name in self.channels)

    @property
    def written(self) -> tuple[str, ...]:
        """The channels over which messages go, the cheapest first."""
        written = tuple(name for name in WRITTEN if name in self.channels)
        return written or ((LATER,) if LATER in self.channels else ())

    @property
    def cheap(self) -> tuple[str, ...]:
        """The one or two channels for whoever gets news: texts are too dear, but where alone."""
        return tuple(name for name in CHEAP if name in self.channels)[:2] or self.written[:1]

    @property
    def urgent(self) -> tuple[str, ...]:
        """The channels for a cart, each where the one before was not opened, a text at the end."""
        first = (self.cheap[0], *(name for name in self.written if name != self.cheap[0]))[:2]
        has_text = TEXT in self.written and TEXT not in first
        return (*first, TEXT) if has_text else first

    @property
    def asked_for_phones(self) -> tuple[str, ...]:
        """The channels where a shop that sends texts asks for a number, as their presets do not."""
        return tuple(name for name in TILLS if name in self.channels and TEXT in self.channels)

    @property
    def win_back_s(self) -> int:
        """How long a customer stays away before it is noticed: half as long again as is usual."""
        usual = self.every_s * 3 // 2
        return min(max(DAY, usual - usual % DAY), LATEST_WIN_BACK_S)

    @property
    def has_carts(self) -> bool:
        """Whether the brand sees carts."""
        return any(name in self.channels for name in ONLINE)

    @property
    def has_continuity(self) -> bool:
        """Whether a customer with a cart can go on elsewhere."""
        return self.has_carts and len(self.visited) > 1

    def silos_of(self, *channels: str) -> list[str]:
        """Return the silos of channels, each once."""
        return list(dict.fromkeys(preset_data("channels", name)["silo"] for name in channels))

    def relinked(self) -> dict[str, tuple[str, str]]:
        """Return, of channels whose links would lead where nobody is, the side and a new place."""
        found = {}
        for name in self.channels:
            for side, keys in preset_data("channels", name).items():
                if isinstance(keys, dict) and keys.get("landing", name) not in self.channels:
                    found[name] = (side, self.visited[0])
        return found
