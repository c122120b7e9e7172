"""What is counted of a strategy: sums by cell, groups, days, weeks, paths, the funnel, causes.

All tables are whole numbers that add up over cells, so that chunks and threads merge by adding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.kernels.bundle import Bundle
from omnilab.kernels.record import as_records, zeros_of
from omnilab.measure.catalogue import MEASURES
from omnilab.measure.clock import discount_factors, make_clock
from omnilab.measure.groups import N_KEYS, Grouping
from omnilab.measure.layout import (
    AD,
    CHANNEL_SUMS,
    JOURNEY_SUMS,
    N_SUMS,
    PEOPLE,
    PERSONA_SUMS,
    RUN_END,
    SEARCH,
    SUMS,
    WEEK_S,
    WINDOW_START,
    names_of,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omnilab.scenario.model import Scenario

__all__ = [
    "ADDED",
    "COLUMNS",
    "DAY_SUMS",
    "DUE",
    "DUE_SLOTS",
    "LEFT_CAUSES",
    "N_CUSTOMER",
    "N_STAGES",
    "OPT_OUTS",
    "PATH_SUMS",
    "STAGES",
    "WEEKLY",
    "Observed",
    "funnel_rows",
    "make_observed",
    "path_length",
    "path_name",
    "weeks_of",
]

DUE_SLOTS: Final = 64  # messages of a cell that are followed at once, to a person
_MOST_PATHS: Final = 1 << 14

#: Measures of persons without a column: each takes time, and these follow from others' columns.
_WITHOUT_COLUMN: Final = ("fixed_cost", "profit", "ltv_net", "ad_reach")
#: Measures of persons: the mean over all of them of a sum, so a customer has a column for each.
COLUMNS: Final = tuple(
    n for n, m in MEASURES.items() if m.denominator[0][0] == "persons" and n not in _WITHOUT_COLUMN
)

#: A customer's columns before those of `COLUMNS`: keys, then these.
JOURNEYS, CHANNELS, DELIVERED, OPENED, CLICKED = range(N_KEYS, N_KEYS + 5)
VALUES: Final = N_KEYS + 5
N_CUSTOMER: Final = VALUES + len(COLUMNS)

#: A message that is due, from its first row on.
DUE: Final = np.dtype(
    [
        ("message", "i8"),  # its id and 1; 0 empty
        ("stage", "i1"),  # how far it came, -1 not decided yet
        ("segment", "i1"),
        ("flags", "i1"),
        ("unused", "i1"),
        ("journey", "i2"),
        ("channel", "i2"),  # of its first send, or where it was held or skipped; -1
    ]
)
DUE_HELD: Final = 1
DUE_NO_CONSENT: Final = 2

#: Where a due message ends, in the order of a send; each message at exactly one.
STAGES: Final = (
    ("control", "In the control group, which gets no messages."),
    ("no_address", "No channel of it had an address."),
    ("no_consent", "Some channel had an address, but none of them permission."),
    ("held_to_the_end", "Held by the quiet hours until the window was over."),
    ("converted", "What it was for happened before it was sent."),
    ("declined", "The strategy's own `decide` said no."),
    ("suppressed", "The customer had said stop."),
    ("bought_lately", "Left out, since its sender knew of a recent order."),
    ("capped", "The frequency cap."),
    ("no_money", "No budget could pay it."),
    ("not_shown", "An ad platform showed it nowhere."),
    ("bounced", "Sent, on all its channels in vain."),
    ("not_opened", "Delivered, not opened; of an ad: shown, not clicked."),
    ("opened", "Opened, not clicked."),
    ("clicked", "Clicked."),
)
(CONTROL, NO_ADDRESS, NO_CONSENT, HELD_TO_THE_END, CONVERTED, DECLINED, SUPPRESSED, BOUGHT_LATELY,
 CAPPED, NO_MONEY, NOT_SHOWN, BOUNCED, NOT_OPENED, OPENED_STAGE,
 CLICKED_STAGE) = range(len(STAGES))  # fmt: skip
N_STAGES: Final = len(STAGES)
N_SEGMENTS: Final = 4

#: By day since the window's start; LTV to the run's end, all else of the window.
DAY_SUMS: Final = np.dtype(
    [
        ("orders", "i8"),
        ("new_buyers", "i8"),  # persons whose first order in the window it is
        ("revenue", "i8"),  # cents, less refunds
        ("margin", "i8"),  # cents, less returns
        ("cost", "i8"),  # milli-cents
        ("ltv", "i8"),  # milli-cents
        ("sent", "i8"),
        ("delivered", "i8"),  # from here to the clicks: ads apart
        ("opens", "i8"),
        ("clicks", "i8"),
        ("opt_outs", "i8"),  # unsubscribes, spam reports and "stop all"
        ("visits", "i8"),
    ]
)
#: Of a cell by week, to be compared between strategies: whole sums and their order.
WEEKLY: Final = ("ltv", "orders", "new_buyers")

#: Of a path: needs that ended on it in the window, orders, cents paid.
PATH_SUMS: Final = ("needs", "orders", "revenue")
LEFT_CAUSES: Final = ("after an order", "bad service", "repeated steps", "spam",
                      "written to after stop all", "a return", "a wait",
                      "the good was out", "a late delivery", "an unknown code",
                      "of themselves", "woken by a message")  # fmt: skip
OPT_OUTS: Final = ("unsubscribe", "spam report", "stop all")


class Observed(Bundle):
    """The tables of one strategy, and what is needed to fill them."""

    clock: Any
    tables: Any  # 1 where all is kept; 0 leaves out customers, groups and the funnel
    discount: Any
    people: Any  # what is remembered of each person of a cell
    own: Any  # `SUMS` of each person of a cell
    own_flat: Any  # the same memory as integers
    used: Any  # places of the sums that a person has, in the person in work
    due: Any
    sums: Any  # by cell
    sums_flat: Any  # the same memory as integers
    by_channel: Any
    by_journey: Any
    by_persona: Any
    transitions: Any  # from the channel or the start, the last; to it, an order, a lost need
    ad: Any  # by channel: `AD` where it shows ads, `SEARCH` where its clicks are bought
    customers: Any  # one row a person of the chunk, `N_CUSTOMER` integers
    base: Any  # id of the chunk's first person
    terms: Any  # of `COLUMNS`: `MOST_TERMS` sums and their signs each
    group_first: Any  # of `Grouping`
    cohort_s: Any
    mix: Any
    devices: Any  # by channel: 1 where a computer or a phone is used
    only_channel: Any  # by silo: its one channel that messages go over, -1 where there are several
    path_base: Any  # channels and 1, and the paths' greatest length
    by_group: Any  # `SUMS` as integers
    by_day: Any
    by_week: Any  # by cell: `WEEKLY` of each week
    by_path: Any  # `PATH_SUMS`
    funnel: Any  # `N_STAGES` for each of `funnel_rows`
    left: Any  # by cause
    gave_up: Any  # from channel, at channel
    opted_out: Any  # by kind and journey


#: The tables that add up over cells.
ADDED: Final = ("by_group", "by_day", "by_path", "funnel", "left", "gave_up", "opted_out")


def make_observed(
    scenario: Scenario, persons: int, n_journeys: int, cells: int, *, tables: bool = True
) -> dict[str, Any]:
    """Return the arrays of `Observed` by name.

    Parameters
    ----------
    scenario
        What is simulated.
    persons
        How many are followed at once.
    n_journeys
        Of the largest plan.
    cells
        Cells of a chunk.
    tables
        Keep all; else there are sums by cell, channel, journey and persona, and the rest is of no
        meaning.
    """
    time = scenario.time
    start, end = time.burn_in, time.burn_in + time.window
    clock = make_clock(start, end, end + time.run_out)
    grouping, n = Grouping(scenario, n_journeys), len(scenario.channels)
    own, sums = np.zeros((persons, N_SUMS), np.int64), np.zeros((cells, N_SUMS), np.int64)
    devices = [int(c.visit is not None and c.visit.devices) for c in scenario.channels]
    length = path_length(n)
    return {
        "clock": clock,
        "tables": np.array([1 if tables else 0], np.int64),
        "discount": discount_factors(clock, scenario.discount_rate),
        "people": zeros_of(PEOPLE, persons),
        "own": as_records(own, SUMS).reshape(persons),
        "own_flat": own,
        "used": np.zeros(N_SUMS, np.int64),
        "due": zeros_of(DUE, persons * DUE_SLOTS),
        "sums": as_records(sums, SUMS).reshape(cells),
        "sums_flat": sums,
        "by_channel": zeros_of(CHANNEL_SUMS, n + 1),
        "by_journey": zeros_of(JOURNEY_SUMS, n_journeys + 1),
        "by_persona": zeros_of(PERSONA_SUMS, len(scenario.population.personas)),
        "transitions": np.zeros((n + 1, n + 2), np.int64),
        "ad": _what_channels_are(scenario),
        "customers": np.zeros((1, N_CUSTOMER), np.int64),
        "base": np.zeros(1, np.int64),
        "terms": _terms(),
        "group_first": grouping.first,
        "cohort_s": np.array([grouping.cohort_s], np.int64),
        "mix": grouping.mix,
        "devices": np.array([*devices, 0], np.int64),
        "only_channel": _only_channels(scenario),
        "path_base": np.array([n + 1, length], np.int64),
        "by_group": np.zeros((len(grouping), N_SUMS), np.int64),
        "by_day": zeros_of(DAY_SUMS, int(clock[4])),
        "by_week": np.zeros((cells, weeks_of(clock) * len(WEEKLY)), np.int64),
        "by_path": np.zeros((2 * (n + 1) ** length, len(PATH_SUMS)), np.int64),
        "funnel": np.zeros((len(funnel_rows(n_journeys, n)), N_STAGES), np.int64),
        "left": np.zeros(len(LEFT_CAUSES), np.int64),
        "gave_up": np.zeros((n + 1, n + 1), np.int64),
        "opted_out": np.zeros((len(OPT_OUTS), n_journeys + 1), np.int64),
    }


def funnel_rows(n_journeys: int, n_channels: int) -> list[tuple[str, int]]:
    """Return what each row of the funnel is of: the dimension, and the number there (-1 none)."""
    return [
        *(("journey", j) for j in [*range(n_journeys), -1]),
        *(("channel", c) for c in [*range(n_channels), -1]),
        *(("segment", s) for s in range(N_SEGMENTS)),
        *(("held", h) for h in range(2)),
    ]


def weeks_of(clock: NDArray[np.int64]) -> int:
    """Return the weeks from the window's start to the run's end, the last perhaps shorter."""
    return -(-int(clock[RUN_END] - clock[WINDOW_START]) // WEEK_S)


def path_length(n_channels: int) -> int:
    """Return how many channels of a path are told apart, 2 to 5: fewer where there are many."""
    length = 5
    while length > 2 and (n_channels + 1) ** length > _MOST_PATHS:
        length -= 1
    return length


def path_name(index: int, channels: list[str]) -> str:
    """Return a path as text, such as ``web > store``; "..." where it goes on."""
    base = len(channels) + 1
    whole = base ** path_length(len(channels))
    rest, names = index % whole, []
    while rest:
        names.append(channels[rest % base - 1])
        rest //= base
    return " > ".join([*reversed(names), *(["..."] if index >= whole else [])])


MOST_TERMS: Final = 4  # sums of a measure that a customer has a column of


def _terms() -> NDArray[np.int64]:
    """Return for each of `COLUMNS` the sums it is made of and their signs."""
    at = {name: i for i, name in enumerate(names_of(SUMS))}
    terms = np.zeros((len(COLUMNS), 2 * MOST_TERMS), np.int64)
    for row, name in zip(terms, COLUMNS, strict=True):
        parts = MEASURES[name].numerator
        assert len(parts) <= MOST_TERMS, name
        for i, (part, factor) in enumerate(parts):
            row[2 * i], row[2 * i + 1] = at[part], factor
    return terms


def _what_channels_are(scenario: Scenario) -> NDArray[np.int64]:
    """Return `AD` and `SEARCH` of each channel, and 0 for what has none."""
    kinds = [AD if c.message is not None and c.message.ad else 0 for c in scenario.channels]
    search = next((i for i, c in enumerate(scenario.channels) if c.search is not None), -1)
    if search >= 0:  # only the first is used
        kinds[search] |= SEARCH
    return np.array([*kinds, 0], np.int64)


def _only_channels(scenario: Scenario) -> NDArray[np.int64]:
    found = []
    for silo in scenario.silos:
        own = [i for i, c in enumerate(scenario.channels) if c.silo == silo and c.message]
        found.append(own[0] if len(own) == 1 else -1)
    return np.array([*found, -1], np.int64)
