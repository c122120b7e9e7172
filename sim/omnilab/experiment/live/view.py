"""What a brand would read off its own live test: its profiles are not persons.

A brand draws arms for profiles and books orders on profiles. A person in two profiles may be in
both arms, and an order whose buyer nobody knows is in none. So the brand's difference is smaller
than the true one. By how much follows in closed form from the twins: let ``D_i`` be what the
strategy is worth with person ``i``, ``w_iq`` the share of the person's messages that go to profile
``q``, and ``v_iq`` the share of the person's orders that are booked on it. With an effect in
proportion to the share of messages from the strategy's arm, and arms drawn for each profile by
itself, what an arm's profiles have more than the other's is in the mean::

    sum_i D_i sum_q w_iq v_iq,    where the truth is    sum_i D_i

Only the profiles of one and the same person meet in the inner sum. Strangers joined in one profile
share its arm, which moves neither sum.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from omnilab.log.rows import IDENTIFIER, MERGE, ORDER, SENT, of_kind

__all__ = ["View", "brand_view", "kept_share", "profile_shares"]

HOUR = 3600
#: A profile: its cell, and its serial there.
Profile = tuple[int, int]
#: Profile -> share; what belongs to no profile is missing to 1.
Shares = Mapping[Profile, float]


@dataclass(frozen=True)
class View:
    """What a brand would see of a test.

    Attributes
    ----------
    kept
        The brand's difference as a share of the true one, 1 where nothing is lost; None where the
        truth is 0.
    truth
        The true difference a person, of the customers that were looked at.
    several
        Share of the persons with messages that get them as several profiles.
    unknown
        Share of the orders whose buyer the brand does not know.
    customers
        That were looked at.
    """

    kept: float | None
    truth: float
    several: float
    unknown: float
    customers: int


def kept_share(
    worth: Mapping[int, float], sent: Mapping[int, Shares], booked: Mapping[int, Shares]
) -> float | None:
    """Return the brand's difference as a share of the true one.

    Parameters
    ----------
    worth
        Person -> what the strategy is worth with it.
    sent, booked
        Person -> share of its messages, and of its orders, by profile. Who has no orders at all is
        booked where its messages went: what it costs is known there.
    """
    truth = sum(worth.values())
    if truth == 0.0:
        return None
    seen = 0.0
    for person, value in worth.items():
        to = sent.get(person, {})
        at = booked.get(person, to)
        seen += value * sum(share * at.get(own, 0.0) for own, share in to.items())
    return seen / truth


def brand_view(logs: Iterable[Any], worth: Mapping[int, float], cells: Any, *, start: int) -> View:
    """Return what a brand would see.

    Parameters
    ----------
    logs
        Of the strategy, and of the reference, whose messages and orders count for persons whom the
        strategy itself does not write to.
    worth
        Person -> what the strategy is worth with it, for all persons.
    cells
        Cell of each person, shape ``(n_persons,)``: profiles are numbered in each cell anew.
    start
        Of the window, seconds.
    """
    sent: dict[int, Shares] = {}
    booked: dict[int, Shares] = {}
    orders = unknown = 0
    for number, log in enumerate(logs):
        to, at, all_orders, lost = profile_shares(log, cells, start)
        if number == 0:
            orders, unknown = all_orders, lost
        # Profiles have other serials under another strategy, so each person's are of one log: of
        # the first with messages and orders, else of the first with messages.
        for person, shares in to.items():
            if person not in sent or (person not in booked and person in at):
                sent[person] = shares
                if person in at:
                    booked[person] = at[person]
    several = sum(len(shares) > 1 for shares in sent.values())
    return View(
        kept_share(worth, sent, booked), sum(worth.values()) / max(1, len(worth)),
        several / max(1, len(sent)), unknown / max(1, orders), len(worth),
    )  # fmt: skip


def profile_shares(
    log: Any, cells: Any, start: int
) -> tuple[dict[int, dict[Profile, float]], dict[int, dict[Profile, float]], int, int]:
    """Return shares of messages and of orders by person and profile; all orders, and unknown ones.

    A profile that was merged counts as the one that survived. An order is booked on the profile
    that the person was last taken for within the hour before it.
    """
    last = _survivors(log, cells)
    sent = of_kind(log, SENT)
    to: dict[int, dict[Profile, float]] = defaultdict(lambda: defaultdict(float))
    for person, profile, time in _columns(sent, "person", "profile", "time"):
        if time >= start and profile >= 0:
            own = (int(cells[person]), profile)
            to[person][last.get(own, own)] += 1.0
    shown: dict[int, list[tuple[int, Profile]]] = defaultdict(list)
    for person, profile, time in _columns(of_kind(log, IDENTIFIER), "person", "profile", "time"):
        if profile >= 0:
            own = (int(cells[person]), profile)
            shown[person].append((time, last.get(own, own)))
    at: dict[int, dict[Profile, float]] = defaultdict(lambda: defaultdict(float))
    number: dict[int, int] = defaultdict(int)
    known = 0
    for person, time in _columns(of_kind(log, ORDER), "person", "time"):
        if time < start:
            continue
        number[person] += 1
        near = [(t, q) for t, q in shown.get(person, ()) if time - HOUR <= t <= time]
        if near:
            known += 1
            at[person][max(near)[1]] += 1.0
    whole = sum(number.values())
    booked = {p: {q: n / number[p] for q, n in at.get(p, {}).items()} for p in number}
    shares = {p: {q: n / sum(qs.values()) for q, n in qs.items()} for p, qs in to.items()}
    return shares, booked, whole, whole - known


def _columns(rows: Any, *names: str) -> Iterable[tuple[int, ...]]:
    return zip(*(rows[name].tolist() for name in names), strict=True)


def _survivors(log: Any, cells: Any) -> dict[Profile, Profile]:
    """Return by profile the one that it became."""
    rows = _columns(of_kind(log, MERGE), "person", "survivor", "absorbed")
    merged = {(int(cells[p]), old): (int(cells[p]), new) for p, new, old in rows}
    return {own: _end(merged, own) for own in merged}


def _end(merged: Mapping[Profile, Profile], own: Profile) -> Profile:
    seen = set()
    while own in merged and own not in seen:
        seen.add(own)
        own = merged[own]
    return own
