"""What a gate says: as a report, as JSON, as JUnit XML, and as a summary in Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor, inf, log10
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree

from omnilab.experiment.remarks import thin_words
from omnilab.experiment.statistics import Estimate
from omnilab.measure.catalogue import MEASURES
from omnilab.report.document import Document
from omnilab.report.fates import mostly_unsent
from omnilab.report.numbers import NOTHING, label, write_difference, write_interval, write_value
from omnilab.report.table import Table

if TYPE_CHECKING:
    from omnilab.experiment.gate.decide import Judged, Verdict
    from omnilab.experiment.gate.running import Checked

__all__ = [
    "GATE_FORMAT", "JUNIT_SUITE", "MOST_TIMES", "failing", "gate_data", "gate_document",
    "gate_junit", "gate_markdown", "gate_reasons", "gate_warnings", "headline",
    "volumes",
]  # fmt: skip

GATE_FORMAT: Final = "omnilab-gate-v1"
JUNIT_SUITE: Final = "omnilab check"
#: From so many times the customers on no number is said: the difference may as well be none.
MOST_TIMES: Final = 1000
_SAID: Final = {"ship": "SHIP", "discuss": "DISCUSS", "do not": "DO NOT SHIP"}


def gate_document(checked: Checked) -> Document:
    """Return the report of a verdict, its reasons first."""
    verdict, comparison = checked.verdict, checked.comparison
    setting = (
        f"{comparison.scenario.id}: {comparison.customers * comparison.replications:,} customers "
        f"under both, seed {comparison.seed}. {volumes(checked)}"
    )
    title = f"{verdict.gate.path}: {verdict.strategy} against {verdict.reference}"
    table = Table(
        "Guards", "guard", ("verdict", "found", "allowed", "p passes", "p fails"),
        tuple((_short(j, checked), _cells(j, checked)) for j in verdict.judged),
        "Found: the strategy less the reference on the same customers, with half of its 95% "
        "interval; of the other guards a share. p: one-sided; that of failing after Holm's "
        "correction.",
    )  # fmt: skip
    return Document(title, setting, (headline(verdict), *gate_reasons(checked)), (table,),
                    (*gate_warnings(checked),
                     *thin_words(comparison, (verdict.strategy, verdict.reference)),
                     *_notes(verdict)))  # fmt: skip


def volumes(checked: Checked) -> str:
    """Return how much is sold and sent, for a reader who knows these numbers of the own shop."""
    verdict, comparison = checked.verdict, checked.comparison
    days = round(comparison.scenario.time.window / 86400)
    said = [
        f"{name} {_mean('orders_per_customer', name, checked)} and "
        f"{_mean('messages_per_customer', name, checked)}"
        for name in (verdict.reference, verdict.strategy)
    ]
    return f"Orders and messages a customer in {days} days: {', '.join(said)}."


def _mean(measure: str, strategy: str, checked: Checked) -> str:
    found = checked.comparison.moments.estimate(measure, strategy)
    return write_value(MEASURES[measure], found.value)


def headline(verdict: Verdict) -> str:
    """Return the verdict in a sentence."""
    counts = {state: sum(j.state == state for j in verdict.judged)
              for state in ("passes", "undecided", "fails")}  # fmt: skip
    if verdict.no_change:
        return (
            f"{_SAID[verdict.verdict]}: no change: {verdict.strategy} did with every customer what "
            f"{verdict.reference} did, so no guard can differ and the goal is not asked for."
        )
    words = {"passes": ("passes", "pass"), "undecided": ("is undecided", "are undecided"),
             "fails": ("fails", "fail")}  # fmt: skip
    said = [
        f"{n} {words[state][n != 1]}" for state, n in counts.items() if n or state != "undecided"
    ]
    return f"{_SAID[verdict.verdict]}: of {len(verdict.judged)} guards {', '.join(said)}."


def failing(judged: Judged, checked: Checked) -> bool:
    """Tell whether a guard is why the check fails: a goal not shown is none where harm alone is."""
    return judged.state == "fails" or (judged.state == "undecided" and checked.fail_on == "discuss")


def gate_reasons(checked: Checked) -> list[str]:
    """Return why it is not ship: a line for each guard that does not pass, failures first."""
    rank = {"fails": 0, "undecided": 1}
    left = [j for j in checked.verdict.judged if j.state in rank]
    return [_reason(j, checked) for j in sorted(left, key=lambda j: rank[j.state])]


def gate_warnings(checked: Checked) -> list[str]:
    """Return what a reader of the verdict has to know: loose margins, and what is not sent."""
    return [*loose_margins(checked), *_unseen(checked)]


def _unseen(checked: Checked) -> Iterator[str]:
    """Yield a line for each step that hardly sends: it changes nothing, so that guards pass."""
    idle = checked.idle
    for line in mostly_unsent(idle.steps):
        yield (
            f"no guard sees what is not sent: {line.removesuffix('.')} (in a run of "
            f"{idle.customers:,} customers)"
        )


def loose_margins(checked: Checked) -> list[str]:
    """Return a line for each guardrail that allows more than the reference has at all.

    Such a margin is hardly meant: it lets all of the measure be lost, or more than double.
    """
    verdict, found = checked.verdict, []
    for judged in verdict.judged:
        if judged.is_loose:
            guard, measure = judged.guard, MEASURES[judged.guard.measure]
            unit = {"EUR": f" {checked.comparison.scenario.currency}", "share": "%"}
            margin, kept = (
                write_interval(measure, Estimate(size, None, None), unit.get(measure.unit, ""))
                for size in (guard.margin, judged.kept)
            )
            what = "all of it be lost" if guard.higher else "it more than double"
            found.append(
                f"{verdict.gate.path}:{guard.line}: {guard.measure}: a margin of {margin} is "
                f"above the whole value under {verdict.reference}, {kept}: it lets {what}"
            )
    return found


def gate_data(checked: Checked) -> dict[str, Any]:
    """Return the verdict as JSON can hold it."""
    verdict, comparison = checked.verdict, checked.comparison
    return {
        "format": GATE_FORMAT,
        "gate": verdict.gate.path,
        "scenario": comparison.scenario.id,
        "customers": comparison.customers,
        "replications": comparison.replications,
        "seed": comparison.seed,
        "strategy": verdict.strategy,
        "reference": verdict.reference,
        "level": verdict.gate.level,
        "verdict": verdict.verdict,
        "no_change": verdict.no_change,
        "fail_on": checked.fail_on,
        "failed": checked.failed,
        "reasons": gate_reasons(checked),
        "warnings": gate_warnings(checked),
        "guards": [_row(j, checked) for j in verdict.judged],
        "worlds": None if checked.worlds is None else checked.worlds["worlds"],
        "logs": {run.name: run.log_digest for run in comparison.strategies},
    }


def gate_junit(checked: Checked) -> str:
    """Return the verdict as JUnit XML: a test case a guard.

    A case fails where it is why the check does. What does not pass all the same is skipped, with
    the reason as its message, so that a run that passes has no failure.
    """
    verdict = checked.verdict
    failures = sum(failing(j, checked) for j in verdict.judged)
    skipped = sum(j.state != "passes" and not failing(j, checked) for j in verdict.judged)
    counts = {"tests": str(len(verdict.judged)), "failures": str(failures), "errors": "0"}
    root = ElementTree.Element("testsuites", {"name": JUNIT_SUITE, **counts})
    suite = ElementTree.SubElement(
        root, "testsuite",
        {"name": f"{verdict.strategy} against {verdict.reference}", **counts,
         "skipped": str(skipped),
         "time": f"{checked.comparison.elapsed_s:.3f}"},
    )  # fmt: skip
    for judged in verdict.judged:
        case = ElementTree.SubElement(
            suite, "testcase", {"classname": verdict.gate.path, "name": _name(judged, checked)}
        )
        reason = _reason(judged, checked) if judged.state != "passes" else ""
        if reason and not failing(judged, checked):
            ElementTree.SubElement(case, "skipped", {"message": reason})
        elif reason:
            failure = ElementTree.SubElement(
                case, "failure", {"type": judged.state, "message": reason}
            )
            failure.text = reason
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def gate_markdown(checked: Checked) -> str:
    """Return the verdict as Markdown, for the summary of a job."""
    verdict = checked.verdict
    lines = [f"<!-- omnilab check -->\n### {headline(verdict)}", ""]
    lines += [f"- {_escaped(reason)}" for reason in gate_reasons(checked)]
    lines += [f"- warning: {_escaped(line)}" for line in gate_warnings(checked)]
    customers = checked.comparison.customers * checked.comparison.replications
    setting = (
        f"`{_escaped(verdict.strategy)}` against `{_escaped(verdict.reference)}`, {customers:,} "
        f"customers, seed {checked.comparison.seed}. {_escaped(volumes(checked))} "
        f"{_passes(checked)}".rstrip()
    )
    lines += ["", setting, ""]
    lines += ["| guard | verdict | found | allowed |", "|---|---|---|---|"]
    for judged in verdict.judged:
        cells = (_name(judged, checked), *_cells(judged, checked)[:3])
        lines.append("| " + " | ".join(_escaped(cell) for cell in cells) + " |")
    return "\n".join(lines) + "\n\n"


def _passes(checked: Checked) -> str:
    """Return whether the check passes, where that is not what the verdict says."""
    if checked.verdict.may_ship or checked.failed:
        return "The check fails." if checked.failed else "The check passes."
    return "The check passes: it fails on do not alone."


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def _row(judged: Judged, checked: Checked) -> dict[str, Any]:
    guard, found = judged.guard, judged.estimate
    return {
        "guard": guard.name, "kind": guard.kind, "measure": guard.measure or None,
        "is_goal": guard.is_goal, "margin": guard.margin, "relative": guard.relative,
        "by": guard.by if guard.kind == "harmed" else None,
        "unit": _unit(judged, checked), "state": judged.state, "value": found.value,
        "low": found.low, "high": found.high, "limit": judged.limit, "excess": judged.excess,
        "error": judged.error, "clusters": judged.clusters, "p_pass": judged.p_pass,
        "p_fail": judged.p_fail, "p_fail_adjusted": judged.p_adjusted,
        "customers_needed": _customers(judged, checked), "why": judged.why or None,
    }  # fmt: skip


def _unit(judged: Judged, checked: Checked) -> str:
    if not judged.guard.measure:
        return "share"
    unit = MEASURES[judged.guard.measure].unit
    return checked.comparison.scenario.currency if unit == "EUR" else unit


def _name(judged: Judged, checked: Checked) -> str:
    """Return what a guard is called in a report."""
    guard, currency = judged.guard, checked.comparison.scenario.currency
    if guard.kind == "harmed":
        return f"share of customers harmed by {guard.by:.2f} {currency} or more"
    if guard.kind == "worlds":
        return "share of plausible worlds that agree"
    text = label(MEASURES[guard.measure], currency, difference=True)
    return f"goal: {text}" if guard.is_goal else text


def _short(judged: Judged, checked: Checked) -> str:
    """Return a guard's name for a table of 80 columns, a third of which it may take."""
    return (
        _name(judged, checked).removeprefix("share of customers ").removeprefix("share of ")
    )  # fmt: skip


