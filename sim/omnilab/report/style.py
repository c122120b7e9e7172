"""The style of a report's page: on a screen, on a phone, in the dark, and on paper."""

from __future__ import annotations

from typing import Final

__all__ = ["LANDSCAPE", "STYLE"]

#: Added where a table is too wide for an upright page. All pages of a report lie then: with a page
#: of its own kind the table would part from its heading.
LANDSCAPE: Final = "@page { size: landscape; }\n"

#: Colours first, then the screen, the phone, and paper (A4 or Letter, as the printer has it).
STYLE: Final = """\
:root { color-scheme: light dark; --page: #fff; --ink: #1b1b1b; --soft: #555; --line: #bbb;
  --stripe: #f0f0f0; --mark: #187a58; }
@media (prefers-color-scheme: dark) {
  :root { --page: #161616; --ink: #e8e8e8; --soft: #adadad; --line: #555; --stripe: #242424;
    --mark: #4cc79b; }
}
body { background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif;
  margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin-bottom: 0; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 0.5rem; }
h1, h2, p, dd, dt { overflow-wrap: anywhere; }
.setting, .note, .words, footer { color: var(--soft); }
.note, .words { font-size: 0.875rem; }
.headline { border-left: 4px solid var(--mark); padding-left: 0.75rem; }
.wide { overflow-x: auto; }
.wide + .wide { margin-top: 1.5rem; }
.wide:focus-visible, a:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
table { border-collapse: separate; border-spacing: 0; font-variant-numeric: tabular-nums; }
caption { clip-path: inset(50%); height: 1px; overflow: hidden; position: absolute;
  white-space: nowrap; width: 1px; }
th, td { background: var(--page); padding: 0.25rem 0.75rem; text-align: right;
  vertical-align: top; white-space: nowrap; }
thead th, thead td { border-bottom: 2px solid var(--line); vertical-align: bottom; }
tbody tr:nth-child(even) > * { background: var(--stripe); }
tbody th { font-weight: normal; }
tr > :first-child { left: 0; padding-left: 0.25rem; position: sticky; text-align: left;
  z-index: 1; }
a { color: inherit; text-decoration: underline dotted var(--soft); text-underline-offset: 0.2em; }
a:hover { text-decoration-style: solid; }
.words div { margin: 0.5rem 0; }
.words div:target { background: var(--stripe); }
dt { color: var(--ink); display: inline; font-weight: 600; }
dt::after { content: ": "; }
dd { display: inline; margin: 0; }
footer { border-top: 1px solid var(--line); font-size: 0.875rem; margin-top: 2.5rem; }

@media screen and (max-width: 40rem) {
  body { font-size: 15px; margin: 1rem auto; padding: 0 0.75rem; }
  table { font-size: 0.8125rem; line-height: 1.3; }
  th, td { padding: 0.3rem 0.35rem; white-space: normal; }
  thead th { font-size: 0.6875rem; }
  tr > :first-child { max-width: 7.5rem; min-width: 6rem; }
}

@page { margin: 12mm; }
@media print {
  :root { color-scheme: light; --page: #fff; --ink: #000; --soft: #333; --line: #999;
    --stripe: #f0f0f0; --mark: #187a58; }
  body { font-size: 10pt; margin: 0; max-width: none; padding: 0; }
  h1 { font-size: 15pt; }
  h2 { break-after: avoid; font-size: 11.5pt; margin: 6mm 0 1mm; }
  .wide { overflow: visible; }
  table { font-size: 8.5pt; line-height: 1.3; width: 100%; }
  thead { display: table-header-group; }
  tr, .words div, .headline { break-inside: avoid; }
  th, td { padding: 0.6mm 1mm; white-space: normal; }
  td { min-width: 9mm; }
  .note { font-size: 8.5pt; }
  tr > :first-child { min-width: 26mm; padding-left: 0; position: static; }
  tbody tr:nth-child(even) > * { print-color-adjust: exact; }
  .words { column-gap: 8mm; columns: 2; font-size: 8pt; }
  .words div { margin: 0 0 1.5mm; }
  a { text-decoration: none; }
  footer { break-inside: avoid; font-size: 8pt; margin-top: 6mm; }
}
"""
