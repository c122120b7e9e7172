"""The documentation's site: ``make docs`` builds it from these pages, without a network.

The pages stay plain Markdown that reads well in the repository. The list of pages in ``index.md``
is the site's navigation, so that a page is named once. The source is the whole repository, since
pages link to scenarios and code; those come along as files.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HERE = Path(__file__).parent
VERSION = re.search(
    r'__version__ = "(.+)"', (HERE.parent / "sim" / "omnilab" / "__init__.py").read_text("utf-8")
)

project = "omnilab"
author = "the omnilab authors"
copyright = author  # noqa: A001 - Sphinx's name
release = version = VERSION[1] if VERSION else ""

extensions = ["myst_parser"]
root_doc = "docs/index"
include_patterns = ["docs/**.md", "CONTRIBUTING.md", "CHANGELOG.md"]
exclude_patterns = [".*", "build", "runs", "node_modules", "sim", "strategies", "tests", "bench"]
myst_heading_anchors = 4
myst_enable_extensions = ["strikethrough"]
suppress_warnings = ["myst.header", "misc.highlighting_failure"]

html_theme = "furo"
html_title = f"omnilab {release}"
html_static_path: list[str] = []
html_copy_source = False
html_show_sphinx = False
html_extra_path: list[str] = []

LINK = re.compile(r"\]\(([\w./-]+\.md)\)")


def with_navigation(app: Sphinx, name: str, source: list[str]) -> None:
    """Give the first page the site's navigation: its own links, by its own headings."""
    if name != root_doc:
        return
    text = source[0]
    trees = []
    for part in text.split("\n## ")[1:]:
        caption = part.split("\n", 1)[0].split(":")[0]
        pages = dict.fromkeys(LINK.findall(part))
        if pages:
            lines = "\n".join(pages)
            trees.append(f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{lines}\n```\n")
    source[0] = text + "".join(trees)


def with_front_door(app: Sphinx, exception: Exception | None) -> None:
    """Lead from the site's address to its first page, which lies in ``docs`` as in the tree."""
    if exception is not None or app.builder.format != "html":
        return
    to = f"{root_doc}.html"
    Path(app.outdir, "index.html").write_text(
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>omnilab</title>\n'
        f'<meta http-equiv="refresh" content="0; url={to}">\n<a href="{to}">omnilab</a>\n</html>\n',
        encoding="utf-8",
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Have the navigation made while the first page is read, and the site's address lead there."""
    app.connect("source-read", with_navigation)
    app.connect("build-finished", with_front_door)
    return {"parallel_read_safe": True}
