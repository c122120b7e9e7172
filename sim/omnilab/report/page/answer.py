"""The answer in one sentence, with its interval and its doubt, and the numbers beside it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from math import erf, sqrt
from typing import Any, Final

from omnilab.report.equal import HEADLINE, verdict
from omnilab.report.figures.parts import title_of
from omnilab.report.locales import Numbers
from omnilab.report.page.parts import Parts
from omnilab.report.source import ORDER, Source

__all__ = ["answer", "sentence", "worlds_won"]

_VOLUME: Final = "messages_per_customer"
Row = Mapping[str, Any]


def answer(source: Source, parts: Parts) -> str:
    """Return the top of the page."""
    numbers = parts.style.numbers
    first, interval = sentence(source, numbers)
    if not source.rows("results"):
        between = f'<p class="between">{escape(interval)}</p>' if interval else ""
        return f'<p class="answer">{escape(first)}</p>{between}'
    doubts = "".join(f"<li>{escape(line)}</li>" for line in _doubts(source, numbers))
    between = f'<p class="between">{escape(interval)}</p>' if interval else ""
    return (
        f'<p class="answer">{escape(first)}</p>{_strip(source, numbers)}{between}'
        f'<ul class="doubts" aria-label="How sure this is">{doubts}</ul>{_cards(source, numbers)}'
    )


def sentence(source: Source, numbers: Numbers) -> tuple[str, str]:
    """Return the answer, and its interval in words."""
    if not source.rows("results"):
        return _of_experiment(source, numbers)
    names, measure = source.strategies, _measure(source)
    best = names[0]
    words = _inside(title_of(measure))
    if source.reference is None:
        row = source.value(best, measure)
        value = numbers.of(row)
        return (
            f"Under {best}, {words} is {value}.",
            _interval(numbers, row, signed=False),
        )
    other = best if best != source.reference else names[1]
    row = source.difference(other, measure)
    if row is None or row["value"] is None:
        return f"{words} has no value that strategies could be told apart by.", ""
    ahead, behind = (other, source.reference) if row["value"] > 0 else (source.reference, other)
    gap = numbers.of({**row, "value": abs(row["value"])})
    if row["value"] == 0:
        return f"{other} and {source.reference} have the same {words}.", ""
    certain = bool(row.get("hardly_chance"))
    money = row["unit"] == source.currency
    if certain:
        verb = f"earns {gap} more per customer than" if measure == "ltv" and money else "beats"
        said = f"{ahead} {verb} {behind}"
        said += "." if measure == "ltv" and money else f" by {gap} of {words}."
    else:
        said = f"{ahead} leads {behind} by {gap} of {words}{' per customer' if money else ''}, "
        said += "but that may be chance."
    return said, _interval(numbers, row, signed=True)


def _of_experiment(source: Source, numbers: Numbers) -> tuple[str, str]:
    """Return the answer of an ablation, or of a sweep."""
    effects = [r for r in source.rows("effects") if r["value"] is not None]
    whole = next((r for r in effects if r["kind"] == "whole"), None)
    if whole is not None:
        parts = [r for r in effects if (r["kind"], r["measure"]) == ("shapley", whole["measure"])]
        words = _inside(title_of(whole["measure"]))
        verb = "raise" if whole["value"] > 0 else "lower"
        said = (
            f"All together {verb} {words} by {numbers.of({**whole, 'value': abs(whole['value'])})}"
        )
        if parts:
            most = max(parts, key=lambda r: abs(r["value"]))
            verb = "raises" if most["value"] > 0 else "lowers"
            size = numbers.of({**most, "value": abs(most["value"])})
            said += f"; {most['switch']} {verb} it most, by {size}"
        doubt = "" if whole.get("hardly_chance") else " It may be chance."
        return f"{said}.{doubt}", _interval(numbers, whole, signed=True)
    won = worlds_won(source, numbers)
    if won:
        return won[0], ""
    points = len({r["point"] for r in source.rows("points")})
    return f"{points} points of a sweep, from end to end.", ""


def _interval(numbers: Numbers, row: Row | None, *, signed: bool) -> str:
    between = numbers.interval(row, signed=signed)
    return f"95% interval {between}" if between else ""


def _measure(source: Source) -> str:
    return next((m for m in ORDER if source.value(source.strategies[0], m)), ORDER[0])


def _doubts(source: Source, numbers: Numbers) -> list[str]:
    """Return what a reader must know before the answer is believed."""
    lines = []
    measure, names, reference = _measure(source), source.strategies, source.reference
    clusters = numbers.whole(source.result["clusters"])
    size = numbers.whole(source.result["customers"])
    again = source.result["replications"]
    lines.append(
        f"{size} customers{f' in each of {again} replications' if again > 1 else ''}, "
        f"{clusters} independent clusters; every customer is their own twin."
        if reference is not None
        else f"{size} customers, {clusters} independent clusters."
    )
    if reference is None:
        return lines
    other = names[0] if names[0] != reference else names[1]
    row = source.difference(other, measure)
    if row is not None and row.get("p_adjusted") is not None:
        p = row["p_adjusted"]
        written = "below 0.001" if p < 0.001 else f"{p:.2g}"
        if p >= 0.001:
            written = numbers.value("number", float(f"{p:.2g}"))
        lines.append(
            f"p {'' if p < 0.001 else '= '}{written} after Holm's correction for "
            f"{row['looks']} differences that are looked at."
        )
    chance = ((source.result.get("best") or {}).get(measure) or {}).get(names[0])
    if chance is not None:
        lines.append(
            f"{names[0]} is the best of all {len(names)} with a probability of "
            f"{numbers.percent(chance)}."
        )
    lines += _volume(source, numbers, other)
    lines += worlds_won(source, numbers)
    assumed = len(source.about.assumptions)
    if assumed:
        lines.append(f"It rests on {assumed} assumptions without a published source, listed below.")
    return lines


def _volume(source: Source, numbers: Numbers, other: str) -> list[str]:
    """Say whether the win comes with more messages, and what is left at equal volume."""
    lines = []
    row = source.difference(other, _VOLUME)
    if row is not None and row["value"]:
        more = "more" if row["value"] > 0 else "fewer"
        size = numbers.value("number", abs(row["value"]))
        lines.append(f"{other} sends {size} {more} messages a customer than {source.reference}.")
    lines += [
        f"At equal volume {item['way']} {_inside(title_of(item['measure']))} of "
        f"{item['strategy']} less {item['reference']} is {numbers.of(item, signed=True)}: "
        f"{verdict(item)}."
        for item in source.result.get("equal_volume") or ()
        if item["measure"] == HEADLINE
    ]
    return lines


def worlds_won(source: Source, numbers: Numbers) -> list[str]:
    """Say in what share of the worlds, in which all assumptions moved, the best strategy wins."""
    hangs = source.result.get("hangs")
    if not hangs and (small := source.result.get("worlds")):
        return _standing(small, source, numbers)
    if not isinstance(hangs, Mapping) or not hangs.get("worlds"):
        return []
    wins = {row["strategy"]: row for row in hangs.get("wins", ())}
    best = next((s for s in source.strategies if s in wins), None)
    if best is None:
        return []
    row = wins[best]
    share, worlds = numbers.percent(row["share"]), numbers.whole(hangs["worlds"])
    won = f"{best} has the best {_inside(title_of(hangs['measure']))} in {share} of {worlds} worlds"
    return [f"{won} in which the assumptions move."]


def _standing(worlds: Any, source: Source, numbers: Numbers) -> list[str]:
    """Say it of the small worlds that stand beside a comparison, with the share's interval."""
    by_name = {row["strategy"]: row for row in worlds["shares"]}
    best = next((s for s in source.strategies if s in by_name), None)
    if best is None:
        return []
    share, low, high = (numbers.percent(by_name[best][k]) for k in ("share", "low", "high"))
    title = _inside(title_of(worlds["measure"]))
    between = f"{share} ({low} to {high})"
    return [f"{best} has the best {title} in {between} of worlds within its assumptions."]


