"""Measure time and memory of a link from 1e5 to 1e8 links; draw docs/identity-scaling.svg.

    python -m bench.scaling_identity [--most 100_000_000] [--rounds 3]

Each point is the median over graphs made anew from one batch, and a `resolve` of all identifiers
after it. Run it alone on the machine; the largest takes 4 GB.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from pathlib import Path
from typing import NamedTuple

from bench.streams import TOPOLOGIES, links
from omnilab.identity import IdentityGraph

PICTURE = Path(__file__).parents[1] / "docs" / "identity-scaling.svg"
CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
COLOURS = {"sorted": "#4477aa", "uniform": "#ee6677", "households": "#228833"}


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
    sizes = sorted({point.n_links for point in points})
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 330" font-family="sans-serif">',
        '<rect width="760" height="330" fill="white"/><g font-size="12">',
    ]
    panels = (("ns a link", "observe_ns"), ("bytes an identifier", "bytes_an_identifier"))
    for k, (title, name) in enumerate(panels):
        parts += _panel(points, sizes, 50 + 370 * k, title, name)
    for j, (topology, colour) in enumerate(COLOURS.items()):
        parts.append(f'<text x="{50 + 110 * j}" y="318" fill="{colour}">{topology}</text>')
    return "\n".join([*parts, "</g></svg>\n"])


def _panel(points: list[Point], sizes: list[int], left: int, title: str, name: str) -> list[str]:
    top = 40
    highest = 1.1 * max(getattr(point, name) for point in points)
    scale = 300 / max(math.log10(sizes[-1] / sizes[0]), 1e-9)

    def across(n_links: float) -> float:
        return left + scale * math.log10(n_links / sizes[0])

    parts = [f'<text x="{left}" y="{top - 14}">{title}</text>']
    for j in range(5):
        y = top + 230 - 230 * j / 4
        parts.append(
            f'<path d="M{left} {y}h300" stroke="#ddd"/>'
            f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{highest * j / 4:.3g}</text>'
        )
    for size in sizes:
        if math.log10(size).is_integer():
            x = across(size)
            parts.append(
                f'<text x="{x:.1f}" y="{top + 250}" text-anchor="middle">{size:.0e}</text>'
            )
    for level, size_mb in caches():
        # Of the largest size: how many links have nodes that fill this cache.
        x = across(sizes[-1] * size_mb / max(point.node_mb for point in points))
        if left <= x <= left + 300:
            parts.append(
                f'<path d="M{x:.1f} {top}v230" stroke="#999" stroke-dasharray="4 3"/>'
                f'<text x="{x + 3:.1f}" y="{top + 10}" fill="#777">{level} {size_mb:g} MB</text>'
            )
    for topology, colour in COLOURS.items():
        line = [
            (across(point.n_links), top + 230 - 230 * getattr(point, name) / highest)
            for point in points
            if point.topology == topology
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in line]
    return parts


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
