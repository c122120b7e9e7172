"""The tests. A package, since a dependency of the benchmarks installs one of the same name."""
