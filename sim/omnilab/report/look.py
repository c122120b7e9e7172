"""The colours and letters of figures: by name on the page, which has two schemes, or as they are.

On the page a colour is a variable of the style sheet, so that light, dark and paper need no second
figure. A figure that stands alone, as in a notebook, has the colours of the light scheme.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["COLOURS", "DARK", "LIGHT", "Look", "page_look", "plain_look"]

#: Names of colours, by what they are for.
LIGHT: Final[dict[str, str]] = {
    "page": "#f6f7f9", "card": "#ffffff", "ink": "#141a22", "soft": "#525f6e", "line": "#dce1e7",
    "stripe": "#f1f3f6", "accent": "#0b6e5b", "on-accent": "#ffffff", "good": "#0b7a4b",
    "bad": "#b3261e", "base": "#5f6b7a",
    "mute": "#b8c2cd",
    "s1": "#0b6e5b", "s2": "#3b55c9", "s3": "#b45309", "s4": "#a21caf", "s5": "#0e7490",
    "s6": "#4d7c0f", "s7": "#be185d", "s8": "#7c5cff",
}  # fmt: skip
DARK: Final[dict[str, str]] = {
    "page": "#0d1116", "card": "#151b22", "ink": "#e9eef4", "soft": "#9dabba", "line": "#2b343f",
    "stripe": "#1b222b", "accent": "#4fd0b0", "on-accent": "#06231c", "good": "#4ad295",
    "bad": "#ff8a80", "base": "#94a1b0",
    "mute": "#4a5664",
    "s1": "#4fd0b0", "s2": "#8fa4ff", "s3": "#f4ae4c", "s4": "#e38cf0", "s5": "#5cc8e0",
    "s6": "#a7d65a", "s7": "#ff8fb8", "s8": "#b9a5ff",
}  # fmt: skip
COLOURS: Final = tuple(LIGHT)
#: Of the page's letters; a theme may set another.
FONT: Final = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', Arial, sans-serif"
)
_SERIES: Final = tuple(name for name in LIGHT if name[0] == "s" and name[1:].isdecimal())


@dataclass(frozen=True)
class Look:
    """How a figure looks.

    Attributes
    ----------
    colours
        By the names of `COLOURS`.
    strategies
        Each strategy's colour.
    font
        A list of font families.
    legends
        Whether figures have legends of their own.
    """

    colours: Mapping[str, str]
    strategies: Mapping[str, str] = field(default_factory=dict)
    font: str = FONT
    legends: bool = True

    def __getitem__(self, name: str) -> str:
        """Return a colour by its name."""
        return self.colours[name]

    def strategy(self, name: str) -> str:
        """Return a strategy's colour."""
        return self.strategies.get(name, self.colours["base"])

    def scale(self, names: Sequence[str]) -> dict[str, list[str]]:
        """Return strategies and their colours, as a scale takes them."""
        return {"domain": list(names), "range": [self.strategy(name) for name in names]}

    def config(self) -> dict[str, Any]:
        """Return Vega-Lite's configuration."""
        soft, line, ink = self["soft"], self["line"], self["ink"]
        return {
            "background": "transparent",
            "font": self.font,
            "padding": 2,
            "view": {"stroke": None},
            "axis": {
                "labelColor": soft, "titleColor": soft, "gridColor": line, "domainColor": line,
                "tickColor": line, "labelFontSize": 12, "titleFontSize": 12,
                "titleFontWeight": "normal", "labelLimit": 180, "titlePadding": 8,
                "tickSize": 4, "labelOverlap": True, "labelBound": True,
            },
            "axisY": {"domain": False, "ticks": False, "labelPadding": 8},
            "legend": {
                "labelColor": ink, "titleColor": soft, "labelFontSize": 12, "orient": "top",
                "title": None, "symbolType": "circle", "symbolSize": 90, "labelLimit": 240,
                "columns": 3, "columnPadding": 14, "offset": 8, "symbolOpacity": 1,
                "disable": not self.legends,
            },
            "text": {"color": ink, "fontSize": 12},
            "rule": {"color": line},
            "mark": {"tooltip": None},
        }  # fmt: skip


def page_look(names: Sequence[str], reference: str | None, font: str = FONT) -> Look:
    """Return the look of the page's figures, colours as variables of its style sheet."""
    colours = {name: f"var(--{name})" for name in COLOURS}
    return Look(colours, _of_strategies(names, reference, colours), font, legends=False)


def plain_look(
    names: Sequence[str], reference: str | None, colours: Mapping[str, str] = LIGHT
) -> Look:
    """Return the look of figures that stand alone."""
    return Look(colours, _of_strategies(names, reference, colours), "sans-serif")


def _of_strategies(
    names: Sequence[str], reference: str | None, colours: Mapping[str, str]
) -> dict[str, str]:  # fmt: skip
    """Return each strategy's colour: the reference is grey, the others go by their order."""
    others = [name for name in names if name != reference]
    found = {name: colours[_SERIES[n % len(_SERIES)]] for n, name in enumerate(others)}
    return found | ({reference: colours["base"]} if reference is not None else {})
