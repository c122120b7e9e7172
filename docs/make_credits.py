"""Run the stories of credit, keep what came out in docs/found, and write it: `make credits`.

What a scenario's head tells as found by `omnilab credit`, the tables of
docs/how-to/which-channel-to-cut.md and the pictures of docs/reference/scenarios.md are held to what
is kept here. Without a name it runs what is not kept, or is kept of another scenario or example.
"""

from __future__ import annotations

import ast
import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from make_found import FOLDER, ROOT, _digest, _short, stale, write

from omnilab.attribution.models import MODELS
from omnilab.experiment.compare import compare
from omnilab.experiment.credit_options import HALF_LIFE, LOOKBACK, read_asked
from omnilab.experiment.crediting import credit_channels
from omnilab.report.credit import credit_data
from omnilab.scenario import load_scenario
from omnilab.scenario.model import Scenario
from omnilab.strategy.loading import load_strategy

FORMAT: Final = "omnilab-found-credit-v1"
STRATEGY: Final = "omnichannel"
SEED: Final = 1
#: The stories, in the order of the page, and how many customers each has there.
STORIES: Final = {"retailer-v1": 10_000, "crib-attribution-v1": 6_000, "course-sale-v1": 6_000}
EXAMPLE: Final = ROOT / "examples" / "cut_by.py"
PAGE: Final = ROOT / "docs" / "how-to" / "which-channel-to-cut.md"
#: How long the example learns: the course's first sale, on day 60, has its say.
AFTER_DAYS: Final = 90
SUFFIX: Final = "-credit"
WIDTH: Final = 33  # characters of a picture's scale
SHOWN: Final = 3  # channels of a story in tables and pictures, beside paid search
_ENDS: Final = ("value", "low", "high")


def file_of(name: str) -> str:
    """Return the stem of the file in which a story's credit is kept."""
    return name + SUFFIX


def kept(name: str) -> dict[str, Any] | None:
    """Return what is kept of a story; None without any."""
    path = FOLDER / f"{file_of(name)}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


@cache
def story_of(name: str) -> Scenario:
    """Return a story's scenario."""
    return load_scenario(name)


def digests(name: str) -> dict[str, str]:
    """Return digests of what was asked, of the scenario's own values, and of the example.

    Comments and the model's defaults do not count, as in `make_found.digests`. The rules of engine
    and models are in none of them: tests/verification/test_credit.py runs two stories again.
    """
    scenario = story_of(name)
    asked = [STRATEGY, SEED, STORIES[name], list(MODELS), LOOKBACK, HALF_LIFE, AFTER_DAYS]
    world = scenario.model_dump(
        mode="json", exclude_defaults=True, exclude={"title", "description"},
        context={"currency": scenario.currency},
    )  # fmt: skip
    example = ast.dump(ast.parse(EXAMPLE.read_text(encoding="utf-8")))
    return {"asked": _digest(asked), "scenario": _digest(world), "example": _digest(example)}


def faults(name: str, found: Mapping[str, Any] | None) -> list[str]:
    """Return why what is kept of a story is not what a run would give now."""
    return stale(name, found, FORMAT, digests)


def run(name: str, customers: int) -> dict[str, Any]:
    """Return what is to be kept of a story."""
    scenario = story_of(name).with_customers(customers)
    loaded = load_strategy(STRATEGY, scenario)
    data = credit_data(credit_channels(scenario, loaded, read_asked(loaded, scenario), seed=SEED))
    return {
        "format": FORMAT,
        "scenario_id": name,
        **digests(name),
        "customers": customers,
        "seed": SEED,
        "orders": data["orders"],
        "currency": data["currency"],
        "channels": [
            {"channel": c["channel"], "sends": c["sends"], "cost": _short(c["cost"]),
             **_numbers("true", c["true_orders"]), **_numbers("ltv", c["true_ltv"])}
            for c in data["channels"]
        ],
        "credits": [
            {"model": c["model"], "source": c["source"], "orders": _short(c["orders"])}
            for c in data["credits"] if c["paths"] == "seen"
        ],
        "errors": [{k: x if k == "model" else _short(x) for k, x in e.items()}
                   for e in data["errors"]],
        "cuts": [{"by": c["by"], "channel": c["channel"], **_numbers("ltv", c["ltv"])}
                 for c in data["cuts"]],
        "made": made(name, customers),
    }  # fmt: skip


