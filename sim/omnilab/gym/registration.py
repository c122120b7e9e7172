"""Tell Gymnasium which environments there are; nothing of a simulation is loaded for it."""

from __future__ import annotations

from typing import Final

__all__ = ["ID", "register"]

ID: Final = "omnilab/Decide-v0"


def register() -> None:
    """Put the environment into Gymnasium's registry, where it is not yet."""
    import gymnasium

    if ID not in gymnasium.registry:
        # The engine is checked by tests, and each step's check would cost more than the step.
        gymnasium.register(
            ID, entry_point="omnilab.gym.environment:DecideEnv", disable_env_checker=True
        )
