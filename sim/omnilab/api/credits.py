"""Credit beside the truth, from Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike, fsdecode
from typing import TYPE_CHECKING, Any

from omnilab._arguments import flag, known_arguments, python_words, texts
from omnilab._arguments import text as a_text
from omnilab.api.experiments import loaded_strategy
from omnilab.api.observations import frame_of
from omnilab.api.scenarios import sized_scenario
from omnilab.api.settings import settings
from omnilab.experiment.credit_options import CONSENT, HALF_LIFE, LOOKBACK, MATCH, read_asked
from omnilab.experiment.crediting import credit_channels
from omnilab.report.credit import credit_data, credit_document, credit_html, credit_rows

if TYPE_CHECKING:
    import pandas as pd

    from omnilab.experiment.crediting import Crediting
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.protocol import Strategy

__all__ = ["CreditResult", "credit"]


class CreditResult:
    """What models of credit give to channels, beside what channels truly bring.

    Parameters
    ----------
    found
        What came out.
    """

    def __init__(self, found: Crediting) -> None:
        self._found = found

    def __repr__(self) -> str:
        """Return what was credited, and the headline."""
        document = credit_document(self._found)
        return f"<CreditResult {' '.join((document.title + '.', *document.headlines[:1]))}>"

    @property
    def table(self) -> pd.DataFrame:
        """Orders by source, a column a model, as the brand sees them.

        Behind them stand cost, and the true increment with its interval where there is one.
        """
        rows = [row for row in credit_rows(self._found) if row["paths"] == "seen"]
        frame = frame_of(rows).pivot(index="source", columns="model", values="orders")
        frame = frame.loc[list(self._found.sources), list(self._found.asked.models)]
        frame.columns.name = None
        found = self._found
        frame["cost"] = [found.costs.get(source, 0.0) for source in frame.index]
        for bound, name in (("value", "true"), ("low", "true_low"), ("high", "true_high")):
            frame[name] = [
                getattr(found.truth[source]["orders_per_customer"], bound)
                if source in found.truth else None
                for source in frame.index
            ]  # fmt: skip
        return frame

    @property
    def credits(self) -> pd.DataFrame:
        """A row a source, paths (``seen`` or ``true``) and model: orders, revenue, margin."""
        return frame_of(credit_rows(self._found))

    @property
    def errors(self) -> pd.DataFrame:
        """How far each model is off the truth, as a share of all orders, on both kinds of paths.

        What is off on the brand's paths has the interval that the truth gives it.
        """
        return frame_of(self.data["errors"]).set_index("model")

    @property
    def cuts(self) -> pd.DataFrame:
        """What each model, and the truth, would cut, and the LTV after the cut less that before."""
        rows = [
            {**{k: v for k, v in cut.items() if k != "ltv"}, **{
                f"ltv_{k}" if k != "value" else "ltv": v for k, v in cut["ltv"].items()}}
            for cut in self.data["cuts"]
        ]  # fmt: skip
        return frame_of(rows)

    @property
    def platforms(self) -> pd.DataFrame:
        """What ad platforms count of uploaded buyers: a row a channel of ads."""
        return frame_of(self.data["platforms"])

    @property
    def data(self) -> dict[str, Any]:
        """All of it, as ``--json`` writes it."""
        return credit_data(self._found)

    @known_arguments
    def to_html(self, path: str | PathLike[str] | None = None) -> str:
        """Return the page, and write it where a path is given."""
        from omnilab._files.writing import write_whole

        page = credit_html(self._found, "ol.credit(...)")
        if path is not None:
            write_whole(fsdecode(path), page)
        return page


@known_arguments
def credit(
    scenario: str | PathLike[str] | Scenario,
    strategy: str | Strategy = "omnichannel",
    *,
    lookback: str = LOOKBACK,
    half_life: str = HALF_LIFE,
    models: Sequence[str] = (),
    channels: Sequence[str] = (),
    utm: bool = True,
    call_tracking: bool = True,
    views: bool = False,
    consent: float | str = CONSENT,
    match: float | str | Mapping[str, float | str] = MATCH,
    quick: bool = False,
    customers: int | None = None,
    replications: int = 1,
    seed: int = 1,
    engine: str = "auto",
    threads: int | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> CreditResult:
    """Give a strategy's orders to channels, beside what channels truly bring.

    Parameters
    ----------
    scenario
        A shipped scenario's id, a file, or what `load_scenario` returned.
    strategy
        Whose orders are credited: its name, or an object of your own class.
    lookback, half_life
        How long before an order a touch counts, and the half life of time decay, such as ``"30d"``.
    models
        Names of models of credit; all by default.
    channels
        Those to try the strategy without; all that it uses by default.
    utm, call_tracking, views
        Whether links are tagged, calls are joined to the visit before, opens are touches.
    consent, match
        Shares of persons who agree to be measured, and of uploaded buyers whom ad platforms find;
        or of the latter by channel, such as ``{"social_ad": "40%"}``, the others having 55%.
    quick
        Leave out the runs without a channel; there is no truth then.
    customers, replications, seed, engine, threads, progress
        As `compare` takes them.

    Raises
    ------
    OptionError, ScenarioError, StrategyError
        What is wrong, in one line.
    """
    sized = sized_scenario(scenario, customers)
    loaded = loaded_strategy("strategy", strategy, sized)
    with python_words():
        asked = read_asked(
            loaded, sized, channels=texts("channels", channels) if channels else (),
            models=texts("models", models) if models else (),
            lookback=a_text("lookback", lookback) or LOOKBACK,
            half_life=a_text("half_life", half_life) or HALF_LIFE,
            utm=flag("utm", utm), call_tracking=flag("call_tracking", call_tracking),
            views=flag("views", views), consent=consent,
            match=[f"{c}={x}" for c, x in match.items()] if isinstance(match, Mapping) else match,
            twins=not flag("quick", quick),
        )  # fmt: skip
    return CreditResult(
        credit_channels(
            sized, loaded, asked,
            **settings(replications, seed, engine, threads, progress),
        )
    )  # fmt: skip
