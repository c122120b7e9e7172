"""Who is simulated, and what they need: personas, households, categories.

Each default names where it comes from: a key of the table of sources in ``parameters.md``,
with its kind: V vendor, S survey, I independent, P peer-reviewed, D derived, A assumption.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from omnilab.parameters.declared import key
from omnilab.parameters.quantity import Amount, Duration, Index, Logit, Name, Shape, Share
from omnilab.scenario.part import Frozen, adds_up, unique

__all__ = [
    "MAX_PERSONAS",
    "Category",
    "Dropout",
    "Entry",
    "History",
    "Persona",
    "Population",
    "Spend",
]

MAX_PERSONAS = 16


class Entry(Frozen):
    """A cohort that arrives with its first order, as in a log cut by first purchase."""

    over: Annotated[Duration, Field(gt=0)]
    by_week: Annotated[
        tuple[Annotated[float, Field(ge=0, le=1e12)], ...], Field(max_length=5_300)
    ] = ()

    @field_validator("by_week")
    @classmethod
    def _somebody_enters(cls, by_week: tuple[float, ...]) -> tuple[float, ...]:
        if by_week and not sum(by_week) > 0:
            raise ValueError("nobody enters in any week: one number at least must be above 0")
        return by_week


class Dropout(Frozen):
    """Leaving after an order by itself: one chance a person, Beta(a, b) over persons."""

    a: Annotated[float, Field(gt=0, le=1e9)] = 0.793  # CDNOW, Fader, Hardie & Lee 2005 (P)
    b: Annotated[float, Field(gt=0, le=1e9)] = 2.426  # CDNOW (P)


class Persona(Frozen):
    """A latent class of customers: how often they need, where they like to go, what they allow."""

    name: Name
    share: Share
    needs: Annotated[float, Field(gt=0, le=100)] = 1.0
    phone: Share = 0.55  # share of web visits on the phone (A)
    tablet: Share = key(
        0.0,
        "Share of this persona's web visits that are made on a tablet; with `phone` at most 100%.",
        kind="A",
        source="off by default",
        came_later=True,
    )
    prefers: dict[Name, Logit] = Field(default={})
    opt_in: dict[Name, Share] = Field(default={})
    reach: dict[Name, Share] = Field(default={})

    @model_validator(mode="after")
    def _devices(self) -> Self:
        if self.phone + self.tablet > 1 + 1e-12:
            raise ValueError(
                "phone and tablet are shares of the same visits and can't add up to more than 100%"
            )
        return self


class History(Frozen):
    """Customers with the same purchase history: where it leaves them, as `fit --forecast` says it.

    Rates and chances to leave are of those who are still customers; they stand in the place of
    the population's laws, and the categories' spread of spend.
    """

    share: Annotated[float, Field(gt=0, le=1e9)]  # of all customers, or any weight
    alive: Share  # chance to be a customer still when the scenario starts
    orders: Annotated[int, Field(ge=1, le=10**6)]  # so far
    every: Annotated[Duration, Field(gt=0)]  # between needs, at the mean rate
    shape: Shape  # gamma heterogeneity of rates in the group
    dropout: Dropout
    spend: Annotated[Amount, Field(gt=0)]  # mean of an order
    q: Annotated[Shape, Field(gt=1)]  # spread of the mean over the group, as of `Spend`


class Population(Frozen):
    """Who is simulated: households of persons, in cells that may share identifiers."""

    customers: Annotated[int, Field(ge=1, le=10**9)] = 10_000
    households_per_cell: Annotated[int, Field(ge=1, le=16)] = 2
    household_sizes: tuple[Share, ...] = (0.37, 0.33, 0.13, 0.11, 0.06)  # Eurostat-like (A)
    prior_buyers: Share = 0.5  # (A)
    dropout: Dropout = Dropout()
    entry: Entry | None = None
    histories: Annotated[tuple[History, ...], Field(max_length=1000)] = ()
    personas: Annotated[tuple[Persona, ...], Field(min_length=1, max_length=MAX_PERSONAS)]

    @model_validator(mode="after")
    def _shares_add_up(self) -> Self:
        adds_up(self.household_sizes, "household_sizes")
        if not 1 <= len(self.household_sizes) <= 8:
            raise ValueError("household_sizes: 1 to 8 sizes")
        adds_up([p.share for p in self.personas], "the shares of personas")
        unique([p.name for p in self.personas], "persona")
        if self.histories and self.entry is not None:
            raise ValueError("histories are of customers who are there: without `entry`")
        return self

    @model_serializer(mode="wrap")
    def _without_no_histories(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what was not there before, so that other scenarios keep their digests."""
        data: dict[str, Any] = write(self)
        if not self.histories:
            data.pop("histories", None)
        return data


class Spend(Frozen):
    """Gamma-Gamma spend: an order is Gamma(p, nu), a person's nu is Gamma(q, gamma)."""

    mean: Annotated[Amount, Field(gt=0, le=1e8)]
    p: Shape = 6.25  # CDNOW, Fader & Hardie 2013 (P)
    q: Annotated[float, Field(gt=1, le=1e9)] = 3.74  # CDNOW (P)


class Category(Frozen):
    """What customers need: how often, for how much, and how long they wait for it."""

    name: Name
    every: Annotated[Duration, Field(gt=0)]
    shape: Shape = 1.0  # gamma heterogeneity of rates over persons
    regularity: Annotated[int, Field(ge=1, le=8)] = 1  # Erlang-k gaps; 2 is grocery (BTYDplus, I)
    spend: Spend
    margin: Share = 0.40  # (A)
    returns: Share = 0.05  # (A)
    latent: Duration = 3 * 86400  # mean time until the person notices the need (A)
    patience: Annotated[Duration, Field(gt=0)] = 21 * 86400  # mean time until it is gone (A)
    rival: Share = 0.5  # of needs gone, those bought elsewhere (A)
    season: tuple[Index, ...] = (1.0,) * 12

    @field_validator("season")
    @classmethod
    def _twelve(cls, season: tuple[float, ...]) -> tuple[float, ...]:
        if len(season) != 12:
            raise ValueError("season needs 12 monthly indices")
        return season
