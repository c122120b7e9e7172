"""Print the reference of the command line from the commands' own help: `make pin` keeps it."""

from __future__ import annotations

from collections.abc import Iterator

import click

from omnilab.cli import omnilab

WIDTH = 96

INTRODUCTION = (
    "For everybody who types a command. Made by `make pin` from the commands' own help; don't edit."
)
EXIT_CODES = """\
## Exit codes and output

Every command ends with one of these.

| code | when |
|---|---|
| 0 | Done: the result is written, or printed. |
| 1 | What was asked about does not hold: `check` says *discuss* or *do not* (`--fail-on` may \
let *discuss* pass), a condition of `compare --fail-if` holds, `lint` has findings, `check-claims` \
finds a claim that is not kept, `find` nobody, `verify` a difference, `bench` a strategy over its \
limit, `backtest --fail-on-dont` a *don't*. |
| 2 | Bad input: an option, a file or a strategy can't be used. One line on stderr says what and \
where. Where only some strategies failed, the results of the others are written all the same. |
| 129 | The terminal was closed (SIGHUP). |
| 130 | Interrupted by Ctrl-C (SIGINT). |
| 141 | Nobody reads stdout: the pipe is closed (as `head` does), or stdout was closed before. \
Files that were asked for are written. |
| 143 | Terminated (SIGTERM). |

A signal is heard within two seconds, also while a kernel or a plug-in works. Half-written files \
are removed; finished replications of a run are kept, and the same command takes the run up \
again. A signal that the shell ignores for a command in the background is ignored here too.

Results go to stdout, all else to stderr, also what a plug-in prints. `--quiet` leaves out the \
report, the progress and the notes. It never leaves out a `warning:`, which tells what a reader \
of the results must know, nor an `error:`.

`verify` says in at most ten lines what differs: versions first, then changed files and \
plug-ins, then logs (the first row, where the run has `--events`) and numbers.

## Compiled kernels

Kernels are compiled once a version and kept in `$OMNILAB_CACHE`, else \
`$XDG_CACHE_HOME/omnilab`, else `~/.cache/omnilab`. Each file carries a checksum: one that is \
damaged is compiled anew, with a warning. A folder that another user owns, or that others can \
write to, is not used. Where nothing can be kept, kernels are compiled at each start, with a \
warning. Deleting the folder is safe at any time.\
"""


def helps(
    command: click.Command, name: str, above: click.Context | None = None
) -> Iterator[tuple[str, str]]:
    """Yield (what to type, help) of a command and of those below it."""
    context = click.Context(
        command, above, name, terminal_width=WIDTH, max_content_width=WIDTH,
        **command.context_settings,
    )  # fmt: skip
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            assert found is not None
            yield from helps(found, below, context)


def reference() -> str:
    """Return the page docs/reference/cli.md."""
    parts = ["# The command line", INTRODUCTION]
    parts.append(EXIT_CODES)
    for path, text in helps(omnilab, "omnilab"):
        parts += [f"## {path}", f"```text\n{text.rstrip()}\n```"]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    click.echo(reference(), nl=False)
