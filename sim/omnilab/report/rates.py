"""Measured rates beside published ones: as a report, and as the page rates.md."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.experiment.rates import ANSWERED_WITHIN_S
from omnilab.report.document import Document, Table
from omnilab.scenario.sources import preset_source

if TYPE_CHECKING:
    from omnilab.experiment.rates import BaseRate, Measured, Rates, TriggeredRates

__all__ = ["FAR", "PAGE_FORMAT", "far_off", "page_head", "rates_document", "rates_page"]

PAGE_FORMAT: Final = "rates-v1"
#: Standard errors beyond which a base rate has not come back: 1 in 5,000 by chance.
FAR: Final = 3.7
_NOTHING: Final = "-"
_NAMES: Final = {
    "delivered": "delivered, of sent",
    "open": "opened, of delivered",
    "click": "clicked, of delivered",
    "opt_out": "unsubscribed, of delivered",
    "complaint": "complained, of delivered",
}
_AD_NAMES: Final = {
    "delivered": "shown, of bought",
    "open": "noticed, of shown",
    "click": "clicked, of shown",
    "opt_out": "unsubscribed, of shown",
    "complaint": "complained, of shown",
}
_FOR_WHOM: Final = "For whoever asks how near the model is to published rates of messages."
# Published, by what a message is; keys of parameters.md. (open, click, order, revenue, buyers)
_CAMPAIGN: Final = ("15.68%", "2.01%", _NOTHING, "0.11", "about 5%")
_AUTOMATED: Final = ("52.04%", "5.31%", "1.71%", _NOTHING, "about 33%")
_EMAIL: Final = {
    "newsletter": _CAMPAIGN,
    "welcome": (*_AUTOMATED[:3], "2.65", "about 50%"),
    "browse": (*_AUTOMATED[:3], "1.07", "about 33%"),
    "cart": (*_AUTOMATED[:3], "3.65", "about 50%"),
}
_PUSH_CONTEXTUAL: Final = ("14.4%", *(_NOTHING,) * 4)
_PUSH_GENERIC: Final = ("4.19%", *(_NOTHING,) * 4)
#: GetResponse's open rates at 1, 2, 3, 15 and 16 messages a week.
_GETRESPONSE: Final = {1: 30.09, 2: 23.76, 3: 22.45, 15: 13.97, 16: 14.48}

_NOTES: Final = (
    (
        "Base rates are inputs: the response intercepts are solved for them over the population; "
        "the first table says that this was done right."
    ),
    (
        "Rates of triggered messages are not inputs: the world is never told what triggered a "
        "message. They differ from a campaign's because the message meets a need."
    ),
    (
        "Opens of automated e-mail come out below the published ones: 52% against 16% is a logit "
        "of 1.76, while meeting a need is worth 1.35 here (`Response.need`, from contextual push), "
        "and part of these messages come when the need is gone."
    ),
    (
        "Published rates are vendors' claims over their own customers; a gap is a finding, not an "
        "error, and nothing is tuned to close it."
    ),
)


def far_off(rates: Rates) -> list[BaseRate]:
    """Return the base rates that did not come back."""
    return [rate for rate in rates.base if abs(rate.deviation) > FAR]


def rates_document(rates: Rates) -> Document:
    """Return the report of measured rates."""
    scenario = rates.scenario
    bad = far_off(rates)
    said = (
        f"All {len(rates.base)} base rates came back within {FAR} standard errors."
        if not bad
        else "Did not come back: " + ", ".join(f"{r.channel} {r.rate}" for r in bad) + "."
    )
    size = f"{scenario.population.customers:,} customers, seed {rates.seed}"
    tables = [_base_table(rates)]
    if rates.volumes:
        tables.append(_volume_table(rates))
    if rates.triggered:
        tables.append(_triggered_table(rates))
    title = f"{scenario.id}: rates of messages, simulated and published"
    return Document(title, size, (said,), tuple(tables), _NOTES)


def page_head(scenario_id: str, digest: str) -> str:
    """Return the line by which a page is known to be of a scenario as it is."""
    return f"Format {PAGE_FORMAT}, scenario {scenario_id}, digest {digest}."


def rates_page(rates: Rates, digest: str, command: str) -> str:
    """Return the report as the Markdown page docs/explanation/rates.md.

    Parameters
    ----------
    rates
        What was measured.
    digest
        Of the scenario as its file has it.
    command
        What makes the page again.
    """
    document = rates_document(rates)
    head = page_head(rates.scenario.id, digest)
    setting = f"{document.setting[:1].upper()}{document.setting[1:]}"
    parts = [
        "# Rates of messages, simulated and published",
        f"{_FOR_WHOM} Made by `{command}`; don't edit. {head} {setting}.",
        *document.headlines,
        *(_markdown(table) for table in document.tables),
        "## Notes",
        "\n".join(f"- {note}" for note in document.notes),
    ]
    return "\n\n".join(parts) + "\n"


def _base_table(rates: Rates) -> Table:
    rows = tuple(
        (
            _called(r, rates),
            (
                _percent(r.published),
                _share(r.simulated),
                f"{r.deviation:+.1f}",
                f"{r.sends:,}",
                _source(r),
            ),
        )
        for r in rates.base
        if not (r.published == 0 and r.simulated.value in (0.0, None))
    )
    note = (
        "One campaign a week to customers of the channel's own. Published: the scenario's rate, "
        "which is the input. ± one standard error, clustered by cell; off by so many of them."
    )
    columns = ("published", "simulated", "off by", "messages", "source")
    return Table("Base rates", "", columns, rows, note)


def _called(rate: BaseRate, rates: Rates) -> str:
    """Return a base rate's name; an ad is bought, shown and noticed."""
    channel = next(c for c in rates.scenario.channels if c.name == rate.channel)
    names = _AD_NAMES if channel.message and channel.message.ad else _NAMES
    return f"{rate.channel} {names[rate.rate]}"


