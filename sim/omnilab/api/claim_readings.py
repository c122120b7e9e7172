"""What is claimed of omnichannel marketing beside simulated figures, from Python."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from os import PathLike, fsdecode
from typing import TYPE_CHECKING, Any

from omnilab._arguments import known_arguments, whole
from omnilab._arguments import progress as callback
from omnilab.api.experiments import threads_of
from omnilab.api.observations import frame_of
from omnilab.api.scenarios import scenario_of
from omnilab.errors import OptionError
from omnilab.experiment.plausible.file import find_worlds, read_worlds
from omnilab.experiment.published.over import MOST_WORLDS, ask_claims, customers_of
from omnilab.report.published import claims_data, claims_document, claims_markdown

if TYPE_CHECKING:
    import pandas as pd

    from omnilab.experiment.published.over import Asked
    from omnilab.scenario.model import Scenario

__all__ = ["ClaimsResult", "claims"]


class ClaimsResult:
    """What came of the claims of the trade."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked

    @cached_property
    def data(self) -> dict[str, Any]:
        """All of it, as ``--json`` writes it."""
        return claims_data(self._asked)

    @property
    def table(self) -> pd.DataFrame:
        """A row a reading of a claim: what was published, the simulated number, its interval."""
        return frame_of(
            [
                {"id": row["id"], "published": row["published"], "reading": name, **reading}
                for row in self.data["claims"]
                for name, reading in row["readings"].items()
            ]
        )

    @property
    def missing(self) -> dict[str, str]:
        """Claim -> why it was not asked."""
        return {one.claim.id: one.missing for one in self._asked.found if one.missing}

    def to_markdown(self) -> str:
        """Return the report as Markdown, as ``--page`` writes it."""
        return claims_markdown(self._asked, "ol.claims(...).to_markdown()")

    def __repr__(self) -> str:
        """Return the headline."""
        lines = claims_document(self._asked).headlines
        return f"<ClaimsResult {lines[0] if lines else 'no claim could be asked'}>"


@known_arguments
def claims(
    scenario: str | PathLike[str] | Scenario = "retailer-v1",
    *,
    plausible: str | PathLike[str] | None = None,
    worlds: int | None = None,
    customers: int | None = None,
    replications: int = 10,
    seed: int = 1,
    threads: int | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> ClaimsResult:
    """Show what is claimed of omnichannel marketing beside what customers of a scenario do.

    Parameters
    ----------
    scenario
        A shipped scenario's id, a file, or one that is loaded.
    plausible
        A set of plausible worlds in which the claims are asked; ``"auto"`` is the one beside the
        scenario, which then is given by its file or id.
    worlds
        How many of the set's worlds are run, 2 or more; 100 by default.
    customers
        Of each population; 1,000 by default, or one town.
    replications
        Populations. With fewer than 10, figures on which mailshots have a shared effect have no
        interval.
    seed
        Of customers and of chance.
    threads
        Worlds that run side by side; one a core by default.
    progress
        As that of `omnilab.compare`.

    Raises
    ------
    OptionError, ScenarioError, DataError
        What is wrong, in one line.
    """
    loaded = scenario_of(scenario)
    chosen = None
    if plausible is not None:
        beside = scenario if isinstance(scenario, str | PathLike) else loaded.id
        whole_set = read_worlds(find_worlds(fsdecode(plausible), fsdecode(beside)), loaded)
        some = MOST_WORLDS if worlds is None else whole("worlds", worlds, 2, 10_000)
        chosen = whole_set.fewer(some)
    elif worlds is not None:
        raise OptionError("worlds: how many of a set are run goes with plausible")
    size = customers_of(loaded) if customers is None else whole("customers", customers, 1, 10**9)
    return ClaimsResult(
        ask_claims(
            loaded.with_customers(size), chosen,
            replications=whole("replications", replications, 1, 1000),
            seed=whole("seed", seed, 0, 2**63 - 1), threads=threads_of(threads),
            progress=callback("progress", progress),
        )
    )  # fmt: skip
