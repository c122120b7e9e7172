"""The README's picture shows a run's numbers, the same in both schemes, and loads nothing."""

from __future__ import annotations

import re

import pytest

import omnilab
from docs.make_picture import SCHEMES, file_of, pictures

_LABEL = re.compile(r'aria-label="([^"]*)"')
_ASKS = re.compile(r'(?:href|src)="(?!#)|url\((?!#)|<script', re.IGNORECASE)


@pytest.fixture(scope="module")
def result() -> omnilab.Result:
    return omnilab.compare("mapples-coffee-v1", ["multichannel", "no_contact"], customers=60)


def test_the_marks_have_the_numbers_of_the_run(result):
    rows = result.differences()
    found = rows[rows["measure"].str.startswith("ltv")].iloc[0]
    for text in pictures(result).values():
        assert f"{abs(found['value']):.2f}" in "".join(re.findall(r">([^<]*)</text>", text))
        assert any("no_contact" in label for label in _LABEL.findall(text))


def test_both_schemes_show_the_same(result):
    made = pictures(result)
    assert len({tuple(_LABEL.findall(text)) for text in made.values()}) == 1
    assert made["light"] != made["dark"]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_kept_picture_is_whole_and_asks_for_nothing(scheme):
    text = file_of(scheme).read_text(encoding="utf-8")
    assert text.startswith("<svg")
    assert text.endswith("</svg>\n")
    assert not _ASKS.search(text)
    for name in ("omnichannel", "cross_channel", "single_channel", "no_contact"):
        assert f">{name}</text>" in text
