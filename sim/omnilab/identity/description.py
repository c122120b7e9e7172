"""What a Parquet file of sightings says of itself: its columns, its rules, its truth.

``omnilab run --events`` writes such files; whoever resolves them need not name their columns.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from omnilab._files.compression import magic, reading
from omnilab.errors import DataError, OmnilabError
from omnilab.identity.files import Columns
from omnilab.identity.policy import IdentityPolicy

__all__ = ["DESCRIPTION", "Description", "read_description"]

#: Key of the description in the file's own metadata.
DESCRIPTION = "omnilab.sightings"


@dataclass(frozen=True)
class Description:
    """Hold what a file says of itself: columns, policy, and the column of the true person."""

    columns: Columns
    policy: IdentityPolicy
    truth: str

    def to_json(self) -> str:
        """Write it as one JSON object."""
        return json.dumps(
            {
                "identifiers": [list(pair) for pair in self.columns.identifiers],
                "time": self.columns.time,
                "policy": json.loads(self.policy.to_json()),
                "truth": self.truth,
            }
        )


def read_description(path: str | Path) -> Description | None:
    """Return what a Parquet file says of itself; None for one that says nothing, or another kind.

    Raises
    ------
    DataError
        If the file can't be read, or its description is broken.
    """
    import pyarrow.parquet as pq

    path = Path(path)
    with reading(path):
        if not magic(path).startswith(b"PAR1"):
            return None
        metadata = pq.read_schema(path).metadata or {}
    text = metadata.get(DESCRIPTION.encode())
    if text is None:
        return None
    try:
        said = json.loads(text)
        pairs = [(str(kind), str(column)) for kind, column in said["identifiers"]]
        policy = IdentityPolicy.from_fields(said["policy"])
        return Description(Columns(pairs, said["time"]), policy, str(said["truth"]))
    except (ValueError, KeyError, TypeError, OmnilabError) as error:
        raise DataError(f"{DESCRIPTION} in its metadata is broken: {error}", file=path) from None
