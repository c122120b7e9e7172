"""Claims of the trade beside simulated figures: as a report, as JSON, as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from omnilab.experiment.published.asked import GAP
from omnilab.experiment.published.declared import KINDS
from omnilab.experiment.published.over import Spread
from omnilab.report.document import Document, Table
from omnilab.report.numbers import NOTHING

if TYPE_CHECKING:
    from omnilab.experiment.published.declared import PublishedClaim
    from omnilab.experiment.published.over import Asked
    from omnilab.experiment.published.running import ClaimReadings, Estimate

__all__ = ["CLAIMS_FORMAT", "claims_data", "claims_document", "claims_markdown"]

CLAIMS_FORMAT: Final = "omnilab-published-claims-v1"
_SHOWN: Final = ("causal", "as_measured", GAP)
_COLUMNS: Final = ("published", "causal", "as measured", "selection", "causal is", "measured is")
_NOTES: Final = (
    (
        "Causal: the same customers under another strategy, as twins. As measured: what the source "
        "looked at, under omnichannel or multichannel: customers who ended up on several channels "
        "against those on one, or recipients of one kind of campaign against those of another. "
        "Selection is what lies between: who they are, not what is done to them. Who buys more "
        "often also has more chances to do so on a second channel."
    ),
    (
        "Near: a published number lies in the 95% interval; unclear: no effect at all lies there "
        "too. These are claims of the trade, mostly of vendors; no number of the model was chosen "
        "by them."
    ),
)

_OF_WORLDS: Final = (
    "Over worlds a number is the mean by weight, and its interval holds 95% of the worlds, each "
    "with its own chance; near, above and below go by the interval that chance leaves to the mean. "
    "Both are under --json."
)


def claims_document(asked: Asked) -> Document:
    """Return the report."""
    scenario = asked.scenario
    size = f"{scenario.population.customers:,} customers"
    if asked.replications > 1:
        size += f" in each of {asked.replications} populations"
    if asked.file is not None or asked.worlds > 1:
        size += f", {asked.worlds} worlds of {asked.file or 'a set'}"
    tables = [_table(asked)]
    unasked = [one for one in asked.found if one.missing]
    if unasked:
        rows = tuple((_short(one), (one.claim.published, one.missing)) for one in unasked)
        tables.append(Table("Not asked", "claim", ("published", "why"), rows))
    return Document(
        f"{scenario.id}: claims of the trade, simulated and published",
        f"{size}, seed {asked.seed}", _headlines(asked), tuple(tables),
        (*_NOTES, *_over(asked), *map(_source, asked.found)),
    )  # fmt: skip


def claims_markdown(asked: Asked, command: str) -> str:
    """Return the report as Markdown.

    Parameters
    ----------
    asked
        What came of the claims.
    command
        What makes it again.
    """
    document = claims_document(asked)
    parts = [
        "# Claims of the trade, simulated and published",
        f"Made by `{command}`; don't edit. {document.setting[:1].upper()}{document.setting[1:]}.",
        *document.headlines,
        *(_markdown(table) for table in document.tables),
        "\n".join(f"- {note}" for note in document.notes),
    ]
    return "\n\n".join(parts) + "\n"


def claims_data(asked: Asked) -> dict[str, Any]:
    """Return what came of the claims as JSON can hold it."""
    return {
        "format": CLAIMS_FORMAT,
        "scenario": asked.scenario.id,
        "customers": asked.scenario.population.customers,
        "replications": asked.replications,
        "seed": asked.seed,
        "worlds": asked.worlds,
        "worlds_file": asked.file,
        "claims": [_row(one) for one in asked.found],
    }


def _row(one: ClaimReadings) -> dict[str, Any]:
    claim = one.claim
    low, high = claim.range or (None, None)
    return {
        "id": claim.id, "title": claim.title, "published": claim.published,
        "published_low": low, "published_high": None if claim.at_least is not None else high,
        "kind": claim.kind, "source": claim.source, "who": claim.who,
        "missing": one.missing or None,
        "readings": {name: _estimate(name, e, one) for name, e in one.readings.items()},
    }  # fmt: skip


def _estimate(name: str, found: Estimate, one: ClaimReadings) -> dict[str, Any]:
    row: dict[str, Any] = {
        "value": found.value, "low": found.low, "high": found.high,
        "unit": _unit(one.claim, name).strip() or "number",
        "where": None if name == GAP else one.where(name) or None,
        "reason": found.reason or None,
    }  # fmt: skip
    if isinstance(found, Spread):
        row |= {"world_low": found.world_low, "world_high": found.world_high,
                "worlds": found.worlds, "same_sign": found.same_sign}  # fmt: skip
    return row


def _table(asked: Asked) -> Table:
    rows = tuple((_short(one), _cells(one)) for one in asked.found if not one.missing)
    return Table("Claims, with 95% intervals", "claim", _COLUMNS, rows)


def _cells(one: ClaimReadings) -> tuple[str, ...]:
    numbers = (_number(one, name) for name in _SHOWN)
    where = (one.where(name) or NOTHING for name in ("causal", "as_measured"))
    return (one.claim.published, *numbers, *where)


def _short(one: ClaimReadings) -> str:
    return one.claim.id.replace("_", " ")


def _number(one: ClaimReadings, name: str) -> str:
    """Return a reading in percent or points, with its interval, or that of the worlds."""
    found = one.readings.get(name)
    if found is None or found.value is None:
        return NOTHING
    unit = _unit(one.claim, name)
    sign = "" if _is_share(one.claim, name) else "+"
    value = _percent(found.value, sign)
    if isinstance(found, Spread):
        if found.world_low is None or found.world_high is None:
            return f"{value}{unit}"
        ends = f"{_percent(found.world_low, sign)} to {_percent(found.world_high, sign)}"
        if sign and found.same_sign is not None and found.value:
            side = "above" if found.value > 0 else "below"
            ends += f"; {100 * found.same_sign:.0f}% {side} 0"
        return f"{value}{unit} ({ends})"
    if found.low is None or found.high is None:
        return f"{value}{unit}"
    return f"{value} ±{50 * (found.high - found.low):.1f}{unit}"


def _percent(value: float, sign: str) -> str:
    text = f"{100 * value:{sign}.1f}"
    return text.lstrip("+-") if not text.strip("+-0.") else text


def _is_share(claim: PublishedClaim, name: str) -> bool:
    reading = claim.readings.get(name)
    if name == GAP or reading is None:
        return False
    return reading.effect is None or reading.effect.as_ == "value"


def _unit(claim: PublishedClaim, name: str) -> str:
    """Return ``%``, or `` pts`` of a difference of shares or of two readings."""
    if name == GAP:
        return " pts"
    reading = claim.readings[name]
    return " pts" if reading.effect and reading.effect.as_ == "difference" else "%"


def _headlines(asked: Asked) -> tuple[str, ...]:
    here = [one for one in asked.found if not one.missing]
    lines = []
    for name, what in (("as_measured", "as their sources measured them"), ("causal", "causally")):
        said = [w for one in here if (w := one.where(name))]
        if said:
            counts = ", ".join(
                f"{said.count(w)} {w}" for w in ("near", "below", "above", "unclear")
            )
            lines.append(f"Of {len(said)} published figures, {what}: {counts}.")
    for one in here:
        alone = one.readings.get("unwritten")
        if alone is not None and alone.value is not None:
            lines.append(
                f"Selection by itself, {one.claim.who}, where nobody is written to:"
                f" {_number(one, 'unwritten')}."
            )
    return tuple(lines)


def _source(one: ClaimReadings) -> str:
    claim = one.claim
    return f"{_short(one)}: {claim.title} ({KINDS[claim.kind]}: {claim.source})."


def _over(asked: Asked) -> tuple[str, ...]:
    if asked.worlds == 1:
        return ()
    return (_OF_WORLDS,)


def _markdown(table: Table) -> str:
    head = f"| {table.corner} | {' | '.join(table.columns)} |"
    rule = "|" + "---|" * (len(table.columns) + 1)
    rows = [f"| {name} | {' | '.join(cells)} |" for name, cells in table.rows]
    return "\n".join([f"## {table.title}\n", head, rule, *rows])
