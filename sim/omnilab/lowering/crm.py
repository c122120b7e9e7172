"""From the brand's records before the start to arrays."""

from __future__ import annotations

from typing import Any

from omnilab.kernels.record import record_array
from omnilab.log.identifier_types import number_of
from omnilab.scenario.model import Scenario
from omnilab.world.crm import LoweredUpload

__all__ = ["lower_crm"]


def lower_crm(scenario: Scenario) -> Any:
    """Return the records of the uploads, in the scenario's order."""
    names = [c.name for c in scenario.channels]
    silos = [c.silo for c in scenario.channels]
    uploads = record_array(LoweredUpload, len(scenario.brand.crm))
    for to, upload in zip(uploads, scenario.brand.crm, strict=True):
        to.silo, to.channel = scenario.silos.index(upload.silo), silos.index(upload.silo)
        to.allows = sum(1 << names.index(name) for name in upload.allows)
        to.share, to.duplicates = upload.share, upload.duplicates
        to.wrong, to.allowed = upload.wrong, upload.allowed
        to.n = len(upload.has)
        for i, (kind, share) in enumerate(upload.has.items()):
            to.kind[i], to.has[i] = number_of(kind), share
    return uploads