def _strip(source: Source, numbers: Numbers) -> str:
    """Return the interval as a picture: where zero is, and where the difference may be."""
    if source.reference is None:
        return ""
    names = source.strategies
    other = names[0] if names[0] != source.reference else names[1]
    row = source.difference(other, _measure(source))
    if row is None or row["low"] is None or row["value"] is None:
        return ""
    low, high = min(row["low"], 0.0), max(row["high"], 0.0)
    room = (high - low) or 1.0
    low, high = low - 0.1 * room, high + 0.1 * room

    def at(x: float) -> float:
        return round(100 * (x - low) / (high - low), 2)

    a, b, c, zero = at(row["low"]), at(row["high"]), at(row["value"]), at(0.0)
    side = "bad" if row["high"] < 0 else "good" if row["low"] > 0 else "open"
    said = f"{other} less {source.reference}: {numbers.of(row, signed=True)}, " + _interval(
        numbers, row, signed=True
    )
    near = max(abs(row["value"]), (row["high"] - row["low"]) / 2)
    marks = [
        (x, numbers.signed(row["unit"], row[key], near=near), "")
        for x, key in ((a, "low"), (b, "high"))
    ]
    if min(abs(zero - a), abs(zero - b)) > 11:
        marks.append((zero, "0", "none"))
    words = "".join(
        f'<span class="{name}" style="left:{x}%">{escape(text)}</span>' for x, text, name in marks
    )
    return (
        f'<div class="strip {side}" role="img" aria-label="{escape(said, quote=True)}">'
        f'<i class="band" style="left:{a}%;width:{round(b - a, 2)}%"></i>'
        f'<i class="zero" style="left:{zero}%"></i><i class="value" style="left:{c}%"></i>'
        f"{words}</div>"
    )


