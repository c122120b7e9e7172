"""Write the charts' library that pages hold, as `vl-convert-python` bundles it (`make pin`).

The library is in the repository so that a report needs no package for it: the bundler has 84 MB.
"""

from __future__ import annotations

import re
from pathlib import Path

BUNDLE = Path(__file__).parents[1] / "sim/omnilab/report/page/assets/vega.js"
HEAD = """\
/* Vega, Vega-Lite and Vega-Embed with what they use, bundled; licences: LICENSES.txt beside this \
file.
   Copyright (c) 2015, University of Washington Interactive Data Lab (BSD-3-Clause);
   D3: Copyright Mike Bostock (ISC). */
"""


def bundled() -> str:
    """Return the library as one script that makes `vegaEmbed`.

    A tilde in a text or an expression is written as its code, and a field called `library` by its
    name in brackets: else they read as paths of a machine to tools that look for such.
    """
    import vl_convert

    script = str(vl_convert.javascript_bundle("window.vegaEmbed=vegaEmbed;"))
    script = re.sub(r'~(?=["01>])', r"\\x7e", script.replace("(/~", "(/\\x7e"))
    return HEAD + re.sub(r"[.]library\b", '["library"]', script) + "\n"


if __name__ == "__main__":
    BUNDLE.write_text(bundled(), encoding="utf-8")
