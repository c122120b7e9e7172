"""Make the page: head, answer, sections, and the foot that says how to make it again."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any, Final

from omnilab import __version__
from omnilab.report.figures.figure import Style
from omnilab.report.locales import Numbers
from omnilab.report.look import page_look
from omnilab.report.page import answer, equal, method, people, sales, twins, ways
from omnilab.report.page.parts import Parts, prose, script_json
from omnilab.report.page.section import Section
from omnilab.report.source import Source
from omnilab.report.theme import Theme

__all__ = ["SECTIONS", "TABLES", "build_page"]

#: In the order of the page.
SECTIONS: Final[tuple[Section, ...]] = (
    sales.DIFFERENCES, equal.EQUAL, sales.WEEKS, sales.SWEEP, sales.ABLATION, ways.WAYS,
    ways.FUNNELS, ways.FATIGUE, ways.IDENTITY, sales.COST, people.GROUPS, ways.CAUSES,
    people.HANGS_ON, twins.TWINS, method.NUMBERS, method.WORDS, method.METHOD, method.ASSUMPTIONS,
)  # fmt: skip
#: The tables of a run that sections read.
TABLES: Final = tuple(sorted({table for section in SECTIONS for table in section.needs}))

_ASSETS: Final = Path(__file__).parent / "assets"
#: Nothing may be fetched; the charts' library compiles its expressions.
_POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data:"
)


def build_page(source: Source, *, theme: Theme | None = None, locale: str = "en") -> str:
    """Return a report as one HTML file, the same text for the same run.

    Parameters
    ----------
    source
        The run.
    theme
        Logo, colours and letters; omnilab's own if not given.
    locale
        Of the numbers, checked by `check_locale`.
    """
    dress = theme or Theme()
    numbers = Numbers(source.currency, locale)
    look = page_look(source.strategies, source.reference, dress.font)
    look = replace(look, strategies={**look.strategies, **dress.strategies})
    parts = Parts(Style(look, numbers))
    top = answer.answer(source, parts)
    shown: list[tuple[Section, str]] = []
    absent: list[str] = []
    for section in SECTIONS:
        html = section.build(source, parts)
        if html:
            shown.append((section, html))
        else:
            absent.append(section.absent)
    title = _title(source)
    body = [
        '<a class="skip" href="#answer">Skip to the answer</a>',
        _header(source, dress),
        _contents(shown),
        '<main id="answer">',
        f'<section class="hero" aria-label="Answer"><h1>{escape(title)}</h1>',
        f'<p class="setting">{escape(_setting(source, numbers))}</p>',
        top,
        "</section>",
        *(
            f'<section id="{s.name}" aria-labelledby="{s.name}-title"><h2 id="{s.name}-title">'
            f"{escape(s.title)}</h2>{html}</section>"
            for s, html in shown
        ),
        _absent(absent),
        "</main>",
        _footer(source),
        '<noscript><p class="note">Charts need JavaScript; their tables do not.</p></noscript>',
    ]
    data = {"figures": parts.figures, "locale": numbers.vega}
    scripts = [
        f'<script type="application/json" id="figures">{script_json(data)}</script>',
        f"<script>{_asset('vega.js')}</script>",
        f"<script>{_asset('page.js')}</script>",
    ]
    head = [
        '<meta charset="utf-8">',
        f'<meta name="generator" content="omnilab {__version__}">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{escape(title)}</title>",
        f"<style>{_colours(dress)}{_asset('page.css')}</style>",
    ]
    page = ["<!doctype html>", '<html lang="en">', "<head>", *head, "</head>", "<body>", *body]
    return "\n".join([*page, *scripts, "</body>", "</html>", ""])


def _title(source: Source) -> str:
    scenario = source.scenario
    return scenario.title or scenario.id


def _setting(source: Source, numbers: Numbers) -> str:
    days = round(source.scenario.time.window / 86400)
    result = source.result
    again = f" in {result['replications']} replications" if result["replications"] > 1 else ""
    title = f"{source.scenario.id} · " if source.scenario.title else ""
    return (
        f"{title}{numbers.whole(result['customers'])} customers{again} · "
        f"{numbers.whole(days)} days · seed {result['seed']}"
    )


def _header(source: Source, theme: Theme) -> str:
    logo = f'<img src="{escape(theme.logo, quote=True)}" alt="{escape(theme.name)}">'
    name = f"<span>{escape(theme.name or 'omnilab')}</span>"
    brand = logo if theme.logo else name
    if theme.logo and theme.name:
        brand = logo.replace(f'alt="{escape(theme.name)}"', 'alt=""') + name
    day = f"<span>{escape(source.about.day)}</span>" if source.about.day else ""
    return (
        f'<header class="top"><p class="brand">{brand}</p><p class="kind">Report{day}</p></header>'
    )


def _contents(shown: list[tuple[Section, str]]) -> str:
    links = "".join(
        f'<li><a href="#{section.name}">{escape(section.title)}</a></li>' for section, _ in shown
    )
    return f'<nav class="contents" aria-label="Contents"><ul>{links}</ul></nav>'


def _absent(lines: list[str]) -> str:
    if not lines:
        return ""
    items = "".join(f"<li>{prose(line)}</li>" for line in lines)
    return (
        '<section id="absent" aria-labelledby="absent-title"><h2 id="absent-title">Not in this '
        f'run</h2><ul class="absent">{items}</ul></section>'
    )


def _footer(source: Source) -> str:
    about, result = source.about, source.result
    facts: list[tuple[str, Any]] = [
        ("Command", about.command),
        ("Run", about.digest),
        ("Scenario", result["scenario"]["digest"]),
        ("Made on", about.day),
        ("By", f"omnilab {about.version or __version__}, engine {result['engine']}"),
    ]
    rows = "".join(
        f"<div><dt>{name}</dt><dd><code>{escape(str(value))}</code></dd></div>"
        for name, value in facts
        if value
    )
    return f'<footer><h2>Make it again</h2><dl class="facts">{rows}</dl></footer>'


def _colours(theme: Theme) -> str:
    """Return both schemes' colours; paper has those of day."""

    def block(colours: Any) -> str:
        return "".join(f"--{name}:{value};" for name, value in colours.items())

    light, dark = block(theme.light), block(theme.dark)
    return (
        f":root{{color-scheme:light dark;--font:{theme.font};{light}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"
        "@media print{:root{color-scheme:light}}\n"
    )


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")
