"""Signals as a command in the foreground gets them."""

from __future__ import annotations

import signal


def hear_ctrl_c() -> None:
    """Undo what a shell does to a command in the background: it is deaf to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
