"""Where a preset's number is from: the comment that stands beside it in the preset's file."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

__all__ = ["preset_source"]

_CHANNELS = Path(__file__).parent / "presets" / "channels.yaml"


def preset_source(channel: str, key: str) -> str:
    """Return the kind and key of a channel preset's number, such as ``V/D, 15.68%, MAILCHIMP19``.

    Parameters
    ----------
    channel, key
        Names of the preset and of one of its message side's numbers; what is not there is "".
    """
    return _sources().get((channel, key), "")


@cache
def _sources() -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    channel, at = "", None
    for line in _CHANNELS.read_text(encoding="utf-8").splitlines():
        if name := re.match(r"([a-z_]+):", line):
            channel, at = name[1], None
        elif number := re.match(r" {4}([a-z_]+): .*# source: (.*)", line):
            at = (channel, number[1])
            found[at] = number[2].strip()
        elif at is not None and (more := re.match(r" +# +(.*)", line)):
            found[at] += f" {more[1].strip()}"
        else:
            at = None
    return found
