"""Rates of messages from a user's own log: read, count, fit, check by simulation, write."""

__all__: list[str] = []
