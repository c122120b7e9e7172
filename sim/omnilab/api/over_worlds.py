"""What is asked in each world of a plausible set, from Python; an ablation's answer."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike, fsdecode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omnilab._arguments import choice, known_arguments, python_words, shown, whole
from omnilab.api.observations import frame_of
from omnilab.errors import OptionError
from omnilab.experiment.plausible.ablated import ablated_data
from omnilab.experiment.plausible.compared import MOST_CUSTOMERS, MOST_WORLDS
from omnilab.experiment.plausible.file import find_worlds, read_worlds

if TYPE_CHECKING:
    import pandas as pd

    from omnilab.experiment.plausible.ablated import Ablated
    from omnilab.experiment.plausible.file import WorldSet
    from omnilab.scenario.model import Scenario

__all__ = ["AblatedWorlds", "chosen_worlds", "one_world_only"]


def chosen_worlds(
    given: str | PathLike[str] | Scenario, loaded: Scenario, plausible: Any, worlds: Any,
    customers: Any,
) -> tuple[str, Scenario, WorldSet]:  # fmt: skip
    """Return a label, the scenario with the customers of a world, and the worlds to run.

    Parameters
    ----------
    given, loaded
        The scenario as the caller named it, and as its file has it.
    plausible, worlds, customers
        As the caller gave them; None for the defaults of the last two.

    Raises
    ------
    OptionError, DataError
        If they can't be used, or the set is of another scenario or version.
    """
    if not isinstance(plausible, str | PathLike) or not fsdecode(plausible):
        raise OptionError(f"plausible: {shown(plausible)} is neither a set's file nor 'auto'")
    size = min(loaded.population.customers, MOST_CUSTOMERS)
    if customers is not None:
        size = whole("customers", customers, 1, 10**9)
    most = MOST_WORLDS if worlds is None else whole("worlds", worlds, 2, 10_000)
    label = fsdecode(given) if isinstance(given, str | PathLike) else loaded.id
    with python_words():
        file = find_worlds(fsdecode(plausible), Path(label))
        some = read_worlds(file, loaded).fewer(most)
    return label, loaded.with_customers(size), some


def one_world_only(plausible: Any, worlds: Any) -> bool:
    """Say whether a call is about one world, which ``worlds`` does not go with.

    Raises
    ------
    OptionError
        If only ``worlds`` is given.
    """
    if plausible is None and worlds is not None:
        raise OptionError("worlds: how many of a set are run goes with plausible")
    return plausible is None


class AblatedWorlds:
    """The result of `ablate` over a set of worlds.

    Parameters
    ----------
    found
        What was found.
    digest
        Of the scenario as its file has it.
    """

    def __init__(self, found: Ablated, digest: str) -> None:
        self._found, self._data = found, ablated_data(found, digest=digest)

    def __repr__(self) -> str:
        """Return the scenario, the strategy, the switches and the worlds in one line."""
        data = self._data
        return (
            f"<omnilab ablation: {data['scenario']['id']}, {data['strategy']} over "
            f"{', '.join(data['switches'])}, {data['worlds']} worlds>"
        )

    @property
    def switches(self) -> list[str]:
        """Names of the switches."""
        return list(self._data["switches"])

    @property
    def failures(self) -> dict[int, str]:
        """Worlds that have no effects, by their number from 0, and why."""
        return dict(self._found.failures)

    def data(self) -> dict[str, Any]:
        """Return all of it as plain data, as the command's ``--json`` writes it."""
        return dict(self._data)

    def table(self) -> pd.DataFrame:
        """Return all effects over the worlds: a row a kind, switch and measure."""
        return frame_of(self._data["effects"])

    @known_arguments
    def shapley(self, measure: str | None = None) -> pd.DataFrame:
        """Return what each switch is worth over the worlds, by Shapley's value: a row a switch.

        The last row, ``whole``, is that of all of them.

        Parameters
        ----------
        measure
            Its name; the first of the result if not given.
        """
        names = tuple(self._data["measures"])
        name = names[0] if measure is None else choice("measure", measure, names)
        rows: Sequence[dict[str, Any]] = [
            row
            for kind in ("shapley", "whole")
            for row in self._data["effects"]
            if row["measure"] == name and row["kind"] == kind
        ]
        left = ("kind", "switch", "and_switch", "measure")
        return frame_of(
            {"switch": row["switch"] or "whole", **{k: v for k, v in row.items() if k not in left}}
            for row in rows
        ).set_index("switch")
