"""An answer over many worlds: what is doubt about the world, what is chance, what is worth knowing.

A world is a scenario with other values of what is not known. Small worlds are noisy: a smooth
function of their parameters is fitted to the paired differences (`smooth`), and all that is said
is said of draws of that function (`verdict`, `value`).
"""

__all__ = ["ablated", "compared", "doubts", "each", "file", "smooth", "standing", "swept", "value",
           "verdict"]  # fmt: skip
