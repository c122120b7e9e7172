"""Print the public API, one line a name: `make pin` keeps it in public_names.txt."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = (ROOT / "sim", ROOT / "strategies")


def packages() -> list[str]:
    """Return every package's dotted name."""
    return sorted(
        str(init.parent.relative_to(source)).replace("/", ".")
        for source in SOURCES
        for init in source.rglob("__init__.py")
    )


def public_names() -> list[str]:
    """Return ``package.name`` for each name in a package's ``__all__``, sorted."""
    return sorted(
        f"{package}.{name}"
        for package in packages()
        for name in getattr(import_module(package), "__all__", ())
    )


if __name__ == "__main__":
    print("\n".join(public_names()))
