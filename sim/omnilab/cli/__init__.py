"""The command ``omnilab``: one file a command, each imported only when it is used."""

from __future__ import annotations

import errno
import gc
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

import click
from click.exceptions import NoArgsIsHelpError

from omnilab import __version__
from omnilab._ending import LINES, Listener
from omnilab.cli.console import plain_warnings
from omnilab.cli.standard import drop_output_that_fails, open_closed_streams
from omnilab.errors import OmnilabError, meant_whole, nearest

__all__ = ["COMMANDS", "main", "omnilab"]

#: Command -> (where its click object is, what `omnilab --help` says of it without importing it).
COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "start": (
        "omnilab.cli.start:start",
        "Write a team's first shop, plan, gate and workflow.",
    ),
    "compare": (
        "omnilab.cli.compare:compare",
        "Compare strategies on the same customers.",
    ),
    "run": ("omnilab.cli.run:run", "Run one strategy."),
    "ablate": (
        "omnilab.cli.ablate:ablate",
        "Say what each sharing choice, or any other switch, is worth.",
    ),
    "sweep": (
        "omnilab.cli.sweep:sweep",
        "Compare strategies over values of a scenario's or a plan's keys.",
    ),
    "hangs": (
        "omnilab.cli.hangs:hangs",
        "Say which assumptions an answer hangs on.",
    ),
    "patterns": (
        "omnilab.cli.patterns:patterns",
        "Measure a scenario's patterns beside their published sizes.",
    ),
    "claims": (
        "omnilab.cli.claims:claims",
        "Show what is claimed of omnichannel marketing beside simulated figures.",
    ),
    "check": (
        "omnilab.cli.check:check",
        "Say whether a strategy is safe to ship: ship, discuss, or do not.",
    ),
    "plan": (
        "omnilab.cli.plan:plan",
        "Plan the live test that would confirm a difference.",
    ),
    "optimize": (
        "omnilab.cli.optimize:optimize",
        "Look for better settings of a strategy, under guardrails.",
    ),
    "lint": (
        "omnilab.cli.lint:lint",
        "Find what a strategy's journeys can't do, or do for ever.",
    ),
    "preview": (
        "omnilab.cli.lint:preview",
        "Show whom rules of contact keep from a message, and what it costs.",
    ),
    "check-claims": (
        "omnilab.cli.check_claims:check_claims",
        "Check that a study's claims hold whatever must not matter.",
    ),
    "evidence": (
        "omnilab.cli.evidence:evidence",
        "Run published experiments again and say which claims come out.",
    ),
    "arms": (
        "omnilab.cli.arms:arms",
        "Read a split test as the brand's tool does, beside what its arms truly do.",
    ),
    "credit": (
        "omnilab.cli.credit:credit",
        "Give orders to channels by models of credit, beside what channels truly bring.",
    ),
    "export": (
        "omnilab.cli.export:export",
        "Write tables as other tools take them, or a bundle with the truth apart.",
    ),
    "score": (
        "omnilab.cli.score:score",
        "Hold a submission against a bundle's truth.",
    ),
    "list": (
        "omnilab.cli.list_:list_",
        "List strategies, measures, presets and more, and say what they are.",
    ),
    "validate": ("omnilab.cli.validate:validate", "Check scenario files."),
    "schema": ("omnilab.cli.schema:schema", "Print the JSON Schema of scenario files."),
    "twin": ("omnilab.cli.twin:twin", "Show one customer's timeline under each strategy."),
    "find": ("omnilab.cli.find:find", "Find customers by what a strategy does to them."),
    "report": ("omnilab.cli.report:report", "Make the page of a run, in a theme of your own."),
    "verify": ("omnilab.cli.verify:verify", "Run a run directory again and compare its digests."),
    "bench": ("omnilab.cli.bench:bench", "Measure how fast a strategy runs."),
    "fit": ("omnilab.cli.fit:fit", "Make a scenario of your own transaction log."),
    "fit-messages": (
        "omnilab.cli.fit_messages:fit_messages",
        "Fit how persons answer to your own message log.",
    ),
    "fit-visits": (
        "omnilab.cli.fit_visits:fit_visits",
        "Fit visits, devices and hours to your own shop's log.",
    ),
    "backtest": (
        "omnilab.cli.backtest:backtest",
        "Predict your log's later part, or past tests, and say whether to trust it.",
    ),
    "identity": (
        "omnilab.cli.identity:identity",
        "Resolve and score identifiers in your files.",
    ),
    "cascade": ("omnilab.cli.cascade:cascade", "Replay cascades on your starts and receipts."),
}

BAD_INPUT: Final = 2
INTERRUPTED: Final = 128 + 2  # as a shell reports a process ended by SIGINT
BROKEN_PIPE: Final = 128 + 13  # and by SIGPIPE

