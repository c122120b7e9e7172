"""Splink on a bundle's records, where it is installed."""

from __future__ import annotations

import logging

import pandas as pd

from omnilab.interop.bundle import PUBLIC, Bundle

__all__ = ["by_splink", "has_splink", "splink_clusters"]

_OWN = ("unique_id", "source_dataset", "timestamp", "cluster")
_AGREE = 0.9
_PAIRS = 1e6
_LIKELY = 0.5  # more likely one person's than not


def has_splink() -> bool:
    """Tell whether Splink is installed."""
    from importlib.util import find_spec

    return find_spec("splink") is not None


def by_splink(bundle: Bundle) -> pd.DataFrame:
    """Join records that Splink thinks likely to be one person's."""
    return splink_clusters(bundle.table(PUBLIC, "records.csv"))


def splink_clusters(frame: pd.DataFrame) -> pd.DataFrame:
    """Return unique_id and cluster: joined where that is likelier than not.

    Identifiers are compared exactly, and rare values weigh more. That two records of one person
    agree in an identifier that both have is taken for nine in ten. How often two strangers do, and
    how likely any two records are one person's, is estimated.

    Parameters
    ----------
    frame
        Of `omnilab.interop.records.records`, with or without the truth.
    """
    import splink.comparison_library as compare
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    kinds = [c for c in frame.columns if c not in _OWN]
    given = frame[["unique_id", *kinds]]
    rules = [block_on(kind) for kind in kinds]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            compare.ExactMatch(kind).configure(
                m_probabilities=[_AGREE, 1.0 - _AGREE], term_frequency_adjustments=True
            )
            for kind in kinds
        ],
        blocking_rules_to_generate_predictions=rules,
    )
    linker = Linker(DuckDBAPI().register(given), settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match(rules, recall=_AGREE)
    linker.training.estimate_u_using_random_sampling(max_pairs=_PAIRS, seed=1)
    pairs = linker.inference.predict(threshold_match_probability=_LIKELY)
    found = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, _LIKELY)
    cluster = found.as_pandas_dataframe().set_index("unique_id")["cluster_id"]
    return pd.DataFrame(
        {"unique_id": frame["unique_id"], "cluster": cluster.loc[frame["unique_id"]].to_numpy()}
    )
