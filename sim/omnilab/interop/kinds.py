"""Every kind of export by name: for which tools, what it needs, and the files that it makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from omnilab.errors import DataError, OptionError, nearest
from omnilab.experiment.statistics import LEVEL
from omnilab.interop import arms, events, mmm, paths, records, repeat_purchase
from omnilab.interop import trial as trials
from omnilab.interop.source import Source, channel_truth

__all__ = ["KINDS", "WORKBOOK", "Content", "Kind", "chosen_kinds", "files_of", "mean_truth"]

#: What a file holds: a table, lines of text, arrays by name, or JSON.
Content = pd.DataFrame | list[str] | dict[str, Any]
WORKBOOK: Final = "xlsx"


@dataclass(frozen=True)
class Kind:
    """One kind of export.

    Attributes
    ----------
    tools, what
        Who takes it, and what it is, in words.
    make
        Returns its files by name.
    trial
        Whether the control must live too.
    channels
        Whether the strategy must send or buy something, so that channels can be told apart.
    """

    tools: str
    what: str
    make: Callable[[Source], dict[str, Content]]
    trial: bool = False
    channels: bool = False


def _channel_attribution(source: Source) -> dict[str, Content]:
    return {
        "channel-attribution.csv": paths.channel_attribution(source.life.paths),
        "channels-truth.csv": channel_truth(source.crediting),
    }


def _journeys(source: Source) -> dict[str, Content]:
    return {
        "marketing-attribution-models.csv": paths.journeys(source.life.paths),
        "channels-truth.csv": channel_truth(source.crediting),
    }


def _fractribution(source: Source) -> dict[str, Content]:
    return {
        "fractribution.csv": paths.fractribution(source.life.paths),
        "channels-truth.csv": channel_truth(source.crediting),
    }


def _meridian(source: Source) -> dict[str, Content]:
    frame = mmm.meridian(source.lives, source.life)
    return {
        "meridian.csv": frame,
        "meridian-columns.json": mmm.meridian_columns(frame),
        "channels-truth.csv": channel_truth(source.crediting),
    }


def _robyn(source: Source) -> dict[str, Content]:
    return {
        "robyn.csv": mmm.robyn(source.lives, source.life),
        "channels-truth.csv": channel_truth(source.crediting),
    }


def _causalml(source: Source) -> dict[str, Content]:
    trial = source.trial
    frame = trials.uplift_table(trial, trial.randomised)
    return {
        "causalml.csv": frame.rename(columns={"treatment": "w"}),
        "trial-truth.csv": mean_truth(trial),
    }


def _scikit_uplift(source: Source) -> dict[str, Content]:
    trial = source.trial
    return {
        "scikit-uplift.csv": trials.uplift_table(trial, trial.randomised),
        "trial-truth.csv": mean_truth(trial),
    }


def _tea_tasting(source: Source) -> dict[str, Content]:
    trial = source.trial
    return {
        "tea-tasting.csv": trials.experiment_table(source.lives, trial, source.life),
        "trial-truth.csv": mean_truth(trial),
    }


def _clv(source: Source) -> dict[str, Content]:
    bought = repeat_purchase.transactions(source.lives, source.life)
    found = repeat_purchase.summary(source.lives, bought)
    truth = repeat_purchase.future(source.lives, source.life, found["customer_id"])
    return {"clv-transactions.csv": bought, "clv-summary.csv": found, "clv-truth.csv": truth}


def _splink(source: Source) -> dict[str, Content]:
    return {"splink.csv": records.records(source.lives, source.life)}


def _er_evaluation(source: Source) -> dict[str, Content]:
    frame = records.records(source.lives, source.life)
    return {"er-evaluation.csv": frame[["unique_id", "cluster"]]}


def _bandit(source: Source) -> dict[str, Content]:
    found = arms.feedback(source.lives)
    truth = pd.DataFrame(
        {
            "action": range(int(found["n_actions"])),
            "strategy": list(source.lives.lives),
            "value": found["expected_reward"].mean(axis=0),
        }
    )
    return {"bandit.npz": found, "bandit-truth.csv": truth}


def _segment(source: Source) -> dict[str, Content]:
    lines, truth = events.segment_events(source.lives, source.life)
    return {"segment.jsonl": lines, "segment-truth.csv": truth}


def _workbook(source: Source) -> dict[str, Content]:
    """Return the tables of a run directory; the other kinds' come when they are there."""
    return {f"{name}.csv": table for name, table in source.tables.items()}