def _source(rate: BaseRate) -> str:
    return preset_source(rate.channel, rate.rate) or "the scenario's own"


def _volume_table(rates: Rates) -> Table:
    first = rates.volumes[0].simulated.value
    rows = tuple(
        (
            f"{v.weekly} a week",
            (
                _share(v.simulated),
                _percent(v.law),
                _relative(v.simulated.value, first),
                _relative(_GETRESPONSE[v.weekly], _GETRESPONSE[1]),
                f"{_GETRESPONSE[v.weekly]:.2f}%",
            ),
        )
        for v in rates.volumes
    )
    note = "n a week at even gaps. Relative: to one a week. Published: GETR, V."
    columns = ("opened", "base n^-.27", "relative", "published, relative", "published")
    return Table(f"Fatigue: open rate of {rates.volume_channel} by volume", "", columns, rows, note)


def _triggered_table(rates: Rates) -> Table:
    rows = []
    for t in rates.triggered:
        published = _published(t, rates)
        cells = [f"{t.delivered:,}"]
        ours = (
            _share(t.opened),
            _share(t.clicked),
            _share(t.ordered),
            _money(t.revenue),
            _share(t.buyers),
        )
        for simulated, there in zip(ours, published, strict=True):
            cells.append(simulated if there == _NOTHING else f"{simulated} ({there})")
        rows.append((f"{t.journey}, {t.channel}", tuple(cells)))
    days = ANSWERED_WITHIN_S // 86400
    note = (
        "Simulated ± one standard error (published). Of delivered messages; buyers: of those who "
        f"clicked. An order within {days} days of the open or click is the message's. Published: "
        "campaigns MAILCHIMP19, automated e-mail KLAVIYO24, revenue KLAVIYO24 ($), buyers OMN23, "
        "push BATCH25; all V."
    )
    currency = rates.scenario.currency
    columns = ("delivered", "opened", "clicked", "ordered", f"{currency} each", "buyers")
    return Table("Triggered messages under omnichannel", "", columns, tuple(rows), note)


def _published(t: TriggeredRates, rates: Rates) -> tuple[str, ...]:
    """Return what is published of such messages, five texts."""
    journey = next(j for j in rates.scenario.brand.journeys if j.name == t.journey)
    if t.channel == "email":
        return _EMAIL.get(
            t.journey, _CAMPAIGN if journey.trigger in ("weekly", "once") else _AUTOMATED
        )
    if t.channel == "push":
        shown = [step.message.shows for step in journey.steps if step.message]
        return _PUSH_GENERIC if all(x == "generic" for x in shown) else _PUSH_CONTEXTUAL
    return (_NOTHING,) * 5


def _markdown(table: Table) -> str:
    head = f"| {table.corner} | {' | '.join(table.columns)} |"
    rule = "|" + "---|" * (len(table.columns) + 1)
    rows = [f"| {name} | {' | '.join(cells)} |" for name, cells in table.rows]
    note = [f"\n{table.note}"] if table.note else []
    return "\n".join([f"## {table.title}\n", head, rule, *rows, *note])


def _share(measured: Measured) -> str:
    if measured.value is None or measured.error is None:
        return _NOTHING
    return f"{_digits(100 * measured.value, 100 * measured.error)}%"


def _money(measured: Measured) -> str:
    if measured.value is None or measured.error is None:
        return _NOTHING
    return f"{measured.value:.2f} ±{measured.error:.2f}"


def _digits(value: float, error: float) -> str:
    """Write both with the decimals that two digits of the error need."""
    places = 2 if error <= 0 else min(max(1 - math.floor(math.log10(error)), 1), 4)
    return f"{value:.{places}f} ±{error:.{places}f}"


def _percent(value: float) -> str:
    return f"{100 * value:.4g}%"


def _relative(value: float | None, to: float | None) -> str:
    return _NOTHING if value is None or not to else f"{value / to:.3f}"
