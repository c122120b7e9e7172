"""The report of credit: models beside the truth, and what a cut by each of them costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from omnilab.attribution.models import MODELS, Credit
from omnilab.measure.catalogue import MEASURES
from omnilab.parameters.quantity import format_duration
from omnilab.report.document import Document
from omnilab.report.numbers import NOTHING, write_interval
from omnilab.report.table import Table

if TYPE_CHECKING:
    from omnilab.experiment.crediting import Crediting, Cut
    from omnilab.experiment.statistics import Estimate

__all__ = ["credit_document"]

TRUTH: Final = "truth"
_LTV: Final = MEASURES["ltv"]


def credit_document(found: Crediting) -> Document:
    """Return the report."""
    tables = [_main(found), _true(found)]
    if found.truth:
        tables.append(_errors(found))
    tables += [*_cuts(found), *_platforms(found)]
    return Document(
        title=f"{found.scenario.id}: credit for the orders of {found.strategy}",
        setting=_setting(found),
        headlines=_headlines(found),
        tables=tuple(tables),
        notes=_notes(found),
    )


def _setting(found: Crediting) -> str:
    asked, m = found.asked, found.asked.measuring
    again = f" in {found.replications} replications" if found.replications > 1 else ""
    words = [
        f"{found.customers:,} customers{again}, seed {found.seed}",
        f"lookback {format_duration(asked.lookback)}",
        "links tagged" if m.utm else "links without tags",
        "calls tracked" if m.call_tracking else "calls not tracked",
    ]
    if m.views:
        words.append("opens are touches")
    if m.consent < 1.0:
        words.append(f"{m.consent:.0%} agree to be measured")
    return ", ".join(words)


def _headlines(found: Crediting) -> tuple[str, ...]:
    if not found.orders:
        return ("No orders in the window: there is nothing to credit.",)
    if not found.truth:
        return ()
    errors = {m: found.error(m) or 0.0 for m in found.asked.models}
    best, worst = min(errors, key=errors.__getitem__), max(errors, key=errors.__getitem__)
    lines = [
        (
            f"{found.orders:,} orders. {_word(best)} is least wrong: by {errors[best]:.1%} of "
            f"them; {_word(worst)} most: by {errors[worst]:.1%}."
        )
    ]
    cuts = {cut.by: cut for cut in found.cuts()}
    by_channel: dict[str, list[str]] = {}
    for by, cut in cuts.items():
        if by != TRUTH:
            by_channel.setdefault(cut.channel, []).append(_word(by))
    for channel, models in by_channel.items():
        ltv = next(cut.ltv for cut in cuts.values() if cut.channel == channel)
        lines.append(f"Cut {channel}, as {_listed(models)} would: {_said(ltv, found)}.")
    if TRUTH in cuts and cuts[TRUTH].channel not in by_channel:
        cut = cuts[TRUTH]
        lines.append(f"The truth would cut {cut.channel}: {_said(cut.ltv, found)}.")
    return tuple(lines)


def _said(ltv: Estimate, found: Crediting) -> str:
    """Say what a cut does to LTV, and whether that may be chance."""
    text = write_interval(_LTV, ltv, f" {found.scenario.currency}", sign="+")
    if ltv.low is None or ltv.high is None or ltv.low <= 0.0 <= ltv.high:
        return f"LTV {text} a customer, which may be chance"
    return f"it {'saves' if ltv.low > 0.0 else 'costs'}, LTV {text} a customer"


def _main(found: Crediting) -> Table:
    columns = ("cost", *map(_word, found.asked.models))
    if found.truth:
        columns = (*columns, "true increment", "95% interval")
    rows = []
    for source in found.sources:
        cells = [f"{found.costs[source]:,.0f}" if source in found.costs else NOTHING]
        cells += [_number(found.seen[m].get(source, Credit()).orders) for m in found.asked.models]
        if found.truth:
            truth = found.truth.get(source, {}).get("orders_per_customer")
            cells += [NOTHING, NOTHING] if truth is None else _with_bounds(truth)
        rows.append((source, tuple(cells)))
    total = ["", *(_number(_total(found.seen[m])) for m in found.asked.models)]
    total += ["", ""] if found.truth else []
    return Table(
        f"Orders credited, as the brand sees them; cost in {found.scenario.currency}", "source",
        columns, (*rows, ("all", tuple(total))),
        "True increment: orders with the channel less without it, on the same customers. Places "
        "without a message before them can't be cut and have none. unknown: orders whose path the "
        "brand can't see.",
    )  # fmt: skip


def _true(found: Crediting) -> Table:
    models = found.asked.models
    rows = [
        (source, tuple(_number(found.true[m].get(source, Credit()).orders) for m in models))
        for source in found.sources
    ]
    return Table(
        "Orders credited on the true paths", "source", tuple(map(_word, models)), tuple(rows),
        "The same models, where nothing is hidden from them: each person's own touches.",
    )  # fmt: skip


def _errors(found: Crediting) -> Table:
    def percent(share: float | None) -> str:
        return NOTHING if share is None else f"{share:.1%}"

    rows = [
        (_word(m), (percent(found.error(m)), percent(found.error(m, true_paths=True))))
        for m in found.asked.models
    ]
    return Table(
        "How far each model is off", "model", ("brand's paths", "true paths"), tuple(rows),
        "The sum over channels of what is credited too much or too little against the true "
        "increment, as a share of all orders.",
    )  # fmt: skip


def _cuts(found: Crediting) -> list[Table]:
    rows = [(_word(cut.by), _cut(cut, found)) for cut in found.cuts()]
    if not rows:
        return []
    unit = found.scenario.currency
    columns: tuple[str, ...] = ("would cut", f"margin per {unit}")
    if found.truth:
        columns = (*columns, f"LTV after the cut, {unit} a customer")
    return [
        Table(
            "What each would cut, and what that does", "by", columns, tuple(rows),
            f"The channel whose {unit} is credited with the least margin. LTV without it less LTV "
            "with it, 95%: above 0 the cut pays.",
        )
    ]  # fmt: skip


def _cut(cut: Cut, found: Crediting) -> tuple[str, ...]:
    cells = (cut.channel, f"{cut.per_unit:,.2f}")
    return (*cells, write_interval(_LTV, cut.ltv, "", sign="+")) if found.truth else cells


def _platforms(found: Crediting) -> list[Table]:
    rows = [
        (name, tuple(f"{x:,}" for x in (c.buyers, c.uploaded, c.matched, c.orders)))
        for name, c in found.claims.items()
    ]
    if not rows:
        return []
    asked = found.asked
    return [
        Table(
            "What ad platforms count of uploaded buyers", "channel",
            ("buyers", "uploaded", "found", "orders claimed"), tuple(rows),
            f"{_matched(found)} of uploaded persons are found. A platform counts an order within "
            f"{format_duration(asked.click_window)} of a click or "
            f"{format_duration(asked.view_window)} of an ad shown, whatever else led to it.",
        )
    ]  # fmt: skip


def _matched(found: Crediting) -> str:
    """Say which share the platforms find, by channel where they differ."""
    rates = {name: found.asked.match_of(name) for name in found.claims}
    if len(set(rates.values())) == 1:
        return f"{next(iter(rates.values())):.0%}"
    each = [f"{rate:.0%} ({name})" for name, rate in rates.items()]
    return f"{', '.join(each[:-1])} and {each[-1]}"


def _notes(found: Crediting) -> tuple[str, ...]:
    models = "; ".join(f"{_word(m)}: {MODELS[m]}" for m in found.asked.models)
    half = format_duration(found.asked.half_life)
    seen, whole = found.paths
    return (
        (
            f"{seen:,} paths end in an order and {whole - seen:,} lead nowhere; truly "
            f"{found.true_paths[1] - found.true_paths[0]:,} do. A touch is in one path: after an "
            "order the next begins anew. Touches before the window's start are the status quo's "
            "and do not count."
        ),
        f"{models}. The half life is {half}.",
        *(() if found.truth else ("Without twins there is no truth: leave --quick out.",)),
    )


def _total(credited: Mapping[str, Credit]) -> float:
    return sum(credit.orders for credit in credited.values())


def _with_bounds(estimate: Estimate) -> list[str]:
    if estimate.value is None:
        return [NOTHING, NOTHING]
    if estimate.low is None or estimate.high is None:
        return [_number(estimate.value), NOTHING]
    return [_number(estimate.value), f"{_number(estimate.low)} to {_number(estimate.high)}"]


def _number(value: float) -> str:
    text = f"{value:,.1f}"
    return "0.0" if text == "-0.0" else text


def _word(model: str) -> str:
    return model.replace("_", " ")


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
