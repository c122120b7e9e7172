"""Write the README's picture anew from a real run, light and dark: `make pin` keeps it true.

The run is the one whose output the README shows, so the picture and the table have equal numbers.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

import vl_convert

import omnilab
from omnilab.api import Result
from omnilab.report.figures import forest, weeks
from omnilab.report.figures.figure import Figure, Style
from omnilab.report.locales import Numbers
from omnilab.report.look import DARK, LIGHT, plain_look

HERE = Path(__file__).resolve().parent
SCENARIO: Final = "retailer-v1"
SCHEMES: Final = {"light": LIGHT, "dark": DARK}
WIDTH: Final = 380  # pixels of each panel


def pictures(result: Result) -> dict[str, str]:
    """Return the picture of a result as SVG, by scheme."""
    source = result._report_source()
    made = {}
    for scheme, colours in SCHEMES.items():
        look = plain_look(source.strategies, source.reference, colours)
        style = Style(look, Numbers(source.currency))
        panels = [
            _panel(figure, colours)
            for figure in (
                forest.forest(source, style, "ltv"),
                weeks.lead_by_week(source, style, "ltv"),
            )
            if figure is not None
        ]
        config = {**panels[0].pop("config"), "background": "transparent"}
        config["legend"] = {"disable": True}  # the left panel's names have the colours
        for panel in panels[1:]:
            panel.pop("config")
        whole = {
            "$schema": panels[0].pop("$schema"),
            "description": "LTV of each strategy less multichannel, in all and week by week.",
            "hconcat": panels,
            "spacing": 40,
            "config": config,
        }
        panels[1].pop("$schema")
        made[scheme] = str(vl_convert.vegalite_to_svg(json.dumps(whole))) + "\n"
    return made


def _panel(figure: Figure, colours: Any) -> dict[str, Any]:
    title = {
        "text": figure.title, "subtitle": figure.unit, "anchor": "start", "frame": "group",
        "color": colours["ink"], "subtitleColor": colours["soft"], "fontSize": 15,
        "subtitleFontSize": 12, "offset": 14,
    }  # fmt: skip
    spec = {key: value for key, value in figure.spec.items() if key != "autosize"}
    return {**spec, "width": WIDTH, "height": 230, "title": title}


def file_of(scheme: str) -> Path:
    """Return where a scheme's picture is kept."""
    return HERE / f"picture-{scheme}.svg"


def main() -> None:
    """Run the comparison, and write both files."""
    for scheme, text in pictures(omnilab.compare(SCENARIO)).items():
        file_of(scheme).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