def _cards(source: Source, numbers: Numbers) -> str:
    names, measure = source.strategies, _measure(source)
    if source.reference is None:
        rows = [source.value(names[0], m) for m in (measure, "purchase_rate", "contact_cost",
                                                    _VOLUME)]  # fmt: skip
        cards = [
            _card(title_of(r["measure"]), numbers.of(r), _interval(numbers, r, signed=False))
            for r in rows
            if r is not None
        ]
        return f'<div class="cards">{"".join(cards)}</div>'
    other = names[0] if names[0] != source.reference else names[1]
    cards = [
        _lift(source, numbers, other, measure),
        _change(source, numbers, other, "contact_cost", "Contact cost"),
        _change(source, numbers, other, _VOLUME, "Messages"),
        _risk(source, numbers, other, measure),
    ]
    return f'<div class="cards">{"".join(cards)}</div>'


def _lift(source: Source, numbers: Numbers, other: str, measure: str) -> str:
    d, base = source.difference(other, measure), source.value(source.reference or "", measure)
    title = f"{title_of(measure)} against {source.reference}"
    if d is None or d["value"] is None or base is None or not base["value"]:
        return _card(title, "–", "no value")
    share = numbers.percent(d["value"] / abs(base["value"]), signed=True)
    between = ""
    if d["low"] is not None:
        low = numbers.percent(d["low"] / abs(base["value"]), signed=True)
        high = numbers.percent(d["high"] / abs(base["value"]), signed=True)
        between = f"95% interval {low} to {high}"
    return _card(title, share, between, tone=_tone(d))


def _change(source: Source, numbers: Numbers, other: str, measure: str, title: str) -> str:
    d, base = source.difference(other, measure), source.value(source.reference or "", measure)
    now = source.value(other, measure)
    if d is None or d["value"] is None or base is None or now is None:
        return _card(title, "–", "no value")
    under = f"per customer: {numbers.of(now)} instead of {numbers.of(base)}"
    return _card(title, numbers.signed(d["unit"], d["value"], near=base["value"]), under)


def _risk(source: Source, numbers: Numbers, other: str, measure: str) -> str:
    """Return the chance that nothing is gained, and who is harmed."""
    d = source.difference(other, measure)
    lines = [
        f"{numbers.percent(r['value'])} of customers order less"
        for r in source.rows("spread")
        if r["strategy"] == other and r["measure"] == "fewer_orders" and r["value"] is not None
    ]
    lost = source.difference(other, "unsubscribe_rate")
    before = source.value(source.reference or "", "unsubscribe_rate")
    if lost is not None and lost["value"] is not None and before is not None:
        change = numbers.signed("share", lost["value"], near=before["value"])
        lines.append(f"unsubscribe rate {change}")
    error = (d or {}).get("error")
    if d is None or d["value"] is None or not error:
        return _card("Risk of no gain", "–", "; ".join(lines))
    chance = 0.5 * (1 - erf(d["value"] / error / sqrt(2)))
    written = "< " + numbers.percent(0.001) if chance < 0.001 else numbers.percent(chance)
    return _card("Risk of no gain", written, "; ".join(lines))


def _tone(row: Row) -> str:
    if row["low"] is None or row["low"] <= 0 <= row["high"]:
        return ""
    return "good" if row["value"] > 0 else "bad"


def _card(title: str, value: str, under: str, *, tone: str = "") -> str:
    return (
        f'<div class="card {tone}"><h2 class="what">{escape(title)}</h2>'
        f'<p class="number">{escape(value)}</p><p class="under">{escape(under)}</p></div>'
    )


def _inside(title: str) -> str:
    return title if title[:2].isupper() else title[:1].lower() + title[1:]
