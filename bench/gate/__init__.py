"""The gate: tell a slowdown between two versions of omnilab from the noise of a shared machine.

`make bench-gate BASE=<git ref>` is its door; benchmarks.md says how it decides and with what
chances of error. Read in this order: `workloads` (what is run), `worker` (in a process of the
side's own), `rounds` (how the two sides take turns), `sequential` (how many rounds, and the
decision), `counters` (whether the same work was done), `table` (what is said).
"""

__all__: list[str] = []
