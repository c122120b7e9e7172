"""Say what may link whom: the rules of an identity graph, as data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from omnilab.errors import OptionError, nearest

__all__ = ["IdentityPolicy"]

MAX_TYPES = 127  # a type's index is kept in one byte
MAX_UNIQUE = 16
MAX_FAN_OUT = (1 << 22) - 1
INFO_BITS = 31  # which type, unique types and fan-out share in a node


@dataclass(frozen=True)
class IdentityPolicy:
    """Hold the rules by which identifiers seen together become one profile.

    Without `unique`, `fan_out` and `time_to_live` two identifiers seen together are one profile,
    always: the order of arrival changes no profile, and within one second no id either. Each of
    the three rules looks at what came before, so there order matters, within one second too:

    - `unique`: of two values the first to reach a profile is in, the second is kept out;
    - `fan_out`: an identifier links until its limit is passed, and no more from then on;
    - `time_to_live`: what an identifier linked while it was known stays linked.

    Parameters
    ----------
    types
        Names of the identifier types. Empty: they are taken from the rules and from the data.
    unique
        Types of which one person has at most one: two profiles with different values of such a
        type are never merged.
    fan_out
        Per type, beside how many other profiles an identifier may be seen; past that it is taken
        for shared (a family tablet, ``test@test.com``) and links nothing any more. What it linked
        until then stays; `IdentityGraph.split` takes it back. At most 4,194,303, and less in a
        policy of dozens of types with many of them unique.
    time_to_live
        Per type, seconds after which an unseen identifier is forgotten: seen again, it starts a
        new profile. Exactly that many seconds later it is still known.
    history
        Keep every sighting (8 bytes an identifier in it), which `IdentityGraph.split` needs.
    log
        Keep the merge log (8 bytes a merge, and 8 more for one after a very long wait).
    max_bytes
        Longest identifier in bytes; a longer one is refused and counted.

    Raises
    ------
    OptionError
        For a rule about an unknown type, a limit that is no positive whole number, or too many
        types.
    """

    types: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    fan_out: Mapping[str, int] = field(default_factory=dict)
    time_to_live: Mapping[str, int] = field(default_factory=dict)
    history: bool = False
    log: bool = True
    max_bytes: int = 1024

    def __post_init__(self) -> None:
        for name in ("types", "unique"):
            value = getattr(self, name)
            if not isinstance(value, (tuple, list)) or not all(isinstance(v, str) for v in value):
                raise OptionError(f"{name}: a list of type names is needed, not {value!r}")
            object.__setattr__(self, name, tuple(value))
        for name in ("fan_out", "time_to_live"):
            value = getattr(self, name)
            if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
                raise OptionError(f"{name}: a mapping of type to limit is needed, not {value!r}")
        for name in ("history", "log"):
            if not isinstance(getattr(self, name), bool):
                raise OptionError(f"{name}: True or False is needed, not {getattr(self, name)!r}")
        self._check_types()
        _check_limits("fan_out", self.fan_out, self._most_fan_out())
        _check_limits("time_to_live", self.time_to_live, (1 << 31) - 2)
        _check_limits("max_bytes", {"": self.max_bytes}, 1 << 30)

    def _check_types(self) -> None:
        if len(set(self.types)) != len(self.types):
            raise OptionError(f"types: a name is given twice in {list(self.types)}")
        ruled = [*self.unique, *self.fan_out, *self.time_to_live]
        for name in ruled:
            if self.types and name not in self.types:
                raise OptionError(f"no identifier type {name!r}{nearest(name, self.types)}")
        if not self.types:
            object.__setattr__(self, "types", tuple(dict.fromkeys(ruled)))
        if len(self.types) > MAX_TYPES:
            raise OptionError(f"types: {len(self.types)} given, at most {MAX_TYPES} are possible")
        if len(self.unique) > MAX_UNIQUE:
            raise OptionError(f"unique: {len(self.unique)} given, at most {MAX_UNIQUE} possible")

    def _most_fan_out(self) -> int:
        # One past the limit must be countable too.
        bits = INFO_BITS - self.kind_bits - len(self.unique)
        return int(min(MAX_FAN_OUT, (1 << bits) - 2))

    @property
    def kind_bits(self) -> int:
        """Bits that tell the types apart."""
        return max(len(self.types) - 1, 0).bit_length()

    @property
    def has_rules(self) -> bool:
        """Tell whether any rule can keep apart what was seen together."""
        return bool(self.unique or self.fan_out or self.time_to_live)

    def to_json(self) -> str:
        """Write the policy as one JSON object."""
        return json.dumps(asdict(self), sort_keys=True)

    @staticmethod
    def from_json(text: str) -> IdentityPolicy:
        """Read what `to_json` wrote."""
        return IdentityPolicy(**json.loads(text))


def _check_limits(name: str, limits: Mapping[str, int], most: int) -> None:
    for key, value in limits.items():
        if type(value) is not int or not 0 < value <= most:  # True is no number here
            place = f"{name}[{key!r}]" if key else name
            raise OptionError(f"{place}: a whole number from 1 to {most} is needed, not {value!r}")
