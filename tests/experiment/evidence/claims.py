"""Claims that are made by chance or by hand, for the scorer and its pages."""

from __future__ import annotations

from typing import Any

import numpy as np

from omnilab.experiment.evidence.result import ClaimResult


def claim(name: str, sign: str = "+", **more: Any) -> ClaimResult:
    """Return a claim of a study named by the letters before its last."""
    given: dict[str, Any] = {
        "claim": name, "study": name[:-1], "family": "F", "sign": sign, "kind": "sign",
        "simulated": 1.0, "low": 0.5, "high": 1.5, "title": f"what {name} found",
    }  # fmt: skip
    return ClaimResult(**{**given, **more})


def lacking(name: str, sign: str = "+", status: str = "lacks", **more: Any) -> ClaimResult:
    reason = "no place" if status == "lacks" else "it stopped"
    given = {"simulated": None, "low": None, "high": None, "status": status, "reason": reason}
    return claim(name, sign, **{**given, **more})


def random_claims(seed: int, studies: int = 30) -> list[ClaimResult]:
    """Return claims of all kinds: pairs, sizes with and without intervals, some that lack."""
    rng = np.random.default_rng(seed)
    found = []
    for s in range(studies):
        family = f"family {rng.integers(4)}"
        n = int(rng.integers(1, 6))
        paired = rng.random() < 0.5 and n > 1
        for c in range(n):
            sign = str(rng.choice(["+", "+", "+", "-", "0"]))
            value = float(rng.normal(0.5, 1.0))
            half = float(rng.exponential(0.7))
            kind = str(rng.choice(["sign", "size", "ordering"]))
            published = None if rng.random() < 0.2 else float(rng.normal(0, 1))
            interval = rng.random()
            low = None if interval < 0.5 else (published or 0.3) - float(rng.exponential(0.5))
            high = None if interval < 0.4 else (published or 0.3) + float(rng.exponential(0.5))
            status = str(rng.choice(["simulated"] * 6 + ["lacks", "failed"]))
            ran = status == "simulated"
            found.append(
                ClaimResult(
                    claim=f"S{s}{'abcde'[c]}", study=f"S{s}", family=family,
                    sign=sign, kind=kind,  # type: ignore[arg-type]
                    published=published, published_low=low, published_high=high,
                    zero_within=float(rng.uniform(0.2, 2)) if rng.random() < 0.4 else None,
                    simulated=value if ran else None,
                    low=value - half if ran else None, high=value + half if ran else None,
                    pair="early" if paired and c < 2 else "",
                    status=status,  # type: ignore[arg-type]
                    reason="" if ran else "why | not", title=f"claim {c} of study {s}",
                )
            )  # fmt: skip
    return found
