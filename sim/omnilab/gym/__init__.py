"""A Gymnasium environment in which a policy answers for the strategy hook `decide`.

``gymnasium.make("omnilab.gym:omnilab/Decide-v0", scenario="mapples-coffee-v1", customers=200)``.
Needs the package ``gymnasium``: ``pip install 'omnilab[gym]'``. Importing this package tells
Gymnasium of the environment, as is the custom there; ``omnilab.gym:`` before its name makes
Gymnasium import it.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from omnilab._lazy import lazy_names
from omnilab.gym.registration import register

if TYPE_CHECKING:
    from omnilab.gym.environment import DecideEnv
else:
    __getattr__, __dir__ = lazy_names(__name__, {"environment": ("DecideEnv",)})

__all__ = ["DecideEnv", "register"]

if find_spec("gymnasium") is not None:
    register()
