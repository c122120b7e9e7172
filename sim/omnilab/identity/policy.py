"""Say what may link whom: the rules of an identity graph, as data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from omnilab._files.placeholders import Placeholders
from omnilab.errors import OptionError, nearest
from omnilab.identity.spelling import DEFAULT_TYPES, Spelling, spellings

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
    - `fan_out`: an identifier links until its limit is passed, and from then on it never has,
      or, without `undo_shared`, no more;
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
        for shared (a family tablet, ``noreply@``) and links nothing any more. At most 4,194,303,
        and less in a policy of dozens of types with many of them unique.
    time_to_live
        Per type, seconds after which an unseen identifier is forgotten: seen again, it starts a
        new profile. Exactly that many seconds later it is still known.
    undo_shared
        Whether what an identifier linked until its `fan_out` was passed is taken back then, as if
        it had never linked anything. It needs the history, which is kept then.
    history
        Keep every sighting (8 bytes an identifier in it), which `IdentityGraph.split` needs.
    log
        Keep the merge log (8 bytes a merge, and 8 more for one after a very long wait).
    max_bytes
        Longest identifier in bytes; a longer one is refused and counted.
    placeholders
        Values, strings only, that stand for nobody and so link nothing (``null``,
        ``[object Object]``, zeros): `Placeholders` of `omnilab._files.placeholders`, or a list of
        values, which replaces the default list; an empty one turns it off. None: the default list.
    normalise
        Per type, how strings are written before they are compared, such as ``case+blanks``,
        ``email`` or ``phone:+43`` (see `omnilab.identity.spelling`). Types that are called
        ``email`` or alike are compared without case and outer blanks unless given ``exact`` here.

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
    placeholders: Placeholders | Sequence[str] | None = None
    normalise: Mapping[str, str] = field(default_factory=dict)
    undo_shared: bool = True

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
        for name in ("history", "log", "undo_shared"):
            if not isinstance(getattr(self, name), bool):
                raise OptionError(f"{name}: True or False is needed, not {getattr(self, name)!r}")
        self._check_types()
        self._check_values()
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

    def _check_values(self) -> None:
        """Check what is said about values, and keep it in one form."""
        given = cast("Any", self.placeholders)
        if given is None:
            given = Placeholders()
        elif not isinstance(given, Placeholders):
            if not isinstance(given, (tuple, list)) or not all(isinstance(v, str) for v in given):
                raise OptionError(f"placeholders: a list of values is needed, not {given!r}")
            given = Placeholders(given, defaults=False)
        object.__setattr__(self, "placeholders", given)
        ways: Any = self.normalise
        if not isinstance(ways, Mapping) or not all(isinstance(key, str) for key in ways):
            raise OptionError(f"normalise: a mapping of type to way is needed, not {ways!r}")
        for name in ways:
            if self.types and name not in self.types:
                close = nearest(name, self.types)
                raise OptionError(f"normalise: no identifier type {name!r}{close}")
        spellings((), ways)

    @property
    def barred(self) -> Placeholders:
        """The values that stand for nobody."""
        assert isinstance(self.placeholders, Placeholders)
        return self.placeholders

    def spelling(self, name: str) -> Spelling | None:
        """Return how strings of a type are written before they are compared; None: as they are."""
        given = {name: self.normalise[name]} if name in self.normalise else {}
        return spellings([name], given).get(name)

    def _most_fan_out(self) -> int:
        # One past the limit must be countable too.
        bits = INFO_BITS - self.kind_bits - len(self.unique)
        return int(min(MAX_FAN_OUT, (1 << bits) - 2))

    @property
    def kind_bits(self) -> int:
        """Bits that tell the types apart."""
        return max(len(self.types) - 1, 0).bit_length()

    @property
    def undoes(self) -> bool:
        """Tell whether links of identifiers found to be shared are taken back."""
        return self.undo_shared and bool(self.fan_out)

    @property
    def keeps_history(self) -> bool:
        """Tell whether every sighting is kept."""
        return self.history or self.undoes

    @property
    def has_rules(self) -> bool:
        """Tell whether any rule can keep apart what was seen together."""
        return bool(self.unique or self.fan_out or self.time_to_live)

    def to_json(self) -> str:
        """Write the policy as one JSON object."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        fields["placeholders"] = self.barred.as_dict()
        for name in ("fan_out", "time_to_live", "normalise"):
            fields[name] = dict(fields[name])
        return json.dumps(fields, sort_keys=True)

    @staticmethod
    def from_json(text: str) -> IdentityPolicy:
        """Read what `to_json` wrote; what older versions wrote keeps their meaning."""
        return IdentityPolicy.from_fields(json.loads(text))

    @staticmethod
    def from_fields(fields: Mapping[str, Any]) -> IdentityPolicy:
        """Make a policy of what `to_json` says, as `from_json` does.

        Raises
        ------
        TypeError, ValueError
            For fields that no policy has.
        """
        fields = dict(fields)
        # Before there were these fields every value was an identifier, as it was written.
        said = fields.pop("placeholders", [])
        fields["placeholders"] = Placeholders(**said) if isinstance(said, dict) else said
        fields.setdefault("normalise", {n: "exact" for n in fields["types"] if n in DEFAULT_TYPES})
        fields.setdefault("undo_shared", False)
        return IdentityPolicy(**fields)


def _check_limits(name: str, limits: Mapping[str, int], most: int) -> None:
    for key, value in limits.items():
        if type(value) is not int or not 0 < value <= most:  # True is no number here
            place = f"{name}[{key!r}]" if key else name
            raise OptionError(f"{place}: a whole number from 1 to {most} is needed, not {value!r}")
