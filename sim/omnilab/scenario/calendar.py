"""The simulated time: burn-in under the status quo, measured window, run-out."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from omnilab.errors import nearest
from omnilab.parameters.quantity import Duration
from omnilab.scenario.part import Frozen

__all__ = [
    "MOST_DAYS",
    "Time",
]

MOST_DAYS = 10950  # of burn-in, window and run-out: what the engine's queue can order


class Time(Frozen):
    """The simulated calendar: burn-in under the status quo, measured window, run-out."""

    start: date = Field(default=date(2025, 1, 6), description="first local day")
    zone: str = Field(default="Europe/Amsterdam", description="IANA time zone of the customers")
    burn_in: Duration = 90 * 86400
    window: Annotated[Duration, Field(gt=0)] = 365 * 86400
    run_out: Duration = 30 * 86400
    tick: Annotated[Duration, Field(ge=60)] = 900

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        from zoneinfo import ZoneInfo, available_timezones

        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            hint = nearest(zone, available_timezones())
            raise ValueError(f"no such time zone {zone!r}{hint}") from None
        return zone

    @model_validator(mode="after")
    def _whole_ticks(self) -> Self:
        if 86400 % self.tick:
            raise ValueError("tick must divide a day")
        if self.window < 2 * 86400:
            raise ValueError("window must be at least 2d")
        if self.burn_in + self.window + self.run_out > MOST_DAYS * 86400:
            raise ValueError(
                f"burn_in, window and run_out must be at most {MOST_DAYS}d together (30 years)"
            )
        return self
