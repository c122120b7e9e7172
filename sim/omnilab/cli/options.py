"""The options that commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from math import isfinite
from typing import Any, TypeVar

import click

from omnilab.cli.places import JSON, RUN_DIRECTORY, STRATEGY

__all__ = [
    "CUSTOMERS",
    "ENGINES",
    "SEED",
    "FiniteNumber",
    "FiniteRange",
    "ShareRange",
    "experiment_options",
    "hook_timeout_option",
    "pairs",
    "quiet_option",
]

F = TypeVar("F", bound=Callable[..., Any])

ENGINES = click.Choice(["auto", "simpy", "compiled"])
CUSTOMERS = click.IntRange(1, 10**9)
THREADS = click.IntRange(1, 1024)
CHUNK = click.IntRange(1, 10**6)
REPLICATIONS = click.IntRange(1, 100_000)
SEED = click.IntRange(0, 2**63 - 1)


class FiniteNumber(click.types.FloatParamType):
    """A number that is neither NaN nor without end."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return it as a float."""
        found = float(super().convert(value, param, ctx))
        if not isfinite(found):
            self.fail(f"{value} is no number that can be used", param, ctx)
        return found


class FiniteRange(click.FloatRange):
    """A number within bounds that is neither NaN nor without end."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return it as a float."""
        return float(super().convert(FiniteNumber().convert(value, param, ctx), param, ctx))


class ShareRange(FiniteRange):
    """A share, as a part of 1 or as a percentage: ``0.8`` or ``80%``."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return it as a part of 1."""
        if isinstance(value, str) and value.strip().endswith("%"):
            try:
                # Ten digits, so that 80% is 0.8 and not a neighbour of it.
                value = float(f"{float(value.strip()[:-1]) / 100:.10g}")
            except ValueError:
                self.fail(f"{value!r} is no share: write 0.8 or 80%", param, ctx)
        found = float(click.FLOAT.convert(value, param, ctx))
        if 1.0 < found <= 100.0:
            self.fail(f"{value} is above 1: did you mean {found:g}%?", param, ctx)
        return float(super().convert(found, param, ctx))


def quiet_option(function: F) -> F:
    """Add ``--quiet``."""
    return click.option("-q", "--quiet", is_flag=True, help="Print errors and warnings only.")(
        function
    )


def hook_timeout_option(function: F) -> F:
    """Add ``--hook-timeout``, and run the hooks of plug-ins in processes of their own.

    With ``OMNILAB_DEBUG`` they run in this one, where a debugger reaches them.
    """

    def use(context: click.Context, _option: click.Parameter, seconds: float) -> None:
        from omnilab.strategy.apart import hooks_apart

        if not os.environ.get("OMNILAB_DEBUG"):
            context.with_resource(hooks_apart(seconds))

    return click.option(
        "--hook-timeout", type=FiniteRange(0.1, 1e6), default=60.0, show_default="60",
        metavar="SECONDS", expose_value=False, callback=use,
        help="How long one call of a plug-in's hook may take; then the strategy has failed.",
    )(function)  # fmt: skip


def experiment_options(function: F) -> F:
    """Add the options that ``compare`` and ``run`` share."""
    options = [
        click.option(
            "--customers", type=CUSTOMERS, metavar="N", help="Customers; the scenario's by default."
        ),
        replications_option,
        click.option("--seed", type=SEED, default=1, show_default=True, metavar="N"),
        click.option(
            "--engine", type=ENGINES, default="auto", show_default=True,
            help="The results are the same under each.",
        ),
        click.option(
            "--threads", type=THREADS, metavar="N",
            help="Threads of the compiled engine; one a core by default.",
        ),
        click.option(
            "--chunk", type=CHUNK, metavar="N",
            help="Cells (a few households) that a thread takes at once; memory grows with it.",
        ),
        click.option(
            "--out", type=RUN_DIRECTORY, metavar="DIR",
            help="Run directory; runs/<scenario>-<digest> by default. One of the same run is "
            "replaced.",
        ),
        click.option(
            "--json", "json_to", type=JSON, metavar="FILE|-",
            help="Write the results as JSON; - for stdout, without the report.",
        ),
        hook_timeout_option,
        quiet_option,
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


def engine_options(function: F) -> F:
    """Add seed, engine and threads, as commands that simulate have them."""
    options = [
        click.option("--seed", type=SEED, default=1, show_default=True, metavar="N"),
        click.option(
            "--engine", type=ENGINES, default="auto", show_default=True,
            help="The results are the same under each.",
        ),
        click.option("--threads", type=THREADS, metavar="N", help="One a core by default."),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


def one_strategy(default: str, *, verb: str) -> Callable[[F], F]:
    """Take one strategy, as an argument after the scenario or by ``-s`` as other commands do.

    Parameters
    ----------
    default
        The strategy where none is given.
    verb
        What the command does with it, for the option's help.
    """

    def chosen(context: click.Context, parameter: click.Parameter, given: str | None) -> str:
        first = context.params.pop("given_strategy", None)
        if first is not None and given is not None:
            raise click.BadParameter(
                f"{first} and {given}: one strategy is taken", context, parameter
            )
        return first or given or default

    def added(function: F) -> F:
        # The argument is eager: the option's callback reads it, in whichever order they come.
        function = click.option(
            "-s",
            "--strategy",
            type=STRATEGY,
            metavar="S",
            callback=chosen,
            help=f"What {verb}; {default} by default. It may come after SCENARIO without -s, too.",
        )(function)
        return click.argument(
            "given_strategy", type=STRATEGY, required=False, is_eager=True, metavar="[STRATEGY]"
        )(function)

    return added


def replications_option(function: F) -> F:
    """Add ``--replications``."""
    return click.option(
        "--replications", type=REPLICATIONS, default=1, show_default=True, metavar="N",
        help="Populations, each with draws of its own.",
    )(function)  # fmt: skip


def pairs(option: str, given: tuple[str, ...]) -> dict[str, str]:
    """Return what an option that is given as ``LEFT=RIGHT``, once or more often, says.

    Raises
    ------
    OptionError
        Where a side is missing.
    """
    from omnilab.errors import OptionError

    found = {}
    for one in given:
        left, equals, right = one.partition("=")
        if not equals or not left.strip() or not right.strip():
            raise OptionError(f"{option} {one}: write {option.lstrip('-').upper()}=NAME")
        found[left.strip()] = right.strip()
    return found
