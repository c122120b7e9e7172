"""What a simulated brand knows, as other tools take it, and bundles of it with the truth apart.

`omnilab.interop.lives` runs strategies and keeps what tables are made of. A file for each family
of tools makes its tables: `paths`, `mmm`, `trial`, `repeat_purchase`, `records`, `arms`, `events`.
`omnilab.interop.kinds` has them by name, `omnilab.interop.exporting` writes them.

A *bundle* (`omnilab.interop.bundle`) is a public part, which an analyst would have, and a secret
part, the truth. `omnilab.interop.scoring` holds submissions against it, and
`omnilab.interop.public_methods` makes some.
"""

from __future__ import annotations

__all__: list[str] = []
