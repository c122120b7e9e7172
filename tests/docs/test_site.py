"""The documentation's site: each page is in its navigation, each link leads somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

for needed in ("sphinx", "myst_parser", "furo"):
    pytest.importorskip(needed)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site's folder; a warning, such as a link to nothing, is an error."""
    made = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", str(ROOT / "docs"),
               "-d", str(made / "doctrees"), str(ROOT), str(made / "site")]  # fmt: skip
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return made / "site"


@pytest.mark.slow
def test_every_page_can_be_reached_from_the_navigation(site: Path) -> None:
    first = (site / "docs" / "index.html").read_text(encoding="utf-8")
    side = first.split('class="sidebar-tree"')[1].split("</aside>")[0]
    for page in (ROOT / "docs").rglob("*.md"):
        if page.name != "index.md":
            name = page.relative_to(ROOT / "docs").with_suffix(".html").as_posix()
            assert f'href="{name}"' in side, name


@pytest.mark.slow
def test_its_address_leads_to_its_first_page(site: Path) -> None:
    door = (site / "index.html").read_text(encoding="utf-8")
    to = set(re.findall(r'(?:url=|href=")([^"]+)"', door))
    assert to == {"docs/index.html"}
    assert (site / to.pop()).is_file()


@pytest.mark.slow
def test_it_can_be_searched_without_a_network(site: Path) -> None:
    index = (site / "searchindex.js").read_text(encoding="utf-8")
    assert "identity" in index
    assert "cascade" in index
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        loads = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(https?:[^"]+)"', text)
        assert not loads, (page.name, loads)
