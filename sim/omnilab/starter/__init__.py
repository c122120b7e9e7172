"""The first files of a team: a shop, a plan, a gate, a planted harm, and a workflow for their CI.

`omnilab start` asks for what nobody else knows, such as what is sold and over which channels, and
writes the rest from the shipped presets. What it writes is the team's own from then on.
"""

__all__: list[str] = []
