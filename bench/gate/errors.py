"""What stops the gate before it can judge."""

from __future__ import annotations

import click

__all__ = ["GateError"]


class GateError(click.ClickException):
    """Something a user can mend; one line, exit code 2."""

    exit_code = 2