def _cells(judged: Judged, checked: Checked) -> tuple[str, ...]:
    # With no change at all the goal can't be better, and it is not asked for.
    unasked = checked.verdict.no_change and judged.guard.is_goal
    return (
        "not asked" if unasked else judged.state, _found(judged), "".join(_allowed(judged)),
        _p(judged.p_pass), _p(judged.p_adjusted),
    )  # fmt: skip


def _found(judged: Judged) -> str:
    found = judged.estimate
    if judged.guard.measure:
        return write_difference(MEASURES[judged.guard.measure], found)
    if found.value is None:
        return NOTHING
    if found.low is None or found.high is None:
        return f"{found.value:.1%}"
    return f"{found.value:.1%} ({found.low:.1%} to {found.high:.1%})"


def _allowed(judged: Judged) -> Iterator[str]:
    """Yield the bound in words: on which side of what the truth must be."""
    guard, limit = judged.guard, judged.limit
    if guard.kind == "harmed":
        yield f"at most {guard.margin:.1%}"
    elif guard.kind == "worlds":
        yield f"at least {guard.margin:.1%}"
    elif limit is None:
        yield NOTHING
    else:
        sided = "above" if guard.higher else "below"
        yield f"{sided} {write_difference(MEASURES[guard.measure], Estimate(limit, None, None))}"
        if guard.relative:
            yield f" ({_percent(guard.margin)} of the reference)"


