"""Say what of a graph's values a user should know: placeholders, and spellings told apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnilab._files.placeholders import CUT_NUMBER
from omnilab.identity.graph import IdentityGraph
from omnilab.identity.spelling import Spelling, respelled

__all__ = ["value_notes"]

#: Values named as examples, and strings looked at in one go.
EXAMPLES, BLOCK = 5, 1 << 17
#: In how far spellings may differ, the nearest first: steps, what they differ in, advice.
_LOOSE = (
    ("unicode+blanks+case", "case, outer blanks or characters' form", "case+blanks+unicode"),
    ("float", ".0 at the end of a whole number", "float"),
    ("unicode+case+punctuation+zeros", "blanks, punctuation or leading zeros", "card"),
)  # fmt: skip
#: Of e-mail addresses punctuation tells persons apart; this does not, with most providers.
_LOOSE_MAIL = (
    _LOOSE[0],
    (
        "unicode+blanks+case+around",
        "what stands around an address (mailto:, a name and <>, quotes, a stop at the end)",
        "email+around",
    ),
    ("unicode+blanks+case+plus+dots", "a +tag, or dots at Gmail", "email+plus+dots"),
)


def value_notes(graph: IdentityGraph) -> list[str]:
    """Return a line for each type's placeholders, and for its spellings that may mean the same."""
    return [*_placeholders(graph), *_spellings(graph), *_cut_numbers(graph)]


def _placeholders(graph: IdentityGraph) -> list[str]:
    by_type: dict[str, list[tuple[int, str]]] = {}
    for (kind, value), n in graph.placeholders().items():
        by_type.setdefault(kind, []).append((n, value))
    found = []
    for kind, seen in by_type.items():
        seen.sort(key=lambda pair: (-pair[0], pair[1]))
        named = ", ".join(f"{value[:40]!r} {n:,}" for n, value in seen[:EXAMPLES])
        total = sum(n for n, _ in seen)
        more = f", and {len(seen) - EXAMPLES:,} more" if len(seen) > EXAMPLES else ""
        times = "once" if total == 1 else f"{total:,} times"
        found.append(
            f"placeholders of type {kind!r} were seen {times} and join nobody ({named}{more}); "
            "--not-placeholder VALUE makes one an identifier"
        )
    return found


def _spellings(graph: IdentityGraph) -> list[str]:
    kinds, values = graph.identifiers()
    found = []
    profiles = graph.resolve()
    used = profiles >= 0
    for i, name in enumerate(graph.types or ["id"]):
        codes = np.flatnonzero((kinds[: len(used)] == i) & used[: len(kinds)])
        is_mail = any("@" in (values[int(c)].as_py() or "") for c in codes[:20])
        said = graph.policy.spelling(name)
        for steps, what, advice in _LOOSE_MAIL if is_mail else _LOOSE:
            way = Spelling.read(steps)
            if said is not None and set(way.steps) <= set(said.steps):
                continue
            n, example = _alike(values, codes, way)
            if n:
                found.append(
                    f"{n:,} identifier{'s' * (n != 1)} of type {name!r} differ{'s' * (n == 1)} "
                    f"from another only in {what}, such as {example[0]!r} and {example[1]!r}; they "
                    f"are told apart (--normalise {name}={advice} makes them one)"
                )
                break
    return found


def _cut_numbers(graph: IdentityGraph) -> list[str]:
    """Say which types hold long numbers that a spreadsheet has cut: they may join strangers."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kinds, values = graph.identifiers()
    found = []
    used = graph.resolve() >= 0
    for i, name in enumerate(graph.types or ["id"]):
        codes = np.flatnonzero((kinds[: len(used)] == i) & used[: len(kinds)])
        cut: list[str] = []
        for start in range(0, len(codes), BLOCK):
            some = values.take(pa.array(codes[start : start + BLOCK]))
            texts = some.filter(pc.match_substring_regex(some, f"^(?:{CUT_NUMBER.pattern})$"))
            cut += texts.to_pylist()
        if cut:
            found.append(
                f"{len(cut):,} identifier{'s' * (len(cut) != 1)} of type {name!r} such as "
                f"{cut[0]!r} may be long numbers that a spreadsheet has cut: different persons "
                "may look like one"
            )
    return found


def _alike(values: Any, codes: NDArray[np.intp], way: Spelling) -> tuple[int, tuple[str, str]]:
    """Count the values that are another one's if written in one way, with a pair of them."""
    import pandas as pd
    import pyarrow as pa

    digests = [np.empty(0, np.uint64)]
    for i in range(0, len(codes), BLOCK):
        some = respelled(values.take(pa.array(codes[i : i + BLOCK])), way)
        texts = np.asarray(some.view(pa.large_binary()).to_numpy(zero_copy_only=False), object)
        digests.append(pd.util.hash_array(texts, categorize=False))
    digest = np.concatenate(digests)
    order = np.argsort(digest, kind="stable")
    same = np.flatnonzero(digest[order][1:] == digest[order][:-1])
    if not len(same):
        return 0, ("", "")
    # The pair that comes first in the file.
    pairs = np.stack([order[same], order[same + 1]])
    first, second = pairs[:, np.argmin(pairs.max(axis=0))]
    pair = values[int(codes[first])].as_py(), values[int(codes[second])].as_py()
    return len(same), pair
