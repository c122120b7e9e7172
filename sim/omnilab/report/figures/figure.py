"""A figure: its title, its units, its data, and a Vega-Lite specification that draws it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from omnilab.report.locales import Numbers
from omnilab.report.look import Look

__all__ = ["Field", "Figure", "Style", "spec_of"]


@dataclass(frozen=True)
class Style:
    """How figures are drawn and their numbers written."""

    look: Look
    numbers: Numbers


@dataclass(frozen=True)
class Field:
    """A column of a figure's data.

    Attributes
    ----------
    name
        In the files that can be taken away.
    title
        In the table on the page.
    unit
        As in the tables of a run; "" for text, ``row`` where each row's ``unit`` says it.
    signed
        Whether it is a difference.
    """

    name: str
    title: str
    unit: str = ""
    signed: bool = False


@dataclass(frozen=True)
class Figure:
    """A figure.

    Attributes
    ----------
    name
        Unique on a page; letters, digits and hyphens.
    title, unit
        What it shows, and in what.
    fields, rows
        Its data, as table, CSV and JSON have it.
    spec
        Vega-Lite, without a width.
    said
        What it shows in a sentence, for those who hear it.
    legend
        Names and colours. The page writes them above the figure, where they find room on a phone;
        a figure that stands alone has Vega-Lite's own.
    """

    name: str
    title: str
    unit: str
    fields: Sequence[Field]
    rows: Sequence[Mapping[str, Any]]
    spec: Mapping[str, Any]
    said: str = ""
    legend: Sequence[tuple[str, str]] = ()


def spec_of(style: Style, said: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a specification as wide as its place, in the report's look."""
    config = style.look.config()
    if style.look.legends:  # it stands alone; a page says once how its charts write numbers
        config["locale"] = style.numbers.vega
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": said,
        "width": "container",
        "autosize": {"type": "fit-x", "contains": "padding"},
        "config": config,
        **body,
    }