def _reason(judged: Judged, checked: Checked) -> str:
    """Return in a line why a guard does not pass."""
    found, name = judged.estimate, _name(judged, checked)
    allowed = "".join(_allowed(judged))
    if found.value is None:
        return f"{name}: undecided: {judged.why}"
    if judged.guard.measure:
        measure = MEASURES[judged.guard.measure]
        numbers = write_interval(measure, found, "", sign="+")
        if measure.unit == "share":
            numbers += " points"
    else:
        numbers = _found(judged)
    if judged.state == "fails":
        said = f"fails: {numbers}, and it must be {allowed}"
        if judged.guard.is_goal:
            said = f"fails: {numbers}: certainly worse"
        return f"{name}: {said}"
    why = f" ({judged.why})" if judged.why else ""
    more = _would_decide(judged, checked)
    return f"{name}: undecided: {numbers}, and it must be certain to be {allowed}{why}{more}"


def _would_decide(judged: Judged, checked: Checked) -> str:
    """Return how many customers would decide a guard, with a semicolon before."""
    if judged.times is None:
        return ""
    if judged.times == inf:
        between = judged.guard.is_goal and judged.excess != 0.0
        where = "between nothing and what is asked" if between else "at its bound"
        if judged.never:
            where = "none, and a goal or a margin of none asks for one"
        return f"; no number of customers would decide it: the difference is {where}"
    needed = _customers(judged, checked)
    if needed is None:
        return f"; more than {MOST_TIMES:,} times these customers would be needed"
    times = f"{judged.times:,.0f}" if judged.times >= 9.95 else f"{judged.times:.2g}"
    return f"; about {needed:,} customers would decide it ({times} times these)"


def _customers(judged: Judged, checked: Checked) -> int | None:
    """Return the customers that would decide a guard, to two digits; None where none known."""
    if judged.times is None or judged.times > MOST_TIMES:
        return None
    needed = judged.times * checked.comparison.customers * checked.comparison.replications
    unit = 10 ** max(0, floor(log10(needed)) - 1)
    return ceil(needed / unit) * unit


def _notes(verdict: Verdict) -> tuple[str, ...]:
    half = verdict.gate.level / 2
    said = (
        f"Ship: every guard passes, each at {_percent(half)} one-sided; all must, so the chance of "
        f"a wrong ship is at most that. Do not: one fails at {_percent(half)} after Holm's "
        "correction. Where nothing differs, one of the two comes out by chance in at most "
        f"{_percent(verdict.gate.level)} of runs; everything else is to be discussed."
    )
    return (said,)


def _percent(share: float) -> str:
    return f"{100 * share:.3g}%"


def _p(value: float | None) -> str:
    if value is None:
        return NOTHING
    return "<0.001" if value < 0.001 else f"{value:.3f}"
