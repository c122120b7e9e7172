"""The course of the commands that sweep: ``sweep``, ``hangs``, and ``compare`` of scenarios."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from omnilab.cli.console import progress_bar, say, say_error
from omnilab.cli.page import experiment_page
from omnilab.cli.places import check_room, is_replacing
from omnilab.cli.workers import on_workers

if TYPE_CHECKING:
    from omnilab.experiment.sweep import Planned, Settings, Sweep, Vary
    from omnilab.report.document import Document
    from omnilab.runs.sweeps import Extra
    from omnilab.scenario.model import Scenario

__all__ = ["carry_out", "finish", "read_sized", "seeds_of"]

BAD_INPUT = 2
_MOST_SEEDS = 10_000


def finish(
    context: click.Context, scenarios: Mapping[str, Scenario], varies: Sequence[Vary],
    strategies: Sequence[str] | None, settings: Settings, *, command: str,
    measures: Sequence[str], yes: bool, out: str | None, json_to: str | None, quiet: bool,
    indices: str | None = None,
) -> None:  # fmt: skip
    """Plan a sweep, run it and show it; exit with 2 where something failed."""
    from omnilab.experiment.sweep import plan_sweep
    from omnilab.experiment.sweep.expected import refuse_many
    from omnilab.experiment.sweep.indices import INDICES, index_rows, index_sample
    from omnilab.experiment.sweep.tables import check_measures

    wanted = check_measures([m.strip() for text in measures for m in text.split(",")])
    many = refuse_many(settings, yes=yes, say=lambda line: say(line, quiet=quiet))
    seed = settings.design_seed
    sample = partial(index_sample, method=indices or "", points=settings.points, seed=seed)
    planned = plan_sweep(
        scenarios, varies, strategies, settings, refuse_many=many,
        sample=sample if indices else None,
    )  # fmt: skip

    def extra(sweep: Sweep) -> tuple[dict[str, Any], dict[str, Any]]:
        rows = index_rows(sweep, str(indices), wanted, seed)
        return {"indices": rows}, {"indices": (rows, INDICES)}

    carry_out(
        context, planned, command=command, measures=wanted, out=out, json_to=json_to, quiet=quiet,
        extra=extra if indices else None,
    )  # fmt: skip


def carry_out(
    context: click.Context, planned: Planned, *, command: str, measures: Sequence[str],
    out: str | None, json_to: str | None, quiet: bool, extra: Extra | None = None,
    document: Callable[[Sweep, Sequence[str]], Document] | None = None,
) -> None:  # fmt: skip
    """Run a planned sweep, keep its directory and show it; exit with 2 where something failed."""
    from omnilab.experiment.estimate import say_time
    from omnilab.experiment.sweep.expected import expected_seconds
    from omnilab.runs.directories import check_target
    from omnilab.runs.sweeps import keep_sweep, sweep_target

    target = Path(out) if out else sweep_target(planned)
    check_target(target, digest=planned.digest, replace=is_replacing(context))
    if not out:
        check_room(target)
    with on_workers(context), progress_bar(quiet=quiet) as show:
        if not quiet:
            groups = len(planned.groups) * len(planned.settings.seeds)
            seconds = expected_seconds(planned)
            what = f"{planned.runs} comparisons in {groups} runs, about {say_time(seconds)}"
            show(f"sweeping: {what}", 0.0)
        sweep, data = keep_sweep(
            planned, target, command=command, measures=measures, progress=show, extra=extra,
            page=experiment_page,
        )  # fmt: skip
    for failure in sweep.failures:
        seed = "" if failure.seed is None else f", seed {failure.seed}"
        values = ", ".join(
            f"{path}={given.text}" for path, given in planned.points[failure.point].values.items()
        )
        say_error(f"point {failure.point}{seed} ({values}): {failure.reason}")
    _show(sweep, data, measures, json_to=json_to, quiet=quiet, document=document)
    say(f"kept in {target}", quiet=quiet)
    if sweep.failures:
        context.exit(BAD_INPUT)


def read_sized(source: str, customers: int | None, *, compared: bool) -> Scenario:
    """Return a scenario with the customers that were asked for, and warn as `compare` does."""
    from omnilab.cli.effects import warn_no_effects
    from omnilab.cli.named import check_named
    from omnilab.scenario.load import read_scenario

    read = read_scenario(source)
    check_named(read, compared=compared)
    warn_no_effects(read)
    return read.scenario if customers is None else read.scenario.with_customers(customers)


def seeds_of(text: str) -> tuple[int, ...]:
    """Read ``1,2,3`` or ``1..5``.

    Raises
    ------
    OptionError
        If it is neither, or a seed is given twice.
    """
    from omnilab.errors import OptionError

    seeds: list[int] = []
    for part in text.split(","):
        low, dots, high = part.strip().partition("..")
        ends = [low.strip(), (high if dots else low).strip()]
        if not all(end.isascii() and end.isdecimal() for end in ends):
            raise OptionError(f"--seeds {text!r}: write whole numbers such as 1,2,3 or 1..5")
        first, last = (int(end) for end in ends)
        if first > last:
            raise OptionError(
                f"--seeds {part}: the lower end comes first (did you mean {last}..{first}?)"
            )
        if not last < 2**63 or last - first >= _MOST_SEEDS:
            raise OptionError(f"--seeds {part}: from 0 to 2^63 - 1, and at most {_MOST_SEEDS:,}")
        seeds += range(first, last + 1)
    for seed, times in Counter(seeds).items():
        if times > 1:
            raise OptionError(f"--seeds {text}: {seed} is given twice")
    return tuple(seeds)


def _show(
    sweep: Sweep, data: Mapping[str, Any], measures: Sequence[str], *, json_to: str | None,
    quiet: bool, document: Callable[[Sweep, Sequence[str]], Document] | None,
) -> None:  # fmt: skip
    from omnilab.experiment.sweep.tables import sweep_rows, sweep_text

    if json_to is not None:
        text = sweep_text({**data, "rows": sweep_rows(sweep, measures)})
        if json_to == "-":
            click.echo(text, nl=False)
            return
        from omnilab._files.writing import write_whole

        write_whole(json_to, text)
    if not quiet:
        from omnilab.report import print_document
        from omnilab.report.sweeps import sweep_document

        made = document(sweep, measures) if document else sweep_document(sweep, measures, data)
        print_document(made)
