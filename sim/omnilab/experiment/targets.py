"""How narrow intervals are to be: what ``--until`` asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

from omnilab.errors import OptionError, nearest
from omnilab.measure.catalogue import MEASURES

__all__ = ["MAIN", "MOST_CUSTOMERS", "Target", "Until", "parse_targets"]

#: The main differences: what a bare percentage is about.
MAIN: Final = ("ltv", "purchase_rate", "orders_per_customer")
MOST_CUSTOMERS: Final = 1_000_000

_TARGET: Final = re.compile(r"(?:([A-Za-z_][\w-]*)\s*=\s*)?([0-9.eE+-]+)\s*(%?)")


@dataclass(frozen=True)
class Target:
    """How narrow a measure's differences are to be.

    Attributes
    ----------
    measure
        Its name.
    half
        Half the width of the 95% interval, > 0: in the measure's unit, or as a share of the
        reference's value.
    relative
        Whether it is such a share.
    """

    measure: str
    half: float
    relative: bool

    def half_for(self, reference: float) -> float:
        """Return the half width in the measure's unit, given the reference's value."""
        return self.half * abs(reference) if self.relative else self.half


def parse_targets(texts: Sequence[str], option: str = "--until") -> tuple[Target, ...]:
    """Read targets: ``1%`` of the main measures, ``ltv=0.5%``, or ``ltv=0.05`` in its unit.

    A measure's own target comes before that of all main measures.

    Raises
    ------
    OptionError
        If one is none of that, is not above 0, or a measure has two.
    """
    general: dict[str, Target] = {}
    own: dict[str, Target] = {}
    for text in texts:
        name, half, percent = _read(text.strip(), option)
        to = general if name is None else own
        for measure in MAIN if name is None else (name,):
            if measure in to:
                raise OptionError(f"{option} {text!r}: there is such a target already")
            to[measure] = Target(measure, half, percent)
    return tuple((general | own).values())


def _read(text: str, option: str) -> tuple[str | None, float, bool]:
    match = _TARGET.fullmatch(text)
    number = _number(match[2]) if match else None
    if match is None or number is None:
        raise OptionError(f"{option} {text!r}: write 1%, ltv=0.5% or ltv=0.05")
    name, percent = match[1], bool(match[3])
    if name is None and not percent:
        raise OptionError(
            f"{option} {text!r}: write {text}% for a share of the reference's value, or name the "
            f"measure in whose unit it is: ltv={text}"
        )
    if name is not None and name not in MEASURES:
        raise OptionError(f"{option} {text!r}: no measure {name!r}{nearest(name, MEASURES)}")
    if number <= 0:
        raise OptionError(f"{option} {text!r}: no interval is that narrow")
    return name, number / 100 if percent else number, percent


@dataclass(frozen=True)
class Until:
    """What is asked for.

    Parameters
    ----------
    targets
        From `parse_targets`.
    customers
        In a replication.
    most_customers
        In all replications together.
    least
        Replications before the first look, at least.
    """

    targets: tuple[Target, ...]
    customers: int
    most_customers: int = MOST_CUSTOMERS
    least: int = 1

    def __post_init__(self) -> None:
        """Refuse a bound below the first look."""
        if self.most < self.least:
            times = f"{self.least} replications of " if self.least > 1 else ""
            raise OptionError(
                f"--most-customers {self.most_customers} is less than the {times}{self.customers} "
                "customers that --until begins with: raise it, or take fewer --customers"
            )

    @property
    def most(self) -> int:
        """Replications at most."""
        return self.most_customers // self.customers

    @classmethod
    def of(
        cls,
        texts: Sequence[str] | None,
        customers: int,
        most_customers: int | None,
        replications: int,
    ) -> Until | None:
        """Return the rule of a run's options; None where they ask for none."""
        if texts is None:
            return None
        most = MOST_CUSTOMERS if most_customers is None else most_customers
        return cls(parse_targets(texts), customers, most, replications)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None
