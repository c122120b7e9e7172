"""Tables of a run that other parts of the product write, made by hand in the agreed columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import exp
from typing import Any

Row = dict[str, Any]

CHANNELS = ("web", "app", "store", "email")


def tables_by_hand(strategies: Sequence[str], reference: str, channels: Sequence[str] = CHANNELS,
                   currency: str = "EUR", weeks: int = 26) -> dict[str, list[Row]]:  # fmt: skip
    """Return tables with plausible numbers, the same for the same names."""
    lift = {s: 0.04 * (len(strategies) - n) for n, s in enumerate(strategies)}
    base = lift[reference]
    return {
        "weeks": _weeks(strategies, reference, lift, currency, weeks),
        "groups": _groups(strategies, reference, lift, currency),
        "transitions": _transitions(strategies, channels),
        "paths": _paths(strategies, channels),
        "funnel": _funnel(strategies),
        "spread": [
            {"strategy": s, "reference": reference, "measure": m, "unit": unit, "value": v,
             "low": v - 0.02, "high": v + 0.02}
            for s in strategies if s != reference
            for m, unit, v in (
                ("never_reached", "share", 0.03), ("gained", "share", 0.20 + lift[s]),
                ("harmed", "share", 0.12 - lift[s] / 3), ("more_orders", "share", 0.08 + lift[s]),
                ("fewer_orders", "share", 0.05), ("higher_ltv", "share", 0.3),
                ("lower_ltv", "share", 0.6), ("gini_contacts", "ratio", 0.43),
            )
        ],
        "causes": _causes(strategies),
        "notable": [
            {"strategy": s, "reference": reference, "kind": kind, "replication": 0,
             "customer": 7 * n + at, "unit": currency, "difference": d}
            for s in strategies if s != reference
            for n, (kind, d) in enumerate((("won", 24.5), ("lost", -18.25)))
            for at in (1, 2, 3)
        ],
        "effects": [
            {"kind": kind, "switch": switch, "and_switch": None, "measure": measure,
             "unit": unit, "value": v, "low": v - 0.15, "high": v + 0.15,
             "hardly_chance": abs(v) > 0.15}
            for measure, unit in (("ltv", currency), ("orders_per_customer", "number"))
            for kind, switch, v in (
                ("whole", None, 1.23), ("alone", "identity", 0.5), ("shapley", "identity", 0.62),
                ("shapley", "context", 0.41), ("shapley", "triggers", 0.28),
                ("shapley", "channel", 0.11), ("shapley", "stop", -0.06),
                ("shapley", "contact_policy", -0.13),
            )
        ],
        "identity_errors": [
            {"strategy": s, "measure": measure, "unit": currency, "value": 1.1 * n,
             "low": 1.1 * n - 0.8, "high": 1.1 * n + 0.8}
            for measure in ("revenue", "ltv") for n, s in enumerate(strategies)
        ],
        "tornado": [
            {"path": path, "range": "rule", "low": "1", "as_is": "2", "high": "3",
             "strategy": s, "reference": reference, "measure": "ltv", "unit": currency,
             "difference_as_is": 0.3, "difference_low": a, "difference_high": b,
             "swing": abs(b - a)}
            for s in strategies if s != reference
            for path, a, b in (
                ("world.continuity.give_up", 0.05, 0.92), ("world.fatigue.ideal", -0.2, 0.5),
                ("channels.email.message.weight", 0.35, 0.18),
                ("channels.sms.message.weight", 0.3, 0.31),
            )
        ],
    } if base is not None else {}  # fmt: skip


def _weeks(strategies: Sequence[str], reference: str, lift: dict[str, float], currency: str,
           weeks: int) -> list[Row]:  # fmt: skip
    rows = []
    start = date(2026, 1, 5)
    for measure, unit, end in (("ltv", currency, 48.0), ("orders", "number", 3.8)):
        for s in strategies:
            before = 0.0
            for week in range(weeks):
                share = (week + 1) / weeks
                now = end * share * (1 + lift[s])
                gap = end * share * (lift[s] - lift[reference])
                half = 0.03 * end * (0.3 + share)
                other = s != reference
                rows.append(
                    {"strategy": s, "week": week, "start": (start + timedelta(7 * week)),
                     "measure": measure, "unit": unit, "value": now - before, "cumulative": now,
                     "reference": reference if other else None,
                     "difference": gap if other else None,
                     "low": gap - half if other else None, "high": gap + half if other else None}
                )  # fmt: skip
                before = now
    return rows


def _groups(strategies: Sequence[str], reference: str, lift: dict[str, float],
            currency: str) -> list[Row]:  # fmt: skip
    kinds = {
        "persona": ("enthusiast", "uninvolved", "store_focused"),
        "channels_used": ("none", "one", "two", "three or more"),
        "segment": ("new", "regular", "lapsed", "best"),
    }
    rows = []
    for by, names in kinds.items():
        for s in strategies:
            for n, group in enumerate(names):
                d = 3 * (lift[s] - lift[reference]) * (n - 0.8)
                other = s != reference
                rows.append(
                    {"strategy": s, "by": by, "group": group, "persons": 120 + 40 * n,
                     "measure": "ltv", "unit": currency, "value": 40.0 + 6 * n + d,
                     "reference": 40.0 + 6 * n if other else None,
                     "difference": d if other else None, "low": d - 0.3 if other else None,
                     "high": d + 0.3 if other else None, "clusters": 60}
                )  # fmt: skip
    return rows


def _transitions(strategies: Sequence[str], channels: Sequence[str]) -> list[Row]:
    rows = []
    for k, s in enumerate(strategies):
        for i, a in enumerate(("start", *channels)):
            counts = {
                b: round(900 * exp(-abs(i - 1 - j) / (1 + k / 3))) for j, b in enumerate(channels)
            }
            counts |= {"order": 80 + 10 * k + 20 * i, "lost": 300}
            if a == "start":
                counts["order"] = counts["lost"] = 0
            total = sum(counts.values())
            rows += [
                {"strategy": s, "from": a, "to": b, "count": n, "share": n / total}
                for b, n in counts.items() if n
            ]  # fmt: skip
    return rows


def _paths(strategies: Sequence[str], channels: Sequence[str]) -> list[Row]:
    a, b, c, d = channels[:4]
    ways = ((a,), (b,), (c,), (a, c), (a, b), (a, a), (b, a), (c, a), (a, b, c), (a, a, c),
            (b, b, a, c), (a, b, a, b, c), (d, a), (d, a, c))  # fmt: skip
    rows = []
    for k, s in enumerate(strategies):
        needs = [round(400 / (n + 1.5)) for n in range(len(ways))]
        total = sum(needs)
        rows += [
            {"strategy": s, "path": " > ".join(way), "needs": n,
             "orders": round(n * (0.12 + 0.05 * len(way) - 0.02 * k)),
             "revenue": 22.0 * n, "share": n / total}
            for way, n in zip(ways, needs, strict=True)
        ]  # fmt: skip
    return rows


def _funnel(strategies: Sequence[str]) -> list[Row]:
    """Each message ends at one stage: shares add up to 1."""
    stages = (("control", 0.03), ("no_address", 0.14), ("no_consent", 0.15), ("capped", 0.05),
              ("suppressed", 0.02), ("bounced", 0.01), ("not_opened", 0.5), ("opened", 0.07),
              ("clicked", 0.03))  # fmt: skip
    rows = []
    for k, s in enumerate(strategies):
        due = 30_000 - 5000 * k if k < 5 else 5000
        for by, name in (("all", "all"), ("channel", "email"), ("journey", "cart")):
            rows += [
                {"strategy": s, "by": by, "name": name, "stage": stage,
                 "messages": round(due * share), "share": share}
                for stage, share in stages
            ]  # fmt: skip
    return rows


def _causes(strategies: Sequence[str]) -> list[Row]:
    kinds = {
        "left": ("after an order", "bad experiences"),
        "gave_up": ("steps to repeat",),
        "need_lost": ("rival", "dropped", "left"),
        "opted_out": ("unsubscribe", "spam report", "stop all"),
    }
    return [
        {"strategy": s, "what": what, "cause": cause, "count": 10 * (n + 1) + k,
         "per_1000": 20.0 * (n + 1) + 2 * k}
        for what, causes in kinds.items()
        for n, cause in enumerate(causes)
        for k, s in enumerate(strategies)
    ]  # fmt: skip
