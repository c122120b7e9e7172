"""What a user's log of visits says of a web shop or an app: read, count, fit, check, write."""

__all__: list[str] = []
