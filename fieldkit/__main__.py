"""`python -m fieldkit` is `fieldkit`."""

from fieldkit.cli import main

main()
