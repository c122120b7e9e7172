"""Worlds that the data do not rule out: history matching in waves, then weights.

`matching` is the method, and knows no scenario. `ranges` says which keys of a scenario may move,
and how far. `log_moments` and `sets` hold the two kinds of data, a purchase log and a file of
patterns, and make the set that `omnilab.experiment.plausible.file` writes.
"""