def made(name: str, customers: int) -> list[dict[str, Any]]:
    """Return what `examples/cut_by.py` cuts by each model, and the LTV that follows."""
    scenario = story_of(name).with_customers(customers)
    days = f"after_days={AFTER_DAYS}"
    cuts = {m: load_strategy(f"{EXAMPLE}:CutBy(model={m}, {days})", scenario) for m in MODELS}
    chosen = _listen([loaded.strategy for loaded in cuts.values()])
    whole = load_strategy(STRATEGY, scenario)
    found = compare(scenario, [whole, *cuts.values()], seed=SEED, quick=True)
    if found.failures:
        raise SystemExit(f"{name}: {found.failures}")
    rows = []
    for model, loaded in cuts.items():
        ltv = found.moments.difference("ltv", loaded.name, whole.name)
        at = chosen.get(model, -1)
        channel = scenario.channels[at].name if at >= 0 else ""
        rows.append({"by": model, "channel": channel, **_numbers("ltv", ltv._asdict())})
    return rows


def claims(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the estimates of a story as those of an ablation are kept, for `heads.unkept`.

    What a cut does is told with the other sign where a head tells what a channel is worth.
    """
    rows = [
        *((c["channel"], c, kind) for c in found["channels"] for kind in ("true", "ltv")),
        *((c["by"], c, "ltv") for c in (*found["cuts"], *found["made"])),
    ]
    out = []
    for name, row, kind in rows:
        value, low, high = (row[kind if k == "value" else f"{kind}_{k}"] for k in _ENDS)
        if low is not None:
            out.append({"id": f"{name} {kind}", "estimate": value, "low": low, "high": high})
            out.append({"id": f"{name} -{kind}", "estimate": -value, "low": -high, "high": -low})
    return out + [
        {"id": e["model"], "estimate": e["seen"], "low": e["seen_low"], "high": e["seen_high"]}
        for e in found["errors"]
    ]


def ranges(found: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Return the least and the most that any model credits to each source, in orders."""
    by: dict[str, list[float]] = {}
    for row in found["credits"]:
        by.setdefault(row["source"], []).append(row["orders"])
    return [(min(x), max(x)) for x in by.values()]


def shares(found: Mapping[str, Any]) -> list[float]:
    """Return by what share of all orders models are wrong, on seen paths and on true ones."""
    return [row[paths] for row in found["errors"] for paths in ("seen", "true")]


def errors_table() -> list[str]:
    """Return how far each model is off the truth in each story, as rows of Markdown."""
    by = {name: {e["model"]: e for e in _known(name)["errors"]} for name in STORIES}
    best = {name: min(rows, key=lambda m: rows[m]["seen"]) for name, rows in by.items()}
    lines = [
        "| wrong by, % of all orders | " + " | ".join(f"`{n}`" for n in STORIES) + " |",
        "|---" * (1 + len(STORIES)) + "|",
    ]
    for model in MODELS:
        cells = [f"`{model}`"]
        for name, rows in by.items():
            value, low, high = (100.0 * rows[model][k] for k in ("seen", "seen_low", "seen_high"))
            number = f"{value:.1f}% ({low:.1f} to {high:.1f})"
            cells.append(f"**{number}**" if model == best[name] else number)
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def sizes_table() -> list[str]:
    """Return what each story's channels bring and are credited with, as rows of Markdown."""
    lines = [
        "| scenario | customers | orders | truly brought | credited, from model to model |",
        "|---" * 5 + "|",
    ]
    for name in STORIES:
        found = _known(name)
        top = main_channels(found)
        true = ", ".join(
            f"`{c['channel']}` {c['true']:.0f} ({c['true_low']:.0f} to {c['true_high']:.0f})"
            for c in top
        )
        told = []
        for c in top:
            given = [r["orders"] for r in found["credits"] if r["source"] == c["channel"]]
            told.append(f"`{c['channel']}` {min(given):.0f} to {max(given):.0f}")
        lines.append(
            f"| `{name}` | {found['customers']:,} | {found['orders']:,} | {true} "
            f"| {', '.join(told)} |"
        )
    return lines


def cuts_table(key: str) -> list[str]:
    """Return what the models' cuts do to LTV, those of ``cuts`` or ``made``, as Markdown."""
    known = {name: {row["by"]: row for row in _known(name)[key]} for name in STORIES}
    lines = [
        "| cut by | " + " | ".join(f"`{name}`" for name in known) + " |",
        "|---" * (1 + len(known)) + "|",
    ]
    for by in next(iter(known.values())):
        cells = [f"`{by}`" if by in MODELS else f"the {by}"]
        cells += [_cut_cell(rows[by]) for rows in known.values()]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _cut_cell(row: Mapping[str, Any]) -> str:
    if not row["channel"]:
        return "nothing"
    value, low, high = (row[k] for k in ("ltv", "ltv_low", "ltv_high"))
    return f"`{row['channel']}` {value:+.3f} ({low:+.3f} to {high:+.3f})"


def main_channels(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the channels that bring most orders, and paid search, the most first."""
    by_size = sorted(found["channels"], key=lambda c: -c["true"])
    search = story_of(found["scenario_id"]).channels
    paid = {c.name for c in search if c.search is not None}
    top = {c["channel"] for c in by_size[:SHOWN]} | paid
    return [c for c in by_size if c["channel"] in top]


def picture(found: Mapping[str, Any]) -> list[str]:
    """Return bars of what each model credits to a story's channels, below what is true.

    All are on one scale of orders from 0. A true increment has its 95% interval; what of it lies
    below 0 is cut off.
    """
    top = main_channels(found)
    given = {(r["model"], r["source"]): r["orders"] for r in found["credits"]}
    names = [c["channel"] for c in top]
    most = max([c["true_high"] for c in top] + [given.get((m, n), 0.0)
                                                for m in MODELS for n in names])  # fmt: skip

    def place(x: float) -> int:
        return round(max(0.0, x) / most * (WIDTH - 1))

    lines = []
    for c in top:
        cells = [" "] * WIDTH
        for i in range(place(c["true_low"]), place(c["true_high"]) + 1):
            cells[i] = "─"
        cells[place(c["true"])] = "●"
        lines.append(f"{c['channel']:<15} {'true':<15} {c['true']:>6.1f}  {''.join(cells)}")
        for model in MODELS:
            orders = given.get((model, c["channel"]), 0.0)
            bar = "■" * place(orders)
            lines.append(f"{'':<15} {model:<15} {orders:>6.1f}  {bar}")
    return [line.rstrip() for line in lines]


def page(text: str) -> str:
    """Return the how-to page with the tables between its markers written anew.

    Raises
    ------
    ValueError
        If a marker is not there.
    """
    made_now = {
        "sizes": sizes_table(), "errors": errors_table(),
        "cuts": cuts_table("cuts"), "made": cuts_table("made"),
    }  # fmt: skip
    for name, lines in made_now.items():
        begin, end = f"<!-- make credits: {name} -->\n", "<!-- end -->"
        before, found, rest = text.partition(begin)
        _, ends, after = rest.partition(end)
        if not found or not ends:
            raise ValueError(f"{PAGE.name} has no place for {name}")
        text = f"{before}{begin}\n{chr(10).join(lines)}\n\n{end}{after}"
    return text


def _known(name: str) -> dict[str, Any]:
    found = kept(name)
    if found is None:
        raise SystemExit(f"{name}: nothing is kept; run make credits")
    return found


def _listen(strategies: Sequence[Any]) -> dict[str, int]:
    """Return where the strategies' choices will stand by model: copies of them will run."""
    chosen: dict[str, int] = {}

    class Heard:
        def least(self) -> int:
            chosen[self.model] = found = super().least()  # type: ignore[misc, attr-defined]
            return int(found)

    for strategy in strategies:
        strategy.__class__ = type("CutBy", (Heard, type(strategy)), {})
    return chosen


def _numbers(name: str, estimate: Mapping[str, Any] | None) -> dict[str, float | None]:
    """Return an estimate's value and ends under names of their own."""
    ends = estimate or dict.fromkeys(_ENDS)
    return {name if k == "value" else f"{name}_{k}": _short(ends[k]) for k in _ENDS}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is asked for, and write the page."""
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="of a story, such as retailer-v1")
    parser.add_argument("--check", action="store_true", help="say what is stale, and run nothing")
    given = parser.parse_args(arguments)
    if unknown := sorted(set(given.names) - set(STORIES)):
        parser.error(f"no story of credit {', '.join(unknown)}")
    stale = [fault for name in STORIES for fault in faults(name, kept(name))]
    if given.check:
        sys.stdout.write("\n".join(stale or ["all is kept as it would be asked now"]) + "\n")
        return
    for name in given.names or [n for n in STORIES if any(f.startswith(f"{n}:") for f in stale)]:
        data = run(name, STORIES[name])
        write(file_of(name), data)
        sys.stdout.write(f"{name}: {data['customers']:,} customers, {data['orders']:,} orders\n")
        sys.stdout.flush()
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
