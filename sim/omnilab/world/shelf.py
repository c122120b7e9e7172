"""Units on a shelf: taken, held, let go, sent back, ordered, delivered, spoiled.

Every function here moves units and keeps the sums right, and nothing else does. At every moment

    level at the start + came + back = free + held + sold + spoiled
    ordered = came + coming

The oldest units leave first. So what is spoiled of a delivery is known from two numbers: how many
units had come with it, and how many have left since the start.

The feed reads the shelves every `stock.feed`. What it said last is kept lazily: before a shelf
changes for the first time after a reading, what was there at the reading is noted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import WorldCell
    from omnilab.world.stock import Shelf

__all__ = [
    "bring_back",
    "feed_says",
    "fill_shelf",
    "hold",
    "let_go",
    "order_units",
    "spoil",
    "take",
    "take_held",
    "units_come",
    "units_to_order",
]


@inner
def fill_shelf(cell: WorldCell, model: Model, i: int) -> None:
    """Fill a shelf for the start."""
    shelf = cell.shelf[i]
    level = max(int(model.supply[i].level), 0)
    shelf.free = level
    shelf.said = level
    shelf.held = shelf.coming = 0
    shelf.said_t = 0
    shelf.ordered = shelf.came = shelf.sold = shelf.back = shelf.spoiled = shelf.gone = 0
    shelf.due = -1


@inner
def _note_reading(model: Model, shelf: Shelf, t: int) -> None:
    """Keep what the last reading found, before the shelf changes."""
    every = model.stock.feed
    read = t if every <= 0 else t // every * every
    if shelf.said_t < read:
        shelf.said_t = read
        shelf.said = shelf.free


@inner
def feed_says(cell: WorldCell, model: Model, i: int, t: int) -> int:
    """Return how many free units the last reading of a shelf found; without a delay, the truth."""
    shelf = cell.shelf[i]
    if model.stock.feed <= 0:
        return int(shelf.free)
    _note_reading(model, shelf, t)
    return int(shelf.said)


@inner
def take(cell: WorldCell, model: Model, i: int, t: int) -> None:
    """Sell a free unit."""
    shelf = cell.shelf[i]
    _note_reading(model, shelf, t)
    shelf.free -= 1
    shelf.gone += 1
    shelf.sold += 1


@inner
def take_held(cell: WorldCell, i: int) -> None:
    """Sell a unit that has been kept."""
    shelf = cell.shelf[i]
    shelf.held -= 1
    shelf.sold += 1


@inner
def hold(cell: WorldCell, model: Model, i: int, t: int) -> None:
    """Keep a free unit for somebody."""
    shelf = cell.shelf[i]
    _note_reading(model, shelf, t)
    shelf.free -= 1
    shelf.gone += 1
    shelf.held += 1


@inner
def let_go(cell: WorldCell, model: Model, i: int, t: int) -> None:
    """Put a unit that was kept back in its place."""
    shelf = cell.shelf[i]
    _note_reading(model, shelf, t)
    shelf.held -= 1
    shelf.gone -= 1
    shelf.free += 1


@inner
def bring_back(cell: WorldCell, model: Model, i: int, t: int) -> None:
    """Put a unit that a customer sent back on the shelf."""
    shelf = cell.shelf[i]
    _note_reading(model, shelf, t)
    shelf.back += 1
    shelf.free += 1


@inner
def units_to_order(cell: WorldCell, model: Model, i: int) -> int:
    """Return how many units to order now, 0 for none.

    The position is what is free or on the way. By order point an order is due where the position
    is not above the point; by review always. It is of a lot, or up to the level.
    """
    shelf, supply = cell.shelf[i], model.supply[i]
    position = int(shelf.free + shelf.coming)
    if supply.order_point >= 0 and position > supply.order_point:
        return 0
    if supply.lot > 0:
        return int(supply.lot) if position < supply.level else 0
    return max(int(supply.level) - position, 0)


@inner
def order_units(cell: WorldCell, i: int, n: int, due: int) -> None:
    """Order units from the supplier, due at ``due``."""
    shelf = cell.shelf[i]
    shelf.ordered += n
    shelf.coming += n
    shelf.due = due


@inner
def units_come(cell: WorldCell, model: Model, i: int, n: int, t: int) -> int:
    """Take in a delivery; return how many units have come so far, with those at the start."""
    shelf = cell.shelf[i]
    _note_reading(model, shelf, t)
    shelf.coming -= n
    shelf.came += n
    shelf.free += n
    return int(model.supply[i].level + shelf.came + shelf.back)


@inner
def spoil(cell: WorldCell, model: Model, i: int, come: int, t: int) -> int:
    """Throw away what is left of a delivery; return how many units.

    ``come`` is how many units had come with it (`units_come`).
    """
    shelf = cell.shelf[i]
    n = int(come - shelf.gone)
    if n <= 0:
        return 0
    n = min(n, int(shelf.free))
    _note_reading(model, shelf, t)
    shelf.free -= n
    shelf.gone += n
    shelf.spoiled += n
    return n
