"""Show a user's values inside one-line messages: where scenario code looks for it."""

from __future__ import annotations

from omnilab._files.messages import one_line, shown

__all__ = ["one_line", "shown"]
