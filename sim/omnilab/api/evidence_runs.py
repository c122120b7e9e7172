"""Run published experiments beside what was found, from Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from os import PathLike, fsdecode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omnilab._arguments import known_arguments, shown, whole
from omnilab._arguments import progress as callback
from omnilab.api.experiments import threads_of
from omnilab.api.observations import frame_of
from omnilab.errors import OptionError
from omnilab.experiment.evidence.declared import evidence_files
from omnilab.experiment.evidence.kept import Kept
from omnilab.experiment.evidence.many import plan_studies, run_studies
from omnilab.experiment.evidence.score import score_claims
from omnilab.report.evidence import evidence_data, evidence_document, evidence_html
from omnilab.report.evidence.studies import rate_tables, setting_of, studies_data

if TYPE_CHECKING:
    import pandas as pd

    from omnilab.experiment.evidence.many import Evidence
    from omnilab.experiment.evidence.score import Scores

__all__ = ["EvidenceResult", "evidence"]


class EvidenceResult:
    """What came of published experiments.

    Attributes
    ----------
    failures
        File -> why it has no result.
    """

    def __init__(self, found: Evidence) -> None:
        self._found = found
        self.failures = found.failures

    @cached_property
    def _scores(self) -> Scores:
        return score_claims(c for result in self._found.results for c in result.claims)

    @property
    def claims(self) -> pd.DataFrame:
        """A row a claim: what was published and simulated, and the verdict on it."""
        return frame_of(self.data["claims"])

    @property
    def values(self) -> pd.DataFrame:
        """A row a number of which claims were made: an outcome of a group under an arm."""
        return frame_of(
            [{"study": s["study"], **v} for s in self.data["studies"] for v in s["values"]]
        )

    @property
    def rates(self) -> pd.DataFrame:
        """A row a base rate: the parameter that was moved, and how far it had to go."""
        return frame_of(
            [{"study": s["study"], **r} for s in self.data["studies"] for r in s["rates"]]
        )

    @cached_property
    def data(self) -> dict[str, Any]:
        """All of it, as ``--json`` writes it."""
        return {**evidence_data(self._scores), **studies_data(self._found)}

    def to_html(self, path: str | PathLike[str] | None = None) -> str:
        """Return the page, and write it where a path is given."""
        from omnilab._files.writing import write_whole

        page = evidence_html(
            self._scores, setting_of(self._found), "ol.evidence(...)",
            more=rate_tables(self._found.results),
        )  # fmt: skip
        if path is not None:
            write_whole(fsdecode(path), page)
        return page

    def __repr__(self) -> str:
        """Return the headline."""
        document = evidence_document(self._scores, setting_of(self._found))
        return f"<EvidenceResult {' '.join(document.headlines[:1])}>"


@known_arguments
def evidence(
    places: str | PathLike[str] | Sequence[str | PathLike[str]] | None = None,
    *,
    only: str | Sequence[str] = (),
    seed: int = 1,
    customers: int | None = None,
    quick: bool = False,
    worlds: int | None = None,
    threads: int | None = None,
    keep: str | PathLike[str] | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> EvidenceResult:
    """Run published experiments again and hold their claims against what comes out.

    Parameters
    ----------
    places
        Files of evidence or folders of them; those that come with omnilab by default.
    only
        Ids of studies, or of claims whose studies run.
    seed
        Of customers and of chance.
    customers
        Of each world; each file's own by default.
    quick
        A quarter of the customers of each file.
    worlds
        Run each study in so many worlds within what its scenario assumes, 4 or more: intervals are
        then of chance and of the assumptions. None for the scenario alone.
    threads
        Studies that run side by side; one a core by default.
    keep
        A folder where finished studies are kept and found again; none by default.
    progress
        As that of `omnilab.compare`.

    Raises
    ------
    OptionError, ScenarioError
        What is wrong, in one line, where nothing can be run; what fails among others is in
        ``failures``.
    """
    given = () if places is None else (places,) if isinstance(places, str | PathLike) else places
    some = (only,) if isinstance(only, str) else only
    if not all(isinstance(one, str) for one in some):
        raise OptionError(f"only: give ids, such as ['LEW14'], not {shown(only)}")
    if quick and customers is not None:
        raise OptionError("quick: give it or customers, not both")
    size = None if customers is None else whole("customers", customers, 1, 10**9)
    told, workers = callback("progress", progress), threads_of(threads)
    plan = plan_studies(
        evidence_files([fsdecode(place) for place in given]), only=tuple(some),
        seed=whole("seed", seed, 0, 2**63 - 1), customers=size, quick=bool(quick),
        worlds=0 if worlds is None else whole("worlds", worlds, 4, 1000),
    )  # fmt: skip
    kept = None if keep is None else Kept(Path(fsdecode(keep)))
    return EvidenceResult(run_studies(plan, threads=workers, kept=kept, progress=told))
