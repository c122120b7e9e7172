"""Measure time and memory of a link from 1e5 to 1e8 links; draw identity-scaling.svg.

    python -m bench.scaling_identity [--most 100_000_000] [--rounds 3]

Each point is the median over graphs made anew from one batch, and a `resolve` of all identifiers
after it. Run it alone on the machine; the largest takes 4 GB.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bench.streams import TOPOLOGIES, links
from omnilab.identity import IdentityGraph

PICTURE = Path(__file__).parents[1] / "docs/explanation/identity-scaling.svg"
CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
COLOURS = {"sorted": "#4477aa", "uniform": "#cc3311", "households": "#228833"}
DASHES = ("none", "none", "9 7")  # a line that lies on another lets it be seen
#: Of the picture: its size, and of each panel the width, the foot and the height.
WIDTH, HEIGHT = 1160, 420
ACROSS, BOTTOM, UP = 400, 350, 290
LINE = 21


class Point(NamedTuple):
    """Hold what one size costs: nanoseconds a link and a resolved identifier, and bytes."""

    topology: str
    n_links: int
    observe_ns: float
    resolve_ns: float
    bytes_an_identifier: float
    node_mb: float


def measure(topology: str, n_links: int, rounds: int) -> Point:
    """Return the medians over `rounds` graphs, after one that is not counted."""
    stream = links(topology, n_links)
    rounds = min(rounds, 2) if n_links > 10_000_000 else rounds
    observed, resolved = [], []
    for _ in range(rounds + 1):
        graph = IdentityGraph()
        begin = time.perf_counter()
        graph.observe((stream.a, stream.b), returning=False)
        middle = time.perf_counter()
        found = graph.resolve()
        observed.append((middle - begin) * 1e9 / n_links)
        resolved.append((time.perf_counter() - middle) * 1e9 / stream.n)
        del found
    return Point(
        topology, n_links, statistics.median(observed[1:]), statistics.median(resolved[1:]),
        graph.nbytes / len(graph), 4 * stream.n / 1e6,
    )  # fmt: skip


def draw(points: list[Point]) -> str:
    """Return an SVG: nanoseconds a link and bytes an identifier over the number of links."""
    sizes = f"viewBox='0 0 {WIDTH} {HEIGHT}' font-family='sans-serif' font-size='17'"
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' {sizes}>",
        f"<rect width='{WIDTH}' height='{HEIGHT}' fill='white'/>",
    ]
    parts += _panel(points, 50, "Nanoseconds a link", "observe_ns", caches())
    parts += _panel(points, 640, "Bytes an identifier", "bytes_an_identifier", [])
    return "\n".join([*parts, "</svg>\n"])


def _panel(
    points: list[Point], left: int, title: str, name: str, marks: list[tuple[str, float]]
) -> list[str]:
    sizes = sorted({point.n_links for point in points})
    scale = ACROSS / max(math.log10(sizes[-1] / sizes[0]), 1e-9)
    ticks = _ticks(max(getattr(point, name) for point in points))

    def x(n_links: float) -> float:
        return left + scale * math.log10(n_links / sizes[0])

    def y(value: float) -> float:
        return BOTTOM - UP * value / ticks[-1]

    parts = [_text(left, 34, title, "font-weight='bold'")]
    for tick in ticks:
        parts.append(f'<path d="M{left} {y(tick):.1f}h{ACROSS}" stroke="#ddd"/>')
        parts.append(_text(left - 9, y(tick) + 6, f"{tick:g}", "text-anchor='end'"))
    tens = [size for size in sizes if math.log10(size).is_integer()]
    parts += [_text(x(n), BOTTOM + 25, _short(n), "text-anchor='middle'") for n in tens]
    parts.append(_text(left + ACROSS / 2, BOTTOM + 52, "links", "text-anchor='middle'"))
    for level, size_mb in marks:
        # Of the largest size: how many links have nodes that fill this cache.
        at = x(sizes[-1] * size_mb / max(point.node_mb for point in points))
        if left <= at <= left + ACROSS:
            dashes = 'stroke="#777" stroke-dasharray="4 4"'
            parts.append(f'<path d="M{at:.1f} {BOTTOM}v{-UP}" {dashes}/>')
            for k, line in enumerate((f"nodes fill {level}", f"({size_mb:g} MB)")):
                parts.append(_text(at + 7, BOTTOM - 30 + 20 * k, line, "fill='#555'"))
    return parts + _lines(points, name, x, y)


def _lines(
    points: list[Point], name: str, x: Callable[[float], float], y: Callable[[float], float]
) -> list[str]:
    """Draw each topology's line, its name at the end; names of lines that meet share a place."""
    parts = []
    ends: list[tuple[float, list[str]]] = []
    for (topology, colour), dashes in zip(COLOURS.items(), DASHES, strict=True):
        own = [point for point in points if point.topology == topology]
        line = [(x(point.n_links), y(getattr(point, name))) for point in own]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in line)
        style = f'fill="none" stroke="{colour}" stroke-width="3" stroke-dasharray="{dashes}"'
        parts.append(f'<polyline points="{path}" {style}/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="5" fill="{colour}"/>' for a, b in line]
        near = [names for height, names in ends if abs(height - line[-1][1]) < LINE]
        if near:
            near[0].append(topology)
        else:
            ends.append((line[-1][1], [topology]))
    right = x(max(point.n_links for point in points)) + 13
    for height, names in ends:
        for k, topology in enumerate(names):
            parts.append(
                _text(right, height + 6 + LINE * k, topology, f"fill='{COLOURS[topology]}'")
            )
    return parts


def _ticks(highest: float) -> list[float]:
    """Return round numbers from 0 to above the highest value, six at most."""
    power = 10 ** math.floor(math.log10(highest / 5))
    step = next(power * k for k in (1, 2, 5, 10) if power * k * 5 >= highest)
    return [step * k for k in range(math.ceil(highest / step) + 1)]


def _short(n: int) -> str:
    return f"{n // 1_000_000}M" if n >= 1_000_000 else f"{n // 1000}k"


def _text(x: float, y: float, text: str, style: str) -> str:
    return f"<text x='{x:.1f}' y='{y:.1f}' {style}>{text}</text>"


def caches() -> list[tuple[str, float]]:
    """Return the second and third caches' names and sizes in megabytes, where Linux tells them."""
    found = []
    for folder in sorted(CACHES.glob("index*")):
        level, size = ((folder / name).read_text().strip() for name in ("level", "size"))
        if level in "23" and size.endswith("K"):
            found.append((f"L{level}", int(size[:-1]) * 1024 / 1e6))
    return [(level, round(size, 1)) for level, size in found]


def main() -> None:
    """Measure, print a table and write the picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--most", type=int, default=100_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    points = []
    print("topology         links  node MB  ns a link  ns a resolve  bytes an identifier")
    for step in range(7):
        size = round(10 ** (5 + step / 2), -4)
        if size > options.most:
            break
        for topology in TOPOLOGIES:
            p = measure(topology, int(size), options.rounds)
            points.append(p)
            print(
                f"{p.topology:10} {p.n_links:>11,} {p.node_mb:8.1f} {p.observe_ns:10.1f} "
                f"{p.resolve_ns:13.1f} {p.bytes_an_identifier:20.1f}",
                flush=True,
            )
    PICTURE.write_text(draw(points))
    print(f"wrote {PICTURE}")


if __name__ == "__main__":
    main()
