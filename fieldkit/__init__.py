"""The device side of Gewu (格物): capture offline, hand in exactly once, receive tasks.

`store` keeps everything in one SQLite file, `outbox` holds what waits to be handed in,
`client` speaks docs/protocol.md over a `transport`, `capture` reads photos and tracks,
`cli` is the command `fieldkit`. Nothing here imports the server.
"""

__version__ = "0.1.0"
PROTOCOL = 1
