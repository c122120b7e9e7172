"""From a scenario to the arrays that kernels read: the world's parameters, once per scenario.

No mechanism is named here: `omnilab.world.mechanisms` has their records, and each mechanism's own
file says how its record is filled.
"""

from __future__ import annotations

from typing import Any

from omnilab.draws.philox import make_key
from omnilab.kernels.record import record_array
from omnilab.lowering.acts import lower_acts
from omnilab.lowering.calendar import lower_calendar
from omnilab.lowering.changes import lower_changes
from omnilab.lowering.channels import idle_channels, lower_channels
from omnilab.lowering.contact import lower_contact
from omnilab.lowering.content import lower_content
from omnilab.lowering.crm import lower_crm
from omnilab.lowering.goods import lower_goods
from omnilab.lowering.laws import lower_laws
from omnilab.lowering.lines import lower_lines
from omnilab.lowering.offers import lower_offers
from omnilab.lowering.people import lower_people
from omnilab.lowering.places import lower_ends, lower_outings, lower_places
from omnilab.lowering.programme import lower_programme
from omnilab.lowering.records import one_record
from omnilab.lowering.stock import lower_stock
from omnilab.scenario.model import Scenario
from omnilab.world.lowered import lowered_values
from omnilab.world.mechanisms import LoweredWorld
from omnilab.world.model import Key, Model
from omnilab.world.traits import trait_addresses

__all__ = ["build_model", "with_key"]


def build_model(scenario: Scenario, seed: int = 1, replication: int = 0) -> Model:
    """Lower a scenario; response intercepts are those without any open need (see `calibrate`).

    Parameters
    ----------
    scenario
        A validated scenario.
    seed
        0 <= seed < 2**63.
    replication
        0 <= replication < 2**32.
    """
    return with_key(_lower(scenario), seed, replication)


def with_key(model: Model, seed: int, replication: int) -> Model:
    """Return the model with the key of another (seed, replication)."""
    k0, k1 = make_key(seed, replication)
    _, mask = make_key(seed, replication + (1 << 31))
    return model.replaced(key=one_record(Key, {"k0": k0, "k1": k1, "mask": mask & 0x7FFFFFFF}))


def _lower(scenario: Scenario) -> Model:
    channels = lower_channels(scenario)
    calendar = lower_calendar(scenario)
    return Model(
        {
            "key": record_array(Key, 1),
            **_mechanisms(scenario),
            **calendar,
            **lower_people(scenario),
            "ch": channels,
            "act": lower_acts(scenario),
            "upload": lower_crm(scenario),
            "idle": idle_channels(channels),
            "sites": lower_places(scenario),
            **lower_content(scenario),
            "outing": lower_outings(scenario, calendar),
            "end_cum": lower_ends(scenario),
            **lower_contact(scenario),
            **lower_lines(scenario),
            **lower_laws(scenario),
            **lower_stock(scenario),
            **lower_goods(scenario),
            "coupon": lower_offers(scenario),
            **lower_programme(scenario),
            **lower_changes(scenario),
            "trait": trait_addresses(len(scenario.categories), channels.silo_lead.tolist()),
        }
    )


def _mechanisms(scenario: Scenario) -> dict[str, Any]:
    """Lower the parameters of each mechanism into its record."""
    return {
        name: one_record(rows.kind, lowered_values(rows.kind, name, scenario))
        for name, rows in LoweredWorld.rows().items()
    }
