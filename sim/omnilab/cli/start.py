"""``omnilab start``: a team's first shop, plan, gate and workflow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from omnilab.cli.console import say
from omnilab.cli.options import CUSTOMERS, quiet_option
from omnilab.cli.places import FOLDER, PlacesCommand

if TYPE_CHECKING:
    from omnilab.starter.answers import Answers

__all__ = ["start"]

CHANNELS: Final = "web,app,push,store,email"


class _Quantity(click.types.ParamType[Any]):
    """A value in the form that a scenario file has it in."""

    def __init__(self, name: str) -> None:
        self.name = name

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:  # fmt: skip
        """Return the quantity in the model's unit."""
        from omnilab._files.quantities import parse_duration
        from omnilab.parameters.quantity import parse_name, parse_share

        readers: dict[str, Callable[[object], Any]] = {
            "duration": parse_duration, "share": parse_share, "name": parse_name,
        }  # fmt: skip
        try:
            return readers[self.name](value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


NAME: Final = _Quantity("name")
DURATION: Final = _Quantity("duration")
SHARE: Final = _Quantity("share")


@click.command(cls=PlacesCommand)
@click.argument("folder", type=FOLDER, default=".")
@click.option("--name", type=NAME, metavar="NAME",
              help="Of the plan; that of the folder if not given.")  # fmt: skip
@click.option("--sells", default="goods", show_default=True, metavar="WORDS",
              help="What is sold.")  # fmt: skip
@click.option("--every", type=DURATION, default="60d", show_default=True, metavar="DURATION",
              help="Mean time between two needs of a customer.")  # fmt: skip
@click.option("--spend", default="50 EUR", show_default=True, metavar="AMOUNT",
              help="Mean amount of an order, with its currency.")  # fmt: skip
@click.option("--margin", type=SHARE, default="40%", show_default=True, metavar="SHARE",
              help="Of that amount.")  # fmt: skip
@click.option("--returns", type=SHARE, default="5%", show_default=True, metavar="SHARE",
              help="Share of orders that come back.")  # fmt: skip
@click.option("--channels", default=CHANNELS, show_default=True, metavar="NAME[,NAME]",
              help="Where customers come by and are written to; omnilab list channels has "
              "all.")  # fmt: skip
@click.option("--customers", type=CUSTOMERS, default=20_000, show_default=True, metavar="N",
              help="How many are simulated.")  # fmt: skip
@click.option("--ci", type=click.Choice(["github", "none"]), default="github", show_default=True,
              help="Whose workflow to write.")  # fmt: skip
@quiet_option
def start(folder: Path, name: str | None, channels: str, ci: str, quiet: bool, **said: Any) -> None:
    """Write a team's first shop, plan and gate into FOLDER, the current one if not given.

    Beside them: a harm that the gate has to stop, a workflow that judges pull requests, and the
    lines that .gitignore lacks. The files are yours to edit. Nothing that is there is replaced.

    Exit codes: 0 done, 2 bad input; then nothing is written.
    """
    from omnilab.starter.files import starter_files
    from omnilab.starter.writing import check_place, write_files

    answers = _answers(name or _name_of(folder), channels, said)
    files = starter_files(answers, workflow=ci == "github")
    check_place(folder, files)
    write_files(folder, files, answers)
    _say_what_next(folder, files, answers, quiet=quiet)


def _answers(name: str, channels: str, said: dict[str, Any]) -> Answers:
    from omnilab.errors import OptionError, nearest
    from omnilab.scenario.preset import preset_names
    from omnilab.starter.answers import Answers

    spend, currency = _money(said["spend"])
    chosen = tuple(filter(None, (part.strip() for part in channels.split(","))))
    known = preset_names("channels")
    for channel in chosen:
        if channel not in known:
            raise OptionError(f"--channels: unknown {channel!r}{nearest(channel, known)}")
        if chosen.count(channel) > 1:
            raise OptionError(f"--channels: {channel} is named twice")
    if name in {"shop", "gates", "harm"}:
        raise OptionError(f"--name {name}: there is a file of that name: take your brand's")
    return Answers(
        name, said["sells"], said["every"], spend, currency, said["margin"], said["returns"],
        chosen, said["customers"],
    )  # fmt: skip


def _money(text: str) -> tuple[float, str]:
    import re

    from omnilab.errors import OptionError
    from omnilab.parameters.quantity import parse_amount

    given = re.fullmatch(r"\s*([0-9.]+)\s*([A-Z]{3})?\s*", text)
    currency = (given[2] if given else None) or "EUR"
    try:
        return parse_amount(f"{given[1]} {currency}" if given else text), currency
    except ValueError as error:
        raise OptionError(f"--spend: {error}") from None


def _name_of(folder: Path) -> str:
    from omnilab.errors import OptionError
    from omnilab.parameters.quantity import parse_name

    try:
        return parse_name(folder.resolve().name)
    except ValueError as error:
        raise OptionError(f"{error}; give --name NAME") from None


def _say_what_next(
    folder: Path, files: dict[str, str], answers: Answers, *, quiet: bool
) -> None:  # fmt: skip
    from omnilab.starter.files import GATE, HARM, SHOP, plan_name

    plan = plan_name(answers)
    enter = "" if folder.resolve() == Path.cwd() else f"cd {folder}; "
    for line in (
        f"{folder}: {', '.join(files)}, .gitignore",
        "May the plan go out? (The first run compiles for two to three minutes.)",
        f"  {enter}omnilab check {SHOP} --gate {GATE} -s {plan}",
        "Does the gate bite? It has to stop this one:",
        f"  omnilab check {SHOP} --gate {GATE} -s {HARM}",
        "Then commit today's plan, which changes nothing; yours comes by a pull request:",
        f'  cp {plan} ../plan.yaml; echo "name: {answers.name}" > {plan}',
        f"  git add wheels .gitignore {' '.join(files)}",
    ):
        say(line, quiet=quiet)
