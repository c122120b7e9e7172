"""The built-in strategies: a plug-in package that uses omnilab's public names only."""

from __future__ import annotations

from typing import Final

__all__ = ["STRATEGIES"]

#: Name -> where its class is, as the package's entry points say; nothing is imported for it.
STRATEGIES: Final = {
    "no_contact": "omnilab_strategies.no_contact:NoContact",
    "search_only": "omnilab_strategies.search_only:SearchOnly",
    "single_channel": "omnilab_strategies.single_channel:SingleChannel",
    "fixed_blasts": "omnilab_strategies.fixed_blasts:FixedBlasts",
    "multichannel": "omnilab_strategies.multichannel:Multichannel",
    "cross_channel": "omnilab_strategies.cross_channel:CrossChannel",
    "omnichannel": "omnilab_strategies.omnichannel:Omnichannel",
    "own_hours": "omnilab_strategies.own_hours:OwnHours",
}
