"""What logs of messages and of visits share: columns by their roles, and how rows are read."""

__all__: list[str] = []
