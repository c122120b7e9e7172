"""Attribution: which channels a brand's own numbers give an order to.

`omnilab.attribution.sightings` reads the log as the brand's tools measure it, and as it truly was.
`omnilab.attribution.paths` joins touches to orders. `omnilab.attribution.rules`,
`omnilab.attribution.markov` and `omnilab.attribution.shapley` are the models of credit, and
`omnilab.attribution.models` has them all by name. `omnilab.attribution.upload` is what an ad
platform counts of buyers that are uploaded to it.

Nothing here runs a simulation: hand-made paths are enough.
"""

from __future__ import annotations

__all__: list[str] = []