# What the machine refuses and a user can mend; any other OSError is a defect and keeps its trace.
_MENDABLE: Final = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS}
    | {errno.ENOENT, errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.EFBIG}
)


# What click calls a type, in a user's words.
_KIND: Final = re.compile(r"is not a valid (integer|float)(?: range)?")
_KINDS: Final = {"integer": "whole number", "float": "number"}


class _LazyGroup(click.Group):
    """A group that knows its commands by name and imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="omnilab", message="%(prog)s %(version)s")
def omnilab() -> None:
    """Try marketing strategies on synthetic customers before real ones meet them.

    Exit codes: 0 done, 1 a check failed, 2 bad input, 130 interrupted, 141 nobody reads the
    output, 143 terminated.
    """


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    argv
        The arguments after the command's name. If not given, those of the process, which then
        is this command's own: it listens to signals until it has ended.

    Returns
    -------
    int
        0 done, 1 a check failed, 2 bad input, 129 the terminal was closed, 130 interrupted, 141
        nobody reads the output, 143 terminated.
    """
    # Imports and compiled kernels make many objects that stay: looking for garbage among them
    # again and again is a seventh of a short command's time.
    gc.set_threshold(100_000, 50, 100)
    own = argv is None
    if own:
        open_closed_streams()
    listener = Listener()
    listener.start()
    try:
        with plain_warnings():
            return _code(list(sys.argv[1:] if argv is None else argv), listener)
    finally:
        if own:
            listener.finish()  # which ends the process if a signal was heard
        else:
            listener.stop()


def _code(args: list[str], listener: Listener) -> int:
    """Run a command; say in one line what ended it, and return the exit code."""
    try:
        code = _dispatch(args)
        sys.stdout.flush()  # here, so that a closed pipe is met while it can still be handled
    except BaseException as error:
        drop_output_that_fails()
        if listener.number:
            return _say(LINES[listener.number], 128 + listener.number)
        return _failed(error)
    return 128 + listener.number if listener.number else code


def _failed(error: BaseException) -> int:
    """Say in one line what a user can mend, and return its exit code; raise all else again."""
    if isinstance(error, BrokenPipeError):
        return BROKEN_PIPE
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return _say("interrupted", INTERRUPTED)
    if isinstance(error, OmnilabError) and not os.environ.get("OMNILAB_DEBUG"):
        return _say(str(error), BAD_INPUT)
    if isinstance(error, click.ClickException):
        return _say(_usage_line(error), BAD_INPUT)
    if isinstance(error, OSError) and error.errno in _MENDABLE:
        where = f"{error.filename}: " if error.filename else ""
        return _say(f"{where}{error.strerror}", BAD_INPUT)
    raise error


def _dispatch(args: list[str]) -> int:
    """Parse and run, without click's own handling of errors, which prints more than one line."""
    try:
        with omnilab.make_context("omnilab", args or ["--help"]) as context:
            omnilab.invoke(context)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    return 0


def _usage_line(error: click.ClickException) -> str:
    """Return click's message as one line, with the nearest valid name and where to read more."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    text = " ".join(error.format_message().split()).rstrip(".")
    text = _KIND.sub(lambda found: f"is not a {_KINDS[found[1]]}", text)
    if context is None:
        return text
    command = context.command
    if isinstance(error, click.NoSuchOption):
        valid = [o for p in command.get_params(context) for o in (*p.opts, *p.secondary_opts)]
        text = f"no such option {error.option_name!r}{nearest(error.option_name, valid)}"
    elif isinstance(command, click.Group) and (found := re.match(r"No such command '(.*?)'", text)):
        # By its text: before click 8.4 this error has no class of its own.
        valid = command.list_commands(context)
        text = f"no such command {found[1]!r}{nearest(found[1], valid)}"
    elif isinstance(error, click.BadParameter) and (found := re.search(r"'([^']*)' is not", text)):
        kind = error.param.type if error.param else None
        text += nearest(found[1], kind.choices) if isinstance(kind, click.Choice) else ""
        text += meant_whole(found[1]) if "is not a whole number" in text else ""
    elif "unexpected extra argument" in text and any("-s" in p.opts for p in command.params):
        text = f"{text[0].lower()}{text[1:]}; a strategy is given by -s"
    elif isinstance(error, NoArgsIsHelpError) and isinstance(command, click.Group):
        text = f"a command is missing: {', '.join(command.list_commands(context))}"
    return f"{text}; see '{context.command_path} --help'"


def _say(text: str, code: int) -> int:
    """Print one red line on stderr and return ``code``."""
    line = "".join(c if c.isprintable() else " " for c in text).strip()
    color = False if os.environ.get("NO_COLOR") else None
    click.secho(f"error: {line}" if code == BAD_INPUT else line, fg="red", err=True, color=color)
    return code
