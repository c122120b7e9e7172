"""A scorer that shares no line with omnilab's: dictionaries and loops, one question at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from statistics import mean

from omnilab.experiment.evidence.result import ClaimResult


def said(c: ClaimResult) -> str:
    if c.status != "simulated" or c.low is None or c.high is None:
        return "nothing"
    if c.zero_within is not None and abs(c.low) <= c.zero_within >= abs(c.high):
        return "0"
    if c.low == c.high == 0:
        return "0"
    return "+" if c.low > 0 else "-" if c.high < 0 else "nothing"


def size_is_asked(c: ClaimResult) -> bool:
    given = [x for x in (c.published_low, c.published_high) if x is not None]
    return c.kind == "size" and (
        bool(given) or c.published not in (None, 0.0)
        or (c.sign == "0" and c.zero_within is not None)
    )  # fmt: skip


def size_is_right(c: ClaimResult) -> bool:
    if c.status != "simulated":
        return False
    assert c.simulated is not None
    assert c.low is not None
    assert c.high is not None
    ends = [x for x in (c.published_low, c.published_high) if x is not None]
    size = abs(c.published) if c.published else 0.0
    if c.published is None and ends:
        size = abs(mean(ends))
    if size == 0 and c.zero_within:
        size = c.zero_within
    if size == 0 and len(ends) == 2:
        size = (ends[1] - ends[0]) / 2
    if size > 0 and c.high - c.low >= 2 * size:
        return False
    if ends:
        too_low = c.published_low is not None and c.high < c.published_low
        too_high = c.published_high is not None and c.low > c.published_high
        return not too_low and not too_high
    if c.published:
        a, b = sorted((c.published / 2, c.published * 2))
        return a <= c.simulated <= b
    assert c.zero_within is not None
    return c.high >= -c.zero_within and c.low <= c.zero_within


def over_studies(
    claims: Iterable[ClaimResult], right: Callable[[ClaimResult], bool]
) -> float | None:
    by_study: dict[str, list[bool]] = {}
    for c in claims:
        by_study.setdefault(c.study, []).append(right(c))
    return mean(mean(x) for x in by_study.values()) if by_study else None


def balanced(
    claims: list[ClaimResult], right: Callable[[ClaimResult], bool]
) -> float | None:  # fmt: skip
    shares = [over_studies([c for c in claims if c.sign == s], right) for s in ("+", "-", "0")]
    there = [s for s in shares if s is not None]
    return mean(there) if there else None


def pairs(
    claims: list[ClaimResult], right: Callable[[ClaimResult], bool], *, complete: bool
) -> float | None:
    by_study: dict[str, dict[str, list[ClaimResult]]] = {}
    for c in claims:
        if c.pair:
            by_study.setdefault(c.study, {}).setdefault(c.pair, []).append(c)
    shares = []
    for found in by_study.values():
        kept = [
            all(map(right, members))
            for members in found.values()
            if not complete or all(m.status == "simulated" for m in members)
        ]
        if kept:
            shares.append(mean(kept))
    return mean(shares) if shares else None


def scores(claims: list[ClaimResult], *, only_simulated: bool) -> dict[str, float | None]:
    """Return omnilab's and the baseline's shares by name."""
    kept = [c for c in claims if c.status == "simulated" or not only_simulated]
    sized = [c for c in kept if size_is_asked(c)]
    found = {}
    for who, right in (
        ("value", lambda c: said(c) == c.sign),
        ("baseline", lambda c: c.sign == "+"),
    ):
        found[f"signs {who}"] = over_studies(kept, right)
        found[f"balanced {who}"] = balanced(kept, right)
        found[f"pairs {who}"] = pairs(claims, right, complete=only_simulated)
    found["sizes value"] = over_studies(sized, size_is_right)
    found["sizes baseline"] = over_studies(sized, lambda _: False)
    return found
