"""How a command ends when it is told to by a signal while its work goes on.

A signal first unwinds the stack: Ctrl-C as `KeyboardInterrupt`, the others as `SystemExit`. That
needs Python's main thread, which may sit in a compiled kernel for minutes, or wait for a thread
that does. So a thread of its own watches: Python writes each signal's number into a pipe at once,
whatever the main thread does. If the process is still there `GRACE_S` later, or is told a second
time, what is half-written is undone from here and the process ends.

This module is a leaf, so that everything that writes files can say how to undo it.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Final

__all__ = ["GRACE_S", "LINES", "Listener", "undone_at_once"]

#: Seconds that the stack has to unwind.
GRACE_S: Final = 1.0
#: The signals that end a command, and what is said of each. Exit codes are those of a shell: 128
#: and the number.
LINES: Final[dict[int, str]] = {
    signal.SIGINT: "interrupted",
    signal.SIGTERM: "terminated",
    signal.SIGHUP: "terminated: the terminal was closed",
}
_LEAVE: Final = 0  # no signal has this number
_SHOW_CURSOR: Final = "\r\x1b[2K\x1b[?25h"  # also clears the line that a progress bar stood in

_undo: dict[object, Callable[[], None]] = {}


@contextmanager
def undone_at_once(undo: Callable[[], None]) -> Iterator[None]:
    """Have `undo` called if the process must end inside the block without unwinding the stack.

    Parameters
    ----------
    undo
        Removes what is half-written. It is called in another thread, at any moment of the block,
        and may find that there is nothing to do. It is not called where the block ends by itself,
        even with an exception.
    """
    key = object()
    _undo[key] = undo
    try:
        yield
    finally:
        del _undo[key]


class Listener:
    """Hears the signals that end a command.

    Signals that somebody else handles, or that are ignored (as for a command in the background),
    are left alone; and nothing is done outside Python's main thread, which alone gets signals.

    Attributes
    ----------
    number
        The first signal that was heard, 0 if none was.
    """

    def __init__(self) -> None:
        self.number = 0
        self._done = False
        self._before: dict[int, Any] = {}
        self._read = self._write = -1
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen from now on."""
        if threading.current_thread() is not threading.main_thread():
            return
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        others = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        if others != -1:  # such as asyncio's, in a program that calls this command
            signal.set_wakeup_fd(others)
            self._close()
            return
        for number in LINES:
            before = signal.getsignal(number)
            if before in (signal.SIG_DFL, signal.default_int_handler):
                self._before[number] = signal.signal(number, self._unwind)
        self._thread = threading.Thread(target=self._watch, name="signals", daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Say that all is written: a signal from now on, or heard before, ends the process.

        Python's own way out would wait for threads that are still in a kernel.
        """
        self._done = True
        if self.number:
            for stream in (sys.stdout, sys.stderr):
                with suppress(Exception):
                    stream.flush()
            os._exit(128 + self.number)

    def stop(self) -> None:
        """Listen no more, in a process that goes on."""
        if self._thread is None:
            return
        for number, before in self._before.items():
            signal.signal(number, before)
        signal.set_wakeup_fd(-1)
        os.write(self._write, bytes([_LEAVE]))
        self._thread.join()
        self._thread = None
        self._close()

    def forget(self) -> None:
        """Go back to what signals do by themselves, in a process that was forked off this one."""
        if self._thread is not None:
            signal.set_wakeup_fd(-1)
            for number in self._before:
                signal.signal(number, signal.SIG_DFL)
            self._thread = None
            self._close()

    def _close(self) -> None:
        os.close(self._read)
        os.close(self._write)

    def _unwind(self, number: int, _frame: FrameType | None) -> None:
        if self.number:
            return  # a second one must not break into the tidying up: the thread sees to it
        self.number = number
        if self._done:
            os._exit(128 + number)
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + number)

    def _watch(self) -> None:
        """Wait for a signal, and end the process if that has not ended it soon after."""
        number = self._heard(None)
        if number == _LEAVE:
            return
        if self._heard(GRACE_S) != _LEAVE:  # a second signal, or the time is over
            _end(number)

    def _heard(self, timeout_s: float | None) -> int:
        """Return the next signal of ours, -1 if there is none in time."""
        while select.select([self._read], [], [], timeout_s)[0]:
            for number in os.read(self._read, 1):
                if number == _LEAVE or number in self._before:
                    return number
        return -1


def _end(number: int) -> None:
    """Undo what is half-written and end the process."""
    for undo in list(_undo.values()):
        with suppress(Exception):
            undo()
    with suppress(OSError):
        terminal = os.isatty(2)
        os.write(2, f"{_SHOW_CURSOR if terminal else ''}{LINES[number]}\n".encode())
    with suppress(Exception):
        sys.stdout.flush()
    os._exit(128 + number)
