"""The whole of a page around its sections: head, contents, foot, style and scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Final, NamedTuple

from omnilab import __version__
from omnilab.report.page.parts import Parts, script_json
from omnilab.report.theme import Theme

__all__ = ["Shown", "whole_page"]

_ASSETS: Final = Path(__file__).parent / "assets"
#: Nothing may be fetched; the charts' library compiles its expressions.
_POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data:"
)


class Shown(NamedTuple):
    """A section as it is shown: its place on the page, its heading, its HTML below that."""

    name: str
    title: str
    html: str


def whole_page(
    parts: Parts, dress: Theme, *, kind: str, day: str, title: str, setting: str, top: str,
    sections: Sequence[Shown], after: str = "", facts: Mapping[str, str],
) -> str:  # fmt: skip
    """Return a page as one HTML file that fetches nothing.

    Parameters
    ----------
    parts
        Those that made the sections' figures.
    dress
        Logo, colours and letters.
    kind, day
        What the page is, and when it was made; the day may be empty.
    title, setting
        Plain text: what it is about, and in one line how it was made.
    top
        HTML: the answer, above the sections.
    sections
        In the order of the page.
    after
        HTML below them.
    facts
        What the foot says of how to make it again; empty ones are left out.
    """
    body = [
        '<a class="skip" href="#answer">Skip to the answer</a>',
        _header(dress, kind, day),
        _contents(sections),
        '<main id="answer">',
        f'<section class="hero" aria-label="Answer"><h1>{escape(title)}</h1>',
        f'<p class="setting">{escape(setting)}</p>',
        top,
        "</section>",
        *(
            f'<section id="{s.name}" aria-labelledby="{s.name}-title"><h2 id="{s.name}-title">'
            f"{escape(s.title)}</h2>{s.html}</section>"
            for s in sections
        ),
        after,
        "</main>",
        _footer(facts),
        '<noscript><p class="note">Charts need JavaScript; their tables do not.</p></noscript>',
    ]
    data = {"figures": parts.figures, "locale": parts.style.numbers.vega}
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


def _header(theme: Theme, kind: str, day: str) -> str:
    logo = f'<img src="{escape(theme.logo, quote=True)}" alt="{escape(theme.name)}">'
    name = f"<span>{escape(theme.name or 'omnilab')}</span>"
    brand = logo if theme.logo else name
    if theme.logo and theme.name:
        brand = logo.replace(f'alt="{escape(theme.name)}"', 'alt=""') + name
    when = f"<span>{escape(day)}</span>" if day else ""
    return (
        f'<header class="top"><p class="brand">{brand}</p><p class="kind">{kind}{when}</p></header>'
    )


def _contents(sections: Sequence[Shown]) -> str:
    links = "".join(f'<li><a href="#{s.name}">{escape(s.title)}</a></li>' for s in sections)
    return f'<nav class="contents" aria-label="Contents"><ul>{links}</ul></nav>'


def _footer(facts: Mapping[str, str]) -> str:
    rows = "".join(
        f"<div><dt>{name}</dt><dd><code>{escape(value)}</code></dd></div>"
        for name, value in facts.items()
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