KINDS: Final[dict[str, Kind]] = {
    "channel-attribution": Kind(
        "ChannelAttribution", "paths of touches, with how often they ended how",
        _channel_attribution, channels=True,
    ),
    "marketing-attribution-models": Kind(
        "marketing-attribution-models", "journeys: a path a row, with the hours before its end",
        _journeys, channels=True,
    ),
    "fractribution": Kind(
        "fractribution", "paths, as fractribution calls their columns", _fractribution,
        channels=True,
    ),
    "meridian": Kind("Meridian", "media by town and week", _meridian, channels=True),
    "robyn": Kind("Robyn", "media by week", _robyn, channels=True),
    "causalml": Kind("causalml", "a trial: features, y, w and the true tau", _causalml, trial=True),
    "scikit-uplift": Kind(
        "scikit-uplift", "a trial: features, y, treatment and the true tau", _scikit_uplift,
        trial=True,
    ),
    "tea-tasting": Kind(
        "tea-tasting", "a trial: metrics of each user, with those before", _tea_tasting, trial=True
    ),
    "clv": Kind(
        "pymc-marketing, lifetimes", "transactions, their summary, and what came after", _clv
    ),
    "splink": Kind("Splink", "records with the true cluster", _splink),
    "er-evaluation": Kind("er-evaluation", "the true membership of records", _er_evaluation),
    "bandit": Kind(
        "Open Bandit Pipeline", "logged choices among strategies, with every arm's reward",
        _bandit, trial=True,
    ),
    "segment": Kind("Segment", "identify and track calls as JSON lines", _segment),
    WORKBOOK: Kind("spreadsheets", "every table of the others, and of a run, in one file",
                   _workbook),
}  # fmt: skip


def chosen_kinds(asked: Sequence[str]) -> tuple[str, ...]:
    """Return the kinds that were asked for, each once, in the order of `KINDS`.

    Parameters
    ----------
    asked
        As typed: each may name several, with commas between.

    Raises
    ------
    OptionError
        For one that there is not.
    """
    names = [name.strip() for text in asked for name in text.split(",")]
    for name in names:
        if name not in KINDS:
            hint = nearest(name, KINDS) or f"; there are {', '.join(KINDS)}"
            raise OptionError(f"--to: there is no kind of export {name!r}{hint}")
    return tuple(name for name in KINDS if name in names)


def files_of(source: Source, kinds: Sequence[str]) -> dict[str, Content]:
    """Return all files of some kinds by name.

    Raises
    ------
    DataError
        For what the scenario can't fill, with the kind and what is missing.
    """
    found: dict[str, Content] = {}
    for name in kinds:
        try:
            found |= KINDS[name].make(source)
        except DataError as error:
            raise DataError(f"--to {name}: {source.scenario.id}: {error}") from None
    return found


def mean_truth(trial: trials.Trial) -> pd.DataFrame:
    """Return what the treatment truly does to all customers, and what it seems to do.

    Returns
    -------
    DataFrame
        A row for each outcome: ``truth``, the mean of both lives' difference; ``difference`` of
        treated and others in the randomised trial, with ``low`` and ``high`` of 95%; ``inside``,
        whether the truth lies between; ``targeted``, the plain difference where the strategy chose.
    """
    from scipy.special import stdtrit

    rows: list[dict[str, Any]] = []
    seen, other = trial.seen(trial.randomised), trial.seen(trial.targeted)
    for name in trials.OUTCOMES:
        one, zero = (seen[name][trial.randomised == w].to_numpy(float) for w in (1, 0))
        row: dict[str, Any] = {"outcome": name, "truth": float(trial.tau[name].mean())}
        low = high = difference = np.nan
        if len(one) > 1 and len(zero) > 1:
            difference = one.mean() - zero.mean()
            error = np.sqrt(one.var(ddof=1) / len(one) + zero.var(ddof=1) / len(zero))
            half = float(stdtrit(len(one) + len(zero) - 2, (1.0 + LEVEL) / 2.0)) * error
            low, high = difference - half, difference + half
        row |= {"difference": difference, "low": low, "high": high,
                "inside": bool(low <= row["truth"] <= high)}  # fmt: skip
        treated, rest = (other[name][trial.targeted == w].to_numpy(float) for w in (1, 0))
        row["targeted"] = treated.mean() - rest.mean() if len(treated) and len(rest) else np.nan
        rows.append(row)
    return pd.DataFrame(rows)
