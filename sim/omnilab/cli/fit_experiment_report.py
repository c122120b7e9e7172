"""What ``omnilab fit --experiment`` shows: lifts beside what was held out, parameters, profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omnilab.fit.experiment.found import FittedTest, LiftRow, Part
    from omnilab.fit.experiment.table import RandomisedTest
    from omnilab.report.document import Table

__all__ = ["show_test", "show_test_check"]


def show_test(fitted: FittedTest) -> None:
    """Print a fit to a test on stdout."""
    from omnilab.report.document import Document
    from omnilab.report.terminal import print_document

    right, of = fitted.within_two
    over = f", over {len(fitted.splits) + 1} splits" if fitted.splits else ""
    said = f"Of {of} held-out lifts {right} are within two standard errors of the prediction{over}."
    headlines = (said,) if of else ()
    bases = (_base(fitted, part) for part in fitted.parts)
    tables = (_lifts(fitted), _parameters(fitted), *bases, _profile(fitted))
    notes = tuple(f"{n[:1].upper()}{n[1:].rstrip('.')}." for n in fitted.notes)
    n, fitted_n = (sum(getattr(p, which).n for p in fitted.parts) for which in ("test", "train"))
    people = sum(p.people.n for p in fitted.parts)
    worth = sum(p.weights.effective for p in fitted.parts)
    setting = (
        f"{n:,} customers, {fitted_n:,} fitted and {n - fitted_n:,} held out; "
        f"{people:,} simulated ones take part, worth {worth:,.0f}"
    )
    title = f"{fitted.last.setup.data['id']}: {fitted.last.setup.data['title']}"
    print_document(Document(title, setting, headlines, tables, notes))


def show_test_check(test: RandomisedTest) -> None:
    """Print what a table holds on stdout: arms, rates, how it was read."""
    from omnilab.report.document import Document, Table
    from omnilab.report.terminal import print_document

    sizes = test.sizes()
    rows = [("customers", tuple(f"{n:,}" for n in sizes))]
    for outcome, y in test.outcomes.items():
        means = tuple(_share(outcome, float(y[test.arm == a].mean())) for a in range(len(sizes)))
        rows.append((outcome, means))
    tables = (Table("Arms", "", test.arms, tuple(rows), f"{test.arms[0]} is the control arm."),)
    notes = tuple(f"{n[:1].upper()}{n[1:]}." for n in (*test.warnings, *test.notes))
    print_document(Document(f"{test.source}: checked", "nothing was written", (), tables, notes))


def _share(outcome: str, value: float) -> str:
    return f"{value:.3f}" if outcome == "spend" else f"{100 * value:.2f}%"


def _lift(outcome: str, value: float, error: float) -> str:
    if outcome == "spend":
        return f"{value:+.3f} ± {error:.3f}"
    return f"{100 * value:+.2f} ± {100 * error:.2f}"


def _lifts(fitted: FittedTest) -> Table:
    from omnilab.report.document import Table

    held = fitted.held is not None
    columns = ("fitted part", "predicted", *(("held out", "z") if held else ()))

    def row(lift: LiftRow) -> tuple[str, tuple[str, ...]]:
        m = lift.moment
        where = "" if m.stratum == "all" else f", {m.group_words}"
        cells = [
            _lift(m.outcome, lift.fitted, lift.fitted_error),
            _lift(m.outcome, lift.predicted, lift.predicted_error),
        ]
        if lift.held is not None and lift.held_error is not None:
            cells += [_lift(m.outcome, lift.held, lift.held_error), f"{lift.z:+.1f}"]
        return f"{m.outcome}, {m.arm}{where}", tuple(cells)

    note = (
        f"Visits and conversions in points, spend in {fitted.last.setup.currency} a customer, each "
        "with its standard error. z: prediction less held-out part, in standard errors of both "
        "together."
    )
    return Table("Lifts", "", columns, tuple(map(row, fitted.lifts)), note)


def _parameters(fitted: FittedTest) -> Table:
    from omnilab.report.document import Table

    rows = tuple(
        (
            e.name,
            (
                f"{e.value:.3g}", f"{e.interval[0]:.3g} to {e.interval[1]:.3g}",
                f"{e.prior:.3g} ({e.low:.3g} to {e.high:.3g})", f"{e.pinned:.0%}",
            ),
        )
        for e in fitted.estimates
    )  # fmt: skip
    note = (
        "Prior: its centre, and one standard deviation to either side. Pinned: the part of the "
        "prior's variance that the test takes away."
    )
    return Table("Parameters", "", ("fitted", "90% within", "prior", "pinned"), rows, note)


def _base(fitted: FittedTest, part: Part) -> Table:
    from omnilab.report.document import Table

    found, control = part.base.found, part.control
    rows = []
    for m, moment in enumerate(control.moments):
        if moment.stratum == "all":
            simulated = found.rates.get(moment.outcome)
        else:
            simulated = found.visits.get((moment.stratum, moment.group))
        if simulated is None:
            continue
        where = "" if moment.stratum == "all" else f", {moment.group_words}"
        rows.append(
            (f"{moment.outcome}{where}",
             (_share(moment.outcome, float(control.values[m])),
              _share(moment.outcome, simulated)))
        )  # fmt: skip
    note = "The control arm of the fitted part. Rates of all are fitted; those of groups came out."
    of = f" of {part.test.source}" if len(fitted.parts) > 1 else ""
    return Table(f"Base rates{of}", "", ("control arm", "simulated"), tuple(rows), note)


def _profile(fitted: FittedTest) -> Table:
    from omnilab.report.document import Table

    p = fitted.profile
    rows = tuple(
        (f"created {c:.1%}", tuple(f"{x:.1f}" for x in p.worse[i])) for i, c in enumerate(p.created)
    )
    note = (
        "How much worse the lifts are met (chi-square) where both are held and all else is fitted: "
        "below 4 one test does not tell the places apart."
    )
    columns = tuple(f"need {n:.2f}" for n in p.need)
    return Table(
        "Demand that messages make, against demand that they find", "", columns, rows, note
    )
