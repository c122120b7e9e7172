"""Bundles: the tables that an analyst would have, and apart from them the truth.

``public/`` can be handed out: nothing in it names scenario or seed, from which the truth could be
made again. ``secret/`` stays with who scores. Each part has a manifest with the SHA-256 of its
files; the secret one has that of the public manifest, too.

The truth is of lives from the same draws, so it is there twice over: a trial in which chance
treated, and one in which the strategy chose, as it would (`omnilab.interop.trial`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from omnilab._files.writing import drafts, names_file
from omnilab.errors import DataError
from omnilab.interop import mmm, paths, records, repeat_purchase
from omnilab.interop.exporting import MANIFEST, digests_in, put, said_of
from omnilab.interop.kinds import mean_truth
from omnilab.interop.lives import CENTS
from omnilab.interop.receipts import receipts
from omnilab.interop.source import Source, channel_truth
from omnilab.interop.trial import uplift_table
from omnilab.runs.directories import file_digest

if TYPE_CHECKING:
    from omnilab.interop.kinds import Content

__all__ = ["BOARD", "BUNDLE_FORMAT", "PUBLIC", "SECRET", "Bundle", "read_bundle", "write_bundle"]

BUNDLE_FORMAT: Final = "omnilab-bundle-v1"
PUBLIC: Final = "public"
SECRET: Final = "secret"
#: The file that scores are added to; it is no part of the manifests.
BOARD: Final = "leaderboard.csv"

_TASKS: Final = """\
# What is asked

There are four tasks. A submission is a CSV file with the two columns of one of them, and a row for
each thing that the task asks about.

- **attribution**: `channel`, `orders`. How many orders each channel of `channels.csv` brings in the
  window that would not be there without it. The window is the last `window_days` (in
  manifest.json). From `paths.csv`, `journeys.csv`, `media.csv`.
- **uplift**: `customer_id`, `uplift`. By how much the treatment changes the chance that a customer
  orders in the window. From `randomised.csv`, a trial in which chance chose who is treated, and
  `targeted.csv`, in which the strategy did: who did what its messages answer to is treated.
- **clv**: `customer_id`, `value`. What each customer of `clv.csv` pays after the end of history, in
  `ahead_days` (in manifest.json). From `transactions.csv`, `clv.csv`.
- **linkage**: `unique_id`, `cluster`. Which records of `records.csv` are of one person: they have
  the same cluster, whatever its name.

