"""`python -m server.cli` is `gewu`."""

from server.cli import main

main()
