"""Packages whose public names are loaded when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

__all__ = ["lazy_names"]


def lazy_names(
    package: str, homes: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return a package's ``__getattr__`` and ``__dir__``.

    Parameters
    ----------
    package
        The package's ``__name__``.
    homes
        Module of the package, or a whole dotted name of another's -> public names that it has. A
        name that is the module's own stands for the module itself.

    The call belongs under ``else`` of the package's ``if TYPE_CHECKING``, so that a type checker
    sees the imports alone and refuses a name that is not there.
    """
    home = {name: module for module, names in homes.items() for name in names}

    def load(name: str) -> Any:
        """Import the module of a public name when it is first asked for."""
        if name not in home:
            from omnilab.errors import nearest

            hint = nearest(name, home)
            raise AttributeError(f"module {package!r} has no attribute {name!r}{hint}")
        where = home[name]
        module = import_module(where if "." in where else f"{package}.{where}")
        return module if name == where else getattr(module, name)

    def names() -> list[str]:
        """List the public names."""
        return sorted(home)

    return load, names