`receipts.csv` is what came back for messages.
"""


def write_bundle(source: Source, folder: Path, *, clean: Sequence[str] = ()) -> list[str]:
    """Write a bundle, and return its files' names.

    Parameters
    ----------
    source
        Both lives are made.
    folder
        That is not there yet.
    clean
        ``receipts``: as things truly were; ``identifiers``: neither mistyped, shared nor changed.

    Raises
    ------
    DataError
        For what the scenario can't fill. Nothing is written then.
    """
    lives, life, trial = source.lives, source.life, source.trial
    id_ = source.scenario.id
    try:
        linked = records.records(lives, life, clean="identifiers" in clean)
        bought = repeat_purchase.transactions(lives, life)
        summary = repeat_purchase.summary(lives, bought)
        public: dict[str, Content] = {
            "paths.csv": paths.channel_attribution(life.paths),
            "journeys.csv": paths.journeys(life.paths),
            "media.csv": mmm.meridian(lives, life),
            "channels.csv": pd.DataFrame({"channel": list(source.crediting.truth)}),
            "transactions.csv": bought,
            "clv.csv": summary,
            "records.csv": linked.drop(columns="cluster"),
            "receipts.csv": receipts(lives, life, clean="receipts" in clean),
        }
    except DataError as error:
        raise DataError(f"--bundle: {id_}: {error}") from None
    for name, treated in (("randomised", trial.randomised), ("targeted", trial.targeted)):
        public[f"{name}.csv"] = uplift_table(trial, treated).drop(columns="tau")
    secret: dict[str, Content] = {
        "channels.csv": channel_truth(source.crediting),
        "uplift.csv": _uplift_truth(source),
        "trial.csv": mean_truth(trial),
        "clv.csv": repeat_purchase.future(lives, life, summary["customer_id"]),
        "links.csv": linked[["unique_id", "cluster"]],
        "persons.csv": _persons(source),
    }
    ahead = (lives.end - repeat_purchase.cut_of(lives)) / 86400
    with names_file(folder), drafts([folder]) as (draft,):
        for part, files in ((PUBLIC, public), (SECRET, secret)):
            for name, content in files.items():
                put(draft / part / name, content)
        (draft / PUBLIC / "README.md").write_text(_TASKS, encoding="utf-8")
        told = {
            "format": BUNDLE_FORMAT, "part": PUBLIC, "clean": sorted(clean),
            "currency": source.scenario.currency, "ahead_days": ahead,
            "window_days": (lives.end - lives.switch) / 86400,
            "files": digests_in(draft / PUBLIC),
        }  # fmt: skip
        put(draft / PUBLIC / MANIFEST, told)
        orders = int(life.within("orders", lives.switch, lives.end).shape[0])
        put(
            draft / SECRET / MANIFEST,
            {"format": BUNDLE_FORMAT, "part": SECRET, **said_of(source), "orders": orders,
             "public": file_digest(draft / PUBLIC / MANIFEST),
             "files": digests_in(draft / SECRET)},
        )  # fmt: skip
        return list(digests_in(draft))


def _uplift_truth(source: Source) -> pd.DataFrame:
    trial = source.trial
    frame = pd.DataFrame({"customer_id": np.arange(len(trial.x))})
    for name in ("conversion", "revenue"):
        frame[f"{name}_control"], frame[f"{name}_treated"] = trial.y0[name], trial.y1[name]
        frame[f"{name}_tau"] = trial.tau[name]
    return frame


def _persons(source: Source) -> pd.DataFrame:
    """Return who the customers are: persona, household, what they bought and were worth."""
    lives, life = source.lives, source.life
    people = life.tables["people"].sort_values("person")
    personas = [p.name for p in source.scenario.population.personas]
    orders = life.within("orders", lives.switch, lives.end)
    n, person = lives.customers, orders["person"].to_numpy(np.int64)
    frame = pd.DataFrame(
        {
            "customer_id": people["person"].to_numpy(),
            "persona": [personas[int(p)] for p in people["persona"]],
            "household": people["household"].to_numpy(),
            "bought_before": people["prior"].to_numpy(),
        }
    )
    who = frame["customer_id"].to_numpy(np.int64)
    frame["town"] = lives.town[who]
    frame["orders"] = np.bincount(person, minlength=n)[who]
    frame["revenue"] = np.bincount(person, orders["paid"].to_numpy(float) / CENTS, n)[who]
    frame["ltv"] = life.ltv[who]
    return frame


@dataclass(frozen=True)
class Bundle:
    """A bundle that is as it was written.

    Attributes
    ----------
    folder
        Where it is.
    public, secret
        What its manifests say.
    """

    folder: Path
    public: dict[str, Any]
    secret: dict[str, Any]

    def table(self, part: str, name: str) -> pd.DataFrame:
        """Return a table of one part."""
        return pd.read_csv(self.folder / part / name)


def read_bundle(folder: Path) -> Bundle:
    """Return a bundle, each of its files held against its checksum.

    Raises
    ------
    DataError
        If it is no bundle, or a file is missing, changed or added: with the file's name.
    """
    found = {part: _manifest(folder / part, part) for part in (PUBLIC, SECRET)}
    if file_digest(folder / PUBLIC / MANIFEST) != found[SECRET]["public"]:
        raise DataError("is not the one that was written", file=folder / PUBLIC / MANIFEST)
    for part, manifest in found.items():
        for name, digest in manifest["files"].items():
            path = folder / part / name
            if not path.is_file():
                raise DataError("is missing from the bundle", file=path)
            if file_digest(path) != digest:
                raise DataError("was changed since the bundle was written", file=path)
        there = {p.relative_to(folder / part).as_posix() for p in (folder / part).rglob("*")}
        if more := sorted(there - {*manifest["files"], MANIFEST}):
            raise DataError("is no file of the bundle", file=folder / part / more[0])
    return Bundle(folder, found[PUBLIC], found[SECRET])


def _manifest(folder: Path, part: str) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        raise DataError(f"is not there: {folder.parent} is no bundle with both parts", file=path)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["format"] != BUNDLE_FORMAT or found["part"] != part:
            raise DataError(f"is no {part} manifest of the format {BUNDLE_FORMAT}", file=path)
        if not isinstance(found["files"], dict) or (part == SECRET and "public" not in found):
            raise KeyError("files")
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"is no manifest of the format {BUNDLE_FORMAT}", file=path) from error
    return dict(found)
