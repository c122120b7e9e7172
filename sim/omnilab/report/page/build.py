"""Make the page of a run: the answer, sections, and the foot that says how to make it again."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from omnilab import __version__
from omnilab.report.figures.figure import Style
from omnilab.report.locales import Numbers
from omnilab.report.look import page_look
from omnilab.report.page import answer
from omnilab.report.page.parts import Parts, prose
from omnilab.report.page.shell import Shown, whole_page
from omnilab.report.page.views import SECTIONS, VIEWS
from omnilab.report.source import Source
from omnilab.report.theme import Theme

__all__ = ["SECTIONS", "TABLES", "build_page"]

#: The tables of a run that sections read.
TABLES: Final = tuple(sorted({table for section in SECTIONS for table in section.needs}))


def build_page(
    source: Source, *, theme: Theme | None = None, locale: str = "en", view: str = "all"
) -> str:
    """Return a report as one HTML file, the same text for the same run.

    Parameters
    ----------
    source
        The run.
    theme
        Logo, colours and letters; omnilab's own if not given.
    locale
        Of the numbers, checked by `check_locale`.
    view
        For whom it is, of `VIEWS`: which sections it has, and in which order.
    """
    dress = theme or Theme()
    numbers = Numbers(source.currency, locale)
    look = page_look(source.strategies, source.reference, dress.font)
    look = replace(look, strategies={**look.strategies, **dress.strategies})
    parts = Parts(Style(look, numbers))
    top = answer.answer(source, parts)
    shown: list[Shown] = []
    absent: list[str] = []
    for section in VIEWS[view]:
        html = section.build(source, parts)
        if html:
            shown.append(Shown(section.name, section.title, html))
        else:
            absent.append(section.absent)
    about, result = source.about, source.result
    return whole_page(
        parts,
        dress,
        kind="Report",
        day=about.day,
        title=source.scenario.title or source.scenario.id,
        setting=_setting(source, numbers),
        top=top,
        sections=shown,
        after=_absent(absent),
        facts={
            "Command": about.command,
            "Run": about.digest,
            "Scenario": result["scenario"]["digest"],
            "Made on": about.day,
            "By": f"omnilab {about.version or __version__}, engine {result['engine']}",
        },
    )


def _setting(source: Source, numbers: Numbers) -> str:
    days = round(source.scenario.time.window / 86400)
    result = source.result
    again = f" in {result['replications']} replications" if result["replications"] > 1 else ""
    title = f"{source.scenario.id} · " if source.scenario.title else ""
    return (
        f"{title}{numbers.whole(result['customers'])} customers{again} · "
        f"{numbers.whole(days)} days · seed {result['seed']}"
    )


def _absent(lines: list[str]) -> str:
    if not lines:
        return ""
    items = "".join(f"<li>{prose(line)}</li>" for line in lines)
    return (
        '<section id="absent" aria-labelledby="absent-title"><h2 id="absent-title">Not in this '
        f'run</h2><ul class="absent">{items}</ul></section>'
    )
