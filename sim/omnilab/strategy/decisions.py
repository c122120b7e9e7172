"""What passes between the engine and a strategy's hooks: columns in, columns out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from omnilab.errors import nearest
from omnilab.log.act_kinds import ACTS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["EVENT_KINDS", "Choices", "Decisions", "Events"]

Bools: TypeAlias = npt.NDArray[np.bool_]
Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]
Names: TypeAlias = npt.NDArray[np.str_]

#: What `learn` is told of; `Events.kind` counts in this order.
EVENT_KINDS: Final = (
    "sent", "delivered", "bounce", "open", "click", "unsubscribe", "order", "reply", "accept",
    "redeem", *ACTS,
)  # fmt: skip


class _Table:
    """Equally long read-only columns; some have one more axis, over channels."""

    columns: ClassVar[Mapping[str, str]]  # name -> dtype; a leading * has the axis over channels
    of_goods: ClassVar[tuple[str, ...]] = ()  # booleans with one more axis, over goods
    #: Name -> the field with the names over which its further axis goes; most are booleans.
    by_name: ClassVar[Mapping[str, str]] = {}

    @staticmethod
    def _without(name: str, shape: tuple[int, int]) -> npt.NDArray[Any]:
        """Return a column of `by_name` that was not given."""
        if name == "arm":
            return np.full(shape, -1, np.int64)
        return np.zeros(shape, np.float64 if name == "progress" else np.bool_)

    def _freeze(self, n_channels: int) -> None:
        n = len(np.asarray(getattr(self, next(iter(self.columns)))))
        for name, names in self.by_name.items():
            given, wide = getattr(self, name), (n, len(getattr(self, names)))
            column = self._without(name, wide) if given is None else np.asarray(given).view()
            if column.shape != wide:
                raise ValueError(f"{name} has shape {column.shape}, expected {wide}")
            column.setflags(write=False)
            object.__setattr__(self, name, column)
        for name, dtype in self.columns.items():
            column = np.asarray(getattr(self, name), dtype=dtype.lstrip("*")).view()
            shape = (n, n_channels) if dtype.startswith("*") else (n,)
            if column.shape != shape:
                raise ValueError(f"{name} has shape {column.shape}, expected {shape}")
            column.setflags(write=False)
            object.__setattr__(self, name, column)

    def __len__(self) -> int:
        return len(getattr(self, next(iter(self.columns))))

    def take(self, rows: Any) -> Self:
        """Return the table of some rows, in the order given.

        Parameters
        ----------
        rows
            Whole numbers, a mask of shape (n,), or a slice.
        """
        picked = {name: getattr(self, name)[rows] for name in (*self.columns, *self.by_name)}
        return replace(self, **picked)  # type: ignore[type-var]


@dataclass(frozen=True, eq=False)
class Decisions(_Table):
    """Messages that are due now, for `decide` to send or not and to put on a channel.

    One row a message, n rows; batches come in any size and order, so the answer for a row must
    not depend on the other rows. All columns are read-only NumPy arrays. Channels and categories
    are numbers in the order of ``channel_names`` and ``Brand.categories``.

    Parameters
    ----------
    time_s
        Seconds since the scenario's start, shape (n,).
    profile
        The brand's id of the profile, opaque: nothing about the person can be read off it.
    journey, step
        Which journey, as an index into ``journey_names``, and which of its steps, from 0.
    offer
        Discount that the message carries, 0 to 1.
    category
        Category of the cart or of what triggered the copy, -1 unknown.
    allowed
        Channels that address, consent, cap and quiet hours leave, shape (n, n_channels). To ask
        for another one is an error.
    default
        The channel that is used where the answer names none, -1 none.
    received, answered
        Messages to the profile by channel so far and those opened or clicked, shape
        (n, n_channels).
    orders
        Orders that the sender can see.
    days_since_order, days_since_seen
        Days since the last order and since the profile was last seen, NaN where never.
    last_channel
        Where the profile was last seen, -1 nowhere.
    cart_cents
        Worth of the open cart that the sender can see, cents, 0 none.
    points
        Loyalty points of the profile that the sender can see.
    tier
        The profile's tier as the sender sees it, an index into ``tier_names``; -1 where it sees
        none.
    balance_cents, spent_cents
        Cents on the profile's card or account, and cents that it has paid in all, as far as the
        sender sees them; 0 without a programme (`brand.programme`).
    score
        The profile's score as the sender sees it (`brand.score`), 0 without one: the one that an
        answer gave last, else what the brand's weights make of its orders.
    last_viewed, last_bought
        Category that was looked at last, and that was ordered last, as far as the sender can see;
        -1 none.
    days_since_question
        Days since the profile last asked a question that the sender can see, NaN where never.
    last_device
        What the profile's last visit was made with that shows it: 0 computer, 1 phone, 2 tablet;
        -1 where none was.
    last_searched
        Category of what was last typed into the brand's own search box, as far as the sender can
        see it; -1 none.
    days_since_search
        Days since then, NaN where never.
    last_stars
        Stars of the last review that the profile left under an address, 1 to 5, as far as the
        sender can see it; 0 none.
    days_since_review
        Days since then, NaN where never.
    where
        Where the person is now, as the brand's app tells of who allows it, if the sender can see
        what the app has: 0 at home, 1 at work, 2 elsewhere, 3 at one of the brand's stores; -1
        unknown.
    gives
        The declared offer that the message gives of itself, an index into ``offer_names``: that of
        ``none`` where it brings nothing, and -1 where it brings a share off (``offer``).
    may_offer
        Whether the answer may give the message an offer: not a message of service.
    message_id
        Id of the message, the same in `Events`.
    journey_names, channel_names
        Names of the journeys of the strategy's plan and of the scenario's channels.
    offer_names
        Names of the scenario's declared offers (`brand.offers`), with ``none`` as the last, in the
        order in which `Choices` counts them.
    offers_given, offers_used
        Declared offers that were sent to the profile, and those that an order of it has used, as
        far as the sender can see it; booleans, shape (n, names), never true of ``none``. Who used
        one without showing who it is has used none as far as anybody sees, and no feed tells
        another tool of it.
    good_names
        Names of the scenario's goods, in the order of its categories.
    viewed, bought, searched
        Goods that the profile looked at, bought, and named in the search box, as far as the sender
        can see it; booleans, shape (n, n_goods).
    show_names, creative_names, theme_names
        Names of what a message can show (``generic``, ``cart``, ``viewed``, ``bought`` and the
        scenario's categories), of the brand's creatives (`brand.creatives`), and of its themes with
        ``none`` as the last, in the order in which `Choices` counts them.
    may_show, may_creative, may_theme
        Whether the answer may choose each of them for the message: what the step leaves open
        (`Message.leeway`), and nothing for a message of service; booleans, shape (n, names).
    tier_names, target_names
        Names of the programme's tiers, the lowest first, and of its targets.
    progress
        What counts towards each target as far as the sender sees it, as a share of what the target
        takes: 1 and above where it is reached; shape (n, targets).
    test_names, arm_names
        Names of the brand's split tests (`brand.tests`), and of the arms of each.
    arm
        The arm of each test that the message's copy has met on its way, an index into its names in
        ``arm_names``; -1 where it has met none; shape (n, tests).
    keeps_scores
        Whether the brand keeps the scores of an answer (`brand.score.decided`).
    act_names
        Names of the acts by which the brand gains a way to reach a person: ``leave_address``,
        ``follow``, ``install``, ``join``, ``request``, ``log_in``.
    did
        Acts that the profile has done as far as the sender can see it: where it did them, and where
        they handed over an address; booleans, shape (n, acts).
    """

    time_s: Integers
    profile: Integers
    journey: Integers
    step: Integers
    offer: Floats
    category: Integers
    allowed: Bools
    default: Integers
    received: Integers
    answered: Integers
    orders: Integers
    days_since_order: Floats
    days_since_seen: Floats
    last_channel: Integers
    cart_cents: Integers
    points: Integers
    tier: Integers
    balance_cents: Integers
    spent_cents: Integers
    score: Floats
    last_viewed: Integers
    last_bought: Integers
    days_since_question: Floats
    last_device: Integers
    last_searched: Integers
    days_since_search: Floats
    last_stars: Integers
    days_since_review: Floats
    where: Integers
    gives: Integers
    may_offer: Bools
    message_id: Integers
    journey_names: tuple[str, ...]
    channel_names: tuple[str, ...]
    offer_names: tuple[str, ...] = ()
    offers_given: Any = None
    offers_used: Any = None
    good_names: tuple[str, ...] = ()
    viewed: Any = None
    bought: Any = None
    searched: Any = None
    show_names: tuple[str, ...] = ()
    creative_names: tuple[str, ...] = ()
    theme_names: tuple[str, ...] = ()
    may_show: Any = None
    may_creative: Any = None
    may_theme: Any = None
    tier_names: tuple[str, ...] = ()
    target_names: tuple[str, ...] = ()
    progress: Any = None
    test_names: tuple[str, ...] = ()
    arm_names: tuple[tuple[str, ...], ...] = ()
    arm: Any = None
    keeps_scores: bool = False
    act_names: tuple[str, ...] = ACTS
    did: Any = None

    of_goods: ClassVar[tuple[str, ...]] = ("viewed", "bought", "searched")
    by_name: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(of_goods, "good_names"),
        "may_show": "show_names", "may_creative": "creative_names", "may_theme": "theme_names",
        "progress": "target_names", "arm": "test_names",
        "offers_given": "offer_names", "offers_used": "offer_names", "did": "act_names",
    }  # fmt: skip
    columns: ClassVar[Mapping[str, str]] = {
        "time_s": "i8", "profile": "i8", "journey": "i8", "step": "i8", "offer": "f8",
        "category": "i8", "allowed": "*?", "default": "i8", "received": "*i8", "answered": "*i8",
        "orders": "i8", "days_since_order": "f8", "days_since_seen": "f8", "last_channel": "i8",
        "cart_cents": "i8", "points": "i8", "tier": "i8", "balance_cents": "i8",
        "spent_cents": "i8", "score": "f8", "last_viewed": "i8", "last_bought": "i8",
        "days_since_question": "f8", "last_device": "i8", "last_searched": "i8",
        "days_since_search": "f8", "last_stars": "i8", "days_since_review": "f8", "where": "i8",
        "gives": "i8", "may_offer": "?", "message_id": "i8",
    }  # fmt: skip

    def __post_init__(self) -> None:
        """Make the columns read-only and refuse those of another length."""
        self._freeze(len(self.channel_names))

    def chance(self, n: int) -> Floats:
        """Return ``n`` uniforms a row for a strategy's own chances, 0 < u < 1, shape (rows, n).

        A row's numbers depend on its profile, message and step alone, so they are the same in any
        batch and when asked again, and others in each replication. A generator such as
        ``numpy.random``'s would make a row's answer depend on the rows before it.

        References
        ----------
        Steele, Lea and Flood (2014), "Fast splittable pseudorandom number generators", OOPSLA:
        the mixing function of SplitMix64.
        """
        word = self.step.astype(np.uint64) + np.uint64(1)
        for part in (self.message_id, self.profile):
            word = _mixed(word ^ part.astype(np.uint64))
        words = _mixed(word[:, None] + _GOLDEN * np.arange(1, n + 1, dtype=np.uint64))
        # 52 bits and a half, so that neither 0 nor 1 comes out.
        return ((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52

    def to_frame(self) -> pd.DataFrame:
        """Return a pandas DataFrame: names for journeys, a column a channel (``allowed_push``)."""
        import pandas as pd

        data: dict[str, Any] = {}
        for name, dtype in self.columns.items():
            column = getattr(self, name)
            if dtype.startswith("*"):
                data |= {f"{name}_{c}": column[:, i] for i, c in enumerate(self.channel_names)}
            else:
                data[name] = column
        data["journey"] = pd.Categorical.from_codes(self.journey, pd.Index(self.journey_names))
        return pd.DataFrame(data)


_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def _mixed(word: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return 64-bit words each of whose bits depends on all bits of the word given."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@dataclass(frozen=True, eq=False)
class Choices:
    """A strategy's answer to `Decisions`: send or not, over which channel, when, and what.

    Parameters
    ----------
    send
        Send the message now; the others are declined for good. Booleans, shape (n,).
    channel
        Channel by row, whole numbers, shape (n,); -1 for the default. Not looked at where nothing
        is sent. None: the default everywhere.
    offer
        Offer by row, shape (n,): an index into ``offer_names`` and -1 for the message's own, or
        names and "" for its own. ``none`` withholds what the message would bring, a declared offer
        or a share off: it goes out as one that was written without. None: its own everywhere.
    delay_s
        Seconds for which the message waits before it goes out, shape (n,), at most thirty days; up
        to the next tick of the brand's clock. It is not asked about again, and what stops its
        journey meanwhile stops it. None: nothing waits.
    goods
        Goods that the message recommends, booleans, shape (n, n_goods), at most four a row. Those
        who see the message, and the page that a click leads to, have them in sight. A row without
        any shows the message's own. None: their own everywhere.
    shows
        What the message shows by row, shape (n,): an index into ``show_names`` and -1 for the
        message's own, or names and "" for its own. The cart, and what was looked at and bought, is
        shown as far as the silo that sends sees it. The message's quality goes along, but not above
        the best of the scenario's own messages that show the same. None: its own everywhere.
    creative
        The message's creative by row, likewise of ``creative_names``; its quality is the
        scenario's. None: its own everywhere.
    theme
        The message's theme by row, likewise of ``theme_names``. None: its own everywhere.
    score
        The profile's score from now on, numbers from 0 to 100,000, shape (n,), also where nothing
        is sent; -1 leaves it as it is. Branches of journeys ask for it (``has: score``), as far as
        their team sees what the sender's knows. Only where ``keeps_scores``. None: as they are.
    """

    send: Bools
    channel: Integers | None = None
    offer: Integers | Names | None = None
    delay_s: Integers | None = None
    goods: Bools | None = None
    shows: Integers | Names | None = None
    creative: Integers | Names | None = None
    theme: Integers | Names | None = None
    score: Floats | None = None

    @classmethod
    def default(cls, pending: Decisions) -> Self:
        """Send everything over its default channel."""
        return cls(np.ones(len(pending), dtype=np.bool_))


@dataclass(frozen=True, eq=False)
class Events(_Table):
    """What came back since the last call of `learn`, in the order of time, for all profiles.

    Parameters
    ----------
    time_s
        Seconds since the scenario's start, shape (n,).
    kind
        Index into `EVENT_KINDS`; see `of_kind`.
    message_id
        The message that it is about, -1 for orders, redemptions and acts.
    channel
        Channel of the message, or of the visit with the order, the redemption or the act, index
        into ``channel_names``.
    journey
        Journey of the message, index into ``journey_names``, -1 where there is no message.
    profile
        The brand's id of the profile, as in `Decisions`.
    cents
        Paid for an order, and what a redemption takes off; 0 for others.
    journey_names, channel_names, good_names, offer_names
        As in `Decisions`.
    goods
        The goods of an order, booleans, shape (n, n_goods); none for others.
    offer
        Of a redemption (``redeem``) the declared offer that the order used, an index into
        ``offer_names``; -1 of a share off, and for others.

    Notes
    -----
    An order, a redemption and an act are told where the visit has shown the brand who it is; what
    nobody can be named for is told to nobody.
    """

    time_s: Integers
    kind: Integers
    message_id: Integers
    channel: Integers
    journey: Integers
    profile: Integers
    cents: Integers
    journey_names: tuple[str, ...]
    channel_names: tuple[str, ...]
    good_names: tuple[str, ...] = ()
    goods: Any = None
    offer: Any = None
    offer_names: tuple[str, ...] = ()

    of_goods: ClassVar[tuple[str, ...]] = ("goods",)
    by_name: ClassVar[Mapping[str, str]] = {"goods": "good_names"}
    columns: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("time_s", "kind", "message_id", "channel", "journey", "profile", "cents", "offer"), "i8"
    )
    kind_names: ClassVar[tuple[str, ...]] = EVENT_KINDS

    def __post_init__(self) -> None:
        """Make the columns read-only and refuse those of another length."""
        if self.offer is None:
            object.__setattr__(self, "offer", np.full(len(np.asarray(self.time_s)), -1))
        self._freeze(len(self.channel_names))

    def of_kind(self, name: str) -> Bools:
        """Return the mask of one kind, such as ``click``, shape (n,).

        Raises
        ------
        LookupError
            If there is no such kind.
        """
        if name not in EVENT_KINDS:
            raise LookupError(f"no event kind {name!r}{nearest(name, EVENT_KINDS)}")
        return np.equal(self.kind, EVENT_KINDS.index(name))

    def to_frame(self) -> pd.DataFrame:
        """Return a pandas DataFrame with names for kinds and journeys."""
        import pandas as pd

        data: dict[str, Any] = {name: getattr(self, name) for name in self.columns}
        data["kind"] = pd.Categorical.from_codes(self.kind, pd.Index(EVENT_KINDS))
        data["journey"] = pd.Categorical.from_codes(self.journey, pd.Index(self.journey_names))
        return pd.DataFrame(data)
