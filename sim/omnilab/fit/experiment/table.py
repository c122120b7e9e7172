"""Read the table of a randomised test: one row a customer, and say what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from omnilab.errors import DataError, OptionError, nearest
from omnilab.fit.experiment.columns import OUTCOMES, Columns, find_columns, looks_like_header
from omnilab.fit.experiment.request import ExperimentRequest
from omnilab.fit.money import read_amounts
from omnilab.fit.parse import NO_TIME, parse_amounts, parse_times
from omnilab.fit.table import TextColumn, TextTable, load_table

__all__ = ["FEWEST", "RandomisedTest", "read_test"]

#: Customers of an arm below which nothing can be said.
FEWEST: Final = 200
_MISSING: Final = 0.2  # share of rows without an outcome beyond which the rest may be no sample
_DAY_S: Final = 86_400
_NOTHING: Final = frozenset({"", "na", "n/a", "nan", "null", "none", "-"})
#: Of these the one that a control arm may be called.
_NO_MESSAGE: Final = "none"
_FLAGS: Final = {"1": 1.0, "0": 0.0, "true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0, "y": 1.0,
                 "n": 0.0, "1.0": 1.0, "0.0": 0.0, "ja": 1.0, "nein": 0.0}  # fmt: skip
_DAYS: Final = (("day", 1.0), ("week", 7.0), ("month", 365.25 / 12))
_MONTHS_UP_TO: Final = 60  # the largest recency that is taken for months where nothing names it

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RandomisedTest:
    """The customers of a test that can be used, a place each in all arrays.

    Parameters
    ----------
    source
        The file's name.
    arms
        Names, the control arm first.
    arm
        Shape (n,): positions in ``arms``.
    outcomes
        Role of `OUTCOMES` -> shape (n,): 0 or 1 for visit and conversion, money for spend.
    within_s
        Seconds after the send over which outcomes were counted.
    recency
        Shape (n, 2): the least and the most days since the last order that the table allows; None
        where it doesn't say.
    history
        Shape (n,): money spent before; None where the table doesn't say.
    newbie
        Shape (n,): whether the first order was less than a year ago; None likewise.
    bought
        Column -> shape (n,): whether the category was bought before.
    ids
        Shape (n,): customers as the table has them; None where it doesn't say.
    sent
        Seconds since 1970 of the first send and of the last; None likewise.
    rows_read
        Rows in the file, without its header.
    notes
        How it was read and what was left out, a line each.
    warnings
        What speaks against the test itself.
    """

    source: str
    arms: tuple[str, ...]
    arm: npt.NDArray[np.int64]
    outcomes: dict[str, Floats]
    within_s: int
    recency: Floats | None = None
    history: Floats | None = None
    newbie: Mask | None = None
    bought: dict[str, Mask] = field(default_factory=dict)
    ids: npt.NDArray[np.str_] | None = None
    sent: tuple[int, int] | None = None
    rows_read: int = 0
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Number of customers."""
        return len(self.arm)

    def sizes(self) -> list[int]:
        """Return the customers of each arm."""
        return [int(n) for n in np.bincount(self.arm, minlength=len(self.arms))]

    def part(self, keep: Mask) -> RandomisedTest:
        """Return the test with some of its customers."""

        def cut(values: Any) -> Any:
            return None if values is None else values[keep]

        return replace(
            self, arm=self.arm[keep], recency=cut(self.recency), history=cut(self.history),
            newbie=cut(self.newbie), ids=cut(self.ids),
            outcomes={k: v[keep] for k, v in self.outcomes.items()},
            bought={k: v[keep] for k, v in self.bought.items()},
        )  # fmt: skip

    def split(self, share: float, seed: int) -> tuple[RandomisedTest, RandomisedTest]:
        """Return the test in two: what is fitted, and a random ``share`` of each arm held out."""
        rng = np.random.default_rng(seed)
        held = np.zeros(self.n, np.bool_)
        for a in range(len(self.arms)):
            of_arm = np.flatnonzero(self.arm == a)
            held[rng.permutation(of_arm)[: round(share * len(of_arm))]] = True
        return self.part(~held), self.part(held)


