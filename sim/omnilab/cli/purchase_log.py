"""The options by which a purchase log is read, wherever a command takes one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeVar

import click

__all__ = ["DAY", "purchase_log_options"]

F = TypeVar("F", bound=Callable[..., Any])


class Day(click.DateTime):
    """A day as 2024-07-01."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Return the day at midnight."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"{value!r} is no day: write it such as 2024-07-01", param, ctx)


DAY: Final = Day(["%Y-%m-%d"])


def purchase_log_options(function: F) -> F:
    """Add what says whose export a log is, which columns it has, and how they are written."""
    options = [
        click.option(
            "--preset", type=click.Choice(["shopify", "woocommerce", "magento"]),
            help="Whose export the log is; found out by its columns.",
        ),
        click.option(
            "--customer", metavar="COLUMN", help="Column of customer ids; found by its name."
        ),
        click.option("--date", metavar="COLUMN", help="Column of dates; found by its name."),
        click.option("--amount", metavar="COLUMN", help="Column of amounts; found by its name."),
        click.option(
            "--no-amounts", is_flag=True, help="The log has no money: a row is an order."
        ),
        click.option(
            "--order", metavar="COLUMN", help="Column of order numbers; found by its name."
        ),
        click.option(
            "--encoding", metavar="NAME", help="Such as cp1252, where it isn't found out right."
        ),
        click.option(
            "--date-format", metavar="FORMAT", help="Such as %d.%m.%Y, where dates need it."
        ),
        click.option(
            "--decimal", type=click.Choice([".", ","]),
            help="The decimal sign, where the amounts don't show it.",
        ),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function
