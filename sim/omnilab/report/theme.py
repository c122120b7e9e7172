"""A report in a brand's own dress: logo, colours and letters from a small YAML file."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omnilab.errors import DataError, OmnilabError, nearest
from omnilab.report.look import COLOURS, DARK, FONT, LIGHT

if TYPE_CHECKING:
    from omnilab._files.yaml_tree import Node

__all__ = ["Theme", "contrast", "read_theme"]

KEYS: Final = ("name", "logo", "font", "colours", "dark", "strategies")
_KINDS: Final = {
    ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
    ".webp": "image/webp", ".gif": "image/gif",
}  # fmt: skip
_LARGEST: Final = 512 * 1024  # bytes of a logo: the page has to stay small
_FONT: Final = re.compile(r"[\w ,'\"-]{1,300}")
_HEX: Final = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")
_NAMES: Final = {  # CSS's basic colours
    "aqua": "#00ffff", "black": "#000000", "blue": "#0000ff", "fuchsia": "#ff00ff",
    "gray": "#808080", "green": "#008000", "grey": "#808080", "lime": "#00ff00",
    "maroon": "#800000", "navy": "#000080", "olive": "#808000", "orange": "#ffa500",
    "purple": "#800080", "red": "#ff0000", "silver": "#c0c0c0", "teal": "#008080",
    "white": "#ffffff", "yellow": "#ffff00",
}  # fmt: skip
#: Least contrast with the ground, by WCAG 2.2: of text, and of what is drawn.
_TEXT: Final = 4.5
_DRAWN: Final = 3.0


@dataclass(frozen=True)
class Theme:
    """How a page is dressed.

    Attributes
    ----------
    name
        Of the brand, beside the logo; "" for none.
    logo
        As a ``data:`` address; "" for none.
    font
        A list of font families that the reader's machine may have.
    light, dark
        Colours by the names of `COLOURS`.
    strategies
        A colour for single strategies.
    """

    name: str = ""
    logo: str = ""
    font: str = FONT
    light: Mapping[str, str] = field(default_factory=lambda: dict(LIGHT))
    dark: Mapping[str, str] = field(default_factory=lambda: dict(DARK))
    strategies: Mapping[str, str] = field(default_factory=dict)


def read_theme(path: Path) -> Theme:
    """Return a theme from its file.

    Raises
    ------
    DataError
        With the first thing that is wrong, and its line.
    """
    from omnilab._files.kinds import other_kind
    from omnilab._files.yaml_lines import read_yaml

    root = read_yaml(path, _raised)
    if said := other_kind(root.value, "theme"):
        raise _error(root, f"no theme: {said}")
    _check_keys(root, KEYS, "")
    light = _colours(root, "colours", LIGHT)
    dark = _colours(root, "dark", DARK)
    strategies = dict(_named_colours(root, "strategies"))
    return Theme(
        name=_text(root, "name") or "",
        logo=_logo(root, path),
        font=_font(root),
        light=light,
        dark=dark,
        strategies=strategies,
    )


def contrast(a: str, b: str) -> float:
    """Return how well two colours are told apart, 1 to 21.

    References
    ----------
    Web Content Accessibility Guidelines 2.2, definition of contrast ratio.
    """
    low, high = sorted((_luminance(a), _luminance(b)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _raised(
    message: str, *, file: Any = None, line: int | None = None, key: str | None = None
) -> OmnilabError:
    return DataError(f"{key}: {message}" if key else message, file=file, line=line)


def _error(node: Node, message: str) -> DataError:
    return DataError(message, file=node.file, line=node.line)


def _check_keys(node: Node, known: Sequence[str], where: str) -> None:
    if not isinstance(node.value, dict):
        raise _error(node, f"{where or 'the file'}: keys and values were expected")
    for key, child in node.value.items():
        if key not in known:
            hint = nearest(key, known) or f"; there are {', '.join(known)}"
            raise _error(child, f"{where}{'.' if where else ''}{key}: no such key{hint}")


def _text(root: Node, key: str) -> str | None:
    node = root.get(key)
    if node is None:
        return None
    if isinstance(node.value, dict | list) or node.text is None:
        raise _error(node, f"{key}: a text was expected")
    return node.text


def _font(root: Node) -> str:
    font, node = _text(root, "font"), root.get("font")
    if font is None or node is None:
        return FONT
    quotes = font.count("'") % 2 or font.count('"')
    if not _FONT.fullmatch(font) or quotes:
        raise _error(node, f"font: {font!r} is no list of font families such as Inter, sans-serif")
    return f"{font}, {FONT}"


def _logo(root: Node, path: Path) -> str:
    named, node = _text(root, "logo"), root.get("logo")
    if named is None or node is None:
        return ""
    file = path.parent / named
    kind = _KINDS.get(file.suffix.lower())
    if kind is None:
        raise _error(node, f"logo: {named} is no picture: {', '.join(_KINDS)}")
    try:
        size = file.stat().st_size
        if size > _LARGEST:
            raise _error(node, f"logo: {named} has {size:,} bytes; {_LARGEST:,} are the most")
        data = file.read_bytes()
    except OSError as error:
        raise _error(node, f"logo: {file} can't be read: {error.strerror}") from None
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _colours(root: Node, key: str, own: Mapping[str, str]) -> dict[str, str]:
    """Return a scheme's colours, with those that the theme has; all must be seen on their ground.

    Letters on the accent are black or white, unless the theme says how they are.
    """
    given = dict(_named_colours(root, key, COLOURS))
    found = dict(own) | given
    if "accent" in given and "on-accent" not in given:
        found["on-accent"] = max(("#000000", "#ffffff"), key=lambda c: contrast(c, found["accent"]))
    grounds = ("page", "card", "stripe")
    for name in found:
        if name in (*grounds, "line", "mute", "on-accent"):
            continue
        least = _TEXT if name in ("ink", "soft") else _DRAWN
        for ground in grounds:
            seen = contrast(found[name], found[ground])
            if seen < least and {name, ground} & set(given):
                node = root.get(key)
                assert node is not None
                raise _error(
                    node.get(name) or node,
                    f"{key}.{name}: {found[name]} can't be seen on {ground} {found[ground]}: "
                    f"their contrast is {seen:.1f}, {least:g} is the least",
                )
    return found


def _named_colours(
    root: Node, key: str, known: Sequence[str] = ()
) -> Iterator[tuple[str, str]]:  # fmt: skip
    node = root.get(key)
    if node is None:
        return
    if known or not isinstance(node.value, dict):
        _check_keys(node, known, key)
    assert isinstance(node.value, dict)
    for name, child in node.value.items():
        yield name, _colour(child, f"{key}.{name}")


def _colour(node: Node, key: str) -> str:
    text = node.text or ""
    if _HEX.fullmatch(text):
        digits = text[1:] if len(text) == 7 else "".join(2 * c for c in text[1:])
        return f"#{digits.lower()}"
    if text.lower() in _NAMES:
        return _NAMES[text.lower()]
    hint = nearest(text, _NAMES) or "; take one such as '#0b6e5b' (in quotes) or navy"
    raise _error(node, f"{key}: {text!r} is no colour{hint}")