def read_test(request: ExperimentRequest) -> RandomisedTest:
    """Read and check a test's table.

    Raises
    ------
    DataError
        With the file and, where there is one, the line: no arm or outcome column; one arm only; an
        arm too small; a negative outcome; a customer twice; arms at different times; a window that
        ends after the data.
    OptionError
        If ``control`` is no arm.
    """
    file = request.table
    table = load_table(
        file, encoding=request.encoding, is_header=lambda fields: looks_like_header(fields, request)
    )
    columns = find_columns(table.names, request, file)
    return _Reading(request, file, table, columns).read()


class _Reading:
    """One reading of a table: what is found on the way is counted here."""

    def __init__(
        self, request: ExperimentRequest, file: Path, table: TextTable, columns: Columns
    ) -> None:
        self.request, self.file, self.table, self.columns = request, file, table, columns
        self.notes = [note.removeprefix(f"{file}: ") for note in table.notes]
        self.warnings: list[str] = []
        self.keep: Mask = np.ones(table.n_rows, np.bool_)

    def read(self) -> RandomisedTest:
        arms, arm = self._arms()
        outcomes = self._outcomes()
        ids = self._check_customers(arms, arm)
        recency, history = self._recency(), self._history()
        newbie, bought = self._newbie(), self._bought()
        sent = self._check_dates(arms, arm)
        if not self.keep.any():
            raise DataError(f"no customer is left of {self.table.n_rows:,}", file=self.file)
        whole = RandomisedTest(
            source=self.file.name, arms=arms, arm=arm, outcomes=outcomes,
            within_s=self.request.within_s, recency=recency, history=history, newbie=newbie,
            bought=bought, ids=ids, sent=sent, rows_read=self.table.n_rows,
        )  # fmt: skip
        test = whole.part(self.keep)
        self._check_sizes(test)
        self._tell_coincidences(test)
        return replace(test, notes=tuple(self.notes), warnings=tuple(self.warnings))

    def _column(self, name: str) -> TextColumn:
        return self.table.column(name)

    def _line(self, row: int) -> int:
        return self.table.row_number(int(row))

    def _leave_out(self, rows: Mask, why: str) -> None:
        gone = rows & self.keep
        if gone.any():
            first = self._line(int(np.flatnonzero(gone)[0]))
            self.notes.append(f"left out {_rows(int(gone.sum()))} {why}, such as line {first}")
            self.keep &= ~rows

    def _arms(self) -> tuple[tuple[str, ...], npt.NDArray[np.int64]]:
        column = self._column(self.columns.arm)
        no_arm = _NOTHING - {_NO_MESSAGE}
        empty = np.array([t.casefold() in no_arm for t in column.texts])[column.codes]
        self._leave_out(empty, "without an arm")
        counts = np.bincount(column.codes[self.keep], minlength=len(column.texts))
        names = [text for text, n in zip(column.texts, counts, strict=True) if n]
        if len(names) < 2:
            only = f"only one, {names[0]!r}" if names else "none"
            raise DataError(
                f"column {self.columns.arm!r} has {only}: a test needs a control arm, whose "
                "customers got nothing, beside each arm that got a message",
                file=self.file,
            )
        if len(names) > 20:
            raise DataError(
                f"column {self.columns.arm!r} has {len(names):,} different values, such as "
                f"{names[0]!r}: at most 20 arms; name the right column with --arm",
                file=self.file,
            )
        control = self._control(names)
        arms = (control, *sorted(name for name in names if name != control))
        place = np.array([arms.index(t) if t in arms else 0 for t in column.texts], dtype=np.int64)
        return arms, place[column.codes]

    def _control(self, names: list[str]) -> str:
        asked = self.request.control
        if asked is None:
            raise OptionError(
                f"Missing option '--control': which arm got nothing? There are "
                f"{', '.join(repr(n) for n in names)}"
            )
        same = [n for n in names if n.casefold() == asked.strip().casefold()]
        if asked in names or len(same) == 1:
            return asked if asked in names else same[0]
        hint = nearest(asked, names) or f"; there are {', '.join(repr(n) for n in names)}"
        raise OptionError(f"--control {asked!r} is no arm of {self.file}{hint}")

    def _outcomes(self) -> dict[str, Floats]:
        found = {}
        for role, name in self.columns.outcomes.items():
            column = self._column(name)
            if role == "spend":
                numbers, note = read_amounts(
                    column.texts, file=self.file, column=name, decimal=self.request.decimal
                )
                self.notes += [note] if note else []
            else:
                flags = np.array([_FLAGS.get(t.casefold(), np.nan) for t in column.texts])
                numbers = np.where(np.isnan(flags), parse_amounts(column.texts), flags)
            values = numbers[column.codes]
            self._refuse_negative(name, values)
            missing = np.isnan(values)
            share = float((missing & self.keep).sum()) / max(int(self.keep.sum()), 1)
            if share > _MISSING:
                raise DataError(
                    f"column {name!r} has no {role} that can be read in {share:.0%} of the rows, "
                    f"such as line {self._line(int(np.flatnonzero(missing)[0]))}: write 0 for "
                    "customers without one",
                    file=self.file,
                )
            self._leave_out(missing, f"without a {role} that can be read in column {name!r}")
            if role != "spend" and (values[self.keep] > 1).any():
                self.notes.append(f"column {name!r} counts: who has one or more counts once")
                values = np.minimum(values, 1.0)
            found[role] = values
        if "spend" in found and "conversion" not in found:
            found["conversion"] = (found["spend"] > 0).astype(np.float64)
            self.notes.append("no column of conversions: who spent anything has converted")
        return {role: found[role] for role in OUTCOMES if role in found}

    def _refuse_negative(self, name: str, values: Floats) -> None:
        negative = np.flatnonzero((values < 0) & self.keep)
        if len(negative):
            raise DataError(
                f"column {name!r} is negative in {_rows(len(negative))}, first here "
                f"({values[negative[0]]:g}): outcomes are 0 or more; net returns out of spend, or "
                "leave out these customers",
                file=self.file, line=self._line(int(negative[0])),
            )  # fmt: skip

    def _check_customers(
        self, arms: tuple[str, ...], arm: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.str_] | None:
        """Refuse customers who stand twice; return all, None where the table doesn't name them."""
        if self.columns.customer is None:
            self.notes.append("no column of customers: each row is taken for one of its own")
            return None
        column = self._column(self.columns.customer)
        empty = np.array([t.casefold() in _NOTHING for t in column.texts])[column.codes]
        self._leave_out(empty, "without a customer")
        rows = np.flatnonzero(self.keep)
        order = rows[np.argsort(column.codes[rows], kind="stable")]
        same = np.flatnonzero(column.codes[order][1:] == column.codes[order][:-1])
        if not len(same):
            return np.array(column.texts)[column.codes]
        one, other = int(order[same[0]]), int(order[same[0] + 1])
        customer = column.text(one)
        where = f"customer {customer!r} stands here and on line {self._line(one)}"
        if arm[one] != arm[other]:
            where += f", in arms {arms[arm[one]]!r} and {arms[arm[other]]!r}"
        raise DataError(
            f"{where}, and {_rows(len(same))} in all repeat a customer: a test has one row a "
            "customer, of one arm; where tests overlap in time, give each its own table of "
            "customers who were in no other",
            file=self.file, line=self._line(other),
        )  # fmt: skip

    def _numbers(self, name: str) -> Floats:
        column = self._column(name)
        return parse_amounts(column.texts)[column.codes]

    def _covariate(self, name: str | None, what: str) -> Floats | None:
        """Return a covariate's numbers; None where there is none, or all are alike."""
        if name is None:
            return None
        values = self._numbers(name)
        self._leave_out(np.isnan(values), f"without a {what} that can be read in column {name!r}")
        kept = values[self.keep]
        if not len(kept) or kept.min() == kept.max():
            self._constant(name)
            return None
        self._refuse_negative(name, values)
        return values

    def _constant(self, name: str) -> None:
        self.notes.append(
            f"column {name!r} is the same for all customers, so it tells none apart: not used"
        )

    def _recency(self) -> Floats | None:
        name = self.columns.recency
        values = self._covariate(name, "recency")
        if values is None or name is None:
            return None
        kept = values[self.keep]
        unit = self.request.unit_days
        word = next((w for w, d in _DAYS if d == unit), None)
        if unit is None:
            named = [(w, d) for w, d in _DAYS if w in name.casefold()]
            by_size = _DAYS[2] if kept.max() <= _MONTHS_UP_TO else _DAYS[0]
            word, unit = named[0] if named else by_size
            self.notes.append(
                f"column {name!r} is read as {word}s since the last order (--recency-unit)"
            )
        # Month 1 is the first one where nobody has month 0.
        below = 1.0 if kept.min() >= 1 and unit > 1 else 0.0
        least = np.maximum(np.floor(values) - below, 0.0) * unit
        return np.stack([least, least + unit], axis=1)

    def _history(self) -> Floats | None:
        return self._covariate(self.columns.history, "spend")

    def _flag(self, name: str) -> Floats:
        column = self._column(name)
        flags = np.array([_FLAGS.get(t.casefold(), np.nan) for t in column.texts])
        return flags[column.codes]

    def _newbie(self) -> Mask | None:
        name = self.columns.newbie
        if name is None:
            return None
        flags = self._flag(name)
        self._leave_out(np.isnan(flags), f"without a yes or no in column {name!r}")
        kept = flags[self.keep]
        if len(kept) and kept.min() == kept.max():
            self._constant(name)
            return None
        return flags == 1.0

    def _bought(self) -> dict[str, Mask]:
        found: dict[str, Mask] = {}
        unused: list[str] = []
        for name in self.columns.bought or self.columns.others:
            flags = self._flag(name)
            if np.isnan(flags[self.keep]).any():
                if self.columns.bought:
                    bad = int(np.flatnonzero(np.isnan(flags) & self.keep)[0])
                    raise DataError(
                        f"column {name!r} has {self._column(name).text(bad)!r}: 1 or 0, whether "
                        "the category was bought",
                        file=self.file, line=self._line(bad),
                    )  # fmt: skip
                unused.append(name)
            elif flags[self.keep].min() == flags[self.keep].max():
                self._constant(name)
            else:
                found[name] = flags == 1.0
        if len(found) > 6:
            unused += [*found][6:]
            found = {name: found[name] for name in [*found][:6]}
        if unused:
            self.notes.append(
                f"{len(unused)} columns are not used: {', '.join(map(repr, unused[:8]))}"
            )
        return found

    def _check_dates(
        self, arms: tuple[str, ...], arm: npt.NDArray[np.int64]
    ) -> tuple[int, int] | None:
        """Check that the arms ran at one time, and that the data reach to the window's end.

        Returns the first send and the last, None where the table doesn't say.
        """
        name, until = self.columns.date, self.request.until
        if name is None:
            if until is not None:
                raise OptionError("--until: the table has no column of sends' dates; see --date")
            self.notes.append("no column of sends' dates: the arms are taken to be of one time")
            return None
        column = self._column(name)
        times = parse_times(
            column.texts, file=self.file, column=name, date_format=self.request.date_format
        )[column.codes]
        self._leave_out(times == NO_TIME, f"without a date that can be read in column {name!r}")
        for a in range(len(arms)):
            _check_time(self.file, arms, times, arm, a, self.keep, self.warnings)
        kept = times[self.keep]
        sent = (int(kept.min()), int(kept.max())) if len(kept) else None
        if until is None or sent is None:
            return sent
        last = sent[1]
        end = (until.toordinal() - 719_163 + 1) * _DAY_S  # 1970-01-01 is day 719,163
        if last + self.request.within_s > end:
            row = int(np.flatnonzero((times == last) & self.keep)[0])
            left = max((end - last) // _DAY_S, 0)
            raise DataError(
                f"the window of {self.request.within} after the send of "
                f"{column.text(row)!r} ends after the data do ({until}): give --within {left}d at "
                "most, or wait",
                file=self.file, line=self._line(row),
            )  # fmt: skip
        return sent

    def _check_sizes(self, test: RandomisedTest) -> None:
        for name, n in zip(test.arms, test.sizes(), strict=True):
            if n < FEWEST:
                raise DataError(
                    f"arm {name!r} has {n:,} customers: at least {FEWEST} are needed, and some "
                    "thousands to tell a lift of visits from chance",
                    file=self.file,
                )
        for role, values in test.outcomes.items():
            if not values.any():
                raise DataError(
                    f"no customer of any arm has a {role}: there is nothing to fit",
                    file=self.file,
                )
        self.warnings += list(_imbalances(test))

    def _tell_coincidences(self, test: RandomisedTest) -> None:
        """Count what outcomes say against each other."""
        visit, bought = test.outcomes.get("visit"), test.outcomes.get("conversion")
        spend = test.outcomes.get("spend")
        if visit is not None and bought is not None and (n := int((bought > visit).sum())):
            self.notes.append(f"{n:,} customers converted without a visit; both are kept")
        if spend is not None and bought is not None and (n := int(((spend > 0) > bought).sum())):
            self.notes.append(f"{n:,} customers spent without a conversion; both are kept")


def _check_time(
    file: Path, arms: tuple[str, ...], times: npt.NDArray[np.int64], arm: npt.NDArray[np.int64],
    a: int, keep: Mask, warnings: list[str],
) -> None:  # fmt: skip
    """Refuse an arm that has no control at its time, and tell of one that has little."""
    if a == 0:
        return
    of_arm, of_control = times[keep & (arm == a)], times[keep & (arm == 0)]
    if not len(of_arm) or not len(of_control):
        return
    days = of_arm // _DAY_S, of_control // _DAY_S
    if days[0].min() > days[1].max() or days[0].max() < days[1].min():
        raise DataError(
            f"arm {arms[a]!r} was sent from {_day(days[0].min())} to {_day(days[0].max())}, and "
            f"the control arm is of {_day(days[1].min())} to {_day(days[1].max())}: a lift needs "
            "both at one time; give each send its own control",
            file=file,
        )
    if days[0].min() != days[1].min() or days[0].max() != days[1].max():
        warnings.append(
            f"arm {arms[a]!r} was sent from {_day(days[0].min())} to {_day(days[0].max())}, the "
            f"control arm is of {_day(days[1].min())} to {_day(days[1].max())}: what differs may "
            "be the time"
        )


def _rows(n: int) -> str:
    return f"{n:,} row{'s' * (n != 1)}"


def _day(number: int) -> str:
    return str(np.datetime64(int(number), "D"))


def _imbalances(test: RandomisedTest) -> Iterator[str]:
    """Yield covariates that differ between arms by more than a random draw lets them.

    Each is cut at its median; chi-square of arm by half, at one in a thousand over all of them.
    """
    from scipy.stats import chi2_contingency

    columns: list[tuple[str, Mask]] = [(f"{name!r}", flag) for name, flag in test.bought.items()]
    if test.newbie is not None:
        columns.append(("new customers", test.newbie))
    if test.recency is not None:
        columns.append(("recency", test.recency[:, 0] > np.median(test.recency[:, 0])))
    if test.history is not None:
        columns.append(("spend before", test.history > np.median(test.history)))
    for name, flag in columns:
        table = np.array(
            [[np.sum(flag & (test.arm == a)), np.sum(~flag & (test.arm == a))]
             for a in range(len(test.arms))]
        )  # fmt: skip
        if (table.sum(axis=0) == 0).any():
            continue
        if chi2_contingency(table).pvalue < 0.001 / len(columns):
            shares = ", ".join(
                f"{arm!r} {row[0] / row.sum():.1%}"
                for arm, row in zip(test.arms, table, strict=True)
            )
            yield (
                f"the arms differ in {name} by more than chance ({shares}): was the test "
                "randomised? Its lifts may be the customers' and not the message's"
            )
