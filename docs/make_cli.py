"""Print the reference of the command line from the commands' own help: `make pin` keeps it."""

from __future__ import annotations

from collections.abc import Iterator

import click

from omnilab.cli import omnilab

WIDTH = 96


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
    """Return the page docs/cli.md."""
    parts = ["# The command line", "Made by `make pin` from the commands' own help; don't edit."]
    for path, text in helps(omnilab, "omnilab"):
        parts += [f"## {path}", f"```text\n{text.rstrip()}\n```"]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    click.echo(reference(), nl=False)
